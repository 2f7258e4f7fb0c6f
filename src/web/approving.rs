//! Approvals on the authenticator page's side: it proves that it holds its key, is told what is asked, and answers.
//!
//! A page that says yes moves no sign-in on: only the browser that asked can collect that. A page that says no ends the sign-in.
//! The messages are in `docs/authenticator.md`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    asking::offers,
    browser::Browser,
    codes::{Judged, counted},
    events::factor_event,
    fault::Fault,
    form::Form,
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        approval::{Approval, Decision, MatchNumber, Page, Said},
        audit::{AuditKind, AuditOutcome},
        factor::{CodeVerdict, Method},
        token::{RecordId, Token},
    },
    factor::approval::{Ground, answer_text, is_signed, requests_text},
    page::view::ProblemKind,
    store::Stored,
};

/// Puts a question to a page: what it signs next must hold it.
pub(super) async fn question(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    if !offers(visit, Method::Approval) {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    Ok(match page_of(visit, form).await? {
        Some(page) => told(StatusCode::OK, &with_question(visit, &page, json!({}))),
        None => unlinked(),
    })
}

/// Tells a page what waits for its answer.
pub(super) async fn requests(visit: &Visit, form: &Form) -> Result<Answer, Fault> {
    let Some(page) = page_of(visit, form).await? else { return Ok(unlinked()) };
    if !holds_question(visit, &page, form) || !has_signed(visit, &page, form, requests_text) {
        return Ok(unproven());
    }
    let request = waiting(visit, &page).await?.map(|approval| {
        json!({
            "id": approval.id,
            "portal": approval.portal,
            "title": visit.portal().title,
            "agent": approval.agent,
            "address": approval.address,
            "asked": approval.asked_at.unix(),
            "lasts": visit.now.until(approval.ends_at()).as_secs(),
        })
    });
    Ok(told(StatusCode::OK, &with_question(visit, &page, json!({ "request": request }))))
}

/// Takes a page's answer.
pub(super) async fn answer(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let Some(page) = page_of(visit, form).await? else { return Ok(unlinked()) };
    let Some(said) = said(form) else { return Ok(told(StatusCode::UNPROCESSABLE_ENTITY, &json!({}))) };
    if !holds_question(visit, &page, form) {
        return Ok(unproven());
    }
    let asked = waiting(visit, &page).await?.filter(|asked| asked.id.as_str() == form.text("id"));
    let Some(asked) = asked else {
        return Ok(told(StatusCode::OK, &with_question(visit, &page, json!({ "state": "over" }))));
    };
    if !has_signed(visit, &page, form, |ground| answer_text(ground, &asked, said)) {
        return Ok(unproven());
    }
    let Some(decision) = settle(visit, browser, &asked, said).await? else {
        return Ok(told(StatusCode::TOO_MANY_REQUESTS, &json!({})));
    };
    let state = decision.map_or("over", Decision::name);
    Ok(told(StatusCode::OK, &with_question(visit, &page, json!({ "state": state }))))
}

/// Decides what was asked, once. `Some(None)`: somebody was faster; `None`: too much was wrong before, nothing is decided.
async fn settle(
    visit: &Visit,
    browser: &Browser,
    asked: &Approval,
    said: Said,
) -> Result<Option<Option<Decision>>, Fault> {
    let (services, decision) = (&visit.services, asked.decide(said));
    let decide = || services.store.approvals().decide_approval(&asked.id, decision, visit.now);
    let told = |detail| {
        let (kind, outcome) = (AuditKind::SecondFactor, AuditOutcome::Failure);
        factor_event(visit, browser, kind, outcome, &asked.person, Method::Approval.name())
            .with_detail(detail)
    };
    if decision == Decision::Refused {
        if !decide().await? {
            return Ok(Some(None));
        }
        // Whoever asked has the password, and is not the owner: from the start, if at all.
        services.store.logins().take_login(&asked.login).await?;
        services.record(told("refused on the authenticator page: it is somebody else")).await;
        return Ok(Some(Some(decision)));
    }
    // A number is a secret to guess at like a code, and counts in the same gate.
    let mut is_decided = false;
    let check = async {
        is_decided = decide().await?;
        let is_right = is_decided && decision == Decision::Approved;
        Ok(if is_right { CodeVerdict::Right { method: Method::Approval } } else { CodeVerdict::Wrong })
    };
    match counted(visit, &asked.person, check).await? {
        Judged::Wait(until) => {
            let whom = asked.person.as_str();
            let mut event = told("on the authenticator page");
            event.outcome = AuditOutcome::Throttled;
            services.record_refusal(event, whom, until).await;
            Ok(None)
        }
        Judged::Verdict(_) if !is_decided => Ok(Some(None)),
        Judged::Verdict(_) => {
            if decision == Decision::WrongNumber {
                services.metrics.wrong_secrets.increment(1);
                services.record(told("wrong number on the authenticator page")).await;
            }
            Ok(Some(Some(decision)))
        }
    }
}

/// What waits for this page, of a sign-in that is still under way.
async fn waiting(visit: &Visit, page: &Page) -> Stored<Option<Approval>> {
    let store = &visit.services.store;
    let asked = store.approvals().recall_approval(&page.person).await?;
    let Some(asked) = asked.filter(|asked| asked.awaits(page, visit.now)) else { return Ok(None) };
    let login = store.logins().recall_login(&asked.login).await?;
    Ok(login.is_some_and(|login| visit.now < login.ends_at).then_some(asked))
}

/// The page that a form names, if it lives here.
async fn page_of(visit: &Visit, form: &Form) -> Stored<Option<Page>> {
    if !offers(visit, Method::Approval) {
        return Ok(None);
    }
    let app = RecordId::from_text(form.text("app"));
    let page = visit.services.store.approvals().find_page(&app).await?;
    Ok(page.filter(|page| page.key.portal == visit.portal().name))
}

fn said(form: &Form) -> Option<Said> {
    match form.text("decision") {
        "approve" => MatchNumber::read(form.text("number")).map(Said::Approve),
        "refuse" => Some(Said::NotMe),
        _ => None,
    }
}

/// Whether the form holds the question that was put to this page. It is used up.
fn holds_question(visit: &Visit, page: &Page, form: &Form) -> bool {
    Token::parse(form.text("question"))
        .is_some_and(|question| visit.services.questions.take(&page.app, &question.hash(), visit.now))
}

fn has_signed(visit: &Visit, page: &Page, form: &Form, text: impl FnOnce(Ground<'_>) -> String) -> bool {
    let Ok(signature) = data_encoding::BASE64URL_NOPAD.decode(form.text("signature").as_bytes()) else {
        return false;
    };
    let ground = Ground { host: &visit.facts.authority, app: &page.app, question: form.text("question") };
    is_signed(&page.key.signer, &text(ground), &signature)
}

fn with_question(visit: &Visit, page: &Page, mut body: Value) -> Value {
    let question = visit.services.draw_token();
    visit.services.questions.keep(&page.app, question.hash(), visit.now);
    body["question"] = Value::from(question.reveal());
    body
}

fn told(status: StatusCode, body: &Value) -> Answer {
    Answer::json(status, body.to_string())
}

/// The app is gone, or was never here.
fn unlinked() -> Answer {
    told(StatusCode::GONE, &json!({}))
}

/// The question is not the one that waits, or the signature is not the page's: ask for a question again.
fn unproven() -> Answer {
    told(StatusCode::FORBIDDEN, &json!({}))
}
