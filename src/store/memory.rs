//! A store that forgets everything when it is dropped: for tests and trials. One lock makes every verb atomic.

mod accounts;
mod approvals;
mod break_glass;
mod identities;
mod kept_forms;
mod links;
mod notices;
mod pairings;
mod passkeys;
mod pins;
mod rename;
mod residents;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{
    Attempts, DayCount, EventQuery, Journal, Logins, Sessions, Stored, Swept, Trusts, Upkeep, names_person,
};
use crate::domain::{
    approval::Approval,
    audit::{AuditEvent, AuditKind},
    break_glass::BreakGlass,
    factor::{Contact, Passkey, TotpFactor},
    help::HelpRequest,
    identity::UserId,
    invitation::Invitation,
    kept::KeptPerson,
    kept_form::SealedForm,
    link::LinkOffer,
    login::Login,
    notice::NotMe,
    pairing::Pairing,
    pin::DevicePin,
    provider::{Departure, Identity},
    session::Session,
    switches::Switches,
    throttle::{Bucket, TryVerdict},
    time::Timestamp,
    token::{RecordId, TokenHash},
    trust::{AddressTrust, DeviceTrust},
};

/// State in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    sessions: HashMap<TokenHash, Session>,
    devices: HashMap<RecordId, DeviceTrust>,
    /// By the device they unlock. One whose device is gone counts for nothing.
    pins: HashMap<RecordId, DevicePin>,
    /// Every value a device had before.
    retired: HashMap<TokenHash, RecordId>,
    addresses: HashMap<RecordId, AddressTrust>,
    people: BTreeMap<UserId, Kept>,
    logins: HashMap<TokenHash, Login>,
    /// By the browser that asked.
    links: HashMap<TokenHash, LinkOffer>,
    departures: HashMap<TokenHash, Departure>,
    /// By the token of the page.
    pairings: HashMap<TokenHash, Pairing>,
    approvals: HashMap<UserId, Approval>,
    kept_forms: HashMap<TokenHash, SealedForm>,
    identities: Vec<Identity>,
    not_me: HashMap<TokenHash, NotMe>,
    /// By what each person was seen, and until when that is kept.
    seen_by: HashMap<UserId, Vec<(TokenHash, Timestamp)>>,
    residents: BTreeMap<UserId, KeptPerson>,
    switches: Switches,
    help: Vec<HelpRequest>,
    /// By the person.
    invitations: HashMap<UserId, Invitation>,
    break_glass: HashMap<UserId, BreakGlass>,
    tries: HashMap<String, Tries>,
    journal: Vec<AuditEvent>,
    latest: Option<Timestamp>,
}

/// What is kept about a person.
#[derive(Debug, Default)]
struct Kept {
    totp: Vec<TotpFactor>,
    passkeys: Vec<Passkey>,
    contacts: Vec<Contact>,
    codes: Vec<TokenHash>,
    wants_second_factor: bool,
    language: Option<String>,
}

#[derive(Debug)]
struct Tries {
    count: u32,
    until: Timestamp,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn close_sessions_of(&mut self, person: &UserId, except: Option<&TokenHash>) -> Vec<TokenHash> {
        let home = except.and_then(|hash| self.sessions.get(hash)?.handed_from.clone());
        let is_spared =
            |session: &Session| Some(&session.hash) == except || Some(&session.id) == home.as_ref();
        let closed: Vec<_> = self
            .sessions
            .values()
            .filter(|session| session.person == *person && !is_spared(session))
            .map(|session| session.hash)
            .collect();
        for hash in &closed {
            self.sessions.remove(hash);
        }
        self.end_with_their_homes();
        closed
    }

    /// What was handed over from a session that is gone goes with it.
    fn end_with_their_homes(&mut self) {
        let open: HashSet<RecordId> = self.sessions.values().map(|session| session.id.clone()).collect();
        self.sessions
            .retain(|_, session| session.handed_from.as_ref().is_none_or(|home| open.contains(home)));
    }

