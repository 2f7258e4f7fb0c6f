//! The real clock and the real dice, and a clock that tests turn by hand.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use tracing::error;

use crate::domain::{
    time::{Clock, Timestamp},
    token::Entropy,
};

/// The system's clock, kept from going back: a clock set back revives nothing that expired.
///
/// Where the wall clock is behind the latest moment ever seen, time goes on from that moment at its usual pace, so that
/// whatever is to expire still does.
#[derive(Debug)]
pub struct SystemClock {
    /// The latest moment seen.
    latest: AtomicI64,
    /// How far `now` runs ahead of the wall clock, in seconds.
    ahead: AtomicI64,
    started: Instant,
    /// The wall clock at the start.
    began: i64,
}

/// A change of the wall clock that an operator should hear of.
const JUMP: i64 = 86_400;
/// What the wall clock may be off from the one that only counts, before it counts as set.
const SLACK: i64 = 2;

impl SystemClock {
    /// Starts no earlier than `floor`, the latest moment the store ever noted.
    pub fn starting_at(floor: Option<Timestamp>) -> Self {
        let began = wall();
        let latest = floor.map_or(began, Timestamp::unix).max(began);
        let ahead = latest - began;
        if ahead > JUMP {
            error!(
                seconds = ahead,
                "the system's clock is behind the latest moment in the store: times go on from that moment"
            );
        }
        let (latest, ahead) = (AtomicI64::new(latest), AtomicI64::new(ahead));
        Self { latest, ahead, started: Instant::now(), began }
    }

    /// The present moment for a wall clock that shows `wall`, `elapsed` seconds after the start.
    fn at(&self, wall: i64, elapsed: i64) -> i64 {
        let latest = self.latest.load(Ordering::Relaxed);
        let ahead = self.ahead.load(Ordering::Relaxed);
        let counted = self.began.saturating_add(ahead).saturating_add(elapsed);
        // Ahead of what was counted: the wall clock was set forward, or this machine slept.
        let now = if wall > counted.saturating_add(SLACK) {
            if wall - counted > JUMP {
                error!(seconds = wall - counted, "the system's clock was set forward");
            }
            self.ahead.fetch_max(wall - self.began - elapsed, Ordering::Relaxed);
            wall
        } else if wall < counted.saturating_sub(SLACK) {
            counted
        } else {
            wall
        };
        // Written once a second at most: a line that all cores read must stay shared.
        if now > latest {
            self.latest.fetch_max(now, Ordering::Relaxed);
        }
        now.max(latest)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn wall() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_unix(self.at(wall(), elapsed))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_unix(wall())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(began: i64, floor: i64) -> SystemClock {
        SystemClock {
            latest: AtomicI64::new(floor.max(began)),
            ahead: AtomicI64::new(floor.max(began) - began),
            started: Instant::now(),
            began,
        }
    }

    #[test]
    fn an_ordinary_clock_is_followed_to_the_second() {
        let clock = clock(1000, 0);
        for second in [0, 1, 2, 60, 3600] {
            assert_eq!(clock.at(1000 + second, second), 1000 + second);
        }
    }

    #[test]
    fn a_clock_that_drifts_is_followed_and_never_goes_back() {
        let clock = clock(1000, 0);
        assert_eq!(clock.at(1101, 100), 1101);
        assert_eq!(clock.at(1100, 100), 1101);
        assert_eq!(clock.at(1199, 200), 1199);
    }

    #[test]
    fn a_clock_set_forward_and_back_goes_on_from_where_it_was() {
        let clock = clock(1000, 0);
        assert_eq!(clock.at(1010, 10), 1010);
        // An hour ahead, and corrected: nothing revives, and nothing stands still.
        assert_eq!(clock.at(4620, 20), 4620);
        assert_eq!(clock.at(1030, 30), 4630);
        assert_eq!(clock.at(1090, 90), 4690);
    }

    #[test]
    fn a_clock_set_back_before_the_start_goes_on_from_the_latest_moment() {
        let clock = clock(1000, 9000);
        assert_eq!(clock.at(1000, 0), 9000);
        assert_eq!(clock.at(1060, 60), 9060);
        // Once the wall clock has caught up it is followed again.
        assert_eq!(clock.at(9500, 70), 9500);
    }

    #[test]
    fn a_clock_set_back_while_running_counts_on() {
        let clock = clock(5000, 0);
        assert_eq!(clock.at(5100, 100), 5100);
        assert_eq!(clock.at(1500, 101), 5101);
        assert_eq!(clock.at(1600, 201), 5201);
    }
}
