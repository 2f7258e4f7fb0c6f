//! What a running gateway asks, and the one door through which it changes state.
//!
//! Everything live is in memory: an ordinary request finds its session in its thread's [`CoreSessions`] and reads atomics.
//! All open sessions are loaded at the start and every change passes through here, store first and memory second, so an
//! unknown cookie is answered from memory and can never be used to keep the disk busy. A store that several gateways share
//! would ask it on a miss, inside [`HotStore::recall`]; nothing else would change.

mod addresses;
mod devices;
mod live;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{
    future::Future,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use dashmap::DashMap;
use tracing::warn;

use self::{addresses::AddressBook, live::LiveDevice};
pub use self::{
    devices::DeviceUse,
    live::{CoreSessions, LiveAccount, LiveSession},
    upkeep::Ended,
};
use super::{Attempts, Journal, Logins, SharedStore, StoreFault, Stored};
use crate::domain::{
    factor::{Account, TotpFactor},
    identity::{CredentialMark, UserId},
    session::Session,
    time::Timestamp,
    token::{RecordId, TokenHash},
    trust::{AddressTrust, DeviceTrust},
};

/// The state of a running gateway. Clones share it.
#[derive(Clone)]
pub struct HotStore(Arc<Inner>);

struct Inner {
    store: SharedStore,
    sessions: DashMap<TokenHash, Arc<LiveSession>>,
    accounts: DashMap<UserId, Arc<LiveAccount>>,
    devices: DashMap<RecordId, Arc<LiveDevice>>,
    addresses: AddressBook,
    /// Sessions closed in memory while the store did not answer; closed there as soon as it does.
    owed: Mutex<Vec<RecordId>>,
    /// Changes of one person's state happen one after the other: memory must see them in the store's order.
    turns: Vec<tokio::sync::Mutex<()>>,
    hasher: RandomState,
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
            .filter(|trust| now < trust.expires_at)
            .map(|trust| (trust.id.clone(), Arc::new(LiveDevice::new(trust))))
            .collect();
        let mut addresses = store.addresses(None).await?;
        addresses.retain(|trust| now < trust.expires_at);
        let open = store.sessions(None).await?;
        let hot = Self(Arc::new(Inner {
            store,
            sessions: DashMap::with_capacity(open.len()),
            accounts,
            devices,
            addresses: AddressBook::new(addresses),
            owed: Mutex::default(),
            turns: std::iter::repeat_with(Default::default).take(TURNS).collect(),
            hasher: RandomState::new(),
        }));
        for session in open {
            let live = hot.0.enliven(session);
            if !live.is_over(now) {
                hot.0.sessions.insert(live.session().hash, live);
            }
        }
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

    /// The address trust that waives the code for `person` at `portal` from `client`, if there is one.
    pub fn covering_address(
        &self,
        person: &UserId,
        credential: &CredentialMark,
        portal: &str,
        client: IpAddr,
        now: Timestamp,
    ) -> Option<RecordId> {
        self.0.addresses.covering(person, credential, portal, client, now)
    }