    fn revoke_trusts_of(&mut self, person: &UserId) -> Vec<RecordId> {
        let devices = self.devices.values().filter(|trust| trust.person == *person).map(|trust| &trust.id);
        let addresses =
            self.addresses.values().filter(|trust| trust.person == *person).map(|trust| &trust.id);
        let revoked: Vec<_> = devices.chain(addresses).cloned().collect();
        for id in &revoked {
            self.devices.remove(id);
            self.addresses.remove(id);
        }
        revoked
    }
}

/// Newest first; records of one second in the order of their ids.
fn newest_first<T>(records: &mut [T], key: impl Fn(&T) -> (Timestamp, RecordId)) {
    records.sort_by_key(|record| std::cmp::Reverse(key(record)));
}

fn is_wanted(person: &UserId, wanted: Option<&UserId>) -> bool {
    wanted.is_none_or(|wanted| wanted == person)
}

#[async_trait]
impl Sessions for MemoryStore {
    async fn open_session(&self, session: &Session, replaces: Option<&TokenHash>) -> Stored<()> {
        let mut tables = self.tables();
        if let Some(old) = replaces {
            tables.sessions.remove(old);
            tables.end_with_their_homes();
        }
        tables.sessions.insert(session.hash, session.clone());
        Ok(())
    }

    async fn note_seen(&self, seen: &[(TokenHash, Timestamp)]) -> Stored<()> {
        let mut tables = self.tables();
        for (hash, at) in seen {
            if let Some(session) = tables.sessions.get_mut(hash) {
                session.last_seen = session.last_seen.max(*at);
            }
        }
        Ok(())
    }

    async fn close_session(&self, id: &RecordId) -> Stored<Option<TokenHash>> {
        let mut tables = self.tables();
        let found = tables.sessions.values().find(|session| session.id == *id).map(|session| session.hash);
        if let Some(hash) = &found {
            tables.sessions.remove(hash);
            tables.end_with_their_homes();
        }
        Ok(found)
    }

    async fn close_sessions_of(&self, person: &UserId, except: Option<&TokenHash>) -> Stored<Vec<TokenHash>> {
        Ok(self.tables().close_sessions_of(person, except))
    }

    async fn sessions(&self, person: Option<&UserId>) -> Stored<Vec<Session>> {
        let mut open: Vec<_> =
            self.tables().sessions.values().filter(|s| is_wanted(&s.person, person)).cloned().collect();
        newest_first(&mut open, |session| (session.opened_at, session.id.clone()));
        Ok(open)
    }
}

#[async_trait]
impl Trusts for MemoryStore {
    async fn trust_device(&self, trust: &DeviceTrust) -> Stored<()> {
        let mut tables = self.tables();
        tables.pins.remove(&trust.id);
        tables.devices.insert(trust.id.clone(), trust.clone());
        Ok(())
    }

    async fn recall_device(&self, hash: &TokenHash) -> Stored<Option<DeviceTrust>> {
        let tables = self.tables();
        let before = tables.retired.get(hash).and_then(|id| tables.devices.get(id));
        Ok(before.or_else(|| tables.devices.values().find(|trust| trust.hash == *hash)).cloned())
    }

    async fn rotate_device(
        &self,
        id: &RecordId,
        from: &TokenHash,
        to: &TokenHash,
        now: Timestamp,
    ) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(trust) = tables.devices.get_mut(id).filter(|trust| trust.hash == *from) else {
            return Ok(false);
        };
        trust.previous = Some((*from, now));
        trust.hash = *to;
        trust.last_used = now;
        tables.retired.insert(*from, id.clone());
        Ok(true)
    }

    async fn devices(&self, person: Option<&UserId>) -> Stored<Vec<DeviceTrust>> {
        let mut trusts: Vec<_> =
            self.tables().devices.values().filter(|t| is_wanted(&t.person, person)).cloned().collect();
        newest_first(&mut trusts, |trust| (trust.granted_at, trust.id.clone()));
        Ok(trusts)
    }

    async fn trust_address(&self, trust: &AddressTrust) -> Stored<()> {
        let mut tables = self.tables();
        tables.addresses.retain(|_, old| {
            !(old.person == trust.person && old.portal == trust.portal && old.network == trust.network)
        });
        tables.addresses.insert(trust.id.clone(), trust.clone());
        Ok(())
    }

    async fn note_address_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        if let Some(trust) = self.tables().addresses.get_mut(id) {
            trust.last_used = trust.last_used.max(now);
        }
        Ok(())
    }

    async fn addresses(&self, person: Option<&UserId>) -> Stored<Vec<AddressTrust>> {
        let mut trusts: Vec<_> =
            self.tables().addresses.values().filter(|t| is_wanted(&t.person, person)).cloned().collect();
        newest_first(&mut trusts, |trust| (trust.granted_at, trust.id.clone()));
        Ok(trusts)
    }

    async fn revoke_trust(&self, id: &RecordId) -> Stored<bool> {
        let mut tables = self.tables();
        let device = tables.devices.remove(id).is_some();
        let address = tables.addresses.remove(id).is_some();
        Ok(device || address)
    }

    async fn revoke_trusts_of(&self, person: &UserId) -> Stored<Vec<RecordId>> {
        Ok(self.tables().revoke_trusts_of(person))
    }
}

