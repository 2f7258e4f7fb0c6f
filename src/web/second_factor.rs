//! A code after the password. One of the three places that tell `domain::login` of a passed factor.
//!
//! A sign-in is taken out of the store before its code is checked and put back under a new token if it may go on: of ten
//! answers at once, one is judged. Tries are counted per sign-in by the sign-in, and per person by the store.

use http::StatusCode;

use super::{
    admit::{Admitted, admit},
    browser::Browser,
    codes::{Judged, judge},
    cookie,
    events::factor_event,
    fault::Fault,
    form::Form,
    frame::frame_for,
    login,
    pending::{self, Found, Pending},
    place,
    problem::problem,
    respond::Answer,
    trust::{self, Ticked},
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{CodeVerdict, Method},
        facts::ReturnTo,
        login::{Over, Stage, Step, Waiver},
        standing::{Known, Second, Standing},
        time::{Timestamp, minutes},
    },
    page::view::{self, CodeError, LoginError, ProblemKind},
};

/// For how many minutes a code that was given opens what needs a fresh one.
const FRESH_MINUTES: u64 = 15;
/// From this many tries left on, the page says how many.
const FEW_TRIES: u32 = 2;

/// Whether this visitor gave a code within the last minutes.
pub(super) fn is_fresh(known: &Known, now: Timestamp) -> bool {
    match known.second {
        Second::Passed { at, .. } => now < at.after(minutes(FRESH_MINUTES)),
        Second::Missing | Second::TrustedDevice(_) | Second::TrustedAddress(_) => false,
    }
}

/// Whether this visitor gave the password within the last minutes.
pub(super) fn is_recent(known: &Known, now: Timestamp) -> bool {
    now < known.since.after(minutes(FRESH_MINUTES))
}

/// Asks for a code: of somebody whose password was right, or of somebody signed in who owes one.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let wanted = place::return_to(visit);
    match pending::look(visit, browser).await? {
        Found::Ready(pending) if continues(&pending, &wanted) => {
            return Ok(match pending.login.stage {
                Stage::Code => ask(visit, browser, &pending, chosen_method(visit), Problem::none()).await?,
                Stage::Enrol { .. } => Answer::go_to(visit.link("enrol", &pending.login.return_to)),
            });
        }
        Found::Over(over) if visit.live.is_none() => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Ready(_) | Found::Over(_) | Found::Nothing => {}
    }
    let (Standing::Known(known), Some(live)) = (&visit.standing, &visit.live) else {
        return Ok(Answer::go_to(visit.link("login", &wanted)));
    };
    if is_fresh(known, visit.now) {
        return Ok(Answer::go_to(wanted.as_str()));
    }
    if !live.account().is_enrolled() {
        return Ok(Answer::go_to(visit.link("enrol", &wanted)));
    }
    let (pending, cookie) = pending::strengthen(visit, known, live, wanted, Stage::Code).await?;
    let page = ask(visit, browser, &pending, chosen_method(visit), Problem::none()).await?;
    Ok(page.with_cookie(cookie))
}

/// Whether a visit that wants to go to `wanted` is about this sign-in. One that began with the password keeps its own
/// destination; one that strengthens a session is begun anew for another.
pub(super) fn continues(pending: &Pending, wanted: &ReturnTo) -> bool {
    pending.login.replaces.is_none() || pending.login.return_to == *wanted
}

/// Takes a code.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let (method, ticked) = (read_method(form.text("method")), Ticked::read(form));
    if !browser.admits(form) {
        return match pending::look(visit, browser).await? {
            Found::Ready(pending) => {
                let problem = Problem { error: Some(CodeError::FormExpired), ticked };
                ask(visit, browser, &pending, method, problem).await
            }
            Found::Over(_) | Found::Nothing => {
                Ok(login::page(visit, browser, &wanted, "", Some(LoginError::FormExpired)))
            }
        };
    }
    let Pending { mut login, person, token } = match pending::take(visit, browser).await? {
        Found::Ready(pending) => *pending,
        Found::Over(over) => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Nothing => return Ok(start_again(visit, browser, &wanted, Over::Expired)),
    };
    if let Stage::Enrol { .. } = login.stage {
        // A code cannot stand in for linking an app: back to where this sign-in is.
        visit.services.store.logins().begin_login(&login).await?;
        return Ok(Answer::go_to(visit.link("enrol", &login.return_to)));
    }

    let told =
        |outcome| factor_event(visit, browser, AuditKind::SecondFactor, outcome, &person.id, method.name());
    let verdict = match judge(visit, &person.id, method, form.text("code")).await? {
        Judged::Verdict(verdict) => login.discreet(verdict),
        Judged::Wait(until) => {
            // The sign-in stays taken: guessing goes on only from the password.
            visit.services.record(told(AuditOutcome::Throttled)).await;
            return Ok(too_many(visit, browser, &login.return_to, Some(until)));
        }
    };
    match &verdict {
        CodeVerdict::Right { .. } => visit.services.record(told(AuditOutcome::Success)).await,
        CodeVerdict::Malformed => {}
        CodeVerdict::AlreadyUsed | CodeVerdict::ClockOff { .. } | CodeVerdict::Wrong => {
            visit.services.metrics.wrong_secrets.increment(1);
            visit.services.record(told(AuditOutcome::Failure)).await;
        }
    }
    let return_to = login.return_to.clone();
    let ticked = trust::counting(visit, &login, ticked);
    let next = visit.services.draw_token();
    match login.answer(&verdict, next.hash(), visit.now) {
        Step::Finish(grant) => {
            let Admitted { return_to, cookies } =
                admit(visit, browser, grant, &Waiver::Nothing, ticked).await?;
            Ok(Answer::go_to(return_to.as_str()).with_cookies(cookies))
        }
        Step::Ask(login) => {
            visit.services.store.logins().begin_login(&login).await?;
            let is_renewed = login.hash == next.hash();
            let token = if is_renewed { next } else { token };
            let cookie = is_renewed.then(|| cookie::set_login(&token));
            let problem = Problem { error: error_of(&verdict), ticked };
            let pending = Pending { login, person, token };
            Ok(ask(visit, browser, &pending, method, problem).await?.with_cookie(cookie))
        }
        Step::Over(over) => Ok(start_again(visit, browser, &return_to, over)),
    }
}

