//! Several portals: the page for strangers, the list of portals, a portal with nothing behind it, and a look of its own.

use vestibule::domain::{help::Wish, switches::Switches};

use crate::{
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const FREE: &str = "requirement = \"optional\"\nmethods = [\"totp\"]";
const DOOR: &str = "[[portal]]\nname = \"door\"\ntitle = \"Front door\"\nhosts = [\"door.localhost\"]\n\n\
    [[portal]]\nname = \"lab\"\ntitle = \"The lab\"\nhosts = [\"lab.localhost\"]\nupstream = \"http://127.0.0.1:9\"\nstart = \"/bench\"\n\n\
    [[portal.rule]]\npath = \"/bench/**\"\npolicy = \"one_factor\"\nsubjects = [\"group:office\"]\n\n\
    [[portal.rule]]\npath = \"/\"\npolicy = \"one_factor\"\n\n";

async fn world_with_a_door() -> World {
    let simple = "[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\n\n[[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
    World::plan(Plan { second_factor: FREE, more: DOOR, rules: simple, ..Plan::default() }).await
}

async fn signed_in(world: &World, host: &str, name: &str) -> Visitor {
    let mut visitor = world.visitor_at(host);
    let done = visitor.signs_in("/", name, PASSWORD).await;
    done.has_status(303);
    visitor
}

#[tokio::test]
async fn a_portal_with_nothing_behind_it_shows_the_portals_and_nothing_else() {
    let world = world_with_a_door().await;
    let mut anna = world.visitor_at("door.localhost");
    anna.get("/").await.meets_login();
    anna.get("/deep").await.meets_login();
    assert_eq!(anna.fetch("/").await.status, 401);
    let mut anna = signed_in(&world, "door.localhost", "anna").await;
    let list = anna.get("/").await;
    list.has_status(200);
    let port = world.https.port();
    let text = list.text();
    assert!(text.contains(&format!("href=\"https://wiki.localhost:{port}/\"")), "{text}");
    assert!(text.contains(&format!("href=\"https://lab.localhost:{port}/bench\"")), "{text}");
    assert!(!text.contains("href=\"https://door"), "a door is not what is chosen: {text}");
    for other in ["/deep", "/index.php", "//", "/%2e%2e/x", "/?a=1"] {
        let answer = anna.get(other).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404) || other == "/?a=1",
            "{other}: {}",
            answer.status
        );
    }
    let posted = anna.request(http::Method::POST, "/").header("content-length", "0");
    assert_eq!(anna.send(posted.body(Default::default()).unwrap()).await.status, 405);
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn the_list_holds_what_the_rules_let_one_into() {
    let world = world_with_a_door().await;
    let mut stranger = world.visitor();
    stranger.get("/.vestibule/").await.leads_to("/.vestibule/login?return_to=%2F.vestibule%2F");
    let list =
        async |name: &str| signed_in(&world, "wiki.localhost", name).await.get("/.vestibule/").await.text();
    let (annas, bobs) = (list("anna").await, list("bob").await);
    assert!(annas.contains("The lab") && annas.contains("Mail"), "{annas}");
    assert!(!bobs.contains("The lab") && bobs.contains("Mail"), "{bobs}");
    assert!(annas.contains("href=\"/\" aria-current=\"true\"><strong>Team wiki"), "{annas}");
    let mut anna = signed_in(&world, "wiki.localhost", "anna").await;
    assert!(anna.get("/.vestibule/account").await.text().contains("href=\"/.vestibule/\""));
}

#[tokio::test]
async fn the_list_leaves_out_what_administrators_closed() {
    let world = world_with_a_door().await;
    let mut anna = signed_in(&world, "wiki.localhost", "anna").await;
    let switch = async |closed| {
        let switch = move |switches: &mut Switches| switches.set_portal("mail", closed);
        world.services.store.change_switches(switch).await.unwrap();
    };
    assert!(anna.get("/.vestibule/").await.text().contains("Mail"));
    switch(true).await;
    let list = anna.get("/.vestibule/").await.text();
    assert!(!list.contains("Mail") && list.contains("The lab"), "{list}");
    switch(false).await;
    assert!(anna.get("/.vestibule/").await.text().contains("Mail"));
}

#[tokio::test]
async fn a_sign_in_from_nowhere_leads_to_the_start_and_a_deep_link_to_its_page() {
    let world = world_with_a_door().await;
    let mut anna = world.visitor_at("lab.localhost");
    assert_eq!(anna.signs_in("/", "anna", PASSWORD).await.location(), "/bench");
    let mut anna = world.visitor_at("lab.localhost");
    assert_eq!(anna.signs_in("/bench/7", "anna", PASSWORD).await.location(), "/bench/7");
}

