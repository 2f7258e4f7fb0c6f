//! Changes of people and sign-ins at one moment, whoever comes first.

use std::sync::Arc;

use super::{memory, reopened};
use crate::{
    domain::{
        identity::PasswordHash,
        kept::{Draft, KeptPerson},
        role::Authority,
        session::Session,
    },
    store::{
        Linking, SharedStore, Stored,
        hot::{Change, HotStore, LiveSession},
        samples::*,
    },
};

fn drawn() -> KeptPerson {
    let draft = Draft { name: "jan".to_owned(), email: "jan@example.com".to_owned(), ..Draft::default() };
    draft.person(START).unwrap()
}

async fn with_jan(store: &SharedStore) -> HotStore {
    let hot = reopened(store).await;
    hot.add_residents(vec![drawn()]).await.unwrap().unwrap();
    hot
}

/// A sign-in of Jan, as he was judged at this moment.
fn judged(hot: &HotStore, number: u64) -> Session {
    Session { credential: hot.resident(&user("jan")).unwrap().credential(), ..session("jan", number) }
}

async fn disable(hot: &HotStore, disabled: bool) {
    let by = disabled.then_some(Authority::Security);
    hot.change_resident(&user("jan"), None, move |jan| jan.disabled = by).await.unwrap();
}

/// Whether a session lets Jan in as he is now.
fn is_alive(hot: &HotStore, live: &LiveSession) -> bool {
    let jan = hot.resident(&user("jan")).unwrap();
    !jan.is_disabled() && live.is_live(START, &jan.credential())
}

#[tokio::test]
async fn a_sign_in_judged_before_somebody_was_disabled_opens_nothing_afterwards() {
    let store = memory();
    let hot = with_jan(&store).await;
    let (early, late) = (judged(&hot, 1), judged(&hot, 2));
    disable(&hot, true).await;
    let live = hot.open_session(early, None).await.unwrap();
    assert!(live.is_closed());
    disable(&hot, false).await;
    let other = hot.open_session(late, None).await.unwrap();
    for live in [&live, &other] {
        assert!(!is_alive(&hot, live));
    }
    assert_eq!((hot.open_sessions(), store.sessions(None).await.unwrap()), (0, vec![]));
    assert!(is_alive(&hot, &hot.open_session(judged(&hot, 3), None).await.unwrap()));
}

#[tokio::test]
async fn a_sign_in_judged_before_somebody_was_removed_is_not_one_of_the_next_with_that_name() {
    let hot = with_jan(&memory()).await;
    // Without a password there is nothing else that differs between the two.
    let early = judged(&hot, 1);
    hot.remove_resident(&user("jan")).await.unwrap();
    let between = hot.open_session(Session { hash: hash(2), ..early.clone() }, None).await.unwrap();
    hot.add_residents(vec![drawn()]).await.unwrap().unwrap();
    let after = hot.open_session(early, None).await.unwrap();
    assert!(!is_alive(&hot, &between) && !is_alive(&hot, &after));
}

#[tokio::test]
async fn opening_and_disabling_at_one_moment_leave_nothing_open_whoever_is_first() {
    for opens_first in [true, false] {
        let store = memory();
        let hot = with_jan(&store).await;
        let session = judged(&hot, 1);
        let jan = user("jan");
        let turn = hot.0.turns_of([&jan]).await;
        let open =
            async |hot: HotStore| -> Stored<Arc<LiveSession>> { hot.open_session(session, None).await };
        let (opening, disabling) = (open(hot.clone()), disable(&hot, true));
        // Both wait for the turn, one behind the other.
        let release = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            drop(turn);
        };
        let live = match opens_first {
            true => tokio::join!(opening, disabling, release).0.unwrap(),
            false => tokio::join!(disabling, opening, release).1.unwrap(),
        };
        disable(&hot, false).await;
        assert!(live.is_closed() && !is_alive(&hot, &live), "opens first: {opens_first}");
        assert_eq!((hot.open_sessions(), store.sessions(None).await.unwrap()), (0, vec![]));
        let after = reopened(&store).await;
        assert_eq!(after.open_sessions(), 0);
    }
}

