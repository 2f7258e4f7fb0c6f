//! Moments as visitors read them: UTC, in digits, the same in every language.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::domain::time::Timestamp;

/// A moment drawn as `<time datetime="2026-11-22T14:32:00Z">2026-11-22 14:32 UTC</time>`.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    at: Timestamp,
    format: &'static str,
}

impl Moment {
    /// Date and time.
    pub const fn full(at: Timestamp) -> Self {
        Self { at, format: "%Y-%m-%d %H:%M UTC" }
    }

    /// The date alone.
    pub const fn date(at: Timestamp) -> Self {
        Self { at, format: "%Y-%m-%d" }
    }

    /// The time of day alone.
    pub const fn clock(at: Timestamp) -> Self {
        Self { at, format: "%H:%M UTC" }
    }

    /// Without markup.
    pub(in crate::page) fn plain(self) -> String {
        self.calendar().strftime(self.format).to_string()
    }

    fn calendar(self) -> jiff::Timestamp {
        // Beyond the calendar's ends (years ±9999) the nearest end is shown: a page must not fail over a far date.
        let seconds =
            self.at.unix().clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
        jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.calendar();
        write!(
            f,
            r#"<time datetime="{}">{}</time>"#,
            at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            at.strftime(self.format)
        )
    }
}

// Digits, dashes and colons only.
impl HtmlSafe for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_machine_readable_and_plain() {
        let at = Timestamp::from_unix(1_795_357_920);
        assert_eq!(
            Moment::full(at).to_string(),
            r#"<time datetime="2026-11-22T14:32:00Z">2026-11-22 14:32 UTC</time>"#
        );
        assert_eq!(
            Moment::clock(at).to_string(),
            r#"<time datetime="2026-11-22T14:32:00Z">14:32 UTC</time>"#
        );
        assert_eq!(
            Moment::date(at).to_string(),
            r#"<time datetime="2026-11-22T14:32:00Z">2026-11-22</time>"#
        );
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_drawn_at_its_end() {
        assert!(Moment::date(Timestamp::from_unix(i64::MAX)).to_string().contains("9999-12-30"));
        assert!(Moment::date(Timestamp::from_unix(i64::MIN)).to_string().starts_with("<time"));
    }
}
