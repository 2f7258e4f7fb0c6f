//! Text messages to a real HTTP server on loopback.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::super::*;
use crate::{
    config::settings::{SmsBody, SmsProvider, SmsSettings, SmsSignature},
    domain::throttle::SmsLimits,
};

#[derive(Debug)]
struct Seen {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A provider that answers with these statuses in turn, the last one for ever; 0 is no answer at all.
struct Provider {
    url: Uri,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Provider {
    async fn start(answers: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/send?account=7", listener.local_addr().unwrap()).parse().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let kept = Arc::clone(&kept);
                let service = service_fn(move |request| answer(request, Arc::clone(&kept), answers));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, seen }
    }

    fn settings(&self) -> SmsProvider {
        SmsProvider {
            url: self.url.clone(),
            method: Method::POST,
            headers: Vec::new(),
            body: SmsBody::Json(serde_json::json!({ "to": "{to}", "text": "{text}" })),
            signature: None,
            ca: None,
            timeout: Duration::from_secs(20),
        }
    }

    fn seen(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn last(&self) -> Seen {
        self.seen.lock().unwrap().pop().unwrap()
    }
}

async fn answer(
    request: Request<Incoming>,
    kept: Arc<Mutex<Vec<Seen>>>,
    answers: &'static [u16],
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let status = {
        let mut kept = kept.lock().unwrap();
        kept.push(Seen { method: head.method, path: head.uri.to_string(), headers: head.headers, body });
        answers[(kept.len() - 1).min(answers.len() - 1)]
    };
    if status == 0 {
        std::future::pending::<()>().await;
    }
    Ok(Response::builder().status(status).body(Full::from("{}")).unwrap())
}

fn post(providers: Vec<SmsProvider>) -> Post {
    Post::build(None, Some(&SmsSettings { providers, limits: SmsLimits::default() })).unwrap()
}

fn code() -> TextMessage {
    TextMessage {
        to: "0031 6 1234-5678".to_owned(),
        body: "042137 ist Ihr \"Code\" & {to}.\n\n@planning.example.com #042137".to_owned(),
    }
}

#[tokio::test]
async fn a_message_arrives_as_json_with_its_headers_and_a_signature_over_the_body() {
    let provider = Provider::start(&[202]).await;
    let settings = SmsProvider {
        headers: vec![(HeaderName::from_static("authorization"), HeaderValue::from_static("Bearer t0k"))],
        signature: Some(SmsSignature {
            header: HeaderName::from_static("x-signature"),
            prefix: "sha256=".to_owned(),
            key: "shared key".into(),
        }),
        ..provider.settings()
    };
    let post = post(vec![settings]);
    assert!(post.can_text() && !post.can_mail());
    post.text(code()).await.unwrap();
    let seen = provider.last();
    assert_eq!((&seen.method, seen.path.as_str()), (&Method::POST, "/v1/send?account=7"));
    assert_eq!(
        (&seen.headers["content-type"], &seen.headers["authorization"]),
        (&HeaderValue::from_static("application/json"), &HeaderValue::from_static("Bearer t0k"))
    );
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body, serde_json::json!({ "to": "+31612345678", "text": code().body }));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"shared key");
    let signature = seen.headers["x-signature"].to_str().unwrap().strip_prefix("sha256=").unwrap();
    let signature = data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap();
    aws_lc_rs::hmac::verify(&key, &seen.body, &signature).unwrap();
}

#[tokio::test]
async fn a_message_arrives_as_a_form() {
    let provider = Provider::start(&[200]).await;
    let fields = [("msisdn", "{digits}"), ("body", "{text}"), ("from", "Planning & co")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = SmsProvider { method: Method::PUT, body: SmsBody::Form(fields), ..provider.settings() };
    post(vec![settings]).text(code()).await.unwrap();
    let seen = provider.last();
    assert_eq!(
        (&seen.method, &seen.headers["content-type"]),
        (&Method::PUT, &HeaderValue::from_static("application/x-www-form-urlencoded"))
    );
    let read: Vec<_> = form_urlencoded::parse(&seen.body).into_owned().collect();
    let told = [("msisdn", "31612345678"), ("body", &code().body), ("from", "Planning & co")];
    assert_eq!(read, told.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_provider_that_has_not_taken_it_is_asked_once_more() {
    for busy in [&[503, 200], &[429, 200]] {
        let provider = Provider::start(busy).await;
        post(vec![provider.settings()]).text(code()).await.unwrap();
        assert_eq!(provider.seen(), 2);
    }
    let provider = Provider::start(&[503]).await;
    assert_eq!(post(vec![provider.settings()]).text(code()).await, Err(Undeliverable::Down));
    assert_eq!(provider.seen(), 2, "twice, and no more");
}

#[tokio::test]
async fn a_provider_that_may_have_taken_it_is_not_asked_again() {
    for (status, word) in [
        (&[500], Undeliverable::Down),
        (&[502], Undeliverable::Down),
        (&[302], Undeliverable::Down),
        (&[401], Undeliverable::Down),
        (&[400], Undeliverable::Refused),
        (&[422], Undeliverable::Refused),
    ] {
        let provider = Provider::start(status).await;
        assert_eq!(post(vec![provider.settings()]).text(code()).await, Err(word), "{status:?}");
        assert_eq!(provider.seen(), 1, "{status:?}");
    }
}

#[tokio::test]
async fn the_second_provider_is_asked_when_the_first_fails_and_only_then() {
    let (failing, other) = (Provider::start(&[500, 200]).await, Provider::start(&[200]).await);
    let post = post(vec![failing.settings(), other.settings()]);
    post.text(code()).await.unwrap();
    assert_eq!((failing.seen(), other.seen()), (1, 1));
    post.text(code()).await.unwrap();
    assert_eq!((failing.seen(), other.seen()), (2, 1));
}

#[tokio::test]
async fn the_second_provider_is_asked_when_the_first_is_not_there() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap()).parse().unwrap();
    drop(gone);
    let other = Provider::start(&[200]).await;
    post(vec![SmsProvider { url, ..other.settings() }, other.settings()]).text(code()).await.unwrap();
    assert_eq!(other.seen(), 1);
}

#[tokio::test]
async fn a_slow_provider_costs_one_visitor_its_timeout_and_the_next_nothing() {
    let (slow, other) = (Provider::start(&[0]).await, Provider::start(&[200]).await);
    let timeout = Duration::from_millis(700);
    let post = post(vec![SmsProvider { timeout, ..slow.settings() }, other.settings()]);
    let began = Instant::now();
    post.text(code()).await.unwrap();
    assert!(began.elapsed() >= timeout, "{:?}", began.elapsed());
    let began = Instant::now();
    post.text(code()).await.unwrap();
    assert!(began.elapsed() < timeout, "{:?}", began.elapsed());
    assert_eq!((slow.seen(), other.seen()), (1, 2));
}

#[tokio::test]
async fn what_is_no_number_or_no_text_is_not_sent() {
    let provider = Provider::start(&[200]).await;
    let post = post(vec![provider.settings()]);
    for to in ["0612345678", "+31612345678\r\n", "anna", ""] {
        let message = TextMessage { to: to.to_owned(), ..code() };
        assert_eq!(post.text(message).await, Err(Undeliverable::Unwritable), "{to:?}");
    }
    for body in ["a\rb", "a\0b", &"x".repeat(1501)] {
        let message = TextMessage { body: body.to_owned(), ..code() };
        assert_eq!(post.text(message).await, Err(Undeliverable::Unwritable), "{body:?}");
    }
    assert_eq!(provider.seen(), 0);
}
