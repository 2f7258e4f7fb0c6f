//! `vestibule user`: people and what the gateway keeps about them.

mod edit;
mod import;

use std::fmt::Write as _;

use clap::{Args, Subcommand};

pub(super) use self::edit::WordText;
use self::{
    edit::{Add, Rename, Set},
    import::Import,
};
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
    runtime::control::words::{
        Answer, BreakGlassCode, LetterPreview, PeopleSearch, PersonCard, PersonLine, Request,
    },
};

/// People.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    List(List),
    /// Shows everything kept about a person.
    Show(Named),
    Add(Add),
    Set(Set),
    Rename(Rename),
    /// Removes a person of the store, and everything kept about them but the audit log.
    Remove(Named),
    Import(Import),
    /// Forgets the wrong tries counted against a person.
    Unlock(Named),
    /// Mails a link to set a password with, good for 72 hours: an invitation, or a way back for who has a password already.
    Invite(Invite),
    /// Links an authenticator page to a person, by the number that it shows.
    Pair(Pair),
    /// Removes every app, passkey, recovery code, account elsewhere, trust and session of a person, who links an app anew at
    /// the next sign-in. Accounts elsewhere stay with who has no password and is not disabled.
    ResetSecondFactor(Reset),
    /// Prints a code that stands in for the second factor of who lost it: once, within ten minutes, after the password.
    ///
    /// It lets nobody in by itself: at the second step its person chooses "recovery code", types it, and links a new app or
    /// passkey, which finishes the sign-in. It earns no trust. A later code replaces it, and another password voids it. Made,
    /// used or mistyped, it is recorded; a running server mails the person and administrators with the role security. What was
    /// linked before stays: where it may be stolen, reset it first.
    BreakGlass(Reset),
}

#[derive(Debug, Args)]
pub(super) struct Reset {
    /// Name or mail address.
    name: String,
    /// Why, for the audit log.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Lists everybody the directory knows, or who fits a search.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Part of a name or mail address.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only people of this group; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Only those after this name: the next page of a search.
    #[arg(long, value_name = "NAME")]
    after: Option<String>,
    /// How many a search shows at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
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
pub(super) struct Invite {
    /// Name or mail address.
    #[arg(required_unless_present = "waiting", conflicts_with = "waiting")]
    name: Option<String>,
    /// Everybody who was made here, has no password and no letter whose link still works; a hundred of them at a time.
    #[arg(long)]
    waiting: bool,
    /// The portal where the link is opened; the first one of the file if left out.
    #[arg(long)]
    portal: Option<String>,
    /// Only shows the letter, whose link leads nowhere, or who would get one.
    #[arg(long)]
    preview: bool,
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
            Self::List(list) => list.run()?,
            Self::Show(Named { name, form, file }) => {
                match door::ask(&file, Request::UserShow { user: name })? {
                    Answer::Person(card) => form.say(&*card, card_text)?,
                    other => return Err(door::strange(&other)),
                }
            }
            Self::Unlock(Named { name, form, file }) => {
                changed(form, &door::ask(&file, Request::UserUnlock { user: name })?)?;
            }
            Self::Invite(Invite { name, waiting: _, portal, preview, form, file }) => {
                let request = match name {
                    Some(user) => Request::UserInvite { user, portal, preview },
                    None => Request::UserInviteWaiting { portal, preview },
                };
                match door::ask(&file, request)? {
                    Answer::Letter(letter) => form.say(&letter, letter_text)?,
                    answer => changed(form, &answer)?,
                }
            }
            Self::Pair(Pair { name, number, form, file }) => {
                let request = Request::UserPair { user: name, number: number.concat() };
                changed(form, &door::ask(&file, request)?)?;
            }
            Self::Add(add) => add.run()?,
            Self::Set(set) => set.run()?,
            Self::Rename(rename) => rename.run()?,
            Self::Remove(Named { name, form, file }) => {
                changed(form, &door::ask(&file, Request::UserRemove { user: name })?)?;
            }
            Self::Import(import) => return import.run(),
            Self::BreakGlass(Reset { name, reason, form, file }) => {
                match door::ask(&file, Request::UserBreakGlass { user: name, reason })? {
                    Answer::BreakGlass(made) => form.say(&made, glass_text)?,
                    other => return Err(door::strange(&other)),
                }
            }
            Self::ResetSecondFactor(Reset { name, reason, form, file }) => {
                let request = Request::UserResetSecondFactor { user: name, reason };
                changed(form, &door::ask(&file, request)?)?;
            }
        }
        Ok(Exit::Fine)
    }
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let Self { search, groups, after, limit, form, file } = self;
        if search.is_none() && groups.is_empty() && after.is_none() {
            return match door::ask(&file, Request::UserList)? {
                Answer::People(lines) => form.say(&lines, |lines| people(lines)),
                other => Err(door::strange(&other)),
            };
        }
        let groups = (!groups.is_empty()).then_some(groups);
        let search = PeopleSearch { text: search.unwrap_or_default(), groups, after, limit };
        match door::ask(&file, Request::UserSearch(search))? {
            Answer::Found(found) => form.say(&found, |found| {
                let shown = format!("{} of {} people", found.people.len(), found.total);
                let next = found
                    .next
                    .as_deref()
                    .map_or_else(String::new, |next| format!("; go on with --after {}", tame(next)));
                format!("{}{shown}{next}\n", people(&found.people))
            }),
            other => Err(door::strange(&other)),
        }
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
            if line.has_password { "yes" } else { "no" }.to_owned(),
            if line.enrolled { "yes" } else { "no" }.to_owned(),
            if line.disabled { "disabled" } else { "" }.to_owned(),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let head = ["NAME", "CALLED", "MAIL", "GROUPS", "2ND FACTOR", "PASSWORD", "APP LINKED", ""];
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
    lines.push(("password", password_text(card)));
    if let Some(until) = card.invited_until {
        lines.push(("invited", format!("a link to set a password works until {}", moment(until))));
    }
    if let Some(group) = &card.closed_group {
        lines.push(("state", format!("group {} is closed: refused everywhere", tame(group))));
    }
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

fn password_text(card: &PersonCard) -> String {
    match &card.password_kind {
        None if card.person.has_password => "one that cannot be checked".to_owned(),
        None => "none".to_owned(),
        Some(kind) if card.password_is_old => {
            format!("an old hash ({}), replaced at the next sign-in", tame(kind))
        }
        Some(kind) => format!("set ({})", tame(kind)),
    }
}

fn glass_text(made: &BreakGlassCode) -> String {
    let user = tame(&made.user);
    let first = match made.has_password {
        true => "After the password",
        false => "There is no password: after a link in a mail or an account elsewhere",
    };
    format!(
        "code     {}\nfor      {user}, once, until {}\n\n{first}, {user} chooses \"recovery code\", types it, and links a new app or \
         passkey.\nNothing of it is kept but a hash: make another one if this one is lost.\n",
        made.code.0,
        moment(made.ends)
    )
}

fn letter_text(letter: &LetterPreview) -> String {
    let text: Vec<_> = letter.text.lines().map(tame).collect();
    format!("to       {}\nsubject  {}\n\n{}\n", tame(&letter.to), tame(&letter.subject), text.join("\n"))
}
