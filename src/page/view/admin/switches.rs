//! Groups and portals: what is asked, and whether anybody signs in.

use askama::Template;

use super::{AdminDesk, AdminRequirement};
use crate::page::view::Frame;

/// The list of groups.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_groups.html")]
pub struct AdminGroups {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// Those of this page, by name.
    pub rows: Vec<AdminGroupRow>,
    /// Whether this is not the first page.
    pub is_later: bool,
    /// After which the next page begins.
    pub next: Option<String>,
}

impl AdminGroups {
    fn heading(&self) -> String {
        self.frame.say("admin-groups")
    }
}

/// A group.
#[derive(Clone, Debug)]
pub struct AdminGroupRow {
    /// Its name.
    pub name: String,
    /// People in it.
    pub people: usize,
    /// The word of administrators.
    pub own_word: AdminRequirement,
    /// The word of the file.
    pub of_file: AdminRequirement,
    /// What counts.
    pub in_force: AdminRequirement,
    /// Whether administrators closed it.
    pub closed: bool,
    /// Whether the file does.
    pub closed_by_file: bool,
}

/// One group, to be changed.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_group.html")]
pub struct AdminGroup {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// It, as it is.
    pub row: AdminGroupRow,
    /// Whether it may be changed.
    pub may_set: bool,
    /// The words that may be set.
    pub words: Vec<AdminRequirement>,
    /// Whether it may be opened.
    pub may_open: bool,
}

impl AdminGroup {
    fn heading(&self) -> String {
        self.frame.with("admin-group-title", "name", self.row.name.as_str())
    }
}

/// The list of portals.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_portals.html")]
pub struct AdminPortals {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// In the order of the file.
    pub rows: Vec<AdminPortalRow>,
    /// Whether they may be opened and closed.
    pub may_set: bool,
}

impl AdminPortals {
    fn heading(&self) -> String {
        self.frame.say("admin-portals")
    }
}

/// A portal.
#[derive(Clone, Debug)]
pub struct AdminPortalRow {
    /// Its name.
    pub name: String,
    /// What visitors call it.
    pub title: String,
    /// Its first host.
    pub host: String,
    /// Whether administrators closed it.
    pub closed: bool,
    /// Whether the file does.
    pub closed_by_file: bool,
}