    /// As much of a person's account as decisions need; empty for somebody never seen.
    pub fn outline(&self, person: &UserId) -> Arc<LiveAccount> {
        self.0.account_of(person)
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

    /// Counted tries.
    pub fn attempts(&self) -> &dyn Attempts {
        &*self.0.store
    }

    /// What happened.
    pub fn journal(&self) -> &dyn Journal {
        &*self.0.store
    }

    // --- Sessions ---

    /// Opens a session and closes the one it takes over from.
    ///
    /// # Errors
    /// The store does not answer: nothing was opened.
    pub async fn open_session(
        &self,
        session: Session,
        replaces: Option<TokenHash>,
    ) -> Stored<Arc<LiveSession>> {
        self.change(session.person.clone(), async move |inner| {
            inner.store.open_session(&session, replaces.as_ref()).await?;
            if let Some(old) = &replaces {
                inner.forget_session(old);
            }
            let live = inner.enliven(session);
            inner.sessions.insert(live.session().hash, Arc::clone(&live));
            Ok(live)
        })
        .await
    }

    /// Signs out: the session is closed at once, in memory, whether or not the store answers.
    ///
    /// # Errors
    /// The store does not answer; it is told as soon as it does.
    pub async fn sign_out(&self, live: &LiveSession) -> Stored<()> {
        self.close_here(vec![live.session().clone()]).await
    }

    /// Closes a session by its public id: one of `owner`'s, or anybody's (for administrators). `None`: there is none.
    ///
    /// # Errors
    /// The store does not answer; the session is closed in memory all the same.
    pub async fn close_session(&self, owner: Option<&UserId>, id: &RecordId) -> Stored<Option<Session>> {
        let found = self.0.sessions_where(|session| session.id == *id && is_of(&session.person, owner));
        let Some(session) = found.into_iter().next() else { return Ok(None) };
        self.close_here(vec![session.clone()]).await?;
        Ok(Some(session))
    }

    /// Closes all of a person's sessions, but for `except`; tells how many.
    ///
    /// # Errors
    /// The store does not answer; the sessions are closed in memory all the same.
    pub async fn close_sessions_of(&self, person: &UserId, except: Option<TokenHash>) -> Stored<usize> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let open =
                inner.sessions_where(|session| session.person == person && Some(session.hash) != except);
            for session in &open {
                inner.forget_session(&session.hash);
            }
            if let Err(fault) = inner.store.close_sessions_of(&person, except.as_ref()).await {
                inner.owe(open.into_iter().map(|session| session.id));
                return Err(fault);
            }
            Ok(open.len())
        })
        .await
    }

    /// Sign-out everywhere: closes every session of a person and ends every trust.
    ///
    /// # Errors
    /// The store does not answer; the sessions are closed in memory all the same.
    pub async fn sign_out_everywhere(&self, person: &UserId) -> Stored<Ended> {
        let sessions = self.close_sessions_of(person, None).await?;
        let trusts = self.revoke_trusts_of(person).await?;
        Ok(Ended { sessions, trusts })
    }

    /// Open sessions, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn sessions(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<Session>> {
        let mut open = self.0.store.sessions(person).await?;
        open.retain_mut(|session| {
            let Some(live) = self.0.sessions.get(&session.hash) else { return false };
            session.last_seen = live.last_seen();
            !live.is_over(now)
        });
        Ok(open)
    }

    // --- Trusts ---

    /// Writes a device trust.
    ///
    /// # Errors
    /// The store does not answer: nothing was trusted.
    pub async fn trust_device(&self, trust: DeviceTrust) -> Stored<()> {
        self.change(trust.person.clone(), async move |inner| {
            inner.store.trust_device(&trust).await?;
            inner.devices.insert(trust.id.clone(), Arc::new(LiveDevice::new(&trust)));
            Ok(())
        })
        .await
    }

    /// Writes an address trust; one for the same person, portal and network is replaced.
    ///
    /// # Errors
    /// The store does not answer: nothing was trusted.
    pub async fn trust_address(&self, trust: AddressTrust) -> Stored<()> {
        self.change(trust.person.clone(), async move |inner| {
            inner.store.trust_address(&trust).await?;
            inner.addresses.add(trust);
            Ok(())
        })
        .await
    }

    /// Notes that an address trust waived a code.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn note_address_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        self.0.store.note_address_used(id, now).await
    }

    /// Live device trusts, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn devices(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<DeviceTrust>> {
        let mut trusts = self.0.store.devices(person).await?;
        trusts.retain(|trust| now < trust.expires_at);
        Ok(trusts)
    }

    /// Live address trusts, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn addresses(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<AddressTrust>> {
        let mut trusts = self.0.store.addresses(person).await?;
        trusts.retain(|trust| now < trust.expires_at);
        Ok(trusts)
    }

    /// Removes a device or address trust: one of `owner`'s, or anybody's (for administrators). `false`: there is none.
    ///
    /// # Errors
    /// The store does not answer: the trust still stands.
    pub async fn revoke_trust(&self, owner: Option<&UserId>, id: &RecordId) -> Stored<bool> {
        let Some(person) = self.0.holder_of(id) else { return Ok(false) };
        if !is_of(&person, owner) {
            return Ok(false);
        }
        let id = id.clone();
        self.change(person, async move |inner| inner.revoke(&id).await).await
    }

    /// Removes every device and address trust of a person; tells how many.
    ///
    /// # Errors
    /// The store does not answer: the trusts still stand.
    pub async fn revoke_trusts_of(&self, person: &UserId) -> Stored<usize> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let revoked = inner.store.revoke_trusts_of(&person).await?;
            inner.forget_trusts_of(&person);
            Ok(revoked.len())
        })
        .await
    }

    // --- Accounts ---

    /// The whole account of a person; an empty one for somebody never seen.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn account(&self, person: &UserId) -> Stored<Account> {
        self.0.store.account(person).await
    }

    /// Links an app. Ends the person's trusts and sessions, but for `keep`; tells how many sessions.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn add_totp(&self, factor: TotpFactor, keep: Option<TokenHash>) -> Stored<usize> {
        self.change(factor.person.clone(), async move |inner| {
            let closed = inner.store.add_totp(&factor, keep.as_ref()).await?;
            inner.account_of(&factor.person).set_enrolled(true);
            Ok(inner.end_all_of(&factor.person, &closed))
        })
        .await
    }

    /// Unlinks an app, with the same consequences. `None` if there was none.
    ///
    /// # Errors
    /// The store does not answer: nothing changed.
    pub async fn remove_totp(
        &self,
        person: &UserId,
        id: &RecordId,
        keep: Option<TokenHash>,
    ) -> Stored<Option<usize>> {
        let (person, owner, id) = (person.clone(), person.clone(), id.clone());
        self.change(owner, async move |inner| {
            let Some(closed) = inner.store.remove_totp(&person, &id, keep.as_ref()).await? else {
                return Ok(None);
            };
            let ended = inner.end_all_of(&person, &closed);
            let left = inner.store.account(&person).await?;
            inner.account_of(&person).set_enrolled(left.is_enrolled());
            Ok(Some(ended))
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

    /// Removes every factor, recovery code, trust and session of a person; tells how many sessions.
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
            let number = inner.hasher.hash_one(&person) % TURNS as u64;
            let turn = inner.turns.get(usize::try_from(number).unwrap_or(0));
            let _turn = match turn {
                Some(turn) => Some(turn.lock().await),
                None => None,
            };
            change(Arc::clone(&inner)).await
        });
        done.await.unwrap_or_else(|gone| Err(StoreFault::Unavailable(gone.to_string())))
    }

    /// Closes sessions in memory at once and in the store as soon as it answers.
    async fn close_here(&self, sessions: Vec<Session>) -> Stored<()> {
        let Some(person) = sessions.first().map(|session| session.person.clone()) else { return Ok(()) };
        for session in &sessions {
            self.0.forget_session(&session.hash);
        }
        self.change(person, async move |inner| {
            for (done, session) in sessions.iter().enumerate() {
                if let Err(fault) = inner.store.close_session(&session.id).await {
                    inner.owe(sessions[done..].iter().map(|session| session.id.clone()));
                    return Err(fault);
                }
            }
            Ok(())
        })
        .await
    }
}

