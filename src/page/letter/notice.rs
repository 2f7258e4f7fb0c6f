//! Notices: something happened to an account, and its owner is told.

use super::sheet::Sheet;
use super::{Letter, Letterhead};

/// A notice.
#[derive(Clone, Debug)]
pub struct NoticeLetter {
    /// What every letter tells.
    pub head: Letterhead,
    /// What happened, the most telling first.
    pub occasion: Occasion,
    /// What else happened with it.
    pub also: Vec<Occasion>,
    /// Where one press of a button ends every session and trust, if there is such a link.
    pub not_me: Option<String>,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// Somebody signed in on a device not seen before.
    NewDevice,
    /// Somebody signed in from a network not seen before.
    NewAddress,
    /// A session goes on in another network than it began in.
    OtherNetwork,
    /// A way to sign in was added.
    FactorAdded(Factor),
    /// A way to sign in was removed.
    FactorRemoved(Factor),
    /// A recovery code was used; so many are left.
    RecoveryCodeUsed {
        /// Codes left.
        left: u32,
    },
    /// Recovery codes were made; earlier ones are void.
    RecoveryCodesMade,
    /// The second factor was switched on by its owner.
    SecondFactorOn,
    /// It was switched off.
    SecondFactorOff,
    /// An administrator removed everything that the second factor was made of.
    SecondFactorReset,
    /// An administrator gave them another name to sign in with.
    Renamed {
        /// Which.
        name: String,
    },
    /// An administrator gave them another mail address; this goes to the old one.
    AddressChanged,
    /// Whoever runs the server made a break-glass code for an account; administrators are told, too.
    GlassMade {
        /// Whose.
        name: String,
    },
    /// It was used.
    GlassUsed {
        /// Whose.
        name: String,
    },
    /// A device was trusted.
    DeviceTrusted,
    /// A network was trusted.
    AddressTrusted {
        /// Which.
        network: String,
    },
    /// A copy of what a trusted device keeps was shown: it is trusted no more.
    DeviceCopied,
    /// A PIN was set that unlocks a trusted device.
    PinSet,
    /// The password was changed by its owner.
    PasswordChanged,
    /// The password was set with a link that was mailed.
    PasswordSet,
    /// Too many wrong PINs were typed on a trusted device: it is trusted no more.
    PinsWrong,
}

/// From this many recovery codes left on, the letter says to make new ones.
const FEW_CODES: u32 = 3;

/// A way to sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Factor {
    /// An authenticator app, with the name its owner gave it.
    App(Option<String>),
    /// A passkey, with the name its owner gave it.
    Passkey(Option<String>),
    /// Codes by mail.
    Email,
    /// Codes by text message.
    Sms,
    /// Recovery codes.
    Recovery,
    /// An account at an identity provider, by the provider's title.
    Provider(Option<String>),
}

impl Factor {
    fn words(&self, head: &Letterhead) -> String {
        let (key, name) = match self {
            Self::App(name) => ("mail-factor-app", name.as_deref()),
            Self::Passkey(name) => ("mail-factor-passkey", name.as_deref()),
            Self::Email => ("mail-factor-email", None),
            Self::Sms => ("mail-factor-sms", None),
            Self::Recovery => ("mail-factor-recovery", None),
            Self::Provider(title) => ("mail-factor-provider", title.as_deref()),
        };
        let factor = head.say(key);
        match name {
            Some(name) => head.told("mail-factor-named", &[("factor", factor.into()), ("name", name.into())]),
            None => factor,
        }
    }
}

