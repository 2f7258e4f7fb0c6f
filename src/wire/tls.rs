//! TLS towards servers: whom to trust, and nothing but HTTP/1.1 within.

use std::{fmt, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_rustls::TlsConnector;

/// Who may vouch for a server.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// Whoever the system trusts.
    System,
    /// Those of one PEM bundle alone: whoever names one wants no other authority of the world to be able to step between.
    Bundle(&'a Path),
}

impl<'a> Authority<'a> {
    /// A bundle where there is one, else the system's.
    pub fn of(bundle: Option<&'a Path>) -> Self {
        bundle.map_or(Self::System, Self::Bundle)
    }

    fn roots(self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        let Self::Bundle(bundle) = self else {
            // Some systems carry a certificate nobody can parse; the others still count.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(
                    "no certificate authority is known: install ca-certificates or name a bundle".to_owned()
                );
            }
            return Ok(roots);
        };
        let unreadable = |fault: &dyn fmt::Display| format!("CA bundle {}: {fault}", bundle.display());
        for certificate in CertificateDer::pem_file_iter(bundle).map_err(|fault| unreadable(&fault))? {
            let certificate = certificate.map_err(|fault| unreadable(&fault))?;
            roots.add(certificate).map_err(|fault| unreadable(&fault))?;
        }
        if roots.is_empty() {
            return Err(unreadable(&"holds no certificate"));
        }
        Ok(roots)
    }
}

/// What opens TLS to `host`, and the name its certificate must bear.
///
/// # Errors
/// The authorities cannot be read, or the host is no name that TLS knows.
pub fn connector(
    authority: &Authority<'_>,
    host: &str,
) -> Result<(TlsConnector, ServerName<'static>), String> {
    let roots = authority.roots()?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name for TLS"))?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|fault| fault.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsConnector::from(Arc::new(config)), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_with_an_authority_of_its_own_is_vouched_for_by_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("ca.pem");
        let own = rcgen::generate_simple_self_signed(["wiki.internal".to_owned()]).unwrap();
        std::fs::write(&bundle, own.cert.pem()).unwrap();
        assert_eq!(Authority::of(Some(&bundle)).roots().unwrap().len(), 1);
        std::fs::write(&bundle, "").unwrap();
        assert!(Authority::of(Some(&bundle)).roots().unwrap_err().contains("holds no certificate"));
    }
}
