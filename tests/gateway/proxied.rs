//! The PROXY protocol: who may say whose connection it is, and what is made of it.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    time::timeout,
};

use crate::{
    visitor::Visitor,
    world::{Plan, World},
};

const LISTED: &str = "127.0.0.9";
/// Longer than the gateway waits for a header.
const SOON: Duration = Duration::from_secs(8);

async fn world(server: &'static str, rules: Option<&'static str>) -> World {
    let plan = Plan::default();
    World::plan(Plan { server, rules: rules.unwrap_or(plan.rules), ..plan }).await
}

fn version_1(client: &str, port: u16) -> Vec<u8> {
    format!("PROXY TCP4 {client} 192.0.2.1 55555 {port}\r\n").into_bytes()
}

fn version_2(command: u8, client: [u8; 4], port: u16) -> Vec<u8> {
    let begin = b"\r\n\r\n\0\r\nQUIT\n";
    let addresses = [&client[..], &[192, 0, 2, 1], &55555_u16.to_be_bytes(), &port.to_be_bytes()].concat();
    [&begin[..], &[command, 0x11, 0, 12], &addresses].concat()
}

/// What the portal is told of the way.
async fn told(world: &World, visitor: &mut Visitor, version_2: bool) -> Option<String> {
    let request = visitor.request(Method::GET, "/public/x").body(Full::<Bytes>::default()).unwrap();
    let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
    answer.reaches_the_portal();
    world.portal.last().one("x-forwarded-for")
}

#[tokio::test]
async fn a_listed_peer_says_whose_connection_it_is_and_the_visitor_says_nothing() {
    let world =
        world("proxy_protocol = [\"127.0.0.9\"]\ntrusted_proxies = [\"127.0.0.9\", \"10.1.1.1\"]", None)
            .await;
    let port = world.https.port();
    let mut visitor = world.visitor();
    visitor.moves_to(LISTED);
    visitor.extra = vec![("x-forwarded-for".to_owned(), "198.51.100.1".to_owned())];
    for by_version_2 in [false, true] {
        for (header, way) in [
            (version_1("203.0.113.7", port), "203.0.113.7"),
            (version_2(0x21, [203, 0, 113, 7], port), "203.0.113.7"),
            // A proxy of ours behind the one that says so: what that one adds is believed.
            (version_2(0x21, [10, 1, 1, 1], port), "198.51.100.1, 10.1.1.1"),
            // It speaks for itself.
            (version_2(0x20, [203, 0, 113, 7], port), "198.51.100.1, 127.0.0.9"),
            (b"PROXY UNKNOWN\r\n".to_vec(), "198.51.100.1, 127.0.0.9"),
        ] {
            visitor.says_first = header;
            assert_eq!(told(&world, &mut visitor, by_version_2).await.as_deref(), Some(way));
        }
    }
}

#[tokio::test]
async fn nobody_else_may_say_it_and_a_listed_peer_must() {
    let world = world("proxy_protocol = [\"127.0.0.9\"]", None).await;
    let port = world.https.port();
    for header in [version_1("203.0.113.7", port), version_2(0x21, [203, 0, 113, 7], port)] {
        let mut stranger = world.visitor();
        stranger.says_first = header;
        let refused = timeout(SOON, stranger.try_connect(&[b"h2"])).await.expect("it is told at once");
        assert!(refused.is_err());
    }
    let mut visitor = world.visitor();
    assert_eq!(told(&world, &mut visitor, false).await.as_deref(), Some("127.0.0.1"));
    let twice = [version_1("203.0.113.7", port), version_1("203.0.113.8", port)].concat();
    for header in
        [Vec::new(), b"PROXY TCP4 203.0.113.7\r\n".to_vec(), version_2(0x2f, [203, 0, 113, 7], port), twice]
    {
        let mut listed = world.visitor();
        listed.moves_to(LISTED);
        listed.says_first = header;
        let refused = timeout(SOON, listed.try_connect(&[b"h2"])).await.expect("it is told in time");
        assert!(refused.is_err());
    }
    assert_eq!(world.portal.count(), 1);
}

#[tokio::test]
async fn rules_for_networks_ask_for_the_address_that_was_said() {
    let rules = "[[portal.rule]]\nnetworks = [\"203.0.113.0/24\"]\npolicy = \"bypass\"\n\n\
                 [[portal.rule]]\npolicy = \"deny\"\n";
    let world = world("proxy_protocol = [\"127.0.0.9\"]", Some(rules)).await;
    let mut visitor = world.visitor();
    visitor.get("/x").await.has_status(403);
    let port = world.https.port();
    visitor.moves_to(LISTED);
    for (header, status) in [
        (version_1("203.0.113.7", port), 200),
        (version_1("203.0.114.7", port), 403),
        (version_2(0x21, [203, 0, 113, 7], port), 200),
        (version_2(0x20, [203, 0, 113, 7], port), 403),
    ] {
        visitor.says_first = header;
        visitor.get("/x").await.has_status(status);
    }
}

#[tokio::test]
async fn the_port_that_was_said_is_ours() {
    let world = world("proxy_protocol = [\"127.0.0.9\"]", None).await;
    let mut visitor = world.visitor();
    visitor.moves_to(LISTED);
    visitor.host = "wiki.localhost:8443".to_owned();
    for (port, status) in [(8443, 200), (443, 421)] {
        visitor.says_first = version_1("203.0.113.7", port);
        visitor.get("/public/x").await.has_status(status);
    }
}

#[tokio::test]
async fn the_plain_port_hears_it_from_listed_peers_alone() {
    let world = world("proxy_protocol = [\"127.0.0.9\"]", None).await;
    let get = b"GET /a HTTP/1.1\r\nHost: wiki.localhost\r\n\r\n".to_vec();
    let said = [version_1("203.0.113.7", 80), get.clone()].concat();
    for (from, bytes, begin) in [
        ("127.0.0.1", &get, "HTTP/1.1 301 "),
        ("127.0.0.1", &said, "HTTP/1.1 400 "),
        (LISTED, &said, "HTTP/1.1 301 "),
        (LISTED, &get, ""),
    ] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(world.http).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // Closed with bytes unread, a connection is reset.
        let _ = timeout(SOON, stream.read_to_end(&mut answer)).await.expect("it ends");
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(begin) && answer.is_empty() == begin.is_empty(), "{from}: {answer}");
    }
}

#[tokio::test]
async fn the_address_of_such_a_peer_is_never_trusted() {
    let world = World::plan(Plan {
        server: "proxy_protocol = [\"127.0.0.9\"]",
        trust: "address = \"30d\"",
        ..Default::default()
    })
    .await;
    let current = world.current.peek();
    assert!(current.settings.address_terms("127.0.0.1".parse().unwrap()).is_some());
    assert!(current.settings.address_terms(LISTED.parse().unwrap()).is_none());
}
