//! What the gateway itself keeps about people.

use crate::{
    domain::factor::{Account, Contact, Method},
    store::{
        AccountOutline, Leaving, Linking, SharedStore, Unlinked,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    somebody_never_seen_has_an_empty_account,
    linked_apps_come_back_oldest_first,
    linking_an_app_ends_trusts_and_sessions_but_one,
    of_ten_first_apps_at_once_one_is_linked,
    unlinking_an_app_ends_trusts_and_sessions_but_one,
    of_two_apps_unlinked_at_once_one_stays_where_one_is_owed,
    an_app_of_somebody_else_cannot_be_unlinked,
    of_ten_uses_of_one_step_at_once_one_succeeds,
    a_used_step_uses_up_every_earlier_one,
    recovery_codes_work_once_each,
    of_ten_uses_of_one_recovery_code_at_once_one_succeeds,
    new_recovery_codes_replace_the_old,
    a_reset_removes_every_factor_trust_and_session,
    a_verified_contact_is_kept_once_and_ends_trusts_and_sessions,
    a_contact_is_removed_by_its_kind_and_ends_trusts_and_sessions,
    no_contact_is_added_beside_another_factor,
    of_ten_contacts_at_once_one_is_kept,
    own_choices_are_kept,
    outlines_tell_of_everybody_by_name,
];

async fn somebody_never_seen_has_an_empty_account(store: &SharedStore) {
    assert_eq!(store.account(&user("ann")).await.unwrap(), Account::default());
}

async fn linked_apps_come_back_oldest_first(store: &SharedStore) {
    let mut second = totp("ann", 2);
    second.added_at = later(60);
    second.last_used = Some(later(60));
    second.last_step = 59_833_335;
    store.add_totp(&second, Linking::Another, None).await.unwrap();
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    store.add_totp(&totp("bob", 3), Linking::Another, None).await.unwrap();
    assert_eq!(store.account(&user("ann")).await.unwrap().totp, [totp("ann", 1), second]);
}

/// Ann with two sessions and two trusts, Bob with one of each.
async fn furnish(store: &SharedStore) {
    for (name, number) in [("ann", 1), ("ann", 2), ("bob", 3)] {
        store.open_session(&session(name, number), None).await.unwrap();
    }
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_address(&address("ann", 1, "192.0.2.7/32")).await.unwrap();
    store.trust_device(&device("bob", 3)).await.unwrap();
}

async fn assert_only_bob_is_trusted(store: &SharedStore) {
    assert_eq!(store.devices(None).await.unwrap(), [device("bob", 3)]);
    assert_eq!(store.addresses(None).await.unwrap(), []);
}

fn contact(method: Method, to: &str) -> Contact {
    Contact { method, to: to.to_owned(), verified_at: START }
}

async fn a_verified_contact_is_kept_once_and_ends_trusts_and_sessions(store: &SharedStore) {
    furnish(store).await;
    let phone = contact(Method::Sms, "+49 170 0000042");
    let closed = store.add_contact(&user("ann"), &phone, Some(&hash(2))).await.unwrap();
    assert_eq!(closed, Some(vec![hash(1)]));
    assert_only_bob_is_trusted(store).await;
    assert_eq!(store.account(&user("ann")).await.unwrap().contacts, [phone]);
    assert_eq!(store.account(&user("bob")).await.unwrap().contacts, []);
    for other in [contact(Method::Sms, "+1 555 0100"), contact(Method::Email, "thief@example.com")] {
        assert_eq!(store.add_contact(&user("ann"), &other, None).await.unwrap(), None);
    }
    store.reset_second_factor(&user("ann")).await.unwrap();
    assert_eq!(store.account(&user("ann")).await.unwrap().contacts, []);
}

async fn a_contact_is_removed_by_its_kind_and_ends_trusts_and_sessions(store: &SharedStore) {
    store.add_contact(&user("ann"), &contact(Method::Sms, "+1 555 0100"), None).await.unwrap();
    furnish(store).await;
    assert_eq!(store.remove_contact(&user("ann"), Method::Email, None).await.unwrap(), None);
    assert_eq!(store.remove_contact(&user("bob"), Method::Sms, None).await.unwrap(), None);
    let closed = store.remove_contact(&user("ann"), Method::Sms, Some(&hash(2))).await.unwrap();
    assert_eq!(closed, Some(vec![hash(1)]));
    assert_only_bob_is_trusted(store).await;
    assert_eq!(store.account(&user("ann")).await.unwrap().contacts, []);
    assert_eq!(store.remove_contact(&user("ann"), Method::Sms, None).await.unwrap(), None);
}

async fn no_contact_is_added_beside_another_factor(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap();
    let mail = contact(Method::Email, "thief@example.com");
    assert_eq!(store.add_contact(&user("ann"), &mail, None).await.unwrap(), None);
    assert_eq!(store.account(&user("ann")).await.unwrap().contacts, []);
}

async fn of_ten_contacts_at_once_one_is_kept(store: &SharedStore) {
    let add = |store: SharedStore| async move {
        store.add_contact(&user("ann"), &contact(Method::Email, "ann@example.com"), None).await.unwrap()
    };
    assert_eq!(ten_at_once(store, add, Option::is_some).await, 1);
}

async fn linking_an_app_ends_trusts_and_sessions_but_one(store: &SharedStore) {
    furnish(store).await;
    assert_eq!(
        store.add_totp(&totp("ann", 1), Linking::Another, Some(&hash(2))).await.unwrap(),
        Some(vec![hash(1)])
    );
    assert_eq!(store.sessions(None).await.unwrap(), [session("bob", 3), session("ann", 2)]);
    assert_only_bob_is_trusted(store).await;
}

async fn of_ten_first_apps_at_once_one_is_linked(store: &SharedStore) {
    let numbers = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(1));
    let link = |store: SharedStore| {
        let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { store.add_totp(&totp("ann", number), Linking::First, None).await.unwrap() }
    };
    assert_eq!(ten_at_once(store, link, Option::is_some).await, 1);
    assert_eq!(store.account(&user("ann")).await.unwrap().totp.len(), 1);
    // Whoever shows a code of it links more.
    assert!(store.add_totp(&totp("ann", 11), Linking::Another, None).await.unwrap().is_some());
}

