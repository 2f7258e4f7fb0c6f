//! Trusted devices and addresses: thirty days to the second, for one person, from really that place, and no further.

use std::time::Duration;

use vestibule::domain::{identity::UserId, time::days, token::RecordId};

use crate::{
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const SECOND: &str = "/.vestibule/second-factor";
const ACCOUNT: &str = "/.vestibule/account";

/// Signs in with password and code, ticking these choices.
pub(crate) async fn signs_in_fully(world: &World, visitor: &mut Visitor, choices: &[&str]) -> Answer {
    visitor.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    visitor.open(SECOND).await.has_status(200);
    let code = world.next_code();
    let mut fields = vec![("code", code.as_str())];
    fields.extend(choices.iter().map(|&choice| (choice, "on")));
    let answer = visitor.submit(SECOND, &fields).await;
    answer.has_status(303);
    answer
}

#[tokio::test]
async fn a_trusted_device_skips_the_second_factor_until_day_thirty() {
    for (wait, waived) in [(days(30) - Duration::from_secs(1), true), (days(30), false)] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &["trust_device"]).await;
        anna.loses_the_session();
        world.clock.advance(wait);
        let answer = anna.signs_in("/", "anna", PASSWORD).await;
        if waived {
            answer.leads_to("/");
            anna.get("/").await.reaches_the_portal();
            world.clock.advance(Duration::from_secs(1));
            // The session lives on, the waiver does not: a code is asked at the very second.
            anna.get("/").await.meets_second_factor();
        } else {
            answer.meets_second_factor();
        }
    }
}

#[tokio::test]
async fn a_trusted_address_skips_the_second_factor_until_day_thirty() {
    for (wait, waived) in [(days(30) - Duration::from_secs(1), true), (days(30), false)] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &["trust_address"]).await;
        world.clock.advance(wait);
        let mut elsewhere = world.visitor();
        let answer = elsewhere.signs_in("/", "anna", PASSWORD).await;
        if waived {
            answer.leads_to("/");
            elsewhere.get("/").await.reaches_the_portal();
            world.clock.advance(Duration::from_secs(1));
            elsewhere.get("/").await.meets_second_factor();
        } else {
            answer.meets_second_factor();
        }
    }
}

#[tokio::test]
async fn trust_survives_restarts_and_ends_on_day_thirty_all_the_same() {
    for choice in ["trust_device", "trust_address"] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &[choice]).await;
        // The session is still there after a restart …
        let world = world.restarts().await;
        let mut anna = world.visitor_with(anna.jar);
        anna.get("/").await.reaches_the_portal();
        // … and so is the trust, to its last second …
        anna.loses_the_session();
        world.clock.advance(days(30) - Duration::from_secs(1));
        let world = world.restarts().await;
        let mut anna = world.visitor_with(anna.jar);
        anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
        anna.get("/").await.reaches_the_portal();
        // … and no further: neither for the session it let in nor for a new one.
        world.clock.advance(Duration::from_secs(1));
        let world = world.restarts().await;
        let mut anna = world.visitor_with(anna.jar);
        anna.get("/").await.meets_second_factor();
        anna.loses_the_session();
        anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    }
}

