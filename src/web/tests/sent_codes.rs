//! Codes by mail and text message, over carriers that are real: a program that takes mail, and a provider asked over HTTP.

mod carriers;
mod contact;
mod enrolment;

use std::time::Duration;

use self::carriers::SendingHouse;
use super::{House, PASSWORD, visitor::Visitor};
use crate::domain::{
    factor::Method,
    identity::{People, Person, UserId},
    standing::Second,
};

const BOTH: &str = "methods = [\"email\", \"sms\", \"totp\"]";

/// The page that asks for the code, right after the password.
async fn asked(visitor: &mut Visitor<'_>, name: &str) {
    let seen = visitor.sign_in(name, PASSWORD, "/deep").await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    visitor.get(&seen.location).await;
}

async fn send(visitor: &mut Visitor<'_>, method: &str) -> super::visitor::Seen {
    visitor.post("second-factor", &[("action", "send"), ("method", method), ("return_to", "/deep")]).await
}

async fn answer(visitor: &mut Visitor<'_>, method: &str, code: &str) -> super::visitor::Seen {
    visitor.post("second-factor", &[("code", code), ("method", method), ("return_to", "/deep")]).await
}

fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

fn passed(visitor: &Visitor<'_>) -> Option<Method> {
    match visitor.second()? {
        Second::Passed { method, .. } => Some(method),
        Second::Missing | Second::TrustedDevice(_) | Second::TrustedAddress(_) => None,
    }
}

#[tokio::test]
async fn a_mailed_code_signs_in_once() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    let seen = anna.get("second-factor?method=email&return_to=/deep").await;
    assert!(seen.says("We send a code of six digits to a…@e….com.") && !seen.says("name=\"code\""));
    assert!(!seen.says("anna@example.com"));
    assert_eq!(carriers.mails(), Vec::<String>::new(), "no GET sends anything");

    let sent = send(&mut anna, "email").await;
    assert_eq!((sent.status, sent.page()), (303, "second-factor"));
    let code = carriers.mailed_code();
    let seen = anna.get(&sent.location).await;
    assert!(seen.says("Sent to a…@e….com.") && seen.says("name=\"code\"") && seen.says("in 30 seconds"));
    assert!(!seen.says(&code));
    let seen = answer(&mut anna, "email", &code).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/deep"));
    assert_eq!(passed(&anna), Some(Method::Email));

    let mut again = house.visitor();
    asked(&mut again, "anna").await;
    let seen = answer(&mut again, "email", &code).await;
    assert!(seen.status == 422 && seen.says("This code no longer works") && !again.is_signed_in());
    send(&mut again, "email").await;
    let seen = answer(&mut again, "email", &code).await;
    assert!(seen.says("This code is not right") && !again.is_signed_in());
    assert!(!std::fs::read_to_string(carriers.folder.join("audit.log")).unwrap_or_default().contains(&code));
}

#[tokio::test]
async fn a_sent_code_earns_device_trust() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    let seen =
        anna.post("second-factor", &[("code", &code), ("method", "email"), ("trust_device", "1")]).await;
    assert_eq!(seen.status, 303);
    let seen = anna.sign_in("anna", PASSWORD, "/deep").await;
    assert_eq!(seen.location, "/deep", "the device is trusted");
}

#[tokio::test]
async fn a_code_works_for_ten_minutes_less_a_second() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    for (seconds, status) in [(599, 303), (600, 422)] {
        let mut anna = house.visitor();
        asked(&mut anna, "anna").await;
        send(&mut anna, "email").await;
        let code = carriers.mailed_code();
        house.advance(Duration::from_secs(seconds));
        assert_eq!(answer(&mut anna, "email", &code).await.status, status, "after {seconds} s");
    }
}

#[tokio::test]
async fn the_fifth_wrong_code_ends_the_sign_in_and_the_right_one_comes_too_late() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    for left in (1..5).rev() {
        let seen = answer(&mut anna, "email", &another(&code)).await;
        assert_eq!((seen.status, seen.says("name=\"code\"")), (422, true), "{left} left");
    }
    assert_eq!(answer(&mut anna, "email", &another(&code)).await.status, 429);
    answer(&mut anna, "email", &code).await;
    assert!(!anna.is_signed_in());
}

