//! Paths and heads that two readers could read differently: refused, or judged under every reading.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{PASSWORD, World};

/// Sends raw bytes over TLS and returns what came back until the gateway closed the connection.
pub(crate) async fn raw(world: &World, bytes: &[u8]) -> String {
    let visitor = world.visitor();
    let mut stream = visitor.connect(&[b"http/1.1"]).await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(closed.is_ok(), "the connection stays open after {answer:?}");
    answer
}

/// The status, or what it means that there is none.
fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed without an answer")
}

#[tokio::test]
async fn ambiguous_heads_are_400_before_any_rule_is_asked() {
    let world = World::start().await;
    let port = world.https.port();
    let host = format!("Host: wiki.localhost:{port}\r\n");
    let heads = [
        format!("GET /public/x HTTP/1.1\r\n{host}{host}\r\n"),
        "GET /public/x HTTP/1.1\r\n\r\n".to_owned(),
        format!("GET /public/x HTTP/1.1\r\n{host}Host: other\r\n\r\n"),
        format!("GET https://mail.localhost:{port}/public/x HTTP/1.1\r\n{host}\r\n"),
        format!("POST /public/x HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
        format!("POST /public/x HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
        format!("POST /public/x HTTP/1.1\r\n{host}Content-Length: 1, 1\r\n\r\nx"),
        format!(
            "POST /public/x HTTP/1.1\r\n{host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!(
            "POST /public/x HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        format!(
            "POST /public/x HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!("POST /public/x HTTP/1.1\r\n{host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        format!("POST /public/x HTTP/1.1\r\n{host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        format!("POST /public/x HTTP/1.0\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("GET /public/../closed/x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/%2e%2e/closed/x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/..%2fclosed/x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/..;/closed/x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public\\x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/%5cx HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/%00 HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/x#y HTTP/1.1\r\n{host}\r\n"),
        format!("GET * HTTP/1.1\r\n{host}\r\n"),
        format!("GET public/x HTTP/1.1\r\n{host}\r\n"),
        format!("GET /public/x HTTP/1.1\r\nHost: wiki.localhost:{port}@evil\r\n\r\n"),
        format!("GET /public/x HTTP/1.1\r\n{host}X-A : b\r\n\r\n"),
    ];
    for head in heads {
        let answer = raw(&world, head.as_bytes()).await;
        assert_eq!(status(&answer), "400", "{head:?} got {answer}");
    }
    assert_eq!(world.portal.count(), 0, "nothing of it reached the portal");
    let fine = format!("GET /public/x HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    assert_eq!(status(&raw(&world, fine.as_bytes()).await), "200");
}

#[tokio::test]
async fn trace_is_405_and_says_what_else_there_is() {
    let world = World::start().await;
    let head = format!("TRACE /public/x HTTP/1.1\r\nHost: wiki.localhost:{}\r\n\r\n", world.https.port());
    let answer = raw(&world, head.as_bytes()).await;
    assert_eq!(status(&answer), "405", "{answer}");
    let allow = answer.lines().find_map(|line| line.strip_prefix("allow: "));
    assert_eq!(allow, Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn what_follows_a_refused_body_is_never_a_request() {
    let world = World::start().await;
    let port = world.https.port();
    let host = format!("Host: wiki.localhost:{port}\r\n");
    let inner = format!("GET /public/smuggled HTTP/1.1\r\n{host}\r\n");
    let refused = format!("POST /secret HTTP/1.1\r\n{host}Content-Length: {}\r\n\r\n{inner}", inner.len());
    let next = format!("GET /public/next HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
    let answers = raw(&world, format!("{refused}{next}").as_bytes()).await;
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["401", "200"], "{answers}");
    assert_eq!((world.portal.count(), &*world.portal.last().target), (1, "/public/next"));
    let both = format!(
        "POST /public/x HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{inner}"
    );
    let answers = raw(&world, both.as_bytes()).await;
    assert_eq!((status(&answers), answers.matches("HTTP/1.1 ").count()), ("400", 1), "{answers}");
    assert_eq!(world.portal.count(), 1);
}

#[tokio::test]
async fn odd_paths_never_meet_a_public_rule_and_go_on_byte_for_byte_once_signed_in() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    for path in ["/public//x", "/public/a%2fb", "/public/a;b=1", "/public/a%252fb", "//public/x"] {
        anna.get(path).await.meets_login();
    }
    assert_eq!(world.portal.count(), 0);
    anna.signs_in("/", "anna", PASSWORD).await;
    anna.open("/.vestibule/second-factor").await;
    anna.submit("/.vestibule/second-factor", &[("code", &world.code())]).await;
    for path in ["/files/a%2Fb;v=1//c?q=%2f%2f", "/files/%C3%A4%20b?x"] {
        anna.get(path).await.reaches_the_portal();
        assert_eq!(world.portal.last().target, path);
    }
    // Closed is closed under every reading.
    for path in ["/closed%2fx", "//closed/x", "/closed;v=1/x", "/closed%252fx"] {
        anna.get(path).await.has_status(403);
    }
}

#[tokio::test]
async fn unknown_hosts_are_421_and_case_port_and_final_dot_do_not_matter() {
    let world = World::start().await;
    let port = world.https.port();
    for (host, want) in [
        (format!("other.localhost:{port}"), "421"),
        ("127.0.0.1".to_owned(), "421"),
        (format!("WIKI.localhost:{port}"), "200"),
        ("wiki.localhost.".to_owned(), "200"),
        ("wiki.localhost.evil.example".to_owned(), "421"),
    ] {
        let head = format!("GET /public/x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&raw(&world, head.as_bytes()).await), want, "{host}");
    }
    // There is no other page to lead to on such a host.
    let head = "GET / HTTP/1.1\r\nHost: other.localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n";
    let page = raw(&world, head.as_bytes()).await;
    assert!(page.contains("</html>") && !page.contains("/.vestibule/language"), "{page}");
}

#[tokio::test]
async fn nothing_under_the_own_prefix_reaches_the_portal() {
    let world = World::start().await;
    let mut visitor = world.visitor();
    for path in [
        "/.vestibule/",
        "/.vestibule",
        "/.vestibule/nothing",
        "/.vestibule/assets/nothing.css",
        "/.VESTIBULE/login",
        "/.vestibule//login",
        "/.vestibule;x/login",
    ] {
        let answer = visitor.get(path).await;
        assert!(!answer.text().contains("the portal's own page"), "{path}");
    }
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn long_targets_and_big_heads_are_refused() {
    let world = World::start().await;
    let port = world.https.port();
    let long = format!(
        "GET /public/{} HTTP/1.1\r\nHost: wiki.localhost:{port}\r\nConnection: close\r\n\r\n",
        "a".repeat(20_000)
    );
    let answer = raw(&world, long.as_bytes()).await;
    assert_eq!(status(&answer), "414", "{answer}");
    let fields: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET /public/x HTTP/1.1\r\nHost: wiki.localhost:{port}\r\n{fields}\r\n");
    let answer = raw(&world, many.as_bytes()).await;
    assert_eq!(status(&answer), "431", "{answer}");
    assert_eq!(world.portal.count(), 0);
}
