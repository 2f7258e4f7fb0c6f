//! Asking administrators for a reset of the second factor: by somebody in the middle of a sign-in, whose password was right
//! and who has no way to go on. It moves nothing: the sign-in waits as before, and what is filed can only be read and answered.

use http::StatusCode;

use super::{
    browser::Browser,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame_for,
    pending::{self, Found, Pending},
    place,
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        help::{HELP_DAYS, HelpRequest, Wish, draw_reference},
        login::{Proof, Stage},
        throttle::{TryVerdict, lost_factor_buckets},
        time::days,
        trust::shared_network,
    },
    page::view::{AskReset, Asking, ProblemKind},
    store::Stored,
};

/// Whether there are administrators who would see a request.
pub(super) fn is_offered(visit: &Visit) -> bool {
    visit.runtime.settings.admin.is_some()
}

/// Says what asking does.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    if !is_offered(visit) {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    let wanted = place::return_to(visit);
    Ok(match waiting(visit, browser).await? {
        Some(pending) => page(visit, browser, &pending, Asking::Now),
        None => Answer::go_to(visit.link("second-factor", &wanted)),
    })
}

/// Files the request, or finds the one that waits.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    if !is_offered(visit) {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    let wanted = ReturnTo::read(form.text("return_to"));
    let Some(pending) = waiting(visit, browser).await? else {
        return Ok(Answer::go_to(visit.link("second-factor", &wanted)));
    };
    if !browser.admits(form) {
        return Ok(problem(visit, browser, ProblemKind::FormRefused));
    }
    let (services, person) = (&visit.services, &pending.person.id);
    let told = |outcome| event(visit, browser, AuditKind::HelpAsked, outcome, person);
    let buckets = lost_factor_buckets(person, visit.facts.client);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        let network = shared_network(visit.facts.client).to_string();
        services.record_refusal(told(AuditOutcome::Throttled), &network, until).await;
        return Ok(problem(visit, browser, ProblemKind::TooManyRequests(Some(until))));
    }
    let request = HelpRequest {
        id: services.draw_id(visit.now),
        reference: draw_reference(&*services.entropy),
        person: person.clone(),
        portal: visit.portal().name.clone(),
        wish: Wish::SecondFactor,
        address: visit.facts.client,
        agent: browser.agent.clone(),
        asked_at: visit.now,
        ends_at: visit.now.after(days(HELP_DAYS)),
        answer: None,
    };
    let filed = services.store.help().file_help(&request, visit.now).await?;
    let detail = format!("{}, {}", Wish::SecondFactor.name(), filed.reference);
    services.record(told(AuditOutcome::Success).with_detail(detail)).await;
    Ok(page(visit, browser, &pending, Asking::Filed(filed.reference)))
}

/// The sign-in under way in this browser, if it waits for a code.
async fn waiting(visit: &Visit, browser: &Browser) -> Stored<Option<Pending>> {
    Ok(match pending::look(visit, browser).await? {
        Found::Ready(pending) if waits_for_code(&pending.login.stage) => Some(*pending),
        Found::Ready(_) | Found::Over(_) | Found::Nothing => None,
    })
}

/// Whether a page with a code field shows this stage that somebody may be unable to fill.
const fn waits_for_code(stage: &Stage) -> bool {
    match stage {
        Stage::Code | Stage::Enrol { proof: Proof::AppAndSent, .. } => true,
        Stage::Enrol { proof: Proof::App | Proof::AppAfterGlass, .. } | Stage::Contact => false,
    }
}

fn page(visit: &Visit, browser: &Browser, pending: &Pending, asking: Asking) -> Answer {
    let Pending { login, person, token } = pending;
    let own_path = visit.link("help", &login.return_to);
    let page = AskReset {
        frame: frame_for(visit, browser, person, own_path, token.form_token()),
        username: person.name.clone(),
        return_to: login.return_to.as_str().to_owned(),
        asking,
    };
    Answer::page(StatusCode::OK, page.render())
}
