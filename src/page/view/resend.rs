//! A form that met a sign-in: what will be sent with one press, that nothing waits, and that one was not received at all.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::time::Timestamp;

/// Shows what will be sent. "Send now" posts `vestibule-resend` alone to where the form was posted; "Discard" posts `csrf` to
/// `resend`.
#[derive(Clone, Debug, Template)]
#[template(path = "resend.html")]
pub struct Resend {
    /// What all pages share.
    pub frame: Frame,
    /// Where it was posted, as a full address of this origin: a path that begins with `//` would lead elsewhere.
    pub action: String,
    /// The same for people.
    pub target: String,
    /// What "Send now" carries.
    pub press: String,
    /// When the form was posted.
    pub kept_at: Timestamp,
    /// When it is over.
    pub ends: Timestamp,
    /// What is in it.
    pub content: SentContent,
}

/// What a form holds, as far as it can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SentContent {
    /// Fields, in the order of the form.
    Fields {
        /// Those that are shown.
        shown: Vec<SentField>,
        /// How many others there are.
        more: usize,
    },
    /// So many bytes that cannot be read here.
    Unreadable(usize),
}

/// One field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentField {
    /// What the portal calls it.
    pub name: String,
    /// What it holds.
    pub value: SentValue,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SentValue {
    /// This text.
    Text(String),
    /// A text that begins so.
    Beginning(String),
    /// A text that others who see the screen should not read.
    Hidden,
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its bytes.
        size: usize,
    },
}

/// Nothing waits in this browser for this person.
#[derive(Clone, Debug, Template)]
#[template(path = "resend_nothing.html")]
pub struct ResendNothing {
    /// What all pages share.
    pub frame: Frame,
}

/// A form that was neither sent nor kept: nothing of it was read, or not all.
#[derive(Clone, Debug, Template)]
#[template(path = "not_received.html")]
pub struct NotReceived {
    /// What all pages share.
    pub frame: Frame,
    /// Why it was not kept.
    pub why: NotKept,
    /// Where to show what is asked, and then go back to the form.
    pub go_on: String,
    /// What the operator finds the request by.
    pub request_id: String,
}

/// Why a form was not kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotKept {
    /// It is larger than what is kept.
    TooLarge,
    /// There is no room now, it came too slowly, or the store does not answer.
    NotNow,
}

impl Resend {
    fn size(bytes: &usize) -> String {
        match *bytes {
            0..1000 => format!("{bytes} B"),
            _ => format!("{} kB", bytes.div_ceil(1000)),
        }
    }
}
