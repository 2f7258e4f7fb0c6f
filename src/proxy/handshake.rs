//! WebSocket handshakes: which are passed on, on HTTP/1.1 and by extended CONNECT on HTTP/2 (RFC 8441).
//!
//! An extended CONNECT is made the same handshake of HTTP/1.1 before anything judges it, so that there is one judgement, and
//! what was judged is what an upstream gets. Only a handshake that is right in every part is one; any other `Upgrade`, `h2c`
//! among them, is taken off and the request goes on as an ordinary one, and any other CONNECT is refused.

use data_encoding::BASE64;
use http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header,
    request::Parts,
};
use hyper::ext::Protocol;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::Body;

/// What a request wants its connection to become.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wish {
    Nothing,
    WebSocket,
}

/// Whether this is a WebSocket handshake we would pass on as one (RFC 6455, 4.2.1).
pub fn is_websocket_handshake(method: &Method, version: Version, headers: &HeaderMap) -> bool {
    let only = |name| {
        let mut fields = headers.get_all(name).iter();
        fields.next().filter(|_| fields.next().is_none()).map(|field| field.as_bytes().trim_ascii())
    };
    let asks_upgrade = headers.get_all(header::CONNECTION).iter().any(|field| {
        field
            .as_bytes()
            .split(|b| *b == b',')
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
    });
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    version == Version::HTTP_11
        && *method == Method::GET
        && asks_upgrade
        && !has_body
        && only(header::UPGRADE).is_some_and(|token| token.eq_ignore_ascii_case(b"websocket"))
        && only(header::SEC_WEBSOCKET_VERSION) == Some(b"13")
        && only(header::SEC_WEBSOCKET_KEY).is_some_and(|key| key.len() == 24)
}

/// Makes an extended CONNECT for a WebSocket a handshake of HTTP/1.1, with a key that `fill` draws; tells whether it was one.
/// What is not right in every part stays a CONNECT, which nobody forwards.
pub fn translate_extended_connect<B>(request: &mut Request<B>, fill: impl FnOnce(&mut [u8])) -> bool {
    if !is_extended_connect(request.method(), request.version(), request.extensions()) {
        return false;
    }
    let mut key = [0; 16];
    fill(&mut key);
    let Ok(key) = HeaderValue::from_str(&BASE64.encode(&key)) else { return false };
    let mut headers = request.headers().clone();
    // HTTP/1.1 demands the field. Where both are there they must agree, which is judged with everything else.
    if !headers.contains_key(header::HOST) {
        let authority = request.uri().authority().map(|authority| HeaderValue::from_str(authority.as_str()));
        let Some(Ok(authority)) = authority else { return false };
        headers.insert(header::HOST, authority);
    }
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_KEY, key);
    if !is_websocket_handshake(&Method::GET, Version::HTTP_11, &headers) {
        return false;
    }
    *request.headers_mut() = headers;
    *request.method_mut() = Method::GET;
    *request.version_mut() = Version::HTTP_11;
    true
}

fn is_extended_connect(method: &Method, version: Version, extensions: &Extensions) -> bool {
    *method == Method::CONNECT
        && version == Version::HTTP_2
        && extensions.get::<Protocol>().is_some_and(|protocol| protocol.as_str() == "websocket")
}

/// Says in HTTP/2 what was answered to a translated handshake. There, any success begins a tunnel: an ordinary one, a page of
/// ours for example, is a refusal.
pub fn answer_extended_connect(response: Response<Body>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        head.status = StatusCode::OK;
        for name in [header::CONNECTION, header::UPGRADE, header::SEC_WEBSOCKET_ACCEPT] {
            head.headers.remove(name);
        }
        return Response::from_parts(head, body);
    }
    if !head.status.is_success() {
        return Response::from_parts(head, body);
    }
    let mut refusal = Response::new(Body::empty());
    *refusal.status_mut() = StatusCode::BAD_REQUEST;
    let id = HeaderName::from_static("x-request-id");
    if let Some(value) = head.headers.remove(&id) {
        refusal.headers_mut().insert(id, value);
    }
    refusal
}

