//! Asking administrators for access to a page that the rules refuse. The request opens nothing; its reference can be read out.

use http::{StatusCode, uri::PathAndQuery};

use super::{
    browser::Browser, events::event, fault::Fault, form::Form, frame::frame, place, problem::problem,
    respond::Answer, step_up, visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        help::{HELP_DAYS, HelpRequest, Wish, draw_reference},
        path::NormalPath,
        policy::{Outcome, Refusal},
        standing::{Known, Second, Standing},
        throttle::{TryVerdict, help_buckets},
        time::days,
    },
    page::view::{AskAccess, Asking, ProblemKind},
};

/// Longer paths are cut: somebody reads them.
const LONGEST_PATH: usize = 500;

/// Whether there are administrators who would see a request.
fn is_offered(visit: &Visit) -> bool {
    visit.runtime.settings.admin.is_some()
}

/// Shows what would be asked for.
pub(super) fn show(visit: &Visit, browser: &Browser) -> Answer {
    match refused(visit, place::return_to(visit)) {
        Ok(asked) => page(visit, browser, &asked, Asking::Now),
        Err(place) => instead(visit, browser, place),
    }
}

fn instead(visit: &Visit, browser: &Browser, place: Option<String>) -> Answer {
    match place {
        Some(place) => Answer::go_to(place),
        None => problem(visit, browser, ProblemKind::NotFound),
    }
}

/// Files the request.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let asked = match refused(visit, ReturnTo::read(form.text("return_to"))) {
        Ok(asked) => asked,
        Err(place) => return Ok(instead(visit, browser, place)),
    };
    if !browser.admits(form) {
        return Ok(problem(visit, browser, ProblemKind::FormRefused));
    }
    let (services, person) = (&visit.services, &asked.known.person.id);
    let told = |outcome| event(visit, browser, AuditKind::HelpAsked, outcome, person);
    let buckets = help_buckets(person);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        services.record_refusal(told(AuditOutcome::Throttled), person.as_str(), until).await;
        return Ok(problem(visit, browser, ProblemKind::TooManyRequests(Some(until))));
    }
    let request = HelpRequest {
        id: services.draw_id(visit.now),
        reference: draw_reference(&*services.entropy),
        person: person.clone(),
        portal: visit.portal().name.clone(),
        wish: Wish::Access { path: asked.path.clone() },
        address: visit.facts.client,
        agent: browser.agent.clone(),
        asked_at: visit.now,
        ends_at: visit.now.after(days(HELP_DAYS)),
        answer: None,
    };
    let filed = services.store.help().file_help(&request, visit.now).await?;
    services.record(told(AuditOutcome::Success).with_detail(format!("access, {}", filed.reference))).await;
    Ok(page(visit, browser, &asked, Asking::Filed(filed.reference)))
}

/// What is refused to whom.
struct Refused<'a> {
    known: &'a Known,
    /// Without its query, which may hold anything.
    path: String,
    return_to: ReturnTo,
}

/// What the rules refuse this visitor, or where they go instead; nowhere, if nobody would see a request.
fn refused(visit: &Visit, return_to: ReturnTo) -> Result<Refused<'_>, Option<String>> {
    if !is_offered(visit) {
        return Err(None);
    }
    let back = ReturnTo::read(&visit.link("access", &return_to));
    let Standing::Known(known) = &visit.standing else {
        return Err(Some(visit.link("login", &back)));
    };
    if known.is_asked_for_second() && known.second == Second::Missing {
        return Err(Some(visit.link("second-factor", &back)));
    }
    let target: Option<PathAndQuery> = return_to.as_str().parse().ok();
    let path = target.and_then(|target| NormalPath::read(&target).ok());
    let is_refused = path.as_ref().is_some_and(|path| {
        let judgement = visit.runtime.settings.policy.judge(step_up::question(visit, path), &visit.standing);
        matches!(judgement.outcome, Outcome::Refuse(Refusal::Rule | Refusal::NoRule))
    });
    if !is_refused {
        return Err(Some(return_to.as_str().to_owned()));
    }
    let path = return_to.as_str().split('?').next().unwrap_or("/");
    let path = path[..path.floor_char_boundary(LONGEST_PATH)].to_owned();
    Ok(Refused { known, path, return_to })
}

fn page(visit: &Visit, browser: &Browser, asked: &Refused<'_>, asking: Asking) -> Answer {
    let (csrf, cookie) = browser.form_token(visit);
    let frame = frame(visit, browser, visit.link("access", &asked.return_to), csrf);
    let return_to = asked.return_to.as_str().to_owned();
    let page = AskAccess { frame, path: asked.path.clone(), return_to, asking };
    Answer::page(StatusCode::OK, page.render()).with_cookie(cookie)
}
