//! Reading a request once: whatever is malformed or ambiguous stops here, before any rule is asked.

use std::{fmt::Write as _, net::IpAddr};

use http::{HeaderMap, HeaderValue, Method, Version, header, request::Parts};
use ipnet::IpNet;

use super::Arrival;
use crate::{
    domain::{
        facts::{Host, RequestFacts, RequestId, RequestKind},
        path::{NormalPath, PathFault},
        trust::normalise,
    },
    proxy::is_websocket_handshake,
};

/// Longest request target, in bytes.
const LONGEST_TARGET: usize = 16 * 1024;

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
}

/// What was read, and the forwarded-for list to continue if the peer is a trusted proxy.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) facts: RequestFacts,
    pub(crate) forwarded_for: Option<HeaderValue>,
}

/// Reads a request.
pub(crate) fn observe(
    id: RequestId,
    arrival: &Arrival,
    head: &Parts,
    trusted_proxies: &[IpNet],
) -> Result<Observed, Malformed> {
    if let Some(violation) = arrival.violation {
        return Err(Malformed::Framing(violation));
    }
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Malformed::Method);
    }
    refuse_ambiguous_length(head)?;
    for (name, words) in [(header::ORIGIN, "Origin"), (header::AUTHORIZATION, "Authorization")] {
        if head.headers.get_all(name).iter().nth(1).is_some() {
            return Err(Malformed::Repeated(words));
        }
    }
    let authority = authority(head)?;
    let host = Host::read(&authority).ok_or(Malformed::Host)?;
    let target = head.uri.path_and_query().ok_or(Malformed::TargetForm)?;
    if target.as_str().len() > LONGEST_TARGET {
        return Err(Malformed::TargetTooLong);
    }
    let path = NormalPath::read(target)?;
    let (client, forwarded_for) = client(arrival.peer.ip(), &head.headers, trusted_proxies)?;
    let kind = kind(head);
    let facts = RequestFacts { id, method: head.method.clone(), host, authority, path, client, kind };
    Ok(Observed { facts, forwarded_for })
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
fn authority(head: &Parts) -> Result<String, Malformed> {
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
        (Some(target), Some(field)) if target.eq_ignore_ascii_case(field) => Ok(field.to_owned()),
        (Some(_), Some(_)) => Err(Malformed::TargetMismatch),
        // HTTP/1.1 demands the field even beside an absolute target (RFC 9112, 3.2).
        (Some(target), None) if head.version >= Version::HTTP_2 => Ok(target.to_owned()),
        (None, Some(field)) => Ok(field.to_owned()),
        (Some(_) | None, None) => Err(Malformed::Host),
    }
}

/// The visitor's address: the peer, or what trusted proxies say, read from the right up to the first one not trusted.
fn client(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted_proxies: &[IpNet],
) -> Result<(IpAddr, Option<HeaderValue>), Malformed> {
    let peer = normalise(peer);
    let is_trusted = |address: &IpAddr| trusted_proxies.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return Ok((peer, None));
    }
    let mut joined = String::new();
    for value in headers.get_all("x-forwarded-for") {
        let text = value.to_str().map_err(|_| Malformed::ForwardedFor)?;
        let separator = if joined.is_empty() { "" } else { ", " };
        // Writing into a String cannot fail.
        let _ = write!(joined, "{separator}{text}");
    }
    if joined.is_empty() {
        return Ok((peer, None));
    }
    let hops = joined
        .split(',')
        .map(|hop| hop.trim().parse::<IpAddr>().map(normalise).map_err(|_| Malformed::ForwardedFor))
        .collect::<Result<Vec<_>, _>>()?;
    let client = hops.iter().rev().find(|hop| !is_trusted(hop)).or(hops.first()).copied().unwrap_or(peer);
    let list = HeaderValue::from_str(&joined).map_err(|_| Malformed::ForwardedFor)?;
    Ok((client, Some(list)))
}

/// Whether this is a WebSocket handshake that a page of another origin makes. Browsers send cookies with it and ask nobody
/// (cross-site WebSocket hijacking); programs that are no browsers send no Origin.
pub(crate) fn is_foreign_socket(facts: &RequestFacts, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).filter(|_| facts.kind == RequestKind::WebSocket) else {
        return false;
    };
    let own = facts.authority.strip_suffix(":443").unwrap_or(&facts.authority);
    let theirs = origin.to_str().ok().and_then(|origin| origin.strip_prefix("https://"));
    let theirs = theirs.map(|theirs| theirs.strip_suffix(":443").unwrap_or(theirs));
    !theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(own))
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
mod tests {
    use std::net::SocketAddr;

    use http::Request;

    use super::*;

    fn arrival(peer: &str) -> Arrival {
        let peer: SocketAddr = peer.parse().unwrap();
        Arrival::plain(peer)
    }

    fn parts(build: http::request::Builder) -> Parts {
        build.body(()).unwrap().into_parts().0
    }

