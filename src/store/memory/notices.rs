//! What notices rest on.

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    domain::{
        identity::UserId,
        notice::{MOST_MARKS, NotMe},
        time::Timestamp,
        token::TokenHash,
    },
    store::{Notices, Stored},
};

#[async_trait]
impl Notices for MemoryStore {
    async fn note_seen_by(
        &self,
        person: &UserId,
        marks: &[TokenHash],
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Stored<Vec<TokenHash>> {
        let mut tables = self.tables();
        let kept = tables.seen_by.entry(person.clone()).or_default();
        let is_known = |mark: &&TokenHash| kept.iter().any(|(own, until)| own == *mark && now < *until);
        let known = marks.iter().filter(is_known).copied().collect();
        for mark in marks {
            kept.retain(|(own, _)| own != mark);
            kept.push((*mark, ends_at));
        }
        kept.sort_by_key(|(_, until)| *until);
        let over = kept.len().saturating_sub(MOST_MARKS);
        kept.drain(..over);
        Ok(known)
    }

    async fn offer_not_me(&self, link: &NotMe) -> Stored<()> {
        self.tables().not_me.insert(link.link, link.clone());
        Ok(())
    }

    async fn recall_not_me(&self, link: &TokenHash) -> Stored<Option<NotMe>> {
        Ok(self.tables().not_me.get(link).cloned())
    }

    async fn disavow(&self, link: &TokenHash) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(NotMe { person, .. }) = tables.not_me.remove(link) else { return Ok(false) };
        tables.close_sessions_of(&person, None);
        tables.revoke_trusts_of(&person);
        tables.logins.retain(|_, login| login.person != person);
        tables.links.retain(|_, offer| offer.person != person);
        tables.not_me.retain(|_, other| other.person != person);
        tables.seen_by.remove(&person);
        Ok(true)
    }
}
