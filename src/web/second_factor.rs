//! A code after the password. One of the places that tell `domain::login` of a passed factor.
//!
//! A sign-in is taken out of the store before its code is checked and put back under a new token if it may go on: of ten
//! answers at once, one is judged. Tries are counted per sign-in by the sign-in, and per person by the store.

use std::time::Duration;

use super::{
    admit::{Admitted, admit},
    approval,
    asking::{Slip, continues, error_of, few_left, is_fresh, offers, start_again, too_many},
    browser::Browser,
    codes::{Judged, judge, judge_recovery, judge_sent},
    cookie,
    events::factor_event,
    fault::Fault,
    form::Form,
    frame::frame_for,
    glass, help, login, passkey,
    pending::{self, Found, Pending},
    pin, place,
    problem::problem,
    respond::Answer,
    sending, step_up,
    trust::{self, Ticked},
    visit::Visit,
    ways::{first_stage, page_of, ways},
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{CodeVerdict, Method},
        facts::ReturnTo,
        login::{Login, Over, Stage, Step, Waiver},
        sent_code::masked,
        standing::Standing,
    },
    factor::totp,
    page::{
        letter::Purpose,
        view::{self, ApprovalNote, CodeError, LoginError, ProblemKind},
    },
    store::Stored,
};

/// How soon the page that waits for an approval looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// Asks for a code: of somebody whose password was right, or of somebody signed in who owes one.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let wanted = place::return_to(visit);
    match pending::look(visit, browser).await? {
        Found::Ready(pending) if continues(&pending, &wanted) => {
            return Ok(match &pending.login.stage {
                Stage::Code => ask(visit, browser, &pending, chosen_method(visit), Slip::none()).await?,
                other => Answer::go_to(visit.link(page_of(other), &pending.login.return_to)),
            });
        }
        Found::Over(over) if visit.live.is_none() => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Ready(_) | Found::Over(_) | Found::Nothing => {}
    }
    let (Standing::Known(known), Some(live)) = (&visit.standing, &visit.live) else {
        return Ok(Answer::go_to(visit.link("login", &wanted)));
    };
    // A form that was posted is not what we lead back to, so that its path asks here in so many words.
    let asks_again = place::query(visit, "again").is_some() || step_up::asks(visit, known, &wanted);
    if is_fresh(known, visit.now) && !asks_again {
        return Ok(Answer::go_to(wanted.as_str()));
    }
    let account = visit.services.store.account(&known.person.id).await?;
    let stage = first_stage(visit, live.session().first, &known.person, &account);
    let Stage::Code = stage else { return Ok(Answer::go_to(visit.link(page_of(&stage), &wanted))) };
    let (pending, cookie) = pending::strengthen(visit, known, live, wanted, stage).await?;
    let page = ask(visit, browser, &pending, chosen_method(visit), Slip::none()).await?;
    Ok(page.with_cookie(cookie))
}

