//! Bringing a file that an older version wrote up to date, with a copy of it before.

use std::path::{Path, PathBuf};

use super::{
    super::{connect, schema},
    Migrated, Progress, backup, claim, must_exist,
};
use crate::store::{
    StoreFault, Stored,
    files::{is_private, with_suffix},
};

/// Brings the store at `path` to the version this program knows. Before anything is done it is copied, to `backup_to` or beside
/// it; nothing is done where it is up to date.
///
/// # Errors
/// A server has it open, a newer version wrote it, or the copy cannot be made: then nothing was changed.
pub fn migrate(path: &Path, backup_to: Option<PathBuf>, progress: Progress<'_>) -> Stored<Migrated> {
    must_exist(path)?;
    is_private(path)?;
    let _claim = claim(path)?;
    let mut conn = connect(path)?;
    let (from, to) = (schema::version(&conn)?, schema::KNOWN);
    schema::refuse_newer(from)?;
    if from == to {
        return Ok(Migrated { from, to, backup: None });
    }
    let copy = backup_to.unwrap_or_else(|| with_suffix(path, &format!(".version-{from}")));
    if copy.exists() {
        return Err(StoreFault::Refused(format!(
            "{} is there already, and a backup overwrites nothing: name another file with --backup",
            copy.display()
        )));
    }
    backup::copy(path, &copy, &mut |_, _| {}, |_| Ok(()))?;
    schema::migrate_telling(&mut conn, progress)?;
    Ok(Migrated { from, to, backup: Some(copy) })
}
