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
    /// To whom, by the name to sign in with.
    pub name: String,
    /// The letter; none where nobody could get it.
    pub letter: Option<AdminLetterText>,
}

impl AdminLetter {
    fn heading(&self) -> String {
        self.frame.with("admin-invite-title", "name", self.name.as_str())
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
