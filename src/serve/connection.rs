//! One visitor's connection: handshake, then HTTP/1.1 or HTTP/2 by ALPN, then requests until it ends.

use std::{
    cell::Cell,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, Response, StatusCode, header};
use hyper::{
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{self, Instant},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    acme,
    crowd::{Admission, Guest},
    framing::Wire,
    guard::Guarded,
    limits,
    proxied::Caller,
    rim::{self, Asked},
    shared::{Draining, Worker},
    streams::{Counted, HereExecutor, Streams, Watched},
};
use crate::{gateway::Arrival, proxy::Body};

/// Serves one connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    caller: Caller,
    worker: &Rc<Worker>,
    guest: Rc<Guest>,
    admission: Admission,
) {
    // Small answers must not wait for more to come.
    let _ = stream.set_nodelay(true);
    let Caller { peer, port } = caller;
    let acceptor = TlsAcceptor::from(worker.shared.tls.config());
    let handshake = time::timeout(limits::HANDSHAKE, acceptor.accept(stream));
    let stream = tokio::select! {
        // Nobody asked anything yet: a drain need not wait long for it.
        () = worker.draining.grace() => return,
        outcome = handshake => match outcome {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) => return tracing::debug!(%peer, %fault, "handshake failed"),
            Err(_) => return tracing::debug!(%peer, "handshake too slow"),
        },
    };
    let (_, session) = stream.get_ref();
    if session.alpn_protocol() == Some(acme::ALPN) {
        // The handshake was the answer.
        return;
    }
    let is_h2 = session.alpn_protocol() == Some(b"h2");
    let asked = session.server_name().map(str::to_ascii_lowercase);
    let shown = worker.shared.tls.shown(asked.as_deref());
    let arrival = Arrival {
        peer,
        port,
        serves: Rc::new(move |host| asked.as_deref() == Some(host.as_str()) || shown.is_for(host.as_str())),
        violation: None,
    };
    let wire = Arc::new(Wire::default());
    let streams = Streams::of(guest);
    let asked = Rc::<Cell<bool>>::default();
    let (has_asked, arrival) = (asked.clone(), Rc::new(arrival));
    let door = Door { worker: worker.clone(), arrival, wire: wire.clone(), admission, has_asked };
    let service = Counted { service: rim::around(door, &worker.in_flight), streams: streams.clone() };
    let outcome = if is_h2 {
        let mut patience = Patience::default();
        if admission == Admission::Refused {
            patience.idle = limits::GREETING;
        }
        serve_h2(stream, service, &streams, &worker.draining, &patience).await
    } else {
        let idle = if admission == Admission::Refused { limits::HEAD } else { limits::IDLE };
        serve_h1(stream, service, &worker.draining, wire, idle, &asked).await
    };
    if let Err(fault) = outcome {
        tracing::debug!(%peer, %fault, "connection ended early");
    }
}

