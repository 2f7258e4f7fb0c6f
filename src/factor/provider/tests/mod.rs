//! A provider that lies in every way, and the one answer that is taken.

pub(crate) mod issuer;

use serde_json::{Value, json};

use self::issuer::{Issuer, Key, SECRET, Signing};
use super::{Account, Provider, ProviderFault, Tether};
use crate::{config::settings::ProviderSettings, domain::time::Timestamp};

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW + seconds)
}

fn tether() -> Tether {
    Tether {
        state: "the-state".to_owned(),
        nonce: "the-nonce".to_owned(),
        verifier: "a-verifier-of-at-least-forty-three-characters-0".to_owned(),
        back_to: "https://wiki.example.com/.vestibule/provider/callback".to_owned(),
    }
}

/// Goes there and comes back with the right code, at once.
async fn sign_in(issuer: &Issuer, provider: &Provider) -> Result<Account, ProviderFault> {
    sign_in_at(issuer, provider, 0).await
}

async fn sign_in_at(issuer: &Issuer, provider: &Provider, second: i64) -> Result<Account, ProviderFault> {
    let address = provider.depart(&tether(), "", at(second)).await?;
    issuer.visit(&address);
    provider.arrive(tether(), "right".to_owned(), None, at(second)).await
}

async fn world() -> (Issuer, Provider) {
    world_with(|_| {}).await
}

async fn world_with(change: impl FnOnce(&mut ProviderSettings)) -> (Issuer, Provider) {
    let issuer = Issuer::open(NOW).await;
    let mut settings = issuer.settings();
    change(&mut settings);
    let provider = Provider::build(&settings).unwrap();
    (issuer, provider)
}

fn is_refused(answer: Result<Account, ProviderFault>, why: &str) {
    match answer {
        Err(ProviderFault::Refused(told)) => assert!(told.contains(why), "{told}, not {why}"),
        other => panic!("{other:?}, not {why}"),
    }
}

fn is_unreachable(answer: Result<Account, ProviderFault>, why: &str) {
    match answer {
        Err(ProviderFault::Unreachable(told)) => assert!(told.contains(why), "{told}, not {why}"),
        other => panic!("{other:?}, not {why}"),
    }
}

#[tokio::test]
async fn a_right_answer_proves_the_account_and_no_second_factor() {
    let (issuer, provider) = world().await;
    let expected = Account {
        issuer: issuer.origin.clone(),
        subject: "subject-7".to_owned(),
        label: "anna@example.com".to_owned(),
        verified_email: Some("anna@example.com".to_owned()),
        second_factor: None,
    };
    assert_eq!(sign_in(&issuer, &provider).await, Ok(expected));
}

#[tokio::test]
async fn the_provider_is_told_what_it_needs_and_no_secret() {
    let (issuer, provider) = world().await;
    let address = provider.depart(&tether(), "anna", at(0)).await.unwrap();
    let said = issuer.visit(&address);
    assert_eq!(said["state"], "the-state");
    assert_eq!(said["redirect_uri"], tether().back_to);
    assert_eq!((said["prompt"].as_str(), said["login_hint"].as_str()), ("select_account", "anna"));
    assert_eq!(said["scope"], "openid email");
    assert!(!address.contains(&tether().verifier) && !address.contains("secret"));
}

#[tokio::test]
async fn a_token_with_a_wrong_claim_is_refused() {
    let lies: &[(&str, Value, &str)] = &[
        ("iss", json!("https://elsewhere.example"), "another issuer"),
        ("iss", Value::Null, "cannot be read"),
        ("aud", json!("another-client"), "for somebody else"),
        ("aud", json!(["vestibule", "another-client"]), "for somebody else"),
        ("azp", json!("another-client"), "for somebody else"),
        ("nonce", json!("another"), "another sign-in"),
        ("nonce", Value::Null, "another sign-in"),
        ("exp", json!(NOW - 60), "not of this moment"),
        ("iat", json!(NOW + 61), "not of this moment"),
        ("iat", json!(NOW - 661), "not of this moment"),
        ("sub", json!(""), "names nobody"),
        ("sub", json!("x".repeat(256)), "names nobody"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "do not belong together"),
    ];
    let (issuer, provider) = world().await;
    for (claim, lie, why) in lies {
        issuer.script().claims = [((*claim).to_owned(), lie.clone())].into_iter().collect();
        let answer = sign_in(&issuer, &provider).await;
        assert!(answer.is_err(), "{claim} {lie}");
        if *why == "for somebody else" {
            assert!(matches!(answer, Err(ProviderFault::Refused(_))));
        } else {
            is_refused(answer, why);
        }
    }
    issuer.script().claims.clear();
    assert!(sign_in(&issuer, &provider).await.is_ok());
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let (issuer, provider) = world().await;
    for (claim, moment) in [("exp", -59), ("iat", 60), ("iat", -660)] {
        issuer.script().claims = [(claim.to_owned(), json!(NOW + moment))].into_iter().collect();
        assert!(sign_in(&issuer, &provider).await.is_ok(), "{claim} {moment}");
    }
}

