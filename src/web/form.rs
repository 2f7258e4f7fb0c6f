//! Forms: read whole, small and in time, and only from our own pages.
//!
//! A form counts only if the browser says it came from this very origin. Whether it was made for this very browser is the
//! second question ([`Browser::admits`](super::browser::Browser::admits)), because the answer to it depends on the page.

use std::time::Duration;

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE, ORIGIN},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use zeroize::Zeroizing;

use crate::domain::facts::Authority;

/// The largest form, where a page does not say otherwise.
pub(super) const MOST_BYTES: usize = 16 * 1024;
/// The most fields; none of our forms has ten.
const MOST_FIELDS: usize = 32;
/// Time for all of it.
const LONGEST: Duration = Duration::from_secs(15);

/// The fields of a form, each at most once.
pub(super) struct Form(Vec<(String, Zeroizing<String>)>);

/// Why a form is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FormFault {
    /// It does not come from our own origin.
    Foreign,
    /// It is no form, has a field twice, or broke off.
    Malformed,
    /// It is too large.
    TooLarge,
}

impl Form {
    /// Reads a form of at most `most` bytes that came from `authority`'s own pages.
    pub(super) async fn read(
        headers: &HeaderMap,
        authority: &str,
        body: Incoming,
        most: usize,
    ) -> Result<Self, FormFault> {
        // Judged before the body is read: a foreign page gets nothing out of us, not even work.
        if !is_own_origin(headers, authority) {
            return Err(FormFault::Foreign);
        }
        if !is_form(headers) {
            return Err(FormFault::Malformed);
        }
        let whole = tokio::time::timeout(LONGEST, Limited::new(body, most).collect()).await;
        let Ok(whole) = whole else { return Err(FormFault::Malformed) };
        let bytes =
            whole
                .map_err(|fault| {
                    if fault.is::<LengthLimitError>() { FormFault::TooLarge } else { FormFault::Malformed }
                })?
                .to_bytes();
        Self::parse(&bytes)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FormFault> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            // Two values of one field would be read differently by whoever reads first and whoever reads last.
            if fields.len() == MOST_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return Err(FormFault::Malformed);
            }
            fields.push((name.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(fields))
    }

    /// The fields of a form that was read before.
    pub(super) fn again(fields: &[(String, Zeroizing<String>)]) -> Self {
        Self(fields.to_vec())
    }

    /// All fields but the token of this form.
    pub(super) fn fields(&self) -> Vec<(String, Zeroizing<String>)> {
        self.0.iter().filter(|(name, _)| name != "csrf").cloned().collect()
    }

    /// A field's text; empty if it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }
}

/// Whether the browser says that the form came from a page of `https://authority`.
///
/// Our pages say `Referrer-Policy: no-referrer`, under which browsers send `Origin: null` even to ourselves; then
/// `Sec-Fetch-Site`, which no page can forge, must vouch for it.
pub fn is_own_origin(headers: &HeaderMap, authority: &str) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().map(|value| value.as_bytes());
    if origins.next().is_some() {
        return false;
    }
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    let vouched = site == Some(b"same-origin");
    match origin {
        None | Some(b"null") => vouched,
        Some(origin) => (vouched || site.is_none()) && Authority::is_origin(authority, origin),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") && !headers.contains_key(CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn forms_come_from_our_own_origin_only() {
        let judge =
            |pairs: &[(&'static str, &'static str)]| is_own_origin(&headers(pairs), "Wiki.example.com");
        assert!(judge(&[("origin", "https://wiki.example.com")]));
        assert!(judge(&[("origin", "https://wiki.example.com:443")]));
        assert!(judge(&[("origin", "https://wiki.example.com"), ("sec-fetch-site", "same-origin")]));
        assert!(judge(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(judge(&[("sec-fetch-site", "same-origin")]));

        assert!(!judge(&[]));
        assert!(!judge(&[("origin", "null")]));
        assert!(!judge(&[("origin", "http://wiki.example.com")]));
        assert!(!judge(&[("origin", "https://wiki.example.com.evil.example")]));
        assert!(!judge(&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!judge(&[("origin", "https://wiki.example.com"), ("sec-fetch-site", "cross-site")]));
        assert!(!judge(&[("origin", "null"), ("sec-fetch-site", "same-site")]));
        assert!(!judge(&[("origin", "null"), ("sec-fetch-site", "none")]));
        assert!(!judge(&[("origin", "https://wiki.example.com"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn a_port_is_part_of_the_origin() {
        let from = |origin: &'static str| is_own_origin(&headers(&[("origin", origin)]), "localhost:8443");
        assert!(from("https://localhost:8443"));
        assert!(!from("https://localhost"));
        assert!(!from("https://localhost:443"));
    }

    #[test]
    fn only_forms_are_forms() {
        for (kind, is) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", true),
            ("multipart/form-data; boundary=x", false),
            ("application/json", false),
            ("text/plain", false),
        ] {
            assert_eq!(is_form(&headers(&[("content-type", kind)])), is, "{kind}");
        }
        assert!(!is_form(&headers(&[])));
        let packed = [("content-type", "application/x-www-form-urlencoded"), ("content-encoding", "gzip")];
        assert!(!is_form(&headers(&packed)));
    }

    #[test]
    fn a_field_twice_is_no_form() {
        let form = Form::parse(b"username=anna&password=a%26b+c&trust_device=1").unwrap();
        assert_eq!((form.text("username"), form.text("password")), ("anna", "a&b c"));
        assert!(form.is_ticked("trust_device") && !form.is_ticked("trust_address"));
        assert_eq!(Form::parse(b"code=1&code=1").err(), Some(FormFault::Malformed));
        assert_eq!(Form::parse(b"code=1&co%64e=2").err(), Some(FormFault::Malformed));
        let many: String = (0..33).map(|n| format!("f{n}=1&")).collect();
        assert_eq!(Form::parse(many.as_bytes()).err(), Some(FormFault::Malformed));
    }
}
