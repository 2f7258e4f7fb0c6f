//! The badge in a portal's own pages: who gets one, where, until when; and that everything else passes as it came.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Version};
use http_body_util::{BodyExt, Full};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use crate::{
    streaming::{SOON, send},
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const FREE: &str = "requirement = \"optional\"\nmethods = [\"totp\"]";
const RULES: &str = "[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\n\n[[portal.rule]]\npath = \"/perhaps/**\"\npolicy = \"optional\"\n\n[[portal.rule]]\npath = \"/two/**\"\npolicy = \"two_factor\"\n\n[[portal.rule]]\npath = \"/**\"\npolicy = \"one_factor\"\n";
const PEOPLE: &str =
    "[[user]]\nname = \"eve\"\ndisplay_name = \"</bdi><script>alert(1)</script>\"\npassword = \"HASH\"\n\n";
const BADGE: &str = "/.vestibule/badge";
const COOKIE: &str = "__Host-vestibule-badge";

const BEFORE: &str = "<!doctype html><html lang=nl><head><title>Caf\u{e9}</title></head><body class=x>";
const BEHIND: &str = "<h1>Caf\u{e9}</h1></body></html>";

/// An upstream that answers every path with what stands here, and remembers the heads it read.
#[derive(Clone, Default)]
struct Site {
    answers: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Answers `path` with these fields and the page.
    fn has(&self, path: &str, fields: &str) {
        self.says(path, "200 OK", fields, format!("{BEFORE}{BEHIND}").as_bytes());
    }

    fn says(&self, path: &str, status: &str, fields: &str, body: &[u8]) {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{fields}\r\n", body.len());
        self.answers.lock().unwrap().insert(path.to_owned(), [head.as_bytes(), body].concat());
    }

    /// The head of the last request, in lower case.
    fn last(&self) -> String {
        self.heads.lock().unwrap().last().cloned().expect("the portal was asked").to_lowercase()
    }

    async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = self.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let head = read_head(&mut stream).await;
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                site.heads.lock().unwrap().push(head);
                let answer = site.answers.lock().unwrap().get(&path).cloned();
                if let Some(bytes) = answer {
                    let _ = stream.write_all(&bytes).await;
                }
            }
        });
        address
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => heard.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";

async fn world_with(site: &Site, badge: &str) -> World {
    let address = site.start().await;
    let upstream = Some(format!("upstream = \"http://{address}\"\n{badge}"));
    World::plan(Plan { second_factor: FREE, rules: RULES, people: PEOPLE, upstream, ..Plan::default() }).await
}

/// A request of a browser that goes to a page itself, with these fields besides.
fn going(visitor: &Visitor, method: Method, target: &str, fields: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let said = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    plain(visitor, method, target, &[&said, fields].concat())
}

fn plain(visitor: &Visitor, method: Method, target: &str, fields: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let request = visitor.request(method, target);
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Full::default()).unwrap()
}

async fn anna(world: &World) -> Visitor {
    let mut anna = world.visitor();
    anna.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    anna
}

/// What stands between the two halves of the page.
#[track_caller]
fn laid(answer: &Answer) -> String {
    answer.has_status(200);
    let text = answer.text();
    let rest = text.strip_prefix(BEFORE).unwrap_or_else(|| panic!("{text}"));
    rest.strip_suffix(BEHIND).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[tokio::test]
async fn a_page_says_who_is_signed_in_and_is_otherwise_byte_for_byte_as_it_came() {
    let site = Site::default();
    let caching = "Cache-Control: public, max-age=600\r\nETag: \"v1\"\r\nLast-Modified: Sun, 22 Nov 2026 03:00:00 GMT\r\nVary: Accept\r\nX-Own: yes\r\n";
    site.has("/page?a=1&b=2", &format!("{HTML}{caching}"));
    let world = world_with(&site, "badge = true").await;
    let mut anna = anna(&world).await;
    anna.extra.extend([
        ("accept-encoding".to_owned(), "gzip, br".to_owned()),
        ("if-none-match".to_owned(), "\"v1\"".to_owned()),
        ("if-modified-since".to_owned(), "Sun, 22 Nov 2026 03:00:00 GMT".to_owned()),
        ("accept-language".to_owned(), "de".to_owned()),
    ]);
    let answer = anna.get("/page?a=1&b=2").await;
    let badge = laid(&answer);
    assert!(badge.is_ascii() && badge.contains("Angemeldet als <bdi>Anna Visser</bdi>"), "{badge}");
    let origin = format!("https://{}", anna.host);
    assert!(
        badge.contains(&format!("href=\"{origin}/.vestibule/logout?return_to=%2Fpage%3Fa%3D1%26b%3D2\"")),
        "{badge}"
    );
    for gone in ["content-length", "etag", "last-modified"] {
        assert!(!answer.headers.contains_key(gone), "{gone}");
    }
    assert_eq!(answer.headers["cache-control"], "private, no-cache");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["Accept", "Cookie, Sec-Fetch-Dest"]);
    assert_eq!(answer.headers["x-own"], "yes");
    let asked = site.last();
    assert!(asked.contains("accept-encoding: identity\r\n") && !asked.contains("gzip"), "{asked}");
    assert!(!asked.contains("if-none-match") && !asked.contains("if-modified-since"), "{asked}");
    assert!(asked.contains("remote-user: anna"), "{asked}");

    // What the badge loads is there, under the page's own origin.
    let style = badge.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    anna.extra.clear();
    let style = anna.get(style.strip_prefix(&origin).unwrap()).await;
    style.has_status(200);
    assert!(style.text().contains("url(../badge)"), "{}", style.text());

    // The same over HTTP/2.
    let request = going(&anna, Method::GET, "/page?a=1&b=2", &[]);
    let answer = anna.send_h2(request).await;
    assert!(laid(&answer).contains("Anna Visser"));
}

