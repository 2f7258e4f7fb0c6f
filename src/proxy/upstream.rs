//! A portal's upstream, compiled at load: address, TLS, header names and values, timeouts.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderName, HeaderValue, uri::Scheme};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{UpstreamFault, names::Stripped, upload};
use crate::{
    config::settings::{IdentityHeaders, PortalSettings, UpstreamHost, UpstreamSettings},
    domain::policy::Permit,
};

/// Every portal's upstream, in the order of the portals. Only a permit says which one a request goes to.
#[derive(Debug)]
pub struct Upstreams(Vec<Upstream>);

/// A portal's upstream, compiled at load. Shared by all threads.
pub(super) struct Upstream {
    /// Tells upstreams apart in each thread's pool, those of an earlier reading of the file included.
    pub(super) key: usize,
    target: Target,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// The upstream's own name where it shall see that one.
    pub(super) host: Option<HeaderValue>,
    pub(super) identity: IdentityHeaders,
    pub(super) stripped: Stripped,
    pub(super) connect_timeout: Duration,
    pub(super) response_timeout: Duration,
    pub(super) idle_timeout: Duration,
    /// How long an upload may be slower than the least rate.
    pub(super) upload_patience: Duration,
}

/// Why an upstream cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("portal \"{portal}\": {reason}")]
pub struct UpstreamSetupFault {
    /// Which portal.
    pub portal: String,
    /// What is wrong and what to do.
    pub reason: String,
}

#[derive(Debug)]
enum Target {
    Address(SocketAddr),
    Name(Box<str>, u16),
}

/// A fresh connection to an upstream.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Upstreams {
    /// Compiles the upstreams of all portals. `identity` is every identity header name of every portal: each is stripped
    /// everywhere.
    ///
    /// # Errors
    /// The URL names no host, the CA bundle cannot be read, or a header name is too long.
    pub fn build(portals: &[PortalSettings], identity: &[HeaderName]) -> Result<Self, UpstreamSetupFault> {
        portals.iter().map(|portal| Upstream::build(portal, identity)).collect::<Result<_, _>>().map(Self)
    }

    /// Where a permit leads; `None` only if it was made under another reading of the file.
    pub(super) fn of(&self, permit: &Permit) -> Option<&Upstream> {
        self.0.get(permit.portal().0)
    }

    /// Every upstream, to be made impatient.
    #[cfg(test)]
    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut Upstream> {
        self.0.iter_mut()
    }
}

impl Upstream {
    fn build(portal: &PortalSettings, identity: &[HeaderName]) -> Result<Self, UpstreamSetupFault> {
        static KEYS: AtomicUsize = AtomicUsize::new(0);
        let fault = |reason: String| UpstreamSetupFault { portal: portal.name.clone(), reason };
        let settings = &portal.upstream;
        let authority = settings
            .url
            .authority()
            .ok_or_else(|| fault(format!("upstream {} names no host", settings.url)))?;
        let is_tls = settings.url.scheme() == Some(&Scheme::HTTPS);
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let target = match name.parse::<IpAddr>() {
            Ok(address) => Target::Address(SocketAddr::new(address, port)),
            Err(_) => Target::Name(name.into(), port),
        };
        let tls = if is_tls { Some(connector(settings, name).map_err(fault)?) } else { None };
        let host = match settings.host {
            UpstreamHost::Preserve => None,
            UpstreamHost::Upstream => Some(
                HeaderValue::from_str(authority.as_str())
                    .map_err(|_| fault(format!("{authority} is no Host header")))?,
            ),
        };
        Ok(Self {
            key: KEYS.fetch_add(1, Ordering::Relaxed),
            target,
            tls,
            host,
            identity: portal.identity.clone(),
            stripped: Stripped::new(identity).map_err(fault)?,
            connect_timeout: settings.connect_timeout,
            response_timeout: settings.response_timeout,
            idle_timeout: settings.idle_timeout,
            upload_patience: upload::PATIENCE,
        })
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Transport, UpstreamFault> {
        tokio::time::timeout(self.connect_timeout, self.open()).await.map_err(|_| UpstreamFault::TooSlow)?
    }

    async fn open(&self) -> Result<Transport, UpstreamFault> {
        let unreachable = |fault: std::io::Error| UpstreamFault::Unreachable(fault.to_string());
        let stream = match &self.target {
            Target::Address(address) => TcpStream::connect(address).await,
            Target::Name(name, port) => TcpStream::connect((&**name, *port)).await,
        }
        .map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        match &self.tls {
            None => Ok(Transport::Plain(stream)),
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(unreachable)?;
                Ok(Transport::Tls(Box::new(stream)))
            }
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("target", &self.target)
            .field("is_tls", &self.tls.is_some())
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

fn connector(settings: &UpstreamSettings, host: &str) -> Result<(TlsConnector, ServerName<'static>), String> {
    let roots = roots(settings.ca.as_deref())?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name for TLS"))?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|fault| fault.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((TlsConnector::from(Arc::new(config)), name))
}

/// Who may vouch for an upstream. A portal's own bundle stands alone: whoever names one wants no other authority of the
/// world to be able to step between.
fn roots(bundle: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let Some(bundle) = bundle else {
        // Some systems carry a certificate nobody can parse; the others still count.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(
                "no certificate authority is known: install ca-certificates or set upstream_ca".to_owned()
            );
        }
        return Ok(roots);
    };
    let unreadable = |fault: &dyn fmt::Display| format!("upstream CA {}: {fault}", bundle.display());
    for certificate in CertificateDer::pem_file_iter(bundle).map_err(|fault| unreadable(&fault))? {
        let certificate = certificate.map_err(|fault| unreadable(&fault))?;
        roots.add(certificate).map_err(|fault| unreadable(&fault))?;
    }
    if roots.is_empty() {
        return Err(unreadable(&"holds no certificate"));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_with_an_authority_of_its_own_trusts_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("ca.pem");
        let own = rcgen::generate_simple_self_signed(["wiki.internal".to_owned()]).unwrap();
        std::fs::write(&bundle, own.cert.pem()).unwrap();
        assert_eq!(roots(Some(&bundle)).unwrap().len(), 1);
        std::fs::write(&bundle, "").unwrap();
        assert!(roots(Some(&bundle)).unwrap_err().contains("holds no certificate"));
    }
}
