//! The seal on secrets at rest: AES-256-GCM under a key file that lies beside the store, so that a copy of the store alone
//! gives no TOTP key away.
//!
//! What is sealed is bound to its kind, its person and its record: a row moved to somebody else does not open.

use std::{fmt, fs, path::Path};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::{
    StoreFault, Stored,
    files::{cannot, is_private, write_private},
};

/// The first byte of everything sealed, so that another way of sealing can be told apart later.
const FORMAT: u8 = 1;

/// What a sealed secret belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bond<'a> {
    /// What kind of record.
    pub(super) kind: &'static str,
    /// Whose.
    pub(super) person: &'a str,
    /// Which.
    pub(super) record: &'a [u8],
}

impl Bond<'_> {
    /// Lengths first, so that no two bonds read the same.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"vestibule seal\0".to_vec();
        for part in [self.kind.as_bytes(), self.person.as_bytes(), self.record] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// A key that seals and opens.
pub(super) struct Seal(RandomizedNonceKey);

impl Seal {
    /// The key in `path`; `None` if there is no such file.
    pub(super) fn read(path: &Path) -> Stored<Option<Self>> {
        if !is_private(path)? {
            return Ok(None);
        }
        let text = Zeroizing::new(fs::read(path).map_err(|error| cannot("read", path, &error))?);
        let bytes = BASE64.decode(text.trim_ascii()).map(Zeroizing::new).ok();
        let Some(bytes) = bytes.filter(|bytes| bytes.len() == 32) else {
            return Err(StoreFault::Damaged(format!(
                "{} does not hold a key of 32 bytes in base64: restore it from a backup",
                path.display()
            )));
        };
        Self::new(&bytes).map(Some)
    }

    /// A fresh key, written to `path`.
    pub(super) fn create(path: &Path) -> Stored<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes)
            .map_err(|_| StoreFault::Unavailable("the system has no randomness".to_owned()))?;
        let mut text = Zeroizing::new(BASE64.encode(&*bytes));
        text.push('\n');
        write_private(path, text.as_bytes())?;
        Self::new(&*bytes)
    }

    fn new(bytes: &[u8]) -> Stored<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes)
            .map(Self)
            .map_err(|_| StoreFault::Damaged("the key file holds no key for AES-256".to_owned()))
    }

    /// Seals `secret`: format, nonce, ciphertext and tag in one piece.
    pub(super) fn close(&self, secret: &[u8], bond: Bond<'_>) -> Stored<Vec<u8>> {
        let mut body = secret.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(bond.bytes()), &mut body)
            .map_err(|_| StoreFault::Unavailable("a secret could not be sealed".to_owned()))?;
        Ok([&[FORMAT], nonce.as_ref().as_slice(), &body].concat())
    }

    /// Opens what [`Seal::close`] made for the same bond.
    pub(super) fn open(&self, sealed: &[u8], bond: Bond<'_>) -> Stored<Vec<u8>> {
        self.try_open(sealed, bond).ok_or_else(|| {
            StoreFault::Damaged(format!(
                "a sealed {} of {} does not open: it was changed, or sealed with another key file",
                bond.kind, bond.person
            ))
        })
    }

    fn try_open(&self, sealed: &[u8], bond: Bond<'_>) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.strip_prefix(&[FORMAT])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let length = self.0.open_in_place(nonce, Aad::from(bond.bytes()), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOND: Bond<'static> = Bond { kind: "totp", person: "ann", record: b"1" };

    fn seal(byte: u8) -> Seal {
        Seal::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_record_only() {
        let sealed = seal(1).close(b"twenty secret bytes!", BOND).unwrap();
        assert_eq!(seal(1).open(&sealed, BOND).unwrap(), b"twenty secret bytes!");
        for other in [
            Bond { kind: "enrolment", ..BOND },
            Bond { person: "bob", ..BOND },
            Bond { record: b"2", ..BOND },
            Bond { person: "ann1", record: b"", ..BOND },
        ] {
            assert!(matches!(seal(1).open(&sealed, other), Err(StoreFault::Damaged(_))), "{other:?}");
        }
    }

    #[test]
    fn another_key_a_changed_byte_and_a_cut_off_end_do_not_open() {
        let sealed = seal(1).close(b"secret", BOND).unwrap();
        assert!(seal(2).open(&sealed, BOND).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal(1).open(&changed, BOND).is_err(), "byte {at}");
            assert!(seal(1).open(&sealed[..at], BOND).is_err(), "length {at}");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_the_same_way_twice() {
        assert_ne!(seal(1).close(b"secret", BOND).unwrap(), seal(1).close(b"secret", BOND).unwrap());
    }
}
