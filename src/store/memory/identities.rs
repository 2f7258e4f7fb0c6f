//! Accounts at identity providers, and visits there under way.

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    domain::{
        identity::UserId,
        provider::{Departure, Identity},
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Identities, Linked, Stored},
};

#[async_trait]
impl Identities for MemoryStore {
    async fn begin_departure(&self, departure: &Departure) -> Stored<()> {
        self.tables().departures.insert(departure.hash, departure.clone());
        Ok(())
    }

    async fn take_departure(&self, hash: &TokenHash) -> Stored<Option<Departure>> {
        Ok(self.tables().departures.remove(hash))
    }

    async fn link_identity(&self, identity: &Identity) -> Stored<Linked> {
        let mut tables = self.tables();
        let is_same = |old: &&Identity| old.issuer == identity.issuer && old.subject == identity.subject;
        Ok(match tables.identities.iter().find(is_same) {
            Some(old) if old.person == identity.person => Linked::Already,
            Some(_) => Linked::OfAnother,
            None => {
                tables.identities.push(identity.clone());
                tables.identities.sort_by(|a, b| (a.linked_at, &a.id).cmp(&(b.linked_at, &b.id)));
                Linked::Now
            }
        })
    }

    async fn find_identity(&self, issuer: &str, subject: &str) -> Stored<Option<Identity>> {
        let is_it = |known: &&Identity| known.issuer == issuer && known.subject == subject;
        Ok(self.tables().identities.iter().find(is_it).cloned())
    }

    async fn identities(&self, person: &UserId) -> Stored<Vec<Identity>> {
        Ok(self.tables().identities.iter().filter(|known| known.person == *person).cloned().collect())
    }

    async fn unlink_identity(&self, person: &UserId, id: &RecordId) -> Stored<bool> {
        let mut tables = self.tables();
        let before = tables.identities.len();
        tables.identities.retain(|known| !(known.id == *id && known.person == *person));
        Ok(tables.identities.len() < before)
    }

    async fn note_identity_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        if let Some(known) = self.tables().identities.iter_mut().find(|known| known.id == *id) {
            known.last_used = Some(now);
        }
        Ok(())
    }
}
