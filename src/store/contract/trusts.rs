//! Devices and addresses that waive the second factor.

use crate::{
    domain::trust::AddressScope,
    store::{
        SharedStore,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_device_is_found_by_its_present_value,
    a_rotated_device_is_found_by_its_present_value_and_all_before,
    of_ten_rotations_at_once_one_succeeds,
    a_device_that_no_day_ends_comes_back_so,
    an_address_comes_back_as_it_was_trusted,
    trusting_an_address_again_replaces_the_trust,
    a_waived_code_is_noted_on_the_address,
    trusts_are_listed_newest_first_by_person,
    a_revoked_trust_is_gone,
    all_trusts_of_a_person_are_revoked_together,
];

async fn a_device_is_found_by_its_present_value(store: &SharedStore) {
    let trust = device("ann", 1);
    store.trust_device(&trust).await.unwrap();
    assert_eq!(store.recall_device(&hash(1)).await.unwrap(), Some(trust));
    assert_eq!(store.recall_device(&hash(2)).await.unwrap(), None);
}

async fn a_rotated_device_is_found_by_its_present_value_and_all_before(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    assert!(store.rotate_device(&id("device-1"), &hash(1), &hash(2), later(60)).await.unwrap());
    assert!(store.rotate_device(&id("device-1"), &hash(2), &hash(3), later(90)).await.unwrap());

    let trust = store.recall_device(&hash(3)).await.unwrap().unwrap();
    assert_eq!((trust.hash, trust.previous), (hash(3), Some((hash(2), later(90)))));
    assert_eq!((trust.last_used, trust.expires_at), (later(90), device("ann", 1).expires_at));
    assert_eq!(store.recall_device(&hash(2)).await.unwrap(), Some(trust.clone()));
    assert_eq!(store.recall_device(&hash(1)).await.unwrap(), Some(trust));
    assert!(store.revoke_trust(&id("device-1")).await.unwrap());
    for value in 1..=3 {
        assert_eq!(store.recall_device(&hash(value)).await.unwrap(), None, "{value}");
    }
}

async fn of_ten_rotations_at_once_one_succeeds(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    let rotate = |store: SharedStore| async move {
        store.rotate_device(&id("device-1"), &hash(1), &hash(2), START).await.unwrap()
    };
    assert_eq!(ten_at_once(store, rotate, |rotated| *rotated).await, 1);
    assert!(!store.rotate_device(&id("device-9"), &hash(1), &hash(2), START).await.unwrap());
}

async fn a_device_that_no_day_ends_comes_back_so(store: &SharedStore) {
    let mut trust = device("ann", 1);
    trust.expires_at = None;
    store.trust_device(&trust).await.unwrap();
    assert_eq!(store.recall_device(&hash(1)).await.unwrap(), Some(trust.clone()));
    assert_eq!(store.devices(None).await.unwrap(), [trust]);
}

async fn an_address_comes_back_as_it_was_trusted(store: &SharedStore) {
    let mut wide = address("ann", 2, "2001:db8:1:2::/64");
    wide.scope = AddressScope::Portal;
    let mut widest = address("ann", 3, "192.0.2.8/32");
    widest.scope = AddressScope::Everyone;
    for trust in [address("ann", 1, "192.0.2.7/32"), wide, widest] {
        store.trust_address(&trust).await.unwrap();
        assert!(store.addresses(Some(&user("ann"))).await.unwrap().contains(&trust));
    }
}

async fn trusting_an_address_again_replaces_the_trust(store: &SharedStore) {
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let again = address("ann", 2, "192.0.2.7/32");
    let mut elsewhere = address("ann", 3, "192.0.2.7/32");
    elsewhere.portal = "mail".to_owned();
    let others = address("bob", 4, "192.0.2.7/32");
    for trust in [&again, &elsewhere, &others] {
        store.trust_address(trust).await.unwrap();
    }
    assert_eq!(store.addresses(None).await.unwrap(), [others, elsewhere, again]);
}

async fn a_waived_code_is_noted_on_the_address(store: &SharedStore) {
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    store.note_address_used(&id("address-1"), later(60)).await.unwrap();
    store.note_address_used(&id("address-1"), later(30)).await.unwrap();
    let trust = &store.addresses(None).await.unwrap()[0];
    assert_eq!((trust.last_used, trust.expires_at), (later(60), address("ann", 1, "::/0").expires_at));
}

async fn trusts_are_listed_newest_first_by_person(store: &SharedStore) {
    for (number, granted) in [(1, 10), (2, 30), (3, 20)] {
        let mut trust = device("ann", number);
        trust.granted_at = later(granted);
        store.trust_device(&trust).await.unwrap();
        let mut trust = address("ann", number, &format!("192.0.2.{number}/32"));
        trust.granted_at = later(granted);
        store.trust_address(&trust).await.unwrap();
    }
    store.trust_device(&device("bob", 4)).await.unwrap();
    store.trust_address(&address("bob", 4, "192.0.2.4/32")).await.unwrap();

    let devices = store.devices(Some(&user("ann"))).await.unwrap();
    assert_eq!(
        devices.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(),
        ["device-2", "device-3", "device-1"]
    );
    let addresses = store.addresses(Some(&user("ann"))).await.unwrap();
    assert_eq!(
        addresses.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(),
        ["address-2", "address-3", "address-1"]
    );
    assert_eq!(store.devices(None).await.unwrap().len(), 4);
    assert_eq!(store.addresses(None).await.unwrap().len(), 4);
}

async fn a_revoked_trust_is_gone(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    for trust in ["device-1", "address-1"] {
        assert!(store.revoke_trust(&id(trust)).await.unwrap());
        assert!(!store.revoke_trust(&id(trust)).await.unwrap());
    }
    assert_eq!(store.recall_device(&hash(1)).await.unwrap(), None);
    assert_eq!(store.addresses(None).await.unwrap(), []);
}

async fn all_trusts_of_a_person_are_revoked_together(store: &SharedStore) {
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_device(&device("ann", 2)).await.unwrap();
    store.trust_device(&device("bob", 3)).await.unwrap();
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();

    let mut revoked = store.revoke_trusts_of(&user("ann")).await.unwrap();
    revoked.sort();
    assert_eq!(revoked, [id("address-1"), id("device-1"), id("device-2")]);
    assert_eq!(store.devices(None).await.unwrap(), [device("bob", 3)]);
    assert_eq!(store.revoke_trusts_of(&user("ann")).await.unwrap(), []);
}