#[tokio::test]
async fn an_era_outlasts_a_restart_and_is_nobody_elses() {
    let store = memory();
    let hot = with_jan(&store).await;
    disable(&hot, true).await;
    disable(&hot, false).await;
    let era = hot.resident(&user("jan")).unwrap().era;
    let after = reopened(&store).await;
    assert_eq!(after.resident(&user("jan")).unwrap().era, era);
    let mia = KeptPerson {
        id: user("mia"),
        name: "mia".to_owned(),
        email: "mia@example.com".to_owned(),
        ..drawn()
    };
    after.add_residents(vec![mia]).await.unwrap().unwrap();
    assert!(after.resident(&user("mia")).unwrap().era > era);
}

#[tokio::test]
async fn a_session_that_was_signed_out_is_not_renewed_by_a_new_password() {
    let hot = with_jan(&memory()).await;
    let home = hot.open_session(judged(&hot, 1), None).await.unwrap();
    let handed = judged(&hot, 2).tied_to(home.session());
    let handed = hot.open_handed(handed, &home, None).await.unwrap();
    let jan = hot.resident(&user("jan")).unwrap();
    // As seen by a change of password that looked before it ended.
    hot.sign_out(&handed).await.unwrap();
    assert!(hot.0.renewed(&handed, &jan).is_none());
    assert!(hot.0.renewed(&home, &jan).is_none());
    assert_eq!(hot.open_sessions(), 0);
}

#[tokio::test]
async fn trust_granted_by_a_sign_in_that_straddled_a_disabling_is_worth_nothing() {
    let hot = with_jan(&memory()).await;
    let session = judged(&hot, 1);
    disable(&hot, true).await;
    disable(&hot, false).await;
    let trust = crate::domain::trust::DeviceTrust { credential: session.credential, ..device("jan", 1) };
    hot.trust_device(trust).await.unwrap();
    let tied = Session { device: Some(id("device-1")), ..judged(&hot, 3) };
    let live = hot.open_session(tied, None).await.unwrap();
    let jan = hot.resident(&user("jan")).unwrap();
    assert!(live.waiving_device(START, &jan.credential(), THIRTY).is_none());
}

#[tokio::test]
async fn another_name_ends_what_is_open_and_takes_the_account_along() {
    let store = memory();
    let hot = with_jan(&store).await;
    let early = judged(&hot, 2);
    let live = hot.open_session(judged(&hot, 1), None).await.unwrap();
    hot.add_totp(totp("jan", 1), Linking::First, Some(hash(1))).await.unwrap().unwrap();
    hot.choose_language(&user("jan"), "nl").await.unwrap();
    hot.trust_address(address("jan", 1, "192.0.2.7/32")).await.unwrap();
    // Of whoever was called so, and is of no directory any more.
    hot.switch_second_factor(&user("zoe"), true).await.unwrap();
    let Change::Done { person, sessions } = hot.rename_resident(&user("jan"), "Zoe", later(5)).await.unwrap()
    else {
        panic!("not renamed")
    };
    assert_eq!((person.id.as_str(), person.name.as_str(), sessions), ("zoe", "Zoe", 1));
    assert!(live.is_closed() && hot.resident(&user("jan")).is_none());
    assert_eq!(hot.resident_with_email("jan@example.com").unwrap().id, user("zoe"));
    let (old, new) = (hot.outline(&user("jan")), hot.outline(&user("zoe")));
    assert!(!old.is_enrolled() && old.language().is_none());
    assert!(new.is_enrolled() && !new.wants_second_factor());
    assert_eq!(new.language().unwrap().as_str(), "nl");
    assert!(hot.addresses(None, START).await.unwrap().is_empty());
    // A sign-in that straddles it opens nothing, neither now nor for whoever gets the old name.
    assert!(hot.open_session(early.clone(), None).await.unwrap().is_closed());
    let other = KeptPerson { email: "other@example.com".to_owned(), ..drawn() };
    hot.add_residents(vec![other]).await.unwrap().unwrap();
    let late = hot.open_session(Session { hash: hash(3), ..early }, None).await.unwrap();
    assert!(!is_alive(&hot, &late));
    // As after a restart.
    let after = reopened(&store).await;
    assert!(after.outline(&user("zoe")).is_enrolled() && !after.outline(&user("jan")).is_enrolled());
    assert_eq!(hot.rename_resident(&user("nobody"), "x", START).await.unwrap(), Change::Unknown);
}

