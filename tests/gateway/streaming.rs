//! Bodies travel as they come: each side has the first part before the other side has sent the last.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use vestibule::domain::identity::UserId;

use crate::{
    trust::signs_in_fully,
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

/// Whoever waits longer than this waits for the end of the body.
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// An upstream that takes one connection, and its address.
async fn upstream() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn world_before(address: SocketAddr) -> World {
    World::plan(Plan { upstream: Some(format!("upstream = \"http://{address}\"")), ..Default::default() })
        .await
}

async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        heard.push(stream.read_u8().await.unwrap());
    }
}

/// Sends a request, its body still to come, and returns the response, its body still to come.
pub(crate) async fn send<B>(visitor: &Visitor, request: Request<B>, version_2: bool) -> Response<Incoming>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    if version_2 {
        let io = TokioIo::new(visitor.connect(&[b"h2"]).await);
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        let (mut head, body) = request.into_parts();
        head.headers.remove("host");
        head.uri = format!("https://{}{}", visitor.host, head.uri).parse().unwrap();
        sender.send_request(Request::from_parts(head, body)).await.unwrap()
    } else {
        let io = TokioIo::new(visitor.connect(&[b"http/1.1"]).await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    }
}

#[tokio::test]
async fn a_visitor_has_the_first_part_before_the_upstream_sends_the_second() {
    for version_2 in [false, true] {
        let (listener, address) = upstream().await;
        let world = world_before(address).await;
        let (go_on, mut told) = mpsc::unbounded_channel();
        let sending = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_until(&mut stream, "\r\n\r\n").await;
            let first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
            stream.write_all(first).await.unwrap();
            told.recv().await.unwrap();
            stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.unwrap();
            stream
        });
        let visitor = world.visitor();
        let request = visitor.request(http::Method::GET, "/public/x").body(Empty::<Bytes>::new()).unwrap();
        let answer = timeout(SOON, send(&visitor, request, version_2)).await.expect("the head comes at once");
        let mut body = answer.into_body();
        let first = timeout(SOON, body.frame()).await.expect("the first part comes at once");
        assert_eq!(first.unwrap().unwrap().into_data().unwrap(), "first");
        go_on.send(()).unwrap();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "second");
        drop(sending.await.unwrap());
    }
}

#[tokio::test]
async fn an_upstream_has_the_first_part_before_the_visitor_sends_the_second() {
    for version_2 in [false, true] {
        let (listener, address) = upstream().await;
        let world = world_before(address).await;
        let (tell, mut arrived) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_until(&mut stream, "first\r\n").await;
            tell.send(()).unwrap();
            read_until(&mut stream, "second\r\n0\r\n\r\n").await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nboth").await.unwrap();
            // Kept open until the gateway closes it.
            let _ = stream.read_u8().await;
        });
        let (part, parts) = mpsc::unbounded_channel::<Bytes>();
        let parts = futures_util::stream::unfold(parts, |mut parts| async {
            let part = parts.recv().await?;
            Some((Ok::<_, Infallible>(Frame::data(part)), parts))
        });
        let visitor = world.visitor();
        let body = StreamBody::new(Box::pin(parts));
        let request = visitor.request(http::Method::POST, "/public/x").body(body).unwrap();
        let asking = tokio::spawn(async move { send(&visitor, request, version_2).await });
        part.send("first".into()).unwrap();
        timeout(SOON, arrived.recv()).await.expect("the first part arrives at once").unwrap();
        part.send("second".into()).unwrap();
        drop(part);
        let answer = timeout(SOON, asking).await.expect("the answer comes").unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "both");
    }
}

/// An upstream that sends an event whenever it is told to.
pub(crate) async fn events() -> (SocketAddr, mpsc::UnboundedSender<&'static str>) {
    let (listener, address) = upstream().await;
    let (tell, mut told) = mpsc::unbounded_channel::<&str>();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_until(&mut stream, "\r\n\r\n").await;
        let head =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while let Some(event) = told.recv().await {
            let chunk = format!("{:x}\r\n{event}\r\n", event.len());
            // The gateway may have gone.
            let _ = stream.write_all(chunk.as_bytes()).await;
        }
    });
    (address, tell)
}

