//! The file as written, field for field. Nothing is judged here but names and kinds of values: `check` does the rest.
//!
//! Fields that must be there are optional all the same, so that one missing key does not hide the other problems of its
//! table. Doc comments become the descriptions of the JSON schema.

mod acme;
mod admin;
mod portal;
mod post;
mod trust;
mod written;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use self::acme::{AcmeTable, ChallengeWord, ExternalAccountTable};
pub(super) use self::admin::{AdminTable, TenantTable};
pub(super) use self::portal::{HeadersTable, PortalTable, RuleTable, SingleSignOnTable, UpstreamHostWord};
pub(super) use self::post::{
    MailTable, SecurityWord, SignatureTable, SmsMethod, SmsProviderTable, SmsTable, SmtpTable,
};
pub(super) use self::trust::{DeviceText, TrustTable, UnlockWord};
pub(super) use self::written::{At, HeaderWord, Secret, SecretTable, SizeText, SpanText};
use crate::domain::{factor::Method, identity::Requirement, policy::Level};

/// `vestibule.toml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "vestibule.toml", title = "vestibule.toml")]
pub(super) struct File {
    #[serde(default)]
    pub server: ServerTable,
    #[serde(default)]
    pub tls: TlsTable,
    #[serde(default)]
    pub store: StoreTable,
    #[serde(default)]
    pub session: SessionTable,
    #[serde(default)]
    pub trust: TrustTable,
    #[serde(default)]
    pub sign_in: SignInTable,
    #[serde(default)]
    pub second_factor: SecondFactorTable,
    #[serde(default)]
    pub pages: PagesTable,
    /// How mail is sent. Without it none is.
    pub mail: Option<At<MailTable>>,
    /// How text messages are sent. Without it none are.
    pub sms: Option<At<SmsTable>>,
    #[serde(default)]
    pub log: LogTable,
    /// Words about groups. Groups need no entry to be used.
    #[serde(default)]
    pub group: Vec<At<GroupTable>>,
    /// Where people come from, asked in this order.
    #[serde(default)]
    pub directory: Vec<At<DirectoryTable>>,
    /// Where people have accounts already, to sign in with (OpenID Connect).
    #[serde(default)]
    pub provider: Vec<At<ProviderTable>>,
    /// The administrators' pages. Without it there are none.
    pub admin: Option<At<AdminTable>>,
    /// One sign-in for several portals. Without it each portal asks on its own.
    pub single_sign_on: Option<At<SingleSignOnTable>>,
    /// The sites behind the gateway.
    #[serde(default)]
    pub portal: Vec<At<PortalTable>>,
    /// Run by `vestibule check` and by every reload; a failing test refuses the reload.
    #[serde(default)]
    pub test: Vec<At<TestTable>>,
}

/// Sockets and limits.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "server")]
pub(super) struct ServerTable {
    /// TLS listeners, as "address:port", on the port that visitors use. Default: "[::]:443".
    pub https: Option<Vec<At<String>>>,
    /// The port that visitors use, where a router or proxy in front takes another one than is listened on. Default: the first
    /// of "https".
    pub public_port: Option<At<u16>>,
    /// Plain listeners that only redirect to https. Default: "[::]:80" where https is left out too, else none.
    pub http: Option<Vec<At<String>>>,
    /// Health and metrics; never public. Default: "127.0.0.1:9091"; "off" for none.
    pub internal: Option<At<String>>,
    /// Run-time control: a Unix socket. Default: "run/vestibule.sock".
    pub socket: Option<At<String>>,
    /// Addresses and networks that may tell us the client's address in X-Forwarded-For.
    #[serde(default)]
    pub trusted_proxies: Vec<At<String>>,
    /// Addresses and networks that begin each connection with a PROXY header (version 1 or 2), which says whose it is. They
    /// must; from anybody else it is garbage.
    #[serde(default)]
    pub proxy_protocol: Vec<At<String>>,
    /// Proxying threads. Default: one per core.
    pub workers: Option<At<u16>>,
    /// The folder of the gateway's own pages, on every portal. Default: "/.vestibule/".
    pub prefix: Option<At<String>>,
    /// How long open requests may take to finish at a stop. Default: "30s".
    pub drain: Option<At<SpanText>>,
}

/// Certificates.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "tls")]
pub(super) struct TlsTable {
    /// Chosen by the name the visitor asks for; the first one answers where none fits. Reloaded when they change.
    #[serde(default)]
    pub certificates: Vec<At<CertificateTable>>,
    /// Certificates from an authority, for hosts that none of those covers.
    pub acme: Option<At<AcmeTable>>,
}

