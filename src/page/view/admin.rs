//! The administrators' pages: what all of them share.
//!
//! Every page is a list with a way into each row, or one thing with what may be done to it. What the administrator may not do
//! is not on the page; `web/admin` refuses it all the same.

mod confirm;
mod form;
mod help;
mod import;
mod letter;
mod people;
mod person;
mod records;
mod switches;
mod trusts;

pub use confirm::{AdminAsked, AdminConfirm};
pub use form::{AdminForm, AdminFormKind};
pub use help::{AdminHelp, AdminHelpAnswer, AdminHelpRow, AdminRequest};
pub use import::{AdminImport, AdminImportReport, AdminImportRow, AdminImported};
pub use letter::{AdminInvited, AdminLetter, AdminLetterText};
pub use people::{AdminPeople, AdminPersonRow};
pub use person::{AdminMay, AdminPerson, AdminRequirement, AdminTrustRow};
pub use records::{AdminAudit, AdminEventRow, AdminFilter, AdminOverview, AdminSeries};
pub use switches::{AdminGroup, AdminGroupRow, AdminGroups, AdminPortalRow, AdminPortals};
pub use trusts::AdminTrusts;

use super::Frame;
use crate::domain::{
    kept::Unkeepable,
    table::{COLUMNS, LineFault, MOST_LINES, TableFault},
};

/// What stands around an administrators' page, inside its frame.
#[derive(Clone, Debug)]
pub struct AdminDesk {
    /// The pages there are for this administrator.
    pub rooms: Vec<AdminRoom>,
    /// Where this page belongs.
    pub here: AdminRoom,
    /// What was just done.
    pub done: Option<AdminDone>,
    /// What could not be done, and why.
    pub errors: Vec<AdminError>,
}

/// A page that is always at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminRoom {
    /// Everybody.
    People,
    /// Groups.
    Groups,
    /// Portals.
    Portals,
    /// Trusted devices and addresses.
    Trusts,
    /// Requests for help.
    Help,
    /// The audit log.
    Audit,
    /// The numbers of the last days.
    Overview,
}

impl AdminRoom {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::People, Self::Groups, Self::Portals, Self::Trusts, Self::Help, Self::Audit, Self::Overview];

    /// Its address under the prefix.
    pub const fn path(self) -> &'static str {
        match self {
            Self::People => "admin",
            Self::Groups => "admin/groups",
            Self::Portals => "admin/portals",
            Self::Trusts => "admin/trusts",
            Self::Help => "admin/help",
            Self::Audit => "admin/audit",
            Self::Overview => "admin/overview",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::People => "admin-people",
            Self::Groups => "admin-groups",
            Self::Portals => "admin-portals",
            Self::Trusts => "admin-trusts",
            Self::Help => "admin-help",
            Self::Audit => "admin-audit",
            Self::Overview => "admin-overview",
        }
    }
}

/// Gives an enum its words in addresses and its keys in the locales.
macro_rules! told {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal, $key:literal;)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in addresses and forms.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }
    };
}
pub(super) use told;

told! {
    /// What was just done.
    AdminDone {
        /// Somebody was made.
        PersonAdded = "added", "admin-done-added";
        /// Somebody was changed.
        PersonChanged = "changed", "admin-done-changed";
        /// Somebody got another name.
        PersonRenamed = "renamed", "admin-done-renamed";
        /// Somebody was removed.
        PersonRemoved = "removed", "admin-done-removed";
        /// Somebody is refused from now on.
        Disabled = "disabled", "admin-done-disabled";
        /// Somebody is no longer refused.
        Enabled = "enabled", "admin-done-enabled";
        /// Somebody's own word on the second factor was set.
        RequirementSet = "requirement", "admin-done-requirement";
        /// Somebody's second factor was reset.
        Reset = "reset", "admin-done-reset";
        /// An authenticator page was linked.
        Paired = "paired", "admin-done-paired";
        /// Wrong tries were forgotten.
        Unlocked = "unlocked", "admin-done-unlocked";
        /// Trusts were removed.
        TrustsRemoved = "trusts", "admin-done-trusts";
        /// Sessions were ended.
        SessionsEnded = "sessions", "admin-done-sessions";
        /// A letter was sent.
        Invited = "invited", "admin-done-invited";
        /// Several letters were sent.
        AllInvited = "all-invited", "admin-done-all-invited";
        /// A group was changed.
        GroupSet = "group", "admin-done-group";
        /// A portal was closed.
        PortalClosed = "portal-closed", "admin-done-portal-closed";
        /// A portal was opened.
        PortalOpened = "portal-open", "admin-done-portal-open";
        /// A request for help was granted.
        Granted = "granted", "admin-done-granted";
        /// A request for help was refused.
        Refused = "refused", "admin-done-refused";
    }
}

