//! Rules that ask for a fresh factor or for one of some: asked at the very second, answered once, and never in a circle.

use std::time::Duration;

use vestibule::{domain::identity::UserId, factor::recovery::RecoveryCode, runtime::OsEntropy};

use crate::{
    resend::press_at,
    trust::signs_in_fully,
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const SECOND: &str = "/.vestibule/second-factor";
const LOGIN: &str = "/.vestibule/login";

const RULES: &str = "[[portal.rule]]\npath = \"/money/**\"\npolicy = \"two_factor\"\nmax_age = \"5m\"\n\n\
     [[portal.rule]]\npath = \"/strong/**\"\npolicy = \"two_factor\"\nfactors = [\"totp\"]\n\n\
     [[portal.rule]]\npath = \"/simple/secret/**\"\npolicy = \"one_factor\"\nmax_age = \"5m\"\n\n\
     [[portal.rule]]\npath = \"/simple/**\"\npolicy = \"one_factor\"\n\n\
     [[portal.rule]]\npath = \"/**\"\npolicy = \"two_factor\"\n";
const ONE: Duration = Duration::from_secs(1);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

async fn world(second_factor: &'static str) -> World {
    let world = World::plan(Plan { rules: RULES, second_factor, ..Default::default() }).await;
    world.links_an_app("anna").await;
    world
}

/// Where everybody shows two factors.
async fn strict() -> World {
    world(Plan::default().second_factor).await
}

/// The visitor as the browser was before.
fn as_before(world: &World, visitor: &Visitor) -> Visitor {
    world.visitor_with(visitor.jar.clone())
}

#[tokio::test]
async fn a_code_is_asked_again_from_the_first_second_beyond_its_age_and_then_replaces_the_session() {
    let world = strict().await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    world.clock.advance(FIVE_MINUTES);
    anna.get("/money/x?a=1").await.reaches_the_portal();
    world.clock.advance(ONE);
    // Elsewhere it is still good, and on our own pages it is still fresh.
    anna.get("/other").await.reaches_the_portal();
    anna.get(&format!("{SECOND}?return_to=%2Fother")).await.leads_to("/other");
    let asked = anna.get("/money/x?a=1").await;
    assert_eq!(
        asked.meets_second_factor().location(),
        "/.vestibule/second-factor?return_to=%2Fmoney%2Fx%3Fa%3D1"
    );

    let mut before = as_before(&world, &anna);
    anna.open(asked.location()).await.has_status(200);
    anna.submit(SECOND, &[("code", &world.next_code())]).await.leads_to("/money/x?a=1");
    anna.get("/money/x?a=1").await.reaches_the_portal();
    before.get("/other").await.meets_login();
    world.clock.advance(FIVE_MINUTES);
    anna.get("/money/x").await.reaches_the_portal();
    world.clock.advance(ONE);
    anna.get("/money/x").await.meets_second_factor();
    // A wrong code changes nothing.
    anna.open(&format!("{SECOND}?return_to=%2Fmoney%2Fx")).await.has_status(200);
    anna.submit(SECOND, &[("code", "000000")]).await.has_status(422);
    anna.get("/money/x").await.meets_second_factor();
    anna.get("/other").await.reaches_the_portal();
}

#[tokio::test]
async fn trust_is_neither_fresh_nor_one_of_some() {
    for choice in ["trust_device", "trust_address"] {
        let world = strict().await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &[choice]).await;
        anna.loses_the_session();
        anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
        anna.get("/other").await.reaches_the_portal();
        for path in ["/money/x", "/strong/x"] {
            let asked = anna.get(path).await;
            anna.open(asked.meets_second_factor().location()).await.has_status(200);
        }
        anna.submit(SECOND, &[("code", &world.next_code())]).await.leads_to("/strong/x");
        for path in ["/money/x", "/strong/x"] {
            anna.get(path).await.reaches_the_portal();
        }
    }
}

