//! People who live in the store, and what administrators switch: in force at the next request, without a reload.

use std::sync::OnceLock;

use vestibule::{
    domain::{
        identity::{PasswordHash, Requirement, UserId},
        kept::{Draft, KeptPerson},
        role::Authority,
        switches::GroupSwitch,
        time::Clock as _,
    },
    runtime::{
        OsEntropy,
        control::{
            Administration, By,
            words::{Answer, RefusalKind, Request},
        },
    },
    store::hot::Change,
};

use crate::{
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const STORE: &str = "[[directory]]\nkind = \"store\"\n";

fn hash() -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    HASH.get_or_init(|| vestibule::factor::password::hash(PASSWORD, &OsEntropy)).clone()
}

fn jan(world: &World) -> KeptPerson {
    let draft = Draft {
        name: "Jan".to_owned(),
        display_name: "Jan Bakker".to_owned(),
        email: "jan@example.com".to_owned(),
        groups: vec!["drivers".to_owned()],
        ..Draft::default()
    };
    KeptPerson { password: Some(hash()), ..draft.person(world.clock.now()).unwrap() }
}

async fn with_jan(more: &'static str) -> World {
    let plan = Plan { more, second_factor: "requirement = \"optional\"", ..Plan::default() };
    let world = World::plan(plan).await;
    world.services.store.add_residents(vec![jan(&world)]).await.unwrap().unwrap();
    world
}

async fn is_in(visitor: &mut Visitor) -> bool {
    visitor.get("/simple/x").await.status == 200
}

#[tokio::test]
async fn somebody_of_the_store_signs_in_by_name_or_address_and_is_named_to_the_portal() {
    let world = with_jan(STORE).await;
    for typed in ["jan", " JAN@Example.com"] {
        let mut jan = world.visitor();
        jan.signs_in("/simple/x", typed, PASSWORD).await;
        let page = jan.get("/simple/x").await;
        assert_eq!(page.status, 200, "{typed}");
        let seen = world.portal.last();
        assert_eq!(seen.one("remote-user").as_deref(), Some("Jan"));
        assert_eq!(seen.one("remote-email").as_deref(), Some("jan@example.com"));
        assert_eq!(seen.one("remote-groups").as_deref(), Some("drivers"));
    }
    let world = world.restarts().await;
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    assert!(is_in(&mut jan).await, "after a restart");
}

#[tokio::test]
async fn without_a_directory_of_that_kind_nobody_of_the_store_is_known() {
    let world = with_jan("").await;
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    assert!(!is_in(&mut jan).await);
}

#[tokio::test]
async fn whoever_is_disabled_removed_or_has_another_password_is_out_at_the_next_request() {
    let disabled: fn(&mut KeptPerson) = |person| person.disabled = Some(Authority::Security);
    let forgotten: fn(&mut KeptPerson) = |person| person.password = None;
    for change in [disabled, forgotten] {
        let world = with_jan(STORE).await;
        let mut jan = world.visitor();
        jan.signs_in("/simple/x", "jan", PASSWORD).await;
        assert!(is_in(&mut jan).await);
        let changed = world.services.store.change_resident(&UserId::new("jan"), None, change).await.unwrap();
        assert!(matches!(changed, Change::Done { sessions: 1, .. }), "{changed:?}");
        assert!(!is_in(&mut jan).await);
        jan.signs_in("/simple/x", "jan", PASSWORD).await;
        assert!(!is_in(&mut jan).await, "nor by signing in again");
    }
    let world = with_jan(STORE).await;
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    assert_eq!(world.services.store.remove_resident(&UserId::new("jan")).await.unwrap(), Some(1));
    assert!(!is_in(&mut jan).await);
}

#[tokio::test]
async fn a_change_of_name_or_group_is_told_to_the_portal_at_once() {
    let world = with_jan(STORE).await;
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    let change = |person: &mut KeptPerson| {
        person.display_name = "Johan".to_owned();
        person.groups = vec!["office".to_owned()];
    };
    world.services.store.change_resident(&UserId::new("jan"), None, change).await.unwrap();
    assert!(is_in(&mut jan).await);
    let seen = world.portal.last();
    assert_eq!(seen.one("remote-name").as_deref(), Some("Johan"));
    assert_eq!(seen.one("remote-groups").as_deref(), Some("office"));
}

#[tokio::test]
async fn a_session_that_is_kept_goes_on_under_the_new_password_on_every_thread() {
    let world = with_jan(STORE).await;
    let (mut own, mut other) = (world.visitor(), world.visitor());
    for visitor in [&mut own, &mut other] {
        visitor.signs_in("/simple/x", "jan", PASSWORD).await;
        assert!(is_in(visitor).await);
    }
    let (store, jan) = (&world.services.store, UserId::new("jan"));
    let token = own.jar["__Host-vestibule"].clone();
    let keep = vestibule::domain::token::Token::parse(&token).unwrap().hash();
    let change = |person: &mut KeptPerson| {
        person.password = Some(vestibule::factor::password::hash("another one altogether", &OsEntropy));
    };
    let changed = store.change_resident(&jan, Some(keep), change).await.unwrap();
    assert!(matches!(changed, Change::Done { sessions: 1, .. }), "{changed:?}");
    for _ in 0..8 {
        assert!(is_in(&mut own).await);
    }
    assert!(!is_in(&mut other).await);
    let world = world.restarts().await;
    let mut own = world.visitor_with(own.jar.clone());
    assert!(is_in(&mut own).await, "after a restart");
}

