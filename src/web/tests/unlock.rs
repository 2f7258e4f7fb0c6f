//! A remembered device, unlocked by its PIN: set once, right five times, wrong five times, elsewhere, too late, stolen.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{
    House, PASSWORD,
    visitor::{Seen, Visitor},
};
use crate::{
    config::settings::Unlock,
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::Method,
        identity::{CredentialMark, People, Person, UserId},
        standing::Second,
        token::RecordId,
        trust::DeviceTerms,
    },
    factor::password,
    runtime::OsEntropy,
};

const DEVICE: &str = "__Host-vestibule-device";
const DAY: u64 = 86_400;
pub(super) const PIN: &str = "407193";
pub(super) const OTHER: &str = "407194";

/// Changes what the file allows. Nobody may be visiting.
fn reload(house: &mut House, unlock: &[Unlock], device: Option<DeviceTerms>) {
    let trust = &mut Arc::get_mut(&mut house.runtime).unwrap().settings.trust;
    (trust.unlock, trust.device) = (unlock.to_vec(), device);
}

const THIRTY: Option<DeviceTerms> = Some(DeviceTerms::For(Duration::from_secs(30 * DAY)));

pub(super) async fn house() -> House {
    let mut house = House::open().await;
    reload(&mut house, &[Unlock::Pin], THIRTY);
    house
}

/// Anna on a device she had remembered, with a PIN, signed out.
pub(super) async fn anna(house: &House) -> Visitor<'_> {
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.get("logout").await;
    anna.post("logout", &[("scope", "here")]).await;
    let seen = anna.sign_in_with_code("anna", &["trust_device"]).await;
    assert_eq!(seen.page(), "pin");
    assert_eq!(anna.set_pin(&seen.location, PIN).await.location, "/");
    anna.leave().await;
    anna
}

impl Visitor<'_> {
    pub(super) async fn leave(&mut self) {
        self.get("logout").await;
        assert_eq!(self.post("logout", &[("scope", "here")]).await.status, 303);
        assert!(!self.is_signed_in());
    }

    pub(super) async fn set_pin(&mut self, page: &str, pin: &str) -> Seen {
        assert_eq!(self.get(page).await.status, 200);
        self.post("pin", &[("pin", pin), ("pin_again", pin), ("return_to", "/")]).await
    }

    /// Comes back and types a PIN.
    pub(super) async fn unlock(&mut self, pin: &str) -> Seen {
        self.get("/.vestibule/login?return_to=/deep?x=1").await;
        self.post("unlock", &[("pin", pin), ("return_to", "/deep?x=1")]).await
    }

    /// Whether coming back shows the form to unlock.
    pub(super) async fn may_unlock(&mut self) -> bool {
        let page = self.get("login").await;
        assert_eq!(page.status, 200);
        page.says("action=\"/.vestibule/unlock\"")
    }

    fn trusted_device(&self) -> Option<RecordId> {
        match self.second() {
            Some(Second::TrustedDevice(id)) => Some(id),
            _ => None,
        }
    }
}

pub(super) async fn told(house: &House, kind: AuditKind) -> Vec<AuditEvent> {
    let mut all = house.services.store.journal().history(&UserId::new("anna"), 1000).await.unwrap();
    all.retain(|event| event.kind == kind);
    all
}

async fn devices(house: &House) -> usize {
    let (store, now) = (&house.services.store, house.services.clock.now());
    store.devices(Some(&UserId::new("anna")), now).await.unwrap().len()
}

#[tokio::test]
async fn the_right_pin_unlocks_a_remembered_device_and_keeps_the_deep_link() {
    let house = house().await;
    let mut anna = anna(&house).await;
    let page = anna.get("/.vestibule/login?return_to=/deep?x=1").await;
    assert!(page.says("Welcome back, Anna Arndt") && page.says("inputmode=\"numeric\""));
    assert!(page.says("Sign in with another account") && page.says("autocomplete=\"off\""));
    // A screen that others see shows nothing to sign in with.
    assert!(
        !page.says("anna@example.com") && !page.says("value=\"Anna\"") && !page.says("name=\"username\"")
    );
    assert!(!anna.is_signed_in());

    let before = anna.jar[DEVICE].clone();
    let seen = anna.unlock(PIN).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/deep?x=1"));
    let device = anna.trusted_device().unwrap();
    assert_ne!(anna.jar[DEVICE], before, "used like at every sign-in, the value changes");

    let signed_in = told(&house, AuditKind::SignIn).await.remove(0);
    assert_eq!((signed_in.first.as_deref(), signed_in.factor.as_deref()), (Some("pin"), Some("device")));
    assert_eq!(signed_in.trust, Some(device.to_string()));
    assert_eq!(told(&house, AuditKind::Pin).await[0].outcome, AuditOutcome::Success);
    assert!(anna.get("account").await.says("Unlocked with the PIN of the device"));
}

