//! Several accounts in one browser: one is in use, the others are parked until somebody takes them up again or they end.
//!
//! A parked session is an ordinary one whose token waits in a second cookie: it keeps its own end and idle time, and whatever
//! would have ended it does. Nothing is told of one that is over. No account is ever taken up but by the press of a button.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};

use super::{
    browser::Browser, cookie, events::event, fault::Fault, form::Form, frame::frame, place, problem::problem,
    resend, respond::Answer, visit::Visit,
};
use crate::{
    config::settings::Unlock,
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::{Person, UserId},
        token::Token,
    },
    page::view::{AccountRow, Accounts, ProblemKind},
    store::{Stored, hot::LiveSession},
};

/// A session that waits in this browser.
struct Parked {
    token: Token,
    live: Arc<LiveSession>,
    person: Arc<Person>,
}

/// Those that are still good here, oldest first.
fn parked(visit: &Visit, browser: &Browser) -> Vec<Parked> {
    let tokens = browser.parked.iter().filter(|token| Some(*token) != browser.session.as_ref());
    tokens.filter_map(|token| look(visit, token)).collect()
}

/// As `gateway/recognise` would find it, were it in use.
fn look(visit: &Visit, token: &Token) -> Option<Parked> {
    let store = &visit.services.store;
    let live = store.find(&token.hash(), &visit.portal().name, visit.now)?;
    let session = live.session();
    let person = visit.runtime.directory(store).get(&session.person).filter(|person| !person.is_barred())?;
    let home = || visit.runtime.settings.home_name_of(&visit.portal().name);
    if !live.is_live(visit.now, &person.credential) || !live.is_handed_from(home) {
        return None;
    }
    let trust = &visit.runtime.settings.trust;
    let has_device = || live.waiving_device(visit.now, &person.credential, trust.device?).map(|_| ());
    if session.leans_on_device() && (has_device().is_none() || !trust.unlock.contains(&Unlock::Pin)) {
        return None;
    }
    Some(Parked { token: token.clone(), live, person })
}

/// Whether another account could be taken up here.
pub(super) fn any(visit: &Visit, browser: &Browser) -> bool {
    !parked(visit, browser).is_empty()
}

/// Shows the accounts of this browser.
pub(super) fn show(visit: &Visit, browser: &Browser) -> Answer {
    let return_to = place::return_to(visit);
    let (csrf, cookie) = browser.form_token(visit);
    let frame = frame(visit, browser, visit.link("accounts", &return_to), csrf);
    let own = visit.person().map(|person| person.display_name.clone());
    let rows = parked(visit, browser)
        .into_iter()
        .map(|parked| AccountRow {
            id: parked.live.session().id.to_string(),
            name: parked.person.display_name.clone(),
        })
        .collect();
    let page = Accounts { frame, own, rows, return_to: return_to.as_str().to_owned() };
    Answer::page(StatusCode::OK, page.render()).with_cookie(cookie)
}

/// Parks the account in use, takes another one up, or ends them all.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    if !browser.admits(form) {
        return Ok(problem(visit, browser, ProblemKind::FormRefused));
    }
    let return_to = ReturnTo::read(form.text("return_to"));
    match form.text("action") {
        "another" => another(visit, browser, &return_to).await,
        "switch" => switch(visit, browser, form.text("id"), &return_to).await,
        "sign_out_all" => sign_out_all(visit, browser, &return_to).await,
        _ => Ok(problem(visit, browser, ProblemKind::BadRequest)),
    }
}

