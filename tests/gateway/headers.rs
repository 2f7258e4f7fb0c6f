//! What the portal is told, and what it is never told.

use http::Method;
use http_body_util::Full;

use crate::{
    trust::signs_in_fully,
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const SPELLINGS: [&str; 12] = [
    "Remote-User",
    "REMOTE-USER",
    "remote_user",
    "Remote.User",
    "remote~user",
    "Remote-Name",
    "Remote_Email",
    "remote-groups",
    "REMOTE_GROUPS",
    "remote!groups",
    "Remote-user",
    "remote+name",
];

async fn forged(visitor: &mut Visitor, path: &str, version_2: bool) -> u16 {
    let mut request = visitor.request(Method::GET, path).header("accept", "text/html");
    for name in SPELLINGS {
        request =
            request.header(name.to_ascii_lowercase(), "mallory").header(name.to_ascii_lowercase(), "mallory");
    }
    if !version_2 {
        request = request.header("connection", "keep-alive, Remote-User, X-Request-Id, X-Forwarded-For");
    }
    let request = request.body(Full::default()).unwrap();
    let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
    answer.status.as_u16()
}

#[tokio::test]
async fn every_spelling_of_an_identity_header_is_gone_on_public_paths() {
    let world = World::start().await;
    for version_2 in [false, true] {
        let mut visitor = world.visitor();
        assert_eq!(forged(&mut visitor, "/public/x", version_2).await, 200);
        let seen = world.portal.last();
        for (name, value) in &seen.headers {
            assert!(!value.as_bytes().windows(7).any(|w| w == b"mallory"), "{name} came through");
            assert!(!name.as_str().starts_with("remote"), "{name} came through");
        }
    }
}

#[tokio::test]
async fn a_signed_in_visitor_is_named_once_and_truly() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    for version_2 in [false, true] {
        assert_eq!(forged(&mut anna, "/x", version_2).await, 200);
        let seen = world.portal.last();
        assert_eq!(seen.one("remote-user").as_deref(), Some("anna"));
        assert_eq!(seen.one("remote-name").as_deref(), Some("Anna Visser"));
        assert_eq!(seen.one("remote-email").as_deref(), Some("anna@example.com"));
        assert_eq!(seen.one("remote-groups").as_deref(), Some("office"));
        assert_eq!(seen.one("x-forwarded-proto").as_deref(), Some("https"));
        assert_eq!(seen.one("x-forwarded-for").as_deref(), Some("127.0.0.1"));
        assert_eq!(seen.one("x-forwarded-host").as_deref(), Some(anna.host.as_str()));
        assert_eq!(seen.one("host").as_deref(), Some(anna.host.as_str()));
        assert_eq!(seen.one("x-request-id").unwrap().len(), 32);
        for name in seen.headers.keys() {
            let folded: String =
                name.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            if folded.starts_with("remote-") {
                assert_eq!(folded, name.as_str(), "an alias came through");
            }
        }
    }
}

#[tokio::test]
async fn the_portal_never_sees_a_cookie_of_the_gateway() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    anna.jar.insert("portal".to_owned(), "its own=1".to_owned());
    anna.get("/x").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("cookie").as_deref(), Some("portal=its own=1"));
    let secrets: Vec<_> = anna
        .jar
        .iter()
        .filter(|(name, _)| name.contains("vestibule"))
        .map(|(_, value)| value.clone())
        .collect();
    assert!(!secrets.is_empty());
    for path in ["/x", "/public/x"] {
        anna.get(path).await.reaches_the_portal();
        let seen = format!("{:?}", world.portal.last().headers);
        assert!(secrets.iter().all(|secret| !seen.contains(secret.as_str())));
    }
}

#[tokio::test]
async fn the_portal_never_sets_a_cookie_of_the_gateway() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let answer = anna.get("/sets-cookies").await;
    let set: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
    assert_eq!(set, ["plain=1; Path=/"]);
    assert!(answer.headers.get("clear-site-data").is_none());
}