#[tokio::test]
async fn strangers_are_welcomed_at_the_first_address_alone() {
    let wiki = |world: &World| {
        format!(
            "upstream = \"http://{}\"\nlanding = true\nwelcome = \"Nice <b> to see you\"",
            world.portal.address
        )
    };
    let plain = World::start().await;
    plain.visitor().get("/").await.meets_login();
    let world = World::plan(Plan { upstream: Some(wiki(&plain)), ..Plan::default() }).await;
    let mut stranger = world.visitor();
    let page = stranger.get("/").await;
    page.has_status(200);
    let text = page.text();
    assert!(text.contains("<h1>Team wiki</h1>") && text.contains("Nice &#60;b&#62; to see you"), "{text}");
    assert!(text.contains("href=\"/.vestibule/login?return_to=%2F\""), "{text}");
    assert_eq!(page.headers["cache-control"], "no-store");
    stranger.get("/reports").await.leads_to("/.vestibule/login?return_to=%2Freports");
    stranger.get("/?page=2").await.leads_to("/.vestibule/login?return_to=%2F%3Fpage%3D2");
    assert_eq!(stranger.fetch("/").await.status, 401);
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.open("/.vestibule/login?return_to=%2F").await;
    let login = [("username", "anna"), ("password", PASSWORD)];
    anna.submit("/.vestibule/login", &login).await.meets_second_factor();
    anna.open("/.vestibule/second-factor").await;
    anna.submit("/.vestibule/second-factor", &[("code", &world.code())]).await.leads_to("/");
    anna.get("/").await.reaches_the_portal();
}

#[tokio::test]
async fn a_portal_has_its_own_logo_and_colours_and_its_drawing_can_do_nothing() {
    let brand = std::env::temp_dir().join(format!("vestibule-logo-{}.svg", std::process::id()));
    std::fs::write(
        &brand,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9z\"/></svg>",
    )
    .unwrap();
    let echo = World::start().await;
    let wiki = format!(
        "upstream = \"http://{}\"\nlogo = \"{}\"\ncolor = \"#8a1c4a\"",
        echo.portal.address,
        brand.display()
    );
    let world = World::plan(Plan { upstream: Some(wiki), ..Plan::default() }).await;
    let mut stranger = world.visitor();
    let page = stranger.get("/.vestibule/login").await.text();
    let address = |start: &str| {
        let rest = page.split_once(&format!("\"/.vestibule/assets/{start}.")).unwrap().1;
        format!("/.vestibule/assets/{start}.{}", rest.split('"').next().unwrap())
    };
    let logo = stranger.get(&address("logo")).await;
    logo.has_status(200);
    assert_eq!(logo.headers["content-type"], "image/svg+xml");
    assert_eq!(logo.headers["x-content-type-options"], "nosniff");
    let policy = logo.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';") && policy.ends_with("sandbox"), "{policy}");
    let style = stranger.get(&address("app")).await;
    assert!(style.text().contains("--accent:#8a1c4a"), "{}", style.text());
    let manifest = stranger.get("/.vestibule/manifest.webmanifest").await.text();
    assert!(
        manifest.contains("#8a1c4a") && manifest.contains("/logo.") && manifest.contains("\"any\""),
        "{manifest}"
    );
    // Another portal keeps the house's own look, and the page of a host that is nobody's too.
    let other = world.visitor_at("mail.localhost").get("/.vestibule/login").await.text();
    assert!(!other.contains("/logo.") && !other.contains(&address("app")), "{other}");
    std::fs::remove_file(brand).unwrap();
}

#[tokio::test]
async fn who_is_refused_may_ask_for_access_and_nobody_else() {
    let admin = "[admin]\nportals = [\"wiki\"]\nsecurity = [\"user:bob\"]\n";
    let world = World::plan(Plan { second_factor: FREE, more: admin, ..Plan::default() }).await;
    let asks = "/.vestibule/access?return_to=%2Fclosed%2Fx%3Fa%3D1";
    world.visitor().get(asks).await.meets_login();
    let mut anna = world.visitor();
    anna.signs_in("/simple/x", "anna", PASSWORD).await.leads_to("/simple/x");
    let refused = anna.get("/closed/x?a=1").await;
    refused.has_status(403);
    assert!(
        refused.text().contains("href=\"/.vestibule/access?return_to=%2Fclosed%2Fx%3Fa%3D1\""),
        "{}",
        refused.text()
    );
    // What is open needs no asking.
    anna.get("/.vestibule/access?return_to=%2Fsimple%2Fx").await.leads_to("/simple/x");
    anna.post("/.vestibule/access", &[("return_to".to_owned(), "/closed/x".to_owned())])
        .await
        .has_status(403);
    let mut references = Vec::new();
    for _ in 0..5 {
        anna.open(asks).await.has_status(200);
        let filed = anna.submit("/.vestibule/access", &[]).await;
        filed.has_status(200);
        let code = filed.text().split("<code translate=\"no\">").nth(1).unwrap()[..9].to_owned();
        references.push(code);
    }
    references.dedup();
    assert_eq!(references.len(), 1, "the same wish is one request: {references:?}");
    anna.open(asks).await;
    anna.submit("/.vestibule/access", &[]).await.has_status(429);
    let open = world.services.store.help().help_requests(Some(world.now()), 9).await.unwrap();
    let [request] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((request.reference.as_str(), request.portal.as_str()), (references[0].as_str(), "wiki"));
    assert_eq!(request.wish, Wish::Access { path: "/closed/x".to_owned() });

    let nobody = World::plan(Plan { second_factor: FREE, ..Plan::default() }).await;
    let mut anna = nobody.visitor();
    anna.signs_in("/simple/x", "anna", PASSWORD).await.leads_to("/simple/x");
    assert!(!anna.get("/closed/x").await.text().contains("/access?"));
    anna.get(asks).await.has_status(404);
}
