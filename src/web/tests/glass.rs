//! A break-glass code: what it opens, what it does not, and who is told.

use std::time::Duration;

use super::{House, PASSWORD, visitor::Visitor};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        identity::{Requirement, UserId},
        time::Clock as _,
    },
    runtime::control::{
        Administration, By,
        words::{Answer, Request},
    },
};

async fn ask(house: &House, user: &str, by: &By) -> Answer {
    let request = Request::UserBreakGlass { user: user.to_owned(), reason: "lost at sea".to_owned() };
    Administration::new(house.services.clone()).carry_out(&house.runtime, request, by).await
}

async fn code(house: &House, user: &str) -> String {
    match ask(house, user, &By::User(0)).await {
        Answer::BreakGlass(made) => {
            assert!(!format!("{made:?}").contains(&made.code.0), "it is never logged");
            made.code.0
        }
        other => panic!("{other:?}"),
    }
}

async fn told(house: &House, user: &str, kind: AuditKind) -> Vec<AuditOutcome> {
    let all = house.services.store.journal().history(&UserId::new(user), 1000).await.unwrap();
    all.into_iter().filter(|event| event.kind == kind).map(|event| event.outcome).collect()
}

/// Jan linked an app, which is lost.
async fn open() -> House {
    let house = House::open_with_jan(Requirement::Required).await;
    house.visitor().enrol("jan").await;
    house
}

async fn type_it(visitor: &mut Visitor<'_>, code: &str) -> super::visitor::Seen {
    visitor.post("second-factor", &[("code", code), ("method", "recovery"), ("trust_device", "1")]).await
}

#[tokio::test]
async fn a_code_opens_the_linking_of_another_app_once_and_nothing_else() {
    let house = open().await;
    let code = code(&house, "jan").await;
    let mut jan = house.visitor();
    let seen = jan.sign_in("jan", PASSWORD, "/reports").await;
    assert_eq!(seen.page(), "second-factor");
    jan.get(&seen.location).await;
    let seen = type_it(&mut jan, &code.to_lowercase().replace('-', " ")).await;
    assert_eq!((seen.status, seen.page()), (303, "enrol"));
    assert!(!jan.is_signed_in(), "a code lets nobody in");
    let page = jan.get(&seen.location).await;
    assert!(!page.says("name=\"trust_device\""), "it earns no trust: {}", page.html);
    // Neither does going back and asking for the page behind it.
    assert_eq!(jan.get("second-factor").await.page(), "enrol");
    let seen = jan.post("enrol", &[("code", &jan.wrong_code())]).await;
    assert_eq!(seen.status, 422);
    let seen = jan.post("enrol", &[("code", &jan.code()), ("trust_device", "1")]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/reports"));
    assert!(jan.is_signed_in());
    assert!(
        house.services.store.devices(Some(&UserId::new("jan")), house.clock.now()).await.unwrap().is_empty()
    );
    assert_eq!(house.services.store.account(&UserId::new("jan")).await.unwrap().totp.len(), 2);

    // The code is used up, whoever has it.
    let mut again = house.visitor();
    let seen = again.sign_in("jan", PASSWORD, "/").await;
    again.get(&seen.location).await;
    assert_eq!(type_it(&mut again, &code).await.status, 422);
    assert_eq!(told(&house, "jan", AuditKind::BreakGlassMade).await, [AuditOutcome::Success]);
    assert_eq!(told(&house, "jan", AuditKind::BreakGlassUsed).await, [AuditOutcome::Success]);
}

#[tokio::test]
async fn a_code_is_over_after_ten_minutes_after_another_one_and_after_another_password() {
    for (wait, is_good) in [(599, true), (600, false)] {
        let house = open().await;
        let code = code(&house, "jan").await;
        house.advance(Duration::from_secs(wait));
        assert_eq!(enters(&house, "jan", &code).await, is_good, "after {wait} s");
    }
    let house = open().await;
    let (first, second) = (code(&house, "jan").await, code(&house, "jan").await);
    assert!(!enters(&house, "jan", &first).await);
    assert!(enters(&house, "jan", &second).await);

    let third = code(&house, "jan").await;
    let jan = UserId::new("jan");
    let same = house.services.store.resident(&jan).unwrap().password.clone();
    house.services.store.change_resident(&jan, None, |kept| kept.password = None).await.unwrap();
    house.services.store.change_resident(&jan, None, |kept| kept.password = same).await.unwrap();
    assert!(!enters(&house, "jan", &third).await, "all of a person's ends with their password");
}

/// Whether a code leads anywhere after the password of `user`.
async fn enters(house: &House, user: &str, code: &str) -> bool {
    let mut visitor = house.visitor();
    let seen = visitor.sign_in(user, PASSWORD, "/").await;
    visitor.get(&seen.location).await;
    type_it(&mut visitor, code).await.page() == "enrol"
}

#[tokio::test]
async fn a_code_is_one_persons_and_wrong_ones_are_counted_and_recorded() {
    let house = open().await;
    house.visitor().enrol("anna").await;
    let of_jan = code(&house, "jan").await;
    code(&house, "anna").await;
    let mut anna = house.visitor();
    let seen = anna.sign_in("anna", PASSWORD, "/").await;
    anna.get(&seen.location).await;
    assert_eq!(type_it(&mut anna, &of_jan).await.status, 422);
    assert_eq!(told(&house, "anna", AuditKind::BreakGlassUsed).await, [AuditOutcome::Failure]);
    for _ in 0..4 {
        type_it(&mut anna, "ABCDE-FGHJ-KLMNP").await;
    }
    // Five in one sign-in, ten in a quarter of an hour: the gate of every other code.
    let mut again = house.visitor();
    let seen = again.sign_in("anna", PASSWORD, "/").await;
    again.get(&seen.location).await;
    for _ in 0..5 {
        type_it(&mut again, "ABCDE-FGHJ-KLMNP").await;
    }
    let late = code(&house, "anna").await;
    assert!(!enters(&house, "anna", &late).await, "not even looked at");
    assert!(enters(&house, "jan", &of_jan).await, "somebody else's tries are theirs");
}

#[tokio::test]
async fn whoever_has_no_way_but_a_code_is_asked_for_it_and_others_are_not() {
    let house = House::open_with_jan(Requirement::Required).await;
    // Nothing is linked: ordinarily the first sign-in links an app.
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.page(), "enrol");
    let code = code(&house, "jan").await;
    assert!(enters(&house, "jan", &code).await);
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.page(), "enrol");
}

#[tokio::test]
async fn a_code_is_made_on_the_machine_alone_and_for_nobody_who_is_barred() {
    let house = open().await;
    let role = crate::domain::role::Role::Security;
    let page = By::Administrator { id: UserId::new("anna"), role };
    assert!(matches!(ask(&house, "jan", &page).await, Answer::Refused(_)));
    assert!(matches!(ask(&house, "nobody", &By::User(0)).await, Answer::Refused(_)));
    let by = Some(crate::domain::role::Authority::Security);
    house
        .services
        .store
        .change_resident(&UserId::new("jan"), None, move |kept| kept.disabled = by)
        .await
        .unwrap();
    assert!(matches!(ask(&house, "jan", &By::User(0)).await, Answer::Refused(_)));
    assert!(told(&house, "jan", AuditKind::BreakGlassMade).await.is_empty());
}
