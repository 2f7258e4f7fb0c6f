//! What is true of a request before anybody asks who sent it.

use std::{fmt, net::IpAddr, sync::Arc};

use http::Method;

use super::path::NormalPath;

/// A host name as requests and configuration share it: lower case, without port and final dot.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(Arc<str>);

impl Host {
    /// Reads `name`, `name:port` or `[v6]:port`; `None` for anything that is no host.
    pub fn read(text: &str) -> Option<Self> {
        let name = strip_port(text)?;
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_literal = name.starts_with('[');
        let fine = !name.is_empty()
            && name.len() <= 253
            && name.bytes().all(|b| {
                b.is_ascii_alphanumeric()
                    || matches!(b, b'-' | b'.' | b'_')
                    || (is_literal && matches!(b, b'[' | b']' | b':'))
            })
            && (is_literal || (!name.starts_with(['.', '-']) && !name.contains("..")));
        fine.then(|| Self(name.to_ascii_lowercase().into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a name in the DNS: no address, and not this machine's own name for itself.
    pub fn is_domain(&self) -> bool {
        !self.0.starts_with('[') && self.0.parse::<IpAddr>().is_err() && &*self.0 != "localhost"
    }

    /// Whether the name may mean the same everywhere: none of those that are set aside for networks of one's own (RFC 6761,
    /// RFC 6762, RFC 8375, and what is used like them).
    pub fn is_public(&self) -> bool {
        const OWN: [&str; 6] = ["local", "localhost", "internal", "lan", "test", "home.arpa"];
        let ends = |own: &&str| self.0.strip_suffix(*own).is_some_and(|rest| rest.ends_with('.'));
        let last = self.0.rsplit('.').next().unwrap_or_default();
        self.is_domain()
            && self.0.contains('.')
            && !last.bytes().all(|b| b.is_ascii_digit())
            && !OWN.iter().any(ends)
    }

    /// Whether it is this very machine, whatever a name server says.
    pub fn is_this_machine(&self) -> bool {
        let bare = self.0.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// A host and the port beside it in one spelling: lower case, no final dot, and no port where it is that of `https`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authority {
    /// The host.
    pub host: Host,
    /// The port; 443 where none is written.
    pub port: u16,
}

impl Authority {
    /// Reads `name`, `name:port` or `[v6]:port`; `None` for anything that is neither.
    pub fn read(text: &str) -> Option<Self> {
        let host = Host::read(text)?;
        let port = match text.rsplit_once(':') {
            // The colons of an IPv6 address alone.
            Some((_, rest)) if rest.ends_with(']') => HTTPS,
            Some((_, port)) => port.parse().ok()?,
            None => HTTPS,
        };
        Some(Self { host, port })
    }

    /// Whether `origin`, as browsers write it, is that of the pages of `https://authority`.
    pub fn is_origin(authority: &str, origin: &[u8]) -> bool {
        let origin = std::str::from_utf8(origin).ok().and_then(|origin| origin.strip_prefix("https://"));
        let theirs = origin.and_then(Self::read);
        theirs.is_some() && theirs == Self::read(authority)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            HTTPS => write!(f, "{}", self.host),
            port => write!(f, "{}:{port}", self.host),
        }
    }
}

const HTTPS: u16 = 443;

fn strip_port(text: &str) -> Option<&str> {
    if let Some(literal) = text.strip_prefix('[') {
        let (address, rest) = literal.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        if !(rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port)) {
            return None;
        }
        return Some(&text[..address.len() + 2]);
    }
    match text.split_once(':') {
        None => Some(text),
        Some((name, port)) => is_port(port).then_some(name),
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a refusal must be worded for whoever sent the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestKind {
    /// A person going to a page: answered with a redirect or a page.
    Navigation,
    /// A script, an app, a WebDAV client: answered with a status and JSON.
    Fetch,
    /// A WebSocket handshake: answered with a bare status.
    WebSocket,
}

/// One request, read once. Nothing later looks at the raw request again to judge it.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// The id that log lines, pages and the upstream share.
    pub id: RequestId,
    /// The method.
    pub method: Method,
    /// The host asked for.
    pub host: Host,
    /// `host` with the port the visitor asked for, as an [`Authority`] writes them: what the upstream sees, and the origin of
    /// our pages.
    pub authority: String,
    /// The path.
    pub path: NormalPath,
    /// The visitor's address, without IPv4-in-IPv6 disguise.
    pub client: IpAddr,
    /// How to word a refusal.
    pub kind: RequestKind,
}

/// Names one request in logs, on error pages and to the upstream. 128 random bits as hex.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(http::HeaderValue);

impl RequestId {
    /// The id made of these random bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        let text = data_encoding::HEXLOWER.encode(&bytes);
        Self(http::HeaderValue::from_str(&text).unwrap_or_else(|_| http::HeaderValue::from_static("-")))
    }

    /// The id as a header value.
    pub fn header(&self) -> &http::HeaderValue {
        &self.0
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("-")
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where to go after signing in: a path on the same origin, never another host.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Takes `text` if it is a path and query on this origin; anything else becomes `/`.
    ///
    /// Open redirects hide behind `//host`, `/\host`, encoded blanks and control bytes: all of these become `/`.
    pub fn read(text: &str) -> Self {
        let path = text.split(['?', '#']).next().unwrap_or("");
        let fine = text.starts_with('/')
            && text.len() <= 4096
            && !path.contains("//")
            && !text.contains('\\')
            && !text.chars().any(|c| c.is_control() || c.is_whitespace())
            && text.parse::<http::uri::PathAndQuery>().is_ok_and(|target| NormalPath::read(&target).is_ok());
        if fine { Self(text.to_owned()) } else { Self::default() }
    }

    /// The path and query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Debug for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnTo({})", self.0.split('?').next().unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_case_port_and_one_final_dot() {
        for text in
            ["Wiki.Example.com", "wiki.example.com:8443", "wiki.example.com.", "WIKI.example.COM.:443"]
        {
            assert_eq!(Host::read(text).unwrap().as_str(), "wiki.example.com", "{text}");
        }
        assert_eq!(Host::read("[::1]:443").unwrap().as_str(), "[::1]");
    }

    #[test]
    fn names_of_a_network_of_ones_own_are_not_public() {
        for text in ["wiki.example.com", "localhost.example.com", "lan.example.com", "wiki.notlocal"] {
            assert!(Host::read(text).unwrap().is_public(), "{text}");
        }
        for text in [
            "wiki",
            "localhost",
            "a.localhost",
            "hr.lan",
            "x.internal",
            "a.home.arpa",
            "127.1",
            "10.0.0.1",
            "[::1]",
        ] {
            assert!(!Host::read(text).unwrap().is_public(), "{text}");
        }
        // A network of one's own may still have an authority of its own.
        for (text, is_domain) in
            [("wiki", true), ("hr.lan", true), ("localhost", false), ("10.0.0.1", false), ("[::1]", false)]
        {
            assert_eq!(Host::read(text).unwrap().is_domain(), is_domain, "{text}");
        }
    }

    #[test]
    fn an_authority_has_one_spelling() {
        for (text, spelling) in [
            ("Wiki.Example.com", "wiki.example.com"),
            ("wiki.example.com.:443", "wiki.example.com"),
            ("WIKI.example.com.:08443", "wiki.example.com:8443"),
            ("[::1]", "[::1]"),
            ("[::1]:443", "[::1]"),
            ("[2001:DB8::1]:8443", "[2001:db8::1]:8443"),
        ] {
            assert_eq!(Authority::read(text).unwrap().to_string(), spelling, "{text}");
        }
        for text in ["a:", "a:70000", "a:b", "[::1", "[::1]x"] {
            assert!(Authority::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "", ".", "a b", "a/b", "a@b", "a:b", "a:", "a:70000", "[::1", "[zz]", "a..b", "a\u{e9}", "-a",
            "a,b",
        ] {
            assert!(Host::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn return_to_stays_on_this_origin() {
        for text in [
            "//evil.example",
            "/\\evil",
            "https://evil.example",
            "/%5cevil",
            "/a//b",
            "javascript:x",
            "",
            "/\t/evil",
            "/a\nb",
            "/ /x",
            "/a/..//x",
            "/%2e%2e/x",
        ] {
            assert_eq!(ReturnTo::read(text).as_str(), "/", "{text}");
        }
        assert_eq!(
            ReturnTo::read("/reports?month=2026-11&u=https://x").as_str(),
            "/reports?month=2026-11&u=https://x"
        );
    }
}
