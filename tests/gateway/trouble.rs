//! Upstreams in trouble: each kind has its answer, a request id, one log line and a count, and nobody else notices.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    access::{listen, warnings},
    streaming::SOON,
    trust::signs_in_fully,
    visitor::Visitor,
    world::{Plan, World},
};

/// What the upstream does with a request for a path, and what becomes of it.
struct Kind {
    path: &'static str,
    status: u16,
    /// Whether the answer has a beginning and no end.
    is_cut: bool,
    /// As it is counted; nothing where nothing is wrong in the end.
    trouble: Option<&'static str>,
}

const fn kind(path: &'static str, status: u16, trouble: &'static str) -> Kind {
    Kind { path, status, is_cut: false, trouble: Some(trouble) }
}

const fn cut(path: &'static str) -> Kind {
    Kind { path, status: 200, is_cut: true, trouble: Some("cut") }
}

const fn fine(path: &'static str) -> Kind {
    Kind { path, status: 200, is_cut: false, trouble: None }
}

const KINDS: [Kind; 23] = [
    kind("/hangs-up", 502, "reset"),
    kind("/hangs-up-within-the-head", 502, "reset"),
    kind("/says-nothing", 504, "timeout"),
    kind("/slow-head", 504, "timeout"),
    kind("/storm", 502, "garbage"),
    kind("/slow-storm", 504, "timeout"),
    kind("/garbage", 502, "garbage"),
    kind("/old", 502, "garbage"),
    kind("/folded", 502, "garbage"),
    kind("/two-lengths", 502, "garbage"),
    kind("/length-and-chunks", 502, "garbage"),
    kind("/no-length", 502, "garbage"),
    kind("/long-head", 502, "garbage"),
    kind("/many-fields", 502, "garbage"),
    kind("/switches", 502, "garbage"),
    cut("/resets-within-the-body"),
    cut("/ends-within-its-length"),
    cut("/ends-within-its-chunks"),
    cut("/bad-chunk"),
    cut("/slow-body"),
    fine("/interim"),
    fine("/longer-than-it-said"),
    fine("/fine"),
];

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n";
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

/// Serves one connection. `/waits` is answered to its end when it is told to.
async fn serve(mut stream: TcpStream, go_on: Arc<Notify>) {
    loop {
        let Some(head) = read_head(&mut stream).await else { return };
        let path = head.split(' ').nth(1).unwrap_or_default();
        let words = match path {
            "/hangs-up" => return,
            "/hangs-up-within-the-head" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le").await;
                return;
            }
            "/says-nothing" => {
                sleep(SOON).await;
                return;
            }
            "/slow-head" => {
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Slow: very, very, very slow".iter().cycle() {
                    if stream.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
                return;
            }
            "/storm" | "/slow-storm" => {
                let pause = Duration::from_millis(if path == "/storm" { 0 } else { 20 });
                let hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".repeat(if pause.is_zero() { 1000 } else { 1 });
                while stream.write_all(&hint).await.is_ok() {
                    sleep(pause).await;
                }
                return;
            }
            "/resets-within-the-body" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart").await;
                sleep(Duration::from_millis(100)).await;
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                return;
            }
            "/slow-body" => {
                let _ = stream.write_all(CHUNKED.as_bytes()).await;
                sleep(SOON).await;
                return;
            }
            "/ends-within-its-length" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart").await;
                return;
            }
            "/ends-within-its-chunks" => {
                let _ = stream.write_all(CHUNKED.as_bytes()).await;
                return;
            }
            "/bad-chunk" => format!("{CHUNKED}what\r\n"),
            "/garbage" => "\u{1}\u{2}\u{3} this is no HTTP\r\n\r\n".to_owned(),
            "/old" => "<html>as they did in 1991</html>\r\n\r\n".to_owned(),
            "/folded" => "HTTP/1.1 200 OK\r\nX-A: 1\r\n folded\r\nContent-Length: 4\r\n\r\nfine".to_owned(),
            "/two-lengths" => {
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nfine".to_owned()
            }
            "/length-and-chunks" => {
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n".to_owned()
            }
            "/no-length" => "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nfine".to_owned(),
            "/long-head" => format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\nContent-Length: 4\r\n\r\nfine", "l".repeat(200_000)),
            "/many-fields" => {
                let fields: String = (0..300).map(|n| format!("X-F{n}: {n}\r\n")).collect();
                format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 4\r\n\r\nfine")
            }
            "/switches" => "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n".to_owned(),
            "/interim" => format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{FINE}"),
            "/longer-than-it-said" => format!("{FINE} and more than it said"),
            "/waits" => {
                let mut words = CHUNKED;
                loop {
                    if stream.write_all(words.as_bytes()).await.is_err() {
                        return;
                    }
                    words = "1\r\n.\r\n";
                    if timeout(Duration::from_millis(200), go_on.notified()).await.is_ok() {
                        break "0\r\n\r\n".to_owned();
                    }
                }
            }
            _ => FINE.to_owned(),
        };
        if stream.write_all(words.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn upstream() -> (SocketAddr, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let go_on = Arc::new(Notify::new());
    let told = go_on.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, told.clone()));
        }
    });
    (address, go_on)
}

