//! What a running gateway asks, and the one door through which it changes state.
//!
//! Everything live is in memory: an ordinary request finds its session in its thread's [`CoreSessions`] and reads atomics.
//! All open sessions are loaded at the start and every change passes through here, store first and memory second, so an
//! unknown cookie is answered from memory and can never be used to keep the disk busy. A store that several gateways share
//! would ask it on a miss, inside [`HotStore::recall`]; nothing else would change.

mod accounts;
mod addresses;
mod devices;
mod drafts;
mod ended;
mod live;
mod notices;
mod passkeys;
mod residents;
mod sessions;
#[cfg(test)]
mod tests;
mod trusts;
mod upkeep;

use std::{
    collections::BTreeSet,
    fmt,
    future::Future,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use dashmap::DashMap;

use self::{addresses::AddressBook, ended::EndedSessions, live::LiveDevice};
pub use self::{
    devices::DeviceUse,
    drafts::DraftFields,
    live::{CoreSessions, LiveAccount, LiveSession},
    residents::{Change, NotImported},
    upkeep::Ended,
};
use super::{
    Approvals, Attempts, BreakGlasses, HelpRequests, Identities, Invitations, Journal, KeptForms, Links,
    Logins, Notices, Pairings, Pins, SharedStore, StoreFault, Stored, Unlinked,
};
use crate::domain::{
    identity::UserId,
    session::Session,
    switches::Switches,
    time::Timestamp,
    token::{RecordId, TokenHash},
    trust::{AddressTerms, Spared},
};

/// The state of a running gateway. Clones share it.
#[derive(Clone)]
pub struct HotStore(Arc<Inner>);

struct Inner {
    store: SharedStore,
    sessions: DashMap<TokenHash, Arc<LiveSession>>,
    ended: EndedSessions,
    accounts: DashMap<UserId, Arc<LiveAccount>>,
    devices: DashMap<RecordId, Arc<LiveDevice>>,
    addresses: AddressBook,
    residents: residents::Book,
    switches: ArcSwap<Switches>,
    owed: Mutex<Owed>,
    drafts: drafts::Drafts,
    /// Changes of one person's state happen one after the other: memory must see them in the store's order.
    turns: Vec<tokio::sync::Mutex<()>>,
    /// Deeds of administrators happen one after the other: [`HotStore::deed`].
    deeds: tokio::sync::Mutex<()>,
    deeds_done: AtomicU64,
    hasher: RandomState,
}

/// What ended in memory while the store did not answer; it ends there as soon as it does.
#[derive(Debug, Default)]
struct Owed {
    sessions: Vec<RecordId>,
    trusts_of: Vec<UserId>,
}

/// Turns to share among all persons; a collision only makes one wait for another's commit.
const TURNS: usize = 256;

impl HotStore {
    /// Loads whatever is live at `now`.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(store: SharedStore, now: Timestamp) -> Stored<Self> {
        let accounts: DashMap<_, _> = store
            .outlines()
            .await?
            .into_iter()
            .map(|outline| (outline.person.clone(), Arc::new(LiveAccount::new(&outline))))
            .collect();
        let devices: DashMap<_, _> = store
            .devices(None)
            .await?
            .iter()
            .filter(|trust| !trust.is_over(now))
            .map(|trust| (trust.id.clone(), Arc::new(LiveDevice::new(trust))))
            .collect();
        let mut addresses = store.addresses(None).await?;
        addresses.retain(|trust| now < trust.expires_at);
        let open = store.sessions(None).await?;
        let residents = residents::Book::new(store.residents().await?);
        let switches = ArcSwap::from_pointee(store.switches().await?);
        let hot = Self(Arc::new(Inner {
            store,
            sessions: DashMap::with_capacity(open.len()),
            ended: EndedSessions::default(),
            accounts,
            devices,
            addresses: AddressBook::new(addresses),
            residents,
            switches,
            owed: Mutex::default(),
            drafts: drafts::Drafts::default(),
            turns: std::iter::repeat_with(Default::default).take(TURNS).collect(),
            deeds: tokio::sync::Mutex::default(),
            deeds_done: AtomicU64::new(0),
            hasher: RandomState::new(),
        }));
        hot.enliven_all(open, now);
        Ok(hot)
    }

    // --- What requests ask: memory only, never the store ---

    /// The open session with this hash at this portal. Ask it [`LiveSession::is_live`] with the person's present mark.
    pub fn recall(
        &self,
        core: &CoreSessions,
        hash: &TokenHash,
        portal: &str,
        now: Timestamp,
    ) -> Option<Arc<LiveSession>> {
        core.find(hash, now, || self.0.sessions.get(hash).map(|entry| Arc::clone(entry.value())))
            .filter(|live| live.session().portal == portal)
    }

    /// As [`HotStore::recall`], for a page of ours that asks now and then.
    pub fn find(&self, hash: &TokenHash, portal: &str, now: Timestamp) -> Option<Arc<LiveSession>> {
        let live = self.0.sessions.get(hash).map(|entry| Arc::clone(entry.value()))?;
        (live.session().portal == portal && !live.is_over(now)).then_some(live)
    }

    /// The address trust that waives the code, if there is one that the file's terms still allow.
    pub fn covering_address(&self, asked: &Spared<'_>, terms: &AddressTerms) -> Option<RecordId> {
        self.0.addresses.covering(asked, terms)
    }

    /// As much of a person's account as decisions need; empty for somebody never seen. Nothing is kept of whoever is asked
    /// about: strangers type names nobody has, and memory must not grow with them.
    pub fn outline(&self, person: &UserId) -> Arc<LiveAccount> {
        let known = self.0.accounts.get(person).map(|entry| Arc::clone(entry.value()));
        known.unwrap_or_else(|| Arc::new(LiveAccount::empty()))
    }

    /// Whose session at this portal a cookie carried that is good no more, as far as it is known.
    pub fn last_owner(&self, hash: &TokenHash, portal: &str) -> Option<UserId> {
        let over = self.0.sessions.get(hash).map(|entry| Arc::clone(entry.value()));
        match over {
            Some(live) => (live.session().portal == portal).then(|| live.session().person.clone()),
            None => self.0.ended.owner(hash, portal),
        }
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        self.0.sessions.len()
    }

    // --- What has no shadow in memory ---

    /// Sign-ins under way.
    pub fn logins(&self) -> &dyn Logins {
        &*self.0.store
    }

    /// Sign-in links that somebody asked for.
    pub fn links(&self) -> &dyn Links {
        &*self.0.store
    }

    /// What sign-ins ask of authenticator pages.
    pub fn approvals(&self) -> &dyn Approvals {
        &*self.0.store
    }

    /// Forms that wait until whoever posted them has signed in.
    pub fn kept_forms(&self) -> &dyn KeptForms {
        &*self.0.store
    }

    /// Authenticator pages that wait to be linked.
    pub fn pairings(&self) -> &dyn Pairings {
        &*self.0.store
    }

    /// Accounts at identity providers, and visits there under way.
    pub fn identities(&self) -> &dyn Identities {
        &*self.0.store
    }

    /// What notices rest on. "Not me" is said through [`HotStore::disavow`].
    pub fn notices(&self) -> &dyn Notices {
        &*self.0.store
    }

    /// PINs of trusted devices. What a wrong one comes to is for [`HotStore::refuse_pin`]: it may end a trust.
    pub fn pins(&self) -> &dyn Pins {
        &*self.0.store
    }

    /// What visitors ask of administrators.
    pub fn help(&self) -> &dyn HelpRequests {
        &*self.0.store
    }

    /// Codes for who lost every second factor.
    pub fn break_glasses(&self) -> &dyn BreakGlasses {
        &*self.0.store
    }

    /// Links to set a password with.
    pub fn invitations(&self) -> &dyn Invitations {
        &*self.0.store
    }

    /// Counted tries.
    pub fn attempts(&self) -> &dyn Attempts {
        &*self.0.store
    }

    /// What happened.
    pub fn journal(&self) -> &dyn Journal {
        &*self.0.store
    }

    // --- How changes are made ---

    /// Makes a change of one person's state, in turn, and to the end: a visitor who hangs up between the store's commit
    /// and memory's must not leave the two apart.
    async fn change<T, F>(
        &self,
        person: UserId,
        change: impl FnOnce(Arc<Inner>) -> F + Send + 'static,
    ) -> Stored<T>
    where
        T: Send + 'static,
        F: Future<Output = Stored<T>> + Send,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::spawn(async move {
            let _turns = inner.turns_of([&person]).await;
            change(Arc::clone(&inner)).await
        });
        done.await.unwrap_or_else(|gone| Err(StoreFault::Unavailable(gone.to_string())))
    }

    /// A turn among administrators: what is judged while it is held, is done while it is held, and the next one judges what is
    /// then. Two who would bar each other at one moment come one after the other.
    pub async fn deed(&self) -> Deed<'_> {
        Deed { _turn: self.0.deeds.lock().await, done: &self.0.deeds_done }
    }

    /// How many such turns were over by now. Who may do something is judged before the turn comes: if this is another number
    /// then, it is judged anew.
    pub fn deeds_done(&self) -> u64 {
        self.0.deeds_done.load(Ordering::Acquire)
    }
}