    fn look(peer: &str, build: http::request::Builder, proxies: &[&str]) -> Result<Observed, Malformed> {
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().unwrap()).collect();
        observe(RequestId::new([0; 16]), &arrival(peer), &parts(build), &proxies)
    }

    fn get(target: &str) -> http::request::Builder {
        Request::get(target).header("host", "wiki.example.com")
    }

    #[test]
    fn a_repeated_or_missing_host_is_refused() {
        let twice = get("/").header("host", "wiki.example.com");
        assert_eq!(look("192.0.2.1:1", twice, &[]).unwrap_err(), Malformed::Host);
        assert_eq!(look("192.0.2.1:1", Request::get("/"), &[]).unwrap_err(), Malformed::Host);
        let full_only = Request::get("https://wiki.example.com/");
        assert_eq!(look("192.0.2.1:1", full_only, &[]).unwrap_err(), Malformed::Host);
    }

    #[test]
    fn an_absolute_target_must_agree_with_the_host() {
        let other = get("https://other.example.com/");
        assert_eq!(look("192.0.2.1:1", other, &[]).unwrap_err(), Malformed::TargetMismatch);
        let port = get("https://wiki.example.com:444/");
        assert_eq!(look("192.0.2.1:1", port, &[]).unwrap_err(), Malformed::TargetMismatch);
        let plain = get("http://wiki.example.com/");
        assert_eq!(look("192.0.2.1:1", plain, &[]).unwrap_err(), Malformed::TargetMismatch);
        assert!(look("192.0.2.1:1", get("https://wiki.example.com/x"), &[]).is_ok());
    }

    #[test]
    fn an_ambiguous_length_is_refused() {
        for (name, value) in [
            ("content-length", "5, 5"),
            ("content-length", "+5"),
            ("content-length", ""),
            ("transfer-encoding", "gzip, chunked"),
            ("transfer-encoding", "identity"),
        ] {
            let request = get("/").header(name, value);
            assert_eq!(
                look("192.0.2.1:1", request, &[]).unwrap_err(),
                Malformed::BodyLength,
                "{name}: {value}"
            );
        }
        let both = get("/").header("content-length", "5").header("transfer-encoding", "chunked");
        assert_eq!(look("192.0.2.1:1", both, &[]).unwrap_err(), Malformed::BodyLength);
        let twice = get("/").header("content-length", "5").header("content-length", "5");
        assert_eq!(look("192.0.2.1:1", twice, &[]).unwrap_err(), Malformed::BodyLength);
        let old = get("/").version(Version::HTTP_10).header("transfer-encoding", "chunked");
        assert_eq!(look("192.0.2.1:1", old, &[]).unwrap_err(), Malformed::BodyLength);
    }

    #[test]
    fn forwarded_addresses_of_strangers_are_ignored() {
        let request = get("/").header("x-forwarded-for", "203.0.113.9");
        assert_eq!(look("192.0.2.1:1", request, &[]).unwrap().facts.client.to_string(), "192.0.2.1");
    }

    #[test]
    fn forwarded_addresses_are_read_from_the_right_past_trusted_proxies() {
        let request = || get("/").header("x-forwarded-for", "203.0.113.66, 198.51.100.7, 10.0.0.2");
        let seen = look("[::ffff:10.0.0.1]:1", request(), &["10.0.0.0/8"]).unwrap();
        assert_eq!(seen.facts.client.to_string(), "198.51.100.7");
        let split =
            get("/").header("x-forwarded-for", "203.0.113.66").header("x-forwarded-for", "198.51.100.7");
        let seen = look("10.0.0.1:1", split, &["10.0.0.0/8"]).unwrap();
        assert_eq!(seen.facts.client.to_string(), "198.51.100.7");
    }

    #[test]
    fn a_forwarded_address_that_cannot_be_read_is_refused_from_a_trusted_proxy() {
        for value in ["unknown", "198.51.100.7, ", "198.51.100.7:443", "a, 198.51.100.7"] {
            let request = get("/").header("x-forwarded-for", value);
            let fault = look("10.0.0.1:1", request, &["10.0.0.0/8"]).unwrap_err();
            assert_eq!(fault, Malformed::ForwardedFor, "{value}");
        }
    }

    #[test]
    fn pages_scripts_and_sockets_are_told_apart() {
        let kind = |request| look("192.0.2.1:1", request, &[]).unwrap().facts.kind;
        assert_eq!(kind(get("/").header("sec-fetch-mode", "navigate")), RequestKind::Navigation);
        assert_eq!(kind(get("/").header("accept", "text/html")), RequestKind::Navigation);
        let cors = get("/").header("sec-fetch-mode", "cors").header("accept", "text/html");
        assert_eq!(kind(cors), RequestKind::Fetch);
        assert_eq!(kind(get("/")), RequestKind::Fetch);
        let script = get("/").header("accept", "text/html").header("x-requested-with", "XMLHttpRequest");
        assert_eq!(kind(script), RequestKind::Fetch);
        let socket = || {
            get("/")
                .header("connection", "keep-alive, Upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        };
        assert_eq!(kind(socket()), RequestKind::WebSocket);
        assert_eq!(kind(socket().header("upgrade", "h2c")), RequestKind::Fetch, "no tunnel comes of it");
        assert_eq!(kind(get("/").header("sec-fetch-mode", "websocket")), RequestKind::WebSocket);
    }

    #[test]
    fn tunnels_and_traces_are_refused() {
        let trace = Request::builder().method("TRACE").uri("/").header("host", "wiki.example.com");
        assert_eq!(look("192.0.2.1:1", trace, &[]).unwrap_err(), Malformed::Method);
    }
}
