//! Linking a first app where an address or number is known: a stolen password is not enough.

use super::{SendingHouse, another, answer, asked, send};
use crate::{
    domain::{identity::UserId, login::Stage},
    web::tests::{
        House, PASSWORD,
        visitor::{Seen, Visitor},
    },
};

async fn apps(house: &House, name: &str) -> usize {
    house.services.store.account(&UserId::new(name)).await.unwrap().totp.len()
}

async fn at_enrolment(visitor: &mut Visitor<'_>, name: &str) -> Seen {
    let seen = visitor.sign_in(name, PASSWORD, "/deep").await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"));
    visitor.get(&seen.location).await
}

async fn link(visitor: &mut Visitor<'_>, sent: &str) -> Seen {
    let code = visitor.code();
    visitor.post("enrol", &[("code", &code), ("sent_code", sent)]).await
}

async fn have_sent(visitor: &mut Visitor<'_>, method: &str) -> Seen {
    visitor.post("enrol", &[("action", "send"), ("method", method)]).await
}

#[tokio::test]
async fn both_codes_in_one_form_link_the_app() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("").await;
    let mut anna = house.visitor();
    let seen = at_enrolment(&mut anna, "anna").await;
    assert!(seen.says("Show that it is you") && seen.says("a…@e….com") && !seen.says("send-sms"));
    assert_eq!(carriers.mails().len(), 0);
    assert_eq!(have_sent(&mut anna, "email").await.status, 303);
    let sent = carriers.mailed_code();
    let key = anna.key.clone();
    anna.get("enrol?return_to=/deep").await;
    assert_eq!(anna.key, key, "sending keeps the key");
    let seen = link(&mut anna, &sent).await;
    assert_eq!(seen.status, 200, "{}", seen.html);
    assert_eq!((anna.recovery.len(), apps(&house, "anna").await, anna.is_signed_in()), (10, 1, true));
}

#[tokio::test]
async fn a_stolen_password_links_no_app() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("").await;
    let mut thief = house.visitor();
    at_enrolment(&mut thief, "anna").await;
    for sent in ["", "000000"] {
        assert_eq!(link(&mut thief, sent).await.status, 422, "nothing was sent yet");
    }
    have_sent(&mut thief, "email").await;
    let right = carriers.mailed_code();
    for left in (1..5).rev() {
        let seen = link(&mut thief, &another(&right)).await;
        assert!(seen.status == 422 && seen.says("the code of the latest message"), "{left} left");
    }
    assert_eq!(link(&mut thief, &another(&right)).await.status, 429);
    link(&mut thief, &right).await;
    assert_eq!((apps(&house, "anna").await, thief.is_signed_in()), (0, false));
}

#[tokio::test]
async fn the_sent_code_alone_links_no_app_either() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("").await;
    let mut anna = house.visitor();
    at_enrolment(&mut anna, "anna").await;
    have_sent(&mut anna, "email").await;
    let sent = carriers.mailed_code();
    let wrong = anna.wrong_code();
    let seen = anna.post("enrol", &[("code", &wrong), ("sent_code", &sent)]).await;
    assert!(seen.status == 422 && seen.says("the next code in your app"));
    assert_eq!(apps(&house, "anna").await, 0);
    assert_eq!(link(&mut anna, &sent).await.status, 200, "the sent code is still good");
}

#[tokio::test]
async fn the_code_of_another_sign_in_links_no_app() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("").await;
    let (mut anna, mut thief) = (house.visitor(), house.visitor());
    at_enrolment(&mut anna, "anna").await;
    at_enrolment(&mut thief, "anna").await;
    have_sent(&mut anna, "email").await;
    let sent = carriers.mailed_code();
    assert_eq!(link(&mut thief, &sent).await.status, 422);
    assert_eq!(apps(&house, "anna").await, 0);
}

#[tokio::test]
async fn either_of_two_channels_will_do() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("").await;
    let mut paul = house.visitor();
    let seen = at_enrolment(&mut paul, "paul").await;
    assert!(seen.says("send-email") && seen.says("send-sms"));
    carriers.mail_is_down(true);
    assert_eq!(have_sent(&mut paul, "email").await.status, 503);
    assert_eq!(have_sent(&mut paul, "sms").await.status, 303);
    let sent = carriers.texted_code();
    assert_eq!(link(&mut paul, &sent).await.status, 200);
}

#[tokio::test]
async fn who_cannot_be_reached_links_with_the_password_as_before() {
    let SendingHouse { house, .. } = SendingHouse::open("").await;
    let mut otto = house.visitor();
    let seen = at_enrolment(&mut otto, "otto").await;
    assert!(!seen.says("sent_code") && !seen.says("Show that it is you"));
    assert_eq!(link(&mut otto, "").await.status, 200);
}

#[tokio::test]
async fn somebody_signed_in_with_the_password_alone_needs_the_sent_code_too() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("requirement = \"optional\"").await;
    let mut anna = house.visitor();
    let seen = anna.sign_in("anna", PASSWORD, "/simple/").await;
    assert_eq!(seen.location, "/simple/");
    let seen = anna.get("enrol?return_to=/simple/").await;
    assert!(seen.says("Show that it is you"));
    assert_eq!(link(&mut anna, "").await.status, 422);
    have_sent(&mut anna, "email").await;
    let sent = carriers.mailed_code();
    assert_eq!(link(&mut anna, &sent).await.status, 200);
}

#[tokio::test]
async fn right_after_a_sent_code_the_apps_own_is_enough() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("methods = [\"email\", \"totp\"]").await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    answer(&mut anna, "email", &code).await;
    let seen = anna.get("enrol?return_to=/deep").await;
    assert!(seen.status == 200 && !seen.says("sent_code"));
    assert_eq!(link(&mut anna, "").await.status, 200);
}

#[tokio::test]
async fn where_the_file_takes_no_apps_none_is_linked_around_it() {
    let more = "\nrequirement = \"off\"";
    let SendingHouse { house, .. } = SendingHouse::open(&format!("methods = [\"email\"]{more}")).await;
    let mut thief = house.visitor();
    thief.sign_in("otto", PASSWORD, "/simple/").await;
    assert_eq!(thief.get("enrol?return_to=/deep").await.page(), "account");

    let methods = "methods = [\"email\", \"passkey\"]";
    let SendingHouse { house, .. } = SendingHouse::open(&format!("{methods}{more}")).await;
    let mut thief = house.visitor();
    thief.sign_in("otto", PASSWORD, "/simple/").await;
    let seen = thief.get("enrol?return_to=/deep").await;
    assert!(seen.says("passkey") && !seen.says("secret=") && !seen.says("name=\"code\""));
    let token = thief.login_token().unwrap();
    let login = house.services.store.logins().recall_login(&token.hash()).await.unwrap().unwrap();
    let Stage::Enrol { key, .. } = login.stage else { panic!("{login:?}") };
    thief.key = key.bytes().to_vec();
    assert_eq!(link(&mut thief, "").await.status, 422);
    assert_eq!(apps(&house, "otto").await, 0);
}
