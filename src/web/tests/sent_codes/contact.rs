//! Naming an address or number that the directory does not know.

use super::{SendingHouse, another, asked};
use crate::{
    domain::{
        factor::Method,
        identity::UserId,
        time::{Clock, minutes},
    },
    web::tests::{
        House, PASSWORD,
        visitor::{Seen, Visitor},
    },
};

const ASKING: &str = "methods = [\"sms\", \"email\", \"totp\"]\nask_missing = true";

async fn contacts(house: &House, name: &str) -> Vec<(Method, String)> {
    let account = house.services.store.account(&UserId::new(name)).await.unwrap();
    account.contacts.into_iter().map(|contact| (contact.method, contact.to)).collect()
}

async fn name(visitor: &mut Visitor<'_>, method: &str, to: &str) -> Seen {
    visitor
        .post("contact", &[("action", "send"), ("method", method), ("to", to), ("return_to", "/deep")])
        .await
}

async fn check(visitor: &mut Visitor<'_>, code: &str) -> Seen {
    visitor.post("contact", &[("code", code), ("return_to", "/deep")]).await
}

async fn remove(visitor: &mut Visitor<'_>, method: &str) -> Seen {
    visitor.post("account", &[("action", "remove_contact"), ("id", method)]).await
}

/// Otto, who named an address at his first sign-in.
async fn otto_by_mail(house: &mut SendingHouse) -> Visitor<'_> {
    let SendingHouse { house, carriers } = house;
    let mut otto = house.visitor();
    at_contact(&mut otto).await;
    name(&mut otto, "email", "otto@example.com").await;
    let code = carriers.mailed_code();
    assert_eq!(check(&mut otto, &code).await.status, 303);
    otto
}

async fn at_contact(visitor: &mut Visitor<'_>) -> Seen {
    let seen = visitor.sign_in("otto", PASSWORD, "/deep").await;
    assert_eq!((seen.status, seen.page()), (303, "contact"));
    visitor.get(&seen.location).await
}

#[tokio::test]
async fn a_number_nobody_knew_is_asked_for_verified_and_asked_from_then_on() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut otto = house.visitor();
    let seen = at_contact(&mut otto).await;
    assert!(seen.says("Where can we reach you?") && seen.says("Mobile number"));
    let seen = name(&mut otto, "sms", "+31 6 1234 5642").await;
    assert_eq!((seen.status, seen.page()), (303, "contact"));
    let (to, text) = carriers.text();
    assert_eq!(to, "+31612345642");
    let code = text.rsplit_once('#').unwrap().1.to_owned();
    let seen = otto.get(&seen.location).await;
    assert!(seen.says("…42") && seen.says("name=\"code\""));
    assert_eq!(check(&mut otto, &another(&code)).await.status, 422);
    assert!(contacts(&house, "otto").await.is_empty(), "nothing counts before it is verified");
    let seen = check(&mut otto, &code).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/deep"));
    assert_eq!(contacts(&house, "otto").await, [(Method::Sms, "+31612345642".to_owned())]);
    assert!(otto.is_signed_in());

    let mut again = house.visitor();
    asked(&mut again, "otto").await;
    let seen = again.get("second-factor?return_to=/deep").await;
    assert!(seen.says("Enter the code from your text message") && seen.says("…42"));
}

#[tokio::test]
async fn another_code_goes_to_the_number_named_before_and_takes_the_place_of_the_first() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut otto = house.visitor();
    at_contact(&mut otto).await;
    assert_eq!(name(&mut otto, "sms", "").await.status, 422, "there is no number yet");
    let seen = name(&mut otto, "sms", "+31 6 1234 5642").await;
    assert!(otto.get(&seen.location).await.says("Send another code"));
    let first = carriers.texted_code();
    assert_eq!(name(&mut otto, "sms", "").await.status, 429, "not yet");
    house.advance(std::time::Duration::from_secs(30));
    assert_eq!(name(&mut otto, "email", "").await.status, 422, "a number is no address");
    assert_eq!(name(&mut otto, "sms", "").await.status, 303);
    let (to, text) = carriers.text();
    assert_eq!(to, "+31612345642");
    let second = text.rsplit_once('#').unwrap().1;
    if first != second {
        assert_eq!(check(&mut otto, &first).await.status, 422);
    }
    assert_eq!(check(&mut otto, second).await.status, 303);
    assert_eq!(contacts(&house, "otto").await, [(Method::Sms, "+31612345642".to_owned())]);
}

#[tokio::test]
async fn an_address_named_in_another_sign_in_meanwhile_stands() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let (mut otto, mut thief) = (house.visitor(), house.visitor());
    at_contact(&mut otto).await;
    at_contact(&mut thief).await;
    name(&mut thief, "email", "thief@example.com").await;
    let theirs = carriers.mailed_code();
    name(&mut otto, "email", "otto@example.com").await;
    let code = carriers.mailed_code();
    assert_eq!(check(&mut otto, &code).await.status, 303);
    check(&mut thief, &theirs).await;
    assert!(!thief.is_signed_in());
    assert_eq!(contacts(&house, "otto").await, [(Method::Email, "otto@example.com".to_owned())]);
}

