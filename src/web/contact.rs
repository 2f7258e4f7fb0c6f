//! Naming an address or number nobody knows yet, where a method needs one and the file lets visitors name it themselves.
//!
//! It counts only once a code sent there was typed here, and only for somebody who has no other second factor: whoever has
//! one shows it first. One of the places that tell `domain::login` of a passed factor.

use super::{
    admit::admit,
    asking::{Slip, continues, error_of, few_left, is_recent, start_again, too_many},
    browser::Browser,
    codes::{Judged, judge_sent},
    cookie,
    events::factor_event,
    fault::Fault,
    form::Form,
    frame::frame_for,
    login,
    pending::{self, Found, Pending},
    place,
    respond::Answer,
    sending,
    trust::Ticked,
    visit::Visit,
    ways::{first_stage, missing, page_of},
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{self, CodeVerdict, Method},
        facts::ReturnTo,
        login::{Grant, Over, Stage, Step, Waiver},
        standing::Standing,
    },
    page::{
        letter::Purpose,
        view::{self, CodeError, LoginError},
    },
    store::Stored,
};

/// Asks for the address or number, or for the code that was sent there.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let wanted = place::return_to(visit);
    match pending::look(visit, browser).await? {
        Found::Ready(pending) if continues(&pending, &wanted) => {
            return match &pending.login.stage {
                Stage::Contact if is_superseded(visit, &pending).await? => {
                    Ok(start_again(visit, browser, &wanted, Over::Outdated))
                }
                Stage::Contact => {
                    page(visit, browser, &pending, chosen_method(visit), "", Slip::none()).await
                }
                other => Ok(Answer::go_to(visit.link(page_of(other), &pending.login.return_to))),
            };
        }
        Found::Over(over) if visit.live.is_none() => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Ready(_) | Found::Over(_) | Found::Nothing => {}
    }
    let (Standing::Known(known), Some(live)) = (&visit.standing, &visit.live) else {
        return Ok(Answer::go_to(visit.link("login", &wanted)));
    };
    let account = visit.services.store.account(&known.person.id).await?;
    let stage = first_stage(visit, live.session().first, &known.person, &account);
    if stage != Stage::Contact {
        return Ok(Answer::go_to(visit.link("second-factor", &wanted)));
    }
    // A session left open on a desk must not be enough to name a stranger's phone.
    if !is_recent(known, live, visit.now) {
        return Ok(Answer::go_to(format!("{}&again=1", visit.link("login", &wanted))));
    }
    let (pending, cookie) = pending::strengthen(visit, known, live, wanted, stage).await?;
    let page = page(visit, browser, &pending, chosen_method(visit), "", Slip::none()).await?;
    Ok(page.with_cookie(cookie))
}

/// Takes an address or number to send a code to, or the code.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let method = Method::from_name(form.text("method"));
    if !browser.admits(form) {
        return match pending::look(visit, browser).await? {
            Found::Ready(pending) if pending.login.stage == Stage::Contact => {
                page(visit, browser, &pending, method, form.text("to"), slip(CodeError::FormExpired)).await
            }
            Found::Ready(_) | Found::Over(_) | Found::Nothing => {
                Ok(login::page(visit, browser, &wanted, "", Some(LoginError::FormExpired)))
            }
        };
    }
    let pending = match pending::take(visit, browser).await? {
        Found::Ready(pending) => *pending,
        Found::Over(over) => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Nothing => return Ok(start_again(visit, browser, &wanted, Over::Expired)),
    };
    if pending.login.stage != Stage::Contact {
        visit.services.store.logins().begin_login(&pending.login).await?;
        return Ok(Answer::go_to(visit.link(page_of(&pending.login.stage), &pending.login.return_to)));
    }
    if is_superseded(visit, &pending).await? {
        return Ok(start_again(visit, browser, &pending.login.return_to, Over::Outdated));
    }
    match form.text("action") {
        "send" => send(visit, browser, pending, method, form.text("to")).await,
        _ => check(visit, browser, pending, form.text("code")).await,
    }
}

