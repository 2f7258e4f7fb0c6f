//! The administrators' pages: people, and what is asked of them.
//!
//! Every request passes [`door::enter`], which knows who may come in at all, and every look and every deed passes
//! [`door::Office::require`]. What is done goes through `runtime::control`, as commands do. Whom an administrator does not see is
//! answered like somebody who does not exist.

mod deed;
mod door;
mod draft;
mod form;
mod help;
mod import;
mod invite;
mod people;
mod person;
mod records;
mod switches;
mod trusts;

use self::door::Halt;
use super::{
    browser::Browser,
    fault::Fault,
    form::{Form, MOST_BYTES},
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{domain::role::Action, page::view::ProblemKind};

/// Bytes of a form with a table in it; written for an address, a table grows by a third or so.
const MOST_TABLE: usize = 1536 * 1024;

/// One of the administrators' pages, under `admin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// `admin`: everybody.
    People,
    /// `admin/new`: making somebody.
    Create,
    /// `admin/person?user=…`: one of them.
    Person,
    /// `admin/edit?user=…`: changing them.
    Edit,
    /// `admin/invite?user=…`: mailing them a link to set a password with.
    Invite,
    /// `admin/import`: many of them from a table.
    Import,
    /// `admin/groups`: what is asked of which group.
    Groups,
    /// `admin/group?group=…`: one of them.
    Group,
    /// `admin/portals`: which are open.
    Portals,
    /// `admin/trusts`: trusted devices and addresses of everybody.
    Trusts,
    /// `admin/help`: requests for help.
    Help,
    /// `admin/request?id=…`: one of them.
    Request,
    /// `admin/audit`: the audit log.
    Audit,
    /// `admin/overview`: the numbers of the last days.
    Overview,
}

impl Place {
    /// The page with this address under the prefix.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "admin" => Self::People,
            "admin/new" => Self::Create,
            "admin/person" => Self::Person,
            "admin/edit" => Self::Edit,
            "admin/invite" => Self::Invite,
            "admin/import" => Self::Import,
            "admin/groups" => Self::Groups,
            "admin/group" => Self::Group,
            "admin/portals" => Self::Portals,
            "admin/trusts" => Self::Trusts,
            "admin/help" => Self::Help,
            "admin/request" => Self::Request,
            "admin/audit" => Self::Audit,
            "admin/overview" => Self::Overview,
            _ => return None,
        })
    }

    /// Whether anything is posted there.
    pub(super) const fn takes_forms(self) -> bool {
        match self {
            Self::Create
            | Self::Person
            | Self::Edit
            | Self::Invite
            | Self::Import
            | Self::Group
            | Self::Portals
            | Self::Trusts
            | Self::Request => true,
            Self::People | Self::Groups | Self::Help | Self::Audit | Self::Overview => false,
        }
    }

    /// What one must be allowed to for the page to be there.
    const fn action(self) -> Action {
        match self {
            Self::People | Self::Person => Action::SeePeople,
            Self::Create => Action::CreatePerson,
            Self::Edit => Action::EditPerson,
            Self::Invite => Action::Invite,
            Self::Import => Action::ImportPeople,
            Self::Groups | Self::Group => Action::SeeGroups,
            Self::Portals => Action::SeePortals,
            Self::Trusts => Action::SeeTrusts,
            Self::Help | Self::Request => Action::SeeHelp,
            Self::Audit => Action::SeeAudit,
            Self::Overview => Action::SeeOverview,
        }
    }
}

/// How large a form may be. A table is large, and read only from somebody who may import it.
pub(super) fn most_bytes(place: Place, visit: &Visit, browser: &Browser) -> usize {
    match place {
        // Also where a fresh second factor comes first: the table waits for it.
        Place::Import if matches!(door::enter(place, visit, browser), Ok(_) | Err(Halt::Stale)) => MOST_TABLE,
        _ => MOST_BYTES,
    }
}

/// Shows one of the pages.
pub(super) async fn show(place: Place, visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let shown = async {
        let office = door::enter(place, visit, browser)?;
        match place {
            Place::People => people::show(&office).await,
            Place::Create => Ok(form::show_new(&office, draft::waiting(place, visit).as_ref())),
            Place::Person => person::show(&office).await,
            Place::Edit => form::show_edit(&office, draft::waiting(place, visit).as_ref()),
            Place::Invite => invite::show(&office).await,
            Place::Import => Ok(import::show(&office, draft::waiting(place, visit).as_ref())),
            Place::Groups => switches::show_groups(&office).await,
            Place::Group => switches::show_group(&office).await,
            Place::Portals => switches::show_portals(&office).await,
            Place::Trusts => trusts::show(&office).await,
            Place::Help => help::show(&office).await,
            Place::Request => help::show_one(&office).await,
            Place::Audit => records::show_audit(&office).await,
            Place::Overview => records::show_overview(&office).await,
        }
    };
    settled(shown.await, || door::to_fresh_factor(visit, visit.facts.path.target().as_str()))
}

/// Takes a form of one of the pages.
pub(super) async fn submit(
    place: Place,
    visit: &Visit,
    browser: &Browser,
    form: &Form,
) -> Result<Answer, Fault> {
    let done = async {
        let office = door::enter(place, visit, browser)?;
        if !browser.admits(form) {
            return Ok(problem(visit, browser, ProblemKind::FormRefused));
        }
        match place {
            Place::Create => form::create(&office, form).await,
            Place::Person => person::submit(&office, form).await,
            Place::Edit => form::change(&office, form).await,
            Place::Invite => invite::send(&office).await,
            Place::Import => import::submit(&office, form).await,
            Place::Group => switches::set_group(&office, form).await,
            Place::Portals => switches::set_portal(&office, form).await,
            Place::Trusts => trusts::submit(&office, form).await,
            Place::Request => help::answer(&office, form).await,
            Place::People | Place::Groups | Place::Help | Place::Audit | Place::Overview => {
                Ok(problem(visit, browser, ProblemKind::NotFound))
            }
        }
    };
    settled(done.await, || {
        let here = visit.facts.path.target().as_str();
        match draft::keep(place, visit, browser, form) {
            Some(kept) => door::to_fresh_factor(visit, &kept),
            None => door::to_fresh_factor(visit, here),
        }
    })
}

/// `stale` is where a fresh second factor is asked for.
fn settled(done: Result<Answer, Halt>, stale: impl FnOnce() -> Answer) -> Result<Answer, Fault> {
    match done {
        Ok(answer) => Ok(answer),
        Err(Halt::Stale) => Ok(stale()),
        Err(Halt::Answer(answer)) => Ok(*answer),
        Err(Halt::Fault(fault)) => Err(fault),
    }
}
