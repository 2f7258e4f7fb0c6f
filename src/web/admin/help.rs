//! Requests for help: the list, and answering one.

use std::sync::Arc;

use http::StatusCode;

use super::{
    deed::reason,
    door::{Halt, Office, status_of},
};
use crate::{
    domain::{
        identity::Person,
        role::{About, Action},
    },
    page::view::{AdminDone, AdminError, AdminHelp, AdminHelpAnswer, AdminHelpRow, AdminRequest, AdminRoom},
    runtime::control::words::{Answer as Told, HelpLine, Request},
    web::{form::Form, place, respond::Answer},
};

/// Requests on a page.
const ROWS: usize = 50;

/// Shows those that wait, or all, a page at a time.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    let all = place::query(office.visit, "all").is_some();
    let lines = lines(office, all).await?;
    let number = place::query(office.visit, "page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let (total, first) = (lines.len(), number.saturating_mul(ROWS));
    let page = AdminHelp {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Help, Vec::new()),
        all,
        rows: lines.into_iter().skip(first).take(ROWS).map(|(line, _)| row(line)).collect(),
        total,
        is_later: number > 0,
        next: (first.saturating_add(ROWS) < total).then(|| number + 1),
    };
    Ok(Answer::page(StatusCode::OK, page.render()))
}

/// Shows the one that the address names.
pub(super) async fn show_one(office: &Office<'_>) -> Result<Answer, Halt> {
    let (line, owner) = named(office).await?;
    Ok(page(office, line, &owner, String::new(), Vec::new()))
}

/// Grants or refuses it.
pub(super) async fn answer(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let (line, owner) = named(office).await?;
    let about = office.about(&owner);
    office.require(Action::AnswerHelp, about)?;
    let grant = match form.text("answer") {
        "grant" => true,
        "refuse" => false,
        _ => return Err(office.puzzled()),
    };
    // Granting a reset is a reset.
    if grant && line.path.is_none() {
        office.require(Action::ResetSecondFactor, about)?;
    }
    let typed = form.text("reason").to_owned();
    let Some(why) = reason(form) else {
        return Ok(page(office, line, &owner, typed, vec![AdminError::NoReason]));
    };
    let request = Request::HelpAnswer { request: line.id.to_string(), grant, reason: why.to_owned() };
    match office.order(Action::AnswerHelp, about, request).await? {
        Ok(_) if grant => Ok(office.done("admin/help", AdminDone::Granted)),
        Ok(_) => Ok(office.done("admin/help", AdminDone::Refused)),
        Err(errors) => Ok(page(office, line, &owner, typed, errors)),
    }
}

/// The requests of people whom this administrator sees, newest first.
async fn lines(office: &Office<'_>, all: bool) -> Result<Vec<(HelpLine, Arc<Person>)>, Halt> {
    let told = office.order(Action::SeeHelp, About::Everything, Request::HelpList { all }).await?;
    let Ok(Told::Help(lines)) = told else { return Err(office.busy()) };
    let people = office.visit.directory();
    let owned = lines.into_iter().filter_map(|line| {
        let owner = people.find(&line.user)?;
        office.may(Action::SeeHelp, office.about(&owner)).then_some((line, owner))
    });
    Ok(owned.collect())
}

/// The request that the address names, by id or reference, as long as this administrator sees who asks.
async fn named(office: &Office<'_>) -> Result<(HelpLine, Arc<Person>), Halt> {
    let id = place::query(office.visit, "id").unwrap_or_default();
    let found = lines(office, true).await?.into_iter();
    let mut found =
        found.filter(|(line, _)| line.id.as_str() == id || line.reference.eq_ignore_ascii_case(&id));
    found.next().ok_or_else(|| office.nowhere())
}

fn page(
    office: &Office<'_>,
    line: HelpLine,
    owner: &Person,
    typed: String,
    errors: Vec<AdminError>,
) -> Answer {
    let about = office.about(owner);
    let may_answer = office.may(Action::AnswerHelp, about);
    let status = status_of(&errors);
    let page = AdminRequest {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Help, errors),
        row: row(line),
        may_answer,
        reason: typed,
    };
    Answer::page(status, page.render())
}

fn row(line: HelpLine) -> AdminHelpRow {
    let answer = line.granted.zip(line.answered).map(|(granted, at)| AdminHelpAnswer {
        granted,
        by: line.answered_by.unwrap_or_default(),
        reason: line.reason.unwrap_or_default(),
        at: at.0,
    });
    AdminHelpRow {
        id: line.id.to_string(),
        reference: line.reference,
        person: line.user,
        portal: line.portal,
        path: line.path,
        address: line.address.to_string(),
        agent: line.agent,
        asked: line.asked.0,
        answer,
    }
}
