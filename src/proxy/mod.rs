//! How a permitted request travels to its upstream and back: connections, headers, bodies, tunnels.
//!
//! The only way in is [`forward`], and it uses up a [`Permit`]. What is sent upstream is rebuilt from what was judged;
//! identity headers are deleted first, under every spelling, and set once afterwards.

pub mod body;
mod cookies;
mod exchange;
mod handshake;
mod headers;
mod inlay;
mod names;
mod pool;
mod seats;
mod silence;
#[cfg(test)]
mod tests;
mod upgrade;
mod upload;
mod upstream;

use std::{net::IpAddr, time::Duration};

use http::{HeaderValue, Request, Response, StatusCode, header, response};
use hyper::{body::Incoming, upgrade::OnUpgrade};

pub(crate) use self::silence::Silence;
pub use self::{
    body::Body,
    handshake::{answer_extended_connect, is_websocket_handshake, translate_extended_connect},
    inlay::{Inlay, ask_plainly, wants_page},
    pool::Connections,
    upload::{Freight, linger},
    upstream::{UpstreamSetupFault, Upstreams},
};
use self::{
    body::{Download, Keeping},
    exchange::Exchange,
    handshake::Wish,
    upload::Upload,
    upstream::Upstream,
};
use crate::domain::{facts::RequestId, policy::Permit};

/// What the gateway knows of a request besides the permit.
pub struct Envelope<'a> {
    /// The id the upstream shares.
    pub id: &'a RequestId,
    /// The visitor's address.
    pub client: IpAddr,
    /// `X-Forwarded-For` where trusted proxies stand on the way; `None` names the visitor alone.
    pub forwarded_for: Option<&'a HeaderValue>,
    /// The host the visitor asked for, with port, as written.
    pub authority: &'a str,
    /// Makes what tells whether this request would no longer be forwarded. Made for what may outlive the decision, a tunnel
    /// or a body that is not here at once, and asked twice a second.
    pub leash: &'a dyn Fn() -> Leash,
    /// Makes what is told, once, when the upstream breaks off in the middle of its answer.
    pub witness: &'a dyn Fn() -> Witness,
}

/// Is told why an answer broke off.
pub(crate) type Witness = Box<dyn Fn(&str)>;

/// How often what goes on and on is asked whether it still may: whatever ends a session cuts it within a second.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// Tells whether a request would no longer be forwarded.
pub(crate) type Leash = Box<dyn Fn() -> bool>;

/// Why an upstream did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamFault {
    /// No connection (502).
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    /// Connected or asked in vain for too long (504).
    #[error("the upstream did not answer in time")]
    TooSlow,
    /// As many connections to it as this thread may hold are taken (503).
    #[error("the upstream has too much to do")]
    Busy,
    /// Broke off (502).
    #[error("the upstream broke off: {0}")]
    Broken(String),
    /// Sent what is no HTTP, or can be read in two ways (502).
    #[error("the upstream cannot be understood: {0}")]
    Garbled(String),
    /// The visitor's own body broke off (400).
    #[error("the visitor broke off")]
    VisitorBroke,
    /// While it was waited for, the session ended, or the rules changed (401).
    #[error("it would no longer be let through")]
    Over,
}

/// Sends a permitted request to the upstream of the permit's portal and returns the response, body still streaming.
///
/// # Errors
/// An [`UpstreamFault`]; nothing was answered to the visitor yet.
pub async fn forward(
    connections: &Connections,
    upstreams: &Upstreams,
    permit: Permit,
    envelope: Envelope<'_>,
    request: Request<impl Into<Freight>>,
) -> Result<Response<Body>, UpstreamFault> {
    let mut request = request.map(Into::into);
    let upstream = upstreams
        .of(&permit)
        .ok_or_else(|| UpstreamFault::Broken("the permit is for a portal that is not here".to_owned()))?;
    let is_socket = is_websocket_handshake(request.method(), request.version(), request.headers());
    let wish = if is_socket { Wish::WebSocket } else { Wish::Nothing };
    let tunnel = (wish == Wish::WebSocket).then(|| hyper::upgrade::on(&mut request));
    let (head, freight) = request.into_parts();
    let (upload, progress) = if freight.is_end() {
        (Upload::nothing(), None)
    } else {
        let (idle, patience) = (upstream.idle_timeout, upstream.upload_patience);
        let (upload, progress) = Upload::of(freight, upload::may_linger(&head), idle, patience);
        (upload, Some(progress))
    };
    let exchange = Exchange { upstream, permit: &permit, envelope: &envelope, wish, head: &head, progress };
    let (lease, response) = exchange.send(connections, upload).await?;
    let progress = exchange.progress;
    let asked = &head;

    let (mut head, incoming) = response.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        let Some(visitor) = tunnel else {
            return Err(UpstreamFault::Garbled("it changed the protocol unasked".to_owned()));
        };
        if !handshake::is_accepted(asked, &head.headers) {
            return Err(UpstreamFault::Garbled("it agreed to something nobody asked for".to_owned()));
        }
        lease.gauge.begin_tunnel();
        return switch(head, incoming, visitor, upstream, &permit, &envelope);
    }
    let trailers = headers::Trailers::wanted_by(&asked.headers);
    headers::to_visitor(&mut head, &permit, &envelope, trailers)?;
    let keeping = Keeping { idle: upstream.idle_timeout, upload: progress, trailers };
    let body = Body::Upstream(Download::new(incoming, lease, keeping, &envelope));
    Ok(Response::from_parts(head, body))
}

/// Both sides agreed on a tunnel: it begins when the visitor has the 101.
fn switch(
    head: response::Parts,
    incoming: Incoming,
    visitor: OnUpgrade,
    upstream: &Upstream,
    permit: &Permit,
    envelope: &Envelope<'_>,
) -> Result<Response<Body>, UpstreamFault> {
    let mut response = Response::from_parts(head, incoming);
    let other_side = hyper::upgrade::on(&mut response);
    let (mut head, _) = response.into_parts();
    headers::to_visitor(&mut head, permit, envelope, headers::Trailers::Dropped)?;
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    head.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    tokio::task::spawn_local(upgrade::tunnel(visitor, other_side, upstream.idle_timeout, (envelope.leash)()));
    Ok(Response::from_parts(head, Body::empty()))
}
