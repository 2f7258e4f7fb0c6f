//! The sign-in page: a name, and a password or a link.

use askama::Template;

use super::{Frame, Moment, ProviderButton};
use crate::domain::time::Timestamp;

/// Posts `username`, `password`, `method`, `csrf`, `return_to` to `login`.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct Login {
    /// What all pages share.
    pub frame: Frame,
    /// What was typed as the name, kept after an error.
    pub username: String,
    /// Which ways there are.
    pub ways: Ways,
    /// Why the last attempt failed.
    pub error: Option<LoginError>,
    /// Where to sign in with an account elsewhere. Their buttons post the same form to `provider`, with `provider` set.
    pub providers: Vec<ProviderButton>,
    /// Whether passkeys may sign in here.
    pub passkeys: bool,
    /// Where to go after signing in.
    pub return_to: String,
}

/// The ways to begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ways {
    /// With a password.
    Password,
    /// With a link by mail: `method` is then `link`.
    Link,
    /// With either.
    PasswordOrLink,
}

/// Why signing in did not work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoginError {
    /// Name or password is wrong; nobody learns which.
    WrongCredentials,
    /// No name was typed.
    MissingName,
    /// The passkey is nobody's here, or did not count.
    WrongPasskey,
    /// Too many tries; try again from that moment on, if it is known.
    TooManyTries(Option<Timestamp>),
    /// The sign-in took too long and starts afresh.
    Expired,
    /// The password is right, and nobody of its owner's group signs in at present.
    Closed,
    /// After too many wrong PINs this device is no longer remembered.
    DeviceForgotten,
    /// More people are signing in than the gateway takes at once (503).
    Busy,
    /// The form's token is missing or old: usually cookies are off or the page stood open too long.
    FormExpired,
}

impl Login {
    fn error_key(&self) -> Option<&'static str> {
        Some(match self.error? {
            LoginError::WrongCredentials => "login-error-wrong",
            LoginError::MissingName => "login-error-missing",
            LoginError::WrongPasskey => "login-error-passkey",
            LoginError::TooManyTries(Some(_)) => "error-too-many-until",
            LoginError::TooManyTries(None) => "error-too-many",
            LoginError::Expired => "login-error-expired",
            LoginError::Closed => "login-error-closed",
            LoginError::DeviceForgotten => "login-error-forgotten-device",
            LoginError::Busy => "error-busy",
            LoginError::FormExpired => "error-form",
        })
    }

    fn error_time(&self) -> Option<Moment> {
        match self.error {
            Some(LoginError::TooManyTries(again)) => again.map(Moment::clock),
            _ => None,
        }
    }

    /// Whether the fields themselves are at fault.
    fn fields_invalid(&self) -> bool {
        matches!(self.error, Some(LoginError::WrongCredentials | LoginError::MissingName))
    }

    fn has_password(&self) -> bool {
        self.ways != Ways::Link
    }

    fn has_link(&self) -> bool {
        self.ways != Ways::Password
    }
}
