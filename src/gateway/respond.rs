//! Causes into responses: the one place that maps what went wrong to a status, a page or JSON, and an ending.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use serde::Serialize;

use super::{
    Placed,
    observe::Malformed,
    trail::{Ending, Trail},
};
use crate::{
    config::settings::Landing,
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        facts::{RequestFacts, RequestId, RequestKind, ReturnTo},
        identity::Person,
        policy::{Challenge, Denial, Refusal},
        standing::Standing,
        time::Timestamp,
    },
    page::view::{NotKept, ProblemKind},
    proxy::{Body, UpstreamFault},
    runtime::Runtime,
    telemetry::{audit::AuditLog, metrics::Trouble},
    web::{Occasion, landing_page, link, not_received_page, page_for, problem_page, query_of},
};

/// What a 401 names (RFC 9110, 11.6.1): a scheme that no browser opens a dialog for.
const SCHEME: &str = "Vestibule";
const REQUEST_ID: &str = "x-request-id";
/// What portals are commonly asked; others but TRACE and CONNECT are forwarded as well.
const FORWARDED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Why a request is not answered by its upstream.
#[derive(Debug)]
pub(super) enum Cause {
    /// No portal has this host, or this connection is another host's.
    Misdirected,
    /// A page of another origin opens a WebSocket with the visitor's cookies.
    ForeignSocket,
    /// The rules ask for something first.
    Challenge(Challenge),
    /// The same, and the form that was posted waits until it was shown; the cookie opens it.
    Kept { challenge: Challenge, cookie: Option<HeaderValue> },
    /// The same, and the form that was posted is lost.
    NotReceived { challenge: Challenge, why: NotKept, came_from: ReturnTo },
    /// "Send now" was pressed on a page that is out of date: there is a newer one.
    Resend,
    /// It cannot be taken as it came.
    Refused(ProblemKind),
    /// The rules refuse.
    Denial(Denial),
    /// The upstream failed.
    Upstream(UpstreamFault),
    /// The upstream failed before it heard of a kept form, which waits again.
    Unsent(UpstreamFault),
}

/// What an answer to a script says (RFC 9457).
#[derive(Serialize)]
struct ProblemJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_url: Option<&'a str>,
    request_id: &'a str,
}

/// Answers a request that was read and placed, or at least read.
pub(super) fn respond(
    asked: &Asked<'_>,
    trail: &mut Trail,
    audit: &AuditLog,
    cause: Cause,
) -> Response<Body> {
    let facts = asked.facts;
    match cause {
        Cause::Misdirected => {
            trail.ending = Ending::Misdirected;
            asked.problem(ProblemKind::Misdirected)
        }
        Cause::ForeignSocket => {
            trail.ending = Ending::Denied;
            tracing::info!(request_id = %facts.id, client_ip = %facts.client, "socket of another origin refused");
            asked.problem(ProblemKind::Forbidden)
        }
        Cause::Challenge(challenge) => {
            if let (Challenge::SignIn { rule }, Some(landing)) = (&challenge, asked.landing()) {
                trail.ending = Ending::Challenged;
                trail.rule = Some(rule.clone());
                return landing_page(&asked.occasion(), landing);
            }
            let (place, mut more) = page_for(&challenge);
            // The page asks the rules itself what they want at the place it leads to.
            if matches!(challenge, Challenge::SecondFactor { .. }) && asked.comes_back() {
                more.clear();
            }
            challenged(facts, trail, &challenge, place);
            asked.challenge(place, &asked.return_to(), &more)
        }
        Cause::Kept { challenge, cookie } => {
            let (place, more) = page_for(&challenge);
            challenged(facts, trail, &challenge, place);
            let mut response = asked.challenge(place, &asked.resend(), &more);
            response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
            response
        }
        Cause::NotReceived { challenge, why, came_from } => {
            let (place, more) = page_for(&challenge);
            challenged(facts, trail, &challenge, place);
            tracing::debug!(request_id = %facts.id, ?why, "a form was not kept");
            asked.not_received(why, asked.address(place, &came_from, &more))
        }
        Cause::Resend => {
            trail.ending = Ending::OwnPage;
            asked.go_to(asked.resend().as_str())
        }
        Cause::Refused(kind) => {
            trail.ending = Ending::Denied;
            tracing::info!(request_id = %facts.id, client_ip = %facts.client, ?kind, "request refused");
            asked.problem(kind)
        }
        Cause::Denial(denial) => {
            trail.ending = Ending::Denied;
            audit.add(asked.denied(&denial));
            trail.rule = denial.rule;
            match denial.refusal {
                Refusal::PortalOff => asked.problem(ProblemKind::SwitchedOff),
                Refusal::NoRule | Refusal::Rule => asked.problem(ProblemKind::Forbidden),
            }
        }
        Cause::Upstream(UpstreamFault::Over) => {
            trail.ending = Ending::Challenged;
            tracing::info!(request_id = %facts.id, "no longer let through while the upstream was waited for");
            asked.challenge("login", &asked.return_to(), &[])
        }
        Cause::Upstream(fault) => asked.problem(upstream_failed(asked, trail, &fault)),
        Cause::Unsent(fault) => {
            let kind = upstream_failed(asked, trail, &fault);
            asked.problem_before(kind, asked.resend().as_str())
        }
    }
}

