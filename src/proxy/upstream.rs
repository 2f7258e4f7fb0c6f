//! A portal's upstream, compiled at load: address, TLS, header names and values, timeouts.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use http::{HeaderName, HeaderValue, uri::Scheme};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{UpstreamFault, names::Stripped, upload};
use crate::{
    config::settings::{IdentityHeaders, PortalSettings, UpstreamHost},
    domain::policy::Permit,
    wire::{Authority, connector},
};

/// Every portal's upstream, in the order of the portals. Only a permit says which one a request goes to.
#[derive(Debug)]
pub struct Upstreams(Vec<Option<Upstream>>);

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

    /// Where a permit leads; `None` if nothing is behind the portal, or the permit was made under another reading of the file.
    pub(super) fn of(&self, permit: &Permit) -> Option<&Upstream> {
        self.0.get(permit.portal().0)?.as_ref()
    }

    /// Every upstream, to be made impatient.
    #[cfg(test)]
    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut Upstream> {
        self.0.iter_mut().flatten()
    }
}

impl Upstream {
    /// None for a portal that has no server behind it.
    fn build(portal: &PortalSettings, identity: &[HeaderName]) -> Result<Option<Self>, UpstreamSetupFault> {
        let Some(settings) = &portal.upstream else { return Ok(None) };
        static KEYS: AtomicUsize = AtomicUsize::new(0);
        let fault = |reason: String| UpstreamSetupFault { portal: portal.name.clone(), reason };
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
        let tls = if is_tls {
            Some(connector(&Authority::of(settings.ca.as_deref()), name).map_err(fault)?)
        } else {
            None
        };
        let host = match settings.host {
            UpstreamHost::Preserve => None,
            UpstreamHost::Upstream => Some(
                HeaderValue::from_str(authority.as_str())
                    .map_err(|_| fault(format!("{authority} is no Host header")))?,
            ),
        };
        Ok(Some(Self {
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
        }))
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
