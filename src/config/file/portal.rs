//! `[[portal]]` as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, FactorWord, HeaderWord, SignInWord, SpanText, SupportTable};
use crate::domain::policy::Level;

/// A site behind the gateway.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "portal")]
pub(in crate::config) struct PortalTable {
    /// Short name for rules, logs and commands: letters, digits, "-" and "_".
    #[schemars(required)]
    pub name: Option<At<String>>,
    /// What visitors call it. Default: the name.
    pub title: Option<At<String>>,
    /// What authenticator apps call it. Default: the title.
    pub issuer: Option<At<String>>,
    /// The host names it answers to.
    pub hosts: Option<At<Vec<At<String>>>>,
    /// The only host name it answers to; short for hosts = ["…"].
    pub host: Option<At<String>>,
    /// The server behind it: "http://host:port" or "https://host:port". Without one, only the gateway's own pages answer.
    pub upstream: Option<At<String>>,
    /// Which Host header it sees: the visitor's ("preserve") or its own ("upstream"). Default: "preserve".
    pub upstream_host: Option<UpstreamHostWord>,
    /// PEM bundle to trust instead of the system's, for an https upstream.
    pub upstream_ca: Option<At<String>>,
    /// Longest wait for a connection. Default: "5s".
    pub connect_timeout: Option<At<SpanText>>,
    /// Longest wait for the head of an answer. Default: "60s".
    pub response_timeout: Option<At<SpanText>>,
    /// Longest silence within a body or a WebSocket. Default: "5m".
    pub idle_timeout: Option<At<SpanText>>,
    /// How a sign-in begins here. Default: as under [sign_in].
    pub sign_in: Option<At<Vec<At<SignInWord>>>>,
    /// Names of the identity headers.
    #[serde(default)]
    pub headers: HeadersTable,
    /// Whom visitors of this portal may ask for help.
    pub support: Option<At<SupportTable>>,
    /// Its logo: an SVG or PNG file of at most 6 kB. Default: that of [pages].
    pub logo: Option<At<String>>,
    /// Its colour, for buttons and links: "#rrggbb". Default: that of [pages].
    pub color: Option<At<String>>,
    /// The same on dark pages. Default: "color", made light enough.
    pub color_dark: Option<At<String>>,
    /// Whether strangers get a page of welcome at "/" instead of the sign-in. Default: false.
    pub landing: Option<At<bool>>,
    /// What that page says, in a sentence or two.
    pub welcome: Option<At<String>>,
    /// Whether its pages say who is signed in, in a small badge that visitors can close. Default: false.
    pub badge: Option<At<bool>>,
    /// Where a sign-in leads that came from nowhere else. Default: "/".
    pub start: Option<At<String>>,
    /// false closes the portal. Default: true.
    pub enabled: Option<bool>,
    /// First match decides; no match is deny.
    #[serde(default)]
    pub rule: Vec<At<RuleTable>>,
}

/// A Host header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "upstream_host")]
pub(in crate::config) enum UpstreamHostWord {
    /// The visitor's.
    Preserve,
    /// The upstream's own.
    Upstream,
}

/// What the portal is told of the visitor; false switches a header off.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "headers")]
pub(in crate::config) struct HeadersTable {
    /// The person's name. Default: "Remote-User".
    pub user: Option<At<HeaderWord>>,
    /// What people call them. Default: "Remote-Name".
    pub name: Option<At<HeaderWord>>,
    /// Mail address. Default: "Remote-Email".
    pub email: Option<At<HeaderWord>>,
    /// Groups, comma-separated. Default: "Remote-Groups".
    pub groups: Option<At<HeaderWord>>,
}

/// What is asked of whom, where.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "rule")]
pub(in crate::config) struct RuleTable {
    /// Whole segments; "*" stands for one, "**" at the end for the rest. Default: "/**".
    pub path: Option<At<String>>,
    /// "bypass", "optional", "one_factor", "two_factor" or "deny".
    #[schemars(required)]
    pub policy: Option<At<Level>>,
    /// About whom: "group:NAME" or "user:NAME". Default: everybody.
    #[schemars(length(min = 1))]
    pub subjects: Option<At<Vec<At<String>>>>,
    /// From which networks or addresses. Default: everywhere.
    #[schemars(length(min = 1))]
    pub networks: Option<At<Vec<At<String>>>>,
    /// With which HTTP methods; "GET" stands for "HEAD" too. Default: all.
    #[schemars(length(min = 1))]
    pub methods: Option<At<Vec<At<String>>>>,
    /// How long ago the second factor (with "one_factor", the password) was given at most; trust does not do. Default: any time.
    pub max_age: Option<At<SpanText>>,
    /// Second factors that count here; trust does not do. Default: all of [second_factor].
    #[schemars(length(min = 1))]
    pub factors: Option<At<Vec<At<FactorWord>>>>,
}

/// One sign-in for several portals: whoever signed in at one of them is handed over to the others.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "single_sign_on")]
pub(in crate::config) struct SingleSignOnTable {
    /// The portal where people sign in, by name.
    #[schemars(required)]
    pub home: Option<At<String>>,
    /// The portals that take the sign-in over, by name. Default: all others.
    #[schemars(length(min = 1))]
    pub portals: Option<At<Vec<At<String>>>>,
}