fn upstream_failed(asked: &Asked<'_>, trail: &mut Trail, fault: &UpstreamFault) -> ProblemKind {
    let portal = asked.placed.map(|placed| asked.runtime.portal(placed.portal).name.as_str());
    let (trouble, kind) = match fault {
        UpstreamFault::Unreachable(_) => (Trouble::Refused, ProblemKind::BadGateway),
        UpstreamFault::Broken(_) => (Trouble::Reset, ProblemKind::BadGateway),
        UpstreamFault::Garbled(_) => (Trouble::Garbage, ProblemKind::BadGateway),
        UpstreamFault::TooSlow => (Trouble::Timeout, ProblemKind::GatewayTimeout),
        UpstreamFault::Busy => (Trouble::Busy, ProblemKind::Unavailable),
        // The rest is no fault of the upstream's.
        UpstreamFault::VisitorBroke | UpstreamFault::Over => {
            trail.ending = Ending::Malformed;
            tracing::info!(request_id = %asked.facts.id, portal, %fault, "a request was not sent to its end");
            return ProblemKind::BadRequest;
        }
    };
    trail.ending = Ending::UpstreamFault(trouble);
    tracing::warn!(request_id = %asked.facts.id, portal, %fault, "the upstream did not answer");
    kind
}

fn challenged(facts: &RequestFacts, trail: &mut Trail, challenge: &Challenge, place: &str) {
    trail.ending = Ending::Challenged;
    tracing::debug!(request_id = %facts.id, rule = %challenge.rule(), place, "challenged");
    trail.rule = Some(challenge.rule().clone());
}

/// Refuses a request that could not be read. The connection ends: what follows on it may not be what it seems.
pub(super) fn malformed(
    runtime: &Runtime,
    trail: &Trail,
    head: &Parts,
    now: Timestamp,
    why: &Malformed,
) -> Response<Body> {
    tracing::info!(request_id = %trail.id, client_ip = %trail.client, reason = %why, "malformed request refused");
    let kind = match why {
        Malformed::TargetTooLong => ProblemKind::AddressTooLong,
        Malformed::Method => ProblemKind::MethodNotAllowed,
        _ => ProblemKind::BadRequest,
    };
    let occasion = Occasion {
        runtime,
        method: &head.method,
        headers: &head.headers,
        portal: None,
        host: "",
        target: "/",
        person: None,
        request_id: &trail.id,
        now,
    };
    let mut response = problem_page(&occasion, kind);
    if *why == Malformed::Method {
        // RFC 9110, 15.5.6: a 405 says what else there is.
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(FORWARDED_METHODS));
    }
    if head.version < http::Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What a page needs of a request whose headers are given away: the language. Two shared buffers, nothing copied.
pub(super) struct Voice {
    accept_language: Option<HeaderValue>,
    cookie: Option<HeaderValue>,
}

