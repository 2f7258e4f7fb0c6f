//! TLS as visitors meet it: which certificate is shown for which name, and how another takes its place.
//!
//! The table of certificates is a cell of its own: new ones are swapped in whole, handshakes under way finish on the old.
//! A name nobody covers gets the first certificate, so that the gateway can tell the visitor that the host is unknown.

mod files;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use webpki::EndEntityCert;

use self::files::Stamp;
pub use self::files::{SelfSigned, self_signed};
use super::acme::{self, Challenges, Folder};
use crate::{config::settings::Settings, domain::facts::Host};

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be read, or holds no PEM of the right kind.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A chain and a key that do not belong together, or a key nobody can use.
    #[error("{}: {reason}", chain.display())]
    Pair {
        /// The chain.
        chain: PathBuf,
        /// Why.
        reason: String,
    },
    /// No certificate at all.
    #[error("no certificate is configured: add one to [tls] certificates")]
    None,
    /// The library refuses.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] rustls::Error),
    /// A self-signed certificate cannot be made.
    #[error("no certificate can be made for these names: {0}")]
    SelfSigned(String),
    /// Certificates of an authority cannot be kept.
    #[error("the folder of [tls.acme] cannot be used: {0}")]
    Folder(String),
}

/// TLS for all threads.
pub struct Tls {
    table: Arc<Table>,
    config: Arc<ServerConfig>,
}

struct Table {
    certificates: ArcSwap<Certificates>,
    /// What proves hosts to an authority.
    challenges: Arc<Challenges>,
}

/// Which certificate is shown in a handshake, and for which hosts it is the right one.
#[derive(Clone)]
pub(super) struct Shown {
    certificates: Arc<Certificates>,
    index: usize,
}

/// All certificates of one reading of the file.
struct Certificates {
    keys: Vec<Arc<CertifiedKey>>,
    by_name: HashMap<Box<str>, usize>,
    /// Hosts whose certificates come from an authority.
    wanted: Arc<[Host]>,
    stamp: Stamp,
}

impl Tls {
    /// Reads the certificates and sets TLS up.
    ///
    /// # Errors
    /// A [`TlsFault`].
    pub fn load(settings: &Settings) -> Result<Self, TlsFault> {
        let table = Arc::new(Table {
            certificates: ArcSwap::from_pointee(Certificates::load(settings)?),
            challenges: Arc::default(),
        });
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(table.clone());
        // The last one is for an authority that looks whether a host is ours: nothing is ever served over it.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), acme::ALPN.to_vec()];
        // No early data: it can be replayed. Tickets are good for the name they were issued under only.
        config.max_early_data_size = 0;
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Self { table, config: Arc::new(config) })
    }

    /// Reads the certificates again; on failure those in use stay.
    ///
    /// # Errors
    /// A [`TlsFault`]; nothing was changed.
    pub fn reload(&self, settings: &Settings) -> Result<(), TlsFault> {
        self.table.certificates.store(Arc::new(Certificates::load(settings)?));
        Ok(())
    }

    /// Reads the certificates again if a file changed since.
    ///
    /// # Errors
    /// As [`Tls::reload`].
    pub(super) fn refresh(&self, settings: &Settings) -> Result<bool, TlsFault> {
        let before = self.table.certificates.load_full();
        if before.stamp == stamp(settings) {
            return Ok(false);
        }
        let fresh = Arc::new(Certificates::load(settings)?);
        // A reload that came in between read a newer file than these settings are of: its certificates stay.
        let found = self.table.certificates.compare_and_swap(&before, fresh);
        Ok(Arc::ptr_eq(&found, &before))
    }

    /// Hosts whose certificates come from an authority.
    pub(super) fn wanted(&self) -> Arc<[Host]> {
        self.table.certificates.load().wanted.clone()
    }

    /// What proves hosts to an authority.
    pub(super) fn challenges(&self) -> &Arc<Challenges> {
        &self.table.challenges
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// What a visitor who asked for `name` was shown.
    pub(super) fn shown(&self, name: Option<&str>) -> Shown {
        let certificates = self.table.certificates.load_full();
        let index = name.map_or(0, |name| certificates.index(name));
        Shown { certificates, index }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({} certificates)", self.table.certificates.load().keys.len())
    }
}

impl Shown {
    /// Whether `host` would have been shown the same certificate.
    pub(super) fn is_for(&self, host: &str) -> bool {
        let Certificates { by_name, wanted, .. } = &*self.certificates;
        match by_name.get(host) {
            Some(index) => *index == self.index,
            // A host whose certificate is still to come is served under no other's.
            None => self.index == 0 && !wanted.iter().any(|wanted| wanted.as_str() == host),
        }
    }
}

impl Certificates {
    fn load(settings: &Settings) -> Result<Self, TlsFault> {
        // Read before the files: a change while reading is found at the next look.
        let stamp = stamp(settings);
        let mut keys = settings.certificates.iter().map(files::load).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() && settings.acme.is_none() {
            return Err(TlsFault::None);
        }
        let mut by_name: HashMap<Box<str>, usize> = hosts(settings)
            .filter_map(|host| {
                let index = keys.iter().position(|key| covers(key, host.as_str()))?;
                Some((host.as_str().into(), index))
            })
            .collect();
        let mut wanted = Vec::new();
        if let Some(acme) = &settings.acme {
            let folder = Folder::of(acme);
            folder.prepare().map_err(TlsFault::Folder)?;
            for host in
                hosts(settings).filter(|host| acme.orders(host) && !by_name.contains_key(host.as_str()))
            {
                wanted.push(host.clone());
            }
            for host in &wanted {
                match folder.read(host) {
                    Ok(Some(kept)) => {
                        by_name.insert(host.as_str().into(), keys.len());
                        keys.push(kept.certificate);
                    }
                    Ok(None) => {}
                    // One that is worth nothing is ordered anew; one that is refused waits for its owner.
                    Err(fault) => {
                        tracing::error!(%host, %fault, "a certificate of the authority cannot be used")
                    }
                }
            }
        }
        Ok(Self { keys, by_name, wanted: wanted.into(), stamp })
    }

    fn index(&self, name: &str) -> usize {
        self.by_name.get(name).copied().unwrap_or(0)
    }
}

fn stamp(settings: &Settings) -> Stamp {
    Stamp::of(&settings.certificates, settings.acme.as_ref(), hosts(settings))
}

/// The hosts of all portals.
fn hosts(settings: &Settings) -> impl Iterator<Item = &Host> {
    settings.portals.iter().flat_map(|portal| &portal.hosts)
}

pub(super) fn covers(key: &CertifiedKey, host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(name) = ServerName::try_from(bare) else { return false };
    let leaf: Option<&CertificateDer<'_>> = key.cert.first();
    leaf.and_then(|leaf| EndEntityCert::try_from(leaf).ok())
        .is_some_and(|leaf| leaf.verify_is_valid_for_subject_name(&name).is_ok())
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}

impl ResolvesServerCert for Table {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // An authority offers this and nothing else, and is shown a certificate that nobody else is (RFC 8737, 3).
        let mut offered = hello.alpn().into_iter().flatten();
        if offered.next() == Some(acme::ALPN) && offered.next().is_none() {
            return self.challenges.certificate(hello.server_name()?);
        }
        let certificates = self.certificates.load();
        let index = hello.server_name().map_or(0, |name| certificates.index(&name.to_ascii_lowercase()));
        certificates.keys.get(index).cloned()
    }
}
