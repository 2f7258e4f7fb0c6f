//! A whole server on real sockets: handshakes, framing, redirects, health, and the end of it.

mod handshakes;
mod in_flight;
mod slow;

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, DEFAULT_VERSIONS, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::{
    config::{self, Files, settings::StoreSettings},
    domain::time::{Clock, Timestamp},
    factor::password::Hashers,
    runtime::{Current, ManualClock, OsEntropy, Runtime, Services},
    store::{self, hot::HotStore},
    telemetry::{audit::AuditLog, metrics::Metrics},
};

const FILE: &str = r#"
[server]
https = ["127.0.0.1:0"]
http = ["127.0.0.1:0"]
internal = "127.0.0.1:0"
workers = 2
drain = "60s"

[tls]
certificates = [{ chain = "a.pem", key = "a.key" }, { chain = "b.pem", key = "b.key" }]

[[directory]]
kind = "file"
path = "users.toml"

[[portal]]
name = "a"
hosts = ["a.example.com", "c.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/**"
policy = "one_factor"

[[portal]]
name = "b"
hosts = ["b.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/**"
policy = "one_factor"
"#;

/// Long enough for anything on loopback, and far from any limit that is tested here.
const SOON: Duration = Duration::from_secs(20);

struct Running {
    https: SocketAddr,
    http: SocketAddr,
    internal: SocketAddr,
    shutdown: Shutdown,
    thread: JoinHandle<()>,
    roots: RootCertStore,
    tls: Arc<Tls>,
    folder: tempfile::TempDir,
}

impl Running {
    async fn start() -> Self {
        Self::start_with(FILE).await
    }

    async fn start_with(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut roots = RootCertStore::empty();
        for (name, hosts) in [("a", &["a.example.com", "c.example.com"][..]), ("b", &["b.example.com"])] {
            roots.add(certify(folder.path(), name, hosts)).unwrap();
        }
        std::fs::write(folder.path().join("users.toml"), "").unwrap();
        let path = folder.path().join("vestibule.toml");
        std::fs::write(&path, file).unwrap();
        let loaded = config::load(&path, Files::Assumed);
        let report = loaded.report(config::Color::Plain);
        let settings = loaded.settings.expect(&report);
        let tls = Arc::new(Tls::load(&settings).unwrap());
        let server = Server::bind(&settings.server, Inherited::default()).unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_800_000_000)));
        let store = store::open(&StoreSettings::Memory).unwrap();
        let services = Services {
            store: HotStore::load(store, clock.now()).await.unwrap(),
            clock,
            entropy: Arc::new(OsEntropy),
            hashers: Hashers::start(1),
            ceremonies: Arc::default(),
            questions: Arc::default(),
            hand_overs: Arc::default(),
            in_hand: Arc::default(),
            audit: AuditLog::start(Some(&folder.path().join("audit.log"))).unwrap(),
            metrics: Arc::new(Metrics::default()),
            refusals: Arc::default(),
            witness: Default::default(),
        };
        let current = Arc::new(Current::new(Runtime::build(settings).unwrap()));
        let shutdown = Shutdown::new();
        let (https, http) = (server.https_addrs()[0], server.http_addrs()[0]);
        let internal = server.internal_addr().unwrap();
        let (asked, shown) = (shutdown.clone(), tls.clone());
        let thread = thread::spawn(move || server.run(services, current, shown, asked).unwrap());
        Self { https, http, internal, shutdown, thread, roots, tls, folder }
    }

    async fn handshake(&self, name: &str, alpn: &[u8]) -> TlsStream<TcpStream> {
        self.try_handshake(name, alpn, &self.roots, DEFAULT_VERSIONS).await.unwrap()
    }

    async fn try_handshake(
        &self,
        name: &str,
        alpn: &[u8],
        roots: &RootCertStore,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        let stream = TcpStream::connect(self.https).await?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    async fn h2(&self, name: &str) -> http2::SendRequest<Empty<Bytes>> {
        let stream = self.handshake(name, b"h2").await;
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    async fn end(self) {
        self.shutdown.ask();
        let joined = tokio::task::spawn_blocking(move || self.thread.join());
        timeout(SOON, joined).await.expect("the server ends").unwrap().unwrap();
    }
}

/// Puts a fresh pair of certificate and key into the folder; tells the certificate.
fn certify(folder: &Path, name: &str, hosts: &[&str]) -> CertificateDer<'static> {
    let made = tls::self_signed(hosts).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), &made.chain).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), made.key).unwrap();
    CertificateDer::from_pem_slice(made.chain.as_bytes()).unwrap()
}

