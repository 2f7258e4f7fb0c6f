//! `vestibule trust`: devices and addresses that waive the second factor.

use clap::{ArgGroup, Args, Subcommand};

use super::{
    door,
    exit::Exit,
    output::{Form, moment, table, tame},
    place::ConfigFile,
};
use crate::{
    domain::token::RecordId,
    runtime::control::words::{Answer, Change, Request, TrustKind, TrustLine, Which},
};

/// Trusted devices and addresses.
#[derive(Debug, Subcommand)]
pub(super) enum Trust {
    List(List),
    Revoke(Revoke),
}

/// Lists trusted devices and addresses, newest first.
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

/// Removes trusts: the next sign-in there asks for a code.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Which records a command is about.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).multiple(true))]
pub(super) struct Chosen {
    /// As the list shows it.
    #[arg(group = "which", conflicts_with_all = ["user", "all"])]
    id: Option<String>,
    /// All of this person.
    #[arg(long, group = "which", value_name = "NAME")]
    user: Option<String>,
    /// All of the person; without --user, everybody's.
    #[arg(long, group = "which")]
    all: bool,
}

impl Chosen {
    pub(super) fn which(self) -> Which {
        match (self.id, self.user) {
            (Some(id), _) => Which::One { id: RecordId::from_text(&id) },
            (None, Some(user)) => Which::Of { user },
            (None, None) => Which::Everybodys,
        }
    }
}

impl Trust {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(List { user, form, file }) => match door::ask(&file, Request::TrustList { user })? {
                Answer::Trusts(lines) => form.say(&lines, |lines| trusts(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Revoke(Revoke { chosen, form, file }) => {
                changed(form, &door::ask(&file, Request::TrustRevoke(chosen.which()))?)?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// Says what a change did.
pub(super) fn changed(form: Form, answer: &Answer) -> anyhow::Result<()> {
    match answer {
        Answer::Changed(change) => form.say(change, |Change { message, .. }| tame(message) + "\n"),
        other => Err(door::strange(other)),
    }
}

/// The end of a trust that no day ends.
const UNTIL_PASSWORD_CHANGE: &str = "until the password changes";

/// Trusts as a table.
pub(super) fn trusts(lines: &[TrustLine]) -> String {
    let row = |line: &TrustLine| {
        let (kind, reach) = match line.kind {
            TrustKind::Device => ("device", String::new()),
            TrustKind::Address => ("address", reach(line)),
        };
        [
            line.id.to_string(),
            kind.to_owned(),
            tame(&line.user),
            tame(&line.what) + &reach,
            moment(line.granted),
            moment(line.last_used),
            line.expires.map_or_else(|| UNTIL_PASSWORD_CHANGE.to_owned(), moment),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    table(["ID", "KIND", "USER", "WHAT", "GRANTED", "LAST USED", "EXPIRES"], &rows, "nothing is trusted")
}

/// For whom an address counts, where that is not only who trusted it.
fn reach(line: &TrustLine) -> String {
    match (line.scope.as_deref(), line.portal.as_deref()) {
        (Some("portal"), Some(portal)) => format!(" (everybody at {portal})"),
        (Some("everyone"), _) => " (everybody)".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{time::Timestamp, token::RecordId},
        runtime::control::words::Moment,
    };

    #[test]
    fn trust_that_no_day_ends_says_what_ends_it() {
        let at = Moment(Timestamp::from_unix(1_795_320_600));
        let line = TrustLine {
            id: RecordId::from_text("d1"),
            kind: TrustKind::Device,
            user: "anna".to_owned(),
            what: "Firefox on Linux".to_owned(),
            scope: None,
            portal: None,
            granted: at,
            last_used: at,
            expires: Some(at),
        };
        let ended = trusts(&[TrustLine { expires: None, ..line.clone() }]);
        assert!(ended.ends_with("2026-11-22 04:10Z  until the password changes\n"), "{ended}");
        assert!(trusts(&[line]).ends_with("2026-11-22 04:10Z  2026-11-22 04:10Z\n"));
    }
}
