//! The tables, as a list of steps. A step that was released never changes; a new one is added at the end.

use rusqlite::Connection;

use crate::store::{StoreFault, Stored};

/// Marks the file as ours ("VSTB").
const APPLICATION: i32 = 0x5653_5442;

/// `PRAGMA user_version` counts how many of these have run.
const STEPS: &[&str] = &[
    include_str!("001_begin.sql"),
    include_str!("002_codes.sql"),
    include_str!("010_passkeys.sql"),
    include_str!("020_links.sql"),
    include_str!("021_contacts.sql"),
    include_str!("030_identities.sql"),
    include_str!("040_notices.sql"),
    include_str!("050_pairings.sql"),
    include_str!("060_pins.sql"),
    include_str!("070_approvals.sql"),
    include_str!("080_people.sql"),
    include_str!("081_journal.sql"),
    include_str!("090_hand_overs.sql"),
    include_str!("100_kept_forms.sql"),
    include_str!("110_hashes.sql"),
    include_str!("120_break_glass.sql"),
];

/// Whether the file holds nothing yet.
pub(super) fn is_empty(conn: &Connection) -> Stored<bool> {
    Ok(conn.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?)
}

/// The version that this program writes.
pub(super) const KNOWN: u32 = STEPS.len() as u32;

/// The version of the tables, where the file is one of ours or empty.
pub(super) fn version(conn: &Connection) -> Stored<u32> {
    let application: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if !is_empty(conn)? && application != APPLICATION {
        return Err(StoreFault::Refused(
            "it is the database of another program: name another file under [store]".to_owned(),
        ));
    }
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Refuses tables of a version that this program does not know.
pub(super) fn refuse_newer(version: u32) -> Stored<()> {
    if version > KNOWN {
        return Err(StoreFault::Refused(format!(
            "it was written by a newer vestibule (tables of version {version}, this one knows {KNOWN}): \
             run that version, or restore the backup made before the upgrade"
        )));
    }
    Ok(())
}

/// Brings the tables up to date.
pub(super) fn migrate(conn: &mut Connection) -> Stored<()> {
    migrate_telling(conn, &mut |_, _| {})
}

/// The same, telling how many steps are done.
pub(super) fn migrate_telling(conn: &mut Connection, progress: &mut dyn FnMut(u64, u64)) -> Stored<()> {
    migrate_until(conn, KNOWN, progress)
}

/// The same, up to this version.
pub(super) fn migrate_until(
    conn: &mut Connection,
    known: u32,
    progress: &mut dyn FnMut(u64, u64),
) -> Stored<()> {
    let version = version(conn)?;
    refuse_newer(version)?;
    for (number, step) in (1..=known).zip(STEPS).filter(|(number, _)| *number > version) {
        let change = conn.transaction()?;
        change.execute_batch(step)?;
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", number)?;
        change.commit()?;
        progress(u64::from(number - version), u64::from(known.saturating_sub(version)));
    }
    Ok(())
}