#[tokio::test]
async fn nothing_is_trusted_unless_ticked() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await;
    let page = anna.open(SECOND).await.text();
    for name in ["trust_device", "trust_address"] {
        let tag = page.split("<input").find(|tag| tag.contains(&format!("name=\"{name}\""))).unwrap();
        assert!(!tag.split('>').next().unwrap().contains("checked"), "{name} is ticked");
    }
    assert!(page.contains("127.0.0.1"), "the address is shown");
    signs_in_fully(&world, &mut world.visitor(), &[]).await;
    let mut again = world.visitor();
    again.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn a_device_is_one_browser_and_one_person() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    world.links_an_app("bob").await;
    let mut first = world.visitor();
    signs_in_fully(&world, &mut first, &["trust_device"]).await;
    let mut second = world.visitor();
    second.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    first.loses_the_session();
    first.signs_in("/", "bob", PASSWORD).await.meets_second_factor();
    first.loses_the_session();
    first.signs_in("/", "anna", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn an_address_counts_for_the_person_who_trusted_it_from_that_address() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    world.links_an_app("bob").await;
    let mut anna = world.visitor();
    anna.moves_to("127.0.0.7");
    signs_in_fully(&world, &mut anna, &["trust_address"]).await;
    let mut bob = world.visitor();
    bob.moves_to("127.0.0.7");
    bob.signs_in("/", "bob", PASSWORD).await.meets_second_factor();
    let mut away = world.visitor();
    away.moves_to("127.0.0.8");
    away.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    let mut office = world.visitor();
    office.moves_to("127.0.0.7");
    office.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    office.get("/").await.reaches_the_portal();
    // The laptop goes home: its session came without a code, so a code is asked there.
    office.moves_to("127.0.0.8");
    office.get("/").await.meets_second_factor();
}

