//! WebSockets on HTTP/1.1 and by extended CONNECT on HTTP/2: judged alike, carried alike, and ended with their session.

use std::{
    future::{Future as _, poll_fn},
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::{ext::Protocol, upgrade::Upgraded};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};
use vestibule::{
    domain::{identity::UserId, time::days},
    runtime::control::{
        By, Control,
        words::{Answer, Request as Asked, Which},
    },
};

use crate::{
    streaming::{SOON, events, send},
    trust::signs_in_fully,
    visitor::Visitor,
    world::{Plan, World},
};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What is said for a WebSocket besides method and address.
fn dress(
    visitor: &Visitor,
    mut request: http::request::Builder,
    origin: Option<&str>,
) -> Request<Empty<Bytes>> {
    let own = format!("https://{}", visitor.host);
    request = request.header("sec-websocket-version", "13").header("origin", origin.unwrap_or(&own));
    request.body(Empty::new()).unwrap()
}

/// Asks for a WebSocket; what came back, and the socket if it was granted.
async fn ask(
    visitor: &Visitor,
    path: &str,
    origin: Option<&str>,
    version_2: bool,
) -> (StatusCode, HeaderMap, Option<Socket>) {
    let response = if version_2 {
        let url = format!("https://{}{path}", visitor.host);
        let cookies = visitor.request(Method::GET, path).body(()).unwrap().headers().get("cookie").cloned();
        let mut request = dress(visitor, Request::connect(url), origin);
        request.extensions_mut().insert(Protocol::from_static("websocket"));
        if let Some(cookies) = cookies {
            request.headers_mut().insert("cookie", cookies);
        }
        connect(visitor, request).await.expect("an answer")
    } else {
        let request = visitor
            .request(Method::GET, path)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let io = TokioIo::new(visitor.connect(&[b"http/1.1"]).await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection.with_upgrades());
        sender.send_request(dress(visitor, request, origin)).await.unwrap()
    };
    let (status, headers) = (response.status(), response.headers().clone());
    if status != if version_2 { 200 } else { 101 } {
        return (status, headers, None);
    }
    let upgraded = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    (status, headers, Some(WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await))
}

