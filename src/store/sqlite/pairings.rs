//! Authenticator pages that wait to be linked. Their keys are sealed before they get here.

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        pairing::{PairedWith, Pairing, PairingStage},
        time::Timestamp,
        token::TokenHash,
    },
    store::{Pairings, Stored},
};

/// Which page is meant.
#[derive(Clone, Copy)]
enum Named {
    ByNumber,
    ByToken,
}

impl Named {
    const fn column(self) -> &'static str {
        match self {
            Self::ByNumber => "number",
            Self::ByToken => "poll",
        }
    }
}

impl SqliteStore {
    async fn find_pairing(&self, named: Named, hash: &TokenHash) -> Stored<Option<Pairing>> {
        let (hash, seal) = (*hash, self.seal.clone());
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {} FROM pairings WHERE {} = ?1",
                rows::PAIRING,
                named.column()
            ))?;
            find.query_and_then([hash.as_bytes()], |row| rows::pairing(row, &seal))?.next().transpose()
        })
        .await
    }
}

#[async_trait]
impl Pairings for SqliteStore {
    async fn offer_pairing(&self, pairing: &Pairing) -> Stored<bool> {
        let (number, sealed, with) = match &pairing.stage {
            PairingStage::Waiting { number, key } => {
                (Some(*number), Some(self.seal.close(key.bytes(), rows::pairing_bond(&pairing.poll))?), None)
            }
            PairingStage::Linked(with) => (None, None, Some(with.clone())),
        };
        let pairing = pairing.clone();
        self.write(move |conn| {
            let added = conn
                .prepare_cached(&format!(
                    "INSERT INTO pairings ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                     ON CONFLICT (number) DO NOTHING",
                    rows::PAIRING
                ))?
                .execute(params![
                    pairing.poll.as_bytes(),
                    pairing.portal,
                    pairing.agent,
                    pairing.signer.bytes(),
                    pairing.ends_at.unix(),
                    number.as_ref().map(TokenHash::as_bytes),
                    sealed,
                    with.as_ref().map(|with| with.person.as_str()),
                    with.as_ref().map(|with| with.app.as_str()),
                ])?;
            Ok(added == 1)
        })
        .await
    }

    async fn recall_pairing(&self, number: &TokenHash) -> Stored<Option<Pairing>> {
        self.find_pairing(Named::ByNumber, number).await
    }

    async fn recall_pairing_of(&self, poll: &TokenHash) -> Stored<Option<Pairing>> {
        self.find_pairing(Named::ByToken, poll).await
    }

    async fn claim_pairing(
        &self,
        number: &TokenHash,
        with: &PairedWith,
        now: Timestamp,
        until: Timestamp,
    ) -> Stored<bool> {
        let (number, with) = (*number, with.clone());
        self.write(move |conn| {
            let claimed = conn
                .prepare_cached(
                    "UPDATE pairings SET number = NULL, sealed_key = NULL, person = ?2, app = ?3, ends_at = ?5
                     WHERE number = ?1 AND ends_at > ?4 RETURNING poll",
                )?
                .query_row(
                    params![
                        number.as_bytes(),
                        with.person.as_str(),
                        with.app.as_str(),
                        now.unix(),
                        until.unix()
                    ],
                    |_| Ok(()),
                )
                .optional()?;
            Ok(claimed.is_some())
        })
        .await
    }
}
