//! A form that meets a sign-in is kept, shown to its owner, and sent byte for byte with one press: once, by nobody else, for
//! ten minutes.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use vestibule::domain::identity::UserId;

use crate::{
    streaming::{SOON, send},
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const RESEND: &str = "/.vestibule/resend";
const KEPT: &str = "__Host-vestibule-kept";
const FORM: &str = "application/x-www-form-urlencoded";
const ONE: Duration = Duration::from_secs(1);
/// No browser writes forms like this, and no byte of it may change.
const ODD: &[u8] = b"b=2&a=1&&a=%e9%FF&x=\0\xff\r\n+ +&=";

/// Where a password is enough.
const SIMPLE: &str = "requirement = \"off\"\nmethods = [\"totp\"]";

async fn simple() -> World {
    let rules = "[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\n\n\
         [[portal.rule]]\npath = \"/office/**\"\npolicy = \"one_factor\"\nsubjects = [\"group:office\"]\n\n\
         [[portal.rule]]\npath = \"/office/**\"\npolicy = \"deny\"\n\n\
         [[portal.rule]]\npath = \"/money/**\"\npolicy = \"two_factor\"\nmax_age = \"5m\"\n\n\
         [[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
    World::plan(Plan { second_factor: SIMPLE, rules, ..Default::default() }).await
}

/// A form as a browser posts it from a page of the portal.
fn posted(visitor: &Visitor, target: &str, kind: &str) -> http::request::Builder {
    visitor
        .request(Method::POST, target)
        .header("content-type", kind)
        .header("accept", "text/html")
        .header("origin", format!("https://{}", visitor.host))
        .header("referer", format!("https://{}/pages/edit?id=7", visitor.host))
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "navigate")
}

async fn posts(visitor: &mut Visitor, target: &str, kind: &str, body: &[u8]) -> Answer {
    let request = posted(visitor, target, kind).body(Full::new(Bytes::copy_from_slice(body))).unwrap();
    visitor.send(request).await
}

/// "Send now" of the page that shows the form.
async fn presses(visitor: &mut Visitor, page: &Answer) -> Answer {
    let press = page.hidden("vestibule-resend").expect("there is a button");
    let action = page.text().split("action=\"https://").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let target = action.strip_prefix(&visitor.host).expect("it goes to the portal").replace("&#38;", "&");
    press_at(visitor, &target, &press).await
}

/// The press of a page, posted there.
pub(crate) async fn press_at(visitor: &mut Visitor, target: &str, press: &str) -> Answer {
    posts(visitor, target, FORM, format!("vestibule-resend={press}").as_bytes()).await
}

/// Signs in at the login page that a kept form leads to.
async fn signs_in_after(visitor: &mut Visitor, met: &Answer, name: &str) {
    assert_eq!(met.meets_login().location(), "/.vestibule/login?return_to=%2F.vestibule%2Fresend");
    visitor.open(met.location()).await;
    let fields = [("username", name), ("password", PASSWORD)];
    visitor.submit("/.vestibule/login", &fields).await.leads_to(RESEND);
}

/// A form that waits, and the page that shows it.
async fn waits(world: &World) -> (Visitor, Answer) {
    let mut anna = world.visitor();
    let met = posts(&mut anna, "/pages/save?id=7", FORM, b"text=hello").await;
    signs_in_after(&mut anna, &met, "anna").await;
    let page = anna.get(RESEND).await;
    page.has_status(200);
    (anna, page)
}

async fn ends_sessions_of(world: &World, person: &str) {
    world.services.store.close_sessions_of(&UserId::new(person), None).await.unwrap();
}