#[tokio::test]
async fn a_name_is_text_whatever_is_in_it() {
    let site = Site::default();
    site.has("/page", HTML);
    let world = world_with(&site, "badge = true").await;
    for (name, shown) in
        [("bob", "<bdi>B&#246;b</bdi>"), ("eve", "<bdi>&#60;/bdi&#62;&#60;script&#62;alert(1)")]
    {
        let mut visitor = world.visitor();
        visitor.signs_in("/x", name, PASSWORD).await.leads_to("/x");
        let badge = laid(&visitor.get("/page").await);
        assert!(badge.contains(shown) && !badge.contains("<script"), "{badge}");
    }
}

#[tokio::test]
async fn without_the_key_nothing_is_asked_or_answered_otherwise() {
    let site = Site::default();
    site.has("/page", &format!("{HTML}ETag: \"v1\"\r\nCache-Control: max-age=600\r\n"));
    for key in ["", "badge = false"] {
        let world = world_with(&site, key).await;
        let mut anna = anna(&world).await;
        anna.extra.extend([
            ("accept-encoding".to_owned(), "gzip".to_owned()),
            ("if-none-match".to_owned(), "\"v1\"".to_owned()),
        ]);
        let answer = anna.get("/page").await;
        assert_eq!(laid(&answer), "");
        assert_eq!(answer.headers["content-length"], (BEFORE.len() + BEHIND.len()).to_string());
        assert_eq!(answer.headers["etag"], "\"v1\"");
        assert_eq!(answer.headers["cache-control"], "max-age=600");
        assert!(!answer.headers.contains_key("vary"));
        let asked = site.last();
        assert!(asked.contains("accept-encoding: gzip\r\nif-none-match: \"v1\"\r\n"), "{asked}");
    }
}

#[tokio::test]
async fn only_who_is_signed_in_and_goes_to_a_page_that_names_them_sees_a_badge() {
    let site = Site::default();
    for path in ["/page", "/public/page", "/perhaps/page"] {
        site.has(path, HTML);
    }
    let world = world_with(&site, "badge = true").await;
    let mut stranger = world.visitor();
    assert_eq!(laid(&stranger.get("/public/page").await), "");
    assert_eq!(laid(&stranger.get("/perhaps/page").await), "");
    let mut anna = anna(&world).await;
    assert!(laid(&anna.get("/perhaps/page").await).contains("Anna Visser"));
    // Told nobody, the portal's page is everybody's.
    assert_eq!(laid(&anna.get("/public/page").await), "");
    assert!(laid(&anna.get("/page").await).contains("Anna Visser"));
    assert_eq!(laid(&anna.fetch("/page").await), "");
    let range = going(&anna, Method::GET, "/page", &[("range", "bytes=0-")]);
    assert_eq!(laid(&anna.send(range).await), "");
    let origin = format!("https://{}", anna.host);
    let post = going(&anna, Method::POST, "/page", &[("origin", &origin)]);
    assert_eq!(laid(&anna.send(post).await), "");
    let old = plain(&anna, Method::GET, "/page", &[("accept", "text/html")]);
    assert_eq!(laid(&anna.send(old).await), "");
    let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    let frame = plain(&anna, Method::GET, "/page", &frame);
    assert_eq!(laid(&anna.send(frame).await), "");
}

