//! Passkeys: made, asked for beside the password and instead of it, removed; once, in this browser, in time, by its owner.

use std::time::Duration;

use super::{
    House, PASSWORD,
    visitor::{Seen, Visitor, between},
};
use crate::{
    domain::{factor::Method, identity::UserId, standing::Second, time::minutes},
    factor::passkey::soft::SoftPasskey,
};

const ORIGIN: &str = "https://wiki.example.com";

/// What the script is told to ask, and the name of the question.
pub(super) async fn ask(visitor: &mut Visitor<'_>, purpose: &str) -> (String, String) {
    let seen = visitor.post("passkey", &[("purpose", purpose)]).await;
    assert_eq!(seen.status, 200, "{purpose}");
    let ceremony = between(&seen.html, "\"ceremony\":\"", "\"").unwrap().to_owned();
    (seen.html, ceremony)
}

/// Makes a passkey on the enrolment page.
pub(super) async fn make(visitor: &mut Visitor<'_>) -> (SoftPasskey, Seen) {
    let (options, ceremony) = ask(visitor, "new").await;
    let (soft, credential) = SoftPasskey::make(ORIGIN, &options);
    let fields = [("credential", credential.as_str()), ("ceremony", &ceremony), ("label", "Laptop")];
    let seen = visitor.post("enrol", &fields).await;
    (soft, seen)
}

/// Anna, signed in, with a passkey instead of an app.
pub(super) async fn anna_with_a_passkey(house: &House) -> (Visitor<'_>, SoftPasskey) {
    let mut anna = house.visitor();
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "enrol");
    anna.get(&seen.location).await;
    let (soft, seen) = make(&mut anna).await;
    assert_eq!(seen.status, 200, "{}", seen.html);
    assert_eq!(anna.recovery.len(), 10);
    (anna, soft)
}

pub(super) async fn prove(
    visitor: &mut Visitor<'_>,
    soft: &mut SoftPasskey,
    page: &str,
    purpose: &str,
) -> Seen {
    let (options, ceremony) = ask(visitor, purpose).await;
    let credential = soft.answer(&options);
    let fields = [
        ("credential", credential.as_str()),
        ("ceremony", &ceremony),
        ("method", "passkey"),
        ("return_to", "/"),
    ];
    visitor.post(page, &fields).await
}

#[tokio::test]
async fn a_passkey_is_made_instead_of_an_app_and_is_a_second_factor() {
    let house = House::open().await;
    let (anna, mut soft) = anna_with_a_passkey(&house).await;
    assert!(matches!(anna.second(), Some(Second::Passed { method: Method::Passkey, .. })));

    let mut later = house.visitor();
    let seen = later.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "second-factor");
    let page = later.get(&seen.location).await;
    assert!(page.says("data-purpose=\"owner\"") && !page.says("name=\"code\""));
    let seen = prove(&mut later, &mut soft, "second-factor", "owner").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/"));
    assert!(matches!(later.second(), Some(Second::Passed { method: Method::Passkey, .. })));
}

#[tokio::test]
async fn a_passkey_signs_in_without_name_and_password_and_owes_nothing_more() {
    let house = House::open().await;
    let (_, mut soft) = anna_with_a_passkey(&house).await;
    let mut later = house.visitor();
    let page = later.get("login").await;
    assert!(page.says("autocomplete=\"username webauthn\"") && page.says("data-purpose=\"anybody\""));
    let seen = prove(&mut later, &mut soft, "login", "anybody").await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/"));
    assert!(matches!(later.second(), Some(Second::Passed { method: Method::Passkey, .. })));
}

#[tokio::test]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let house = House::open().await;
    let (_, mut soft) = anna_with_a_passkey(&house).await;
    let mut later = house.visitor();
    later.get("login").await;
    let (options, ceremony) = ask(&mut later, "anybody").await;
    let credential = soft.answer(&options);
    let fields = [("credential", credential.as_str()), ("ceremony", ceremony.as_str()), ("return_to", "/")];
    let mut thief = house.visitor();
    thief.get("login").await;
    assert_eq!(thief.post("login", &fields).await.status, 422);
    assert!(!thief.is_signed_in());
    // Shown once, by whomever, it is void.
    assert_eq!(later.post("login", &fields).await.status, 422);

    let (options, ceremony) = ask(&mut later, "anybody").await;
    let credential = soft.answer(&options);
    let fields = [("credential", credential.as_str()), ("ceremony", ceremony.as_str()), ("return_to", "/")];
    let seen = later.post_at_once(10, "login", &fields).await;
    assert_eq!(seen.iter().filter(|seen| seen.status == 303).count(), 1);
}

