//! From the address to the portal by a mailed link.

use std::time::Duration;

use super::{
    House, Overheard, PASSWORD,
    visitor::{Seen, Visitor, between},
};
use crate::{
    config::settings::SignIn,
    domain::{audit::AuditKind, identity::UserId},
};

const LINK: [SignIn; 1] = [SignIn::Link];

/// Asks for a link to go to `/deep`, and waits for it.
async fn ask(visitor: &mut Visitor<'_>, name: &str) -> Seen {
    visitor.get("/.vestibule/login?again=1&return_to=/deep").await;
    let fields = [("username", name), ("method", "link"), ("return_to", "/deep")];
    let seen = visitor.post("login", &fields).await;
    assert_eq!((seen.status, seen.page()), (303, "link"), "{}", seen.html);
    visitor.get(&seen.location).await
}

/// Opens the link that was drawn last and presses its button.
async fn press(visitor: &mut Visitor<'_>, drawn: &str) -> Seen {
    visitor.get(&format!("/.vestibule/link?token={drawn}")).await;
    visitor.post("link", &[("token", drawn)]).await
}

fn shown_code(seen: &Seen) -> String {
    between(&seen.html, "class=\"digits\" translate=\"no\">", "<").expect("a code is shown").to_owned()
}

fn is_spent(seen: &Seen) -> bool {
    seen.status == 410 && seen.says("This link no longer works") && seen.says("login?return_to=")
}

async fn open() -> (House, std::sync::Arc<Overheard>) {
    House::open_by(&LINK).await
}

#[tokio::test]
async fn a_link_pressed_where_it_was_asked_for_leads_to_enrolment_and_in() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    let waiting = ask(&mut anna, "Anna@example.com").await;
    assert!(waiting.says("If we know “Anna@example.com”") && waiting.says("08:15 UTC"), "{}", waiting.html);
    let seen = anna.get(&format!("link?token={}", drawn.link())).await;
    assert!(seen.says("Confirm sign-in") && seen.says("198.51.100.7") && seen.says("Firefox"));
    let seen = anna.post("link", &[("token", &drawn.link())]).await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"), "nobody gets in without a second factor");
    assert!(!anna.is_signed_in());
    anna.get(&seen.location).await;
    let seen = anna.post("enrol", &[("code", &anna.code()), ("trust_device", "1")]).await;
    assert_eq!(seen.status, 200);
    assert!(anna.is_signed_in() && seen.says("href=\"/deep\""), "{}", seen.html);
    // The device is trusted: next time the link alone is enough.
    anna.get("logout").await;
    anna.post("logout", &[("scope", "here")]).await;
    ask(&mut anna, "anna").await;
    let seen = press(&mut anna, &drawn.link()).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/deep"));
    assert!(anna.is_signed_in());
}

