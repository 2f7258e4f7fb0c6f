//! The embedded store: one SQLite file in WAL mode, synced at every commit.
//!
//! When a verb returns, its commit has returned: what was acknowledged survives `kill -9` and a power cut. TOTP keys are
//! sealed; of tokens only hashes get here. Operators may read and back up the file with `sqlite3` while it is in use.

mod accounts;
mod approvals;
mod attempts;
mod break_glass;
pub mod care;
mod helping;
mod identities;
mod kept_forms;
mod links;
mod logins;
mod notices;
mod pairings;
mod passkeys;
mod pins;
mod rename;
mod residents;
mod rows;
mod schema;
mod sessions;
#[cfg(test)]
mod tests;
mod threads;
mod trusts;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};

use self::threads::{Readers, Writer};
use super::{
    StoreFault, Stored, Swept, Upkeep,
    files::{Claim, Place, create_private, is_private, prepare_folder, with_suffix},
    seal::{Bond, Seal},
};
use crate::domain::time::Timestamp;

/// Reading connections; reads are rare, since requests are answered from memory.
const READERS: usize = 2;
/// Pages a connection may keep, at most; they are taken as they are needed.
const CACHE_KIB: i64 = 32 * 1024;
/// How long to wait for an operator's `sqlite3` that holds the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the check of the key file is sealed to.
const SEAL_CHECK: Bond<'static> = Bond { kind: "seal check", person: "", record: b"" };

/// State in one SQLite file.
pub struct SqliteStore {
    // In this order: the readers end, the writer writes what it has, then others may have the file.
    readers: Readers,
    writer: Writer,
    seal: Arc<Seal>,
    _claim: Claim,
}

impl SqliteStore {
    /// Opens the file at `path`, with secrets sealed by the key file at `key`; makes both at the first start.
    ///
    /// # Errors
    /// A file others can read, a store in use, damage, a key that is missing or does not fit: each with its remedy.
    pub fn open(path: &Path, key: &Path) -> Stored<Self> {
        prepare_folder(path)?;
        prepare_folder(key)?;
        let exists = is_private(path)?;
        for companion in ["-wal", "-shm"] {
            is_private(&with_suffix(path, companion))?;
        }
        let key_exists = is_private(key)?;
        let claim = Claim::take(path)?;
        if !exists {
            refuse_lost(path, key, key_exists)?;
            create_private(path)?;
        }
        Self::open_claimed(path, key, key_exists, claim).map_err(|fault| name_the_file(fault, path))
    }

    fn open_claimed(path: &Path, key: &Path, key_exists: bool, claim: Claim) -> Stored<Self> {
        let mut conn = connect(path)?;
        if schema::is_empty(&conn)? {
            refuse_lost(path, key, key_exists)?;
        }
        let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(StoreFault::Unavailable(format!(
                "its file system allows no WAL (journal mode {mode})"
            )));
        }
        let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreFault::Damaged(verdict));
        }
        schema::migrate(&mut conn)?;
        let seal = fitting_seal(&conn, key)?;
        let place = Place::of(path)?;
        let readers = (0..READERS)
            .map(|_| {
                let reader = connect(path)?;
                reader.pragma_update(None, "query_only", true)?;
                Ok(reader)
            })
            .collect::<Stored<Vec<_>>>()?;
        Ok(Self {
            readers: Readers::start(readers)?,
            writer: Writer::start(conn, place)?,
            seal: Arc::new(seal),
            _claim: claim,
        })
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.writer.write(work).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Stored<T> + Send + 'static,
    ) -> Stored<T> {
        self.readers.read(work).await
    }
}

/// Opens an existing file. Never creates one: a file that vanished must not come back empty.
fn connect(path: &Path) -> Stored<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(PATIENCE)?;
    conn.set_prepared_statement_cache_capacity(96);
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    // The uses of many sessions are noted at once, in no order of their pages: SQLite's own 2 MB would read each anew.
    conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Rows that are deleted, sealed keys among them, are overwritten.
    conn.pragma_update(None, "secure_delete", true)?;
    Ok(conn)
}

/// An empty store beside an old key is a lost store: starting with it would let anybody who knows a password link an app.
fn refuse_lost(path: &Path, key: &Path, key_exists: bool) -> Stored<()> {
    if !key_exists {
        return Ok(());
    }
    Err(StoreFault::Damaged(format!(
        "{} is missing or empty, but its key {1} exists: restore the store from a backup, or remove {1} to begin with an \
         empty store, where everybody signs in and links an app anew",
        path.display(),
        key.display()
    )))
}

