//! Several accounts in one browser: parked, taken up, ended; each with an end of its own.

use std::time::Duration;

use crate::{
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const FREE: &str = "requirement = \"optional\"\nmethods = [\"totp\"]";
const SIMPLE: &str = "[[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
const PEOPLE: &str = "[[user]]\nname = \"carl\"\ndisplay_name = \"Carl\"\npassword = \"HASH\"\n\n\
     [[user]]\nname = \"dora\"\ndisplay_name = \"Dora\"\npassword = \"HASH\"\n\n\
     [[user]]\nname = \"eve\"\ndisplay_name = \"Eve\"\npassword = \"HASH\"\n\n\
     [[user]]\nname = \"finn\"\ndisplay_name = \"Finn\"\npassword = \"HASH\"\n\n";
const ACCOUNTS: &str = "/.vestibule/accounts";
const SESSION: &str = "__Host-vestibule";
const PARKED: &str = "__Host-vestibule-parked";

async fn world() -> World {
    World::plan(Plan { second_factor: FREE, rules: SIMPLE, people: PEOPLE, ..Plan::default() }).await
}

async fn is(world: &World, visitor: &mut Visitor, name: &str) {
    visitor.get("/x").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-user").as_deref(), Some(name));
    let seen = world.portal.last().one("cookie").unwrap_or_default();
    assert!(!seen.contains("vestibule"), "{seen}");
}

/// "Use another account", and signs in as `name`.
async fn adds(visitor: &mut Visitor, name: &str) {
    visitor.open(ACCOUNTS).await.has_status(200);
    let away = visitor.submit(ACCOUNTS, &[("action", "another")]).await;
    let login = away.meets_login().location().to_owned();
    assert!(!visitor.jar.contains_key(SESSION));
    visitor.open(&login).await.has_status(200);
    visitor.submit("/.vestibule/login", &[("username", name), ("password", PASSWORD)]).await.leads_to("/");
}

/// What the button beside a name sends.
fn id_of(page: &Answer, name: &str) -> Option<String> {
    let text = page.text();
    let row = text.split("<li>").find(|row| row.contains(&format!(">{name}</strong>")))?.to_owned();
    Some(row.split("name=\"id\" value=\"").nth(1)?.split('"').next()?.to_owned())
}

async fn switches(visitor: &mut Visitor, name: &str) -> Answer {
    let id = id_of(visitor.open(ACCOUNTS).await, name).unwrap_or_else(|| panic!("{name} is not offered"));
    visitor.submit(ACCOUNTS, &[("action", "switch"), ("id", &id)]).await
}

#[tokio::test]
async fn one_browser_goes_from_one_account_to_another_without_signing_in_again() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    adds(&mut browser, "bob").await;
    is(&world, &mut browser, "bob").await;
    switches(&mut browser, "Anna Visser").await.leads_to("/");
    is(&world, &mut browser, "anna").await;
    switches(&mut browser, "Böb").await.leads_to("/");
    is(&world, &mut browser, "bob").await;
    // Another browser is offered nothing.
    let mut other = world.visitor();
    assert!(!other.get(ACCOUNTS).await.text().contains("Anna"));
}

#[tokio::test]
async fn an_account_is_taken_up_by_a_form_of_this_browser_alone() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    adds(&mut browser, "bob").await;
    let id = id_of(browser.open(ACCOUNTS).await, "Anna Visser").unwrap();
    for action in ["switch", "another", "sign_out_all"] {
        let fields = [("action".to_owned(), action.to_owned()), ("id".to_owned(), id.clone())];
        browser.post(ACCOUNTS, &fields).await.has_status(403);
        browser.get(&format!("{ACCOUNTS}?action={action}&id={id}")).await.has_status(200);
        is(&world, &mut browser, "bob").await;
    }
    // The id of a session names it and opens nothing.
    let mut thief = world.visitor();
    thief.open(ACCOUNTS).await;
    thief.submit(ACCOUNTS, &[("action", "switch"), ("id", &id)]).await.leads_to(ACCOUNTS);
    thief.get("/x").await.meets_login();
}

