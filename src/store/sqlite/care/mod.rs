//! What an operator does to the file itself: copy it, look it over, bring it up to date, seal it with another key.
//!
//! Copying and looking need no standstill: they read what was committed at one moment. The other two claim the file as a server
//! does, and are refused while one runs.

mod backup;
mod check;
mod migrate;
mod rotate;
mod sealed;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub(super) use self::rotate::finish_rotation;
pub use self::{backup::backup, check::check, migrate::migrate, rotate::rotate_key};
use crate::store::{StoreFault, Stored, files::Claim};

/// Told how much of all is done.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// A copy that was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Copied {
    /// Where it is.
    pub file: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// Secrets in it that open with the key file only.
    pub secrets: usize,
    /// The key file they open with.
    pub key: PathBuf,
    /// Where that was copied to, if it was.
    pub key_copy: Option<PathBuf>,
}

/// What looking a file over came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Checkup {
    /// Whether all of it is as it should be.
    pub sound: bool,
    /// The version of its tables, and the one this program knows.
    pub version: u32,
    /// The one this program knows.
    pub known: u32,
    /// Secrets that open with the key file.
    pub secrets: usize,
    /// What is wrong, each with its remedy.
    pub problems: Vec<String>,
}

/// What bringing a file up to date came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Migrated {
    /// The version it had.
    pub from: u32,
    /// The version it has.
    pub to: u32,
    /// Where it was copied to before, if anything was to do.
    pub backup: Option<PathBuf>,
}

/// What sealing with another key came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Rotated {
    /// Secrets that were sealed anew.
    pub secrets: usize,
    /// The key file.
    pub key: PathBuf,
    /// Where the old one was copied to, if it was.
    pub old_key: Option<PathBuf>,
}

/// Claims a file that no server may have meanwhile.
fn claim(path: &Path) -> Stored<Claim> {
    Claim::take(path).map_err(|fault| match fault {
        StoreFault::Refused(_) => StoreFault::Refused(format!(
            "a server has {} open: stop it, say this again, and start it",
            path.display()
        )),
        other => other,
    })
}

/// Refuses what is not there: nothing is made by looking at it.
fn must_exist(path: &Path) -> Stored<()> {
    match path.exists() {
        true => Ok(()),
        false => Err(StoreFault::Refused(format!("there is no store at {}", path.display()))),
    }
}
