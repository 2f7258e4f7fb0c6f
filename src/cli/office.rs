//! `vestibule group`, `portal`, `request` and `audit`: what administrators see and switch on their pages.

use clap::{Args, Subcommand};

use super::{
    door,
    exit::Exit,
    output::{Form, moment, or_dash, table, tame},
    place::ConfigFile,
    trust::changed,
    user::WordText,
};
use crate::{
    domain::identity::Requirement,
    runtime::control::words::{
        Answer, AuditFound, AuditSearch, GroupLine, HelpLine, Moment, PortalLine, Request,
    },
};

/// Groups and what is asked of them.
#[derive(Debug, Subcommand)]
pub(super) enum Group {
    /// Lists groups, how many people are in each, and what is asked of them.
    List(Plain),
    Set(SetGroup),
}

/// Says what is asked of a group, beside the file. The strictest of all words wins.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct SetGroup {
    /// The group.
    name: String,
    /// The word on the second factor.
    #[arg(long, value_name = "WORD", group = "what")]
    second_factor: Option<WordText>,
    /// Nobody of it signs in.
    #[arg(long, group = "what", conflicts_with = "open")]
    closed: bool,
    /// Its people sign in again.
    #[arg(long, group = "what")]
    open: bool,
    #[command(flatten)]
    plain: Plain,
}

/// Portals and whether they are open.
#[derive(Debug, Subcommand)]
pub(super) enum Portal {
    /// Lists portals and whether they are open.
    List(Plain),
    /// Closes a portal, beside the file: a polite page for everybody.
    Close(Named),
    /// Opens it again.
    Open(Named),
}

/// Requests for help.
#[derive(Debug, Subcommand)]
pub(super) enum Help {
    List(ListHelp),
    /// Grants a request; one for a second factor resets it.
    Grant(AnswerHelp),
    /// Refuses a request.
    Refuse(AnswerHelp),
}

/// Lists requests for help that wait.
#[derive(Debug, Args)]
pub(super) struct ListHelp {
    /// Those that were answered, too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Debug, Args)]
pub(super) struct AnswerHelp {
    /// Its reference or id.
    request: String,
    /// Why; the visitor reads it.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    plain: Plain,
}

/// What happened.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    List(ListAudit),
}

/// Lists what happened, newest first.
#[derive(Debug, Args)]
pub(super) struct ListAudit {
    /// About this person.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Of this kind, as ARCHITECTURE.md lists them.
    #[arg(long)]
    kind: Option<String>,
    /// "success", "failure" or "throttled".
    #[arg(long)]
    outcome: Option<String>,
    /// At this portal.
    #[arg(long)]
    portal: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its name in the file.
    name: String,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Debug, Args)]
pub(super) struct Plain {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Plain {
    fn change(&self, request: Request) -> anyhow::Result<()> {
        changed(self.form, &door::ask(&self.file, request)?)
    }
}

impl Group {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(plain) => match door::ask(&plain.file, Request::GroupList)? {
                Answer::Groups(lines) => plain.form.say(&lines, |lines| groups(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Set(SetGroup { name, second_factor, closed, open, plain }) => {
                let second_factor = second_factor.map(WordText::word);
                let closed = (closed || open).then_some(closed);
                plain.change(Request::GroupSet { group: name, second_factor, closed })?;
            }
        }
        Ok(Exit::Fine)
    }
}

impl Portal {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(plain) => match door::ask(&plain.file, Request::PortalList)? {
                Answer::Portals(lines) => plain.form.say(&lines, |lines| portals(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Close(Named { name, plain }) => {
                plain.change(Request::PortalSet { portal: name, closed: true })?;
            }
            Self::Open(Named { name, plain }) => {
                plain.change(Request::PortalSet { portal: name, closed: false })?;
            }
        }
        Ok(Exit::Fine)
    }
}

impl Help {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(ListHelp { all, plain }) => match door::ask(&plain.file, Request::HelpList { all })? {
                Answer::Help(lines) => plain.form.say(&lines, |lines| requests(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Grant(answer) => answer.give(true)?,
            Self::Refuse(answer) => answer.give(false)?,
        }
        Ok(Exit::Fine)
    }
}

impl AnswerHelp {
    fn give(self, grant: bool) -> anyhow::Result<()> {
        self.plain.change(Request::HelpAnswer { request: self.request, grant, reason: self.reason })
    }
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Self::List(ListAudit { user, kind, outcome, portal, limit, plain }) = self;
        let search = AuditSearch { user, kind, outcome, portal, limit, ..AuditSearch::default() };
        match door::ask(&plain.file, Request::AuditList(search))? {
            Answer::Events(found) => plain.form.say(&found, events)?,
            other => return Err(door::strange(&other)),
        }
        Ok(Exit::Fine)
    }
}

fn groups(lines: &[GroupLine]) -> String {
    let word = |word: Option<Requirement>| word.map_or("-", Requirement::name).to_owned();
    let row = |line: &GroupLine| {
        [
            tame(&line.name),
            line.people.to_string(),
            word(line.of_file),
            word(line.of_administrators),
            line.in_force.name().to_owned(),
            state(line.closed, line.closed_by_file).to_owned(),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let head = ["GROUP", "PEOPLE", "FILE SAYS", "SWITCHED", "IN FORCE", ""];
    table(head, &rows, "nobody is in a group")
}

const fn state(closed: bool, by_file: bool) -> &'static str {
    match (closed, by_file) {
        (_, true) => "closed by the file",
        (true, false) => "closed",
        (false, false) => "open",
    }
}

fn portals(lines: &[PortalLine]) -> String {
    let row = |line: &PortalLine| {
        let state = state(line.closed, line.closed_by_file).to_owned();
        [tame(&line.name), tame(&line.title), tame(&line.host), state]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    table(["PORTAL", "TITLE", "HOST", ""], &rows, "the file has no portal")
}

fn requests(lines: &[HelpLine]) -> String {
    let row = |line: &HelpLine| {
        [
            tame(&line.reference),
            tame(&line.user),
            tame(&line.portal),
            tame(
                &line.path.as_ref().map_or_else(|| line.wish.clone(), |path| format!("{} {path}", line.wish)),
            ),
            moment(line.asked),
            match line.granted {
                None => "waits".to_owned(),
                Some(true) => format!("granted {}", or_dash(line.answered_by.as_deref())),
                Some(false) => format!("refused {}", or_dash(line.answered_by.as_deref())),
            },
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    table(["REFERENCE", "USER", "PORTAL", "ASKS FOR", "ASKED", ""], &rows, "nobody waits for help")
}

fn events(found: &AuditFound) -> String {
    let word = |of: serde_json::Value| of.as_str().unwrap_or_default().to_owned();
    let row = |event: &crate::domain::audit::AuditEvent| {
        [
            moment(Moment(event.at)),
            word(serde_json::json!(event.kind)),
            word(serde_json::json!(event.outcome)),
            or_dash(event.person.as_deref()),
            or_dash(event.portal.as_deref()),
            or_dash(event.detail.as_deref()),
        ]
    };
    let rows: Vec<_> = found.events.iter().map(row).collect();
    table(["WHEN", "WHAT", "OUTCOME", "USER", "PORTAL", "MORE"], &rows, "nothing of this was recorded")
}
