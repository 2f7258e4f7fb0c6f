//! Moments and the port that tells the present one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after the Unix epoch.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment `span` later; stays at the far end instead of overflowing.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero if it is still to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How long until `later`; zero once it has come.
    pub fn until(self, later: Self) -> Duration {
        later.since(self)
    }
}

/// Tells the present moment. Read once per request; nothing below the gateway reads it.
///
/// An implementation never goes back: ages are computed from it, and a clock set back must not revive what expired.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// What a clock on the wall shows, which may go back: only for what somebody else's clock must agree with, such as
    /// the codes of an app.
    fn wall(&self) -> Timestamp {
        self.now()
    }
}

/// Days as a span.
pub const fn days(n: u64) -> Duration {
    Duration::from_secs(n * 86_400)
}

/// Hours as a span.
pub const fn hours(n: u64) -> Duration {
    Duration::from_secs(n * 3600)
}

/// Minutes as a span.
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}
