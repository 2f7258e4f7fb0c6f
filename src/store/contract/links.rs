//! Sign-in links.

use std::time::Duration;

use crate::{
    domain::time::days,
    store::{
        SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    an_offer_comes_back_as_it_was_written_by_link_and_by_browser,
    a_link_that_was_pressed_elsewhere_is_found_by_its_browser_only,
    one_browser_has_one_offer_and_one_person_may_have_several,
    of_ten_presses_at_once_one_takes_the_offer,
    of_ten_codes_at_once_one_takes_the_offer,
    an_offer_is_swept_after_fifteen_minutes,
];

async fn an_offer_comes_back_as_it_was_written_by_link_and_by_browser(store: &SharedStore) {
    let mut offer = link_offer("ann", 1);
    offer.wrong_codes = 3;
    store.offer_link(&offer).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.recall_link(&hash(1001)).await.unwrap().as_ref(), Some(&offer));
        assert_eq!(store.recall_link_of(&hash(1)).await.unwrap().as_ref(), Some(&offer));
    }
    assert_eq!(store.recall_link(&hash(1)).await.unwrap(), None);
    assert_eq!(store.recall_link_of(&hash(1001)).await.unwrap(), None);
    assert_eq!(store.take_link(&hash(1001)).await.unwrap(), Some(offer.clone()));
    assert_eq!(store.recall_link_of(&hash(1)).await.unwrap(), None);
    store.offer_link(&offer).await.unwrap();
    assert_eq!(store.take_link_of(&hash(1)).await.unwrap(), Some(offer));
    assert_eq!(store.recall_link(&hash(1001)).await.unwrap(), None);
}

async fn a_link_that_was_pressed_elsewhere_is_found_by_its_browser_only(store: &SharedStore) {
    for number in [1, 2] {
        let mut pressed = link_offer("ann", number);
        store.offer_link(&pressed).await.unwrap();
        pressed.link = None;
        store.offer_link(&pressed).await.unwrap();
        assert_eq!(store.take_link(&hash(number + 1000)).await.unwrap(), None);
        assert_eq!(store.recall_link_of(&hash(number)).await.unwrap(), Some(pressed));
    }
}

async fn one_browser_has_one_offer_and_one_person_may_have_several(store: &SharedStore) {
    store.offer_link(&link_offer("ann", 1)).await.unwrap();
    store.offer_link(&link_offer("ann", 2)).await.unwrap();
    let mut newer = link_offer("ann", 1);
    newer.link = Some(hash(1003));
    store.offer_link(&newer).await.unwrap();
    assert_eq!(store.recall_link(&hash(1001)).await.unwrap(), None);
    assert_eq!(store.recall_link(&hash(1003)).await.unwrap(), Some(newer));
    assert_eq!(store.recall_link(&hash(1002)).await.unwrap(), Some(link_offer("ann", 2)));
}

async fn of_ten_presses_at_once_one_takes_the_offer(store: &SharedStore) {
    store.offer_link(&link_offer("ann", 1)).await.unwrap();
    let take = |store: SharedStore| async move { store.take_link(&hash(1001)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn of_ten_codes_at_once_one_takes_the_offer(store: &SharedStore) {
    store.offer_link(&link_offer("ann", 1)).await.unwrap();
    let take = |store: SharedStore| async move { store.take_link_of(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn an_offer_is_swept_after_fifteen_minutes(store: &SharedStore) {
    store.offer_link(&link_offer("ann", 1)).await.unwrap();
    let keep: Duration = days(90);
    assert_eq!(store.sweep(later(15 * 60 - 1), keep).await.unwrap(), Swept::default());
    let swept = store.sweep(later(15 * 60), keep).await.unwrap();
    assert_eq!(swept, Swept { logins: 1, ..Swept::default() });
    assert_eq!(store.recall_link_of(&hash(1)).await.unwrap(), None);
}
