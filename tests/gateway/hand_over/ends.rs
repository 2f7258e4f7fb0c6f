//! Both ends of the way are one browser: workers, strangers elsewhere, several windows, who signs in in place, and a file that
//! changes in between.

use std::time::Duration;

use vestibule::domain::{
    audit::{AuditKind, AuditOutcome},
    identity::UserId,
};

use super::{
    FREE, MORE, RULES, SESSION, anna_at_home, anna_at_the_wiki, at, departs, handed, on_their_way,
    opens_nothing, world,
};
use crate::{
    link::{mailbox, next_mail},
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const HERE: &str = "__Host-vestibule-here";

/// Goes to a page as [`Visitor::get`] does, but for what a browser says of who goes.
async fn goes(visitor: &mut Visitor, target: &str, said: &[(&str, &str)]) -> Answer {
    let mut request = visitor.request(http::Method::GET, target).header("accept", "text/html");
    for (name, value) in said {
        request = request.header(*name, *value);
    }
    visitor.send(request.body(Default::default()).unwrap()).await
}

/// What a browser says where a service worker goes in the visitor's place, or before it.
const BY_WORKER: [&[(&str, &str)]; 3] = [
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "empty")],
    &[("sec-fetch-mode", "navigate")],
    &[
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("service-worker-navigation-preload", "true"),
    ],
];

#[track_caller]
fn signs_in_in_place(visitor: &Visitor, answer: &Answer, place: &str) {
    answer.has_status(200);
    assert!(!visitor.jar.contains_key(SESSION), "{:?}", visitor.jar);
    let text = answer.text();
    assert!(text.contains("name=\"password\"") && text.contains(&format!("value=\"{place}\"")), "{text}");
}

#[tokio::test]
async fn a_service_worker_gets_no_code_and_shows_none() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    for said in BY_WORKER {
        // On the way there: one signs in in place at once.
        let mut wiki = world.visitor();
        let login = wiki.get("/x").await.meets_login().location().to_owned();
        let answer = goes(&mut wiki, &login, said).await;
        signs_in_in_place(&wiki, &answer, "/x");
        // At home.
        let asked = departs(&world, &mut wiki, "/x").await;
        let answer = goes(&mut door, &asked, said).await;
        let back = at(&world, "wiki.localhost", answer.has_status(303).location()).to_owned();
        assert!(back.contains("code=none"), "{back}");
        let answer = wiki.get(&back).await;
        signs_in_in_place(&wiki, &answer, "/x");
        // On the way back, and then the code is used up.
        let asked = departs(&world, &mut wiki, "/x").await;
        let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
        let copy = wiki.jar.clone();
        let answer = goes(&mut wiki, &back, said).await;
        signs_in_in_place(&wiki, &answer, "/x");
        let mut late = world.visitor_with(copy);
        let refused = late.get(&back).await;
        opens_nothing(&late, &refused);
    }
    for said in [&[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")][..], &[]] {
        let mut wiki = world.visitor();
        let asked = departs(&world, &mut wiki, "/x").await;
        let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
        let answer = goes(&mut wiki, &back, said).await;
        signs_in_in_place(&wiki, &answer, "/x");
    }
}

#[tokio::test]
async fn a_code_that_somebody_elsewhere_prepared_for_opens_nothing_there() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    // The portal's worker sent the visitor home with a stranger's challenge, kept the code and passed it on.
    for (address, agent) in [("127.0.0.2", ""), ("127.0.0.1", "Mozilla/5.0 (X11; Linux) Firefox/150.0")] {
        let mut stranger = world.visitor();
        stranger.moves_to(address);
        stranger.extra.push(("user-agent".to_owned(), agent.to_owned()));
        let asked = departs(&world, &mut stranger, "/x").await;
        let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
        let answer = stranger.get(&back).await;
        signs_in_in_place(&stranger, &answer, "/x");
        // Nor to the stranger who comes to where the visitor is with what was asked elsewhere.
        let asked = departs(&world, &mut stranger, "/x").await;
        let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
        stranger.moves_to("127.0.0.1").extra.clear();
        let refused = stranger.get(&back).await;
        opens_nothing(&stranger, &refused);
    }
    let told = world.services.store.journal().history(&UserId::new("anna"), 20).await.unwrap();
    let refused = told
        .iter()
        .filter(|event| event.kind == AuditKind::HandOver && event.outcome == AuditOutcome::Failure);
    assert_eq!(refused.count(), 4, "{told:?}");
}

