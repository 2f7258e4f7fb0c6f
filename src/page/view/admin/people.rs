//! Everybody: a search, and a page of those who fit it.

use askama::Template;

use super::AdminDesk;
use crate::page::view::Frame;

/// The list of people.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_people.html")]
pub struct AdminPeople {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// What is searched for.
    pub query: String,
    /// How many people fit.
    pub total: usize,
    /// Those of this page.
    pub rows: Vec<AdminPersonRow>,
    /// Whether this is not the first page.
    pub is_later: bool,
    /// After whom the next page begins.
    pub next: Option<String>,
    /// Whether people may be made.
    pub may_create: bool,
    /// Whether those without a password may be invited.
    pub may_invite: bool,
    /// Whether many may be made at once.
    pub may_import: bool,
}

impl AdminPeople {
    fn heading(&self) -> String {
        self.frame.say("admin-people")
    }
}

/// Somebody in the list.
#[derive(Clone, Debug)]
pub struct AdminPersonRow {
    /// The name to sign in with.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// The mail address.
    pub email: String,
    /// Their groups, in one line.
    pub groups: String,
    /// Whether they are refused everywhere.
    pub disabled: bool,
    /// Whether they have a second factor.
    pub enrolled: bool,
    /// Whether they are of a file.
    pub read_only: bool,
}
