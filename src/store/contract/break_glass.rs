//! Codes for who lost every second factor.

use crate::{
    domain::{break_glass::BreakGlass, time::days},
    store::{
        Ends, SharedStore,
        contract::{residents::resident, suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_code_is_read_with_its_account_and_a_later_one_takes_its_place,
    of_ten_who_type_one_code_one_has_it,
    a_code_is_its_persons_and_goes_with_them,
    codes_are_swept_when_over,
];

fn glass(name: &str, number: u64) -> BreakGlass {
    BreakGlass {
        person: user(name),
        code: hash(number),
        credential: mark(name),
        made_at: START,
        ends_at: later(600),
    }
}

async fn waits(store: &SharedStore, name: &str) -> Option<BreakGlass> {
    store.account(&user(name)).await.unwrap().break_glass
}

async fn a_code_is_read_with_its_account_and_a_later_one_takes_its_place(store: &SharedStore) {
    assert_eq!(waits(store, "ann").await, None);
    store.offer_break_glass(&glass("ann", 1)).await.unwrap();
    assert_eq!(waits(store, "ann").await, Some(glass("ann", 1)));
    store.offer_break_glass(&glass("ann", 2)).await.unwrap();
    assert_eq!(waits(store, "ann").await, Some(glass("ann", 2)));
    assert_eq!(store.take_break_glass(&user("ann"), &hash(1)).await.unwrap(), None);
    assert_eq!(store.take_break_glass(&user("ann"), &hash(2)).await.unwrap(), Some(glass("ann", 2)));
    assert_eq!(waits(store, "ann").await, None);
}

async fn of_ten_who_type_one_code_one_has_it(store: &SharedStore) {
    store.offer_break_glass(&glass("ann", 1)).await.unwrap();
    let take =
        |store: SharedStore| async move { store.take_break_glass(&user("ann"), &hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn a_code_is_its_persons_and_goes_with_them(store: &SharedStore) {
    store.add_residents(&[resident("ann"), resident("bob")]).await.unwrap().unwrap();
    store.offer_break_glass(&glass("ann", 1)).await.unwrap();
    assert_eq!(store.take_break_glass(&user("bob"), &hash(1)).await.unwrap(), None);
    // With everything else of hers that ends.
    store.change_resident(&resident("ann"), Ends::Nothing, None).await.unwrap().unwrap();
    assert!(waits(store, "ann").await.is_some());
    store.change_resident(&resident("ann"), Ends::Everything, None).await.unwrap().unwrap();
    assert_eq!(waits(store, "ann").await, None);
    store.offer_break_glass(&glass("ann", 1)).await.unwrap();
    store.rename_resident(&user("ann"), &resident("eve")).await.unwrap().unwrap();
    assert_eq!((waits(store, "ann").await, waits(store, "eve").await), (None, None));
    store.offer_break_glass(&glass("bob", 2)).await.unwrap();
    store.remove_resident(&user("bob")).await.unwrap();
    assert_eq!(waits(store, "bob").await, None);
}

async fn codes_are_swept_when_over(store: &SharedStore) {
    store.offer_break_glass(&glass("ann", 1)).await.unwrap();
    store.sweep(later(599), days(1)).await.unwrap();
    assert!(waits(store, "ann").await.is_some());
    assert_eq!(store.sweep(later(600), days(1)).await.unwrap().logins, 1);
    assert_eq!(waits(store, "ann").await, None);
}
