//! "Not me": one press ends everything of a person, and does nothing else.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{
    PASSWORD,
    notices::MailingHouse,
    outage,
    visitor::{Seen, Visitor},
};
use crate::{
    config::settings::SignIn,
    domain::{
        audit::{AuditKind, AuditOutcome},
        identity::UserId,
    },
};

const MAIL: &str = "[mail]\nfrom = \"Wiki <no-reply@example.com>\"\nsendmail = \"FOLDER/sendmail\"\n";
const DAY: u64 = 86_400;

/// Opens the link in a browser where nobody is signed in, and presses its button.
async fn press(reader: &mut Visitor<'_>, token: &str) -> Seen {
    reader.get(&format!("/.vestibule/not-me?token={token}")).await;
    reader.post("not-me", &[("token", token)]).await
}

fn is_spent(seen: &Seen) -> bool {
    seen.status == 410 && seen.says("This link no longer works")
}

/// What the link of Fritz's next letter carries: he signs in with a device not seen before.
async fn letter_to_fritz<'a>(houses: &'a MailingHouse, at: &str) -> (Visitor<'a>, String) {
    let mut fritz = Visitor::new(&houses.house, at);
    fritz.sign_in("fritz", PASSWORD, "/").await;
    assert!(fritz.is_signed_in());
    let token = houses.mail().await.not_me();
    (fritz, token)
}

#[tokio::test]
async fn one_press_ends_every_session_and_trust_and_leaves_the_factors() {
    let mut houses = MailingHouse::open().await;
    let runtime = Arc::get_mut(&mut houses.house.runtime).unwrap();
    runtime.settings.portals[0].sign_in = vec![SignIn::Password, SignIn::Link];
    let mut anna = houses.anna().await;
    anna.sign_in_with_code("anna", &["trust_device", "trust_address"]).await;
    houses.mail().await;
    let mut fritz = houses.house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    houses.mail().await;
    // Somebody knows her password and a code.
    let mut thief = Visitor::new(&houses.house, "203.0.113.9");
    thief.key = anna.key.clone();
    thief.sign_in_with_code("anna", &[]).await;
    let token = houses.mail().await.not_me();
    // A sign-in under way, and a link that was asked for.
    let mut under_way = Visitor::new(&houses.house, "203.0.113.9");
    let seen = under_way.sign_in("anna", PASSWORD, "/").await;
    under_way.get(&seen.location).await;
    let mut by_link = houses.house.visitor();
    by_link.get("login").await;
    by_link.post("login", &[("username", "anna"), ("method", "link")]).await;
    houses.mail().await;
    assert!(anna.is_signed_in() && thief.is_signed_in());

    let mut reader = Visitor::new(&houses.house, "192.0.2.1");
    let seen = press(&mut reader, &token).await;
    assert!(seen.status == 200 && seen.says("Everything has ended"), "{}", seen.html);
    assert!(!reader.is_signed_in() && !anna.is_signed_in() && !thief.is_signed_in());
    assert!(fritz.is_signed_in(), "somebody else");
    let id = UserId::new("anna");
    let (store, now) = (&houses.house.services.store, crate::domain::time::Clock::now(&*houses.house.clock));
    assert!(store.devices(Some(&id), now).await.unwrap().is_empty());
    assert!(store.addresses(Some(&id), now).await.unwrap().is_empty());
    // A code that would be right.
    anna.next_step();
    let seen = under_way.post("second-factor", &[("code", &anna.code()), ("method", "totp")]).await;
    assert!(!under_way.is_signed_in(), "{}", seen.html);
    assert_eq!(by_link.get("link").await.status, 410);
    // The app stays, and the device is remembered no more.
    let account = store.account(&id).await.unwrap();
    assert_eq!((account.totp.len(), account.recovery_left), (1, 10));
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.page(), "second-factor");
    let history = store.journal().history(&id, 50).await.unwrap();
    let told: Vec<_> = history.iter().filter(|event| event.kind == AuditKind::NotMe).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].outcome, AuditOutcome::Success);
    assert_eq!(told[0].detail.as_deref(), Some("sessions: 2, trusts: 2"));
    assert_eq!(told[0].address, Some("192.0.2.1".parse().unwrap()));
}

