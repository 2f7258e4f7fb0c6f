//! The head of a request as the upstream sees it, and the head of a response as the visitor sees it.
//!
//! A request's head is built anew in one pass: what must not travel stays behind, then what is ours is set once. So
//! nothing a visitor writes, `Connection` included, can take away or double what we say.

use std::{fmt::Write as _, net::IpAddr};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header, response};
use http_body::Frame;

use super::{Envelope, UpstreamFault, cookies, exchange::Exchange, handshake::Wish};
use crate::domain::policy::Permit;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What belongs to one connection only (RFC 9110, 7.6.1), as responses may carry it.
static ONE_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The head an upstream receives.
pub(super) fn to_upstream(exchange: &Exchange<'_>, has_body: bool) -> Result<HeaderMap, UpstreamFault> {
    let Exchange { upstream, permit, envelope, wish, head, .. } = *exchange;
    let mut out = HeaderMap::with_capacity(head.headers.len() + 12);
    let authority = HeaderValue::from_str(envelope.authority)
        .map_err(|_| UpstreamFault::Broken("the host cannot be written in a header".to_owned()))?;
    // Host first: some servers look for it there.
    out.insert(header::HOST, upstream.host.clone().unwrap_or_else(|| authority.clone()));
    let named = NamedByConnection::of(&head.headers);
    for (name, field) in &head.headers {
        if *name != header::COOKIE && !upstream.stripped.contains(name.as_str()) && !named.contains(name) {
            out.append(name.clone(), field.clone());
        }
    }
    if !named.contains(&header::COOKIE)
        && let Some(cookies) = cookies::without_ours(&head.headers)
    {
        out.insert(header::COOKIE, cookies);
    }
    out.insert(X_FORWARDED_FOR.clone(), forwarded_for(envelope)?);
    out.insert(X_FORWARDED_PROTO.clone(), HeaderValue::from_static("https"));
    out.insert(X_FORWARDED_HOST.clone(), authority);
    out.insert(X_REQUEST_ID.clone(), envelope.id.header().clone());
    if let Some(person) = permit.person() {
        let said = upstream.identity.of(person).map_err(|why| UpstreamFault::Broken(why.to_string()))?;
        for (name, value) in said {
            out.insert(name.clone(), value);
        }
    }
    if wish == Wish::WebSocket {
        out.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        out.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    if !has_body && matches!(head.method, Method::POST | Method::PUT | Method::PATCH) {
        // Servers that want a length answer 411 without it.
        out.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok(out)
}

fn forwarded_for(envelope: &Envelope<'_>) -> Result<HeaderValue, UpstreamFault> {
    if let Some(list) = envelope.forwarded_for {
        return Ok(list.clone());
    }
    let mut text = BytesMut::with_capacity(LONGEST_ADDRESS);
    let written = match envelope.client.to_canonical() {
        IpAddr::V4(address) => write!(text, "{address}"),
        IpAddr::V6(address) => write!(text, "{address}"),
    };
    let unwritable = || UpstreamFault::Broken("the address cannot be written in a header".to_owned());
    written.map_err(|_| unwritable())?;
    HeaderValue::from_maybe_shared(text.freeze()).map_err(|_| unwritable())
}

/// An IPv6 address written out with an embedded IPv4 one.
const LONGEST_ADDRESS: usize = 45;

/// The names a `Connection` header takes off the message.
struct NamedByConnection(Vec<HeaderName>);

impl NamedByConnection {
    fn of(headers: &HeaderMap) -> Self {
        let mut names = Vec::new();
        for field in headers.get_all(header::CONNECTION) {
            for token in field.as_bytes().split(|b| *b == b',') {
                let token = token.trim_ascii();
                let is_ordinary = ["keep-alive", "close", "upgrade"]
                    .iter()
                    .any(|usual| token.eq_ignore_ascii_case(usual.as_bytes()));
                if !is_ordinary {
                    // What is no name names nothing.
                    names.extend(HeaderName::from_bytes(token).ok());
                }
            }
        }
        Self(names)
    }

    fn contains(&self, name: &HeaderName) -> bool {
        self.0.contains(name)
    }
}

/// Makes a response's head fit for the visitor.
pub(super) fn to_visitor(
    head: &mut response::Parts,
    permit: &Permit,
    envelope: &Envelope<'_>,
    trailers: Trailers,
) -> Result<(), UpstreamFault> {
    // The upstream's version says nothing of how the visitor is answered: told 1.0, one could not tell a page that broke off.
    head.version = Version::HTTP_11;
    let headers = &mut head.headers;
    // hyper would follow one of two readings; whoever sits behind us may follow the other.
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter().count();
    if lengths > 1 || (lengths == 1 && headers.contains_key(header::TRANSFER_ENCODING)) {
        return Err(UpstreamFault::Garbled("two readings of where the response ends".to_owned()));
    }
    for name in NamedByConnection::of(headers).0 {
        if name != header::CONTENT_LENGTH && name != header::SET_COOKIE {
            headers.remove(name);
        }
    }
    let announced = trailers.announced(headers);
    for name in &ONE_HOP {
        headers.remove(name);
    }
    if let Some(announced) = announced {
        headers.insert(header::TRAILER, announced);
    }
    // It would sign the visitor out, move them to an address nobody guards, or let them come without TLS (max-age=0).
    headers.remove(&CLEAR_SITE_DATA);
    headers.remove(header::ALT_SVC);
    headers.remove(header::STRICT_TRANSPORT_SECURITY);
    if cookies::refuse_ours(headers) > 0 {
        tracing::warn!(request.id = %envelope.id, rule = %permit.rule(), "the upstream tried to set a cookie of ours");
    }
    let says_nothing_of_caching =
        !headers.contains_key(header::CACHE_CONTROL) && !headers.contains_key(header::EXPIRES);
    if permit.person().is_some() && says_nothing_of_caching {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    headers.insert(X_REQUEST_ID.clone(), envelope.id.header().clone());
    Ok(())
}

/// What becomes of fields that come after a response's body. Those of requests are dropped: an upstream could read them as
/// what was taken out of the head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trailers {
    /// The visitor asked for them (`TE: trailers`): those pass that mean nothing in a head.
    Passed,
    Dropped,
}

impl Trailers {
    pub(super) fn wanted_by(request: &HeaderMap) -> Self {
        let is_wanted = request
            .get_all(header::TE)
            .iter()
            .flat_map(|field| field.as_bytes().split(|b| *b == b','))
            .any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"));
        if is_wanted { Self::Passed } else { Self::Dropped }
    }

    /// The names that may be announced in the head: HTTP/1.1 sends no others.
    fn announced(self, response: &HeaderMap) -> Option<HeaderValue> {
        if self == Self::Dropped {
            return None;
        }
        let fields = response.get_all(header::TRAILER).iter().filter_map(|field| field.to_str().ok());
        let names = fields.flat_map(|field| field.split(',')).map(str::trim);
        let kept: Vec<_> = names.filter(|name| may_trail(&name.to_ascii_lowercase())).collect();
        (!kept.is_empty()).then(|| HeaderValue::from_str(&kept.join(", ")).ok()).flatten()
    }

    /// What is left of a frame of trailers, if anything.
    pub(super) fn pass(self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let trailers = frame.into_trailers().ok().filter(|_| self == Self::Passed)?;
        let mut name = None;
        let mut kept = HeaderMap::new();
        for (next, value) in trailers {
            name = next.or(name);
            if let Some(name) = name.as_ref().filter(|name| may_trail(name.as_str())) {
                kept.append(name.clone(), value);
            }
        }
        (!kept.is_empty()).then(|| Frame::trailers(kept))
    }
}

/// Whether a field, in lower case, tells of the body it follows, or is an application's own: nothing that a browser or cache
/// obeys, and nothing of ours.
fn may_trail(name: &str) -> bool {
    const KNOWN: [&str; 4] = ["content-digest", "digest", "repr-digest", "server-timing"];
    const OBEYED: [&str; 10] = [
        "x-accel-",
        "x-content-",
        "x-dns-",
        "x-forwarded",
        "x-frame-",
        "x-permitted-",
        "x-request-id",
        "x-robots-",
        "x-sendfile",
        "x-xss-",
    ];
    KNOWN.contains(&name)
        || name.starts_with("grpc-")
        || name.starts_with("x-") && !OBEYED.iter().any(|begin| name.starts_with(begin))
}

static CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

#[cfg(test)]
mod tests;
