//! Setting a password with a link that was mailed.

use askama::Template;

use super::{Frame, Moment, PasswordError, PasswordLength};
use crate::domain::time::Timestamp;

/// Posts `new_password`, `token`, `csrf` (and a `username` for password managers, to be ignored) to `invitation`.
#[derive(Clone, Debug, Template)]
#[template(path = "invitation.html")]
pub struct SetPassword {
    /// What all pages share.
    pub frame: Frame,
    /// What the link carries.
    pub token: String,
    /// The name to sign in with.
    pub username: String,
    /// Whether there was no password before.
    pub is_first: bool,
    /// What is asked of one.
    pub length: PasswordLength,
    /// When the link is over.
    pub ends: Timestamp,
    /// Why none was set.
    pub error: Option<PasswordError>,
}

impl SetPassword {
    fn new_invalid(&self) -> bool {
        self.error.is_some_and(PasswordError::is_about_new)
    }

    fn lead_key(&self) -> &'static str {
        if self.is_first { "invitation-lead" } else { "invitation-lead-again" }
    }
}

/// It is set; signing in is next.
#[derive(Clone, Debug, Template)]
#[template(path = "invitation_done.html")]
pub struct PasswordSet {
    /// What all pages share.
    pub frame: Frame,
    /// The name to sign in with.
    pub username: String,
}

/// A link that was used, is over, or never was one.
#[derive(Clone, Debug, Template)]
#[template(path = "invitation_spent.html")]
pub struct InvitationSpent {
    /// What all pages share.
    pub frame: Frame,
}
