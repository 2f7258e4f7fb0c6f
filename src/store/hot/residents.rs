//! People who were made here, and what administrators switched, as requests see them: from memory.

mod hashes;
mod import;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::Guard;
use dashmap::{DashMap, Entry};

use self::hashes::Costs;
pub use self::import::NotImported;
use super::{HotStore, Inner, LiveSession};
use crate::{
    domain::{
        identity::{CredentialMark, PasswordHash, UserId, fold_login},
        kept::KeptPerson,
        switches::Switches,
        time::Timestamp,
        token::TokenHash,
    },
    store::{Ends, PeoplePage, PeopleQuery, Stored, Taken},
};

/// Everybody, by id and by address.
#[derive(Debug)]
pub(super) struct Book {
    by_id: DashMap<UserId, Arc<KeptPerson>>,
    by_email: DashMap<String, UserId>,
    /// How many people are in each group.
    groups: DashMap<String, usize>,
    /// What checking their passwords costs.
    costs: Costs,
    /// Changes happen one after the other: each starts from what the one before left.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The era that began last, of anybody: nobody's is begun twice.
    era: AtomicU64,
    /// The mark of the era that ended last, of whom everything ended since the start.
    past: DashMap<UserId, CredentialMark>,
}

impl Book {
    pub(super) fn new(people: Vec<KeptPerson>) -> Self {
        let book = Self {
            by_id: DashMap::with_capacity(people.len()),
            by_email: DashMap::with_capacity(people.len()),
            groups: DashMap::new(),
            costs: Costs::default(),
            turn: Arc::default(),
            era: AtomicU64::new(people.iter().map(|person| person.era).max().unwrap_or(0)),
            past: DashMap::new(),
        };
        for person in people {
            book.put(person);
        }
        book
    }

    pub(super) fn get(&self, id: &UserId) -> Option<Arc<KeptPerson>> {
        self.by_id.get(id).map(|entry| Arc::clone(entry.value()))
    }

    /// Whether somebody who was judged under this mark was judged before everything of theirs ended.
    pub(super) fn is_past(&self, id: &UserId, mark: &CredentialMark) -> bool {
        self.past.get(id).is_some_and(|past| *past == *mark)
    }

    fn end_era(&self, person: &KeptPerson) {
        self.past.insert(person.id.clone(), person.credential());
    }

    fn next_era(&self) -> u64 {
        self.era.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What ends when `before` becomes `after`, whose era and mark are set to it.
    fn settle(&self, before: &KeptPerson, after: &mut KeptPerson) -> Ends {
        // The id is what everything hangs on.
        (after.id, after.era, after.carried) = (before.id.clone(), before.era, before.carried);
        let hash =
            |person: &KeptPerson| person.password.as_ref().map(PasswordHash::as_str).map(str::to_owned);
        let has_new_password = hash(after) != hash(before);
        if has_new_password {
            after.carried = None;
        }
        if !has_new_password && (before.is_disabled() || !after.is_disabled()) {
            return Ends::Nothing;
        }
        after.era = self.next_era();
        Ends::Everything
    }

    fn put(&self, person: KeptPerson) {
        for group in &person.groups {
            *self.groups.entry(group.clone()).or_default() += 1;
        }
        self.costs.count(person.password.as_ref());
        let (id, login) = (person.id.clone(), fold_login(&person.email));
        let before = self.by_id.insert(id.clone(), Arc::new(person));
        if let Some(before) = before {
            let old = fold_login(&before.email);
            if old != login {
                self.by_email.remove(&old);
            }
            self.leave_groups(&before);
            self.costs.discount(before.password.as_ref());
        }
        self.by_email.insert(login, id);
    }

    fn take(&self, id: &UserId) {
        if let Some((_, person)) = self.by_id.remove(id) {
            self.end_era(&person);
            self.by_email.remove(&fold_login(&person.email));
            self.leave_groups(&person);
            self.costs.discount(person.password.as_ref());
        }
    }

    fn leave_groups(&self, person: &KeptPerson) {
        for group in &person.groups {
            self.groups.alter(group, |_, count| count.saturating_sub(1));
        }
        self.groups.retain(|_, count| *count > 0);
    }
}

/// What a change of a person came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is made; so many sessions ended.
    Done {
        /// The person as they are now.
        person: Arc<KeptPerson>,
        /// Sessions that ended.
        sessions: usize,
    },
    /// There is nobody with this id.
    Unknown,
    /// Somebody else has the address.
    Taken(Taken),
}

