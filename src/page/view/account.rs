//! The visitor's own page: second factor, trust, sessions, recent sign-ins, language.

use askama::Template;

use super::{Frame, Moment, PasswordKeeper, PinState, ProviderButton};
use crate::domain::time::Timestamp;
use crate::page::i18n::Language;

/// Rows shown of a list: a page of full lists stays within its thirty kilobytes.
pub(super) const ROWS: usize = 5;

/// Every button posts `csrf`, `action` and, where it concerns one thing, `id` to `account`. The actions: `remove_method`,
/// `remove_contact` (`id` is the method), `new_recovery_codes`, `switch_second_factor` (`id` is `on` or `off`), `remove_device`, `remove_devices`, `remove_pin`, `remove_address`,
/// `remove_addresses`, `end_session`, `sign_out_everywhere`, `link_identity` (`id` is the provider), `unlink_identity`, `language` (`id` is the code). Adding a method is a link to
/// `enrol?return_to=…account`, signing out a form to `logout` with `scope=here`.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What all pages share.
    pub frame: Frame,
    /// The name to show.
    pub display_name: String,
    /// The name to sign in with.
    pub username: String,
    /// The e-mail address on file.
    pub email: Option<String>,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What could not be done.
    pub error: Option<AccountError>,
    /// The password, if there is anything to say of it.
    pub password: Option<PasswordRow>,
    /// The apps that give codes.
    pub methods: Vec<MethodRow>,
    /// Whether another app may be added.
    pub can_add_method: bool,
    /// Whether passkeys may be added here.
    pub passkeys: bool,
    /// Addresses and numbers that were verified here.
    pub contacts: Vec<ContactRow>,
    /// How many recovery codes are left; none when there were never any.
    pub codes_left: Option<u32>,
    /// When one was last used, if that is known.
    pub codes_used: Option<Timestamp>,
    /// The visitor's own switch, where the second factor is optional.
    pub switch: Option<Switch>,
    /// Accounts elsewhere that let the visitor in.
    pub identities: Vec<IdentityRow>,
    /// Where another may be linked.
    pub providers: Vec<ProviderButton>,
    /// Whether trusting devices is possible at all; without it the list is left out when empty.
    pub devices_offered: bool,
    /// The trusted devices.
    pub devices: Vec<DeviceRow>,
    /// The PIN of this device, where it can have one.
    pub pin: Option<PinState>,
    /// As `devices_offered`, for addresses.
    pub addresses_offered: bool,
    /// The trusted addresses.
    pub addresses: Vec<AddressRow>,
    /// The open sessions.
    pub sessions: Vec<SessionRow>,
    /// The latest sign-ins, newest first.
    pub sign_ins: Vec<SignInRow>,
}

impl Account {
    /// How many rows of a list are left out.
    fn more(&self, rows: usize) -> Option<String> {
        let more = rows.checked_sub(ROWS).filter(|more| *more > 0)?;
        Some(self.frame.with("list-more", "more", more))
    }

    fn removes_methods(&self) -> bool {
        self.methods.iter().any(|row| row.removable)
    }

    fn own_address(&self) -> String {
        format!("{}account", self.frame.prefix)
    }
}

/// What was just done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// The password was changed.
    PasswordChanged,
    /// A code app was added.
    MethodAdded,
    /// A code app was removed.
    MethodRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// Codes are no longer sent to an address or number.
    ContactRemoved,
    /// A device is no longer trusted.
    DeviceRemoved,
    /// No device is trusted any more.
    DevicesRemoved,
    /// A PIN unlocks this device from now on.
    PinSet,
    /// This device has no PIN any more.
    PinRemoved,
    /// An address is no longer trusted.
    AddressRemoved,
    /// No address is trusted any more.
    AddressesRemoved,
    /// A session was ended.
    SessionEnded,
    /// The second factor is asked for from now on.
    SecondFactorOn,
    /// The second factor is no longer asked for.
    SecondFactorOff,
    /// An account elsewhere was linked.
    IdentityLinked,
    /// An account elsewhere was unlinked.
    IdentityUnlinked,
    /// The language was changed.
    LanguageChanged,
}

impl Notice {
    const fn key(self) -> &'static str {
        match self {
            Self::PasswordChanged => "notice-password-changed",
            Self::MethodAdded => "notice-method-added",
            Self::MethodRemoved => "notice-method-removed",
            Self::PasskeyAdded => "notice-passkey-added",
            Self::PasskeyRemoved => "notice-passkey-removed",
            Self::ContactRemoved => "notice-contact-removed",
            Self::DeviceRemoved => "notice-device-removed",
            Self::DevicesRemoved => "notice-devices-removed",
            Self::PinSet => "notice-pin-set",
            Self::PinRemoved => "notice-pin-removed",
            Self::AddressRemoved => "notice-address-removed",
            Self::AddressesRemoved => "notice-addresses-removed",
            Self::SessionEnded => "notice-session-ended",
            Self::SecondFactorOn => "notice-second-factor-on",
            Self::SecondFactorOff => "notice-second-factor-off",
            Self::IdentityLinked => "notice-identity-linked",
            Self::IdentityUnlinked => "notice-identity-unlinked",
            Self::LanguageChanged => "notice-language-changed",
        }
    }
}

/// What could not be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountError {
    /// The portal requires a second factor and this is the last one.
    LastMethod,
    /// The portal requires a second factor and codes reach the visitor nowhere else.
    LastContact,
    /// Without this account elsewhere the visitor could not sign in any more.
    LastIdentity,
    /// The portal requires a second factor: it cannot be switched off.
    Required,
    /// The thing was gone already.
    Gone,
    /// The store cannot be asked now (503).
    Busy,
    /// The form's token is missing or old.
    FormExpired,
}

