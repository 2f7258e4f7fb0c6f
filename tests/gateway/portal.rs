//! A portal that cannot be changed: it answers every request with what it received.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What the portal saw of one request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the body came to its end.
    pub(crate) is_whole: bool,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Seen {
    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    /// The one value of a header; fails the test if there are more.
    pub(crate) fn one(&self, name: &str) -> Option<String> {
        let all = self.all(name);
        assert!(all.len() <= 1, "{name} came {} times", all.len());
        all.into_iter().next()
    }
}

/// A running portal.
pub(crate) struct Portal {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Portal {
    /// Starts one on a loopback port of its own, on a thread of its own.
    pub(crate) fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::new(AtomicUsize::new(0));
        let (tell, told) = std::sync::mpsc::channel();
        let (log, count) = (seen.clone(), requests.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (log, count) = (log.clone(), count.clone());
                    tokio::spawn(async move {
                        let service = service_fn(move |request| answer(request, log.clone(), count.clone()));
                        let _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .with_upgrades()
                            .await;
                    });
                }
            });
        });
        Self { address: told.recv().unwrap(), seen, requests }
    }

    /// What the last request looked like when it arrived.
    pub(crate) fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().cloned().expect("the portal was asked")
    }

    /// The bodies that arrived whole.
    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.is_whole).map(|seen| seen.body.clone()).collect()
    }

    /// How many requests arrived.
    pub(crate) fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn answer(
    request: Request<Incoming>,
    log: Arc<Mutex<Vec<Seen>>>,
    count: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    count.fetch_add(1, Ordering::SeqCst);
    let is_socket = request.headers().get("upgrade").is_some_and(|value| value == "websocket");
    let (mut head, body) = request.into_parts();
    let upgrade = head.extensions.remove::<hyper::upgrade::OnUpgrade>();
    let collected = body.collect().await;
    let trailers = collected.as_ref().ok().and_then(|body| body.trailers().cloned());
    let is_whole = collected.is_ok();
    let body = collected.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let target = head.uri.to_string();
    log.lock().unwrap().push(Seen {
        target: target.clone(),
        headers: head.headers.clone(),
        body: body.clone(),
        is_whole,
        trailers,
    });
    if is_socket {
        return Ok(echo_socket(&head.headers, upgrade));
    }
    let path = head.uri.path();
    let mut response =
        Response::new(Full::new(if body.is_empty() { Bytes::from("the portal's own page") } else { body }));
    match path {
        "/sets-cookies" => {
            for value in [
                "plain=1; Path=/",
                "__Host-vestibule=stolen; Path=/; Secure",
                " __HOST-vestibule-device=x",
                "=nameless",
            ] {
                response.headers_mut().append("set-cookie", value.trim_start().parse().unwrap());
            }
            response.headers_mut().insert("clear-site-data", "\"cookies\"".parse().unwrap());
        }
        "/lax" => {
            response.headers_mut().insert("strict-transport-security", "max-age=0".parse().unwrap());
        }
        "/missing" => *response.status_mut() = StatusCode::NOT_FOUND,
        "/cached" => {
            response.headers_mut().insert("cache-control", "public, max-age=60".parse().unwrap());
        }
        _ => {}
    }
    Ok(response)
}

fn echo_socket(headers: &HeaderMap, upgrade: Option<hyper::upgrade::OnUpgrade>) -> Response<Full<Bytes>> {
    let key = headers.get("sec-websocket-key").expect("a handshake has a key");
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    if let Some(upgrade) = upgrade {
        tokio::spawn(async move {
            use futures_util::{SinkExt, StreamExt};
            let io = TokioIo::new(upgrade.await.unwrap());
            let role = tokio_tungstenite::tungstenite::protocol::Role::Server;
            let mut socket = tokio_tungstenite::WebSocketStream::from_raw_socket(io, role, None).await;
            while let Some(Ok(message)) = socket.next().await {
                if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
                    break;
                }
            }
        });
    }
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", accept)
        .body(Full::default())
        .unwrap()
}