#[tokio::test]
async fn private_answers_are_not_cached_by_others_and_public_caching_is_left_alone() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    assert_eq!(anna.get("/x").await.headers["cache-control"], "private");
    assert_eq!(anna.get("/cached").await.headers["cache-control"], "public, max-age=60");
}

#[tokio::test]
async fn hop_by_hop_headers_stay_on_their_hop() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let request = visitor
        .request(Method::GET, "/public/x")
        .header("connection", "close, X-Hop")
        .header("x-hop", "1")
        .header("keep-alive", "timeout=5")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic x")
        .header("upgrade", "h2c")
        .header("http2-settings", "x")
        .header("expect", "100-continue")
        .header("x-stays", "1")
        .body(Full::default())
        .unwrap();
    visitor.send(request).await.has_status(200);
    let seen = world.portal.last();
    for name in ["x-hop", "keep-alive", "te", "proxy-authorization", "upgrade", "http2-settings", "expect"] {
        assert!(seen.all(name).is_empty(), "{name}");
    }
    assert_eq!(seen.one("x-stays").as_deref(), Some("1"));
}

#[tokio::test]
async fn a_strangers_forwarding_headers_are_replaced() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    visitor.extra = [
        ("x-forwarded-for", "203.0.113.1"),
        ("X_Forwarded_For", "203.0.113.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "for=203.0.113.1"),
        ("x-real-ip", "203.0.113.1"),
        ("x-original-url", "/closed/x"),
        ("x-rewrite-url", "/closed/x"),
        ("x-request-id", "mine"),
    ]
    .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
    .to_vec();
    visitor.get("/public/x").await.reaches_the_portal();
    let seen = world.portal.last();
    assert_eq!(seen.one("x-forwarded-for").as_deref(), Some("127.0.0.1"));
    assert_eq!(seen.one("x-forwarded-host").as_deref(), Some(visitor.host.as_str()));
    let all = format!("{:?}", seen.headers);
    for trace in ["203.0.113.1", "evil.example", "/closed/x", "mine"] {
        assert!(!all.contains(trace), "{trace} came through: {all}");
    }
}

#[tokio::test]
async fn an_identity_in_the_trailers_is_gone() {
    use http_body_util::{BodyExt, StreamBody};
    let world = World::start().await;
    let visitor = world.visitor();
    for alpn in [b"http/1.1".as_slice(), b"h2".as_slice()] {
        let stream = visitor.connect(&[alpn]).await;
        let mut trailers = http::HeaderMap::new();
        trailers.insert("remote-user", "mallory".parse().unwrap());
        trailers.insert("remote_user", "mallory".parse().unwrap());
        let frames = [
            Ok::<_, std::convert::Infallible>(http_body::Frame::data(bytes::Bytes::from_static(b"body"))),
            Ok(http_body::Frame::trailers(trailers)),
        ];
        let body = BodyExt::boxed(StreamBody::new(futures_util::stream::iter(frames)));
        let io = hyper_util::rt::TokioIo::new(stream);
        let target = format!("https://{}/public/x", visitor.host);
        let request = http::Request::post(if alpn == b"h2" { target.as_str() } else { "/public/x" });
        let status = if alpn == b"h2" {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io)
                    .await
                    .unwrap();
            tokio::spawn(connection);
            sender.send_request(request.body(body).unwrap()).await.unwrap().status()
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            let request = request
                .header("host", &visitor.host)
                .header("trailer", "remote-user, remote_user")
                .header("te", "trailers");
            sender.send_request(request.body(body).unwrap()).await.unwrap().status()
        };
        assert_eq!(status, 200);
        let seen = world.portal.last();
        assert_eq!(seen.body, "body");
        assert!(!format!("{:?}{:?}", seen.headers, seen.trailers).contains("mallory"));
    }
}

