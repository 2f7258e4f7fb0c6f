//! What visitors can agree on with the server, and which hosts a handshake opens.

use http::StatusCode;
use rustls::{
    ProtocolVersion,
    version::{TLS12, TLS13},
};

use super::*;

#[tokio::test]
async fn tls_1_2_and_1_3_are_served() {
    let running = Running::start().await;
    for (offered, agreed) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let offered = [offered];
        let handshake = running.try_handshake("a.example.com", b"http/1.1", &running.roots, &offered);
        let stream = handshake.await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(agreed));
        let answer = ask(stream, "GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    }
    running.end().await;
}

/// The first message of a client that knows nothing newer than `version`, in the words of RFC 5246: version, 32 random
/// bytes, no session, suites of elliptic curves with AES, no compression, and the extensions that go with those.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let mut words = version.to_vec();
    words.extend([7; 32]);
    words.push(0);
    // ECDHE_ECDSA and ECDHE_RSA: AES_128_GCM_SHA256, which came with 1.2, and AES_128_CBC_SHA, which is older.
    words.extend([0, 8, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13]);
    words.extend([1, 0]);
    let groups = [0, 10, 0, 4, 0, 2, 0, 23];
    let points = [0, 11, 0, 2, 1, 0];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3];
    let master = [0, 23, 0, 0];
    let extensions = [&groups[..], &points, &signatures, &master].concat();
    words.extend([0, u8::try_from(extensions.len()).unwrap()]);
    words.extend(extensions);
    let length = u8::try_from(words.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &words].concat()
}

#[tokio::test]
async fn tls_1_1_is_refused_for_its_version() {
    const HANDSHAKE: u8 = 22;
    const ALERT: u8 = 21;
    const PROTOCOL_VERSION: u8 = 70;
    let running = Running::start().await;
    let greet = async |version| {
        let mut stream = TcpStream::connect(running.https).await.unwrap();
        stream.write_all(&hello(version)).await.unwrap();
        let mut record = [0; 7];
        timeout(SOON, stream.read_exact(&mut record)).await.expect("an answer").unwrap();
        record
    };
    // The same words are welcome from a client that knows 1.2.
    assert_eq!(greet([3, 3]).await[0], HANDSHAKE);
    let refusal = greet([3, 2]).await;
    assert_eq!((refusal[0], refusal[6]), (ALERT, PROTOCOL_VERSION));
    running.end().await;
}

#[tokio::test]
async fn a_host_under_another_certificate_is_misdirected() {
    let running = Running::start().await;
    // c shares its certificate with a; b has one of its own, and nobody has d.
    for (host, status) in [("a", 401), ("c", 401), ("b", 421), ("d", 421)] {
        let host = format!("{host}.example.com");
        let stream = running.handshake("a.example.com", b"http/1.1").await;
        let answer =
            ask(stream, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
        let request = Request::get(format!("https://{host}/")).body(Empty::new()).unwrap();
        let answer = running.h2("a.example.com").await.send_request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::from_u16(status).unwrap(), "{host}");
    }
    running.end().await;
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_without_a_reload() {
    let running = Running::start().await;
    let mut roots = RootCertStore::empty();
    roots.add(certify(running.folder.path(), "a", &["a.example.com", "c.example.com"])).unwrap();
    let meets_the_new_one = async || {
        while running.try_handshake("a.example.com", b"http/1.1", &roots, DEFAULT_VERSIONS).await.is_err() {}
    };
    timeout(SOON, meets_the_new_one()).await.expect("the new certificate is shown");
    // The other one is shown as before.
    running.handshake("b.example.com", b"http/1.1").await;
    running.end().await;
}
