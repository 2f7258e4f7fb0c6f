//! PINs of trusted devices: counted before they are compared, gone with the trust, and the trust with the last try.

use super::{suite, ten_at_once};
use crate::{
    domain::{
        identity::PasswordHash,
        pin::{DevicePin, PinLeft},
        time::days,
    },
    store::{SharedStore, samples::*},
};

suite![
    a_pin_comes_back_as_it_was_set_and_a_new_one_takes_its_place,
    a_pin_is_set_only_on_a_device_that_is_trusted_by_that_person,
    a_removed_pin_is_gone_and_the_trust_stays,
    of_ten_tries_at_once_five_are_let_through,
    a_right_pin_forgets_the_wrong_ones_before_it,
    a_try_that_was_not_compared_is_given_back,
    the_fifth_wrong_pin_ends_the_trust_and_not_the_fourth,
    a_pin_is_gone_with_its_trust_however_that_goes,
];

const MOST: u32 = 5;

pub(super) fn pin(person: &str, number: u64) -> DevicePin {
    DevicePin {
        device: id(&format!("device-{number}")),
        person: user(person),
        portal: "wiki".to_owned(),
        hash: PasswordHash::new("$argon2id$one".to_owned()),
        set_at: START,
        wrong: 0,
    }
}

/// Ann's first device, and its PIN.
async fn with_pin(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    assert!(store.set_pin(&pin("ann", 1)).await.unwrap());
}

async fn a_pin_comes_back_as_it_was_set_and_a_new_one_takes_its_place(store: &SharedStore) {
    with_pin(store).await;
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), Some(pin("ann", 1)));
    assert_eq!(store.pin_of(&id("device-2")).await.unwrap(), None);
    store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().unwrap();
    let hash = PasswordHash::new("$argon2id$two".to_owned());
    let another = DevicePin { hash, portal: "mail".to_owned(), set_at: later(60), ..pin("ann", 1) };
    assert!(store.set_pin(&another).await.unwrap());
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), Some(another));
}

async fn a_pin_is_set_only_on_a_device_that_is_trusted_by_that_person(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    assert!(!store.set_pin(&pin("bob", 1)).await.unwrap());
    assert!(!store.set_pin(&pin("ann", 2)).await.unwrap());
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), None);
    assert_eq!(store.pin_of(&id("device-2")).await.unwrap(), None);
}

async fn a_removed_pin_is_gone_and_the_trust_stays(store: &SharedStore) {
    with_pin(store).await;
    assert!(store.remove_pin(&id("device-1")).await.unwrap());
    assert!(!store.remove_pin(&id("device-1")).await.unwrap());
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), None);
    assert!(store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().is_none());
    assert!(!store.accept_pin(&id("device-1")).await.unwrap());
    assert_eq!(store.refuse_pin(&id("device-1"), MOST).await.unwrap(), PinLeft::Gone);
    assert_eq!(store.devices(None).await.unwrap(), [device("ann", 1)]);
}

async fn of_ten_tries_at_once_five_are_let_through(store: &SharedStore) {
    with_pin(store).await;
    let reserve =
        |store: SharedStore| async move { store.reserve_pin_try(&id("device-1"), MOST).await.unwrap() };
    assert_eq!(ten_at_once(store, reserve, Option::is_some).await, 5);
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap().unwrap().wrong, 5);
}

async fn a_right_pin_forgets_the_wrong_ones_before_it(store: &SharedStore) {
    with_pin(store).await;
    for _ in 0..4 {
        store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().unwrap();
    }
    assert!(store.accept_pin(&id("device-1")).await.unwrap());
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), Some(pin("ann", 1)));
}

async fn a_try_that_was_not_compared_is_given_back(store: &SharedStore) {
    with_pin(store).await;
    store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().unwrap();
    store.release_pin_try(&id("device-1")).await.unwrap();
    store.release_pin_try(&id("device-1")).await.unwrap();
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), Some(pin("ann", 1)));
}

async fn the_fifth_wrong_pin_ends_the_trust_and_not_the_fourth(store: &SharedStore) {
    with_pin(store).await;
    store.trust_device(&device("ann", 2)).await.unwrap();
    for wrong in 1..MOST {
        assert_eq!(store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().unwrap().wrong, wrong);
        assert_eq!(store.refuse_pin(&id("device-1"), MOST).await.unwrap(), PinLeft::Tries(MOST - wrong));
    }
    store.reserve_pin_try(&id("device-1"), MOST).await.unwrap().unwrap();
    let refuse = |store: SharedStore| async move { store.refuse_pin(&id("device-1"), MOST).await.unwrap() };
    assert_eq!(ten_at_once(store, refuse, |left| *left == PinLeft::Ended).await, 1, "told once");
    assert_eq!(store.refuse_pin(&id("device-1"), MOST).await.unwrap(), PinLeft::Gone);
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), None);
    assert_eq!(store.recall_device(&hash(1)).await.unwrap(), None);
    assert_eq!(store.devices(None).await.unwrap(), [device("ann", 2)], "no other device");
}

async fn a_pin_is_gone_with_its_trust_however_that_goes(store: &SharedStore) {
    let is_gone = async || store.pin_of(&id("device-1")).await.unwrap().is_none();
    with_pin(store).await;
    store.revoke_trust(&id("device-1")).await.unwrap();
    assert!(is_gone().await);
    // The same id again is another trust.
    store.trust_device(&device("ann", 1)).await.unwrap();
    assert!(is_gone().await);

    assert!(store.set_pin(&pin("ann", 1)).await.unwrap());
    store.revoke_trusts_of(&user("ann")).await.unwrap();
    assert!(is_gone().await);
    with_pin(store).await;
    store.reset_second_factor(&user("ann")).await.unwrap();
    assert!(is_gone().await);
    with_pin(store).await;
    store.sweep(START.after(DAY_29_LAST_SECOND), days(90)).await.unwrap();
    assert!(!is_gone().await);
    store.sweep(START.after(days(30)), days(90)).await.unwrap();
    assert!(is_gone().await);
    // A use changes the value and keeps the rest.
    with_pin(store).await;
    assert!(store.rotate_device(&id("device-1"), &hash(1), &hash(2), START).await.unwrap());
    assert!(!is_gone().await);
}