#[tokio::test]
async fn a_code_for_one_address_verifies_no_other() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut otto = house.visitor();
    at_contact(&mut otto).await;
    name(&mut otto, "email", "otto@example.com").await;
    let first = carriers.mailed_code();
    house.advance(std::time::Duration::from_secs(30));
    name(&mut otto, "email", "victim@example.com").await;
    let second = carriers.mailed_code();
    if first != second {
        assert_eq!(check(&mut otto, &first).await.status, 422);
        assert!(contacts(&house, "otto").await.is_empty());
    }
}

#[tokio::test]
async fn what_is_no_address_and_no_number_gets_nothing_sent() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut otto = house.visitor();
    at_contact(&mut otto).await;
    for (method, to) in [
        ("sms", "0612345642"),
        ("email", "otto"),
        ("email", "o@example.com\r\nBcc: x@example.com"),
        ("totp", "+31612345642"),
    ] {
        let seen = name(&mut otto, method, to).await;
        assert_eq!(seen.status, 422, "{to}");
    }
    assert!(carriers.mails().is_empty() && carriers.try_text().is_none());
}

#[tokio::test]
async fn nobody_who_can_be_reached_may_name_another_place() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut thief = house.visitor();
    asked(&mut thief, "anna").await;
    let seen = name(&mut thief, "sms", "+31612345642").await;
    assert_eq!(seen.page(), "second-factor");
    let seen = check(&mut thief, "123456").await;
    assert_eq!(seen.page(), "second-factor");
    assert!(carriers.try_text().is_none() && contacts(&house, "anna").await.is_empty());
}

#[tokio::test]
async fn whom_a_code_reaches_another_way_links_an_app_with_it_and_names_no_place() {
    let SendingHouse { house, mut carriers } =
        SendingHouse::open("methods = [\"sms\", \"totp\"]\nask_missing = true").await;
    let mut thief = house.visitor();
    let seen = thief.sign_in("anna", PASSWORD, "/deep").await;
    assert_eq!(seen.page(), "enrol");
    let seen = thief.get(&seen.location).await;
    assert!(seen.says("Show that it is you"));
    name(&mut thief, "sms", "+31612345642").await;
    assert!(carriers.try_text().is_none() && contacts(&house, "anna").await.is_empty());
    // Whom nothing reaches names a number as before.
    at_contact(&mut house.visitor()).await;
}

#[tokio::test]
async fn without_the_word_in_the_file_nobody_is_asked() {
    let SendingHouse { house, .. } = SendingHouse::open("methods = [\"sms\", \"totp\"]").await;
    let seen = house.visitor().sign_in("otto", PASSWORD, "/deep").await;
    assert_eq!(seen.page(), "enrol");
}

#[tokio::test]
async fn where_nothing_at_all_can_be_asked_the_page_says_so_and_nobody_is_in() {
    let SendingHouse { house, .. } = SendingHouse::open("methods = [\"sms\"]").await;
    let mut otto = house.visitor();
    let seen = otto.sign_in("otto", PASSWORD, "/deep").await;
    assert_eq!(otto.get(&seen.location).await.status, 403);
    assert!(!otto.is_signed_in());
}

#[tokio::test]
async fn a_reset_forgets_what_was_named() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(ASKING).await;
    let mut otto = house.visitor();
    at_contact(&mut otto).await;
    name(&mut otto, "email", "otto@example.com").await;
    let code = carriers.mailed_code();
    check(&mut otto, &code).await;
    house.services.store.reset_second_factor(&UserId::new("otto")).await.unwrap();
    assert!(!otto.is_signed_in());
    at_contact(&mut house.visitor()).await;
}

#[tokio::test]
async fn an_address_is_listed_masked_and_stays_as_long_as_codes_go_nowhere_else() {
    let mut house = SendingHouse::open(ASKING).await;
    let mut otto = otto_by_mail(&mut house).await;
    let page = otto.get("account").await;
    assert!(page.says("Codes by mail") && page.says("Sent to o…@e….com") && !page.says("otto@example.com"));
    let seen = remove(&mut otto, "email").await;
    assert!(seen.status == 422 && seen.says("Codes reach you only there"), "{}", seen.status);
    assert_eq!(remove(&mut otto, "sms").await.status, 422);
    assert_eq!(remove(&mut otto, "totp").await.status, 422);
}

#[tokio::test]
async fn an_address_is_removed_beside_an_app_after_a_fresh_code_and_ends_every_trust() {
    let mut house = SendingHouse::open(ASKING).await;
    let mut otto = otto_by_mail(&mut house).await;
    otto.get("enrol?return_to=/").await;
    let code = otto.code();
    otto.post("enrol", &[("code", &code), ("trust_device", "1")]).await;
    otto.get("account").await;
    otto.house.advance(minutes(15));
    assert_eq!(remove(&mut otto, "email").await.page(), "second-factor");
    otto.get("second-factor?return_to=/.vestibule/account&method=totp").await;
    let code = otto.code();
    otto.post("second-factor", &[("code", &code), ("return_to", "/.vestibule/account")]).await;
    otto.get("account").await;
    let seen = remove(&mut otto, "email").await;
    assert_eq!(seen.location, "/.vestibule/account?done=contact-removed", "{}", seen.html);
    assert!(otto.is_signed_in() && contacts(otto.house, "otto").await.is_empty());
    assert_eq!(otto.house.services.store.devices(None, otto.house.clock.now()).await.unwrap().len(), 0);
    assert!(!otto.get("account").await.says("remove_contact"));
}
