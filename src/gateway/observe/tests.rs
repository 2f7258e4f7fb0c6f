//! What is read, and what is refused.

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
    observe(RequestId::new([0; 16]), &arrival(peer), &parts(build), &proxies, None)
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
        assert_eq!(look("192.0.2.1:1", request, &[]).unwrap_err(), Malformed::BodyLength, "{name}: {value}");
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
    let split = get("/").header("x-forwarded-for", "203.0.113.66").header("x-forwarded-for", "198.51.100.7");
    let seen = look("10.0.0.1:1", split, &["10.0.0.0/8"]).unwrap();
    assert_eq!(seen.facts.client.to_string(), "198.51.100.7");
}

#[test]
fn what_the_client_wrote_is_not_told_to_the_upstream() {
    let told = |peer: &str, list: &str| {
        let request = get("/").header("x-forwarded-for", list);
        let seen = look(peer, request, &["10.0.0.0/8"]).unwrap();
        seen.forwarded_for.map(|list| list.to_str().unwrap().to_owned())
    };
    let list = "127.0.0.1, 203.0.113.66, 198.51.100.7, 10.0.0.2";
    assert_eq!(told("10.0.0.1:1", list).as_deref(), Some("198.51.100.7, 10.0.0.2, 10.0.0.1"));
    assert_eq!(told("10.0.0.1:1", "198.51.100.7").as_deref(), Some("198.51.100.7, 10.0.0.1"));
    // Everybody on the way is trusted: the first of them asked.
    assert_eq!(told("10.0.0.1:1", "10.0.0.3,10.0.0.2").as_deref(), Some("10.0.0.3, 10.0.0.2, 10.0.0.1"));
    assert_eq!(told("192.0.2.1:1", list), None);
}

#[test]
fn a_forwarded_address_that_cannot_be_read_is_refused_from_a_trusted_proxy() {
    for value in ["", " ", ",", "unknown", "198.51.100.7, ", "198.51.100.7:443", "a, 198.51.100.7"] {
        let request = get("/").header("x-forwarded-for", value);
        let fault = look("10.0.0.1:1", request, &["10.0.0.0/8"]).unwrap_err();
        assert_eq!(fault, Malformed::ForwardedFor, "{value}");
    }
}

#[test]
fn an_empty_forwarded_address_beside_a_good_one_is_refused() {
    let request = get("/").header("x-forwarded-for", "").header("x-forwarded-for", "198.51.100.7");
    assert_eq!(look("10.0.0.1:1", request, &["10.0.0.0/8"]).unwrap_err(), Malformed::ForwardedFor);
}

#[test]
fn a_port_is_ours_if_it_was_connected_to_or_a_trusted_proxy_has_it() {
    let ask = |peer: &str, host: &str| {
        let request = Request::get("/").header("host", host).body(()).unwrap().into_parts().0;
        let arrival = Arrival { port: 8443, ..arrival(peer) };
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let seen = observe(RequestId::new([0; 16]), &arrival, &request, &proxies, None).unwrap();
        (seen.facts.authority, seen.is_our_port)
    };
    for (peer, host, authority, is_ours) in [
        ("192.0.2.1:1", "Wiki.example.com.", "wiki.example.com", true),
        ("192.0.2.1:1", "wiki.example.com:443", "wiki.example.com", true),
        ("192.0.2.1:1", "WIKI.example.com:8443", "wiki.example.com:8443", true),
        ("192.0.2.1:1", "wiki.example.com:1337", "wiki.example.com:1337", false),
        ("192.0.2.1:1", "wiki.example.com:0", "wiki.example.com:0", false),
        ("10.0.0.1:1", "wiki.example.com:1337", "wiki.example.com:1337", true),
    ] {
        assert_eq!(ask(peer, host), (authority.to_owned(), is_ours), "{peer} {host}");
    }
}

#[test]
fn a_socket_of_our_own_pages_is_ours_in_every_spelling() {
    let is_foreign = |host: &str, origin: &str| {
        let request = Request::get("/")
            .header("host", host)
            .header("sec-fetch-mode", "websocket")
            .header("origin", origin)
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let seen = observe(RequestId::new([0; 16]), &arrival("192.0.2.1:1"), &request, &[], None).unwrap();
        is_foreign_socket(&seen.facts, &request.headers)
    };
    for (host, origin) in [
        ("wiki.example.com", "https://wiki.example.com"),
        ("Wiki.example.com.", "https://wiki.example.com."),
        ("wiki.example.com:443", "https://wiki.example.com"),
        ("wiki.example.com:8443", "https://wiki.example.com:8443"),
    ] {
        assert!(!is_foreign(host, origin), "{host} {origin}");
    }
    for origin in ["https://wiki.example.com:8443", "http://wiki.example.com", "null", "https://evil.example"]
    {
        assert!(is_foreign("wiki.example.com", origin), "{origin}");
    }
}

#[test]
fn a_method_with_a_small_letter_is_refused() {
    for method in ["post", "Post", "gET", "propfind"] {
        let request = Request::builder().method(method).uri("/").header("host", "wiki.example.com");
        assert_eq!(look("192.0.2.1:1", request, &[]).unwrap_err(), Malformed::MethodCase, "{method}");
    }
    let odd = Request::builder().method("M-SEARCH").uri("/").header("host", "wiki.example.com");
    assert!(look("192.0.2.1:1", odd, &[]).is_ok());
}

#[test]
fn a_connection_header_of_more_than_twenty_words_is_refused() {
    let words = |count: usize| vec!["a"; count].join(",");
    let one = |count| look("192.0.2.1:1", get("/").header("connection", words(count)), &[]);
    assert!(one(20).is_ok());
    assert_eq!(one(21).unwrap_err(), Malformed::Connection);
    let two = get("/").header("connection", words(10)).header("connection", words(11));
    assert_eq!(look("192.0.2.1:1", two, &[]).unwrap_err(), Malformed::Connection);
}

#[test]
fn a_fragment_that_http_2_lets_through_is_gone_before_it_is_judged_or_forwarded() {
    let target = "/closed/x#/../../public/x?y".parse::<http::uri::PathAndQuery>().unwrap();
    let uri = http::Uri::from(target);
    let request = Request::get(uri).header("host", "wiki.example.com");
    let seen = look("192.0.2.1:1", request, &[]).unwrap();
    assert_eq!(seen.facts.path.target().as_str(), "/closed/x");
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
