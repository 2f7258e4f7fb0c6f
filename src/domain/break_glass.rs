//! Break-glass codes: what the machine's own operator hands to one person who lost every second factor.
//!
//! A code lets nobody in. After the first factor it stands in, once, for what must be shown before another app or passkey is
//! linked; that new one finishes the sign-in. It is bound to its person and to their password, and over after ten minutes.

use super::{
    identity::{CredentialMark, Person, UserId},
    time::{Timestamp, minutes},
    token::TokenHash,
};

/// Minutes a code is good for.
pub const BREAK_GLASS_MINUTES: u64 = 10;

/// A code that waits to be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakGlass {
    /// Whose.
    pub person: UserId,
    /// Hash of what was printed.
    pub code: TokenHash,
    /// The password beside it: with another one, or after anything that ends all of a person's, it is void.
    pub credential: CredentialMark,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
}

impl BreakGlass {
    /// A code for `person`, from now on.
    pub fn new(person: &Person, code: TokenHash, now: Timestamp) -> Self {
        Self {
            person: person.id.clone(),
            code,
            credential: person.credential,
            made_at: now,
            ends_at: now.after(minutes(BREAK_GLASS_MINUTES)),
        }
    }

    /// Whether it is good at `now` for somebody whose present password has this mark.
    pub fn is_open(&self, credential: &CredentialMark, now: Timestamp) -> bool {
        self.credential == *credential && now < self.ends_at
    }
}
