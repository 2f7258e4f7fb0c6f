//! Another language: remembered in this browser, and back to the page it was asked on.

use super::{cookie, place, respond::Answer, visit::Visit};
use crate::page::i18n::Language;

/// Switches to the language the query names. A link, so that it works before anybody is known; it changes only words.
pub(super) fn switch(visit: &Visit) -> Answer {
    let language = place::query(visit, "to").and_then(|to| Language::parse(&to));
    Answer::go_to(place::return_to(visit).as_str()).with_cookie(language.map(cookie::set_language))
}
