//! Header names no visitor may send to an upstream, under any spelling.
//!
//! CGI, WSGI and PHP upstreams read `Remote-User`, `remote_user` and `Remote.User` as one variable. So names are compared
//! folded: lower case, each run of anything but letters and digits one separator, none at the ends. That is more than any
//! upstream folds, and no honest name is lost by it.

use std::collections::HashSet;

use http::HeaderName;

/// Longer names than this equal none of ours; only their beginning is looked at.
const LONGEST: usize = 96;

/// Names that are ours to set, that belong to one connection only, or that tell an upstream to judge another request than
/// the one that was judged here. Folded.
const EXACT: &[&str] = &[
    // One hop (RFC 9110, 7.6.1) and framing: both are made anew.
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
    // CGI turns it into HTTP_PROXY, which libraries obey (httpoxy).
    "proxy",
    // Who the visitor is said to be, by other proxies' habits.
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "forwarded-for",
    "front-end-https",
    "remote-addr",
    "remote-host",
    "true-client-ip",
    "x-authenticated-user",
    "x-client-ip",
    "x-client-verify",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-host",
    "x-http-host-override",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-remote-user",
    "x-request-id",
    "x-scheme",
    "x-url-scheme",
    // Another request than the one that was judged.
    "x-http-method",
    "x-http-method-override",
    "x-http-destinationurl",
    "x-method-override",
];

/// Beginnings of such names. Folded.
const PREFIXES: &[&str] = &[
    "proxy-",
    "ssl-client",
    "x-accel-",
    "x-arr-",
    "x-client-cert",
    "x-forwarded",
    "x-original",
    "x-rewrite",
    "x-sendfile",
    "x-ssl-",
];

/// The names that are removed from every request.
#[derive(Debug)]
pub(super) struct Stripped {
    exact: HashSet<Box<[u8]>>,
    /// Bit n: a name of n bytes is among them.
    lengths: u128,
}

impl Stripped {
    /// Ours, and every identity header of every portal.
    pub(super) fn new(identity: &[HeaderName]) -> Result<Self, String> {
        let mut all = Self { exact: HashSet::new(), lengths: 0 };
        for name in EXACT.iter().copied().chain(identity.iter().map(HeaderName::as_str)) {
            let mut buffer = [0; LONGEST];
            let Folded::Whole(folded) = fold(name, &mut buffer) else {
                return Err(format!("the header name {name} is longer than {LONGEST} bytes"));
            };
            all.lengths |= 1 << folded.len();
            all.exact.insert(folded.into());
        }
        Ok(all)
    }

    /// Whether a header of this name must not reach an upstream.
    pub(super) fn contains(&self, name: &str) -> bool {
        let mut buffer = [0; LONGEST];
        let (folded, is_whole) = match fold(name, &mut buffer) {
            Folded::Whole(folded) => (folded, true),
            Folded::Beginning(folded) => (folded, false),
        };
        if is_whole && self.lengths >> folded.len() & 1 == 1 && self.exact.contains(folded) {
            return true;
        }
        matches!(folded.first(), Some(b'x' | b'p' | b's'))
            && PREFIXES.iter().any(|prefix| folded.starts_with(prefix.as_bytes()))
    }
}

enum Folded<'a> {
    Whole(&'a [u8]),
    Beginning(&'a [u8]),
}

fn fold<'a>(name: &str, buffer: &'a mut [u8; LONGEST]) -> Folded<'a> {
    let mut length = 0;
    let mut is_between = false;
    for byte in name.bytes() {
        if !byte.is_ascii_alphanumeric() {
            is_between = length > 0;
            continue;
        }
        for folded in is_between.then_some(b'-').into_iter().chain([byte.to_ascii_lowercase()]) {
            if length == LONGEST {
                return Folded::Beginning(&buffer[..]);
            }
            buffer[length] = folded;
            length += 1;
        }
        is_between = false;
    }
    Folded::Whole(&buffer[..length])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stripped() -> Stripped {
        Stripped::new(&["remote-user", "x-wiki-groups"].map(HeaderName::from_static)).unwrap()
    }

    #[test]
    fn every_spelling_of_an_identity_name_is_stripped() {
        for name in [
            "Remote-User",
            "remote_user",
            "REMOTE.USER",
            "remote~user",
            "remote--user",
            "remote-_user",
            "remote-user-",
            "_remote-user",
            "remote!user",
            "ReMoTe'UsEr",
            "x_wiki-groups",
        ] {
            assert!(stripped().contains(name), "{name}");
        }
        for name in ["remoteuser", "remote-users", "remote", "user", "x-wiki", "a-remote-user"] {
            assert!(!stripped().contains(name), "{name}");
        }
    }

    #[test]
    fn names_other_proxies_use_are_stripped_and_ordinary_ones_are_not() {
        for name in [
            "X-Forwarded-For",
            "x_forwarded_for",
            "X-Forwarded-User",
            "X-Forwarded-Anything-New",
            "X-Original-URL",
            "X-Rewrite-Url",
            "Forwarded",
            "X-Real-IP",
            "X_Request_Id",
            "Proxy",
            "Proxy-Authorization",
            "Transfer_Encoding",
            "Content_Length",
            "X-HTTP-Method-Override",
            "CF-Connecting-IP",
            "True.Client.IP",
            "SSL_CLIENT_CERT",
        ] {
            assert!(stripped().contains(name), "{name}");
        }
        for name in [
            "accept",
            "accept-language",
            "authorization",
            "content-type",
            "cookie",
            "if-none-match",
            "origin",
            "range",
            "sec-websocket-key",
            "traceparent",
            "user-agent",
            "x-csrf-token",
            "x-requested-with",
        ] {
            assert!(!stripped().contains(name), "{name}");
        }
    }

    #[test]
    fn long_names_are_judged_by_their_beginning() {
        let long = "a".repeat(5000);
        assert!(!stripped().contains(&long));
        assert!(stripped().contains(&format!("x-forwarded-{long}")));
        assert!(Stripped::new(&[HeaderName::try_from(&long).unwrap()]).is_err());
    }

    proptest! {
        #[test]
        fn no_alias_of_an_identity_name_survives(
            separators in "[-_.~!#$%&'*+^`|]{1,4}",
            around in "[-_.~]{0,2}",
            case in proptest::collection::vec(any::<bool>(), 10),
        ) {
            let name: String = format!("{around}remote{separators}user{around}")
                .chars()
                .zip(case.into_iter().cycle())
                .map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c })
                .collect();
            prop_assert!(stripped().contains(&name));
        }
    }
}
