//! One person, with everything that may be done to them.

use askama::Template;

use super::{AdminDesk, told};
use crate::{
    domain::{identity::RequirementSource, time::Timestamp},
    page::view::{ContactRow, Frame, MethodRow, Moment, SessionRow},
};

/// Rows shown of a list; a second page of them nobody has asked for yet.
const ROWS: usize = 10;

/// One person. Buttons post `action` and, where it concerns one thing, `id`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_person.html")]
pub struct AdminPerson {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// The name to sign in with.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// The mail address.
    pub email: Option<String>,
    /// The mobile number.
    pub phone: Option<String>,
    /// Their groups, in one line.
    pub groups: String,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they are refused everywhere.
    pub disabled: bool,
    /// The group of theirs that is closed.
    pub closed_group: Option<String>,
    /// Whether one is closed whose name is not for this administrator.
    pub is_closed_by_others: bool,
    /// Whether they are of a file.
    pub read_only: bool,
    /// What is asked of them.
    pub requirement: AdminRequirement,
    /// Whose word that is.
    pub source: Option<RequirementSource>,
    /// Their own word, where it may be set here.
    pub own_word: AdminRequirement,
    /// The words that may be set.
    pub words: Vec<AdminRequirement>,
    /// Whether something stays as it is because the role `security` tightened it.
    pub held: bool,
    /// Apps and passkeys.
    pub methods: Vec<MethodRow>,
    /// Addresses and numbers that codes go to.
    pub contacts: Vec<ContactRow>,
    /// Recovery codes left.
    pub codes_left: u32,
    /// Trusted devices and addresses; `None`: this administrator does not see them.
    pub trusts: Option<Vec<AdminTrustRow>>,
    /// Open sessions.
    pub sessions: Vec<SessionRow>,
    /// What may be done.
    pub may: AdminMay,
}

impl AdminPerson {
    fn heading(&self) -> String {
        self.display_name.clone()
    }

    fn more(&self, rows: usize) -> Option<String> {
        let more = rows.checked_sub(ROWS).filter(|more| *more > 0)?;
        Some(self.frame.with("list-more", "more", more))
    }

    fn sourced(&self) -> String {
        match &self.source {
            None => self.frame.say("admin-source-others"),
            Some(RequirementSource::Everybody) => self.frame.say("admin-source-everybody"),
            Some(RequirementSource::Person) => self.frame.say("admin-source-person"),
            Some(RequirementSource::Group(group)) => {
                self.frame.with("admin-source-group", "group", group.as_str())
            }
            Some(RequirementSource::Administrators(group)) => {
                self.frame.with("admin-source-administrators", "group", group.as_str())
            }
        }
    }
}

told! {
    /// A word on the second factor, or none.
    AdminRequirement {
        /// Others decide.
        Unset = "unset", "admin-word-unset";
        /// Nobody asks.
        Off = "off", "admin-word-off";
        /// The visitor's own switch decides.
        Optional = "optional", "admin-word-optional";
        /// Always.
        Required = "required", "admin-word-required";
    }
}

impl AdminRequirement {
    /// What it is called where the file says it.
    pub(super) const fn file_key(self) -> &'static str {
        match self {
            Self::Unset => "admin-file-unset",
            word => word.key(),
        }
    }

    /// What it is called where administrators say it of a group.
    pub(super) const fn group_key(self) -> &'static str {
        match self {
            Self::Unset => "admin-word-file",
            word => word.key(),
        }
    }

    /// What it means for somebody it holds for.
    const fn asked_key(self) -> &'static str {
        match self {
            Self::Unset | Self::Off => "admin-asked-off",
            Self::Optional => "admin-asked-optional",
            Self::Required => "admin-asked-required",
        }
    }
}

/// A trusted device or address, of anybody.
#[derive(Clone, Debug)]
pub struct AdminTrustRow {
    /// What the buttons send.
    pub id: String,
    /// Whose, by name.
    pub person: String,
    /// The browser's name for itself, or the network.
    pub what: String,
    /// Whether it is an address.
    pub is_address: bool,
    /// When it was granted.
    pub granted: Timestamp,
    /// When it last stood in for a code.
    pub last_used: Timestamp,
    /// When it ends; `None`: when the password changes.
    pub ends: Option<Timestamp>,
}

/// What this administrator may do to this person.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct AdminMay {
    /// Change name, address, number and groups.
    pub edit: bool,
    /// Mail a link to set a password with.
    pub invite: bool,
    /// Refuse them.
    pub disable: bool,
    /// End that.
    pub enable: bool,
    /// Give them another name.
    pub rename: bool,
    /// Remove them.
    pub remove: bool,
    /// Set their own word on the second factor.
    pub require: bool,
    /// Remove every factor.
    pub reset: bool,
    /// Link an authenticator page.
    pub pair: bool,
    /// Forget wrong tries.
    pub unlock: bool,
    /// End trusts.
    pub trusts: bool,
    /// End sessions.
    pub sessions: bool,
}