#[tokio::test]
async fn every_byte_of_a_form_arrives_once_after_one_press_over_http1_and_http2() {
    let file: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let multipart = [
        b"--XyZ\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--XyZ\r\nContent-Disposition: form-data; \
          name=\"scan\"; filename=\"a b.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            .as_slice(),
        &file,
        b"\r\n--XyZ--\r\n",
    ]
    .concat();
    for (kind, body, shown) in [
        (FORM, ODD, "<dt translate=\"no\">b</dt><dd translate=\"no\">2</dd>"),
        ("multipart/form-data; boundary=XyZ", &multipart, "File a b.bin, 70 kB"),
        ("text/plain", b"a=b\r\n", "5 B that cannot be shown"),
        (FORM, b"", "The form has no fields"),
    ] {
        for version_2 in [false, true] {
            let world = simple().await;
            let mut anna = world.visitor();
            anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
            ends_sessions_of(&world, "anna").await;
            let request = posted(&anna, "/pages/save?id=7&draft", kind);
            let request = request.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
            let met = if version_2 { anna.send_h2(request).await } else { anna.send(request).await };
            signs_in_after(&mut anna, &met, "anna").await;
            let page = anna.get(RESEND).await;
            assert!(page.has_status(200).text().contains(shown), "{}", page.text());
            assert!(page.text().contains("It will be sent as Anna Visser."), "{}", page.text());
            assert_eq!(world.portal.count(), 0, "nothing was sent yet");

            let answer = presses(&mut anna, &page).await;
            answer.has_status(200);
            assert!(!anna.jar.contains_key(KEPT));
            assert_eq!(world.portal.count(), 1);
            let seen = world.portal.last();
            assert_eq!((seen.target.as_str(), &*seen.body), ("/pages/save?id=7&draft", body));
            assert_eq!(seen.one("content-type").as_deref(), Some(kind));
            assert_eq!(seen.one("content-length"), Some(body.len().to_string()));
            assert_eq!(seen.one("remote-user").as_deref(), Some("anna"));
            assert_eq!(seen.one("origin"), Some(format!("https://{}", anna.host)));
            assert_eq!(seen.one("referer"), Some(format!("https://{}/pages/edit?id=7", anna.host)));
            assert_eq!(seen.one("cookie"), None, "our cookies stay ours");

            // Asked once more, as a reload does: the portal hears nothing of it.
            let again = presses(&mut anna, &page).await;
            again.leads_to(RESEND);
            anna.get(RESEND).await.has_status(410);
            assert_eq!(world.portal.count(), 1);
        }
    }
}

#[tokio::test]
async fn of_ten_presses_at_once_one_arrives() {
    let world = simple().await;
    let (anna, page) = waits(&world).await;
    let press = page.hidden("vestibule-resend").unwrap();
    let asked: Vec<_> = (0..10)
        .map(|_| {
            let (mut anna, press) = (world.visitor_with(anna.jar.clone()), press.clone());
            tokio::spawn(async move { press_at(&mut anna, "/pages/save?id=7", &press).await.status })
        })
        .collect();
    let mut sent = 0;
    for answer in asked {
        sent += usize::from(answer.await.unwrap() == 200);
    }
    assert_eq!((sent, world.portal.count()), (1, 1));
    assert_eq!(world.portal.last().body, "text=hello");
}

#[tokio::test]
async fn a_form_is_kept_for_ten_minutes_and_not_a_second_longer() {
    for (last, sent) in [(599, true), (600, false)] {
        let world = simple().await;
        let (mut anna, page) = waits(&world).await;
        world.clock.advance(Duration::from_secs(last));
        anna.get(RESEND).await.has_status(if sent { 200 } else { 410 });
        let answer = presses(&mut anna, &page).await;
        answer.has_status(if sent { 200 } else { 303 });
        assert_eq!(world.portal.count(), usize::from(sent));
    }
}

