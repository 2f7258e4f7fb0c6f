//! A remembered device, unlocked by a passkey of its person: only theirs, only there, only while it is remembered.

use std::{sync::Arc, time::Duration};

use super::{
    House, PASSWORD,
    passkey::{anna_with_a_passkey, ask, make, prove},
    visitor::Visitor,
};
use crate::{
    config::settings::Unlock,
    domain::{audit::AuditKind, factor::Method, identity::UserId, standing::Second},
    factor::passkey::soft::SoftPasskey,
};

const DEVICE: &str = "__Host-vestibule-device";

async fn house() -> House {
    let mut house = House::open().await;
    Arc::get_mut(&mut house.runtime).unwrap().settings.trust.unlock = vec![Unlock::Passkey];
    house
}

/// Anna with a passkey on a device she had remembered, signed out.
async fn anna(house: &House) -> (Visitor<'_>, SoftPasskey) {
    let (mut anna, mut soft) = anna_with_a_passkey(house).await;
    leave(&mut anna).await;
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    anna.get(&seen.location).await;
    let (options, ceremony) = ask(&mut anna, "owner").await;
    let credential = soft.answer(&options);
    let fields = [
        ("credential", credential.as_str()),
        ("ceremony", &ceremony),
        ("method", "passkey"),
        ("trust_device", "1"),
    ];
    let seen = anna.post("second-factor", &fields).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/"), "no PIN is offered where none unlocks");
    leave(&mut anna).await;
    (anna, soft)
}

async fn leave(visitor: &mut Visitor<'_>) {
    visitor.get("logout").await;
    visitor.post("logout", &[("scope", "here")]).await;
    assert!(!visitor.is_signed_in());
}

#[tokio::test]
async fn a_passkey_unlocks_a_remembered_device_and_only_its_persons_are_asked_for() {
    let house = house().await;
    let (mut anna, mut soft) = anna(&house).await;
    let page = anna.get("login").await;
    assert!(page.says("data-purpose=\"unlock\"") && page.says("Welcome back, Anna Arndt"));
    assert!(!page.says("name=\"pin\"") && !page.says("name=\"password\""));
    let (options, _) = ask(&mut anna, "unlock").await;
    assert_eq!(options.matches("\"type\":\"public-key\"").count(), 1);
    assert!(options.contains("\"userVerification\":\"required\""));

    let before = anna.jar[DEVICE].clone();
    let seen = prove(&mut anna, &mut soft, "unlock", "unlock").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/"));
    assert!(matches!(anna.second(), Some(Second::Passed { method: Method::Passkey, .. })));
    assert_ne!(anna.jar[DEVICE], before);
    let events = house.services.store.journal().history(&UserId::new("anna"), 100).await.unwrap();
    let signed_in = events.iter().find(|event| event.kind == AuditKind::SignIn).unwrap();
    assert_eq!((signed_in.first.as_deref(), signed_in.factor.as_deref()), (Some("passkey"), Some("passkey")));
    assert!(signed_in.trust.is_some());
}

#[tokio::test]
async fn no_passkey_but_that_persons_unlocks_and_none_without_the_device() {
    let house = house().await;
    let (mut anna, mut soft) = anna(&house).await;
    let mut otto = house.visitor();
    let seen = otto.sign_in("otto", PASSWORD, "/strict/").await;
    otto.get(&seen.location).await;
    let (mut ottos, _) = make(&mut otto).await;

    anna.get("login").await;
    assert_eq!(prove(&mut anna, &mut ottos, "unlock", "unlock").await.status, 422);
    // An answer to the question anybody may ask is none to this one.
    assert_eq!(prove(&mut anna, &mut soft, "unlock", "anybody").await.status, 422);
    assert!(!anna.is_signed_in());
    // One that nobody unlocked is worth nothing.
    soft.unlocked = false;
    assert_eq!(prove(&mut anna, &mut soft, "unlock", "unlock").await.status, 422);
    soft.unlocked = true;

    let mut stranger = house.visitor();
    stranger.get("login").await;
    assert_eq!(stranger.post("passkey", &[("purpose", "unlock")]).await.status, 422);
    let (options, ceremony) = ask(&mut stranger, "anybody").await;
    let credential = soft.answer(&options);
    let fields = [("credential", credential.as_str()), ("ceremony", ceremony.as_str())];
    assert_eq!(stranger.post("unlock", &fields).await.page(), "login");
    assert!(!stranger.is_signed_in());
}

#[tokio::test]
async fn an_outdated_device_value_asks_no_passkey_and_gives_the_copy_away() {
    let house = house().await;
    let (mut anna, mut soft) = anna(&house).await;
    let mut thief = house.visitor();
    thief.jar.insert(DEVICE.to_owned(), anna.jar[DEVICE].clone());
    anna.get("login").await;
    assert_eq!(prove(&mut anna, &mut soft, "unlock", "unlock").await.status, 303);
    house.advance(Duration::from_secs(60));
    assert!(!thief.get("login").await.says("data-purpose=\"unlock\""));
    assert_eq!(thief.post("passkey", &[("purpose", "unlock")]).await.status, 422);
    assert_eq!(thief.post("unlock", &[("credential", "{}"), ("ceremony", "x")]).await.page(), "login");
    assert!(!thief.is_signed_in() && !thief.jar.contains_key(DEVICE));
    let events = house.services.store.journal().history(&UserId::new("anna"), 100).await.unwrap();
    assert!(events.iter().any(|event| event.kind == AuditKind::TrustStolen));
}

#[tokio::test]
async fn a_removed_passkey_and_a_narrower_file_stop_unlocking_at_once() {
    let mut house = house().await;
    let (mut visitor, mut soft) = anna(&house).await;
    visitor.get("login").await;
    let (options, ceremony) = ask(&mut visitor, "unlock").await;
    let credential = soft.answer(&options);
    let jar = visitor.jar.clone();
    drop(visitor);
    Arc::get_mut(&mut house.runtime).unwrap().settings.trust.unlock.clear();
    let mut later = house.visitor();
    later.jar = jar;
    assert!(!later.get("login").await.says("data-purpose=\"unlock\""));
    // Even an answer to a question that was asked before.
    let fields = [("credential", credential.as_str()), ("ceremony", &ceremony), ("return_to", "/")];
    assert_eq!(later.post("unlock", &fields).await.page(), "login");
    assert!(!later.is_signed_in());

    let house = self::house().await;
    let (mut anna, _) = anna(&house).await;
    house.services.store.reset_second_factor(&UserId::new("anna")).await.unwrap();
    assert!(!anna.get("login").await.says("data-purpose=\"unlock\""));
    assert_eq!(anna.post("passkey", &[("purpose", "unlock")]).await.status, 422);
}