#[tokio::test]
async fn a_code_is_for_the_host_that_asked_and_not_for_another_of_its_portal() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut lab = world.visitor_at("lab.localhost");
    let asked = departs(&world, &mut lab, "/").await;
    let back = handed(&world, &mut door, &asked, "lab.localhost").await;
    let mut other = world.visitor_at("lab2.localhost");
    other.jar = lab.jar.clone();
    let refused = other.get(&back).await;
    opens_nothing(&other, &refused);
}

#[tokio::test]
async fn a_visitor_with_several_windows_is_signed_in_in_all_of_them() {
    let world = world().await;
    let (mut wiki, mut door) = (world.visitor(), world.visitor_at("door.localhost"));
    let (one, other) = (departs(&world, &mut wiki, "/one").await, departs(&world, &mut wiki, "/other").await);
    // Both windows show the sign-in; one is filled in, and later the other.
    let login = door.get(&other).await.meets_login().location().to_owned();
    door.open(&login).await.has_status(200);
    let stale = door.get(&login).await.hidden("csrf").unwrap();
    let back = |page: &Answer| {
        let refresh = page.headers["refresh"].to_str().unwrap();
        at(&world, "wiki.localhost", refresh.strip_prefix("0;url=").unwrap()).to_owned()
    };
    let login_one = door.get(&one).await.meets_login().location().to_owned();
    door.open(&login_one).await;
    let done = door.submit("/.vestibule/login", &[("username", "anna"), ("password", PASSWORD)]).await;
    let first = back(&door.get(done.location()).await);
    let return_to = login.split("return_to=").nth(1).unwrap();
    let return_to = percent_encoding::percent_decode_str(return_to).decode_utf8().unwrap().into_owned();
    let fields = [("username", "anna"), ("password", PASSWORD), ("csrf", &stale), ("return_to", &return_to)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let done = door.post("/.vestibule/login", &fields).await;
    let second = back(&door.get(done.has_status(303).location()).await);
    wiki.get(&first).await.leads_to("/one");
    wiki.get(&second).await.leads_to("/other");
    assert!(on_their_way(&wiki).is_empty());
    wiki.get("/other").await.reaches_the_portal();

    // A browser that opens its windows anew, where home knows the visitor: neither code voids the other.
    wiki.jar.clear();
    let mut late = world.visitor();
    let (one, other) = (departs(&world, &mut wiki, "/one").await, departs(&world, &mut wiki, "/other").await);
    let first = handed(&world, &mut door, &one, "wiki.localhost").await;
    let second = handed(&world, &mut door, &other, "wiki.localhost").await;
    late.jar = wiki.jar.clone();
    wiki.get(&first).await.leads_to("/one");
    late.get(&second).await.leads_to("/other");
    // All of it ends together, also what was opened twice.
    late.open("/.vestibule/logout").await;
    late.submit("/.vestibule/logout", &[("scope", "here")]).await.has_status(303);
    for visitor in [&mut wiki, &mut late, &mut door] {
        visitor.get("/").await.meets_login();
    }
}

#[tokio::test]
async fn a_refused_window_takes_nothing_from_the_others_and_four_are_enough() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = world.visitor();
    let (one, other) = (departs(&world, &mut wiki, "/one").await, departs(&world, &mut wiki, "/other").await);
    let first = handed(&world, &mut door, &one, "wiki.localhost").await;
    world.clock.advance(Duration::from_secs(30));
    let refused = wiki.get(&first).await;
    opens_nothing(&wiki, &refused);
    assert_eq!(on_their_way(&wiki).len(), 1);
    let second = handed(&world, &mut door, &other, "wiki.localhost").await;
    wiki.get(&second).await.leads_to("/other");

    let mut wiki = world.visitor();
    let mut asked = Vec::new();
    for place in ["/1", "/2", "/3", "/4", "/5"] {
        asked.push(departs(&world, &mut wiki, place).await);
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(on_their_way(&wiki).len(), 4);
    let codes = {
        let mut codes = Vec::new();
        for asked in &asked {
            codes.push(handed(&world, &mut door, asked, "wiki.localhost").await);
            world.clock.advance(Duration::from_secs(1));
        }
        codes
    };
    // The oldest code of too many is void, and its window was given up.
    let refused = wiki.get(&codes[0]).await;
    opens_nothing(&wiki, &refused);
    wiki.get(&codes[1]).await.leads_to("/2");
}

#[tokio::test]
async fn who_signs_in_here_does_so_after_another_language_and_after_not_you() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    world.links_an_app("bob").await;
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    wiki.open("/.vestibule/accounts").await;
    let login = wiki.submit("/.vestibule/accounts", &[("action", "another")]).await;
    wiki.open(login.location()).await.has_status(200);
    let switched =
        wiki.get("/.vestibule/language?to=nl&return_to=%2F.vestibule%2Flogin%3Freturn_to%3D%252F").await;
    wiki.open(switched.location()).await.has_status(200);
    // "Not you?", in the middle of a sign-in.
    let fields = [("username", "bob"), ("password", PASSWORD), ("return_to", "/two/x")];
    let asked = wiki.submit("/.vestibule/login", &fields).await;
    wiki.open(asked.meets_second_factor().location()).await.has_status(200);
    let begun = wiki.submit("/.vestibule/logout", &[]).await;
    wiki.open(begun.meets_login().location()).await.has_status(200);
    let fields = [("username", "bob"), ("password", PASSWORD), ("return_to", "/x")];
    wiki.submit("/.vestibule/login", &fields).await.leads_to("/x");
    // From here on sign-ins begin at home again.
    assert!(!wiki.jar.contains_key(HERE));
    wiki.loses_the_session();
    departs(&world, &mut wiki, "/x").await;
}

