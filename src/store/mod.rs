//! State that outlives a request, behind ports in the domain's own verbs.
//!
//! When a verb returns, what it did is durable. Counting and consuming are atomic by contract, and one contract suite runs
//! on every store. Nothing here is asked on the path of a signed-in request: [`hot`] answers that from memory.

#[cfg(test)]
mod contract;
pub mod files;
pub mod hot;
mod journal;
pub mod memory;
mod people;
#[cfg(test)]
mod samples;
mod seal;
pub mod sqlite;

use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

pub use self::journal::{DayCount, EventQuery, Journal};
pub use self::people::{
    BreakGlasses, Ends, HelpRequests, Invitations, PeoplePage, PeopleQuery, Residents, Taken,
};
use crate::config::settings::StoreSettings;
use crate::domain::{
    approval::{Approval, Decision, Page},
    factor::{Account, Contact, Method, Passkey, TotpFactor},
    identity::UserId,
    kept_form::{Room, SealedForm},
    link::LinkOffer,
    login::Login,
    notice::NotMe,
    pairing::{PairedWith, Pairing},
    pin::{DevicePin, PinLeft},
    provider::{Departure, Identity},
    session::Session,
    throttle::{Bucket, TryVerdict},
    time::Timestamp,
    token::{RecordId, TokenHash},
    trust::{AddressTrust, DeviceTrust},
};

/// Why a store could not answer. Always fails closed.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// Full disk, lost file, broken connection: sign-ins answer 503 until it is mended.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// What was read cannot be what was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// It could be read by others, or somebody else has it open: nothing is broken, but it must not be used like this.
    #[error("the store is not opened: {0}")]
    Refused(String),
}

/// What a store answers.
pub type Stored<T> = Result<T, StoreFault>;

/// Every port at once; what [`open`] hands out.
pub trait Store:
    Sessions
    + Trusts
    + Pins
    + Accounts
    + Passkeys
    + Identities
    + Logins
    + Links
    + Notices
    + Pairings
    + Approvals
    + BreakGlasses
    + Residents
    + HelpRequests
    + Invitations
    + KeptForms
    + Attempts
    + Journal
    + Upkeep
{
}
impl<T> Store for T where
    T: Sessions
        + Trusts
        + Pins
        + Accounts
        + Passkeys
        + Identities
        + Logins
        + Links
        + Notices
        + Pairings
        + Approvals
        + BreakGlasses
        + Residents
        + HelpRequests
        + Invitations
        + KeptForms
        + Attempts
        + Journal
        + Upkeep
{
}

/// A store shared by all threads.
pub type SharedStore = Arc<dyn Store>;

/// Opens the store that the configuration names.
///
/// # Errors
/// The store cannot be opened, is readable by strangers, or is damaged; the message says what to do.
pub fn open(settings: &StoreSettings) -> Stored<SharedStore> {
    match settings {
        StoreSettings::Memory => Ok(Arc::new(memory::MemoryStore::default())),
        StoreSettings::Sqlite { path, key } => Ok(Arc::new(sqlite::SqliteStore::open(path, key)?)),
    }
}

/// Who is signed in.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Writes a new session and, in the same step, closes the one it takes over from.
    async fn open_session(&self, session: &Session, replaces: Option<&TokenHash>) -> Stored<()>;
    /// Notes when sessions were last used; those already closed are passed over.
    async fn note_seen(&self, seen: &[(TokenHash, Timestamp)]) -> Stored<()>;
    /// Closes one by its public id; tells its hash if it was open.
    async fn close_session(&self, id: &RecordId) -> Stored<Option<TokenHash>>;
    /// Closes all of a person's, but for `except`; tells the hashes of those closed.
    async fn close_sessions_of(&self, person: &UserId, except: Option<&TokenHash>) -> Stored<Vec<TokenHash>>;
    /// Open sessions, newest first: one person's, or everybody's.
    async fn sessions(&self, person: Option<&UserId>) -> Stored<Vec<Session>>;
}