/// What could not be done, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminError {
    /// Something about a person that cannot be kept.
    Unkeepable(Unkeepable),
    /// The person is of a file.
    ReadOnly,
    /// There would be no administrator left.
    LastAdministrator,
    /// Something else was changed at the same moment.
    Meanwhile,
    /// The role `security` tightened it, and nobody else loosens that.
    Tightened,
    /// The administrator may not do this, or not to this person.
    Forbidden,
    /// A reason is missing, too short or too long.
    NoReason,
    /// No authenticator page shows this number now.
    NoPage,
    /// There is no room for another app.
    Full,
    /// It is gone, or was never there.
    Gone,
    /// The mail server did not take a letter.
    NotSent,
    /// Too many letters went out already.
    TooManyLetters,
    /// No letter reaches the person.
    NoLetter,
    /// A text is no table.
    Table(TableFault),
    /// A line of a table is about somebody whom the administrator may not write.
    Line {
        /// Its number.
        line: u64,
        /// Who.
        name: String,
    },
    /// Something is not as it should be.
    Invalid,
    /// The store does not answer (503).
    Busy,
}

impl AdminError {
    /// In the words of the page.
    pub(crate) fn say(&self, frame: &Frame) -> String {
        let key = match self {
            Self::Unkeepable(wrong) => return unkeepable(wrong, frame),
            Self::Table(fault) => return unreadable(fault, frame),
            Self::Line { line, name } => {
                let values = [("line", (*line).into()), ("name", name.as_str().into())];
                return frame.words.with("admin-error-line", &values);
            }
            Self::NotSent => "admin-error-not-sent",
            Self::TooManyLetters => "admin-error-too-many-letters",
            Self::NoLetter => "admin-error-no-letter",
            Self::ReadOnly => "admin-error-read-only",
            Self::LastAdministrator => "admin-error-last",
            Self::Meanwhile => "admin-error-meanwhile",
            Self::Tightened => "admin-error-tightened",
            Self::Forbidden => "admin-error-forbidden",
            Self::NoReason => "admin-error-reason",
            Self::NoPage => "admin-error-page",
            Self::Full => "admin-error-full",
            Self::Gone => "admin-error-gone",
            Self::Invalid => "admin-error-invalid",
            Self::Busy => "error-busy",
        };
        frame.say(key)
    }
}

fn unkeepable(wrong: &Unkeepable, frame: &Frame) -> String {
    match wrong {
        Unkeepable::NoName => frame.say("admin-wrong-no-name"),
        Unkeepable::BadName => frame.say("admin-wrong-name"),
        Unkeepable::NoEmail => frame.say("admin-wrong-no-email"),
        Unkeepable::BadEmail(text) => frame.with("admin-wrong-email", "text", text.as_str()),
        Unkeepable::NameTaken(text) => frame.with("admin-wrong-name-taken", "text", text.as_str()),
        Unkeepable::EmailTaken(text) => frame.with("admin-wrong-email-taken", "text", text.as_str()),
        Unkeepable::BadPhone(text) => frame.with("admin-wrong-phone", "text", text.as_str()),
        Unkeepable::BadGroup(text) => frame.with("admin-wrong-group", "text", text.as_str()),
        Unkeepable::TooManyGroups => frame.say("admin-wrong-groups"),
    }
}

fn unreadable(fault: &TableFault, frame: &Frame) -> String {
    match fault {
        TableFault::NoName => frame.with("admin-table-no-name", "columns", COLUMNS.join(", ")),
        TableFault::Stray { name } => {
            let values = [("name", name.as_str().into()), ("columns", COLUMNS.join(", ").into())];
            frame.words.with("admin-table-stray", &values)
        }
        TableFault::Twice(name) => frame.with("admin-table-twice", "name", name.as_str()),
        TableFault::Passwords(name) => frame.with("admin-table-passwords", "name", name.as_str()),
        TableFault::Hashes => frame.say("admin-table-hashes"),
        TableFault::Empty => frame.say("admin-table-empty"),
        TableFault::TooLong => frame.with("admin-table-too-long", "most", MOST_LINES),
    }
}

/// What is wrong with a line of a table.
pub(super) fn line_fault(fault: &LineFault, frame: &Frame) -> String {
    match fault {
        LineFault::Person(wrong) => unkeepable(wrong, frame),
        LineFault::Cells { found, wanted } => {
            frame.words.with("admin-line-cells", &[("found", (*found).into()), ("wanted", (*wanted).into())])
        }
        LineFault::Word(text) => frame.with("admin-line-word", "text", text.as_str()),
        // Hashes are imported by the operator's command alone, where this is said in full.
        LineFault::Hash(_) => frame.say("admin-line-hash"),
        LineFault::NoAddress => frame.say("admin-wrong-no-email"),
        LineFault::Tightened => frame.say("admin-error-tightened"),
        LineFault::Twice => frame.say("admin-line-twice"),
    }
}
