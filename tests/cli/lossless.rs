//! Reloads and restarts while visitors come and go: nobody notices.

use std::{
    io::IoSliceMut,
    mem::MaybeUninit,
    net::SocketAddr,
    os::{
        fd::{AsFd as _, AsRawFd as _, OwnedFd},
        unix::net::UnixDatagram,
    },
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::{
    client::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::{
    io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
    process::Signal,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Handle},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::Message;
use vestibule::{domain::token::Token, runtime::OsEntropy, serve::tls::self_signed};

use crate::{
    harness::{Place, Server, free_address},
    kept::open_session_of,
};

/// Long enough for anything on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A gateway's folder, an upstream, and anna, who is signed in before anything starts.
struct Scene {
    place: Place,
    https: SocketAddr,
    token: Token,
    runtime: Handle,
    roots: RootCertStore,
}

impl Scene {
    fn new() -> Self {
        let runtime = beside();
        let (pages, sockets) = runtime.block_on(async { (pages().await, sockets().await) });
        let (place, https) = (Place::new(), free_address());
        let file = place
            .configuration()
            .replace("[\"127.0.0.1:0\"]", &format!("[\"{https}\"]"))
            .replace("workers = 1", "workers = 2\ndrain = \"20s\"")
            .replace("[log]", "[log]\naccess = false")
            .replace("http://127.0.0.1:9", &format!("http://{pages}"))
            .replace("policy = \"two_factor\"", "policy = \"one_factor\"")
            .replace("expect = \"two_factor\"", "expect = \"one_factor\"")
            .replace(
                "path = \"users.toml\"",
                "path = \"users.toml\"\n\n[second_factor]\nrequirement = \"off\"",
            );
        let more = format!(
            "\n[[portal]]\nname = \"sockets\"\nhosts = [\"127.0.0.1\"]\nupstream = \"http://{sockets}\"\n\
             [[portal.rule]]\npolicy = \"bypass\"\n"
        );
        place.write("vestibule.toml", &(file + &more));
        let token = Token::draw(&OsEntropy);
        open_session_of(&place, &token, None);
        let mut scene = Self { place, https, token, runtime, roots: RootCertStore::empty() };
        let chain = scene.place.read("chain.pem");
        scene.trust(&chain);
        scene
    }

    fn trust(&mut self, chain: &str) -> CertificateDer<'static> {
        let certificate = CertificateDer::from_pem_slice(chain.as_bytes()).expect("PEM");
        self.roots.add(certificate.clone()).expect("a certificate");
        certificate
    }

    fn visitor(&self) -> Visitor {
        Visitor { https: self.https, cookie: self.token.reveal(), roots: self.roots.clone() }
    }
}

/// A runtime that goes on beside the test, until the process ends.
fn beside() -> Handle {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}

/// An upstream that says who asks.
async fn pages() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let service = service_fn(|request: Request<hyper::body::Incoming>| async move {
                let user = request.headers().get("remote-user").cloned();
                let name = user.as_ref().and_then(|user| user.to_str().ok()).unwrap_or("nobody").to_owned();
                Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(name))))
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    address
}

/// An upstream that says everything once more.
async fn sockets() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() && socket.send(message).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Somebody's browser.
#[derive(Clone)]
struct Visitor {
    https: SocketAddr,
    cookie: String,
    roots: RootCertStore,
}

impl Visitor {
    async fn connect(&self, name: &'static str, alpn: &[u8]) -> Result<TlsStream<TcpStream>, String> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        let stream = TcpStream::connect(self.https).await.map_err(|fault| format!("refused: {fault}"))?;
        let name = ServerName::try_from(name).expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.map_err(|fault| format!("no handshake: {fault}"))
    }

    fn request(&self, target: String) -> Request<Empty<Bytes>> {
        let mut request = Request::get(target).header("cookie", format!("__Host-vestibule={}", self.cookie));
        request = request.header("host", format!("localhost:{}", self.https.port()));
        request.body(Empty::new()).expect("a request")
    }

    async fn http1(&self) -> Result<http1::SendRequest<Empty<Bytes>>, String> {
        let stream = self.connect("localhost", b"http/1.1").await?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|fault| format!("{fault:?}"))?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Asks on a connection of its own.
    async fn ask_anew(&self) -> Result<(), String> {
        self.ask1(&mut self.http1().await?).await
    }

    async fn ask1(&self, sender: &mut http1::SendRequest<Empty<Bytes>>) -> Result<(), String> {
        judge(sender.send_request(self.request("/reports".to_owned())).await).await
    }

