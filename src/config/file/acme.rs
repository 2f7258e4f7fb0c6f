//! `[tls.acme]` as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Secret};

/// Certificates from an authority that speaks ACME, such as Let's Encrypt: for every host that no certificate of
/// `certificates` covers. They are renewed in time.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "acme")]
pub(in crate::config) struct AcmeTable {
    /// true: you have read the authority's terms and agree to them. Nothing is asked for before.
    #[schemars(required)]
    pub terms_agreed: Option<At<bool>>,
    /// The authority's directory. Default: "https://acme-v02.api.letsencrypt.org/directory".
    pub directory: Option<At<String>>,
    /// The mail address the authority may write to.
    pub contact: Option<At<String>>,
    /// Where the account and the certificates are kept. Default: "acme".
    pub folder: Option<At<String>>,
    /// How hosts are proved to be ours: "tls-alpn-01" at port 443, "http-01" at port 80. Default: both, in this order.
    pub challenges: Option<At<Vec<At<ChallengeWord>>>>,
    /// Which kind of certificate, of those the authority offers, such as "shortlived".
    pub profile: Option<At<String>>,
    /// An account elsewhere that the authority asks for, as some do.
    pub external_account: Option<At<ExternalAccountTable>>,
    /// PEM bundle to trust instead of the system's, for an authority of your own.
    pub ca: Option<At<String>>,
}

/// How a host is proved to be ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "challenge")]
pub(in crate::config) enum ChallengeWord {
    /// By a TLS handshake at port 443.
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// By an answer over plain HTTP at port 80.
    #[serde(rename = "http-01")]
    Http01,
}

/// What an authority gave to somebody with an account there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "external_account")]
pub(in crate::config) struct ExternalAccountTable {
    /// Which key it is.
    #[schemars(required)]
    pub id: Option<At<String>>,
    /// The key, in base64url: { file = "…" }, { env = "…" } or { credential = "…" }.
    #[schemars(required)]
    pub key: Option<At<Secret>>,
}
