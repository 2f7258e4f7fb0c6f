//! A PIN on a remembered device, as the whole gateway judges it: at every request, by the present file, on that device.

use std::time::Duration;

use vestibule::domain::time::days;

use crate::{
    trust::signs_in_fully,
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const LOGIN: &str = "/.vestibule/login";
const SET: &str = "/.vestibule/pin";
const UNLOCK: &str = "/.vestibule/unlock";
const SECOND: &str = "/.vestibule/second-factor";
const PIN: &str = "407193";

const RULES: &str = "[[portal.rule]]\npath = \"/strong/**\"\npolicy = \"two_factor\"\nfactors = [\"totp\"]\n\n\
     [[portal.rule]]\npath = \"/money/**\"\npolicy = \"two_factor\"\nmax_age = \"5m\"\n\n\
     [[portal.rule]]\npath = \"/simple/**\"\npolicy = \"one_factor\"\n\n\
     [[portal.rule]]\npath = \"/**\"\npolicy = \"two_factor\"\n";

async fn world() -> World {
    let trust = "unlock = [\"pin\"]";
    let world = World::plan(Plan { rules: RULES, trust, ..Default::default() }).await;
    world.links_an_app("anna").await;
    world
}

/// Anna on a remembered device with a PIN, her session lost.
async fn anna(world: &World) -> Visitor {
    let mut anna = world.visitor();
    signs_in_fully(world, &mut anna, &["trust_device"]).await.leads_to("/.vestibule/pin?return_to=%2F");
    anna.open("/.vestibule/pin?return_to=%2F").await.has_status(200);
    anna.submit(SET, &[("pin", PIN), ("pin_again", PIN)]).await.leads_to("/");
    anna.loses_the_session();
    anna
}

async fn unlocks(anna: &mut Visitor) {
    let asked = anna.get("/x?a=1").await;
    anna.open(asked.meets_login().location()).await.has_status(200);
    anna.submit(UNLOCK, &[("pin", PIN)]).await.leads_to("/x?a=1");
    anna.get("/x?a=1").await.reaches_the_portal();
}

#[tokio::test]
async fn a_pin_and_its_device_are_two_factors_and_neither_fresh_nor_one_of_some() {
    let world = world().await;
    let mut anna = anna(&world).await;
    unlocks(&mut anna).await;
    anna.get("/simple/x").await.reaches_the_portal();
    for path in ["/strong/x", "/money/x"] {
        let asked = anna.get(path).await;
        anna.open(asked.meets_second_factor().location()).await.has_status(200);
    }
    anna.submit(SECOND, &[("code", &world.next_code())]).await.has_status(303);
    for path in ["/strong/x", "/money/x"] {
        anna.get(path).await.reaches_the_portal();
    }
}

#[tokio::test]
async fn a_session_that_began_with_a_pin_ends_with_the_trust_to_the_second() {
    let world = world().await;
    let mut anna = anna(&world).await;
    world.clock.advance(days(30) - Duration::from_secs(1));
    unlocks(&mut anna).await;
    world.clock.advance(Duration::from_secs(1));
    // Not even where one factor is enough: a PIN without its device is none.
    anna.get("/simple/x").await.meets_login();
    anna.open(LOGIN).await.has_status(200);
    anna.submit(UNLOCK, &[("pin", PIN)]).await.leads_to("/.vestibule/login?return_to=%2F");
}

#[tokio::test]
async fn a_reload_that_forbids_pins_or_devices_ends_what_stood_on_them() {
    for narrower in ["unlock = []", "device = \"off\"", "device = \"1m\"\nunlock = [\"pin\"]"] {
        let world = world().await;
        let mut anna = anna(&world).await;
        world.clock.advance(Duration::from_secs(60));
        unlocks(&mut anna).await;
        let file = std::fs::read_to_string(world.file()).unwrap();
        std::fs::write(world.file(), file.replace("unlock = [\"pin\"]", narrower)).unwrap();
        world.current.reload(&world.file(), |_| Ok(())).unwrap();
        anna.get("/simple/x").await.meets_login();
        let page = anna.open(LOGIN).await;
        assert!(!page.text().contains("/.vestibule/unlock"), "{narrower}");
        anna.submit(UNLOCK, &[("pin", PIN)]).await.leads_to("/.vestibule/login?return_to=%2F");
        anna.get("/simple/x").await.meets_login();
    }
}

#[tokio::test]
async fn a_revoked_device_and_a_restart() {
    let world = world().await;
    let mut anna = anna(&world).await;
    // The PIN is kept over a restart, and so is the session it opened.
    unlocks(&mut anna).await;
    let jar = anna.jar.clone();
    let world = world.restarts().await;
    let mut anna = world.visitor_with(jar);
    anna.get("/x").await.reaches_the_portal();
    anna.loses_the_session();
    unlocks(&mut anna).await;
    let anna_id = vestibule::domain::identity::UserId::new("anna");
    let device =
        world.services.store.devices(Some(&anna_id), world.services.clock.now()).await.unwrap()[0].id.clone();
    world.services.store.revoke_trust(None, &device).await.unwrap();
    anna.get("/simple/x").await.meets_login();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}
