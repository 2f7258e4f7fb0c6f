//! A table of people, as a personnel department exports it (CSV, RFC 4180).
//!
//! The first line names the columns, in any order: `name` and `email`, and if wanted `display_name`, `phone`, `groups` (separated
//! by `|`), `second_factor` and `password_hash`. Commas, semicolons and tabs all separate, whatever the first line uses.

use super::{htpasswd, words::TableFormat};
use crate::domain::{
    identity::{PasswordHash, Requirement},
    kept::{Draft, KeptPerson, MOST_GROUPS, MOST_NAME, Unkeepable},
    password_hash::{self, HashFault, HashKind},
    table::{COLUMNS, HASH_COLUMN, LineFault, MOST_LINES, TableFault},
};

/// What separates groups in their cell.
const GROUP_SIGNS: [char; 3] = ['|', ';', ','];

/// Columns in which people put passwords.
const PASSWORDS: [&str; 4] = ["password", "passwd", "pass", "pwd"];

/// How a table is to be read.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct TableTerms {
    /// What it is.
    pub(super) format: TableFormat,
    /// Whether Apache's MD5 hashes are taken.
    pub(super) apr1: bool,
    /// What comes behind the name in the address of somebody new who has none in the table.
    pub(super) email_domain: Option<String>,
}

/// A line of a table, before anything of it is believed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its number; the line of names is the first.
    pub line: u64,
    /// The name to sign in with.
    pub name: String,
    pub(super) display_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) second_factor: Option<Option<Requirement>>,
    /// For who has no password yet.
    pub(super) password: Option<PasswordHash>,
    /// The address of somebody new, where the line has none.
    pub(super) email_of_new: Option<String>,
    /// What is wrong with the line itself.
    pub(super) fault: Option<LineFault>,
}

impl Row {
    /// Who it makes, or makes of `present`: columns that the table lacks stay as they are.
    pub fn draft(&self, present: Option<&KeptPerson>) -> Draft {
        let or = |written: &Option<String>, present: Option<String>| {
            written.clone().or(present).unwrap_or_default()
        };
        Draft {
            name: present.map_or_else(|| self.name.clone(), |kept| kept.name.clone()),
            display_name: or(&self.display_name, present.map(|kept| kept.display_name.clone())),
            email: match or(&self.email, present.map(|kept| kept.email.clone())) {
                none if none.is_empty() && present.is_none() => self.email_of_new.clone().unwrap_or_default(),
                email => email,
            },
            phone: or(&self.phone, present.and_then(|kept| kept.phone.clone())),
            groups: self
                .groups
                .clone()
                .or_else(|| present.map(|kept| kept.groups.clone()))
                .unwrap_or_default(),
            second_factor: match self.second_factor {
                Some(word) => word,
                None => present.and_then(|kept| kept.second_factor),
            },
        }
    }
}

impl Row {
    /// What is wrong with the line, where this is wrong with the person.
    pub(super) fn fault_of(&self, wrong: Unkeepable) -> LineFault {
        match wrong {
            Unkeepable::NoEmail if self.email.is_none() => LineFault::NoAddress,
            wrong => LineFault::Person(wrong),
        }
    }

    /// Whether it brings a password's hash.
    pub const fn has_hash(&self) -> bool {
        self.password.is_some()
    }
}

/// Reads a table in whatever form it has.
///
/// # Errors
/// Why it is none.
pub(super) fn read(text: &str, terms: &TableTerms) -> Result<Vec<Row>, TableFault> {
    let mut rows = match terms.format {
        TableFormat::Csv => read_table(text)?,
        TableFormat::Htpasswd => htpasswd::read(text)?,
    };
    for row in &mut rows {
        let is_apr1 = |hash: &PasswordHash| {
            password_hash::read(hash.as_str()).is_ok_and(|known| known.kind == HashKind::Apr1)
        };
        if !terms.apr1 && row.password.as_ref().is_some_and(is_apr1) {
            row.fault.get_or_insert(LineFault::Hash(HashFault::Apr1));
        }
        if let Some(domain) = &terms.email_domain
            && row.email_of_new.is_none()
        {
            row.email_of_new = Some(format!("{}@{}", row.name, domain.trim_start_matches('@')));
        }
    }
    Ok(rows)
}

/// A hash as a line has it; none where nothing stands there.
pub(super) fn hash(text: &str, fault: &mut Option<LineFault>) -> Option<PasswordHash> {
    if text.is_empty() {
        return None;
    }
    if let Err(wrong) = password_hash::read(text) {
        fault.get_or_insert(LineFault::Hash(wrong));
        return None;
    }
    Some(PasswordHash::new(text.to_owned()))
}

