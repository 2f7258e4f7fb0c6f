//! What administrators ask and are told of people, groups, portals, help requests and the audit log.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Moment;
use crate::domain::{
    audit::AuditEvent, identity::Requirement, kept::Draft, table::LineFault, time::Timestamp, token::RecordId,
};

/// A person to be made. Texts are checked when it is carried out.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The name to sign in with.
    pub name: String,
    /// What people call them; the name where it is empty.
    #[serde(default)]
    pub display_name: String,
    /// Mail address; required.
    pub email: String,
    /// Mobile number; none where it is empty.
    #[serde(default)]
    pub phone: String,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The person's own word on the second factor.
    #[serde(default)]
    pub second_factor: Option<Requirement>,
}

impl NewPerson {
    /// As the domain judges it.
    pub fn draft(&self) -> Draft {
        Draft {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            groups: self.groups.clone(),
            second_factor: self.second_factor,
        }
    }
}

/// What is changed of a person; what is left out stays.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PersonChange {
    /// What people call them.
    pub display_name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Mobile number; empty for none.
    pub phone: Option<String>,
    /// All groups, in place of those before.
    pub groups: Option<Vec<String>>,
    /// The person's own word on the second factor.
    pub second_factor: Option<Word>,
    /// Whether they are refused everywhere.
    pub disabled: Option<bool>,
}

/// A word on the second factor, or none at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// No word: others decide.
    Unset,
    /// Nobody asks.
    Off,
    /// The visitor's own switch decides.
    Optional,
    /// Always.
    Required,
}

impl Word {
    /// The requirement it says, if it says one.
    pub const fn requirement(self) -> Option<Requirement> {
        match self {
            Self::Unset => None,
            Self::Off => Some(Requirement::Off),
            Self::Optional => Some(Requirement::Optional),
            Self::Required => Some(Requirement::Required),
        }
    }
}

/// Which people are looked for.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSearch {
    /// Part of a name, of what people call them, or of an address.
    pub text: String,
    /// In one of these groups; `None`: in any, or in none.
    pub groups: Option<Vec<String>>,
    /// Only those after this name.
    pub after: Option<String>,
    /// At most so many; 0 stands for 50.
    pub limit: usize,
}

/// One page of people, by name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeopleFound {
    /// The page.
    pub people: Vec<super::PersonLine>,
    /// How many there are in all.
    pub total: usize,
    /// What to ask for next, if there are more.
    pub next: Option<String>,
}

/// What an imported file is.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    /// A table (CSV, RFC 4180) whose first line names the columns.
    #[default]
    Csv,
    /// Names and password hashes, as Apache and nginx read them.
    Htpasswd,
}

impl TableFormat {
    /// What a text looks like.
    pub fn guess(text: &str) -> Self {
        if crate::runtime::control::htpasswd::is_one(text) { Self::Htpasswd } else { Self::Csv }
    }
}

/// What became of a line of an imported file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Imported {
    /// Somebody new.
    Added,
    /// Somebody who was there, with other words.
    Changed,
    /// Somebody who was there, as they are.
    Unchanged,
    /// Nothing can be made of it.
    Refused {
        /// Why, and what to do.
        why: String,
        /// The same, for whoever says it in other words.
        wrong: Vec<LineFault>,
    },
}

impl Imported {
    /// A line with these faults.
    pub fn refused(wrong: Vec<LineFault>) -> Self {
        let why: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        Self::Refused { why: why.join("; "), wrong }
    }
}

/// A line of an imported file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportLine {
    /// Its number; the line of names is the first.
    pub line: u64,
    /// Who.
    pub name: String,
    /// What became of it, or would.
    #[serde(flatten)]
    pub outcome: Imported,
}

/// What an import did, or would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportReport {
    /// Whether nothing was written: a dry run, or a line that was refused.
    pub nothing_written: bool,
    /// Line by line.
    pub lines: Vec<ImportLine>,
    /// Of how many people the table brings another password than they have: theirs stays.
    #[serde(default)]
    pub passwords_kept: usize,
    /// How many people get an old hash, until they sign in.
    #[serde(default)]
    pub old_hashes: usize,
}

