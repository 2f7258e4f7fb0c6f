//! Reading a request once: whatever is malformed or ambiguous stops here, before any rule is asked.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Method, Version, header, request::Parts};
use ipnet::IpNet;

use super::Arrival;
use crate::{
    domain::{
        facts::{Authority, RequestFacts, RequestId, RequestKind},
        path::{NormalPath, PathFault},
        trust::normalise,
    },
    proxy::is_websocket_handshake,
};

/// Longest request target, in bytes.
const LONGEST_TARGET: usize = 16 * 1024;
/// Words that a `Connection` header may hold: browsers send one or two. Each is compared with every other field.
const MOST_CONNECTION_WORDS: usize = 20;

/// Why a request is not looked at any further. The words go to the log, never to the visitor.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Malformed {
    /// The socket saw what the parser hides.
    #[error("{0}")]
    Framing(&'static str),
    /// RFC 9112, 3.2.
    #[error("the host is missing, repeated or no host name")]
    Host,
    /// RFC 9112, 3.2.2: an absolute target must agree with the Host field.
    #[error("the target and the host disagree")]
    TargetMismatch,
    /// Neither origin-form nor absolute-form.
    #[error("the target is neither a path nor a full address")]
    TargetForm,
    /// Longer than 16 KiB.
    #[error("the target is too long")]
    TargetTooLong,
    /// RFC 9112, 6.3: two readings of where the body ends.
    #[error("the length of the body is ambiguous")]
    BodyLength,
    /// A field that may stand once stands twice.
    #[error("{0} is repeated")]
    Repeated(&'static str),
    /// The path.
    #[error(transparent)]
    Path(#[from] PathFault),
    /// A trusted proxy sent what is no list of addresses.
    #[error("the forwarded address cannot be read")]
    ForwardedFor,
    /// A method that is none of a portal's business: TRACE would show the visitor what only the upstream may see.
    #[error("the method is not forwarded")]
    Method,
    /// Methods are compared by case (RFC 9110, 9.1), and some upstreams do not: `post` would go round a rule about `POST`.
    #[error("the method has a small letter")]
    MethodCase,
    /// More words than anybody means.
    #[error("the Connection header is too long")]
    Connection,
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) facts: RequestFacts,
    /// What the upstream is told of the way here, if trusted proxies stand on it.
    pub(crate) forwarded_for: Option<HeaderValue>,
    /// Whether the port that the visitor names is one of ours, as far as we can know: upstreams build links from it, and a
    /// mailed link to another port would lead to whoever listens there.
    pub(crate) is_our_port: bool,
}

/// Reads a request.
pub(crate) fn observe(
    id: RequestId,
    arrival: &Arrival,
    head: &Parts,
    trusted_proxies: &[IpNet],
    public_port: Option<u16>,
) -> Result<Observed, Malformed> {
    if let Some(violation) = arrival.violation {
        return Err(Malformed::Framing(violation));
    }
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Malformed::Method);
    }
    if head.method.as_str().bytes().any(|b| b.is_ascii_lowercase()) {
        return Err(Malformed::MethodCase);
    }
    refuse_ambiguous_length(head)?;
    refuse_long_connection(&head.headers)?;
    for (name, words) in [(header::ORIGIN, "Origin"), (header::AUTHORIZATION, "Authorization")] {
        if head.headers.get_all(name).iter().nth(1).is_some() {
            return Err(Malformed::Repeated(words));
        }
    }
    let authority = authority(head)?;
    let authority = Authority::read(authority).ok_or(Malformed::Host)?;
    // A fragment is refused by the framing guard in HTTP/1.1; in HTTP/2 `http` cuts it off before anybody here can see it,
    // and what is judged is what is forwarded: the path without it.
    let target = head.uri.path_and_query().ok_or(Malformed::TargetForm)?;
    if target.as_str().len() > LONGEST_TARGET {
        return Err(Malformed::TargetTooLong);
    }
    let path = NormalPath::read(target)?;
    let way = Way::read(arrival.peer.ip(), &head.headers, trusted_proxies)?;
    // Where a proxy of ours stands in front, its ports are the ones that visitors see, unless the file names theirs: what it
    // names goes into links.
    let is_named = [443, arrival.port].contains(&authority.port) || public_port == Some(authority.port);
    let is_our_port = is_named || way.is_proxied && public_port.is_none();
    let facts = RequestFacts {
        id,
        method: head.method.clone(),
        authority: authority.to_string(),
        host: authority.host,
        path,
        client: way.client,
        kind: kind(head),
    };
    Ok(Observed { facts, forwarded_for: way.list, is_our_port })
}

fn refuse_long_connection(headers: &HeaderMap) -> Result<(), Malformed> {
    let words = |value: &HeaderValue| value.as_bytes().split(|b| *b == b',').count();
    let all: usize = headers.get_all(header::CONNECTION).iter().map(words).sum();
    if all > MOST_CONNECTION_WORDS { Err(Malformed::Connection) } else { Ok(()) }
}