#[tokio::test]
async fn a_form_of_an_ended_session_is_its_owners_however_the_session_ended() {
    for how in ["idle", "revoked", "swept"] {
        let world = simple().await;
        let mut anna = world.visitor();
        anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
        match how {
            "idle" => world.clock.advance(Duration::from_secs(8 * 3600)),
            "revoked" => ends_sessions_of(&world, "anna").await,
            _ => {
                world.clock.advance(Duration::from_secs(8 * 3600));
                let keep = Duration::from_secs(86_400);
                let swept = world.services.store.sweep(world.services.clock.now(), keep).await.unwrap();
                assert_eq!(swept.sessions, 1);
            }
        }
        let met = posts(&mut anna, "/pages/save", FORM, b"text=hello").await;
        let kept = anna.jar.clone();
        signs_in_after(&mut anna, &met, "bob").await;
        let page = anna.get(RESEND).await;
        page.has_status(410);
        assert!(!page.text().contains("hello") && !anna.jar.contains_key(KEPT), "{how}");
        // And it is gone, not only hidden: its owner does not find it any more either.
        let mut owner = world.visitor_with(kept);
        signs_in_after(&mut owner, &met, "anna").await;
        owner.get(RESEND).await.has_status(410);
        assert_eq!(world.portal.count(), 0);
    }
}

