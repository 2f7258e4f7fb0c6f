//! Another name for a person: what goes with them, what ends, and that nobody inherits.

use crate::{
    domain::{
        factor::{Contact, Method},
        help::Wish,
        kept::KeptPerson,
        kept_form::{Room, SealedForm},
        notice::NotMe,
        provider::Purpose,
    },
    store::{
        Linking, SharedStore, Taken,
        contract::{
            approvals::approval,
            helping::{invitation, request},
            identities::{departure, identity},
            kept_forms::form,
            pins::pin,
            residents::resident,
            suite, ten_at_once,
        },
        samples::*,
    },
};

suite![
    factors_choices_and_requests_go_with_a_person_to_another_name,
    what_somebody_began_under_the_old_name_ends,
    whatever_lay_under_the_new_name_is_gone_first,
    nothing_is_left_under_the_old_name,
    a_name_that_is_taken_changes_nothing,
    of_ten_who_take_one_new_name_at_once_one_has_it,
    another_spelling_ends_the_same_and_keeps_recovery_codes,
];

/// As `before`, by another name.
fn called(before: &str, name: &str) -> KeptPerson {
    KeptPerson { id: user(name), name: name.to_owned(), era: 9, ..resident(before) }
}

async fn rename(store: &SharedStore, from: &str, to: &str) {
    store.rename_resident(&user(from), &called(from, to)).await.unwrap().unwrap().unwrap();
}

async fn with(store: &SharedStore, names: &[&str]) {
    let people: Vec<_> = names.iter().map(|name| resident(name)).collect();
    store.add_residents(&people).await.unwrap().unwrap();
}

async fn factors_choices_and_requests_go_with_a_person_to_another_name(store: &SharedStore) {
    with(store, &["ann", "bob"]).await;
    let (ann, zoe) = (user("ann"), user("zoe"));
    let mail = Contact { method: Method::Email, to: "ann@home.example".to_owned(), verified_at: START };
    store.add_contact(&ann, &mail, None).await.unwrap().unwrap();
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap().unwrap();
    store.add_passkey(&passkey("ann", 2), Linking::Another, None).await.unwrap().unwrap();
    store.add_totp(&totp("bob", 3), Linking::Another, None).await.unwrap().unwrap();
    store.link_identity(&identity("ann", 4, "subject")).await.unwrap();
    store.choose_language(&ann, "nl").await.unwrap();
    store.switch_second_factor(&ann, true).await.unwrap();
    store.file_help(&request("ann", 5, Wish::SecondFactor), START).await.unwrap();
    let link = NotMe { link: hash(6), person: ann.clone(), portal: "wiki".to_owned(), ends_at: later(9) };
    store.offer_not_me(&link).await.unwrap();
    let mut before = store.account(&ann).await.unwrap();
    let groups = KeptPerson { groups: vec!["drivers".to_owned()], ..called("ann", "zoe") };
    assert_eq!(store.rename_resident(&ann, &groups).await.unwrap(), Ok(Some(vec![])));

    let people = store.residents().await.unwrap();
    assert_eq!(people, [resident("bob"), groups]);
    // The key opens under the new name: it was sealed to it.
    let after = store.account(&zoe).await.unwrap();
    before.totp.iter_mut().for_each(|app| app.person = zoe.clone());
    before.passkeys.iter_mut().for_each(|passkey| passkey.person = zoe.clone());
    assert_eq!(after, before);
    assert!(after.totp.len() == 1 && after.passkeys.len() == 1 && after.wants_second_factor);
    let found = store.find_passkey(&2_u64.to_be_bytes()).await.unwrap().unwrap();
    assert_eq!((found.person, found.handle), (zoe.clone(), passkey("ann", 2).handle));
    let found = store.find_identity("https://acme.example", "subject").await.unwrap().unwrap();
    assert_eq!(found.person, zoe);
    assert_eq!(store.recall_help(&id("help-5")).await.unwrap().unwrap().person, zoe);
    assert_eq!(store.recall_not_me(&hash(6)).await.unwrap().unwrap().person, zoe);
    assert!(
        store.outlines().await.unwrap().iter().any(|outline| outline.person == zoe && outline.is_enrolled)
    );
    assert_eq!(store.account(&user("bob")).await.unwrap().totp.len(), 1, "others keep theirs");
}

