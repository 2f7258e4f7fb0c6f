//! Forms that wait for a sign-in.

use async_trait::async_trait;

use super::MemoryStore;
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
impl KeptForms for MemoryStore {
    async fn keep_form(&self, form: &SealedForm, room: Room, now: Timestamp) -> Stored<bool> {
        let mut tables = self.tables();
        tables.kept_forms.retain(|_, kept| kept.is_live(now));
        let kept = tables.kept_forms.values().fold(Room { all: 0, network: 0 }, |sum, kept| {
            let is_same = kept.whose() == form.whose();
            let all = if is_same || form.whose() == Whose::Somebodys { kept.charge() } else { 0 };
            let here = if is_same && kept.network == form.network { kept.charge() } else { 0 };
            Room { all: sum.all + all, network: sum.network + here }
        });
        if !room.takes(form.charge(), kept) {
            return Ok(false);
        }
        tables.kept_forms.insert(form.hash, form.clone());
        Ok(true)
    }

    async fn recall_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>> {
        Ok(self.tables().kept_forms.get(hash).cloned())
    }

    async fn claim_form(&self, hash: &TokenHash, person: &UserId) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(form) = tables.kept_forms.get_mut(hash).filter(|form| form.is_for(person)) else {
            return Ok(false);
        };
        form.owner = Some(person.clone());
        Ok(true)
    }

    async fn take_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>> {
        Ok(self.tables().kept_forms.remove(hash))
    }
}