    async fn http2(&self) -> Result<http2::SendRequest<Empty<Bytes>>, String> {
        let stream = self.connect("localhost", b"h2").await?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(|fault| format!("{fault:?}"))?;
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn ask2(&self, sender: &mut http2::SendRequest<Empty<Bytes>>) -> Result<(), String> {
        let mut request = self.request(format!("https://localhost:{}/reports", self.https.port()));
        request.headers_mut().remove("host");
        judge(sender.send_request(request).await).await
    }
}

async fn judge(answer: hyper::Result<Response<hyper::body::Incoming>>) -> Result<(), String> {
    let answer = answer.map_err(|fault| format!("no answer: {fault:?}"))?;
    let status = answer.status();
    let body =
        answer.into_body().collect().await.map_err(|fault| format!("cut short: {fault:?}"))?.to_bytes();
    if status == StatusCode::OK && body == "anna" {
        Ok(())
    } else {
        Err(format!("{status}: {}", String::from_utf8_lossy(&body)))
    }
}

/// Visitors who do the same again and again until told to stop, and what went wrong.
#[derive(Clone, Default)]
struct Load {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    faults: Arc<Mutex<Vec<String>>>,
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }

    fn note(&self, who: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.asked.fetch_add(1, Ordering::SeqCst);
            }
            Err(fault) => self.faults.lock().expect("a list").push(format!("{who}: {fault}")),
        }
    }

    /// One after the other on fresh connections.
    async fn come_anew(self, visitor: Visitor) {
        while self.goes_on() {
            self.note("a new connection", visitor.ask_anew().await);
        }
    }

    /// All on one connection of HTTP/1.1 that is never closed.
    async fn stay(self, visitor: Visitor) {
        let mut sender = visitor.http1().await.expect("a connection");
        while self.goes_on() {
            self.note("a connection that stays", visitor.ask1(&mut sender).await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All on one connection of HTTP/2, four at a time.
    async fn stay_by_four(self, visitor: Visitor) {
        let sender = visitor.http2().await.expect("a connection");
        while self.goes_on() {
            let four = (0..4).map(|_| {
                let (visitor, mut sender) = (visitor.clone(), sender.clone());
                async move { visitor.ask2(&mut sender).await }
            });
            for outcome in futures_util::future::join_all(four).await {
                self.note("HTTP/2", outcome);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Says something into a WebSocket and hears it.
    async fn talk(self, visitor: Visitor) {
        let stream = visitor.connect("127.0.0.1", b"http/1.1").await.expect("a connection");
        let url = format!("wss://127.0.0.1:{}/talk", visitor.https.port());
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("a socket");
        let mut number = 0;
        while self.goes_on() {
            number += 1;
            let said = Message::text(number.to_string());
            let outcome = match socket.send(said.clone()).await {
                Ok(()) => match timeout(SOON, socket.next()).await {
                    Ok(Some(Ok(heard))) if heard == said => Ok(()),
                    other => Err(format!("{other:?}")),
                },
                Err(fault) => Err(fault.to_string()),
            };
            self.note("a WebSocket", outcome);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it; how many were asked, none of them in vain.
    fn end(self, runtime: &Handle, visitors: Vec<JoinHandle<()>>) -> usize {
        self.is_over.store(true, Ordering::SeqCst);
        for visitor in visitors {
            runtime.block_on(async { timeout(SOON, visitor).await }).expect("it ends").expect("no panic");
        }
        let faults = self.faults.lock().expect("a list").clone();
        assert_eq!(faults, Vec::<String>::new(), "of {}", self.asked.load(Ordering::SeqCst));
        self.asked.load(Ordering::SeqCst)
    }
}

#[test]
fn a_hundred_reloads_and_another_certificate_cost_nobody_a_request() {
    let mut scene = Scene::new();
    let made = self_signed(&["localhost", "127.0.0.1"]).expect("a certificate");
    let fresh = scene.trust(&made.chain);
    let mut server = scene.place.serve();
    let (load, visitor) = (Load::default(), scene.visitor());
    let visitors = vec![
        scene.runtime.spawn(load.clone().come_anew(visitor.clone())),
        scene.runtime.spawn(load.clone().stay(visitor.clone())),
        scene.runtime.spawn(load.clone().stay_by_four(visitor.clone())),
        scene.runtime.spawn(load.clone().talk(visitor.clone())),
    ];
    for number in 0..100 {
        if number == 50 {
            scene.place.write("key.pem", &made.key);
            scene.place.write("chain.pem", &made.chain);
        }
        server.signal(Signal::HUP);
        server.wait_for(|line| line.contains("was read again and is in force"));
        if number == 50 {
            // The very next handshake.
            let stream =
                scene.runtime.block_on(visitor.connect("localhost", b"http/1.1")).expect("a handshake");
            let shown = stream.get_ref().1.peer_certificates().expect("a certificate").first().cloned();
            assert_eq!(shown.as_ref(), Some(&fresh));
        }
    }
    let asked = load.end(&scene.runtime, visitors);
    assert!(asked > 400, "{asked}");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_restart_refuses_nobody_and_keeps_sessions_and_trust() {
    let scene = Scene::new();
    let mut manager = Manager::new(&scene.place);
    let mut server = manager.start();
    let (load, visitor) = (Load::default(), scene.visitor());
    let visitors: Vec<_> =
        (0..4).map(|_| scene.runtime.spawn(load.clone().come_anew(visitor.clone()))).collect();
    for _ in 0..3 {
        thread::sleep(Duration::from_millis(300));
        assert_eq!(server.stop().0, Some(0));
        // Nobody listens; visitors wait.
        thread::sleep(Duration::from_millis(200));
        server = manager.start();
    }
    thread::sleep(Duration::from_millis(300));
    let asked = load.end(&scene.runtime, visitors);
    assert!(asked > 20, "{asked}");
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_socket_for_an_address_that_left_the_file_is_let_go_of() {
    let scene = Scene::new();
    let mut manager = Manager::new(&scene.place);
    assert_eq!(manager.start().stop().0, Some(0));
    assert_eq!(manager.kept.len(), 3, "two workers' and the internal one");
    let elsewhere = free_address();
    let file = scene.place.read("vestibule.toml");
    scene.place.write("vestibule.toml", &file.replace(&scene.https.to_string(), &elsewhere.to_string()));
    let server = manager.start();
    assert!(
        server.said.contains("handed over for an address that the file does not name"),
        "{}",
        server.said
    );
    let at = |address: SocketAddr| manager.kept.iter().filter(|(name, _)| *name == name_of(address)).count();
    assert_eq!((at(scene.https), at(elsewhere)), (0, 2));
    std::net::TcpStream::connect(scene.https).expect_err("nobody listens there");
    std::net::TcpStream::connect(elsewhere).expect("somebody listens there");
}

fn name_of(address: SocketAddr) -> String {
    address.to_string().replace(':', "_")
}

/// What systemd does for a service with `FileDescriptorStoreMax=`: keeps the sockets it is sent, and passes them on.
struct Manager {
    command: PathBuf,
    folder: PathBuf,
    told: UnixDatagram,
    kept: Vec<(String, OwnedFd)>,
}

impl Manager {
    fn new(place: &Place) -> Self {
        let told = UnixDatagram::bind(place.path("notify")).expect("a socket");
        told.set_nonblocking(true).expect("a socket");
        let command = PathBuf::from(env!("CARGO_BIN_EXE_vestibule"));
        Self { command, folder: place.path("."), told, kept: Vec::new() }
    }

    fn start(&mut self) -> Server {
        // The sockets go to the numbers from 3 on, as sd_listen_fds(3) has it.
        let passed: Vec<OwnedFd> = self
            .kept
            .iter()
            .map(|(_, socket)| fcntl_dupfd_cloexec(socket, 100).expect("a descriptor"))
            .inspect(|socket| fcntl_setfd(socket, FdFlags::empty()).expect("a descriptor"))
            .collect();
        let mut script = String::new();
        for (number, socket) in passed.iter().enumerate() {
            let socket = socket.as_raw_fd();
            script += &format!("exec {}<&{socket} {socket}<&-; ", number + 3);
        }
        if !passed.is_empty() {
            script += &format!("export LISTEN_PID=$$ LISTEN_FDS={}; ", passed.len());
        }
        let mut command = Command::new("bash");
        command.args(["-c", &format!("{script}exec \"$0\" serve"), &self.command.to_string_lossy()]);
        command
            .current_dir(&self.folder)
            .env("NO_COLOR", "1")
            .env("NOTIFY_SOCKET", self.folder.join("notify"));
        let server = Server::start(command, |line| line.contains("vestibule answers"));
        drop(passed);
        self.listen();
        server
    }

    /// Takes what it was told so far.
    fn listen(&mut self) {
        loop {
            let mut text = [0; 512];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
            let mut beside = RecvAncillaryBuffer::new(&mut space);
            let received = recvmsg(
                self.told.as_fd(),
                &mut [IoSliceMut::new(&mut text)],
                &mut beside,
                RecvFlags::CMSG_CLOEXEC,
            );
            let Ok(received) = received else { return };
            let words = String::from_utf8_lossy(&text[..received.bytes]).into_owned();
            let name =
                words.lines().find_map(|line| line.strip_prefix("FDNAME=")).unwrap_or_default().to_owned();
            if words.contains("FDSTOREREMOVE=1") {
                self.kept.retain(|(kept, _)| *kept != name);
            } else if words.contains("FDSTORE=1") {
                for message in beside.drain() {
                    if let RecvAncillaryMessage::ScmRights(sockets) = message {
                        self.kept.extend(sockets.map(|socket| (name.clone(), socket)));
                    }
                }
            }
        }
    }
}
