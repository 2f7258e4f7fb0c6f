//! What requests see: live, closed, over; trusted, revoked, stolen.

use std::{future::poll_fn, sync::Arc, task::Poll};

use super::{CoreSessions, DeviceUse, Ended, HotStore, LiveSession};
use crate::{
    domain::{
        identity::{CredentialMark, People},
        time::{Timestamp, days},
        token::{Entropy, RecordId, Token, TokenHash},
        trust::{AddressScope, AddressTerms, Spared},
    },
    store::{
        Leaving, Linking, SharedStore, StoreFault, Unlinked, memory::MemoryStore, samples::*,
        sqlite::SqliteStore,
    },
};

async fn hot() -> HotStore {
    reopened(&memory()).await
}

fn memory() -> SharedStore {
    Arc::new(MemoryStore::default())
}

/// As after a restart.
async fn reopened(store: &SharedStore) -> HotStore {
    HotStore::load(Arc::clone(store), START).await.unwrap()
}

fn recall(hot: &HotStore, number: u64) -> Option<Arc<LiveSession>> {
    hot.recall(&CoreSessions::new(), &hash(number), "wiki", START)
}

// --- Sessions ---

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
    assert_eq!(live.waiving_device(START, &mark("ann"), days(30)), Some(&id("device-9")));
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

// --- While the store does not answer ---

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

// --- Accounts ---

#[tokio::test]
async fn linking_an_app_is_seen_by_running_sessions_and_ends_the_others() {
    let hot = hot().await;
    hot.trust_device(device("ann", 9)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let mut open = session("ann", 1);
    open.device = Some(id("device-9"));
    let kept = hot.open_session(open, None).await.unwrap();
    let ended = hot.open_session(session("ann", 2), None).await.unwrap();

    assert_eq!(hot.add_totp(totp("ann", 1), Linking::Another, Some(hash(1))).await.unwrap(), Some(1));
    assert!(kept.account().is_enrolled() && !kept.is_closed() && ended.is_closed());
    assert_eq!(kept.waiving_device(START, &mark("ann"), days(30)), None);
    assert_eq!(covering(&hot, "ann", START), None);

    assert_eq!(
        hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, Some(hash(1))).await.unwrap(),
        Unlinked::Done(0)
    );
    assert!(!kept.account().is_enrolled());
    assert_eq!(
        hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, None).await.unwrap(),
        Unlinked::Unknown
    );
    assert!(!kept.is_closed());
}

#[tokio::test]
async fn one_of_two_apps_may_go_and_the_person_stays_enrolled() {
    let hot = hot().await;
    hot.add_totp(totp("ann", 1), Linking::Another, None).await.unwrap();
    hot.add_totp(totp("ann", 2), Linking::Another, None).await.unwrap();
    hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, None).await.unwrap();
    assert!(hot.outline(&user("ann")).is_enrolled());
    hot.reset_second_factor(&user("ann")).await.unwrap();
    assert!(!hot.outline(&user("ann")).is_enrolled());
}

// --- Addresses ---

fn covering(hot: &HotStore, person: &str, now: Timestamp) -> Option<RecordId> {
    covers(hot, person, mark(person), "wiki", "192.0.2.7", now)
}

fn covers(
    hot: &HotStore,
    person: &str,
    mark: CredentialMark,
    portal: &str,
    client: &str,
    now: Timestamp,
) -> Option<RecordId> {
    let (person, client) = (user(person), client.parse().unwrap());
    let asked = Spared { person: &person, credential: &mark, portal, client, now };
    hot.covering_address(&asked, &AddressTerms { span: days(30), scope: AddressScope::Everyone })
}

#[tokio::test]
async fn a_trusted_address_waives_the_code_until_day_thirty() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    assert_eq!(covering(&hot, "ann", START.after(DAY_29_LAST_SECOND)), Some(id("address-1")));
    assert_eq!(covering(&hot, "ann", START.after(days(30))), None);
    assert_eq!(covering(&hot, "bob", START), None);
    let ask = |mark, client| covers(&hot, "ann", mark, "wiki", client, START);
    assert_eq!(ask(mark("ann"), "::ffff:192.0.2.7"), Some(id("address-1")));
    assert_eq!(ask(mark("ann"), "192.0.2.8"), None);
    assert_eq!(ask(other_mark("ann"), "192.0.2.7"), None);
}

#[tokio::test]
async fn an_ipv6_household_shares_its_64() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "2001:db8:1:2::/64")).await.unwrap();
    let ask = |client| covers(&hot, "ann", mark("ann"), "wiki", client, START);
    assert_eq!(ask("2001:db8:1:2:ffff:ffff:ffff:ffff"), Some(id("address-1")));
    assert_eq!(ask("2001:db8:1:3::"), None);
}

#[tokio::test]
async fn a_wider_scope_covers_everybody_at_the_portal_or_everywhere() {
    let hot = hot().await;
    let mut wide = address("ann", 1, "192.0.2.7/32");
    wide.scope = AddressScope::Portal;
    hot.trust_address(wide).await.unwrap();
    let at = |portal| covers(&hot, "bob", mark("bob"), portal, "192.0.2.7", START);
    assert_eq!((at("wiki"), at("mail")), (Some(id("address-1")), None));

    let mut widest = address("eve", 2, "192.0.2.7/32");
    widest.scope = AddressScope::Everyone;
    hot.trust_address(widest).await.unwrap();
    assert_eq!(at("mail"), Some(id("address-2")));
}

