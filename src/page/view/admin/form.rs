//! The form of a person: to make one, and to change one.

use askama::Template;

use super::AdminDesk;
use crate::page::view::Frame;

/// The form of a person, with what was typed.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_form.html")]
pub struct AdminForm {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// What it is for.
    pub kind: AdminFormKind,
    /// The name to sign in with.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// The mail address.
    pub email: String,
    /// The mobile number.
    pub phone: String,
    /// The groups, with commas between them.
    pub groups: String,
    /// Groups a tenant's administrator may give; empty: any.
    pub own_groups: Vec<String>,
}

/// What the form is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminFormKind {
    /// Making somebody.
    Create,
    /// Changing somebody; the name stays.
    Edit,
}

impl AdminForm {
    fn heading(&self) -> String {
        match self.kind {
            AdminFormKind::Create => self.frame.say("admin-new"),
            AdminFormKind::Edit => self.frame.with("admin-edit-title", "name", self.name.as_str()),
        }
    }

    fn is_new(&self) -> bool {
        self.kind == AdminFormKind::Create
    }
}
