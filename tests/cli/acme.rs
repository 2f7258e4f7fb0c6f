//! Certificates from a real authority: Let's Encrypt's own test server, pebble, on loopback.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use vestibule::serve::tls::self_signed;

use crate::harness::{HASH, Server, free_address, program};

/// Long enough for anything on a busy machine.
const SOON: Duration = Duration::from_secs(90);
const HOST: &str = "planning.example.com";

/// A folder, the ports of a gateway and of an authority that will look there.
struct Scene {
    folder: tempfile::TempDir,
    https: SocketAddr,
    http: SocketAddr,
    internal: SocketAddr,
    authority: SocketAddr,
    management: SocketAddr,
    names: SocketAddr,
}

impl Scene {
    fn new() -> Self {
        let scene = Self {
            folder: tempfile::tempdir().expect("a folder"),
            https: free_address(),
            http: free_address(),
            internal: free_address(),
            authority: free_address(),
            management: free_address(),
            names: free_address(),
        };
        let made = self_signed(&["localhost", "127.0.0.1"]).expect("a certificate");
        scene.write("authority.pem", &made.chain);
        scene.write("authority.key", &made.key);
        scene.write("users.toml", &format!("[[user]]\nname = \"anna\"\npassword = \"{HASH}\"\n"));
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("room on the disk");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    /// Writes the file of a gateway that asks the authority at `directory`.
    fn configure(&self, directory: SocketAddr, more: &str) {
        let Self { https, http, internal, .. } = self;
        self.write(
            "vestibule.toml",
            &format!(
                r#"[server]
https = ["{https}"]
http = ["{http}"]
internal = "{internal}"
socket = "control.sock"
workers = 1

[tls.acme]
terms_agreed = true
directory = "https://{directory}/dir"
contact = "it@example.com"
ca = "authority.pem"
{more}

[[directory]]
kind = "file"
path = "users.toml"

[[portal]]
name = "planning"
hosts = ["{HOST}"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
policy = "two_factor"
"#
            ),
        );
    }

    /// Starts the gateway.
    fn serve(&self) -> Server {
        let mut command = program(&["serve"]);
        command.current_dir(self.folder.path());
        Server::start(command, |line| line.contains("vestibule answers"))
    }

    /// Starts an authority whose certificates live for `validity`.
    fn authority(&self, validity: Duration) -> Authority {
        self.authority_with(&self.rules(validity))
    }

    fn rules(&self, validity: Duration) -> serde_json::Value {
        let port = |address: SocketAddr| address.port();
        serde_json::json!({ "pebble": {
            "listenAddress": self.authority.to_string(),
            "managementListenAddress": self.management.to_string(),
            "certificate": "authority.pem",
            "privateKey": "authority.key",
            "httpPort": port(self.http),
            "tlsPort": port(self.https),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": validity.as_secs(),
        }})
    }

    fn authority_with(&self, config: &serde_json::Value) -> Authority {
        self.write("pebble.json", &config.to_string());
        // Every name leads to this machine.
        let mut names = Command::new("pebble-challtestsrv");
        names.args(["-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]);
        names.args(["-dns01", &self.names.to_string(), "-management", &free_address().to_string()]);
        let mut pebble = Command::new("pebble");
        pebble.args(["-config", "pebble.json", "-dnsserver", &self.names.to_string()]);
        // It looks at once, and at every host again.
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
        let start = |mut command: Command| {
            command
                .current_dir(self.folder.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let started = command.spawn();
            started.unwrap_or_else(|fault| panic!("{fault}: install Debian's pebble, as tests/run does"))
        };
        let authority = Authority { children: [start(names), start(pebble)] };
        until("the authority answers", || TcpStream::connect(self.management).is_ok());
        authority
    }

    /// Whom those trust who trust the authority. It makes itself anew at each start.
    fn roots(&self) -> RootCertStore {
        let mut stream = self.open(&self.own(), self.management, "localhost").expect("a handshake");
        write!(stream, "GET /roots/0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("a connection");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let (_, pem) = answer.split_once("\r\n\r\n").expect("an answer");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")).expect("a certificate");
        roots
    }

    /// Whom those trust who ask the authority.
    fn own(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(self.path("authority.pem")).expect("PEM"))
            .expect("a certificate");
        roots
    }

    fn open(
        &self,
        roots: &RootCertStore,
        at: SocketAddr,
        name: &str,
    ) -> Result<StreamOwned<ClientConnection, TcpStream>, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let session = ClientConnection::new(Arc::new(config), name).expect("TLS");
        let stream = TcpStream::connect(at).map_err(|fault| fault.to_string())?;
        stream.set_read_timeout(Some(SOON)).expect("a timeout");
        let mut stream = StreamOwned::new(session, stream);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|fault| fault.to_string())?;
        }
        Ok(stream)
    }