#[tokio::test]
async fn after_four_wrong_codes_the_right_one_still_works() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    for _ in 0..4 {
        answer(&mut anna, "email", &another(&code)).await;
    }
    assert_eq!(answer(&mut anna, "email", &code).await.status, 303);
}

#[tokio::test]
async fn of_ten_posts_of_one_code_one_signs_in() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    let all = anna.post_at_once(10, "second-factor", &[("code", &code), ("method", "email")]).await;
    assert_eq!(
        all.iter().filter(|seen| seen.cookies.iter().any(|c| c.starts_with("__Host-vestibule="))).count(),
        1
    );
    assert_eq!(house.sessions(), 1);
}

#[tokio::test]
async fn a_code_is_good_in_the_sign_in_that_asked_and_in_no_other() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let (mut anna, mut elsewhere, mut paul) = (house.visitor(), house.visitor(), house.visitor());
    asked(&mut anna, "anna").await;
    asked(&mut elsewhere, "anna").await;
    asked(&mut paul, "paul").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    send(&mut elsewhere, "email").await;
    let other = carriers.mailed_code();
    if code != other {
        assert_eq!(answer(&mut elsewhere, "email", &code).await.status, 422);
    }
    assert_eq!(answer(&mut paul, "email", &code).await.status, 422);
    assert_eq!(answer(&mut paul, "sms", &code).await.status, 422);
    // Nor does it answer for another way, where it was sent.
    assert_eq!(answer(&mut anna, "sms", &code).await.status, 422);
    assert!(!elsewhere.is_signed_in() && !paul.is_signed_in() && !anna.is_signed_in());
    assert_eq!(answer(&mut anna, "email", &code).await.status, 303);
}

#[tokio::test]
async fn another_code_is_sent_after_thirty_seconds_and_takes_the_place_of_the_first() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let first = carriers.mailed_code();
    house.advance(Duration::from_secs(29));
    let seen = send(&mut anna, "email").await;
    assert!(seen.status == 429 && seen.says("another one sent in one second"), "{}", seen.html);
    assert_eq!(carriers.mails().len(), 0);
    house.advance(Duration::from_secs(1));
    assert_eq!(send(&mut anna, "email").await.status, 303);
    let second = carriers.mailed_code();
    if first != second {
        assert!(answer(&mut anna, "email", &first).await.says("This code is not right"));
    }
    assert_eq!(answer(&mut anna, "email", &second).await.status, 303);
}

#[tokio::test]
async fn one_sign_in_has_five_codes_sent_and_no_more() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    for wait in [0, 30, 60, 120, 240] {
        house.advance(Duration::from_secs(wait));
        assert_eq!(send(&mut anna, "email").await.status, 303, "after {wait} s");
    }
    assert_eq!(carriers.mails().len(), 5);
    house.advance(Duration::from_secs(300));
    let seen = send(&mut anna, "email").await;
    assert!(seen.status == 429 && seen.says("No more codes can be sent in this sign-in"));
    assert_eq!(carriers.mails().len(), 0);
}

#[tokio::test]
async fn many_sign_ins_together_send_no_more_than_ten_mails_an_hour() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    for n in 0..11 {
        let mut anna = house.visitor();
        asked(&mut anna, "anna").await;
        let seen = send(&mut anna, "email").await;
        assert_eq!(seen.status, if n < 10 { 303 } else { 429 }, "{n}");
        assert_eq!(seen.says("Too many codes were sent"), n == 10);
    }
    assert_eq!(carriers.mails().len(), 10);
}

