//! The account page.

use std::time::Duration;

use super::{House, PASSWORD, visitor::Visitor};
use crate::domain::identity::Requirement;

const MINUTES_15: Duration = Duration::from_secs(15 * 60);

async fn anna(house: &House) -> Visitor<'_> {
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.sign_in_with_code("anna", &["trust_device", "trust_address"]).await;
    anna.get("account").await;
    anna
}

async fn act(visitor: &mut Visitor<'_>, action: &str, id: &str) -> super::visitor::Seen {
    visitor.post("account", &[("action", action), ("id", id)]).await
}

#[tokio::test]
async fn the_page_shows_what_there_is_and_what_happened() {
    let house = House::open().await;
    let mut anna = anna(&house).await;
    house.visitor().sign_in("anna", "wrong", "/").await;
    let page = anna.get("account").await;
    for words in ["Anna Arndt", "anna@example.com", "App 1", "Firefox, Linux", "198.51.100.7", "This device"]
    {
        assert!(page.html.to_lowercase().contains(&words.to_lowercase()), "{words}: {}", page.html);
    }
    assert_eq!(page.ids("remove_device").len(), 1);
    assert_eq!(page.ids("remove_address").len(), 1);
    // The last app of somebody who must have one stays.
    assert!(page.ids("remove_method").is_empty());
    assert!(page.says("class=\"warn\""), "the wrong password is listed");
}

#[tokio::test]
async fn who_owes_a_code_shows_it_before_seeing_the_account() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.sign_in_with_code("anna", &["trust_address"]).await;
    let mut here = house.visitor();
    assert_eq!(here.sign_in("anna", PASSWORD, "/").await.location, "/");
    assert_eq!(here.get("account").await.status, 200);
    here.client = "203.0.113.9".parse().unwrap();
    assert_eq!(here.get("account").await.page(), "second-factor");
    assert_eq!(act(&mut here, "remove_devices", "").await.page(), "second-factor");
}

#[tokio::test]
async fn every_button_needs_this_browsers_form_token() {
    let house = House::open().await;
    let mut anna = anna(&house).await;
    for action in ["remove_devices", "sign_out_everywhere", "new_recovery_codes"] {
        let seen = anna.post("account", &[("action", action), ("csrf", "")]).await;
        assert_eq!(seen.status, 403, "{action}");
    }
    assert_eq!(anna.get("account").await.ids("remove_device").len(), 1);
    assert_eq!(act(&mut anna, "fly", "").await.status, 400);
}

#[tokio::test]
async fn a_device_and_an_address_are_removed_one_by_one_or_all() {
    let house = House::open().await;
    let mut anna = anna(&house).await;
    let page = anna.get("account").await;
    let (device, address) = (page.ids("remove_device").remove(0), page.ids("remove_address").remove(0));
    // Not by somebody else.
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    fritz.get("account").await;
    assert_eq!(act(&mut fritz, "remove_device", &device).await.status, 422);
    assert_eq!(act(&mut fritz, "remove_address", &address).await.status, 422);

    let seen = act(&mut anna, "remove_device", &device).await;
    assert_eq!(seen.location, "/.vestibule/account?done=device-removed");
    assert!(!anna.jar.contains_key("__Host-vestibule-device"));
    assert!(anna.is_signed_in());
    assert_eq!(act(&mut anna, "remove_device", &device).await.status, 422);
    let seen = act(&mut anna, "remove_addresses", "").await;
    assert!(anna.get(&seen.location).await.says("All networks were removed"));
    assert_ne!(house.visitor().sign_in("anna", PASSWORD, "/").await.location, "/");
}

#[tokio::test]
async fn what_weakens_the_second_factor_asks_for_a_fresh_code() {
    let house = House::open().await;
    let mut otto = house.visitor();
    otto.sign_in("otto", PASSWORD, "/").await;
    otto.get("account").await;
    let seen = act(&mut otto, "switch_second_factor", "on").await;
    assert_eq!(seen.page(), "enrol");
    otto.get(&seen.location).await;
    otto.post("enrol", &[("code", &otto.code())]).await;
    let page = otto.get("account").await;
    let app = page.ids("remove_method");
    assert!(app.is_empty(), "asked for by the switch, so the last app stays");

    house.advance(MINUTES_15);
    for (action, id) in [("switch_second_factor", "off"), ("new_recovery_codes", "")] {
        assert_eq!(act(&mut otto, action, id).await.page(), "second-factor", "{action}");
    }
    let seen = otto.get("/.vestibule/second-factor?return_to=/.vestibule/account").await;
    assert_eq!(seen.status, 200);
    let seen = otto.post("second-factor", &[("code", &otto.code())]).await;
    otto.get(&seen.location).await;
    let seen = act(&mut otto, "switch_second_factor", "off").await;
    assert_eq!(seen.location, "/.vestibule/account?done=second-factor-off");
    let app = otto.get(&seen.location).await.ids("remove_method").remove(0);

    house.advance(MINUTES_15);
    assert_eq!(act(&mut otto, "remove_method", &app).await.page(), "second-factor");
    otto.get("/.vestibule/second-factor?return_to=/.vestibule/account").await;
    otto.post("second-factor", &[("code", &otto.code())]).await;
    otto.get("account").await;
    let seen = act(&mut otto, "remove_method", &app).await;
    assert_eq!(seen.location, "/.vestibule/account?done=method-removed");
    assert!(otto.is_signed_in());
    assert_eq!(act(&mut otto, "remove_method", &app).await.status, 422);
}