async fn of_two_apps_unlinked_at_once_one_stays_where_one_is_owed(store: &SharedStore) {
    for number in 1..=2 {
        store.add_totp(&totp("ann", number), Linking::Another, None).await.unwrap();
    }
    let unlink = |number: u64| {
        let (store, id) = (store.clone(), id(&format!("totp-{number}")));
        async move { store.remove_totp(&user("ann"), &id, Leaving::One, None).await.unwrap() }
    };
    let outcomes = tokio::join!(unlink(1), unlink(2));
    assert!(matches!(outcomes, (Unlinked::Done(_), Unlinked::Last) | (Unlinked::Last, Unlinked::Done(_))));
    assert_eq!(store.account(&user("ann")).await.unwrap().totp.len(), 1);
}

async fn unlinking_an_app_ends_trusts_and_sessions_but_one(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    store.add_totp(&totp("ann", 2), Linking::Another, None).await.unwrap();
    furnish(store).await;
    let closed = store.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, Some(&hash(2))).await.unwrap();
    assert_eq!(closed, Unlinked::Done(vec![hash(1)]));
    assert_eq!(store.account(&user("ann")).await.unwrap().totp, [totp("ann", 2)]);
    assert_only_bob_is_trusted(store).await;
}

async fn an_app_of_somebody_else_cannot_be_unlinked(store: &SharedStore) {
    store.add_totp(&totp("bob", 1), Linking::Another, None).await.unwrap();
    furnish(store).await;
    assert_eq!(
        store.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, None).await.unwrap(),
        Unlinked::Unknown
    );
    assert!(store.account(&user("bob")).await.unwrap().is_enrolled());
    assert_eq!(store.sessions(None).await.unwrap().len(), 3);
    assert_eq!(store.devices(None).await.unwrap().len(), 2);
}

async fn of_ten_uses_of_one_step_at_once_one_succeeds(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    let consume =
        |store: SharedStore| async move { store.consume_step(&id("totp-1"), 500, START).await.unwrap() };
    assert_eq!(ten_at_once(store, consume, |used| *used).await, 1);
}

