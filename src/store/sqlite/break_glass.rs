//! Codes for who lost every second factor. They are read as part of an account.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{break_glass::BreakGlass, identity::UserId, token::TokenHash},
    store::{BreakGlasses, Stored},
};

/// The columns of [`code`], in its order.
const CODE: &str = "person, code, credential, made_at, ends_at";

#[async_trait]
impl BreakGlasses for SqliteStore {
    async fn offer_break_glass(&self, glass: &BreakGlass) -> Stored<()> {
        let glass = glass.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO break_glass ({CODE}) VALUES (?1, ?2, ?3, ?4, ?5)"
            ))?
            .execute(params![
                glass.person.as_str(),
                glass.code.as_bytes(),
                glass.credential.as_bytes(),
                glass.made_at.unix(),
                glass.ends_at.unix()
            ])?;
            Ok(())
        })
        .await
    }

    async fn take_break_glass(&self, person: &UserId, hash: &TokenHash) -> Stored<Option<BreakGlass>> {
        let (person, hash) = (person.clone(), *hash);
        self.write(move |conn| {
            let mut take = conn.prepare_cached(&format!(
                "DELETE FROM break_glass WHERE person = ?1 AND code = ?2 RETURNING {CODE}"
            ))?;
            take.query_and_then(params![person.as_str(), hash.as_bytes()], code)?.next().transpose()
        })
        .await
    }
}

/// The code that a person has.
pub(super) fn code_of(conn: &Connection, person: &UserId) -> Stored<Option<BreakGlass>> {
    let mut find = conn.prepare_cached(&format!("SELECT {CODE} FROM break_glass WHERE person = ?1"))?;
    let found = find.query_row([person.as_str()], |row| Ok(code(row))).optional()?;
    found.transpose()
}

fn code(row: &Row<'_>) -> Stored<BreakGlass> {
    Ok(BreakGlass {
        person: rows::person(row, 0)?,
        code: rows::hash(row, 1)?,
        credential: rows::credential(row, 2)?,
        made_at: rows::moment(row, 3)?,
        ends_at: rows::moment(row, 4)?,
    })
}
