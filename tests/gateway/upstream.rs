//! Upstreams that are slow, behind TLS, or not who they should be; and a store that is down.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};

use crate::{
    trust::signs_in_fully,
    world::{PASSWORD, Plan, World},
};

#[tokio::test]
async fn an_upstream_that_never_answers_is_a_504_with_the_request_id() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut taken = Vec::new();
        loop {
            taken.push(listener.accept().await.unwrap());
        }
    });
    let upstream = format!("upstream = \"http://{address}\"\nresponse_timeout = \"100ms\"");
    let world = World::plan(Plan { upstream: Some(upstream), ..Default::default() }).await;
    let mut visitor = world.visitor();

    let page = visitor.get("/public/x").await;
    page.has_status(504);
    let id = page.headers["x-request-id"].to_str().unwrap();
    assert!(page.text().contains("</html>") && page.text().contains(id), "{}", page.text());

    let problem = visitor.fetch("/public/x").await;
    problem.has_status(504);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let said: serde_json::Value = serde_json::from_slice(&problem.body).unwrap();
    assert_eq!(said["status"], 504);
    assert_eq!(said["request_id"], problem.headers["x-request-id"].to_str().unwrap());
}

struct Authority(CertificateParams, KeyPair);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(params, KeyPair::generate().unwrap())
    }

    fn pem(&self) -> String {
        self.0.self_signed(&self.1).unwrap().pem()
    }

    /// A TLS upstream on loopback that shows a certificate of this authority for `name`; its port.
    async fn upstream(&self, name: &str) -> u16 {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.0, &self.1);
        let leaf = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(leaf.der().to_vec())],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Who is not trusted is hung up on.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 21\r\nConnection: close\r\n\r\nthe portal's own page";
                stream.write_all(answer).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        port
    }
}

#[tokio::test]
async fn a_tls_upstream_is_reached_only_with_a_certificate_of_its_own_authority_and_name() {
    let (own, foreign) = (Authority::new(), Authority::new());
    let folder = TempDir::new().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, own.pem()).unwrap();
    for (authority, name, want) in
        [(&own, "127.0.0.1", 200), (&own, "wiki.internal", 502), (&foreign, "127.0.0.1", 502)]
    {
        let port = authority.upstream(name).await;
        let upstream =
            format!("upstream = \"https://127.0.0.1:{port}\"\nupstream_ca = \"{}\"", bundle.display());
        let world = World::plan(Plan { upstream: Some(upstream), ..Default::default() }).await;
        world.visitor().get("/public/x").await.has_status(want);
    }
}

#[tokio::test]
async fn who_is_signed_in_is_forwarded_while_the_store_fails_every_call() {
    let world = World::plan(Plan { access: true, ..Default::default() }).await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    world.store_is_down.store(true, Ordering::SeqCst);
    let mut other = world.visitor();
    other.signs_in("/", "bob", PASSWORD).await.has_status(503);
    // Connections spread over both threads, so that one of them meets the session for the first time.
    for _ in 0..8 {
        anna.get("/x").await.reaches_the_portal();
        let post = anna.request(Method::POST, "/x").body(Full::new(Bytes::from_static(b"x"))).unwrap();
        anna.send(post).await.has_status(200);
        assert_eq!(world.portal.last().one("remote-user").as_deref(), Some("anna"));
    }
    anna.get("/closed/x").await.has_status(403);
}
