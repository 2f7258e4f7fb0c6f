//! `users.toml`: people, found under one name however it is spelled, with hashes that cannot hurt.

mod password;

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    path::{Path, PathBuf},
};

use self::password::password;
use super::{
    Files,
    check::{is_plain, open_bits},
    file::{At, UserTable, UsersFile},
    problem::{Desk, Problem, Sources, nearest},
    read::{self, TakenOut},
    settings::SecondFactorSettings,
    text,
};
use crate::domain::{
    identity::{CredentialMark, Origin, Person, UserId, fold_login},
    kept::is_mail_address,
};

/// Everybody read so far.
#[derive(Debug)]
pub(super) struct Folk {
    pub(super) people: Vec<Person>,
    /// Whether every directory could be read: only then is somebody missing.
    pub(super) is_complete: bool,
    /// Who answers to which folded name or address.
    logins: HashMap<String, Claim>,
}

impl Default for Folk {
    fn default() -> Self {
        Self { people: Vec::new(), is_complete: true, logins: HashMap::new() }
    }
}

#[derive(Debug)]
struct Claim {
    person: String,
    file: PathBuf,
    line: usize,
}

impl Folk {
    /// The person who signs in as `typed`.
    pub(super) fn find(&self, typed: &str) -> Option<&Person> {
        let id = UserId::new(typed);
        self.people.iter().find(|person| person.id == id).or_else(|| {
            self.people
                .iter()
                .find(|person| person.email.as_deref().is_some_and(|email| fold_login(email) == id.as_str()))
        })
    }

    /// The name most like `typed`.
    pub(super) fn similar(&self, typed: &str) -> Option<&str> {
        nearest(typed, self.people.iter().map(|person| person.name.as_str()))
    }
}

/// What reading people needs to know, and where its findings go.
pub(super) struct Reading<'a> {
    pub(super) files: Files,
    /// Where the configuration names the file.
    pub(super) listed_at: Range<usize>,
    /// Words on people, to which each person's own is added.
    pub(super) second_factor: &'a mut SecondFactorSettings,
    /// Groups nobody of which signs in.
    pub(super) closed_groups: &'a BTreeSet<String>,
    /// Whether a portal is told the groups, separated by commas.
    pub(super) commas_split: bool,
    pub(super) sources: &'a mut Sources,
    pub(super) problems: &'a mut Vec<Problem>,
}

/// Reads one file of people.
pub(super) fn read(path: &Path, reading: &mut Reading<'_>, main: &mut Desk<'_>, folk: &mut Folk) {
    let content = match text(path) {
        Ok(content) => content,
        Err(fault) => {
            folk.is_complete = false;
            if reading.files == Files::Checked {
                let hint = match fault.contains("by this account") {
                    true => "the account that runs vestibule must be able to read it, and nobody else",
                    false => {
                        "paths start from the folder of this file; config/users.example.toml shows how to write one"
                    }
                };
                main.error(reading.listed_at.clone(), format!("{} {fault}", path.display())).hint(hint);
            }
            return;
        }
    };
    reading.sources.keep(path, &content);
    let mut found = Vec::new();
    let mut desk = Desk::new(path, &content, &mut found);
    match read::read::<UsersFile>(&mut desk) {
        Some((file, taken)) => {
            refuse_readers(&mut desk, &file, path, reading.files);
            for user in &file.user {
                person(&mut desk, &taken, user, reading, folk);
            }
        }
        None => folk.is_complete = false,
    }
    read::forget_guesses(&mut found);
    reading.problems.append(&mut found);
}

fn refuse_readers(desk: &mut Desk<'_>, file: &UsersFile, path: &Path, files: Files) {
    let holds_hashes = file.user.iter().any(|user| user.value().password.is_some());
    if files != Files::Checked || !holds_hashes {
        return;
    }
    let chmod = format!("chmod 600 {}", path.display());
    match open_bits(path) {
        Some(bits) if bits & 0o007 != 0 => {
            desk.error(0..0, "everybody on this machine may read the password hashes").hint(chmod);
        }
        Some(bits) if bits != 0 => {
            desk.warn(0..0, "others in the file's group may read the password hashes").hint(chmod);
        }
        _ => {}
    }
}