/// Reads a table (CSV). What is wrong with a line is said of that line; the others are read all the same.
///
/// # Errors
/// Why it is none.
pub fn read_table(text: &str) -> Result<Vec<Row>, TableFault> {
    let text = text.trim_start_matches('\u{feff}');
    // A line with which spreadsheets say what separates.
    let (text, told) = match text.strip_prefix("sep=") {
        Some(rest) => (rest.get(rest.find('\n').map_or(rest.len(), |at| at + 1)..).unwrap_or_default(), 1),
        None => (text, 0),
    };
    let head = text.lines().next().unwrap_or_default();
    let separator =
        [';', '\t', ','].into_iter().max_by_key(|sign| head.matches(*sign).count()).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    // Nothing about text in memory fails to be read, once lines may be of any length.
    let names = reader.headers().map_err(|_| TableFault::NoName)?;
    let mut names: Vec<String> =
        names.iter().map(|name| name.to_lowercase().replace([' ', '-'], "_")).collect();
    // Spreadsheets write separators behind the last column.
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let column = |name: &str| names.iter().position(|known| known == name);
    let Some(name) = column("name") else { return Err(TableFault::NoName) };
    if let Some(passwords) = names.iter().find(|name| PASSWORDS.contains(&name.as_str())) {
        return Err(TableFault::Passwords(passwords.clone()));
    }
    let is_known = |name: &String| name == HASH_COLUMN || COLUMNS.contains(&name.as_str());
    if let Some(stray) = names.iter().find(|name| !is_known(name)) {
        return Err(TableFault::Stray { name: stray.clone() });
    }
    if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(TableFault::Twice(twice.1.clone()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| TableFault::NoName)?;
        // Spreadsheets write lines of nothing but separators below the last one.
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MOST_LINES {
            return Err(TableFault::TooLong);
        }
        let (found, wanted) = (cells(&record, names.len()), names.len());
        let mut fault = (found != wanted).then_some(LineFault::Cells { found, wanted });
        // Before anything is folded: that takes a while where somebody wrote a book.
        let called = record.get(name).unwrap_or_default();
        let called = if called.chars().count() > MOST_NAME {
            fault.get_or_insert(LineFault::Person(Unkeepable::BadName));
            ""
        } else {
            called
        };
        let is_crowded = |text: &str| text.split(GROUP_SIGNS).count() > MOST_GROUPS;
        let groups = column("groups").and_then(|at| record.get(at));
        let groups = groups.filter(|text| {
            let crowded = is_crowded(text);
            if crowded {
                fault.get_or_insert(LineFault::Person(Unkeepable::TooManyGroups));
            }
            !crowded
        });
        let cell = |name: &str| column(name).and_then(|at| record.get(at)).map(str::to_owned);
        let second_factor = cell("second_factor").map(|text| match text.as_str() {
            "" => None,
            word => Requirement::from_name(&word.to_lowercase()).or_else(|| {
                fault.get_or_insert(LineFault::Word(text.clone()));
                None
            }),
        });
        let password = hash(record_text(&record, column(HASH_COLUMN)), &mut fault);
        rows.push(Row {
            line: record.position().map_or(0, |at| told + line_at(text, at)),
            name: called.to_owned(),
            display_name: cell("display_name"),
            email: cell("email"),
            phone: cell("phone"),
            groups: groups.map(|text| text.split(GROUP_SIGNS).map(str::to_owned).collect()),
            second_factor,
            password,
            email_of_new: None,
            fault,
        });
    }
    if rows.is_empty() {
        return Err(TableFault::Empty);
    }
    Ok(rows)
}

fn record_text(record: &csv::StringRecord, column: Option<usize>) -> &str {
    column.and_then(|at| record.get(at)).unwrap_or_default()
}

/// How many cells a line has, without empty ones behind the last column.
fn cells(record: &csv::StringRecord, columns: usize) -> usize {
    let beyond = record.iter().skip(columns).collect::<Vec<_>>();
    let empty = beyond.iter().rev().take_while(|cell| cell.is_empty()).count();
    record.len() - empty
}

/// The line on which a record begins. The reader stops before the line feed of CRLF, and before empty lines.
fn line_at(text: &str, position: &csv::Position) -> u64 {
    let rest =
        usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..)).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    position.line() + ends.count() as u64
}
