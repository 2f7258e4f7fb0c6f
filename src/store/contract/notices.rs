//! What notices rest on.

use crate::{
    domain::{
        notice::{MOST_MARKS, NotMe},
        time::days,
        token::TokenHash,
    },
    store::{
        Linking, SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_mark_is_known_until_its_time_is_over,
    marks_are_a_persons_own,
    of_ten_sightings_at_once_one_is_the_first,
    the_marks_used_longest_ago_are_forgotten,
    a_not_me_link_comes_back_as_it_was_written,
    saying_not_me_ends_everything_of_the_person_and_keeps_the_factors,
    of_ten_who_say_not_me_at_once_one_counts,
    links_and_marks_are_swept_when_over,
];

fn not_me(person: &str, number: u64) -> NotMe {
    NotMe {
        link: hash(number),
        person: user(person),
        portal: "wiki".to_owned(),
        ends_at: START.after(days(7)),
    }
}

async fn a_mark_is_known_until_its_time_is_over(store: &SharedStore) {
    let (ann, ends_at) = (user("ann"), later(100));
    let marks = [hash(1), hash(2)];
    assert_eq!(store.note_seen_by(&ann, &marks, ends_at, START).await.unwrap(), []);
    let known = store.note_seen_by(&ann, &[hash(2), hash(3)], ends_at, later(99)).await.unwrap();
    assert_eq!(known, [hash(2)]);
    assert_eq!(store.note_seen_by(&ann, &marks, later(300), later(100)).await.unwrap(), []);
    // A use prolongs it.
    assert_eq!(store.note_seen_by(&ann, &marks, later(400), later(299)).await.unwrap(), marks);
}

async fn marks_are_a_persons_own(store: &SharedStore) {
    store.note_seen_by(&user("ann"), &[hash(1)], later(100), START).await.unwrap();
    assert_eq!(store.note_seen_by(&user("bob"), &[hash(1)], later(100), START).await.unwrap(), []);
}

async fn of_ten_sightings_at_once_one_is_the_first(store: &SharedStore) {
    let note = |store: SharedStore| async move {
        store.note_seen_by(&user("ann"), &[hash(1)], later(100), START).await.unwrap()
    };
    assert_eq!(ten_at_once(store, note, Vec::is_empty).await, 1);
}

async fn the_marks_used_longest_ago_are_forgotten(store: &SharedStore) {
    let ann = user("ann");
    let most = MOST_MARKS as u64;
    for number in 0..=most {
        store.note_seen_by(&ann, &[hash(number)], later(1000 + number), START).await.unwrap();
    }
    let all: Vec<TokenHash> = (0..=most).map(hash).collect();
    assert_eq!(store.note_seen_by(&ann, &all[1..], later(2000), START).await.unwrap(), all[1..]);
    assert_eq!(store.note_seen_by(&ann, &all[..1], later(2001), START).await.unwrap(), []);
}

async fn a_not_me_link_comes_back_as_it_was_written(store: &SharedStore) {
    store.offer_not_me(&not_me("ann", 1)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.recall_not_me(&hash(1)).await.unwrap(), Some(not_me("ann", 1)));
    }
    assert_eq!(store.recall_not_me(&hash(2)).await.unwrap(), None);
}

async fn saying_not_me_ends_everything_of_the_person_and_keeps_the_factors(store: &SharedStore) {
    for (person, number) in [("ann", 10), ("bob", 20)] {
        store.add_totp(&totp(person, number), Linking::First, None).await.unwrap().unwrap();
        store.replace_recovery_codes(&user(person), &[hash(number)]).await.unwrap();
        store.open_session(&session(person, number), None).await.unwrap();
        store.trust_device(&device(person, number)).await.unwrap();
        store.trust_address(&address(person, number, "192.0.2.7/32")).await.unwrap();
        store.begin_login(&login(person, number)).await.unwrap();
        store.offer_link(&link_offer(person, number)).await.unwrap();
        store.offer_not_me(&not_me(person, number)).await.unwrap();
        store.offer_not_me(&not_me(person, number + 1)).await.unwrap();
        store.note_seen_by(&user(person), &[hash(number)], later(100), START).await.unwrap();
    }
    assert!(!store.disavow(&hash(99)).await.unwrap());
    assert!(store.disavow(&hash(10)).await.unwrap());
    for (person, number, stays) in [("ann", 10, false), ("bob", 20, true)] {
        let whose = user(person);
        assert_eq!(store.sessions(Some(&whose)).await.unwrap().len(), usize::from(stays));
        assert_eq!(store.devices(Some(&whose)).await.unwrap().len(), usize::from(stays));
        assert_eq!(store.addresses(Some(&whose)).await.unwrap().len(), usize::from(stays));
        assert_eq!(store.recall_login(&hash(number)).await.unwrap().is_some(), stays);
        assert_eq!(store.recall_link_of(&hash(number)).await.unwrap().is_some(), stays);
        for link in [number, number + 1] {
            assert_eq!(store.recall_not_me(&hash(link)).await.unwrap().is_some(), stays);
        }
        let known = store.note_seen_by(&whose, &[hash(number)], later(100), START).await.unwrap();
        assert_eq!(known.len(), usize::from(stays));
        let account = store.account(&whose).await.unwrap();
        assert_eq!((account.totp.len(), account.recovery_left), (1, 1));
    }
    assert!(!store.disavow(&hash(10)).await.unwrap(), "a replay");
}

async fn of_ten_who_say_not_me_at_once_one_counts(store: &SharedStore) {
    store.offer_not_me(&not_me("ann", 1)).await.unwrap();
    let say = |store: SharedStore| async move { store.disavow(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, say, |used| *used).await, 1);
}

async fn links_and_marks_are_swept_when_over(store: &SharedStore) {
    store.offer_not_me(&not_me("ann", 1)).await.unwrap();
    store.note_seen_by(&user("ann"), &[hash(1)], START.after(days(7)), START).await.unwrap();
    let keep = days(90);
    assert_eq!(store.sweep(later(7 * 86_400 - 1), keep).await.unwrap(), Swept::default());
    let swept = store.sweep(later(7 * 86_400), keep).await.unwrap();
    assert_eq!(swept, Swept { notices: 2, ..Swept::default() });
    assert_eq!(store.recall_not_me(&hash(1)).await.unwrap(), None);
}
