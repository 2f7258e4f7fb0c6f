//! The configuration once everything in it is known to be right. Nothing here is re-checked later.

mod acme;
mod admin;
mod letters;
mod portal;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use http::{HeaderName, HeaderValue, Uri};
use ipnet::IpNet;
use secrecy::SecretString;

pub use self::acme::{AcmeSettings, Challenge, ExternalAccount};
pub use self::admin::{AdminSettings, Tenant};
pub use self::letters::{LetterKind, Letters, Slot, Wording, WrittenLetter};
pub use self::portal::{
    IdentityHeaders, Landing, PortalSettings, SignIn, SingleSignOn, Unsayable, UpstreamHost, UpstreamSettings,
};
use super::brand::Brand;
use crate::domain::{
    factor::Method,
    facts::Host,
    identity::{People, Requirement, RequirementSource, UserId},
    policy::{Level, Policy},
    session::SessionSpans,
    throttle::SmsLimits,
    trust::{AddressScope, AddressTerms, DeviceTerms, may_trust},
};

/// Everything the file said, checked and compiled.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the file is; relative paths in it start from its folder.
    pub source: PathBuf,
    /// Sockets, limits, own prefix.
    pub server: ServerSettings,
    /// Certificates in the order of the file; the first answers names no other one covers.
    pub certificates: Vec<CertificateSettings>,
    /// Where certificates come from for hosts that none of those covers.
    pub acme: Option<AcmeSettings>,
    /// Where state lives.
    pub store: StoreSettings,
    /// How long sessions live.
    pub session: SessionSpans,
    /// The largest form that is kept over a sign-in, in bytes; `None`: none is.
    pub kept_forms: Option<u64>,
    /// What may be trusted, and how long.
    pub trust: TrustSettings,
    /// Second-factor methods in order of preference, and the requirement for everybody.
    pub second_factor: SecondFactorSettings,
    /// Our pages: default language and whom to ask for help.
    pub pages: PageSettings,
    /// How mail is sent, if at all.
    pub mail: Option<MailSettings>,
    /// How text messages are sent, if at all.
    pub sms: Option<SmsSettings>,
    /// Log and audit streams.
    pub log: LogSettings,
    /// Providers of identities, in the order of the file.
    pub providers: Vec<ProviderSettings>,
    /// Which portal holds the sign-in of others, if one does.
    pub single_sign_on: Option<SingleSignOn>,
    /// Portals in the order of the file; `PortalIndex` of `policy` counts into it.
    pub portals: Vec<PortalSettings>,
    /// The compiled rules of all portals.
    pub policy: Policy,
    /// Everybody the directories of the file know.
    pub people: People,
    /// Whether people who were made by administrators count, too: a directory of kind `store`.
    pub keeps_people: bool,
    /// Groups nobody of which signs in.
    pub closed_groups: BTreeSet<String>,
    /// The administrators' pages, if there are any.
    pub admin: Option<AdminSettings>,
    /// The `[[test]]` entries.
    pub tests: Vec<PolicyTest>,
}

impl Settings {
    /// The portal that holds the sign-in of the one called `name`, where that is another one.
    pub fn home_of(&self, name: &str) -> Option<&PortalSettings> {
        let single = self.single_sign_on.as_ref().filter(|single| single.is_taken_over_at(name))?;
        self.portals.iter().find(|portal| portal.name == single.home)
    }

    /// The name of [`Settings::home_of`].
    pub fn home_name_of(&self, name: &str) -> Option<&str> {
        self.home_of(name).map(|home| home.name.as_str())
    }

    /// On which terms this very address may be trusted, if at all. Never a proxy's own: it stands for everybody behind it.
    pub fn address_terms(&self, client: IpAddr) -> Option<AddressTerms> {
        let (trust, server) = (&self.trust, &self.server);
        let span = trust.address?;
        let mut proxies = server.trusted_proxies.iter().chain(&server.proxy_protocol);
        let is_proxy = proxies.any(|net| net.contains(&client));
        (!is_proxy && may_trust(client, &trust.address_from))
            .then_some(AddressTerms { span, scope: trust.address_scope })
    }
}

