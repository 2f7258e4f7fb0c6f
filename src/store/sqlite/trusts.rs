//! Devices and addresses that waive the second factor.

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
        trust::{AddressTrust, DeviceTrust},
    },
    store::{Stored, Trusts},
};

#[async_trait]
impl Trusts for SqliteStore {
    async fn trust_device(&self, trust: &DeviceTrust) -> Stored<()> {
        let trust = trust.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT INTO devices ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                rows::DEVICE
            ))?
            .execute(params![
                trust.id.as_str(),
                trust.person.as_str(),
                trust.hash.as_bytes(),
                trust.previous.as_ref().map(|(hash, _)| hash.as_bytes()),
                trust.previous.map(|(_, at)| at.unix()),
                trust.label,
                trust.granted_at.unix(),
                trust.expires_at.map_or(rows::NEVER, Timestamp::unix),
                trust.last_used.unix(),
                trust.credential.as_bytes(),
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_device(&self, hash: &TokenHash) -> Stored<Option<DeviceTrust>> {
        let hash = *hash;
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {} FROM devices
                 WHERE hash = ?1 OR id = (SELECT device FROM retired_values WHERE hash = ?1)",
                rows::DEVICE
            ))?;
            find.query_and_then([hash.as_bytes()], rows::device)?.next().transpose()
        })
        .await
    }

    async fn rotate_device(
        &self,
        id: &RecordId,
        from: &TokenHash,
        to: &TokenHash,
        now: Timestamp,
    ) -> Stored<bool> {
        let (id, from, to) = (id.clone(), *from, *to);
        self.write(move |conn| {
            let rotated = conn
                .prepare_cached(
                    "UPDATE devices SET hash = ?3, previous_hash = ?2, replaced_at = ?4, last_used = ?4
                     WHERE id = ?1 AND hash = ?2",
                )?
                .execute(params![id.as_str(), from.as_bytes(), to.as_bytes(), now.unix()])?;
            if rotated == 1 {
                conn.prepare_cached("INSERT INTO retired_values (hash, device) VALUES (?1, ?2)")?
                    .execute(params![from.as_bytes(), id.as_str()])?;
            }
            Ok(rotated == 1)
        })
        .await
    }

    async fn devices(&self, person: Option<&UserId>) -> Stored<Vec<DeviceTrust>> {
        let person = person.cloned();
        self.read(move |conn| {
            let which = if person.is_some() { "person = ?1" } else { "?1 IS NULL" };
            let mut list = conn.prepare_cached(&format!(
                "SELECT {} FROM devices WHERE {which} ORDER BY granted_at DESC, id DESC",
                rows::DEVICE
            ))?;
            list.query_and_then([person.as_ref().map(UserId::as_str)], rows::device)?.collect()
        })
        .await
    }

    async fn trust_address(&self, trust: &AddressTrust) -> Stored<()> {
        let trust = trust.clone();
        self.write(move |conn| {
            // REPLACE removes the row of the same person, portal and network.
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO addresses ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                rows::ADDRESS
            ))?
            .execute(params![
                trust.id.as_str(),
                trust.person.as_str(),
                trust.portal,
                trust.scope.name(),
                trust.network.to_string(),
                trust.granted_at.unix(),
                trust.expires_at.unix(),
                trust.last_used.unix(),
                trust.credential.as_bytes(),
            ])?;
            Ok(())
        })
        .await
    }

    async fn note_address_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        let id = id.clone();
        self.write(move |conn| {
            conn.prepare_cached("UPDATE addresses SET last_used = max(last_used, ?2) WHERE id = ?1")?
                .execute(params![id.as_str(), now.unix()])?;
            Ok(())
        })
        .await
    }

    async fn addresses(&self, person: Option<&UserId>) -> Stored<Vec<AddressTrust>> {
        let person = person.cloned();
        self.read(move |conn| {
            let which = if person.is_some() { "person = ?1" } else { "?1 IS NULL" };
            let mut list = conn.prepare_cached(&format!(
                "SELECT {} FROM addresses WHERE {which} ORDER BY granted_at DESC, id DESC",
                rows::ADDRESS
            ))?;
            list.query_and_then([person.as_ref().map(UserId::as_str)], rows::address)?.collect()
        })
        .await
    }

    async fn revoke_trust(&self, id: &RecordId) -> Stored<bool> {
        let id = id.clone();
        self.write(move |conn| {
            let devices = conn.prepare_cached("DELETE FROM devices WHERE id = ?1")?.execute([id.as_str()])?;
            let addresses =
                conn.prepare_cached("DELETE FROM addresses WHERE id = ?1")?.execute([id.as_str()])?;
            Ok(devices + addresses > 0)
        })
        .await
    }

    async fn revoke_trusts_of(&self, person: &UserId) -> Stored<Vec<RecordId>> {
        let person = person.clone();
        self.write(move |conn| revoke_all(conn, &person)).await
    }
}

/// Removes every trust of a person within a larger change.
pub(super) fn revoke_all(conn: &Connection, person: &UserId) -> Stored<Vec<RecordId>> {
    let mut revoked = Vec::new();
    for table in ["devices", "addresses"] {
        let mut revoke =
            conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1 RETURNING id"))?;
        for id in revoke.query_and_then([person.as_str()], |row| rows::id(row, 0))? {
            revoked.push(id?);
        }
    }
    Ok(revoked)
}