#[tokio::test]
async fn the_file_wins_over_the_store() {
    let world = with_jan(STORE).await;
    let anna = Draft { name: "anna".to_owned(), email: "thief@example.com".to_owned(), ..Draft::default() };
    let anna = KeptPerson {
        password: Some(vestibule::factor::password::hash("stolen", &OsEntropy)),
        ..anna.person(world.clock.now()).unwrap()
    };
    world.services.store.add_residents(vec![anna]).await.unwrap().unwrap();
    let mut thief = world.visitor();
    for typed in ["anna", "thief@example.com"] {
        thief.signs_in("/simple/x", typed, "stolen").await;
        assert!(!is_in(&mut thief).await, "{typed}");
    }
    thief.signs_in("/simple/x", "anna", PASSWORD).await;
    assert!(is_in(&mut thief).await);
    assert_eq!(world.portal.last().one("remote-email").as_deref(), Some("anna@example.com"));
}

#[tokio::test]
async fn a_group_that_is_closed_is_out_at_once_and_back_as_soon_as_it_is_opened() {
    let world = with_jan(STORE).await;
    let (mut jan, mut anna) = (world.visitor(), world.visitor());
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    anna.signs_in("/simple/x", "anna", PASSWORD).await;
    let close = async |group: &'static str, closed: bool| {
        let closed = closed.then_some(Authority::Security);
        let switch = GroupSwitch { closed, ..GroupSwitch::default() };
        world.services.store.change_switches(move |all| all.set_group(group, switch)).await.unwrap();
    };
    close("drivers", true).await;
    assert!(!is_in(&mut jan).await && is_in(&mut anna).await);
    close("drivers", false).await;
    assert!(is_in(&mut jan).await, "the session waited");
    // People of the file, too.
    close("office", true).await;
    assert!(is_in(&mut jan).await && !is_in(&mut anna).await);
    let told = anna.signs_in("/simple/x", "anna", PASSWORD).await;
    told.has_status(403);
    assert!(told.text().contains("closed at present for a group"), "{}", told.text());
    assert!(!is_in(&mut anna).await);
    let wrong = world.visitor().signs_in("/simple/x", "anna", "another").await;
    wrong.has_status(422);
    assert!(!wrong.text().contains("closed at present"), "nobody else learns of it");
}

#[tokio::test]
async fn a_group_of_which_a_second_factor_is_required_shows_one_at_the_next_request() {
    let world = with_jan(STORE).await;
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    let switch = GroupSwitch { requirement: Some(Requirement::Required), ..GroupSwitch::default() };
    world.services.store.change_switches(move |all| all.set_group("drivers", switch)).await.unwrap();
    let asked = jan.get("/simple/x").await;
    assert_eq!(asked.status, 303);
    assert!(asked.location().contains("second-factor"), "{}", asked.location());
    // The weaker word of administrators does not undo the file's.
    let world = World::plan(Plan { more: STORE, ..Plan::default() }).await;
    let switch = GroupSwitch { requirement: Some(Requirement::Off), ..GroupSwitch::default() };
    world.services.store.change_switches(move |all| all.set_group("office", switch)).await.unwrap();
    let mut anna = world.visitor();
    anna.signs_in("/simple/x", "anna", PASSWORD).await;
    assert_ne!(anna.get("/simple/x").await.status, 200);
}

#[tokio::test]
async fn a_portal_that_is_closed_says_so_to_everybody_and_opens_again() {
    let world = with_jan(STORE).await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/x", "anna", PASSWORD).await;
    world.services.store.change_switches(|all| all.set_portal("wiki", true)).await.unwrap();
    for path in ["/simple/x", "/public/x"] {
        assert_eq!(anna.get(path).await.status, 503, "{path}");
    }
    let before = world.portal.count();
    assert_eq!(world.visitor().get("/simple/x").await.status, 503);
    assert_eq!(world.portal.count(), before, "nothing got through");
    world.services.store.change_switches(|all| all.set_portal("wiki", false)).await.unwrap();
    assert!(is_in(&mut anna).await);
}

#[tokio::test]
async fn a_file_that_names_somebody_of_the_store_is_not_put_in_force() {
    let world = with_jan(STORE).await;
    let path = world.folder.path().join("users.toml");
    let people = std::fs::read_to_string(&path).unwrap();
    let adopt = |runtime: &vestibule::runtime::Runtime| {
        runtime.directory(&world.services.store).claimed_twice().map_or(Ok(()), Err)
    };
    for named in ["name = \"JAN\"", "name = \"johan\"\nemail = \"Jan@example.com\""] {
        std::fs::write(&path, format!("{people}\n[[user]]\n{named}\n")).unwrap();
        let refused = world.current.reload(&world.file(), adopt).unwrap_err();
        assert!(refused.to_string().contains("Jan"), "{refused}");
    }
    std::fs::write(&path, people).unwrap();
    world.current.reload(&world.file(), adopt).unwrap();
}

#[tokio::test]
async fn nothing_is_done_under_a_file_that_is_no_longer_in_force() {
    let world = with_jan(STORE).await;
    let before = world.current.snapshot();
    let remove = async |runtime| {
        let request = Request::UserRemove { user: "jan".to_owned() };
        Administration::new(world.services.clone()).carry_out(runtime, request, &By::User(0)).await
    };
    world.current.reload(&world.file(), |_| Ok(())).unwrap();
    let Answer::Refused(refused) = remove(&before).await else { panic!("done under the old file") };
    assert_eq!(refused.kind, RefusalKind::Meanwhile);
    assert!(matches!(remove(&world.current.snapshot()).await, Answer::Changed(_)));
}