#[tokio::test]
async fn a_form_of_somebody_unknown_is_whose_is_shown_it_first() {
    let world = simple().await;
    let (mut anna, page) = waits(&world).await;
    let mut bob = world.visitor();
    bob.signs_in("/", "bob", PASSWORD).await.leads_to("/");
    // As if the browser had changed hands: bob's session beside anna's form.
    bob.jar.insert(KEPT.to_owned(), anna.jar[KEPT].clone());
    let press = page.hidden("vestibule-resend").unwrap();
    press_at(&mut bob, "/pages/save?id=7", &press).await.leads_to(RESEND);
    bob.get(RESEND).await.has_status(410);
    presses(&mut anna, &page).await.leads_to(RESEND);
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn a_press_counts_for_its_own_session_form_and_place_only() {
    let world = simple().await;
    let (mut anna, page) = waits(&world).await;
    let press = page.hidden("vestibule-resend").unwrap();
    for wrong in ["A".repeat(43), press.to_lowercase()] {
        press_at(&mut anna, "/pages/save?id=7", &wrong).await.leads_to(RESEND);
    }
    // The right one, elsewhere.
    for place in ["/pages/save", "/pages/save?id=8", "/pages/delete?id=7", "/pages//save?id=7"] {
        press_at(&mut anna, place, &press).await.leads_to(RESEND);
    }
    // Another browser, without one of the two cookies, or with another session.
    for cookie in ["__Host-vestibule", KEPT] {
        let mut thief = world.visitor_with(anna.jar.clone());
        thief.jar.remove(cookie);
        press_at(&mut thief, "/pages/save?id=7", &press).await.leads_to(RESEND);
    }
    anna.signs_in_again().await;
    presses(&mut anna, &page).await.leads_to(RESEND);
    assert_eq!(world.portal.count(), 0);
    // The page as it is now has a press for it.
    let page = anna.get(RESEND).await;
    presses(&mut anna, &page).await.has_status(200);
    assert_eq!(world.portal.last().body, "text=hello");
}

#[tokio::test]
async fn no_other_sites_page_presses_and_no_press_reaches_the_portal() {
    let world = simple().await;
    let (mut anna, page) = waits(&world).await;
    let press = format!("vestibule-resend={}", page.hidden("vestibule-resend").unwrap());
    let evil = ("https://evil.example", "cross-site", "navigate");
    let subdomain = ("https://x.wiki.localhost", "same-site", "navigate");
    let script = ("https://wiki.localhost", "same-origin", "cors");
    for (origin, site, mode) in [evil, subdomain, ("null", "cross-site", "navigate"), script] {
        for target in ["/pages/save?id=7", "/public/x"] {
            let request = anna
                .request(Method::POST, target)
                .header("content-type", FORM)
                .header("accept", "text/html")
                .header("origin", origin)
                .header("sec-fetch-site", site)
                .header("sec-fetch-mode", mode)
                .body(Full::new(Bytes::from(press.clone())))
                .unwrap();
            anna.send(request).await.has_status(403);
        }
    }
    // To a public path, by its own visitor: known as a press all the same.
    let press = page.hidden("vestibule-resend").unwrap();
    press_at(&mut anna, "/public/x", &press).await.leads_to(RESEND);
    assert_eq!(world.portal.count(), 0);
    // A body of the same length that is none goes on as it came.
    let other = format!("vestibule-resent={press}");
    posts(&mut anna, "/pages/x", FORM, other.as_bytes()).await.has_status(200);
    assert_eq!(world.portal.last().body, other);
}

#[tokio::test]
async fn only_forms_of_the_portals_own_pages_are_kept() {
    let world = simple().await;
    let mut visitor = world.visitor();
    let wiki = format!("https://{}", visitor.host);
    let ordinary = [
        ("content-type", FORM),
        ("origin", wiki.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("accept", "text/html"),
    ];
    for (name, value, status) in [
        ("x-nothing", "1", 303),
        ("origin", "https://evil.example", 303),
        ("sec-fetch-site", "cross-site", 303),
        ("content-type", "application/json", 303),
        ("content-encoding", "gzip", 303),
        ("sec-fetch-mode", "cors", 401),
    ] {
        let mut request = visitor.request(Method::POST, "/x");
        for (usual, value) in ordinary.iter().filter(|(usual, _)| *usual != name) {
            request = request.header(*usual, *value);
        }
        let request = request.header(name, value).body(Full::new(Bytes::from("a=1"))).unwrap();
        visitor.jar.clear();
        visitor.send(request).await.has_status(status);
        assert_eq!(visitor.jar.contains_key(KEPT), name == "x-nothing", "{name}: {value}");
    }
    // Our own pages' forms are no business of this.
    visitor.jar.clear();
    posts(&mut visitor, "/.vestibule/login", FORM, b"username=anna").await.has_status(403);
    assert!(!visitor.jar.contains_key(KEPT));
}

#[tokio::test]
async fn nothing_is_kept_where_the_file_says_off() {
    let session = "[session]\nkeep_forms = \"off\"\n";
    let world = World::plan(Plan { more: session, second_factor: SIMPLE, ..Default::default() }).await;
    let mut anna = world.visitor();
    let met = posts(&mut anna, "/simple/x", FORM, b"a=1").await;
    assert_eq!(met.meets_login().location(), "/.vestibule/login?return_to=%2F");
    assert!(anna.jar.is_empty());
}

#[tokio::test]
async fn the_rules_are_asked_again_before_the_page_and_at_the_press() {
    let world = simple().await;
    world.links_an_app("anna").await;
    // A group that the visitor turns out not to be in.
    let mut bob = world.visitor();
    let met = posts(&mut bob, "/office/x", FORM, b"a=1").await;
    signs_in_after(&mut bob, &met, "bob").await;
    bob.get(RESEND).await.has_status(403);

    // A second factor, and a fresh one: asked of somebody signed in, and asked again when it got old.
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
    let asked = posts(&mut anna, "/money/pay", FORM, b"amount=10").await;
    let place = "/.vestibule/second-factor?return_to=%2F.vestibule%2Fresend";
    assert_eq!(asked.meets_second_factor().location(), place);
    anna.get(RESEND).await.leads_to(place);
    anna.open(place).await.has_status(200);
    anna.submit("/.vestibule/second-factor", &[("code", &world.code())]).await.leads_to(RESEND);
    let page = anna.get(RESEND).await;
    page.has_status(200);
    world.clock.advance(Duration::from_secs(301));
    let place = "/.vestibule/second-factor?return_to=%2F.vestibule%2Fresend&again=1";
    assert_eq!(presses(&mut anna, &page).await.meets_second_factor().location(), place);
    assert_eq!(world.portal.count(), 0);
    anna.open(place).await.has_status(200);
    anna.submit("/.vestibule/second-factor", &[("code", &world.code())]).await.leads_to(RESEND);
    let page = anna.get(RESEND).await;
    presses(&mut anna, &page).await.has_status(200);
    assert_eq!(world.portal.last().body, "amount=10");
}

#[tokio::test]
async fn a_session_that_ends_before_the_press_costs_another_sign_in_and_not_the_form() {
    let world = simple().await;
    let (mut anna, page) = waits(&world).await;
    ends_sessions_of(&world, "anna").await;
    let met = presses(&mut anna, &page).await;
    signs_in_after(&mut anna, &met, "anna").await;
    let page = anna.get(RESEND).await;
    presses(&mut anna, &page).await.has_status(200);
    assert_eq!(world.portal.last().body, "text=hello");
}

#[tokio::test]
async fn discarded_and_signed_out_forms_are_gone() {
    let world = simple().await;
    for way in ["discard", "here", "everywhere"] {
        let (mut anna, page) = waits(&world).await;
        let before = anna.jar.clone();
        let press = page.hidden("vestibule-resend").unwrap();
        match way {
            "discard" => {
                posts(&mut anna, RESEND, FORM, b"csrf=wrong").await.has_status(403);
                anna.open(RESEND).await;
                anna.submit(RESEND, &[]).await.leads_to("/pages/edit?id=7");
            }
            scope => {
                anna.open("/.vestibule/logout").await;
                anna.submit("/.vestibule/logout", &[("scope", scope)]).await.leads_to("/.vestibule/logout");
            }
        }
        assert!(!anna.jar.contains_key(KEPT), "{way}");
        let mut again = world.visitor_with(before);
        again.signs_in_again().await;
        again.get(RESEND).await.has_status(410);
        press_at(&mut again, "/pages/save?id=7", &press).await.leads_to(RESEND);
    }
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn forms_are_kept_up_to_the_size_of_the_file_and_others_are_refused_in_clear_words() {
    let session = "[session]\nkeep_forms = \"2KiB\"\n";
    let world = World::plan(Plan { more: session, second_factor: SIMPLE, ..Default::default() }).await;
    for in_chunks in [false, true] {
        for version_2 in [false, true] {
            for (size, is_kept) in [(2048, true), (2049, false)] {
                let mut anna = world.visitor();
                let body = vec![b'x'; size];
                let request = posted(&anna, "/simple/x", FORM);
                let answer = if in_chunks {
                    let parts = body.chunks(100).map(|part| Ok(Frame::data(Bytes::copy_from_slice(part))));
                    let parts = StreamBody::new(futures_util::stream::iter(parts.collect::<Vec<_>>()));
                    let answer = send(&anna, request.body(parts).unwrap(), version_2).await;
                    let (head, body) = answer.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    Answer { status: head.status, headers: head.headers, body }
                } else {
                    let request = request.body(Full::new(Bytes::from(body))).unwrap();
                    if version_2 { anna.send_h2(request).await } else { anna.send(request).await }
                };
                if is_kept {
                    answer.leads_to("/.vestibule/login?return_to=%2F.vestibule%2Fresend");
                } else {
                    assert_lost(&answer, "too large");
                }
            }
        }
    }
}

#[track_caller]
fn assert_lost(answer: &Answer, why: &str) {
    answer.has_status(401);
    assert_eq!(answer.headers["www-authenticate"], "Vestibule");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
    let text = answer.text();
    assert!(text.contains("Your form was not received") && text.contains(why), "{text}");
    // Back to where the form stood.
    assert!(text.contains("href=\"/.vestibule/login?return_to=%2Fpages%2Fedit%3Fid%3D7\""), "{text}");
}

#[tokio::test]
async fn a_large_upload_is_refused_before_a_byte_of_it_is_sent() {
    let world = simple().await;
    let visitor = world.visitor();
    let head = |more: &str| {
        format!(
            "POST /upload HTTP/1.1\r\nHost: {0}\r\nOrigin: https://{0}\r\nReferer: https://{0}/pages/edit?id=7\r\n\
             Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nAccept: text/html\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000000000\r\n{more}\r\n",
            visitor.host
        )
    };
    for more in ["", "Expect: 100-continue\r\n"] {
        let mut stream = visitor.connect(&[b"http/1.1"]).await;
        stream.write_all(head(more).as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        let read = timeout(SOON, stream.read_to_end(&mut heard)).await.expect("the connection is closed");
        // A connection cut off without a farewell is cut off all the same.
        let _ = read;
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.starts_with("HTTP/1.1 401 "), "{more}: {heard}");
        assert!(heard.contains("connection: close\r\n") && heard.contains("too large"), "{more}: {heard}");
        assert!(heard.trim_end().ends_with("</html>"), "{more}: the page is whole");
    }
    // In HTTP/2 the answer is whole, and the stream ends.
    let stuck =
        StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, std::convert::Infallible>>());
    let request =
        posted(&visitor, "/upload", FORM).header("content-length", "5000000000").body(stuck).unwrap();
    let answer: Response<Incoming> = timeout(SOON, send(&visitor, request, true)).await.expect("at once");
    assert_eq!(answer.status(), 401);
    let page = timeout(SOON, answer.into_body().collect()).await.expect("whole").unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&page).contains("too large"));
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn an_upload_of_somebody_signed_in_is_as_large_as_it_is() {
    let session = "[session]\nkeep_forms = \"1KiB\"\n";
    let world = World::plan(Plan { more: session, second_factor: SIMPLE, ..Default::default() }).await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    let body = vec![b'x'; 300_000];
    posts(&mut anna, "/simple/x", "multipart/form-data; boundary=x", &body).await.has_status(200);
    assert_eq!(world.portal.last().body, body);
}

#[tokio::test]
async fn strangers_of_a_network_have_a_share_and_who_was_signed_in_has_another() {
    let session = "[session]\nkeep_forms = \"64KiB\"\n";
    let world = World::plan(Plan { more: session, second_factor: SIMPLE, ..Default::default() }).await;
    let body = vec![b'x'; 60 * 1024];
    let mut kept = 0;
    for _ in 0..9 {
        let mut stranger = world.visitor();
        let answer = posts(&mut stranger, "/simple/x", FORM, &body).await;
        kept += usize::from(answer.status == 303);
        if answer.status != 303 {
            assert_lost(&answer, "could not be kept");
        }
    }
    assert_eq!(kept, 2);
    let mut neighbour = world.visitor();
    neighbour.moves_to("127.0.0.2");
    assert_lost(&posts(&mut neighbour, "/simple/x", FORM, &body).await, "could not be kept");
    // Who was signed in before has room in the same network, also beside others like them.
    for left in (0..9).rev() {
        let mut anna = world.visitor();
        anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
        ends_sessions_of(&world, "anna").await;
        let answer = posts(&mut anna, "/simple/x", FORM, &body).await;
        match left {
            0 => assert_lost(&answer, "could not be kept"),
            _ => drop(answer.meets_login()),
        }
    }
    let mut elsewhere = world.visitor();
    elsewhere.moves_to("127.0.1.2");
    posts(&mut elsewhere, "/simple/x", FORM, &body).await.meets_login();
    // Sent once more by the same browser, it takes the place of the one before.
    for _ in 0..3 {
        posts(&mut elsewhere, "/simple/x", FORM, &body).await.meets_login();
    }
    // What is over takes no room.
    world.clock.advance(Duration::from_secs(600));
    posts(&mut world.visitor(), "/simple/x", FORM, &body).await.meets_login();
}

#[tokio::test]
async fn a_network_that_has_forms_kept_all_the_time_is_told_no_for_a_while() {
    let world = simple().await;
    let mut stranger = world.visitor();
    for _ in 0..100 {
        posts(&mut stranger, "/x", FORM, b"a=1").await.meets_login();
    }
    assert_lost(&posts(&mut stranger, "/x", FORM, b"a=1").await, "could not be kept");
    world.clock.advance(Duration::from_secs(15 * 60));
    posts(&mut stranger, "/x", FORM, b"a=1").await.meets_login();
}

#[tokio::test]
async fn while_the_store_is_down_nothing_is_kept_and_nothing_is_said_to_be() {
    let world = simple().await;
    let (mut anna, page) = waits(&world).await;
    let mut stranger = world.visitor();
    world.store_is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_lost(&posts(&mut stranger, "/x", FORM, b"a=1").await, "could not be kept");
    presses(&mut anna, &page).await.has_status(503);
    anna.get(RESEND).await.has_status(503);
    world.store_is_down.store(false, std::sync::atomic::Ordering::SeqCst);
    presses(&mut anna, &page).await.has_status(200);
    assert_eq!(world.portal.count(), 1);
}

#[tokio::test]
async fn a_form_that_never_reached_the_upstream_can_be_sent_again() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let upstream = Some(format!("upstream = \"http://{address}\""));
    let rules = "[[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
    let world = World::plan(Plan { upstream, rules, second_factor: SIMPLE, ..Default::default() }).await;
    let (mut anna, page) = waits(&world).await;
    let answer = presses(&mut anna, &page).await;
    answer.has_status(502);
    assert!(answer.text().contains("href=\"/.vestibule/resend\""), "{}", answer.text());
    let page = anna.get(RESEND).await;
    page.has_status(200);

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"text=hello") {
            heard.push(stream.read_u8().await.unwrap());
        }
        stream
            .write_all(b"HTTP/1.1 303 See Other\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
    });
    presses(&mut anna, &page).await.leads_to("/done");
    heard.await.unwrap();
    anna.get(RESEND).await.has_status(410);
}

