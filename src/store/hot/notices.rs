//! "Not me": everything of a person ends at once.

use super::{Ended, HotStore};
use crate::{
    domain::{identity::UserId, token::TokenHash},
    store::Stored,
};

impl HotStore {
    /// Uses up a "not me" link of `person` and ends whatever they have open. `None`: somebody was faster.
    ///
    /// # Errors
    /// The store does not answer; sessions and trusts have ended in memory all the same, the store is told as soon as it
    /// does, and the link still works.
    pub async fn disavow(&self, person: &UserId, link: &TokenHash) -> Stored<Option<Ended>> {
        let (person, owner, link) = (person.clone(), person.clone(), *link);
        self.change(owner, async move |inner| {
            let used = inner.store.disavow(&link).await;
            if let Ok(false) = used {
                return Ok(None);
            }
            let open = inner.sessions_where(|session| session.person == person);
            for session in &open {
                inner.forget_session(&session.hash);
            }
            let ended = Ended { sessions: open.len(), trusts: inner.forget_trusts_of(&person) };
            match used {
                Ok(_) => Ok(Some(ended)),
                Err(fault) => {
                    inner.owe(open.into_iter().map(|session| session.id), Some(person));
                    Err(fault)
                }
            }
        })
        .await
    }
}
