//! People who were made here, and what administrators switched.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{SqliteStore, rename, rows, sessions, trusts};
use crate::{
    domain::{
        identity::{CredentialMark, PasswordHash, Requirement, UserId, fold_login},
        kept::KeptPerson,
        role::Authority,
        switches::{GroupSwitch, Switches},
        token::TokenHash,
    },
    store::{Ends, PeoplePage, PeopleQuery, Residents, StoreFault, Stored, Taken},
};

/// The columns of [`resident`], in its order.
const RESIDENT: &str = "id, name, display_name, email, phone, password, second_factor, least, disabled_by, era, created_at, changed_at, \
                        carried";

/// Tables of what is kept about somebody, by their id.
pub(super) const KEPT_ABOUT: [&str; 19] = [
    "pairings",
    "sessions",
    "pins",
    "approvals",
    "departures",
    "devices",
    "addresses",
    "totp",
    "passkeys",
    "recovery_codes",
    "contacts",
    "identities",
    "logins",
    "links",
    "not_me",
    "seen_by",
    "help_requests",
    "invitations",
    "break_glass",
];

#[async_trait]
impl Residents for SqliteStore {
    async fn residents(&self) -> Stored<Vec<KeptPerson>> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let mut list =
                snapshot.prepare_cached("SELECT person, name FROM resident_groups ORDER BY person, place")?;
            let mut found = list.query([])?;
            while let Some(row) = found.next()? {
                groups.entry(row.get(0)?).or_default().push(row.get(1)?);
            }
            let mut list =
                snapshot.prepare_cached(&format!("SELECT {RESIDENT} FROM residents ORDER BY id"))?;
            list.query_and_then([], resident)?
                .map(|person| {
                    let mut person = person?;
                    person.groups = groups.remove(person.id.as_str()).unwrap_or_default();
                    Ok(person)
                })
                .collect()
        })
        .await
    }

    async fn search_residents(&self, query: &PeopleQuery) -> Stored<PeoplePage> {
        let query = query.clone();
        self.read(move |conn| {
            let snapshot = conn.unchecked_transaction()?;
            // A list of groups travels as one JSON text, so that the statement is the same for any number of them.
            let groups = query.groups.map(|groups| serde_json::Value::from(groups).to_string());
            let text = fold_login(&query.text);
            let fits = "(?1 = '' OR instr(search, ?1) > 0) AND (?2 IS NULL OR EXISTS (SELECT 1 FROM resident_groups g \
                        WHERE g.person = residents.id AND g.name IN (SELECT value FROM json_each(?2))))";
            let total: i64 = snapshot
                .prepare_cached(&format!("SELECT count(*) FROM residents WHERE {fits}"))?
                .query_row(params![text, groups], |row| row.get(0))?;
            let mut page = snapshot.prepare_cached(&format!(
                "SELECT {RESIDENT} FROM residents WHERE {fits} AND id > ?3 ORDER BY id LIMIT ?4"
            ))?;
            let after = query.after.as_ref().map_or("", UserId::as_str);
            let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
            let mut people: Vec<KeptPerson> =
                page.query_and_then(params![text, groups, after, limit], resident)?.collect::<Stored<_>>()?;
            for person in &mut people {
                person.groups = groups_of(&snapshot, &person.id)?;
            }
            Ok(PeoplePage { people, total: usize::try_from(total).unwrap_or(0) })
        })
        .await
    }

    async fn add_residents(&self, people: &[KeptPerson]) -> Stored<Result<(), Taken>> {
        Ok(self.import_residents(people, &[]).await?.map(|_| ()))
    }

    async fn import_residents(
        &self,
        new: &[KeptPerson],
        changed: &[(KeptPerson, Ends)],
    ) -> Stored<Result<Vec<TokenHash>, Taken>> {
        let (new, changed) = (new.to_vec(), changed.to_vec());
        self.write(move |conn| {
            // Names are asked for as they are once those before are written.
            run(conn, "SAVEPOINT importing")?;
            let written = import(conn, &new, &changed)?;
            if written.is_err() {
                run(conn, "ROLLBACK TO importing")?;
            }
            run(conn, "RELEASE importing")?;
            Ok(written)
        })
        .await
    }

    async fn change_resident(
        &self,
        person: &KeptPerson,
        ends: Ends,
        keep: Option<&TokenHash>,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
        let (person, keep) = (person.clone(), keep.copied());
        self.write(move |conn| change(conn, &person, ends, keep.as_ref())).await
    }

    async fn rename_resident(
        &self,
        from: &UserId,
        person: &KeptPerson,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
        let (from, person, seal) = (from.clone(), person.clone(), self.seal.clone());
        self.write(move |conn| rename::rename(conn, &seal, &from, &person)).await
    }

    async fn remove_resident(&self, person: &UserId) -> Stored<Option<Vec<TokenHash>>> {
        let person = person.clone();
        self.write(move |conn| {
            let removed =
                conn.prepare_cached("DELETE FROM residents WHERE id = ?1")?.execute([person.as_str()])?;
            if removed == 0 {
                return Ok(None);
            }
            let closed = sessions::close_all(conn, &person, None)?;
            forget(conn, &person)?;
            Ok(Some(closed))
        })
        .await
    }

    async fn switches(&self) -> Stored<Switches> {
        self.read(|conn| {
            let mut switches = Switches::default();
            let mut groups =
                conn.prepare_cached("SELECT name, requirement, least, closed_by FROM group_switches")?;
            let mut found = groups.query([])?;
            while let Some(row) = found.next()? {
                let switch = GroupSwitch {
                    requirement: requirement(row, 1)?,
                    least: requirement(row, 2)?,
                    closed: authority(row, 3)?,
                };
                switches.set_group(&row.get::<_, String>(0)?, switch);
            }
            let mut portals = conn.prepare_cached("SELECT name FROM closed_portals")?;
            let mut found = portals.query([])?;
            while let Some(row) = found.next()? {
                switches.set_portal(&row.get::<_, String>(0)?, true);
            }
            Ok(switches)
        })
        .await
    }

    async fn set_switches(&self, switches: &Switches) -> Stored<()> {
        let switches = switches.clone();
        self.write(move |conn| {
            run(conn, "DELETE FROM group_switches")?;
            run(conn, "DELETE FROM closed_portals")?;
            for (name, switch) in switches.groups() {
                conn.prepare_cached(
                    "INSERT INTO group_switches (name, requirement, least, closed_by) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    name,
                    switch.requirement.map(Requirement::name),
                    switch.least.map(Requirement::name),
                    switch.closed.map(Authority::name)
                ])?;
            }
            for name in switches.closed_portals() {
                conn.prepare_cached("INSERT INTO closed_portals (name) VALUES (?1)")?.execute([name])?;
            }
            Ok(())
        })
        .await
    }
}