/// `[server]`.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// TLS sockets.
    pub https: Vec<SocketAddr>,
    /// The port that visitors use, where it is not the one listened on.
    pub public_port: Option<u16>,
    /// Plain sockets that only redirect.
    pub http: Vec<SocketAddr>,
    /// Health and metrics; never public.
    pub internal: Option<SocketAddr>,
    /// Run-time control.
    pub socket: PathBuf,
    /// Who may tell us the client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// Who says first, by the PROXY protocol, whose connection it hands on.
    pub proxy_protocol: Vec<IpNet>,
    /// Proxying threads; one runtime and one listening socket each.
    pub workers: usize,
    /// The folder of our own pages, with both slashes: `/.vestibule/`.
    pub prefix: String,
    /// How long a drain may take.
    pub drain: Duration,
}

impl ServerSettings {
    /// A host as links name it that no request asked for: with the port that visitors use.
    pub fn at_public_port(&self, host: &Host) -> String {
        match self.public_port.or_else(|| self.https.first().map(SocketAddr::port)) {
            // Nobody listens on 0: the system chose another, which the file does not know.
            None | Some(0 | 443) => host.to_string(),
            Some(port) => format!("{host}:{port}"),
        }
    }
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSettings {
    /// PEM chain, leaf first.
    pub chain: PathBuf,
    /// PEM key.
    pub key: PathBuf,
}

/// `[store]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreSettings {
    /// Nothing survives a restart; for tests.
    Memory,
    /// One SQLite file.
    Sqlite {
        /// The database.
        path: PathBuf,
        /// The key that seals secrets in it (mode 0600, made at first start).
        key: PathBuf,
    },
}

/// `[trust]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustSettings {
    /// How long a device may be trusted; `None` forbids it.
    pub device: Option<DeviceTerms>,
    /// With what a trusted device may be unlocked instead of signing in anew; nothing unless the file says so.
    pub unlock: Vec<Unlock>,
    /// How long an address may be trusted; `None` forbids it.
    pub address: Option<Duration>,
    /// Where an address may be trusted at all.
    pub address_from: Vec<IpNet>,
    /// How far a trusted address reaches.
    pub address_scope: AddressScope,
}

/// What unlocks a trusted device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// A passkey, opened by fingerprint, face or screen lock.
    Passkey,
    /// A PIN that was set for this device.
    Pin,
}

/// `[second_factor]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactorSettings {
    /// The word for everybody; groups and persons add theirs, the strictest wins.
    pub requirement: Requirement,
    /// Methods that may be asked, best first; never empty.
    pub methods: Vec<Method>,
    /// Whether somebody without a second factor may name the address or number that codes go to.
    pub ask_missing: bool,
    /// The words of `[[group]]`.
    pub groups: BTreeMap<String, Requirement>,
    /// The words people have in their own entries.
    pub people: BTreeMap<UserId, Requirement>,
}

impl SecondFactorSettings {
    /// The strictest word for somebody in `groups` with this own word, and whose word it is.
    ///
    /// Where several say the same, the most general is named: it is the one that would have to change first.
    pub fn requirement_on(
        &self,
        groups: &[String],
        own: Option<Requirement>,
    ) -> (Requirement, RequirementSource) {
        let of_groups = groups.iter().filter_map(|name| {
            self.groups.get(name).map(|word| (*word, RequirementSource::Group(name.clone())))
        });
        let mut strictest = (self.requirement, RequirementSource::Everybody);
        for (word, source) in of_groups.chain(own.map(|word| (word, RequirementSource::Person))) {
            if word > strictest.0 {
                strictest = (word, source);
            }
        }
        strictest
    }
}

/// `[pages]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSettings {
    /// Two-letter code for visitors who ask for none of ours.
    pub language: String,
    /// Whom to ask for help: words and a `mailto:`, `tel:` or `https:` address.
    pub support: Option<SupportContact>,
    /// How they look where a portal has no look of its own.
    pub brand: Brand,
}

/// Whom visitors may ask for help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportContact {
    /// What the link says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// `[mail]`.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Who it is from: `Vestibule <no-reply@example.com>`, or the address alone.
    pub from: String,
    /// Who carries it.
    pub carrier: MailCarrier,
    /// How long one mail may take to be handed over.
    pub timeout: Duration,
    /// Whether people are told what happens to their account.
    pub notices: bool,
    /// Letters in an operator's own words.
    pub letters: Letters,
}