impl Occasion {
    /// The keys of the subject and of what happened.
    const fn keys(&self) -> (&'static str, &'static str) {
        match self {
            Self::NewDevice => ("mail-new-device-subject", "mail-new-device"),
            Self::NewAddress => ("mail-new-address-subject", "mail-new-address"),
            Self::OtherNetwork => ("mail-other-network-subject", "mail-other-network"),
            Self::FactorAdded(_) => ("mail-factor-added-subject", "mail-factor-added"),
            Self::FactorRemoved(_) => ("mail-factor-removed-subject", "mail-factor-removed"),
            Self::RecoveryCodeUsed { .. } => ("mail-recovery-used-subject", "mail-recovery-used"),
            Self::RecoveryCodesMade => ("mail-codes-made-subject", "mail-codes-made"),
            Self::SecondFactorOn => ("mail-second-on-subject", "mail-second-on"),
            Self::SecondFactorOff => ("mail-second-off-subject", "mail-second-off"),
            Self::SecondFactorReset => ("mail-second-reset-subject", "mail-second-reset"),
            Self::Renamed { .. } => ("mail-renamed-subject", "mail-renamed"),
            Self::AddressChanged => ("mail-address-changed-subject", "mail-address-changed"),
            Self::GlassMade { .. } => ("mail-glass-made-subject", "mail-glass-made"),
            Self::GlassUsed { .. } => ("mail-glass-used-subject", "mail-glass-used"),
            Self::DeviceTrusted => ("mail-device-trusted-subject", "mail-device-trusted"),
            Self::AddressTrusted { .. } => ("mail-network-trusted-subject", "mail-network-trusted"),
            Self::DeviceCopied => ("mail-device-copied-subject", "mail-device-copied"),
            Self::PinSet => ("mail-pin-set-subject", "mail-pin-set"),
            Self::PasswordChanged => ("mail-password-changed-subject", "mail-password-changed"),
            Self::PasswordSet => ("mail-password-set-subject", "mail-password-set"),
            Self::PinsWrong => ("mail-pins-wrong-subject", "mail-pins-wrong"),
        }
    }

    fn told(&self, head: &Letterhead) -> Vec<String> {
        let (_, what) = self.keys();
        let left = |left: u32| head.told("mail-codes-left", &[("left", left.into())]);
        match self {
            Self::NewDevice
            | Self::NewAddress
            | Self::OtherNetwork
            | Self::RecoveryCodesMade
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::SecondFactorReset
            | Self::DeviceTrusted
            | Self::DeviceCopied
            | Self::PinSet
            | Self::PasswordChanged
            | Self::PasswordSet
            | Self::AddressChanged
            | Self::PinsWrong => vec![head.told(what, &[])],
            Self::Renamed { name } | Self::GlassMade { name } | Self::GlassUsed { name } => {
                vec![head.told(what, &[("name", name.as_str().into())])]
            }
            Self::AddressTrusted { network } => {
                vec![head.told(what, &[("network", network.as_str().into())])]
            }
            Self::FactorAdded(factor) | Self::FactorRemoved(factor) => {
                vec![head.told(what, &[("factor", factor.words(head).into())])]
            }
            Self::RecoveryCodeUsed { left: codes } => {
                let few = (*codes <= FEW_CODES).then(|| head.told("mail-few-codes", &[]));
                [head.told(what, &[]), left(*codes)].into_iter().chain(few).collect()
            }
        }
    }
}

impl NoticeLetter {
    /// As a mail.
    pub fn mail(&self) -> Letter {
        let head = &self.head;
        Sheet {
            head,
            subject: head.told(self.occasion.keys().0, &[]),
            opening: std::iter::once(&self.occasion).chain(&self.also).flat_map(|it| it.told(head)).collect(),
            press: None,
            code: None,
            closing: match self.occasion {
                Occasion::SecondFactorReset
                | Occasion::Renamed { .. }
                | Occasion::AddressChanged
                | Occasion::GlassMade { .. }
                | Occasion::GlassUsed { .. } => Vec::new(),
                _ => vec![head.say("mail-was-you")],
            },
            facts_title: head.say("mail-happened"),
            facts: head.facts(),
            advice: match (&self.not_me, &self.occasion) {
                (_, Occasion::GlassMade { .. } | Occasion::GlassUsed { .. }) => {
                    head.say("mail-glass-unasked")
                }
                (Some(_), _) => head.say("mail-not-me-text"),
                // It was not they who did it in any case.
                (None, Occasion::SecondFactorReset | Occasion::Renamed { .. } | Occasion::AddressChanged) => {
                    head.say("mail-second-reset-unasked")
                }
                (None, _) => head.told("mail-not-you-notice", &[]),
            },
            link: self.not_me.as_deref(),
        }
        .letter()
    }
}