async fn serve_h1<S>(
    stream: TlsStream<TcpStream>,
    service: S,
    draining: &Draining,
    wire: Arc<Wire>,
    idle: Duration,
    has_asked: &Cell<bool>,
) -> Result<(), hyper::Error>
where
    S: Service<Asked, Response = Response<Watched>, Error = Infallible>,
{
    let io = TokioIo::new(Guarded::http1(stream, wire));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper's clock also runs while nobody asks anything; the guard's runs from a head's first byte.
        .header_read_timeout(idle)
        .max_headers(limits::HEAD_FIELDS)
        .max_header_size(limits::HEAD_BYTES)
        .max_buf_size(limits::HEAD_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut bell = pin!(draining.bell().notified());
    let mut is_waiting = false;
    let mut is_told = false;
    let mut grace = None;
    poll_fn(|cx| {
        // The bell is polled once: this task's waker stays the same, and polling it again would take a lock each time.
        if !is_waiting {
            is_waiting = true;
            let _ = bell.as_mut().poll(cx);
        }
        loop {
            if !is_told && draining.has_begun() {
                // Who has only just come has a request on its way, and was promised an answer by being let in.
                let grace = grace.get_or_insert_with(|| Box::pin(time::sleep(limits::GRACE)));
                if has_asked.get() || grace.as_mut().poll(cx).is_ready() {
                    is_told = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
            let polled = connection.as_mut().poll(cx);
            // Its first request may have been read just now.
            if polled.is_pending() && !is_told && draining.has_begun() && has_asked.get() {
                continue;
            }
            return polled;
        }
    })
    .await
}

/// How long an HTTP/2 connection is put up with; the limits, but for tests.
pub(super) struct Patience {
    pub(super) greeting: Duration,
    pub(super) idle: Duration,
    pub(super) farewell: Duration,
    pub(super) stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            greeting: limits::GREETING,
            idle: limits::IDLE_H2,
            farewell: limits::FAREWELL,
            stall: limits::STREAM_STALL,
        }
    }
}

pub(super) async fn serve_h2<I, S>(
    stream: I,
    service: S,
    streams: &Rc<Streams>,
    draining: &Draining,
    patience: &Patience,
) -> Result<(), hyper::Error>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Service<Asked, Response = Response<Watched>, Error = Infallible, Future: 'static>,
{
    let io = TokioIo::new(Guarded::http2(stream, patience.greeting));
    let mut builder = http2::Builder::new(HereExecutor { streams: streams.clone(), stall: patience.stall });
    // WebSockets on HTTP/2 (RFC 8441).
    builder.enable_connect_protocol();
    let connection = builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS)
        .max_pending_accept_reset_streams(limits::PENDING_RESETS)
        .max_local_error_reset_streams(limits::OWN_RESETS)
        .initial_stream_window_size(limits::STREAM_WINDOW)
        .initial_connection_window_size(limits::CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(limits::HEAD_BYTES).unwrap_or(u32::MAX))
        .max_send_buf_size(limits::SEND_BUFFER)
        .keep_alive_interval(limits::PING_EVERY)
        .keep_alive_timeout(limits::PING_WAIT)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let mut bell = pin!(draining.bell().notified());
    let mut timer = pin!(time::sleep(patience.idle));
    let mut is_waiting = false;
    let mut is_told = false;
    poll_fn(|cx| {
        if !is_waiting {
            is_waiting = true;
            let _ = bell.as_mut().poll(cx);
        }
        if !is_told && draining.has_begun() {
            is_told = true;
            connection.as_mut().graceful_shutdown();
            timer.as_mut().reset(Instant::now() + patience.farewell);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let span = if is_told { patience.farewell } else { patience.idle };
            let until = streams.idle_since().map_or(now + span, |since| since + span);
            if is_told {
                // hyper closes when the visitor confirms the farewell, and some never do.
                streams.close();
            }
            if until > now {
                timer.as_mut().reset(until);
            } else if is_told {
                return Poll::Ready(Ok(()));
            } else {
                is_told = true;
                connection.as_mut().graceful_shutdown();
                timer.as_mut().reset(now + patience.farewell);
            }
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// Hands the requests of one connection to the gateway, in order, each with what the wire showed of it.
#[derive(Clone)]
pub(super) struct Door {
    worker: Rc<Worker>,
    arrival: Rc<Arrival>,
    wire: Arc<Wire>,
    admission: Admission,
    /// Whether the connection was of any use yet.
    has_asked: Rc<Cell<bool>>,
}

impl tower::Service<Asked> for Door {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Asked) -> Self::Future {
        // hyper asks once per head, in the order of the heads, after the guard saw all of the head.
        let violation = self.wire.take_request();
        self.has_asked.set(true);
        let Self { worker, arrival, wire, admission, .. } = self.clone();
        Box::pin(async move {
            if admission != Admission::Welcome {
                return Ok(rim::busy());
            }
            if let Some(violation) = violation {
                let arrival = Arrival { violation: Some(violation), ..Arrival::clone(&arrival) };
                return Ok(closing(worker.core.answer(&arrival, request).await));
            }
            let response = worker.core.answer(&arrival, request).await;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                wire.begin_tunnel();
            }
            Ok(response)
        })
    }
}

fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
