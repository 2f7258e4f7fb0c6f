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
        audit::{AuditEvent, AuditKind},
        break_glass::BreakGlass,
        factor::{Account, Contact, Method, Passkey, TotpFactor},
        help::{HelpAnswer, HelpRequest},
        identity::UserId,
        invitation::Invitation,
        kept::KeptPerson,
        kept_form::{Room, SealedForm},
        link::LinkOffer,
        login::Login,
        notice::NotMe,
        pairing::{PairedWith, Pairing},
        pin::{DevicePin, PinLeft},
        provider::{Departure, Identity},
        session::Session,
        switches::Switches,
        throttle::{Bucket, TryVerdict},
        time::Timestamp,
        token::{RecordId, TokenHash},
        trust::{AddressTrust, DeviceTrust},
    },
    store::{
        self, AccountOutline, DayCount, Ends, EventQuery, Leaving, Linked, Linking, PeoplePage, PeopleQuery,
        StoreFault, Stored, Swept, Taken, Unlinked, memory::MemoryStore,
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

include!("../../../tests/gateway/store_ports.rs");

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
