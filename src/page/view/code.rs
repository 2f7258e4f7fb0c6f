//! What the pages with a code field share: the ways to give a code, what can be wrong with it, and the offers of trust.

use std::time::Duration;

use super::{Frame, Moment};
use crate::domain::time::Timestamp;

/// A way to give the second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Six digits from an app.
    Totp,
    /// A passkey: nothing is typed.
    Passkey,
    /// A yes on the authenticator page: a number is shown here and typed there.
    Approval,
    /// One of the codes printed at enrolment.
    Recovery,
    /// Six digits that were mailed.
    Email,
    /// Six digits in a text message.
    Sms,
}

impl Method {
    /// The value of the field `method`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Approval => "approval",
            Self::Recovery => "recovery",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The words of the link to this way.
    pub(super) const fn use_key(self) -> &'static str {
        match self {
            Self::Totp => "code-use-totp",
            Self::Passkey => "passkey-use",
            Self::Approval => "approval-use",
            Self::Recovery => "code-use-recovery",
            Self::Email => "code-use-email",
            Self::Sms => "code-use-sms",
        }
    }

    /// Reads the field `method`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Totp, Self::Passkey, Self::Approval, Self::Recovery, Self::Email, Self::Sms]
            .into_iter()
            .find(|method| method.code() == text)
    }
}

/// Why a code was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// It is not the code expected now.
    Wrong,
    /// It was right, and somebody has used it: a code of the app, since of recovery codes only unused ones are kept.
    AlreadyUsed,
    /// The passkey did not answer rightly.
    WrongPasskey,
    /// The authenticator page said no, or another number.
    NotApproved,
    /// An approval was asked for too often; again from that moment on.
    ApprovalsPaused(Timestamp),
    /// It cannot be a code of this kind: letters, too short, empty.
    Malformed,
    /// It would be right at another hour: the phone's clock is about so many minutes off.
    ClockOff(u32),
    /// No code that was sent is good any more.
    Lapsed,
    /// The code could not be sent: the carrier is down, or refuses.
    NotSent,
    /// The last code was sent just now; so many seconds to wait.
    TooSoon(u64),
    /// No more codes in this sign-in.
    NoMoreSent,
    /// Too many codes were sent to this person or there; again from that moment on.
    SendingPaused(Timestamp),
    /// What was typed is no address or number a code can go to.
    NoDestination,
    /// Too many tries; again from that moment on, if it is known.
    TooManyTries(Option<Timestamp>),
    /// The sign-in took too long and must begin with the password again.
    Expired,
    /// No authenticator page shows this number. Only while enrolling.
    NoPairing,
    /// The window for setting up has closed; a new key is needed. Only while enrolling.
    SetupExpired,
    /// The store cannot be asked now (503).
    Busy,
    /// The form's token is missing or old.
    FormExpired,
}

impl CodeError {
    pub(super) const fn key(self, method: Method) -> &'static str {
        match (self, method) {
            (Self::Wrong, Method::Totp) => "code-error-wrong",
            (Self::Wrong, Method::Recovery) => "code-error-wrong-recovery",
            (Self::Wrong, Method::Email | Method::Sms) => "code-error-wrong-sent",
            (Self::WrongPasskey, _) | (Self::Wrong | Self::Malformed, Method::Passkey) => {
                "passkey-error-wrong"
            }
            (Self::NotApproved, _) | (Self::Wrong | Self::Malformed, Method::Approval) => {
                "approval-error-wrong"
            }
            (Self::ApprovalsPaused(_), _) => "approval-error-paused",
            (Self::AlreadyUsed, _) => "code-error-used",
            (Self::Malformed, Method::Totp) => "code-error-malformed",
            (Self::Malformed, Method::Recovery) => "code-error-malformed-recovery",
            (Self::Malformed, Method::Email | Method::Sms) => "code-error-malformed-sent",
            (Self::Lapsed, _) => "code-error-lapsed",
            (Self::NotSent, _) => "code-error-not-sent",
            (Self::TooSoon(_), _) => "code-error-too-soon",
            (Self::NoMoreSent, _) => "code-error-no-more",
            (Self::SendingPaused(_), _) => "code-error-paused",
            (Self::NoDestination, Method::Sms) => "code-error-number",
            (Self::NoDestination, _) => "code-error-address",
            (Self::ClockOff(_), _) => "code-error-clock",
            (Self::TooManyTries(Some(_)), _) => "error-too-many-until",
            (Self::TooManyTries(None), _) => "error-too-many",
            (Self::Expired, _) => "login-error-expired",
            (Self::NoPairing, _) => "enrol-error-pairing",
            (Self::SetupExpired, _) => "enrol-error-expired",
            (Self::Busy, _) => "error-busy",
            (Self::FormExpired, _) => "error-form",
        }
    }

    pub(super) fn time(self) -> Option<Moment> {
        match self {
            Self::TooManyTries(again) => again.map(Moment::clock),
            Self::SendingPaused(again) | Self::ApprovalsPaused(again) => Some(Moment::clock(again)),
            _ => None,
        }
    }

    /// Minutes the clock is off.
    pub(super) const fn minutes(self) -> Option<u32> {
        match self {
            Self::ClockOff(minutes) => Some(minutes),
            _ => None,
        }
    }

    /// Seconds to wait.
    pub(super) const fn seconds(self) -> Option<u64> {
        match self {
            Self::TooSoon(seconds) => Some(seconds),
            _ => None,
        }
    }

    /// Whether another code in the same form can help.
    pub(super) const fn in_field(self) -> bool {
        matches!(self, Self::Wrong | Self::AlreadyUsed | Self::Malformed | Self::ClockOff(_))
    }
}