/// Who carries mail.
#[derive(Clone, Debug)]
pub enum MailCarrier {
    /// A mail server.
    Smtp(SmtpSettings),
    /// A program that takes the mail on its standard input and the addresses as arguments.
    Sendmail(PathBuf),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// PEM bundle, the only one to trust; the system's authorities where there is none.
    pub ca: Option<PathBuf>,
    /// Name and password, where the server asks for them.
    pub login: Option<(String, SecretString)>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpSecurity {
    /// Plain at first, and not a word of ours before it is encrypted.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all.
    None,
}

/// `[sms]`.
#[derive(Clone, Debug)]
pub struct SmsSettings {
    /// Who carries them: the next one is asked when the one before fails. Never empty.
    pub providers: Vec<SmsProvider>,
    /// How many messages may be sent: whoever can make us send them could make money with it.
    pub limits: SmsLimits,
}

/// A provider of text messages, reached over HTTP.
#[derive(Clone, Debug)]
pub struct SmsProvider {
    /// Where requests go: `http` or `https`, with path and query.
    pub url: Uri,
    /// `POST` or `PUT`.
    pub method: http::Method,
    /// Headers of every request; values that hold a secret are marked sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is sent.
    pub body: SmsBody,
    /// How the body is signed, if the provider wants that.
    pub signature: Option<SmsSignature>,
    /// PEM bundle, the only one to trust; the system's authorities where there is none.
    pub ca: Option<PathBuf>,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The body of a request to a provider. In its texts `{to}` and `{text}` stand for number and message.
#[derive(Clone, Debug)]
pub enum SmsBody {
    /// A JSON document.
    Json(serde_json::Value),
    /// Fields of a form.
    Form(Vec<(String, String)>),
}

/// HMAC-SHA256 over the body, in hexadecimal digits.
#[derive(Clone, Debug)]
pub struct SmsSignature {
    /// The header it goes into.
    pub header: HeaderName,
    /// What stands before the digits, such as `sha256=`.
    pub prefix: String,
    /// The key shared with the provider.
    pub key: SecretString,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A tracing filter such as `info`.
    pub level: String,
    /// The audit log; `None` writes it to standard output among the other lines, marked `"stream":"audit"`.
    pub audit: Option<PathBuf>,
    /// Whether each request is logged.
    pub access: bool,
}

/// `[[provider]]`.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name in logs and forms.
    pub name: String,
    /// What visitors call it.
    pub title: String,
    /// Its address, exactly as it writes it.
    pub issuer: String,
    /// What it calls this gateway.
    pub client_id: String,
    /// What proves that it is this gateway.
    pub client_secret: Option<SecretString>,
    /// What it is asked to tell.
    pub scopes: Vec<String>,
    /// The portals it is offered at, by name; `None` for all.
    pub portals: Option<Vec<String>>,
    /// Domains whose verified addresses link an account to the person who has the address; none, if nothing does.
    pub email_domains: Vec<String>,
    /// Values of `amr` that count as a second factor.
    pub accept_amr: Vec<String>,
    /// What it asks even of somebody who is signed in there.
    pub prompt: Prompt,
    /// PEM bundle to trust instead of the system's.
    pub ca: Option<PathBuf>,
}

impl ProviderSettings {
    /// Whether it is offered at the portal called `name`.
    pub fn is_offered_at(&self, name: &str) -> bool {
        self.portals.as_ref().is_none_or(|portals| portals.iter().any(|portal| portal == name))
    }
}

/// What a provider asks even of somebody who is signed in there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prompt {
    /// Which account.
    SelectAccount,
    /// The password.
    Login,
    /// Whether the gateway may know.
    Consent,
    /// Nothing.
    Nothing,
}

/// `[[test]]`.
#[derive(Clone, Debug)]
pub struct PolicyTest {
    /// Line in the file, for the report.
    pub line: usize,
    /// Host and path asked.
    pub url: Uri,
    /// Who asks; nobody if absent.
    pub user: Option<String>,
    /// Groups to assume instead of the person's own.
    pub groups: Option<Vec<String>>,
    /// From where.
    pub ip: Option<std::net::IpAddr>,
    /// Method.
    pub method: http::Method,
    /// The level that must come out.
    pub expect: Level,
}