fn person(
    desk: &mut Desk<'_>,
    taken: &TakenOut,
    user: &At<UserTable>,
    reading: &mut Reading<'_>,
    folk: &mut Folk,
) {
    let owner = user.span();
    let table = user.value();
    let Some(name) = &table.name else {
        folk.is_complete = false;
        if !taken.had(&owner, "name") {
            desk.error(owner, "\"name\" is missing")
                .hint("write the name to sign in with, as in name = \"anna\"");
        }
        return;
    };
    let id = UserId::new(name.value());
    if id.as_str().is_empty() {
        desk.error(name.span(), "the name is empty")
            .hint("write the name to sign in with, as in name = \"anna\"");
        return;
    }
    if name.value().trim() != name.value() || name.value().chars().count() > 128 {
        desk.error(name.span(), "a name has at most 128 characters, and no blanks around it")
            .hint(format!("write name = \"{}\"", name.value().trim().chars().take(128).collect::<String>()));
    }
    for text in [Some(name), table.display_name.as_ref(), table.email.as_ref(), table.phone.as_ref()]
        .into_iter()
        .flatten()
        .chain(&table.groups)
    {
        if !is_plain(text.value()) {
            // It would end up in a header, where a line break starts another one.
            desk.error(text.span(), "this text has a control character in it")
                .hint("write plain text on one line");
        }
    }
    groups(desk, table, reading.commas_split);
    claim(desk, folk, &id, name, "name");
    if let Some(email) = &table.email {
        mail_address(desk, email);
        claim(desk, folk, &id, email, "email");
    }
    let password = password(desk, table, name.value(), reading.files);
    if password.is_none() && table.password.is_none() && !table.disabled && !taken.had(&owner, "password") {
        desk.warn(name.span(), format!("\"{}\" has no password and cannot sign in", name.value()))
            .hint("put what `vestibule hash` prints into password = \"…\"");
    }
    let groups: Vec<String> = table.groups.iter().map(|group| group.value().clone()).collect();
    let own = table.second_factor.as_ref().map(|word| *word.value());
    let (requirement, requirement_source) = reading.second_factor.requirement_on(&groups, own);
    if let Some(own) = own {
        reading.second_factor.people.insert(id.clone(), own);
    }
    let closed_group = groups.iter().find(|group| reading.closed_groups.contains(*group)).cloned();
    folk.people.push(Person {
        credential: CredentialMark::of(&id, password.as_ref()),
        display_name: table.display_name.as_ref().map_or(name, |text| text).value().clone(),
        email: table.email.as_ref().map(|text| text.value().trim().to_owned()),
        phone: table.phone.as_ref().map(|text| text.value().clone()),
        name: name.value().clone(),
        id,
        groups,
        password,
        requirement,
        requirement_source,
        disabled: table.disabled,
        closed_group,
        origin: Origin::File,
    });
}

fn groups(desk: &mut Desk<'_>, table: &UserTable, commas_split: bool) {
    for group in &table.groups {
        let text = group.value();
        if text.trim().is_empty() {
            desk.error(group.span(), "the name of a group is empty").hint("leave it out");
        } else if commas_split && text.contains(',') {
            desk.error(group.span(), format!("portals would read group \"{text}\" as several"))
                .hint("groups are sent separated by commas: leave the comma out of the name");
        }
    }
}

fn mail_address(desk: &mut Desk<'_>, email: &At<String>) {
    let text = email.value();
    if !is_mail_address(text) {
        desk.error(email.span(), format!("\"{text}\" is no mail address"))
            .hint("write it as in \"anna@example.com\"");
    }
}

/// Notes who answers to a name or address; nobody else may, in any spelling.
fn claim(desk: &mut Desk<'_>, folk: &mut Folk, id: &UserId, text: &At<String>, key: &str) {
    let folded = fold_login(text.value());
    let line = desk.line(text.span().start);
    match folk.logins.get(&folded) {
        // Somebody's name may be their own address.
        Some(other) if key == "email" && other.person == id.as_str() => {}
        Some(other) => {
            let place = if other.file == desk.file() {
                format!("line {}", other.line)
            } else {
                format!("{}:{}", other.file.display(), other.line)
            };
            desk.error(
                text.span(),
                format!("{key} \"{}\" belongs to \"{}\" already ({place})", text.value(), other.person),
            )
            .hint("people sign in by name or address in any spelling, so each may belong to one person only");
        }
        None => {
            let claim = Claim { person: id.as_str().to_owned(), file: desk.file().to_owned(), line };
            folk.logins.insert(folded, claim);
        }
    }
}
