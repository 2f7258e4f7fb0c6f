//! One sign-in for several portals: the way to the portal that holds it and back, and everything that must not open anything.
//!
//! A browser with two hosts is two visitors here: cookies are of one host each.

mod ends;

use std::time::Duration;

use vestibule::domain::{
    audit::{AuditKind, AuditOutcome},
    identity::UserId,
    time::days,
};

use crate::{
    resend::press_at,
    trust::signs_in_fully,
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const FREE: &str = "requirement = \"optional\"\nmethods = [\"totp\"]";
const RULES: &str = "[[portal.rule]]\npath = \"/fresh/**\"\npolicy = \"two_factor\"\nmax_age = \"5m\"\n\n\
     [[portal.rule]]\npath = \"/two/**\"\npolicy = \"two_factor\"\n\n\
     [[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
const MORE: &str = "[single_sign_on]\nhome = \"door\"\n\n\
     [[portal]]\nname = \"door\"\ntitle = \"Front door\"\nhosts = [\"door.localhost\"]\n\n\
     [[portal]]\nname = \"lab\"\ntitle = \"The lab\"\nhosts = [\"lab.localhost\", \"lab2.localhost\"]\nupstream = \"http://127.0.0.1:9\"\n\n\
     [[portal.rule]]\npolicy = \"one_factor\"\n\n";
const SESSION: &str = "__Host-vestibule";
const SECRET: &str = "__Host-vestibule-hand-over-";

async fn world() -> World {
    World::plan(Plan { second_factor: FREE, rules: RULES, more: MORE, ..Plan::default() }).await
}

/// The path and query of an address at another host, which must be this one.
#[track_caller]
fn at<'a>(world: &World, host: &str, address: &'a str) -> &'a str {
    let origin = format!("https://{host}:{}", world.https.port());
    address.strip_prefix(&origin).unwrap_or_else(|| panic!("{address} is not at {origin}"))
}

/// A stranger at a portal is sent home; tells the path there.
async fn departs(world: &World, visitor: &mut Visitor, target: &str) -> String {
    let asked = visitor.get(target).await;
    let login = asked.meets_login().location().to_owned();
    let away = visitor.get(&login).await;
    away.has_status(303);
    at(world, "door.localhost", away.location()).to_owned()
}

/// What a browser keeps of sign-ins on their way.
fn on_their_way(visitor: &Visitor) -> Vec<&String> {
    visitor.jar.iter().filter(|(name, _)| name.starts_with(SECRET)).map(|(_, value)| value).collect()
}

/// Signed in at home.
async fn anna_at_home(world: &World) -> Visitor {
    let mut door = world.visitor_at("door.localhost");
    door.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    door
}

/// The code that home gives for what was asked; tells the path at the portal.
async fn handed(world: &World, door: &mut Visitor, asked: &str, host: &str) -> String {
    let back = door.get(asked).await;
    back.has_status(303);
    let path = at(world, host, back.location()).to_owned();
    assert!(path.starts_with("/.vestibule/hand-over/arrive?code="), "{path}");
    path
}

/// Signed in at the wiki by way of home.
async fn anna_at_the_wiki(world: &World, door: &mut Visitor) -> Visitor {
    let mut wiki = world.visitor();
    let asked = departs(world, &mut wiki, "/x").await;
    let back = handed(world, door, &asked, "wiki.localhost").await;
    wiki.get(&back).await.leads_to("/x");
    wiki.get("/x").await.reaches_the_portal();
    wiki
}

#[track_caller]
fn opens_nothing(visitor: &Visitor, answer: &Answer) {
    answer.has_status(422);
    assert!(!visitor.jar.contains_key(SESSION), "{:?}", visitor.jar);
    assert!(answer.text().contains("name=\"password\""), "one may sign in here: {}", answer.text());
}

