//! Signing out, here and everywhere.
//!
//! Here ends this session and keeps what this browser may remember; everywhere ends every session and every trust. Both are
//! true at once in memory, even while the store does not answer.

use http::StatusCode;

use super::{
    accounts,
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame,
    pending::{self, Found},
    place,
    problem::problem,
    resend,
    respond::Answer,
    trust,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::Person,
    },
    page::view::{Logout, ProblemKind, SignedOut},
    store::{StoreFault, hot::LiveSession},
};

/// What the address says where a sign-in may go on at the portal that holds them.
const ALONE: &str = "alone";

/// Asks where to sign out, or says that nobody is signed in any more.
pub(super) fn show(visit: &Visit, browser: &Browser) -> Answer {
    let return_to = place::return_to(visit);
    let (csrf, cookie) = browser.form_token(visit);
    let done = place::query(visit, "done");
    let everywhere = done.as_deref() == Some("everywhere");
    let home =
        visit.runtime.settings.home_of(&visit.portal().name).filter(|_| done.as_deref() == Some(ALONE));
    let own_path = match (everywhere, home) {
        (true, _) => format!("{}&done=everywhere", visit.link("logout", &return_to)),
        (false, Some(_)) => format!("{}&done={ALONE}", visit.link("logout", &return_to)),
        (false, None) => visit.link("logout", &return_to),
    };
    let frame = frame(visit, browser, own_path, csrf);
    let return_to = return_to.as_str().to_owned();
    let html = match visit.live {
        Some(_) => Logout { frame, return_to }.render(),
        None => {
            let others = accounts::any(visit, browser);
            let logout = |home| format!("{}{}", visit.origin_of(home), visit.own("logout"));
            let home = home.map(|home| (home.title.clone(), logout(home)));
            SignedOut { frame, everywhere, others, home, return_to }.render()
        }
    };
    Answer::page(StatusCode::OK, html).with_cookie(cookie)
}

/// Signs out.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let return_to = ReturnTo::read(form.text("return_to"));
    let (Some(person), Some(live)) = (visit.person(), &visit.live) else {
        return abandon(visit, browser, form, &return_to).await;
    };
    if !browser.admits(form) {
        return Ok(problem(visit, browser, ProblemKind::FormRefused));
    }
    match form.text("scope") {
        "everywhere" => everywhere(visit, browser, person, &return_to).await,
        _ => here(visit, browser, person, live, &return_to).await,
    }
}

/// "Not you?" in the middle of a sign-in: it is over, and somebody else may begin.
async fn abandon(
    visit: &Visit,
    browser: &Browser,
    form: &Form,
    return_to: &ReturnTo,
) -> Result<Answer, Fault> {
    if browser.admits(form)
        && let Found::Ready(_) | Found::Over(_) = pending::take(visit, browser).await?
    {
        let answer = Answer::go_to(visit.link("login", return_to));
        return Ok(answer.with_cookie(cookie::clear(cookie::LOGIN)));
    }
    Ok(Answer::go_to(visit.link("logout", return_to)))
}

/// Ends this session. The device stays remembered.
async fn here(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
    live: &LiveSession,
    return_to: &ReturnTo,
) -> Result<Answer, Fault> {
    let kept = resend::forget(visit, browser).await;
    let ended = visit.services.store.sign_out(live).await;
    let signed_out = event(visit, browser, AuditKind::SignOut, AuditOutcome::Success, &person.id);
    visit.services.record(signed_out.with_detail("here")).await;
    // What was handed over has ended where it came from. What began here has nothing to do with a sign-in there.
    let has_home = live.home().is_none() && visit.runtime.settings.home_of(&visit.portal().name).is_some();
    let done = if has_home { ALONE } else { "here" };
    let done = format!("{}&done={done}", visit.link("logout", return_to));
    Ok(closed(visit, browser, ended, done).with_cookie(kept))
}

/// Ends every session and every trust of this person.
pub(super) async fn everywhere(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
    return_to: &ReturnTo,
) -> Result<Answer, Fault> {
    let devices = trust::without_devices_of(visit, browser, person).await;
    let kept = resend::forget(visit, browser).await;
    let ended = visit.services.store.sign_out_everywhere(&person.id).await.map(|_| ());
    let signed_out = event(visit, browser, AuditKind::SignOut, AuditOutcome::Success, &person.id);
    visit.services.record(signed_out.with_detail("everywhere")).await;
    let done = format!("{}&done=everywhere", visit.link("logout", return_to));
    let cookie = match devices {
        Ok((others, Some(_))) => Some(cookie::set_devices(&others, trust::device_span(visit))),
        Ok((_, None)) | Err(_) => None,
    };
    Ok(closed(visit, browser, ended, done).with_cookie(kept).with_cookie(cookie))
}

/// The answer once the session is closed in memory, whatever the store said. The browser forgets it in any case.
fn closed(visit: &Visit, browser: &Browser, ended: Result<(), StoreFault>, done: String) -> Answer {
    let answer = match ended {
        Ok(()) => Answer::go_to(done),
        Err(fault) => {
            Fault::from(fault).log();
            problem(visit, browser, ProblemKind::Unavailable)
        }
    };
    answer.with_cookies([cookie::clear(cookie::SESSION), cookie::clear(cookie::LOGIN)])
}