#[tokio::test]
async fn the_ordinary_form_is_one_link_away() {
    let house = house().await;
    let mut anna = anna(&house).await;
    assert!(anna.may_unlock().await);
    let page = anna.get("/.vestibule/login?other=1&return_to=/").await;
    assert!(page.says("name=\"password\"") && !page.says("/.vestibule/unlock"));
    // A switch of language comes back to it.
    assert!(page.says("other%3D1"));
    let seen = anna.post("login", &[("username", "fritz"), ("password", PASSWORD), ("return_to", "/")]).await;
    assert_eq!(seen.location, "/");
    assert_eq!(
        anna.get("/.vestibule/unlock?return_to=/a").await.location,
        "/.vestibule/login?return_to=%2Fa"
    );
}

#[tokio::test]
async fn five_wrong_pins_in_a_row_end_the_trust_and_four_do_not() {
    let house = house().await;
    let mut anna = anna(&house).await;
    for _ in 0..4 {
        assert_eq!(anna.unlock(OTHER).await.status, 422);
    }
    // A right one starts the row anew.
    assert_eq!(anna.unlock(PIN).await.status, 303);
    anna.leave().await;
    house.advance(Duration::from_secs(15 * 60));
    for left in [None, None, Some("2 tries left"), Some("One try left")] {
        let seen = anna.unlock(OTHER).await;
        assert_eq!(seen.status, 422);
        assert_eq!(left.is_none(), !seen.says("left; then this device is forgotten"), "{left:?}");
        assert!(left.is_none_or(|words| seen.says(words)), "{left:?}");
    }
    let seen = anna.unlock(OTHER).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("after five wrong PINs it is forgotten") && seen.says("name=\"password\""));
    assert!(!anna.jar.contains_key(DEVICE));
    assert_eq!(devices(&house).await, 0);
    let revoked = told(&house, AuditKind::TrustRevoked).await.remove(0);
    assert_eq!(revoked.detail.as_deref(), Some("too many wrong PINs"));
    assert_eq!(anna.unlock(PIN).await.page(), "login");
    assert!(!anna.is_signed_in());
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.page(), "second-factor");
}

#[tokio::test]
async fn what_is_no_pin_costs_no_try() {
    let house = house().await;
    let mut anna = anna(&house).await;
    for typed in ["", "12345", "1234567890123", "abcdef", PASSWORD] {
        assert_eq!(anna.unlock(typed).await.status, 422, "{typed}");
    }
    assert_eq!(told(&house, AuditKind::Pin).await.len(), 0);
    assert_eq!(anna.unlock(PIN).await.status, 303);
}

#[tokio::test]
async fn of_ten_wrong_pins_at_once_five_are_compared_and_the_trust_ends() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.get("login").await;
    let seen = anna.post_at_once(10, "unlock", &[("pin", OTHER), ("return_to", "/")]).await;
    assert!(seen.iter().all(|seen| seen.status != 303 || seen.page() == "login"));
    let compared = told(&house, AuditKind::Pin).await.len();
    assert!((1..=5).contains(&compared), "{compared}");
    assert_eq!(devices(&house).await, 0);
    assert_eq!(anna.unlock(PIN).await.page(), "login");
}

#[tokio::test]
async fn of_ten_right_pins_at_once_nobody_is_locked_out() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.get("login").await;
    anna.post_at_once(10, "unlock", &[("pin", PIN), ("return_to", "/")]).await;
    assert_eq!(devices(&house).await, 1);
    assert_eq!(anna.unlock(PIN).await.status, 303);
}

