//! How many connections one thread may have to one upstream: an upstream that answers slowly, or visitors who read slowly,
//! must not use up the descriptors that everybody needs.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use rustix::process::{Resource, getrlimit};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
};

/// The right to one connection.
pub(super) type Seat = OwnedSemaphorePermit;

/// The connections to one upstream that there may be, and those who wait for one.
pub(super) struct Seats {
    most: usize,
    free: Arc<Semaphore>,
    given_back: Notify,
}

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { most, free: Arc::new(Semaphore::new(most)), given_back: Notify::new() }
    }

    /// A free seat, if there is one.
    pub(super) fn take(&self) -> Option<Seat> {
        self.free.clone().try_acquire_owned().ok()
    }

    /// Waits for a connection to be closed.
    pub(super) async fn freed(&self) -> Seat {
        match self.free.clone().acquire_owned().await {
            Ok(seat) => seat,
            // Nobody closes the semaphore.
            Err(_) => std::future::pending().await,
        }
    }

    /// A connection may serve somebody else: those who wait are told.
    pub(super) fn give_back(&self) {
        if self.free.available_permits() == 0 {
            self.given_back.notify_one();
        }
    }

    /// Waits for a connection to be given back.
    pub(super) async fn given_back(&self) {
        self.given_back.notified().await;
    }

    pub(super) fn are_in_use(&self) -> bool {
        self.free.available_permits() < self.most
    }
}

/// What one of `workers` threads may have open to one upstream: half of the descriptors are for upstreams, and no upstream
/// takes more than half of those.
pub(super) fn share_of(workers: usize) -> usize {
    const LEAST: u64 = 16;
    // All threads together stay below the local ports there are for one upstream.
    const MOST: u64 = 24_000;
    let open_files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let share = (open_files / 4).min(MOST) / u64::try_from(workers.max(1)).unwrap_or(u64::MAX);
    usize::try_from(share.max(LEAST)).unwrap_or(usize::MAX)
}

/// How much an upstream may say before its answer begins. hyper passes over interim answers (1xx) one after the other
/// without end, and for as long as they come fast nobody else on this thread has a turn. Atomic only because hyper wants its
/// transport to be `Send`.
#[derive(Debug)]
pub(super) struct Gauge {
    left: AtomicUsize,
    is_tunnel: AtomicBool,
}

/// Twice the longest head.
const MOST_BEFORE_ANSWER: usize = 256 * 1024;

impl Gauge {
    /// Nothing is asked yet.
    pub(super) fn open() -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(usize::MAX), is_tunnel: AtomicBool::new(false) })
    }

    /// A request goes out.
    pub(super) fn asked(&self) {
        self.left.store(MOST_BEFORE_ANSWER, Ordering::Relaxed);
    }

    /// Its answer has begun, and may be of any length.
    pub(super) fn answered(&self) {
        self.left.store(usize::MAX, Ordering::Relaxed);
    }

    /// From now on the bytes are no HTTP.
    pub(super) fn begin_tunnel(&self) {
        self.is_tunnel.store(true, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let left = self.left.load(Ordering::Relaxed);
        if left == usize::MAX {
            return Ok(());
        }
        let left = left.checked_sub(bytes).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "it says too much before it answers")
        })?;
        self.left.store(left, Ordering::Relaxed);
        Ok(())
    }
}

/// A connection with its seat, which is free again once it is closed: as a tunnel it may outlive its request.
pub(super) struct Seated<I> {
    io: I,
    gauge: Arc<Gauge>,
    /// Whether the upstream takes nothing more.
    is_deaf: bool,
    _seat: Seat,
}

impl<I> Seated<I> {
    pub(super) fn new(io: I, gauge: Arc<Gauge>, seat: Seat) -> Self {
        Self { io, gauge, is_deaf: false, _seat: seat }
    }

    /// An upstream that hung up within an upload may have answered before, and hyper reads nothing more once a write failed:
    /// what it does not take is let go, until reading tells the answer or that there is none.
    fn forgive<T>(&mut self, written: Poll<io::Result<T>>, as_if: T) -> Poll<io::Result<T>> {
        match written {
            Poll::Ready(Err(fault))
                if is_hung_up(&fault) && !self.gauge.is_tunnel.load(Ordering::Relaxed) =>
            {
                self.is_deaf = true;
                Poll::Ready(Ok(as_if))
            }
            other => other,
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Seated<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        if let Poll::Ready(Ok(())) = read {
            self.gauge.take(buffer.filled().len() - before)?;
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Seated<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_deaf {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.forgive(written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = parts.iter().map(|part| part.len()).sum();
        if self.is_deaf {
            return Poll::Ready(Ok(all));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, parts);
        self.forgive(written, all)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_deaf {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.forgive(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn is_hung_up(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}
