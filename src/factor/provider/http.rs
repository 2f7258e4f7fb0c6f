//! What providers are asked over the wire: https only (but on this machine), and not for long.

use std::{
    collections::HashMap,
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Uri, header::USER_AGENT, uri::Scheme};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::{
    domain::facts::Host,
    wire::{Wire, WireFault},
};

/// For one request, from the connection to the last byte.
const LONGEST: Duration = Duration::from_secs(8);
/// Servers of one provider that are remembered: it has one for tokens and one for keys, if that.
const MOST_SERVERS: usize = 8;

/// Asks one provider.
#[derive(Debug)]
pub(super) struct HttpClient {
    ca: Option<PathBuf>,
    /// Only where the provider is on this machine.
    pub(super) allows_plain: bool,
    /// By scheme and authority: reading the system's authorities takes a while.
    wires: Mutex<HashMap<String, Arc<Wire>>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpFault {
    #[error("it names an address that is not https: {0}")]
    Plain(String),
    #[error("it names no usable address")]
    NoAddress,
    #[error("no answer within {} seconds", LONGEST.as_secs())]
    TooSlow,
    #[error(transparent)]
    Wire(#[from] WireFault),
}

impl HttpClient {
    /// A client for the provider at `issuer`, which trusts the authorities in `ca`, or the system's.
    pub(super) fn build(issuer: &str, ca: Option<PathBuf>) -> Result<Self, String> {
        let uri: Uri = issuer.parse().map_err(|_| format!("issuer {issuer} is not a URL"))?;
        let wire = Arc::new(Wire::to(&uri, ca.as_deref())?);
        let allows_plain = uri.scheme() == Some(&Scheme::HTTP);
        let wires = Mutex::new(server(&uri).map(|server| (server, wire)).into_iter().collect());
        Ok(Self { ca, allows_plain, wires })
    }

    async fn ask(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        let uri = request.uri().clone();
        let host = uri.host().ok_or(HttpFault::NoAddress)?;
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let is_plain_allowed = self.allows_plain && is_here(host);
        if !is_tls && !is_plain_allowed {
            return Err(HttpFault::Plain(host.to_owned()));
        }
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("vestibule"));
        let wire = self.wire(uri).await?;
        let answer = wire.ask(request.map(Bytes::from)).await?;
        Ok(answer.map(|body| body.to_vec()))
    }

    async fn wire(&self, uri: Uri) -> Result<Arc<Wire>, HttpFault> {
        let wires = || self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        let server = server(&uri).ok_or(HttpFault::NoAddress)?;
        if let Some(known) = wires().get(&server) {
            return Ok(Arc::clone(known));
        }
        let ca = self.ca.clone();
        let made = tokio::task::spawn_blocking(move || Wire::to(&uri, ca.as_deref())).await;
        let made = made.map_err(|_| HttpFault::NoAddress)?;
        let wire = Arc::new(made.map_err(|why| HttpFault::Wire(WireFault::Unreachable(why)))?);
        let mut wires = wires();
        if wires.len() >= MOST_SERVERS {
            wires.clear();
        }
        wires.insert(server, Arc::clone(&wire));
        Ok(wire)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            tokio::time::timeout(LONGEST, self.ask(request)).await.unwrap_or(Err(HttpFault::TooSlow))
        })
    }
}

fn server(uri: &Uri) -> Option<String> {
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// Whether a host is this very machine.
pub(super) fn is_here(host: &str) -> bool {
    Host::read(host).is_some_and(|host| host.is_this_machine())
}
