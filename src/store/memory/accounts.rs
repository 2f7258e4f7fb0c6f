//! What is kept about people: apps, contacts, recovery codes, own choices.

use async_trait::async_trait;

use super::{Kept, MemoryStore, Tables};
use crate::{
    domain::{
        factor::{Account, Contact, Method, TotpFactor},
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{AccountOutline, Accounts, Leaving, Linking, Stored, Unlinked},
};

impl Kept {
    fn factors(&self) -> usize {
        self.totp.len() + self.passkeys.len()
    }
}

impl Tables {
    /// Adds an app or a passkey, with all that follows. `None`: what `linking` takes for granted no longer holds.
    pub(super) fn link(
        &mut self,
        person: &UserId,
        linking: Linking,
        keep: Option<&TokenHash>,
        add: impl FnOnce(&mut Kept),
    ) -> Option<Vec<TokenHash>> {
        let kept = self.people.entry(person.clone()).or_default();
        if linking == Linking::First && kept.factors() > 0 {
            return None;
        }
        add(kept);
        self.revoke_trusts_of(person);
        Some(self.close_sessions_of(person, keep))
    }

    /// Removes an app or a passkey that is there, with all that follows.
    pub(super) fn unlink(
        &mut self,
        person: &UserId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
        remove: impl FnOnce(&mut Kept),
    ) -> Unlinked<Vec<TokenHash>> {
        let kept = self.people.entry(person.clone()).or_default();
        if leaving == Leaving::One && kept.factors() == 1 {
            return Unlinked::Last;
        }
        remove(kept);
        self.revoke_trusts_of(person);
        Unlinked::Done(self.close_sessions_of(person, keep))
    }
}

#[async_trait]
impl Accounts for MemoryStore {
    async fn account(&self, person: &UserId) -> Stored<Account> {
        let tables = self.tables();
        let break_glass = tables.break_glass.get(person).cloned();
        let Some(kept) = tables.people.get(person) else {
            return Ok(Account { break_glass, ..Account::default() });
        };
        Ok(Account {
            totp: kept.totp.clone(),
            passkeys: kept.passkeys.clone(),
            contacts: kept.contacts.clone(),
            recovery_left: u32::try_from(kept.codes.len()).unwrap_or(u32::MAX),
            wants_second_factor: kept.wants_second_factor,
            language: kept.language.clone(),
            break_glass,
        })
    }

    async fn outlines(&self) -> Stored<Vec<AccountOutline>> {
        let outline = |(person, kept): (&UserId, &Kept)| AccountOutline {
            person: person.clone(),
            wants_second_factor: kept.wants_second_factor,
            is_enrolled: kept.factors() > 0,
            language: kept.language.clone(),
        };
        Ok(self.tables().people.iter().map(outline).collect())
    }

    async fn add_totp(
        &self,
        factor: &TotpFactor,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        Ok(self.tables().link(&factor.person, linking, keep, |kept| {
            kept.totp.push(factor.clone());
            kept.totp.sort_by(|a, b| (a.added_at, &a.id).cmp(&(b.added_at, &b.id)));
        }))
    }

    async fn remove_totp(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>> {
        let mut tables = self.tables();
        let kept = tables.people.entry(person.clone()).or_default();
        if !kept.totp.iter().any(|factor| factor.id == *id) {
            return Ok(Unlinked::Unknown);
        }
        Ok(tables.unlink(person, leaving, keep, |kept| kept.totp.retain(|factor| factor.id != *id)))
    }

    async fn consume_step(&self, id: &RecordId, step: i64, now: Timestamp) -> Stored<bool> {
        let mut tables = self.tables();
        let mut factors = tables.people.values_mut().flat_map(|kept| &mut kept.totp);
        let Some(factor) = factors.find(|factor| factor.id == *id && step > factor.last_step) else {
            return Ok(false);
        };
        factor.last_step = step;
        factor.last_used = Some(now);
        Ok(true)
    }

    async fn replace_recovery_codes(&self, person: &UserId, codes: &[TokenHash]) -> Stored<()> {
        self.tables().people.entry(person.clone()).or_default().codes = codes.to_vec();
        Ok(())
    }

    async fn consume_recovery_code(&self, person: &UserId, code: &TokenHash) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(kept) = tables.people.get_mut(person) else { return Ok(false) };
        let before = kept.codes.len();
        kept.codes.retain(|unused| unused != code);
        Ok(kept.codes.len() < before)
    }

    async fn add_contact(
        &self,
        person: &UserId,
        contact: &Contact,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let mut tables = self.tables();
        let kept = tables.people.entry(person.clone()).or_default();
        if !kept.totp.is_empty() || !kept.passkeys.is_empty() || !kept.contacts.is_empty() {
            return Ok(None);
        }
        kept.contacts.push(contact.clone());
        tables.revoke_trusts_of(person);
        Ok(Some(tables.close_sessions_of(person, keep)))
    }

    async fn remove_contact(
        &self,
        person: &UserId,
        method: Method,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>> {
        let mut tables = self.tables();
        let Some(kept) = tables.people.get_mut(person) else { return Ok(None) };
        let before = kept.contacts.len();
        kept.contacts.retain(|contact| contact.method != method);
        if kept.contacts.len() == before {
            return Ok(None);
        }
        tables.revoke_trusts_of(person);
        Ok(Some(tables.close_sessions_of(person, keep)))
    }

    async fn reset_second_factor(&self, person: &UserId) -> Stored<Vec<TokenHash>> {
        let mut tables = self.tables();
        if let Some(kept) = tables.people.get_mut(person) {
            kept.totp.clear();
            kept.passkeys.clear();
            kept.codes.clear();
            kept.contacts.clear();
        }
        tables.revoke_trusts_of(person);
        Ok(tables.close_sessions_of(person, None))
    }

    async fn switch_second_factor(&self, person: &UserId, wants: bool) -> Stored<()> {
        self.tables().people.entry(person.clone()).or_default().wants_second_factor = wants;
        Ok(())
    }

    async fn choose_language(&self, person: &UserId, language: &str) -> Stored<()> {
        self.tables().people.entry(person.clone()).or_default().language = Some(language.to_owned());
        Ok(())
    }
}
