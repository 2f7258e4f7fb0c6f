//! Open, closed, over: on every core alike, and after a restart.

use super::{covering, hot, memory, recall, reopened};
use crate::{
    domain::{notice::NotMe, session::Session, time::days},
    store::{
        Linking,
        hot::{CoreSessions, Ended},
        samples::*,
    },
};

#[tokio::test]
async fn an_open_session_is_recalled_on_every_core_and_at_its_portal_only() {
    let hot = hot().await;
    hot.open_session(session("ann", 1), None).await.unwrap();
    let (one, other) = (CoreSessions::new(), CoreSessions::new());
    for core in [&one, &other, &one] {
        assert!(hot.recall(core, &hash(1), "wiki", START).is_some());
        assert!(hot.recall(core, &hash(1), "mail", START).is_none());
        assert!(hot.recall(core, &hash(2), "wiki", START).is_none());
    }
}

#[tokio::test]
async fn a_session_closed_on_one_core_is_closed_on_all() {
    let hot = hot().await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    let other_core = CoreSessions::new();
    let seen_there = hot.recall(&other_core, &hash(1), "wiki", START).unwrap();

    hot.sign_out(&live).await.unwrap();
    assert!(seen_there.is_closed());
    assert!(!seen_there.is_live(START, &mark("ann")));
    assert!(hot.recall(&other_core, &hash(1), "wiki", START).is_none());
    assert_eq!(other_core.len(), 0);
    assert_eq!(hot.sessions(None, START).await.unwrap(), []);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_at_the_end_of_its_life() {
    const HOUR: u64 = 3600;
    let hot = hot().await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    assert!(live.is_live(later(8 * HOUR - 1), &mark("ann")));
    assert!(!live.is_live(later(8 * HOUR), &mark("ann")));
    for hour in [7, 14, 21] {
        live.touch(later(hour * HOUR));
    }
    assert!(live.is_live(later(24 * HOUR - 1), &mark("ann")));
    assert!(!live.is_live(later(24 * HOUR), &mark("ann")));
    assert!(hot.recall(&CoreSessions::new(), &hash(1), "wiki", later(24 * HOUR)).is_none());
}

#[tokio::test]
async fn a_session_ends_with_a_change_of_password() {
    let live = hot().await.open_session(session("ann", 1), None).await.unwrap();
    assert!(live.is_live(START, &mark("ann")));
    assert!(!live.is_live(START, &other_mark("ann")));
}

#[tokio::test]
async fn a_stronger_session_closes_the_one_it_takes_over_from() {
    let hot = hot().await;
    let weak = hot.open_session(session("ann", 1), None).await.unwrap();
    hot.open_session(session("ann", 2), Some(hash(1))).await.unwrap();
    assert!(weak.is_closed());
    assert!(recall(&hot, 2).is_some());
}

#[tokio::test]
async fn nobody_closes_a_session_of_somebody_else_but_an_administrator() {
    let hot = hot().await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    assert_eq!(hot.close_session(Some(&user("bob")), &id("session-1")).await.unwrap(), None);
    assert!(!live.is_closed());
    assert!(hot.close_session(None, &id("session-1")).await.unwrap().is_some());
    assert!(live.is_closed());
}

#[tokio::test]
async fn signing_out_everywhere_ends_sessions_and_trusts_of_that_person() {
    let hot = hot().await;
    for (name, number) in [("ann", 1), ("ann", 2), ("bob", 3)] {
        hot.open_session(session(name, number), None).await.unwrap();
    }
    hot.trust_device(device("ann", 1)).await.unwrap();
    hot.trust_device(device("bob", 3)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();

    assert_eq!(hot.sign_out_everywhere(&user("ann")).await.unwrap(), Ended { sessions: 2, trusts: 2 });
    assert!(recall(&hot, 1).is_none() && recall(&hot, 2).is_none() && recall(&hot, 3).is_some());
    assert_eq!(hot.devices(None, START).await.unwrap(), [device("bob", 3)]);
}

#[tokio::test]
async fn everything_live_is_there_after_a_restart() {
    let store = memory();
    let before = reopened(&store).await;
    before.trust_device(device("ann", 9)).await.unwrap();
    before.add_totp(totp("bob", 1), Linking::Another, None).await.unwrap();
    before.trust_address(address("bob", 1, "192.0.2.7/32")).await.unwrap();
    before.switch_second_factor(&user("ann"), true).await.unwrap();
    before.choose_language(&user("ann"), "nl").await.unwrap();
    let mut open = session("ann", 1);
    open.device = Some(id("device-9"));
    before.open_session(open, None).await.unwrap().touch(later(60));
    before.flush_seen(later(60)).await.unwrap();

    let after = reopened(&store).await;
    let live = recall(&after, 1).unwrap();
    assert_eq!(live.last_seen(), later(60));
    assert_eq!(live.waiving_device(START, &mark("ann"), THIRTY), Some(&id("device-9")));
    assert!(live.account().wants_second_factor() && !live.account().is_enrolled());
    assert_eq!(live.account().language().unwrap().as_str(), "nl");
    assert!(after.outline(&user("bob")).is_enrolled());
    assert!(covering(&after, "bob", START).is_some());
    assert_eq!(after.latest_moment().await.unwrap(), Some(later(60)));
}

#[tokio::test]
async fn a_thread_keeps_no_more_sessions_than_it_has_room_for() {
    let hot = hot().await;
    let core = CoreSessions::with_room(8);
    for number in 0..30 {
        hot.open_session(session("ann", number), None).await.unwrap();
        assert!(hot.recall(&core, &hash(number), "wiki", START).is_some());
        assert!(core.len() <= 8);
    }
    // What was let go of is found again.
    assert!(hot.recall(&core, &hash(0), "wiki", START).is_some());
    core.tidy(START.after(days(1)));
    assert_eq!(core.len(), 0);
}

#[tokio::test]
async fn not_me_closes_what_is_open_on_every_core_and_after_a_restart() {
    let store = memory();
    let hot = reopened(&store).await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    let other = hot.open_session(session("bob", 2), None).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let link = NotMe { link: hash(9), person: user("ann"), portal: "wiki".to_owned(), ends_at: later(9) };
    hot.notices().offer_not_me(&link).await.unwrap();
    assert_eq!(hot.disavow(&user("ann"), &hash(8)).await.unwrap(), None);
    assert!(!live.is_closed());
    let ended = hot.disavow(&user("ann"), &hash(9)).await.unwrap();
    assert_eq!(ended, Some(Ended { sessions: 1, trusts: 1 }));
    assert!(live.is_closed() && !other.is_closed() && covering(&hot, "ann", START).is_none());
    assert_eq!(reopened(&store).await.sessions(None, START).await.unwrap(), [session("bob", 2)]);
}

#[tokio::test]
async fn what_was_handed_over_ends_with_where_it_comes_from_at_once_and_after_a_restart() {
    let store = memory();
    let handed = |number: u64, home: u64| Session {
        handed_from: Some(id(&format!("session-{home}"))),
        ..session("ann", number)
    };
    let before = reopened(&store).await;
    let home = before.open_session(session("ann", 1), None).await.unwrap();
    let live = before.open_handed(handed(2, 1), &home, None).await.unwrap();
    assert!(!live.is_closed() && live.is_live(START, &mark("ann")));
    // A use here is one there.
    live.touch(later(60));
    assert_eq!(home.last_seen(), later(60));
    // The one at home may lie unused no longer than this one.
    assert!(live.is_live(later(60 + 8 * 3600 - 1), &mark("ann")));
    assert!(!live.is_live(later(60 + 8 * 3600), &mark("ann")));

    let after = reopened(&store).await;
    assert!(recall(&after, 2).is_some_and(|live| live.home().is_some()));
    after.sign_out(&recall(&after, 1).unwrap()).await.unwrap();
    assert!(recall(&after, 2).is_none() && store.sessions(None).await.unwrap().is_empty());
    before.sign_out(&home).await.unwrap();
    assert!(live.is_closed() && live.is_over(START) && !live.is_live(START, &mark("ann")));

    // Signing out here, or ending this one by its id, ends the one at home: it would open another at the next page.
    for by_id in [false, true] {
        let home = after.open_session(session("ann", 3), None).await.unwrap();
        let live = after.open_handed(handed(4, 3), &home, None).await.unwrap();
        if by_id {
            assert!(after.close_session(Some(&user("ann")), &id("session-4")).await.unwrap().is_some());
        } else {
            after.sign_out(&live).await.unwrap();
        }
        assert!(home.is_closed() && live.is_closed());
    }
    // Taking its place does not.
    let home = after.open_session(session("ann", 5), None).await.unwrap();
    let live = after.open_handed(handed(6, 5), &home, None).await.unwrap();
    after.supersede(&live).await.unwrap();
    assert!(live.is_closed() && !home.is_closed());
    // Without the one it comes from it is not loaded.
    store.open_session(&handed(8, 7), None).await.unwrap();
    assert!(recall(&reopened(&store).await, 8).is_none());
}