/// A turn among administrators.
pub struct Deed<'a> {
    _turn: tokio::sync::MutexGuard<'a, ()>,
    done: &'a AtomicU64,
}

impl Drop for Deed<'_> {
    fn drop(&mut self) {
        // Before the turn is given on.
        self.done.fetch_add(1, Ordering::Release);
    }
}

impl fmt::Debug for HotStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HotStore({} sessions)", self.open_sessions())
    }
}

impl Inner {
    /// The turns of these people, in an order that is everybody's: nobody waits for who waits for them.
    async fn turns_of<'a>(
        &self,
        people: impl IntoIterator<Item = &'a UserId>,
    ) -> Vec<tokio::sync::MutexGuard<'_, ()>> {
        let number = |person| usize::try_from(self.hasher.hash_one(person) % TURNS as u64).unwrap_or(0);
        let numbers: BTreeSet<usize> = people.into_iter().map(number).collect();
        let mut taken = Vec::with_capacity(numbers.len());
        for turn in numbers.into_iter().filter_map(|number| self.turns.get(number)) {
            taken.push(turn.lock().await);
        }
        taken
    }

    fn enliven(&self, session: Session, home: Option<Arc<LiveSession>>) -> Arc<LiveSession> {
        let account = self.account_of(&session.person);
        let device = session.device.as_ref().and_then(|id| Some(Arc::clone(self.devices.get(id)?.value())));
        Arc::new(LiveSession::new(session, account, device, home))
    }

    fn account_of(&self, person: &UserId) -> Arc<LiveAccount> {
        if let Some(known) = self.accounts.get(person) {
            return Arc::clone(known.value());
        }
        let entry = self.accounts.entry(person.clone()).or_insert_with(|| Arc::new(LiveAccount::empty()));
        Arc::clone(entry.value())
    }

    fn forget_session(&self, hash: &TokenHash) {
        if let Some((_, live)) = self.sessions.remove(hash) {
            live.close();
            self.ended.note(live.session());
        }
    }

    fn sessions_where(&self, is_wanted: impl Fn(&Session) -> bool) -> Vec<Session> {
        self.sessions
            .iter()
            .filter(|entry| is_wanted(entry.session()))
            .map(|entry| entry.session().clone())
            .collect()
    }

    /// Tells how many there were.
    fn forget_trusts_of(&self, person: &UserId) -> usize {
        let mut forgotten = 0;
        self.devices.retain(|_, device| {
            let is_theirs = device.person == *person;
            if is_theirs {
                device.revoke();
                forgotten += 1;
            }
            !is_theirs
        });
        forgotten + self.addresses.remove(|trust| trust.person == *person)
    }

    /// Follows the store after a change of a second factor.
    fn end_all_of(&self, person: &UserId, closed: &[TokenHash]) -> usize {
        self.forget_trusts_of(person);
        for hash in closed {
            self.forget_session(hash);
        }
        closed.len()
    }

    /// Follows the store after it was asked to unlink an app or a passkey.
    async fn after_unlinking(
        &self,
        person: &UserId,
        removed: Unlinked<Vec<TokenHash>>,
    ) -> Stored<Unlinked<usize>> {
        let closed = match removed {
            Unlinked::Done(closed) => closed,
            Unlinked::Unknown => return Ok(Unlinked::Unknown),
            Unlinked::Last => return Ok(Unlinked::Last),
        };
        let ended = self.end_all_of(person, &closed);
        let left = self.store.account(person).await?;
        self.account_of(person).set_enrolled(left.is_enrolled());
        Ok(Unlinked::Done(ended))
    }
}

fn is_of(person: &UserId, owner: Option<&UserId>) -> bool {
    owner.is_none_or(|owner| owner == person)
}
