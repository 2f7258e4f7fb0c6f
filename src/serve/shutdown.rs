//! Asking the server to end: once to drain, twice to stop at once.

use tokio_util::sync::CancellationToken;

/// Ends a running server. Cheap to clone; signals and tests hold one.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    stop: CancellationToken,
}

impl Shutdown {
    /// Nothing asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first time: accept nothing new, finish what is under way. The second time: stop at once.
    pub fn ask(&self) {
        if self.drain.is_cancelled() {
            self.stop.cancel();
        }
        self.drain.cancel();
    }

    /// Lets the drain begin, however often it is called.
    pub(super) fn begin(&self) {
        self.drain.cancel();
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Waits until somebody asks.
    pub async fn asked(&self) {
        self.drain.cancelled().await;
    }

    /// Waits until somebody asks again.
    pub(super) async fn insisted(&self) {
        self.stop.cancelled().await;
    }
}