/// Takes a code, or the wish to have one sent.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let (method, ticked) = (read_method(form.text("method")), Ticked::read(form));
    if !browser.admits(form) {
        return match pending::look(visit, browser).await? {
            Found::Ready(pending) => {
                let slip = Slip { error: Some(CodeError::FormExpired), ticked, is_sent: false };
                ask(visit, browser, &pending, Some(method), slip).await
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
    if !matches!(login.stage, Stage::Code) {
        // A code cannot stand in for linking an app: back to where this sign-in is.
        visit.services.store.logins().begin_login(&login).await?;
        return Ok(Answer::go_to(visit.link(page_of(&login.stage), &login.return_to)));
    }
    if form.text("action") == "send" {
        return send(visit, browser, Pending { login, person, token }, method).await;
    }

    let told =
        |outcome| factor_event(visit, browser, AuditKind::SecondFactor, outcome, &person.id, method.name());
    let judged = match method {
        Method::Email | Method::Sms => judge_sent(visit, &login, method, form.text("code")).await?,
        Method::Passkey => passkey::judge_owner(visit, &person.id, form).await?,
        // Counted already, where the number was typed.
        Method::Approval => Judged::Verdict(approval::collect(visit, &login).await?),
        Method::Totp | Method::Provider => judge(visit, &person.id, method, form.text("code")).await?,
        Method::Recovery => {
            let recovered = judge_recovery(visit, &login, &person, form.text("code")).await?;
            glass::told(visit, browser, &person, &recovered).await;
            if recovered.by_glass {
                let (next, return_to) = (visit.services.draw_token(), login.return_to.clone());
                return match login.after_glass(totp::new_key(&*visit.services.entropy), next.hash()) {
                    Some(login) => glass::lead_on(visit, &login, &next).await,
                    None => Ok(start_again(visit, browser, &return_to, Over::Outdated)),
                };
            }
            recovered.judged
        }
    };
    let verdict = match judged {
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
        CodeVerdict::Wrong if method == Method::Approval => {}
        CodeVerdict::AlreadyUsed | CodeVerdict::ClockOff { .. } | CodeVerdict::Wrong => {
            visit.services.metrics.wrong_secrets.increment(1);
            visit.services.record(told(AuditOutcome::Failure)).await;
        }
    }
    let return_to = login.return_to.clone();
    let ticked = trust::counting(visit, &login, ticked);
    let offers_app = method == Method::Sms && login.replaces.is_none() && lacks_app(visit, &login).await?;
    let next = visit.services.draw_token();
    match login.answer(&verdict, next.hash(), visit.now) {
        Step::Finish(grant) => {
            let Admitted { return_to, cookies, is_remembered } =
                admit(visit, browser, grant, &Waiver::Nothing, ticked).await?;
            // One offer at a time; and an app would end the trust that a PIN goes with.
            let next = match offers_app {
                true => format!("{}&offer=1", visit.link("enrol", &return_to)),
                false => pin::past_offer(visit, is_remembered, return_to).as_str().to_owned(),
            };
            Ok(Answer::go_to(next).with_cookies(cookies))
        }
        Step::Ask(login) => {
            visit.services.store.logins().begin_login(&login).await?;
            let is_renewed = login.hash == next.hash();
            let token = if is_renewed { next } else { token };
            let cookie = is_renewed.then(|| cookie::set_login(&token));
            if method == Method::Approval && (form.text("action") == "ask" || !is_renewed) {
                let asks = form.text("action") == "ask";
                let pending = Pending { login, person, token };
                return Ok(await_page(visit, browser, pending, asks).await?.with_cookie(cookie));
            }
            let error = match method {
                Method::Passkey => Some(CodeError::WrongPasskey),
                Method::Approval => Some(CodeError::NotApproved),
                _ => error_of(&verdict),
            };
            let slip = Slip { error, ticked, is_sent: false };
            let pending = Pending { login, person, token };
            Ok(ask(visit, browser, &pending, Some(method), slip).await?.with_cookie(cookie))
        }
        Step::Over(over) => Ok(start_again(visit, browser, &return_to, over)),
    }
}

/// Waits for the authenticator page, which is asked before if `asks`; a page of its own, so that loading it again asks nobody.
async fn await_page(visit: &Visit, browser: &Browser, pending: Pending, asks: bool) -> Result<Answer, Fault> {
    let Pending { login, person, .. } = &pending;
    let account = visit.services.store.account(&person.id).await?;
    let offered = ways(visit, login.first, person, &account).contains(&Method::Approval);
    if asks
        && offered
        && let Some(error) = approval::ask(visit, browser, login).await?
    {
        let slip = Slip { error: Some(error), ticked: Ticked::default(), is_sent: false };
        return ask(visit, browser, &pending, Some(Method::Approval), slip).await;
    }
    let page = visit.link("second-factor", &login.return_to);
    Ok(Answer::go_to(format!("{page}&method={}", Method::Approval.name())))
}

/// Has a code sent, where one can be; a page of its own afterwards, so that loading it again sends nothing.
async fn send(visit: &Visit, browser: &Browser, pending: Pending, method: Method) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let offered = ways(visit, login.first, &person, &account).contains(&method);
    let Some(to) = account.reach(&person, method).filter(|_| offered) else {
        visit.services.store.logins().begin_login(&login).await?;
        return Ok(Answer::go_to(visit.link("second-factor", &login.return_to)));
    };
    let purpose = Purpose::SignIn;
    match sending::send(visit, browser, login.clone(), &person, (method, to), purpose).await? {
        None => {
            let page = visit.link("second-factor", &login.return_to);
            Ok(Answer::go_to(format!("{page}&method={}", method.name())))
        }
        Some(error) => {
            let slip = Slip { error: Some(error), ticked: Ticked::default(), is_sent: false };
            ask(visit, browser, &Pending { login, person, token }, Some(method), slip).await
        }
    }
}

/// Whether an app would do this person good: text messages come late or not at all.
async fn lacks_app(visit: &Visit, login: &Login) -> Stored<bool> {
    Ok(offers(visit, Method::Totp) && visit.services.store.account(&login.person).await?.totp.is_empty())
}

async fn ask(
    visit: &Visit,
    browser: &Browser,
    pending: &Pending,
    method: Option<Method>,
    slip: Slip,
) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let mut offered = step_up::offered(visit, pending, ways(visit, login.first, person, &account));
    // Nothing that this person has does at the destination: there is no use in asking for it.
    let Some(first) = offered.first().copied() else {
        return Ok(problem(visit, browser, ProblemKind::FactorMissing));
    };
    let has_passkey = offered.contains(&Method::Passkey);
    let method = method.filter(|method| offered.contains(method)).unwrap_or(first);
    offered.retain(|other| *other != method);
    let trust = match method {
        // A recovery code gets people in; it earns no trust.
        Method::Recovery => view::TrustOffer::default(),
        _ => trust::offer(visit, login, slip.ticked),
    };
    let note = match method {
        Method::Approval => approval::note(visit, login).await?,
        _ => ApprovalNote::Unasked,
    };
    let own_path = format!("{}&method={}", visit.link("second-factor", &login.return_to), method.name());
    let model = view::SecondFactor {
        frame: frame_for(visit, browser, person, own_path, token.form_token()),
        username: person.name.clone(),
        method: in_view(method),
        other_methods: offered.into_iter().map(in_view).collect(),
        destination: account.reach(person, method).map(|to| masked(method, to)).unwrap_or_default(),
        sent: sending::note(visit, login, method),
        approval: note,
        passkey: has_passkey,
        passkeys_elsewhere: passkey::elsewhere(visit, &account),
        asks_help: help::is_offered(visit),
        trust,
        error: slip.error,
        tries_left: few_left(pending, slip),
        return_to: login.return_to.as_str().to_owned(),
    };
    let mut answer = Answer::page(slip.status(), model.render());
    if let ApprovalNote::Waiting { .. } = note {
        answer = answer.looking_again(LOOK_AGAIN);
    }
    Ok(if model.passkey { answer.asking() } else { answer })
}

/// How the page shows a method. A provider has no code to type.
fn in_view(method: Method) -> view::Method {
    match method {
        Method::Totp | Method::Provider => view::Method::Totp,
        Method::Passkey => view::Method::Passkey,
        Method::Approval => view::Method::Approval,
        Method::Recovery => view::Method::Recovery,
        Method::Email => view::Method::Email,
        Method::Sms => view::Method::Sms,
    }
}

fn chosen_method(visit: &Visit) -> Option<Method> {
    place::query(visit, "method").and_then(|text| Method::from_name(&text))
}

fn read_method(text: &str) -> Method {
    Method::from_name(text).unwrap_or(Method::Totp)
}