impl AccountError {
    const fn key(self) -> &'static str {
        match self {
            Self::LastIdentity => "account-error-last-identity",
            Self::LastContact => "account-error-last-contact",
            Self::LastMethod => "account-error-last-method",
            Self::Required => "account-error-required",
            Self::Gone => "account-error-gone",
            Self::Busy => "error-busy",
            Self::FormExpired => "error-form",
        }
    }
}

/// The visitor's password.
#[derive(Clone, Copy, Debug)]
pub struct PasswordRow {
    /// Who keeps it.
    pub keeper: PasswordKeeper,
    /// When its owner last chose it, if that is known.
    pub changed: Option<Timestamp>,
}

/// An account elsewhere.
#[derive(Clone, Debug)]
pub struct IdentityRow {
    /// What the button says.
    pub id: String,
    /// What the visitor knows it by.
    pub label: String,
    /// Where it is.
    pub provider: String,
    /// Since when it lets the visitor in.
    pub linked: Timestamp,
    /// When it last did.
    pub last_used: Option<Timestamp>,
}

/// The visitor's own switch for the second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// It is asked for.
    On,
    /// It is not.
    Off,
}

/// A code app.
#[derive(Clone, Debug)]
pub struct MethodRow {
    /// What the buttons send.
    pub id: String,
    /// What the visitor called it.
    pub label: String,
    /// The host of a passkey; none for an app.
    pub host: Option<String>,
    /// When it was added.
    pub added: Timestamp,
    /// When it last gave a code.
    pub last_used: Option<Timestamp>,
    /// Whether it may be removed now.
    pub removable: bool,
}

/// An address or number that codes go to.
#[derive(Clone, Debug)]
pub struct ContactRow {
    /// What the button says, and what reaches the visitor there: `email` or `sms`.
    pub id: &'static str,
    /// Masked.
    pub to: String,
    /// When it was verified.
    pub added: Timestamp,
    /// When a code from there was last right, if that is known.
    pub last_used: Option<Timestamp>,
}

impl ContactRow {
    pub(super) fn key(&self) -> &'static str {
        if self.id == "sms" { "contacts-sms" } else { "contacts-email" }
    }
}

/// A trusted device.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// What the buttons send.
    pub id: String,
    /// Browser and system.
    pub label: String,
    /// When it was trusted.
    pub granted: Timestamp,
    /// When it was last seen.
    pub last_used: Option<Timestamp>,
    /// When trust ends; `None`: when the password changes.
    pub ends: Option<Timestamp>,
    /// Whether it is the one in use.
    pub this_one: bool,
}

/// A trusted address.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// What the buttons send.
    pub id: String,
    /// In full.
    pub address: String,
    /// When it was trusted.
    pub granted: Timestamp,
    /// When it was last seen.
    pub last_used: Option<Timestamp>,
    /// When trust ends.
    pub ends: Timestamp,
    /// Whether the visitor is there now.
    pub this_one: bool,
}

/// An open session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// What the buttons send.
    pub id: String,
    /// Browser and system.
    pub agent: String,
    /// Where it was opened.
    pub address: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used.
    pub last_seen: Timestamp,
    /// When it ends if it is not used again.
    pub ends: Timestamp,
    /// Whether it is this one.
    pub this_one: bool,
}

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct SignInRow {
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// From where.
    pub address: String,
    /// Browser and system.
    pub agent: String,
}

/// How an attempt to sign in ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Signed in with the password alone.
    Password,
    /// Signed in with a link by mail alone.
    Link,
    /// Signed in with a code.
    Code,
    /// Signed in with a passkey.
    Passkey,
    /// Let in with an approval on the authenticator page.
    Approval,
    /// Signed in with an account at an identity provider.
    Provider,
    /// Unlocked a remembered device with its PIN.
    Pin,
    /// Signed in with a recovery code.
    RecoveryCode,
    /// Signed in on a trusted device.
    TrustedDevice,
    /// Signed in from a trusted address.
    TrustedAddress,
    /// The password was wrong.
    WrongPassword,
    /// The PIN was wrong.
    WrongPin,
    /// The code was wrong.
    WrongCode,
    /// Refused: too many tries.
    TooManyTries,
    /// Refused for another reason.
    Refused,
}

impl Outcome {
    const fn key(self) -> &'static str {
        match self {
            Self::Password => "outcome-password",
            Self::Link => "outcome-link",
            Self::Code => "outcome-code",
            Self::Passkey => "outcome-passkey",
            Self::Approval => "outcome-approval",
            Self::Provider => "outcome-provider",
            Self::Pin => "outcome-pin",
            Self::RecoveryCode => "outcome-recovery-code",
            Self::TrustedDevice => "outcome-trusted-device",
            Self::TrustedAddress => "outcome-trusted-address",
            Self::WrongPassword => "outcome-wrong-password",
            Self::WrongPin => "outcome-wrong-pin",
            Self::WrongCode => "outcome-wrong-code",
            Self::TooManyTries => "outcome-too-many-tries",
            Self::Refused => "outcome-refused",
        }
    }

    /// Whether it let somebody in.
    pub const fn succeeded(self) -> bool {
        match self {
            Self::Password
            | Self::Link
            | Self::Code
            | Self::Passkey
            | Self::Approval
            | Self::Provider
            | Self::Pin
            | Self::RecoveryCode
            | Self::TrustedDevice
            | Self::TrustedAddress => true,
            Self::WrongPassword | Self::WrongPin | Self::WrongCode | Self::TooManyTries | Self::Refused => {
                false
            }
        }
    }
}
