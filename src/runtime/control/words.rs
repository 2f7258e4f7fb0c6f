//! What is said over the control socket: one JSON object per line, a [`Request`] in, an [`Answer`] out.
//!
//! Scripts may speak it too: add verbs and fields, never rename or remove one.

mod office;

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize, de};

pub use self::office::{
    AuditFound, AuditSearch, BreakGlassCode, DayCount, GroupLine, HelpLine, ImportLine, ImportReport,
    Imported, LetterPreview, NewPerson, PeopleFound, PeopleSearch, PersonChange, PortalLine, PrintedCode,
    TableFormat, Word, overview_since,
};
use crate::domain::{identity::Requirement, kept::Unkeepable, time::Timestamp, token::RecordId};

/// What is asked: `{"verb":"trust_list","user":"anna"}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Read the file again. Only a running server can.
    Reload,
    /// How the server is. Only a running server knows.
    Status,
    /// Trusted devices and addresses: one person's, or everybody's.
    TrustList {
        /// Whose.
        user: Option<String>,
    },
    /// Remove trusts.
    TrustRevoke(Which),
    /// Open sessions: one person's, or everybody's.
    SessionList {
        /// Whose.
        user: Option<String>,
    },
    /// End sessions.
    SessionRevoke(Which),
    /// Everybody the directory knows.
    UserList,
    /// Everything about one person.
    UserShow {
        /// Who.
        user: String,
    },
    /// Forget the wrong tries counted against a person.
    UserUnlock {
        /// Who.
        user: String,
    },
    /// Link the authenticator page that shows a number to a person.
    UserPair {
        /// Who.
        user: String,
        /// What the page shows.
        number: String,
    },
    /// Remove every factor, recovery code, trust and session of a person.
    UserResetSecondFactor {
        /// Who.
        user: String,
        /// Why, for the audit log.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Make a code that stands in, once and for ten minutes, for the second factor of who lost it. Only on the machine itself.
    UserBreakGlass {
        /// Who.
        user: String,
        /// Why, for the audit log.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// People who fit a search, a page at a time.
    UserSearch(PeopleSearch),
    /// Make a person in the store.
    UserAdd(NewPerson),
    /// Change a person of the store.
    UserSet {
        /// Who.
        user: String,
        /// What.
        change: PersonChange,
    },
    /// Give a person of the store another name to sign in with. Sessions, trusts, PINs, recovery codes and open links end.
    UserRename {
        /// Who.
        user: String,
        /// The name from now on.
        name: String,
    },
    /// Remove a person of the store, and everything kept about them but the audit log.
    UserRemove {
        /// Who.
        user: String,
    },
    /// Make and change people of the store from a table: all of its lines, or none if one is refused.
    UserImport {
        /// The table.
        csv: String,
        /// Whether only to tell what would be done.
        dry_run: bool,
        /// What it is.
        #[serde(default)]
        format: TableFormat,
        /// Whether Apache's MD5 hashes are taken.
        #[serde(default)]
        apr1: bool,
        /// What comes behind the name in the address of somebody new who has none in the table.
        #[serde(default)]
        email_domain: Option<String>,
    },
    /// Mail a link to set a password with.
    UserInvite {
        /// Who.
        user: String,
        /// At which portal the link is opened; the first one where it is left out.
        portal: Option<String>,
        /// Whether only to show the letter.
        #[serde(default)]
        preview: bool,
    },
    /// Mail such a link to each of those who were made here, have no password, and wait for none.
    UserInviteWaiting {
        /// At which portal the links are opened; the first one where it is left out.
        portal: Option<String>,
        /// Whether only to tell who they are.
        #[serde(default)]
        preview: bool,
    },
    /// Groups and what is asked of them.
    GroupList,
    /// Say what is asked of a group, beside the file.
    GroupSet {
        /// Which.
        group: String,
        /// The word on the second factor.
        second_factor: Option<Word>,
        /// Whether nobody of it signs in.
        closed: Option<bool>,
    },
    /// Portals and whether they are open.
    PortalList,
    /// Open or close a portal, beside the file.
    PortalSet {
        /// Which, by name.
        portal: String,
        /// Whether nobody gets in.
        closed: bool,
    },
    /// Requests for help, newest first: those that wait, or all.
    HelpList {
        /// Also those that were answered.
        #[serde(default)]
        all: bool,
    },
    /// Answer a request for help. Granting one for a second factor resets it; access is given elsewhere.
    HelpAnswer {
        /// Its id or its reference.
        request: String,
        /// Whether it is granted.
        grant: bool,
        /// Why: the visitor reads it.
        reason: String,
    },
    /// Events of the audit log.
    AuditList(AuditSearch),
    /// How often what happened in the last days, today included.
    Overview {
        /// How many days; 30 at most.
        days: u64,
    },
}

impl Request {
    /// An import of a table (CSV) without password hashes.
    pub const fn import_table(csv: String, dry_run: bool) -> Self {
        Self::UserImport { csv, dry_run, format: TableFormat::Csv, apr1: false, email_domain: None }
    }
}

/// Which records a command is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "which", rename_all = "snake_case")]
pub enum Which {
    /// One, by its id.
    One {
        /// As lists show it.
        id: RecordId,
    },
    /// All of one person.
    Of {
        /// Whose.
        user: String,
    },
    /// Everybody's.
    Everybodys,
}

/// What comes back: `{"trusts":[…]}`, or `{"refused":{"kind":"…","message":"…"}}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The file is in force.
    Reloaded(ReloadReport),
    /// How the server is.
    Status(StatusReport),
    /// Trusted devices and addresses, newest first.
    Trusts(Vec<TrustLine>),
    /// Open sessions, newest first.
    Sessions(Vec<SessionLine>),
    /// People, by name.
    People(Vec<PersonLine>),
    /// One person.
    Person(Box<PersonCard>),
    /// A page of people, by name.
    Found(PeopleFound),
    /// What an import did.
    Imported(ImportReport),
    /// A letter that was not sent.
    Letter(LetterPreview),
    /// Groups, by name.
    Groups(Vec<GroupLine>),
    /// Portals, in the order of the file.
    Portals(Vec<PortalLine>),
    /// Requests for help, newest first.
    Help(Vec<HelpLine>),
    /// Events, newest first.
    Events(AuditFound),
    /// Counts of days.
    Counts(Vec<DayCount>),
    /// A code to hand over.
    BreakGlass(BreakGlassCode),
    /// Something was changed.
    Changed(Change),
    /// Nothing was changed, and why.
    Refused(Refusal),
}

