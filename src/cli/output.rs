//! Saying things: plain text, tables and JSON on standard output, complaints on standard error.

use std::io::{self, IsTerminal, Write as _};

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::{config::Color, runtime::control::words::Moment};

/// In which form a command answers.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Form {
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Short for --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Form {
    pub(super) fn is_json(self) -> bool {
        self.json || self.format == Format::Json
    }

    /// Says `answer` as JSON, or as whatever `text` makes of it.
    pub(super) fn say<T: Serialize>(self, answer: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        if self.is_json() {
            say(&(serde_json::to_string_pretty(answer)? + "\n"));
        } else {
            say(&text(answer));
        }
        Ok(())
    }
}

/// Writes to standard output. A reader that went away, as `head` does, wants no more.
pub(super) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a complaint to standard error, under the program's name.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "vestibule: {}", text.trim_end());
}

/// Writes as it is to standard error.
pub(super) fn show_error(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Whether what goes to `stream` is read by somebody who sees colours.
#[expect(clippy::disallowed_methods, reason = "the environment is read in cli")]
pub(super) fn color(stream: &impl IsTerminal) -> Color {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stream.is_terminal() && !refused { Color::Ansi } else { Color::Plain }
}

/// Lines up `rows` under `head`; says `nothing` where there are none.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]], nothing: &str) -> String {
    if rows.is_empty() {
        return format!("{nothing}\n");
    }
    let head = head.map(str::to_owned);
    let width = |column: usize| {
        std::iter::once(&head).chain(rows).map(|row| row[column].chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut out = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// A moment as people read it: `2026-11-22 04:10Z`.
pub(super) fn moment(at: Moment) -> String {
    jiff::Timestamp::from_second(at.0.unix())
        .map_or_else(|_| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%MZ").to_string())
}

/// A span as people say it: `29 d 23 h`, `4 min`.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Text from visitors, such as a browser's name for itself, without anything a terminal would obey.
pub(super) fn tame(text: &str) -> String {
    let is_bidi =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || is_bidi(c) { '\u{fffd}' } else { c }).collect()
}

/// A name with `-` where there is none.
pub(super) fn or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "-".to_owned(), tame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn columns_line_up_and_an_empty_list_says_so() {
        let rows = [["anna".to_owned(), "x".to_owned()], ["é".to_owned(), String::new()]];
        assert_eq!(table(["USER", "WHAT"], &rows, "nobody"), "USER  WHAT\nanna  x\né\n");
        assert_eq!(table(["USER"], &[], "nobody"), "nobody\n");
    }

    #[test]
    fn what_a_browser_calls_itself_cannot_command_the_terminal() {
        assert_eq!(tame("Fire\u{1b}[2Jfox\n\u{202e}"), "Fire\u{fffd}[2Jfox\u{fffd}\u{fffd}");
    }

    #[test]
    fn spans_are_told_in_their_two_largest_units() {
        assert_eq!(
            [span(59), span(60), span(3_660), span(2_591_999)],
            ["59 s", "1 min", "1 h 1 min", "29 d 23 h"]
        );
    }

    #[test]
    fn moments_are_told_to_the_minute_in_utc() {
        assert_eq!(moment(Moment(Timestamp::from_unix(1_795_320_600))), "2026-11-22 04:10Z");
    }
}