#[tokio::test]
async fn what_waits_survives_a_restart_and_the_store_alone_tells_nothing_of_it() {
    let world = simple().await;
    let mut anna = world.visitor();
    let met = posts(&mut anna, "/pages/save?id=7", FORM, b"text=a-very-private-letter").await;
    let jar = anna.jar.clone();
    let world = world.restarts().await;
    for file in ["vestibule.db", "vestibule.db-wal", "audit.log"] {
        let bytes = std::fs::read(world.folder.path().join(file)).unwrap_or_default();
        for secret in ["very-private", "pages/save", &jar[KEPT]] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{file} holds {secret}");
        }
    }
    let mut anna = world.visitor_with(jar);
    signs_in_after(&mut anna, &met, "anna").await;
    let page = anna.get(RESEND).await;
    presses(&mut anna, &page).await.has_status(200);
    assert_eq!(world.portal.last().body, "text=a-very-private-letter");
}

#[tokio::test]
async fn a_stranger_without_a_form_is_told_that_nothing_waits() {
    let world = simple().await;
    let mut stranger = world.visitor();
    stranger.get(RESEND).await.has_status(410);
    stranger.jar.insert(KEPT.to_owned(), "A".repeat(43));
    stranger.get(RESEND).await.meets_login();
    world.clock.advance(ONE);
    let (mut anna, _) = waits(&world).await;
    // At another portal the cookie opens nothing.
    anna.host = anna.host.replace("wiki.", "mail.");
    anna.get(RESEND).await.meets_login();
}

#[tokio::test]
async fn a_form_that_does_not_come_to_its_end_is_no_form() {
    let world = simple().await;
    let visitor = world.visitor();
    let mut stream = visitor.connect(&[b"http/1.1"]).await;
    let head = format!(
        "POST /x HTTP/1.1\r\nHost: {0}\r\nOrigin: https://{0}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\n\
         Content-Type: {FORM}\r\nContent-Length: 100\r\n\r\na=1",
        visitor.host
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut heard = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut heard)).await.expect("it ends");
    assert!(!String::from_utf8_lossy(&heard).contains("set-cookie: __Host-vestibule-kept="));
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn after_a_kept_form_the_connection_goes_on() {
    let world = simple().await;
    let anna = world.visitor();
    let stream = anna.connect(&[b"http/1.1"]).await;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake::<_, Full<Bytes>>(io).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..2 {
        let request: Request<Full<Bytes>> =
            posted(&anna, "/x", FORM).body(Full::new(Bytes::from("a=1"))).unwrap();
        sender.ready().await.unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 303);
        let _ = answer.into_body().collect().await.unwrap();
    }
}
