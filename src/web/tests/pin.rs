//! The PIN of a remembered device: offered once, set with a fresh second factor, refused where it is weak, removed.

use std::time::Duration;

use super::{
    PASSWORD,
    unlock::{OTHER, PIN, anna, house, told},
};
use crate::domain::audit::AuditKind;

#[tokio::test]
async fn a_pin_is_offered_once_after_remembering_and_is_no_wall() {
    let house = house().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.leave().await;
    // Not remembered, nothing offered.
    assert_eq!(anna.sign_in_with_code("anna", &[]).await.location, "/");
    assert!(!anna.get("account").await.says("Choose a PIN"));
    assert_eq!(anna.get("pin").await.page(), "account");
    anna.leave().await;
    let seen = anna.sign_in_with_code("anna", &["trust_device"]).await;
    assert_eq!(seen.location, "/.vestibule/pin?return_to=%2F");
    let page = anna.get(&seen.location).await;
    assert!(page.says("A PIN for this device") && page.says("href=\"/\""));
    // Not now, and not again.
    anna.leave().await;
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.location, "/");
    assert!(anna.get("account").await.says("Choose a PIN"));
}

#[tokio::test]
async fn setting_a_pin_takes_a_fresh_second_factor_on_the_remembered_device() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.unlock(PIN).await;
    // A PIN does not change the PIN.
    let own = "/.vestibule/pin?return_to=/.vestibule/account";
    let seen = anna.get(own).await;
    assert_eq!(seen.page(), "second-factor");
    let refused = anna.post("pin", &[("pin", OTHER), ("pin_again", OTHER)]).await;
    assert_eq!(refused.page(), "second-factor");
    anna.get(&seen.location).await;
    anna.next_step();
    let seen = anna.post("second-factor", &[("code", &anna.code()), ("method", "totp")]).await;
    assert_eq!(seen.page(), "pin");
    assert!(anna.get(&seen.location).await.says("This device has a PIN."));
    let fields = [("pin", OTHER), ("pin_again", OTHER), ("return_to", "/.vestibule/account")];
    let seen = anna.post("pin", &fields).await;
    assert_eq!(seen.location, "/.vestibule/account?done=pin-set");
    assert!(anna.get(&seen.location).await.says("The PIN was saved."));
    assert_eq!(told(&house, AuditKind::PinSet).await.len(), 2);
    // Fifteen minutes later a code is asked again.
    house.advance(Duration::from_secs(15 * 60));
    assert_eq!(anna.get(own).await.page(), "second-factor");
    anna.leave().await;
    assert_eq!(anna.unlock(PIN).await.status, 422);
    assert_eq!(anna.unlock(OTHER).await.status, 303);
    // Somewhere else the same person sets none.
    let mut elsewhere = house.visitor();
    elsewhere.key = anna.key.clone();
    elsewhere.sign_in_with_code("anna", &[]).await;
    assert_eq!(elsewhere.post("pin", &[("pin", OTHER), ("pin_again", OTHER)]).await.page(), "account");
}

#[tokio::test]
async fn weak_short_and_mistyped_pins_are_refused_with_their_reason() {
    let house = house().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.leave().await;
    let seen = anna.sign_in_with_code("anna", &["trust_device"]).await;
    anna.get(&seen.location).await;
    for (pin, again, words) in [
        ("123456", "123456", "too easy to guess"),
        ("111111", "111111", "too easy to guess"),
        ("40719", "40719", "6 to 12 digits and nothing else"),
        ("4071935826149", "4071935826149", "6 to 12 digits and nothing else"),
        ("correct horse", "correct horse", "6 to 12 digits and nothing else"),
        (PIN, OTHER, "not the same"),
        (PIN, "", "not the same"),
    ] {
        let page = anna.post("pin", &[("pin", pin), ("pin_again", again), ("return_to", "/")]).await;
        assert_eq!(page.status, 422, "{pin}, {again}");
        assert!(page.says(words) && !page.says(&format!("value=\"{pin}\"")), "{pin}, {again}");
    }
    let stale = anna.post("pin", &[("pin", PIN), ("pin_again", PIN), ("csrf", "x")]).await;
    assert_eq!(stale.status, 403);
    anna.leave().await;
    assert!(!anna.may_unlock().await);
}

#[tokio::test]
async fn a_removed_pin_unlocks_nothing_and_the_device_stays_remembered() {
    let house = house().await;
    let mut anna = anna(&house).await;
    anna.unlock(PIN).await;
    assert!(anna.get("account").await.says("Remove the PIN"));
    let seen = anna.post("account", &[("action", "remove_pin")]).await;
    assert_eq!(seen.location, "/.vestibule/account?done=pin-removed");
    assert_eq!(anna.post("account", &[("action", "remove_pin")]).await.status, 422);
    anna.leave().await;
    assert!(!anna.may_unlock().await);
    assert_eq!(anna.post("unlock", &[("pin", PIN)]).await.page(), "login");
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.location, "/");
}