/// Whether the answer to this handshake agrees to a WebSocket (RFC 6455, 4.1). Of a translated one nobody else would look.
pub(super) fn is_accepted(asked: &Parts, answered: &HeaderMap) -> bool {
    let is_websocket = answered
        .get(header::UPGRADE)
        .is_some_and(|token| token.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let wanted = asked
        .headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes().trim_ascii()));
    let mut accepts = answered.get_all(header::SEC_WEBSOCKET_ACCEPT).iter();
    let is_for_it = accepts
        .next()
        .zip(wanted)
        .is_some_and(|(accept, wanted)| accept.as_bytes().trim_ascii() == wanted.as_bytes());
    is_websocket && is_for_it && accepts.next().is_none()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn handshake(change: impl Fn(&mut Request<()>)) -> bool {
        let mut request = Request::get("/socket")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())
            .unwrap();
        change(&mut request);
        is_websocket_handshake(request.method(), request.version(), request.headers())
    }

    #[test]
    fn only_a_handshake_right_in_every_part_is_one() {
        use http::HeaderValue as V;
        assert!(handshake(|_| {}));
        assert!(handshake(|r| {
            r.headers_mut().insert("upgrade", V::from_static("WebSocket"));
        }));
        let spoilers: [fn(&mut Request<()>); 11] = [
            |r| *r.method_mut() = Method::POST,
            |r| *r.version_mut() = Version::HTTP_2,
            |r| *r.version_mut() = Version::HTTP_10,
            |r| drop(r.headers_mut().remove("connection")),
            |r| drop(r.headers_mut().insert("upgrade", V::from_static("h2c"))),
            |r| drop(r.headers_mut().insert("upgrade", V::from_static("websocket, h2c"))),
            |r| assert!(r.headers_mut().append("upgrade", V::from_static("h2c"))),
            |r| drop(r.headers_mut().insert("sec-websocket-version", V::from_static("8"))),
            |r| drop(r.headers_mut().remove("sec-websocket-key")),
            |r| drop(r.headers_mut().insert("content-length", V::from_static("5"))),
            |r| drop(r.headers_mut().insert("transfer-encoding", V::from_static("chunked"))),
        ];
        for (number, spoil) in spoilers.into_iter().enumerate() {
            assert!(!handshake(spoil), "spoiler {number}");
        }
    }

    fn connect(change: impl Fn(&mut Request<()>)) -> Option<Request<()>> {
        let mut request = Request::connect("https://wiki.example.com/live?x=1")
            .version(Version::HTTP_2)
            .extension(Protocol::from_static("websocket"))
            .header("sec-websocket-version", "13")
            .header("sec-websocket-protocol", "v1")
            .header("origin", "https://wiki.example.com")
            .body(())
            .unwrap();
        change(&mut request);
        translate_extended_connect(&mut request, |key| key.fill(7)).then_some(request)
    }

    #[test]
    fn an_extended_connect_is_the_same_handshake_in_the_words_of_http_1() {
        let request = connect(|r| {
            // A key of theirs means nothing in HTTP/2.
            r.headers_mut().insert("sec-websocket-key", HeaderValue::from_static("theirs"));
        });
        let request = request.expect("it is one");
        assert!(is_websocket_handshake(request.method(), request.version(), request.headers()));
        assert_eq!(request.uri(), "https://wiki.example.com/live?x=1");
        for (name, value) in [
            ("host", "wiki.example.com"),
            ("sec-websocket-key", "BwcHBwcHBwcHBwcHBwcHBw=="),
            ("sec-websocket-protocol", "v1"),
            ("origin", "https://wiki.example.com"),
        ] {
            let fields: Vec<_> = request.headers().get_all(name).iter().collect();
            assert_eq!(fields, [value], "{name}");
        }
    }

    #[test]
    fn any_other_connect_stays_one() {
        let spoilers: [fn(&mut Request<()>); 8] = [
            |r| drop(r.extensions_mut().remove::<Protocol>()),
            |r| drop(r.extensions_mut().insert(Protocol::from_static("connect-udp"))),
            |r| drop(r.extensions_mut().insert(Protocol::from_static("WebSocket"))),
            |r| *r.version_mut() = Version::HTTP_11,
            |r| *r.method_mut() = Method::GET,
            |r| drop(r.headers_mut().remove("sec-websocket-version")),
            |r| drop(r.headers_mut().insert("sec-websocket-version", HeaderValue::from_static("8"))),
            |r| drop(r.headers_mut().insert("content-length", HeaderValue::from_static("5"))),
        ];
        for (number, spoil) in spoilers.into_iter().enumerate() {
            assert!(connect(spoil).is_none(), "spoiler {number}");
        }
    }

    #[test]
    fn in_http_2_a_tunnel_is_a_success_and_no_other_success_is() {
        for (status, told) in
            [(101, 200), (200, 400), (204, 400), (206, 400), (303, 303), (401, 401), (502, 502)]
        {
            let response = Response::builder()
                .status(status)
                .header("upgrade", "websocket")
                .header("sec-websocket-accept", "x")
                .header("sec-websocket-protocol", "v1")
                .header("x-request-id", "7")
                .body(Body::of("page"))
                .unwrap();
            let response = answer_extended_connect(response);
            assert_eq!(response.status(), told);
            assert_eq!(response.headers()["x-request-id"], "7");
            if status == 101 {
                let mut names: Vec<_> = response.headers().keys().map(HeaderName::as_str).collect();
                names.sort_unstable();
                assert_eq!(names, ["sec-websocket-protocol", "x-request-id"]);
            }
        }
    }

    #[test]
    fn only_the_answer_to_this_very_key_is_an_agreement() {
        let (asked, ()) = Request::get("/")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())
            .unwrap()
            .into_parts();
        let right = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        for (upgrade, accepts, wanted) in [
            ("websocket", &[right][..], true),
            ("WebSocket", &[right], true),
            ("h2c", &[right], false),
            ("websocket", &[], false),
            ("websocket", &["s3pPLMBiTxaQ9kYGzzhZRbK+xOp="], false),
            ("websocket", &[right, right], false),
        ] {
            let mut answered = HeaderMap::new();
            answered.insert("upgrade", HeaderValue::from_static(upgrade));
            for accept in accepts {
                answered.append("sec-websocket-accept", HeaderValue::from_static(accept));
            }
            assert_eq!(is_accepted(&asked, &answered), wanted, "{upgrade} {accepts:?}");
        }
    }
}
