//! `[tls.acme]`.

use std::path::PathBuf;

use http::Uri;
use secrecy::SecretString;

use crate::domain::facts::Host;

/// Certificates from an authority that speaks ACME (RFC 8555).
#[derive(Clone, Debug)]
pub struct AcmeSettings {
    /// The authority's directory; always https.
    pub directory: Uri,
    /// Where the authority may write to: "mailto:…".
    pub contact: Option<String>,
    /// Where the account and the certificates are kept.
    pub folder: PathBuf,
    /// How hosts are proved to be ours, the best first; never empty.
    pub challenges: Vec<Challenge>,
    /// Which kind of certificate; the authority's usual one without.
    pub profile: Option<String>,
    /// An account elsewhere that the authority asks for.
    pub external_account: Option<ExternalAccount>,
    /// PEM bundle to trust instead of the system's.
    pub ca: Option<PathBuf>,
}

impl AcmeSettings {
    /// Whether a certificate is ordered for a host: for names, and for those that only mean something within a network where
    /// the authority is one of our own.
    pub fn orders(&self, host: &Host) -> bool {
        host.is_domain() && (self.ca.is_some() || host.is_public())
    }
}

/// How a host is proved to be ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Challenge {
    /// By a TLS handshake at port 443 (RFC 8737).
    TlsAlpn01,
    /// By an answer over plain HTTP at port 80 (RFC 8555, 8.3).
    Http01,
}

/// What an authority gave to somebody with an account there (RFC 8555, 7.3.4).
#[derive(Clone, Debug)]
pub struct ExternalAccount {
    /// Which key it is.
    pub id: String,
    /// The key, in base64url without padding.
    pub key: SecretString,
}
