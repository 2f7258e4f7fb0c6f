//! Trusted devices: one person, one password, thirty days, a cookie that changes.

use super::{hot, memory, recall, reopened, token, use_device};
use crate::{
    domain::{
        identity::PasswordHash,
        pin::{DevicePin, PinLeft},
        time::days,
        trust::DeviceTerms,
    },
    store::{
        hot::{DeviceUse, HotStore},
        samples::*,
    },
};

/// A device of Ann's whose cookie is `token(1)`.
async fn hot_with_device() -> HotStore {
    let hot = hot().await;
    let mut trust = device("ann", 1);
    trust.hash = token(1).hash();
    hot.trust_device(trust).await.unwrap();
    hot
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
    assert_eq!(live.waiving_device(later(59), &mark("ann"), THIRTY), Some(&id("device-1")));
    assert_eq!(use_device(&hot, 1, 3, later(60)).await, DeviceUse::Stolen { id: id("device-1") });

    // Neither the thief's nor the owner's value counts any more, and sessions on the device are asked for a code.
    assert_eq!(use_device(&hot, 1, 4, later(61)).await, DeviceUse::Unknown);
    assert_eq!(use_device(&hot, 2, 4, later(61)).await, DeviceUse::Unknown);
    assert_eq!(live.waiving_device(later(61), &mark("ann"), THIRTY), None);
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
    let bob = hot.use_device(&user("bob"), &mark("bob"), &[token(1)], token(2), THIRTY, START).await.unwrap();
    assert_eq!(bob, DeviceUse::Unknown);
    let changed =
        hot.use_device(&user("ann"), &other_mark("ann"), &[token(1)], token(2), THIRTY, START).await.unwrap();
    assert_eq!(changed, DeviceUse::Unknown);
    assert_eq!(use_device(&hot, 1, 2, START).await, waives(Some(2)));
}

#[tokio::test]
async fn recognising_a_device_changes_nothing() {
    let hot = hot_with_device().await;
    let recognise = |person: &'static str, byte, now| {
        let hot = hot.clone();
        async move {
            hot.recognise_device(&user(person), &mark(person), &[token(byte)], THIRTY, now).await.unwrap()
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
async fn a_device_trusted_until_the_password_changes_outlives_day_thirty_sweeps_and_restarts() {
    let store = memory();
    let hot = reopened(&store).await;
    let mut trust = device("ann", 1);
    (trust.hash, trust.expires_at) = (token(1).hash(), None);
    hot.trust_device(trust).await.unwrap();
    let mut open = session("ann", 1);
    (open.device, open.ends_at, open.idle) = (Some(id("device-1")), START.after(days(900)), days(900));
    hot.open_session(open, None).await.unwrap();

    let much_later = START.after(days(400));
    hot.sweep(much_later, days(90)).await.unwrap();
    let hot = HotStore::load(store.clone(), much_later).await.unwrap();
    let live = recall(&hot, 1).unwrap();
    let until = DeviceTerms::UntilPasswordChange;
    assert_eq!(live.waiving_device(much_later, &mark("ann"), until), Some(&id("device-1")));
    assert_eq!(live.waiving_device(much_later, &mark("ann"), THIRTY), None, "a narrower file narrows it");
    assert_eq!(live.waiving_device(much_later, &other_mark("ann"), until), None);
    assert_eq!(hot.devices(None, much_later).await.unwrap().len(), 1);
    let used =
        hot.use_device(&user("ann"), &mark("ann"), &[token(1)], token(2), until, much_later).await.unwrap();
    assert_eq!(used, waives(Some(2)));
}

#[tokio::test]
async fn a_session_on_a_device_needs_the_code_from_day_thirty() {
    let hot = hot_with_device().await;
    let mut open = session("ann", 1);
    open.device = Some(id("device-1"));
    let live = hot.open_session(open, None).await.unwrap();
    assert_eq!(
        live.waiving_device(START.after(DAY_29_LAST_SECOND), &mark("ann"), THIRTY),
        Some(&id("device-1"))
    );
    assert_eq!(live.waiving_device(START.after(days(30)), &mark("ann"), THIRTY), None);
    assert_eq!(live.waiving_device(START, &other_mark("ann"), THIRTY), None);
    hot.revoke_trust(Some(&user("ann")), &id("device-1")).await.unwrap();
    assert_eq!(live.waiving_device(START, &mark("ann"), THIRTY), None);
}

#[tokio::test]
async fn the_last_wrong_pin_ends_the_trust_for_open_sessions_too() {
    let hot = hot_with_device().await;
    let mut open = session("ann", 1);
    open.device = Some(id("device-1"));
    let live = hot.open_session(open, None).await.unwrap();
    let pin = DevicePin {
        device: id("device-1"),
        person: user("ann"),
        portal: "wiki".to_owned(),
        hash: PasswordHash::new("hash".to_owned()),
        set_at: START,
        wrong: 0,
    };
    assert!(hot.pins().set_pin(&pin).await.unwrap());
    for left in [PinLeft::Tries(1), PinLeft::Ended] {
        assert!(live.waiving_device(START, &mark("ann"), THIRTY).is_some());
        hot.pins().reserve_pin_try(&id("device-1"), 2).await.unwrap().unwrap();
        assert_eq!(hot.refuse_pin(&user("ann"), &id("device-1"), 2).await.unwrap(), left);
    }
    assert_eq!(live.waiving_device(START, &mark("ann"), THIRTY), None);
    assert_eq!(use_device(&hot, 1, 2, START).await, DeviceUse::Unknown);
    assert_eq!(hot.find_device(&token(1)).await.unwrap(), None);
}
