//! Who is signed in.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        identity::UserId,
        session::Session,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Sessions, Stored},
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn open_session(&self, session: &Session, replaces: Option<&TokenHash>) -> Stored<()> {
        let (session, replaces) = (session.clone(), replaces.copied());
        self.write(move |conn| {
            if let Some(old) = replaces {
                conn.prepare_cached("DELETE FROM sessions WHERE hash = ?1")?.execute([old.as_bytes()])?;
            }
            insert(conn, &session)
        })
        .await
    }

    async fn note_seen(&self, seen: &[(TokenHash, Timestamp)]) -> Stored<()> {
        let seen = seen.to_vec();
        self.write(move |conn| {
            let mut note =
                conn.prepare_cached("UPDATE sessions SET last_seen = max(last_seen, ?2) WHERE hash = ?1")?;
            for (hash, at) in seen {
                note.execute(params![hash.as_bytes(), at.unix()])?;
            }
            Ok(())
        })
        .await
    }

    async fn close_session(&self, id: &RecordId) -> Stored<Option<TokenHash>> {
        let id = id.clone();
        self.write(move |conn| {
            let mut close = conn.prepare_cached("DELETE FROM sessions WHERE id = ?1 RETURNING hash")?;
            Ok(close.query_row([id.as_str()], |row| row.get(0)).optional()?.map(TokenHash::from_bytes))
        })
        .await
    }

    async fn close_sessions_of(&self, person: &UserId, except: Option<&TokenHash>) -> Stored<Vec<TokenHash>> {
        let (person, except) = (person.clone(), except.copied());
        self.write(move |conn| close_all(conn, &person, except)).await
    }

    async fn sessions(&self, person: Option<&UserId>) -> Stored<Vec<Session>> {
        let person = person.cloned();
        self.read(move |conn| {
            let which = if person.is_some() { "person = ?1" } else { "?1 IS NULL" };
            let mut list =
                conn.prepare_cached(&format!("SELECT {} FROM sessions WHERE {which}", rows::SESSION))?;
            let mut open: Vec<Session> = list
                .query_and_then([person.as_ref().map(UserId::as_str)], rows::session)?
                .collect::<Stored<_>>()?;
            // Sorted here: SQLite would carry whole rows through a sort on disk.
            open.sort_unstable_by(|a, b| (b.opened_at, &b.id).cmp(&(a.opened_at, &a.id)));
            Ok(open)
        })
        .await
    }
}

fn insert(conn: &Connection, session: &Session) -> Stored<()> {
    conn.prepare_cached(&format!(
        "INSERT INTO sessions ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        rows::SESSION
    ))?
    .execute(params![
        session.hash.as_bytes(),
        session.id.as_str(),
        session.person.as_str(),
        session.portal,
        session.opened_at.unix(),
        session.last_seen.unix(),
        session.ends_at.unix(),
        rows::seconds(session.idle),
        session.passed.map(|passed| passed.method.name()),
        session.passed.map(|passed| passed.at.unix()),
        session.device.as_ref().map(RecordId::as_str),
        session.credential.as_bytes(),
        session.address.to_string(),
        session.agent,
        session.first.name(),
        session.handed_from.as_ref().map(RecordId::as_str),
    ])?;
    Ok(())
}

/// Closes all of a person's sessions within a larger change, but for `except` and the one that was handed over from, and tells
/// which. They are read first: what a trigger takes along with the session it was handed over from, `RETURNING` does not tell.
pub(super) fn close_all(
    conn: &Connection,
    person: &UserId,
    except: Option<TokenHash>,
) -> Stored<Vec<TokenHash>> {
    let mut open = conn.prepare_cached(
        "SELECT hash FROM sessions WHERE person = ?1 AND (?2 IS NULL OR hash <> ?2) \
         AND (?2 IS NULL OR id IS NOT (SELECT handed_from FROM sessions WHERE hash = ?2))",
    )?;
    let except = except.as_ref().map(TokenHash::as_bytes);
    let closed: Vec<TokenHash> = open
        .query_and_then(params![person.as_str(), except], |row| rows::hash(row, 0))?
        .collect::<Stored<_>>()?;
    let mut close = conn.prepare_cached("DELETE FROM sessions WHERE hash = ?1")?;
    for hash in &closed {
        close.execute([hash.as_bytes()])?;
    }
    Ok(closed)
}
