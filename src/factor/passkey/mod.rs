//! Passkeys (WebAuthn): a key pair that answers for one host, and only after its owner unlocked it.
//!
//! Each question is asked once: its answer is checked against what was kept of it here, in memory, for five minutes and for
//! the browser that asked. Exact origin, host, unlocking by the user, challenge and counter are the library's checks; whose
//! passkey it is, and that the handle is theirs, are ours. Built without the feature `passkey`, no host has any.

mod ceremonies;
#[cfg(feature = "passkey")]
mod relying_party;
#[cfg(not(feature = "passkey"))]
#[path = "absent.rs"]
mod relying_party;
#[cfg(test)]
#[cfg(feature = "passkey")]
pub(crate) mod soft;
#[cfg(test)]
#[cfg(feature = "passkey")]
mod tests;

pub use self::{
    ceremonies::{Asker, Ceremonies},
    relying_party::{RelyingParty, State},
};
use crate::domain::{identity::UserId, token::RecordId};

/// A question under way: what is kept of it, and whom it is about.
#[derive(Debug)]
pub struct Ceremony {
    /// Whose passkey is registered or asked for; nobody's yet where a passkey is to say who it is.
    pub person: Option<UserId>,
    /// What the library wants back.
    pub state: State,
}

/// Who registers a passkey, as the browser and the authenticator show it.
#[derive(Clone, Debug)]
pub struct Registrant<'a> {
    /// Who.
    pub id: &'a UserId,
    /// What the authenticator keeps instead of a name.
    pub handle: [u8; 16],
    /// The name to sign in with.
    pub name: &'a str,
    /// The name to show.
    pub display_name: &'a str,
}

/// A passkey that was just made.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The host it is good for.
    pub host: String,
    /// How the authenticator names it.
    pub credential_id: Vec<u8>,
    /// How the authenticator names the person.
    pub handle: [u8; 16],
    /// Public key and counter.
    pub credential: String,
}

/// A passkey whose answer was right.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Which record.
    pub id: RecordId,
    /// The record of its counter that was checked.
    pub from: String,
    /// The record to keep from now on.
    pub to: String,
}

/// Why an answer does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It is not an answer in the words of WebAuthn.
    Malformed,
    /// Another origin, host, challenge, key or person; or the user did not unlock it.
    Wrong,
    /// Its counter went back: there is a copy of it.
    Cloned,
}
