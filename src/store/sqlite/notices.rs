//! What notices rest on.

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, params};

use super::{SqliteStore, rows, sessions, trusts};
use crate::{
    domain::{
        identity::UserId,
        notice::{MOST_MARKS, NotMe},
        time::Timestamp,
        token::TokenHash,
    },
    store::{Notices, Stored},
};

#[async_trait]
impl Notices for SqliteStore {
    async fn note_seen_by(
        &self,
        person: &UserId,
        marks: &[TokenHash],
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Stored<Vec<TokenHash>> {
        let (person, marks) = (person.clone(), marks.to_vec());
        self.write(move |conn| {
            let mut look = conn
                .prepare_cached("SELECT 1 FROM seen_by WHERE person = ?1 AND mark = ?2 AND ends_at > ?3")?;
            let mut note = conn.prepare_cached(
                "INSERT OR REPLACE INTO seen_by (person, mark, ends_at) VALUES (?1, ?2, ?3)",
            )?;
            let mut known = Vec::new();
            for mark in marks {
                if look.exists(params![person.as_str(), mark.as_bytes(), now.unix()])? {
                    known.push(mark);
                }
                note.execute(params![person.as_str(), mark.as_bytes(), ends_at.unix()])?;
            }
            conn.prepare_cached(
                "DELETE FROM seen_by WHERE person = ?1 AND mark NOT IN
                 (SELECT mark FROM seen_by WHERE person = ?1 ORDER BY ends_at DESC LIMIT ?2)",
            )?
            .execute(params![person.as_str(), MOST_MARKS as i64])?;
            Ok(known)
        })
        .await
    }

    async fn offer_not_me(&self, link: &NotMe) -> Stored<()> {
        let link = link.clone();
        self.write(move |conn| {
            conn.prepare_cached(
                "INSERT OR REPLACE INTO not_me (link, person, portal, ends_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                link.link.as_bytes(),
                link.person.as_str(),
                link.portal,
                link.ends_at.unix()
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_not_me(&self, link: &TokenHash) -> Stored<Option<NotMe>> {
        let hash = *link;
        self.read(move |conn| {
            let mut find =
                conn.prepare_cached("SELECT link, person, portal, ends_at FROM not_me WHERE link = ?1")?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok(NotMe {
                    link: rows::hash(row, 0)?,
                    person: rows::person(row, 1)?,
                    portal: row.get(2)?,
                    ends_at: Timestamp::from_unix(row.get(3)?),
                })
            };
            find.query_and_then([hash.as_bytes()], read)?.next().transpose()
        })
        .await
    }

    async fn disavow(&self, link: &TokenHash) -> Stored<bool> {
        let hash = *link;
        self.write(move |conn| {
            let person: Option<String> = conn
                .prepare_cached("DELETE FROM not_me WHERE link = ?1 RETURNING person")?
                .query_row([hash.as_bytes()], |row| row.get(0))
                .optional()?;
            let Some(person) = person.map(|name| UserId::kept(&name)) else { return Ok(false) };
            sessions::close_all(conn, &person, None)?;
            trusts::revoke_all(conn, &person)?;
            for table in ["logins", "links", "not_me", "seen_by"] {
                conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?
                    .execute([person.as_str()])?;
            }
            Ok(true)
        })
        .await
    }
}