async fn what_somebody_began_under_the_old_name_ends(store: &SharedStore) {
    with(store, &["ann"]).await;
    begin_everything(store).await;
    let closed = store.rename_resident(&user("ann"), &called("ann", "zoe")).await.unwrap();
    assert_eq!(closed, Ok(Some(vec![hash(1)])));
    for name in ["ann", "zoe"] {
        assert_nothing_begun(store, name).await;
    }
}

/// Whatever anybody may have under way, all of Ann's.
async fn begin_everything(store: &SharedStore) {
    let ann = user("ann");
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.trust_device(&device("ann", 1)).await.unwrap();
    assert!(store.set_pin(&pin("ann", 1)).await.unwrap());
    store.trust_address(&address("ann", 3, "192.0.2.0/24")).await.unwrap();
    store.replace_recovery_codes(&ann, &[hash(5)]).await.unwrap();
    store.begin_login(&login("ann", 6)).await.unwrap();
    store.offer_link(&link_offer("ann", 7)).await.unwrap();
    store.offer_invitation(&invitation("ann", 8)).await.unwrap();
    store.ask_approval(&approval("ann", 6)).await.unwrap();
    let linking = Purpose::Link { person: ann.clone(), session: id("session-1") };
    store.begin_departure(&departure(9, linking)).await.unwrap();
    store.note_seen_by(&ann, &[hash(10)], later(900), START).await.unwrap();
    let kept = SealedForm { owner: Some(ann), ..form(11) };
    let room = Room { all: 9000, network: 9000 };
    assert!(store.keep_form(&kept, room, START).await.unwrap());
}

async fn assert_nothing_begun(store: &SharedStore, name: &str) {
    let who = user(name);
    assert!(store.sessions(Some(&who)).await.unwrap().is_empty(), "{name}");
    assert!(store.devices(Some(&who)).await.unwrap().is_empty(), "{name}");
    assert!(store.addresses(Some(&who)).await.unwrap().is_empty(), "{name}");
    assert_eq!(store.pin_of(&id("device-1")).await.unwrap(), None);
    assert!(!store.consume_recovery_code(&who, &hash(5)).await.unwrap(), "{name}");
    assert_eq!(store.account(&who).await.unwrap().recovery_left, 0, "{name}");
    assert_eq!(store.recall_login(&hash(6)).await.unwrap(), None);
    assert_eq!(store.recall_link_of(&hash(7)).await.unwrap(), None);
    assert_eq!(store.invitation_of(&who).await.unwrap(), None);
    assert_eq!(store.recall_approval(&who).await.unwrap(), None);
    let seen = store.note_seen_by(&who, &[hash(10)], later(900), later(1)).await.unwrap();
    assert_eq!(seen, [], "{name}");
}

async fn whatever_lay_under_the_new_name_is_gone_first(store: &SharedStore) {
    with(store, &["bob"]).await;
    // Ann is of no directory any more; all of hers is still there.
    begin_everything(store).await;
    store.add_totp(&totp("ann", 20), Linking::Another, None).await.unwrap().unwrap();
    store.add_passkey(&passkey("ann", 21), Linking::Another, None).await.unwrap().unwrap();
    store.link_identity(&identity("ann", 22, "subject")).await.unwrap();
    store.add_totp(&totp("bob", 23), Linking::First, None).await.unwrap().unwrap();
    store.open_session(&session("ann", 1), None).await.unwrap();
    let closed = store.rename_resident(&user("bob"), &called("bob", "ann")).await.unwrap();
    assert_eq!(closed, Ok(Some(vec![hash(1)])), "theirs is no session of his");
    let account = store.account(&user("ann")).await.unwrap();
    assert_eq!(account.totp.iter().map(|app| app.id.as_str()).collect::<Vec<_>>(), ["totp-23"]);
    assert!(account.passkeys.is_empty());
    assert_eq!(store.find_identity("https://acme.example", "subject").await.unwrap(), None);
    assert_nothing_begun(store, "ann").await;
}