#[tokio::test]
async fn a_factor_that_does_not_count_is_neither_enough_nor_offered() {
    let world = strict().await;
    let (code, bob) = (RecoveryCode::draw(&OsEntropy), UserId::new("bob"));
    world.links_an_app("bob").await;
    world.services.store.replace_recovery_codes(&bob, &[code.hash(&bob)]).await.unwrap();
    let spare = RecoveryCode::draw(&OsEntropy);

    let mut visitor = world.visitor();
    visitor.signs_in("/strong/x", "bob", PASSWORD).await.meets_second_factor();
    // Whoever signs in gets in with anything; what counts at the end comes first.
    let page = visitor.open(&format!("{SECOND}?return_to=%2Fstrong%2Fx")).await;
    assert!(page.text().contains("method=recovery"), "{}", page.text());
    visitor.open(&format!("{SECOND}?return_to=%2Fstrong%2Fx&method=recovery")).await.has_status(200);
    let fields = [("code", code.grouped()), ("method", "recovery".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.submit(SECOND, &fields).await.leads_to("/strong/x");
    visitor.get("/other").await.reaches_the_portal();

    world.services.store.replace_recovery_codes(&bob, &[spare.hash(&bob)]).await.unwrap();
    let asked = visitor.get("/strong/x").await;
    let page = visitor.open(&format!("{}&method=recovery", asked.meets_second_factor().location())).await;
    page.has_status(200);
    assert!(!page.text().contains("recovery"), "{}", page.text());
    visitor.submit(SECOND, &[("code", &world.next_code())]).await.leads_to("/strong/x");
    visitor.get("/strong/x").await.reaches_the_portal();
}

#[tokio::test]
async fn an_old_password_is_asked_again_and_opens_a_new_session() {
    let world = world("requirement = \"off\"\nmethods = [\"totp\"]").await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/secret/", "anna", PASSWORD).await.leads_to("/simple/secret/");
    world.clock.advance(FIVE_MINUTES);
    anna.get("/simple/secret/").await.reaches_the_portal();
    world.clock.advance(ONE);
    anna.get("/simple/").await.reaches_the_portal();
    let asked = anna.get("/simple/secret/").await;
    let place = "/.vestibule/login?return_to=%2Fsimple%2Fsecret%2F&again=1";
    assert_eq!(asked.meets_login().location(), place);
    let mut before = as_before(&world, &anna);
    anna.open(place).await.has_status(200);
    anna.submit(LOGIN, &[("username", "anna"), ("password", "wrong")]).await.has_status(422);
    anna.get("/simple/secret/").await.meets_login();
    anna.open(place).await.has_status(200);
    anna.submit(LOGIN, &[("username", "anna"), ("password", PASSWORD)]).await.leads_to("/simple/secret/");
    anna.get("/simple/secret/").await.reaches_the_portal();
    before.get("/simple/").await.meets_login();
}

#[tokio::test]
async fn a_form_that_met_a_step_up_is_sent_with_one_press_after_a_code() {
    let world = strict().await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    world.clock.advance(FIVE_MINUTES + ONE);
    let amount = [("amount".to_owned(), "10".to_owned())];
    let asked = anna.post("/money/pay", &amount).await;
    let place = "/.vestibule/second-factor?return_to=%2F.vestibule%2Fresend&again=1";
    assert_eq!(asked.meets_second_factor().location(), place);
    // Fresh enough for our own page, and asked all the same: else the form could never be sent.
    anna.open(asked.location()).await.has_status(200);
    anna.submit(SECOND, &[("code", &world.next_code())]).await.leads_to("/.vestibule/resend");
    let press = anna.get("/.vestibule/resend").await.hidden("vestibule-resend").unwrap();
    let sent = press_at(&mut anna, "/money/pay", &press).await;
    assert_eq!(sent.has_status(200).text(), "amount=10");
}

#[tokio::test]
async fn scripts_are_told_where_a_fresh_factor_is_shown() {
    let said = async |visitor: &mut Visitor, path: &str| {
        let answer = visitor.fetch(path).await;
        answer.has_status(401);
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        problem["login_url"].as_str().unwrap().to_owned()
    };
    let world = strict().await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    world.clock.advance(FIVE_MINUTES + ONE);
    assert_eq!(said(&mut anna, "/money/x").await, "/.vestibule/second-factor?again=1");
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    assert_eq!(said(&mut anna, "/strong/x").await, "/.vestibule/second-factor?again=1&method=totp");

    let lenient = self::world("requirement = \"off\"\nmethods = [\"totp\"]").await;
    let mut anna = lenient.visitor();
    anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    lenient.clock.advance(FIVE_MINUTES + ONE);
    assert_eq!(said(&mut anna, "/simple/secret/").await, "/.vestibule/login?again=1");
}
