//! Who is asking, as far as has been proven.
//!
//! Built in `gateway/recognise` for requests. Besides, only questions build one, of visitors who are not there: `config/visitor`
//! for `explain` and the file's tests, and `Policy::asks_second_factor` for somebody about to sign in.

use std::sync::Arc;

use super::{
    factor::Method,
    identity::{Person, Requirement},
    time::Timestamp,
    token::RecordId,
};

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Nobody known: no session, or none that is live.
    Stranger,
    /// Somebody with a live session at this portal.
    Known(Known),
}

/// Somebody with a live session.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who.
    pub person: Arc<Person>,
    /// What stands in for, or is, the second factor.
    pub second: Second,
    /// The visitor's own switch (counts where the requirement is optional).
    pub wants_second_factor: bool,
    /// When the first factor was passed.
    pub since: Timestamp,
}

/// Where the second factor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// Not shown, and nothing waives it.
    Missing,
    /// Shown in this session.
    Passed {
        /// Which.
        method: Method,
        /// When.
        at: Timestamp,
    },
    /// Waived by a trusted device.
    TrustedDevice(RecordId),
    /// Waived by a trusted address.
    TrustedAddress(RecordId),
}

impl Known {
    /// As if every factor had been shown at `now`. For what goes on after it was let in, such as a tunnel: how old a factor
    /// may be is asked at the door.
    #[must_use]
    pub fn as_at_the_door(self, now: Timestamp) -> Self {
        let second = match self.second {
            Second::Passed { method, .. } => Second::Passed { method, at: now },
            second @ (Second::Missing | Second::TrustedDevice(_) | Second::TrustedAddress(_)) => second,
        };
        Self { second, since: now, ..self }
    }

    /// Whether the requirement on this person asks for a second factor, whatever the rule says.
    pub fn is_asked_for_second(&self) -> bool {
        match self.person.requirement {
            Requirement::Required => true,
            Requirement::Optional => self.wants_second_factor,
            Requirement::Off => false,
        }
    }
}