fn import(
    conn: &Connection,
    new: &[KeptPerson],
    changed: &[(KeptPerson, Ends)],
) -> Stored<Result<Vec<TokenHash>, Taken>> {
    for person in new {
        if let Some(taken) = taken(conn, person, true)? {
            return Ok(Err(taken));
        }
        // Whoever had the name before, in a file or here, leaves nothing to whoever has it now.
        forget(conn, &person.id)?;
        insert(conn, person)?;
    }
    let mut closed = Vec::new();
    for (person, ends) in changed {
        match change(conn, person, *ends, None)? {
            Ok(Some(ended)) => closed.extend(ended),
            Ok(None) => return Err(StoreFault::Damaged(format!("nobody is called {}", person.id))),
            Err(taken) => return Ok(Err(taken)),
        }
    }
    Ok(Ok(closed))
}

fn change(
    conn: &Connection,
    person: &KeptPerson,
    ends: Ends,
    keep: Option<&TokenHash>,
) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
    if let Some(taken) = taken(conn, person, false)? {
        return Ok(Err(taken));
    }
    let created: Option<i64> = conn
        .prepare_cached("DELETE FROM residents WHERE id = ?1 RETURNING created_at")?
        .query_row([person.id.as_str()], |row| row.get(0))
        .optional()?;
    if created.is_none() {
        return Ok(Ok(None));
    }
    insert(conn, person)?;
    if ends == Ends::Nothing {
        return Ok(Ok(Some(Vec::new())));
    }
    trusts::revoke_all(conn, &person.id)?;
    for table in ["logins", "links", "invitations", "break_glass"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?
            .execute([person.id.as_str()])?;
    }
    if let Some(keep) = keep {
        conn.prepare_cached(
            "UPDATE sessions SET credential = ?3, device = NULL WHERE person = ?2 \
             AND (hash = ?1 OR id = (SELECT handed_from FROM sessions WHERE hash = ?1))",
        )?
        .execute(params![keep.as_bytes(), person.id.as_str(), person.credential().as_bytes()])?;
    }
    Ok(Ok(Some(sessions::close_all(conn, &person.id, keep.copied())?)))
}