fn refuse_ambiguous_length(head: &Parts) -> Result<(), Malformed> {
    let mut lengths = head.headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next();
    let plain =
        length.is_none_or(|value| !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit));
    let mut encodings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    let encoding = encodings.next();
    let chunked = encoding.is_none_or(|value| {
        head.version == Version::HTTP_11 && value.as_bytes().eq_ignore_ascii_case(b"chunked")
    });
    let single = lengths.next().is_none() && encodings.next().is_none();
    let fine = single && plain && chunked && !(length.is_some() && encoding.is_some());
    if fine { Ok(()) } else { Err(Malformed::BodyLength) }
}

/// The host asked for, as written: the target's authority and the Host field must agree where both speak.
fn authority(head: &Parts) -> Result<&str, Malformed> {
    let mut fields = head.headers.get_all(header::HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err(Malformed::Host);
    }
    let field = field.map(HeaderValue::to_str).transpose().map_err(|_| Malformed::Host)?;
    let target = head.uri.authority();
    if target.is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Malformed::Host);
    }
    if head.uri.scheme().is_some_and(|scheme| *scheme != http::uri::Scheme::HTTPS) {
        return Err(Malformed::TargetMismatch);
    }
    match (target.map(http::uri::Authority::as_str), field) {
        (Some(target), Some(field)) if target.eq_ignore_ascii_case(field) => Ok(field),
        (Some(_), Some(_)) => Err(Malformed::TargetMismatch),
        // HTTP/1.1 demands the field even beside an absolute target (RFC 9112, 3.2).
        (Some(target), None) if head.version >= Version::HTTP_2 => Ok(target),
        (None, Some(field)) => Ok(field),
        (Some(_) | None, None) => Err(Malformed::Host),
    }
}

/// The way a request came, as far as it can be trusted.
struct Way {
    /// The visitor's address: the peer, or what trusted proxies say, read from the right up to the first one not trusted.
    client: IpAddr,
    /// The client and the trusted hops after it, the peer included; `None` where nobody stands between.
    list: Option<HeaderValue>,
    is_proxied: bool,
}

impl Way {
    fn read(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[IpNet]) -> Result<Self, Malformed> {
        let peer = normalise(peer);
        let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
        if !is_trusted(&peer) {
            return Ok(Self { client: peer, list: None, is_proxied: false });
        }
        let mut hops = Vec::new();
        for value in headers.get_all("x-forwarded-for") {
            for hop in value.to_str().map_err(|_| Malformed::ForwardedFor)?.split(',') {
                let address = hop.trim().parse::<IpAddr>().map_err(|_| Malformed::ForwardedFor)?;
                hops.push(normalise(address));
            }
        }
        let Some(first) = hops.first().copied() else {
            return Ok(Self { client: peer, list: None, is_proxied: true });
        };
        let at = hops.iter().rposition(|hop| !is_trusted(hop));
        let client = at.map_or(first, |at| hops[at]);
        // Left of the client stands what the client wrote: upstreams that read the list from the left would believe it.
        let told = hops[at.unwrap_or(0)..].iter().chain([&peer]);
        let list = told.map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
        let list = HeaderValue::from_str(&list).map_err(|_| Malformed::ForwardedFor)?;
        Ok(Self { client, list: Some(list), is_proxied: true })
    }
}

/// Whether this is a WebSocket handshake that a page of another origin makes. Browsers send cookies with it and ask nobody
/// (cross-site WebSocket hijacking); programs that are no browsers send no Origin.
pub(crate) fn is_foreign_socket(facts: &RequestFacts, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).filter(|_| facts.kind == RequestKind::WebSocket) else {
        return false;
    };
    !Authority::is_origin(&facts.authority, origin.as_bytes())
}

fn kind(head: &Parts) -> RequestKind {
    let says = |name: &str| head.headers.get(name).map(HeaderValue::as_bytes);
    // What the proxy would open a tunnel for, and what a browser calls one.
    let is_handshake = is_websocket_handshake(&head.method, head.version, &head.headers);
    if is_handshake || says("sec-fetch-mode") == Some(b"websocket") {
        return RequestKind::WebSocket;
    }
    match says("sec-fetch-mode") {
        Some(b"navigate") => return RequestKind::Navigation,
        Some(_) => return RequestKind::Fetch,
        None => {}
    }
    let accepts_pages = says("accept")
        .is_some_and(|accept| String::from_utf8_lossy(accept).to_ascii_lowercase().contains("text/html"));
    let by_script = says("x-requested-with").is_some();
    if accepts_pages && !by_script && matches!(head.method, Method::GET | Method::HEAD | Method::POST) {
        RequestKind::Navigation
    } else {
        RequestKind::Fetch
    }
}

#[cfg(test)]
mod tests;