type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;

async fn connection(visitor: &Visitor) -> Sender {
    let io = TokioIo::new(visitor.connect(&[b"h2"]).await);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(visitor: &Visitor, path: &str, version_2: bool) -> Request<Full<Bytes>> {
    let request =
        visitor.request(Method::GET, path).header("sec-fetch-mode", "cors").body(Full::default()).unwrap();
    if !version_2 {
        return request;
    }
    let (mut head, body) = request.into_parts();
    head.headers.remove("host");
    head.uri = format!("https://{}{path}", visitor.host).parse().unwrap();
    Request::from_parts(head, body)
}

async fn metrics(world: &World) -> String {
    let mut stream = TcpStream::connect(world.internal).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

fn counted(metrics: &str, kind: &str) -> u64 {
    let name = format!("vestibule_upstream_faults_total{{kind=\"{kind}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("{name}: {metrics}")).parse().unwrap()
}

#[tokio::test]
async fn each_trouble_of_an_upstream_has_its_answer_and_harms_nobody_else() {
    listen();
    let (address, go_on) = upstream().await;
    let upstream =
        format!("upstream = \"http://{address}\"\nresponse_timeout = \"700ms\"\nidle_timeout = \"1s\"");
    let world = World::plan(Plan { upstream: Some(upstream), ..Default::default() }).await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    // All over one connection, which the trouble of one request must not take along.
    let mut shared = connection(&anna).await;
    for version_2 in [false, true] {
        for Kind { path, status, is_cut, trouble } in KINDS {
            let before = metrics(&world).await;
            let mut beside = shared.clone();
            let waiting = request(&anna, "/waits", true);
            let waiting = tokio::spawn(async move {
                let response = beside.send_request(waiting).await.unwrap();
                (response.status(), response.into_body().collect().await)
            });
            let asked = request(&anna, path, version_2);
            let response = if version_2 {
                timeout(SOON, shared.send_request(asked))
                    .await
                    .unwrap_or_else(|_| panic!("no answer to {path}"))
                    .unwrap()
            } else {
                let io = TokioIo::new(anna.connect(&[b"http/1.1"]).await);
                let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                timeout(SOON, sender.send_request(asked))
                    .await
                    .unwrap_or_else(|_| panic!("no answer to {path}"))
                    .unwrap()
            };
            assert_eq!(response.status(), status, "{path} {version_2}");
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = timeout(SOON, response.into_body().collect())
                .await
                .unwrap_or_else(|_| panic!("no end of {path}"));
            assert_eq!(body.is_err(), is_cut, "{path} {version_2}: {body:?}");
            if trouble.is_none() {
                assert_eq!(body.unwrap().to_bytes(), "fine", "{path}");
            }
            go_on.notify_one();
            let (beside, body) = timeout(SOON, waiting).await.expect("it goes on").unwrap();
            assert_eq!(beside, 200, "beside {path}");
            assert!(body.unwrap().to_bytes().starts_with(b"part"), "beside {path}");

            let told = warnings(&id);
            assert_eq!(told.len(), usize::from(trouble.is_some()), "{path} {version_2}: {told:?}");
            let after = metrics(&world).await;
            for name in ["refused", "timeout", "busy", "reset", "garbage", "cut"] {
                let more = counted(&after, name) - counted(&before, name);
                assert_eq!(more, u64::from(trouble == Some(name)), "{name} at {path} {version_2}");
            }
        }
    }
    anna.get("/fine").await.has_status(200);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_counted_as_refused() {
    listen();
    let upstream = Some("upstream = \"http://127.0.0.1:9\"".to_owned());
    let world = World::plan(Plan { upstream, ..Default::default() }).await;
    let mut visitor = world.visitor();
    for version_2 in [false, true] {
        let request = visitor.request(Method::GET, "/public/x").body(Full::default()).unwrap();
        let answer = if version_2 { visitor.send_h2(request).await } else { visitor.send(request).await };
        answer.has_status(502);
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(warnings(id).len(), 1);
        assert_eq!(counted(&metrics(&world).await, "refused"), 1 + u64::from(version_2));
    }
}