impl HotStore {
    /// The person with this id.
    pub fn resident(&self, id: &UserId) -> Option<Arc<KeptPerson>> {
        self.0.residents.get(id)
    }

    /// The person with this mail address, in any spelling.
    pub fn resident_with_email(&self, email: &str) -> Option<Arc<KeptPerson>> {
        let id = self.0.residents.by_email.get(&fold_login(email))?.value().clone();
        self.resident(&id)
    }

    /// How many people there are.
    pub fn count_residents(&self) -> usize {
        self.0.residents.by_id.len()
    }

    /// How many people are in each group.
    pub fn count_groups(&self) -> BTreeMap<String, usize> {
        self.0.residents.groups.iter().map(|entry| (entry.key().clone(), *entry.value())).collect()
    }

    /// Calls `with` for everybody, in no order. Takes milliseconds where there are many: not for requests to portals.
    pub fn each_resident(&self, mut with: impl FnMut(&Arc<KeptPerson>)) {
        for entry in &self.0.residents.by_id {
            with(entry.value());
        }
    }

    /// What administrators switched.
    pub fn switches(&self) -> Arc<Switches> {
        self.0.switches.load_full()
    }

    /// What administrators switched, for a moment: without touching a counter that other threads touch.
    pub fn peek_switches(&self) -> Guard<Arc<Switches>> {
        self.0.switches.load()
    }

    /// Whether administrators closed `portal`: without touching a counter that other threads touch.
    pub fn is_closed(&self, portal: &str) -> bool {
        self.0.switches.load().is_closed(portal)
    }

