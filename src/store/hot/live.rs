//! Sessions, accounts and devices as requests see them: plain memory, changed through atomics.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwapOption;

use crate::domain::{
    identity::{CredentialMark, UserId},
    session::Session,
    time::Timestamp,
    token::{RecordId, TokenHash},
    trust::{DeviceTerms, DeviceTrust},
};
use crate::store::AccountOutline;

/// An open session. Shared by all threads; asking it anything costs an atomic read.
#[derive(Debug)]
pub struct LiveSession {
    session: Session,
    closed: AtomicBool,
    last_seen: AtomicI64,
    /// `last_seen` as the store knows it.
    noted: AtomicI64,
    account: Arc<LiveAccount>,
    device: Option<Arc<LiveDevice>>,
    /// The session that this one was handed over from, and ends with.
    home: Option<Arc<LiveSession>>,
}

impl LiveSession {
    pub(super) fn new(
        session: Session,
        account: Arc<LiveAccount>,
        device: Option<Arc<LiveDevice>>,
        home: Option<Arc<LiveSession>>,
    ) -> Self {
        let last_seen = session.last_seen.unix();
        Self {
            session,
            closed: AtomicBool::new(false),
            last_seen: AtomicI64::new(last_seen),
            noted: AtomicI64::new(last_seen),
            account,
            device,
            home,
        }
    }

    /// The session as it was opened. Its `last_seen` is stale: ask [`LiveSession::last_seen`].
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is kept about the person.
    pub fn account(&self) -> &LiveAccount {
        &self.account
    }

    /// Whether it is good at `now` for a person whose present password has this mark.
    pub fn is_live(&self, now: Timestamp, credential: &CredentialMark) -> bool {
        !self.is_closed()
            && self.session.is_live(self.last_seen(), now, credential)
            && self.home.as_ref().is_none_or(|home| home.is_live(now, credential))
    }

    /// The session that this one was handed over from.
    pub fn home(&self) -> Option<&Arc<LiveSession>> {
        self.home.as_ref()
    }

    /// Whether it stands alone, or was handed over from where this portal takes sign-ins over from, if from anywhere: what the
    /// file no longer lets be handed over counts for nobody.
    pub fn is_handed_from<'a>(&self, home: impl FnOnce() -> Option<&'a str>) -> bool {
        self.home.as_ref().is_none_or(|from| home() == Some(from.session.portal.as_str()))
    }

    /// Whether somebody closed it, or the one it was handed over from. Tunnels ask this now and then and end with their
    /// session.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.home.as_ref().is_some_and(|home| home.is_closed())
    }

    /// Whether its time is over at `now`, whoever asks.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.is_closed()
            || !self.session.is_live(self.last_seen(), now, &self.session.credential)
            || self.home.as_ref().is_some_and(|home| home.is_over(now))
    }

    /// When it was last used.
    pub fn last_seen(&self) -> Timestamp {
        Timestamp::from_unix(self.last_seen.load(Ordering::Relaxed))
    }

    /// Notes a use, which is one of the session it was handed over from, too. Writes at most once a second, so that parallel
    /// requests share the line they read.
    pub fn touch(&self, now: Timestamp) {
        if let Some(home) = &self.home {
            home.touch(now);
        }
        if now.unix() > self.last_seen.load(Ordering::Relaxed) {
            self.last_seen.fetch_max(now.unix(), Ordering::Relaxed);
        }
    }

    /// The trusted device it was opened on, if that trust still counts in a file with these terms.
    pub fn waiving_device(
        &self,
        now: Timestamp,
        credential: &CredentialMark,
        terms: DeviceTerms,
    ) -> Option<&RecordId> {
        self.device.as_ref().filter(|device| device.is_live(now, credential, terms)).map(|device| &device.id)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// The last use, if the store does not know it yet.
    pub(super) fn unnoted(&self) -> Option<Timestamp> {
        let seen = self.last_seen();
        (seen.unix() > self.noted.load(Ordering::Relaxed)).then_some(seen)
    }

    pub(super) fn mark_noted(&self, seen: Timestamp) {
        self.noted.fetch_max(seen.unix(), Ordering::Relaxed);
    }
}

/// As much of an account as requests need.
#[derive(Debug)]
pub struct LiveAccount {
    wants_second_factor: AtomicBool,
    enrolled: AtomicBool,
    language: ArcSwapOption<String>,
}

