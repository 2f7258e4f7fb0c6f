//! Thirty days without a code: on a device, from an address.

use std::{sync::Arc, time::Duration};

use super::{House, PASSWORD, visitor::Visitor};
use crate::{
    domain::{
        identity::{CredentialMark, People, Person},
        standing::Second,
        trust::DeviceTerms,
    },
    factor::password,
    runtime::OsEntropy,
};

const DEVICE: &str = "__Host-vestibule-device";
const DAY: u64 = 86_400;

/// Anna, signed in with password and code, having ticked `ticked`.
async fn anna<'a>(house: &'a House, ticked: &[&str]) -> Visitor<'a> {
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    let seen = anna.sign_in_with_code_anew(ticked).await;
    assert_eq!(seen, (303, "/".to_owned()));
    anna
}

impl Visitor<'_> {
    async fn sign_in_with_code_anew(&mut self, ticked: &[&str]) -> (u16, String) {
        self.sign_out().await;
        let seen = self.sign_in_with_code("anna", ticked).await;
        (seen.status, seen.location)
    }

    async fn sign_out(&mut self) {
        self.get("logout").await;
        self.post("logout", &[("scope", "here")]).await;
        assert!(!self.is_signed_in());
    }

    /// Whether the password is enough now.
    async fn is_in_with_password(&mut self) -> bool {
        self.sign_in("anna", PASSWORD, "/").await.location == "/"
    }
}

#[tokio::test]
async fn both_choices_are_offered_unticked_and_do_nothing_untouched() {
    let house = House::open().await;
    let mut anna = anna(&house, &[]).await;
    anna.sign_out().await;
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "second-factor");
    let page = anna.get(&seen.location).await;
    assert!(page.says("name=\"trust_device\"") && page.says("name=\"trust_address\""));
    assert!(page.says("Trust the office network 198.51.100.7 for 30 days") && !page.says("checked"));
    // What was ticked survives a wrong code.
    let fields = [("code", anna.wrong_code()), ("trust_device", "1".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = anna.post("second-factor", &fields).await;
    assert_eq!(page.html.matches(" checked").count(), 1);
}

#[tokio::test]
async fn a_trusted_device_skips_the_code_until_day_thirty() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device"]).await;
    for _ in 0..29 {
        house.advance(Duration::from_secs(DAY));
        assert!(anna.is_in_with_password().await);
        assert!(matches!(anna.second(), Some(Second::TrustedDevice(_))));
    }
    house.advance(Duration::from_secs(DAY - 1));
    assert!(anna.is_in_with_password().await);
    house.advance(Duration::from_secs(1));
    // Used every day, it ends all the same, and with it what it stood for in the open session.
    assert_eq!(anna.second(), Some(Second::Missing));
    assert!(!anna.is_in_with_password().await);
}

/// A house where devices are remembered until the password changes.
async fn house_without_a_last_day() -> House {
    let mut house = House::open().await;
    let runtime = Arc::get_mut(&mut house.runtime).unwrap();
    runtime.settings.trust.device = Some(DeviceTerms::UntilPasswordChange);
    house
}

#[tokio::test]
async fn a_device_remembered_until_the_password_changes_needs_no_code_on_day_four_hundred() {
    let house = house_without_a_last_day().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.sign_out().await;
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    let page = anna.get(&seen.location).await;
    assert!(page.says("Remember this device until your password changes"));
    anna.next_step();
    let code = anna.code();
    let seen = anna.post("second-factor", &[("code", code.as_str()), ("trust_device", "1")]).await;
    // Browsers keep no cookie longer than 400 days; each use begins them anew.
    assert!(seen.cookies.iter().any(|set| set.starts_with(DEVICE) && set.contains("Max-Age=34560000")));
    assert!(anna.get("account").await.says("Ends when your password changes"));
    for _ in 0..2 {
        house.advance(Duration::from_secs(200 * DAY));
        assert!(anna.is_in_with_password().await);
    }
    assert!(matches!(anna.second(), Some(Second::TrustedDevice(_))));
}

#[tokio::test]
async fn a_device_remembered_until_the_password_changes_ends_with_it_and_under_a_narrower_file() {
    let mut house = house_without_a_last_day().await;
    let mut anna = anna(&house, &["trust_device"]).await;
    let jar = anna.jar.clone();
    assert!(anna.is_in_with_password().await);
    drop(anna);

    let runtime = Arc::get_mut(&mut house.runtime).unwrap();
    runtime.settings.trust.device = Some(DeviceTerms::For(Duration::from_secs(30 * DAY)));
    let mut later = house.visitor();
    later.jar = jar.clone();
    house.advance(Duration::from_secs(30 * DAY));
    assert!(!later.is_in_with_password().await);
    drop(later);

    let runtime = Arc::get_mut(&mut house.runtime).unwrap();
    runtime.settings.trust.device = Some(DeviceTerms::UntilPasswordChange);
    let other = password::hash(PASSWORD, &OsEntropy);
    let people = runtime.settings.people.iter().map(|person| Person {
        credential: CredentialMark::of(&person.id, Some(&other)),
        password: Some(other.clone()),
        ..Person::clone(person)
    });
    let people: Vec<_> = people.collect();
    runtime.settings.people = People::new(people);
    let mut changed = house.visitor();
    changed.jar = jar;
    assert!(!changed.is_in_with_password().await);
}

