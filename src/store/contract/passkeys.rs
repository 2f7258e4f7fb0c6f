//! Passkeys, and that they and apps count as one.

use crate::store::{
    Leaving, Linking, SharedStore, Unlinked,
    contract::{suite, ten_at_once},
    samples::*,
};

suite![
    passkeys_come_back_oldest_first_and_are_found_by_their_authenticators_name,
    registering_a_passkey_ends_trusts_and_sessions_but_one,
    removing_a_passkey_ends_trusts_and_sessions_but_one,
    a_first_factor_is_first_among_apps_and_passkeys_together,
    one_name_of_an_authenticator_is_taken_once,
    of_an_app_and_a_passkey_one_stays_where_one_is_owed,
    a_passkey_of_somebody_else_cannot_be_removed,
    of_ten_uses_of_one_counter_at_once_one_succeeds,
    a_reset_removes_passkeys_too,
    a_passkey_alone_makes_an_outline_enrolled,
];

async fn passkeys_come_back_oldest_first_and_are_found_by_their_authenticators_name(store: &SharedStore) {
    let mut second = passkey("ann", 2);
    second.added_at = later(60);
    second.last_used = Some(later(70));
    store.add_passkey(&second, Linking::Another, None).await.unwrap();
    store.add_passkey(&passkey("ann", 1), Linking::Another, None).await.unwrap();
    store.add_passkey(&passkey("bob", 3), Linking::Another, None).await.unwrap();
    let account = store.account(&user("ann")).await.unwrap();
    assert_eq!(account.passkeys, [passkey("ann", 1), second.clone()]);
    assert_eq!(account.factors(), 2);
    assert_eq!(store.find_passkey(&second.credential_id).await.unwrap(), Some(second));
    assert_eq!(store.find_passkey(b"nobody's").await.unwrap(), None);
}

async fn furnish(store: &SharedStore) {
    for (name, number) in [("ann", 1), ("ann", 2), ("bob", 3)] {
        store.open_session(&session(name, number), None).await.unwrap();
    }
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    store.trust_device(&device("bob", 3)).await.unwrap();
}

async fn assert_only_bob_is_trusted(store: &SharedStore) {
    assert_eq!(store.sessions(None).await.unwrap(), [session("bob", 3), session("ann", 2)]);
    assert_eq!(store.devices(None).await.unwrap(), [device("bob", 3)]);
    assert_eq!(store.addresses(None).await.unwrap(), []);
}

async fn registering_a_passkey_ends_trusts_and_sessions_but_one(store: &SharedStore) {
    furnish(store).await;
    let closed = store.add_passkey(&passkey("ann", 1), Linking::Another, Some(&hash(2))).await.unwrap();
    assert_eq!(closed, Some(vec![hash(1)]));
    assert_only_bob_is_trusted(store).await;
}

async fn removing_a_passkey_ends_trusts_and_sessions_but_one(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap();
    furnish(store).await;
    let keep = hash(2);
    let gone =
        store.remove_passkey(&user("ann"), &id("passkey-1"), Leaving::None, Some(&keep)).await.unwrap();
    assert_eq!(gone, Unlinked::Done(vec![hash(1)]));
    assert!(!store.account(&user("ann")).await.unwrap().is_enrolled());
    assert_only_bob_is_trusted(store).await;
}

async fn a_first_factor_is_first_among_apps_and_passkeys_together(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap().unwrap();
    assert_eq!(store.add_passkey(&passkey("ann", 2), Linking::First, None).await.unwrap(), None);
    assert_eq!(store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap(), None);
    store.add_totp(&totp("bob", 2), Linking::First, None).await.unwrap().unwrap();
    assert_eq!(store.add_passkey(&passkey("bob", 3), Linking::First, None).await.unwrap(), None);
    assert_eq!(store.account(&user("ann")).await.unwrap().factors(), 1);
}

async fn one_name_of_an_authenticator_is_taken_once(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap().unwrap();
    let mut same = passkey("bob", 2);
    same.credential_id = passkey("ann", 1).credential_id;
    furnish(store).await;
    assert_eq!(store.add_passkey(&same, Linking::First, None).await.unwrap(), None);
    assert!(!store.account(&user("bob")).await.unwrap().is_enrolled());
    assert_eq!(store.sessions(None).await.unwrap().len(), 3);
}

async fn of_an_app_and_a_passkey_one_stays_where_one_is_owed(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap();
    store.add_passkey(&passkey("ann", 1), Linking::Another, None).await.unwrap();
    let ann = user("ann");
    let (app, key) = (id("totp-1"), id("passkey-1"));
    let outcomes = tokio::join!(
        store.remove_totp(&ann, &app, Leaving::One, None),
        store.remove_passkey(&ann, &key, Leaving::One, None)
    );
    let outcomes = (outcomes.0.unwrap(), outcomes.1.unwrap());
    assert!(matches!(outcomes, (Unlinked::Done(_), Unlinked::Last) | (Unlinked::Last, Unlinked::Done(_))));
    assert_eq!(store.account(&ann).await.unwrap().factors(), 1);
}

async fn a_passkey_of_somebody_else_cannot_be_removed(store: &SharedStore) {
    store.add_passkey(&passkey("bob", 1), Linking::First, None).await.unwrap();
    furnish(store).await;
    let gone = store.remove_passkey(&user("ann"), &id("passkey-1"), Leaving::None, None).await.unwrap();
    assert_eq!(gone, Unlinked::Unknown);
    assert!(store.account(&user("bob")).await.unwrap().is_enrolled());
    assert_eq!(store.sessions(None).await.unwrap().len(), 3);
}

async fn of_ten_uses_of_one_counter_at_once_one_succeeds(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap();
    let turn = |store: SharedStore| async move {
        store.use_passkey(&id("passkey-1"), "counter 0", "counter 1", later(9)).await.unwrap()
    };
    assert_eq!(ten_at_once(store, turn, |used| *used).await, 1);
    let kept = &store.account(&user("ann")).await.unwrap().passkeys[0];
    assert_eq!((kept.credential.as_str(), kept.last_used), ("counter 1", Some(later(9))));
    assert!(!store.use_passkey(&id("passkey-2"), "counter 0", "counter 1", START).await.unwrap());
    // One that does not count keeps its record.
    assert!(store.use_passkey(&id("passkey-1"), "counter 1", "counter 1", later(10)).await.unwrap());
}

async fn a_reset_removes_passkeys_too(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap();
    store.reset_second_factor(&user("ann")).await.unwrap();
    assert!(!store.account(&user("ann")).await.unwrap().is_enrolled());
}

async fn a_passkey_alone_makes_an_outline_enrolled(store: &SharedStore) {
    store.add_passkey(&passkey("ann", 1), Linking::First, None).await.unwrap();
    assert!(store.outlines().await.unwrap()[0].is_enrolled);
}
