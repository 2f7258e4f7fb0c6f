//! Accounts at identity providers, and visits there under way.

use crate::{
    domain::{
        facts::ReturnTo,
        provider::{Departure, Identity, Purpose},
    },
    store::{
        Linked, SharedStore,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_departure_comes_back_as_it_was_written,
    of_ten_answers_to_one_departure_at_once_one_takes_it,
    an_account_belongs_to_the_first_who_links_it,
    of_ten_people_who_link_one_account_at_once_one_gets_it,
    accounts_come_back_oldest_first_with_their_last_use,
    only_its_owner_unlinks_an_account,
    a_sweep_removes_departures_that_are_over,
];

pub(super) fn departure(number: u64, purpose: Purpose) -> Departure {
    Departure {
        hash: hash(number),
        browser: hash(number + 1000),
        provider: "acme".to_owned(),
        portal: "wiki".to_owned(),
        return_to: ReturnTo::read("/reports?month=2026-11"),
        ends_at: later(600),
        purpose,
    }
}

pub(super) fn identity(person: &str, number: u64, subject: &str) -> Identity {
    Identity {
        id: id(&format!("identity-{number}")),
        person: user(person),
        issuer: "https://acme.example".to_owned(),
        subject: subject.to_owned(),
        label: "ann@acme.example".to_owned(),
        linked_at: later(number),
        last_used: None,
    }
}

async fn a_departure_comes_back_as_it_was_written(store: &SharedStore) {
    let link = Purpose::Link { person: user("ann"), session: id("session-1") };
    for (number, purpose) in [(1, Purpose::SignIn), (2, link)] {
        let begun = departure(number, purpose);
        store.begin_departure(&begun).await.unwrap();
        assert_eq!(store.take_departure(&hash(number)).await.unwrap(), Some(begun));
        assert_eq!(store.take_departure(&hash(number)).await.unwrap(), None, "it is good for one answer");
    }
    assert_eq!(store.take_departure(&hash(3)).await.unwrap(), None);
}

async fn of_ten_answers_to_one_departure_at_once_one_takes_it(store: &SharedStore) {
    store.begin_departure(&departure(1, Purpose::SignIn)).await.unwrap();
    let take = |store: SharedStore| async move { store.take_departure(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn an_account_belongs_to_the_first_who_links_it(store: &SharedStore) {
    let first = identity("ann", 1, "subject");
    assert_eq!(store.link_identity(&first).await.unwrap(), Linked::Now);
    assert_eq!(store.link_identity(&identity("ann", 2, "subject")).await.unwrap(), Linked::Already);
    assert_eq!(store.link_identity(&identity("bob", 3, "subject")).await.unwrap(), Linked::OfAnother);
    assert_eq!(store.find_identity(&first.issuer, "subject").await.unwrap(), Some(first.clone()));
    assert_eq!(store.identities(&user("bob")).await.unwrap(), []);
    // The same subject at another issuer, or in another spelling, is somebody else.
    let elsewhere = Identity { issuer: "https://other.example".to_owned(), ..identity("bob", 4, "subject") };
    assert_eq!(store.link_identity(&elsewhere).await.unwrap(), Linked::Now);
    assert_eq!(store.find_identity(&first.issuer, "Subject").await.unwrap(), None);
}

async fn of_ten_people_who_link_one_account_at_once_one_gets_it(store: &SharedStore) {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let link = |store: SharedStore| async move {
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        store.link_identity(&identity(&format!("person-{number}"), number, "subject")).await.unwrap()
    };
    assert_eq!(ten_at_once(store, link, |linked| *linked == Linked::Now).await, 1);
}

async fn accounts_come_back_oldest_first_with_their_last_use(store: &SharedStore) {
    for (number, subject) in [(2, "second"), (1, "first")] {
        store.link_identity(&identity("ann", number, subject)).await.unwrap();
    }
    store.note_identity_used(&id("identity-1"), later(90)).await.unwrap();
    let first = Identity { last_used: Some(later(90)), ..identity("ann", 1, "first") };
    assert_eq!(store.identities(&user("ann")).await.unwrap(), [first, identity("ann", 2, "second")]);
}

async fn only_its_owner_unlinks_an_account(store: &SharedStore) {
    store.link_identity(&identity("ann", 1, "subject")).await.unwrap();
    assert!(!store.unlink_identity(&user("bob"), &id("identity-1")).await.unwrap());
    assert!(store.unlink_identity(&user("ann"), &id("identity-1")).await.unwrap());
    assert!(!store.unlink_identity(&user("ann"), &id("identity-1")).await.unwrap());
    assert_eq!(store.link_identity(&identity("bob", 2, "subject")).await.unwrap(), Linked::Now);
}

async fn a_sweep_removes_departures_that_are_over(store: &SharedStore) {
    store.begin_departure(&departure(1, Purpose::SignIn)).await.unwrap();
    store.sweep(later(599), std::time::Duration::from_secs(86_400)).await.unwrap();
    assert!(store.take_departure(&hash(1)).await.unwrap().is_some());
    store.begin_departure(&departure(1, Purpose::SignIn)).await.unwrap();
    let swept = store.sweep(later(600), std::time::Duration::from_secs(86_400)).await.unwrap();
    assert_eq!(swept.logins, 1);
    assert!(store.take_departure(&hash(1)).await.unwrap().is_none());
}
