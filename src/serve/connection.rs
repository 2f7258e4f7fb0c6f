//! One visitor's connection: handshake, then HTTP/1.1 or HTTP/2 by ALPN, then requests until it ends.

use std::{
    cell::Cell,
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderValue, Response, StatusCode, header};
use hyper::{
    rt::Executor,
    server::conn::{http1, http2},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    time::{self, Instant},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::Service;

use super::{
    framing::Wire,
    guard::Guarded,
    limits,
    rim::{self, Asked},
    worker::Worker,
};
use crate::{gateway::Arrival, proxy::Body};

/// Whether a connection may ask anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Welcome,
    /// The process has as many connections as it can carry; this one is told so.
    Refused,
}

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, worker: &Rc<Worker>, admission: Admission) {
    if worker.draining.has_begun() {
        return;
    }
    // Small answers must not wait for more to come.
    let _ = stream.set_nodelay(true);
    let acceptor = TlsAcceptor::from(worker.shared.tls.config());
    let handshake = time::timeout(limits::HANDSHAKE, acceptor.accept(stream));
    let stream = tokio::select! {
        // Nobody asked anything yet: a drain need not wait for it.
        () = worker.draining.bell().notified() => return,
        outcome = handshake => match outcome {
            Ok(Ok(stream)) => stream,
            Ok(Err(fault)) => return tracing::debug!(%peer, %fault, "handshake failed"),
            Err(_) => return tracing::debug!(%peer, "handshake too slow"),
        },
    };
    let (_, session) = stream.get_ref();
    let is_h2 = session.alpn_protocol() == Some(b"h2");
    let asked = session.server_name().map(str::to_ascii_lowercase);
    let shown = worker.shared.tls.shown(asked.as_deref());
    let arrival = Arrival {
        peer,
        serves: Rc::new(move |host| asked.as_deref() == Some(host.as_str()) || shown.is_for(host.as_str())),
        violation: None,
    };
    let wire = Arc::new(Wire::default());
    let activity = Rc::new(Activity::default());
    let door = Door {
        worker: worker.clone(),
        arrival: Rc::new(arrival),
        wire: wire.clone(),
        activity: activity.clone(),
        admission,
    };
    let service = TowerToHyperService::new(rim::around(door, &worker.in_flight));
    let outcome = if is_h2 {
        serve_h2(stream, service, worker, &activity).await
    } else {
        serve_h1(stream, service, worker, wire).await
    };
    if let Err(fault) = outcome {
        tracing::debug!(%peer, %fault, "connection ended early");
    }
}

type Rimmed = TowerToHyperService<rim::CatchPanic<rim::Shed<Door>>>;

async fn serve_h1(
    stream: TlsStream<TcpStream>,
    service: Rimmed,
    worker: &Worker,
    wire: Arc<Wire>,
) -> Result<(), hyper::Error> {
    let io = TokioIo::new(Guarded::http1(stream, wire));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper's clock also runs while nobody asks anything; the guard's runs from a head's first byte.
        .header_read_timeout(limits::IDLE)
        .max_headers(limits::HEAD_FIELDS)
        .max_header_size(limits::HEAD_BYTES)
        .max_buf_size(limits::HEAD_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut bell = pin!(worker.draining.bell().notified());
    let mut is_waiting = false;
    let mut is_told = false;
    std::future::poll_fn(|cx| {
        // The bell is polled once: this task's waker stays the same, and polling it again would take a lock each time.
        if !is_waiting {
            is_waiting = true;
            let _ = bell.as_mut().poll(cx);
        }
        if !is_told && worker.draining.has_begun() {
            is_told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    })
    .await
}

async fn serve_h2(
    stream: TlsStream<TcpStream>,
    service: Rimmed,
    worker: &Worker,
    activity: &Activity,
) -> Result<(), hyper::Error> {
    let io = TokioIo::new(Guarded::http2(stream));
    let connection = http2::Builder::new(HereExecutor)
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
    let mut bell = pin!(worker.draining.bell().notified());
    let mut idle = pin!(time::sleep(limits::IDLE_H2));
    let mut is_waiting = false;
    let mut is_told = false;
    std::future::poll_fn(|cx| {
        if !is_waiting {
            is_waiting = true;
            let _ = bell.as_mut().poll(cx);
        }
        while !is_told && idle.as_mut().poll(cx).is_ready() {
            let until = activity.last.get() + limits::IDLE_H2;
            if activity.under_way.get() == 0 && until <= Instant::now() {
                is_told = true;
                connection.as_mut().graceful_shutdown();
            } else {
                idle.as_mut().reset(until.max(Instant::now() + limits::PING_EVERY));
            }
        }
        if !is_told && worker.draining.has_begun() {
            is_told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// Runs the streams of a connection on the connection's own thread.
#[derive(Clone)]
struct HereExecutor;

impl<F: Future<Output = ()> + 'static> Executor<F> for HereExecutor {
    fn execute(&self, task: F) {
        tokio::task::spawn_local(task);
    }
}

/// When a connection was last asked something.
struct Activity {
    under_way: Cell<usize>,
    last: Cell<Instant>,
}

impl Default for Activity {
    fn default() -> Self {
        Self { under_way: Cell::new(0), last: Cell::new(Instant::now()) }
    }
}

struct UnderWay(Rc<Activity>);

impl UnderWay {
    fn begin(activity: &Rc<Activity>) -> Self {
        activity.under_way.set(activity.under_way.get() + 1);
        Self(activity.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get() - 1);
        self.0.last.set(Instant::now());
    }
}

/// Hands the requests of one connection to the gateway, in order, each with what the wire showed of it.
#[derive(Clone)]
pub(super) struct Door {
    worker: Rc<Worker>,
    arrival: Rc<Arrival>,
    wire: Arc<Wire>,
    activity: Rc<Activity>,
    admission: Admission,
}

impl Service<Asked> for Door {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Asked) -> Self::Future {
        // hyper asks once per head, in the order of the heads, after the guard saw all of the head.
        let violation = self.wire.take_request();
        let Self { worker, arrival, wire, activity, admission } = self.clone();
        Box::pin(async move {
            let _under_way = UnderWay::begin(&activity);
            if admission == Admission::Refused {
                return Ok(closing(rim::busy()));
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