#[tokio::test]
async fn a_stream_of_events_carries_nothing_after_its_session_or_its_trust_ended() {
    for ends_session in [true, false] {
        let (address, tell) = events().await;
        let world = world_before(address).await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        signs_in_fully(&world, &mut anna, &["trust_device"]).await;
        anna.loses_the_session();
        anna.signs_in("/", "anna", PASSWORD).await.leads_to("/");
        let request = anna.request(http::Method::GET, "/events").body(Empty::<Bytes>::new()).unwrap();
        let answer = timeout(SOON, send(&anna, request, false)).await.expect("the head comes at once");
        let mut body = answer.into_body();
        tell.send("one").unwrap();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");

        let (store, person) = (&world.services.store, UserId::new("anna"));
        if ends_session {
            store.close_sessions_of(&person, None).await.unwrap();
        } else {
            assert_eq!(store.revoke_trusts_of(&person).await.unwrap(), 1);
        }
        // Asked about once a second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        tell.send("two").unwrap();
        let rest = timeout(SOON, body.collect()).await.expect("the stream is cut");
        assert!(rest.is_err(), "{rest:?}");
    }
}

#[tokio::test]
async fn a_stream_that_began_with_a_fresh_factor_goes_on_when_it_is_no_longer_fresh_and_ends_with_its_session()
 {
    let (address, tell) = events().await;
    let rules = "[[portal.rule]]\npath = \"/**\"\npolicy = \"two_factor\"\nmax_age = \"5m\"\n";
    let upstream = Some(format!("upstream = \"http://{address}\""));
    let world = World::plan(Plan { upstream, rules, ..Default::default() }).await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    let request = anna.request(http::Method::GET, "/events").body(Empty::<Bytes>::new()).unwrap();
    let answer = timeout(SOON, send(&anna, request, false)).await.expect("the head comes at once");
    let mut body = answer.into_body();
    world.clock.advance(Duration::from_secs(301));
    anna.get("/events").await.meets_second_factor();
    // Asked about once a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    tell.send("one").unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");

    world.services.store.close_sessions_of(&UserId::new("anna"), None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    tell.send("two").unwrap();
    let rest = timeout(SOON, body.collect()).await.expect("the stream is cut");
    assert!(rest.is_err(), "{rest:?}");
}

#[tokio::test]
async fn an_early_answer_to_an_unfinished_upload_arrives_and_so_does_the_next_request() {
    const REFUSAL: &[u8] =
        b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo much";
    for version_2 in [false, true] {
        let (listener, address) = upstream().await;
        let world = world_before(address).await;
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                // The head is enough: not a byte of the body is read, and the connection is hung up.
                read_until(&mut stream, "\r\n\r\n").await;
                stream.write_all(REFUSAL).await.unwrap();
            }
        });
        let visitor = world.visitor();
        for _ in 0..3 {
            let body = http_body_util::Full::new(Bytes::from(vec![b'x'; 8 << 20]));
            let request = visitor.request(http::Method::POST, "/public/x").body(body).unwrap();
            let answer = timeout(SOON, send(&visitor, request, version_2)).await.expect("an answer");
            assert_eq!(answer.status(), 413, "{version_2}");
            assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "too much");
        }
    }
}

#[tokio::test]
async fn who_asks_before_sending_is_told_to_go_on_only_where_the_body_is_wanted() {
    let (listener, address) = upstream().await;
    let world = world_before(address).await;
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_until(&mut stream, "hello").await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").await.unwrap();
        let _ = stream.read_u8().await;
    });
    let visitor = world.visitor();
    for (path, first, then) in [
        ("/closed/x", "HTTP/1.1 403 Forbidden\r\n", ""),
        ("/private", "HTTP/1.1 401 Unauthorized\r\n", ""),
        ("/public/x", "HTTP/1.1 100 Continue\r\n", "HTTP/1.1 200 OK\r\n"),
    ] {
        let mut stream = visitor.connect(&[b"http/1.1"]).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
            visitor.host
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut line = async || {
            let mut heard = Vec::new();
            while !heard.ends_with(b"\r\n") {
                heard.push(timeout(SOON, stream.read_u8()).await.expect("a line").unwrap());
            }
            String::from_utf8(heard).unwrap()
        };
        assert_eq!(line().await, first, "{path}");
        if !then.is_empty() {
            assert_eq!(line().await, "\r\n");
            stream.write_all(b"hello").await.unwrap();
            let mut heard = vec![0; then.len()];
            timeout(SOON, stream.read_exact(&mut heard)).await.expect("an answer").unwrap();
            assert_eq!(String::from_utf8(heard).unwrap(), then);
        }
    }
}
