//! Trusted devices and addresses of everybody whom this administrator sees.

use std::sync::Arc;

use http::StatusCode;

use super::door::{Halt, Office, status_of, with_name};
use crate::{
    domain::{
        identity::{Person, fold_login},
        role::{About, Action},
        token::RecordId,
    },
    page::view::{AdminAsked, AdminConfirm, AdminDone, AdminError, AdminRoom, AdminTrustRow, AdminTrusts},
    runtime::control::words::{Answer as Told, Request, TrustKind, TrustLine, Which},
    web::{form::Form, place, respond::Answer},
};

/// Trusts on a page.
const PAGE: usize = 25;

/// Whose trusts are asked about.
enum Whose {
    Everybodys,
    Of(Arc<Person>),
    /// Of whoever this text is a part of: of their name or address, or of the network that is trusted.
    Fitting(String),
}

/// Shows them, a page at a time.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    page(office, Vec::new()).await
}

/// Ends one, all of a person, or all there are.
pub(super) async fn submit(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let whose = whose(office);
    let (asked, which, owner) = match form.text("action") {
        "remove_trust" => {
            let id = RecordId::from_text(form.text("id"));
            // Whose it is decides; of somebody who is not seen, it is not there.
            let found = lines(office, &whose).await?.into_iter().find(|(line, _)| line.id == id);
            let Some((_, owner)) = found else { return page(office, vec![AdminError::Gone]).await };
            (AdminAsked::RemoveTrust, Which::One { id }, Some(owner))
        }
        "remove_trusts" => match &whose {
            Whose::Of(person) => {
                let which = Which::Of { user: person.name.clone() };
                (AdminAsked::RemoveTrusts, which, Some(Arc::clone(person)))
            }
            Whose::Everybodys => (AdminAsked::EverybodysTrusts, Which::Everybodys, None),
            // The button is not there: those who fit may be others by the time it is pressed.
            Whose::Fitting(_) => return Err(office.puzzled()),
        },
        _ => return Err(office.puzzled()),
    };
    let about = owner.as_ref().map_or(EVERYBODY, |person| office.about(person));
    office.require(Action::RevokeTrust, about)?;
    let target = with_name("admin/trusts?user=", &place::query(office.visit, "user").unwrap_or_default());
    if !form.is_ticked("sure") {
        let fields = ["action", "id"].map(|name| (name, form.text(name).to_owned()));
        let page = AdminConfirm {
            frame: office.frame(),
            desk: office.desk(AdminRoom::Trusts, Vec::new()),
            asked,
            name: owner.as_ref().map(|person| person.display_name.clone()).unwrap_or_default(),
            target: target.clone(),
            back: target,
            fields: fields.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            reason: None,
            afterwards: None,
        };
        return Ok(Answer::page(StatusCode::OK, page.render()));
    }
    match office.order(Action::RevokeTrust, about, Request::TrustRevoke(which)).await? {
        Ok(_) => Ok(office.done(&target, AdminDone::TrustsRemoved)),
        Err(errors) => page(office, errors).await,
    }
}

/// Everybody includes administrators, whom only `security` may touch.
const EVERYBODY: About<'static> = About::Person { groups: &[], holds_role: true, is_self: false };

fn whose(office: &Office<'_>) -> Whose {
    match place::query(office.visit, "user").as_deref().map(str::trim) {
        None | Some("") => Whose::Everybodys,
        Some(name) => {
            let found = office.visit.directory().find(name);
            let seen = found.filter(|person| office.may(Action::SeeTrusts, office.about(person)));
            seen.map_or_else(|| Whose::Fitting(fold_login(name)), Whose::Of)
        }
    }
}

/// The trusts that this administrator sees, newest first, with their owners.
async fn lines(office: &Office<'_>, whose: &Whose) -> Result<Vec<(TrustLine, Arc<Person>)>, Halt> {
    let user = match whose {
        Whose::Everybodys | Whose::Fitting(_) => None,
        Whose::Of(person) => Some(person.name.clone()),
    };
    let told = office.order(Action::SeeTrusts, About::Everything, Request::TrustList { user }).await?;
    let Ok(Told::Trusts(lines)) = told else { return Err(office.busy()) };
    let people = office.visit.directory();
    let owned = lines.into_iter().filter_map(|line| {
        let owner = people.find(&line.user)?;
        let is_seen = office.may(Action::SeeTrusts, office.about(&owner)) && fits(whose, &line, &owner);
        is_seen.then_some((line, owner))
    });
    Ok(owned.collect())
}

fn fits(whose: &Whose, line: &TrustLine, owner: &Person) -> bool {
    let Whose::Fitting(text) = whose else { return true };
    let told = [Some(&owner.name), Some(&owner.display_name), owner.email.as_ref(), Some(&line.what)];
    told.into_iter().flatten().any(|told| fold_login(told).contains(text.as_str()))
}

async fn page(office: &Office<'_>, errors: Vec<AdminError>) -> Result<Answer, Halt> {
    let whose = whose(office);
    let all = lines(office, &whose).await?;
    let number = place::query(office.visit, "page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
    let total = all.len();
    let first = number.saturating_mul(PAGE);
    let rows = all.into_iter().skip(first).take(PAGE).map(|(line, owner)| {
        let removable = office.may(Action::RevokeTrust, office.about(&owner));
        let row = AdminTrustRow {
            id: line.id.to_string(),
            person: owner.name.clone(),
            what: line.what,
            is_address: line.kind == TrustKind::Address,
            granted: line.granted.0,
            last_used: line.last_used.0,
            ends: line.expires.map(|ends| ends.0),
        };
        (row, removable)
    });
    let about = match &whose {
        Whose::Of(person) => office.about(person),
        Whose::Everybodys | Whose::Fitting(_) => EVERYBODY,
    };
    let is_search = matches!(whose, Whose::Fitting(_));
    let status = status_of(&errors);
    let page = AdminTrusts {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Trusts, errors),
        user: place::query(office.visit, "user").unwrap_or_default(),
        total,
        rows: rows.collect(),
        next: (first.saturating_add(PAGE) < total).then(|| number + 1),
        is_later: number > 0,
        may_remove_all: total > 1 && !is_search && office.may(Action::RevokeTrust, about),
        is_search,
    };
    Ok(Answer::page(status, page.render()))
}
