//! One request and its response head: on a connection that answered before if there is one, else on a fresh one.

use std::{pin::pin, rc::Rc};

use http::{Method, Request, Response, Uri, request};
use hyper::body::Incoming;
use tokio::time;

use super::{
    ASK_EVERY, Connections, Envelope, Upstream, UpstreamFault,
    handshake::Wish,
    headers,
    pool::{Lease, Repeat},
    upload::{Patience, Progress, Upload},
};
use crate::domain::policy::Permit;

/// Everything a request's head is made of, so that it can be made a second time.
pub(super) struct Exchange<'a> {
    pub(super) upstream: &'a Upstream,
    pub(super) permit: &'a Permit,
    pub(super) envelope: &'a Envelope<'a>,
    pub(super) wish: Wish,
    pub(super) head: &'a request::Parts,
    /// How far the body is; `None` without one.
    pub(super) progress: Option<Rc<Progress>>,
}

enum Unanswered {
    /// Not a byte was sent: here it is again.
    Unsent(Box<Request<Upload>>),
    Broken(hyper::Error),
    VisitorBroke,
    TooSlow,
    Over,
}

impl Exchange<'_> {
    /// Sends the request and waits for the head of the response.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        upload: Upload,
    ) -> Result<(Lease, Response<Incoming>), UpstreamFault> {
        let mut request = self.prepare(upload)?;
        let repeat = self.repeat();
        if let Some(mut lease) = connections.reuse(self.upstream, repeat).await {
            match self.ask(&mut lease, request).await {
                Ok(response) => return Ok((lease, response)),
                Err(Unanswered::Unsent(unsent)) => request = *unsent,
                // The upstream closed the connection while the request was on its way.
                Err(Unanswered::Broken(fault)) if repeat == Repeat::Once => {
                    tracing::debug!(%fault, "asking again on a fresh connection");
                    request = self.prepare(Upload::nothing())?;
                }
                Err(unanswered) => return Err(unanswered.into()),
            }
        }
        let mut lease = connections.open(self.upstream, repeat).await?;
        let response = self.ask(&mut lease, request).await?;
        Ok((lease, response))
    }

    /// Only what changes nothing and has no body may be sent twice.
    fn repeat(&self) -> Repeat {
        let is_safe = matches!(self.head.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let may = is_safe && self.progress.is_none() && self.wish == Wish::Nothing;
        if may { Repeat::Once } else { Repeat::Never }
    }

    fn prepare(&self, upload: Upload) -> Result<Request<Upload>, UpstreamFault> {
        let has_body = self.progress.is_some();
        let headers = headers::to_upstream(self, has_body)?;
        let mut request = Request::new(upload);
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = Uri::from(self.permit.target().clone());
        *request.headers_mut() = headers;
        Ok(request)
    }

    async fn ask(
        &self,
        lease: &mut Lease,
        request: Request<Upload>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let Upstream { response_timeout, idle_timeout, .. } = *self.upstream;
        let gauge = lease.gauge.clone();
        gauge.asked();
        let mut sent = pin!(lease.sender.try_send_request(request));
        let mut span = response_timeout;
        let mut leash = None;
        loop {
            let step = span.min(ASK_EVERY);
            match time::timeout(step, sent.as_mut()).await {
                Ok(Ok(response)) => {
                    gauge.answered();
                    return Ok(response);
                }
                Ok(Err(mut refused)) => {
                    if self.progress.as_ref().is_some_and(|progress| progress.is_broken()) {
                        return Err(Unanswered::VisitorBroke);
                    }
                    return Err(match refused.take_message() {
                        Some(request) => Unanswered::Unsent(Box::new(request)),
                        None => Unanswered::Broken(refused.into_error()),
                    });
                }
                Err(_) => {
                    // Whoever waits for news, or sends for long, may do so no longer than the session lasts.
                    if leash.get_or_insert_with(|| (self.envelope.leash)())() {
                        return Err(Unanswered::Over);
                    }
                    span -= step;
                    if !span.is_zero() {
                        continue;
                    }
                    let patience = self.progress.as_ref().map_or(Patience::GiveUp, |progress| {
                        progress.patience(response_timeout, idle_timeout)
                    });
                    match patience {
                        Patience::Wait(left) => span = left,
                        Patience::GiveUp => return Err(Unanswered::TooSlow),
                    }
                }
            }
        }
    }
}

impl From<Unanswered> for UpstreamFault {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Unsent(_) => Self::Broken("it closed a fresh connection".to_owned()),
            Unanswered::Broken(fault) if fault.is_parse() || is_senseless(&fault) => {
                Self::Garbled(in_full(&fault))
            }
            Unanswered::Broken(fault) => Self::Broken(in_full(&fault)),
            Unanswered::VisitorBroke => Self::VisitorBroke,
            Unanswered::TooSlow => Self::TooSlow,
            Unanswered::Over => Self::Over,
        }
    }
}

/// A fault with what caused it: hyper's own words alone say little.
fn in_full(fault: &hyper::Error) -> String {
    match std::error::Error::source(fault) {
        Some(cause) => format!("{fault}: {cause}"),
        None => fault.to_string(),
    }
}

/// Whether a reader of ours refused what came.
fn is_senseless(fault: &hyper::Error) -> bool {
    let cause = std::error::Error::source(fault).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::InvalidData)
}
