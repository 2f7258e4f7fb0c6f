//! A code after the password. One of the three places that tell `domain::login` of a passed factor.
//!
//! A sign-in is taken out of the store before its code is checked and put back under a new token if it may go on: of ten
//! answers at once, one is judged. Tries are counted per sign-in by the sign-in, and per person by the store.

use super::{
    admit::{Admitted, admit},
    asking::{Slip, continues, error_of, few_left, is_fresh, offers, start_again, too_many},
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
        standing::Standing,
    },
    page::view::{self, CodeError, LoginError},
};

/// Asks for a code: of somebody whose password was right, or of somebody signed in who owes one.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let wanted = place::return_to(visit);
    match pending::look(visit, browser).await? {
        Found::Ready(pending) if continues(&pending, &wanted) => {
            return Ok(match pending.login.stage {
                Stage::Code => ask(visit, browser, &pending, chosen_method(visit), Slip::none()).await?,
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
    let page = ask(visit, browser, &pending, chosen_method(visit), Slip::none()).await?;
    Ok(page.with_cookie(cookie))
}

/// Takes a code.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let (method, ticked) = (read_method(form.text("method")), Ticked::read(form));
    if !browser.admits(form) {
        return match pending::look(visit, browser).await? {
            Found::Ready(pending) => {
                let slip = Slip { error: Some(CodeError::FormExpired), ticked };
                ask(visit, browser, &pending, method, slip).await
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
            visit.services.record_refusal(told(AuditOutcome::Throttled), person.id.as_str(), until).await;
            return Ok(too_many(visit, browser, &login.return_to, Some(until)));
        }
    };
    match &verdict {
        CodeVerdict::Right { .. } => visit.services.record(told(AuditOutcome::Success)).await,
        CodeVerdict::Malformed | CodeVerdict::Lapsed => {}
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
            let slip = Slip { error: error_of(&verdict), ticked };
            let pending = Pending { login, person, token };
            Ok(ask(visit, browser, &pending, method, slip).await?.with_cookie(cookie))
        }
        Step::Over(over) => Ok(start_again(visit, browser, &return_to, over)),
    }
}

async fn ask(
    visit: &Visit,
    browser: &Browser,
    pending: &Pending,
    method: Method,
    slip: Slip,
) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let has_codes = account.recovery_left > 0 && offers(visit, Method::Recovery);
    let method = if has_codes { method } else { Method::Totp };
    let (shown, other, trust) = match method {
        // Neither a passkey nor a provider has a code to type.
        Method::Totp | Method::Passkey | Method::Provider | Method::Email | Method::Sms => {
            let other = has_codes.then_some(view::Method::Recovery);
            (view::Method::Totp, other, trust::offer(visit, login, slip.ticked))
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
        error: slip.error,
        tries_left: few_left(pending, slip),
        return_to: login.return_to.as_str().to_owned(),
    };
    Ok(Answer::page(slip.status(), model.render()))
}

fn chosen_method(visit: &Visit) -> Method {
    read_method(&place::query(visit, "method").unwrap_or_default())
}

fn read_method(text: &str) -> Method {
    Method::from_name(text).unwrap_or(Method::Totp)
}
