//! Who comes in, and what they may do inside.

use std::sync::Arc;

use http::StatusCode;

use super::Place;
use crate::{
    config::settings::AdminSettings,
    domain::{
        facts::ReturnTo,
        identity::{Person, UserId},
        policy::{Level, Rule, Subject},
        role::{About, Action, Authority, Powers, Role},
        standing::{Known, Standing},
    },
    page::view::{AdminDesk, AdminDone, AdminError, AdminRoom, Frame, ProblemKind},
    runtime::control::{
        Administration, By,
        words::{Answer as Told, Refusal, RefusalKind, Request},
    },
    store::StoreFault,
    web::{
        asking::shown_within, browser::Browser, fault::Fault, frame::frame, place, problem::problem,
        respond::Answer, visit::Visit,
    },
};

/// An administrator at work.
pub(super) struct Office<'a> {
    pub(super) visit: &'a Visit,
    pub(super) browser: &'a Browser,
    pub(super) known: &'a Known,
    admin: &'a AdminSettings,
    powers: Powers,
    /// How many deeds of administrators were done when this one came in.
    deeds: u64,
}

/// Why a page is not drawn to its end.
pub(super) enum Halt {
    /// Another answer stands in for it.
    Answer(Box<Answer>),
    /// A fresh second factor comes first, for what this administrator may do.
    Stale,
    /// We cannot.
    Fault(Fault),
}

impl From<Answer> for Halt {
    fn from(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

impl From<StoreFault> for Halt {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault.into())
    }
}

/// Lets an administrator in: at a portal that has these pages, with a second factor shown in this session a moment ago. What a
/// trusted device or address waives elsewhere is not waived here.
pub(super) fn enter<'a>(place: Place, visit: &'a Visit, browser: &'a Browser) -> Result<Office<'a>, Halt> {
    let admin = visit.runtime.settings.admin.as_ref().filter(|admin| admin.is_at(&visit.portal().name));
    let Some(admin) = admin else { return Err(problem(visit, browser, ProblemKind::NotFound).into()) };
    let here = ReturnTo::read(visit.facts.path.target().as_str());
    let Standing::Known(known) = &visit.standing else {
        return Err(Answer::go_to(visit.link("login", &here)).into());
    };
    let deeds = visit.services.store.deeds_done();
    // Looked up again: what was recognised is a moment old.
    let present = visit.directory().get(&known.person.id);
    let powers = present.map_or_else(Powers::none, |person| admin.powers_of(&person));
    if !powers.any() {
        return Err(problem(visit, browser, ProblemKind::Forbidden).into());
    }
    let office = Office { visit, browser, known, admin, powers, deeds };
    if office.powers.allow(place.action(), About::Everything).is_err() {
        return Err(problem(visit, browser, ProblemKind::Forbidden).into());
    }
    if !shown_within(known, admin.max_age, visit.now) {
        return Err(Halt::Stale);
    }
    Ok(office)
}

/// To the page that asks for a fresh second factor and leads back to `here`.
pub(super) fn to_fresh_factor(visit: &Visit, here: &str) -> Answer {
    Answer::go_to(format!("{}&again=1", visit.link("second-factor", &ReturnTo::read(here))))
}