impl Inner {
    fn enliven(&self, session: Session) -> Arc<LiveSession> {
        let account = self.account_of(&session.person);
        let device = session.device.as_ref().and_then(|id| Some(Arc::clone(self.devices.get(id)?.value())));
        Arc::new(LiveSession::new(session, account, device))
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
        }
    }

    fn sessions_where(&self, is_wanted: impl Fn(&Session) -> bool) -> Vec<Session> {
        self.sessions
            .iter()
            .filter(|entry| is_wanted(entry.session()))
            .map(|entry| entry.session().clone())
            .collect()
    }

    /// Whose trust this is.
    fn holder_of(&self, id: &RecordId) -> Option<UserId> {
        if let Some(device) = self.devices.get(id) {
            return Some(device.person.clone());
        }
        self.addresses.select(|trust| trust.id == *id).first().map(|trust| trust.person.clone())
    }

    async fn revoke(&self, id: &RecordId) -> Stored<bool> {
        let revoked = self.store.revoke_trust(id).await?;
        if let Some((_, device)) = self.devices.remove(id) {
            device.revoke();
        }
        self.addresses.remove(|trust| trust.id == *id);
        Ok(revoked)
    }

    fn forget_trusts_of(&self, person: &UserId) {
        self.devices.retain(|_, device| {
            let is_theirs = device.person == *person;
            if is_theirs {
                device.revoke();
            }
            !is_theirs
        });
        self.addresses.remove(|trust| trust.person == *person);
    }

    /// Follows the store after a change of a second factor.
    fn end_all_of(&self, person: &UserId, closed: &[TokenHash]) -> usize {
        self.forget_trusts_of(person);
        for hash in closed {
            self.forget_session(hash);
        }
        closed.len()
    }

    fn owe(&self, ids: impl IntoIterator<Item = RecordId>) {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        owed.extend(ids);
        warn!(sessions = owed.len(), "signed out in memory; the store will be told when it answers again");
    }
}

fn is_of(person: &UserId, owner: Option<&UserId>) -> bool {
    owner.is_none_or(|owner| owner == person)
}
