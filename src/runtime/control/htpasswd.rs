//! People from a file of Apache or nginx: a name, a colon and a password's hash on each line.
//!
//! What stands behind a second colon is a remark, and lines that begin with `#` are, too. Such files have no mail addresses: a
//! name that looks like one is one.

use super::table::{Row, hash};
use crate::domain::{
    kept::{MOST_NAME, Unkeepable, is_mail_address},
    password_hash::HashFault,
    table::{LineFault, MOST_LINES, TableFault},
};

/// Reads a file. What is wrong with a line is said of that line; the others are read all the same.
pub(super) fn read(text: &str) -> Result<Vec<Row>, TableFault> {
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if rows.len() == MOST_LINES {
            return Err(TableFault::TooLong);
        }
        rows.push(row(number, line));
    }
    if rows.is_empty() {
        return Err(TableFault::Empty);
    }
    Ok(rows)
}

fn row(line: u64, text: &str) -> Row {
    let Some((name, rest)) = text.split_once(':') else {
        // The whole of it may be a password: nothing is told of it.
        return Row { line, fault: Some(LineFault::Cells { found: 1, wanted: 2 }), ..Row::default() };
    };
    let made = rest.split(':').next().unwrap_or_default();
    let mut fault = (name.chars().count() > MOST_NAME).then_some(LineFault::Person(Unkeepable::BadName));
    let name = if fault.is_some() { "" } else { name };
    if is_des(made) {
        fault.get_or_insert(LineFault::Hash(HashFault::Foreign("crypt (DES)".to_owned())));
    }
    let password = if fault.is_some() { None } else { hash(made, &mut fault) };
    Row {
        line,
        name: name.to_owned(),
        password,
        email_of_new: is_mail_address(name).then(|| name.to_owned()),
        fault,
        ..Row::default()
    }
}

/// What the oldest files have, or a password that looks like it.
fn is_des(text: &str) -> bool {
    text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'))
}

/// Whether a text looks like such a file: every line that says something has a colon, and the first one a hash or nothing behind.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().and_then(|line| line.split_once(':'));
    first.is_some_and(|(name, made)| {
        let is_hash = made.is_empty() || made.starts_with(['$', '{']) || is_des(made);
        is_hash && !name.contains([',', ';', '\t'])
    })
}
