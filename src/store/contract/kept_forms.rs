//! Forms that wait for a sign-in.

use crate::{
    domain::{
        kept_form::{Room, SealedForm},
        time::days,
    },
    store::{
        SharedStore, Swept,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_form_comes_back_as_it_was_kept_and_to_its_own_browser_only,
    of_ten_presses_at_once_one_has_it,
    a_form_is_claimed_by_one_person,
    of_ten_people_at_once_one_claims_a_form,
    forms_are_kept_while_there_is_room_in_all_and_for_the_network,
    strangers_forms_take_nothing_from_those_with_an_owner,
    a_form_that_is_over_takes_no_room,
    forms_are_swept_when_over,
];

const PLENTY: Room = Room { all: 1 << 30, network: 1 << 30 };

/// Kept at [`START`] under hash `number`.
pub(super) fn form(number: u64) -> SealedForm {
    SealedForm {
        hash: hash(number),
        owner: None,
        network: "192.0.2.7/32".parse().unwrap(),
        ends_at: later(600),
        sealed: vec![0, 255, 7, 13],
    }
}

async fn keep(store: &SharedStore, form: SealedForm) {
    assert!(store.keep_form(&form, PLENTY, START).await.unwrap());
}

async fn a_form_comes_back_as_it_was_kept_and_to_its_own_browser_only(store: &SharedStore) {
    assert_eq!(store.recall_form(&hash(1)).await.unwrap(), None);
    let owned = SealedForm {
        owner: Some(user("ann")),
        network: "2001:db8::/64".parse().unwrap(),
        sealed: (0..=255).cycle().take(100_000).collect(),
        ..form(1)
    };
    keep(store, owned.clone()).await;
    keep(store, form(2)).await;
    assert_eq!(store.recall_form(&hash(1)).await.unwrap(), Some(owned.clone()));
    assert_eq!(store.recall_form(&hash(3)).await.unwrap(), None);
    assert_eq!(store.take_form(&hash(3)).await.unwrap(), None);
    assert_eq!(store.take_form(&hash(1)).await.unwrap(), Some(owned));
    assert_eq!(store.take_form(&hash(1)).await.unwrap(), None);
    assert_eq!(store.recall_form(&hash(2)).await.unwrap(), Some(form(2)));
}

async fn of_ten_presses_at_once_one_has_it(store: &SharedStore) {
    keep(store, form(1)).await;
    let take = |store: SharedStore| async move { store.take_form(&hash(1)).await.unwrap() };
    assert_eq!(ten_at_once(store, take, Option::is_some).await, 1);
}

async fn a_form_is_claimed_by_one_person(store: &SharedStore) {
    keep(store, form(1)).await;
    keep(store, SealedForm { owner: Some(user("bob")), ..form(2) }).await;
    let claim = async |number, person| store.claim_form(&hash(number), &user(person)).await.unwrap();
    assert!(claim(1, "ann").await && claim(1, "ann").await);
    assert!(!claim(1, "bob").await && !claim(2, "ann").await && claim(2, "bob").await);
    assert!(!claim(3, "ann").await);
    let owned = SealedForm { owner: Some(user("ann")), ..form(1) };
    assert_eq!(store.take_form(&hash(1)).await.unwrap(), Some(owned));
}

async fn of_ten_people_at_once_one_claims_a_form(store: &SharedStore) {
    keep(store, form(1)).await;
    let number = std::sync::atomic::AtomicU32::new(0);
    let claim = |store: SharedStore| {
        let person = format!("person-{}", number.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        async move { store.claim_form(&hash(1), &user(&person)).await.unwrap() }
    };
    assert_eq!(ten_at_once(store, claim, |claimed| *claimed).await, 1);
}

async fn forms_are_kept_while_there_is_room_in_all_and_for_the_network(store: &SharedStore) {
    let size = form(1).charge();
    let room = Room { all: 3 * size, network: 2 * size };
    let keep = async |number, network: &str| {
        let form = SealedForm { network: network.parse().unwrap(), ..form(number) };
        store.keep_form(&form, room, START).await.unwrap()
    };
    assert!(keep(1, "192.0.2.7/32").await && keep(2, "192.0.2.7/32").await);
    assert!(!keep(3, "192.0.2.7/32").await, "the network has its share");
    assert!(keep(3, "192.0.2.8/32").await, "another has one, too");
    assert!(!keep(4, "192.0.2.9/32").await, "all is taken");
    assert_eq!(store.recall_form(&hash(4)).await.unwrap(), None);
    store.take_form(&hash(1)).await.unwrap();
    assert!(keep(4, "192.0.2.7/32").await);
}

async fn strangers_forms_take_nothing_from_those_with_an_owner(store: &SharedStore) {
    let size = form(1).charge();
    let keep = async |number, owner: Option<&str>, room| {
        let form = SealedForm { owner: owner.map(user), ..form(number) };
        store.keep_form(&form, room, START).await.unwrap()
    };
    let (strangers, owners) =
        (Room { all: 2 * size, network: 2 * size }, Room { all: 4 * size, network: 3 * size });
    assert!(keep(1, None, strangers).await && keep(2, None, strangers).await);
    assert!(!keep(3, None, strangers).await, "strangers have their share");
    assert!(keep(3, Some("ann"), owners).await && keep(4, Some("bob"), owners).await);
    assert!(!keep(5, Some("ann"), owners).await, "all is taken");
    // What is somebody's now is a stranger's no more.
    assert!(store.claim_form(&hash(1), &user("ann")).await.unwrap());
    store.take_form(&hash(3)).await.unwrap();
    assert!(keep(6, None, strangers).await && !keep(7, None, strangers).await);
    let narrow = Room { all: 9 * size, network: 2 * size };
    assert!(!keep(8, Some("ann"), narrow).await, "owners of one network have theirs");
}

async fn a_form_that_is_over_takes_no_room(store: &SharedStore) {
    let room = Room { all: form(1).charge(), network: form(1).charge() };
    assert!(store.keep_form(&form(1), room, START).await.unwrap());
    let next = SealedForm { ends_at: later(1200), ..form(2) };
    assert!(!store.keep_form(&next, room, later(599)).await.unwrap());
    assert!(store.keep_form(&next, room, later(600)).await.unwrap());
    assert_eq!(store.recall_form(&hash(1)).await.unwrap(), None);
}

async fn forms_are_swept_when_over(store: &SharedStore) {
    keep(store, form(1)).await;
    assert_eq!(store.sweep(later(599), days(90)).await.unwrap(), Swept::default());
    let one = Swept { logins: 1, ..Swept::default() };
    assert_eq!(store.sweep(later(600), days(90)).await.unwrap(), one);
}