#[tokio::test]
async fn a_carrier_that_is_down_is_told_and_blocks_no_other_way() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut paul = house.visitor();
    asked(&mut paul, "paul").await;
    carriers.mail_is_down(true);
    // More often than a sign-in may have sent: what did not leave does not count, and there is no wait.
    for _ in 0..6 {
        let seen = send(&mut paul, "email").await;
        assert!(seen.status == 503 && seen.says("could not be sent just now"), "{}", seen.html);
        assert!(seen.says("second-factor?method=sms"));
    }
    assert_eq!(send(&mut paul, "sms").await.status, 303);
    let code = carriers.texted_code();
    assert_eq!(answer(&mut paul, "sms", &code).await.status, 303);
    assert_eq!(passed(&paul), Some(Method::Sms));
}

#[tokio::test]
async fn a_code_that_is_on_its_way_still_works_when_the_next_cannot_be_sent() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    carriers.mail_is_down(true);
    house.advance(Duration::from_secs(30));
    assert_eq!(send(&mut anna, "email").await.status, 503);
    assert_eq!(answer(&mut anna, "email", &code).await.status, 303);
}

#[tokio::test]
async fn a_text_message_ends_with_the_line_that_binds_it_to_the_host() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut paul = house.visitor();
    asked(&mut paul, "paul").await;
    let seen = paul.get("second-factor?method=sms&return_to=/deep").await;
    assert!(seen.says("…42") && !seen.says("1701234542"));
    send(&mut paul, "sms").await;
    let (to, text) = carriers.text();
    assert_eq!(to, "+491701234542");
    assert!(text.lines().last().unwrap().starts_with("@wiki.example.com #"), "{text}");
}

#[tokio::test]
async fn after_a_text_message_the_app_is_offered_once_one_lacks_it() {
    let SendingHouse { house, mut carriers } = SendingHouse::open(BOTH).await;
    let mut paul = house.visitor();
    asked(&mut paul, "paul").await;
    send(&mut paul, "sms").await;
    let code = carriers.texted_code();
    let seen = answer(&mut paul, "sms", &code).await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"));
    let seen = paul.get(&seen.location).await;
    assert!(seen.says("Set up the app now") && seen.says("href=\"/deep\""), "{}", seen.html);
    // Just after the code, the app's own is enough.
    paul.get("enrol?return_to=/deep").await;
    let seen = paul.post("enrol", &[("code", &paul.code())]).await;
    assert_eq!(seen.status, 200, "{}", seen.html);
    let seen = paul.get("enrol?offer=1&return_to=/deep").await;
    assert_eq!(seen.location, "/deep", "who has an app is offered none");
}

#[tokio::test]
async fn switched_on_a_second_factor_is_set_up_by_who_has_none_and_by_nobody_else() {
    let file = "requirement = \"optional\"\nmethods = [\"sms\", \"totp\"]\nask_missing = ";
    for (asks_missing, name, goes_to) in [
        ("false", "paul", "/.vestibule/account?done=second-factor-on"),
        ("true", "otto", "/.vestibule/contact?return_to="),
        ("false", "otto", "/.vestibule/enrol?return_to="),
    ] {
        let SendingHouse { house, .. } = SendingHouse::open(&format!("{file}{asks_missing}")).await;
        let mut visitor = house.visitor();
        assert_eq!(visitor.sign_in(name, PASSWORD, "/simple/").await.location, "/simple/");
        visitor.get("account").await;
        let seen = visitor.post("account", &[("action", "switch_second_factor"), ("id", "on")]).await;
        assert!(seen.location.starts_with(goes_to), "{name}: {}", seen.location);
        let seen = house.visitor().sign_in(name, PASSWORD, "/simple/").await;
        assert_ne!(seen.location, "/simple/", "{name} is asked from now on");
    }
}

#[tokio::test]
async fn what_is_asked_first_is_what_the_file_names_first_of_what_a_person_has() {
    for (methods, name, shown) in [
        ("methods = [\"email\", \"sms\"]", "paul", "by mail"),
        ("methods = [\"sms\", \"email\"]", "paul", "by text message"),
        ("methods = [\"sms\", \"email\"]", "anna", "by mail"),
    ] {
        let SendingHouse { house, .. } = SendingHouse::open(methods).await;
        let mut visitor = house.visitor();
        let seen = visitor.sign_in(name, PASSWORD, "/deep").await;
        let seen = visitor.get(&seen.location).await;
        let other = if shown == "by mail" { "code-email" } else { "code-sms" };
        let title = if shown == "by mail" {
            "Enter the code from your mail"
        } else {
            "Enter the code from your text message"
        };
        assert!(seen.says(&format!("<h1>{title}</h1>")), "{methods} {name} {other}");
    }
}

