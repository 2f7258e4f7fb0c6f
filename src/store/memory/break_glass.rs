//! Codes for who lost every second factor.

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    domain::{break_glass::BreakGlass, identity::UserId, token::TokenHash},
    store::{BreakGlasses, Stored},
};

#[async_trait]
impl BreakGlasses for MemoryStore {
    async fn offer_break_glass(&self, glass: &BreakGlass) -> Stored<()> {
        self.tables().break_glass.insert(glass.person.clone(), glass.clone());
        Ok(())
    }

    async fn take_break_glass(&self, person: &UserId, hash: &TokenHash) -> Stored<Option<BreakGlass>> {
        let mut tables = self.tables();
        if tables.break_glass.get(person).is_none_or(|glass| glass.code != *hash) {
            return Ok(None);
        }
        Ok(tables.break_glass.remove(person))
    }
}