/// Sends a code to what was typed; with nothing typed, another one to where the last went.
async fn send(
    visit: &Visit,
    browser: &Browser,
    pending: Pending,
    method: Option<Method>,
    typed: &str,
) -> Result<Answer, Fault> {
    let account = visit.services.store.account(&pending.person.id).await?;
    let open = missing(visit, &pending.person, &account);
    let method = method.filter(|method| open.contains(method));
    let last = pending.login.sent.as_ref().filter(|last| typed.is_empty() && Some(last.method) == method);
    let named = |method| last.map_or_else(|| destination(method, typed), |last| Some(last.to.clone()));
    let to = method.and_then(|method| Some((method, named(method)?)));
    let Some((method, to)) = to else {
        visit.services.store.logins().begin_login(&pending.login).await?;
        return page(visit, browser, &pending, method, typed, slip(CodeError::NoDestination)).await;
    };
    let Pending { login, person, token } = pending;
    let purpose = Purpose::ConfirmContact;
    match sending::send(visit, browser, login.clone(), &person, (method, &to), purpose).await? {
        None => {
            let here = visit.link("contact", &login.return_to);
            Ok(Answer::go_to(format!("{here}&method={}", method.name())))
        }
        Some(error) => {
            page(visit, browser, &Pending { login, person, token }, Some(method), typed, slip(error)).await
        }
    }
}

/// Checks the code, keeps what it was sent to, and opens the session.
async fn check(visit: &Visit, browser: &Browser, pending: Pending, typed: &str) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let Some(sent) = login.sent.clone() else {
        visit.services.store.logins().begin_login(&login).await?;
        let pending = Pending { login, person, token };
        return page(visit, browser, &pending, None, "", slip(CodeError::Lapsed)).await;
    };
    let method = sent.method;
    let told = |outcome| {
        factor_event(visit, browser, AuditKind::SecondFactor, outcome, &person.id, method.name())
            .with_detail("enrolment")
    };
    let verdict = match judge_sent(visit, &login, method, typed).await? {
        Judged::Verdict(verdict) => verdict,
        Judged::Wait(until) => {
            visit.services.record_refusal(told(AuditOutcome::Throttled), person.id.as_str(), until).await;
            return Ok(too_many(visit, browser, &login.return_to, Some(until)));
        }
    };
    if verdict == CodeVerdict::Wrong {
        visit.services.metrics.wrong_secrets.increment(1);
        visit.services.record(told(AuditOutcome::Failure)).await;
    }
    let return_to = login.return_to.clone();
    let next = visit.services.draw_token();
    match login.answer(&verdict, next.hash(), visit.now) {
        Step::Finish(grant) => {
            let contact = factor::Contact { method, to: sent.to, verified_at: visit.now };
            finish(visit, browser, grant, contact).await
        }
        Step::Ask(login) => {
            visit.services.store.logins().begin_login(&login).await?;
            let is_renewed = login.hash == next.hash();
            let token = if is_renewed { next } else { token };
            let cookie = is_renewed.then(|| cookie::set_login(&token));
            let slip = Slip { error: error_of(&verdict), ..Slip::none() };
            let pending = Pending { login, person, token };
            Ok(page(visit, browser, &pending, Some(method), "", slip).await?.with_cookie(cookie))
        }
        Step::Over(over) => Ok(start_again(visit, browser, &return_to, over)),
    }
}

async fn finish(
    visit: &Visit,
    browser: &Browser,
    grant: Grant,
    contact: factor::Contact,
) -> Result<Answer, Fault> {
    let services = &visit.services;
    let (id, method) = (grant.person().clone(), contact.method);
    let added =
        factor_event(visit, browser, AuditKind::FactorAdded, AuditOutcome::Success, &id, method.name());
    // Two sign-ins may name one at once; the second must not slip in beside the owner's.
    if services.store.add_contact(&id, contact, grant.replaces().copied()).await?.is_none() {
        return Ok(start_again(visit, browser, grant.return_to(), Over::Outdated));
    }
    services.record(added).await;
    let admitted = admit(visit, browser, grant, &Waiver::Nothing, Ticked::default()).await?;
    Ok(Answer::go_to(admitted.return_to.as_str()).with_cookies(admitted.cookies))
}