#[async_trait]
impl Logins for MemoryStore {
    async fn begin_login(&self, login: &Login) -> Stored<()> {
        self.tables().logins.insert(login.hash, login.clone());
        Ok(())
    }

    async fn recall_login(&self, hash: &TokenHash) -> Stored<Option<Login>> {
        Ok(self.tables().logins.get(hash).cloned())
    }

    async fn take_login(&self, hash: &TokenHash) -> Stored<Option<Login>> {
        Ok(self.tables().logins.remove(hash))
    }
}

#[async_trait]
impl Attempts for MemoryStore {
    async fn reserve_try(&self, buckets: &[Bucket], now: Timestamp) -> Stored<TryVerdict> {
        let mut tables = self.tables();
        let full = buckets
            .iter()
            .filter_map(|bucket| {
                let tries = tables.tries.get(&bucket.key)?;
                (now < tries.until && tries.count >= bucket.limit).then_some(tries.until)
            })
            .max();
        if let Some(until) = full {
            return Ok(TryVerdict::Wait { until });
        }
        for bucket in buckets {
            let fresh = || Tries { count: 0, until: now.after(bucket.window) };
            let tries = tables.tries.entry(bucket.key.clone()).or_insert_with(fresh);
            if now >= tries.until {
                *tries = fresh();
            }
            tries.count += 1;
        }
        Ok(TryVerdict::Go)
    }

    async fn release_try(&self, buckets: &[Bucket]) -> Stored<()> {
        let mut tables = self.tables();
        for bucket in buckets {
            if let Some(tries) = tables.tries.get_mut(&bucket.key) {
                tries.count = tries.count.saturating_sub(1);
                if tries.count == 0 {
                    tables.tries.remove(&bucket.key);
                }
            }
        }
        Ok(())
    }

    async fn unlock(&self, person: &UserId) -> Stored<()> {
        self.tables().tries.retain(|key, _| !names_person(key, person));
        Ok(())
    }
}

#[async_trait]
impl Journal for MemoryStore {
    async fn record(&self, events: &[AuditEvent]) -> Stored<()> {
        self.tables().journal.extend_from_slice(events);
        Ok(())
    }

    async fn history(&self, person: &UserId, limit: usize) -> Stored<Vec<AuditEvent>> {
        let tables = self.tables();
        let theirs =
            tables.journal.iter().rev().filter(|event| event.person.as_deref() == Some(person.as_str()));
        Ok(theirs.take(limit).cloned().collect())
    }

    async fn search_events(&self, query: &EventQuery) -> Stored<Vec<(u64, AuditEvent)>> {
        let names = |event: &AuditEvent, people: &Vec<(UserId, Timestamp)>| {
            let is = |(one, since): &(UserId, Timestamp)| {
                event.person.as_deref() == Some(one.as_str()) && event.at >= *since
            };
            people.iter().any(is)
        };
        let fits = |(number, event): &(u64, &AuditEvent)| {
            query.people.as_ref().is_none_or(|people| names(event, people))
                && query.kind.is_none_or(|kind| event.kind == kind)
                && query.outcome.is_none_or(|outcome| event.outcome == outcome)
                && query.portal.as_ref().is_none_or(|portal| event.portal.as_ref() == Some(portal))
                && query.since.is_none_or(|since| event.at >= since)
                && query.until.is_none_or(|until| event.at < until)
                && query.before.is_none_or(|before| *number < before)
        };
        let tables = self.tables();
        let numbered: Vec<_> = (1_u64..).zip(&tables.journal).collect();
        let found = numbered.into_iter().rev().filter(fits).take(query.limit);
        Ok(found.map(|(number, event)| (number, event.clone())).collect())
    }

