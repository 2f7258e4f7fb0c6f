//! Keeping the gateway's cookies between the gateway and the browser: none reaches an upstream, none comes from one.
//!
//! Names are recognised however they are dressed up: in any case, after blanks of any script, after a nameless `=`. Browsers
//! and servers disagree about all of these, and each disagreement was somebody's way to plant or to steal a session.

use http::{HeaderMap, HeaderValue, header};

/// What the names of all our cookies begin with, in lower case.
const OURS: &[u8] = b"__host-vestibule";

/// The cookies of a request without ours; every other one byte for byte. `None` if nothing is left.
pub(super) fn without_ours(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut fields = headers.get_all(header::COOKIE).iter();
    let first = fields.next()?;
    let second = fields.next();
    if second.is_none() && !holds_ours(first.as_bytes()) {
        return Some(first.clone());
    }
    // HTTP/2 may spread cookies over several fields; HTTP/1.1 knows one only (RFC 9113, 8.2.3).
    let mut kept: Vec<u8> = Vec::new();
    for field in [first].into_iter().chain(second).chain(fields) {
        for cookie in field.as_bytes().split(|b| *b == b';') {
            let cookie = cookie.trim_ascii();
            if cookie.is_empty() || is_ours(cookie) {
                continue;
            }
            if !kept.is_empty() {
                kept.extend_from_slice(b"; ");
            }
            kept.extend_from_slice(cookie);
        }
    }
    // Parts of header values are header values.
    (!kept.is_empty()).then(|| HeaderValue::from_bytes(&kept).ok()).flatten()
}

/// Takes every `Set-Cookie` for one of our names, and every one without a name, out of a response; tells how many.
pub(super) fn refuse_ours(headers: &mut HeaderMap) -> usize {
    // What a nameless cookie holds is sent back bare, where it reads as any name.
    let is_refused = |field: &&HeaderValue| is_ours(field.as_bytes()) || is_nameless(field.as_bytes());
    let fields = headers.get_all(header::SET_COOKIE);
    let planted = fields.iter().filter(is_refused).count();
    if planted > 0 {
        let kept: Vec<_> = fields.iter().filter(|field| !is_refused(field)).cloned().collect();
        headers.remove(header::SET_COOKIE);
        for field in kept {
            headers.append(header::SET_COOKIE, field);
        }
    }
    planted
}

fn holds_ours(field: &[u8]) -> bool {
    field.split(|b| *b == b';').any(is_ours)
}

/// Whether a cookie's name begins like ours once everything before its first letter, digit or `_` is gone: blanks, the
/// bytes of Unicode blanks, quotes, the `=` of a nameless cookie.
fn is_ours(cookie: &[u8]) -> bool {
    let start = cookie.iter().position(|b| b.is_ascii_alphanumeric() || *b == b'_').unwrap_or(cookie.len());
    cookie[start..].get(..OURS.len()).is_some_and(|name| name.eq_ignore_ascii_case(OURS))
}

fn is_nameless(field: &[u8]) -> bool {
    let pair = field.split(|b| *b == b';').next().unwrap_or_default();
    let name = pair.iter().position(|b| *b == b'=').map_or(&b""[..], |at| &pair[..at]);
    name.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(fields: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(header::COOKIE, HeaderValue::from_bytes(field.as_bytes()).unwrap());
        }
        without_ours(&headers).map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn our_cookies_never_reach_an_upstream() {
        for (fields, expected) in [
            (&["__Host-vestibule=secret"][..], None),
            (&["__Host-vestibule-device=secret; __Host-vestibule=secret"], None),
            (&["a=1; __Host-vestibule=secret; b=2"], Some("a=1; b=2")),
            (&["a=1;__HOST-VESTIBULE=secret"], Some("a=1")),
            (&["a=1; \u{2000}__Host-vestibule=secret"], Some("a=1")),
            (&["a=1; =__Host-vestibule=secret"], Some("a=1")),
            (&["a=1; \"__Host-vestibule\"=secret"], Some("a=1")),
            (&["a=\"x; __Host-vestibule=secret; y\""], Some("a=\"x; y\"")),
            (&["a=1", "__Host-vestibule=secret", "b=2; c=3"], Some("a=1; b=2; c=3")),
            (&["__Host-vestibule_login=secret", "b=2"], Some("b=2")),
        ] {
            assert_eq!(request(fields).as_deref(), expected, "{fields:?}");
        }
    }

    #[test]
    fn other_cookies_pass_byte_for_byte() {
        for field in ["a=1;b=2 ;  c=\"x y\"", "session=x=y==; ;", "vestibule=1; Host-vestibule=2", "\u{e9}=1"]
        {
            assert_eq!(request(&[field]).as_deref(), Some(field));
        }
        assert_eq!(request(&[]), None);
    }

    #[test]
    fn an_upstream_cannot_plant_our_cookies() {
        for field in [
            "__Host-vestibule=x; Path=/; Secure",
            "__host-VESTIBULE=x",
            "  __Host-vestibule-device=x",
            "\u{2000}__Host-vestibule=x",
            "=__Host-vestibule=x",
            "= __Host-vestibule=x",
            "__Host-vestibule",
            "=nameless",
            "nameless; Path=/",
            "\t=\u{3000}__Host-vestibule",
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, HeaderValue::from_static("wiki=1; Path=/"));
            headers.append(header::SET_COOKIE, HeaderValue::from_bytes(field.as_bytes()).unwrap());
            headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-wiki=2; Path=/; Secure"));
            assert_eq!(refuse_ours(&mut headers), 1, "{field}");
            let kept: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
            assert_eq!(kept, ["wiki=1; Path=/", "__Host-wiki=2; Path=/; Secure"], "{field}");
        }
    }
}
