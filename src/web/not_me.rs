//! "Not me": the reader of a notice ends every session and every trust of the person it was sent to.
//!
//! The link changes nothing until its button is pressed, so that mail scanners cannot use it up. It works in any browser and
//! lets nobody in; factors stay, so that whoever reads the mailbox cannot weaken the account. The page names nobody.

use http::StatusCode;

use super::{
    browser::Browser, cookie, events::event, fault::Fault, form::Form, frame::frame, place, respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        notice::NotMe,
        token::Token,
    },
    page::view::{self, Frame},
    store::{Stored, hot::Ended},
};

/// Says what the button will do.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let text = place::query(visit, "token").unwrap_or_default();
    Ok(match find(visit, &text).await? {
        Some((token, not_me)) => page(visit, browser, &token, &not_me, StatusCode::OK),
        None => spent(visit, browser),
    })
}

/// Takes the press of the button.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let Some((token, not_me)) = find(visit, form.text("token")).await? else {
        return Ok(spent(visit, browser));
    };
    if !browser.admits(form) {
        return Ok(page(visit, browser, &token, &not_me, StatusCode::FORBIDDEN));
    }
    let told = |outcome| event(visit, browser, AuditKind::NotMe, outcome, &not_me.person);
    // Of several presses at once, one counts.
    match visit.services.store.disavow(&not_me.person, &not_me.link).await {
        Ok(None) => Ok(spent(visit, browser)),
        Ok(Some(Ended { sessions, trusts })) => {
            let ended = format!("sessions: {sessions}, trusts: {trusts}");
            visit.services.record(told(AuditOutcome::Success).with_detail(ended)).await;
            Ok(done(visit, browser, &not_me))
        }
        Err(fault) => {
            visit.services.record(told(AuditOutcome::Failure).with_detail("ended in memory only")).await;
            Err(fault.into())
        }
    }
}

/// Looks at a link without touching it.
async fn find(visit: &Visit, text: &str) -> Stored<Option<(Token, NotMe)>> {
    let Some(token) = Token::parse(text) else { return Ok(None) };
    let not_me = visit.services.store.notices().recall_not_me(&token.hash()).await?;
    let open = not_me.filter(|not_me| not_me.is_open(&visit.portal().name, visit.now));
    Ok(open.map(|not_me| (token, not_me)))
}

fn page(visit: &Visit, browser: &Browser, token: &Token, not_me: &NotMe, status: StatusCode) -> Answer {
    let (csrf, cookie) = browser.form_token(visit);
    let token = token.reveal();
    let model = view::NotMe {
        frame: frame(visit, browser, format!("{}?token={token}", visit.own("not-me")), csrf),
        token,
        ends: not_me.ends_at,
        is_stale: status != StatusCode::OK,
    };
    Answer::page(status, model.render()).with_cookie(cookie)
}

fn done(visit: &Visit, browser: &Browser, not_me: &NotMe) -> Answer {
    let frame = frame(visit, browser, visit.own("not-me"), String::new());
    let is_own = visit.person().is_some_and(|person| person.id == not_me.person);
    let signed_in_as = frame.signed_in_as.clone().filter(|_| !is_own);
    // The page cannot be asked for again, in no language.
    let model = view::NotMeDone { frame: Frame { switches_language: false, signed_in_as, ..frame } };
    let cookies = is_own.then(|| [cookie::clear(cookie::SESSION), cookie::clear(cookie::LOGIN)]);
    Answer::page(StatusCode::OK, model.render()).with_cookies(cookies.into_iter().flatten())
}

/// One page for links that were used, are over, or never were.
fn spent(visit: &Visit, browser: &Browser) -> Answer {
    let frame = frame(visit, browser, visit.own("account"), String::new());
    Answer::page(StatusCode::GONE, view::NotMeSpent { frame }.render())
}
