//! People who were made here, and what administrators switched.

use crate::{
    domain::{
        factor::Method,
        identity::{PasswordHash, Requirement},
        kept::KeptPerson,
        role::Authority,
        session::Session,
        switches::{GroupSwitch, Switches},
    },
    store::{
        Ends, Linking, PeopleQuery, SharedStore, Taken,
        contract::{suite, ten_at_once},
        samples::*,
    },
};

suite![
    a_person_comes_back_as_written,
    of_ten_who_take_a_name_at_once_one_has_it,
    of_many_all_are_made_or_none,
    of_a_table_all_is_written_or_nothing,
    a_name_or_address_belongs_to_one_person_however_it_is_spelled,
    a_search_finds_names_and_addresses_and_pages_through_them,
    a_search_is_narrowed_to_groups,
    a_change_ends_what_it_must_and_keeps_the_session_it_is_told,
    a_session_that_goes_on_keeps_the_one_it_comes_from,
    whoever_is_removed_leaves_nothing_behind,
    a_new_person_inherits_nothing_of_whoever_had_the_name,
    switches_come_back_as_written,
];

pub(super) fn resident(name: &str) -> KeptPerson {
    KeptPerson {
        id: user(name),
        name: name.to_owned(),
        display_name: format!("{name} de Vries"),
        email: format!("{name}@example.com"),
        phone: None,
        groups: Vec::new(),
        password: None,
        carried: None,
        second_factor: None,
        least: None,
        disabled: None,
        era: 0,
        created_at: START,
        changed_at: START,
    }
}

fn query(text: &str, limit: usize) -> PeopleQuery {
    PeopleQuery { text: text.to_owned(), limit, ..PeopleQuery::default() }
}

async fn names(store: &SharedStore, query: PeopleQuery) -> (Vec<String>, usize) {
    let page = store.search_residents(&query).await.unwrap();
    (page.people.into_iter().map(|person| person.name).collect(), page.total)
}

async fn a_person_comes_back_as_written(store: &SharedStore) {
    let full = KeptPerson {
        phone: Some("+31612345678".to_owned()),
        groups: vec!["night".to_owned(), "drivers".to_owned()],
        password: Some(PasswordHash::new("$argon2id$…".to_owned())),
        carried: Some(mark("ann")),
        second_factor: Some(Requirement::Optional),
        least: Some(Requirement::Optional),
        disabled: Some(Authority::Security),
        era: 7,
        changed_at: later(5),
        ..resident("Ann")
    };
    let people = [full.clone(), resident("bob")];
    assert_eq!(store.add_residents(&people).await.unwrap(), Ok(()));
    assert_eq!(store.residents().await.unwrap(), people);
    assert_eq!(store.search_residents(&query("ann", 1)).await.unwrap().people, [full]);
}

async fn of_ten_who_take_a_name_at_once_one_has_it(store: &SharedStore) {
    let take = |store: SharedStore| async move { store.add_residents(&[resident("ann")]).await.unwrap() };
    assert_eq!(ten_at_once(store, take, |made| made.is_ok()).await, 1);
    assert_eq!(store.residents().await.unwrap().len(), 1);
}

async fn of_many_all_are_made_or_none(store: &SharedStore) {
    store.add_residents(&[resident("bob")]).await.unwrap().unwrap();
    let many = [resident("ann"), resident("bob"), resident("eve")];
    assert_eq!(store.add_residents(&many).await.unwrap(), Err(Taken::Name("bob".to_owned())));
    assert_eq!(store.residents().await.unwrap().len(), 1);
    let twice = [resident("ann"), resident("ann")];
    assert_eq!(store.add_residents(&twice).await.unwrap(), Err(Taken::Name("ann".to_owned())));
    assert_eq!(store.residents().await.unwrap().len(), 1);
}