#[tokio::test]
async fn an_answer_that_forbids_it_or_is_no_page_passes_byte_for_byte() {
    let site = Site::default();
    let page = format!("{BEFORE}{BEHIND}");
    let gzip = b"\x1f\x8b\x08 not really <body>";
    let utf16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mark = [&b"\xff\xfe"[..], &utf16].concat();
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">{page}");
    let cases: [(&str, &str, &[u8]); 15] = [
        ("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", gzip),
        ("200 OK", "Content-Type: text/html; charset=utf-16le\r\n", &utf16),
        ("200 OK", "Content-Type: text/html\r\n", &mark),
        (
            "206 Partial Content",
            "Content-Type: text/html\r\nContent-Range: bytes 0-9/99\r\n",
            page.as_bytes(),
        ),
        ("200 OK", "Content-Type: text/html\r\nCache-Control: no-transform\r\n", page.as_bytes()),
        ("200 OK", "Content-Type: text/html\r\nContent-Disposition: attachment\r\n", page.as_bytes()),
        ("200 OK", "Content-Type: text/plain\r\n", page.as_bytes()),
        ("200 OK", "Content-Type: text/event-stream\r\n", page.as_bytes()),
        ("200 OK", "", page.as_bytes()),
        ("404 Not Found", "Content-Type: text/html\r\n", page.as_bytes()),
        (
            "200 OK",
            "Content-Type: text/html\r\nContent-Security-Policy: style-src 'nonce-x'\r\n",
            page.as_bytes(),
        ),
        (
            "200 OK",
            "Content-Type: text/html\r\nContent-Security-Policy: default-src 'self'\r\nContent-Security-Policy: sandbox\r\n",
            page.as_bytes(),
        ),
        (
            "200 OK",
            "Content-Type: text/html\r\nContent-Security-Policy-Report-Only: img-src data:\r\n",
            page.as_bytes(),
        ),
        ("200 OK", "Content-Type: text/html\r\n", meta.as_bytes()),
        ("200 OK", "Content-Type: text/html\r\n", b"<p>a part of a page, <body> and all"),
    ];
    for (at, (status, fields, body)) in cases.iter().enumerate() {
        site.says(&format!("/{at}"), status, fields, body);
    }
    let world = world_with(&site, "badge = true").await;
    let mut anna = anna(&world).await;
    for (at, (status, fields, body)) in cases.iter().enumerate() {
        let answer = anna.get(&format!("/{at}")).await;
        assert_eq!(answer.status.as_str(), &status[..3]);
        assert!(answer.body == *body, "{status} {fields}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_policy_that_lets_it_in_gets_the_badge() {
    let site = Site::default();
    site.has("/page", &format!("{HTML}Content-Security-Policy: default-src 'self'; script-src 'none'; form-action 'none'\r\nContent-Security-Policy: img-src *, base-uri 'none'\r\n"));
    let world = world_with(&site, "badge = true").await;
    assert!(laid(&anna(&world).await.get("/page").await).contains("Anna Visser"));
}

/// The picture that the badge loads when it is closed.
async fn closes(visitor: &mut Visitor, site: &str) -> Answer {
    let request = plain(visitor, Method::GET, BADGE, &[("sec-fetch-site", site)]);
    visitor.send(request).await
}

#[tokio::test]
async fn a_closed_badge_stays_away_until_the_next_sign_in() {
    let site = Site::default();
    for path in ["/page", "/two/page"] {
        site.has(path, HTML);
    }
    let world = world_with(&site, "badge = true").await;
    world.links_an_app("anna").await;
    let mut anna = anna(&world).await;
    assert!(laid(&anna.get("/page").await).contains("Anna Visser"));
    let answer = closes(&mut anna, "same-origin").await;
    answer.has_status(200);
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with(COOKIE)
            && set.contains("HttpOnly")
            && set.contains("Secure")
            && !set.contains("Max-Age"),
        "{set}"
    );
    assert!(!set.contains("anna"), "{set}");

    anna.extra.push(("if-none-match".to_owned(), "\"v1\"".to_owned()));
    assert_eq!(laid(&anna.get("/page").await), "");
    let asked = site.last();
    assert!(asked.contains("if-none-match") && !asked.contains("vestibule"), "{asked}");

    // A code asked in between is no other sign-in.
    world.clock.advance(Duration::from_secs(60));
    anna.get("/two/page").await.meets_second_factor();
    let code = world.next_code();
    anna.open("/.vestibule/second-factor?return_to=%2Ftwo%2Fpage").await;
    anna.submit("/.vestibule/second-factor", &[("code", &code)]).await.leads_to("/two/page");
    assert_eq!(laid(&anna.get("/two/page").await), "");

    // Another person in this browser, and the same one once more.
    let closed = anna.jar[COOKIE].clone();
    anna.jar.remove("__Host-vestibule");
    anna.signs_in("/x", "bob", PASSWORD).await.leads_to("/x");
    assert_eq!(anna.jar[COOKIE], closed);
    assert!(laid(&anna.get("/page").await).contains("B&#246;b"));
    anna.jar.remove("__Host-vestibule");
    anna.signs_in("/x", "anna", PASSWORD).await.leads_to("/x");
    assert!(laid(&anna.get("/page").await).contains("Anna Visser"));
}