#[tokio::test]
async fn one_sign_in_serves_another_host_and_the_deep_link_stays_at_home() {
    let world = world().await;
    let (mut wiki, mut door) = (world.visitor(), world.visitor_at("door.localhost"));
    let asked = departs(&world, &mut wiki, "/reports?month=11").await;
    let [kept] = on_their_way(&wiki)[..] else { panic!("{:?}", wiki.jar) };
    assert!(!asked.contains("reports") && !asked.contains(kept), "{asked}");
    let secret = kept.split('.').next().unwrap().to_owned();
    assert!(!asked.contains(&secret), "only its hash leaves: {asked}");
    let login = door.get(&asked).await;
    let login = login.meets_login().location().to_owned();
    door.open(&login).await.has_status(200);
    let done = door.submit("/.vestibule/login", &[("username", "anna"), ("password", PASSWORD)]).await;
    let back = done.leads_to("/.vestibule/hand-over?host=wiki.localhost&challenge=").location().to_owned();
    // After a form, a page leads on: a redirect would not leave our origin in every browser.
    let page = door.get(&back).await;
    page.has_status(200);
    let refresh = page.headers["refresh"].to_str().unwrap();
    let back = at(&world, "wiki.localhost", refresh.strip_prefix("0;url=").unwrap());
    assert!(page.text().contains("hand-over/arrive?code="), "without the header there is a button");
    let arrived = wiki.get(back).await;
    assert_eq!(arrived.location(), "/reports?month=11");
    assert!(on_their_way(&wiki).is_empty());
    wiki.get("/reports?month=11").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-user").unwrap(), "anna");
    assert!(!world.portal.last().one("cookie").unwrap_or_default().contains("vestibule"));

    // The next portal takes no press at all.
    let mut lab = world.visitor_at("lab.localhost");
    let asked = departs(&world, &mut lab, "/").await;
    let back = handed(&world, &mut door, &asked, "lab.localhost").await;
    lab.get(&back).await.leads_to("/");
    let told = world.services.store.journal().history(&UserId::new("anna"), 20).await.unwrap();
    let handed = told
        .iter()
        .filter(|event| event.kind == AuditKind::HandOver && event.outcome == AuditOutcome::Success);
    assert_eq!(handed.count(), 2, "{told:?}");
}

#[tokio::test]
async fn a_code_is_good_once_in_the_browser_and_at_the_portal_that_asked() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = world.visitor();
    let asked = departs(&world, &mut wiki, "/x").await;

    // Seen on its way by somebody without the secret: a browser that asked for nothing, and one that asked itself.
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    let mut thief = world.visitor();
    let refused = thief.get(&back).await;
    opens_nothing(&thief, &refused);
    departs(&world, &mut thief, "/").await;
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    let refused = thief.get(&back).await;
    opens_nothing(&thief, &refused);
    // Whoever shows it has used it up.
    let mut late = world.visitor();
    late.jar = wiki.jar.clone();
    let refused = late.get(&back).await;
    opens_nothing(&late, &refused);

    // At another portal, with the very secret.
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    let mut lab = world.visitor_at("lab.localhost");
    lab.jar = wiki.jar.clone();
    let refused = lab.get(&back).await;
    opens_nothing(&lab, &refused);

    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    let copy = wiki.jar.clone();
    wiki.get(&back).await.leads_to("/x");
    let mut again = world.visitor_with(copy);
    let refused = again.get(&back).await;
    opens_nothing(&again, &refused);
    // The newest code alone counts, and a made-up one never did.
    let mut wiki = world.visitor();
    let asked = departs(&world, &mut wiki, "/x").await;
    let (older, newer) = (
        handed(&world, &mut door, &asked, "wiki.localhost").await,
        handed(&world, &mut door, &asked, "wiki.localhost").await,
    );
    let copy = wiki.jar.clone();
    let refused = wiki.get(&older).await;
    opens_nothing(&wiki, &refused);
    world.visitor_with(copy).get(&newer).await.leads_to("/x");
}

