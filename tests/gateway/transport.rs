//! Sockets, protocols and bodies.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    trust::signs_in_fully,
    world::{Plan, World},
};

#[tokio::test]
async fn http_2_and_http_1_reach_the_portal_alike() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let request = visitor.request(Method::GET, "/public/x?y=1").body(Full::default()).unwrap();
    visitor.send_h2(request).await.reaches_the_portal();
    assert_eq!(world.portal.last().target, "/public/x?y=1");
    assert_eq!(world.portal.last().one("host").as_deref(), Some(visitor.host.as_str()));
    visitor.get("/public/x").await.reaches_the_portal();
}

#[tokio::test]
async fn bodies_pass_both_ways_unchanged() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    let body: Bytes = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>().into();
    for version_2 in [false, true] {
        let request = visitor.request(Method::POST, "/public/x").body(Full::new(body.clone())).unwrap();
        let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
        assert_eq!(answer.body.len(), body.len());
        assert!(answer.body == body);
    }
}

#[tokio::test]
async fn plain_http_only_redirects() {
    let world = World::start().await;
    let known = format!("https://wiki.localhost:{}/reports?x=1", world.https.port());
    for (method, host, status, location) in [
        ("GET", "wiki.localhost", "301", Some(&*known)),
        ("POST", "wiki.localhost", "308", Some(&*known)),
        ("GET", "other.localhost", "421", None),
    ] {
        let mut stream = tokio::net::TcpStream::connect(world.http).await.unwrap();
        let head = format!("{method} /reports?x=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{method} {host}: {answer}");
        let shown = answer.lines().find_map(|line| line.strip_prefix("location: "));
        assert_eq!(shown, location, "{method} {host}: {answer}");
    }
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn an_upstream_that_is_down_is_a_502_page_with_the_request_id() {
    let rules = "[[portal.rule]]\npath = \"/**\"\npolicy = \"bypass\"\n\n\
                 [[portal]]\nname = \"gone\"\nhosts = [\"gone.localhost\"]\nupstream = \"http://127.0.0.1:9\"\n\n\
                 [[portal.rule]]\npath = \"/**\"\npolicy = \"bypass\"\n";
    let world = World::plan(Plan { rules, ..Default::default() }).await;
    let mut visitor = world.visitor();
    let host = format!("gone.localhost:{}", world.https.port());
    let request =
        Request::get("/x").header("host", host).header("accept", "text/html").body(Full::default()).unwrap();
    let answer = visitor.send(request).await;
    answer.has_status(502);
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert!(answer.text().contains(id), "{}", answer.text());
    visitor.get("/x").await.reaches_the_portal();
}

/// Opens a WebSocket through the gateway with the visitor's cookies.
async fn socket(
    visitor: &crate::visitor::Visitor,
    path: &str,
) -> tokio_tungstenite::WebSocketStream<TokioIo<hyper::upgrade::Upgraded>> {
    let stream = visitor.connect(&[b"http/1.1"]).await;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    let request = visitor
        .request(Method::GET, path)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("origin", format!("https://{}", visitor.host))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 101, "{response:?}");
    let upgraded = hyper::upgrade::on(response).await.unwrap();
    let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
    tokio_tungstenite::WebSocketStream::from_raw_socket(TokioIo::new(upgraded), role, None).await
}

#[tokio::test]
async fn a_websocket_passes_and_ends_with_its_session() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let mut socket = socket(&anna, "/live").await;
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    assert_eq!(world.portal.last().one("remote-user").as_deref(), Some("anna"));
    anna.open("/.vestibule/logout").await;
    anna.submit("/.vestibule/logout", &[("scope", "here")]).await;
    let end = tokio::time::timeout(std::time::Duration::from_secs(3), async {
        while let Some(Ok(_)) = socket.next().await {}
    });
    end.await.expect("the socket is cut when its session ends");
}

#[tokio::test]
async fn a_websocket_ends_when_the_rules_no_longer_let_it_through() {
    for (from, to) in
        [("upstream = ", "enabled = false\nupstream = "), ("policy = \"two_factor\"", "policy = \"deny\"")]
    {
        for path in ["/live", "/public/live"] {
            let world = World::start().await;
            world.links_an_app("anna").await;
            let mut anna = world.visitor();
            signs_in_fully(&world, &mut anna, &[]).await;
            let mut socket = socket(&anna, path).await;
            socket.send(Message::text("hello")).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
            let file = std::fs::read_to_string(world.file()).unwrap();
            std::fs::write(world.file(), file.replace(from, to)).unwrap();
            world.current.reload(&world.file(), |_| Ok(())).unwrap();
            let end = tokio::time::timeout(std::time::Duration::from_secs(3), async {
                while let Some(Ok(_)) = socket.next().await {}
            });
            let is_cut = end.await.is_ok();
            // A public path goes on as long as its own rule does.
            assert_eq!(is_cut, path == "/live" || to.contains("enabled"), "{path} {to}");
        }
    }
}

#[tokio::test]
async fn a_websocket_of_another_origin_is_refused() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let before = world.portal.count();
    let request = anna
        .request(Method::GET, "/live")
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("origin", "https://evil.example")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .body(Full::default())
        .unwrap();
    anna.send(request).await.has_status(403);
    assert_eq!(world.portal.count(), before);
}

#[tokio::test]
async fn health_and_metrics_are_on_the_internal_listener_only() {
    let world = World::start().await;
    let ask = async |address, path: &str| {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get(path).header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap(),
        )
    };
    world.visitor().get("/public/x").await.reaches_the_portal();
    for path in ["/healthz", "/readyz", "/version"] {
        assert_eq!(ask(world.internal, path).await.0, 200, "{path}");
    }
    let (status, metrics) = ask(world.internal, "/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("vestibule_requests_total{outcome=\"forwarded\"} 1"), "{metrics}");
    assert!(world.visitor().get("/metrics").await.status != 200);
}
