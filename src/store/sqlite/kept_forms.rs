//! Forms that wait for a sign-in.

use async_trait::async_trait;
use rusqlite::params;

use super::{SqliteStore, rows};
use crate::{
    domain::{
        identity::UserId,
        kept_form::{Room, SealedForm, Whose},
        time::Timestamp,
        token::TokenHash,
    },
    store::{KeptForms, Stored},
};

#[async_trait]
impl KeptForms for SqliteStore {
    async fn keep_form(&self, form: &SealedForm, room: Room, now: Timestamp) -> Stored<bool> {
        let form = form.clone();
        self.write(move |conn| {
            // What is over makes room at once, not only when it is swept.
            conn.prepare_cached("DELETE FROM kept_forms WHERE ends_at <= ?1")?.execute([now.unix()])?;
            let network = form.network.to_string();
            let kept = conn
                .prepare_cached(
                    "SELECT coalesce(sum(charge) FILTER (WHERE ?2 OR owner IS NULL), 0),
                     coalesce(sum(charge) FILTER (WHERE network = ?1 AND (owner IS NOT NULL) = ?2), 0)
                     FROM kept_forms",
                )?
                .query_row(params![network, form.whose() == Whose::Somebodys], |row| {
                    let bytes = |column| row.get(column).map(i64::cast_unsigned);
                    Ok(Room { all: bytes(0)?, network: bytes(1)? })
                })?;
            if !room.takes(form.charge(), kept) {
                return Ok(false);
            }
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO kept_forms ({}, charge) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                rows::KEPT_FORM
            ))?
            .execute(params![
                form.hash.as_bytes(),
                form.owner.as_ref().map(UserId::as_str),
                network,
                form.ends_at.unix(),
                form.sealed,
                form.charge().cast_signed(),
            ])?;
            Ok(true)
        })
        .await
    }

    async fn recall_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>> {
        let hash = *hash;
        self.read(move |conn| {
            let mut find =
                conn.prepare_cached(&format!("SELECT {} FROM kept_forms WHERE hash = ?1", rows::KEPT_FORM))?;
            find.query_and_then([hash.as_bytes()], rows::kept_form)?.next().transpose()
        })
        .await
    }

    async fn claim_form(&self, hash: &TokenHash, person: &UserId) -> Stored<bool> {
        let (hash, person) = (*hash, person.clone());
        self.write(move |conn| {
            let claimed = conn
                .prepare_cached(
                    "UPDATE kept_forms SET owner = ?2 WHERE hash = ?1 AND (owner IS NULL OR owner = ?2)",
                )?
                .execute(params![hash.as_bytes(), person.as_str()])?;
            Ok(claimed == 1)
        })
        .await
    }

    async fn take_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>> {
        let hash = *hash;
        self.write(move |conn| {
            let mut take = conn.prepare_cached(&format!(
                "DELETE FROM kept_forms WHERE hash = ?1 RETURNING {}",
                rows::KEPT_FORM
            ))?;
            take.query_and_then([hash.as_bytes()], rows::kept_form)?.next().transpose()
        })
        .await
    }
}