#[tokio::test]
async fn only_the_providers_own_signature_counts() {
    let (issuer, provider) = world().await;
    let public = issuer.script().keys[0].published().to_string().into_bytes();
    let lies = [
        (Signing::Nothing, "token"),
        (Signing::Secret(SECRET.as_bytes().to_vec()), "not taken"),
        (Signing::Secret(public), "not taken"),
        (Signing::Stranger(Key::make("one")), "signature of the token is wrong"),
        (Signing::Stranger(Key::make("two")), "a key the provider does not have"),
    ];
    for (signing, why) in lies {
        issuer.script().signing = signing;
        is_refused(sign_in(&issuer, &provider).await, why);
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_once_it_is_used_but_not_every_second() {
    let (issuer, provider) = world().await;
    sign_in(&issuer, &provider).await.unwrap();
    issuer.script().keys = vec![Key::make("two")];
    is_refused(sign_in_at(&issuer, &provider, 29).await, "a key the provider does not have");
    assert_eq!(issuer.asked("/keys"), 1);
    assert!(sign_in_at(&issuer, &provider, 30).await.is_ok());
    assert!(sign_in_at(&issuer, &provider, 31).await.is_ok());
    assert_eq!(issuer.asked("/keys"), 2);
    // A token of a key that was taken back is worth nothing any more.
    issuer.script().signing = Signing::Stranger(Key::make("one"));
    is_refused(sign_in_at(&issuer, &provider, 32).await, "a key the provider does not have");
}

#[tokio::test]
async fn a_code_counts_only_with_the_verifier_of_its_own_departure() {
    let (issuer, provider) = world().await;
    let address = provider.depart(&tether(), "", at(0)).await.unwrap();
    issuer.visit(&address);
    let other =
        Tether { verifier: "another-verifier-of-at-least-forty-three-chars-0".to_owned(), ..tether() };
    is_refused(provider.arrive(other, "right".to_owned(), None, at(0)).await, "does not take the code");
    is_refused(provider.arrive(tether(), "wrong".to_owned(), None, at(0)).await, "does not take the code");
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_before_the_code_is_shown_to_anybody() {
    let (issuer, provider) = world().await;
    let address = provider.depart(&tether(), "", at(0)).await.unwrap();
    issuer.visit(&address);
    let arrive = async |iss: Option<&str>| provider.arrive(tether(), "right".to_owned(), iss, at(0)).await;
    is_refused(arrive(Some("https://elsewhere.example")).await, "the provider that was asked");
    assert_eq!(issuer.asked("/token"), 0);
    assert!(arrive(Some(&issuer.origin)).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_always_names_itself_must() {
    let (issuer, provider) = world().await;
    issuer
        .script()
        .description
        .insert("authorization_response_iss_parameter_supported".to_owned(), json!(true));
    let address = provider.depart(&tether(), "", at(0)).await.unwrap();
    issuer.visit(&address);
    is_refused(
        provider.arrive(tether(), "right".to_owned(), None, at(0)).await,
        "the provider that was asked",
    );
    assert!(provider.arrive(tether(), "right".to_owned(), Some(&issuer.origin), at(0)).await.is_ok());
}

#[tokio::test]
async fn a_description_that_is_wrong_or_too_much_is_no_description() {
    const HERE: &str = "/.well-known/openid-configuration";
    let json = "application/json";
    let answers: [(u16, &str, Vec<u8>, &str); 5] = [
        (500, json, b"{}".to_vec(), "500"),
        (302, json, Vec::new(), "302"),
        (200, json, vec![b' '; 256 * 1024 + 1], "broke off"),
        (200, json, b"<html>".to_vec(), "cannot be read"),
        (200, "text/html", b"{}".to_vec(), "another form"),
    ];
    for (status, kind, body, why) in answers {
        let (issuer, provider) = world().await;
        issuer.script().instead.insert(HERE, (status, kind, body));
        is_unreachable(sign_in(&issuer, &provider).await, why);
        assert_eq!(issuer.asked("/elsewhere"), 0, "no redirect is followed");
    }
    for (key, value, why) in [
        ("issuer", "https://elsewhere.example", "not its own"),
        ("authorization_endpoint", "http://elsewhere.example/", "not https"),
        ("jwks_uri", "http://elsewhere.example/", "not https"),
    ] {
        let (issuer, provider) = world().await;
        issuer.script().description.insert(key.to_owned(), json!(value));
        is_unreachable(sign_in(&issuer, &provider).await, why);
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_for_five_seconds() {
    const HERE: &str = "/.well-known/openid-configuration";
    let (issuer, provider) = world().await;
    issuer.script().instead.insert(HERE, (503, "text/plain", Vec::new()));
    is_unreachable(sign_in_at(&issuer, &provider, 0).await, "503");
    issuer.script().instead.clear();
    is_unreachable(sign_in_at(&issuer, &provider, 4).await, "a moment ago");
    assert_eq!(issuer.asked(HERE), 1);
    assert!(sign_in_at(&issuer, &provider, 5).await.is_ok());
}

#[tokio::test]
async fn a_description_is_kept_for_an_hour_and_for_a_day_while_the_provider_is_down() {
    const HERE: &str = "/.well-known/openid-configuration";
    let (issuer, provider) = world().await;
    let depart = async |second| provider.depart(&tether(), "", at(second)).await;
    for (second, asked) in [(0, 1), (3599, 1), (3600, 2)] {
        depart(second).await.unwrap();
        assert_eq!(issuer.asked(HERE), asked, "{second}");
    }
    issuer.script().instead.insert(HERE, (503, "text/plain", Vec::new()));
    assert!(depart(3600 + 86_399).await.is_ok());
    assert!(depart(3600 + 86_405).await.is_err());
}

#[tokio::test]
async fn nobody_there_is_a_clear_word() {
    let (issuer, provider) = world_with(|settings| settings.issuer = "http://127.0.0.1:1".to_owned()).await;
    is_unreachable(sign_in(&issuer, &provider).await, "cannot be reached");
}

#[tokio::test]
async fn a_second_factor_counts_only_if_the_file_accepts_its_kind() {
    let accepting = |settings: &mut ProviderSettings| settings.accept_amr = vec!["mfa".to_owned()];
    let (issuer, provider) = world_with(accepting).await;
    for (amr, auth_time, expected) in [
        (json!(["pwd"]), json!(NOW - 5), None),
        (Value::Null, json!(NOW - 5), None),
        (json!(["pwd", "mfa"]), json!(NOW - 5), Some(at(-5))),
        // Without a word on when, it may have been long ago; in the future it was not.
        (json!(["mfa"]), Value::Null, Some(Timestamp::from_unix(0))),
        (json!(["mfa"]), json!(NOW + 500), Some(at(0))),
    ] {
        issuer.script().claims =
            [("amr".to_owned(), amr.clone()), ("auth_time".to_owned(), auth_time)].into_iter().collect();
        assert_eq!(sign_in(&issuer, &provider).await.unwrap().second_factor, expected, "{amr}");
    }
    let (issuer, provider) = world().await;
    issuer.script().claims = [("amr".to_owned(), json!(["mfa"]))].into_iter().collect();
    assert_eq!(sign_in(&issuer, &provider).await.unwrap().second_factor, None);
}

#[tokio::test]
async fn an_address_counts_as_verified_only_by_the_providers_word() {
    let (issuer, provider) = world().await;
    for word in [json!(false), Value::Null] {
        issuer.script().claims = [("email_verified".to_owned(), word)].into_iter().collect();
        let account = sign_in(&issuer, &provider).await.unwrap();
        assert_eq!((account.verified_email, account.label.as_str()), (None, "anna@example.com"));
    }
}
