//! The rules as visitors meet them.

use crate::world::{PASSWORD, Plan, World};

const SECOND: &str = "/.vestibule/second-factor";

#[tokio::test]
async fn public_paths_are_open_and_name_nobody() {
    let world = World::start().await;
    let mut stranger = world.visitor();
    stranger.get("/public/logo.png").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-user"), None);
}

#[tokio::test]
async fn no_rule_and_deny_are_403_that_says_who_you_are() {
    let world = World::start().await;
    let mut stranger = world.visitor();
    stranger.get("/closed/x").await.has_status(403);
    world.links_an_app("bob").await;
    let mut bob = world.visitor();
    bob.signs_in("/", "bob", PASSWORD).await;
    bob.open(SECOND).await;
    bob.submit(SECOND, &[("code", &world.code())]).await.has_status(303);
    let refused = bob.get("/closed/x").await;
    refused.has_status(403);
    assert!(refused.text().contains("Böb"), "{}", refused.text());
    assert!(refused.text().contains("/.vestibule/logout"), "offers to switch");
    assert_eq!(world.portal.count(), 0);
    // The rule is about the office; the next one that matches is about everybody.
    bob.get("/office/x").await.reaches_the_portal();
}

#[tokio::test]
async fn the_stricter_of_rule_and_requirement_is_asked() {
    let requirement = |word| match word {
        "required" => "requirement = \"required\"\nmethods = [\"totp\"]",
        "optional" => "requirement = \"optional\"\nmethods = [\"totp\"]",
        _ => "requirement = \"off\"\nmethods = [\"totp\"]",
    };
    for (word, simple_asks) in [("required", true), ("optional", false), ("off", false)] {
        let world = World::plan(Plan { second_factor: requirement(word), ..Default::default() }).await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        let answer = anna.signs_in("/simple/", "anna", PASSWORD).await;
        if simple_asks {
            answer.meets_second_factor();
            continue;
        }
        answer.leads_to("/simple/");
        anna.get("/simple/").await.reaches_the_portal();
        anna.get("/other").await.meets_second_factor();
        anna.open("/.vestibule/second-factor?return_to=/other").await;
        anna.submit(SECOND, &[("code", &world.code())]).await.leads_to("/other");
        anna.get("/other").await.reaches_the_portal();
    }
}

#[tokio::test]
async fn the_strictest_of_everybody_group_and_person_counts() {
    let more = "[[group]]\nname = \"office\"\nsecond_factor = \"required\"\n\n[[group]]\nname = \"clients\"\nsecond_factor = \"optional\"\n";
    let people = "[[user]]\nname = \"dora\"\ndisplay_name = \"Dora\"\ngroups = [\"clients\"]\npassword = \"HASH\"\nsecond_factor = \"required\"\n";
    let plan = Plan {
        second_factor: "requirement = \"off\"\nmethods = [\"totp\"]",
        more,
        people,
        ..Default::default()
    };
    let world = World::plan(plan).await;
    for name in ["anna", "bob", "dora"] {
        world.links_an_app(name).await;
    }
    world.visitor().signs_in("/simple/", "anna", PASSWORD).await.meets_second_factor();
    world.visitor().signs_in("/simple/", "bob", PASSWORD).await.leads_to("/simple/");
    world.visitor().signs_in("/simple/", "dora", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn where_it_is_optional_the_visitors_own_switch_decides() {
    let world = World::plan(Plan {
        second_factor: "requirement = \"optional\"\nmethods = [\"totp\"]",
        ..Default::default()
    })
    .await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    anna.open("/.vestibule/account").await.has_status(200);
    let fields = [("action", "switch_second_factor"), ("id", "on")];
    let answer = anna.submit("/.vestibule/account", &fields).await;
    if answer.location().starts_with(SECOND) {
        let place = answer.location().to_owned();
        anna.open(&place).await;
        anna.submit(SECOND, &[("code", &world.code())]).await.has_status(303);
        anna.open("/.vestibule/account").await;
        anna.submit("/.vestibule/account", &fields).await;
    }
    world.visitor().signs_in("/simple/", "anna", PASSWORD).await.meets_second_factor();
}

#[tokio::test]
async fn rules_look_at_method_and_network() {
    let rules = "[[portal.rule]]\npath = \"/feed\"\nmethods = [\"GET\"]\npolicy = \"bypass\"\n\n\
                 [[portal.rule]]\npath = \"/till/**\"\nnetworks = [\"127.0.0.7/32\"]\npolicy = \"bypass\"\n";
    let world = World::plan(Plan { rules, ..Default::default() }).await;
    let mut visitor = world.visitor();
    visitor.get("/feed").await.reaches_the_portal();
    let post = visitor.post("/feed", &[("x".to_owned(), "1".to_owned())]).await;
    post.has_status(403);
    visitor.get("/till/1").await.has_status(403);
    visitor.moves_to("127.0.0.7");
    visitor.get("/till/1").await.reaches_the_portal();
}

#[tokio::test]
async fn an_optional_path_names_those_who_are_in_and_lets_others_pass() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.get("/perhaps/x").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-user"), None);
    anna.signs_in("/", "anna", PASSWORD).await;
    anna.open(SECOND).await;
    anna.submit(SECOND, &[("code", &world.code())]).await;
    anna.get("/perhaps/x").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-user").as_deref(), Some("anna"));
}

#[tokio::test]
async fn scripts_get_401_with_the_way_in_and_sockets_a_bare_401() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let answer = visitor.fetch("/api/data").await;
    answer.has_status(401);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(problem["login_url"].as_str().unwrap().contains("/.vestibule/login"));
    let request = visitor
        .request(http::Method::GET, "/socket")
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(http_body_util::Full::default())
        .unwrap();
    visitor.send(request).await.has_status(401);
    for (method, path) in [("PROPFIND", "/dav/"), ("OPTIONS", "/x"), ("HEAD", "/x"), ("POST", "/x")] {
        let request = visitor
            .request(http::Method::from_bytes(method.as_bytes()).unwrap(), path)
            .body(http_body_util::Full::default())
            .unwrap();
        visitor.send(request).await.has_status(401);
    }
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn a_reload_is_whole_or_nothing() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    visitor.get("/public/x").await.reaches_the_portal();
    let file = world.file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("policy = \"bypass\"", "policy = \"bypas\"")).unwrap();
    let fault = world.current.reload(&file, |_| Ok(())).unwrap_err().to_string();
    assert!(fault.contains("bypas") && fault.contains("vestibule.toml:"), "{fault}");
    visitor.get("/public/x").await.reaches_the_portal();
    // A file that is fine but fails its own test changes nothing either.
    let port = world.https.port();
    let test = format!("\n[[test]]\nurl = \"https://wiki.localhost:{port}/public/x\"\nexpect = \"bypass\"\n");
    std::fs::write(&file, text.replace("policy = \"bypass\"", "policy = \"deny\"") + &test).unwrap();
    let fault = world.current.reload(&file, |_| Ok(())).unwrap_err().to_string();
    assert!(fault.contains("test"), "{fault}");
    visitor.get("/public/x").await.reaches_the_portal();
    std::fs::write(&file, text.replace("policy = \"bypass\"", "policy = \"deny\"")).unwrap();
    world.current.reload(&file, |_| Ok(())).unwrap();
    visitor.get("/public/x").await.has_status(403);
}
