//! The answer to a request for help, in its administrator's words.

use super::sheet::Sheet;
use super::{Letter, Letterhead};

/// An answer. The head tells when and from where help was asked for.
#[derive(Clone, Debug)]
pub struct HelpLetter {
    /// What every letter tells.
    pub head: Letterhead,
    /// What was asked for.
    pub about: HelpAbout,
    /// Whether it was granted.
    pub granted: bool,
    /// What the request is called.
    pub reference: String,
    /// Why, in the administrator's words; may be empty.
    pub reason: String,
}

/// What help was asked for with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HelpAbout {
    /// A reset of the second factor.
    SecondFactor,
    /// Access to what the rules refuse.
    Access,
}

impl HelpLetter {
    /// As a mail.
    pub fn mail(&self) -> Letter {
        let head = &self.head;
        let what = match (self.about, self.granted) {
            (HelpAbout::SecondFactor, true) => "mail-help-reset-granted",
            (HelpAbout::SecondFactor, false) => "mail-help-reset-refused",
            (HelpAbout::Access, true) => "mail-help-access-granted",
            (HelpAbout::Access, false) => "mail-help-access-refused",
        };
        let named = [("reference", self.reference.as_str().into())];
        let reason = (!self.reason.is_empty())
            .then(|| head.told("mail-help-reason", &[("reason", self.reason.as_str().into())]));
        Sheet {
            head,
            subject: head.told("mail-help-subject", &named),
            opening: vec![head.told(what, &named)],
            press: None,
            code: None,
            closing: reason.into_iter().collect(),
            facts_title: head.say("mail-help-asked"),
            facts: head.facts(),
            advice: head.say("mail-help-not-you"),
            link: None,
        }
        .letter()
    }
}
