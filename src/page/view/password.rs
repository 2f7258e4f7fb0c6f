//! Choosing a password: in place of one's own, or with a link that was mailed.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::{
    new_password::{LONGEST, Unfit},
    time::Timestamp,
};

/// Posts `old_password`, `new_password`, `csrf` (and a `username` for password managers, to be ignored) to `password`.
#[derive(Clone, Debug, Template)]
#[template(path = "password.html")]
pub struct ChangePassword {
    /// What all pages share.
    pub frame: Frame,
    /// The name to sign in with.
    pub username: String,
    /// Whether there is anything to change here.
    pub keeper: PasswordKeeper,
    /// What is asked of a new one.
    pub length: PasswordLength,
    /// Why it was not changed.
    pub error: Option<PasswordError>,
}

/// Who keeps somebody's password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordKeeper {
    /// It is kept here.
    Here,
    /// It would be, but none was ever set.
    Nobody,
    /// It stands in a file of the operator's.
    Operator,
}

/// How long a password must be, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordLength {
    /// Characters it has at least.
    pub least: usize,
    /// Whether a second factor is required beside it.
    pub is_beside: bool,
}

/// Why a password was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordError {
    /// The present password is another one.
    WrongOld,
    /// The new one is refused.
    Unfit(Unfit),
    /// The new one is the present one.
    Same,
    /// Too many wrong ones; try again from that moment on.
    TooManyTries(Timestamp),
    /// It could not be checked or kept (503).
    Busy,
    /// The form's token is missing or old.
    FormExpired,
}

impl PasswordError {
    /// What the page says of it.
    pub(super) fn text(self, frame: &Frame) -> String {
        match self {
            Self::WrongOld => frame.say("password-error-old"),
            Self::Unfit(Unfit::TooShort(least)) => frame.with("password-error-short", "least", least),
            Self::Unfit(Unfit::TooLong) => frame.with("password-error-long", "most", LONGEST),
            Self::Unfit(Unfit::Common) => frame.say("password-error-common"),
            Self::Unfit(Unfit::Pattern) => frame.say("password-error-pattern"),
            Self::Unfit(Unfit::Personal) => frame.say("password-error-personal"),
            Self::Same => frame.say("password-error-same"),
            Self::TooManyTries(until) => {
                frame.with("error-too-many-until", "time", Moment::clock(until).plain())
            }
            Self::Busy => frame.say("error-busy"),
            Self::FormExpired => frame.say("error-form"),
        }
    }

    pub(super) fn is_about_new(self) -> bool {
        matches!(self, Self::Unfit(_) | Self::Same)
    }
}

impl PasswordLength {
    pub(super) fn hint(self, frame: &Frame) -> String {
        let key = if self.is_beside { "password-hint-beside" } else { "password-hint-alone" };
        frame.with(key, "least", self.least)
    }
}

impl ChangePassword {
    fn old_invalid(&self) -> bool {
        self.error == Some(PasswordError::WrongOld)
    }

    fn new_invalid(&self) -> bool {
        self.error.is_some_and(PasswordError::is_about_new)
    }
}
