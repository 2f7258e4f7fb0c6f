//! The administrators' pages: who comes in, and that nobody reaches whom they may not.

mod deeds;
mod lists;
mod strangers;
mod table;

use std::time::Duration;

use super::{HASH, House, PASSWORD, visitor::Visitor};
use crate::{
    config::settings::StoreSettings,
    domain::{
        identity::{PasswordHash, UserId},
        kept::{Draft, KeptPerson},
        time::Clock as _,
    },
    store::{self, SharedStore},
};

/// One of each role, somebody without any, and somebody of the file in the tenant's group. All must show a code but two.
const PEOPLE: &str = r#"
[[user]]
name = "sec"
email = "sec@example.com"
password = "HASH"
second_factor = "required"
groups = ["chiefs"]

[[user]]
name = "ten"
password = "HASH"
second_factor = "required"

[[user]]
name = "desk"
password = "HASH"
second_factor = "required"

[[user]]
name = "aud"
password = "HASH"
second_factor = "required"

[[user]]
name = "plain"
password = "HASH"
second_factor = "required"

[[user]]
name = "bare"
password = "HASH"

[[user]]
name = "written"
email = "written@example.com"
password = "HASH"
groups = ["clients"]
"#;

const MORE: &str = r#"
[[directory]]
kind = "store"

[admin]
portals = ["wiki"]
security = ["group:chiefs", "user:bare"]
help_desk = ["user:desk"]
auditor = ["user:aud"]
max_age = "10m"

[[admin.tenant]]
subjects = ["user:ten"]
groups = ["clients", "guests"]
"#;

const PORTALS: &str = r#"
[[portal]]
name = "ledger"
title = "Ledger"
hosts = ["ledger.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/jan/**"
policy = "deny"
subjects = ["user:jan"]

[[portal.rule]]
path = "/**"
policy = "one_factor"
subjects = ["group:staff"]

[[portal]]
name = "diary"
title = "Diary"
hosts = ["diary.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/**"
policy = "one_factor"
subjects = ["user:jan"]
"#;

/// A house with administrators, in which Jan is a client, Piet is none, and Kees is a client of others as well.
async fn office() -> House {
    let house = office_on(store::open(&StoreSettings::Memory).unwrap()).await;
    for (name, groups) in
        [("jan", ["clients"].as_slice()), ("piet", &["staff"]), ("kees", &["clients", "staff"])]
    {
        settle(&house, name, groups).await;
    }
    house
}

/// A house with administrators, and with a portal of the staff's and one of Jan's.
async fn office_of_more_portals() -> House {
    let house = office_with(store::open(&StoreSettings::Memory).unwrap(), PORTALS).await;
    settle(&house, "jan", &["clients"]).await;
    house
}

/// A house with administrators on this store.
async fn office_on(store: SharedStore) -> House {
    office_with(store, "").await
}

async fn office_with(store: SharedStore, portals: &str) -> House {
    let file = super::FILE.replacen("[[portal]]", &format!("{MORE}\n[[portal]]"), 1) + portals;
    let people = PEOPLE.replace("HASH", &HASH);
    House::open_in(tempfile::tempdir().unwrap(), store, &file, &people).await
}

/// Makes somebody, unless they are there.
async fn settle(house: &House, name: &str, groups: &[&str]) {
    if house.services.store.resident(&UserId::new(name)).is_some() {
        return;
    }
    let draft = Draft {
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..Draft::default()
    };
    let person = KeptPerson {
        password: Some(PasswordHash::new(HASH.clone())),
        ..draft.person(house.clock.now()).unwrap()
    };
    house.services.store.add_residents(vec![person]).await.unwrap().unwrap();
}

/// Somebody with a fresh second factor and a form token in hand.
async fn enter<'a>(house: &'a House, name: &str) -> Visitor<'a> {
    let mut visitor = house.visitor();
    visitor.enrol(name).await;
    visitor.get("account").await;
    visitor
}

#[tokio::test]
async fn the_pages_are_there_for_administrators_at_their_portals_and_for_nobody_else() {
    let mut house = office().await;
    assert_eq!(house.visitor().get("admin").await.page(), "login");
    let key = {
        let mut plain = enter(&house, "plain").await;
        let seen = plain.get("admin").await;
        assert_eq!(seen.status, 403);
        assert!(seen.says("plain"), "the page says who they are");
        assert!(!plain.get("account").await.says("/.vestibule/admin\""));
        let mut sec = enter(&house, "sec").await;
        assert_eq!(sec.get("admin").await.status, 200);
        assert!(sec.get("account").await.says("/.vestibule/admin\""));
        assert_eq!(sec.get("admin/nothing").await.status, 404);
        sec.key
    };
    let runtime = std::sync::Arc::get_mut(&mut house.runtime).unwrap();
    runtime.settings.admin.as_mut().unwrap().portals = vec!["elsewhere".to_owned()];
    let mut sec = house.visitor();
    sec.key = key;
    sec.sign_in_with_code("sec", &[]).await;
    for page in ["admin", "admin/person?user=jan", "admin/new"] {
        assert_eq!(sec.get(page).await.status, 404, "{page}");
    }
}

