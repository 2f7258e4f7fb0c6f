//! Whether a file is whole, of this version, and opens with its key.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use super::{
    super::{SEAL_CHECK, connect, schema},
    Checkup, Progress, must_exist, sealed,
};
use crate::store::{
    StoreFault, Stored,
    files::{is_private, with_suffix},
    seal::Seal,
};

/// Problems of one kind that are told; more are counted.
const MOST_TOLD: usize = 20;

/// Looks the store at `path` over, with the key file at `key`. Changes nothing, and needs no standstill.
///
/// # Errors
/// It cannot be read at all.
pub fn check(path: &Path, key: &Path, progress: Progress<'_>) -> Stored<Checkup> {
    must_exist(path)?;
    let mut problems = Vec::new();
    for file in [path, key] {
        match is_private(file) {
            Ok(_) => {}
            Err(StoreFault::Refused(why)) => problems.push(why),
            Err(fault) => return Err(fault),
        }
    }
    let conn = connect(path)?;
    conn.pragma_update(None, "query_only", true)?;
    let conn = conn.unchecked_transaction()?;
    let (version, known) = (schema::version(&conn)?, schema::KNOWN);
    let mut faults = said(&conn, "PRAGMA integrity_check(20)", |row| row.get::<_, String>(0))?;
    faults.retain(|line| line != "ok");
    problems.extend(faults.into_iter().map(|line| format!("the file is damaged: {line}; restore a backup")));
    let strays = said(&conn, "PRAGMA foreign_key_check", |row| row.get::<_, String>(0))?;
    if let Some(table) = strays.first() {
        let count = strays.len();
        problems.push(format!("{count} row(s) belong to nothing, the first in {table}: restore a backup"));
    }
    let mut secrets = 0;
    if version > known {
        problems.push(format!("its tables are of version {version}, and this program knows {known}"));
    } else if version < known {
        problems.push(format!(
            "its tables are of version {version}, and this program writes {known}: `vestibule store migrate`, or the next \\
             start, brings them up to date"
        ));
    }
    if version == known {
        match seal_of(&conn, key) {
            Ok(Some(seal)) => {
                let all = sealed::all(&conn)?;
                let mut unopened = Vec::new();
                for (number, secret) in (1_u64..).zip(&all) {
                    match secret.fault(&seal) {
                        None => secrets += 1,
                        Some(which) => unopened.push(which),
                    }
                    progress(number, all.len() as u64);
                }
                let more = unopened.len().saturating_sub(MOST_TOLD);
                problems.extend(unopened.into_iter().take(MOST_TOLD).map(|which| {
                    format!("a sealed {which} does not open: restore a backup, or have it linked anew")
                }));
                if more > 0 {
                    problems.push(format!("{more} more sealed secret(s) do not open"));
                }
            }
            Ok(None) => problems.push(format!(
                "{} is not the key it was sealed with: put back the one that belongs to it",
                key.display()
            )),
            Err(StoreFault::Refused(_)) => {}
            Err(fault) => problems.push(fault.to_string()),
        }
    }
    Ok(Checkup { sound: problems.is_empty(), version, known, secrets, problems })
}

/// The key that fits, in `key` or, where changing it was cut off, beside it. `None`: neither.
pub(super) fn seal_of(conn: &Connection, key: &Path) -> Stored<Option<Seal>> {
    let check: Option<Vec<u8>> = conn
        .query_row("SELECT value FROM meta WHERE name = 'seal_check'", [], |row| row.get(0))
        .optional()?;
    let present = Seal::read(key)?;
    let Some(check) = check else { return Ok(present) };
    let fits = |seal: &Seal| seal.open(&check, SEAL_CHECK).is_ok();
    if let Some(seal) = present.filter(fits) {
        return Ok(Some(seal));
    }
    Ok(Seal::read(&with_suffix(key, super::rotate::NEXT))?.filter(fits))
}

fn said<T>(
    conn: &Connection,
    pragma: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Stored<Vec<T>> {
    Ok(conn.prepare(pragma)?.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}
