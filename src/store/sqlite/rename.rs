//! Another name for a person: what goes with them, and what ends.

use rusqlite::{Connection, params};

use super::{
    residents::{KEPT_ABOUT, forget, insert, run, taken},
    rows, sessions,
};
use crate::{
    domain::{
        identity::UserId,
        kept::KeptPerson,
        token::{RecordId, TokenHash},
    },
    store::{Stored, Taken, seal::Seal},
};

/// Tables whose rows go with somebody. Keys of apps go one by one: they are sealed to the name. Recovery codes are hashes over
/// the name, and end; so does everything else.
const GOES_ALONG: [&str; 5] = ["passkeys", "contacts", "identities", "help_requests", "not_me"];

pub(super) fn rename(
    conn: &Connection,
    seal: &Seal,
    from: &UserId,
    person: &KeptPerson,
) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
    run(conn, "SAVEPOINT renaming")?;
    let found = conn.prepare_cached("DELETE FROM residents WHERE id = ?1")?.execute([from.as_str()])?;
    let refused = if found == 0 { None } else { taken(conn, person, true)? };
    if found == 0 || refused.is_some() {
        run(conn, "ROLLBACK TO renaming")?;
        run(conn, "RELEASE renaming")?;
        return Ok(refused.map_or(Ok(None), Err));
    }
    let to = &person.id;
    let mut closed = sessions::close_all(conn, from, None)?;
    if to != from {
        closed.extend(sessions::close_all(conn, to, None)?);
        // Whoever had the name before leaves nothing to whoever has it now.
        forget(conn, to)?;
    }
    insert(conn, person)?;
    let stays = |table: &str| GOES_ALONG.contains(&table) || table == "totp";
    let is_name_kept = |table: &str| to == from && table == "recovery_codes";
    for table in KEPT_ABOUT.into_iter().filter(|table| !stays(table) && !is_name_kept(table)) {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?.execute([from.as_str()])?;
    }
    if to == from {
        conn.prepare_cached("DELETE FROM kept_forms WHERE owner = ?1")?.execute([from.as_str()])?;
    } else {
        take_along(conn, seal, from, to)?;
        forget(conn, from)?;
    }
    run(conn, "RELEASE renaming")?;
    Ok(Ok(Some(closed)))
}

fn take_along(conn: &Connection, seal: &Seal, from: &UserId, to: &UserId) -> Stored<()> {
    let both = params![from.as_str(), to.as_str()];
    conn.prepare_cached(
        "INSERT INTO accounts (person, wants_second_factor, language) \
         SELECT ?2, wants_second_factor, language FROM accounts WHERE person = ?1",
    )?
    .execute(both)?;
    let mut apps = conn.prepare_cached("SELECT id, sealed_key FROM totp WHERE person = ?1")?;
    let apps: Vec<(RecordId, Vec<u8>)> = apps
        .query_and_then([from.as_str()], |row| Ok((rows::id(row, 0)?, row.get(1)?)))?
        .collect::<Stored<_>>()?;
    for (id, sealed) in apps {
        let key = zeroize::Zeroizing::new(seal.open(&sealed, rows::totp_bond(from, &id))?);
        let sealed = seal.close(&key, rows::totp_bond(to, &id))?;
        conn.prepare_cached("UPDATE totp SET person = ?2, sealed_key = ?3 WHERE id = ?1")?
            .execute(params![id.as_str(), to.as_str(), sealed])?;
    }
    for table in GOES_ALONG {
        conn.prepare_cached(&format!("UPDATE {table} SET person = ?2 WHERE person = ?1"))?.execute(both)?;
    }
    Ok(())
}