async fn a_used_step_uses_up_every_earlier_one(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    for (step, works) in [(500, true), (500, false), (499, false), (501, true)] {
        assert_eq!(store.consume_step(&id("totp-1"), step, later(9)).await.unwrap(), works, "step {step}");
    }
    assert!(!store.consume_step(&id("totp-2"), 900, START).await.unwrap());
    let factor = &store.account(&user("ann")).await.unwrap().totp[0];
    assert_eq!((factor.last_step, factor.last_used), (501, Some(later(9))));
}

async fn recovery_codes_work_once_each(store: &SharedStore) {
    let codes: Vec<_> = (0..10).map(hash).collect();
    store.replace_recovery_codes(&user("ann"), &codes).await.unwrap();
    assert_eq!(store.account(&user("ann")).await.unwrap().recovery_left, 10);
    assert!(store.consume_recovery_code(&user("ann"), &hash(3)).await.unwrap());
    assert!(!store.consume_recovery_code(&user("ann"), &hash(3)).await.unwrap());
    assert!(!store.consume_recovery_code(&user("ann"), &hash(10)).await.unwrap());
    assert!(!store.consume_recovery_code(&user("bob"), &hash(4)).await.unwrap());
    assert_eq!(store.account(&user("ann")).await.unwrap().recovery_left, 9);
}

async fn of_ten_uses_of_one_recovery_code_at_once_one_succeeds(store: &SharedStore) {
    store.replace_recovery_codes(&user("ann"), &[hash(1)]).await.unwrap();
    let consume = |store: SharedStore| async move {
        store.consume_recovery_code(&user("ann"), &hash(1)).await.unwrap()
    };
    assert_eq!(ten_at_once(store, consume, |used| *used).await, 1);
}

async fn new_recovery_codes_replace_the_old(store: &SharedStore) {
    store.replace_recovery_codes(&user("ann"), &[hash(1), hash(2)]).await.unwrap();
    store.replace_recovery_codes(&user("ann"), &[hash(2), hash(3), hash(4)]).await.unwrap();
    assert!(!store.consume_recovery_code(&user("ann"), &hash(1)).await.unwrap());
    assert!(store.consume_recovery_code(&user("ann"), &hash(2)).await.unwrap());
    assert_eq!(store.account(&user("ann")).await.unwrap().recovery_left, 2);
}

async fn a_reset_removes_every_factor_trust_and_session(store: &SharedStore) {
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    store.add_totp(&totp("bob", 2), Linking::Another, None).await.unwrap();
    store.replace_recovery_codes(&user("ann"), &[hash(1)]).await.unwrap();
    store.choose_language(&user("ann"), "nl").await.unwrap();
    furnish(store).await;

    let mut closed = store.reset_second_factor(&user("ann")).await.unwrap();
    closed.sort();
    assert_eq!(closed, [hash(1), hash(2)]);
    let account = store.account(&user("ann")).await.unwrap();
    assert_eq!(account, Account { language: Some("nl".to_owned()), ..Account::default() });
    assert_only_bob_is_trusted(store).await;
    assert!(store.account(&user("bob")).await.unwrap().is_enrolled());
}

async fn own_choices_are_kept(store: &SharedStore) {
    store.switch_second_factor(&user("ann"), true).await.unwrap();
    store.choose_language(&user("ann"), "de").await.unwrap();
    let account = store.account(&user("ann")).await.unwrap();
    assert!(account.wants_second_factor);
    assert_eq!(account.language.as_deref(), Some("de"));
    store.switch_second_factor(&user("ann"), false).await.unwrap();
    assert!(!store.account(&user("ann")).await.unwrap().wants_second_factor);
}

async fn outlines_tell_of_everybody_by_name(store: &SharedStore) {
    store.switch_second_factor(&user("eve"), true).await.unwrap();
    store.add_totp(&totp("bob", 1), Linking::Another, None).await.unwrap();
    store.choose_language(&user("ann"), "fr").await.unwrap();
    let outline = |name, wants_second_factor, is_enrolled, language: Option<&str>| AccountOutline {
        person: user(name),
        wants_second_factor,
        is_enrolled,
        language: language.map(str::to_owned),
    };
    assert_eq!(
        store.outlines().await.unwrap(),
        [
            outline("ann", false, false, Some("fr")),
            outline("bob", false, true, None),
            outline("eve", true, false, None)
        ]
    );
}
