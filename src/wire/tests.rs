//! Requests against a server on loopback that answers what the test says.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// Answers one request, and returns what was asked.
async fn ask(answer: &'static str, body: &'static str) -> (Result<Response<Bytes>, WireFault>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send?x=1", listener.local_addr().unwrap());
    let wire = Wire::to(&url.parse().unwrap(), None).unwrap();
    let request = Request::post(&url).header("x-key", "k").body(Bytes::from_static(body.as_bytes())).unwrap();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 4096];
        let mut length = 0;
        while !seen[..length].ends_with(body.as_bytes()) || length == 0 {
            length += stream.read(&mut seen[length..]).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(seen[..length].to_vec()).unwrap()
    };
    tokio::join!(wire.ask(request), server)
}

#[tokio::test]
async fn a_request_arrives_whole_and_its_answer_comes_back() {
    let (answer, seen) = ask("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok", "{\"a\":1}").await;
    let answer = answer.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (201, &b"ok"[..]));
    assert!(seen.starts_with("POST /send?x=1 HTTP/1.1\r\n"), "{seen}");
    for line in
        ["\r\nx-key: k\r\n", "\r\nhost: 127.0.0.1:", "\r\nconnection: close\r\n", "\r\ncontent-length: 7\r\n"]
    {
        assert!(seen.contains(line), "{line}: {seen}");
    }
}

#[tokio::test]
async fn an_answer_without_length_ends_with_its_connection() {
    let (answer, _) = ask("HTTP/1.1 200 OK\r\n\r\nall of it", "x").await;
    assert_eq!(&answer.unwrap().body()[..], b"all of it");
}

#[tokio::test]
async fn an_answer_that_breaks_off_may_have_been_acted_upon() {
    let (answer, _) = ask("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "x").await;
    assert!(matches!(answer, Err(WireFault::Broken(_))), "{answer:?}");
    let (answer, _) = ask("", "x").await;
    assert!(matches!(answer, Err(WireFault::Broken(_))), "{answer:?}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (answer, _) =
        ask("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "x").await;
    assert_eq!(answer.unwrap().status().as_u16(), 302);
}

#[tokio::test]
async fn a_server_that_is_not_there_has_seen_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Uri = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let wire = Wire::to(&url, None).unwrap();
    let answer = wire.ask(Request::get(&url).body(Bytes::new()).unwrap()).await;
    assert!(matches!(answer, Err(WireFault::Unreachable(_))), "{answer:?}");
}

#[tokio::test]
async fn an_answer_comes_over_tls_only_from_whom_the_bundle_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, own.cert.pem()).unwrap();
        (own, path)
    };
    let ((own, bundle), (_, other)) = (make("own.pem"), make("other.pem"));
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()).into();
    let config =
        rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Uri = format!("https://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Refused by those who trust somebody else.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut seen = [0; 1024];
            assert!(stream.read(&mut seen).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let ask = async |bundle: Option<&Path>| {
        let wire = Wire::to(&url, bundle).unwrap();
        wire.ask(Request::get(&url).body(Bytes::new()).unwrap()).await
    };
    assert_eq!(&ask(Some(&bundle)).await.unwrap().body()[..], b"ok");
    for strange in [Some(other.as_path()), None] {
        let answer = ask(strange).await;
        assert!(matches!(answer, Err(WireFault::Unreachable(_))), "{answer:?}");
    }
}