async fn of_a_table_all_is_written_or_nothing(store: &SharedStore) {
    store.add_residents(&[resident("ann"), resident("bob")]).await.unwrap().unwrap();
    for (name, number) in [("ann", 1), ("bob", 2)] {
        store.open_session(&session(name, number), None).await.unwrap();
    }
    let called = |name: &str| KeptPerson { display_name: "Changed".to_owned(), ..resident(name) };
    let before = store.residents().await.unwrap();
    let moved = KeptPerson { email: "bob@example.com".to_owned(), ..called("eve") };
    for (new, changed, why) in [
        (vec![resident("eve"), resident("bob")], vec![], Taken::Name("bob".to_owned())),
        (vec![moved], vec![(called("ann"), Ends::Everything)], Taken::Email("bob@example.com".to_owned())),
    ] {
        assert_eq!(store.import_residents(&new, &changed).await.unwrap(), Err(why));
        assert_eq!(store.residents().await.unwrap(), before);
        assert_eq!(store.sessions(None).await.unwrap().len(), 2);
    }
    let gone = [(called("ann"), Ends::Everything), (called("zoe"), Ends::Nothing)];
    assert!(store.import_residents(&[resident("eve")], &gone).await.is_err());
    assert_eq!(store.residents().await.unwrap(), before);
    let changed = [(called("ann"), Ends::Everything), (called("bob"), Ends::Nothing)];
    assert_eq!(store.import_residents(&[resident("eve")], &changed).await.unwrap(), Ok(vec![hash(1)]));
    assert_eq!(store.residents().await.unwrap(), [called("ann"), called("bob"), resident("eve")]);
    assert!(recalled(&**store, &hash(2)).await.is_some(), "of whom nothing ended");
}

async fn a_name_or_address_belongs_to_one_person_however_it_is_spelled(store: &SharedStore) {
    store.add_residents(&[resident("ann")]).await.unwrap().unwrap();
    let email = |name: &str, email: &str| KeptPerson { email: email.to_owned(), ..resident(name) };
    let taken = Err(Taken::Email("ANN@example.com".to_owned()));
    assert_eq!(store.add_residents(&[email("bob", "ANN@example.com")]).await.unwrap(), taken);
    // A name that is somebody's address, and an address that is somebody's name.
    let named = email("Ann@Example.com", "other@example.com");
    assert_eq!(store.add_residents(&[named]).await.unwrap(), Err(Taken::Name("Ann@Example.com".to_owned())));
    store.add_residents(&[email("x@example.com", "x@example.com")]).await.unwrap().unwrap();
    let own = email("bob", "x@example.com");
    assert_eq!(store.add_residents(&[own]).await.unwrap(), Err(Taken::Email("x@example.com".to_owned())));

    store.add_residents(&[resident("bob")]).await.unwrap().unwrap();
    let moved = email("bob", "Ann@example.com");
    let refused = store.change_resident(&moved, Ends::Nothing, None).await.unwrap();
    assert_eq!(refused, Err(Taken::Email("Ann@example.com".to_owned())));
    // One's own address in another spelling is one's own.
    let own = email("bob", "BOB@example.com");
    assert_eq!(store.change_resident(&own, Ends::Nothing, None).await.unwrap(), Ok(Some(vec![])));
    let gone = store.change_resident(&resident("nobody"), Ends::Nothing, None).await.unwrap();
    assert_eq!(gone, Ok(None));
}

async fn a_search_finds_names_and_addresses_and_pages_through_them(store: &SharedStore) {
    let people: Vec<_> = ["Ann", "bert", "Zoë", "hannah", "dirk"].map(resident).into();
    store.add_residents(&people).await.unwrap().unwrap();
    assert_eq!(names(store, query("", 2)).await, (vec!["Ann".to_owned(), "bert".to_owned()], 5));
    let next = PeopleQuery { after: Some(user("bert")), ..query("", 2) };
    assert_eq!(names(store, next).await, (vec!["dirk".to_owned(), "hannah".to_owned()], 5));
    let last = PeopleQuery { after: Some(user("hannah")), ..query("", 2) };
    assert_eq!(names(store, last).await, (vec!["Zoë".to_owned()], 5));
    assert_eq!(names(store, query("ANN", 9)).await, (vec!["Ann".to_owned(), "hannah".to_owned()], 2));
    assert_eq!(names(store, query("ZOË de v", 9)).await, (vec!["Zoë".to_owned()], 1));
    assert_eq!(names(store, query("dirk@EXAMPLE", 9)).await, (vec!["dirk".to_owned()], 1));
    // What means something in a pattern is a letter like any other.
    assert_eq!(names(store, query("%", 9)).await, (vec![], 0));
    assert_eq!(names(store, query("_", 9)).await, (vec![], 0));
}