    async fn count_days(&self, kinds: &[AuditKind], since: Timestamp) -> Stored<Vec<DayCount>> {
        let tables = self.tables();
        let mut counts: BTreeMap<_, u64> = BTreeMap::new();
        for event in tables.journal.iter().filter(|event| kinds.contains(&event.kind) && event.at >= since) {
            let day = event.at.unix().div_euclid(86_400);
            *counts.entry((day, event.kind, event.outcome, event.factor.clone())).or_default() += 1;
        }
        let count = |((day, kind, outcome, factor), count)| DayCount { day, kind, outcome, factor, count };
        Ok(counts.into_iter().map(count).collect())
    }
}

#[async_trait]
impl Upkeep for MemoryStore {
    async fn sweep(&self, now: Timestamp, keep_events: Duration) -> Stored<Swept> {
        let mut tables = self.tables();
        let before = tables.counted();
        tables.sessions.retain(|_, session| session.is_live(session.last_seen, now, &session.credential));
        tables.end_with_their_homes();
        let Tables { devices, retired, pins, .. } = &mut *tables;
        devices.retain(|_, trust| !trust.is_over(now));
        retired.retain(|_, id| devices.contains_key(id));
        pins.retain(|id, _| devices.contains_key(id));
        tables.addresses.retain(|_, trust| now < trust.expires_at);
        tables.logins.retain(|_, login| now < login.ends_at);
        tables.links.retain(|_, offer| now < offer.ends_at);
        tables.departures.retain(|_, departure| now < departure.ends_at);
        tables.not_me.retain(|_, link| now < link.ends_at);
        for marks in tables.seen_by.values_mut() {
            marks.retain(|(_, until)| now < *until);
        }
        tables.seen_by.retain(|_, marks| !marks.is_empty());
        tables.pairings.retain(|_, pairing| now < pairing.ends_at);
        tables.approvals.retain(|_, approval| approval.is_live(now));
        tables.help.retain(|request| now < request.ends_at);
        tables.invitations.retain(|_, invitation| now < invitation.ends_at);
        tables.break_glass.retain(|_, glass| now < glass.ends_at);
        tables.kept_forms.retain(|_, form| form.is_live(now));
        tables.tries.retain(|_, tries| now < tries.until);
        tables.journal.retain(|event| now.since(event.at) <= keep_events);
        let after = tables.counted();
        Ok(Swept {
            sessions: before.sessions - after.sessions,
            trusts: before.trusts - after.trusts,
            logins: before.logins - after.logins,
            attempts: before.attempts - after.attempts,
            notices: before.notices - after.notices,
            events: before.events - after.events,
        })
    }

    async fn latest_moment(&self) -> Stored<Option<Timestamp>> {
        Ok(self.tables().latest)
    }

    async fn note_moment(&self, now: Timestamp) -> Stored<()> {
        let mut tables = self.tables();
        tables.latest = tables.latest.max(Some(now));
        Ok(())
    }

    async fn check_writable(&self) -> Stored<()> {
        Ok(())
    }
}

impl Tables {
    fn counted(&self) -> Swept {
        Swept {
            sessions: self.sessions.len(),
            trusts: self.devices.len() + self.addresses.len(),
            logins: self.logins.len()
                + self.links.len()
                + self.departures.len()
                + self.pairings.len()
                + self.approvals.len()
                + self.help.len()
                + self.invitations.len()
                + self.break_glass.len()
                + self.kept_forms.len(),
            attempts: self.tries.len(),
            notices: self.not_me.len() + self.seen_by.values().map(Vec::len).sum::<usize>(),
            events: self.journal.len(),
        }
    }
}