/// What a reload did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ReloadReport {
    /// Warnings about the file, drawn for a person; empty if there are none.
    pub warnings: String,
    /// Keys whose change takes effect only after a restart.
    pub needs_restart: Vec<String>,
    /// Sessions that ended because person, password or portal changed.
    pub sessions_ended: usize,
    /// Trusts that ended likewise.
    pub trusts_ended: usize,
}

/// How a running server is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatusReport {
    /// Version of the program.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The file it runs on.
    pub config: String,
    /// Since when it runs.
    pub started: Moment,
    /// How long that is.
    pub uptime_seconds: u64,
    /// Open sessions.
    pub sessions: usize,
    /// Portals in force.
    pub portals: Vec<String>,
    /// The last reload, if there was one.
    pub last_reload: Option<LastReload>,
}

/// How the last reload ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastReload {
    /// When.
    pub at: Moment,
    /// Whether the file was taken over.
    pub accepted: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it changed that takes effect only after a restart.
    #[serde(default)]
    pub needs_restart: Vec<String>,
}

/// A trusted device or address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustLine {
    /// Names it.
    pub id: RecordId,
    /// Which of both.
    pub kind: TrustKind,
    /// Whose.
    pub user: String,
    /// The browser's name for itself, or the network.
    pub what: String,
    /// How far an address reaches: `user`, `portal` or `everyone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The portal an address was trusted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    /// When it was granted.
    pub granted: Moment,
    /// When it last waived a code.
    pub last_used: Moment,
    /// When it ends; none where that is when the password changes.
    pub expires: Option<Moment>,
}

