//! One sheet, drawn twice: as plain text and as HTML.

use askama::Template;

use super::{Letter, Letterhead};

/// Everything a mail says.
pub(super) struct Sheet<'a> {
    pub(super) head: &'a Letterhead,
    pub(super) subject: String,
    /// What it is about.
    pub(super) opening: Vec<String>,
    /// The one thing to press.
    pub(super) press: Option<Press<'a>>,
    pub(super) code: Option<&'a str>,
    /// What else to know.
    pub(super) closing: Vec<String>,
    pub(super) facts_title: String,
    pub(super) facts: Vec<(String, String)>,
    /// What to do when it was somebody else.
    pub(super) advice: String,
    /// The "not me" link, told of in the advice.
    pub(super) link: Option<&'a str>,
}

/// A link to press.
pub(super) struct Press<'a> {
    pub(super) url: &'a str,
    /// What it says where links have words.
    pub(super) label: String,
}

impl Sheet<'_> {
    pub(super) fn letter(&self) -> Letter {
        Letter {
            subject: self.subject.clone(),
            // Rendering into memory fails only when a `Display` does, and none of ours returns an error.
            text: Text { sheet: self }.render().unwrap_or_default(),
            html: Html { sheet: self }.render().unwrap_or_default(),
        }
    }
}

impl Sheet<'_> {
    /// Whom to ask: what the link says, where it leads, and that address as people read it.
    fn contact(&self) -> Option<(&str, &str, &str)> {
        let support = self.head.support.as_ref()?;
        Some((&support.label, &support.url, support.plain()))
    }
}

#[derive(Template)]
#[template(path = "letter.txt", whitespace = "preserve")]
struct Text<'a> {
    sheet: &'a Sheet<'a>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    sheet: &'a Sheet<'a>,
}