#[tokio::test]
async fn who_must_have_a_second_factor_keeps_it() {
    let house = House::open().await;
    let mut anna = anna(&house).await;
    assert_eq!(act(&mut anna, "switch_second_factor", "off").await.status, 422);
    let account = house.services.store.account(&crate::domain::identity::UserId::new("anna")).await.unwrap();
    let seen = act(&mut anna, "remove_method", account.totp[0].id.as_str()).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("This is your last app or passkey"));
}

#[tokio::test]
async fn new_recovery_codes_end_the_old_ones_and_are_shown_once() {
    let house = House::open().await;
    let mut anna = anna(&house).await;
    let old = anna.recovery.clone();
    let seen = act(&mut anna, "new_recovery_codes", "").await;
    assert_eq!(seen.status, 200);
    assert!(anna.recovery.len() == 10 && anna.recovery != old);
    let new = anna.recovery.clone();
    for (code, status) in [(&old[0], 422), (&new[0], 303)] {
        let mut elsewhere = Visitor::new(&house, "203.0.113.9");
        let seen = elsewhere.sign_in("anna", PASSWORD, "/").await;
        elsewhere.get(&seen.location).await;
        let fields = [("code", code.as_str()), ("method", "recovery")];
        assert_eq!(elsewhere.post("second-factor", &fields).await.status, status);
    }
}

#[tokio::test]
async fn other_sessions_are_listed_and_ended() {
    let house = House::open().await;
    let (mut here, mut there) = (house.visitor(), Visitor::new(&house, "203.0.113.9"));
    here.sign_in("fritz", PASSWORD, "/").await;
    there.sign_in("fritz", PASSWORD, "/").await;
    let page = here.get("account").await;
    assert!(page.says("203.0.113.9"));
    let sessions = page.ids("end_session");
    assert_eq!(sessions.len(), 1);
    let mut otto = house.visitor();
    otto.sign_in("otto", PASSWORD, "/").await;
    otto.get("account").await;
    assert_eq!(act(&mut otto, "end_session", &sessions[0]).await.status, 422);
    assert!(there.is_signed_in());
    here.get("account").await;
    let seen = act(&mut here, "end_session", &sessions[0]).await;
    assert_eq!(seen.location, "/.vestibule/account?done=session-ended");
    assert!(here.is_signed_in() && !there.is_signed_in());
    let seen = act(&mut here, "sign_out_everywhere", "").await;
    assert_eq!(seen.page(), "logout");
    assert!(!here.is_signed_in() && otto.is_signed_in());
}

#[tokio::test]
async fn a_language_is_kept_for_the_person_and_the_browser() {
    let house = House::open().await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    fritz.get("account").await;
    let seen = act(&mut fritz, "language", "de").await;
    assert!(fritz.get(&seen.location).await.says("lang=\"de\""));
    // Somewhere else, after signing in.
    let mut elsewhere = house.visitor();
    assert!(elsewhere.get("login").await.says("<html lang=\"en\""));
    elsewhere.sign_in("fritz", PASSWORD, "/").await;
    assert!(elsewhere.get("account").await.says("<html lang=\"de\""));
    // A switch in the browser comes before.
    let seen = elsewhere.get("/.vestibule/language?to=fr&return_to=/.vestibule/account").await;
    assert_eq!(seen.location, "/.vestibule/account");
    assert!(elsewhere.get("account").await.says("<html lang=\"fr\""));
    let seen = elsewhere.get("/.vestibule/language?to=xx&return_to=//evil.example").await;
    assert_eq!((seen.location.as_str(), seen.cookies.len()), ("/", 0));
}

#[tokio::test]
async fn the_well_known_address_leads_to_where_passwords_are_changed() {
    let keeping = House::open_with_jan(Requirement::Off).await;
    let seen = keeping.visitor().get("/.well-known/change-password").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/.vestibule/password"));
    let house = House::open().await;
    let seen = house.visitor().get("/.well-known/change-password").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/.vestibule/account"));
    for path in ["/.vestibule/nothing", "/.vestibule/assets/nothing.css"] {
        assert_eq!(house.visitor().get(path).await.status, 404, "{path}");
    }
}
