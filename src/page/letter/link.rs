//! The mail with a sign-in link.

use super::sheet::{Press, Sheet};
use super::{Letter, Letterhead};
use crate::domain::time::Timestamp;
use crate::page::view::Moment;

/// A link that signs somebody in.
#[derive(Clone)]
pub struct LinkLetter {
    /// What every letter tells.
    pub head: Letterhead,
    /// Where the link leads.
    pub url: String,
    /// When it is over.
    pub ends: Timestamp,
}

impl std::fmt::Debug for LinkLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkLetter").field("ends", &self.ends).finish_non_exhaustive()
    }
}

impl LinkLetter {
    /// As a mail. The link stands alone on its line, and nothing of it in the subject.
    pub fn mail(&self) -> Letter {
        let head = &self.head;
        let time = Moment::clock(self.ends).plain();
        Sheet {
            head,
            subject: head.told("mail-link-subject", &[]),
            opening: vec![head.told("mail-link-opening", &[])],
            press: Some(Press { url: &self.url, label: head.told("mail-link-open", &[]) }),
            code: None,
            closing: vec![head.told("mail-link-works", &[("time", time.into())])],
            facts_title: head.say("link-asked"),
            facts: head.facts(),
            advice: head.told("mail-link-not-you", &[]),
            link: None,
        }
        .letter()
    }
}
