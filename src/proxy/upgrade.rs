//! WebSocket on HTTP/1.1: which handshakes are passed on, and the tunnel after the upstream agreed.
//!
//! Only a handshake that is right in every part is sent with `Upgrade`; any other token, `h2c` among them, is taken off and the
//! request goes on as an ordinary one. The tunnel begins after the upstream's 101, never before.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, Method, Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes},
    time::{self, Instant, MissedTickBehavior},
};

use super::Leash;

/// How often the leash is asked.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// From the 101 to both ends of the tunnel.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
const BUFFER: usize = 16 * 1024;

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

/// Carries bytes both ways until either side ends, nothing moves for `idle`, or the leash says that it is over.
pub(super) async fn tunnel(visitor: OnUpgrade, upstream: OnUpgrade, idle: Duration, is_over: Leash) {
    let both = async { tokio::try_join!(visitor, upstream) };
    let (visitor, upstream) = match time::timeout(BEGIN_WITHIN, both).await {
        Ok(Ok(both)) => both,
        Ok(Err(fault)) => return tracing::debug!(%fault, "a tunnel did not begin"),
        Err(_) => return tracing::debug!("a tunnel did not begin in time"),
    };
    let moved = Rc::new(Cell::new(Instant::now()));
    let mut visitor = Watched { io: TokioIo::new(visitor), moved: moved.clone() };
    let mut upstream = Watched { io: TokioIo::new(upstream), moved: moved.clone() };
    tokio::select! {
        outcome = copy_bidirectional_with_sizes(&mut visitor, &mut upstream, BUFFER, BUFFER) => {
            if let Err(fault) = outcome {
                tracing::debug!(%fault, "a tunnel broke");
            }
        }
        why = end_of(&moved, idle, is_over) => tracing::debug!("{why}"),
    }
}

async fn end_of(moved: &Cell<Instant>, idle: Duration, is_over: Leash) -> &'static str {
    let mut ticks = time::interval(ASK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if is_over() {
            return "a tunnel is cut: it would no longer be let through";
        }
        if moved.get().elapsed() >= idle {
            return "a tunnel is cut: nothing moved";
        }
    }
}

/// Notes when bytes last moved.
struct Watched<I> {
    io: I,
    moved: Rc<Cell<Instant>>,
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        if read.is_ready() {
            self.moved.set(Instant::now());
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        if written.is_ready() {
            self.moved.set(Instant::now());
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
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
}
