//! What our pages do while the store does not answer: fail closed, and keep out whoever signed out.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use super::{HASH, House, PASSWORD};
use crate::{
    config::settings::SignIn,
    domain::{
        approval::{Approval, Decision, Page},
        audit::AuditEvent,
        factor::{Account, Contact, Method, Passkey, TotpFactor},
        identity::UserId,
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
    },
    store::{
        self, AccountOutline, Leaving, Linked, Linking, StoreFault, Stored, Swept, Unlinked,
        memory::MemoryStore,
    },
};

/// A store that can be made to fail.
#[derive(Default)]
pub(super) struct Outage {
    inner: MemoryStore,
    pub(super) down: Arc<AtomicBool>,
    /// What was asked of it.
    asked: Arc<Mutex<Vec<&'static str>>>,
}

macro_rules! port {
    ($port:ident { $(fn $verb:ident($($arg:ident: $kind:ty),*) -> $out:ty;)+ }) => {
        #[async_trait::async_trait]
        impl store::$port for Outage {
            $(async fn $verb(&self, $($arg: $kind),*) -> Stored<$out> {
                self.asked.lock().unwrap().push(stringify!($verb));
                if self.down.load(Ordering::SeqCst) {
                    return Err(StoreFault::Unavailable("the disk is full".to_owned()));
                }
                self.inner.$verb($($arg),*).await
            })+
        }
    };
}