impl LiveAccount {
    pub(super) fn new(outline: &AccountOutline) -> Self {
        Self {
            wants_second_factor: AtomicBool::new(outline.wants_second_factor),
            enrolled: AtomicBool::new(outline.is_enrolled),
            language: ArcSwapOption::from_pointee(outline.language.clone()),
        }
    }

    pub(super) fn empty() -> Self {
        Self {
            wants_second_factor: AtomicBool::new(false),
            enrolled: AtomicBool::new(false),
            language: ArcSwapOption::empty(),
        }
    }

    /// The visitor's own switch.
    pub fn wants_second_factor(&self) -> bool {
        self.wants_second_factor.load(Ordering::Acquire)
    }

    /// Whether an app is linked.
    pub fn is_enrolled(&self) -> bool {
        self.enrolled.load(Ordering::Acquire)
    }

    /// Chosen language, as a two-letter code.
    pub fn language(&self) -> Option<Arc<String>> {
        self.language.load_full()
    }

    pub(super) fn set_wants(&self, wants: bool) {
        self.wants_second_factor.store(wants, Ordering::Release);
    }

    pub(super) fn set_enrolled(&self, enrolled: bool) {
        self.enrolled.store(enrolled, Ordering::Release);
    }

    pub(super) fn set_language(&self, language: &str) {
        self.language.store(Some(Arc::new(language.to_owned())));
    }
}

/// A device trust, without the value that changes at every use.
#[derive(Debug)]
pub(super) struct LiveDevice {
    pub(super) id: RecordId,
    pub(super) person: UserId,
    granted_at: Timestamp,
    expires_at: Option<Timestamp>,
    credential: CredentialMark,
    revoked: AtomicBool,
}

impl LiveDevice {
    pub(super) fn new(trust: &DeviceTrust) -> Self {
        Self {
            id: trust.id.clone(),
            person: trust.person.clone(),
            granted_at: trust.granted_at,
            expires_at: trust.expires_at,
            credential: trust.credential,
            revoked: AtomicBool::new(false),
        }
    }

    fn is_live(&self, now: Timestamp, credential: &CredentialMark, terms: DeviceTerms) -> bool {
        let is_over = self.is_over(now) || !terms.allow(self.granted_at, now);
        !self.revoked.load(Ordering::Acquire) && !is_over && self.credential == *credential
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    pub(super) fn has_mark(&self, credential: &CredentialMark) -> bool {
        self.credential == *credential
    }

    pub(super) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }
}

/// The sessions one proxying thread has met: an ordinary request looks here and takes no lock.
///
/// Each thread makes its own. Entries are only hints: a closed session says so itself, on whatever thread it is.
#[derive(Debug)]
pub struct CoreSessions {
    met: RefCell<HashMap<TokenHash, Arc<LiveSession>>>,
    room: usize,
}

impl CoreSessions {
    /// Room for the sessions one thread serves at a time; beyond it those met long ago are looked up anew.
    const ROOM: usize = 32_768;

    /// An empty table.
    pub fn new() -> Self {
        Self::with_room(Self::ROOM)
    }

    pub(super) fn with_room(room: usize) -> Self {
        Self { met: RefCell::default(), room }
    }

    /// The open session with this hash, asking `elsewhere` only where this thread has not met it.
    pub(super) fn find(
        &self,
        hash: &TokenHash,
        now: Timestamp,
        elsewhere: impl FnOnce() -> Option<Arc<LiveSession>>,
    ) -> Option<Arc<LiveSession>> {
        let mut met = self.met.borrow_mut();
        if let Some(live) = met.get(hash) {
            if !live.is_over(now) {
                return Some(Arc::clone(live));
            }
            // Closed, or it goes on under another password: the shared table knows which.
            met.remove(hash);
        }
        let live = elsewhere().filter(|live| !live.is_over(now))?;
        if met.len() >= self.room {
            met.retain(|_, live| !live.is_over(now));
            if met.len() > self.room / 4 * 3 {
                met.clear();
            }
        }
        met.insert(*hash, Arc::clone(&live));
        Some(live)
    }

    /// Lets go of sessions that are over; called now and then by the thread that owns the table.
    pub fn tidy(&self, now: Timestamp) {
        self.met.borrow_mut().retain(|_, live| !live.is_over(now));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.met.borrow().len()
    }
}

impl Default for CoreSessions {
    fn default() -> Self {
        Self::new()
    }
}