/// Devices and addresses that waive the second factor.
#[async_trait]
pub trait Trusts: Send + Sync {
    /// Writes a device trust.
    async fn trust_device(&self, trust: &DeviceTrust) -> Stored<()>;
    /// The device trust whose present value, or any it had before, has this hash.
    async fn recall_device(&self, hash: &TokenHash) -> Stored<Option<DeviceTrust>>;
    /// Replaces a device's value, if `from` is still the present one, and notes the use. `false`: somebody was faster.
    async fn rotate_device(
        &self,
        id: &RecordId,
        from: &TokenHash,
        to: &TokenHash,
        now: Timestamp,
    ) -> Stored<bool>;
    /// Devices, newest first: one person's, or everybody's.
    async fn devices(&self, person: Option<&UserId>) -> Stored<Vec<DeviceTrust>>;
    /// Writes an address trust; one for the same person, portal and network is replaced.
    async fn trust_address(&self, trust: &AddressTrust) -> Stored<()>;
    /// Notes that an address trust waived a code.
    async fn note_address_used(&self, id: &RecordId, now: Timestamp) -> Stored<()>;
    /// Addresses, newest first: one person's, or everybody's.
    async fn addresses(&self, person: Option<&UserId>) -> Stored<Vec<AddressTrust>>;
    /// Removes a device or address trust; `false` if there was none.
    async fn revoke_trust(&self, id: &RecordId) -> Stored<bool>;
    /// Removes every device and address trust of a person; tells the ids.
    async fn revoke_trusts_of(&self, person: &UserId) -> Stored<Vec<RecordId>>;
}

/// PINs of trusted devices. One is gone with its trust, whatever ends that.
#[async_trait]
pub trait Pins: Send + Sync {
    /// Sets the PIN of a device trust, in place of an earlier one. `false`: that person has no such trust.
    async fn set_pin(&self, pin: &DevicePin) -> Stored<bool>;
    /// The PIN of a device trust.
    async fn pin_of(&self, device: &RecordId) -> Stored<Option<DevicePin>>;
    /// Removes the PIN of a device trust, which stays; `false` if there was none.
    async fn remove_pin(&self, device: &RecordId) -> Stored<bool>;
    /// Counts a try as wrong before it is compared, if fewer than `most` are counted. Atomic. `None`: there is no PIN, or
    /// no try is left.
    async fn reserve_pin_try(&self, device: &RecordId, most: u32) -> Stored<Option<DevicePin>>;
    /// Gives a counted try back: nothing was compared.
    async fn release_pin_try(&self, device: &RecordId) -> Stored<()>;
    /// The PIN was right: forgets the wrong ones before it. `false`: it is gone by now, and does not count.
    async fn accept_pin(&self, device: &RecordId) -> Stored<bool>;
    /// The PIN was wrong: with `most` of them counted, ends the device trust, and the PIN with it. Atomic.
    async fn refuse_pin(&self, device: &RecordId, most: u32) -> Stored<PinLeft>;
}

/// As much of an account as requests need; every one of them is kept in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountOutline {
    /// Whose.
    pub person: UserId,
    /// The visitor's own switch.
    pub wants_second_factor: bool,
    /// Whether an app or a passkey is linked.
    pub is_enrolled: bool,
    /// Chosen language.
    pub language: Option<String>,
}

/// What linking an app or a passkey takes for granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linking {
    /// Nobody linked either before: it was done on the strength of the password alone.
    First,
    /// One linked before was shown.
    Another,
}

/// How many apps and passkeys together unlinking one must leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaving {
    /// One at least: this person owes a second factor.
    One,
    /// None may be left.
    None,
}

/// What unlinking an app or a passkey came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unlinked<T> {
    /// It is gone, and this ended with it.
    Done(T),
    /// There was none such.
    Unknown,
    /// It is the last one and must stay.
    Last,
}

