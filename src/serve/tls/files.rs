//! Certificates on disk: reading them, noticing that they changed, and making one for a demo.

use std::{fs, os::unix::fs::MetadataExt, path::Path, sync::Arc};

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{Folder, TlsFault};
use crate::{
    config::settings::{AcmeSettings, CertificateSettings},
    domain::facts::Host,
};

/// Tells whether any certificate's file was written or replaced, or is to be shown for other hosts.
#[derive(PartialEq, Eq)]
pub(super) struct Stamp {
    files: Vec<Option<(u64, u64, i64, i64)>>,
    hosts: Vec<Host>,
}

impl Stamp {
    pub(super) fn of<'a>(
        certificates: &[CertificateSettings],
        acme: Option<&AcmeSettings>,
        hosts: impl Iterator<Item = &'a Host>,
    ) -> Self {
        let mark = |path: &Path| {
            // A missing file is a state too: it was there, or it will be.
            fs::metadata(path).ok().map(|file| (file.ino(), file.len(), file.mtime(), file.mtime_nsec()))
        };
        let hosts: Vec<Host> = hosts.cloned().collect();
        let named = certificates.iter().flat_map(|pair| [mark(&pair.chain), mark(&pair.key)]);
        let kept = acme
            .map(Folder::of)
            .into_iter()
            .flat_map(|folder| hosts.iter().map(|host| mark(&folder.file(host))).collect::<Vec<_>>());
        let files = named.chain(kept).collect();
        Self { files, hosts }
    }
}

pub(super) fn load(pair: &CertificateSettings) -> Result<Arc<CertifiedKey>, TlsFault> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |fault: rustls::pki_types::pem::Error| TlsFault::File { path, reason: fault.to_string() }
    };
    let chain = CertificateDer::pem_file_iter(&pair.chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(&pair.chain))?;
    if chain.is_empty() {
        let reason = "holds no certificate".to_owned();
        return Err(TlsFault::File { path: pair.chain.clone(), reason });
    }
    let key = PrivateKeyDer::from_pem_file(&pair.key).map_err(unreadable(&pair.key))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map(Arc::new).map_err(|fault| {
        let reason = format!("cannot be used with the key {}: {fault}", pair.key.display());
        TlsFault::Pair { chain: pair.chain.clone(), reason }
    })
}

/// A certificate nobody vouches for, for demos and tests.
pub struct SelfSigned {
    /// PEM chain.
    pub chain: String,
    /// PEM key.
    pub key: String,
}

/// Makes a certificate for these names and addresses.
///
/// # Errors
/// One of them is neither.
pub fn self_signed(names: &[&str]) -> Result<SelfSigned, TlsFault> {
    let bare = |name: &&str| name.trim_start_matches('[').trim_end_matches(']').to_owned();
    let made = rcgen::generate_simple_self_signed(names.iter().map(bare).collect::<Vec<_>>())
        .map_err(|fault| TlsFault::SelfSigned(fault.to_string()))?;
    Ok(SelfSigned { chain: made.cert.pem(), key: made.signing_key.serialize_pem() })
}
