//! Passkeys.

use async_trait::async_trait;

use super::MemoryStore;
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
impl Passkeys for MemoryStore {
    async fn add_passkey(
        &self,
        passkey: &Passkey,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let mut tables = self.tables();
        let mut all = tables.people.values().flat_map(|kept| &kept.passkeys);
        if all.any(|other| other.credential_id == passkey.credential_id) {
            return Ok(None);
        }
        Ok(tables.link(&passkey.person, linking, keep, |kept| {
            kept.passkeys.push(passkey.clone());
            kept.passkeys.sort_by(|a, b| (a.added_at, &a.id).cmp(&(b.added_at, &b.id)));
        }))
    }

    async fn remove_passkey(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>> {
        let mut tables = self.tables();
        let kept = tables.people.entry(person.clone()).or_default();
        if !kept.passkeys.iter().any(|passkey| passkey.id == *id) {
            return Ok(Unlinked::Unknown);
        }
        Ok(tables.unlink(person, leaving, keep, |kept| kept.passkeys.retain(|passkey| passkey.id != *id)))
    }

    async fn find_passkey(&self, credential_id: &[u8]) -> Stored<Option<Passkey>> {
        let tables = self.tables();
        let mut all = tables.people.values().flat_map(|kept| &kept.passkeys);
        Ok(all.find(|passkey| passkey.credential_id == credential_id).cloned())
    }

    async fn use_passkey(&self, id: &RecordId, from: &str, to: &str, now: Timestamp) -> Stored<bool> {
        let mut tables = self.tables();
        let mut all = tables.people.values_mut().flat_map(|kept| &mut kept.passkeys);
        let Some(passkey) = all.find(|passkey| passkey.id == *id && passkey.credential == from) else {
            return Ok(false);
        };
        to.clone_into(&mut passkey.credential);
        passkey.last_used = Some(now);
        Ok(true)
    }
}
