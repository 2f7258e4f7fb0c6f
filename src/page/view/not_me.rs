//! "Not me": what the link in a notice opens, what its button did, and a link that no longer works.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::time::Timestamp;

/// Says what the button will do: nothing has happened yet. Posts `token`, `csrf` to `not-me`.
#[derive(Clone, Debug, Template)]
#[template(path = "not_me.html")]
pub struct NotMe {
    /// What all pages share.
    pub frame: Frame,
    /// What the link carries.
    pub token: String,
    /// When it is over.
    pub ends: Timestamp,
    /// Whether the form was not taken because its own token is missing or old.
    pub is_stale: bool,
}

/// Everything of the person has ended; what to do next.
#[derive(Clone, Debug, Template)]
#[template(path = "not_me_done.html")]
pub struct NotMeDone {
    /// What all pages share.
    pub frame: Frame,
}

impl NotMeDone {
    /// Where to look for what is not theirs.
    fn account(&self) -> String {
        format!("{}account", self.frame.prefix)
    }
}

/// A link that was used, is over, or never was one.
#[derive(Clone, Debug, Template)]
#[template(path = "not_me_spent.html")]
pub struct NotMeSpent {
    /// What all pages share.
    pub frame: Frame,
}
