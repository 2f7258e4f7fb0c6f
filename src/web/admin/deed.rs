//! What the buttons of a person's page do: what each needs, asks and says.

use crate::{
    domain::{identity::Person, role::Action, token::RecordId},
    page::view::{AdminAsked, AdminDone, AdminRequirement},
    runtime::control::words::{PersonChange, Request, Which, Word},
    web::form::Form,
};

/// Characters a reason has at least, and at most.
const REASON: std::ops::RangeInclusive<usize> = 5..=500;

/// A button of a person's page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Disable,
    Enable,
    Rename(String),
    Remove,
    Require(Word),
    Reset,
    Pair(String),
    Unlock,
    RemoveTrust(RecordId),
    RemoveTrusts,
    EndSession(RecordId),
    EndSessions,
}

impl Deed {
    /// What a form asks for.
    pub(super) fn read(form: &Form) -> Option<Self> {
        let id = form.text("id");
        Some(match form.text("action") {
            "disable" => Self::Disable,
            "enable" => Self::Enable,
            // Not trimmed: see `form`.
            "rename" => Self::Rename(id.to_owned()),
            "remove" => Self::Remove,
            "require" => Self::Require(match AdminRequirement::from_word(id)? {
                AdminRequirement::Unset => Word::Unset,
                AdminRequirement::Off => Word::Off,
                AdminRequirement::Optional => Word::Optional,
                AdminRequirement::Required => Word::Required,
            }),
            "reset" => Self::Reset,
            "pair" => Self::Pair(id.to_owned()),
            "unlock" => Self::Unlock,
            "remove_trust" => Self::RemoveTrust(RecordId::from_text(id)),
            "remove_trusts" => Self::RemoveTrusts,
            "end_session" => Self::EndSession(RecordId::from_text(id)),
            "end_sessions" => Self::EndSessions,
            _ => return None,
        })
    }

    /// What one must be allowed to.
    pub(super) const fn action(&self) -> Action {
        match self {
            Self::Disable | Self::Enable => Action::DisablePerson,
            Self::Rename(_) => Action::RenamePerson,
            Self::Remove => Action::RemovePerson,
            Self::Require(_) => Action::SetRequirement,
            Self::Reset => Action::ResetSecondFactor,
            Self::Pair(_) => Action::Pair,
            Self::Unlock => Action::Unlock,
            Self::RemoveTrust(_) | Self::RemoveTrusts => Action::RevokeTrust,
            Self::EndSession(_) | Self::EndSessions => Action::EndSessions,
        }
    }

    /// What is asked once more before it is done.
    pub(super) const fn asks(&self) -> Option<AdminAsked> {
        match self {
            Self::Disable => Some(AdminAsked::Disable),
            Self::Rename(_) => Some(AdminAsked::Rename),
            Self::Remove => Some(AdminAsked::RemovePerson),
            Self::Reset => Some(AdminAsked::Reset),
            Self::RemoveTrust(_) => Some(AdminAsked::RemoveTrust),
            Self::RemoveTrusts => Some(AdminAsked::RemoveTrusts),
            Self::EndSession(_) => Some(AdminAsked::EndSession),
            Self::EndSessions => Some(AdminAsked::EndSessions),
            Self::Enable | Self::Require(_) | Self::Pair(_) | Self::Unlock => None,
        }
    }

    /// Whether it wants a reason.
    pub(super) const fn wants_reason(&self) -> bool {
        matches!(self, Self::Reset)
    }

    /// What is said afterwards.
    pub(super) const fn done(&self) -> AdminDone {
        match self {
            Self::Disable => AdminDone::Disabled,
            Self::Enable => AdminDone::Enabled,
            Self::Rename(_) => AdminDone::PersonRenamed,
            Self::Remove => AdminDone::PersonRemoved,
            Self::Require(_) => AdminDone::RequirementSet,
            Self::Reset => AdminDone::Reset,
            Self::Pair(_) => AdminDone::Paired,
            Self::Unlock => AdminDone::Unlocked,
            Self::RemoveTrust(_) | Self::RemoveTrusts => AdminDone::TrustsRemoved,
            Self::EndSession(_) | Self::EndSessions => AdminDone::SessionsEnded,
        }
    }

    /// The same as an order. Of one record, whose it is has been looked up.
    pub(super) fn request(self, person: &Person, reason: &str) -> Request {
        let user = person.name.clone();
        let set = |change| Request::UserSet { user: user.clone(), change };
        match self {
            Self::Disable => set(PersonChange { disabled: Some(true), ..PersonChange::default() }),
            Self::Enable => set(PersonChange { disabled: Some(false), ..PersonChange::default() }),
            Self::Require(word) => set(PersonChange { second_factor: Some(word), ..PersonChange::default() }),
            Self::Rename(name) => Request::UserRename { user, name },
            Self::Remove => Request::UserRemove { user },
            Self::Reset => Request::UserResetSecondFactor { user, reason: reason.to_owned() },
            Self::Pair(number) => Request::UserPair { user, number },
            Self::Unlock => Request::UserUnlock { user },
            Self::RemoveTrust(id) => Request::TrustRevoke(Which::One { id }),
            Self::RemoveTrusts => Request::TrustRevoke(Which::Of { user }),
            Self::EndSession(id) => Request::SessionRevoke(Which::One { id }),
            Self::EndSessions => Request::SessionRevoke(Which::Of { user }),
        }
    }
}

/// A reason that was typed, if it is one.
pub(super) fn reason(form: &Form) -> Option<&str> {
    let reason = form.text("reason").trim();
    REASON.contains(&reason.chars().count()).then_some(reason)
}
