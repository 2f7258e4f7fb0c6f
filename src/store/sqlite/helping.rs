//! What visitors ask of administrators, and links to set a password with.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        help::{HelpAnswer, HelpRequest, Wish},
        identity::UserId,
        invitation::Invitation,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{HelpRequests, Invitations, Stored},
};

/// The columns of [`help`], in its order.
const HELP: &str = "id, reference, person, portal, wish, path, address, agent, asked_at, ends_at, granted, answered_by, \
                    reason, answered_at";
/// The columns of [`invitation`], in its order.
const INVITATION: &str = "person, id, link, portal, sent_to, made_by, credential, made_at, ends_at";

#[async_trait]
impl HelpRequests for SqliteStore {
    async fn file_help(&self, request: &HelpRequest, now: Timestamp) -> Stored<HelpRequest> {
        let request = request.clone();
        self.write(move |conn| {
            let (wish, path) = written(&request.wish);
            let mut find = conn.prepare_cached(&format!(
                "SELECT {HELP} FROM help_requests WHERE person = ?1 AND portal = ?2 AND wish = ?3 AND path IS ?4
                 AND answered_at IS NULL AND ends_at > ?5"
            ))?;
            let person = request.person.as_str();
            let open = find
                .query_and_then(params![person, request.portal, wish, path, now.unix()], help)?
                .next()
                .transpose()?;
            if let Some(open) = open {
                return Ok(open);
            }
            conn.prepare_cached(&format!(
                "INSERT INTO help_requests ({HELP}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, NULL, NULL, NULL)"
            ))?
            .execute(params![
                request.id.as_str(),
                request.reference,
                person,
                request.portal,
                wish,
                path,
                request.address.to_string(),
                request.agent,
                request.asked_at.unix(),
                request.ends_at.unix(),
            ])?;
            Ok(request)
        })
        .await
    }

    async fn help_requests(&self, open_at: Option<Timestamp>, limit: usize) -> Stored<Vec<HelpRequest>> {
        self.read(move |conn| {
            let mut list = conn.prepare_cached(&format!(
                "SELECT {HELP} FROM help_requests WHERE ?1 IS NULL OR answered_at IS NULL AND ends_at > ?1
                 ORDER BY asked_at DESC, id DESC LIMIT ?2"
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            list.query_and_then(params![open_at.map(Timestamp::unix), limit], help)?.collect()
        })
        .await
    }

    async fn recall_help(&self, id: &RecordId) -> Stored<Option<HelpRequest>> {
        let id = id.clone();
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!("SELECT {HELP} FROM help_requests WHERE id = ?1"))?;
            find.query_and_then([id.as_str()], help)?.next().transpose()
        })
        .await
    }

    async fn answer_help(&self, id: &RecordId, answer: &HelpAnswer, now: Timestamp) -> Stored<bool> {
        let (id, answer) = (id.clone(), answer.clone());
        self.write(move |conn| {
            let answered = conn
                .prepare_cached(
                    "UPDATE help_requests SET granted = ?2, answered_by = ?3, reason = ?4, answered_at = ?5
                     WHERE id = ?1 AND answered_at IS NULL AND ends_at > ?6",
                )?
                .execute(params![
                    id.as_str(),
                    answer.granted,
                    answer.by,
                    answer.reason,
                    answer.at.unix(),
                    now.unix()
                ])?;
            Ok(answered == 1)
        })
        .await
    }
}

#[async_trait]
impl Invitations for SqliteStore {
    async fn offer_invitation(&self, invitation: &Invitation) -> Stored<()> {
        let invitation = invitation.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO invitations ({INVITATION}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                invitation.person.as_str(),
                invitation.id.as_str(),
                invitation.link.as_bytes(),
                invitation.portal,
                invitation.to,
                invitation.by,
                invitation.credential.as_bytes(),
                invitation.made_at.unix(),
                invitation.ends_at.unix(),
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>> {
        let link = *link;
        self.read(move |conn| {
            one(conn, &format!("SELECT {INVITATION} FROM invitations WHERE link = ?1"), link.as_bytes())
        })
        .await
    }

    async fn take_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>> {
        let link = *link;
        self.write(move |conn| {
            one(
                conn,
                &format!("DELETE FROM invitations WHERE link = ?1 RETURNING {INVITATION}"),
                link.as_bytes(),
            )
        })
        .await
    }

    async fn invitation_of(&self, person: &UserId) -> Stored<Option<Invitation>> {
        let person = person.clone();
        self.read(move |conn| {
            one(conn, &format!("SELECT {INVITATION} FROM invitations WHERE person = ?1"), person.as_str())
        })
        .await
    }
}

fn one(conn: &Connection, statement: &str, key: impl rusqlite::ToSql) -> Stored<Option<Invitation>> {
    conn.prepare_cached(statement)?.query_and_then([key], invitation)?.next().transpose()
}

fn written(wish: &Wish) -> (&'static str, Option<&str>) {
    match wish {
        Wish::SecondFactor => (wish.name(), None),
        Wish::Access { path } => (wish.name(), Some(path)),
    }
}

fn help(row: &Row<'_>) -> Stored<HelpRequest> {
    let word: String = row.get(4)?;
    let path: Option<String> = row.get(5)?;
    let wish = match (word.as_str(), path) {
        ("second_factor", None) => Wish::SecondFactor,
        ("access", Some(path)) => Wish::Access { path },
        _ => return Err(rows::misread("wish", &word)),
    };
    let answer = match row.get::<_, Option<bool>>(10)? {
        Some(granted) => {
            Some(HelpAnswer { granted, by: row.get(11)?, reason: row.get(12)?, at: rows::moment(row, 13)? })
        }
        None => None,
    };
    Ok(HelpRequest {
        id: rows::id(row, 0)?,
        reference: row.get(1)?,
        person: rows::person(row, 2)?,
        portal: row.get(3)?,
        wish,
        address: rows::parsed(row, 6, "address")?,
        agent: row.get(7)?,
        asked_at: rows::moment(row, 8)?,
        ends_at: rows::moment(row, 9)?,
        answer,
    })
}

fn invitation(row: &Row<'_>) -> Stored<Invitation> {
    Ok(Invitation {
        person: rows::person(row, 0)?,
        id: rows::id(row, 1)?,
        link: rows::hash(row, 2)?,
        portal: row.get(3)?,
        to: row.get(4)?,
        by: row.get(5)?,
        credential: rows::credential(row, 6)?,
        made_at: rows::moment(row, 7)?,
        ends_at: rows::moment(row, 8)?,
    })
}
