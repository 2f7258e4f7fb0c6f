//! `[tls]`: chains and keys that are there, belong together, are kept private and cover the portals' hosts.
//!
//! What is read here is read again by whoever serves it: a certificate is replaced more often than this file.

use std::{fs, io, ops::Range, path::Path};

use rustls::{
    Error, InconsistentKeys,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    sign::CertifiedKey,
};

use super::{Check, open_bits};
use crate::config::{
    Files,
    file::{At, TlsTable},
    in_words,
    settings::{CertificateSettings, PortalSettings},
};
use crate::domain::facts::Host;

/// More than any chain needs.
const LARGEST_PEM: u64 = 1 << 20;

pub(super) fn certificates(
    check: &mut Check<'_, '_>,
    table: &TlsTable,
    portals: &[PortalSettings],
) -> Vec<CertificateSettings> {
    let has_none = table.certificates.is_empty() && table.acme.is_none();
    if has_none && !check.taken.had(&(0..0), "tls") && !is_taken(check) {
        check.desk.error(0..0, "there is no certificate").hint(
            "add [tls] with certificates = [{ chain = \"tls/chain.pem\", key = \"tls/key.pem\" }], or [tls.acme] for \
             certificates from an authority",
        );
    }
    let mut settings = Vec::new();
    let mut leaves = Vec::new();
    for certificate in &table.certificates {
        let owner = certificate.span();
        let table = certificate.value();
        let chain = check.need(&owner, "chain", table.chain.as_ref(), "write the path of the PEM chain");
        let key = check.need(&owner, "key", table.key.as_ref(), "write the path of the PEM key");
        let (Some(chain), Some(key)) = (chain, key) else { continue };
        let paths = CertificateSettings { chain: check.path(chain.value()), key: check.path(key.value()) };
        if check.files == Files::Checked {
            leaves.extend(pair(check, chain, key, &paths));
        }
        settings.push(paths);
    }
    let all_read = check.files == Files::Checked && leaves.len() == table.certificates.len();
    let at = table.certificates.first().map(At::span).or_else(|| table.acme.as_ref().map(At::span));
    if all_read && let Some(at) = at {
        let has_ca = table.acme.as_ref().map(|acme| acme.value().ca.is_some());
        let ordered = |host: &Host| has_ca.is_some_and(|own| host.is_domain() && (own || host.is_public()));
        warn_of_uncovered(check, &at, &leaves, portals, &ordered);
    }
    settings
}

/// Whether `certificates` itself could not be read, wherever `[tls]` stands.
fn is_taken(check: &Check<'_, '_>) -> bool {
    check.taken.had_anywhere("certificates")
}

/// Reads a pair; the leaf if both are fine.
fn pair(
    check: &mut Check<'_, '_>,
    chain_at: &At<String>,
    key_at: &At<String>,
    paths: &CertificateSettings,
) -> Option<CertificateDer<'static>> {
    let chain = chain(check, &chain_at.span(), &paths.chain);
    let key = key(check, &key_at.span(), &paths.key);
    let (chain, key) = (chain?, key?);
    let leaf = chain.first().cloned();
    match CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()) {
        Ok(_) => leaf,
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            check
                .desk
                .error(key_at.span(), "this key does not belong to the first certificate of the chain")
                .hint("the portal's own certificate comes first, then those that signed it");
            None
        }
        Err(fault) => {
            check
                .desk
                .error(key_at.span(), format!("certificate and key cannot be used: {fault}"))
                .hint("use an RSA, ECDSA or Ed25519 key and its certificate");
            None
        }
    }
}

fn chain(check: &mut Check<'_, '_>, at: &Range<usize>, path: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let bytes = read(check, at, path)?;
    match CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>() {
        Ok(chain) if !chain.is_empty() => Some(chain),
        Ok(_) => {
            check
                .desk
                .error(at.clone(), format!("no certificate in {}", path.display()))
                .hint("it must hold \"-----BEGIN CERTIFICATE-----\" blocks");
            None
        }
        Err(fault) => {
            check
                .desk
                .error(at.clone(), format!("{} is no PEM file: {fault}", path.display()))
                .hint("it must hold \"-----BEGIN CERTIFICATE-----\" blocks");
            None
        }
    }
}

fn key(check: &mut Check<'_, '_>, at: &Range<usize>, path: &Path) -> Option<PrivateKeyDer<'static>> {
    let bytes = zeroize::Zeroizing::new(read(check, at, path)?);
    let chmod = format!("chmod 600 {}", path.display());
    match open_bits(path) {
        Some(bits) if bits & 0o007 != 0 => {
            check.desk.error(at.clone(), "everybody on this machine may read the key").hint(chmod);
        }
        Some(bits) if bits != 0 => {
            check.desk.warn(at.clone(), "others in the key's group may read it").hint(chmod);
        }
        _ => {}
    }
    match PrivateKeyDer::from_pem_slice(&bytes) {
        Ok(key) => Some(key),
        Err(_) if contains(&bytes, b"ENCRYPTED") => {
            check
                .desk
                .error(at.clone(), "the key is protected by a passphrase")
                .hint(format!("openssl pkey -in {} -out key.pem, then chmod 600 key.pem", path.display()));
            None
        }
        Err(_) => {
            check
                .desk
                .error(at.clone(), format!("no private key in {}", path.display()))
                .hint("it must hold a \"-----BEGIN PRIVATE KEY-----\" block");
            None
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn read(check: &mut Check<'_, '_>, at: &Range<usize>, path: &Path) -> Option<Vec<u8>> {
    let is_small = |path: &Path| fs::metadata(path).map(|meta| meta.len() <= LARGEST_PEM && meta.is_file());
    let read = is_small(path).and_then(|fine| {
        if fine { fs::read(path) } else { Err(io::Error::other("it is no file of PEM blocks")) }
    });
    read.map_err(|fault| {
        let hint = match fault.kind() {
            io::ErrorKind::NotFound => "paths start from the folder of this file",
            io::ErrorKind::PermissionDenied => "the gateway's account must be able to read it",
            _ => "name a PEM file",
        };
        check.desk.error(at.clone(), format!("{} {}", path.display(), in_words(&fault))).hint(hint);
    })
    .ok()
}

fn warn_of_uncovered(
    check: &mut Check<'_, '_>,
    at: &Range<usize>,
    leaves: &[CertificateDer<'_>],
    portals: &[PortalSettings],
    is_ordered: &dyn Fn(&Host) -> bool,
) {
    let leaves: Vec<webpki::EndEntityCert<'_>> =
        leaves.iter().filter_map(|leaf| webpki::EndEntityCert::try_from(leaf).ok()).collect();
    for host in portals.iter().flat_map(|portal| &portal.hosts).filter(|host| !is_ordered(host)) {
        let bare = host.as_str().trim_start_matches('[').trim_end_matches(']');
        let Ok(name) = ServerName::try_from(bare) else { continue };
        if !leaves.iter().any(|leaf| leaf.verify_is_valid_for_subject_name(&name).is_ok()) {
            check
                .desk
                .warn(at.clone(), format!("no certificate covers \"{host}\": browsers will warn visitors"))
                .hint("add a certificate with this name");
        }
    }
}
