//! Many people from a table.

use askama::Template;

use super::{AdminDesk, line_fault};
use crate::{domain::table::LineFault, page::view::Frame};

/// The form for a table and, after a dry run, what would become of each line.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_import.html")]
pub struct AdminImport {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// What was typed.
    pub csv: String,
    /// Whether those who are new may be invited by this administrator.
    pub may_invite: bool,
    /// What would become of it, or became.
    pub report: Option<AdminImportReport>,
}

impl AdminImport {
    fn heading(&self) -> String {
        self.frame.say("admin-import")
    }
}

/// What became of a table, or would.
#[derive(Clone, Debug)]
pub struct AdminImportReport {
    /// Whether it was only tried.
    pub is_trial: bool,
    /// How many people are new, changed, as they were, and refused.
    pub counts: [usize; 4],
    /// Line by line; what is refused comes first.
    pub rows: Vec<AdminImportRow>,
    /// Lines that are not shown.
    pub left_out: usize,
}

impl AdminImportReport {
    fn is_refused(&self) -> bool {
        self.counts[3] > 0
    }

    fn is_invitable(&self, may_invite: &bool) -> bool {
        *may_invite && !self.is_trial && self.counts[0] > 0
    }

    fn is_ready(&self) -> bool {
        self.is_trial && self.counts[3] == 0 && self.counts[0] + self.counts[1] > 0
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct AdminImportRow {
    /// Its number.
    pub line: u64,
    /// Who.
    pub name: String,
    /// What became of it.
    pub outcome: AdminImported,
}

/// What became of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminImported {
    /// Somebody new.
    Added,
    /// Somebody changed.
    Changed,
    /// Somebody as they were.
    Unchanged,
    /// It is refused, and why.
    Refused(Vec<LineFault>),
}

impl AdminImported {
    const fn key(&self) -> &'static str {
        match self {
            Self::Added => "admin-import-added",
            Self::Changed => "admin-import-changed",
            Self::Unchanged => "admin-import-unchanged",
            Self::Refused(_) => "admin-import-refused",
        }
    }

    /// Why it is refused.
    fn faults(&self, frame: &Frame) -> Vec<String> {
        match self {
            Self::Refused(faults) => faults.iter().map(|fault| line_fault(fault, frame)).collect(),
            Self::Added | Self::Changed | Self::Unchanged => Vec::new(),
        }
    }
}