#[tokio::test]
async fn all_addresses_are_answered_alike_and_only_known_ones_are_led_anywhere() {
    let (house, drawn) = open().await;
    let mut answers = Vec::new();
    // Known, unknown, disabled, without an address.
    for name in ["anna", "nobody", "dora", "nora"] {
        let mut visitor = house.visitor();
        visitor.get("/.vestibule/login").await;
        let posted = visitor.post("login", &[("username", name), ("method", "link")]).await;
        let mut of_one =
            vec![(posted.status, posted.location.clone(), posted.cookies.clone(), String::new())];
        let link = drawn.link();
        for code in [None, Some("000000"), Some("x")] {
            let seen = match code {
                None => visitor.get(&posted.location).await,
                Some(code) => visitor.post("link", &[("code", code)]).await,
            };
            let csrf = between(&seen.html, "name=\"csrf\" value=\"", "\"").unwrap();
            let html = seen.html.replace(csrf, "").replace(&format!("“{name}”"), "");
            of_one.push((seen.status, seen.location, seen.cookies, html));
        }
        answers.push(of_one);
        assert_eq!(!is_spent(&visitor.get(&format!("link?token={link}")).await), name == "anna", "{name}");
        assert_eq!(!is_spent(&press(&mut visitor, &link).await), name == "anna", "{name}");
        assert!(!visitor.is_signed_in());
    }
    assert_eq!(answers[0].iter().map(|answer| answer.0).collect::<Vec<_>>(), [303, 200, 422, 422]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn asking_costs_the_store_the_same_for_every_name() {
    let (house, drawn) = open().await;
    for name in ["anna", "nobody", "dora", "nora"] {
        let before = drawn.0.lock().unwrap().len();
        let mut visitor = house.visitor();
        ask(&mut visitor, name).await;
        let history = house.services.store.journal().history(&UserId::new(name), 9).await.unwrap();
        assert_eq!(history.iter().map(|event| event.kind).collect::<Vec<_>>(), [AuditKind::LinkSent]);
        assert_eq!(drawn.0.lock().unwrap().len() - before, 2, "a cookie and a link: {name}");
        let own = visitor.login_token().unwrap();
        assert!(house.services.store.links().recall_link_of(&own.hash()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn looking_at_a_link_changes_nothing_and_its_button_works_once() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    let link = drawn.link();
    for _ in 0..5 {
        let mut scanner = Visitor::new(&house, "203.0.113.9");
        let seen = scanner.get(&format!("link?token={link}")).await;
        assert!(seen.status == 200 && seen.says("not the browser that asked"), "{}", seen.html);
    }
    anna.get(&format!("link?token={link}")).await;
    let mut twin = anna.clone();
    assert_eq!(anna.post("link", &[("token", &link)]).await.page(), "enrol");
    assert!(is_spent(&twin.post("link", &[("token", &link)]).await), "a replay");
    assert!(is_spent(&twin.get(&format!("link?token={link}")).await));
}

#[tokio::test]
async fn of_ten_presses_at_once_one_goes_on() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    let link = drawn.link();
    anna.get(&format!("link?token={link}")).await;
    let seen = anna.post_at_once(10, "link", &[("token", &link)]).await;
    assert_eq!(seen.iter().filter(|seen| seen.page() == "enrol").count(), 1);
}

#[tokio::test]
async fn link_and_enrolment_together_last_fifteen_minutes() {
    for (asked_to_press, press_to_code, gets_in) in
        [(899, 0, true), (900, 0, false), (600, 299, true), (600, 300, false)]
    {
        let (house, drawn) = open().await;
        let mut anna = house.visitor();
        ask(&mut anna, "anna").await;
        house.advance(Duration::from_secs(asked_to_press));
        let seen = press(&mut anna, &drawn.link()).await;
        if asked_to_press == 900 {
            assert!(is_spent(&seen));
            continue;
        }
        assert_eq!(seen.page(), "enrol");
        anna.get(&seen.location).await;
        house.advance(Duration::from_secs(press_to_code));
        anna.post("enrol", &[("code", &anna.code())]).await;
        assert_eq!(anna.is_signed_in(), gets_in, "{asked_to_press} and {press_to_code}");
    }
}

#[tokio::test]
async fn another_device_shows_a_code_and_never_gets_in() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    let mut phone = Visitor::new(&house, "203.0.113.9");
    let link = drawn.link();
    let shown = press(&mut phone, &link).await;
    assert_eq!(shown.status, 200);
    assert!(shown.says("Whoever asks you for it wants to sign in as you"));
    let code = shown_code(&shown);
    assert!(is_spent(&phone.post("link", &[("token", &link)]).await), "the link is used");
    assert!(is_spent(&anna.get(&format!("link?token={link}")).await), "also where it was asked for");
    // Typed on the phone the code is worth nothing.
    assert!(is_spent(&phone.post("link", &[("code", &code)]).await));
    anna.get("link?return_to=/deep").await;
    let mut twin = anna.clone();
    let seen = anna.post("link", &[("code", &code), ("return_to", "/deep")]).await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"));
    assert!(is_spent(&twin.post("link", &[("code", &code)]).await), "a replay");
    anna.get(&seen.location).await;
    anna.post("enrol", &[("code", &anna.code())]).await;
    assert!(anna.is_signed_in() && !phone.is_signed_in());
}

#[tokio::test]
async fn the_code_of_another_device_has_five_tries_and_fifteen_minutes() {
    for (wrong, waited, goes_on) in [(4, 899, true), (5, 0, false), (0, 900, false)] {
        let (house, drawn) = open().await;
        let mut anna = house.visitor();
        ask(&mut anna, "anna").await;
        let code = shown_code(&press(&mut Visitor::new(&house, "203.0.113.9"), &drawn.link()).await);
        let other = if code == "000000" { "000001" } else { "000000" };
        for n in 0..wrong {
            anna.get("link").await;
            let seen = anna.post("link", &[("code", other)]).await;
            assert_eq!(seen.status, if n < 4 { 422 } else { 429 });
            assert_eq!(seen.says("one try left"), n == 3);
        }
        house.advance(Duration::from_secs(waited));
        anna.get("link").await;
        let seen = anna.post("link", &[("code", &code)]).await;
        assert_eq!(seen.page() == "enrol", goes_on, "{wrong} wrong after {waited}: {}", seen.html);
    }
}

#[tokio::test]
async fn a_code_typed_before_the_press_is_wrong_and_letters_cost_no_try() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    for _ in 0..9 {
        assert_eq!(anna.post("link", &[("code", "abc")]).await.status, 422);
    }
    assert_eq!(anna.post("link", &[("code", "123456")]).await.status, 422);
    assert_eq!(press(&mut anna, &drawn.link()).await.page(), "enrol");
}

#[tokio::test]
async fn a_newer_link_of_the_same_browser_replaces_the_older_and_no_other() {
    let (house, drawn) = open().await;
    let (mut anna, mut other) = (house.visitor(), house.visitor());
    ask(&mut other, "anna").await;
    let others = drawn.link();
    ask(&mut anna, "anna").await;
    let older = drawn.link();
    ask(&mut anna, "anna").await;
    assert!(is_spent(&anna.get(&format!("link?token={older}")).await));
    assert_eq!(press(&mut anna, &drawn.link()).await.page(), "enrol");
    assert_eq!(press(&mut other, &others).await.page(), "enrol");
}

#[tokio::test]
async fn a_form_of_another_browser_uses_nothing_up() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    let link = drawn.link();
    let seen = anna.post("link", &[("token", &link), ("csrf", "forged")]).await;
    assert_eq!((seen.status, seen.says("Confirm sign-in")), (403, true));
    assert_eq!(anna.post("link", &[("code", "123456"), ("csrf", "forged")]).await.status, 403);
    assert_eq!(press(&mut anna, &link).await.page(), "enrol");
}

#[tokio::test]
async fn asking_is_counted_per_name_and_network_and_told_alike() {
    let (house, _) = open().await;
    for name in ["anna", "nobody"] {
        let mut visitor = house.visitor();
        for _ in 0..5 {
            ask(&mut visitor, name).await;
        }
        visitor.get("login").await;
        let seen = visitor.post("login", &[("username", &name.to_uppercase()), ("method", "link")]).await;
        assert_eq!((seen.status, seen.retry.as_str()), (429, "900"));
        // Others in the same network go on.
        ask(&mut house.visitor(), "otto").await;
    }
    house.advance(Duration::from_secs(900));
    ask(&mut house.visitor(), "anna").await;
}

#[tokio::test]
async fn where_only_links_lead_in_no_password_is_checked() {
    let (house, _) = open().await;
    let mut fritz = house.visitor();
    let seen = fritz.get("login").await;
    assert!(!seen.says("type=\"password\"") && seen.says("Send me a sign-in link"));
    let seen = fritz.post("login", &[("username", "fritz"), ("password", PASSWORD)]).await;
    assert_eq!((seen.status, seen.page()), (303, "link"));
    assert!(!fritz.is_signed_in());
    let seen = fritz.post("login", &[("username", " "), ("method", "link")]).await;
    assert_eq!((seen.status, seen.says("Please enter your user name")), (422, true));
}

#[tokio::test]
async fn where_both_lead_in_the_button_decides() {
    let (house, _) = House::open_by(&[SignIn::Password, SignIn::Link]).await;
    let mut fritz = house.visitor();
    let seen = fritz.get("login").await;
    assert!(seen.says("type=\"password\"") && seen.says("Send me a sign-in link"));
    ask(&mut fritz, "fritz").await;
    assert_eq!(fritz.sign_in("fritz", PASSWORD, "/deep").await.location, "/deep");
}

#[tokio::test]
async fn where_links_are_off_there_are_none() {
    let (house, drawn) = open().await;
    let mut anna = house.visitor();
    ask(&mut anna, "anna").await;
    let mut closed = House::open().await;
    closed.services = house.services.clone();
    let mut again = closed.visitor();
    again.jar = anna.jar.clone();
    assert_eq!(again.get(&format!("link?token={}", drawn.link())).await.status, 404);
    again.get("login").await;
    assert_eq!(again.post("link", &[("token", &drawn.link())]).await.status, 404);
    let seen = again.post("login", &[("username", "anna"), ("method", "link")]).await;
    assert_eq!((seen.status, seen.says("Send me")), (422, false));
}
