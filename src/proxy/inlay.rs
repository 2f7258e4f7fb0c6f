//! Laying a piece of ours into a page of the upstream's on its way, right behind the page's `<body …>`.
//!
//! Not a byte of the page is held back, changed or lost: what is read is only looked through, and what cannot be understood
//! goes on as it came. A page gets the piece where the request, the head of the answer and the page itself all allow it
//! ([`wants_page`], [`Inlay::lay_in`], [`scan`]); any doubt means none.

mod csp;
mod page;
mod scan;
#[cfg(test)]
mod tests;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, response};

pub(super) use self::page::Inlaid;
use self::scan::{Found, Scan};
use super::body::Body;

/// HTML to be laid into a page, and the authority it stands under: it loads a style sheet and a picture from there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inlay {
    /// ASCII alone, so that it reads the same in every encoding of a page.
    piece: Bytes,
    authority: String,
}

/// Whether a browser asks for a whole page to show in a window of its own. Old ones do not say, and get no piece; nor does a
/// service worker, which may keep the page for whoever comes next.
pub fn wants_page(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &HeaderName, value: &str| sole(headers, name) == Some(value);
    *method == Method::GET
        && says(&SEC_FETCH_MODE, "navigate")
        && says(&SEC_FETCH_DEST, "document")
        && !headers.contains_key(header::RANGE)
        && !headers.contains_key(&BY_WORKER)
}

/// Asks the upstream for the whole page and for plain text: a copy that the browser has may hold an earlier piece, and nothing
/// can be laid into what is compressed.
pub fn ask_plainly(headers: &mut HeaderMap) {
    headers.remove(header::IF_NONE_MATCH);
    headers.remove(header::IF_MODIFIED_SINCE);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

impl Inlay {
    /// A piece for pages under `https://authority`; none where it is not ASCII.
    pub fn new(piece: String, authority: &str) -> Option<Self> {
        piece.is_ascii().then(|| Self { piece: piece.into(), authority: authority.to_owned() })
    }

    /// Lays the piece into what the upstream answered, if that is a page and allows it; anything else stays as it is.
    pub fn lay_in(self, response: Response<Body>) -> Response<Body> {
        let (mut head, body) = response.into_parts();
        match body {
            Body::Upstream(download) if !download.is_over() && allows(&head, &self.authority) => {
                relabel(&mut head.headers);
                let splice = Splice { scan: Some(Scan::begin(&self.authority)), piece: self.piece };
                Response::from_parts(head, Body::Inlaid(Box::new(Inlaid::new(download, splice))))
            }
            body => Response::from_parts(head, body),
        }
    }
}

/// Whether the head of an answer says that it is a whole page in the clear, and nothing against a piece of ours.
fn allows(head: &response::Parts, authority: &str) -> bool {
    let headers = &head.headers;
    let policies = [&header::CONTENT_SECURITY_POLICY, &header::CONTENT_SECURITY_POLICY_REPORT_ONLY];
    head.status == StatusCode::OK
        && sole(headers, &header::CONTENT_TYPE).is_some_and(is_readable_html)
        && UNTOUCHED.iter().all(|name| !headers.contains_key(name))
        && is_shown(headers)
        // What cannot be read may forbid it, or forbid to keep the page.
        && headers.get_all(header::CACHE_CONTROL).iter().all(|field| field.to_str().is_ok())
        && !tokens(headers, &header::CACHE_CONTROL).any(|token| token.eq_ignore_ascii_case("no-transform"))
        // What would only be reported is left out as well: nobody shall read reports about us.
        && policies.into_iter().flat_map(|name| headers.get_all(name)).all(|policy| {
            policy.to_str().is_ok_and(|policy| csp::admits(policy, authority))
        })
}

/// What speaks of the very bytes of an answer, or of what it may load in ways not read here.
static UNTOUCHED: [HeaderName; 9] = [
    header::CONTENT_ENCODING,
    header::CONTENT_RANGE,
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("integrity-policy"),
    HeaderName::from_static("integrity-policy-report-only"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("signature"),
];

/// Whether this is the type of HTML whose tags are ASCII bytes. UTF-16 and ISO-2022-JP are not, and what nobody knows may not be.
fn is_readable_html(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
    is_html
        && parts.all(|part| match part.split_once('=') {
            Some((name, label)) if name.trim().eq_ignore_ascii_case("charset") => {
                scan::is_ascii_compatible(label.trim().trim_matches('"'))
            }
            _ => true,
        })
}

/// Not a download.
fn is_shown(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_DISPOSITION).iter().all(|value| {
        let kind = value.to_str().ok().and_then(|value| value.split(';').next()).unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("inline")
    })
}

/// Makes the head true again: the page is longer, it is one person's at one moment, and nobody may keep it for another.
fn relabel(headers: &mut HeaderMap) {
    let is_never_kept =
        tokens(headers, &header::CACHE_CONTROL).any(|token| token.eq_ignore_ascii_case("no-store"));
    let caching = if is_never_kept { "no-store" } else { "private, no-cache" };
    for name in &OUTDATED {
        headers.remove(name);
    }
    // A cache in front of us may heed a header of its own more.
    let others: Vec<_> =
        headers.keys().filter(|name| name.as_str().ends_with("cdn-cache-control")).cloned().collect();
    for name in others {
        headers.remove(name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.append(header::VARY, HeaderValue::from_static("Cookie, Sec-Fetch-Dest"));
}

/// What is no longer true of a page with a piece in it.
static OUTDATED: [HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::CONTENT_LENGTH,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::TRAILER,
    HeaderName::from_static("edge-control"),
    HeaderName::from_static("surrogate-control"),
    HeaderName::from_static("x-accel-expires"),
    HeaderName::from_static("x-litespeed-cache-control"),
    HeaderName::from_static("use-as-dictionary"),
];

/// The value of a header that is there once, as text.
fn sole<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok().map(str::trim)
}

/// The members of a list, over all its fields.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let fields = headers.get_all(name).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',')).map(str::trim)
}

/// A page on its way, until the piece is in it.
pub(super) struct Splice {
    /// None once the place was found, or there is none.
    scan: Option<Scan>,
    piece: Bytes,
}

impl Splice {
    /// The next part of the page, with the piece in it if this is where it belongs.
    fn pass(&mut self, part: Bytes) -> Bytes {
        let Some(scan) = &mut self.scan else { return part };
        let found = scan.read(&part);
        if found != Found::NotYet {
            self.scan = None;
        }
        let Found::After(place) = found else { return part };
        let Some((before, behind)) = part.split_at_checked(place) else { return part };
        let mut joined = BytesMut::with_capacity(part.len() + self.piece.len());
        for bytes in [before, &self.piece, behind] {
            joined.extend_from_slice(bytes);
        }
        joined.freeze()
    }
}

static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
static BY_WORKER: HeaderName = HeaderName::from_static("service-worker-navigation-preload");
