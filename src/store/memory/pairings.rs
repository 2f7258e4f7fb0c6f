//! Authenticator pages that wait to be linked.

use async_trait::async_trait;

use super::{MemoryStore, Tables};
use crate::{
    domain::{
        pairing::{PairedWith, Pairing, PairingStage},
        time::Timestamp,
        token::TokenHash,
    },
    store::{Pairings, Stored},
};

impl Tables {
    fn waiting(&mut self, wanted: &TokenHash) -> Option<&mut Pairing> {
        let shows = |pairing: &&mut Pairing| matches!(&pairing.stage, PairingStage::Waiting { number, .. } if number == wanted);
        self.pairings.values_mut().find(shows)
    }
}

#[async_trait]
impl Pairings for MemoryStore {
    async fn offer_pairing(&self, pairing: &Pairing) -> Stored<bool> {
        let mut tables = self.tables();
        if let PairingStage::Waiting { number, .. } = &pairing.stage
            && tables.waiting(number).is_some()
        {
            return Ok(false);
        }
        tables.pairings.insert(pairing.poll, pairing.clone());
        Ok(true)
    }

    async fn recall_pairing(&self, number: &TokenHash) -> Stored<Option<Pairing>> {
        Ok(self.tables().waiting(number).cloned())
    }

    async fn recall_pairing_of(&self, poll: &TokenHash) -> Stored<Option<Pairing>> {
        Ok(self.tables().pairings.get(poll).cloned())
    }

    async fn claim_pairing(
        &self,
        number: &TokenHash,
        with: &PairedWith,
        now: Timestamp,
        until: Timestamp,
    ) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(pairing) = tables.waiting(number).filter(|pairing| now < pairing.ends_at) else {
            return Ok(false);
        };
        pairing.stage = PairingStage::Linked(with.clone());
        pairing.ends_at = until;
        Ok(true)
    }
}
