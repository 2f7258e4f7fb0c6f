//! Groups and portals: what is asked, and whether anybody signs in.

use http::StatusCode;

use super::{
    door::{Halt, Office, status_of, with_name},
    person::{word_of, words_above},
};
use crate::{
    domain::role::{About, Action, Authority},
    page::view::{
        AdminAsked, AdminConfirm, AdminDone, AdminError, AdminGroup, AdminGroupRow, AdminGroups,
        AdminPortalRow, AdminPortals, AdminRequirement, AdminRoom,
    },
    runtime::control::words::{Answer as Told, GroupLine, PortalLine, Request, Word},
    web::{form::Form, place, respond::Answer},
};

/// Groups on a page.
const PAGE: usize = 50;

/// Shows the groups that this administrator sees.
pub(super) async fn show_groups(office: &Office<'_>) -> Result<Answer, Halt> {
    let mut lines = groups(office).await?;
    let after = place::query(office.visit, "after");
    if let Some(after) = &after {
        lines.retain(|line| line.name > *after);
    }
    let is_more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let page = AdminGroups {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Groups, Vec::new()),
        is_later: after.is_some(),
        next: lines.last().filter(|_| is_more).map(|line| line.name.clone()),
        rows: lines.into_iter().map(row).collect(),
    };
    Ok(Answer::page(StatusCode::OK, page.render()))
}

/// Shows one group.
pub(super) async fn show_group(office: &Office<'_>) -> Result<Answer, Halt> {
    let line = named_group(office).await?;
    Ok(group_page(office, line, Vec::new()))
}

/// Says what is asked of a group, after it was told how many people that touches.
pub(super) async fn set_group(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let line = named_group(office).await?;
    let about = About::Group(&line.name);
    office.require(Action::SetGroup, about)?;
    let Some(word) = AdminRequirement::from_word(form.text("word")) else { return Err(office.puzzled()) };
    let closed = match form.text("state") {
        "open" => false,
        "closed" => true,
        _ => return Err(office.puzzled()),
    };
    // Nobody bars by a group whom they may not bar by name: who holds a role, and who is shared with others.
    if closed && !line.closed && office.bars_others(&line.name) {
        let member =
            About::Person { groups: std::slice::from_ref(&line.name), holds_role: true, is_self: false };
        office.require(Action::SetGroup, member)?;
    }
    let (here, back) = (with_name("admin/group?group=", &line.name), "admin/groups");
    if !form.is_ticked("sure") {
        let frame = office.frame();
        let state = frame.words.say(if closed { "admin-closed" } else { "admin-open" });
        let page = AdminConfirm {
            desk: office.desk(AdminRoom::Groups, Vec::new()),
            asked: AdminAsked::Group { people: line.people },
            name: line.name.clone(),
            target: here.clone(),
            back: here,
            fields: vec![("word", word.word().to_owned()), ("state", form.text("state").to_owned())],
            reason: None,
            afterwards: Some((word, state)),
            frame,
        };
        return Ok(Answer::page(StatusCode::OK, page.render()));
    }
    let word = match word {
        AdminRequirement::Unset => Word::Unset,
        AdminRequirement::Off => Word::Off,
        AdminRequirement::Optional => Word::Optional,
        AdminRequirement::Required => Word::Required,
    };
    let request =
        Request::GroupSet { group: line.name.clone(), second_factor: Some(word), closed: Some(closed) };
    match office.order(Action::SetGroup, about, request).await? {
        Ok(_) => Ok(office.done(back, AdminDone::GroupSet)),
        Err(errors) => Ok(group_page(office, line, errors)),
    }
}

/// Shows the portals.
pub(super) async fn show_portals(office: &Office<'_>) -> Result<Answer, Halt> {
    let lines = portals(office).await?;
    Ok(portals_page(office, lines, Vec::new()))
}

