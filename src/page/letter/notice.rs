//! Notices: something happened to an account, and its owner is told.

use super::sheet::Sheet;
use super::{Letter, Letterhead};

/// A notice.
#[derive(Clone, Debug)]
pub struct NoticeLetter {
    /// What every letter tells.
    pub head: Letterhead,
    /// What happened.
    pub occasion: Occasion,
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
    /// Few recovery codes are left.
    FewCodesLeft {
        /// Codes left.
        left: u32,
    },
}

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
}

impl Factor {
    fn words(&self, head: &Letterhead) -> String {
        let (key, name) = match self {
            Self::App(name) => ("mail-factor-app", name.as_deref()),
            Self::Passkey(name) => ("mail-factor-passkey", name.as_deref()),
            Self::Email => ("mail-factor-email", None),
            Self::Sms => ("mail-factor-sms", None),
            Self::Recovery => ("mail-factor-recovery", None),
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
            Self::FewCodesLeft { .. } => ("mail-few-codes-subject", "mail-few-codes"),
        }
    }

    fn told(&self, head: &Letterhead) -> Vec<String> {
        let (_, what) = self.keys();
        let left = |left: u32| head.told("mail-codes-left", &[("left", left.into())]);
        match self {
            Self::NewDevice | Self::NewAddress | Self::OtherNetwork => vec![head.told(what, &[])],
            Self::FactorAdded(factor) | Self::FactorRemoved(factor) => {
                vec![head.told(what, &[("factor", factor.words(head).into())])]
            }
            Self::RecoveryCodeUsed { left: codes } => vec![head.told(what, &[]), left(*codes)],
            Self::FewCodesLeft { left: codes } => vec![left(*codes), head.told(what, &[])],
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
            opening: self.occasion.told(head),
            press: None,
            code: None,
            closing: vec![head.say("mail-was-you")],
            facts_title: head.say("mail-happened"),
            facts: head.facts(),
            advice: match &self.not_me {
                Some(_) => head.say("mail-not-me-text"),
                None => head.told("mail-not-you-notice", &[]),
            },
            link: self.not_me.as_deref(),
        }
        .letter()
    }
}