#[tokio::test]
async fn only_a_page_of_this_origin_closes_a_badge_and_only_for_who_is_signed_in() {
    let site = Site::default();
    site.has("/page", HTML);
    let world = world_with(&site, "badge = true").await;
    let mut anna = anna(&world).await;
    for from in ["cross-site", "same-site", "none", "Same-Origin"] {
        assert!(!closes(&mut anna, from).await.headers.contains_key("set-cookie"), "{from}");
    }
    assert!(!anna.fetch(BADGE).await.headers.contains_key("set-cookie"), "nobody said from where");
    let mut stranger = world.visitor();
    let answer = closes(&mut stranger, "same-origin").await;
    answer.has_status(200);
    assert!(!answer.headers.contains_key("set-cookie"));
    let origin = format!("https://{}", anna.host);
    let post = plain(&anna, Method::POST, BADGE, &[("origin", &origin)]);
    anna.send(post).await.has_status(405);
    assert!(laid(&anna.get("/page").await).contains("Anna Visser"));
    // A cookie of somebody else's making closes nothing.
    anna.jar.insert(COOKIE.to_owned(), "AAAAAAAAAAAAAAAA".to_owned());
    assert!(laid(&anna.get("/page").await).contains("Anna Visser"));
}

#[tokio::test]
async fn a_page_streams_through_a_badge() {
    for version_2 in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream =
            Some(format!("upstream = \"http://{}\"\nbadge = true", listener.local_addr().unwrap()));
        let plan = Plan { second_factor: FREE, rules: RULES, upstream, ..Plan::default() };
        let world = World::plan(plan).await;
        let anna = anna(&world).await;
        let (go_on, mut told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            for part in ["<html><bo", "dy>first", "second"] {
                stream.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes()).await.unwrap();
                told.recv().await.unwrap();
            }
            // And breaks off: nobody shall take this for the whole page.
        });
        let answer = send(&anna, going(&anna, Method::GET, "/x", &[]), version_2).await;
        let mut body = answer.into_body();
        for part in ["<html><bo", "dy>", "second"] {
            let frame = timeout(SOON, body.frame()).await.expect("each part comes at once");
            let frame = frame.unwrap().unwrap().into_data().unwrap();
            let text = String::from_utf8_lossy(&frame).into_owned();
            assert!(text.starts_with(part), "{text}");
            assert_eq!(text.contains("</vestibule-badge>first"), part == "dy>", "{text}");
            go_on.send(()).unwrap();
        }
        let end = timeout(SOON, body.frame()).await.expect("the end comes at once");
        assert!(end.is_some_and(|frame| frame.is_err()), "broken off, and said so");
    }
}

#[tokio::test]
async fn a_visitor_of_1996_gets_the_page_as_it_is_and_knows_where_it_ends() {
    let site = Site::default();
    site.has("/page", HTML);
    let world = world_with(&site, "badge = true").await;
    let anna = anna(&world).await;
    let mut stream = anna.connect(&[b"http/1.1"]).await;
    let cookie = format!("__Host-vestibule={}", anna.jar["__Host-vestibule"]);
    let request = format!(
        "GET /page HTTP/1.0\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n",
        anna.host
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    timeout(SOON, stream.read_to_end(&mut heard)).await.expect("the connection is closed").unwrap();
    let (head, body) = heard.split_at(heard.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4);
    let head = String::from_utf8_lossy(head).to_lowercase();
    assert!(head.contains(&format!("content-length: {}\r\n", BEFORE.len() + BEHIND.len())), "{head}");
    assert_eq!(String::from_utf8_lossy(body), format!("{BEFORE}{BEHIND}"));
}

#[tokio::test]
async fn a_page_that_an_upstream_of_1996_breaks_off_is_broken_off_for_the_visitor() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Some(format!("upstream = \"http://{}\"\nbadge = true", listener.local_addr().unwrap()));
    let plan = Plan { second_factor: FREE, rules: RULES, upstream, ..Plan::default() };
    let world = World::plan(plan).await;
    let anna = anna(&world).await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        let head = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n";
        stream.write_all(format!("{head}<html><body>first").as_bytes()).await.unwrap();
    });
    let answer = send(&anna, going(&anna, Method::GET, "/x", &[]), false).await;
    assert_eq!(answer.version(), Version::HTTP_11);
    let fields = answer.headers();
    assert!(!fields.contains_key("content-length") && fields["transfer-encoding"] == "chunked", "{fields:?}");
    let whole = timeout(SOON, answer.into_body().collect()).await.expect("it ends");
    assert!(whole.is_err(), "broken off, and said so");
}