    /// The certificate the gateway shows to those who trust `roots`.
    fn shown(&self, roots: &RootCertStore) -> Result<CertificateDer<'static>, String> {
        let stream = self.open(roots, self.https, HOST)?;
        Ok(stream.conn.peer_certificates().expect("a certificate")[0].clone().into_owned())
    }

    /// Waits for a certificate that is another than `before`.
    fn wait_for_certificate(
        &self,
        roots: &RootCertStore,
        before: Option<&CertificateDer<'_>>,
    ) -> CertificateDer<'static> {
        let mut found = None;
        until("a certificate is shown", || {
            found = self.shown(roots).ok().filter(|shown| Some(shown) != before);
            found.is_some()
        });
        found.expect("a certificate")
    }

    /// The files that hold keys.
    fn kept(&self) -> Vec<PathBuf> {
        let authority =
            fs::read_dir(self.path("acme")).expect("a folder").next().expect("an authority").expect("one");
        fs::read_dir(authority.path()).expect("a folder").map(|file| file.expect("a file").path()).collect()
    }
}

/// A running authority, with its own names. Ends with the test.
struct Authority {
    children: [Child; 2],
}

impl Drop for Authority {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < SOON, "not in time: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The head of an answer to one more request on a connection.
fn ask_on(stream: &mut (impl std::io::Read + std::io::Write)) -> std::io::Result<String> {
    write!(stream, "GET /reports HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\r\n")?;
    let mut head = String::new();
    let mut lines = BufReader::with_capacity(1, &mut *stream);
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    lines.read_exact(&mut vec![0; length.parse().expect("a number")])?;
    Ok(head)
}

#[test]
fn a_certificate_comes_by_tls_alpn_is_kept_private_and_needs_nobody_at_the_next_start() {
    let scene = Scene::new();
    scene.configure(scene.authority, "challenges = [\"tls-alpn-01\"]");
    let authority = scene.authority(Duration::from_hours(24));
    let roots = scene.roots();
    let gateway = scene.serve();
    let shown = scene.wait_for_certificate(&roots, None);
    let mut stream = scene.open(&roots, scene.https, HOST).expect("a handshake");
    assert!(ask_on(&mut stream).expect("an answer").starts_with("HTTP/1.1 401 "));
    let kept = scene.kept();
    assert_eq!(kept.len(), 2, "{kept:?}");
    for file in kept {
        assert_eq!(
            fs::metadata(&file).expect("a file").permissions().mode() & 0o777,
            0o600,
            "{}",
            file.display()
        );
    }
    drop(authority);
    assert_eq!(gateway.stop().0, Some(0));
    let _gateway = scene.serve();
    assert_eq!(scene.shown(&roots).expect("a certificate"), shown);
}

#[test]
fn an_authority_that_is_down_at_the_start_is_asked_again_and_looks_over_http() {
    let scene = Scene::new();
    scene.configure(scene.authority, "challenges = [\"http-01\"]");
    let mut gateway = scene.serve();
    gateway.wait_for(|line| line.contains("no certificate could be had") && line.contains("retry_in"));
    // Nobody is shown a certificate that nobody vouches for.
    let fault = scene.shown(&RootCertStore::empty()).expect_err("no certificate");
    assert!(fault.contains("alert"), "{fault}");
    let _authority = scene.authority(Duration::from_hours(24));
    let roots = scene.roots();
    scene.wait_for_certificate(&roots, None);
}

#[test]
fn a_certificate_is_renewed_while_its_host_is_served() {
    let scene = Scene::new();
    scene.configure(scene.authority, "");
    let _authority = scene.authority(Duration::from_secs(24));
    let roots = scene.roots();
    let _gateway = scene.serve();
    let first = scene.wait_for_certificate(&roots, None);
    // One connection that stays, and a new one each time.
    let mut kept = scene.open(&roots, scene.https, HOST).expect("a handshake");
    let (mut asked, mut second) = (0, None);
    until("another certificate is shown", || {
        ask_on(&mut kept).expect("the old connection goes on");
        let mut fresh = scene.open(&roots, scene.https, HOST).expect("every handshake succeeds");
        ask_on(&mut fresh).expect("every request is answered");
        asked += 1;
        let shown = fresh.conn.peer_certificates().expect("a certificate")[0].clone().into_owned();
        second = Some(shown).filter(|shown| *shown != first);
        second.is_some()
    });
    assert!(asked > 10, "{asked}");
    ask_on(&mut kept).expect("the old connection goes on");
}

#[test]
fn a_certificate_is_renewed_when_its_authority_suggests() {
    let scene = Scene::new();
    let guide = Guide::start(&scene);
    scene.configure(guide.at, "");
    // By themselves they would be renewed after forty minutes.
    let _authority = scene.authority(Duration::from_mins(60));
    let roots = scene.roots();
    let gateway = scene.serve();
    let first = scene.wait_for_certificate(&roots, None);
    until("the guide is asked", || !guide.asked().is_empty());
    assert_eq!(gateway.stop().0, Some(0));
    // The guide says of the first certificate that it should have been renewed long ago, and of the next ones nothing so.
    let _gateway = scene.serve();
    scene.wait_for_certificate(&roots, Some(&first));
    // It is asked about each certificate once, and told how long not to ask again.
    until("the guide is asked about the next certificate", || guide.asked().len() > 2);
    let asked = guide.asked();
    assert!(asked.len() == 3 && asked[0] == asked[1] && asked[1] != asked[2], "{asked:?}");
}

#[test]
fn a_host_that_is_not_ours_keeps_no_other_waiting() {
    let scene = Scene::new();
    scene.configure(scene.authority, "challenges = [\"tls-alpn-01\"]");
    // One that the authority does not give to anybody.
    let mut file = fs::read_to_string(scene.path("vestibule.toml")).expect("a file");
    file = file.replace(
        &format!("hosts = [\"{HOST}\"]"),
        &format!("hosts = [\"nobody.example.invalid\", \"{HOST}\"]"),
    );
    scene.write("vestibule.toml", &file);
    let mut rules = scene.rules(Duration::from_hours(24));
    rules["pebble"]["domainBlocklist"] = serde_json::json!(["nobody.example.invalid"]);
    let _authority = scene.authority_with(&rules);
    let roots = scene.roots();
    let mut gateway = scene.serve();
    scene.wait_for_certificate(&roots, None);
    gateway.wait_for(|line| {
        line.contains("no certificate could be had")
            && line.contains("nobody.example.invalid")
            && line.contains("rejected")
    });
}

/// An authority's directory that also speaks of renewals, which Debian's pebble does not yet; everything else is pebble's.
struct Guide {
    at: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
}

impl Guide {
    /// About which certificates it was asked.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a list").clone()
    }