impl Office<'_> {
    /// What a question about `person` says of them.
    pub(super) fn about<'p>(&self, person: &'p Person) -> About<'p> {
        About::Person {
            groups: &person.groups,
            // Whom a rule of a portal names has rights of their own: an address or a password is the way to them.
            holds_role: self.admin.is_holder(person) || self.is_reserved(&person.id),
            is_self: person.id == self.known.person.id,
        }
    }

    /// Whether something may be done, for showing or leaving out a button.
    pub(super) fn may(&self, action: Action, about: About<'_>) -> bool {
        self.powers.allow(action, about).is_ok()
    }

    /// How much weight this administrator's word has in this.
    pub(super) fn weight(&self, action: Action, about: About<'_>) -> Authority {
        self.powers.role_for(action, about).map_or(Authority::Tenant, Authority::of)
    }

    /// The groups that lists are narrowed to; `None`: everybody is shown.
    pub(super) fn sees(&self, action: Action) -> Option<Vec<String>> {
        self.powers.sees(action).map(|groups| groups.iter().cloned().collect())
    }

    /// Those of `groups` that this administrator is to see, in one line.
    pub(super) fn groups_line(&self, groups: &[String]) -> String {
        let own = self.powers.sees(Action::SeePeople);
        let shown = groups.iter().filter(|group| own.is_none_or(|own| own.contains(*group)));
        shown.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Whether this administrator is told the group's name.
    pub(super) fn shows_group(&self, group: &str) -> bool {
        self.powers.sees(Action::SeePeople).is_none_or(|own| own.contains(group))
    }

    /// Whether this administrator is told that there is a portal of this name: a tenant's, if its rules let in one of theirs.
    pub(super) fn shows_portal(&self, name: &str) -> bool {
        let Some(own) = self.powers.sees(Action::SeeAudit) else { return true };
        let directory = self.visit.directory();
        let is_own = |subject: &Subject| match subject {
            Subject::Group(group) => own.contains(group),
            Subject::User(id) => {
                directory.get(id).is_some_and(|person| own.iter().any(|group| person.is_in(group)))
            }
        };
        let lets_in = |rule: &Rule| {
            rule.level != Level::Deny && (rule.subjects.is_empty() || rule.subjects.iter().any(is_own))
        };
        let mut portals = self.visit.runtime.settings.policy.portals().iter();
        portals.any(|portal| *portal.name == *name && portal.rules.iter().any(lets_in))
    }

    /// Whether closing `group` bars somebody whom this administrator may not bar: one who holds a role, or is shared with others.
    pub(super) fn bars_others(&self, group: &str) -> bool {
        let may_bar = |person: &Person| {
            let holds_role = self.admin.is_holder(person);
            self.may(
                Action::DisablePerson,
                About::Person { groups: &person.groups, holds_role, is_self: false },
            )
        };
        let everybody = self.visit.directory().everybody();
        everybody.iter().any(|person| person.is_in(group) && !may_bar(person))
    }

    /// Whether nobody but `security` makes somebody of this name: the rules of a portal give it rights.
    pub(super) fn is_reserved(&self, id: &UserId) -> bool {
        let rules = self.visit.runtime.settings.policy.portals().iter().flat_map(|portal| &portal.rules);
        let mut named = rules.flat_map(|rule| rule.subjects.iter());
        !self.powers.has(Role::Security) && named.any(|subject| *subject == Subject::User(id.clone()))
    }

    /// The person called `name`, as long as this administrator sees them. All others do not exist.
    pub(super) fn person(&self, name: &str) -> Result<Arc<Person>, Halt> {
        let found = self.visit.directory().find(name);
        let seen = found.filter(|person| self.may(Action::SeePeople, self.about(person)));
        seen.ok_or_else(|| self.nowhere())
    }

    /// The person whom the address names.
    pub(super) fn named_person(&self) -> Result<Arc<Person>, Halt> {
        self.person(&place::query(self.visit, "user").unwrap_or_default())
    }

    /// Stops here with 403 unless this may be done.
    pub(super) fn require(&self, action: Action, about: About<'_>) -> Result<(), Halt> {
        match self.powers.allow(action, about) {
            Ok(()) => Ok(()),
            Err(_) => Err(problem(self.visit, self.browser, ProblemKind::Forbidden).into()),
        }
    }

    /// Looks something up or does something, as a command would; refused with 403 where it may not be done.
    pub(super) async fn order(
        &self,
        action: Action,
        about: About<'_>,
        request: Request,
    ) -> Result<Result<Told, Vec<AdminError>>, Halt> {
        self.require(action, about)?;
        let Some(role) = self.powers.role_for(action, about) else {
            return Err(problem(self.visit, self.browser, ProblemKind::Forbidden).into());
        };
        // Of a page that is linked its owner is told as of any app; of a reset, `control` tells by itself.
        let services = match &request {
            Request::UserPair { .. } => self.visit.services.clone(),
            _ => self.visit.services.witnessed(),
        };
        let by = By::Administrator { id: self.known.person.id.clone(), role };
        let told = Administration::new(services)
            .judged_at(self.deeds)
            .carry_out(&self.visit.runtime, request, &by)
            .await;
        Ok(match told {
            Told::Refused(refusal) => Err(errors_of(refusal)),
            told => Ok(told),
        })
    }

    /// The frame of a page, whose forms carry this browser's token.
    pub(super) fn frame(&self) -> Frame {
        let (csrf, _) = self.browser.form_token(self.visit);
        let here = ReturnTo::read(self.visit.facts.path.target().as_str());
        frame(self.visit, self.browser, here.as_str().to_owned(), csrf)
    }

    /// What stands around a page that belongs to `here`.
    pub(super) fn desk(&self, here: AdminRoom, errors: Vec<AdminError>) -> AdminDesk {
        let rooms = [
            (AdminRoom::People, Action::SeePeople),
            (AdminRoom::Groups, Action::SeeGroups),
            (AdminRoom::Portals, Action::SeePortals),
            (AdminRoom::Trusts, Action::SeeTrusts),
            (AdminRoom::Help, Action::SeeHelp),
            (AdminRoom::Audit, Action::SeeAudit),
            (AdminRoom::Overview, Action::SeeOverview),
        ];
        let rooms = rooms.into_iter().filter(|(_, action)| self.may(*action, About::Everything));
        let done = place::query(self.visit, "done").and_then(|word| AdminDone::from_word(&word));
        AdminDesk {
            rooms: rooms.map(|(room, _)| room).collect(),
            here,
            done: done.filter(|_| errors.is_empty()),
            errors,
        }
    }

    /// Back to the page at `path`, which then says what was done.
    pub(super) fn done(&self, path: &str, done: AdminDone) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        Answer::go_to(format!("{}{joint}done={}", self.visit.own(path), done.word()))
    }

    /// The page for what is not there, or not for this administrator.
    pub(super) fn nowhere(&self) -> Halt {
        problem(self.visit, self.browser, ProblemKind::NotFound).into()
    }

    /// The page that says we cannot look now.
    pub(super) fn busy(&self) -> Halt {
        problem(self.visit, self.browser, ProblemKind::Unavailable).into()
    }

    /// The page for something that cannot be answered as asked.
    pub(super) fn puzzled(&self) -> Halt {
        problem(self.visit, self.browser, ProblemKind::BadRequest).into()
    }
}