#[tokio::test]
async fn who_signed_in_in_place_is_told_that_a_sign_in_at_home_goes_on() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let leaves = async |wiki: &mut Visitor| {
        wiki.open("/.vestibule/logout").await;
        let out = wiki.submit("/.vestibule/logout", &[("scope", "here")]).await;
        wiki.get(out.has_status(303).location()).await.text()
    };
    let mut wiki = world.visitor();
    wiki.open("/.vestibule/login?return_to=%2Fx&here=1").await.has_status(200);
    wiki.submit("/.vestibule/login", &[("username", "anna"), ("password", PASSWORD)]).await.leads_to("/x");
    let link = format!("https://door.localhost:{}/.vestibule/logout", world.https.port());
    let page = leaves(&mut wiki).await;
    assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    let page = leaves(&mut wiki).await;
    assert!(!page.contains("door.localhost"), "{page}");
}

#[tokio::test]
async fn what_was_handed_over_ends_when_the_file_no_longer_hands_it_over() {
    let world = world().await;
    let mut door = anna_at_home(&world).await;
    let mut wiki = anna_at_the_wiki(&world, &mut door).await;
    // One account waits beside the other.
    let mut two = anna_at_the_wiki(&world, &mut door).await;
    two.open("/.vestibule/accounts").await;
    let login = two.submit("/.vestibule/accounts", &[("action", "another")]).await;
    two.open(login.location()).await;
    two.submit("/.vestibule/login", &[("username", "bob"), ("password", PASSWORD)]).await.has_status(303);
    let offers =
        async |two: &mut Visitor| two.get("/.vestibule/accounts").await.text().contains("Anna Visser");
    assert!(offers(&mut two).await);
    let written = std::fs::read_to_string(world.file()).unwrap();
    let reloads = |single: &str| {
        std::fs::write(world.file(), written.replace("home = \"door\"\n", single)).unwrap();
        world.current.reload(&world.file(), |_| Ok(())).unwrap();
    };
    for single in ["home = \"lab\"\n", "home = \"door\"\nportals = [\"lab\"]\n"] {
        reloads(single);
        wiki.get("/x").await.meets_login();
        assert!(!offers(&mut two).await, "{single}");
        reloads("home = \"door\"\n");
        wiki.get("/x").await.reaches_the_portal();
        assert!(offers(&mut two).await);
    }
}

#[tokio::test]
async fn a_sign_in_handed_over_to_a_new_network_is_told_to_its_owner() {
    let (mails, program) = mailbox();
    let more =
        format!("[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\n\n{MORE}", program.display());
    let more = more.leak();
    let world = World::plan(Plan { second_factor: FREE, rules: RULES, more, ..Plan::default() }).await;
    let mut door = anna_at_home(&world).await;
    assert!(next_mail(mails.path()).await.contains("Subject: New device at Front door"));
    door.moves_to("127.7.0.1");
    let mut wiki = world.visitor();
    wiki.moves_to("127.7.0.1");
    let asked = departs(&world, &mut wiki, "/x").await;
    let back = handed(&world, &mut door, &asked, "wiki.localhost").await;
    wiki.get(&back).await.leads_to("/x");
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("Subject: New device at Team wiki") && mail.contains("127.7.0.1"), "{mail}");
    assert!(wiki.jar.contains_key("__Host-vestibule-browser"));
}