/// The account in use waits, and somebody else may sign in: in place, since the portal that holds the sign-in would name the
/// same person again.
async fn another(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Result<Answer, Fault> {
    let waiting = park(visit, browser, parked(visit, browser)).await?;
    if let Some(person) = visit.person() {
        let told = event(visit, browser, AuditKind::AccountSwitched, AuditOutcome::Success, &person.id);
        visit.services.record(told.with_detail("parked")).await;
    }
    let place = format!("{}&here=1", visit.link("login", return_to));
    let cookies =
        [cookie::set_parked(&waiting), cookie::clear(cookie::SESSION), cookie::clear(cookie::LOGIN)];
    Ok(Answer::go_to(place).with_cookies(cookies))
}

async fn switch(visit: &Visit, browser: &Browser, id: &str, return_to: &ReturnTo) -> Result<Answer, Fault> {
    let mut others = parked(visit, browser);
    // It may have ended since the page was drawn: then the page says what is left.
    let Some(at) = others.iter().position(|parked| parked.live.session().id.as_str() == id) else {
        return Ok(Answer::go_to(visit.link("accounts", return_to)));
    };
    let chosen = others.remove(at);
    let waiting = park(visit, browser, others).await?;
    let told = event(visit, browser, AuditKind::AccountSwitched, AuditOutcome::Success, &chosen.person.id);
    visit.services.record(told.with_detail("taken up")).await;
    let cookies = [
        cookie::set_parked(&waiting),
        cookie::set_session(&chosen.token),
        // A sign-in under way was somebody else's.
        cookie::clear(cookie::LOGIN),
        cookie::clear(cookie::HERE),
    ];
    Ok(Answer::go_to(visit.destination(return_to.clone()).as_str()).with_cookies(cookies))
}

async fn sign_out_all(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Result<Answer, Fault> {
    let own = visit.live.iter().cloned();
    let all: Vec<_> = own.chain(parked(visit, browser).into_iter().map(|parked| parked.live)).collect();
    let mut failed = None;
    for live in all {
        if let Err(fault) = visit.services.store.sign_out(&live).await {
            failed = Some(fault);
        }
        let person = &live.session().person;
        let told = event(visit, browser, AuditKind::SignOut, AuditOutcome::Success, person);
        visit.services.record(told.with_detail("here, with all accounts")).await;
    }
    let answer = match failed {
        None => Answer::go_to(format!("{}&done=here", visit.link("logout", return_to))),
        // Closed in memory already; the store is told when it answers again.
        Some(fault) => {
            Fault::from(fault).log();
            problem(visit, browser, ProblemKind::Unavailable)
        }
    };
    let gone = [cookie::PARKED, cookie::SESSION, cookie::LOGIN].map(cookie::clear);
    Ok(answer.with_cookies(gone).with_cookie(resend::forget(visit, browser).await))
}

/// The tokens that wait once the account in use does, too. One more than there is room for ends.
async fn park(visit: &Visit, browser: &Browser, others: Vec<Parked>) -> Stored<Vec<Token>> {
    let own = browser.session.as_ref().filter(|_| visit.live.is_some());
    let person = visit.person().map(|person| person.id.clone());
    let (same, mut others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|parked| Some(&parked.person.id) == person.as_ref());
    let room = cookie::MOST_PARKED - usize::from(own.is_some());
    let too_many = others.len().saturating_sub(room);
    let ended: Vec<_> = others.drain(..too_many).chain(same).collect();
    for parked in &ended {
        visit.services.store.supersede(&parked.live).await?;
    }
    Ok(others.into_iter().map(|parked| parked.token).chain(own.cloned()).collect())
}

/// What waits once `person` has signed in here anew: a session of the same person does not. Nothing to set if none did.
pub(super) async fn after_sign_in(
    visit: &Visit,
    browser: &Browser,
    person: &UserId,
) -> Stored<Option<HeaderValue>> {
    let (same, others): (Vec<_>, Vec<_>) =
        parked(visit, browser).into_iter().partition(|parked| parked.person.id == *person);
    if same.is_empty() {
        return Ok(None);
    }
    for parked in &same {
        visit.services.store.supersede(&parked.live).await?;
    }
    let waiting: Vec<_> = others.into_iter().map(|parked| parked.token).collect();
    Ok(Some(cookie::set_parked(&waiting)))
}
