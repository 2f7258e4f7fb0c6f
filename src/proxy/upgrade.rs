//! The tunnel of a WebSocket. It begins after the upstream's 101, never before, and is the same whatever version of HTTP the
//! visitor speaks.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional_with_sizes},
    time::{self, Instant, MissedTickBehavior},
};

use super::{ASK_EVERY, Leash};

/// From the 101 to both ends of the tunnel.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
const BUFFER: usize = 16 * 1024;

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