/// Opens or closes a portal.
pub(super) async fn set_portal(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    office.require(Action::SetPortal, About::Everything)?;
    let lines = portals(office).await?;
    let (name, closed) = match (form.text("open"), form.text("close")) {
        (name, "") => (name, false),
        ("", name) => (name, true),
        _ => return Err(office.puzzled()),
    };
    let Some(line) = lines.iter().find(|line| line.name == name) else {
        return Ok(portals_page(office, lines, vec![AdminError::Gone]));
    };
    if closed && !form.is_ticked("sure") {
        let page = AdminConfirm {
            frame: office.frame(),
            desk: office.desk(AdminRoom::Portals, Vec::new()),
            asked: AdminAsked::Portal,
            name: line.title.clone(),
            target: "admin/portals".to_owned(),
            back: "admin/portals".to_owned(),
            fields: vec![("close", name.to_owned())],
            reason: None,
            afterwards: None,
        };
        return Ok(Answer::page(StatusCode::OK, page.render()));
    }
    let request = Request::PortalSet { portal: name.to_owned(), closed };
    match office.order(Action::SetPortal, About::Everything, request).await? {
        Ok(_) if closed => Ok(office.done("admin/portals", AdminDone::PortalClosed)),
        Ok(_) => Ok(office.done("admin/portals", AdminDone::PortalOpened)),
        Err(errors) => Ok(portals_page(office, lines, errors)),
    }
}

/// The groups that this administrator sees, by name.
async fn groups(office: &Office<'_>) -> Result<Vec<GroupLine>, Halt> {
    match office.order(Action::SeeGroups, About::Everything, Request::GroupList).await? {
        Ok(Told::Groups(mut lines)) => {
            lines.retain(|line| office.may(Action::SeeGroups, About::Group(&line.name)));
            Ok(lines)
        }
        _ => Err(office.busy()),
    }
}

/// The group that the address names, as long as this administrator sees it.
async fn named_group(office: &Office<'_>) -> Result<GroupLine, Halt> {
    let name = place::query(office.visit, "group").unwrap_or_default();
    let found = groups(office).await?.into_iter().find(|line| line.name == name);
    found.ok_or_else(|| office.nowhere())
}

async fn portals(office: &Office<'_>) -> Result<Vec<PortalLine>, Halt> {
    match office.order(Action::SeePortals, About::Everything, Request::PortalList).await? {
        Ok(Told::Portals(lines)) => Ok(lines),
        _ => Err(office.busy()),
    }
}

fn group_page(office: &Office<'_>, line: GroupLine, errors: Vec<AdminError>) -> Answer {
    let status = status_of(&errors);
    let weight = office.weight(Action::SetGroup, About::Group(&line.name));
    let page = AdminGroup {
        words: words_above(line.least, weight),
        may_open: !line.closed_by_security || weight == Authority::Security,
        frame: office.frame(),
        desk: office.desk(AdminRoom::Groups, errors),
        may_set: office.may(Action::SetGroup, About::Group(&line.name)),
        row: row(line),
    };
    Answer::page(status, page.render())
}

fn portals_page(office: &Office<'_>, lines: Vec<PortalLine>, errors: Vec<AdminError>) -> Answer {
    let status = status_of(&errors);
    let rows = lines.into_iter().map(|line| AdminPortalRow {
        name: line.name,
        title: line.title,
        host: line.host,
        closed: line.closed,
        closed_by_file: line.closed_by_file,
    });
    let page = AdminPortals {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Portals, errors),
        rows: rows.collect(),
        may_set: office.may(Action::SetPortal, About::Everything),
    };
    Answer::page(status, page.render())
}

fn row(line: GroupLine) -> AdminGroupRow {
    AdminGroupRow {
        name: line.name,
        people: line.people,
        own_word: word_of(line.of_administrators),
        of_file: word_of(line.of_file),
        in_force: word_of(Some(line.in_force)),
        closed: line.closed,
        closed_by_file: line.closed_by_file,
    }
}
