//! Sweeping, the clock's memory and the journal.

use std::time::Duration;

use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        throttle::Bucket,
        time::{Timestamp, days, minutes},
    },
    store::{EventQuery, SharedStore, Swept, contract::suite, samples::*},
};

suite![
    a_trust_is_swept_on_day_thirty_and_not_a_second_before,
    a_trust_that_no_day_ends_is_never_swept,
    a_session_is_swept_when_it_ends_or_lay_idle,
    sign_ins_and_counters_are_swept_when_over,
    the_journal_keeps_events_as_long_as_asked,
    the_latest_moment_never_goes_back,
    history_is_a_persons_own_newest_first,
    events_are_looked_up_by_people_each_not_before_a_moment,
    a_healthy_store_can_be_written,
];

const KEEP: Duration = days(90);

async fn sweep(store: &SharedStore, now: Timestamp) -> Swept {
    store.sweep(now, KEEP).await.unwrap()
}

async fn a_trust_is_swept_on_day_thirty_and_not_a_second_before(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    // Use does not prolong it.
    let used = START.after(days(29));
    assert!(store.rotate_device(&id("device-1"), &hash(1), &hash(2), used).await.unwrap());
    store.note_address_used(&id("address-1"), used).await.unwrap();

    assert_eq!(sweep(store, START.after(DAY_29_LAST_SECOND)).await, Swept::default());
    assert!(store.recall_device(&hash(2)).await.unwrap().is_some());

    let swept = sweep(store, START.after(days(30))).await;
    assert_eq!(swept, Swept { trusts: 2, ..Swept::default() });
    assert_eq!(store.recall_device(&hash(2)).await.unwrap(), None);
    assert_eq!(store.addresses(None).await.unwrap(), []);
}

async fn a_trust_that_no_day_ends_is_never_swept(store: &SharedStore) {
    let mut trust = device("ann", 1);
    trust.expires_at = None;
    store.trust_device(&trust).await.unwrap();
    assert_eq!(sweep(store, START.after(days(4_000))).await, Swept::default());
    assert_eq!(store.devices(None).await.unwrap(), [trust]);
}

async fn a_session_is_swept_when_it_ends_or_lay_idle(store: &SharedStore) {
    const HOUR: u64 = 3600;
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.open_session(&session("ann", 2), None).await.unwrap();
    store.note_seen(&[(hash(2), later(20 * HOUR))]).await.unwrap();

    assert_eq!(sweep(store, later(8 * HOUR - 1)).await, Swept::default());
    assert_eq!(sweep(store, later(8 * HOUR)).await, Swept { sessions: 1, ..Swept::default() });
    assert_eq!(recalled(&**store, &hash(1)).await, None);

    assert_eq!(sweep(store, later(24 * HOUR - 1)).await, Swept::default());
    assert_eq!(sweep(store, later(24 * HOUR)).await, Swept { sessions: 1, ..Swept::default() });
    assert_eq!(recalled(&**store, &hash(2)).await, None);
}

async fn sign_ins_and_counters_are_swept_when_over(store: &SharedStore) {
    store.begin_login(&login("ann", 1)).await.unwrap();
    let bucket = Bucket { key: "code/ann".to_owned(), limit: 9, window: minutes(15) };
    store.reserve_try(&[bucket], START).await.unwrap();

    assert_eq!(sweep(store, later(15 * 60 - 1)).await, Swept::default());
    assert_eq!(sweep(store, later(15 * 60)).await, Swept { logins: 1, attempts: 1, ..Swept::default() });
    assert_eq!(store.recall_login(&hash(1)).await.unwrap(), None);
}

fn event(person: &str, at: Timestamp, detail: &str) -> AuditEvent {
    AuditEvent::new(at, AuditKind::SignIn, AuditOutcome::Success).by(&user(person)).with_detail(detail)
}

async fn the_journal_keeps_events_as_long_as_asked(store: &SharedStore) {
    store.record(&[event("ann", START, "old"), event("ann", later(1), "new")]).await.unwrap();
    assert_eq!(sweep(store, START.after(KEEP)).await, Swept::default());
    assert_eq!(sweep(store, later(1).after(KEEP)).await, Swept { events: 1, ..Swept::default() });
    assert_eq!(store.history(&user("ann"), 9).await.unwrap(), [event("ann", later(1), "new")]);
}

async fn the_latest_moment_never_goes_back(store: &SharedStore) {
    assert_eq!(store.latest_moment().await.unwrap(), None);
    store.note_moment(later(60)).await.unwrap();
    store.note_moment(later(30)).await.unwrap();
    assert_eq!(store.latest_moment().await.unwrap(), Some(later(60)));
}

async fn history_is_a_persons_own_newest_first(store: &SharedStore) {
    let mut full = event("ann", later(3), "3");
    full.address = Some("2001:db8::1".parse().unwrap());
    full.rule = Some("wiki/2".to_owned());
    let stranger = AuditEvent::new(START, AuditKind::AccessDenied, AuditOutcome::Failure);
    store.record(&[event("ann", START, "1"), stranger, event("bob", later(1), "2")]).await.unwrap();
    store.record(&[full.clone(), event("ann", later(3), "4")]).await.unwrap();

    let all = store.history(&user("ann"), 9).await.unwrap();
    assert_eq!(all, [event("ann", later(3), "4"), full, event("ann", START, "1")]);
    assert_eq!(store.history(&user("ann"), 2).await.unwrap(), all[..2]);
    assert_eq!(store.history(&user("eve"), 9).await.unwrap(), []);
}

async fn a_healthy_store_can_be_written(store: &SharedStore) {
    store.check_writable().await.unwrap();
}

async fn events_are_looked_up_by_people_each_not_before_a_moment(store: &SharedStore) {
    let events = [("ann", 1), ("bob", 1), ("ann", 2), ("bob", 2), ("eve", 3)];
    let events = events.map(|(name, second)| event(name, later(second), "x"));
    store.record(&events).await.unwrap();
    let found = async |people: &[(&str, u64)]| {
        let people = people.iter().map(|(name, since)| (user(name), later(*since))).collect();
        let query = EventQuery { people: Some(people), limit: 9, ..EventQuery::default() };
        let found = store.search_events(&query).await.unwrap();
        found.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(found(&[("ann", 0), ("bob", 2)]).await, [4, 3, 1]);
    assert_eq!(found(&[("ann", 2), ("bob", 3)]).await, [3]);
    assert_eq!(found(&[]).await, [0_u64; 0]);
}
