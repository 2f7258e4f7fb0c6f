//! The straight path: observe, place, recognise, decide, forward or answer, respond.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use http::{Request, Response};
use hyper::body::Incoming;

use crate::{
    domain::facts::Host,
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
#[derive(Clone)]
pub struct Arrival {
    /// The TCP peer.
    pub peer: SocketAddr,
    /// Whether this connection's certificate is the one for a host: any other host is 421, so that no request meets a portal
    /// under another portal's TLS.
    pub serves: Rc<dyn Fn(&Host) -> bool>,
    /// What was ambiguous about the head as it came over the wire, if anything: answered with 400.
    pub violation: Option<&'static str>,
}

impl Arrival {
    /// A request from `peer` on a connection that serves every host.
    pub fn plain(peer: SocketAddr) -> Self {
        Self { peer, serves: Rc::new(|_| true), violation: None }
    }
}

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