impl ImportReport {
    /// How many lines came to this.
    pub fn count(&self, is: impl Fn(&Imported) -> bool) -> usize {
        self.lines.iter().filter(|line| is(&line.outcome)).count()
    }
}

/// A code that stands in for a second factor, once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BreakGlassCode {
    /// Whose, by name.
    pub user: String,
    /// The code, which nothing else ever tells.
    pub code: PrintedCode,
    /// When it is over.
    pub ends: Moment,
    /// Whether the person has a password, which is asked first.
    pub has_password: bool,
}

/// A code to be printed. Says nothing of itself where it is logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PrintedCode(pub String);

impl std::fmt::Debug for PrintedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrintedCode(…)")
    }
}

/// A letter before it is sent, or as it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LetterPreview {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text; the link in it is none that works.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// A group and what is asked of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GroupLine {
    /// Its name.
    pub name: String,
    /// People in it.
    pub people: usize,
    /// The word of the file.
    pub of_file: Option<Requirement>,
    /// The word of administrators.
    pub of_administrators: Option<Requirement>,
    /// The strictest of both and of the word for everybody: what counts for who has no word of their own.
    pub in_force: Requirement,
    /// Whether the file says that nobody of it signs in.
    pub closed_by_file: bool,
    /// Whether administrators say so.
    pub closed: bool,
    /// What the role security asks for at least; nobody else goes below.
    #[serde(default)]
    pub least: Option<Requirement>,
    /// Whether the role security closed it; nobody else opens it.
    #[serde(default)]
    pub closed_by_security: bool,
}

/// A portal and whether it is open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PortalLine {
    /// Its name.
    pub name: String,
    /// What visitors call it.
    pub title: String,
    /// Its first host.
    pub host: String,
    /// Whether the file closes it.
    pub closed_by_file: bool,
    /// Whether administrators closed it.
    pub closed: bool,
}

/// A request for help.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HelpLine {
    /// Its id.
    pub id: RecordId,
    /// What the visitor was told: `K7M4-2QXP`.
    pub reference: String,
    /// Who asks, by name.
    pub user: String,
    /// At which portal.
    pub portal: String,
    /// `second_factor` or `access`.
    pub wish: String,
    /// To what, with `access`.
    pub path: Option<String>,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// When.
    pub asked: Moment,
    /// Whether it was granted, if it was answered.
    pub granted: Option<bool>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub answered: Option<Moment>,
}

/// Which events are looked for. Everything that is named must hold.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSearch {
    /// About whom, as typed.
    pub user: Option<String>,
    /// About one of these people, by id; `None`: about anybody.
    pub people: Option<Vec<String>>,
    /// Of which kind.
    pub kind: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// At which portal.
    pub portal: Option<String>,
    /// Not before this moment, in Unix seconds.
    pub since: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// Only those before the event with this number.
    pub before: Option<u64>,
    /// At most so many; 0 stands for 50.
    pub limit: usize,
}

/// Events, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditFound {
    /// The page.
    pub events: Vec<AuditEvent>,
    /// What to ask for next, if there are more.
    pub next: Option<u64>,
}

/// How often something happened on one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayCount {
    /// The day, as days since 1970-01-01 in UTC.
    pub day: i64,
    /// The kind of event.
    pub kind: String,
    /// How it ended.
    pub outcome: String,
    /// The factor it was about, if any.
    pub factor: Option<String>,
    /// How often.
    pub count: u64,
}

/// From which moment on the days of an overview count.
pub fn overview_since(now: Timestamp, days: u64) -> Timestamp {
    let today = now.unix().div_euclid(86_400);
    let first = today.saturating_sub(i64::try_from(days).unwrap_or(0).saturating_sub(1));
    Timestamp::from_unix(first.saturating_mul(86_400))
}