#[tokio::test]
async fn a_forged_forwarded_address_earns_nothing() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.moves_to("127.0.0.7");
    signs_in_fully(&world, &mut anna, &["trust_address"]).await;
    for header in
        ["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "x-client-ip", "cf-connecting-ip"]
    {
        let mut thief = world.visitor();
        thief.moves_to("127.0.0.66");
        thief.extra = vec![(header.to_owned(), "127.0.0.7".to_owned())];
        thief.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_is_the_last_one_that_proxy_saw() {
    let plan = Plan { server: "trusted_proxies = [\"127.0.0.9/32\"]", ..Default::default() };
    let world = World::plan(plan).await;
    world.links_an_app("anna").await;
    let behind = |list: &str| {
        let mut visitor = world.visitor();
        visitor.moves_to("127.0.0.9");
        visitor.extra = vec![("x-forwarded-for".to_owned(), list.to_owned())];
        visitor
    };
    signs_in_fully(&world, &mut behind("203.0.113.5"), &["trust_address"]).await;
    behind("203.0.113.5").signs_in("/", "anna", PASSWORD).await.leads_to("/");
    behind("::ffff:203.0.113.5").signs_in("/", "anna", PASSWORD).await.leads_to("/");
    // What a visitor writes stands on the left; the proxy adds the truth on the right.
    behind("203.0.113.5, 198.51.100.1").signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    // Not through the proxy: the header is a stranger's word.
    let mut direct = world.visitor();
    direct.extra = vec![("x-forwarded-for".to_owned(), "203.0.113.5".to_owned())];
    direct.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    behind("nonsense").get("/").await.has_status(400);
}

#[tokio::test]
async fn ipv6_is_trusted_as_its_64() {
    let plan = Plan { server: "trusted_proxies = [\"127.0.0.9/32\"]", ..Default::default() };
    let world = World::plan(plan).await;
    world.links_an_app("anna").await;
    let behind = |list: &str| {
        let mut visitor = world.visitor();
        visitor.moves_to("127.0.0.9");
        visitor.extra = vec![("x-forwarded-for".to_owned(), list.to_owned())];
        visitor
    };
    signs_in_fully(&world, &mut behind("2001:db8:1:2::5"), &["trust_address"]).await;
    behind("2001:db8:1:2:aaaa::9").signs_in("/", "anna", PASSWORD).await.leads_to("/");
    behind("2001:db8:1:3::5").signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn an_address_may_be_trusted_only_where_the_file_allows_it() {
    let plan = Plan { trust: "address_from = [\"127.0.0.7/32\"]", ..Default::default() };
    let world = World::plan(plan).await;
    world.links_an_app("anna").await;
    let mut home = world.visitor();
    home.signs_in("/", "anna", PASSWORD).await;
    assert!(!home.open(SECOND).await.text().contains("trust_address"), "not even offered");
    // Ticked all the same.
    signs_in_fully(&world, &mut world.visitor(), &["trust_address"]).await;
    world.visitor().signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    let mut office = world.visitor();
    office.moves_to("127.0.0.7");
    signs_in_fully(&world, &mut office, &["trust_address"]).await;
    let mut again = world.visitor();
    again.moves_to("127.0.0.7");
    again.signs_in("/", "anna", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn trust_that_the_file_forbids_is_neither_offered_nor_granted() {
    let world =
        World::plan(Plan { trust: "device = \"off\"\naddress = \"off\"", ..Default::default() }).await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await;
    let page = anna.open(SECOND).await.text();
    assert!(!page.contains("trust_device") && !page.contains("trust_address"));
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn an_address_of_scope_everyone_waives_the_code_for_all() {
    let world = World::plan(Plan { trust: "address_scope = \"everyone\"", ..Default::default() }).await;
    world.links_an_app("anna").await;
    world.links_an_app("bob").await;
    signs_in_fully(&world, &mut world.visitor(), &["trust_address"]).await;
    world.visitor().signs_in("/", "bob", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn an_address_of_scope_portal_waives_the_code_for_all_at_that_portal_only() {
    let world = World::plan(Plan { trust: "address_scope = \"portal\"", ..Default::default() }).await;
    world.links_an_app("anna").await;
    world.links_an_app("bob").await;
    let mut anna = world.visitor();
    anna.moves_to("127.0.0.7");
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    assert!(anna.open(SECOND).await.text().contains("would skip the code for Team wiki"));
    signs_in_fully(&world, &mut anna, &["trust_address"]).await;
    for (host, from, waived) in
        [("wiki", "127.0.0.7", true), ("mail", "127.0.0.7", false), ("wiki", "127.0.0.8", false)]
    {
        for name in ["anna", "bob"] {
            let mut visitor = world.visitor();
            visitor.moves_to(from);
            visitor.host = visitor.host.replace("wiki", host);
            let answer = visitor.signs_in("/", name, PASSWORD).await;
            if waived {
                answer.leads_to("/");
                visitor.get("/").await.reaches_the_portal();
            } else {
                answer.meets_second_factor();
            }
        }
    }
}

#[tokio::test]
async fn the_audit_log_names_a_trust_from_its_grant_to_its_end() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    let (person, now) = (UserId::new("anna"), world.services.clock.now());
    let device = world.services.store.devices(Some(&person), now).await.unwrap()[0].id.clone();
    let address = world.services.store.addresses(Some(&person), now).await.unwrap()[0].id.clone();
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    let mut elsewhere = world.visitor();
    elsewhere.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    signs_in_again_and_removes(&world, &device, &address).await;
    world.services.audit.flush();
    let text = std::fs::read_to_string(world.folder.path().join("audit.log")).unwrap();
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (factor, id) in [("device", device), ("address", address)] {
        let told: Vec<_> = events
            .iter()
            .filter(|event| event["trust"] == id.as_str())
            .inspect(|event| assert_eq!(event["factor"], factor, "{event}"))
            .map(|event| event["kind"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["trust_granted", "trust_used", "sign_in", "trust_revoked"], "{factor} in {text}");
    }
}

/// Anna, elsewhere and with a code, takes both trusts away.
async fn signs_in_again_and_removes(world: &World, device: &RecordId, address: &RecordId) {
    let mut anna = world.visitor();
    anna.moves_to("127.0.0.8");
    signs_in_fully(world, &mut anna, &[]).await;
    for (action, id) in [("remove_device", device), ("remove_address", address)] {
        anna.open(ACCOUNT).await;
        anna.submit(ACCOUNT, &[("action", action), ("id", id.as_str())]).await.has_status(303);
    }
}

#[tokio::test]
async fn signing_out_keeps_the_device_and_everywhere_ends_it() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    anna.open("/.vestibule/logout").await;
    anna.submit("/.vestibule/logout", &[("scope", "here")]).await;
    anna.get("/").await.meets_login();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    anna.open("/.vestibule/logout").await;
    anna.submit("/.vestibule/logout", &[("scope", "everywhere")]).await;
    anna.get("/").await.meets_login();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn a_changed_password_ends_sessions_and_trust() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    let users = world.folder.path().join("users.toml");
    let text = std::fs::read_to_string(&users).unwrap();
    let old = text.split("password = \"").nth(1).unwrap().split('"').next().unwrap();
    let new = vestibule::factor::password::hash("another long password", &vestibule::runtime::OsEntropy);
    std::fs::write(&users, text.replacen(old, new.as_str(), 1)).unwrap();
    world.current.reload(&world.file(), |_| Ok(())).unwrap();
    anna.get("/").await.meets_login();
    anna.loses_the_session();
    anna.signs_in("/", "anna", "another long password").await.meets_second_factor();
}

#[tokio::test]
async fn a_changed_factor_ends_trust_and_other_sessions() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    world.services.store.reset_second_factor(&UserId::new("anna")).await.unwrap();
    anna.get("/").await.meets_login();
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/.vestibule/enrol");
}

#[tokio::test]
async fn a_copied_device_cookie_gives_itself_away() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    anna.loses_the_session();
    let copy = anna.jar.clone();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    world.clock.advance(Duration::from_secs(61));
    let mut thief = world.visitor();
    thief.jar = copy;
    thief.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    let audit = std::fs::read_to_string(world.folder.path().join("audit.log")).unwrap();
    assert!(audit.contains("trust_stolen"));
}

#[tokio::test]
async fn the_account_page_lists_trust_and_removes_it() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    let page = anna.open(ACCOUNT).await.text();
    assert!(page.contains("127.0.0.1"), "{page}");
    let person = UserId::new("anna");
    let device =
        world.services.store.devices(Some(&person), world.services.clock.now()).await.unwrap()[0].id.clone();
    let address = world.services.store.addresses(Some(&person), world.services.clock.now()).await.unwrap()[0]
        .id
        .clone();
    for (action, id) in [("remove_device", &device), ("remove_address", &address)] {
        assert!(anna.open(ACCOUNT).await.text().contains(id.as_str()));
        anna.submit(ACCOUNT, &[("action", action), ("id", id.as_str())]).await;
        assert!(!anna.open(ACCOUNT).await.text().contains(id.as_str()), "{action}");
    }
    // Removing trust signs nobody out: this session had a real code.
    anna.get("/").await.reaches_the_portal();
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn nobody_removes_somebody_elses_trust() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    world.links_an_app("bob").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    let now = world.services.clock.now();
    let device = world.services.store.devices(Some(&UserId::new("anna")), now).await.unwrap()[0].id.clone();
    let mut bob = world.visitor();
    bob.signs_in("/", "bob", PASSWORD).await.meets_second_factor();
    bob.open(SECOND).await;
    bob.submit(SECOND, &[("code", &world.next_code())]).await.has_status(303);
    bob.open(ACCOUNT).await.has_status(200);
    bob.submit(ACCOUNT, &[("action", "remove_device"), ("id", device.as_str())]).await;
    assert_eq!(world.services.store.devices(Some(&UserId::new("anna")), now).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reload_that_forbids_trust_reaches_open_sessions() {
    for (choice, narrower) in [
        ("trust_device", "device = \"off\""),
        ("trust_address", "address = \"off\""),
        ("trust_address", "address_from = [\"192.0.2.0/24\"]"),
    ] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &[choice]).await;
        anna.loses_the_session();
        anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
        anna.get("/").await.reaches_the_portal();
        let file = std::fs::read_to_string(world.file()).unwrap();
        let changed = file.replace("[trust]\n", &format!("[trust]\n{narrower}\n"));
        std::fs::write(world.file(), changed).unwrap();
        world.current.reload(&world.file(), |_| Ok(())).unwrap();
        anna.get("/").await.meets_second_factor();
        std::fs::write(world.file(), file).unwrap();
        world.current.reload(&world.file(), |_| Ok(())).unwrap();
        anna.get("/").await.reaches_the_portal();
    }
}
