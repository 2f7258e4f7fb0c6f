//! A copy of the file as it was at one moment, made while others read and write it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{
    super::{connect, schema},
    Copied, Progress,
    check::seal_of,
    must_exist, sealed,
};
use crate::store::{
    StoreFault, Stored,
    files::{cannot, create_private, is_private, move_to_new, with_suffix},
};

/// Pages copied between two words on progress.
const AT_A_TIME: i32 = 256;

/// Copies the store at `path` to `to`, which must not be there, and its key file to `key_to`, likewise. Either all of a file is
/// there afterwards, or nothing.
///
/// # Errors
/// A file is there already, cannot be written, or the store cannot be read.
pub fn backup(
    path: &Path,
    key: &Path,
    to: &Path,
    key_to: Option<&Path>,
    progress: Progress<'_>,
) -> Stored<Copied> {
    must_exist(path)?;
    is_private(path)?;
    for taken in [Some(to), key_to].into_iter().flatten() {
        if fs::symlink_metadata(taken).is_ok() {
            return Err(StoreFault::Refused(format!(
                "{} is there already, and a backup overwrites nothing: name another file",
                taken.display()
            )));
        }
    }
    let secrets = copy(path, to, progress, |copy| {
        // A key that was changed meanwhile would open none of it.
        if key_to.is_some() && seal_of(copy, key)?.is_none() {
            return Err(StoreFault::Refused(format!("its secrets do not open with {}", key.display())));
        }
        if schema::version(copy)? == schema::KNOWN { Ok(sealed::all(copy)?.len()) } else { Ok(0) }
    })?;
    if let Some(key_to) = key_to {
        copy_key(key, key_to)?;
    }
    let bytes = fs::metadata(to).map_err(|error| cannot("read", to, &error))?.len();
    let key_copy = key_to.map(Path::to_owned);
    Ok(Copied { file: to.to_owned(), bytes, secrets, key: key.to_owned(), key_copy })
}

/// Copies a key file to where none is.
pub(super) fn copy_key(key: &Path, to: &Path) -> Stored<()> {
    let text = zeroize::Zeroizing::new(fs::read(key).map_err(|error| cannot("read", key, &error))?);
    let draft = Draft::begin(to)?;
    fs::write(&draft.0, &*text).map_err(|error| cannot("write", &draft.0, &error))?;
    draft.finish(to)
}

/// Copies the file, and tells what `look` makes of the copy before it gets its name.
pub(super) fn copy<T>(
    path: &Path,
    to: &Path,
    progress: Progress<'_>,
    look: impl FnOnce(&Connection) -> Stored<T>,
) -> Stored<T> {
    let source = connect(path)?;
    source.pragma_update(None, "query_only", true)?;
    // One moment for all of it, however much is written meanwhile.
    let moment = source.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    let draft = Draft::begin(to)?;
    let mut copy = Connection::open_with_flags(
        &draft.0,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    {
        let copying = Backup::new(&moment, &mut copy)?;
        loop {
            let step = copying.step(AT_A_TIME)?;
            let told = copying.progress();
            let all = u64::try_from(told.pagecount).unwrap_or(0);
            progress(all.saturating_sub(u64::try_from(told.remaining).unwrap_or(0)), all);
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreFault::Unavailable("somebody else locks it: try again".to_owned())),
            }
        }
    }
    drop(moment);
    // One file, without companions, that can be read from anywhere.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreFault::Damaged(verdict));
    }
    let seen = look(&copy)?;
    copy.close().map_err(|(_, fault)| fault)?;
    draft.finish(to)?;
    Ok(seen)
}

/// A file that is not whole yet. It goes away with its value.
struct Draft(PathBuf);

impl Draft {
    fn begin(to: &Path) -> Stored<Self> {
        let draft = with_suffix(to, ".part");
        create_private(&draft)?;
        Ok(Self(draft))
    }

    fn finish(self, to: &Path) -> Stored<()> {
        move_to_new(&self.0, to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it was finished.
        let _ = fs::remove_file(&self.0);
    }
}
