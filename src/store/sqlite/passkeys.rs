//! Passkeys: public keys, so nothing is sealed.

use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::{
    SqliteStore,
    accounts::{count_factors, end_all, ensure_account, unlink},
    rows,
};
use crate::{
    domain::{
        factor::Passkey,
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Leaving, Linking, Passkeys, Stored, Unlinked},
};

#[async_trait]
impl Passkeys for SqliteStore {
    async fn add_passkey(
        &self,
        passkey: &Passkey,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let (passkey, keep) = (passkey.clone(), keep.copied());
        self.write(move |conn| {
            if linking == Linking::First && count_factors(conn, &passkey.person)? > 0 {
                return Ok(None);
            }
            ensure_account(conn, &passkey.person)?;
            let added = conn
                .prepare_cached(&format!(
                    "INSERT INTO passkeys ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                     ON CONFLICT (credential_id) DO NOTHING",
                    rows::PASSKEY
                ))?
                .execute(params![
                    passkey.id.as_str(),
                    passkey.person.as_str(),
                    passkey.host,
                    passkey.label,
                    passkey.credential_id,
                    passkey.handle,
                    passkey.credential,
                    passkey.added_at.unix(),
                    passkey.last_used.map(Timestamp::unix),
                ])?;
            if added == 0 {
                return Ok(None);
            }
            end_all(conn, &passkey.person, keep).map(Some)
        })
        .await
    }

    async fn remove_passkey(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>> {
        let (person, id, keep) = (person.clone(), id.clone(), keep.copied());
        self.write(move |conn| unlink(conn, "passkeys", &person, &id, leaving, keep)).await
    }

    async fn find_passkey(&self, credential_id: &[u8]) -> Stored<Option<Passkey>> {
        let credential_id = credential_id.to_vec();
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {} FROM passkeys WHERE credential_id = ?1",
                rows::PASSKEY
            ))?;
            find.query_and_then([credential_id], rows::passkey)?.next().transpose()
        })
        .await
    }

    async fn use_passkey(&self, id: &RecordId, from: &str, to: &str, now: Timestamp) -> Stored<bool> {
        let (id, from, to) = (id.clone(), from.to_owned(), to.to_owned());
        self.write(move |conn| {
            let used = conn
                .prepare_cached(
                    "UPDATE passkeys SET credential = ?3, last_used = ?4 WHERE id = ?1 AND credential = ?2",
                )?
                .execute(params![id.as_str(), from, to, now.unix()])?;
            Ok(used == 1)
        })
        .await
    }
}

/// A person's passkeys, oldest first.
pub(super) fn of(conn: &Connection, person: &UserId) -> Stored<Vec<Passkey>> {
    conn.prepare_cached(&format!(
        "SELECT {} FROM passkeys WHERE person = ?1 ORDER BY added_at, id",
        rows::PASSKEY
    ))?
    .query_and_then([person.as_str()], rows::passkey)?
    .collect()
}
