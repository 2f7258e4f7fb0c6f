//! What visitors ask of administrators, and links to set a password with.

use crate::{
    domain::{
        help::{HelpAnswer, HelpRequest, Wish},
        invitation::Invitation,
        time::{days, hours},
    },
    store::{
        SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_request_comes_back_as_it_was_filed,
    who_asks_again_is_told_of_the_request_that_waits,
    of_ten_answers_at_once_one_counts,
    a_request_that_is_over_takes_no_answer,
    an_invitation_comes_back_and_a_new_one_voids_it,
    of_ten_who_use_an_invitation_at_once_one_does,
    requests_and_invitations_are_swept_when_over,
];

pub(super) fn request(person: &str, number: u64, wish: Wish) -> HelpRequest {
    HelpRequest {
        id: id(&format!("help-{number}")),
        reference: format!("K7M4-000{number}"),
        person: user(person),
        portal: "wiki".to_owned(),
        wish,
        address: "192.0.2.7".parse().unwrap(),
        agent: "Firefox on Debian".to_owned(),
        asked_at: later(number),
        ends_at: START.after(days(14)),
        answer: None,
    }
}

fn answer() -> HelpAnswer {
    HelpAnswer { granted: true, by: "otto".to_owned(), reason: "called back".to_owned(), at: later(60) }
}

pub(super) fn invitation(person: &str, number: u64) -> Invitation {
    Invitation {
        id: id(&format!("invitation-{number}")),
        link: hash(number),
        person: user(person),
        portal: "wiki".to_owned(),
        to: format!("{person}@example.com"),
        by: "otto".to_owned(),
        credential: mark(person),
        made_at: START,
        ends_at: START.after(hours(72)),
    }
}

async fn a_request_comes_back_as_it_was_filed(store: &SharedStore) {
    let lost = request("ann", 1, Wish::SecondFactor);
    let access = request("ann", 2, Wish::Access { path: "/books".to_owned() });
    for request in [&lost, &access] {
        assert_eq!(store.file_help(request, START).await.unwrap(), *request);
    }
    assert_eq!(store.help_requests(Some(START), 9).await.unwrap(), [access.clone(), lost.clone()]);
    assert_eq!(store.help_requests(None, 1).await.unwrap(), [access]);
    assert!(store.answer_help(&lost.id, &answer(), later(60)).await.unwrap());
    let answered = HelpRequest { answer: Some(answer()), ..lost };
    assert_eq!(store.recall_help(&answered.id).await.unwrap(), Some(answered.clone()));
    assert_eq!(store.help_requests(Some(START), 9).await.unwrap().len(), 1);
    assert!(store.help_requests(None, 9).await.unwrap().contains(&answered));
    assert_eq!(store.recall_help(&id("another")).await.unwrap(), None);
}

async fn who_asks_again_is_told_of_the_request_that_waits(store: &SharedStore) {
    let first = request("ann", 1, Wish::SecondFactor);
    store.file_help(&first, START).await.unwrap();
    assert_eq!(store.file_help(&request("ann", 2, Wish::SecondFactor), START).await.unwrap(), first);
    // Another wish, another person, another portal: requests of their own.
    let books = request("ann", 3, Wish::Access { path: "/books".to_owned() });
    let bobs = request("bob", 4, Wish::SecondFactor);
    let elsewhere = HelpRequest { portal: "mail".to_owned(), ..request("ann", 5, Wish::SecondFactor) };
    for other in [&books, &bobs, &elsewhere] {
        assert_eq!(store.file_help(other, START).await.unwrap(), *other);
    }
    // Once it is answered, or over, the next is a new one.
    assert!(store.answer_help(&first.id, &answer(), START).await.unwrap());
    let again = request("ann", 6, Wish::SecondFactor);
    assert_eq!(store.file_help(&again, START).await.unwrap(), again);
    let late = HelpRequest { ends_at: START.after(days(28)), ..request("ann", 7, Wish::SecondFactor) };
    assert_eq!(store.file_help(&late, again.ends_at).await.unwrap(), late);
}

async fn of_ten_answers_at_once_one_counts(store: &SharedStore) {
    let asked = request("ann", 1, Wish::SecondFactor);
    store.file_help(&asked, START).await.unwrap();
    let give = |store: SharedStore| {
        let id = asked.id.clone();
        async move { store.answer_help(&id, &answer(), START).await.unwrap() }
    };
    assert_eq!(ten_at_once(store, give, |counted| *counted).await, 1);
}

async fn a_request_that_is_over_takes_no_answer(store: &SharedStore) {
    let asked = request("ann", 1, Wish::SecondFactor);
    store.file_help(&asked, START).await.unwrap();
    assert!(!store.answer_help(&asked.id, &answer(), asked.ends_at).await.unwrap());
    assert_eq!(store.help_requests(Some(asked.ends_at), 9).await.unwrap(), []);
    assert!(store.answer_help(&asked.id, &answer(), later(14 * 86_400 - 1)).await.unwrap());
}

async fn an_invitation_comes_back_and_a_new_one_voids_it(store: &SharedStore) {
    let (first, second) = (invitation("ann", 1), invitation("ann", 2));
    store.offer_invitation(&first).await.unwrap();
    store.offer_invitation(&invitation("bob", 3)).await.unwrap();
    assert_eq!(store.recall_invitation(&hash(1)).await.unwrap(), Some(first.clone()));
    assert_eq!(store.invitation_of(&user("ann")).await.unwrap(), Some(first));
    store.offer_invitation(&second).await.unwrap();
    assert_eq!(store.recall_invitation(&hash(1)).await.unwrap(), None);
    assert_eq!(store.take_invitation(&hash(1)).await.unwrap(), None);
    assert_eq!(store.take_invitation(&hash(2)).await.unwrap(), Some(second));
    assert_eq!(store.invitation_of(&user("ann")).await.unwrap(), None);
    assert!(store.invitation_of(&user("bob")).await.unwrap().is_some());
}

async fn of_ten_who_use_an_invitation_at_once_one_does(store: &SharedStore) {
    store.offer_invitation(&invitation("ann", 1)).await.unwrap();
    let take = |store: SharedStore| async move { store.take_invitation(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn requests_and_invitations_are_swept_when_over(store: &SharedStore) {
    store.file_help(&request("ann", 1, Wish::SecondFactor), START).await.unwrap();
    store.offer_invitation(&invitation("ann", 2)).await.unwrap();
    let keep = days(90);
    assert_eq!(store.sweep(later(72 * 3600 - 1), keep).await.unwrap(), Swept::default());
    let swept = store.sweep(later(72 * 3600), keep).await.unwrap();
    assert_eq!(swept, Swept { logins: 1, ..Swept::default() });
    assert_eq!(store.sweep(later(14 * 86_400 - 1), keep).await.unwrap(), Swept::default());
    let swept = store.sweep(later(14 * 86_400), keep).await.unwrap();
    assert_eq!(swept, Swept { logins: 1, ..Swept::default() });
}
