//! Passkeys: kept like apps, with the same consequences.

use super::HotStore;
use crate::{
    domain::{
        factor::Passkey,
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Leaving, Linking, Stored, Unlinked},
};

impl HotStore {
    /// Keeps a passkey. Ends the person's trusts and sessions, but for `keep`; tells how many sessions. `None`: what
    /// `linking` takes for granted no longer holds, or the authenticator's name for it is taken.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn add_passkey(
        &self,
        passkey: Passkey,
        linking: Linking,
        keep: Option<TokenHash>,
    ) -> Stored<Option<usize>> {
        self.change(passkey.person.clone(), async move |inner| {
            let Some(closed) = inner.store.add_passkey(&passkey, linking, keep.as_ref()).await? else {
                return Ok(None);
            };
            inner.account_of(&passkey.person).set_enrolled(true);
            Ok(Some(inner.end_all_of(&passkey.person, &closed)))
        })
        .await
    }

    /// Removes a passkey, with the same consequences.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn remove_passkey(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<TokenHash>,
    ) -> Stored<Unlinked<usize>> {
        let (person, owner, id) = (person.clone(), person.clone(), id.clone());
        self.change(owner, async move |inner| {
            let removed = inner.store.remove_passkey(&person, &id, leaving, keep.as_ref()).await?;
            inner.after_unlinking(&person, removed).await
        })
        .await
    }

    /// The passkey that its authenticator calls so.
    ///
    /// # Errors
    /// The store does not answer: nobody is found.
    pub async fn find_passkey(&self, credential_id: &[u8]) -> Stored<Option<Passkey>> {
        self.0.store.find_passkey(credential_id).await
    }

    /// Notes a use and moves the counter on, atomically. `false`: it is gone, or another use was faster.
    ///
    /// # Errors
    /// The store does not answer: refuse the passkey.
    pub async fn use_passkey(&self, id: &RecordId, from: &str, to: &str, now: Timestamp) -> Stored<bool> {
        self.0.store.use_passkey(id, from, to, now).await
    }
}