#[tokio::test]
async fn a_pin_is_nothing_in_another_browser_or_for_another_person() {
    let house = house().await;
    let mut anna = anna(&house).await;
    let mut stranger = house.visitor();
    stranger.get("login").await;
    assert_eq!(stranger.post("unlock", &[("pin", PIN)]).await.page(), "login");
    assert!(!stranger.is_signed_in() && !stranger.may_unlock().await);

    // Otto, remembered in a browser of his own, without a PIN; then in Anna's.
    let mut otto = house.visitor();
    assert_eq!(otto.sign_in("otto", PASSWORD, "/strict/x").await.page(), "enrol");
    otto.get("enrol").await;
    otto.post("enrol", &[("code", &otto.code()), ("trust_device", "1")]).await;
    otto.leave().await;
    assert!(!otto.may_unlock().await);
    assert_eq!(otto.post("unlock", &[("pin", PIN)]).await.page(), "login");
    assert!(!otto.is_signed_in());

    // Who is named in the form does not matter: the device says whose it is.
    anna.get("login").await;
    anna.post("unlock", &[("pin", PIN), ("username", "otto"), ("return_to", "/")]).await;
    let page = anna.get("account").await;
    assert!(page.says("Anna Arndt") && !page.says("otto"));
}

#[tokio::test]
async fn a_pin_is_good_at_the_portal_it_was_set_at() {
    let mut house = house().await;
    let jar = anna(&house).await.jar;
    Arc::get_mut(&mut house.runtime).unwrap().settings.portals[0].name = "mail".to_owned();
    let mut elsewhere = house.visitor();
    elsewhere.jar = jar;
    assert!(!elsewhere.may_unlock().await);
    assert_eq!(elsewhere.post("unlock", &[("pin", PIN)]).await.page(), "login");
    assert!(!elsewhere.is_signed_in());
}

#[tokio::test]
async fn a_form_made_for_another_browser_unlocks_nothing() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.get("login").await;
    let seen = anna.post("unlock", &[("pin", PIN), ("csrf", "x")]).await;
    assert_eq!(seen.status, 403);
    assert!(!anna.is_signed_in());
}

#[tokio::test]
async fn unlocking_ends_with_the_trust_on_day_thirty() {
    let house = house().await;
    let mut anna = anna(&house).await;
    house.advance(Duration::from_secs(30 * DAY - 1));
    assert_eq!(anna.unlock(PIN).await.status, 303);
    assert!(anna.is_signed_in());
    house.advance(Duration::from_secs(1));
    // The session stood on the device: it ends with the trust, and so does the PIN.
    assert!(!anna.is_signed_in());
    assert!(!anna.may_unlock().await);
    assert_eq!(anna.unlock(PIN).await.page(), "login");
}

#[tokio::test]
async fn until_the_password_changes_a_pin_unlocks_past_day_thirty_and_not_after_the_change() {
    let mut house = House::open().await;
    reload(&mut house, &[Unlock::Pin], Some(DeviceTerms::UntilPasswordChange));
    let mut visitor = anna(&house).await;
    house.advance(Duration::from_secs(300 * DAY));
    assert_eq!(visitor.unlock(PIN).await.status, 303);
    visitor.leave().await;
    let jar = visitor.jar.clone();
    drop(visitor);

    let other = password::hash("another", &OsEntropy);
    let people = &mut Arc::get_mut(&mut house.runtime).unwrap().settings.people;
    let changed: Vec<_> = people
        .iter()
        .map(|person| Person {
            credential: CredentialMark::of(&person.id, Some(&other)),
            password: Some(other.clone()),
            ..Person::clone(person)
        })
        .collect();
    *people = People::new(changed);
    let mut later = house.visitor();
    later.jar = jar;
    assert!(!later.may_unlock().await);
    assert_eq!(later.unlock(PIN).await.page(), "login");
    assert!(!later.is_signed_in());
}

#[tokio::test]
async fn a_changed_second_factor_and_signing_out_everywhere_end_the_pin() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.unlock(PIN).await;
    anna.get("account").await;
    anna.post("account", &[("action", "sign_out_everywhere")]).await;
    assert!(!anna.may_unlock().await);

    let house = self::house().await;
    let mut anna = self::anna(&house).await;
    house.services.store.reset_second_factor(&UserId::new("anna")).await.unwrap();
    assert!(!anna.may_unlock().await);
    assert_eq!(anna.unlock(PIN).await.page(), "login");
}

