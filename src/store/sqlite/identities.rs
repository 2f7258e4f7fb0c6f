//! Accounts at identity providers, and visits there under way.

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        facts::ReturnTo,
        identity::UserId,
        provider::{Departure, Identity, Purpose},
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Identities, Linked, Stored},
};

/// The columns of [`identity`], in its order.
const IDENTITY: &str = "id, person, issuer, subject, label, linked_at, last_used";
/// The columns of [`departure`], in its order.
const DEPARTURE: &str = "hash, browser, provider, portal, return_to, ends_at, person, session";

#[async_trait]
impl Identities for SqliteStore {
    async fn begin_departure(&self, departure: &Departure) -> Stored<()> {
        let departure = departure.clone();
        self.write(move |conn| {
            let (person, session) = match &departure.purpose {
                Purpose::SignIn => (None, None),
                Purpose::Link { person, session } => (Some(person.as_str()), Some(session.as_str())),
            };
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO departures ({DEPARTURE}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            ))?
            .execute(params![
                departure.hash.as_bytes(),
                departure.browser.as_bytes(),
                departure.provider,
                departure.portal,
                departure.return_to.as_str(),
                departure.ends_at.unix(),
                person,
                session,
            ])?;
            Ok(())
        })
        .await
    }

    async fn take_departure(&self, hash: &TokenHash) -> Stored<Option<Departure>> {
        let hash = *hash;
        self.write(move |conn| {
            let mut take = conn
                .prepare_cached(&format!("DELETE FROM departures WHERE hash = ?1 RETURNING {DEPARTURE}"))?;
            take.query_and_then([hash.as_bytes()], departure)?.next().transpose()
        })
        .await
    }

    async fn link_identity(&self, identity: &Identity) -> Stored<Linked> {
        let identity = identity.clone();
        self.write(move |conn| {
            let owner: Option<String> = conn
                .prepare_cached("SELECT person FROM identities WHERE issuer = ?1 AND subject = ?2")?
                .query_row([&identity.issuer, &identity.subject], |row| row.get(0))
                .optional()?;
            match owner {
                Some(owner) if owner == identity.person.as_str() => return Ok(Linked::Already),
                Some(_) => return Ok(Linked::OfAnother),
                None => {}
            }
            conn.prepare_cached(&format!(
                "INSERT INTO identities ({IDENTITY}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute(params![
                identity.id.as_str(),
                identity.person.as_str(),
                identity.issuer,
                identity.subject,
                identity.label,
                identity.linked_at.unix(),
                identity.last_used.map(Timestamp::unix),
            ])?;
            Ok(Linked::Now)
        })
        .await
    }

    async fn find_identity(&self, issuer: &str, subject: &str) -> Stored<Option<Identity>> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {IDENTITY} FROM identities WHERE issuer = ?1 AND subject = ?2"
            ))?;
            find.query_and_then([issuer, subject], identity)?.next().transpose()
        })
        .await
    }

    async fn identities(&self, person: &UserId) -> Stored<Vec<Identity>> {
        let person = person.clone();
        self.read(move |conn| {
            let mut list = conn.prepare_cached(&format!(
                "SELECT {IDENTITY} FROM identities WHERE person = ?1 ORDER BY linked_at, id"
            ))?;
            list.query_and_then([person.as_str()], identity)?.collect()
        })
        .await
    }

    async fn unlink_identity(&self, person: &UserId, id: &RecordId) -> Stored<bool> {
        let (person, id) = (person.clone(), id.clone());
        self.write(move |conn| {
            let gone = conn
                .prepare_cached("DELETE FROM identities WHERE id = ?1 AND person = ?2")?
                .execute([id.as_str(), person.as_str()])?;
            Ok(gone == 1)
        })
        .await
    }

    async fn note_identity_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        let id = id.clone();
        self.write(move |conn| {
            conn.prepare_cached("UPDATE identities SET last_used = ?2 WHERE id = ?1")?
                .execute(params![id.as_str(), now.unix()])?;
            Ok(())
        })
        .await
    }
}

fn identity(row: &Row<'_>) -> Stored<Identity> {
    Ok(Identity {
        id: rows::id(row, 0)?,
        person: rows::person(row, 1)?,
        issuer: row.get(2)?,
        subject: row.get(3)?,
        label: row.get(4)?,
        linked_at: Timestamp::from_unix(row.get(5)?),
        last_used: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_unix),
    })
}

fn departure(row: &Row<'_>) -> Stored<Departure> {
    let person: Option<String> = row.get(6)?;
    let session: Option<String> = row.get(7)?;
    Ok(Departure {
        hash: rows::hash(row, 0)?,
        browser: rows::hash(row, 1)?,
        provider: row.get(2)?,
        portal: row.get(3)?,
        return_to: ReturnTo::read(&row.get::<_, String>(4)?),
        ends_at: Timestamp::from_unix(row.get(5)?),
        purpose: match person.zip(session) {
            Some((person, session)) => {
                Purpose::Link { person: UserId::kept(&person), session: RecordId::from_text(&session) }
            }
            None => Purpose::SignIn,
        },
    })
}