#[tokio::test]
async fn an_address_trusted_again_counts_from_the_later_trust() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let mut again = address("ann", 2, "192.0.2.7/32");
    again.granted_at = START.after(days(1));
    again.expires_at = START.after(days(31));
    hot.trust_address(again).await.unwrap();
    assert_eq!(covering(&hot, "ann", START.after(days(30))), Some(id("address-2")));
    hot.revoke_trust(Some(&user("ann")), &id("address-2")).await.unwrap();
    assert_eq!(covering(&hot, "ann", START), None);
}

#[tokio::test]
async fn nobody_revokes_the_trust_of_somebody_else_but_an_administrator() {
    let hot = hot().await;
    hot.trust_device(device("ann", 1)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    for trust in [id("device-1"), id("address-1")] {
        assert!(!hot.revoke_trust(Some(&user("bob")), &trust).await.unwrap());
        assert!(hot.revoke_trust(None, &trust).await.unwrap());
        assert!(!hot.revoke_trust(None, &trust).await.unwrap());
    }
    assert_eq!(hot.devices(None, START).await.unwrap(), []);
}

// --- Devices ---

/// Entropy that repeats one byte.
struct Byte(u8);

impl Entropy for Byte {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn token(byte: u8) -> Token {
    Token::draw(&Byte(byte))
}

/// A device of Ann's whose cookie is `token(1)`.
async fn hot_with_device() -> HotStore {
    let hot = hot().await;
    let mut trust = device("ann", 1);
    trust.hash = token(1).hash();
    hot.trust_device(trust).await.unwrap();
    hot
}

/// Ann signs in with `present`, and would receive `next`.
async fn use_device(hot: &HotStore, present: u8, next: u8, now: Timestamp) -> DeviceUse {
    hot.use_device(&user("ann"), &mark("ann"), &[token(99), token(present)], token(next), days(30), now)
        .await
        .unwrap()
}

fn waives(rotated: Option<u8>) -> DeviceUse {
    DeviceUse::Waives { id: id("device-1"), rotated: rotated.map(token) }
}

#[tokio::test]
async fn a_trusted_device_waives_the_code_until_day_thirty_and_its_cookie_changes_at_every_use() {
    let hot = hot_with_device().await;
    assert_eq!(use_device(&hot, 1, 2, later(60)).await, waives(Some(2)));
    assert_eq!(use_device(&hot, 2, 3, START.after(DAY_29_LAST_SECOND)).await, waives(Some(3)));
    assert_eq!(use_device(&hot, 3, 4, START.after(days(30))).await, DeviceUse::Unknown);
}

#[tokio::test]
async fn a_replaced_value_counts_for_a_minute_and_gives_a_thief_away_after() {
    let hot = hot_with_device().await;
    let mut open = session("ann", 1);
    open.device = Some(id("device-1"));
    let live = hot.open_session(open, None).await.unwrap();
    assert_eq!(use_device(&hot, 1, 2, START).await, waives(Some(2)));

    assert_eq!(use_device(&hot, 1, 3, later(59)).await, waives(None));
    assert_eq!(live.waiving_device(later(59), &mark("ann"), days(30)), Some(&id("device-1")));
    assert_eq!(use_device(&hot, 1, 3, later(60)).await, DeviceUse::Stolen { id: id("device-1") });

    // Neither the thief's nor the owner's value counts any more, and sessions on the device are asked for a code.
    assert_eq!(use_device(&hot, 1, 4, later(61)).await, DeviceUse::Unknown);
    assert_eq!(use_device(&hot, 2, 4, later(61)).await, DeviceUse::Unknown);
    assert_eq!(live.waiving_device(later(61), &mark("ann"), days(30)), None);
    assert!(live.is_live(later(61), &mark("ann")));
}

#[tokio::test]
async fn a_value_many_uses_old_gives_a_thief_away_too() {
    let hot = hot_with_device().await;
    // The thief signs in twice with a copy; then the owner comes back with the value both had.
    assert_eq!(use_device(&hot, 1, 2, START).await, waives(Some(2)));
    assert_eq!(use_device(&hot, 2, 3, later(1)).await, waives(Some(3)));
    assert_eq!(use_device(&hot, 1, 4, later(2)).await, DeviceUse::Stolen { id: id("device-1") });
    assert_eq!(use_device(&hot, 3, 5, later(3)).await, DeviceUse::Unknown);
}

#[tokio::test]
async fn parallel_sign_ins_of_one_browser_leave_it_trusted() {
    let hot = hot_with_device().await;
    let tabs: Vec<_> = (2..12)
        .map(|next| {
            let hot = hot.clone();
            tokio::spawn(async move { use_device(&hot, 1, next, START).await })
        })
        .collect();
    let mut rotations = 0;
    for tab in tabs {
        match tab.await.unwrap() {
            DeviceUse::Waives { rotated, .. } => rotations += usize::from(rotated.is_some()),
            refused => panic!("{refused:?}"),
        }
    }
    assert_eq!(rotations, 1);
}

#[tokio::test]
async fn a_device_is_trusted_for_its_own_person_and_password_only() {
    let hot = hot_with_device().await;
    let bob =
        hot.use_device(&user("bob"), &mark("bob"), &[token(1)], token(2), days(30), START).await.unwrap();
    assert_eq!(bob, DeviceUse::Unknown);
    let changed = hot
        .use_device(&user("ann"), &other_mark("ann"), &[token(1)], token(2), days(30), START)
        .await
        .unwrap();
    assert_eq!(changed, DeviceUse::Unknown);
    assert_eq!(use_device(&hot, 1, 2, START).await, waives(Some(2)));
}

#[tokio::test]
async fn recognising_a_device_changes_nothing() {
    let hot = hot_with_device().await;
    let recognise = |person: &'static str, byte, now| {
        let hot = hot.clone();
        async move {
            hot.recognise_device(&user(person), &mark(person), &[token(byte)], days(30), now).await.unwrap()
        }
    };
    for _ in 0..2 {
        assert_eq!(recognise("ann", 1, START).await, Some(id("device-1")));
    }
    assert_eq!(recognise("bob", 1, START).await, None);
    assert_eq!(recognise("ann", 9, START).await, None);
    assert_eq!(recognise("ann", 1, START.after(days(30))).await, None);
    use_device(&hot, 1, 2, START).await;
    assert_eq!(recognise("ann", 1, later(59)).await, Some(id("device-1")));
    assert_eq!(recognise("ann", 1, later(60)).await, None);
    assert_eq!(use_device(&hot, 2, 3, later(61)).await, waives(Some(3)));
}

#[tokio::test]
async fn a_session_on_a_device_needs_the_code_from_day_thirty() {
    let hot = hot_with_device().await;
    let mut open = session("ann", 1);
    open.device = Some(id("device-1"));
    let live = hot.open_session(open, None).await.unwrap();
    assert_eq!(
        live.waiving_device(START.after(DAY_29_LAST_SECOND), &mark("ann"), days(30)),
        Some(&id("device-1"))
    );
    assert_eq!(live.waiving_device(START.after(days(30)), &mark("ann"), days(30)), None);
    assert_eq!(live.waiving_device(START, &other_mark("ann"), days(30)), None);
    hot.revoke_trust(Some(&user("ann")), &id("device-1")).await.unwrap();
    assert_eq!(live.waiving_device(START, &mark("ann"), days(30)), None);
}

// --- Upkeep ---

#[tokio::test]
async fn a_sweep_removes_what_is_over_and_spares_busy_sessions() {
    const HOUR: u64 = 3600;
    let hot = hot().await;
    hot.trust_device(device("ann", 1)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let idle = hot.open_session(session("ann", 1), None).await.unwrap();
    let busy = hot.open_session(session("ann", 2), None).await.unwrap();
    busy.touch(later(7 * HOUR));

    let swept = hot.sweep(later(8 * HOUR), days(90)).await.unwrap();
    assert_eq!((swept.sessions, swept.trusts), (1, 0));
    assert!(idle.is_closed() && !busy.is_closed());
    assert_eq!(hot.open_sessions(), 1);

    let swept = hot.sweep(START.after(days(30)), days(90)).await.unwrap();
    assert_eq!((swept.sessions, swept.trusts), (1, 2));
    assert_eq!(hot.open_sessions(), 0);
    assert_eq!(hot.addresses(None, START).await.unwrap(), []);
}

#[tokio::test]
async fn what_the_directory_and_the_portals_no_longer_carry_is_ended() {
    let hot = hot().await;
    let hashes: Vec<TokenHash> = (1..=5).map(hash).collect();
    for (name, number) in [("ann", 1), ("bob", 2), ("eve", 3), ("joe", 4)] {
        hot.open_session(session(name, number), None).await.unwrap();
        hot.trust_device(device(name, number)).await.unwrap();
        hot.trust_address(address(name, number, "192.0.2.7/32")).await.unwrap();
    }
    let mut elsewhere = session("ann", 5);
    elsewhere.portal = "removed".to_owned();
    hot.open_session(elsewhere, None).await.unwrap();

    let (ann, mut bob, mut eve) = (person("ann"), person("bob"), person("eve"));
    bob.disabled = true;
    eve.credential = other_mark("eve");
    let ended = hot.end_outdated(&People::new([ann, bob, eve]), &["wiki", "mail"]).await.unwrap();

    assert_eq!(ended, Ended { sessions: 4, trusts: 6 });
    let open: Vec<_> = hot.sessions(None, START).await.unwrap().into_iter().map(|s| s.hash).collect();
    assert_eq!(open, hashes[..1]);
    assert_eq!(hot.devices(None, START).await.unwrap(), [device("ann", 1)]);
    assert_eq!(hot.addresses(None, START).await.unwrap(), [address("ann", 1, "192.0.2.7/32")]);
}
