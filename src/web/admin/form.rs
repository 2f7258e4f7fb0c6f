//! Making somebody, and changing them.
//!
//! Both are asked about as they would be afterwards: nobody but `security` makes somebody of a name, or puts them into a
//! group, that carries a role.

use super::door::{Halt, Office, person_path, status_of};
use crate::{
    domain::{
        identity::{CredentialMark, Origin, Person, Requirement, RequirementSource, UserId},
        role::{About, Action},
    },
    page::view::{AdminDone, AdminError, AdminForm, AdminFormKind, AdminRoom},
    runtime::control::words::{NewPerson, PersonChange, Request},
    web::{form::Form, respond::Answer},
};

/// What was typed.
#[derive(Default)]
struct Typed {
    name: String,
    display_name: String,
    email: String,
    phone: String,
    groups: Vec<String>,
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        let groups = form.text("groups").split([',', '\n']).map(str::trim).filter(|group| !group.is_empty());
        Self {
            // Not trimmed: whoever types a blank means something else than whoever does not, and is told so.
            name: form.text("name").to_owned(),
            display_name: text("display_name"),
            email: text("email"),
            phone: text("phone"),
            groups: groups.map(str::to_owned).collect(),
        }
    }
}

/// The empty form, or what was typed before.
pub(super) fn show_new(office: &Office<'_>, draft: Option<&Form>) -> Answer {
    page(office, AdminFormKind::Create, draft.map(Typed::read).unwrap_or_default(), Vec::new())
}

/// The form of somebody.
pub(super) fn show_edit(office: &Office<'_>, draft: Option<&Form>) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    office.require(Action::EditPerson, office.about(&person))?;
    let typed = match draft {
        Some(draft) => Typed { name: person.name.clone(), ..Typed::read(draft) },
        None => Typed {
            name: person.name.clone(),
            display_name: person.display_name.clone(),
            email: person.email.clone().unwrap_or_default(),
            phone: person.phone.clone().unwrap_or_default(),
            groups: person.groups.clone(),
        },
    };
    let errors = match person.origin {
        Origin::Store => Vec::new(),
        Origin::File => vec![AdminError::ReadOnly],
    };
    Ok(page(office, AdminFormKind::Edit, typed, errors))
}

/// Makes somebody.
pub(super) async fn create(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let typed = Typed::read(form);
    let after = newcomer(&typed);
    let about = office.about(&after);
    if !office.may(Action::CreatePerson, about) || office.is_reserved(&after.id) {
        return Ok(page(office, AdminFormKind::Create, typed, vec![AdminError::Forbidden]));
    }
    let new = NewPerson {
        name: typed.name.clone(),
        display_name: typed.display_name.clone(),
        email: typed.email.clone(),
        phone: typed.phone.clone(),
        groups: typed.groups.clone(),
        second_factor: None,
    };
    match office.order(Action::CreatePerson, about, Request::UserAdd(new)).await? {
        Ok(_) => Ok(office.done(&person_path(&typed.name), AdminDone::PersonAdded)),
        Err(errors) => Ok(page(office, AdminFormKind::Create, typed, errors)),
    }
}

/// Changes somebody.
pub(super) async fn change(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    office.require(Action::EditPerson, office.about(&person))?;
    let typed = Typed { name: person.name.clone(), ..Typed::read(form) };
    let after = Person { groups: typed.groups.clone(), ..Person::clone(&person) };
    let about: About<'_> = office.about(&after);
    if !office.may(Action::EditPerson, about) {
        return Ok(page(office, AdminFormKind::Edit, typed, vec![AdminError::Forbidden]));
    }
    let change = PersonChange {
        display_name: Some(typed.display_name.clone()),
        email: Some(typed.email.clone()),
        phone: Some(typed.phone.clone()),
        groups: Some(typed.groups.clone()),
        ..PersonChange::default()
    };
    let request = Request::UserSet { user: person.name.clone(), change };
    match office.order(Action::EditPerson, about, request).await? {
        Ok(_) => Ok(office.done(&person_path(&person.name), AdminDone::PersonChanged)),
        Err(errors) => Ok(page(office, AdminFormKind::Edit, typed, errors)),
    }
}

/// Somebody as they would be, for the question whether they may be made.
fn newcomer(typed: &Typed) -> Person {
    would_be(&typed.name, typed.groups.clone())
}

/// Somebody of this name and these groups, of whom nothing else is known.
pub(super) fn would_be(name: &str, groups: Vec<String>) -> Person {
    let id = UserId::new(name);
    Person {
        credential: CredentialMark::of(&id, None),
        id,
        name: name.to_owned(),
        display_name: String::new(),
        email: None,
        phone: None,
        groups,
        password: None,
        requirement: Requirement::Off,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
        closed_group: None,
        origin: Origin::Store,
    }
}

fn page(office: &Office<'_>, kind: AdminFormKind, typed: Typed, errors: Vec<AdminError>) -> Answer {
    let action = match kind {
        AdminFormKind::Create => Action::CreatePerson,
        AdminFormKind::Edit => Action::EditPerson,
    };
    let status = status_of(&errors);
    let page = AdminForm {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        kind,
        name: typed.name,
        display_name: typed.display_name,
        email: typed.email,
        phone: typed.phone,
        groups: typed.groups.join(", "),
        own_groups: office.sees(action).unwrap_or_default(),
    };
    Answer::page(status, page.render())
}