/// Why the page is shown again, and what was ticked on it.
#[derive(Clone, Copy)]
pub(super) struct Problem {
    pub(super) error: Option<CodeError>,
    pub(super) ticked: Ticked,
}

impl Problem {
    pub(super) fn none() -> Self {
        Self { error: None, ticked: Ticked::default() }
    }

    pub(super) fn status(self) -> StatusCode {
        match self.error {
            None => StatusCode::OK,
            Some(CodeError::TooManyTries(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(CodeError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Some(CodeError::FormExpired) => StatusCode::FORBIDDEN,
            Some(
                CodeError::Wrong
                | CodeError::AlreadyUsed
                | CodeError::Malformed
                | CodeError::ClockOff(_)
                | CodeError::Expired
                | CodeError::SetupExpired,
            ) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// What a verdict reads like on the page.
pub(super) fn error_of(verdict: &CodeVerdict) -> Option<CodeError> {
    match verdict {
        CodeVerdict::Right { .. } => None,
        CodeVerdict::AlreadyUsed => Some(CodeError::AlreadyUsed),
        CodeVerdict::ClockOff { minutes, .. } => {
            Some(CodeError::ClockOff(u32::try_from(minutes.unsigned_abs()).unwrap_or(u32::MAX)))
        }
        CodeVerdict::Malformed => Some(CodeError::Malformed),
        CodeVerdict::Wrong => Some(CodeError::Wrong),
    }
}

/// How many tries are left, once it is worth saying.
pub(super) fn few_left(pending: &Pending, problem: Problem) -> Option<u32> {
    let left = pending.login.tries_left();
    (problem.error.is_some() && left <= FEW_TRIES).then_some(left)
}

async fn ask(
    visit: &Visit,
    browser: &Browser,
    pending: &Pending,
    method: Method,
    problem: Problem,
) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let has_codes = account.recovery_left > 0 && offers(visit, Method::Recovery);
    let method = if has_codes { method } else { Method::Totp };
    let (shown, other, trust) = match method {
        Method::Totp => {
            let other = has_codes.then_some(view::Method::Recovery);
            (view::Method::Totp, other, trust::offer(visit, login, problem.ticked))
        }
        // A recovery code gets people in; it earns no trust.
        Method::Recovery => (view::Method::Recovery, Some(view::Method::Totp), view::TrustOffer::default()),
    };
    let own_path = format!("{}&method={}", visit.link("second-factor", &login.return_to), shown.code());
    let model = view::SecondFactor {
        frame: frame_for(visit, browser, person, own_path, token.form_token()),
        username: person.name.clone(),
        method: shown,
        other_methods: other.into_iter().collect(),
        trust,
        error: problem.error,
        tries_left: few_left(pending, problem),
        return_to: login.return_to.as_str().to_owned(),
    };
    Ok(Answer::page(problem.status(), model.render()))
}

/// A sign-in that is over: back to the password, or for somebody who is in, to where they can try again.
pub(super) fn start_again(visit: &Visit, browser: &Browser, return_to: &ReturnTo, over: Over) -> Answer {
    match (over, visit.live.is_some()) {
        (Over::TooManyTries, _) => too_many(visit, browser, return_to, None),
        (Over::Expired | Over::Outdated, true) => Answer::go_to(visit.link("second-factor", return_to)),
        (Over::Expired | Over::Outdated, false) => {
            login::page(visit, browser, return_to, "", Some(LoginError::Expired))
        }
    }
}

/// Too many codes were wrong: here, or in all sign-ins of this person together.
pub(super) fn too_many(
    visit: &Visit,
    browser: &Browser,
    return_to: &ReturnTo,
    until: Option<Timestamp>,
) -> Answer {
    match visit.live {
        Some(_) => problem(visit, browser, ProblemKind::TooManyRequests(until)),
        None => login::page(visit, browser, return_to, "", Some(LoginError::TooManyTries(until))),
    }
}

/// Whether the file lets this method be asked.
pub(super) fn offers(visit: &Visit, method: Method) -> bool {
    visit.runtime.settings.second_factor.methods.contains(&method)
}

fn chosen_method(visit: &Visit) -> Method {
    read_method(&place::query(visit, "method").unwrap_or_default())
}

fn read_method(text: &str) -> Method {
    Method::from_name(text).unwrap_or(Method::Totp)
}
