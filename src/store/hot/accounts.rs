//! What the gateway keeps about people: factors, recovery codes, own choices.

use super::HotStore;
use crate::{
    domain::{
        factor::{Account, Contact, Method, TotpFactor},
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Leaving, Linking, Stored, Unlinked},
};

impl HotStore {
    /// The whole account of a person; an empty one for somebody never seen.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn account(&self, person: &UserId) -> Stored<Account> {
        self.0.store.account(person).await
    }

    /// Links an app. Ends the person's trusts and sessions, but for `keep`; tells how many sessions. `None`: what `linking`
    /// takes for granted no longer holds.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn add_totp(
        &self,
        factor: TotpFactor,
        linking: Linking,
        keep: Option<TokenHash>,
    ) -> Stored<Option<usize>> {
        self.change(factor.person.clone(), async move |inner| {
            let Some(closed) = inner.store.add_totp(&factor, linking, keep.as_ref()).await? else {
                return Ok(None);
            };
            inner.account_of(&factor.person).set_enrolled(true);
            Ok(Some(inner.end_all_of(&factor.person, &closed)))
        })
        .await
    }

    /// Unlinks an app, with the same consequences.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn remove_totp(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<TokenHash>,
    ) -> Stored<Unlinked<usize>> {
        let (person, owner, id) = (person.clone(), person.clone(), id.clone());
        self.change(owner, async move |inner| {
            let removed = inner.store.remove_totp(&person, &id, leaving, keep.as_ref()).await?;
            inner.after_unlinking(&person, removed).await
        })
        .await
    }

    /// Uses up a time step of an app, atomically. `false`: this step or a later one was used before.
    ///
    /// # Errors
    /// The store does not answer: refuse the code.
    pub async fn consume_step(&self, id: &RecordId, step: i64, now: Timestamp) -> Stored<bool> {
        self.0.store.consume_step(id, step, now).await
    }

    /// Replaces all recovery codes, kept as hashes.
    ///
    /// # Errors
    /// The store does not answer: the old codes still count.
    pub async fn replace_recovery_codes(&self, person: &UserId, codes: &[TokenHash]) -> Stored<()> {
        self.0.store.replace_recovery_codes(person, codes).await
    }

    /// Uses up a recovery code, atomically. `false`: no such unused code.
    ///
    /// # Errors
    /// The store does not answer: refuse the code.
    pub async fn consume_recovery_code(&self, person: &UserId, code: &TokenHash) -> Stored<bool> {
        self.0.store.consume_recovery_code(person, code).await
    }

    /// Keeps a verified address or number, with the consequences of [`HotStore::add_totp`]. `None`: a factor or
    /// another contact is there already.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn add_contact(
        &self,
        person: &UserId,
        contact: Contact,
        keep: Option<TokenHash>,
    ) -> Stored<Option<usize>> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let Some(closed) = inner.store.add_contact(&person, &contact, keep.as_ref()).await? else {
                return Ok(None);
            };
            Ok(Some(inner.end_all_of(&person, &closed)))
        })
        .await
    }

    /// Removes a verified address or number, with the consequences of [`HotStore::remove_totp`]; tells how many sessions
    /// ended. `None`: there was none.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn remove_contact(
        &self,
        person: &UserId,
        method: Method,
        keep: Option<TokenHash>,
    ) -> Stored<Option<usize>> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let Some(closed) = inner.store.remove_contact(&person, method, keep.as_ref()).await? else {
                return Ok(None);
            };
            Ok(Some(inner.end_all_of(&person, &closed)))
        })
        .await
    }

    /// Removes every factor, contact, recovery code, trust and session of a person; tells how many sessions.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn reset_second_factor(&self, person: &UserId) -> Stored<usize> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let closed = inner.store.reset_second_factor(&person).await?;
            inner.account_of(&person).set_enrolled(false);
            Ok(inner.end_all_of(&person, &closed))
        })
        .await
    }

    /// Sets the visitor's own switch.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn switch_second_factor(&self, person: &UserId, wants: bool) -> Stored<()> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            inner.store.switch_second_factor(&person, wants).await?;
            inner.account_of(&person).set_wants(wants);
            Ok(())
        })
        .await
    }

    /// Sets the visitor's language.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn choose_language(&self, person: &UserId, language: &str) -> Stored<()> {
        let (person, owner, language) = (person.clone(), person.clone(), language.to_owned());
        self.change(owner, async move |inner| {
            inner.store.choose_language(&person, &language).await?;
            inner.account_of(&person).set_language(&language);
            Ok(())
        })
        .await
    }
}
