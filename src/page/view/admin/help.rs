//! Requests for help, and the page on which one is answered.

use askama::Template;

use super::AdminDesk;
use crate::{
    domain::time::Timestamp,
    page::view::{Frame, Moment},
};

/// The list of requests.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_help.html")]
pub struct AdminHelp {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// Whether those that were answered are among them.
    pub all: bool,
    /// Newest first.
    pub rows: Vec<AdminHelpRow>,
    /// How many there are.
    pub total: usize,
    /// Whether this is not the first page.
    pub is_later: bool,
    /// The next page, if there is one.
    pub next: Option<usize>,
}

impl AdminHelp {
    fn heading(&self) -> String {
        self.frame.say("admin-help")
    }
}

/// A request for help.
#[derive(Clone, Debug)]
pub struct AdminHelpRow {
    /// Its id.
    pub id: String,
    /// What the visitor was told.
    pub reference: String,
    /// Who asks, by name.
    pub person: String,
    /// At which portal.
    pub portal: String,
    /// The path that is asked for; `None`: a reset of the second factor.
    pub path: Option<String>,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
    /// When.
    pub asked: Timestamp,
    /// The answer, if there is one.
    pub answer: Option<AdminHelpAnswer>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct AdminHelpAnswer {
    /// Whether it was granted.
    pub granted: bool,
    /// Who answered.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl AdminHelpRow {
    fn wish_key(&self) -> &'static str {
        match self.path {
            None => "admin-wish-second-factor",
            Some(_) => "admin-wish-access",
        }
    }

    fn state_key(&self) -> &'static str {
        match &self.answer {
            None => "admin-help-open",
            Some(answer) if answer.granted => "admin-help-granted",
            Some(_) => "admin-help-refused",
        }
    }
}

/// One request.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_request.html")]
pub struct AdminRequest {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// It.
    pub row: AdminHelpRow,
    /// Whether it may be answered.
    pub may_answer: bool,
    /// What was typed as the reason.
    pub reason: String,
}

impl AdminRequest {
    fn heading(&self) -> String {
        self.frame.with("admin-request-title", "reference", self.row.reference.as_str())
    }
}