port!(Sessions {
    fn open_session(session: &Session, replaces: Option<&TokenHash>) -> ();
    fn note_seen(seen: &[(TokenHash, Timestamp)]) -> ();
    fn close_session(id: &RecordId) -> Option<TokenHash>;
    fn close_sessions_of(person: &UserId, except: Option<&TokenHash>) -> Vec<TokenHash>;
    fn sessions(person: Option<&UserId>) -> Vec<Session>;
});
port!(Trusts {
    fn trust_device(trust: &DeviceTrust) -> ();
    fn recall_device(hash: &TokenHash) -> Option<DeviceTrust>;
    fn rotate_device(id: &RecordId, from: &TokenHash, to: &TokenHash, now: Timestamp) -> bool;
    fn devices(person: Option<&UserId>) -> Vec<DeviceTrust>;
    fn trust_address(trust: &AddressTrust) -> ();
    fn note_address_used(id: &RecordId, now: Timestamp) -> ();
    fn addresses(person: Option<&UserId>) -> Vec<AddressTrust>;
    fn revoke_trust(id: &RecordId) -> bool;
    fn revoke_trusts_of(person: &UserId) -> Vec<RecordId>;
});
port!(Pins {
    fn set_pin(pin: &DevicePin) -> bool;
    fn pin_of(device: &RecordId) -> Option<DevicePin>;
    fn remove_pin(device: &RecordId) -> bool;
    fn reserve_pin_try(device: &RecordId, most: u32) -> Option<DevicePin>;
    fn release_pin_try(device: &RecordId) -> ();
    fn accept_pin(device: &RecordId) -> bool;
    fn refuse_pin(device: &RecordId, most: u32) -> PinLeft;
});
port!(Accounts {
    fn account(person: &UserId) -> Account;
    fn outlines() -> Vec<AccountOutline>;
    fn add_totp(factor: &TotpFactor, linking: Linking, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_totp(person: &UserId, id: &RecordId, leaving: Leaving, keep: Option<&TokenHash>) -> Unlinked<Vec<TokenHash>>;
    fn consume_step(id: &RecordId, step: i64, now: Timestamp) -> bool;
    fn replace_recovery_codes(person: &UserId, codes: &[TokenHash]) -> ();
    fn consume_recovery_code(person: &UserId, code: &TokenHash) -> bool;
    fn add_contact(person: &UserId, contact: &Contact, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_contact(person: &UserId, method: Method, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn reset_second_factor(person: &UserId) -> Vec<TokenHash>;
    fn switch_second_factor(person: &UserId, wants: bool) -> ();
    fn choose_language(person: &UserId, language: &str) -> ();
});
port!(Passkeys {
    fn add_passkey(passkey: &Passkey, linking: Linking, keep: Option<&TokenHash>) -> Option<Vec<TokenHash>>;
    fn remove_passkey(person: &UserId, id: &RecordId, leaving: Leaving, keep: Option<&TokenHash>) -> Unlinked<Vec<TokenHash>>;
    fn find_passkey(credential_id: &[u8]) -> Option<Passkey>;
    fn use_passkey(id: &RecordId, from: &str, to: &str, now: Timestamp) -> bool;
});
port!(Identities {
    fn begin_departure(departure: &Departure) -> ();
    fn take_departure(hash: &TokenHash) -> Option<Departure>;
    fn link_identity(identity: &Identity) -> Linked;
    fn find_identity(issuer: &str, subject: &str) -> Option<Identity>;
    fn identities(person: &UserId) -> Vec<Identity>;
    fn unlink_identity(person: &UserId, id: &RecordId) -> bool;
    fn note_identity_used(id: &RecordId, now: Timestamp) -> ();
});
port!(Logins {
    fn begin_login(login: &Login) -> ();
    fn recall_login(hash: &TokenHash) -> Option<Login>;
    fn take_login(hash: &TokenHash) -> Option<Login>;
});
port!(Links {
    fn offer_link(offer: &LinkOffer) -> ();
    fn recall_link(link: &TokenHash) -> Option<LinkOffer>;
    fn recall_link_of(browser: &TokenHash) -> Option<LinkOffer>;
    fn take_link(link: &TokenHash) -> Option<LinkOffer>;
    fn take_link_of(browser: &TokenHash) -> Option<LinkOffer>;
});
port!(Notices {
    fn note_seen_by(person: &UserId, marks: &[TokenHash], ends_at: Timestamp, now: Timestamp) -> Vec<TokenHash>;
    fn offer_not_me(link: &NotMe) -> ();
    fn recall_not_me(link: &TokenHash) -> Option<NotMe>;
    fn disavow(link: &TokenHash) -> bool;
});
port!(Pairings {
    fn offer_pairing(pairing: &Pairing) -> bool;
    fn recall_pairing(number: &TokenHash) -> Option<Pairing>;
    fn recall_pairing_of(poll: &TokenHash) -> Option<Pairing>;
    fn claim_pairing(number: &TokenHash, with: &PairedWith, now: Timestamp, until: Timestamp) -> bool;
});
port!(Approvals {
    fn find_page(app: &RecordId) -> Option<Page>;
    fn ask_approval(approval: &Approval) -> ();
    fn recall_approval(person: &UserId) -> Option<Approval>;
    fn decide_approval(id: &RecordId, decision: Decision, now: Timestamp) -> bool;
    fn take_decided(login: &TokenHash) -> Option<Approval>;
});
port!(Attempts {
    fn reserve_try(buckets: &[Bucket], now: Timestamp) -> TryVerdict;
    fn release_try(buckets: &[Bucket]) -> ();
    fn unlock(person: &UserId) -> ();
});
port!(Journal {
    fn record(events: &[AuditEvent]) -> ();
    fn history(person: &UserId, limit: usize) -> Vec<AuditEvent>;
});
port!(Upkeep {
    fn sweep(now: Timestamp, keep_events: Duration) -> Swept;
    fn latest_moment() -> Option<Timestamp>;
    fn note_moment(now: Timestamp) -> ();
    fn check_writable() -> ();
});

#[tokio::test]
async fn nobody_signs_in_while_the_store_is_down_and_everybody_afterwards() {
    let (house, down) = House::open_with_outages().await;
    let mut fritz = house.visitor();
    fritz.get("login").await;
    down.store(true, Ordering::SeqCst);
    let seen = fritz.post("login", &[("username", "fritz"), ("password", PASSWORD)]).await;
    assert_eq!((seen.status, seen.retry.as_str()), (503, "5"));
    assert!(seen.says("value=\"fritz\"") && !fritz.is_signed_in());
    down.store(false, Ordering::SeqCst);
    assert_eq!(fritz.post("login", &[("username", "fritz"), ("password", PASSWORD)]).await.status, 303);
}

#[tokio::test]
async fn no_code_counts_while_the_store_is_down() {
    let (house, down) = House::open_with_outages().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.next_step();
    let mut elsewhere = house.visitor();
    let seen = elsewhere.sign_in("anna", PASSWORD, "/").await;
    elsewhere.get(&seen.location).await;
    down.store(true, Ordering::SeqCst);
    assert_eq!(elsewhere.post("second-factor", &[("code", &anna.code())]).await.status, 503);
    assert!(!elsewhere.is_signed_in());
    // Who is in stays in.
    assert!(anna.is_signed_in());
    down.store(false, Ordering::SeqCst);
    assert_eq!(elsewhere.post("second-factor", &[("code", &anna.code())]).await.status, 303);
}

#[tokio::test]
async fn signing_out_is_true_at_once_even_while_the_store_is_down() {
    let (house, down) = House::open_with_outages().await;
    for scope in ["here", "everywhere"] {
        let mut fritz = house.visitor();
        fritz.sign_in("fritz", PASSWORD, "/").await;
        fritz.get("logout").await;
        let stolen = fritz.clone();
        down.store(true, Ordering::SeqCst);
        let seen = fritz.post("logout", &[("scope", scope)]).await;
        assert_eq!(seen.status, 503);
        assert!(!fritz.jar.contains_key("__Host-vestibule"));
        assert!(!stolen.is_signed_in(), "{scope}");
        down.store(false, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn what_is_no_code_at_all_makes_nobody_write() {
    let store = Outage::default();
    let asked = Arc::clone(&store.asked);
    let mut house = House::open_on(Arc::new(store), &HASH).await;
    Arc::get_mut(&mut house.runtime).unwrap().settings.portals[0].sign_in = vec![SignIn::Link];
    let mut stranger = house.visitor();
    stranger.get("login").await;
    let seen = stranger.post("login", &[("username", "nobody"), ("method", "link")]).await;
    stranger.get(&seen.location).await;
    asked.lock().unwrap().clear();
    assert_eq!(stranger.post("link", &[("code", "x")]).await.status, 422);
    assert_eq!(*asked.lock().unwrap(), ["recall_link_of"]);
}
