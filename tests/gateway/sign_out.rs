//! Ending sessions: here, everywhere, from another browser, and what stays.

use vestibule::domain::identity::UserId;

use crate::{trust::signs_in_fully, world::World};

const ACCOUNT: &str = "/.vestibule/account";
const LOGOUT: &str = "/.vestibule/logout";

#[tokio::test]
async fn signing_out_ends_this_session_on_the_server() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let mut copy = world.visitor();
    copy.jar = anna.jar.clone();
    copy.get("/").await.reaches_the_portal();
    anna.open(LOGOUT).await.has_status(200);
    anna.submit(LOGOUT, &[("scope", "here")]).await;
    copy.get("/").await.meets_login();
}

#[tokio::test]
async fn looking_at_the_page_signs_nobody_out() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    anna.get(LOGOUT).await.has_status(200);
    anna.get("/").await.reaches_the_portal();
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let (mut one, mut two) = (world.visitor(), world.visitor());
    signs_in_fully(&world, &mut one, &[]).await;
    signs_in_fully(&world, &mut two, &[]).await;
    one.open(LOGOUT).await;
    one.submit(LOGOUT, &[("scope", "everywhere")]).await;
    one.get("/").await.meets_login();
    two.get("/").await.meets_login();
}

#[tokio::test]
async fn a_session_is_ended_from_another_browser() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let (mut one, mut two) = (world.visitor(), world.visitor());
    signs_in_fully(&world, &mut one, &[]).await;
    signs_in_fully(&world, &mut two, &[]).await;
    let now = world.services.clock.now();
    let sessions = world.services.store.sessions(Some(&UserId::new("anna")), now).await.unwrap();
    assert_eq!(sessions.len(), 2);
    two.open(ACCOUNT).await.has_status(200);
    // Newest first: the second browser's own is the first of the list.
    let other = sessions.iter().min_by_key(|session| session.opened_at).unwrap();
    two.submit(ACCOUNT, &[("action", "end_session"), ("id", other.id.as_str())]).await;
    one.get("/").await.meets_login();
    two.get("/").await.reaches_the_portal();
}

#[tokio::test]
async fn change_password_leads_to_the_account_page() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let answer = visitor.get("/.well-known/change-password").await;
    assert!(answer.status.is_redirection());
    assert!(answer.location().contains("/.vestibule/account"));
}

#[tokio::test]
async fn the_language_is_chosen_and_kept() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    visitor.extra = vec![("accept-language".to_owned(), "es, nl;q=0.4, de;q=0.8, fr;q=0".to_owned())];
    assert!(visitor.open("/.vestibule/login").await.text().contains("lang=\"de\""));
    visitor.get("/.vestibule/language?to=fr&return_to=/.vestibule/login").await.leads_to("/.vestibule/login");
    assert!(visitor.open("/.vestibule/login").await.text().contains("lang=\"fr\""));
    visitor.get("/.vestibule/language?to=fr&return_to=//evil.example").await.leads_to("/");
}
