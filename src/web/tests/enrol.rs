//! Linking an app.

use std::time::Duration;

use super::{House, PASSWORD, visitor::Visitor};

/// Somebody whose password was right and who is asked to link an app.
async fn at_the_door<'a>(house: &'a House, name: &str) -> Visitor<'a> {
    let mut visitor = house.visitor();
    let seen = visitor.sign_in(name, PASSWORD, "/deep?x=1").await;
    assert_eq!(seen.page(), "enrol");
    visitor.get(&seen.location).await;
    visitor
}

#[tokio::test]
async fn a_first_code_links_the_app_shows_ten_recovery_codes_once_and_lets_in() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    let page = anna.get("/.vestibule/enrol?return_to=/deep?x=1").await;
    assert!(page.says("otpauth://totp/Wiki:Anna?secret=") && page.says("<svg class=\"qr\""));
    let seen = anna.post("enrol", &[("code", &anna.code()), ("label", "  My phone ")]).await;
    assert_eq!(seen.status, 200);
    assert!(anna.is_signed_in());
    assert_eq!(anna.recovery.len(), 10);
    assert!(seen.says("href=\"/deep?x=1\""), "{}", seen.html);

    let account = anna.get("account").await;
    assert!(account.says("My phone") && account.says("10"));
    assert!(!account.says(&anna.recovery[0]) && !account.says("otpauth"));
}

#[tokio::test]
async fn the_key_stays_the_same_until_a_new_one_is_wanted() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    let first = anna.key.clone();
    anna.get("enrol").await;
    assert_eq!(anna.key, first);
    let wrong = anna.wrong_code();
    assert_eq!(anna.post("enrol", &[("code", &wrong)]).await.status, 422);
    assert_eq!(anna.key, first);

    let old_code = anna.code();
    let seen = anna.post("enrol", &[("action", "restart")]).await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"));
    anna.get(&seen.location).await;
    assert_ne!(anna.key, first);
    assert_eq!(anna.post("enrol", &[("code", &old_code)]).await.status, 422);
    assert_eq!(anna.post("enrol", &[("code", &anna.code())]).await.status, 200);
}

#[tokio::test]
async fn the_page_says_until_when_the_key_is_good_and_how_long_that_is() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    let until = "Please finish before <time datetime=\"2027-01-15T08:15:00Z\">08:15 UTC</time>.";
    for (waited, left) in [(0, "15 minutes left."), (60, "14 minutes left."), (780, "One minute left.")] {
        house.advance(Duration::from_secs(waited));
        let page = anna.get("enrol").await;
        assert!(page.says(until) && page.says(left), "{left}: {}", page.html);
    }
    house.advance(Duration::from_secs(1));
    assert!(anna.get("enrol").await.says("Less than a minute left."));
}

#[tokio::test]
async fn an_app_is_linked_within_fifteen_minutes_of_the_password() {
    let house = House::open().await;
    for (waited, status) in [(15 * 60 - 1, 200), (15 * 60, 422)] {
        let name = if status == 200 { "Anna@example.com" } else { "otto" };
        let mut visitor = house.visitor();
        let seen = visitor.sign_in(name, PASSWORD, "/strict/x").await;
        visitor.get(&seen.location).await;
        house.advance(Duration::from_secs(waited));
        assert_eq!(visitor.post("enrol", &[("code", &visitor.code())]).await.status, status, "{waited}");
        assert_eq!(visitor.is_signed_in(), status == 200);
    }
}

#[tokio::test]
async fn five_wrong_first_codes_end_the_sign_in() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    for _ in 0..4 {
        assert_eq!(anna.post("enrol", &[("code", &anna.wrong_code())]).await.status, 422);
    }
    assert_eq!(anna.post("enrol", &[("code", &anna.wrong_code())]).await.status, 429);
    assert_eq!(anna.post("enrol", &[("code", &anna.code())]).await.status, 422);
    assert!(!anna.is_signed_in());
}

