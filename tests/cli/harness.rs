//! A folder with a configuration, the built program run in it, and a server that ends with its test.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use vestibule::serve::tls::self_signed;

/// The hash of a password nobody kept.
pub(crate) const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$JTQ3hKNbS+Ribexx7RyxLw$MH+/f5793SwXg8mN7bbLT/3sM33YIC2ewnaBIG3asTI";

/// A folder with everything a server needs.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    internal: SocketAddr,
}

impl Place {
    /// One portal, two people, a certificate.
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder"), internal: free_address() };
        let made = self_signed(&["localhost", "127.0.0.1"]).expect("a certificate");
        place.write("chain.pem", &made.chain);
        place.write("key.pem", &made.key);
        place.write(
            "users.toml",
            &format!(
                "[[user]]\nname = \"anna\"\nemail = \"anna@example.com\"\ngroups = [\"office\"]\npassword = \"{HASH}\"\n\n\
                 [[user]]\nname = \"bas\"\npassword = \"{HASH}\"\n"
            ),
        );
        place.write("vestibule.toml", &place.configuration());
        place
    }

    /// The configuration it starts with.
    pub(crate) fn configuration(&self) -> String {
        let internal = self.internal;
        format!(
            r#"[server]
https = ["127.0.0.1:0"]
internal = "{internal}"
socket = "control.sock"
workers = 1

[tls]
certificates = [{{ chain = "chain.pem", key = "key.pem" }}]

[log]
audit = "audit.log"

[[directory]]
kind = "file"
path = "users.toml"

[[portal]]
name = "wiki"
hosts = ["localhost"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/public/**"
policy = "bypass"

[[portal.rule]]
path = "/**"
policy = "two_factor"
subjects = ["group:office"]

[[test]]
url = "https://localhost/reports"
user = "anna"
expect = "two_factor"
"#
        )
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.path(name))
            .expect("a file");
        file.write_all(text.as_bytes()).expect("room on the disk");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a command in the folder, where its `./vestibule.toml` is.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the program runs"))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.current_dir(self.folder.path());
        command
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]), |line| line.contains("vestibule answers"))
    }
}

/// The program with these arguments, away from the developer's own environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).env_remove("VESTIBULE_CONFIG").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Fails the test unless it ended with `code`.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }
}

/// A running program. Killed at the end of the test, whatever happens.
pub(crate) struct Server {
    child: Child,
    rest: Option<BufReader<ChildStdout>>,
    /// What it said so far.
    pub(crate) said: String,
}

impl Server {
    /// Starts it and reads its standard output until a line says that it is ready.
    pub(crate) fn start(mut command: Command, is_ready: impl Fn(&str) -> bool) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the program starts");
        let rest = child.stdout.take().map(BufReader::new);
        let mut server = Self { child, rest, said: String::new() };
        server.wait_for(is_ready);
        server
    }

    /// The port it logged.
    pub(crate) fn port(&self) -> u16 {
        let (_, rest) = self.said.split_once("\"https\":\"[127.0.0.1:").expect("a line with the address");
        rest.split(']').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    /// Reads its standard output up to the line that `is_it`.
    pub(crate) fn wait_for(&mut self, is_it: impl Fn(&str) -> bool) {
        let lines = self.rest.as_mut().expect("its output");
        loop {
            let mut line = String::new();
            let length = lines.read_line(&mut line).expect("text");
            assert_ne!(length, 0, "it ended before it said so: {}", self.said);
            self.said += &line;
            if is_it(&line) {
                return;
            }
        }
    }

    /// Ends it as systemd does; tells its exit code and the rest of what it said.
    pub(crate) fn stop(self) -> (Option<i32>, String) {
        self.signal(rustix::process::Signal::TERM);
        self.end()
    }

    /// Waits for the end of one that was told to stop.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.rest.take().expect("its output").read_to_string(&mut rest).expect("text");
        (self.child.wait().expect("an end").code(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a page as a browser does when somebody follows a link.
pub(crate) fn get(port: u16, chain: &str, path: &str) -> String {
    let fields = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n";
    ask(port, chain, &format!("GET {path}"), fields, "")
}

/// Asks for data as a script does.
pub(crate) fn fetch(port: u16, chain: &str, path: &str) -> String {
    ask(port, chain, &format!("GET {path}"), "Accept: application/json\r\n", "")
}

/// Asks over TLS, trusting the certificate in `chain` alone; tells all of the answer.
pub(crate) fn ask(port: u16, chain: &str, line: &str, fields: &str, body: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(chain.as_bytes()).expect("PEM")).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let session = ClientConnection::new(Arc::new(config), name).expect("TLS");
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    let mut stream = StreamOwned::new(session, stream);
    write!(stream, "{line} HTTP/1.1\r\nHost: localhost:{port}\r\n{fields}Connection: close\r\n\r\n{body}")
        .expect("a connection");
    let mut answer = Vec::new();
    // The end of the connection may come without a farewell.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// An address nobody listens on just now.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}
