//! Requests under way when the drain begins.

use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::*;

#[tokio::test]
async fn a_drain_lets_requests_under_way_finish() {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // One worker, so that what one of its connections sees of the drain holds for all of them.
    let file = FILE
        .replace("workers = 2", "workers = 1")
        .replace("127.0.0.1:9", &upstream.local_addr().unwrap().to_string())
        .replace("one_factor", "bypass");
    let running = Running::start_with(&file).await;
    let idle = running.handshake("a.example.com", b"http/1.1").await;
    let mut older = running.handshake("a.example.com", b"http/1.1").await;
    older.write_all(b"GET /older HTTP/1.1\r\nHost: a.example.com\r\n\r\n").await.unwrap();
    let first = asked(&upstream).await;
    let mut newer = running.h2("b.example.com").await;
    let request = Request::get("https://b.example.com/newer").body(Empty::new()).unwrap();
    let newer = tokio::spawn(newer.send_request(request));
    let second = asked(&upstream).await;

    running.shutdown.ask();
    // It is closed because the drain began; nothing of the other two has come yet.
    assert_eq!(rest(idle).await, "");
    for mut stream in [first, second] {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfinished").await.unwrap();
    }
    let answer = rest(older).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nfinished"), "{answer}");
    let answer = timeout(SOON, newer).await.expect("an answer").unwrap().unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "finished");
    running.end().await;
}

/// Waits until a request has come all the way to the upstream.
async fn asked(upstream: &TcpListener) -> TcpStream {
    let (mut stream, _) = timeout(SOON, upstream.accept()).await.expect("a connection").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream
}