/// A certificate chain and its key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "certificate")]
pub(super) struct CertificateTable {
    /// PEM file, the portal's own certificate first.
    #[schemars(required)]
    pub chain: Option<At<String>>,
    /// PEM file, mode 0600.
    #[schemars(required)]
    pub key: Option<At<String>>,
}

/// Where state lives.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "store")]
pub(super) struct StoreTable {
    /// "sqlite:PATH", or "memory:" to forget everything at a stop. Default: "sqlite:vestibule.db".
    pub url: Option<At<String>>,
    /// The file that seals secrets in the store, made at first start. Default: the store's path, ending in ".key".
    pub key: Option<At<String>>,
}

/// How long a sign-in lasts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "session")]
pub(super) struct SessionTable {
    /// Ends a session nobody uses. Default: "8h".
    pub idle: Option<At<SpanText>>,
    /// Ends every session. Default: "24h".
    pub lifetime: Option<At<SpanText>>,
    /// The largest form that is kept for ten minutes when it meets a sign-in, to be sent with one press afterwards. "off":
    /// none is. Default: "1MiB".
    pub keep_forms: Option<At<SizeText>>,
}

/// How a sign-in begins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "sign_in")]
pub(super) struct SignInTable {
    /// "password", "link" (a link by mail; needs [mail]) or both. Default: ["password"].
    pub methods: Option<At<Vec<At<SignInWord>>>>,
}

/// A way to begin a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "sign_in_method")]
pub(super) enum SignInWord {
    /// Name and password.
    Password,
    /// A link that is mailed to the visitor.
    Link,
}

/// The second factor, for everybody. Groups and people add their own word; the strictest wins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "second_factor")]
pub(super) struct SecondFactorTable {
    /// "required", "optional" (the visitor's own switch) or "off". Default: "required".
    pub requirement: Option<At<Requirement>>,
    /// In order of preference. Default: ["totp"].
    pub methods: Option<At<Vec<At<FactorWord>>>>,
    /// Whether somebody without a second factor, whose address or number the directory does not know, may name it at
    /// sign-in. It counts once a code sent there was typed. Default: false.
    pub ask_missing: Option<At<bool>>,
}

/// A kind of second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "method")]
pub(super) enum FactorWord {
    /// A code from an authenticator app.
    Totp,
    /// A passkey: beside "totp", and instead of name and password too.
    Passkey,
    /// A yes on the authenticator page, by number matching; needs "totp", which links the page.
    Approval,
    /// A code sent by mail; needs [mail].
    Email,
    /// A code sent by text message; needs [sms].
    Sms,
}

impl FactorWord {
    /// The method it means.
    pub(super) const fn method(self) -> Method {
        match self {
            Self::Totp => Method::Totp,
            Self::Passkey => Method::Passkey,
            Self::Approval => Method::Approval,
            Self::Email => Method::Email,
            Self::Sms => Method::Sms,
        }
    }
}

/// The gateway's own pages.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "pages")]
pub(super) struct PagesTable {
    /// For visitors who ask for none of ours. Default: "en".
    pub language: Option<At<Language>>,
    /// Whom visitors may ask for help.
    pub support: Option<At<SupportTable>>,
    /// The logo on every page: an SVG or PNG file of at most 6 kB. Default: the gateway's own.
    pub logo: Option<At<String>>,
    /// The colour of buttons and links: "#rrggbb". Default: the gateway's own.
    pub color: Option<At<String>>,
    /// The same on dark pages. Default: "color", made light enough.
    pub color_dark: Option<At<String>>,
}

/// A language of the gateway's pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "language")]
pub(super) enum Language {
    /// English.
    En,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// French.
    Fr,
}

/// A contact.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "support")]
pub(super) struct SupportTable {
    /// What the link says.
    #[schemars(required)]
    pub label: Option<At<String>>,
    /// Where it leads: "mailto:…", "tel:…" or "https://…".
    #[schemars(required)]
    pub url: Option<At<String>>,
}

/// Log streams.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "log")]
pub(super) struct LogTable {
    /// How much is logged: "error", "warn", "info", "debug", "trace", or a filter such as "info,hyper=warn". Default: "info".
    pub level: Option<At<String>>,
    /// The audit log's own file; without it audit lines go to standard output with the others.
    pub audit: Option<At<String>>,
    /// Whether each request is logged. Default: true.
    pub access: Option<bool>,
}

