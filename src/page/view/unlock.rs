//! Unlocking a remembered device, and setting the PIN that does.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::{
    pin::{LONGEST_PIN, SHORTEST_PIN},
    time::Timestamp,
};

/// Posts `pin`, `csrf`, `return_to` (and `credential`, `ceremony` of a passkey) to `unlock`. A link leads to the ordinary
/// form.
#[derive(Clone, Debug, Template)]
#[template(path = "unlock.html")]
pub struct Unlock {
    /// What all pages share.
    pub frame: Frame,
    /// What people call whoever this browser is remembered for, where a screen may show it.
    pub name: Option<String>,
    /// Whether a PIN unlocks.
    pub pin: bool,
    /// Whether a passkey unlocks.
    pub passkeys: bool,
    /// Why the last attempt failed.
    pub error: Option<UnlockError>,
    /// Where to go after unlocking.
    pub return_to: String,
}

/// Why unlocking did not work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnlockError {
    /// The PIN is wrong; how many tries are left, once it is worth saying.
    WrongPin(Option<u32>),
    /// It is no PIN.
    Malformed,
    /// The passkey did not count.
    WrongPasskey,
    /// Too many tries; try again from that moment on.
    TooManyTries(Timestamp),
    /// It could not be checked (503).
    Busy,
    /// The form's token is missing or old.
    FormExpired,
}

impl Unlock {
    fn error_key(&self) -> Option<&'static str> {
        Some(match self.error? {
            UnlockError::WrongPin(_) => "unlock-error-wrong",
            UnlockError::Malformed => "unlock-error-malformed",
            UnlockError::WrongPasskey => "unlock-error-passkey",
            UnlockError::TooManyTries(_) => "error-too-many-until",
            UnlockError::Busy => "error-busy",
            UnlockError::FormExpired => "error-form",
        })
    }

    fn error_time(&self) -> Option<Moment> {
        match self.error {
            Some(UnlockError::TooManyTries(again)) => Some(Moment::clock(again)),
            _ => None,
        }
    }

    fn tries_left(&self) -> Option<String> {
        match self.error {
            Some(UnlockError::WrongPin(left)) => {
                left.map(|left| self.frame.with("unlock-left", "left", left))
            }
            _ => None,
        }
    }

    fn pin_invalid(&self) -> bool {
        matches!(self.error, Some(UnlockError::WrongPin(_) | UnlockError::Malformed))
    }

    /// Without a PIN there is no other button.
    fn passkey_style(&self) -> &'static str {
        if self.pin { "second" } else { "main" }
    }

    fn other_way(&self) -> String {
        format!("{}login?other=1&return_to=", self.frame.prefix)
    }
}

/// Posts `pin`, `pin_again`, `csrf`, `return_to` to `pin`. A link leads on without one.
#[derive(Clone, Debug, Template)]
#[template(path = "pin.html")]
pub struct SetPin {
    /// What all pages share.
    pub frame: Frame,
    /// Whether this device has one already.
    pub state: PinState,
    /// Why none was set.
    pub error: Option<PinError>,
    /// Where to go afterwards.
    pub return_to: String,
}

/// Whether this device has a PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinState {
    /// It has one.
    Set,
    /// It could have one.
    Unset,
}

/// Why no PIN was set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinError {
    /// It has too few or too many digits, or something else in it.
    Malformed,
    /// It is among the first that anybody would try.
    Weak,
    /// The second one is another.
    Mismatch,
    /// It could not be kept (503).
    Busy,
    /// The form's token is missing or old.
    FormExpired,
}

impl SetPin {
    fn error_key(&self) -> Option<&'static str> {
        Some(match self.error? {
            PinError::Malformed => "pin-error-malformed",
            PinError::Weak => "pin-error-weak",
            PinError::Mismatch => "pin-error-mismatch",
            PinError::Busy => "error-busy",
            PinError::FormExpired => "error-form",
        })
    }

    fn first_invalid(&self) -> bool {
        matches!(self.error, Some(PinError::Malformed | PinError::Weak))
    }

    fn again_invalid(&self) -> bool {
        self.error == Some(PinError::Mismatch)
    }
}
