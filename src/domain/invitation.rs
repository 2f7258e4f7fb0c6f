//! A one-time link with which somebody sets a password: an invitation, or a way back for who forgot it.
//!
//! The letter never carries a password. The link opens a page; only the form on it, with a new password, uses it up.

use std::fmt;

use super::{
    identity::{CredentialMark, UserId},
    time::{Timestamp, hours},
    token::{RecordId, Token, TokenHash},
};

/// For how many hours the link is good.
pub const INVITATION_HOURS: u64 = 72;

/// A link that was mailed.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id, for lists.
    pub id: RecordId,
    /// Hash of what the link carries.
    pub link: TokenHash,
    /// Who sets a password with it.
    pub person: UserId,
    /// At which portal it is opened.
    pub portal: String,
    /// Where it was mailed.
    pub to: String,
    /// Who had it sent.
    pub by: String,
    /// The password it was made under: with another one set since, it is void.
    pub credential: CredentialMark,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
}

impl Invitation {
    /// Whether it is one of `portal`, for a person with this password, and not over at `now`.
    pub fn is_open(&self, portal: &str, credential: &CredentialMark, now: Timestamp) -> bool {
        self.portal == portal && self.credential == *credential && now < self.ends_at
    }

    /// When one made at `now` is over.
    pub fn end(now: Timestamp) -> Timestamp {
        now.after(hours(INVITATION_HOURS))
    }

    /// The hash of what a link carries.
    pub fn hash_of(link: &Token) -> TokenHash {
        link.hash()
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({} for {} at {})", self.id, self.person, self.portal)
    }
}