#[tokio::test]
async fn a_password_alone_adds_no_second_app_to_somebody_who_has_one() {
    let house = House::open().await;
    // A thief with the password waits at the enrolment while its owner links the first app.
    let mut thief = at_the_door(&house, "anna").await;
    let mut anna = at_the_door(&house, "anna").await;
    assert_eq!(anna.post("enrol", &[("code", &anna.code())]).await.status, 200);
    assert_eq!(thief.post("enrol", &[("code", &thief.code())]).await.status, 422);
    assert!(!thief.is_signed_in());

    // Nor does the enrolment open for a sign-in that waits for a code.
    let mut later = house.visitor();
    let seen = later.sign_in("anna", PASSWORD, "/").await;
    assert_eq!(seen.page(), "second-factor");
    later.get(&seen.location).await;
    assert_eq!(later.get("enrol").await.page(), "second-factor");
    let seen = later.post("enrol", &[("code", "123456"), ("action", "restart")]).await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    assert_eq!(later.post("second-factor", &[("code", &thief.code())]).await.status, 422);
}

#[tokio::test]
async fn a_code_page_cannot_stand_in_for_the_enrolment() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    assert_eq!(anna.get("second-factor").await.page(), "enrol");
    for method in ["totp", "recovery"] {
        let seen = anna.post("second-factor", &[("code", &anna.code()), ("method", method)]).await;
        assert_eq!((seen.status, seen.page()), (303, "enrol"));
    }
    assert!(!anna.is_signed_in());
    assert_eq!(anna.post("enrol", &[("code", &anna.code())]).await.status, 200);
}

#[tokio::test]
async fn the_page_with_the_codes_loaded_anew_leads_to_the_account() {
    let house = House::open().await;
    let mut anna = at_the_door(&house, "anna").await;
    let seen = anna.post("enrol", &[("code", &anna.code())]).await;
    assert_eq!(seen.status, 200);
    // The same form once more, as a browser sends it: its token is of a sign-in that is over.
    let seen = anna.post("enrol", &[("code", &anna.code())]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/.vestibule/account?done=method-added"));
}

#[tokio::test]
async fn another_app_asks_for_a_fresh_code_first_and_keeps_the_recovery_codes() {
    let house = House::open().await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    let first = anna.key.clone();
    house.advance(Duration::from_secs(15 * 60));
    let seen = anna.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    assert_eq!(seen.page(), "second-factor");
    anna.get(&seen.location).await;
    let seen = anna.post("second-factor", &[("code", &anna.code())]).await;
    assert_eq!(seen.page(), "enrol");
    anna.get(&seen.location).await;
    assert_ne!(anna.key, first);
    let seen = anna.post("enrol", &[("code", &anna.code())]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/.vestibule/account?done=method-added"));
    let account = anna.get(&seen.location).await;
    assert!(account.says("The authenticator app was added"));
    assert_eq!(account.ids("remove_method").len(), 2);

    // Either app signs in.
    anna.key = first;
    assert_eq!(anna.clone().get("account").await.status, 200);
    assert_eq!(house.visitor().clone().get("account").await.page(), "login");
    let mut elsewhere = house.visitor();
    elsewhere.key = anna.key.clone();
    assert_eq!(elsewhere.sign_in_with_code("anna", &[]).await.status, 303);
}

#[tokio::test]
async fn a_session_left_open_links_no_app_without_the_password() {
    let house = House::open().await;
    let mut otto = house.visitor();
    otto.sign_in("otto", PASSWORD, "/").await;
    house.advance(Duration::from_secs(15 * 60 - 1));
    assert_eq!(otto.get("enrol").await.status, 200);
    house.advance(Duration::from_secs(1));
    otto.jar.remove("__Host-vestibule-login");
    let seen = otto.get("/.vestibule/enrol?return_to=/.vestibule/account").await;
    // Back to the wizard afterwards, and from there to the account page.
    let wizard = "%2F.vestibule%2Fenrol%3Freturn_to%3D%252F.vestibule%252Faccount";
    assert_eq!(seen.location, format!("/.vestibule/login?return_to={wizard}&again=1"));
    assert_eq!(otto.get(&seen.location).await.status, 200);
}

#[tokio::test]
async fn linking_an_app_ends_other_sessions() {
    let house = House::open().await;
    let (mut here, mut there) = (house.visitor(), house.visitor());
    here.sign_in("otto", PASSWORD, "/").await;
    there.sign_in("otto", PASSWORD, "/").await;
    here.get("enrol").await;
    assert_eq!(here.post("enrol", &[("code", &here.code())]).await.status, 200);
    assert!(here.is_signed_in() && !there.is_signed_in());
}
