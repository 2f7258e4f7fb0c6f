//! Sign-ins under way, and counted tries.

use std::time::Duration;

use crate::{
    domain::{
        factor::{Method, TotpKey},
        login::{Proof, Stage},
        sent_code::{Digits, SentCode},
        throttle::{Bucket, TryVerdict},
        time::minutes,
    },
    store::{
        SharedStore,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_sign_in_comes_back_as_it_was_written,
    of_ten_answers_to_one_sign_in_at_once_one_takes_it,
    a_full_bucket_refuses_until_its_window_is_over,
    one_full_bucket_stops_the_count_in_all,
    of_ten_tries_at_once_as_many_go_as_there_is_room,
    a_released_try_leaves_room_for_another,
    the_wait_is_that_of_the_bucket_that_opens_last,
    unlocking_a_person_forgets_their_counters_only,
];

async fn a_sign_in_comes_back_as_it_was_written(store: &SharedStore) {
    let mut enrolling = login("ann", 2);
    enrolling.stage = Stage::Enrol { key: TotpKey::new(KEY.to_vec()), proof: Proof::App };
    enrolling.replaces = None;
    let mut proving = login("ann", 4);
    proving.stage = Stage::Enrol { key: TotpKey::new(KEY.to_vec()), proof: Proof::AppAndSent };
    let mut naming = login("ann", 5);
    naming.stage = Stage::Contact;
    let mut sent = login("ann", 3);
    sent.sent = Some(SentCode {
        method: Method::Sms,
        to: "+49 170 0000042".to_owned(),
        digits: Digits::read("012345").unwrap(),
        sent_at: later(60),
        sends: 2,
    });
    for begun in [login("ann", 1), enrolling, proving, naming, sent] {
        store.begin_login(&begun).await.unwrap();
        assert_eq!(store.recall_login(&begun.hash).await.unwrap().as_ref(), Some(&begun));
        assert_eq!(
            store.recall_login(&begun.hash).await.unwrap().as_ref(),
            Some(&begun),
            "recalling keeps it"
        );
        assert_eq!(store.take_login(&begun.hash).await.unwrap(), Some(begun.clone()));
        assert_eq!(store.recall_login(&begun.hash).await.unwrap(), None);
    }
}

async fn of_ten_answers_to_one_sign_in_at_once_one_takes_it(store: &SharedStore) {
    store.begin_login(&login("ann", 1)).await.unwrap();
    let take = |store: SharedStore| async move { store.take_login(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

fn bucket(key: &str, limit: u32, window: Duration) -> Bucket {
    Bucket { key: key.to_owned(), limit, window }
}

async fn a_full_bucket_refuses_until_its_window_is_over(store: &SharedStore) {
    let buckets = [bucket("code/ann", 2, minutes(15))];
    let until = later(15 * 60);
    for (moment, verdict) in [
        (0, TryVerdict::Go),
        (60, TryVerdict::Go),
        (60, TryVerdict::Wait { until }),
        (15 * 60 - 1, TryVerdict::Wait { until }),
        (15 * 60, TryVerdict::Go),
        (16 * 60, TryVerdict::Go),
        (16 * 60, TryVerdict::Wait { until: later(30 * 60) }),
    ] {
        assert_eq!(store.reserve_try(&buckets, later(moment)).await.unwrap(), verdict, "at {moment}");
    }
}

async fn one_full_bucket_stops_the_count_in_all(store: &SharedStore) {
    let (small, large) = (bucket("small", 1, minutes(15)), bucket("large", 2, minutes(15)));
    let both = [large.clone(), small];
    assert_eq!(store.reserve_try(&both, START).await.unwrap(), TryVerdict::Go);
    for _ in 0..3 {
        assert!(matches!(store.reserve_try(&both, START).await.unwrap(), TryVerdict::Wait { .. }));
    }
    // The refused tries did not count in the larger one.
    assert_eq!(store.reserve_try(&[large], START).await.unwrap(), TryVerdict::Go);
}

async fn of_ten_tries_at_once_as_many_go_as_there_is_room(store: &SharedStore) {
    let reserve = |store: SharedStore| async move {
        let buckets = [bucket("three", 3, minutes(15)), bucket("seven", 7, minutes(15))];
        store.reserve_try(&buckets, START).await.unwrap()
    };
    assert_eq!(ten_at_once(store, reserve, |verdict| *verdict == TryVerdict::Go).await, 3);
}

async fn a_released_try_leaves_room_for_another(store: &SharedStore) {
    let buckets = [bucket("code/ann", 1, minutes(15)), bucket("code/ann/day", 1, minutes(60))];
    for _ in 0..3 {
        assert_eq!(store.reserve_try(&buckets, START).await.unwrap(), TryVerdict::Go);
        store.release_try(&buckets).await.unwrap();
    }
    // Giving back more than was taken makes no room.
    store.release_try(&buckets).await.unwrap();
    assert_eq!(store.reserve_try(&buckets, START).await.unwrap(), TryVerdict::Go);
    assert!(matches!(store.reserve_try(&buckets, START).await.unwrap(), TryVerdict::Wait { .. }));
}

async fn the_wait_is_that_of_the_bucket_that_opens_last(store: &SharedStore) {
    let buckets = [bucket("day", 1, minutes(60)), bucket("quarter", 1, minutes(15))];
    store.reserve_try(&buckets, START).await.unwrap();
    let verdict = store.reserve_try(&buckets, START).await.unwrap();
    assert_eq!(verdict, TryVerdict::Wait { until: later(60 * 60) });
}

async fn unlocking_a_person_forgets_their_counters_only(store: &SharedStore) {
    let theirs = ["code/ann", "code/ann/day", "password/ann/unknown", "password/ann/from/192.0.2.7/32"];
    let others = ["code/anna", "code/bob", "password/bob/ann", "password/from/192.0.2.7/32"];
    for key in theirs.iter().chain(&others) {
        store.reserve_try(&[bucket(key, 1, minutes(15))], START).await.unwrap();
    }
    store.unlock(&user("Ann")).await.unwrap();
    for (keys, verdict) in [(theirs, TryVerdict::Go), (others, TryVerdict::Wait { until: later(15 * 60) })] {
        for key in keys {
            let found = store.reserve_try(&[bucket(key, 1, minutes(15))], START).await.unwrap();
            assert_eq!(found, verdict, "{key}");
        }
    }
}
