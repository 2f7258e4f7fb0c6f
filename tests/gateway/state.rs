//! What is kept, and what of it strangers could read.

use std::time::Duration;

use vestibule::domain::identity::UserId;

use crate::{
    trust::signs_in_fully,
    world::{KEY, World},
};

#[tokio::test]
async fn no_cookie_value_and_no_key_lies_in_the_store_or_the_logs() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    world.services.audit.flush();
    let mut read = 0;
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !(name.starts_with("vestibule.db") || name == "audit.log") {
            continue;
        }
        read += 1;
        let bytes = std::fs::read(&path).unwrap();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(KEY), "{name} holds the app's key");
        for value in anna.jar.values().flat_map(|value| value.split('.')) {
            assert!(!holds(value.as_bytes()), "{name} holds a cookie's value");
            let raw = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).unwrap_or_default();
            assert!(raw.is_empty() || !holds(&raw), "{name} holds a cookie's bytes");
        }
    }
    assert!(read >= 3, "database, write-ahead log and audit log were read");
}

#[tokio::test]
async fn the_sweeper_deletes_what_expired_and_nothing_else() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device", "trust_address"]).await;
    let store = &world.services.store;
    let person = UserId::new("anna");
    let keep = Duration::from_secs(90 * 86_400);
    let end = world.services.clock.now().after(Duration::from_secs(30 * 86_400));
    let before = vestibule::domain::time::Timestamp::from_unix(end.unix() - 1);
    assert_eq!(store.sweep(before, keep).await.unwrap().trusts, 0);
    assert_eq!(store.devices(Some(&person), before).await.unwrap().len(), 1);
    assert_eq!(store.sweep(end, keep).await.unwrap().trusts, 2);
    assert!(store.devices(Some(&person), before).await.unwrap().is_empty());
    assert!(store.addresses(Some(&person), before).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_audit_log_says_who_what_where_and_how_it_ended() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.open("/.vestibule/login").await;
    anna.submit("/.vestibule/login", &[("username", "anna"), ("password", "wrong")]).await;
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    anna.get("/closed/x?secret=1").await.has_status(403);
    world.services.audit.flush();
    let text = std::fs::read_to_string(world.folder.path().join("audit.log")).unwrap();
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let find = |kind: &str, outcome: &str| {
        events
            .iter()
            .find(|e| e["kind"] == kind && e["outcome"] == outcome)
            .unwrap_or_else(|| panic!("{kind} {outcome} in {text}"))
    };
    let wrong = find("password", "failure");
    assert_eq!(wrong["person"], "anna");
    assert_eq!(wrong["address"], "127.0.0.1");
    assert_eq!(wrong["portal"], "wiki");
    assert_eq!(wrong["request_id"].as_str().unwrap().len(), 32);
    assert_eq!(find("second_factor", "success")["factor"], "totp");
    find("sign_in", "success");
    find("trust_granted", "success");
    let denied = find("access_denied", "failure");
    assert_eq!(denied["rule"], "wiki/2");
    assert_eq!(denied["person"], "anna");
    assert!(!text.contains("secret=1") && !text.contains("wrong password"), "no query, no password");
}