#[tokio::test]
async fn an_answer_comes_within_five_minutes() {
    let house = House::open().await;
    let (_, mut soft) = anna_with_a_passkey(&house).await;
    for (seconds, status) in [(299, 303), (300, 422)] {
        let mut later = house.visitor();
        later.get("login").await;
        let (options, ceremony) = ask(&mut later, "anybody").await;
        let credential = soft.answer(&options);
        house.advance(Duration::from_secs(seconds));
        let fields =
            [("credential", credential.as_str()), ("ceremony", ceremony.as_str()), ("return_to", "/")];
        assert_eq!(later.post("login", &fields).await.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_copy_of_a_passkey_is_refused_at_both_doors() {
    let house = House::open().await;
    let (_, mut soft) = anna_with_a_passkey(&house).await;
    let mut copy = soft.clone();
    soft.counter = 5;
    let mut later = house.visitor();
    later.get("login").await;
    assert_eq!(prove(&mut later, &mut soft, "login", "anybody").await.status, 303);

    let mut thief = house.visitor();
    thief.get("login").await;
    let seen = prove(&mut thief, &mut copy, "login", "anybody").await;
    assert_eq!(seen.status, 422);
    let seen = thief.sign_in("anna", PASSWORD, "/").await;
    thief.get(&seen.location).await;
    assert_eq!(prove(&mut thief, &mut copy, "second-factor", "owner").await.status, 422);
    assert!(!thief.is_signed_in());
}

#[tokio::test]
async fn a_passkey_made_at_another_origin_is_refused() {
    let house = House::open().await;
    let mut anna = house.visitor();
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    anna.get(&seen.location).await;
    let (options, ceremony) = ask(&mut anna, "new").await;
    let (_, credential) = SoftPasskey::make("https://wiki.example.com.evil.example", &options);
    let seen = anna.post("enrol", &[("credential", credential.as_str()), ("ceremony", &ceremony)]).await;
    assert_eq!(seen.status, 422);
    assert!(!anna.is_signed_in());
    assert!(!house.services.store.account(&UserId::new("anna")).await.unwrap().is_enrolled());
}

#[tokio::test]
async fn somebody_elses_passkey_is_no_second_factor_of_mine() {
    let house = House::open().await;
    let (_, _) = anna_with_a_passkey(&house).await;
    let mut otto = house.visitor();
    let seen = otto.sign_in("otto", PASSWORD, "/strict/").await;
    assert_eq!(seen.page(), "enrol");
    otto.get(&seen.location).await;
    let (mut ottos, seen) = make(&mut otto).await;
    assert_eq!(seen.status, 200);

    let mut thief = house.visitor();
    let seen = thief.sign_in("anna", PASSWORD, "/").await;
    thief.get(&seen.location).await;
    assert_eq!(prove(&mut thief, &mut ottos, "second-factor", "owner").await.status, 422);
    assert!(!thief.is_signed_in());
}

#[tokio::test]
async fn wrong_answers_count_like_wrong_codes() {
    let house = House::open().await;
    let (_, mut soft) = anna_with_a_passkey(&house).await;
    soft.unlocked = false;
    let mut thief = house.visitor();
    let seen = thief.sign_in("anna", PASSWORD, "/").await;
    thief.get(&seen.location).await;
    for _ in 0..4 {
        assert_eq!(prove(&mut thief, &mut soft, "second-factor", "owner").await.status, 422);
    }
    assert_eq!(prove(&mut thief, &mut soft, "second-factor", "owner").await.status, 429);
    assert!(!thief.is_signed_in());
}

#[tokio::test]
async fn who_has_a_passkey_adds_nothing_on_the_password_alone() {
    let house = House::open().await;
    let mut slow = house.visitor();
    let seen = slow.sign_in("anna", PASSWORD, "/").await;
    slow.get(&seen.location).await;
    let (_, _) = anna_with_a_passkey(&house).await;
    // This sign-in began before there was one.
    let seen = slow.post("enrol", &[("code", &slow.code())]).await;
    assert_ne!(seen.status, 200);
    let seen = slow.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "second-factor");
    slow.get(&seen.location).await;
    assert_eq!(slow.post("passkey", &[("purpose", "new")]).await.status, 422);
}

#[tokio::test]
async fn a_passkey_is_added_and_removed_like_an_app_and_the_last_one_stays() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    anna.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    let other = house.sessions();
    let (_, seen) = make(&mut anna).await;
    assert_eq!((seen.status, seen.page()), (303, "account"));
    let page = anna.get(&seen.location).await;
    assert!(page.says("Passkey for") && page.says("Laptop"));
    assert_eq!(house.sessions(), other);

    let id = UserId::new("anna");
    let account = house.services.store.account(&id).await.unwrap();
    let (app, passkey) = (account.totp[0].id.to_string(), account.passkeys[0].id.to_string());
    anna.post("account", &[("action", "remove_method"), ("id", &app)]).await;
    anna.get("account").await;
    let seen = anna.post("account", &[("action", "remove_method"), ("id", &passkey)]).await;
    assert_eq!(seen.status, 422);
    let left = house.services.store.account(&id).await.unwrap();
    assert_eq!((left.totp.len(), left.passkeys.len()), (0, 1));
}

#[tokio::test]
async fn a_removed_passkey_signs_nobody_in() {
    let house = House::open().await;
    let (mut anna, mut soft) = anna_with_a_passkey(&house).await;
    house.services.store.reset_second_factor(&UserId::new("anna")).await.unwrap();
    assert!(!anna.is_signed_in());
    anna.get("login").await;
    assert_eq!(prove(&mut anna, &mut soft, "login", "anybody").await.status, 422);
}

#[tokio::test]
async fn changing_factors_needs_a_fresh_passkey() {
    let house = House::open().await;
    let (mut anna, mut soft) = anna_with_a_passkey(&house).await;
    house.advance(minutes(15));
    let seen = anna.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    assert_eq!(seen.page(), "second-factor");
    anna.get(&seen.location).await;
    let seen = prove(&mut anna, &mut soft, "second-factor", "owner").await;
    assert_eq!(seen.page(), "enrol");
}

#[tokio::test]
async fn the_script_is_told_nothing_without_the_form_token_or_a_sign_in() {
    let house = House::open().await;
    let mut visitor = house.visitor();
    visitor.get("login").await;
    for fields in [
        &[("purpose", "anybody"), ("csrf", "x")][..],
        &[("purpose", "owner")],
        &[("purpose", "new")],
        &[("purpose", "other")],
        &[],
    ] {
        assert_eq!(visitor.post("passkey", fields).await.status, 422, "{fields:?}");
    }
}

#[tokio::test]
async fn a_host_without_the_passkey_offers_a_recovery_code_and_says_where_it_is_good() {
    let house = House::open().await;
    let (anna, _) = anna_with_a_passkey(&house).await;
    let mut elsewhere = house.visitor();
    elsewhere.host = "docs.example.com";
    let seen = elsewhere.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "second-factor");
    let page = elsewhere.get(&seen.location).await;
    assert!(page.says("wiki.example.com") && page.says("value=\"recovery\""));
    assert!(!page.says("data-purpose"));
    let seen = elsewhere.post("second-factor", &[("code", &anna.recovery[0]), ("method", "recovery")]).await;
    assert_eq!(seen.status, 303);
}

