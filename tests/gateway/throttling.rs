//! Guessing is slowed, everywhere alike, without letting a stranger lock anybody out of a device they trust.

use std::time::Duration;

use crate::{
    trust::signs_in_fully,
    world::{PASSWORD, Plan, World},
};

const LOGIN: &str = "/.vestibule/login";
const SECOND: &str = "/.vestibule/second-factor";

async fn guesses(world: &World, name: &str, from: &str, times: usize) -> Vec<u16> {
    let mut thief = world.visitor();
    thief.moves_to(from);
    let mut statuses = Vec::new();
    for _ in 0..times {
        thief.open(LOGIN).await;
        statuses
            .push(thief.submit(LOGIN, &[("username", name), ("password", "guess")]).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn the_eleventh_guess_waits_a_quarter_of_an_hour() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let statuses = guesses(&world, "anna", "127.0.0.66", 11).await;
    assert!(statuses[..10].iter().all(|&status| status != 429), "{statuses:?}");
    assert_eq!(statuses[10], 429);
    // Even the right password waits, in any spelling of the name.
    for name in ["anna", "ANNA@example.com"] {
        let mut anna = world.visitor();
        anna.moves_to("127.0.0.66");
        anna.open(LOGIN).await;
        anna.submit(LOGIN, &[("username", name), ("password", PASSWORD)]).await.has_status(429);
    }
    world.clock.advance(Duration::from_secs(15 * 60));
    let mut anna = world.visitor();
    anna.moves_to("127.0.0.66");
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn names_that_do_not_exist_are_slowed_alike() {
    let world = World::start().await;
    assert_eq!(
        guesses(&world, "nobody", "127.0.0.66", 11).await,
        guesses(&world, "anna", "127.0.0.67", 11).await
    );
}

#[tokio::test]
async fn guessing_from_one_ipv6_network_is_slowed_whatever_the_address() {
    let plan = Plan { server: "trusted_proxies = [\"127.0.0.9/32\"]", ..Default::default() };
    let world = World::plan(plan).await;
    world.links_an_app("anna").await;
    let status = async |client: &str, password: &str| {
        let mut visitor = world.visitor();
        visitor.moves_to("127.0.0.9");
        visitor.extra = vec![("x-forwarded-for".to_owned(), client.to_owned())];
        visitor.open(LOGIN).await;
        visitor.submit(LOGIN, &[("username", "anna"), ("password", password)]).await.status.as_u16()
    };
    for host in 0..10 {
        assert_eq!(status(&format!("2001:db8:1:2:{host:x}::1"), "guess").await, 422);
    }
    assert_eq!(status("2001:db8:1:2::", PASSWORD).await, 429);
    assert_eq!(status("2001:db8:1:2:ffff:ffff:ffff:ffff", PASSWORD).await, 429);
    assert_eq!(status("2001:db8:1:1:ffff:ffff:ffff:ffff", PASSWORD).await, 303);
    assert_eq!(status("2001:db8:1:3::", PASSWORD).await, 303);
}

#[tokio::test]
async fn a_stranger_locks_nobody_out_of_a_device_they_trust() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    for last in 60..66 {
        guesses(&world, "anna", &format!("127.0.0.{last}"), 10).await;
    }
    // The whole account is closed to unknown browsers by now …
    let mut unknown = world.visitor();
    unknown.moves_to("127.0.0.99");
    unknown.open(LOGIN).await;
    unknown.submit(LOGIN, &[("username", "anna"), ("password", PASSWORD)]).await.has_status(429);
    // … the open session lives on, and the trusted device signs in again.
    anna.get("/").await.reaches_the_portal();
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
}

#[tokio::test]
async fn a_right_password_costs_no_try() {
    let world = World::plan(Plan {
        second_factor: "requirement = \"off\"\nmethods = [\"totp\"]",
        ..Default::default()
    })
    .await;
    for _ in 0..12 {
        world.visitor().signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    }
}

#[tokio::test]
async fn the_fifth_wrong_code_ends_the_sign_in() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    for _ in 0..5 {
        anna.open(SECOND).await;
        anna.submit(SECOND, &[("code", "000000")]).await;
    }
    anna.open(SECOND).await;
    let answer = anna.submit(SECOND, &[("code", &world.code())]).await;
    assert!(answer.location() != "/", "the sixth code is not even looked at");
    anna.get("/").await.meets_login();
}

#[tokio::test]
async fn ten_wrong_codes_wait_whatever_the_number_of_sign_ins() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    for from in ["127.0.0.61", "127.0.0.62"] {
        let mut thief = world.visitor();
        thief.moves_to(from);
        thief.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
        for _ in 0..5 {
            thief.open(SECOND).await;
            thief.submit(SECOND, &[("code", "000000")]).await;
        }
    }
    let mut third = world.visitor();
    third.moves_to("127.0.0.63");
    third.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    third.open(SECOND).await;
    third.submit(SECOND, &[("code", &world.code())]).await.has_status(429);
    third.get("/").await.meets_login();
}
