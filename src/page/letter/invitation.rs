//! The letter with a link to set a password with: in our words, or in those an operator wrote.

use askama::filters::{Escaper as _, Html};

use super::sheet::{Press, Sheet};
use super::{Letter, Letterhead};
use crate::config::settings::{LetterKind, Slot, Wording, WrittenLetter};
use crate::domain::time::Timestamp;
use crate::page::view::Moment;

/// A link that sets a password.
#[derive(Clone)]
pub struct InvitationLetter<'a> {
    /// What every letter tells.
    pub head: Letterhead,
    /// Whether there is a password already.
    pub kind: LetterKind,
    /// What people call the reader.
    pub name: String,
    /// The name to sign in with.
    pub username: String,
    /// Where the link leads.
    pub url: String,
    /// When it is over.
    pub ends: Timestamp,
    /// An operator's own words.
    pub written: Option<&'a WrittenLetter>,
}

impl std::fmt::Debug for InvitationLetter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvitationLetter").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl InvitationLetter<'_> {
    /// As a mail. What is not written in a file is ours; HTML that is not written follows the text, so that both say the same.
    pub fn mail(&self) -> Letter {
        let mut letter = self.own();
        let Some(written) = self.written else { return letter };
        if let Some(subject) = &written.subject {
            letter.subject = self.filled(subject);
        }
        if let Some(text) = &written.text {
            letter.text = self.filled(text);
            letter.html = match &written.html {
                Some(html) => html.fill(|slot| self.as_html(slot)),
                None => self.drawn(text),
            };
        }
        letter
    }

    fn own(&self) -> Letter {
        let head = &self.head;
        let (subject, opening, open) = match self.kind {
            LetterKind::Invitation => {
                ("mail-invitation-subject", "mail-invitation-opening", "mail-invitation-open")
            }
            LetterKind::NewPassword => {
                ("mail-new-password-subject", "mail-new-password-opening", "mail-new-password-open")
            }
        };
        let time = Moment::full(self.ends).plain();
        let named = [("name", self.name.as_str().into()), ("username", self.username.as_str().into())];
        Sheet {
            head,
            subject: head.told(subject, &[]),
            opening: vec![head.told(opening, &named)],
            press: Some(Press { url: &self.url, label: head.say(open) }),
            code: None,
            closing: vec![
                head.told("mail-invitation-works", &[("time", time.into())]),
                head.say("mail-invitation-secret"),
            ],
            facts_title: head.say("mail-invitation-sent"),
            facts: head.facts(),
            advice: head.say("mail-invitation-unexpected"),
            link: None,
        }
        .letter()
    }

    fn value(&self, slot: Slot) -> String {
        match slot {
            Slot::Name => self.name.clone(),
            Slot::Username => self.username.clone(),
            Slot::Portal => self.head.portal_title.clone(),
            Slot::Link => self.url.clone(),
            Slot::Until => Moment::full(self.ends).plain(),
            Slot::Support => match &self.head.support {
                Some(support) => format!("{}: {}", support.label, support.plain()),
                None => self.head.say("mail-help-admin"),
            },
        }
    }

    fn filled(&self, wording: &Wording) -> String {
        wording.fill(|slot| self.value(slot))
    }

    /// A value where HTML is written, between tags or between quotes.
    fn as_html(&self, slot: Slot) -> String {
        match (slot, &self.head.support) {
            (Slot::Support, Some(support)) => {
                format!("<a href=\"{}\">{}</a>", escaped(&support.url), escaped(&support.label))
            }
            _ => escaped(&self.value(slot)),
        }
    }

    /// A text as HTML: one paragraph for each, and a link that can be pressed.
    fn drawn(&self, text: &Wording) -> String {
        let paragraphs = self.filled(text);
        let paragraph = |paragraph: &str| {
            let (link, lines) = (escaped(&self.url), escaped(paragraph.trim()).replace('\n', "<br>\n"));
            format!("<p>{}</p>\n", lines.replace(&link, &format!("<a href=\"{link}\">{link}</a>")))
        };
        let body: String =
            paragraphs.split("\n\n").filter(|text| !text.trim().is_empty()).map(paragraph).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n{body}</body>\n</html>\n",
            self.head.words.language().code()
        )
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a `String` cannot fail.
    let _ = Html.write_escaped_str(&mut out, text);
    out
}
