//! `vestibule user`: people and what the gateway keeps about them.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::{
    door,
    exit::Exit,
    output::{Form, moment, or_dash, table, tame},
    place::ConfigFile,
    session::sessions,
    trust::{changed, trusts},
};
use crate::{
    domain::identity::Requirement,
    runtime::control::words::{Answer, PersonCard, PersonLine, Request},
};

/// People.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    List(List),
    /// Shows everything kept about a person.
    Show(Named),
    /// Forgets the wrong tries counted against a person.
    Unlock(Named),
    /// Links an authenticator page to a person, by the number that it shows.
    Pair(Pair),
    /// Removes every app, passkey, recovery code, account elsewhere, trust and session of a person, who links an app anew at
    /// the next sign-in. Accounts elsewhere stay with who has no password and is not disabled.
    ResetSecondFactor(Named),
}

/// Lists everybody the directory knows.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Name or mail address.
    name: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Args)]
pub(super) struct Pair {
    /// Name or mail address.
    name: String,
    /// The nine digits, with or without blanks.
    #[arg(required = true, num_args = 1..=3)]
    number: Vec<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl User {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::List(List { form, file }) => match door::ask(&file, Request::UserList)? {
                Answer::People(lines) => form.say(&lines, |lines| people(lines))?,
                other => return Err(door::strange(&other)),
            },
            Self::Show(Named { name, form, file }) => {
                match door::ask(&file, Request::UserShow { user: name })? {
                    Answer::Person(card) => form.say(&*card, card_text)?,
                    other => return Err(door::strange(&other)),
                }
            }
            Self::Unlock(Named { name, form, file }) => {
                changed(form, &door::ask(&file, Request::UserUnlock { user: name })?)?;
            }
            Self::Pair(Pair { name, number, form, file }) => {
                let request = Request::UserPair { user: name, number: number.concat() };
                changed(form, &door::ask(&file, request)?)?;
            }
            Self::ResetSecondFactor(Named { name, form, file }) => {
                changed(form, &door::ask(&file, Request::UserResetSecondFactor { user: name })?)?;
            }
        }
        Ok(Exit::Fine)
    }
}

fn people(lines: &[PersonLine]) -> String {
    let row = |line: &PersonLine| {
        [
            tame(&line.name),
            tame(&line.display_name),
            or_dash(line.email.as_deref()),
            tame(&line.groups.join(",")),
            line.second_factor.name().to_owned(),
            if line.enrolled { "yes" } else { "no" }.to_owned(),
            if line.disabled { "disabled" } else { "" }.to_owned(),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let head = ["NAME", "CALLED", "MAIL", "GROUPS", "2ND FACTOR", "APP LINKED", ""];
    table(head, &rows, "the directory knows nobody")
}

fn card_text(card: &PersonCard) -> String {
    let person = &card.person;
    let mut lines = vec![
        ("name", tame(&person.name)),
        ("called", tame(&person.display_name)),
        ("mail", or_dash(person.email.as_deref())),
        ("groups", if person.groups.is_empty() { "-".to_owned() } else { tame(&person.groups.join(", ")) }),
        ("second factor", format!("{}: {}", person.second_factor.name(), card.second_factor_by)),
    ];
    if person.disabled {
        lines.push(("state", "disabled: refused everywhere".to_owned()));
    }
    if person.second_factor == Requirement::Optional {
        lines.push(("own switch", if card.wants_second_factor { "on" } else { "off" }.to_owned()));
    }
    for app in &card.apps {
        let used =
            app.last_used.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", moment(at)));
        lines.push(("app", format!("{}, linked {}, {used}", tame(&app.label), moment(app.added))));
    }
    if card.apps.is_empty() {
        lines.push(("app", "none linked".to_owned()));
    }
    lines.push(("recovery codes", format!("{} left", card.recovery_codes_left)));
    let mut out = String::new();
    for (what, text) in lines {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{what:<15} {text}");
    }
    out + "\n" + &trusts(&card.trusts) + "\n" + &sessions(&card.sessions)
}
