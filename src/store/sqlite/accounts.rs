//! What the gateway itself keeps about people. Keys of linked apps are sealed before they get here.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{SqliteStore, break_glass, passkeys, rows, sessions::close_all, trusts::revoke_all};
use crate::{
    domain::{
        factor::{Account, Contact, Method, TotpFactor},
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{AccountOutline, Accounts, Leaving, Linking, Stored, Unlinked},
};

#[async_trait]
impl Accounts for SqliteStore {
    async fn account(&self, person: &UserId) -> Stored<Account> {
        let (person, seal) = (person.clone(), self.seal.clone());
        self.read(move |conn| {
            // One snapshot: an account is never half before a change and half after it.
            let snapshot = conn.unchecked_transaction()?;
            let kept = snapshot
                .prepare_cached("SELECT wants_second_factor, language FROM accounts WHERE person = ?1")?
                .query_row([person.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let break_glass = break_glass::code_of(&snapshot, &person)?;
            let Some((wants_second_factor, language)) = kept else {
                return Ok(Account { break_glass, ..Account::default() });
            };
            let totp = snapshot
                .prepare_cached(&format!(
                    "SELECT {} FROM totp WHERE person = ?1 ORDER BY added_at, id",
                    rows::TOTP
                ))?
                .query_and_then([person.as_str()], |row| rows::totp(row, &seal))?
                .collect::<Stored<_>>()?;
            let passkeys = passkeys::of(&snapshot, &person)?;
            let contacts = snapshot
                .prepare_cached(
                    "SELECT method, destination, verified_at FROM contacts WHERE person = ?1 ORDER BY method",
                )?
                .query_and_then([person.as_str()], rows::contact)?
                .collect::<Stored<_>>()?;
            let recovery_left = snapshot
                .prepare_cached("SELECT count(*) FROM recovery_codes WHERE person = ?1")?
                .query_row([person.as_str()], |row| row.get(0))?;
            Ok(Account {
                totp,
                passkeys,
                contacts,
                recovery_left,
                wants_second_factor,
                language,
                break_glass,
            })
        })
        .await
    }

    async fn outlines(&self) -> Stored<Vec<AccountOutline>> {
        self.read(|conn| {
            let mut list = conn.prepare_cached(
                "SELECT person, wants_second_factor, language,
                        EXISTS (SELECT 1 FROM totp WHERE totp.person = accounts.person)
                        OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.person = accounts.person)
                 FROM accounts ORDER BY person",
            )?;
            list.query_and_then([], |row| {
                Ok(AccountOutline {
                    person: rows::person(row, 0)?,
                    wants_second_factor: row.get(1)?,
                    language: row.get(2)?,
                    is_enrolled: row.get(3)?,
                })
            })?
            .collect()
        })
        .await
    }

    async fn add_totp(
        &self,
        factor: &TotpFactor,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let sealed = self.seal.close(factor.key.bytes(), rows::totp_bond(&factor.person, &factor.id))?;
        let (factor, keep) = (factor.clone(), keep.copied());
        self.write(move |conn| {
            if linking == Linking::First && count_factors(conn, &factor.person)? > 0 {
                return Ok(None);
            }
            ensure_account(conn, &factor.person)?;
            conn.prepare_cached(&format!(
                "INSERT INTO totp ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                rows::TOTP
            ))?
            .execute(params![
                factor.id.as_str(),
                factor.person.as_str(),
                factor.label,
                sealed,
                factor.added_at.unix(),
                factor.last_used.map(Timestamp::unix),
                factor.last_step,
                factor.page.as_ref().map(|page| page.portal.as_str()),
                factor.page.as_ref().map(|page| page.signer.bytes()),
            ])?;
            end_all(conn, &factor.person, keep).map(Some)
        })
        .await
    }

    async fn remove_totp(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>> {
        let (person, id, keep) = (person.clone(), id.clone(), keep.copied());
        self.write(move |conn| unlink(conn, "totp", &person, &id, leaving, keep)).await
    }

    async fn consume_step(&self, id: &RecordId, step: i64, now: Timestamp) -> Stored<bool> {
        let id = id.clone();
        self.write(move |conn| {
            let used = conn
                .prepare_cached(
                    "UPDATE totp SET last_step = ?2, last_used = ?3 WHERE id = ?1 AND last_step < ?2",
                )?
                .execute(params![id.as_str(), step, now.unix()])?;
            Ok(used == 1)
        })
        .await
    }

    async fn replace_recovery_codes(&self, person: &UserId, codes: &[TokenHash]) -> Stored<()> {
        let (person, codes) = (person.clone(), codes.to_vec());
        self.write(move |conn| {
            ensure_account(conn, &person)?;
            conn.prepare_cached("DELETE FROM recovery_codes WHERE person = ?1")?
                .execute([person.as_str()])?;
            let mut add = conn.prepare_cached("INSERT INTO recovery_codes (person, hash) VALUES (?1, ?2)")?;
            for code in codes {
                add.execute(params![person.as_str(), code.as_bytes()])?;
            }
            Ok(())
        })
        .await
    }

    async fn consume_recovery_code(&self, person: &UserId, code: &TokenHash) -> Stored<bool> {
        let (person, code) = (person.clone(), *code);
        self.write(move |conn| {
            let used = conn
                .prepare_cached("DELETE FROM recovery_codes WHERE person = ?1 AND hash = ?2")?
                .execute(params![person.as_str(), code.as_bytes()])?;
            Ok(used == 1)
        })
        .await
    }

    async fn add_contact(
        &self,
        person: &UserId,
        contact: &Contact,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let (person, contact, keep) = (person.clone(), contact.clone(), keep.copied());
        self.write(move |conn| {
            let knows_one: bool = conn
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM contacts WHERE person = ?1)")?
                .query_row([person.as_str()], |row| row.get(0))?;
            if knows_one || count_factors(conn, &person)? > 0 {
                return Ok(None);
            }
            ensure_account(conn, &person)?;
            conn.prepare_cached(
                "INSERT INTO contacts (person, method, destination, verified_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                person.as_str(),
                contact.method.name(),
                contact.to,
                contact.verified_at.unix()
            ])?;
            end_all(conn, &person, keep).map(Some)
        })
        .await
    }

    async fn remove_contact(
        &self,
        person: &UserId,
        method: Method,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let (person, keep) = (person.clone(), keep.copied());
        self.write(move |conn| {
            let removed = conn
                .prepare_cached("DELETE FROM contacts WHERE person = ?1 AND method = ?2")?
                .execute(params![person.as_str(), method.name()])?;
            match removed {
                0 => Ok(None),
                _ => end_all(conn, &person, keep).map(Some),
            }
        })
        .await
    }

    async fn reset_second_factor(&self, person: &UserId) -> Stored<Vec<TokenHash>> {
        let person = person.clone();
        self.write(move |conn| {
            for table in ["totp", "passkeys", "contacts", "recovery_codes"] {
                conn.execute(&format!("DELETE FROM {table} WHERE person = ?1"), [person.as_str()])?;
            }
            end_all(conn, &person, None)
        })
        .await
    }

    async fn switch_second_factor(&self, person: &UserId, wants: bool) -> Stored<()> {
        let person = person.clone();
        self.write(move |conn| {
            ensure_account(conn, &person)?;
            conn.prepare_cached("UPDATE accounts SET wants_second_factor = ?2 WHERE person = ?1")?
                .execute(params![person.as_str(), wants])?;
            Ok(())
        })
        .await
    }

    async fn choose_language(&self, person: &UserId, language: &str) -> Stored<()> {
        let (person, language) = (person.clone(), language.to_owned());
        self.write(move |conn| {
            ensure_account(conn, &person)?;
            conn.prepare_cached("UPDATE accounts SET language = ?2 WHERE person = ?1")?
                .execute(params![person.as_str(), language])?;
            Ok(())
        })
        .await
    }
}

/// Removes an app or a passkey: a row of `table`, which is a name of ours. With all that follows.
pub(super) fn unlink(
    conn: &Connection,
    table: &str,
    person: &UserId,
    id: &RecordId,
    leaving: Leaving,
    keep: Option<TokenHash>,
) -> Stored<Unlinked<Vec<TokenHash>>> {
    let known: bool = conn
        .prepare_cached(&format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE id = ?1 AND person = ?2)"))?
        .query_row(params![id.as_str(), person.as_str()], |row| row.get(0))?;
    if !known {
        return Ok(Unlinked::Unknown);
    }
    if leaving == Leaving::One && count_factors(conn, person)? == 1 {
        return Ok(Unlinked::Last);
    }
    conn.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?.execute([id.as_str()])?;
    end_all(conn, person, keep).map(Unlinked::Done)
}

/// Apps and passkeys together.
pub(super) fn count_factors(conn: &Connection, person: &UserId) -> Stored<u32> {
    let mut count = conn.prepare_cached(
        "SELECT (SELECT count(*) FROM totp WHERE person = ?1) + (SELECT count(*) FROM passkeys WHERE person = ?1)",
    )?;
    Ok(count.query_row([person.as_str()], |row| row.get(0))?)
}

pub(super) fn ensure_account(conn: &Connection, person: &UserId) -> Stored<()> {
    conn.prepare_cached("INSERT OR IGNORE INTO accounts (person) VALUES (?1)")?.execute([person.as_str()])?;
    Ok(())
}

/// What follows from a change of a second factor: trusts and sessions made before it end.
pub(super) fn end_all(conn: &Connection, person: &UserId, keep: Option<TokenHash>) -> Stored<Vec<TokenHash>> {
    revoke_all(conn, person)?;
    close_all(conn, person, keep)
}