/// Sends an extended CONNECT once the gateway has said that it takes them.
async fn connect(
    visitor: &Visitor,
    request: Request<Empty<Bytes>>,
) -> Result<http::Response<hyper::body::Incoming>, hyper::Error> {
    let io = TokioIo::new(visitor.connect(&[b"h2"]).await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let mut connection = Box::pin(connection);
    let said = poll_fn(|cx| {
        assert!(connection.as_mut().poll(cx).is_pending(), "the connection lives");
        if connection.is_extended_connect_protocol_enabled() { Poll::Ready(()) } else { Poll::Pending }
    });
    timeout(SOON, said).await.expect("extended CONNECT is offered");
    tokio::spawn(connection);
    sender.send_request(request).await
}

async fn open(visitor: &Visitor, path: &str, version_2: bool) -> Socket {
    let (status, headers, socket) = ask(visitor, path, None, version_2).await;
    socket.unwrap_or_else(|| panic!("{status} {headers:?}"))
}

async fn echoes(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
}

async fn anna_in(world: &World) -> Visitor {
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(world, &mut anna, &["trust_device"]).await;
    anna
}

#[tokio::test]
async fn a_websocket_reaches_the_portal_as_the_same_handshake_on_both_protocols() {
    let world = World::start().await;
    let anna = anna_in(&world).await;
    let mut seen = Vec::new();
    for version_2 in [false, true] {
        let mut socket = open(&anna, "/live?room=1", version_2).await;
        for text in ["hello", &"x".repeat(300_000), "bye"] {
            echoes(&mut socket, text).await;
        }
        let last = world.portal.last();
        assert_eq!(last.target, "/live?room=1");
        assert_eq!(last.one("remote-user").as_deref(), Some("anna"));
        assert_eq!(last.one("sec-websocket-key").unwrap().len(), 24);
        seen.push(last.headers);
        socket.close(None).await.unwrap();
    }
    for headers in &mut seen {
        for differs in ["sec-websocket-key", "x-request-id"] {
            headers.remove(differs);
        }
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_websocket_is_refused_alike_on_both_protocols() {
    let world = World::start().await;
    let anna = anna_in(&world).await;
    let stranger = world.visitor();
    let before = world.portal.count();
    for version_2 in [false, true] {
        for (visitor, path, origin, status) in [
            (&anna, "/live", Some("https://evil.example"), 403),
            (&anna, "/live", Some("null"), 403),
            (&stranger, "/live", None, 401),
            (&anna, "/closed/live", None, 403),
            (&anna, "/a/../live", None, 400),
            (&anna, "/.vestibule/nowhere", None, 404),
        ] {
            let (told, headers, _) = ask(visitor, path, origin, version_2).await;
            assert_eq!(told, status, "{path} {origin:?} {version_2}");
            assert!(headers.contains_key("x-request-id"));
        }
    }
    // A page of ours is no socket.
    assert_eq!(ask(&stranger, "/.vestibule/login", None, true).await.0, 400);
    assert_eq!(world.portal.count(), before);
}

#[tokio::test]
async fn no_other_connect_is_forwarded() {
    let world = World::start().await;
    let anna = anna_in(&world).await;
    let before = world.portal.count();
    let url = format!("https://{}/public/live", anna.host);
    for protocol in ["connect-udp", "WebSocket", "websocket2"] {
        let mut request = dress(&anna, Request::connect(&url), None);
        request.extensions_mut().insert(Protocol::from(protocol));
        assert_eq!(connect(&anna, request).await.unwrap().status(), 405, "{protocol}");
    }
    let mut old = dress(&anna, Request::connect(&url), None);
    old.extensions_mut().insert(Protocol::from_static("websocket"));
    old.headers_mut().insert("sec-websocket-version", "8".parse().unwrap());
    assert_eq!(connect(&anna, old).await.unwrap().status(), 405);
    // To another server, as to a proxy.
    let plain = Request::connect("wiki.localhost:443").body(Empty::new()).unwrap();
    assert_eq!(connect(&anna, plain).await.unwrap().status(), 405);
    assert_eq!(world.portal.count(), before);
}

#[tokio::test]
async fn an_upstream_that_does_not_agree_to_this_very_handshake_gets_no_tunnel() {
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    let wrong = format!("{switched}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n\r\n");
    let other = switched.replace("Upgrade: websocket", "Upgrade: h2c") + "\r\n";
    for (answer, on_1, on_2) in [
        (wrong.as_str(), 502, 502),
        (&other, 502, 502),
        (&format!("{switched}\r\n"), 502, 502),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 400),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, 400),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403, 403),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("upstream = \"http://{}\"", listener.local_addr().unwrap());
        let words = answer.to_owned();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let words = words.clone();
                tokio::spawn(async move {
                    read_head(&mut stream).await;
                    stream.write_all(words.as_bytes()).await.unwrap();
                    read_head(&mut stream).await;
                });
            }
        });
        let world = World::plan(Plan { upstream: Some(upstream), ..Default::default() }).await;
        let visitor = world.visitor();
        for (version_2, status) in [(false, on_1), (true, on_2)] {
            let (told, _, socket) = ask(&visitor, "/public/live", None, version_2).await;
            assert_eq!((told.as_u16(), socket.is_some()), (status, false), "{answer} {version_2}");
        }
    }
}