/// Whether the person got another factor meanwhile, or may no longer name an address or number.
async fn is_superseded(visit: &Visit, pending: &Pending) -> Stored<bool> {
    let account = visit.services.store.account(&pending.person.id).await?;
    Ok(first_stage(visit, pending.login.first, &pending.person, &account) != Stage::Contact)
}

async fn page(
    visit: &Visit,
    browser: &Browser,
    pending: &Pending,
    method: Option<Method>,
    typed: &str,
    slip: Slip,
) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let mut open = missing(visit, person, &account);
    let sent = login.sent.as_ref().map(|sent| sent.method);
    let chosen = [method, sent].into_iter().flatten().find(|method| open.contains(method));
    let Some(method) = chosen.or(open.first().copied()) else {
        return Ok(start_again(visit, browser, &login.return_to, Over::Outdated));
    };
    open.retain(|other| *other != method);
    let own_path = format!("{}&method={}", visit.link("contact", &login.return_to), method.name());
    // Another address is typed anew; the code sent to the first one is good all the same.
    let asks_anew = place::query(visit, "again").is_some() || !typed.is_empty();
    let model = view::Contact {
        frame: frame_for(visit, browser, person, own_path, token.form_token()),
        username: person.name.clone(),
        method: in_view(method),
        other_methods: open.into_iter().map(in_view).collect(),
        to: typed.to_owned(),
        sent: sending::note(visit, login, method).filter(|_| !asks_anew),
        error: slip.error,
        tries_left: few_left(pending, slip),
        return_to: login.return_to.as_str().to_owned(),
    };
    Ok(Answer::page(slip.status(), model.render()))
}

fn in_view(method: Method) -> view::Method {
    match method {
        Method::Sms => view::Method::Sms,
        _ => view::Method::Email,
    }
}

fn slip(error: CodeError) -> Slip {
    Slip { error: Some(error), ..Slip::none() }
}

fn chosen_method(visit: &Visit) -> Option<Method> {
    place::query(visit, "method").and_then(|text| Method::from_name(&text))
}

/// What was typed as something a code can go to: a plain mail address, or a number with its country code.
fn destination(method: Method, typed: &str) -> Option<String> {
    let typed = typed.trim();
    if method == Method::Sms {
        let digits: String =
            typed.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/' | '(' | ')')).collect();
        let number = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00"))?;
        let is_number = (7..=15).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit());
        return is_number.then(|| format!("+{number}"));
    }
    let (local, domain) = typed.rsplit_once('@')?;
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c))
    };
    let is_address = typed.len() <= 254
        && local.len() <= 64
        && is_plain(local)
        && is_plain(domain)
        && domain.contains('.')
        && !domain.starts_with(['.', '-'])
        && !domain.ends_with(['.', '-']);
    is_address.then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_need_their_country_and_nothing_else() {
        let read = |typed| destination(Method::Sms, typed);
        for typed in ["+31 6 1234 5678", "0031612345678", "+31 (6) 12-34.56/78"] {
            assert_eq!(read(typed).as_deref(), Some("+31612345678"), "{typed}");
        }
        for typed in [
            "",
            "0612345678",
            "+3161",
            "+0316123456",
            "+316123456789012345",
            "+31 6 1234 567x",
            "+31\r\n612345678",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn addresses_are_plain_ones() {
        let read = |typed| destination(Method::Email, typed);
        assert_eq!(read(" anna@example.com ").as_deref(), Some("anna@example.com"));
        for typed in [
            "",
            "anna",
            "anna@",
            "@example.com",
            "anna@localhost",
            "a b@example.com",
            "anna@example.com\r\nBcc: x@example.com",
            "anna@example.com,bob@example.com",
            "<anna@example.com>",
            "anna@.com",
            "anna@example.",
            "a@b@example.com",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }
}
