//! How many connections one thread may have to one upstream: an upstream that answers slowly, or visitors who read slowly,
//! must not use up the descriptors that everybody needs.

use std::{
    io,
    pin::Pin,
    sync::Arc,
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

/// A connection with its seat, which is free again once it is closed: as a tunnel it may outlive its request.
pub(super) struct Seated<I> {
    io: I,
    _seat: Seat,
}

impl<I> Seated<I> {
    pub(super) fn new(io: I, seat: Seat) -> Self {
        Self { io, _seat: seat }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Seated<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Seated<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