#[tokio::test]
async fn signing_out_falls_to_no_other_account_and_offers_them() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    adds(&mut browser, "bob").await;
    browser.open("/.vestibule/logout").await;
    let done = browser.submit("/.vestibule/logout", &[("scope", "here")]).await;
    browser.get("/x").await.meets_login();
    let page = browser.get(done.location()).await;
    assert!(page.text().contains("href=\"/.vestibule/accounts"), "{}", page.text());
    assert!(!page.text().contains("Anna"), "{}", page.text());
    switches(&mut browser, "Anna Visser").await.leads_to("/");
    is(&world, &mut browser, "anna").await;
    assert!(id_of(browser.open(ACCOUNTS).await, "Böb").is_none(), "it ended");

    adds(&mut browser, "bob").await;
    let before = browser.jar.clone();
    browser.open(ACCOUNTS).await;
    browser.submit(ACCOUNTS, &[("action", "sign_out_all")]).await.leads_to("/.vestibule/logout");
    assert!(!browser.jar.contains_key(SESSION) && !browser.jar.contains_key(PARKED));
    let mut copy = world.visitor_with(before);
    copy.get("/x").await.meets_login();
    assert!(id_of(copy.open(ACCOUNTS).await, "Anna Visser").is_none());
    let left = world.services.store.sessions(None, world.now()).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn each_account_keeps_its_own_end() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    world.clock.advance(Duration::from_secs(4 * 3600));
    adds(&mut browser, "bob").await;
    world.clock.advance(Duration::from_secs(8 * 3600 - 1));
    is(&world, &mut browser, "bob").await;
    assert!(id_of(browser.open(ACCOUNTS).await, "Anna Visser").is_some());
    let id = id_of(browser.open(ACCOUNTS).await, "Anna Visser").unwrap();
    world.clock.advance(Duration::from_secs(1));
    // Eight hours unused: over, and nothing is told of it.
    browser.submit(ACCOUNTS, &[("action", "switch"), ("id", &id)]).await.leads_to(ACCOUNTS);
    assert!(!browser.get(ACCOUNTS).await.text().contains("Anna"));
    is(&world, &mut browser, "bob").await;
}

#[tokio::test]
async fn a_parked_account_ends_with_whatever_ends_a_session() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    adds(&mut browser, "bob").await;
    let mut elsewhere = world.visitor();
    elsewhere.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    elsewhere.open("/.vestibule/logout").await;
    elsewhere.submit("/.vestibule/logout", &[("scope", "everywhere")]).await.has_status(303);
    assert!(!browser.get(ACCOUNTS).await.text().contains("Anna"));
    is(&world, &mut browser, "bob").await;

    adds(&mut browser, "carl").await;
    let people = world.folder.path().join("users.toml");
    let text = std::fs::read_to_string(&people).unwrap();
    std::fs::write(&people, text.replace("name = \"bob\"", "name = \"bob\"\ndisabled = true")).unwrap();
    world.current.reload(&world.file(), |_| Ok(())).unwrap();
    assert!(!browser.get(ACCOUNTS).await.text().contains("Böb"));
}

#[tokio::test]
async fn a_browser_holds_five_accounts_and_each_person_once() {
    let world = world().await;
    let mut browser = world.visitor();
    browser.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    for name in ["bob", "carl", "dora", "eve"] {
        adds(&mut browser, name).await;
    }
    let page = browser.get(ACCOUNTS).await.text();
    for name in ["Anna Visser", "Böb", "Carl", "Dora", "Eve"] {
        assert!(page.contains(&format!(">{name}</strong>")), "{name}: {page}");
    }
    let open = async || world.services.store.sessions(None, world.now()).await.unwrap().len();
    assert_eq!(open().await, 5);
    // The sixth: the one that was parked first ends.
    adds(&mut browser, "finn").await;
    assert!(!browser.get(ACCOUNTS).await.text().contains("Anna"));
    assert_eq!(open().await, 5);
    // Signing in again as somebody who waits.
    adds(&mut browser, "eve").await;
    is(&world, &mut browser, "eve").await;
    assert!(id_of(browser.open(ACCOUNTS).await, "Eve").is_none());
    assert_eq!((open().await, browser.jar[PARKED].split('.').count()), (4, 3));
}
