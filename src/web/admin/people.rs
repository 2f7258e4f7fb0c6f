//! Everybody.

use http::StatusCode;

use super::door::{Halt, Office};
use crate::{
    domain::role::{About, Action},
    page::view::{AdminPeople, AdminPersonRow, AdminRoom},
    runtime::control::words::{Answer as Told, PeopleSearch, Request},
    web::{place, respond::Answer},
};

/// Characters of a search that count.
const LONGEST: usize = 128;

/// Shows those who fit the search, a page at a time.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    let text = place::query(office.visit, "q").unwrap_or_default();
    let query: String = text.trim().chars().take(LONGEST).collect();
    let after = place::query(office.visit, "after");
    let is_later = after.is_some();
    let groups = office.sees(Action::SeePeople);
    let search = PeopleSearch { text: query.clone(), groups, after, limit: 0 };
    let found = office.order(Action::SeePeople, About::Everything, Request::UserSearch(search)).await?;
    let Ok(Told::Found(found)) = found else { return Err(office.busy()) };
    let rows = found.people.into_iter().map(|line| AdminPersonRow {
        groups: office.groups_line(&line.groups),
        name: line.name,
        display_name: line.display_name,
        email: line.email.unwrap_or_default(),
        disabled: line.disabled,
        enrolled: line.enrolled,
        read_only: line.of_file,
    });
    let keeps = office.visit.directory().keeps_people();
    let page = AdminPeople {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, Vec::new()),
        query,
        total: found.total,
        rows: rows.collect(),
        is_later,
        next: found.next,
        may_create: keeps && office.may(Action::CreatePerson, About::Everything),
        may_invite: keeps && office.may(Action::Invite, About::Everything),
        may_import: keeps && office.may(Action::ImportPeople, About::Everything),
    };
    Ok(Answer::page(StatusCode::OK, page.render()))
}
