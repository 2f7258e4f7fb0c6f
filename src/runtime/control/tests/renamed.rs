//! Another name for somebody: who may get which, what is recorded, and that a role is not lost by it.

use super::deeds::{CHIEF, Office, disabled, new};
use crate::{
    domain::{
        audit::AuditKind,
        identity::{PasswordHash, UserId},
        role::Role,
    },
    runtime::control::words::{Answer, RefusalKind, Request},
    store::EventQuery,
};

fn rename(user: &str, name: &str) -> Request {
    Request::UserRename { user: user.to_owned(), name: name.to_owned() }
}

#[tokio::test]
async fn a_name_is_changed_and_told_under_both_names() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("Jan", &["drivers"]))).await;
    let hash = PasswordHash::new("$argon2id$one".to_owned());
    let (jan, hendrik) = (UserId::new("jan"), UserId::new("hendrik"));
    let store = &office.services.store;
    store.change_resident(&jan, None, move |jan| jan.password = Some(hash)).await.unwrap();
    let before = store.resident(&jan).unwrap();
    // By address as well as by name, and folded once.
    let change = office.done(rename("jan@example.com", "Hendrik")).await;
    assert_eq!(
        change.message,
        "renamed: Jan is now Hendrik; 0 sessions and 0 trusts ended, and recovery codes with them"
    );
    assert!(store.resident(&jan).is_none() && store.resident_with_email("jan@example.com").is_some());
    let after = store.resident(&hendrik).unwrap();
    assert_eq!((after.id.as_str(), after.name.as_str()), ("hendrik", "Hendrik"));
    assert_eq!(
        (&after.password, &after.groups, &after.email, after.created_at),
        (&before.password, &before.groups, &before.email, before.created_at)
    );
    assert_ne!(after.credential(), before.credential());
    assert_eq!(office.group("drivers").await.people, 1);
    for id in [&jan, &hendrik] {
        let query = EventQuery {
            people: Some(vec![(id.clone(), before.created_at)]),
            kind: Some(AuditKind::PersonRenamed),
            limit: 9,
            ..EventQuery::default()
        };
        let events = store.journal().search_events(&query).await.unwrap();
        let told: Vec<_> = events.iter().map(|(_, event)| event.detail.as_deref().unwrap()).collect();
        assert_eq!(told, ["Jan is now Hendrik; by chief as security"], "{id}");
    }
    // Only spelled otherwise: one person, told once.
    office.done(rename("hendrik", "HENDRIK")).await;
    assert_eq!(store.resident(&hendrik).unwrap().name, "HENDRIK");
    assert_eq!(store.count_residents(), 2);
}

#[tokio::test]
async fn a_name_that_nobody_new_could_have_nobody_gets() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &[]))).await;
    for (name, kind) in [
        ("chief", RefusalKind::Taken),
        ("CHIEF", RefusalKind::Taken),
        ("chief@example.com", RefusalKind::Taken),
        // Of the file, by name and by address.
        ("anna", RefusalKind::Taken),
        ("Anna@example.com", RefusalKind::Taken),
        ("jan", RefusalKind::Taken),
        ("", RefusalKind::Invalid),
        (" jan2", RefusalKind::Invalid),
        ("ja\u{202e}n", RefusalKind::Invalid),
        (&"x".repeat(129), RefusalKind::Invalid),
    ] {
        assert_eq!(office.refused(rename("jan", name)).await.kind, kind, "{name:?}");
    }
    assert_eq!(office.refused(rename("anna", "x")).await.kind, RefusalKind::ReadOnly);
    assert_eq!(office.refused(rename("nobody", "x")).await.kind, RefusalKind::NotFound);
    assert_eq!(office.services.store.count_residents(), 2);
    office.done(rename("jan", &"x".repeat(128))).await;
}

#[tokio::test]
async fn the_last_administrator_keeps_the_name_that_makes_them_one() {
    let office = Office::open().await;
    assert_eq!(office.refused(rename(CHIEF, "boss")).await.kind, RefusalKind::LastAdministrator);
    office.done(rename(CHIEF, "CHIEF")).await;
    // Who is one by a group stays one.
    office.done(Request::UserAdd(new("guard", &["guards"]))).await;
    office.done(rename("guard", "watch")).await;
    office.done(rename(CHIEF, "boss")).await;
    assert_eq!(
        office.refused(Request::UserSet { user: "watch".to_owned(), change: disabled() }).await.kind,
        RefusalKind::LastAdministrator,
        "the boss is none any more"
    );
    // Two at one moment: one after the other.
    let office = Office::open().await;
    office.done(Request::UserAdd(new("guard", &["guards"]))).await;
    let bar = Request::UserSet { user: "guard".to_owned(), change: disabled() };
    let (one, other) = tokio::join!(office.ask(rename(CHIEF, "boss")), office.ask(bar));
    let is_kept = |answer: &Answer| matches!(answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::LastAdministrator);
    assert_eq!([&one, &other].iter().filter(|answer| is_kept(answer)).count(), 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn a_name_that_security_barred_is_freed_by_security_alone() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &[]))).await;
    office.done(Request::UserSet { user: "jan".to_owned(), change: disabled() }).await;
    let answer = office.ask_as(Role::Tenant, rename("jan", "piet")).await;
    assert!(
        matches!(&answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::Tightened),
        "{answer:?}"
    );
    office.done(rename("jan", "piet")).await;
    assert!(office.services.store.resident(&UserId::new("piet")).unwrap().is_disabled());
}