/// What is told of an approval that is asked on the authenticator page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApprovalNote {
    /// None was asked for.
    Unasked,
    /// The page was asked.
    Waiting {
        /// What has to be typed there.
        number: u8,
        /// Until when.
        ends: Timestamp,
    },
    /// It said yes, with this number.
    Approved,
    /// It said no, or another number.
    Refused,
    /// No answer came in time.
    Over,
}

/// What is told of a code that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentNote {
    /// Where to, masked.
    pub to: String,
    /// Until when it is good.
    pub ends: Timestamp,
    /// Whether another may be sent.
    pub again: Again,
}

/// When another code may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// At once.
    Now,
    /// In so many seconds.
    In(u64),
    /// Not in this sign-in.
    Never,
}

/// What a page says of passkeys on this host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyOffer {
    /// The one host a passkey from here is good for.
    pub host: String,
}

/// The two choices beside a code; each is shown only when offered.
#[derive(Clone, Debug, Default)]
pub struct TrustOffer {
    /// For how long this device may be remembered.
    pub device: Option<Lasting>,
    /// The address that may be trusted.
    pub address: Option<AddressOffer>,
    /// What was ticked before an error: nothing is ever ticked for the visitor.
    pub device_ticked: bool,
    /// As `device_ticked`, for the address.
    pub address_ticked: bool,
}

impl TrustOffer {
    pub(super) const fn any(&self) -> bool {
        self.device.is_some() || self.address.is_some()
    }

    pub(super) fn device_label(&self, frame: &Frame) -> Option<String> {
        Some(match self.device? {
            Lasting::For(span) => frame.with("trust-device", "span", frame.lasting(span)),
            Lasting::UntilPasswordChange => frame.say("trust-device-until"),
        })
    }
}

/// How long trust in a device lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lasting {
    /// So long: whole minutes.
    For(Duration),
    /// Until the visitor's password changes.
    UntilPasswordChange,
}

/// An address that may be trusted.
#[derive(Clone, Debug)]
pub struct AddressOffer {
    /// In full: `198.51.100.7`, or an IPv6 network `2001:db8:1:2::/64`.
    pub address: String,
    /// For how long: whole minutes.
    pub span: Duration,
    /// Whom it covers.
    pub reach: Reach,
}

impl AddressOffer {
    pub(super) fn label(&self, frame: &Frame) -> String {
        let values = [("address", self.address.as_str().into()), ("span", frame.lasting(self.span).into())];
        frame.words.with("trust-address", &values)
    }
}

/// Whom a trusted address covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The visitor alone.
    User,
    /// Everyone who signs in to this portal from there.
    Portal,
    /// Everyone who signs in to any portal from there.
    Everyone,
}

impl Reach {
    pub(super) const fn warning_key(self) -> &'static str {
        match self {
            Self::User => "trust-address-warn-user",
            Self::Portal => "trust-address-warn-portal",
            Self::Everyone => "trust-address-warn-everyone",
        }
    }
}