async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    // A peer that closes without TLS's farewell is no concern here.
    let _ = timeout(SOON, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    String::from_utf8(bytes).unwrap()
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

async fn ask_plain(address: SocketAddr, request: &str) -> String {
    ask(TcpStream::connect(address).await.unwrap(), request).await
}

#[tokio::test]
async fn both_protocols_are_answered_and_a_taken_port_is_refused() {
    let running = Running::start().await;
    for _ in 0..8 {
        let stream = running.handshake("a.example.com", b"http/1.1").await;
        let answer = ask(stream, "GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    let request = Request::get("https://b.example.com/").body(Empty::new()).unwrap();
    assert_eq!(
        running.h2("b.example.com").await.send_request(request).await.unwrap().version(),
        Version::HTTP_2
    );

    let mut settings =
        config::load_text(std::path::Path::new("x.toml"), FILE, Files::Assumed).settings.unwrap().server;
    settings.https = vec![running.https];
    assert_eq!(Server::bind(&settings, Inherited::default()).unwrap_err().address, running.https);
    running.end().await;
}

#[tokio::test]
async fn a_name_is_shown_its_own_certificate_and_no_name_is_shown_the_first() {
    let running = Running::start().await;
    let first = running.tls.shown(None);
    let a = running.tls.shown(Some("a.example.com"));
    let b = running.tls.shown(Some("b.example.com"));
    assert!(first.is_for("a.example.com") && a.is_for("c.example.com") && b.is_for("b.example.com"));
    assert!(!first.is_for("b.example.com") && !a.is_for("b.example.com") && !b.is_for("a.example.com"));
    running.end().await;
}

/// Sockets that listen on a port, as the kernel sees them.
fn listening(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = table.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    fields.filter(|line| line[1].ends_with(&format!(":{port:04X}")) && line[3] == "0A").count()
}

#[tokio::test]
async fn each_worker_has_a_socket_and_answers_on_it() {
    let running = Running::start().await;
    // The kernel draws lots by port: that all of so many go to the same socket happens once in 2^63 runs.
    for _ in 0..64 {
        let greeted = running.handshake("a.example.com", b"http/1.1");
        timeout(SOON, greeted).await.expect("every connection is taken");
    }
    assert_eq!(listening(running.https.port()), 2);
    running.end().await;
}

#[tokio::test]
async fn an_ambiguous_request_is_the_last_of_its_connection() {
    let running = Running::start().await;
    let stream = running.handshake("a.example.com", b"http/1.1").await;
    let plain = "GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n";
    let bad = "GET / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
    let answer = ask(stream, &[plain, bad, plain].concat()).await.to_lowercase();
    assert_eq!(answer.matches("http/1.1 ").count(), 2, "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    running.end().await;
}

#[tokio::test]
async fn plain_http_only_leads_to_tls() {
    let running = Running::start().await;
    let port = running.https.port();
    let answer = ask_plain(running.http, "GET /a?b=c HTTP/1.1\r\nHost: A.example.com:80\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 301 "), "{answer}");
    assert!(answer.contains(&format!("location: https://a.example.com:{port}/a?b=c\r\n")), "{answer}");
    let answer =
        ask_plain(running.http, "POST /a HTTP/1.1\r\nHost: b.example.com\r\nContent-Length: 0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    for (host, status) in [("evil.example.com", "421"), ("a b", "400"), ("", "400")] {
        let answer = ask_plain(running.http, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
        assert!(!answer.contains("location"), "{answer}");
    }
    let twice = "GET / HTTP/1.1\r\nHost: a.example.com\r\nHost: b.example.com\r\n\r\n";
    assert!(ask_plain(running.http, twice).await.starts_with("HTTP/1.1 400 "));
    let absolute = "GET http://b.example.com/ HTTP/1.1\r\nHost: a.example.com\r\n\r\n";
    assert!(ask_plain(running.http, absolute).await.starts_with("HTTP/1.1 400 "));
    running.end().await;
}

#[tokio::test]
async fn the_internal_address_tells_health_readiness_metrics_and_version() {
    let running = Running::start().await;
    for (path, words) in [
        ("/healthz", "\r\n\r\nok\n"),
        ("/readyz", "\r\n\r\nready\n"),
        ("/version", env!("CARGO_PKG_VERSION")),
        ("/metrics", "200 OK"),
        ("/", "404"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = ask_plain(running.internal, &request).await;
        assert!(answer.contains(words), "{path}: {answer}");
    }
    running.end().await;
}

#[tokio::test]
async fn a_drain_waits_for_no_idle_connection() {
    let running = Running::start().await;
    let silent = TcpStream::connect(running.https).await.unwrap();
    let greeted = running.handshake("a.example.com", b"http/1.1").await;
    let mut answered = running.handshake("a.example.com", b"http/1.1").await;
    answered.write_all(b"GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n").await.unwrap();
    answered.read_u8().await.unwrap();
    let h2 = running.handshake("a.example.com", b"h2").await;
    let (sender, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(h2)).await.unwrap();
    let connection = tokio::spawn(connection);
    // Much longer than `SOON` is the drain's own patience.
    running.end().await;
    for stream in [greeted, answered] {
        rest(stream).await;
    }
    assert_eq!(rest(silent).await, "");
    timeout(SOON, connection).await.expect("the connection ends").unwrap().unwrap();
    drop(sender);
}

#[tokio::test]
async fn who_asks_twice_does_not_wait() {
    let running = Running::start().await;
    let mut half = running.handshake("a.example.com", b"http/1.1").await;
    half.write_all(b"POST / HTTP/1.1\r\nHost: a.example").await.unwrap();
    // A peer that answers no ping keeps its connection until the drain's patience ends.
    let mute = running.handshake("a.example.com", b"h2").await;
    running.shutdown.ask();
    running.end().await;
    drop(mute);
}
