//! A whole gateway in this process: real sockets and TLS on loopback, a clock turned by hand, a portal that echoes.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use tempfile::TempDir;
use tokio_rustls::rustls::{RootCertStore, pki_types::CertificateDer};
use vestibule::{
    config::{self, Color, Files},
    domain::{
        factor::{TotpFactor, TotpKey},
        identity::UserId,
        time::{Clock, Timestamp},
        token::RecordId,
    },
    runtime::{Current, ManualClock, OsEntropy, Runtime, Services},
    serve,
    store::{self, hot::HotStore},
};

use crate::{outage::Outage, portal::Portal, visitor::Visitor};

/// 2026-11-22 03:00:00 UTC, a whole time step of the codes.
pub(crate) const START: Timestamp = Timestamp::from_unix(1_795_316_400);
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The key of the app linked for `anna` by [`World::links_an_app`].
pub(crate) const KEY: &[u8] = b"twenty bytes of key!";

/// What a test may say about the world before it starts.
pub(crate) struct Plan {
    pub(crate) second_factor: &'static str,
    pub(crate) trust: &'static str,
    pub(crate) server: &'static str,
    pub(crate) rules: &'static str,
    pub(crate) more: &'static str,
    pub(crate) people: &'static str,
    /// Whether each request is logged.
    pub(crate) access: bool,
    /// Where the wiki is, in lines of the file, if not at the portal that echoes.
    pub(crate) upstream: Option<String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            second_factor: "requirement = \"required\"\nmethods = [\"totp\"]",
            trust: "",
            server: "",
            rules: "[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\n\n[[portal.rule]]\npath = \"/closed/**\"\npolicy = \"deny\"\n\n[[portal.rule]]\npath = \"/office/**\"\npolicy = \"two_factor\"\nsubjects = [\"group:office\"]\n\n[[portal.rule]]\npath = \"/simple/**\"\npolicy = \"one_factor\"\n\n[[portal.rule]]\npath = \"/perhaps/**\"\npolicy = \"optional\"\n\n[[portal.rule]]\npath = \"/**\"\npolicy = \"two_factor\"\n",
            more: "",
            people: "",
            access: false,
            upstream: None,
        }
    }
}

/// A running gateway and everything around it.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) portal: Portal,
    pub(crate) services: Services,
    pub(crate) store_is_down: Arc<AtomicBool>,
    pub(crate) current: Arc<Current>,
    pub(crate) https: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) internal: SocketAddr,
    pub(crate) folder: Arc<TempDir>,
    roots: Arc<RootCertStore>,
    running: Option<Running>,
}

struct Running {
    shutdown: serve::Shutdown,
    thread: std::thread::JoinHandle<()>,
}

fn hash_of_password() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| vestibule::factor::password::hash(PASSWORD, &OsEntropy).as_str().to_owned())
}

impl World {
    /// Starts with the ordinary plan.
    pub(crate) async fn start() -> Self {
        Self::plan(Plan::default()).await
    }

    /// Starts with a plan.
    pub(crate) async fn plan(plan: Plan) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let portal = Portal::start();
        let roots = write_certificate(&folder);
        write_people(&folder, plan.people);
        write_file(&folder, &plan, &portal);
        let clock = Arc::new(ManualClock::at(START));
        Self::run(folder, portal, clock, roots).await
    }

    async fn run(
        folder: Arc<TempDir>,
        portal: Portal,
        clock: Arc<ManualClock>,
        roots: Arc<RootCertStore>,
    ) -> Self {
        let _ = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default();
        let path = folder.path().join("vestibule.toml");
        let loaded = config::load(&path, Files::Checked);
        let report = loaded.report(Color::Plain);
        let settings = loaded.settings.unwrap_or_else(|| panic!("{report}"));
        let store_is_down = Arc::<AtomicBool>::default();
        let inner = store::open(&settings.store).unwrap();
        let store = Arc::new(Outage { inner, is_down: store_is_down.clone() });
        let services = Services {
            store: HotStore::load(store, clock.now()).await.unwrap(),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            hashers: vestibule::factor::password::Hashers::start(1),
            ceremonies: Arc::default(),
            questions: Arc::default(),
            hand_overs: Arc::default(),
            in_hand: Arc::default(),
            audit: vestibule::telemetry::audit::AuditLog::start(settings.log.audit.as_deref()).unwrap(),
            metrics: Arc::default(),
            refusals: Arc::default(),
            witness: Default::default(),
        };
        let current = Arc::new(Current::new(Runtime::build(settings).unwrap()));
        let server =
            serve::Server::bind(&current.peek().settings.server, serve::Inherited::default()).unwrap();
        let (https, http, internal) =
            (server.https_addrs()[0], server.http_addrs()[0], server.internal_addr().unwrap());
        let tls = Arc::new(serve::Tls::load(&current.peek().settings).unwrap());
        let shutdown = serve::Shutdown::new();
        let parts = (services.clone(), current.clone(), tls, shutdown.clone());
        let thread = std::thread::spawn(move || server.run(parts.0, parts.1, parts.2, parts.3).unwrap());
        Self {
            clock,
            portal,
            services,
            store_is_down,
            current,
            https,
            http,
            internal,
            folder,
            roots,
            running: Some(Running { shutdown, thread }),
        }
    }

    /// Stops the gateway and starts it again on the same files, as an operator's restart does.
    pub(crate) async fn restarts(mut self) -> Self {
        self.halt();
        let Self { ref folder, ref clock, ref roots, .. } = self;
        let (folder, clock, roots) = (folder.clone(), clock.clone(), roots.clone());
        let portal = std::mem::replace(&mut self.portal, Portal::start());
        drop(self);
        Self::run(folder, portal, clock, roots).await
    }

    fn halt(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown.ask();
            running.thread.join().unwrap();
        }
    }

    /// A visitor with a fresh browser.
    pub(crate) fn visitor(&self) -> Visitor {
        self.visitor_at("wiki.localhost")
    }

    /// A visitor with a fresh browser, at another host.
    pub(crate) fn visitor_at(&self, host: &str) -> Visitor {
        Visitor::new(self.https, &format!("{host}:{}", self.https.port()), self.roots.clone())
    }

    /// A visitor who comes back with these cookies, as after a restart.
    pub(crate) fn visitor_with(&self, jar: BTreeMap<String, String>) -> Visitor {
        let mut visitor = self.visitor();
        visitor.jar = jar;
        visitor
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The configuration file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("vestibule.toml")
    }

    /// Links an app for somebody, as if they had enrolled long ago.
    pub(crate) async fn links_an_app(&self, person: &str) {
        let factor = TotpFactor {
            id: RecordId::draw(self.clock.now(), &OsEntropy),
            person: UserId::new(person),
            label: "Phone".to_owned(),
            key: TotpKey::new(KEY.to_vec()),
            added_at: self.clock.now(),
            last_used: None,
            last_step: 0,
            page: None,
        };
        self.services.store.add_totp(factor, vestibule::store::Linking::Another, None).await.unwrap();
    }

    /// The code that the linked app shows now.
    pub(crate) fn code(&self) -> String {
        self.code_after(0)
    }

    /// The code that the linked app shows some steps from now.
    pub(crate) fn code_after(&self, steps: i64) -> String {
        code_of(KEY, self.clock.now().unix() + steps * 30)
    }

    /// Turns the clock to the next code.
    pub(crate) fn next_code(&self) -> String {
        self.clock.advance(Duration::from_secs(30));
        self.code()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.halt();
    }
}

