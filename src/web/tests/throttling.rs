//! Guessing, slowed down without locking out the people guessed at.

use std::time::Duration;

use super::{House, PASSWORD, visitor::Visitor};

async fn guess(visitor: &mut Visitor<'_>, name: &str, times: usize) {
    for _ in 0..times {
        visitor.sign_in(name, "wrong", "/").await;
    }
}

#[tokio::test]
async fn ten_wrong_passwords_from_one_network_close_the_eleventh_for_fifteen_minutes() {
    let house = House::open().await;
    let mut guesser = house.visitor();
    guess(&mut guesser, "fritz", 9).await;
    guess(&mut guesser, "FRITZ", 1).await;
    let seen = guesser.sign_in("fritz", PASSWORD, "/").await;
    assert_eq!(seen.status, 429);
    assert!(seen.says("You can try again from"));
    assert_eq!(seen.retry, "900");
    house.advance(Duration::from_secs(15 * 60));
    assert_eq!(guesser.sign_in("fritz", PASSWORD, "/").await.status, 303);
}

#[tokio::test]
async fn names_nobody_has_are_counted_and_answered_alike() {
    let house = House::open().await;
    let mut guesser = house.visitor();
    guess(&mut guesser, "nobody", 10).await;
    assert_eq!(guesser.sign_in("NOBODY ", PASSWORD, "/").await.status, 429);
}

#[tokio::test]
async fn a_right_password_gives_its_try_back() {
    let house = House::open().await;
    for _ in 0..12 {
        assert_eq!(house.visitor().sign_in("fritz", PASSWORD, "/").await.status, 303);
    }
}

#[tokio::test]
async fn a_stranger_locks_nobody_out_of_a_device_they_trust() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.sign_in_with_code("anna", &["trust_device"]).await;

    for n in 0..6 {
        let mut stranger = Visitor::new(&house, &format!("203.0.113.{n}"));
        guess(&mut stranger, "anna", 10).await;
    }
    // The account is closed to unknown browsers, wherever they are.
    let mut unknown = Visitor::new(&house, "192.0.2.1");
    assert_eq!(unknown.sign_in("anna", PASSWORD, "/").await.status, 429);
    // Not to this one, and its session goes on.
    assert!(anna.is_signed_in());
    anna.get("logout").await;
    anna.post("logout", &[("scope", "here")]).await;
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/"));
}

#[tokio::test]
async fn ten_wrong_codes_in_fifteen_minutes_close_the_code_for_every_sign_in() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.next_step();
    for n in 0..2 {
        let mut guesser = Visitor::new(&house, &format!("203.0.113.{n}"));
        let seen = guesser.sign_in("anna", PASSWORD, "/").await;
        guesser.get(&seen.location).await;
        for _ in 0..5 {
            guesser.post("second-factor", &[("code", &anna.wrong_code())]).await;
        }
    }
    let mut elsewhere = house.visitor();
    let seen = elsewhere.sign_in("anna", PASSWORD, "/").await;
    elsewhere.get(&seen.location).await;
    // Recovery codes go through the same gate.
    let stale = elsewhere.clone();
    let seen =
        stale.post_at_once(1, "second-factor", &[("code", &anna.recovery[0]), ("method", "recovery")]).await;
    assert_eq!(seen[0].status, 429);
    // That sign-in is over, even once the time has passed.
    house.advance(Duration::from_secs(10 * 60));
    assert_eq!(elsewhere.post("second-factor", &[("code", &anna.code())]).await.status, 422);
    house.advance(Duration::from_secs(5 * 60));
    elsewhere.key = anna.key.clone();
    assert_eq!(elsewhere.sign_in_with_code("anna", &[]).await.status, 303);
}

#[tokio::test]
async fn no_field_is_too_long_to_be_answered() {
    let house = House::open().await;
    let mut visitor = house.visitor();
    let long = "é".repeat(3000);
    assert_eq!(visitor.sign_in(&long, PASSWORD, "/").await.status, 422);
    assert_eq!(visitor.sign_in("fritz", &long, "/").await.status, 422);
    assert_eq!(visitor.sign_in("fritz", PASSWORD, &long).await.location, "/");
}

#[tokio::test]
async fn whoever_goes_on_after_a_refusal_fills_no_journal() {
    let house = House::open().await;
    let mut guesser = house.visitor();
    guess(&mut guesser, "fritz", 10).await;
    let written = async || {
        let journal = house.services.store.journal();
        journal.history(&crate::domain::identity::UserId::new("fritz"), 1000).await.unwrap().len()
    };
    let before = written().await;
    guess(&mut guesser, "fritz", 20).await;
    assert_eq!(written().await, before + 1);
}

#[tokio::test]
async fn a_stranger_in_the_same_network_closes_no_trusted_device() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.sign_in_with_code("anna", &["trust_device"]).await;
    anna.get("logout").await;
    anna.post("logout", &[("scope", "here")]).await;
    let mut stranger = house.visitor();
    for number in 0..11 {
        guess(&mut stranger, &format!("nobody{number}"), 10).await;
    }
    assert_eq!(house.visitor().sign_in("fritz", PASSWORD, "/").await.status, 429);
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.status, 303);
}