fn bcrypt() -> PasswordHash {
    PasswordHash::new("$2y$10$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2".to_owned())
}

fn argon2id(sign: &str) -> PasswordHash {
    let made = sign.repeat(43);
    PasswordHash::new(format!("$argon2id$v=19$m=19456,t=2,p=1$dmVzdGlidWxlIG5vYm9keQ${made}"))
}

#[tokio::test]
async fn another_hash_of_the_same_password_ends_nothing_and_brings_nothing_back() {
    let store = memory();
    let hot = reopened(&store).await;
    hot.add_residents(vec![KeptPerson { password: Some(bcrypt()), ..drawn() }]).await.unwrap().unwrap();
    let jan = user("jan");
    // One that was judged before everything of his ended.
    let past = judged(&hot, 9);
    disable(&hot, true).await;
    disable(&hot, false).await;
    let (before, pending) = (hot.open_session(judged(&hot, 1), None).await.unwrap(), judged(&hot, 2));
    assert!(hot.rehash_resident(&jan, bcrypt(), argon2id("A")).await.unwrap());
    for hot in [&hot, &reopened(&store).await] {
        assert_eq!(hot.resident(&jan).unwrap().password, Some(argon2id("A")));
        assert!(before.is_live(START, &hot.resident(&jan).unwrap().credential()));
    }
    assert!(is_alive(&hot, &hot.open_session(pending, None).await.unwrap()), "judged under the old hash");
    assert!(!is_alive(&hot, &hot.open_session(past, None).await.unwrap()));

    // Another hash is another one's business: who changed the password meanwhile wins.
    assert!(!hot.rehash_resident(&jan, bcrypt(), argon2id("E")).await.unwrap());
    assert!(hot.rehash_resident(&jan, argon2id("A"), argon2id("E")).await.unwrap(), "and once more");
    assert!(is_alive(&hot, &before));
    let changed = hot.change_resident(&jan, None, |kept| kept.password = Some(argon2id("I"))).await.unwrap();
    assert!(matches!(changed, Change::Done { sessions: 2, .. }), "{changed:?}");
    assert!(!hot.rehash_resident(&jan, argon2id("E"), argon2id("M")).await.unwrap());
    assert!(!is_alive(&hot, &before));
    // Not even the very hash of before lets in what began under it.
    hot.change_resident(&jan, None, |kept| kept.password = Some(bcrypt())).await.unwrap();
    assert!(!is_alive(&hot, &before));
    assert_eq!(hot.resident(&jan).unwrap().carried, None);
}

#[tokio::test]
async fn what_a_name_nobody_has_costs_follows_from_what_those_of_people_cost() {
    let hot = reopened(&memory()).await;
    let named = |name: &str, hash: Option<PasswordHash>| KeptPerson {
        password: hash,
        ..Draft { name: name.to_owned(), email: format!("{name}@example.com"), ..Draft::default() }
            .person(START)
            .unwrap()
    };
    let people = vec![
        named("ann", Some(bcrypt())),
        named("bob", Some(argon2id("A"))),
        named("eve", Some(bcrypt())),
        named("zoe", None),
    ];
    hot.add_residents(people).await.unwrap().unwrap();
    let heads = |hot: &HotStore| -> Vec<String> {
        let all = (0..hot.count_hashes()).map(|number| hot.some_hash(number).unwrap());
        all.map(|hash| hash.as_str()[..7].to_owned()).collect()
    };
    assert_eq!(heads(&hot), ["$2y$10$", "$2y$10$", "$argon2"]);
    assert!((0..3).all(|number| hot.some_hash(number) != Some(bcrypt())), "nobody's own");
    assert!(hot.rehash_resident(&user("ann"), bcrypt(), argon2id("E")).await.unwrap());
    hot.remove_resident(&user("bob")).await.unwrap();
    assert_eq!(heads(&hot), ["$2y$10$", "$argon2"]);
    assert_eq!(hot.some_hash(2), None);
}
