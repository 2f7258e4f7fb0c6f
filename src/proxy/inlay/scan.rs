//! Where the body of a page begins, found while the page goes by.
//!
//! `lol_html` tells tags from what only looks like them in comments, scripts and titles. Here it writes nothing: it is asked
//! where the tag ends, and let go. Only what may stand in a head may come before; a `<body>` behind anything else would be no
//! beginning, or none for a browser. What is read at most, and kept in memory at most, is bounded.

use std::{cell::Cell, rc::Rc};

use encoding_rs::Encoding;
use lol_html::{
    AsciiCompatibleEncoding, HandlerResult, HtmlRewriter, MemorySettings, Settings, element,
    html_content::Element,
};

use super::csp;

/// A page that has not begun its body after this much is let go.
const MOST_READ: usize = 256 * 1024;
/// The most that is remembered of a page: one tag that is not finished yet.
const MOST_KEPT: usize = 32 * 1024;

/// What may stand before a body.
const HEAD: [&str; 9] = ["html", "head", "title", "meta", "link", "base", "style", "script", "noscript"];

/// Where the body begins, as far as it was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// Not so far.
    NotYet,
    /// In the part just read, behind this many bytes.
    After(usize),
    /// Nowhere that is certain.
    Nowhere,
}

/// A page being looked through.
pub(super) struct Scan {
    rewriter: HtmlRewriter<'static, fn(&[u8])>,
    /// Counted from the beginning of the page.
    found: Rc<Cell<Found>>,
    read: usize,
}

impl Scan {
    /// At the beginning of a page under `https://authority`.
    pub(super) fn begin(authority: &str) -> Self {
        let found = Rc::new(Cell::new(Found::NotYet));
        let (tell, authority) = (Rc::clone(&found), authority.to_owned());
        let look = element!("*", move |element| {
            tell.set(judge(element, &authority));
            go_on_while(tell.get() == Found::NotYet)
        });
        let memory = MemorySettings::new().with_max_allowed_memory_usage(MOST_KEPT);
        let settings = Settings::new().append_element_content_handler(look).with_memory_settings(memory);
        Self { rewriter: HtmlRewriter::new(settings, |_| ()), found, read: 0 }
    }

    /// Reads the next part. Once it said anything but [`Found::NotYet`] it must not be asked again.
    pub(super) fn read(&mut self, part: &[u8]) -> Found {
        // UTF-16 by its mark, whatever the head says. A first part of one byte may be half of one.
        if self.read == 0 && matches!(part, [0xfe | 0xff] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..]) {
            return Found::Nowhere;
        }
        let before = self.read;
        let part = part.get(..MOST_READ - before).unwrap_or(part);
        self.read += part.len();
        let is_fine = self.rewriter.write(part).is_ok();
        match self.found.get() {
            Found::After(end) => match end.checked_sub(before) {
                Some(place) if place <= part.len() => Found::After(place),
                _ => Found::Nowhere,
            },
            Found::NotYet if is_fine && self.read < MOST_READ => Found::NotYet,
            Found::NotYet | Found::Nowhere => Found::Nowhere,
        }
    }
}

/// An error is how a handler ends the reading.
fn go_on_while(goes_on: bool) -> HandlerResult {
    if goes_on { Ok(()) } else { Err("seen enough".into()) }
}

/// What the next start tag says.
fn judge(element: &Element<'_, '_>, authority: &str) -> Found {
    let name = element.tag_name();
    if name == "body" {
        return Found::After(element.source_location().bytes().end);
    }
    let is_fine = HEAD.contains(&name.as_str()) && (name != "meta" || allows(element, authority));
    if is_fine { Found::NotYet } else { Found::Nowhere }
}

/// Whether a `<meta>` says nothing against a piece: as a policy, or of the encoding.
fn allows(meta: &Element<'_, '_>, authority: &str) -> bool {
    if meta.get_attribute("charset").is_some_and(|label| !is_ascii_compatible(&label)) {
        return false;
    }
    let Some(kind) = meta.get_attribute("http-equiv") else { return true };
    let content = meta.get_attribute("content").unwrap_or_default();
    // Character references are not resolved here.
    let is_plain = !kind.contains('&') && !content.contains('&');
    match kind.trim().to_ascii_lowercase().as_str() {
        _ if kind.contains('&') => false,
        "content-security-policy" => is_plain && csp::admits(&content, authority),
        "content-type" => {
            let content = content.to_ascii_lowercase();
            let label = content.split_once("charset").map(|(_, rest)| rest.trim_start());
            let label = label.and_then(|rest| rest.strip_prefix('='));
            is_plain
                && label.is_none_or(|label| {
                    let label = label.split(';').next().unwrap_or_default();
                    is_ascii_compatible(label.trim().trim_matches(['"', '\'']))
                })
        }
        _ => true,
    }
}

/// Whether this names an encoding in which ASCII bytes are ASCII.
pub(super) fn is_ascii_compatible(label: &str) -> bool {
    Encoding::for_label(label.as_bytes()).and_then(AsciiCompatibleEncoding::new).is_some()
}
