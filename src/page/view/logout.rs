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
    /// Where "Sign in again" leads afterwards.
    pub return_to: String,
}