    fn start(scene: &Scene) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let guide = Self { at, asked: Arc::default(), over: Arc::default() };
        let key = PrivateKeyDer::from_pem_file(scene.path("authority.key")).expect("a key");
        let chain = CertificateDer::from_pem_file(scene.path("authority.pem")).expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .expect("a certificate");
        let (config, pebble) = (Arc::new(config), scene.authority);
        let (asked, over) = (guide.asked.clone(), guide.over.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let session = ServerConnection::new(config.clone()).expect("TLS");
                let mut stream = StreamOwned::new(session, stream.expect("a connection"));
                let mut line = String::new();
                if BufReader::with_capacity(1, &mut stream).read_line(&mut line).is_err() {
                    continue;
                }
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = match path.strip_prefix("/ari/") {
                    Some(id) => {
                        let mut asked = asked.lock().expect("a list");
                        asked.push(id.to_owned());
                        let (start, end) = match asked.iter().filter(|one| *one != &asked[0]).count() {
                            0 => ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"),
                            _ => ("2100-01-01T00:00:00Z", "2100-01-02T00:00:00Z"),
                        };
                        serde_json::json!({ "suggestedWindow": { "start": start, "end": end } })
                    }
                    None => serde_json::json!({
                        "newNonce": format!("https://{pebble}/nonce-plz"),
                        "newAccount": format!("https://{pebble}/sign-me-up"),
                        "newOrder": format!("https://{pebble}/order-plz"),
                        "revokeCert": format!("https://{pebble}/revoke-cert"),
                        "keyChange": format!("https://{pebble}/rollover-account-key"),
                        "renewalInfo": format!("https://{at}/ari"),
                    }),
                }
                .to_string();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRetry-After: 21600\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        guide
    }
}

impl Drop for Guide {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.at);
    }
}