/// The key that sealed what the store holds; a fresh one where it holds nothing sealed.
fn fitting_seal(conn: &Connection, key: &Path) -> Stored<Seal> {
    care::finish_rotation(conn, key)?;
    let check: Option<Vec<u8>> = conn
        .query_row("SELECT value FROM meta WHERE name = 'seal_check'", [], |row| row.get(0))
        .optional()?;
    if let Some(seal) = Seal::read(key)? {
        return match check {
            Some(check) if seal.open(&check, SEAL_CHECK).is_err() => Err(StoreFault::Damaged(format!(
                "it was sealed with another key than {}: put back the key file that belongs to it",
                key.display()
            ))),
            Some(_) => Ok(seal),
            None => note_seal(conn, seal),
        };
    }
    let holds_secrets: bool = conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM totp) OR EXISTS (SELECT 1 FROM pairings WHERE sealed_key IS NOT NULL)
         OR EXISTS (SELECT 1 FROM pins)
         OR EXISTS (SELECT 1 FROM logins WHERE sealed_key IS NOT NULL OR sent_sealed IS NOT NULL)",
        [],
        |row| row.get(0),
    )?;
    if holds_secrets {
        return Err(StoreFault::Damaged(format!(
            "its key file {} is missing, and it holds secrets sealed with it: restore the key file from a backup; if it is \
             lost, delete the rows of the tables totp, logins, pins and pairings with sqlite3, and everybody links an app anew",
            key.display()
        )));
    }
    note_seal(conn, Seal::create(key)?)
}

fn note_seal(conn: &Connection, seal: Seal) -> Stored<Seal> {
    let check = seal.close(b"vestibule", SEAL_CHECK)?;
    conn.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('seal_check', ?1)", params![check])?;
    Ok(seal)
}

fn name_the_file(fault: StoreFault, path: &Path) -> StoreFault {
    let path: PathBuf = path.to_owned();
    let name = path.display();
    match fault {
        StoreFault::Unavailable(why) => StoreFault::Unavailable(format!("{name}: {why}")),
        StoreFault::Refused(why) => StoreFault::Refused(format!("{name}: {why}")),
        StoreFault::Damaged(why) => StoreFault::Damaged(format!(
            "{name}: {why}; restore a backup, or move the file and its key away to begin with an empty store"
        )),
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let is_damage = matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..)
        ) || matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
        );
        if is_damage { Self::Damaged(error.to_string()) } else { Self::Unavailable(error.to_string()) }
    }
}

#[async_trait]
impl Upkeep for SqliteStore {
    async fn sweep(&self, now: Timestamp, keep_events: Duration) -> Stored<Swept> {
        self.write(move |conn| {
            let now = now.unix();
            let oldest = now.saturating_sub(i64::try_from(keep_events.as_secs()).unwrap_or(i64::MAX));
            Ok(Swept {
                sessions: conn
                    .execute("DELETE FROM sessions WHERE ends_at <= ?1 OR last_seen + idle <= ?1", [now])?,
                trusts: conn.execute("DELETE FROM devices WHERE expires_at <= ?1", [now])?
                    + conn.execute("DELETE FROM addresses WHERE expires_at <= ?1", [now])?,
                logins: conn.execute("DELETE FROM logins WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM links WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM departures WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM pairings WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM approvals WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM help_requests WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM invitations WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM break_glass WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM kept_forms WHERE ends_at <= ?1", [now])?,
                attempts: conn.execute("DELETE FROM tries WHERE until <= ?1", [now])?,
                notices: conn.execute("DELETE FROM not_me WHERE ends_at <= ?1", [now])?
                    + conn.execute("DELETE FROM seen_by WHERE ends_at <= ?1", [now])?,
                events: conn.execute("DELETE FROM journal WHERE at < ?1", [oldest])?,
            })
        })
        .await
    }

    async fn latest_moment(&self) -> Stored<Option<Timestamp>> {
        self.read(|conn| {
            let latest = conn
                .query_row("SELECT value FROM meta WHERE name = 'latest_moment'", [], |row| row.get(0))
                .optional()?;
            Ok(latest.map(Timestamp::from_unix))
        })
        .await
    }

    async fn note_moment(&self, now: Timestamp) -> Stored<()> {
        self.write(move |conn| {
            conn.prepare_cached(
                "INSERT INTO meta (name, value) VALUES ('latest_moment', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            )?
            .execute([now.unix()])?;
            Ok(())
        })
        .await
    }

    async fn check_writable(&self) -> Stored<()> {
        self.write(|conn| {
            conn.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('written', unixepoch())")?
                .execute([])?;
            Ok(())
        })
        .await
    }
}