#[tokio::test]
async fn nobody_is_signed_in_as_somebody_else_by_following_a_link() {
    let world = world().await;
    let mut attackers_door = world.visitor_at("door.localhost");
    attackers_door.signs_in("/", "bob", PASSWORD).await.leads_to("/");
    let mut attacker = world.visitor();
    let asked = departs(&world, &mut attacker, "/").await;
    let link = handed(&world, &mut attackers_door, &asked, "wiki.localhost").await;
    // The victim is on the way to the sign-in at this moment.
    let mut victim = world.visitor();
    departs(&world, &mut victim, "/").await;
    let refused = victim.get(&link).await;
    opens_nothing(&victim, &refused);
}

#[tokio::test]
async fn a_code_waits_for_less_than_half_a_minute() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    for (seconds, counts) in [(29, true), (30, false)] {
        let mut wiki = world.visitor();
        let asked = departs(&world, &mut wiki, "/x").await;
        let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
        world.clock.advance(Duration::from_secs(seconds));
        let answer = wiki.get(&back).await;
        match counts {
            true => drop(answer.leads_to("/x")),
            false => opens_nothing(&wiki, &answer),
        }
    }
}

#[tokio::test]
async fn what_ended_at_home_meanwhile_opens_nothing() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = world.visitor();
    let asked = departs(&world, &mut wiki, "/x").await;
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    door.open("/.vestibule/logout").await;
    door.submit("/.vestibule/logout", &[("scope", "here")]).await.has_status(303);
    let refused = wiki.get(&back).await;
    opens_nothing(&wiki, &refused);

    let mut door = anna_at_home(&world).await;
    let asked = departs(&world, &mut wiki, "/x").await;
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    let people = world.folder.path().join("users.toml");
    let text = std::fs::read_to_string(&people).unwrap();
    std::fs::write(&people, text.replace("name = \"anna\"", "name = \"anna\"\ndisabled = true")).unwrap();
    world.current.reload(&world.file(), |_| Ok(())).unwrap();
    let refused = wiki.get(&back).await;
    opens_nothing(&wiki, &refused);
}