#[tokio::test]
async fn a_way_the_file_does_not_name_is_neither_offered_nor_taken() {
    let SendingHouse { house, mut carriers } = SendingHouse::open("methods = [\"email\"]").await;
    let mut paul = house.visitor();
    asked(&mut paul, "paul").await;
    let seen = paul.get("second-factor?method=sms&return_to=/deep").await;
    assert!(!seen.says("method=sms") && seen.says("Enter the code from your mail"));
    assert_eq!(send(&mut paul, "sms").await.status, 303);
    assert!(carriers.try_text().is_none());
    assert_eq!(answer(&mut paul, "sms", "123456").await.status, 422);
}

/// Reads the file again, in which Anna has this address.
fn give_address(house: &mut House, to: &str) {
    let settings = &mut std::sync::Arc::get_mut(&mut house.runtime).unwrap().settings;
    let anna = settings.people.get(&UserId::new("anna")).unwrap();
    settings.people = People::new([Person { email: Some(to.to_owned()), ..Person::clone(anna) }]);
}

#[tokio::test]
async fn a_code_that_went_to_an_address_of_before_is_worth_nothing() {
    for (methods, page, field) in [(BOTH, "second-factor", "code"), ("", "enrol", "sent_code")] {
        for (to, status) in [("anna@example.com", [303, 200]), ("anna@elsewhere.example", [422, 422])] {
            let SendingHouse { mut house, mut carriers } = SendingHouse::open(methods).await;
            let mut anna = house.visitor();
            let seen = anna.sign_in("anna", PASSWORD, "/deep").await;
            assert_eq!(seen.page(), page);
            anna.get(&seen.location).await;
            anna.post(page, &[("action", "send"), ("method", "email")]).await;
            let sent = carriers.mailed_code();
            let (jar, key) = (anna.jar, anna.key);
            give_address(&mut house, to);
            let mut anna = house.visitor();
            (anna.jar, anna.key) = (jar, key);
            anna.get(&format!("{page}?return_to=/deep")).await;
            let app = if page == "enrol" { anna.code() } else { String::new() };
            let mut fields = vec![(field, sent.as_str()), ("method", "email")];
            if page == "enrol" {
                fields.push(("code", &app));
            }
            let seen = anna.post(page, &fields).await;
            assert!(status.contains(&seen.status), "{page} {to}: {} {}", seen.status, seen.html);
            assert_eq!(anna.is_signed_in(), to == "anna@example.com", "{page} {to}");
        }
    }
}

#[tokio::test]
async fn who_gets_codes_by_mail_switches_them_off_after_a_fresh_one_only() {
    let SendingHouse { house, mut carriers } =
        SendingHouse::open("methods = [\"email\", \"totp\"]\nrequirement = \"optional\"").await;
    let mut anna = house.visitor();
    asked(&mut anna, "anna").await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    anna.post("second-factor", &[("code", &code), ("method", "email"), ("trust_device", "1")]).await;
    anna.get("account").await;
    anna.post("account", &[("action", "switch_second_factor"), ("id", "on")]).await;
    // The password and a device that is trusted: enough to come in, and not to change how.
    assert_eq!(anna.sign_in("anna", PASSWORD, "/deep").await.location, "/deep");
    anna.get("account").await;
    let off = [("action", "switch_second_factor"), ("id", "off")];
    let seen = anna.post("account", &off).await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    anna.get(&seen.location).await;
    send(&mut anna, "email").await;
    let code = carriers.mailed_code();
    let back = [("code", code.as_str()), ("method", "email"), ("return_to", "/.vestibule/account")];
    anna.post("second-factor", &back).await;
    anna.get("account").await;
    assert_eq!(anna.post("account", &off).await.location, "/.vestibule/account?done=second-factor-off");
}
