//! Approvals that sign-ins ask of authenticator pages.

use crate::{
    domain::{
        approval::{Approval, Decision, MatchNumber, Page},
        factor::{PageKey, PageSigner},
        time::days,
    },
    store::{
        Leaving, Linking, SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    an_approval_comes_back_as_it_was_asked_and_a_newer_one_takes_its_place,
    of_ten_decisions_at_once_one_counts,
    a_decision_counts_within_two_minutes,
    only_a_decided_approval_is_taken_and_only_by_its_own_sign_in,
    of_ten_collections_at_once_one_has_it,
    a_page_is_found_by_its_app_until_that_is_removed,
    approvals_are_swept_when_over,
];

/// Asked at [`START`] by the sign-in with hash `number`.
pub(super) fn approval(person: &str, number: u64) -> Approval {
    Approval {
        id: id(&format!("approval-{number}")),
        login: hash(number),
        person: user(person),
        portal: "wiki".to_owned(),
        number: MatchNumber::from_u8(42).unwrap(),
        asked_at: START,
        address: "192.0.2.7".parse().unwrap(),
        agent: "Firefox on Debian".to_owned(),
        decision: None,
    }
}

async fn an_approval_comes_back_as_it_was_asked_and_a_newer_one_takes_its_place(store: &SharedStore) {
    let ann = user("ann");
    assert_eq!(store.recall_approval(&ann).await.unwrap(), None);
    store.ask_approval(&approval("ann", 1)).await.unwrap();
    store.ask_approval(&approval("bob", 2)).await.unwrap();
    assert_eq!(store.recall_approval(&ann).await.unwrap(), Some(approval("ann", 1)));
    store.ask_approval(&approval("ann", 3)).await.unwrap();
    assert_eq!(store.recall_approval(&ann).await.unwrap(), Some(approval("ann", 3)));
    assert!(!store.decide_approval(&id("approval-1"), Decision::Approved, START).await.unwrap());
    assert_eq!(store.recall_approval(&user("bob")).await.unwrap(), Some(approval("bob", 2)));
}

async fn of_ten_decisions_at_once_one_counts(store: &SharedStore) {
    store.ask_approval(&approval("ann", 1)).await.unwrap();
    let decide = |store: SharedStore| async move {
        store.decide_approval(&id("approval-1"), Decision::Refused, START).await.unwrap()
    };
    assert_eq!(ten_at_once(store, decide, |counted| *counted).await, 1);
    assert!(!store.decide_approval(&id("approval-1"), Decision::Approved, START).await.unwrap());
    let kept = store.recall_approval(&user("ann")).await.unwrap().unwrap();
    assert_eq!(kept.decision, Some(Decision::Refused));
}

async fn a_decision_counts_within_two_minutes(store: &SharedStore) {
    for (after, counts) in [(120, false), (119, true)] {
        store.ask_approval(&approval("ann", 1)).await.unwrap();
        let decided = store.decide_approval(&id("approval-1"), Decision::Approved, later(after)).await;
        assert_eq!(decided.unwrap(), counts, "{after}");
    }
}

async fn only_a_decided_approval_is_taken_and_only_by_its_own_sign_in(store: &SharedStore) {
    for decision in [Decision::Approved, Decision::WrongNumber, Decision::Refused] {
        store.ask_approval(&approval("ann", 1)).await.unwrap();
        assert_eq!(store.take_decided(&hash(1)).await.unwrap(), None);
        assert!(store.decide_approval(&id("approval-1"), decision, START).await.unwrap());
        assert_eq!(store.take_decided(&hash(2)).await.unwrap(), None);
        let taken = Approval { decision: Some(decision), ..approval("ann", 1) };
        assert_eq!(store.take_decided(&hash(1)).await.unwrap(), Some(taken));
        assert_eq!(store.recall_approval(&user("ann")).await.unwrap(), None);
    }
}

async fn of_ten_collections_at_once_one_has_it(store: &SharedStore) {
    store.ask_approval(&approval("ann", 1)).await.unwrap();
    store.decide_approval(&id("approval-1"), Decision::Approved, START).await.unwrap();
    let take = |store: SharedStore| async move { store.take_decided(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn a_page_is_found_by_its_app_until_that_is_removed(store: &SharedStore) {
    let mut point = [7; 65];
    point[0] = 4;
    let key = PageKey { portal: "wiki".to_owned(), signer: PageSigner::read(&point).unwrap() };
    let mut app = totp("ann", 1);
    app.page = Some(key.clone());
    store.add_totp(&app, Linking::First, None).await.unwrap().unwrap();
    store.add_totp(&totp("ann", 2), Linking::Another, None).await.unwrap().unwrap();
    let page = Page { app: app.id.clone(), person: user("ann"), key };
    assert_eq!(store.find_page(&app.id).await.unwrap(), Some(page));
    assert_eq!(store.find_page(&id("totp-2")).await.unwrap(), None, "an app that is no page");
    store.remove_totp(&user("ann"), &app.id, Leaving::One, None).await.unwrap();
    assert_eq!(store.find_page(&app.id).await.unwrap(), None);
}

async fn approvals_are_swept_when_over(store: &SharedStore) {
    store.ask_approval(&approval("ann", 1)).await.unwrap();
    assert_eq!(store.sweep(later(119), days(90)).await.unwrap(), Swept::default());
    let one = Swept { logins: 1, ..Swept::default() };
    assert_eq!(store.sweep(later(120), days(90)).await.unwrap(), one);
}