#[tokio::test]
async fn a_second_factor_shown_a_moment_ago_opens_them_and_nothing_else_does() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    house.advance(Duration::from_secs(10 * 60 - 1));
    assert_eq!(sec.get("admin").await.status, 200);
    house.advance(Duration::from_secs(1));
    let seen = sec.get("/.vestibule/admin/person?user=jan").await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    assert!(
        seen.location.contains("return_to=%2F.vestibule%2Fadmin%2Fperson%3Fuser%3Djan"),
        "{}",
        seen.location
    );
    assert_eq!(sec.post("admin/person?user=jan", &[("action", "unlock")]).await.page(), "second-factor");
    // The page asks though a code of ten minutes ago would do elsewhere, and leads back.
    assert_eq!(sec.get(&seen.location).await.status, 200);
    let seen = sec.post("second-factor", &[("code", &sec.code()), ("method", "totp")]).await;
    assert_eq!(seen.location, "/.vestibule/admin/person?user=jan");
    assert_eq!(sec.get(&seen.location).await.status, 200);

    // A trusted device waives the code for portals, not here.
    let mut trusting = house.visitor();
    trusting.key.clone_from(&sec.key);
    trusting.sign_in_with_code("sec", &["trust_device", "trust_address"]).await;
    assert_eq!(trusting.sign_in("sec", PASSWORD, "/").await.location, "/");
    assert_eq!(trusting.get("account").await.status, 200);
    assert_eq!(trusting.get("admin").await.page(), "second-factor");

    // Who has none sets one up first.
    let mut bare = house.visitor();
    bare.sign_in("bare", PASSWORD, "/").await;
    let seen = bare.get("admin").await;
    assert_eq!(bare.get(&seen.location).await.page(), "enrol");
    assert_eq!(bare.post("admin/person?user=jan", &[("action", "unlock")]).await.page(), "second-factor");
}

#[tokio::test]
async fn a_form_without_this_browsers_token_does_nothing() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let fields = [("action", "remove"), ("sure", "1"), ("csrf", "")];
    let seen = sec.post("admin/person?user=jan", &fields).await;
    assert_eq!(seen.status, 403);
    assert!(house.services.store.resident(&UserId::new("jan")).is_some());
}

#[tokio::test]
async fn others_people_do_not_exist_for_a_tenant() {
    let house = office().await;
    let mut ten = enter(&house, "ten").await;
    let list = ten.get("admin").await;
    for (name, shown) in [("jan", true), ("kees", true), ("written", true), ("piet", false), ("sec", false)] {
        assert_eq!(list.says(&format!("user={name}\"")), shown, "{name}");
        let status = if shown { 200 } else { 404 };
        assert_eq!(ten.get(&format!("admin/person?user={name}")).await.status, status, "{name}");
    }
    assert!(list.says("3 people"), "{}", list.html);
    assert!(!list.says("staff"), "nor are others' groups told");
    assert!(ten.get("/.vestibule/admin?q=piet").await.says("0 people"));
    // By address, or under any spelling.
    for name in ["piet@example.com", "PIET", "nobody"] {
        let seen = ten.get(&format!("admin/person?user={name}")).await;
        assert_eq!((seen.status, seen.says("Piet")), (404, false), "{name}");
    }
    for action in ["disable", "reset", "unlock", "remove_trusts", "end_sessions", "remove"] {
        let fields = [("action", action), ("sure", "1"), ("reason", "because I can")];
        assert_eq!(ten.post("admin/person?user=piet", &fields).await.status, 404, "{action}");
        // Who is shared with others is seen and not touched.
        assert_eq!(ten.post("admin/person?user=kees", &fields).await.status, 403, "{action}");
    }
}

#[tokio::test]
async fn nobody_but_security_hands_out_what_carries_a_role() {
    let house = office().await;
    let mut ten = enter(&house, "ten").await;
    let person = |name: &'static str, groups: &'static str| {
        [("name", name), ("email", "new@example.com"), ("groups", groups), ("display_name", "")]
    };
    for (name, groups) in [
        ("new", "chiefs"),
        ("new", "clients, chiefs"),
        ("new", "staff"),
        ("new", ""),
        // The file gives this name a role; whoever gets it gets the role.
        ("desk", "clients"),
        (" DESK", "clients"),
    ] {
        let seen = ten.post("admin/new", &person(name, groups)).await;
        assert_eq!(seen.status, 403, "{name:?} in {groups:?}");
        assert!(seen.says("Your role does not allow this"));
    }
    assert_eq!(ten.post("admin/new", &person("new", " clients ,guests")).await.status, 303);
    for groups in ["clients, chiefs", "staff", ""] {
        assert_eq!(ten.post("admin/edit?user=jan", &person("x", groups)).await.status, 403, "{groups:?}");
    }
    assert_eq!(ten.post("admin/edit?user=kees", &person("x", "clients")).await.status, 403);
    let jan = house.services.store.resident(&UserId::new("jan")).unwrap();
    assert_eq!(jan.groups, ["clients"]);

    let mut sec = enter(&house, "sec").await;
    let fields = [("email", "jan@example.com"), ("groups", "chiefs")];
    let seen = sec.post("admin/edit?user=jan", &fields).await;
    assert_eq!(seen.location, "/.vestibule/admin/person?user=jan&done=changed");
    // Now that Jan holds a role, the tenant's administrator may do nothing to him, nor the help desk.
    let mut desk = enter(&house, "desk").await;
    let reset = [("action", "reset"), ("sure", "1"), ("reason", "because I can")];
    assert_eq!(desk.post("admin/person?user=jan", &reset).await.status, 403);
    assert_eq!(desk.post("admin/person?user=sec", &reset).await.status, 403);
    assert!(!desk.get("admin/person?user=sec").await.says("value=\"reset\""), "nor is the button there");
}
