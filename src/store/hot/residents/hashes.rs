//! Password hashes of people of the store: one of ours in the place of an old one, and what checking them costs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    domain::{
        identity::{PasswordHash, UserId},
        kept::KeptPerson,
        password_hash,
    },
    store::{Ends, Stored, hot::HotStore},
};

/// How many people have a hash of each cost, by a hash of nobody's that costs the same.
#[derive(Debug, Default)]
pub(super) struct Costs(Mutex<BTreeMap<String, u64>>);

impl Costs {
    pub(super) fn count(&self, hash: Option<&PasswordHash>) {
        if let Some(like) = stand_in(hash) {
            *self.all().entry(like).or_default() += 1;
        }
    }

    pub(super) fn discount(&self, hash: Option<&PasswordHash>) {
        let Some(like) = stand_in(hash) else { return };
        let mut all = self.all();
        if let Some(count) = all.get_mut(&like) {
            *count = count.saturating_sub(1);
        }
        all.retain(|_, count| *count > 0);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What cannot be checked is nobody's to wait for.
fn stand_in(hash: Option<&PasswordHash>) -> Option<String> {
    let known = password_hash::read(hash?.as_str()).ok()?;
    Some(known.stand_in().as_str().to_owned())
}

impl HotStore {
    /// How many people have a password hash that can be checked.
    pub fn count_hashes(&self) -> u64 {
        self.0.residents.costs.all().values().sum()
    }

    /// A hash of nobody's that costs what that of the person with this number costs, in an order that changes no more than the
    /// hashes do.
    pub fn some_hash(&self, number: u64) -> Option<PasswordHash> {
        let mut left = number;
        let all = self.0.residents.costs.all();
        let found = all.iter().find(|(_, count)| {
            let is_it = left < **count;
            left = left.saturating_sub(**count);
            is_it
        });
        found.map(|(like, _)| PasswordHash::new(like.clone()))
    }

    /// Puts `to` in the place of the hash `from`, of the same password. Nothing ends by it, and what ended does not come back.
    /// `false`: that is not the person's hash any more, and nothing was written.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn rehash_resident(&self, id: &UserId, from: PasswordHash, to: PasswordHash) -> Stored<bool> {
        let id = id.clone();
        self.reform(vec![id.clone()], async move |inner| {
            let Some(before) = inner.residents.get(&id).filter(|kept| kept.password.as_ref() == Some(&from))
            else {
                return Ok(false);
            };
            let person: KeptPerson = before.rehashed(to);
            match inner.store.change_resident(&person, Ends::Nothing, None).await? {
                Ok(Some(_)) => inner.residents.put(person),
                Ok(None) | Err(_) => return Ok(false),
            }
            Ok(true)
        })
        .await
    }
}