#[tokio::test]
async fn signing_out_at_one_portal_signs_out_at_all_and_so_does_a_restart_in_between() {
    let mut world = world().await;
    for (restarts, leaves_home) in [(false, true), (false, false), (true, true)] {
        let mut door = anna_at_home(&world).await;
        let mut wiki = anna_at_the_wiki(&world, &mut door).await;
        let mut lab = world.visitor_at("lab.localhost");
        let asked = departs(&world, &mut lab, "/").await;
        let back = handed(&world, &mut door, &asked, "lab.localhost").await;
        lab.get(&back).await.leads_to("/");
        if restarts {
            let jars = [door.jar, wiki.jar, lab.jar];
            world = world.restarts().await;
            let hosts = ["door.localhost", "wiki.localhost", "lab.localhost"];
            let mut again = hosts.iter().zip(jars).map(|(host, jar)| {
                let mut visitor = world.visitor_at(host);
                visitor.jar = jar;
                visitor
            });
            (door, wiki, lab) = (again.next().unwrap(), again.next().unwrap(), again.next().unwrap());
            wiki.get("/x").await.reaches_the_portal();
        }
        let leaver = if leaves_home { &mut door } else { &mut wiki };
        leaver.open("/.vestibule/logout").await;
        leaver.submit("/.vestibule/logout", &[("scope", "here")]).await.has_status(303);
        for visitor in [&mut wiki, &mut lab, &mut door] {
            visitor.get("/").await.meets_login();
        }
        let left = world.services.store.sessions(Some(&UserId::new("anna")), world.now()).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_session_that_was_handed_over_is_never_better_than_the_one_at_home() {
    let world = world().await;
    world.links_an_app("anna").await;
    let mut door = world.visitor_at("door.localhost");
    door.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    // One factor at home is one factor here.
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    wiki.get("/two/x").await.meets_second_factor();

    // A code at home counts here from when it was given, and the session ends when that at home does.
    let began = world.now();
    let mut door = world.visitor_at("door.localhost");
    door.open("/.vestibule/second-factor").await;
    door.signs_in("/", "anna", PASSWORD).await;
    door.open("/.vestibule/second-factor?return_to=%2F&again=1").await.has_status(200);
    door.submit("/.vestibule/second-factor", &[("code", &world.code())]).await.has_status(303);
    world.clock.advance(Duration::from_secs(299));
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    wiki.get("/two/x").await.reaches_the_portal();
    wiki.get("/fresh/x").await.reaches_the_portal();
    world.clock.advance(Duration::from_secs(2));
    wiki.get("/fresh/x").await.meets_second_factor();
    let open = world.services.store.sessions(Some(&UserId::new("anna")), world.now()).await.unwrap();
    let handed =
        open.iter().find(|session| session.handed_from.is_some() && session.passed.is_some()).unwrap();
    assert_eq!((handed.opened_at, handed.ends_at), (began, began.after(days(1))));

    // What is shown here makes a stronger session, and it still ends with that at home.
    wiki.open("/.vestibule/second-factor?return_to=%2Ffresh%2Fx&again=1").await;
    wiki.submit("/.vestibule/second-factor", &[("code", &world.next_code())]).await.leads_to("/fresh/x");
    wiki.get("/fresh/x").await.reaches_the_portal();
    door.open("/.vestibule/logout").await;
    door.submit("/.vestibule/logout", &[("scope", "here")]).await.has_status(303);
    wiki.get("/fresh/x").await.meets_login();
}

#[tokio::test]
async fn a_session_used_here_is_used_at_home_and_both_end_on_the_same_day() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(7 * 3600));
        wiki.get("/x").await.reaches_the_portal();
    }
    door.get("/").await.has_status(200);
    world.clock.advance(Duration::from_secs(3 * 3600 - 1));
    wiki.get("/x").await.reaches_the_portal();
    world.clock.advance(Duration::from_secs(1));
    wiki.get("/x").await.meets_login();
}

#[tokio::test]
async fn home_gives_codes_to_nothing_but_a_browser_that_goes_there() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = world.visitor();
    let asked = departs(&world, &mut wiki, "/").await;
    let kinds = [
        ("cors", "empty", "GET"),
        ("same-origin", "empty", "GET"),
        ("no-cors", "image", "GET"),
        ("navigate", "iframe", "GET"),
        ("", "document", "GET"),
        ("navigate", "document", "HEAD"),
    ];
    for (mode, dest, method) in kinds {
        let mut request = door.request(method.parse().unwrap(), &asked).header("accept", "text/html");
        for (name, value) in [("sec-fetch-mode", mode), ("sec-fetch-dest", dest)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let answer = door.send(request.body(Default::default()).unwrap()).await;
        answer.has_status(400);
        assert_eq!(answer.location(), "", "{mode} {dest} {method}");
    }
    // And for nothing but a portal of the file that takes over from it.
    let challenge = asked.rsplit('=').next().unwrap();
    for other in [
        "door.localhost",
        "wiki",
        "Wiki.localhost",
        "wiki.localhost:443",
        "wiki.localhost&host=lab.localhost",
        "evil.example",
    ] {
        let path = format!("/.vestibule/hand-over?host={other}&challenge={challenge}");
        door.get(&path).await.has_status(404);
    }
    for challenge in ["", "x", &challenge[1..], &format!("{challenge}A")] {
        door.get(&format!("/.vestibule/hand-over?host=wiki.localhost&challenge={challenge}"))
            .await
            .has_status(404);
    }
    door.get("/.vestibule/hand-over/arrive?code=none").await.has_status(404);
    // A browser that does not say who asks signs in in place.
    let request = door.request(http::Method::GET, &asked).header("accept", "text/html");
    let answer = door.send(request.body(Default::default()).unwrap()).await;
    let back = at(&world, "wiki.localhost", answer.location());
    assert!(back.starts_with("/.vestibule/hand-over/arrive?code=none&asked="), "{back}");
    // Nor does another portal play home.
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    wiki.get(&asked.replace("host=wiki", "host=lab")).await.has_status(404);
}

