//! Asking administrators for access to a page.

use askama::Template;

use super::Frame;

/// What is asked for, with the button that asks; or, once it did, the reference.
#[derive(Clone, Debug, Template)]
#[template(path = "access.html")]
pub struct AskAccess {
    /// What all pages share; `signed_in_as` names who asks.
    pub frame: Frame,
    /// The path that was refused.
    pub path: String,
    /// The same with its query, as the form carries it.
    pub return_to: String,
    /// How far it is.
    pub asking: Asking,
}

/// How far a request is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asking {
    /// The button was not pressed.
    Now,
    /// It was: what the request is called.
    Filed(String),
}