#[tokio::test]
async fn looking_changes_nothing_names_nobody_and_the_button_works_once() {
    let houses = MailingHouse::open().await;
    let (fritz, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    for _ in 0..5 {
        let mut scanner = Visitor::new(&houses.house, "203.0.113.9");
        let seen = scanner.get(&format!("not-me?token={token}")).await;
        assert!(seen.status == 200 && seen.says("End everything"), "{}", seen.html);
        assert!(!seen.html.to_lowercase().contains("fritz"), "{}", seen.html);
    }
    assert!(fritz.is_signed_in());
    let mut reader = houses.house.visitor();
    let seen = press(&mut reader, &token).await;
    assert!(seen.status == 200 && !seen.html.to_lowercase().contains("fritz"));
    assert!(seen.cookies.is_empty() && !reader.is_signed_in() && !fritz.is_signed_in());
    assert!(is_spent(&press(&mut reader, &token).await), "a replay");
    assert!(is_spent(&reader.get(&format!("not-me?token={token}")).await));
    assert!(houses.mails().await.is_empty());
    for nothing in ["", "not-a-token", &"A".repeat(43)] {
        assert!(is_spent(&reader.get(&format!("not-me?token={nothing}")).await), "{nothing}");
    }
}

#[tokio::test]
async fn a_form_of_another_browser_does_nothing() {
    let houses = MailingHouse::open().await;
    let (fritz, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    let mut reader = houses.house.visitor();
    reader.get(&format!("not-me?token={token}")).await;
    let seen = reader.post("not-me", &[("token", &token), ("csrf", "forged")]).await;
    assert!(seen.status == 403 && seen.says("role=\"alert\"") && fritz.is_signed_in());
    assert_eq!(press(&mut reader, &token).await.status, 200);
    assert!(!fritz.is_signed_in());
}

#[tokio::test]
async fn of_ten_presses_at_once_one_counts() {
    let houses = MailingHouse::open().await;
    let (_, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    let mut reader = houses.house.visitor();
    reader.get(&format!("not-me?token={token}")).await;
    let seen = reader.post_at_once(10, "not-me", &[("token", &token)]).await;
    assert_eq!(seen.iter().filter(|seen| seen.status == 200).count(), 1);
    assert_eq!(seen.iter().filter(|seen| is_spent(seen)).count(), 9);
}

#[tokio::test]
async fn a_link_works_for_seven_days() {
    for (waited, status) in [(7 * DAY - 1, 200), (7 * DAY, 410)] {
        let houses = MailingHouse::open().await;
        let (_, token) = letter_to_fritz(&houses, "198.51.100.7").await;
        houses.house.advance(Duration::from_secs(waited));
        assert_eq!(press(&mut houses.house.visitor(), &token).await.status, status, "{waited}");
    }
}

#[tokio::test]
async fn a_link_works_at_its_own_portal_only() {
    let mut houses = MailingHouse::open().await;
    let (_, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    for (portal, status) in [("planning", 410), ("wiki", 200)] {
        let runtime = Arc::get_mut(&mut houses.house.runtime).unwrap();
        runtime.settings.portals[0].name = portal.to_owned();
        assert_eq!(press(&mut houses.house.visitor(), &token).await.status, status, "{portal}");
    }
}

#[tokio::test]
async fn one_press_voids_the_links_of_earlier_letters_and_later_ones_work() {
    let houses = MailingHouse::open().await;
    let (_, earlier) = letter_to_fritz(&houses, "198.51.100.7").await;
    let (_, token) = letter_to_fritz(&houses, "203.0.113.9").await;
    assert_eq!(press(&mut houses.house.visitor(), &token).await.status, 200);
    assert!(is_spent(&press(&mut houses.house.visitor(), &earlier).await));
    // Whoever was in is not known by anything any more: the next sign-in is told again.
    let (fritz, later) = letter_to_fritz(&houses, "203.0.113.9").await;
    assert_eq!(press(&mut houses.house.visitor(), &later).await.status, 200);
    assert!(!fritz.is_signed_in());
}

#[tokio::test]
async fn pressed_where_somebody_is_signed_in_it_signs_out_its_own_person_and_nobody_else() {
    let houses = MailingHouse::open().await;
    let mut nora = houses.house.visitor();
    nora.sign_in("nora", PASSWORD, "/").await;
    let (mut fritz, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    let seen = press(&mut nora, &token).await;
    assert!(seen.status == 200 && seen.cookies.is_empty() && nora.is_signed_in());
    assert!(!fritz.is_signed_in());
    houses.house.advance(Duration::from_secs(60));
    fritz.sign_in("fritz", PASSWORD, "/").await;
    let token = houses.mail().await.not_me();
    let seen = press(&mut fritz, &token).await;
    assert!(seen.status == 200 && !seen.html.contains("fritz"), "{}", seen.html);
    assert!(!fritz.jar.contains_key("__Host-vestibule"));
}

#[tokio::test]
async fn while_the_store_is_down_the_reader_is_told_so_and_the_link_still_works() {
    let store = outage::Outage::default();
    let down = Arc::clone(&store.down);
    let houses = MailingHouse::open_with(MAIL, Arc::new(store)).await;
    let (fritz, token) = letter_to_fritz(&houses, "198.51.100.7").await;
    let mut reader = houses.house.visitor();
    reader.get(&format!("not-me?token={token}")).await;
    down.store(true, Ordering::SeqCst);
    assert_eq!(reader.post("not-me", &[("token", &token)]).await.status, 503);
    down.store(false, Ordering::SeqCst);
    assert!(fritz.is_signed_in(), "nobody could say whose link it is");
    assert_eq!(press(&mut reader, &token).await.status, 200);
    assert!(!fritz.is_signed_in());
}
