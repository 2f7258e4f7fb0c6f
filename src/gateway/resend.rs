//! "Send now": the one request whose body is put in the place of another, a form kept before this visitor signed in.
//!
//! It is posted to where the form was posted and judged there like any other request: the path judged is the path forwarded.
//! From the form come its bytes, their type and the page it stood on; everything else is the new request's own.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use super::{Placed, respond::Cause};
use crate::{
    domain::{
        facts::{RequestFacts, RequestKind},
        standing::Standing,
        time::Timestamp,
        token::Token,
    },
    page::view::ProblemKind,
    proxy::{Body, Freight, UpstreamFault},
    runtime::Runtime,
    store::hot::HotStore,
    web::{self, Press, Waiting, cookie},
};

/// Time for the few bytes of a press.
const LONGEST: Duration = Duration::from_secs(15);

/// What a request brings along.
pub(super) enum Load {
    /// What it came with.
    Own(Freight),
    /// A press: this opens what is to be sent.
    Kept(Token),
}

/// Looks whether a request is a press. Only a body that says to have its very length is read for that, and goes on as it came if
/// it is none. What is one never reaches an upstream, whoever sent it. In chunks, as no browser sends a form, it is none: it
/// goes where it was posted, like any other form, and sends nothing.
pub(super) async fn look(facts: &RequestFacts, head: &Parts, body: Incoming) -> Result<Load, Cause> {
    if !has_length_of_press(head) {
        return Ok(Load::Own(body.into()));
    }
    let read = tokio::time::timeout(LONGEST, Limited::new(body, Press::LENGTH).collect()).await;
    let Ok(Ok(read)) = read else { return Err(Cause::Refused(ProblemKind::BadRequest)) };
    let bytes = read.to_bytes();
    let Some(press) = Press::read(&bytes) else { return Ok(Load::Own(Freight::Here(bytes))) };
    // Another site's page can post here, too, but has no press that counts.
    if facts.kind != RequestKind::Navigation || !web::is_own_origin(&head.headers, &facts.authority) {
        return Err(Cause::Refused(ProblemKind::FormRefused));
    }
    press.admitted(&head.headers).map(Load::Kept).ok_or(Cause::Resend)
}

fn has_length_of_press(head: &Parts) -> bool {
    head.method == Method::POST
        && head
            .headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length.to_str().is_ok_and(|length| length.parse() == Ok(Press::LENGTH)))
        && is_urlencoded(&head.headers)
}

fn is_urlencoded(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A request that was allowed, ready to be forwarded.
pub(super) struct Sending {
    pub(super) request: Request<Freight>,
    /// The form it carries, where it is a press.
    pub(super) sent: Option<Sent>,
}

/// A form that was taken out to be sent.
pub(super) struct Sent(Waiting);

impl Load {
    /// Packs an allowed request. A form is taken out here, once.
    pub(super) async fn pack(
        self,
        runtime: &Runtime,
        facts: &RequestFacts,
        placed: &Placed<'_>,
        store: &HotStore,
        mut head: Parts,
        now: Timestamp,
    ) -> Result<Sending, Cause> {
        let token = match self {
            Self::Own(freight) => {
                return Ok(Sending { request: Request::from_parts(head, freight), sent: None });
            }
            Self::Kept(token) => token,
        };
        let Standing::Known(known) = placed.standing else { return Err(Cause::Resend) };
        let portal = &runtime.portal(placed.portal).name;
        let person = &known.person.id;
        let taken = Waiting::take(store, &token, portal, person, facts, now).await;
        let mut waiting = match taken {
            Ok(Some(waiting)) => waiting,
            Ok(None) => return Err(Cause::Resend),
            Err(fault) => {
                tracing::error!(%fault, "a kept form cannot be read: the store failed");
                return Err(Cause::Refused(ProblemKind::Unavailable));
            }
        };
        dress(&mut head.headers, &waiting, &facts.authority)?;
        let freight = Freight::Here(Bytes::from(std::mem::take(&mut waiting.form.body)));
        Ok(Sending { request: Request::from_parts(head, freight), sent: Some(Sent(waiting)) })
    }
}

/// What upstreams look at to know their own forms: the type, and where the form stood.
fn dress(headers: &mut HeaderMap, waiting: &Waiting, authority: &str) -> Result<(), Cause> {
    let origin = format!("https://{authority}");
    let came_from = format!("{origin}{}", waiting.form.came_from.as_str());
    for (name, value) in [
        (header::CONTENT_TYPE, waiting.form.content_type.as_str()),
        (header::ORIGIN, &origin),
        (header::REFERER, &came_from),
    ] {
        let value = HeaderValue::from_str(value).map_err(|_| Cause::Refused(ProblemKind::BadRequest))?;
        headers.insert(name, value);
    }
    Ok(())
}

impl Sent {
    /// The upstream has answered: the browser forgets what opened the form.
    pub(super) fn arrived(self, response: &mut Response<Body>) {
        response.headers_mut().append(header::SET_COOKIE, cookie::clear(cookie::KEPT));
    }

    /// The upstream has not answered: what it never heard of can be sent again.
    pub(super) async fn failed(self, fault: UpstreamFault, store: &HotStore, now: Timestamp) -> Cause {
        if !matches!(fault, UpstreamFault::Unreachable(_) | UpstreamFault::Busy) {
            return Cause::Upstream(fault);
        }
        match self.0.put_back(store, now).await {
            Ok(()) => Cause::Unsent(fault),
            Err(lost) => {
                tracing::error!(%lost, "a form that could not be sent cannot be kept again");
                Cause::Upstream(fault)
            }
        }
    }
}