#[tokio::test]
async fn where_only_a_passkey_counts_an_app_is_not_asked_and_the_page_says_what_to_set_up() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    let key = anna.key.clone();
    let vault = "second-factor?return_to=%2Fvault%2F";
    let seen = anna.get(vault).await;
    assert_eq!(seen.status, 403);
    assert!(seen.says("Set it up on your account page") && seen.says("href=\"/.vestibule/account\""));
    anna.next_step();
    let code = anna.code();
    assert_eq!(anna.post("second-factor", &[("code", &code), ("return_to", "/vault/")]).await.status, 403);

    anna.get("enrol?return_to=%2Fvault%2F").await;
    let (mut soft, seen) = make(&mut anna).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/vault/"));
    // What was just made was just shown.
    assert_eq!(anna.get(vault).await.location, "/vault/");

    // With both, only the passkey is offered, and only it counts.
    let mut later = house.visitor();
    later.next_step();
    later.key = key;
    later.sign_in("anna", PASSWORD, "/").await;
    let code = later.code();
    later.get("second-factor").await;
    let seen = later.post("second-factor", &[("code", &code)]).await;
    assert_eq!(seen.status, 303, "{}", seen.html);
    let page = later.get(vault).await;
    assert!(page.says("data-purpose=\"owner\"") && !page.says("name=\"code\""));
    let (options, ceremony) = ask(&mut later, "owner").await;
    let credential = soft.answer(&options);
    let fields = [
        ("credential", credential.as_str()),
        ("ceremony", &ceremony),
        ("method", "passkey"),
        ("return_to", "/vault/"),
    ];
    let seen = later.post("second-factor", &fields).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/vault/"));
    assert!(matches!(later.second(), Some(Second::Passed { method: Method::Passkey, .. })));
}
