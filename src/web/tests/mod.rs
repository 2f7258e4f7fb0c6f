//! Journeys through our own pages without a socket: a house with a memory store and a clock that is turned by hand, and
//! visitors with cookie jars.

mod account;
mod admin;
mod approval;
mod enrol;
mod glass;
mod link;
mod not_me;
mod notices;
mod old_hash;
mod outage;
mod pairing;
#[cfg(feature = "passkey")]
mod passkey;
mod password;
mod pin;
#[cfg(feature = "oidc")]
mod provider;
mod sent_codes;
mod sign_in;
mod throttling;
mod trust;
mod unlock;
#[cfg(feature = "passkey")]
mod unlock_passkey;
mod visitor;

use std::{
    sync::{Arc, LazyLock, Mutex, atomic::AtomicBool},
    time::Duration,
};

use self::visitor::Visitor;
use crate::{
    config::{
        self, Files,
        settings::{SignIn, StoreSettings},
    },
    domain::{
        identity::{PasswordHash, Requirement},
        kept::Draft,
        time::{Clock, Timestamp},
        token::Entropy,
    },
    factor::password::{Hashers, hash as hashed},
    runtime::{ManualClock, OsEntropy, Runtime, Services},
    store::{
        self, SharedStore,
        hot::{CoreSessions, HotStore},
    },
    telemetry::{audit::AuditLog, metrics::Metrics},
};

/// The password of everybody in the tests.
const PASSWORD: &str = "correct horse";

static HASH: LazyLock<String> = LazyLock::new(|| hashed(PASSWORD, &OsEntropy).as_str().to_owned());

/// Anna must show a code, Otto may choose, Fritz is never asked but on `/strict`, Dora is disabled, Nora has no password.
const PEOPLE: &str = r#"
[[user]]
name = "Anna"
display_name = "Anna Arndt"
email = "anna@example.com"
password = "HASH"
second_factor = "required"

[[user]]
name = "otto"
password = "HASH"
second_factor = "optional"

[[user]]
name = "fritz"
password = "HASH"

[[user]]
name = "dora"
password = "HASH"
disabled = true

[[user]]
name = "nora"
"#;

const FILE: &str = r#"
[tls]
certificates = [{ chain = "chain.pem", key = "key.pem" }]

[second_factor]
requirement = "off"
methods = ["totp", "passkey"]

[trust]
address_from = ["198.51.100.0/24"]

[[directory]]
kind = "file"
path = "users.toml"

[[portal]]
name = "wiki"
title = "Wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/strict/**"
policy = "two_factor"

[[portal.rule]]
path = "/vault/**"
policy = "two_factor"
factors = ["passkey"]

[[portal.rule]]
path = "/**"
policy = "one_factor"
"#;

/// What a file says besides where people of the store count.
const STORE: &str = "\n[[directory]]\nkind = \"store\"\n";

/// Chance, and every token that was drawn from it.
#[derive(Default)]
struct Overheard(Mutex<Vec<[u8; 32]>>);

impl Entropy for Overheard {
    fn fill(&self, buffer: &mut [u8]) {
        OsEntropy.fill(buffer);
        if let Ok(token) = <[u8; 32]>::try_from(&*buffer) {
            self.0.lock().unwrap().push(token);
        }
    }
}

impl Overheard {
    /// What the link carries that was drawn last.
    fn link(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(self.0.lock().unwrap().last().unwrap())
    }
}

/// A gateway's insides.
struct House {
    runtime: Arc<Runtime>,
    services: Services,
    clock: Arc<ManualClock>,
    core: CoreSessions,
    _folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        Self::open_with(&HASH).await
    }

    /// A house where everybody's password is behind `hash`.
    async fn open_with(hash: &str) -> Self {
        Self::open_on(store::open(&StoreSettings::Memory).unwrap(), hash).await
    }

    /// A house whose store fails while the switch is on.
    async fn open_with_outages() -> (Self, Arc<AtomicBool>) {
        let store = outage::Outage::default();
        let down = Arc::clone(&store.down);
        (Self::open_on(Arc::new(store), &HASH).await, down)
    }

    /// A house whose file goes on with `more`.
    #[cfg(feature = "oidc")]
    async fn open_beside(more: &str) -> Self {
        Self::open_file(store::open(&StoreSettings::Memory).unwrap(), &HASH, &format!("{FILE}{more}")).await
    }

    async fn open_on(store: SharedStore, hash: &str) -> Self {
        Self::open_file(store, hash, FILE).await
    }

    /// A house where people of the store count, too, and Jan lives there.
    async fn open_with_jan(requirement: Requirement) -> Self {
        let file = format!("{FILE}{STORE}");
        let house = Self::open_file(store::open(&StoreSettings::Memory).unwrap(), &HASH, &file).await;
        house.add_jan(requirement).await;
        house
    }

    async fn add_jan(&self, requirement: Requirement) {
        let draft = Draft {
            name: "jan".to_owned(),
            display_name: "Jan Bakker".to_owned(),
            email: "jan@example.com".to_owned(),
            second_factor: Some(requirement),
            ..Draft::default()
        };
        let mut jan = draft.person(self.clock.now()).unwrap();
        jan.password = Some(PasswordHash::new(HASH.clone()));
        self.services.store.add_residents(vec![jan]).await.unwrap().unwrap();
    }

    async fn open_file(store: SharedStore, hash: &str, file: &str) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), store, file, &PEOPLE.replace("HASH", hash)).await
    }

    /// A house of this file and these people.
    async fn open_in(folder: tempfile::TempDir, store: SharedStore, file: &str, people: &str) -> Self {
        let path = folder.path().join("vestibule.toml");
        std::fs::write(&path, file).unwrap();
        #[cfg(feature = "oidc")]
        std::fs::write(folder.path().join("acme.secret"), provider::SECRET).unwrap();
        std::fs::write(folder.path().join("users.toml"), people).unwrap();
        let loaded = config::load(&path, Files::Assumed);
        let report = loaded.report(config::Color::Plain);
        let runtime = Runtime::build(loaded.settings.expect(&report)).unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_800_000_000)));
        let services = Services {
            store: HotStore::load(store, clock.now()).await.unwrap(),
            clock: clock.clone(),
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
        Self { runtime: Arc::new(runtime), services, clock, core: CoreSessions::new(), _folder: folder }
    }

    /// A house where the wiki is entered in these ways, and what it draws is overheard.
    async fn open_by(ways: &[SignIn]) -> (Self, Arc<Overheard>) {
        let mut house = Self::open().await;
        let runtime = Arc::get_mut(&mut house.runtime).unwrap();
        runtime.settings.portals[0].sign_in = ways.to_vec();
        let drawn = Arc::new(Overheard::default());
        house.services.entropy = drawn.clone();
        (house, drawn)
    }

    fn visitor(&self) -> Visitor<'_> {
        Visitor::new(self, "198.51.100.7")
    }

    fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    fn sessions(&self) -> usize {
        self.services.store.open_sessions()
    }
}
