//! Characters that would make a log line look like another one are written as JSON escapes.
//!
//! serde escapes the old control characters. What is left are the C1 controls, the line separators of Unicode and the marks
//! that turn the direction of a text. In a JSON line they can stand only inside a string, so their bytes may be replaced
//! wherever they are.

use std::{
    borrow::Cow,
    io::{self, Write},
};

/// A sink that escapes what could deceive a reader. One call of `write` is one whole line.
pub(super) struct Tame<W>(pub(super) W);

impl<W: Write> Write for Tame<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(&tame(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same JSON without a character that deceives.
pub(super) fn tame(line: &[u8]) -> Cow<'_, [u8]> {
    if line.is_ascii() {
        return Cow::Borrowed(line);
    }
    // serde and tracing write UTF-8; anything else would not be JSON.
    let text = String::from_utf8_lossy(line);
    if !text.contains(deceives) {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len() + 32);
    for c in text.chars() {
        if deceives(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe.into_bytes())
}

fn deceives(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_turns_around_stays_the_same_json_and_shows_its_marks() {
        let name = "anna\u{202e}nimda\u{2066}\u{9b}31m\u{2028}é";
        let line = serde_json::to_vec(&serde_json::json!({ "person": name })).unwrap();
        let mut out = Vec::new();
        Tame(&mut out).write_all(&line).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#"{"person":"anna\u202enimda\u2066\u009b31m\u2028é"}"#);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["person"], name);
    }

    #[test]
    fn an_ordinary_line_is_not_copied() {
        for line in ["{\"person\":\"anna\"}", "{\"person\":\"Böb\"}"] {
            assert!(matches!(tame(line.as_bytes()), Cow::Borrowed(_)));
        }
    }
}