#[tokio::test]
async fn trust_is_one_persons_in_one_browser() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device"]).await;
    assert!(!house.visitor().is_in_with_password().await);
    let mut otto = anna.clone();
    otto.jar.retain(|name, _| name == DEVICE);
    assert_eq!(otto.sign_in("otto", PASSWORD, "/strict/x").await.page(), "enrol");
    // Two people remembered in one browser do not push each other out.
    otto.get("enrol").await;
    otto.post("enrol", &[("code", &otto.code()), ("trust_device", "1")]).await;
    assert_eq!(otto.jar[DEVICE].split('.').count(), 2);
    anna.jar.insert(DEVICE.to_owned(), otto.jar[DEVICE].clone());
    assert!(anna.is_in_with_password().await);
}

#[tokio::test]
async fn a_copied_device_cookie_gives_itself_away() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device"]).await;
    let mut thief = house.visitor();
    thief.jar.insert(DEVICE.to_owned(), anna.jar[DEVICE].clone());
    assert!(anna.is_in_with_password().await);
    assert_ne!(anna.jar[DEVICE], thief.jar[DEVICE]);
    house.advance(Duration::from_secs(60));
    assert!(!thief.is_in_with_password().await);
    assert!(!thief.jar.contains_key(DEVICE));
    // Nobody knows which of the two is the thief: both show a code.
    assert!(!anna.is_in_with_password().await);
}

#[tokio::test]
async fn a_trusted_address_skips_the_code_there_until_day_thirty_and_nowhere_else() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_address"]).await;
    assert!(!anna.jar.contains_key(DEVICE));
    house.advance(Duration::from_secs(30 * DAY - 1));
    let mut colleague = house.visitor();
    assert!(colleague.is_in_with_password().await);
    assert!(matches!(colleague.second(), Some(Second::TrustedAddress(_))));
    // The same session elsewhere owes the code.
    colleague.client = "198.51.100.8".parse().unwrap();
    assert_eq!(colleague.second(), Some(Second::Missing));
    assert!(!Visitor::new(&house, "198.51.100.8").is_in_with_password().await);
    assert!(Visitor::new(&house, "::ffff:198.51.100.7").is_in_with_password().await);
    // Only for who trusted it.
    assert_eq!(house.visitor().sign_in("otto", PASSWORD, "/strict/x").await.page(), "enrol");
    house.advance(Duration::from_secs(1));
    assert!(!house.visitor().is_in_with_password().await);
    assert!(!anna.is_in_with_password().await);
}

#[tokio::test]
async fn an_address_outside_address_from_is_neither_offered_nor_trusted() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.next_step();
    let mut away = Visitor::new(&house, "203.0.113.9");
    away.key = anna.key.clone();
    let seen = away.sign_in("anna", PASSWORD, "/").await;
    let page = away.get(&seen.location).await;
    assert!(page.says("trust_device") && !page.says("trust_address"));
    let seen = away.post("second-factor", &[("code", &anna.code()), ("trust_address", "1")]).await;
    assert_eq!(seen.status, 303);
    assert!(!Visitor::new(&house, "203.0.113.9").is_in_with_password().await);
}

#[tokio::test]
async fn a_sign_in_that_leaned_on_trust_earns_none() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device"]).await;
    house.advance(Duration::from_secs(20 * DAY));
    assert!(anna.is_in_with_password().await);
    // A fresh code for the account page, with the boxes forged.
    let page = anna.get("/.vestibule/second-factor?return_to=/.vestibule/account").await;
    assert_eq!(page.status, 200);
    assert!(!page.says("trust_device"));
    let fields = [("code", anna.code()), ("trust_device", "1".to_owned()), ("trust_address", "1".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(anna.post("second-factor", &fields).await.status, 303);
    anna.sign_out().await;
    house.advance(Duration::from_secs(10 * DAY));
    assert!(!anna.is_in_with_password().await);
    assert!(!house.visitor().is_in_with_password().await);
}

#[tokio::test]
async fn trust_survives_signing_out_here_and_ends_with_signing_out_everywhere() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device", "trust_address"]).await;
    anna.sign_out().await;
    assert!(anna.is_in_with_password().await);
    anna.get("logout").await;
    let seen = anna.post("logout", &[("scope", "everywhere")]).await;
    assert!(anna.get(&seen.location).await.says("All your sessions have ended"));
    assert!(!anna.jar.contains_key(DEVICE));
    assert!(!anna.is_in_with_password().await);
}

#[tokio::test]
async fn linking_another_app_ends_every_trust() {
    let house = House::open().await;
    let mut anna = anna(&house, &["trust_device", "trust_address"]).await;
    anna.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    assert_eq!(anna.post("enrol", &[("code", &anna.code())]).await.status, 303);
    assert!(!anna.jar.contains_key(DEVICE));
    anna.sign_out().await;
    assert!(!anna.is_in_with_password().await);
}
