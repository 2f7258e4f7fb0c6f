//! Another key for what is sealed.
//!
//! The new key is written beside the old one, everything is sealed with it in one commit, and it takes the old one's place.
//! Whichever moment the machine stops at, one of both files opens everything, and the next start puts that one in its place.

use std::{fs, path::Path};

use rusqlite::{Connection, params};

use super::{
    super::{SEAL_CHECK, connect, schema},
    Progress, Rotated, backup,
    check::seal_of,
    claim, must_exist, sealed,
};
use crate::store::{
    StoreFault, Stored,
    files::{cannot, is_private, replace, with_suffix},
    seal::Seal,
};

/// What the key that is to come is called, behind the name of the key file.
pub(super) const NEXT: &str = ".next";

/// Seals every secret of the store at `path` with a new key, which takes the place of the one in `key`. That one is copied to
/// `old_to` before, where backups made until now are to be opened later.
///
/// # Errors
/// A server has it open, or something does not open with the present key: then nothing was changed.
pub fn rotate_key(path: &Path, key: &Path, old_to: Option<&Path>, progress: Progress<'_>) -> Stored<Rotated> {
    must_exist(path)?;
    is_private(path)?;
    let _claim = claim(path)?;
    let conn = connect(path)?;
    if schema::version(&conn)? != schema::KNOWN {
        return Err(StoreFault::Refused(
            "its tables are of another version: `vestibule store migrate` comes first".to_owned(),
        ));
    }
    finish_rotation(&conn, key)?;
    let Some(old) = seal_of(&conn, key)? else {
        return Err(StoreFault::Refused(format!(
            "{} is not the key it was sealed with: put back the one that belongs to it",
            key.display()
        )));
    };
    if let Some(old_to) = old_to {
        if fs::symlink_metadata(old_to).is_ok() {
            return Err(StoreFault::Refused(format!(
                "{} is there already: name another file",
                old_to.display()
            )));
        }
        backup::copy_key(key, old_to)?;
    }
    let new = draw(key)?;
    let secrets = match reseal(&conn, &old, &new, progress) {
        Ok(secrets) => secrets,
        Err(fault) => {
            // Nothing is sealed with it.
            let _ = fs::remove_file(with_suffix(key, NEXT));
            return Err(fault);
        }
    };
    finish_rotation(&conn, key)?;
    // What was sealed with the old key is gone from the log as well.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(Rotated { secrets, key: key.to_owned(), old_key: old_to.map(Path::to_owned) })
}

/// A new key beside the old one, for the eyes of the same account.
pub(super) fn draw(key: &Path) -> Stored<Seal> {
    let next = with_suffix(key, NEXT);
    let seal = Seal::create(&next)?;
    give_to_owner_of(key, &next)?;
    Ok(seal)
}

/// Whoever does this may be root; the server is somebody else.
fn give_to_owner_of(key: &Path, next: &Path) -> Stored<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (old, new) = (fs::metadata(key), fs::metadata(next));
    let (Ok(old), Ok(new)) = (old, new) else { return Ok(()) };
    if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(next, Some(old.uid()), Some(old.gid()))
        .map_err(|error| cannot("give to the owner of the key", next, &error))
}

/// Seals everything anew, in one commit.
pub(super) fn reseal(conn: &Connection, old: &Seal, new: &Seal, progress: Progress<'_>) -> Stored<usize> {
    let change = conn.unchecked_transaction()?;
    let all = sealed::all(&change)?;
    for (number, secret) in (1_u64..).zip(&all) {
        secret.reseal(&change, old, new)?;
        progress(number, all.len() as u64);
    }
    let check = new.close(b"vestibule", SEAL_CHECK)?;
    change.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('seal_check', ?1)", params![check])?;
    change.commit()?;
    Ok(all.len())
}

/// Ends what was cut off: the key that opens everything takes its place, and one that opens nothing goes.
pub(in super::super) fn finish_rotation(conn: &Connection, key: &Path) -> Stored<()> {
    let next = with_suffix(key, NEXT);
    if !is_private(&next)? {
        return Ok(());
    }
    let check: Option<Vec<u8>> = {
        use rusqlite::OptionalExtension as _;
        conn.query_row("SELECT value FROM meta WHERE name = 'seal_check'", [], |row| row.get(0)).optional()?
    };
    let fits = |seal: Option<Seal>| {
        let check = check.as_deref();
        seal.is_some_and(|seal| check.is_some_and(|check| seal.open(check, SEAL_CHECK).is_ok()))
    };
    if fits(Seal::read(key)?) {
        return fs::remove_file(&next).map_err(|error| cannot("remove", &next, &error));
    }
    // One that was cut off while it was written is none, and what it would have sealed was never sealed.
    if fits(Seal::read(&next).unwrap_or(None)) {
        return replace(&next, key);
    }
    Ok(())
}
