//! A WebSocket that says back whatever it hears.

use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{Empty, combinators::BoxBody};
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, handshake::derive_accept_key, protocol::Role},
};

use super::{Page, plain};

/// Accepts a handshake and talks until the visitor ends it.
pub(super) fn answer(mut request: Request<Incoming>) -> Page {
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY);
    let accept = key.and_then(|key| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok());
    let is_asked = request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let Some(accept) = accept.filter(|_| is_asked) else {
        return plain(StatusCode::BAD_REQUEST, "here is only a WebSocket\n");
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let spoken = match upgrade.await {
            Ok(stream) => converse(stream).await.map_err(|fault| fault.to_string()),
            Err(fault) => Err(fault.to_string()),
        };
        if let Err(fault) = spoken {
            tracing::debug!(fault, "a WebSocket of the sample portal broke off");
        }
    });
    let mut response = Response::new(BoxBody::new(Empty::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

async fn converse(stream: Upgraded) -> Result<(), Error> {
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, None).await;
    while let Some(message) = socket.next().await {
        let message = message?;
        // Pings and the farewell are answered by the library.
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
