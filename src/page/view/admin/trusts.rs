//! Trusted devices and addresses of everybody.

use askama::Template;

use super::{AdminDesk, AdminTrustRow};
use crate::page::view::{Frame, Moment};

/// The list of trusts. Buttons post `action` and `id`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_trusts.html")]
pub struct AdminTrusts {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// Whose are shown; empty: everybody's.
    pub user: String,
    /// How many there are.
    pub total: usize,
    /// Those of this page, newest first, each with whether it may be removed.
    pub rows: Vec<(AdminTrustRow, bool)>,
    /// The page after this one.
    pub next: Option<usize>,
    /// Whether this is not the first page.
    pub is_later: bool,
    /// Whether all of them may be removed at once.
    pub may_remove_all: bool,
    /// Whether these are what fits a text, not all there are of somebody.
    pub is_search: bool,
}

impl AdminTrusts {
    fn heading(&self) -> String {
        self.frame.say("admin-trusts")
    }

    fn removes(&self) -> bool {
        self.rows.iter().any(|(_, removable)| *removable)
    }
}