#[tokio::test]
async fn names_outside_ascii_arrive_as_utf_8() {
    let world = World::start().await;
    world.links_an_app("bob").await;
    let mut bob = world.visitor();
    bob.signs_in("/", "bob", PASSWORD).await;
    bob.open("/.vestibule/second-factor").await;
    bob.submit("/.vestibule/second-factor", &[("code", &world.code())]).await;
    bob.get("/x").await.reaches_the_portal();
    assert_eq!(world.portal.last().one("remote-name").as_deref(), Some("Böb"));
}

#[tokio::test]
async fn every_answer_over_tls_says_that_there_is_no_other_way() {
    let rules =
        "[[portal.rule]]\npath = \"/lax\"\npolicy = \"bypass\"\n\n[[portal.rule]]\npolicy = \"two_factor\"\n";
    let world = World::plan(Plan { rules, ..Default::default() }).await;
    let mut visitor = world.visitor();
    let upstreams_own = visitor.get("/lax").await;
    let (page, script) = (visitor.get("/x").await, visitor.fetch("/x").await);
    let own = visitor.get("/.vestibule/login").await;
    for (answer, status) in [(upstreams_own, 200), (page, 303), (script, 401), (own, 200)] {
        assert_eq!(answer.status, status);
        let said: Vec<_> = answer.headers.get_all("strict-transport-security").iter().collect();
        assert_eq!(said, ["max-age=31536000"], "{status}");
        let is_the_portals = answer.text().contains("the portal's own page");
        assert_eq!(answer.headers.contains_key("referrer-policy"), !is_the_portals, "{status}");
    }
}

#[tokio::test]
async fn a_port_that_is_not_ours_never_reaches_the_portal() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let ours = visitor.host.clone();
    for version_2 in [false, true] {
        for (host, status) in [
            ("wiki.localhost:1337", 421),
            ("wiki.localhost", 200),
            ("WIKI.localhost:443", 200),
            (ours.as_str(), 200),
        ] {
            let before = world.portal.count();
            host.clone_into(&mut visitor.host);
            let request = visitor.request(Method::GET, "/public/x").body(Full::default()).unwrap();
            let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
            answer.has_status(status);
            assert_eq!(world.portal.count() - before, usize::from(status == 200));
            if status == 200 {
                let spelling = if host == ours { ours.as_str() } else { "wiki.localhost" };
                let seen = world.portal.last();
                assert_eq!(seen.one("host").as_deref(), Some(spelling));
                assert_eq!(seen.one("x-forwarded-host").as_deref(), Some(spelling));
            }
        }
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_portal_is_told_its_port_and_the_trusted_part_of_the_way() {
    let plan = Plan { server: "trusted_proxies = [\"127.0.0.9/32\"]", ..Default::default() };
    let world = World::plan(plan).await;
    let mut visitor = world.visitor();
    visitor.moves_to("127.0.0.9");
    visitor.host = "wiki.localhost:1337".to_owned();
    visitor.extra = vec![("x-forwarded-for".to_owned(), "127.0.0.1, 203.0.113.5".to_owned())];
    visitor.get("/public/x").await.reaches_the_portal();
    let seen = world.portal.last();
    assert_eq!(seen.one("x-forwarded-for").as_deref(), Some("203.0.113.5, 127.0.0.9"));
    assert_eq!(seen.one("x-forwarded-host").as_deref(), Some("wiki.localhost:1337"));
    visitor.extra = vec![("x-forwarded-for".to_owned(), String::new())];
    visitor.get("/public/x").await.has_status(400);
}

#[tokio::test]
async fn a_method_in_small_letters_goes_round_no_rule() {
    let rules =
        "[[portal.rule]]\nmethods = [\"POST\"]\npolicy = \"deny\"\n\n[[portal.rule]]\npolicy = \"bypass\"\n";
    let world = World::plan(Plan { rules, ..Default::default() }).await;
    let mut visitor = world.visitor();
    for version_2 in [false, true] {
        for (method, status) in [("POST", 403), ("post", 400), ("Post", 400), ("PUT", 200)] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = visitor.request(method, "/x").body(Full::default()).unwrap();
            let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
            answer.has_status(status);
        }
    }
    assert_eq!(world.portal.count(), 2);
}
