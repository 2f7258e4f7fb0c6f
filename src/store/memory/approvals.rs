//! Approvals that sign-ins ask of authenticator pages.

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    domain::{
        approval::{Approval, Decision, Page},
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Approvals, Stored},
};

#[async_trait]
impl Approvals for MemoryStore {
    async fn find_page(&self, app: &RecordId) -> Stored<Option<Page>> {
        let tables = self.tables();
        let mut apps = tables.people.values().flat_map(|kept| &kept.totp);
        Ok(apps.find(|known| known.id == *app).and_then(|known| {
            let key = known.page.clone()?;
            Some(Page { app: known.id.clone(), person: known.person.clone(), key })
        }))
    }

    async fn ask_approval(&self, approval: &Approval) -> Stored<()> {
        self.tables().approvals.insert(approval.person.clone(), approval.clone());
        Ok(())
    }

    async fn recall_approval(&self, person: &UserId) -> Stored<Option<Approval>> {
        Ok(self.tables().approvals.get(person).cloned())
    }

    async fn decide_approval(&self, id: &RecordId, decision: Decision, now: Timestamp) -> Stored<bool> {
        let mut tables = self.tables();
        let open = tables
            .approvals
            .values_mut()
            .find(|approval| approval.id == *id && approval.decision.is_none() && approval.is_live(now));
        let Some(approval) = open else { return Ok(false) };
        approval.decision = Some(decision);
        Ok(true)
    }

    async fn take_decided(&self, login: &TokenHash) -> Stored<Option<Approval>> {
        let mut tables = self.tables();
        let is_wanted = |approval: &&Approval| approval.login == *login && approval.decision.is_some();
        let person = tables.approvals.values().find(is_wanted).map(|approval| approval.person.clone());
        Ok(person.and_then(|person| tables.approvals.remove(&person)))
    }
}
