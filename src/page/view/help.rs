//! Asking administrators for a reset of the second factor.

use askama::Template;

use super::{Asking, Frame};

/// What asking does, with the button that asks; or, once it did, the reference. Posts `csrf`, `return_to` to `help`.
#[derive(Clone, Debug, Template)]
#[template(path = "help.html")]
pub struct AskReset {
    /// What all pages share.
    pub frame: Frame,
    /// Who is signing in.
    pub username: String,
    /// Where to go after signing in.
    pub return_to: String,
    /// How far it is.
    pub asking: Asking,
}