#[tokio::test]
async fn a_sign_in_with_a_pin_alone_stays_on_its_host() {
    let sso = "[single_sign_on]\nhome = \"wiki\"\nportals = [\"mail\"]\n";
    let world = World::plan(Plan { more: sso, trust: "unlock = [\"pin\"]", ..Plan::default() }).await;
    world.links_an_app("anna").await;
    let mut wiki = world.visitor();
    signs_in_fully(&world, &mut wiki, &["trust_device"]).await;
    wiki.open("/.vestibule/pin?return_to=%2F").await.has_status(200);
    wiki.submit("/.vestibule/pin", &[("pin", "407193"), ("pin_again", "407193")]).await.leads_to("/");
    let hands = async |wiki: &mut Visitor| {
        let mut mail = world.visitor_at("mail.localhost");
        let asked = mail.get("/inbox").await;
        let away = mail.get(asked.meets_login().location()).await;
        let back = wiki.get(at(&world, "wiki.localhost", away.location())).await;
        let answer = mail.get(at(&world, "mail.localhost", back.location())).await;
        (mail, answer)
    };
    // Of a whole sign-in, the trusted device included.
    let (mut mail, answer) = hands(&mut wiki).await;
    answer.leads_to("/inbox");
    mail.get("/inbox").await.reaches_the_portal();

    wiki.loses_the_session();
    let asked = wiki.get("/").await;
    wiki.open(asked.meets_login().location()).await;
    wiki.submit("/.vestibule/unlock", &[("pin", "407193")]).await.leads_to("/");
    wiki.get("/").await.reaches_the_portal();
    let (mail, answer) = hands(&mut wiki).await;
    answer.has_status(200);
    assert!(answer.text().contains("name=\"password\"") && !mail.jar.contains_key(SESSION));
    assert!(answer.text().contains("value=\"/inbox\""), "the deep link is kept");
}

#[tokio::test]
async fn the_way_back_leads_to_the_host_that_asked() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    for host in ["lab.localhost", "lab2.localhost"] {
        let mut lab = world.visitor_at(host);
        let asked = departs(&world, &mut lab, "/deep").await;
        let back = handed(&world, &mut door, &asked, host).await;
        lab.get(&back).await.leads_to("/deep");
    }
}

#[tokio::test]
async fn without_the_table_every_portal_asks_for_itself() {
    let world = World::start().await;
    let mut wiki = world.visitor();
    let asked = wiki.get("/").await;
    wiki.get(asked.meets_login().location()).await.has_status(200);
    wiki.get("/.vestibule/hand-over?host=mail.localhost&challenge=x").await.has_status(404);
    wiki.get("/.vestibule/hand-over/arrive?code=none").await.has_status(404);
}

#[tokio::test]
async fn a_form_that_met_the_sign_in_is_sent_after_it_was_handed_over() {
    let world = world().await;
    let (mut door, mut wiki) = (anna_at_home(&world).await, world.visitor());
    let met = wiki.post("/save", &[("text".to_owned(), "hello".to_owned())]).await;
    let away = wiki.get(met.meets_login().location()).await;
    let asked = at(&world, "door.localhost", away.has_status(303).location()).to_owned();
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    wiki.get(&back).await.leads_to("/.vestibule/resend");
    let press = wiki.get("/.vestibule/resend").await.hidden("vestibule-resend").unwrap();
    press_at(&mut wiki, "/save", &press).await.has_status(200);
    assert_eq!(world.portal.last().body, "text=hello");
}