/// The code of a key at a moment (RFC 6238 with SHA-1, six digits, thirty seconds).
pub(crate) fn code_of(key: &[u8], at: i64) -> String {
    let totp = totp_rs::Builder::new().with_secret(key.to_vec()).build_noncompliant();
    totp.generate(u64::try_from(at).unwrap()).to_string()
}

fn write_certificate(folder: &TempDir) -> Arc<RootCertStore> {
    let names = ["wiki.localhost", "mail.localhost", "door.localhost", "lab.localhost", "lab2.localhost"]
        .map(str::to_owned);
    let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    std::fs::write(folder.path().join("chain.pem"), cert.pem()).unwrap();
    write_private(folder, "key.pem", &signing_key.serialize_pem());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(cert.der().to_vec())).unwrap();
    Arc::new(roots)
}

fn write_private(folder: &TempDir, name: &str, text: &str) {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(folder.path().join(name))
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn write_people(folder: &TempDir, more: &str) {
    let hash = hash_of_password();
    let text = format!(
        "[[user]]\nname = \"anna\"\ndisplay_name = \"Anna Visser\"\nemail = \"anna@example.com\"\ngroups = [\"office\"]\npassword = \"{hash}\"\n\n\
         [[user]]\nname = \"bob\"\ndisplay_name = \"Böb\"\nemail = \"bob@example.com\"\ngroups = [\"clients\"]\npassword = \"{hash}\"\n\n{}",
        more.replace("HASH", hash)
    );
    write_private(folder, "users.toml", &text);
}

fn write_file(folder: &TempDir, plan: &Plan, portal: &Portal) {
    let Plan { second_factor, trust, server, rules, more, access, .. } = plan;
    let echo = format!("upstream = \"http://{}\"", portal.address);
    let wiki = plan.upstream.as_ref().unwrap_or(&echo);
    let text = format!(
        "[server]\nhttps = [\"127.0.0.1:0\"]\nhttp = [\"127.0.0.1:0\"]\ninternal = \"127.0.0.1:0\"\nsocket = \"control.sock\"\nworkers = 2\ndrain = \"2s\"\n{server}\n\
         [tls]\ncertificates = [{{ chain = \"chain.pem\", key = \"key.pem\" }}]\n\n\
         [store]\nurl = \"sqlite:vestibule.db\"\n\n\
         [trust]\n{trust}\n\n\
         [second_factor]\n{second_factor}\n\n\
         [log]\naudit = \"audit.log\"\naccess = {access}\n\n\
         [[directory]]\nkind = \"file\"\npath = \"users.toml\"\n\n{more}\n\
         [[portal]]\nname = \"wiki\"\ntitle = \"Team wiki\"\nhosts = [\"wiki.localhost\"]\n{wiki}\n\n{rules}\n\
         [[portal]]\nname = \"mail\"\ntitle = \"Mail\"\nhosts = [\"mail.localhost\"]\n{echo}\n\n\
         [[portal.rule]]\npath = \"/**\"\npolicy = \"two_factor\"\n"
    );
    write_private(folder, "vestibule.toml", &text);
}
