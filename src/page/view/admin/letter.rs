//! The letter with a link to set a password, before it is sent.

use askama::Template;

use super::AdminDesk;
use crate::page::view::Frame;

/// The letter as it would be, and the button that sends it.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_letter.html")]
pub struct AdminLetter {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// To whom.
    pub whom: AdminInvited,
    /// The letter, of several the first; none where nobody could get it.
    pub letter: Option<AdminLetterText>,
    /// Where the link may lead: names and titles of portals.
    pub portals: Vec<(String, String)>,
    /// Where it leads: the name of one of them.
    pub portal: String,
}

/// Who gets a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminInvited {
    /// Somebody, by the name to sign in with.
    One(String),
    /// Those who have no password yet and wait for no letter.
    Waiting {
        /// What people call them.
        names: Vec<String>,
        /// Whether there are more, for the next time.
        is_more: bool,
    },
}

impl AdminLetter {
    fn heading(&self) -> String {
        match &self.whom {
            AdminInvited::One(name) => self.frame.with("admin-invite-title", "name", name.as_str()),
            AdminInvited::Waiting { .. } => self.frame.say("admin-invite-all"),
        }
    }

    /// The name to sign in with of the one who gets it.
    fn one(&self) -> Option<&str> {
        match &self.whom {
            AdminInvited::One(name) => Some(name),
            AdminInvited::Waiting { .. } => None,
        }
    }
}

/// What a letter says.
#[derive(Clone, Debug)]
pub struct AdminLetterText {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text; its link is none that works.
    pub text: String,
}
