//! The wizard at its stable address, as a portal's help menu links to it: for whoever is in, and for whoever is not yet.

use std::time::Duration;

use vestibule::domain::time::Clock as _;

use crate::{
    sign_in::key_on,
    trust::signs_in_fully,
    visitor::Visitor,
    world::{PASSWORD, Plan, World, code_of},
};

const LOGIN: &str = "/.vestibule/login";
const SECOND: &str = "/.vestibule/second-factor";
const ENROL: &str = "/.vestibule/enrol";
/// As a portal writes it, to lead back to its page of help.
const LINK: &str = "/.vestibule/enrol?return_to=%2Fhelp%3Ftopic%3Dphone";

/// A portal that asks for a password alone.
async fn lenient() -> World {
    let rules = "[[portal.rule]]\npolicy = \"one_factor\"\n";
    let second_factor = "requirement = \"off\"\nmethods = [\"totp\"]";
    World::plan(Plan { second_factor, rules, ..Default::default() }).await
}

/// Links the app that the wizard at `place` shows, and is led to the page of help, not to the wizard again.
async fn links_and_goes_on(world: &World, visitor: &mut Visitor, place: &str) {
    let page = visitor.open(place).await;
    page.has_status(200);
    let key = key_on(page);
    let code = code_of(&key, world.clock.now().unix());
    // Recovery codes first: there were none.
    let shown = visitor.submit(ENROL, &[("code", &code), ("label", "New phone")]).await;
    let text = shown.has_status(200).text().replace("&#61;", "=");
    assert!(text.contains("href=\"/help?topic=phone\""), "{text}");
    visitor.get("/help?topic=phone").await.reaches_the_portal();
}

/// Gives the password where the link led.
async fn gives_the_password(visitor: &mut Visitor, login: &str) -> String {
    visitor.open(login).await.has_status(200);
    let answer = visitor.submit(LOGIN, &[("username", "anna"), ("password", PASSWORD)]).await;
    answer.has_status(303).location().to_owned()
}

#[tokio::test]
async fn the_wizard_opens_at_once_after_a_fresh_code_and_after_another_one_else() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    anna.open(LINK).await.has_status(200);
    world.clock.advance(Duration::from_secs(15 * 60));
    let asked = anna.get(LINK).await;
    anna.open(asked.meets_second_factor().location()).await.has_status(200);
    assert_eq!(anna.submit(SECOND, &[("code", &world.next_code())]).await.location(), LINK);
    links_and_goes_on(&world, &mut anna, LINK).await;
}

#[tokio::test]
async fn whoever_is_not_in_yet_comes_back_to_the_wizard_after_signing_in() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    let asked = anna.get(LINK).await;
    let next = gives_the_password(&mut anna, asked.meets_login().location()).await;
    anna.open(&next).await.has_status(200);
    assert_eq!(anna.submit(SECOND, &[("code", &world.next_code())]).await.location(), LINK);
    links_and_goes_on(&world, &mut anna, LINK).await;
}

#[tokio::test]
async fn a_first_app_is_linked_once_wherever_the_wizard_was_asked_for() {
    for world in [World::start().await, lenient().await] {
        let mut anna = world.visitor();
        let asked = anna.get(LINK).await;
        let next = gives_the_password(&mut anna, asked.meets_login().location()).await;
        assert!(next.starts_with(ENROL), "{next}");
        links_and_goes_on(&world, &mut anna, &next).await;
    }
}

#[tokio::test]
async fn a_password_given_long_ago_is_asked_again_and_leads_to_the_wizard() {
    let world = lenient().await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    world.clock.advance(Duration::from_secs(15 * 60));
    let asked = anna.get(LINK).await;
    assert!(asked.meets_login().location().ends_with("&again=1"), "{}", asked.location());
    let next = gives_the_password(&mut anna, asked.location()).await;
    assert!(next.starts_with(ENROL), "{next}");
    links_and_goes_on(&world, &mut anna, &next).await;
}
