//! Many people at once: all of a table, or nothing of it.

use std::collections::HashSet;

use crate::{
    domain::{identity::UserId, kept::KeptPerson},
    store::{Ends, Stored, Taken, hot::HotStore},
};

/// Why nothing of a table was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotImported {
    /// Somebody else has a name or an address of it.
    Taken(Taken),
    /// Somebody it changes was removed since it was judged.
    Gone(UserId),
    /// Somebody was changed since the table was judged.
    Stale(String),
}

impl HotStore {
    /// Makes people and changes others: all of it, or nothing. Each change is given the person of this moment and tells whether
    /// it can still be made; what ends by it is as in [`HotStore::change_resident`]. Tells how many sessions ended.
    ///
    /// # Errors
    /// The store does not answer: nothing was written.
    pub async fn import_residents<C>(
        &self,
        mut new: Vec<KeptPerson>,
        changes: Vec<(UserId, C)>,
    ) -> Stored<Result<usize, NotImported>>
    where
        C: FnOnce(&mut KeptPerson) -> bool + Send + 'static,
    {
        let ids = new.iter().map(|person| &person.id).chain(changes.iter().map(|(id, _)| id));
        let ids = ids.cloned().collect();
        self.reform(ids, async move |inner| {
            let book = &inner.residents;
            let mut changed = Vec::with_capacity(changes.len());
            for (id, change) in changes {
                let Some(before) = book.get(&id) else { return Ok(Err(NotImported::Gone(id))) };
                let mut person = KeptPerson::clone(&before);
                if !change(&mut person) {
                    return Ok(Err(NotImported::Stale(person.name)));
                }
                let ends = book.settle(&before, &mut person);
                changed.push((person, ends));
            }
            for person in &mut new {
                person.era = book.next_era();
            }
            let closed = match inner.store.import_residents(&new, &changed).await? {
                Ok(closed) => closed,
                Err(taken) => return Ok(Err(NotImported::Taken(taken))),
            };
            // Once for all of them: there may be as many sessions as people.
            let made: HashSet<_> = new.iter().map(|person| &person.id).collect();
            for left in inner.sessions_where(|session| made.contains(&session.person)) {
                inner.forget_session(&left.hash);
            }
            for person in new {
                inner.end_all_of(&person.id, &[]);
                inner.accounts.remove(&person.id);
                book.put(person);
            }
            for (person, ends) in changed {
                let before = book.get(&person.id);
                let id = person.id.clone();
                book.put(person);
                if ends == Ends::Everything {
                    if let Some(before) = before {
                        book.end_era(&before);
                    }
                    inner.end_all_of(&id, &[]);
                }
            }
            for hash in &closed {
                inner.forget_session(hash);
            }
            Ok(Ok(closed.len()))
        })
        .await
    }
}