/// What waives a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustKind {
    /// A browser.
    Device,
    /// A network.
    Address,
}

/// An open session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionLine {
    /// Names it.
    pub id: RecordId,
    /// Whose.
    pub user: String,
    /// Where.
    pub portal: String,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// The second factor shown in it, if any.
    pub second_factor: Option<String>,
    /// When it was opened.
    pub opened: Moment,
    /// When it was last used.
    pub last_used: Moment,
    /// When it ends, however much it is used.
    pub ends: Moment,
}

/// A person in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonLine {
    /// The name to sign in with.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Refused everywhere.
    pub disabled: bool,
    /// Whether a second factor is asked.
    pub second_factor: Requirement,
    /// Whether an app is linked.
    pub enrolled: bool,
    /// Whether the person comes from a file, which only its operator changes.
    #[serde(default)]
    pub of_file: bool,
    /// Whether the person has a password.
    #[serde(default)]
    pub has_password: bool,
}

/// Everything about a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonCard {
    /// As in a list.
    #[serde(flatten)]
    pub person: PersonLine,
    /// Whose word the requirement is.
    pub second_factor_by: String,
    /// Of what kind the password's hash is, if there is one.
    #[serde(default)]
    pub password_kind: Option<String>,
    /// Whether another one takes its place at the next sign-in.
    #[serde(default)]
    pub password_is_old: bool,
    /// Until when a link to set a password works that was mailed to them.
    #[serde(default)]
    pub invited_until: Option<Moment>,
    /// A group of theirs nobody of which signs in at present.
    #[serde(default)]
    pub closed_group: Option<String>,
    /// The person's own switch, which counts where the requirement is `optional`.
    pub wants_second_factor: bool,
    /// Linked apps.
    pub apps: Vec<AppLine>,
    /// Unused recovery codes.
    pub recovery_codes_left: u32,
    /// Trusted devices and addresses.
    pub trusts: Vec<TrustLine>,
    /// Open sessions.
    pub sessions: Vec<SessionLine>,
}

/// A linked authenticator app.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppLine {
    /// What the person calls it.
    pub label: String,
    /// When it was linked.
    pub added: Moment,
    /// When it last let the person in.
    pub last_used: Option<Moment>,
}

/// What a change did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Change {
    /// In a sentence.
    pub message: String,
    /// Sessions that ended.
    pub sessions: usize,
    /// Trusts that ended.
    pub trusts: usize,
}

/// Why nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// For scripts.
    pub kind: RefusalKind,
    /// For people.
    pub message: String,
    /// What was wrong with what was written about a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<Unkeepable>,
}

/// What stood in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The line is no request, or of a newer version.
    Request,
    /// The file has problems.
    Configuration,
    /// Tests of the file fail.
    PolicyTests,
    /// There is no such person or record.
    NotFound,
    /// There is no room for another.
    Full,
    /// What was written cannot be kept.
    Invalid,
    /// Somebody else has the name or the address.
    Taken,
    /// The person comes from a file, which only its operator changes.
    ReadOnly,
    /// Nobody would be left who may do everything.
    LastAdministrator,
    /// Something else was changed since it was judged who may do what.
    Meanwhile,
    /// The role security tightened it, and nobody else loosens that.
    Tightened,
    /// It is answered, over or sent already.
    Settled,
    /// Nobody took the letter.
    NotSent,
    /// Too many letters went out already.
    TooMany,
    /// The store does not answer.
    Store,
    /// Only a running server can do this.
    NoServer,
}

impl Answer {
    /// A refusal.
    pub fn refused(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { kind, message: message.into(), wrong: Vec::new() })
    }
}

/// A moment, written as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.unix()) {
            Ok(at) => at.fmt(f),
            Err(_) => f.write_str("-"),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at: jiff::Timestamp = text.parse().map_err(de::Error::custom)?;
        Ok(Self(Timestamp::from_unix(at.as_second())))
    }
}
