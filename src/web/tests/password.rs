//! Changing one's own password: who may, what it takes, and what ends with it.

use std::time::Duration;

use super::{House, PASSWORD, visitor::Visitor};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        identity::{Requirement, UserId},
    },
    web::tests::visitor::Seen,
};

const NEW: &str = "vier nasse Pferde";
const MINUTES_15: Duration = Duration::from_secs(15 * 60);

async fn change(visitor: &mut Visitor<'_>, old: &str, new: &str) -> Seen {
    visitor.post("password", &[("old_password", old), ("new_password", new)]).await
}

async fn told(house: &House, kind: AuditKind) -> Vec<AuditEvent> {
    let all = house.services.store.journal().history(&UserId::new("jan"), 1000).await.unwrap();
    all.into_iter().filter(|event| event.kind == kind).collect()
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_everything_but_this_session() {
    let house = House::open_with_jan(Requirement::Off).await;
    let (mut here, mut there) = (house.visitor(), Visitor::new(&house, "203.0.113.9"));
    here.sign_in("jan", PASSWORD, "/").await;
    there.sign_in("jan", PASSWORD, "/").await;
    let page = here.get("account").await;
    assert!(page.says("href=\"/.vestibule/password\"") && !page.says("Last changed"), "{}", page.html);
    let page = here.get("password").await;
    assert!(page.says("autocomplete=\"new-password\"") && page.says("At least 15 characters"));
    assert!(page.says("value=\"jan\" autocomplete=\"username\""));
    let seen = change(&mut here, PASSWORD, NEW).await;
    assert_eq!(seen.location, "/.vestibule/account?done=password-changed");
    assert!(here.is_signed_in() && !there.is_signed_in());
    let page = here.get(&seen.location).await;
    assert!(page.says("Your password was changed.") && page.says("Last changed"), "{}", page.html);
    assert_eq!(told(&house, AuditKind::PasswordChanged).await.len(), 1);
    // The old one opens nothing any more, the new one does, in whatever form a keyboard sends it.
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.status, 422);
    assert_eq!(house.visitor().sign_in("jan", NEW, "/").await.location, "/");
    // And once more, in the session that went on.
    here.get("password").await;
    assert_eq!(change(&mut here, NEW, "fünf trockene Esel").await.status, 303);
    assert!(here.is_signed_in());
    assert_eq!(house.visitor().sign_in("jan", "fu\u{308}nf trockene Esel", "/").await.location, "/");
}

#[tokio::test]
async fn a_wrong_old_password_changes_nothing_and_counts_as_at_the_sign_in() {
    let house = House::open_with_jan(Requirement::Off).await;
    let mut jan = house.visitor();
    jan.sign_in("jan", PASSWORD, "/").await;
    jan.get("password").await;
    for nth in 0..10 {
        let seen = change(&mut jan, "wrong horse", NEW).await;
        assert_eq!(seen.status, 422, "{nth}");
        assert!(seen.says("The present password is not right"));
    }
    // Not even the right one is looked at now, here or at the sign-in.
    let seen = change(&mut jan, PASSWORD, NEW).await;
    assert_eq!((seen.status, seen.retry.as_str()), (429, "900"));
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.status, 429);
    let failed = told(&house, AuditKind::Password).await;
    assert_eq!(failed.iter().filter(|event| event.outcome == AuditOutcome::Failure).count(), 10);
    assert!(told(&house, AuditKind::PasswordChanged).await.is_empty());
    house.advance(MINUTES_15);
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.location, "/");
    jan.get("password").await;
    assert_eq!(change(&mut jan, PASSWORD, NEW).await.status, 303);
}

#[tokio::test]
async fn a_refused_new_password_says_why_and_costs_no_try() {
    let house = House::open_with_jan(Requirement::Off).await;
    let mut jan = house.visitor();
    jan.sign_in("jan", PASSWORD, "/").await;
    jan.get("password").await;
    for (new, words) in [
        ("vier nasse Esel", None),
        ("vier nasse Ese", Some("Use at least 15 characters")),
        (&"xq ".repeat(20), Some("repeats itself")),
        ("Passwort2026 Passwort2026", Some("among the first")),
        ("Jan Bakker 1234567", Some("made of your name")),
        ("jan@example.com Wiki", Some("made of your name")),
    ] {
        for _ in 0..3 {
            let seen = change(&mut jan, "wrong", new).await;
            assert!(seen.says(words.unwrap_or("present password is not right")), "{new}: {}", seen.html);
            if words.is_none() {
                break;
            }
        }
    }
    let long = "nasse Pferde am Deich ".repeat(12);
    assert!(change(&mut jan, "wrong", &long).await.says("Use at most 256 characters"));
    assert_eq!(change(&mut jan, PASSWORD, NEW).await.status, 303);
}

