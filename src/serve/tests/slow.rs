//! Visitors over HTTP/2 who are there and do nothing: none of them may keep a connection or a stream.

use std::{convert::Infallible, rc::Rc, time::Duration};

use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    task::{JoinHandle, LocalSet, spawn_local},
    time::timeout,
};

use super::super::{
    connection::{Patience, serve_h2},
    crowd::{Guests, Peer},
    rim::Asked,
    shared::Draining,
    streams::{Counted, Streams},
};
use crate::proxy::Body;

const SOON: Duration = Duration::from_secs(10);
const NOW: Duration = Duration::from_millis(100);
const NEVER: Duration = Duration::from_secs(3600);
const UNTIL_TOLD: Patience = Patience { greeting: NEVER, idle: NEVER, farewell: NEVER, stall: NEVER };

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_TAKEN: &[u8] = &[0, 0, 0, 4, 1, 0, 0, 0, 0];

struct Served {
    visitor: DuplexStream,
    streams: Rc<Streams>,
    outcome: JoinHandle<Result<(), hyper::Error>>,
}

/// A connection to a gateway that answers everything with a few words.
fn serve(patience: Patience) -> Served {
    let (visitor, ours) = duplex(64 * 1024);
    let streams = Streams::of(Guests::default().welcome([192, 0, 2, 1].into(), Peer::Visitor));
    let service = tower::service_fn(|mut asked: Asked| {
        if *asked.method() == Method::CONNECT {
            spawn_local(async move {
                let mut tunnel = TokioIo::new(hyper::upgrade::on(&mut asked).await.unwrap());
                // To the visitor's end of it.
                let _ = tokio::io::copy(&mut tunnel, &mut tokio::io::sink()).await;
            });
            return std::future::ready(Ok(Response::new(Body::empty())));
        }
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::of("a few words"))))
    });
    let service = Counted { service, streams: streams.clone() };
    let counted = streams.clone();
    let outcome =
        spawn_local(async move { serve_h2(ours, service, &counted, &Draining::default(), &patience).await });
    Served { visitor, streams, outcome }
}

impl Served {
    async fn end(self) -> Result<(), hyper::Error> {
        timeout(SOON, self.outcome).await.expect("the connection ends").unwrap()
    }
}