/// The address of a person's page under the prefix.
pub(super) fn person_path(name: &str) -> String {
    with_name("admin/person?user=", name)
}

/// `address` and a name, written for an address.
pub(super) fn with_name(address: &str, name: &str) -> String {
    let mut address = address.to_owned();
    address.extend(form_urlencoded::byte_serialize(name.as_bytes()));
    address
}

/// The status of a page that says these errors.
pub(super) fn status_of(errors: &[AdminError]) -> StatusCode {
    match errors {
        [] => StatusCode::OK,
        [AdminError::Busy, ..] => StatusCode::SERVICE_UNAVAILABLE,
        [AdminError::Meanwhile, ..] => StatusCode::CONFLICT,
        [AdminError::Forbidden | AdminError::Tightened, ..] => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What a refusal reads like on a page. Its message is for scripts and logs.
fn errors_of(refusal: Refusal) -> Vec<AdminError> {
    if !refusal.wrong.is_empty() {
        return refusal.wrong.into_iter().map(AdminError::Unkeepable).collect();
    }
    vec![match refusal.kind {
        RefusalKind::ReadOnly => AdminError::ReadOnly,
        RefusalKind::LastAdministrator => AdminError::LastAdministrator,
        RefusalKind::Meanwhile => AdminError::Meanwhile,
        RefusalKind::Tightened => AdminError::Tightened,
        RefusalKind::NotFound | RefusalKind::Settled => AdminError::Gone,
        RefusalKind::Full => AdminError::Full,
        RefusalKind::Store => AdminError::Busy,
        RefusalKind::NotSent => AdminError::NotSent,
        RefusalKind::TooMany => AdminError::TooManyLetters,
        RefusalKind::Invalid
        | RefusalKind::Taken
        | RefusalKind::Request
        | RefusalKind::Configuration
        | RefusalKind::PolicyTests
        | RefusalKind::NoServer => AdminError::Invalid,
    }]
}