async fn a_search_is_narrowed_to_groups(store: &SharedStore) {
    let with = |name: &str, groups: &[&str]| KeptPerson {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..resident(name)
    };
    let people = [with("ann", &["office"]), with("bob", &["drivers", "office"]), with("eve", &[])];
    store.add_residents(&people).await.unwrap().unwrap();
    let within = |groups: &[&str]| PeopleQuery {
        groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
        ..query("", 9)
    };
    assert_eq!(names(store, within(&["drivers"])).await, (vec!["bob".to_owned()], 1));
    let both = (vec!["ann".to_owned(), "bob".to_owned()], 2);
    assert_eq!(names(store, within(&["drivers", "office", "it's"])).await, both);
    assert_eq!(names(store, within(&[])).await, (vec![], 0));
    assert_eq!(names(store, within(&["Office"])).await, (vec![], 0), "names of groups compare exactly");
    let moved = with("bob", &["office"]);
    store.change_resident(&moved, Ends::Nothing, None).await.unwrap().unwrap();
    assert_eq!(names(store, within(&["drivers"])).await, (vec![], 0));
}

async fn a_change_ends_what_it_must_and_keeps_the_session_it_is_told(store: &SharedStore) {
    store.add_residents(&[resident("ann")]).await.unwrap().unwrap();
    for number in [1, 2] {
        store.open_session(&session("ann", number), None).await.unwrap();
    }
    store.open_session(&session("bob", 3), None).await.unwrap();
    store.trust_device(&device("ann", 4)).await.unwrap();
    store.begin_login(&login("ann", 5)).await.unwrap();
    let called = KeptPerson { display_name: "Ann Smit".to_owned(), ..resident("ann") };
    assert_eq!(store.change_resident(&called, Ends::Nothing, None).await.unwrap(), Ok(Some(vec![])));
    assert_eq!(store.sessions(None).await.unwrap().len(), 3);

    let password = Some(PasswordHash::new("$argon2id$new".to_owned()));
    let changed = KeptPerson { password, ..called };
    let keep = hash(1);
    let closed = store.change_resident(&changed, Ends::Everything, Some(&keep)).await.unwrap().unwrap();
    assert_eq!(closed, Some(vec![hash(2)]));
    let kept = recalled(&**store, &hash(1)).await.unwrap();
    assert_eq!((kept.credential, kept.device), (changed.credential(), None));
    assert_eq!(store.devices(Some(&user("ann"))).await.unwrap(), []);
    assert!(store.recall_login(&hash(5)).await.unwrap().is_none());
    assert!(recalled(&**store, &hash(3)).await.is_some(), "somebody else's");
    // Nobody keeps another person's session by naming it.
    let other = hash(3);
    let closed = store.change_resident(&changed, Ends::Everything, Some(&other)).await.unwrap().unwrap();
    assert_eq!(closed, Some(vec![hash(1)]));
    assert_eq!(recalled(&**store, &hash(3)).await.unwrap().credential, mark("bob"));
}

async fn a_session_that_goes_on_keeps_the_one_it_comes_from(store: &SharedStore) {
    store.add_residents(&[resident("ann")]).await.unwrap().unwrap();
    let handed = Session { handed_from: Some(id("session-1")), ..session("ann", 2) };
    for open in [session("ann", 1), handed, session("ann", 3)] {
        store.open_session(&open, None).await.unwrap();
    }
    let password = Some(PasswordHash::new("$argon2id$new".to_owned()));
    let changed = KeptPerson { password, ..resident("ann") };
    let keep = hash(2);
    let closed = store.change_resident(&changed, Ends::Everything, Some(&keep)).await.unwrap().unwrap();
    assert_eq!(closed, Some(vec![hash(3)]));
    for number in [1, 2] {
        assert_eq!(recalled(&**store, &hash(number)).await.unwrap().credential, changed.credential());
    }
}