#[tokio::test]
async fn the_present_password_is_no_new_one_and_that_is_said_to_who_knows_it() {
    let house = House::open_with_jan(Requirement::Off).await;
    let (mut jan, mut there) = (house.visitor(), house.visitor());
    jan.sign_in("jan", PASSWORD, "/").await;
    jan.get("password").await;
    assert_eq!(change(&mut jan, PASSWORD, "fünf nasse Pferde").await.status, 303);
    there.sign_in("jan", "fünf nasse Pferde", "/").await;
    jan.get("password").await;
    for same in ["fünf nasse Pferde", "fu\u{308}nf nasse Pferde"] {
        let seen = change(&mut jan, "fünf nasse Pferde", same).await;
        assert_eq!(seen.status, 422);
        assert!(seen.says("The new password is the present one. Choose another."), "{}", seen.html);
    }
    assert!(change(&mut jan, "wrong", "fünf nasse Pferde").await.says("present password is not right"));
    assert!(there.is_signed_in(), "nothing has ended");
    assert_eq!(told(&house, AuditKind::PasswordChanged).await.len(), 1);
}

#[tokio::test]
async fn where_a_second_factor_is_required_a_fresh_code_comes_first_and_eight_characters_do() {
    let house = House::open_with_jan(Requirement::Required).await;
    let mut jan = house.visitor();
    jan.enrol("jan").await;
    jan.sign_in_with_code("jan", &["trust_device"]).await;
    assert!(jan.get("password").await.says("At least 8 characters"));
    house.advance(MINUTES_15);
    assert_eq!(change(&mut jan, PASSWORD, "kx7 rwqf").await.page(), "second-factor");
    let seen = jan.get("password").await;
    assert_eq!(seen.location, "/.vestibule/second-factor?return_to=%2F.vestibule%2Fpassword");
    jan.get(&seen.location).await;
    let seen = jan.post("second-factor", &[("code", &jan.code()), ("method", "totp")]).await;
    assert_eq!(seen.page(), "password");
    jan.get(&seen.location).await;
    assert!(change(&mut jan, PASSWORD, "kx7 rwq").await.says("Use at least 8 characters"));
    assert_eq!(change(&mut jan, PASSWORD, "kx7 rwqf").await.status, 303);
    // The trust in this device went with the password; the app stays.
    assert!(!jan.jar.contains_key("__Host-vestibule-device") && jan.is_signed_in());
    assert!(
        house
            .services
            .store
            .devices(Some(&UserId::new("jan")), house.services.clock.now())
            .await
            .unwrap()
            .is_empty()
    );
    jan.leave().await;
    jan.next_step();
    assert_eq!(jan.sign_in("jan", "kx7 rwqf", "/").await.page(), "second-factor");
}

#[tokio::test]
async fn every_form_needs_this_browsers_token_and_strangers_sign_in_first() {
    let house = House::open_with_jan(Requirement::Off).await;
    let mut stranger = house.visitor();
    let seen = stranger.get("password").await;
    assert_eq!(seen.location, "/.vestibule/login?return_to=%2F.vestibule%2Fpassword");
    assert_eq!(change(&mut stranger, PASSWORD, NEW).await.page(), "login");
    let mut jan = house.visitor();
    jan.sign_in("jan", PASSWORD, "/").await;
    let fields = [("old_password", PASSWORD), ("new_password", NEW), ("csrf", "")];
    assert_eq!(jan.post("password", &fields).await.status, 403);
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.location, "/");
}

#[tokio::test]
async fn who_is_of_a_file_or_has_none_is_told_who_keeps_the_password() {
    let house = House::open_with_jan(Requirement::Off).await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    let page = fritz.get("password").await;
    assert!(page.says("kept by those who run Wiki") && !page.says("new_password"), "{}", page.html);
    assert!(!change(&mut fritz, PASSWORD, NEW).await.says("new_password"));
    assert_eq!(house.visitor().sign_in("fritz", PASSWORD, "/").await.location, "/");
    assert!(fritz.get("account").await.says("Kept by those who run this site."));
}

#[tokio::test]
async fn of_several_changes_at_once_one_counts() {
    let house = House::open_with_jan(Requirement::Off).await;
    let mut jan = house.visitor();
    jan.sign_in("jan", PASSWORD, "/").await;
    jan.get("password").await;
    let fields = [("old_password", PASSWORD), ("new_password", NEW)];
    let seen = jan.post_at_once(5, "password", &fields).await;
    assert_eq!(seen.iter().filter(|seen| seen.status == 303).count(), 1, "{seen:?}");
    assert_eq!(told(&house, AuditKind::PasswordChanged).await.len(), 1);
}