async fn read_head(stream: &mut TcpStream) {
    use tokio::io::AsyncReadExt;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

/// What ends a session, or what it stands on.
#[derive(Clone, Copy, Debug)]
enum End {
    SignOut,
    Command,
    Expiry,
    Removal,
}

async fn end(world: &World, anna: &mut Visitor, how: End) -> Instant {
    match how {
        End::SignOut => {
            anna.open("/.vestibule/logout").await;
            anna.submit("/.vestibule/logout", &[("scope", "here")]).await.has_status(303);
        }
        End::Command => {
            let (services, current) = (world.services.clone(), world.current.clone());
            let control = Control::new(services, current, world.file(), Box::new(|_| Ok(())));
            let which = Which::Of { user: "anna".to_owned() };
            let answer = control.answer(Asked::SessionRevoke(which), &By::User(0)).await;
            assert!(!matches!(answer, Answer::Refused { .. }), "{answer:?}");
        }
        End::Expiry => world.clock.advance(days(60)),
        End::Removal => {
            let users = world.folder.path().join("users.toml");
            let text = std::fs::read_to_string(&users).unwrap();
            std::fs::write(&users, text.replace("name = \"anna\"", "name = \"hanna\"")).unwrap();
            world.current.reload(&world.file(), |_| Ok(())).unwrap();
        }
    }
    Instant::now()
}

#[tokio::test]
async fn a_websocket_ends_within_a_second_of_its_session_on_both_protocols() {
    for how in [End::SignOut, End::Command, End::Expiry, End::Removal] {
        let world = World::start().await;
        let mut anna = anna_in(&world).await;
        let (mut one, mut two) = (open(&anna, "/live", false).await, open(&anna, "/live", true).await);
        let mut public = open(&world.visitor(), "/public/live", true).await;
        for socket in [&mut one, &mut two, &mut public] {
            echoes(socket, "hello").await;
        }
        let ended = end(&world, &mut anna, how).await;
        for (socket, version_2) in [(&mut one, false), (&mut two, true)] {
            let cut = timeout(SOON, async { while let Some(Ok(_)) = socket.next().await {} });
            cut.await.expect("the socket is cut");
            assert!(ended.elapsed() < Duration::from_secs(1), "{how:?} {version_2}: {:?}", ended.elapsed());
        }
        echoes(&mut public, "still here").await;
    }
}

#[tokio::test]
async fn a_silent_stream_ends_within_a_second_of_its_session_on_both_protocols() {
    for how in [End::SignOut, End::Command, End::Expiry] {
        for version_2 in [false, true] {
            let (address, tell) = events().await;
            let upstream = Some(format!("upstream = \"http://{address}\""));
            let world = World::plan(Plan { upstream, ..Default::default() }).await;
            let mut anna = anna_in(&world).await;
            let request = anna.request(Method::GET, "/events").body(Empty::<Bytes>::new()).unwrap();
            let answer =
                timeout(SOON, send(&anna, request, version_2)).await.expect("the head comes at once");
            let mut body = answer.into_body();
            tell.send("one").unwrap();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
            let ended = end(&world, &mut anna, how).await;
            let rest = timeout(SOON, body.collect()).await.expect("the stream is cut");
            assert!(rest.is_err(), "{rest:?}");
            assert!(ended.elapsed() < Duration::from_secs(1), "{how:?} {version_2}: {:?}", ended.elapsed());
        }
    }
}

#[tokio::test]
async fn who_waits_for_an_answer_is_told_within_a_second_that_the_session_ended() {
    for version_2 in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Some(format!("upstream = \"http://{}\"", listener.local_addr().unwrap()));
        let world = World::plan(Plan { upstream, ..Default::default() }).await;
        let anna = anna_in(&world).await;
        let request = anna
            .request(Method::GET, "/news")
            .header("sec-fetch-mode", "cors")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let waiting = tokio::spawn(async move { send(&anna, request, version_2).await.status() });
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        world.services.store.close_sessions_of(&UserId::new("anna"), None).await.unwrap();
        let ended = Instant::now();
        assert_eq!(timeout(SOON, waiting).await.expect("it is told").unwrap(), 401);
        assert!(ended.elapsed() < Duration::from_secs(1), "{version_2}: {:?}", ended.elapsed());
    }
}
