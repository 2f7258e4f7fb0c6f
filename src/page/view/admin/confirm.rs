//! One more press before something is taken away.

use askama::Template;

use super::{AdminDesk, AdminRequirement};
use crate::page::view::Frame;

/// Asks whether it is meant. Its form posts `fields` again, with `sure`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_confirm.html")]
pub struct AdminConfirm {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// What is about to happen.
    pub asked: AdminAsked,
    /// To whom or what.
    pub name: String,
    /// Where the form goes, under the prefix.
    pub target: String,
    /// Where "no" leads, under the prefix.
    pub back: String,
    /// What the form carries.
    pub fields: Vec<(&'static str, String)>,
    /// What was typed as the reason; `None`: none is asked.
    pub reason: Option<String>,
    /// Of a group: what is asked of it afterwards, and whether it is open.
    pub afterwards: Option<(AdminRequirement, String)>,
}

impl AdminConfirm {
    fn heading(&self) -> String {
        self.frame.with(self.asked.keys().0, "name", self.name.as_str())
    }

    fn text(&self) -> String {
        match self.asked {
            AdminAsked::Group { people } => self.frame.with("admin-ask-group-text", "people", people),
            asked => self.frame.say(asked.keys().1),
        }
    }

    fn outcome(&self) -> Option<String> {
        let (word, state) = self.afterwards.as_ref()?;
        let word = self.frame.say(word.group_key());
        let values = [("word", word.into()), ("state", state.as_str().into())];
        Some(self.frame.words.with("admin-ask-group-change", &values))
    }
}

/// What is about to happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdminAsked {
    /// A person is removed.
    RemovePerson,
    /// A person gets another name.
    Rename,
    /// A person is refused everywhere.
    Disable,
    /// Every factor of a person is removed.
    Reset,
    /// One trust ends.
    RemoveTrust,
    /// All trusts of a person end.
    RemoveTrusts,
    /// One session ends.
    EndSession,
    /// All sessions of a person end.
    EndSessions,
    /// All trusts of everybody end.
    EverybodysTrusts,
    /// A group is changed.
    Group {
        /// How many people that touches.
        people: usize,
    },
    /// A portal is closed.
    Portal,
}

impl AdminAsked {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::RemovePerson,
        Self::Rename,
        Self::Disable,
        Self::Reset,
        Self::RemoveTrust,
        Self::RemoveTrusts,
        Self::EndSession,
        Self::EndSessions,
        Self::EverybodysTrusts,
        Self::Group { people: 240 },
        Self::Portal,
    ];

    /// The title, what it means, and the button.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::RemovePerson => ("admin-ask-remove", "admin-ask-remove-text", "admin-ask-remove-button"),
            Self::Rename => ("admin-ask-rename", "admin-ask-rename-text", "admin-rename"),
            Self::Disable => ("admin-ask-disable", "admin-ask-disable-text", "admin-disable"),
            Self::Reset => ("admin-ask-reset", "admin-ask-reset-text", "admin-reset"),
            Self::RemoveTrust => ("admin-ask-trust", "admin-ask-trust-text", "remove"),
            Self::RemoveTrusts => ("admin-ask-trusts", "admin-ask-trusts-text", "admin-trusts-remove-all"),
            Self::EndSession => ("admin-ask-session", "admin-ask-session-text", "admin-session-end"),
            Self::EverybodysTrusts => {
                ("admin-ask-everybodys-trusts", "admin-ask-trusts-text", "admin-trusts-remove-everybodys")
            }
            Self::Group { .. } => ("admin-ask-group", "admin-ask-group-text", "admin-save"),
            Self::Portal => ("admin-ask-portal", "admin-ask-portal-text", "admin-portal-close"),
            Self::EndSessions => ("admin-ask-sessions", "admin-ask-session-text", "admin-sessions-end-all"),
        }
    }
}
