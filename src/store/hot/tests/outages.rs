//! While the store does not answer: what still ends, what is not granted, what is paid back.

use std::{future::poll_fn, sync::Arc, task::Poll};

use super::{covering, hot, recall, reopened, token, use_device};
use crate::domain::notice::NotMe;
use crate::store::{Linking, SharedStore, StoreFault, hot::DeviceUse, samples::*, sqlite::SqliteStore};

/// A store whose file can be taken away and put back: the closest to a lost disk that a test can do.
struct Fragile {
    store: SharedStore,
    folder: tempfile::TempDir,
}

impl Fragile {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store =
            SqliteStore::open(&folder.path().join("state.db"), &folder.path().join("state.key")).unwrap();
        Self { store: Arc::new(store), folder }
    }

    fn break_down(&self) {
        std::fs::rename(self.folder.path().join("state.db"), self.folder.path().join("away")).unwrap();
    }

    fn recover(&self) {
        std::fs::rename(self.folder.path().join("away"), self.folder.path().join("state.db")).unwrap();
    }
}

#[tokio::test]
async fn sign_out_works_in_memory_while_the_store_is_down_and_is_paid_back() {
    let fragile = Fragile::new();
    let hot = reopened(&fragile.store).await;
    let mut live = Vec::new();
    for number in 1..=4 {
        live.push(hot.open_session(session("ann", number), None).await.unwrap());
    }
    fragile.break_down();
    assert!(matches!(hot.sign_out(&live[0]).await, Err(StoreFault::Unavailable(_))));
    assert!(hot.close_session(Some(&user("ann")), &id("session-2")).await.is_err());
    assert!(hot.close_sessions_of(&user("ann"), Some(hash(4))).await.is_err());
    assert!(live[0].is_closed() && live[1].is_closed() && live[2].is_closed() && !live[3].is_closed());
    assert!(hot.flush_seen(START).await.is_err());
    // Those who are signed in go on.
    assert!(recall(&hot, 4).unwrap().is_live(START, &mark("ann")));

    fragile.recover();
    hot.flush_seen(START).await.unwrap();
    let after = reopened(&fragile.store).await;
    assert_eq!(after.sessions(None, START).await.unwrap(), [session("ann", 4)]);
}

#[tokio::test]
async fn signing_out_everywhere_ends_trust_while_the_store_is_down_and_is_paid_back() {
    let fragile = Fragile::new();
    let hot = reopened(&fragile.store).await;
    let mut trust = device("ann", 1);
    trust.hash = token(1).hash();
    hot.trust_device(trust).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    fragile.break_down();
    assert!(hot.sign_out_everywhere(&user("ann")).await.is_err());
    assert!(live.is_closed() && covering(&hot, "ann", START).is_none());

    fragile.recover();
    // Before the store has been told: its row still lies there and counts for nothing.
    assert_eq!(use_device(&hot, 1, 2, START).await, DeviceUse::Unknown);
    hot.flush_seen(START).await.unwrap();
    let after = reopened(&fragile.store).await;
    assert_eq!(after.sessions(None, START).await.unwrap(), []);
    assert_eq!(after.devices(None, START).await.unwrap(), []);
    assert!(covering(&after, "ann", START).is_none());
}

#[tokio::test]
async fn nothing_is_granted_that_the_store_did_not_take() {
    let fragile = Fragile::new();
    let hot = reopened(&fragile.store).await;
    fragile.break_down();
    assert!(hot.open_session(session("ann", 1), None).await.is_err());
    assert!(hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.is_err());
    assert!(hot.add_totp(totp("ann", 1), Linking::Another, None).await.is_err());
    assert!(recall(&hot, 1).is_none());
    assert!(covering(&hot, "ann", START).is_none());
    assert!(!hot.outline(&user("ann")).is_enrolled());
}

#[tokio::test]
async fn a_use_that_could_not_be_noted_is_noted_later() {
    let fragile = Fragile::new();
    let hot = reopened(&fragile.store).await;
    hot.open_session(session("ann", 1), None).await.unwrap().touch(later(60));
    fragile.break_down();
    assert!(hot.flush_seen(later(60)).await.is_err());
    fragile.recover();
    hot.flush_seen(later(90)).await.unwrap();
    let after = reopened(&fragile.store).await;
    assert_eq!(recall(&after, 1).unwrap().last_seen(), later(60));
}

#[tokio::test]
async fn a_change_is_finished_even_if_the_caller_goes_away() {
    let hot = hot().await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    // The visitor hangs up after the first poll.
    let mut change = Box::pin(hot.add_totp(totp("ann", 1), Linking::Another, None));
    assert!(poll_fn(|context| Poll::Ready(change.as_mut().poll(context).is_pending())).await);
    drop(change);
    hot.switch_second_factor(&user("ann"), true).await.unwrap();
    assert!(live.is_closed());
    assert!(hot.outline(&user("ann")).is_enrolled());
}

#[tokio::test]
async fn not_me_ends_everything_while_the_store_is_down_is_paid_back_and_can_be_said_again() {
    let fragile = Fragile::new();
    let hot = reopened(&fragile.store).await;
    let live = hot.open_session(session("ann", 1), None).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let link = NotMe { link: hash(9), person: user("ann"), portal: "wiki".to_owned(), ends_at: later(9) };
    hot.notices().offer_not_me(&link).await.unwrap();
    fragile.break_down();
    assert!(hot.disavow(&user("ann"), &hash(9)).await.is_err());
    assert!(live.is_closed() && covering(&hot, "ann", START).is_none());
    fragile.recover();
    hot.flush_seen(START).await.unwrap();
    assert_eq!(reopened(&fragile.store).await.sessions(None, START).await.unwrap(), []);
    assert!(hot.disavow(&user("ann"), &hash(9)).await.unwrap().is_some());
}
