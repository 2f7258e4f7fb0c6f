//! The straight path: observe, place, recognise, decide, forward or answer, respond.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use http::{Request, Response};
use hyper::body::Incoming;

use crate::{
    proxy::{Body, Connections},
    runtime::{Current, Services},
    store::hot::CoreSessions,
};

/// What one proxying thread holds: its own upstream connections and sessions met, and what all threads share.
pub struct Core {
    services: Services,
    current: Arc<Current>,
    connections: Connections,
    sessions: CoreSessions,
}

/// What the socket knows of a request.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The TCP peer.
    pub peer: SocketAddr,
    /// The name asked for in the TLS handshake, lower case.
    pub sni: Option<Rc<str>>,
    /// Whether the certificate shown in this handshake is also the one for a host: a host on another certificate is 421.
    pub certificate: CertificateScope,
    /// What was ambiguous about the head as it came over the wire, if anything: answered with 400.
    pub violation: Option<&'static str>,
}

/// Names the certificate of a connection, so that a request for a host served under another one is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub struct CertificateScope(pub usize);

impl Core {
    /// One thread's share of the gateway.
    pub fn new(services: Services, current: Arc<Current>) -> Self {
        Self { services, current, connections: Connections::default(), sessions: CoreSessions::new() }
    }

    /// Answers one request. Never fails: every fault becomes a response here.
    pub async fn answer(&self, arrival: &Arrival, request: Request<Incoming>) -> Response<Body> {
        let _ = (&self.services, &self.current, &self.connections, &self.sessions, arrival, request);
        Response::new(Body::empty())
    }
}
