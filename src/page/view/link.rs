//! Signing in by a mailed link: the page that waits for it, the page it opens, and what may follow.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::time::Timestamp;

/// "A mail is on its way", whether or not there is anybody to send it to. Posts `code`, `csrf`, `return_to` to `link`.
#[derive(Clone, Debug, Template)]
#[template(path = "link_sent.html")]
pub struct LinkSent {
    /// What all pages share.
    pub frame: Frame,
    /// What was typed.
    pub typed: String,
    /// When link, sign-in and setting up are over.
    pub ends: Timestamp,
    /// Why the last code was not taken.
    pub error: Option<LinkError>,
    /// How many tries are left, once it is worth saying.
    pub tries_left: Option<u32>,
    /// Where to go afterwards.
    pub return_to: String,
}

/// Why a form of these pages was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// It is not the code that another device shows.
    WrongCode,
    /// The form's token is missing or old.
    FormExpired,
}

impl LinkError {
    const fn key(self) -> &'static str {
        match self {
            Self::WrongCode => "link-error-code",
            Self::FormExpired => "error-form",
        }
    }
}

impl LinkSent {
    fn minutes_left(&self) -> u64 {
        self.frame.now.until(self.ends).as_secs() / 60
    }

    fn invalid(&self) -> bool {
        self.error == Some(LinkError::WrongCode)
    }
}

/// Who asked for a link, so that its reader can tell whether it was them.
#[derive(Clone, Debug)]
pub struct AskedFor {
    /// When.
    pub at: Timestamp,
    /// From which address.
    pub address: String,
    /// In which browser, in a few words.
    pub agent: String,
}

impl AskedFor {
    fn moment(&self) -> Moment {
        Moment::full(self.at)
    }
}

/// What a link opens: nothing has happened yet. Posts `token`, `csrf` to `link`.
#[derive(Clone, Debug, Template)]
#[template(path = "link.html")]
pub struct Link {
    /// What all pages share.
    pub frame: Frame,
    /// What the link carries.
    pub token: String,
    /// Who asked for it.
    pub asked: AskedFor,
    /// When link, sign-in and setting up are over.
    pub ends: Timestamp,
    /// Which browser it was opened in.
    pub opened: Opened,
    /// Why the button did not work.
    pub error: Option<LinkError>,
}

/// In which browser a link was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// The one that asked for it.
    Here,
    /// Another one.
    Elsewhere,
}

impl Link {
    fn keys(&self) -> (&'static str, &'static str) {
        match self.opened {
            Opened::Here => ("link-press-here", "link-press-submit"),
            Opened::Elsewhere => ("link-press-elsewhere", "link-show-submit"),
        }
    }
}

/// The code for the browser that asked, shown in another one.
#[derive(Clone, Debug, Template)]
#[template(path = "link_code.html")]
pub struct LinkCode {
    /// What all pages share.
    pub frame: Frame,
    /// Six digits.
    pub code: String,
    /// Who asked for the link.
    pub asked: AskedFor,
    /// When it is over.
    pub ends: Timestamp,
}

/// A link that was used, replaced, is over, or never was one.
#[derive(Clone, Debug, Template)]
#[template(path = "link_spent.html")]
pub struct LinkSpent {
    /// What all pages share.
    pub frame: Frame,
    /// Where to go after starting again.
    pub return_to: String,
}