#[tokio::test]
async fn an_outdated_device_value_unlocks_nothing_and_gives_the_copy_away() {
    let house = house().await;
    let mut anna = anna(&house).await;
    let mut thief = house.visitor();
    thief.jar.insert(DEVICE.to_owned(), anna.jar[DEVICE].clone());
    assert_eq!(anna.unlock(PIN).await.status, 303);
    assert!(anna.is_signed_in());
    house.advance(Duration::from_secs(60));
    // The thief even knows the PIN.
    assert!(!thief.may_unlock().await);
    let seen = thief.unlock(PIN).await;
    assert_eq!((seen.status, seen.page()), (303, "login"));
    assert!(!thief.is_signed_in() && !thief.jar.contains_key(DEVICE));
    assert_eq!(told(&house, AuditKind::TrustStolen).await.len(), 1);
    // Nobody knows which of the two is the thief: what stood on the device is over for both.
    assert!(!anna.is_signed_in());
    assert!(!anna.may_unlock().await);
}

#[tokio::test]
async fn a_reload_stops_unlocking_at_once_and_what_stood_on_it() {
    for (unlock, device) in [
        (&[][..], THIRTY),
        (&[Unlock::Passkey], THIRTY),
        (&[Unlock::Pin], None),
        (&[Unlock::Pin], Some(DeviceTerms::For(Duration::from_secs(60)))),
    ] {
        let mut house = house().await;
        let mut visitor = anna(&house).await;
        assert_eq!(visitor.unlock(PIN).await.status, 303);
        house.advance(Duration::from_secs(120));
        assert!(visitor.is_signed_in());
        let jar = visitor.jar.clone();
        drop(visitor);
        reload(&mut house, unlock, device);
        let mut later = house.visitor();
        later.jar = jar;
        assert!(!later.is_signed_in(), "{unlock:?}, {device:?}");
        assert!(!later.may_unlock().await, "{unlock:?}, {device:?}");
        assert_eq!(later.unlock(PIN).await.page(), "login", "{unlock:?}, {device:?}");
    }
}

#[tokio::test]
async fn rules_that_ask_for_a_factor_ask_for_it_after_a_pin_too() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.unlock(PIN).await;
    let pinned = anna.trusted_device();
    assert!(pinned.is_some());
    // Changing factors takes a fresh one: neither the PIN nor the device is.
    let page = anna.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    assert_eq!(page.page(), "second-factor");
    anna.get(&page.location).await;
    anna.next_step();
    let seen = anna.post("second-factor", &[("code", &anna.code()), ("trust_device", "1")]).await;
    assert_eq!(seen.page(), "enrol");
    assert!(matches!(anna.second(), Some(Second::Passed { method: Method::Totp, .. })));
    // A sign-in that leaned on trust earns none, whatever is ticked.
    assert_eq!(devices(&house).await, 1);
}

#[tokio::test]
async fn nobody_unlocks_while_the_store_is_down_and_everybody_afterwards() {
    let (mut house, down) = House::open_with_outages().await;
    reload(&mut house, &[Unlock::Pin], THIRTY);
    let mut anna = anna(&house).await;
    assert!(anna.may_unlock().await);
    down.store(true, Ordering::SeqCst);
    let seen = anna.post("unlock", &[("pin", PIN), ("return_to", "/")]).await;
    assert_eq!(seen.status, 503);
    assert!(!anna.is_signed_in());
    // The ordinary form is shown meanwhile, which will say the same.
    assert!(!anna.may_unlock().await);
    down.store(false, Ordering::SeqCst);
    assert_eq!(anna.unlock(PIN).await.status, 303);
}

#[tokio::test]
async fn a_disabled_person_unlocks_nothing_and_is_not_greeted() {
    let mut house = house().await;
    let jar = anna(&house).await.jar;
    let people = &mut Arc::get_mut(&mut house.runtime).unwrap().settings.people;
    let disabled: Vec<_> =
        people.iter().map(|person| Person { disabled: true, ..Person::clone(person) }).collect();
    *people = People::new(disabled);
    let mut later = house.visitor();
    later.jar = jar;
    assert!(!later.may_unlock().await);
    assert_eq!(later.unlock(PIN).await.page(), "login");
}
