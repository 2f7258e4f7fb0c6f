//! What mails and text messages say: a code somebody asked for, or a notice of what happened to an account.
//!
//! Every letter names time, place and browser, and says what to do when it was somebody else. HTML and plain text are two
//! drawings of one sheet, so that they cannot say different things. Nothing is loaded from anywhere, and no style is needed.

mod help;
mod invitation;
mod link;
mod notice;
mod sheet;

pub use help::{HelpAbout, HelpLetter};
pub use invitation::InvitationLetter;
pub use link::LinkLetter;
pub use notice::{Factor, NoticeLetter, Occasion};

use fluent_bundle::FluentValue;

use self::sheet::Sheet;
use super::i18n::Words;
use super::view::{Frame, Moment, Support};
use crate::domain::time::Timestamp;

/// A mail's words, ready to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// What every letter tells.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The words of the reader's language.
    pub words: Words,
    /// The portal it is about.
    pub portal_title: String,
    /// The host that visitors know it by.
    pub host: String,
    /// Where to ask for help.
    pub support: Option<Support>,
    /// When it happened.
    pub at: Timestamp,
    /// From which address; empty where it was a command.
    pub address: String,
    /// In which browser, in a few words; empty where it was none.
    pub agent: String,
}

impl Letterhead {
    /// The head for what happens on a page just now.
    pub fn of(frame: &Frame, address: String, agent: String) -> Self {
        Self {
            words: frame.words.clone(),
            portal_title: frame.portal_title.clone(),
            host: frame.host.clone(),
            support: frame.support.clone(),
            at: frame.now,
            address,
            agent,
        }
    }

    fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The words under `key`, which may name portal and host.
    fn told(&self, key: &str, more: &[(&str, FluentValue<'_>)]) -> String {
        let mut values =
            vec![("portal", self.portal_title.as_str().into()), ("host", self.host.as_str().into())];
        values.extend(more.iter().cloned());
        self.words.with(key, &values)
    }

    /// Time, place, browser and site, each with its name.
    fn facts(&self) -> Vec<(String, String)> {
        [
            ("mail-when", Moment::full(self.at).plain()),
            ("mail-address", self.address.clone()),
            ("mail-agent", self.agent.clone()),
            ("mail-site", self.host.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (self.say(key), value))
        .collect()
    }
}

/// What a code is for. It is said in the mail, so that nobody is talked into passing on a code for something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// Setting up another way to sign in.
    AddFactor,
    /// Showing that an address or number is one's own.
    ConfirmContact,
}

impl Purpose {
    const fn key(self) -> &'static str {
        match self {
            Self::SignIn => "mail-code-sign-in",
            Self::AddFactor => "mail-code-add-factor",
            Self::ConfirmContact => "mail-code-confirm",
        }
    }
}

/// A code that somebody asked for.
#[derive(Clone)]
pub struct CodeLetter {
    /// What every letter tells.
    pub head: Letterhead,
    /// What the code is for.
    pub purpose: Purpose,
    /// The code.
    pub code: String,
    /// How long it works.
    pub minutes: u64,
}

impl std::fmt::Debug for CodeLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeLetter").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl CodeLetter {
    /// As a mail. The code stands in the subject, so that a phone shows it without opening the mail.
    pub fn mail(&self) -> Letter {
        let head = &self.head;
        Sheet {
            head,
            subject: head.told("mail-code-subject", &[("code", self.code.as_str().into())]),
            opening: vec![head.told(self.purpose.key(), &[])],
            press: None,
            code: Some(&self.code),
            closing: vec![
                head.told("mail-code-works", &[("minutes", self.minutes.into())]),
                head.say("mail-code-secret"),
            ],
            facts_title: head.say("mail-asked"),
            facts: head.facts(),
            advice: head.told("mail-code-not-you", &[]),
            link: None,
        }
        .letter()
    }

    /// As a text message. Its last line binds the code to the host: phones that know the format offer it there only.
    pub fn text_message(&self) -> String {
        let words = self.head.told(
            "mail-text-message",
            &[("code", self.code.as_str().into()), ("minutes", self.minutes.into())],
        );
        // The format knows hosts only, no ports.
        let host = match self.head.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.head.host,
        };
        format!("{words}\n\n@{host} #{}", self.code)
    }
}

#[cfg(test)]
mod tests;
