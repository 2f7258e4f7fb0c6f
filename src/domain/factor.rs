//! Second factors as records: which methods exist, what an account holds, and what checking a code can say.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    break_glass::BreakGlass,
    identity::{Person, UserId},
    time::Timestamp,
    token::RecordId,
};

/// A way to prove something besides the password.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A code from an authenticator app (RFC 6238).
    Totp,
    /// A key pair on a device or in a password manager (WebAuthn).
    Passkey,
    /// A second factor that an identity provider asked for and vouches for.
    Provider,
    /// A yes on the authenticator page, with the number that the screen shows.
    Approval,
    /// One of the ten recovery codes.
    Recovery,
    /// A code sent to a mail address.
    Email,
    /// A code sent to a mobile number.
    Sms,
}

impl Method {
    /// The name in files, forms and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::Approval => "approval",
            Self::Recovery => "recovery",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The method called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "totp" => Some(Self::Totp),
            "passkey" => Some(Self::Passkey),
            "provider" => Some(Self::Provider),
            "approval" => Some(Self::Approval),
            "recovery" => Some(Self::Recovery),
            "email" => Some(Self::Email),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// Apps one person may link.
pub const MOST_APPS: usize = 5;

/// Characters of an app's name that are kept.
pub const LONGEST_LABEL: usize = 64;

/// The shared key of an authenticator app. Sealed at rest, wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpKey(Zeroizing<Vec<u8>>);

impl TotpKey {
    /// Wraps raw key bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The raw key bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpKey(…)")
    }
}

/// An authenticator app somebody linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpFactor {
    /// Names the record.
    pub id: RecordId,
    /// Whose it is.
    pub person: UserId,
    /// What the person calls it.
    pub label: String,
    /// The shared key.
    pub key: TotpKey,
    /// When a first code was verified.
    pub added_at: Timestamp,
    /// When it last let somebody in.
    pub last_used: Option<Timestamp>,
    /// The last accepted time step; a step is never accepted twice, nor an earlier one (RFC 6238, 5.2).
    pub last_step: i64,
    /// What an authenticator page of ours signs with, if the app is one.
    pub page: Option<PageKey>,
}

/// The public half of the key pair of an authenticator page. It goes with the app that the page is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageKey {
    /// The portal on whose origin the page lives: browsers show the key to no other.
    pub portal: String,
    /// Checks what the page signs.
    pub signer: PageSigner,
}

/// A public key for ECDSA on P-256: an uncompressed point (SEC 1, 2.3.3). No secret. Whether the point lies on the curve is
/// found out by whoever checks a signature: with one that does not, none is right.
#[derive(Clone, PartialEq, Eq)]
pub struct PageSigner([u8; 65]);

impl PageSigner {
    /// Reads the 65 bytes of an uncompressed point; anything else is no key.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().filter(|point: &[u8; 65]| point[0] == 4).map(Self)
    }

    /// The bytes, as a store keeps them.
    pub const fn bytes(&self) -> &[u8; 65] {
        &self.0
    }
}

impl fmt::Debug for PageSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageSigner(…)")
    }
}

/// A passkey somebody registered: the public half of a key pair that lives on a device or in a password manager.
#[derive(Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Names the record.
    pub id: RecordId,
    /// Whose it is.
    pub person: UserId,
    /// The one host it is good for: browsers show it to no other (WebAuthn's relying party id).
    pub host: String,
    /// What the person calls it.
    pub label: String,
    /// How the authenticator names it; no two records share one.
    pub credential_id: Vec<u8>,
    /// How the authenticator names the person: random, so that it tells nobody who they are.
    pub handle: [u8; 16],
    /// Public key and counter, in the words of the library that checks them. No secret.
    pub credential: String,
    /// When it was registered.
    pub added_at: Timestamp,
    /// When it last let somebody in.
    pub last_used: Option<Timestamp>,
}

impl fmt::Debug for Passkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passkey({} of {} for {})", self.id, self.person, self.host)
    }
}

/// A mail address or mobile number that its owner named and verified here, where the directory knows none.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// What reaches them there: mail or SMS.
    pub method: Method,
    /// The address or number.
    pub to: String,
    /// When a code sent there was typed here.
    pub verified_at: Timestamp,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({})", self.method.name())
    }
}

/// What the gateway itself keeps about a person, wherever the person comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Linked apps, oldest first.
    pub totp: Vec<TotpFactor>,
    /// Passkeys for any host, oldest first.
    pub passkeys: Vec<Passkey>,
    /// Verified addresses and numbers, one of each kind at most.
    pub contacts: Vec<Contact>,
    /// Unused recovery codes.
    pub recovery_left: u32,
    /// The visitor's own switch, where the requirement is optional.
    pub wants_second_factor: bool,
    /// Chosen language, as a two-letter code.
    pub language: Option<String>,
    /// The code that waits, where an operator made one for who lost everything.
    pub break_glass: Option<BreakGlass>,
}

impl Account {
    /// Where codes by `method` go: what the directory says of `person`, else what they verified here.
    pub fn reach<'a>(&'a self, person: &'a Person, method: Method) -> Option<&'a str> {
        let known = match method {
            Method::Email => person.email.as_deref(),
            Method::Sms => person.phone.as_deref(),
            Method::Totp | Method::Passkey | Method::Provider | Method::Approval | Method::Recovery => {
                return None;
            }
        };
        let own = || self.contacts.iter().find(|contact| contact.method == method);
        known.or_else(|| own().map(|contact| contact.to.as_str()))
    }

    /// Whether a second factor can be asked at all.
    pub fn is_enrolled(&self) -> bool {
        self.factors() > 0
    }

    /// How many apps and passkeys there are together. Recovery codes only stand in for one.
    pub fn factors(&self) -> usize {
        self.totp.len() + self.passkeys.len()
    }
}

/// What checking a code against the linked apps said. A wrong code is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeVerdict {
    /// The code is right, and its step is now used up.
    Right {
        /// Which method it was.
        method: Method,
    },
    /// Right, but its step was used before. (A used recovery code is gone, and therefore wrong.)
    AlreadyUsed,
    /// Wrong, but right for a clock that is off by this many minutes (positive: the phone is ahead).
    ClockOff {
        /// Whole minutes.
        minutes: i64,
        /// The time step it is right for.
        step: i64,
    },
    /// No code that was sent is live: none was asked for, or its ten minutes are over. Nothing was compared.
    Lapsed,
    /// Not six digits, not a recovery code.
    Malformed,
    /// Wrong.
    Wrong,
}
