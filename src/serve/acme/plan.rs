//! When a certificate is renewed, and how long a failure is waited out. Pure: the moment is an argument.

use std::time::Duration;

use instant_acme::SuggestedWindow;

use super::{Entropy, Timestamp};
use crate::domain::time::{days, hours, minutes};

/// When an authority suggests to renew (RFC 9773, 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Window {
    start: Timestamp,
    end: Timestamp,
}

/// How heavy a failure is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weight {
    /// The authority was not there: asking again costs nobody anything.
    Absent,
    /// It refused. Authorities count that: five in an hour are the most that Let's Encrypt puts up with.
    Refused,
    /// It says that it was asked too often.
    TooOften,
}

impl Window {
    pub(super) fn of(suggested: &SuggestedWindow) -> Self {
        let at = |moment: i64| Timestamp::from_unix(moment);
        Self { start: at(suggested.start.unix_timestamp()), end: at(suggested.end.unix_timestamp()) }
    }

    #[cfg(test)]
    pub(super) const fn between(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// Any moment of it, each as likely as the others.
    pub(super) fn draw(self, entropy: &dyn Entropy) -> Timestamp {
        self.start.after(part(self.start.until(self.end), entropy))
    }
}

/// When a certificate is renewed: after two thirds of its life, or when its authority suggests; by no suggestion later than
/// after nine tenths.
pub(super) fn renew_at(
    not_before: Timestamp,
    not_after: Timestamp,
    suggested: Option<Timestamp>,
) -> Timestamp {
    let life = not_before.until(not_after);
    let latest = not_before.after(life * 9 / 10);
    suggested.map_or_else(|| not_before.after(life * 2 / 3), |at| at.min(latest))
}

/// The least time between two certificates of one host.
pub(super) fn between(not_before: Timestamp, not_after: Timestamp) -> Duration {
    not_before.until(not_after) / 10
}

/// How long to wait after one more failure in a row. Not to the second, so that many gateways do not come back at once.
pub(super) fn pause(failures: u32, weight: Weight, entropy: &dyn Entropy) -> Duration {
    let (first, most) = match weight {
        Weight::Absent => (Duration::from_secs(10), minutes(30)),
        Weight::Refused => (minutes(2), hours(12)),
        Weight::TooOften => (hours(1), hours(24)),
    };
    let grown = first.saturating_mul(2_u32.saturating_pow(failures)).min(most);
    grown + part(grown / 10, entropy)
}

/// When a suggestion is asked for again, by what the authority says of that.
pub(super) fn ask_again(said: Duration) -> Duration {
    said.clamp(minutes(1), days(1))
}

pub(super) const fn ask_again_after_failure(is_unsupported: bool) -> Duration {
    if is_unsupported { days(1) } else { hours(1) }
}

/// Some part of a span.
fn part(span: Duration, entropy: &dyn Entropy) -> Duration {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    span.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
