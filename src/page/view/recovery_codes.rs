//! The page that shows new recovery codes, once.

use askama::Template;

use super::{Frame, Moment};

/// Shows the codes and a link on; posts nothing.
#[derive(Clone, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodes {
    /// What all pages share.
    pub frame: Frame,
    /// Whose codes they are, printed above them.
    pub username: String,
    /// The codes, grouped as they are to be typed.
    pub codes: Vec<String>,
    /// Where "Continue" leads.
    pub continue_to: String,
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecoveryCodes").field("username", &self.username).finish_non_exhaustive()
    }
}