async fn nothing_is_left_under_the_old_name(store: &SharedStore) {
    with(store, &["ann"]).await;
    store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap().unwrap();
    store.choose_language(&user("ann"), "nl").await.unwrap();
    begin_everything(store).await;
    rename(store, "ann", "zoe").await;
    assert_eq!(store.account(&user("ann")).await.unwrap(), Default::default());
    assert!(!store.outlines().await.unwrap().iter().any(|outline| outline.person == user("ann")));
    // Both name and address are free, or whose they are.
    let other = KeptPerson { email: "other@example.com".to_owned(), ..resident("ann") };
    assert_eq!(store.add_residents(&[other]).await.unwrap(), Ok(()));
    assert_eq!(store.account(&user("ann")).await.unwrap(), Default::default());
    assert!(store.account(&user("zoe")).await.unwrap().is_enrolled());
    let again = resident("ann");
    let taken = store.change_resident(&again, crate::store::Ends::Nothing, None).await.unwrap();
    assert_eq!(taken, Err(Taken::Email("ann@example.com".to_owned())), "the address went along");
}

async fn a_name_that_is_taken_changes_nothing(store: &SharedStore) {
    with(store, &["ann", "bob"]).await;
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.add_totp(&totp("bob", 2), Linking::First, None).await.unwrap().unwrap();
    for name in ["bob", "BOB", "bob@example.com"] {
        let refused = store.rename_resident(&user("ann"), &called("ann", name)).await.unwrap();
        assert_eq!(refused, Err(Taken::Name(name.to_owned())));
    }
    assert_eq!(store.residents().await.unwrap(), [resident("ann"), resident("bob")]);
    assert_eq!(store.sessions(None).await.unwrap().len(), 1);
    assert!(store.account(&user("bob")).await.unwrap().is_enrolled());
    // One's own address is one's own.
    rename(store, "ann", "ann@example.com").await;
    assert_eq!(store.rename_resident(&user("ann"), &called("ann", "x")).await.unwrap(), Ok(None));
    assert_eq!(store.residents().await.unwrap().len(), 2);
}

async fn of_ten_who_take_one_new_name_at_once_one_has_it(store: &SharedStore) {
    let names: Vec<_> = (0..10).map(|number| format!("person-{number}")).collect();
    with(store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let take = |store: SharedStore| async move {
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 10;
        let from = format!("person-{number}");
        store.rename_resident(&user(&from), &called(&from, "zoe")).await.unwrap()
    };
    assert_eq!(ten_at_once(store, take, |renamed| renamed.is_ok()).await, 1);
    assert_eq!(store.residents().await.unwrap().len(), 10);
}

async fn another_spelling_ends_the_same_and_keeps_recovery_codes(store: &SharedStore) {
    with(store, &["ann"]).await;
    store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap().unwrap();
    begin_everything(store).await;
    let closed = store.rename_resident(&user("ann"), &called("ann", "Ann")).await.unwrap();
    assert_eq!(closed, Ok(Some(vec![hash(1)])));
    assert_eq!(store.residents().await.unwrap()[0].name, "Ann");
    assert!(store.account(&user("ann")).await.unwrap().is_enrolled());
    // Hashes over the id, which is as it was.
    assert!(store.consume_recovery_code(&user("ann"), &hash(5)).await.unwrap());
    assert_nothing_begun(store, "ann").await;
}
