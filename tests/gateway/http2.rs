//! What only HTTP/2 can say: two authorities, lengths beside frames, cookies in crumbs.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::{trust::signs_in_fully, visitor::Visitor, world::World};

/// Sends a request just as it is.
async fn send(visitor: &Visitor, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, hyper::Error> {
    let io = TokioIo::new(visitor.connect(&[b"h2"]).await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await
}

fn request(visitor: &Visitor, method: Method, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("https://{}{path}", visitor.host))
}

#[tokio::test]
async fn two_names_for_one_host_are_400() {
    let world = World::start().await;
    let visitor = world.visitor();
    let own = visitor.host.clone();
    let other = format!("mail.localhost:{}", world.https.port());
    for (hosts, want) in [
        (vec![], 200),
        (vec![&own], 200),
        (vec![&other], 400),
        (vec![&own, &own], 400),
        (vec![&own, &other], 400),
    ] {
        let mut request = request(&visitor, Method::GET, "/public/x");
        for host in &hosts {
            request = request.header("host", *host);
        }
        let before = world.portal.count();
        let answer = send(&visitor, request.body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), want, "{hosts:?}");
        assert_eq!(world.portal.count() - before, usize::from(want == 200), "{hosts:?}");
    }
}

#[tokio::test]
async fn a_length_that_the_body_does_not_have_is_refused() {
    let world = World::start().await;
    let visitor = world.visitor();
    for (said, body) in [("5", ""), ("5", "four"), ("3", "four"), ("4, 4", "four"), ("+4", "four")] {
        let request = request(&visitor, Method::POST, "/public/x").header("content-length", said);
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        // Either the stream is reset, or the answer is ours; the portal's is not to be had in this way.
        if let Ok(answer) = send(&visitor, request).await {
            assert_eq!(answer.status(), 400, "{said:?} for {body:?}");
        }
        assert!(world.portal.bodies().is_empty(), "{said:?} for {body:?} arrived");
    }
    let right = request(&visitor, Method::POST, "/public/x").header("content-length", "4");
    let answer = send(&visitor, right.body(Full::new(Bytes::from("four"))).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(world.portal.bodies(), ["four"]);
}

#[tokio::test]
async fn cookies_in_crumbs_are_one_cookie_without_the_gateways() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    let mut crumbs = vec!["first=1".to_owned()];
    crumbs.extend(anna.jar.iter().map(|(name, value)| format!("{name}={value}")));
    crumbs.push("last=2".to_owned());
    assert!(crumbs.len() >= 4, "a session and a device are among {crumbs:?}");
    let mut request = request(&anna, Method::GET, "/x").body(Full::default()).unwrap();
    for crumb in crumbs {
        request.headers_mut().append("cookie", HeaderValue::try_from(crumb).unwrap());
    }
    let answer = send(&anna, request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen = world.portal.last();
    assert_eq!(seen.one("remote-user").as_deref(), Some("anna"));
    assert_eq!(seen.one("cookie").as_deref(), Some("first=1; last=2"));
}