/// Deletes everything kept about somebody but the journal.
pub(super) fn forget(conn: &Connection, person: &UserId) -> Stored<()> {
    for table in KEPT_ABOUT {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?.execute([person.as_str()])?;
    }
    conn.prepare_cached("DELETE FROM kept_forms WHERE owner = ?1")?.execute([person.as_str()])?;
    conn.prepare_cached("DELETE FROM accounts WHERE person = ?1")?.execute([person.as_str()])?;
    Ok(())
}

pub(super) fn run(conn: &Connection, statement: &str) -> Stored<()> {
    conn.prepare_cached(statement)?.execute([])?;
    Ok(())
}

/// Whether somebody else answers to the name (of a new person) or the address already.
pub(super) fn taken(conn: &Connection, person: &KeptPerson, is_new: bool) -> Stored<Option<Taken>> {
    let (id, login) = (person.id.as_str(), fold_login(&person.email));
    if is_new && conn.prepare_cached("SELECT 1 FROM residents WHERE id = ?1")?.exists([id])? {
        return Ok(Some(Taken::Name(person.name.clone())));
    }
    // A name may look like an address: then it must not be somebody else's, either way round.
    if conn.prepare_cached("SELECT 1 FROM residents WHERE email_login = ?1 AND id <> ?1")?.exists([id])? {
        return Ok(Some(Taken::Name(person.name.clone())));
    }
    let mut others =
        conn.prepare_cached("SELECT 1 FROM residents WHERE (email_login = ?1 OR id = ?1) AND id <> ?2")?;
    Ok(others.exists([login.as_str(), id])?.then(|| Taken::Email(person.email.clone())))
}

pub(super) fn insert(conn: &Connection, person: &KeptPerson) -> Stored<()> {
    let id = person.id.as_str();
    conn.prepare_cached(&format!(
        "INSERT INTO residents ({RESIDENT}, email_login, search)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    ))?
    .execute(params![
        id,
        person.name,
        person.display_name,
        person.email,
        person.phone,
        person.password.as_ref().map(PasswordHash::as_str),
        person.second_factor.map(Requirement::name),
        person.least.map(Requirement::name),
        person.disabled.map(Authority::name),
        i64::try_from(person.era).unwrap_or(i64::MAX),
        person.created_at.unix(),
        person.changed_at.unix(),
        person.carried.as_ref().map(CredentialMark::as_bytes),
        fold_login(&person.email),
        person.search_text(),
    ])?;
    let mut join = conn
        .prepare_cached("INSERT OR IGNORE INTO resident_groups (person, place, name) VALUES (?1, ?2, ?3)")?;
    for (place, group) in (0_i64..).zip(&person.groups) {
        join.execute(params![id, place, group])?;
    }
    Ok(())
}

fn groups_of(conn: &Connection, person: &UserId) -> Stored<Vec<String>> {
    let mut list =
        conn.prepare_cached("SELECT name FROM resident_groups WHERE person = ?1 ORDER BY place")?;
    list.query_and_then([person.as_str()], |row| Ok(row.get(0)?))?.collect()
}

fn resident(row: &Row<'_>) -> Stored<KeptPerson> {
    Ok(KeptPerson {
        id: rows::person(row, 0)?,
        name: row.get(1)?,
        display_name: row.get(2)?,
        email: row.get(3)?,
        phone: row.get(4)?,
        groups: Vec::new(),
        password: row.get::<_, Option<String>>(5)?.map(PasswordHash::new),
        second_factor: requirement(row, 6)?,
        least: requirement(row, 7)?,
        disabled: authority(row, 8)?,
        era: u64::try_from(row.get::<_, i64>(9)?).map_err(|_| rows::misread("era", "negative"))?,
        created_at: rows::moment(row, 10)?,
        changed_at: rows::moment(row, 11)?,
        carried: row.get::<_, Option<[u8; 16]>>(12)?.map(CredentialMark::from_bytes),
    })
}

fn requirement(row: &Row<'_>, column: usize) -> Stored<Option<Requirement>> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| Requirement::from_name(&word).ok_or_else(|| rows::misread("requirement", &word)))
        .transpose()
}

fn authority(row: &Row<'_>, column: usize) -> Stored<Option<Authority>> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| Authority::from_name(&word).ok_or_else(|| rows::misread("authority", &word))).transpose()
}