    /// A page of people who fit a query.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn search_residents(&self, query: &PeopleQuery) -> Stored<PeoplePage> {
        self.0.store.search_residents(query).await
    }

    /// Makes people: all of them, or none if somebody has a name or address already.
    ///
    /// # Errors
    /// The store does not answer: nobody was made.
    pub async fn add_residents(&self, people: Vec<KeptPerson>) -> Stored<Result<(), Taken>> {
        let none = Vec::<(UserId, fn(&mut KeptPerson) -> bool)>::new();
        Ok(match self.import_residents(people, none).await? {
            Err(NotImported::Taken(taken)) => Err(taken),
            // Nobody is changed, so that nobody can be gone.
            Ok(_) | Err(NotImported::Stale(_) | NotImported::Gone(_)) => Ok(()),
        })
    }

    /// Changes a person: `change` is given the person of this moment. Whoever is disabled by it, or has another password
    /// afterwards, is signed out everywhere and trusted nowhere, but for the session `keep`.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn change_resident(
        &self,
        id: &UserId,
        keep: Option<TokenHash>,
        change: impl FnOnce(&mut KeptPerson) + Send + 'static,
    ) -> Stored<Change> {
        let id = id.clone();
        self.reform(vec![id.clone()], async move |inner| {
            let Some(before) = inner.residents.get(&id) else { return Ok(Change::Unknown) };
            let mut person = KeptPerson::clone(&before);
            change(&mut person);
            let ends = inner.residents.settle(&before, &mut person);
            let closed = match inner.store.change_resident(&person, ends, keep.as_ref()).await? {
                Err(taken) => return Ok(Change::Taken(taken)),
                Ok(None) => return Ok(Change::Unknown),
                Ok(Some(closed)) => closed,
            };
            inner.residents.put(person.clone());
            if ends == Ends::Everything {
                inner.residents.end_era(&before);
                inner.end_all_of(&person.id, &closed);
                if let Some(keep) = &keep {
                    inner.renew(keep, &person);
                }
            }
            Ok(Change::Done { person: Arc::new(person), sessions: closed.len() })
        })
        .await
    }

    /// Gives a person another name, and signs them out everywhere: what goes with them and what ends is the
    /// store's to say.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn rename_resident(&self, from: &UserId, name: &str, now: Timestamp) -> Stored<Change> {
        let (from, to, name) = (from.clone(), UserId::new(name), name.to_owned());
        self.reform(vec![from.clone(), to.clone()], async move |inner| {
            let Some(before) = inner.residents.get(&from) else { return Ok(Change::Unknown) };
            let mut person =
                KeptPerson { id: to.clone(), name, changed_at: now, ..KeptPerson::clone(&before) };
            // What was recorded under this name before is not theirs.
            if from != to {
                person.created_at = now;
            }
            person.era = inner.residents.next_era();
            // It was of the old name.
            person.carried = None;
            let closed = match inner.store.rename_resident(&from, &person).await? {
                Err(taken) => return Ok(Change::Taken(taken)),
                Ok(None) => return Ok(Change::Unknown),
                Ok(Some(closed)) => closed,
            };
            inner.residents.take(&from);
            inner.residents.put(person.clone());
            inner.forget_trusts_of(&to);
            inner.end_all_of(&from, &closed);
            if from != to {
                inner.accounts.remove(&to);
                if let Some((_, account)) = inner.accounts.remove(&from) {
                    inner.accounts.insert(to, account);
                }
            }
            Ok(Change::Done { person: Arc::new(person), sessions: closed.len() })
        })
        .await
    }

    /// Removes a person and everything kept about them but the journal; tells how many sessions ended. `None`: there was
    /// none.
    ///
    /// # Errors
    /// The store does not answer: nobody was removed.
    pub async fn remove_resident(&self, id: &UserId) -> Stored<Option<usize>> {
        let id = id.clone();
        self.reform(vec![id.clone()], async move |inner| {
            let Some(closed) = inner.store.remove_resident(&id).await? else { return Ok(None) };
            inner.residents.take(&id);
            inner.end_all_of(&id, &closed);
            inner.accounts.remove(&id);
            Ok(Some(closed.len()))
        })
        .await
    }

    /// Changes what is switched: `change` is given what is switched at this moment, and tells whether to keep it.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn change_switches(
        &self,
        change: impl FnOnce(&mut Switches) + Send + 'static,
    ) -> Stored<Arc<Switches>> {
        self.reform(Vec::new(), async move |inner| {
            let mut switches = Switches::clone(&inner.switches.load());
            change(&mut switches);
            inner.store.set_switches(&switches).await?;
            let switches = Arc::new(switches);
            inner.switches.store(Arc::clone(&switches));
            Ok(switches)
        })
        .await
    }

    /// One change of people or switches after the other, each to its end, and in the turns of the `people` it is about: no session
    /// of theirs is opened meanwhile. Nobody who holds such a turn waits for this one.
    async fn reform<T, F>(
        &self,
        people: Vec<UserId>,
        change: impl FnOnce(Arc<Inner>) -> F + Send + 'static,
    ) -> Stored<T>
    where
        T: Send + 'static,
        F: Future<Output = Stored<T>> + Send,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::spawn(async move {
            let turn = Arc::clone(&inner.residents.turn);
            let _turn = turn.lock().await;
            let _turns = inner.turns_of(&people).await;
            change(Arc::clone(&inner)).await
        });
        done.await.unwrap_or_else(|gone| Err(crate::store::StoreFault::Unavailable(gone.to_string())))
    }
}

impl Inner {
    /// A session goes on under the present password of its person, and so does the one it was handed over from; they stand on
    /// no device any more. One that ended meanwhile stays ended.
    fn renew(&self, hash: &TokenHash, person: &KeptPerson) {
        let Some(old) = self.sessions.get(hash).map(|entry| Arc::clone(entry.value())) else { return };
        if old.session().person == person.id {
            self.renewed(&old, person);
        }
    }

    /// `None`: it has ended, or the one it ends with.
    pub(super) fn renewed(&self, old: &Arc<LiveSession>, person: &KeptPerson) -> Option<Arc<LiveSession>> {
        let home = match old.home() {
            Some(home) => Some(self.renewed(home, person)?),
            None => None,
        };
        let mut session = old.session().clone();
        session.last_seen = old.last_seen();
        session.credential = person.credential();
        session.device = None;
        let live = self.enliven(session, home);
        // Signing out takes it from this place, and closes what it took: whoever comes second finds what the first one left.
        match self.sessions.entry(live.session().hash) {
            Entry::Occupied(mut place) if Arc::ptr_eq(place.get(), old) => {
                place.insert(Arc::clone(&live));
            }
            _ => return None,
        }
        old.close();
        Some(live)
    }
}
