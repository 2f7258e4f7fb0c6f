//! What proves a host to be ours, for as long as an order is under way, and to nobody who does not ask for it by name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::sign::CertifiedKey;

use crate::domain::facts::Host;

/// The one protocol a challenge speaks (RFC 8737, 6.2).
pub(in crate::serve) const ALPN: &[u8] = b"acme-tls/1";
/// Where a challenge over plain HTTP is asked for, up to its token (RFC 8555, 8.3).
pub(in crate::serve) const PATH: &str = "/.well-known/acme-challenge/";

/// Challenges under way, by host.
#[derive(Default)]
pub(in crate::serve) struct Challenges(Mutex<HashMap<Host, Proof>>);

/// What is shown to whoever asks.
pub(super) enum Proof {
    /// In a handshake that offers nothing but [`ALPN`].
    Tls(Arc<CertifiedKey>),
    /// At [`PATH`] and the token.
    Http { token: String, answer: String },
}

/// A challenge that is answered for as long as this lives.
#[must_use = "a challenge is answered only while this is kept"]
pub(super) struct Posted {
    challenges: Arc<Challenges>,
    host: Host,
}

impl Challenges {
    pub(super) fn post(self: &Arc<Self>, host: &Host, proof: Proof) -> Posted {
        self.lock().insert(host.clone(), proof);
        Posted { challenges: self.clone(), host: host.clone() }
    }

    /// What a handshake for `name` is shown that offers [`ALPN`] alone.
    pub(in crate::serve) fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let host = Host::read(name)?;
        match self.lock().get(&host)? {
            Proof::Tls(certificate) => Some(certificate.clone()),
            Proof::Http { .. } => None,
        }
    }

    /// What is answered at `path` of `host`.
    pub(in crate::serve) fn answer(&self, host: &Host, path: &str) -> Option<String> {
        let asked = path.strip_prefix(PATH)?;
        match self.lock().get(host)? {
            Proof::Http { token, answer } => (asked == token).then(|| answer.clone()),
            Proof::Tls(_) => None,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Host, Proof>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        self.challenges.lock().remove(&self.host);
    }
}