impl Voice {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kept = |name: header::HeaderName| headers.get(name).cloned();
        Self { accept_language: kept(header::ACCEPT_LANGUAGE), cookie: kept(header::COOKIE) }
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let pairs = [(header::ACCEPT_LANGUAGE, &self.accept_language), (header::COOKIE, &self.cookie)];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

/// Puts the request's id on its response.
pub(super) fn name_request(response: &mut Response<Body>, id: &RequestId) {
    response.headers_mut().insert(REQUEST_ID, id.header().clone());
}

/// A request as it was read: all that an answer of ours depends on.
pub(super) struct Asked<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) facts: &'a RequestFacts,
    pub(super) placed: Option<&'a Placed<'a>>,
    pub(super) headers: &'a HeaderMap,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    /// Where to go on after signing in: only what a browser may ask for again.
    fn return_to(&self) -> ReturnTo {
        if matches!(self.facts.method, Method::GET | Method::HEAD) {
            ReturnTo::read(self.facts.path.target().as_str())
        } else {
            ReturnTo::default()
        }
    }

    /// Whether this very request is what a browser asks again afterwards.
    fn comes_back(&self) -> bool {
        self.facts.kind == RequestKind::Navigation
            && self.facts.method == Method::GET
            && self.return_to().as_str() == self.facts.path.target().as_str()
    }

    /// Sends a person to one of our pages, tells a script where it is, and a socket no more than the status.
    fn challenge(&self, place: &str, return_to: &ReturnTo, more: &[(&str, &str)]) -> Response<Body> {
        let prefix = &self.runtime.settings.server.prefix;
        match self.facts.kind {
            RequestKind::Navigation => self.go_to(&self.address(place, return_to, more)),
            RequestKind::Fetch => {
                let login_url = format!("{prefix}{place}{}", query_of('?', more));
                let mut response = self.json(StatusCode::UNAUTHORIZED, "sign in to go on", Some(&login_url));
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(SCHEME));
                response
            }
            RequestKind::WebSocket => {
                let mut response = bare(StatusCode::UNAUTHORIZED);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(SCHEME));
                response
            }
        }
    }

    /// The address of our page `place`, that leads on to `return_to`.
    fn address(&self, place: &str, return_to: &ReturnTo, more: &[(&str, &str)]) -> String {
        link(&self.runtime.settings.server.prefix, place, return_to) + &query_of('&', more)
    }

    /// Our page that shows the form that waits.
    fn resend(&self) -> ReturnTo {
        ReturnTo::read(&format!("{}resend", self.runtime.settings.server.prefix))
    }

    fn go_to(&self, place: &str) -> Response<Body> {
        let mut response = bare(StatusCode::SEE_OTHER);
        if let Ok(place) = HeaderValue::from_str(place) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response
    }

    /// The page for a form that is lost. The connection ends: the rest of the form may still be on its way.
    fn not_received(&self, why: NotKept, go_on: String) -> Response<Body> {
        let mut response = not_received_page(&self.occasion(), why, go_on);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(SCHEME));
        // In HTTP/2, which has no such field, the stream is reset instead.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    fn problem(&self, kind: ProblemKind) -> Response<Body> {
        self.problem_before(kind, self.facts.path.target().as_str())
    }

    /// The same, where trying again leads to `target`.
    fn problem_before(&self, kind: ProblemKind, target: &str) -> Response<Body> {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.facts.kind {
            RequestKind::Navigation => problem_page(&Occasion { target, ..self.occasion() }, kind),
            RequestKind::Fetch => self.json(status, status.canonical_reason().unwrap_or("problem"), None),
            RequestKind::WebSocket => bare(status),
        }
    }

    /// The request, for a page of ours.
    fn occasion(&self) -> Occasion<'_> {
        Occasion {
            runtime: self.runtime,
            method: &self.facts.method,
            headers: self.headers,
            portal: self.placed.map(|placed| placed.portal),
            host: self.facts.host.as_str(),
            target: self.facts.path.target().as_str(),
            person: self.person(),
            request_id: &self.facts.id,
            now: self.now,
        }
    }

    /// What strangers read here, where it is the portal's first address that they ask for and nothing deeper.
    fn landing(&self) -> Option<&Landing> {
        let is_at_door = self.facts.kind == RequestKind::Navigation
            && matches!(self.facts.method, Method::GET | Method::HEAD)
            && self.facts.path.target().as_str() == "/";
        self.runtime.portal(self.placed?.portal).landing.as_ref().filter(|_| is_at_door)
    }

    fn json(&self, status: StatusCode, title: &str, login_url: Option<&str>) -> Response<Body> {
        let problem = ProblemJson {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            login_url,
            request_id: self.facts.id.as_str(),
        };
        // A struct of strings and numbers always serialises.
        let bytes = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = bare(status);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if self.facts.method != Method::HEAD {
            *response.body_mut() = Body::of(bytes);
        }
        response
    }

    fn person(&self) -> Option<&Person> {
        match self.placed?.standing {
            Standing::Known(known) => Some(&known.person),
            Standing::Stranger => None,
        }
    }

    fn denied(&self, denial: &Denial) -> AuditEvent {
        let mut event = AuditEvent::new(self.now, AuditKind::AccessDenied, AuditOutcome::Failure)
            .during(&self.facts.id, self.facts.client);
        if let Some(placed) = self.placed {
            event = event.at_portal(&self.runtime.portal(placed.portal).name);
            if let Standing::Known(known) = placed.standing {
                event = event.by(&known.person.id);
            }
        }
        event.rule = denial.rule.as_ref().map(|rule| rule.as_str().to_owned());
        let why: Cow<'_, str> = match denial.refusal {
            Refusal::NoRule => "no rule matches".into(),
            Refusal::Rule => "a rule denies it".into(),
            Refusal::PortalOff => "the portal is switched off".into(),
        };
        event.with_detail(why)
    }
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
