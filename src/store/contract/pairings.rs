//! Authenticator pages that wait to be linked.

use crate::{
    domain::{
        factor::{PageKey, PageSigner, TotpKey},
        pairing::{PairedWith, Pairing, PairingStage},
        time::days,
    },
    store::{
        Leaving, Linking, SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_page_that_waits_comes_back_by_its_number_and_by_its_token,
    two_pages_never_show_one_number,
    a_claimed_number_is_void_and_its_page_learns_whose_it_is,
    of_ten_who_enter_one_number_one_has_it,
    a_number_is_claimed_in_its_last_second_and_no_later,
    pages_are_swept_when_over,
    the_key_of_a_page_comes_and_goes_with_its_app,
];

fn signer(number: u8) -> PageSigner {
    let mut point = [number; 65];
    point[0] = 4;
    PageSigner::read(&point).unwrap()
}

/// Waits from [`START`] for ten minutes.
fn pairing(token: u64, number: u64) -> Pairing {
    Pairing {
        poll: hash(token),
        portal: "wiki".to_owned(),
        agent: "Chrome, Android".to_owned(),
        signer: signer(1),
        ends_at: later(600),
        stage: PairingStage::Waiting { number: hash(number), key: TotpKey::new(KEY.to_vec()) },
    }
}

fn with(person: &str) -> PairedWith {
    PairedWith { person: user(person), app: id("totp-1") }
}

async fn a_page_that_waits_comes_back_by_its_number_and_by_its_token(store: &SharedStore) {
    assert!(store.offer_pairing(&pairing(1, 101)).await.unwrap());
    assert!(store.offer_pairing(&pairing(2, 102)).await.unwrap());
    assert_eq!(store.recall_pairing(&hash(101)).await.unwrap(), Some(pairing(1, 101)));
    assert_eq!(store.recall_pairing_of(&hash(2)).await.unwrap(), Some(pairing(2, 102)));
    assert_eq!(store.recall_pairing(&hash(1)).await.unwrap(), None);
    assert_eq!(store.recall_pairing_of(&hash(101)).await.unwrap(), None);
}

async fn two_pages_never_show_one_number(store: &SharedStore) {
    assert!(store.offer_pairing(&pairing(1, 101)).await.unwrap());
    assert!(!store.offer_pairing(&pairing(2, 101)).await.unwrap());
    assert_eq!(store.recall_pairing_of(&hash(2)).await.unwrap(), None);
    // A number that was entered may be drawn again.
    assert!(store.claim_pairing(&hash(101), &with("ann"), START, later(900)).await.unwrap());
    assert!(store.offer_pairing(&pairing(2, 101)).await.unwrap());
}

async fn a_claimed_number_is_void_and_its_page_learns_whose_it_is(store: &SharedStore) {
    store.offer_pairing(&pairing(1, 101)).await.unwrap();
    assert!(store.claim_pairing(&hash(101), &with("ann"), START, later(900)).await.unwrap());
    assert_eq!(store.recall_pairing(&hash(101)).await.unwrap(), None);
    let linked = Pairing { ends_at: later(900), stage: PairingStage::Linked(with("ann")), ..pairing(1, 101) };
    assert_eq!(store.recall_pairing_of(&hash(1)).await.unwrap(), Some(linked));
    assert!(!store.claim_pairing(&hash(101), &with("bob"), START, later(900)).await.unwrap());
}

async fn of_ten_who_enter_one_number_one_has_it(store: &SharedStore) {
    store.offer_pairing(&pairing(1, 101)).await.unwrap();
    let claim = |store: SharedStore| async move {
        store.claim_pairing(&hash(101), &with("ann"), START, later(900)).await.unwrap()
    };
    assert_eq!(ten_at_once(store, claim, |claimed| *claimed).await, 1);
}

async fn a_number_is_claimed_in_its_last_second_and_no_later(store: &SharedStore) {
    for (token, at, is_good) in [(1, 600, false), (2, 599, true)] {
        store.offer_pairing(&pairing(token, 100 + token)).await.unwrap();
        let claimed = store.claim_pairing(&hash(100 + token), &with("ann"), later(at), later(900)).await;
        assert_eq!(claimed.unwrap(), is_good, "{at}");
    }
}

async fn pages_are_swept_when_over(store: &SharedStore) {
    store.offer_pairing(&pairing(1, 101)).await.unwrap();
    store.offer_pairing(&pairing(2, 102)).await.unwrap();
    store.claim_pairing(&hash(102), &with("ann"), START, later(900)).await.unwrap();
    let one = Swept { logins: 1, ..Swept::default() };
    for (at, swept) in [(599, Swept::default()), (600, one), (899, Swept::default()), (900, one)] {
        assert_eq!(store.sweep(later(at), days(90)).await.unwrap(), swept, "{at}");
    }
}

async fn the_key_of_a_page_comes_and_goes_with_its_app(store: &SharedStore) {
    let mut app = totp("ann", 1);
    app.page = Some(PageKey { portal: "wiki".to_owned(), signer: signer(2) });
    store.add_totp(&app, Linking::First, None).await.unwrap().unwrap();
    store.add_totp(&totp("ann", 2), Linking::Another, None).await.unwrap().unwrap();
    assert_eq!(store.account(&user("ann")).await.unwrap().totp, [app, totp("ann", 2)]);
    store.remove_totp(&user("ann"), &id("totp-1"), Leaving::One, None).await.unwrap();
    assert_eq!(store.account(&user("ann")).await.unwrap().totp, [totp("ann", 2)]);
}