/// A word about a group.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "group")]
pub(super) struct GroupTable {
    /// As people's entries spell it.
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// "required", "optional" or "off"; the strictest of all words on a person wins.
    pub second_factor: Option<At<Requirement>>,
    /// false: nobody of the group signs in. Default: true.
    pub enabled: Option<bool>,
}

/// A source of people.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "directory")]
pub(super) struct DirectoryTable {
    /// "file" or "store"; the other kinds are not available in this version.
    #[schemars(required)]
    pub kind: Option<At<DirectoryKind>>,
    /// With "file": the file of people, as in users.example.toml.
    pub path: Option<At<String>>,
}

/// A kind of directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "directory_kind")]
pub(super) enum DirectoryKind {
    /// A file of people.
    File,
    /// People made by administrators, kept in the store.
    Store,
    /// Not available in this version.
    Ldap,
    /// Not available in this version.
    Oidc,
    /// Not available in this version.
    Portal,
    /// Not available in this version.
    Htpasswd,
}

/// A provider of identities that speaks OpenID Connect.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "provider")]
pub(super) struct ProviderTable {
    /// Short name for logs: letters, digits, "-" and "_".
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// What visitors call it: "Sign in with …". Default: the name.
    pub title: Option<At<String>>,
    /// Its address, exactly as it writes it: "https://accounts.google.com". Plain http only on this machine.
    #[schemars(required)]
    pub issuer: Option<At<String>>,
    /// What it calls this gateway.
    #[schemars(required)]
    pub client_id: Option<At<String>>,
    /// Where the secret is that proves it; without one, the exchange is protected by PKCE alone.
    #[schemars(with = "SecretTable")]
    pub client_secret: Option<At<Secret>>,
    /// What it is asked to tell. Default: ["openid", "profile", "email"].
    pub scopes: Option<Vec<At<String>>>,
    /// At which portals it is offered, by name. Default: at all.
    #[schemars(length(min = 1))]
    pub portals: Option<At<Vec<At<String>>>>,
    /// Whether an address that the provider has verified links an account to the person who has it. Default: false.
    pub link_by_email: Option<At<bool>>,
    /// The domains of such addresses; none beside these links anybody.
    pub email_domains: Option<At<Vec<At<String>>>>,
    /// Values of "amr" that count as a second factor here. Default: none, our own is asked on top.
    pub accept_amr: Option<Vec<At<String>>>,
    /// What the provider asks even of who is signed in there: "select_account", "login", "consent" or "off". Default:
    /// "select_account".
    pub prompt: Option<PromptWord>,
    /// PEM bundle to trust instead of the system's.
    pub ca: Option<At<String>>,
}

/// What a provider asks even of somebody who is signed in there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "prompt")]
pub(super) enum PromptWord {
    /// Which account.
    SelectAccount,
    /// The password.
    Login,
    /// Whether the gateway may know.
    Consent,
    /// Nothing.
    Off,
}

/// What must come out for a visitor at a page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "test")]
pub(super) struct TestTable {
    /// The page, in full.
    #[schemars(required)]
    pub url: Option<At<String>>,
    /// Who asks, signed in with a password alone. Without it, nobody is signed in.
    pub user: Option<At<String>>,
    /// Groups to assume instead of the person's own, or for somebody made up.
    pub groups: Option<Vec<String>>,
    /// From where. Default: somewhere on the internet.
    pub ip: Option<At<String>>,
    /// With which HTTP method. Default: "GET".
    pub method: Option<At<String>>,
    /// What is asked of this visitor: "bypass", "optional", "one_factor", "two_factor" or "deny".
    #[schemars(required)]
    pub expect: Option<At<Level>>,
}

/// `users.toml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "users.toml", title = "users.toml")]
pub(super) struct UsersFile {
    /// People.
    #[serde(default)]
    pub user: Vec<At<UserTable>>,
}

/// A person.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "user")]
pub(super) struct UserTable {
    /// The name to sign in with; what the portal receives.
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// What people call them. Default: the name.
    pub display_name: Option<At<String>>,
    /// Mail address; also good for signing in.
    pub email: Option<At<String>>,
    /// Mobile number.
    pub phone: Option<At<String>>,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<At<String>>,
    /// An argon2id hash, as `vestibule hash` prints it, or where to find it.
    pub password: Option<At<Secret>>,
    /// "required", "optional" or "off"; the strictest of all words on a person wins.
    pub second_factor: Option<At<Requirement>>,
    /// true refuses the person everywhere, at once. Default: false.
    #[serde(default)]
    pub disabled: bool,
}
