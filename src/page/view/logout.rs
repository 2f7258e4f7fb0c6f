//! Signing out, and having signed out.

use askama::Template;

use super::Frame;

/// Two buttons, each posting `csrf`, `return_to` and `scope` (`here` or `everywhere`) to `logout`.
#[derive(Clone, Debug, Template)]
#[template(path = "logout.html")]
pub struct Logout {
    /// What all pages share; `signed_in_as` names the visitor.
    pub frame: Frame,
    /// Where "Stay signed in" leads, and where signing in again would.
    pub return_to: String,
}

/// The page after signing out.
#[derive(Clone, Debug, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut {
    /// What all pages share.
    pub frame: Frame,
    /// Whether every session was ended.
    pub everywhere: bool,
    /// Whether other accounts are signed in in this browser.
    pub others: bool,
    /// The portal where a sign-in may go on that lets one in here again: its title, and where one signs out there.
    pub home: Option<(String, String)>,
    /// Where "Sign in again" leads afterwards.
    pub return_to: String,
}
