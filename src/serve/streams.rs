//! The requests of one connection, from head to the last byte of the answer: how many are under way, and which of them wait
//! for a visitor who takes nothing.
//!
//! In HTTP/2 every stream has a window of its own. A visitor who keeps one closed stops that stream alone: the connection is
//! alive, no write stalls, and nobody asks the body for more. Only the stream's own task can tell.

use std::{
    cell::Cell,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::rt::Executor;
use tokio::time::Instant;
use tower::Service;

use super::{
    crowd::{Asking, Guest},
    rim::{self, Asked},
};
use crate::proxy::{Body, Silence, body::BodyFault};

/// The requests of one connection.
pub(super) struct Streams {
    guest: Rc<Guest>,
    under_way: Cell<usize>,
    /// When the last of them ended.
    ended: Cell<Instant>,
    is_closed: Cell<bool>,
    /// Who the body that was polled last is waiting for, for the stream's task that is being polled.
    turn: Cell<Option<Turn>>,
    /// Whether a stream's task is being polled: what it starts is its tunnel.
    is_polling: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It handed something out: the visitor is to take it.
    Visitor,
    /// It has nothing to hand out yet.
    Gateway,
}

impl Streams {
    pub(super) fn of(guest: Rc<Guest>) -> Rc<Self> {
        let (under_way, ended) = (Cell::new(0), Cell::new(Instant::now()));
        Rc::new(Self {
            guest,
            under_way,
            ended,
            is_closed: Cell::new(false),
            turn: Cell::new(None),
            is_polling: Cell::new(false),
        })
    }

    /// Since when nothing is under way; `None` while something is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        (self.under_way.get() == 0).then(|| self.ended.get())
    }

    /// Whoever goes on asking after a farewell is told to come back on another connection.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
    }

    fn begin(self: &Rc<Self>, has_body: bool) -> Option<UnderWay> {
        if self.is_closed.get() {
            return None;
        }
        let asking = self.guest.ask(has_body)?;
        self.under_way.set(self.under_way.get() + 1);
        Some(UnderWay { streams: self.clone(), asking })
    }
}

struct UnderWay {
    streams: Rc<Streams>,
    asking: Asking,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.streams.under_way.set(self.streams.under_way.get() - 1);
        self.streams.ended.set(Instant::now());
    }
}

/// Counts what a service answers, until the answers are over.
pub(super) struct Counted<S> {
    pub(super) service: S,
    pub(super) streams: Rc<Streams>,
}

impl<S> hyper::service::Service<Asked> for Counted<S>
where
    S: Service<Asked, Response = Response<Body>, Error = Infallible, Future: Unpin> + Clone,
{
    type Response = Response<Watched>;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn call(&self, request: Asked) -> Self::Future {
        match self.streams.begin(!request.body().is_end_stream()) {
            // Everything in the rim is ready at any time.
            Some(under_way) => Answering(Some((self.service.clone().call(request), under_way))),
            None => Answering(None),
        }
    }
}

/// The future of [`Counted`].
pub(super) struct Answering<F>(Option<(F, UnderWay)>);

impl<F> Future for Answering<F>
where
    F: Future<Output = Result<Response<Body>, Infallible>> + Unpin,
{
    type Output = Result<Response<Watched>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some((future, _)) = &mut self.0 else {
            return Poll::Ready(Ok(rim::busy().map(|body| Watched { body, under_way: None })));
        };
        let Poll::Ready(Ok(response)) = Pin::new(future).poll(cx) else { return Poll::Pending };
        let under_way = self.0.take().map(|(_, mut under_way)| {
            under_way.asking.answered();
            under_way
        });
        Poll::Ready(Ok(response.map(|body| Watched { body, under_way })))
    }
}

/// A response body that tells whose turn it is.
pub(super) struct Watched {
    body: Body,
    under_way: Option<UnderWay>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(under_way) = &self.under_way {
            let turn = if frame.is_ready() { Turn::Visitor } else { Turn::Gateway };
            under_way.streams.turn.set(Some(turn));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Runs the streams of an HTTP/2 connection on the connection's own thread, and drops those whose visitor takes nothing for
/// `stall`: with the stream go its upstream connection and all it holds in memory, and the visitor sees it reset.
#[derive(Clone)]
pub(super) struct HereExecutor {
    pub(super) streams: Rc<Streams>,
    pub(super) stall: Duration,
}

impl<F: Future<Output = ()> + 'static> Executor<F> for HereExecutor {
    fn execute(&self, task: F) {
        let Self { streams, stall } = self.clone();
        let tunnel = streams.is_polling.get().then(|| streams.begin(false));
        if let Some(None) = tunnel {
            // One address has too much under way: the tunnel ends before it begins.
            return;
        }
        tokio::task::spawn_local(async move {
            let _under_way = tunnel;
            let mut task = pin!(task);
            let mut turn = Turn::Gateway;
            let mut silence = Silence::of(stall);
            poll_fn(|cx| {
                // What a body says while this task is polled, it says of this stream.
                streams.turn.set(None);
                streams.is_polling.set(true);
                let polled = task.as_mut().poll(cx);
                streams.is_polling.set(false);
                if polled.is_ready() {
                    return Poll::Ready(());
                }
                if let Some(now) = streams.turn.take() {
                    turn = now;
                    silence.end();
                }
                match turn {
                    Turn::Gateway => Poll::Pending,
                    Turn::Visitor => {
                        silence.poll(cx).map(|()| tracing::debug!("a stream is cut: nothing is taken"))
                    }
                }
            })
            .await;
        });
    }
}