/// What the gateway itself keeps about people.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account of a person; an empty one for somebody never seen.
    async fn account(&self, person: &UserId) -> Stored<Account>;
    /// The outlines of everybody of whom anything is kept, by name.
    async fn outlines(&self) -> Stored<Vec<AccountOutline>>;
    /// Links an app, atomically. Ends the person's trusts and sessions in the same step, but for `keep`; tells the hashes of
    /// the closed sessions. `None`: what `linking` takes for granted no longer holds.
    async fn add_totp(
        &self,
        factor: &TotpFactor,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>>;
    /// Unlinks an app, atomically, with the same consequences.
    async fn remove_totp(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>>;
    /// Uses up a time step of an app, atomically. `false`: this step or a later one was used before.
    async fn consume_step(&self, id: &RecordId, step: i64, now: Timestamp) -> Stored<bool>;
    /// Replaces all recovery codes, kept as hashes.
    async fn replace_recovery_codes(&self, person: &UserId, codes: &[TokenHash]) -> Stored<()>;
    /// Uses up a recovery code, atomically. `false`: no such unused code.
    async fn consume_recovery_code(&self, person: &UserId, code: &TokenHash) -> Stored<bool>;
    /// Keeps a verified address or number, atomically, with the consequences of [`Accounts::add_totp`]. `None`: a factor
    /// or another contact is there already.
    async fn add_contact(
        &self,
        person: &UserId,
        contact: &Contact,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>>;
    /// Removes a verified address or number, atomically, with the consequences of [`Accounts::remove_totp`]; tells the
    /// hashes of the closed sessions. `None`: there was none.
    async fn remove_contact(
        &self,
        person: &UserId,
        method: Method,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>>;
    /// Removes every factor, contact and recovery code, with the consequences of [`Accounts::remove_totp`].
    async fn reset_second_factor(&self, person: &UserId) -> Stored<Vec<TokenHash>>;
    /// Sets the visitor's own switch.
    async fn switch_second_factor(&self, person: &UserId, wants: bool) -> Stored<()>;
    /// Sets the visitor's language.
    async fn choose_language(&self, person: &UserId, language: &str) -> Stored<()>;
}

/// Passkeys. They are read as part of [`Accounts::account`].
#[async_trait]
pub trait Passkeys: Send + Sync {
    /// Keeps a passkey, atomically, with the consequences of [`Accounts::add_totp`]. `None`: what `linking` takes for
    /// granted no longer holds, or the authenticator's name for it is taken.
    async fn add_passkey(
        &self,
        passkey: &Passkey,
        linking: Linking,
        keep: Option<&TokenHash>,
    ) -> Stored<Option<Vec<TokenHash>>>;
    /// Removes a passkey, atomically, with the consequences of [`Accounts::remove_totp`].
    async fn remove_passkey(
        &self,
        person: &UserId,
        id: &RecordId,
        leaving: Leaving,
        keep: Option<&TokenHash>,
    ) -> Stored<Unlinked<Vec<TokenHash>>>;
    /// The passkey that its authenticator calls so.
    async fn find_passkey(&self, credential_id: &[u8]) -> Stored<Option<Passkey>>;
    /// Notes a use and, if `from` is still the present record of its counter, replaces that by `to`. Atomic. `false`: it is
    /// gone, or another use was faster.
    async fn use_passkey(&self, id: &RecordId, from: &str, to: &str, now: Timestamp) -> Stored<bool>;
}

/// What linking an account at a provider came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linked {
    /// It lets this person in from now on.
    Now,
    /// It was this person's before.
    Already,
    /// It is somebody else's.
    OfAnother,
}

/// Accounts at identity providers, and visits there under way.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Writes a visit.
    async fn begin_departure(&self, departure: &Departure) -> Stored<()>;
    /// Takes a visit out, so that exactly one of several parallel answers counts.
    async fn take_departure(&self, hash: &TokenHash) -> Stored<Option<Departure>>;
    /// Links an account to a person, atomically: an account belongs to one.
    async fn link_identity(&self, identity: &Identity) -> Stored<Linked>;
    /// The account with this subject at this issuer, both compared exactly.
    async fn find_identity(&self, issuer: &str, subject: &str) -> Stored<Option<Identity>>;
    /// A person's accounts, oldest first.
    async fn identities(&self, person: &UserId) -> Stored<Vec<Identity>>;
    /// Unlinks an account of a person; `false` if there was none.
    async fn unlink_identity(&self, person: &UserId, id: &RecordId) -> Stored<bool>;
    /// Notes that an account let somebody in.
    async fn note_identity_used(&self, id: &RecordId, now: Timestamp) -> Stored<()>;
}

/// Sign-ins under way.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Writes a sign-in.
    async fn begin_login(&self, login: &Login) -> Stored<()>;
    /// The sign-in with this hash.
    async fn recall_login(&self, hash: &TokenHash) -> Stored<Option<Login>>;
    /// Takes a sign-in out, so that exactly one of several parallel answers goes on with it.
    async fn take_login(&self, hash: &TokenHash) -> Stored<Option<Login>>;
}

/// Sign-in links that somebody asked for.
#[async_trait]
pub trait Links: Send + Sync {
    /// Writes an offer; it takes the place of an earlier one of the same browser.
    async fn offer_link(&self, offer: &LinkOffer) -> Stored<()>;
    /// The offer whose link carries what has this hash.
    async fn recall_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>>;
    /// The offer that this browser asked for.
    async fn recall_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>>;
    /// Takes an offer out by its link, so that exactly one of several presses goes on with it.
    async fn take_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>>;
    /// Takes an offer out by the browser that asked, so that exactly one of several codes is judged.
    async fn take_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>>;
}

/// What notices rest on.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Notes by which marks a person was seen, to be kept until `ends_at`, atomically. Tells which of them were kept at
    /// `now` already. At most [`MOST_MARKS`](crate::domain::notice::MOST_MARKS) are kept of one person, the latest.
    async fn note_seen_by(
        &self,
        person: &UserId,
        marks: &[TokenHash],
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Stored<Vec<TokenHash>>;
    /// Writes a "not me" link.
    async fn offer_not_me(&self, link: &NotMe) -> Stored<()>;
    /// The "not me" link that carries what has this hash.
    async fn recall_not_me(&self, link: &TokenHash) -> Stored<Option<NotMe>>;
    /// Uses a "not me" link up and, in the same step, ends the person's sessions, trusts, sign-ins under way, sign-in links
    /// and other "not me" links, and forgets by which marks they were seen. Factors stay. `false`: there is no such link.
    async fn disavow(&self, link: &TokenHash) -> Stored<bool>;
}