async fn whoever_is_removed_leaves_nothing_behind(store: &SharedStore) {
    store.add_residents(&[resident("ann"), resident("bob")]).await.unwrap().unwrap();
    let ann = user("ann");
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.trust_device(&device("ann", 2)).await.unwrap();
    store.trust_address(&address("ann", 3, "192.0.2.0/24")).await.unwrap();
    store.add_totp(&totp("ann", 4), Linking::First, None).await.unwrap();
    store.replace_recovery_codes(&ann, &[hash(5)]).await.unwrap();
    store.choose_language(&ann, "nl").await.unwrap();
    store.open_session(&session("ann", 6), None).await.unwrap();
    assert_eq!(store.remove_resident(&ann).await.unwrap(), Some(vec![hash(6)]));
    assert_eq!(store.remove_resident(&ann).await.unwrap(), None);
    assert_eq!(store.account(&ann).await.unwrap(), Default::default());
    assert!(!store.consume_recovery_code(&ann, &hash(5)).await.unwrap());
    assert_eq!(store.addresses(None).await.unwrap(), []);
    assert!(!store.outlines().await.unwrap().iter().any(|outline| outline.person == ann));
    // Their name may be somebody else's now.
    assert_eq!(store.add_residents(&[resident("ann")]).await.unwrap(), Ok(()));
    assert!(store.account(&ann).await.unwrap().reach(&person("ann"), Method::Email).is_none());
    assert_eq!(store.residents().await.unwrap().len(), 2);
}

async fn switches_come_back_as_written(store: &SharedStore) {
    assert!(store.switches().await.unwrap().is_empty());
    let mut switches = Switches::default();
    let word = Some(Requirement::Required);
    let drivers = GroupSwitch { requirement: word, least: Some(Requirement::Optional), closed: None };
    switches.set_group("drivers", drivers);
    switches.set_group("night", GroupSwitch { closed: Some(Authority::Security), ..GroupSwitch::default() });
    switches.set_group("day", GroupSwitch { closed: Some(Authority::Tenant), ..drivers });
    switches.set_portal("wiki", true);
    store.set_switches(&switches).await.unwrap();
    assert_eq!(store.switches().await.unwrap(), switches);
    switches.set_group("night", GroupSwitch::default());
    switches.set_group("day", GroupSwitch::default());
    switches.set_portal("wiki", false);
    store.set_switches(&switches).await.unwrap();
    let read = store.switches().await.unwrap();
    assert_eq!(read, switches);
    assert!(!read.is_closed("wiki") && read.groups().count() == 1);
}

async fn a_new_person_inherits_nothing_of_whoever_had_the_name(store: &SharedStore) {
    let cfo = user("cfo");
    store.add_totp(&totp("cfo", 1), Linking::First, None).await.unwrap();
    store.add_passkey(&passkey("cfo", 2), Linking::Another, None).await.unwrap();
    store.open_session(&session("cfo", 3), None).await.unwrap();
    store.trust_device(&device("cfo", 4)).await.unwrap();
    store.add_totp(&totp("bob", 5), Linking::First, None).await.unwrap();
    store.add_residents(&[resident("cfo")]).await.unwrap().unwrap();
    assert_eq!(store.account(&cfo).await.unwrap(), Default::default());
    assert_eq!(store.find_passkey(&2_u64.to_be_bytes()).await.unwrap(), None);
    assert!(store.sessions(Some(&cfo)).await.unwrap().is_empty());
    assert!(store.devices(Some(&cfo)).await.unwrap().is_empty());
    assert!(store.account(&user("bob")).await.unwrap().is_enrolled(), "somebody else's stays");
}
