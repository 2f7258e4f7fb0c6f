//! Random things: bearer tokens, what is kept of them, record ids, and the port that chance comes through.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::{sent_code::Digits, time::Timestamp};

/// Where unpredictable bytes come from.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// A bearer secret of 256 bits, as a cookie carries it. Never stored, never logged; keep its [`TokenHash`].
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// A fresh token.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads the 43 base64url characters that [`Token::reveal`] writes; anything else is no token.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The characters for the cookie.
    pub fn reveal(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// What is stored and looked up instead of the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(sha256(&[b"vestibule token\0", &self.0]))
    }

    /// The form token that belongs to this cookie (a per-browser CSRF token).
    pub fn form_token(&self) -> String {
        BASE64URL_NOPAD.encode(&sha256(&[b"vestibule form\0", &self.0]))
    }

    /// Six digits that follow from this token and `label`, and tell nothing of it.
    pub(super) fn six_digits(&self, label: &[u8]) -> Digits {
        let hash = sha256(&[label, &self.0]);
        let (head, _) = hash.split_at(8);
        // Of 2⁶⁴ numbers, the unfair rest is too small to matter.
        let number = head.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        Digits::from_number(number)
    }

    /// A hash of `data` that only the holder of this token can compute.
    pub(super) fn mixed_with(&self, label: &[u8], data: &[u8]) -> TokenHash {
        TokenHash(sha256(&[label, &self.0, data]))
    }

    /// A value that only who holds both tokens can tell, for one `purpose`: secret even from who saw the other one pass by.
    pub fn bind(&self, purpose: &str, other: &Self) -> String {
        let label = format!("vestibule {purpose}\0");
        BASE64URL_NOPAD.encode(&sha256(&[label.as_bytes(), &self.0, &other.0]))
    }

    /// Whether `presented` is this cookie's form token; takes the same time for every wrong value.
    pub fn admits_form(&self, presented: &str) -> bool {
        self.form_token().as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a token: enough to recognise it, useless to impersonate anybody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps bytes read back from a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes a store keeps.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({}…)", HEXLOWER.encode(&self.0[..4]))
    }
}

/// Names a record in lists and logs (UUID version 7, RFC 9562). Never a bearer secret.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(String);

impl RecordId {
    /// A fresh id, sortable by `now`.
    pub fn draw(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 10];
        entropy.fill(&mut random);
        let millis = u64::try_from(now.unix()).unwrap_or(0).saturating_mul(1000);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string())
    }

    /// Takes an id as typed or read back; a record that does not exist is the caller's to report.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 over the concatenation of `parts`. Callers start with a label so that two uses never meet.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let joined: Vec<u8> = parts.concat();
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, &joined).as_ref());
    out
}
