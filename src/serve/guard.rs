//! What stands between TLS and hyper: shows every HTTP/1.1 byte to the framing guard, and keeps slow visitors from
//! holding a connection for ever. hyper has no timeout for writing at all, and its timeout for heads also runs while
//! nobody asks anything.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use super::{
    framing::{Scanner, Wire},
    limits,
};

/// A visitor's stream under watch.
pub(super) struct Guarded<I> {
    io: I,
    scanner: Option<Scanner>,
    /// Bytes of HTTP/2's greeting still to come.
    greeting: usize,
    /// Runs while a head or the greeting is incomplete.
    head: Limit,
    /// Runs while the visitor takes nothing.
    write: Limit,
}

/// HTTP/2's preface, and the head of the frame that must follow it (RFC 9113, 3.4).
const GREETING: usize = 24 + 9;

/// A timer that costs nothing until something has to wait.
struct Limit {
    span: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Limit {
    fn new(span: Duration) -> Self {
        Self { span, sleep: None }
    }

    fn clear(&mut self) {
        self.sleep = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, words: &'static str) -> Poll<io::Error> {
        let span = self.span;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(span)));
        sleep.as_mut().poll(cx).map(|()| io::Error::new(io::ErrorKind::TimedOut, words))
    }
}

impl<I> Guarded<I> {
    /// Watches HTTP/1.1; what is ambiguous is noted in `wire`.
    pub(super) fn http1(io: I, wire: Arc<Wire>) -> Self {
        let (head, write) = (Limit::new(limits::HEAD), Limit::new(limits::WRITE_STALL));
        Self { io, scanner: Some(Scanner::new(wire)), greeting: 0, head, write }
    }

    /// Watches only that the visitor greets within `greeting` and takes what is written: HTTP/2 frames itself without doubt,
    /// and once greeted, pings tell whether anybody is there.
    pub(super) fn http2(io: I, greeting: Duration) -> Self {
        let (head, write) = (Limit::new(greeting), Limit::new(limits::WRITE_STALL));
        Self { io, scanner: None, greeting: GREETING, head, write }
    }

    fn awaits_head(&self) -> bool {
        self.greeting > 0 || self.scanner.as_ref().is_some_and(Scanner::is_within_head)
    }

    fn stalled<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.write.clear();
            return outcome;
        }
        self.write.poll(cx, "the visitor takes nothing").map(Err)
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Guarded<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.io).poll_read(cx, buffer);
        match outcome {
            Poll::Ready(Ok(())) => {
                let read = &buffer.filled()[before..];
                this.greeting = this.greeting.saturating_sub(read.len());
                if let Some(scanner) = &mut this.scanner {
                    scanner.read(read);
                }
                if !this.awaits_head() {
                    this.head.clear();
                }
                Poll::Ready(Ok(()))
            }
            Poll::Pending if this.awaits_head() => this.head.poll(cx, "the head came too slowly").map(Err),
            other => other,
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Guarded<I> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.stalled(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_write_vectored(cx, parts);
        this.stalled(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_flush(cx);
        this.stalled(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.io).poll_shutdown(cx);
        this.stalled(cx, outcome)
    }
}
