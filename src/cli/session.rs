//! `vestibule session`: who is signed in.

use clap::{Args, Subcommand};

use super::{
    door,
    exit::Exit,
    output::{Form, moment, or_dash, table, tame},
    place::ConfigFile,
    trust::{Chosen, changed},
};
use crate::runtime::control::words::{Answer, Request, SessionLine};

/// Open sessions.
#[derive(Debug, Subcommand)]
pub(super) enum Session {
    List(List),
    Revoke(Revoke),
}

/// Lists open sessions, newest first.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those of this person.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Ends sessions: the next request there asks to sign in.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Session {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(List { user, form, file }) => match door::ask(&file, Request::SessionList { user })? {
                Answer::Sessions(lines) => form.say(&lines, |lines| sessions(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Revoke(Revoke { chosen, form, file }) => {
                changed(form, &door::ask(&file, Request::SessionRevoke(chosen.which()))?)?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// Sessions as a table.
pub(super) fn sessions(lines: &[SessionLine]) -> String {
    let row = |line: &SessionLine| {
        [
            line.id.to_string(),
            tame(&line.user),
            line.portal.clone(),
            line.address.to_string(),
            or_dash(line.second_factor.as_deref()),
            moment(line.opened),
            moment(line.last_used),
            moment(line.ends),
            tame(&line.agent),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let head = ["ID", "USER", "PORTAL", "ADDRESS", "2ND FACTOR", "OPENED", "LAST USED", "ENDS", "BROWSER"];
    table(head, &rows, "nobody is signed in")
}