/// Authenticator pages that wait to be linked, and for a while those that were.
#[async_trait]
pub trait Pairings: Send + Sync {
    /// Keeps a page that waits. `false`: another one shows this number, draw again.
    async fn offer_pairing(&self, pairing: &Pairing) -> Stored<bool>;
    /// The page that waits with this number.
    async fn recall_pairing(&self, number: &TokenHash) -> Stored<Option<Pairing>>;
    /// The page that asks with this token.
    async fn recall_pairing_of(&self, poll: &TokenHash) -> Stored<Option<Pairing>>;
    /// Uses up a number that is good at `now`, atomically: notes what its page becomes, forgets its key, and keeps the rest
    /// `until` then. `false`: there is no such number any more.
    async fn claim_pairing(
        &self,
        number: &TokenHash,
        with: &PairedWith,
        now: Timestamp,
        until: Timestamp,
    ) -> Stored<bool>;
}

/// What sign-ins ask of authenticator pages.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// The page that an app is, and whose; `None` for an app that is none.
    async fn find_page(&self, app: &RecordId) -> Stored<Option<Page>>;
    /// Writes what is asked; it takes the place of what was asked of the same person before.
    async fn ask_approval(&self, approval: &Approval) -> Stored<()>;
    /// What is asked of a person.
    async fn recall_approval(&self, person: &UserId) -> Stored<Option<Approval>>;
    /// Decides what is live at `now` and undecided, atomically. `false`: there is no such thing any more.
    async fn decide_approval(&self, id: &RecordId, decision: Decision, now: Timestamp) -> Stored<bool>;
    /// Takes out what was decided about the sign-in with this hash, so that exactly one of several who collect it has it.
    async fn take_decided(&self, login: &TokenHash) -> Stored<Option<Approval>>;
}

/// Forms that wait until whoever posted them has signed in.
#[async_trait]
pub trait KeptForms: Send + Sync {
    /// Keeps a form, if there is room beside those that are not over at `now`: of a stranger's beside strangers' forms, of
    /// somebody's beside all; in its network beside those of its own kind. Atomic. `false`: there is none.
    async fn keep_form(&self, form: &SealedForm, room: Room, now: Timestamp) -> Stored<bool>;
    /// The form with this hash.
    async fn recall_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>>;
    /// Makes a form this person's, if it is nobody's or theirs. `false`: it is not there, or somebody else's.
    async fn claim_form(&self, hash: &TokenHash, person: &UserId) -> Stored<bool>;
    /// Takes a form out, so that exactly one of several presses sends it.
    async fn take_form(&self, hash: &TokenHash) -> Stored<Option<SealedForm>>;
}

/// Counted tries.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts one try in every bucket, or in none if one is full. Atomic.
    async fn reserve_try(&self, buckets: &[Bucket], now: Timestamp) -> Stored<TryVerdict>;
    /// Gives one counted try back in each bucket: the secret was right.
    async fn release_try(&self, buckets: &[Bucket]) -> Stored<()>;
    /// Forgets every counter whose key names this person right after its kind (`code/ann`, `password/ann/…`).
    async fn unlock(&self, person: &UserId) -> Stored<()>;
}

/// How much a sweep removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Sessions.
    pub sessions: usize,
    /// Device and address trusts.
    pub trusts: usize,
    /// Sign-ins under way, links to begin one with or to set a password, visits to providers, pages that were to be linked,
    /// approvals, requests for help, forms kept meanwhile.
    pub logins: usize,
    /// Counters.
    pub attempts: usize,
    /// "Not me" links, and marks by which people were seen.
    pub notices: usize,
    /// Journal rows.
    pub events: usize,
}

/// Keeping the store in order.
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Deletes whatever expired before `now`, and journal rows older than `keep_events`.
    async fn sweep(&self, now: Timestamp, keep_events: Duration) -> Stored<Swept>;
    /// The latest moment ever noted: a clock set back must not revive what expired.
    async fn latest_moment(&self) -> Stored<Option<Timestamp>>;
    /// Notes the present moment.
    async fn note_moment(&self, now: Timestamp) -> Stored<()>;
    /// Whether the store can be written.
    async fn check_writable(&self) -> Stored<()>;
}

/// Whether a counter's key names this person right after its kind.
fn names_person(key: &str, person: &UserId) -> bool {
    key.split_once('/')
        .and_then(|(_, rest)| rest.strip_prefix(person.as_str()))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
