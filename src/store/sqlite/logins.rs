//! Sign-ins under way.

use async_trait::async_trait;
use rusqlite::params;

use super::{SqliteStore, rows};
use crate::{
    domain::{
        login::{Login, Stage},
        token::TokenHash,
    },
    store::{Logins, Stored},
};

#[async_trait]
impl Logins for SqliteStore {
    async fn begin_login(&self, login: &Login) -> Stored<()> {
        let sealed = match &login.stage {
            Stage::Enrol { key, .. } => {
                Some(self.seal.close(key.bytes(), rows::login_bond(&login.person, &login.hash))?)
            }
            Stage::Code | Stage::Contact => None,
        };
        let sent = match &login.sent {
            Some(sent) => Some(
                self.seal
                    .close(sent.digits.reveal().as_bytes(), rows::sent_bond(&login.person, &login.hash))?,
            ),
            None => None,
        };
        let login = login.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO logins ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                 ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
                rows::LOGIN
            ))?
            .execute(params![
                login.hash.as_bytes(),
                login.person.as_str(),
                login.portal,
                login.return_to.as_str(),
                login.first_factor_at.unix(),
                login.ends_at.unix(),
                sealed,
                login.wrong_codes,
                login.credential.as_bytes(),
                login.address.to_string(),
                login.agent,
                login.replaces.as_ref().map(TokenHash::as_bytes),
                login.ahead.map(|ahead| ahead.minutes),
                login.ahead.map(|ahead| ahead.step),
                login.first.name(),
                login.sent.as_ref().map(|sent| sent.method.name()),
                login.sent.as_ref().map(|sent| sent.to.as_str()),
                sent,
                login.sent.as_ref().map(|sent| sent.sent_at.unix()),
                login.sent.as_ref().map(|sent| sent.sends),
                rows::stage_name(&login.stage),
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_login(&self, hash: &TokenHash) -> Stored<Option<Login>> {
        let (hash, seal) = (*hash, self.seal.clone());
        self.read(move |conn| {
            let mut find =
                conn.prepare_cached(&format!("SELECT {} FROM logins WHERE hash = ?1", rows::LOGIN))?;
            find.query_and_then([hash.as_bytes()], |row| rows::login(row, &seal))?.next().transpose()
        })
        .await
    }

    async fn take_login(&self, hash: &TokenHash) -> Stored<Option<Login>> {
        let (hash, seal) = (*hash, self.seal.clone());
        self.write(move |conn| {
            let mut take = conn
                .prepare_cached(&format!("DELETE FROM logins WHERE hash = ?1 RETURNING {}", rows::LOGIN))?;
            take.query_and_then([hash.as_bytes()], |row| rows::login(row, &seal))?.next().transpose()
        })
        .await
    }
}