async fn local<F: Future<Output = ()>>(test: F) {
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn who_never_greets_is_not_waited_for() {
    local(async {
        for greeting in [&b""[..], b"PRI * ", PREFACE, &[PREFACE, &SETTINGS[..8]].concat()] {
            let mut served = serve(Patience { greeting: NOW, ..UNTIL_TOLD });
            served.visitor.write_all(greeting).await.unwrap();
            assert!(served.end().await.is_err(), "{greeting:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_greeted_may_take_time() {
    local(async {
        let mut served = serve(Patience { greeting: NOW, ..UNTIL_TOLD });
        served.visitor.write_all(&[PREFACE, SETTINGS].concat()).await.unwrap();
        assert!(timeout(NOW * 3, &mut served.outcome).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_farewell_needs_no_consent() {
    local(async {
        let mut served = serve(Patience { idle: NOW, farewell: NOW, ..UNTIL_TOLD });
        served.visitor.write_all(&[PREFACE, SETTINGS, SETTINGS_TAKEN].concat()).await.unwrap();
        served.end().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn asking_on_after_the_farewell_keeps_nothing_open() {
    local(async {
        let mut served = serve(Patience { idle: NOW, farewell: NOW * 3, ..UNTIL_TOLD });
        served.visitor.write_all(&[PREFACE, SETTINGS, SETTINGS_TAKEN].concat()).await.unwrap();
        let (mut reader, mut writer) = tokio::io::split(served.visitor);
        // What comes back is taken, but the ping that asks for consent is not answered.
        let taking = spawn_local(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
        let asking = spawn_local(async move {
            // By then the farewell was said.
            tokio::time::sleep(NOW * 2).await;
            for stream in (1_u8..=255).step_by(2) {
                // GET https://a/, complete.
                let ask = [0, 0, 6, 1, 5, 0, 0, 0, stream, 0x82, 0x87, 0x84, 0x41, 1, b'a'];
                if writer.write_all(&ask).await.is_err() {
                    return;
                }
                tokio::time::sleep(NOW / 4).await;
            }
            panic!("the connection outlived its farewell");
        });
        timeout(SOON, served.outcome).await.expect("the connection ends").unwrap().unwrap();
        timeout(SOON, asking).await.unwrap().unwrap();
        taking.abort();
    })
    .await;
}

#[derive(Clone)]
struct Here;

impl<F: Future<Output: 'static> + 'static> hyper::rt::Executor<F> for Here {
    fn execute(&self, task: F) {
        spawn_local(task);
    }
}

#[tokio::test]
async fn a_stream_whose_window_stays_closed_is_reset_alone() {
    local(async {
        let served = serve(Patience { stall: NOW, ..UNTIL_TOLD });
        let (mut sender, connection) = http2::Builder::new(Here)
            .initial_stream_window_size(0)
            .handshake(TokioIo::new(served.visitor))
            .await
            .unwrap();
        spawn_local(connection);
        for _ in 0..2 {
            let request = Request::get("https://a/").body(Empty::<&[u8]>::new()).unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert!(served.streams.idle_since().is_none());
            let body = timeout(SOON, response.into_body().collect()).await.expect("the stream ends");
            assert!(body.is_err());
            // With the body went everything that it held.
            assert!(served.streams.idle_since().is_some());
        }
        assert!(!served.outcome.is_finished());
    })
    .await;
}

#[tokio::test]
async fn a_tunnel_keeps_its_connection_until_it_ends() {
    local(async {
        let served = serve(Patience { idle: NOW, farewell: NOW, ..UNTIL_TOLD });
        let (mut sender, connection) = http2::handshake(Here, TokioIo::new(served.visitor)).await.unwrap();
        spawn_local(connection);
        // The settings that offer it came with the first answer.
        let request = Request::get("https://a/").body(Empty::<&[u8]>::new()).unwrap();
        sender.send_request(request).await.unwrap().into_body().collect().await.unwrap();
        let mut request = Request::connect("https://a/").body(Empty::<&[u8]>::new()).unwrap();
        request.extensions_mut().insert(hyper::ext::Protocol::from_static("websocket"));
        let tunnel = hyper::upgrade::on(sender.send_request(request).await.unwrap()).await.unwrap();
        tokio::time::sleep(NOW * 4).await;
        assert!(served.streams.idle_since().is_none() && !served.outcome.is_finished());
        drop(tunnel);
        // Who of the two hangs up first is left open.
        let _ = timeout(SOON, served.outcome).await.expect("the connection ends").unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_is_read_is_left_alone() {
    local(async {
        let served = serve(Patience { stall: NOW, ..UNTIL_TOLD });
        let (mut sender, connection) = http2::handshake(Here, TokioIo::new(served.visitor)).await.unwrap();
        spawn_local(connection);
        let request = Request::get("https://a/").body(Empty::<&[u8]>::new()).unwrap();
        let body = sender.send_request(request).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), "a few words");
    })
    .await;
}

#[tokio::test]
async fn plain_connections_take_no_place_from_those_over_tls() {
    let running = super::Running::start().await;
    let mut plain = Vec::new();
    for _ in 0..2000 {
        // Those above the share of one address are closed at once.
        let Ok(stream) = tokio::net::TcpStream::connect(running.http).await else { break };
        plain.push(stream);
    }
    let stream = running.handshake("a.example.com", b"http/1.1").await;
    let answer =
        super::ask(stream, "GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 303 ") || answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let mut last = plain.pop().unwrap();
    assert_eq!(timeout(SOON, last.read(&mut [0])).await.expect("the last one is closed").unwrap_or(0), 0);
    drop(plain);
    running.end().await;
}
