//! The real clock and the real dice, and a clock that tests turn by hand.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use crate::domain::{
    time::{Clock, Timestamp},
    token::Entropy,
};

/// The system's wall clock, kept from going back: a clock set back revives nothing that expired.
#[derive(Debug)]
pub struct SystemClock {
    latest: AtomicI64,
}

impl SystemClock {
    /// Starts no earlier than `floor`, the latest moment the store ever noted.
    pub fn starting_at(floor: Option<Timestamp>) -> Self {
        Self { latest: AtomicI64::new(floor.map_or(0, Timestamp::unix)) }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        // Written once a second at most: a line that all cores read must stay shared.
        let latest = self.latest.load(Ordering::Relaxed);
        if wall > latest {
            self.latest.fetch_max(wall, Ordering::Relaxed);
        }
        Timestamp::from_unix(wall.max(latest))
    }
}

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.unix()))
    }

    /// Turns it forward.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

/// The operating system's random bytes, by way of the crypto library.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // Fails only if the library's generator could not be seeded, and then nothing secret may be made.
        #[expect(clippy::expect_used, reason = "without randomness the process must not go on")]
        aws_lc_rs::rand::fill(buffer).expect("the system gives random bytes");
    }
}
