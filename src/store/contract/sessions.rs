//! Who is signed in.

use crate::{
    domain::session::Session,
    store::{SharedStore, contract::suite, samples::*},
};

suite![
    a_session_comes_back_as_it_was_opened,
    what_no_session_has_is_not_found,
    opening_closes_the_session_it_takes_over_from,
    closing_tells_the_hash_once,
    closing_all_of_a_person_spares_the_exception_and_others,
    uses_are_noted_and_never_go_back,
    sessions_are_listed_newest_first,
    what_was_handed_over_ends_with_where_it_comes_from,
    the_one_that_is_spared_keeps_the_one_it_comes_from,
];

async fn a_session_comes_back_as_it_was_opened(store: &SharedStore) {
    let mut plain = session("ann", 1);
    plain.passed = None;
    let mut full = session("ann", 2);
    full.device = Some(id("device-1"));
    full.address = "2001:db8::1".parse().unwrap();
    full.agent = "Ünïcode 'quoted'".to_owned();
    for open in [plain, full] {
        store.open_session(&open, None).await.unwrap();
        assert_eq!(recalled(&**store, &open.hash).await, Some(open));
    }
}

async fn what_no_session_has_is_not_found(store: &SharedStore) {
    store.open_session(&session("ann", 1), None).await.unwrap();
    assert_eq!(recalled(&**store, &hash(2)).await, None);
    assert_eq!(store.close_session(&id("session-2")).await.unwrap(), None);
}

async fn opening_closes_the_session_it_takes_over_from(store: &SharedStore) {
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.open_session(&session("ann", 2), Some(&hash(1))).await.unwrap();
    assert_eq!(recalled(&**store, &hash(1)).await, None);
    assert!(recalled(&**store, &hash(2)).await.is_some());
}

async fn closing_tells_the_hash_once(store: &SharedStore) {
    store.open_session(&session("ann", 1), None).await.unwrap();
    assert_eq!(store.close_session(&id("session-1")).await.unwrap(), Some(hash(1)));
    assert_eq!(store.close_session(&id("session-1")).await.unwrap(), None);
    assert_eq!(recalled(&**store, &hash(1)).await, None);
}

async fn closing_all_of_a_person_spares_the_exception_and_others(store: &SharedStore) {
    for number in 1..=3 {
        store.open_session(&session("ann", number), None).await.unwrap();
    }
    store.open_session(&session("bob", 4), None).await.unwrap();

    let mut closed = store.close_sessions_of(&user("ann"), Some(&hash(2))).await.unwrap();
    closed.sort();
    assert_eq!(closed, [hash(1), hash(3)]);
    let left: Vec<_> = store.sessions(None).await.unwrap().into_iter().map(|s| s.hash).collect();
    assert_eq!(left, [hash(4), hash(2)]);

    assert_eq!(store.close_sessions_of(&user("ann"), None).await.unwrap(), [hash(2)]);
}

async fn uses_are_noted_and_never_go_back(store: &SharedStore) {
    store.open_session(&session("ann", 1), None).await.unwrap();
    // The second was closed meanwhile.
    store.note_seen(&[(hash(1), later(60)), (hash(2), later(60))]).await.unwrap();
    store.note_seen(&[(hash(1), later(30))]).await.unwrap();
    assert_eq!(recalled(&**store, &hash(1)).await.unwrap().last_seen, later(60));
    assert_eq!(recalled(&**store, &hash(2)).await, None);
}

async fn sessions_are_listed_newest_first(store: &SharedStore) {
    for (number, opened) in [(1, 10), (2, 30), (3, 20), (5, 20)] {
        let mut open = session("ann", number);
        open.opened_at = later(opened);
        store.open_session(&open, None).await.unwrap();
    }
    store.open_session(&session("bob", 4), None).await.unwrap();
    let numbers = |list: Vec<crate::domain::session::Session>| -> Vec<_> {
        list.into_iter().map(|s| s.id.as_str().to_owned()).collect()
    };
    let anns = store.sessions(Some(&user("ann"))).await.unwrap();
    assert_eq!(numbers(anns), ["session-2", "session-5", "session-3", "session-1"]);
    assert_eq!(store.sessions(None).await.unwrap().len(), 5);
    assert_eq!(store.sessions(Some(&user("eve"))).await.unwrap(), []);
}

/// Session `number` of ann at the mail portal, handed over from session `home`.
fn handed(number: u64, home: u64) -> Session {
    let handed_from = Some(id(&format!("session-{home}")));
    Session { portal: "mail".to_owned(), handed_from, ..session("ann", number) }
}

async fn what_was_handed_over_ends_with_where_it_comes_from(store: &SharedStore) {
    let left = async || -> Vec<_> {
        store.sessions(None).await.unwrap().into_iter().map(|session| session.hash).collect()
    };
    for (number, home) in [(1, None), (2, Some(1)), (3, Some(1)), (4, None), (5, Some(4))] {
        let open = home.map_or_else(|| session("ann", number), |home| handed(number, home));
        store.open_session(&open, None).await.unwrap();
        assert_eq!(recalled(&**store, &open.hash).await, Some(open));
    }
    // Not the other way round.
    assert!(store.close_session(&id("session-3")).await.unwrap().is_some());
    assert_eq!(left().await.len(), 4);
    assert!(store.close_session(&id("session-1")).await.unwrap().is_some());
    assert_eq!(left().await, [hash(5), hash(4)]);
    store.open_session(&session("ann", 6), Some(&hash(4))).await.unwrap();
    assert_eq!(left().await, [hash(6)]);
    for number in [7, 8] {
        store.open_session(&handed(number, 6), None).await.unwrap();
    }
    let mut closed = store.close_sessions_of(&user("ann"), None).await.unwrap();
    closed.sort();
    assert_eq!(closed, [hash(6), hash(7), hash(8)], "all of them are told");
    assert!(left().await.is_empty());
}

async fn the_one_that_is_spared_keeps_the_one_it_comes_from(store: &SharedStore) {
    for open in [session("ann", 1), handed(2, 1), handed(3, 1), session("ann", 4)] {
        store.open_session(&open, None).await.unwrap();
    }
    let mut closed = store.close_sessions_of(&user("ann"), Some(&hash(2))).await.unwrap();
    closed.sort();
    assert_eq!(closed, [hash(3), hash(4)]);
    let left: Vec<_> = store.sessions(None).await.unwrap().into_iter().map(|session| session.hash).collect();
    assert_eq!(left, [hash(2), hash(1)]);
}
