//! Linking an authenticator app, or a passkey instead: where a code is asked and none can be given yet, or one more from the account page.
//!
//! The key lives in the sign-in under way and counts only once a code from it was right. Somebody who has an app links
//! another only right after showing a code; somebody who has none, only right after the password.

mod linked;

use http::StatusCode;

use self::linked::Linked;
use super::{
    admit::{Admitted, admit},
    asking::{Slip, continues, error_of, few_left, is_fresh, is_recent, offers, start_again, too_many},
    browser::Browser,
    codes::{JudgedPair, judge_linked},
    cookie,
    events::factor_event,
    fault::Fault,
    form::Form,
    frame::{frame, frame_for, language_for},
    help, login,
    pairing::Shown,
    passkey,
    pending::{self, Found, Pending},
    pin, place, recovery,
    respond::Answer,
    sending,
    trust::{self, Ticked},
    visit::Visit,
    ways::{channels, enrolment, page_of, proof},
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{Account, CodeVerdict, MOST_APPS, Method},
        facts::ReturnTo,
        identity::{Person, UserId},
        login::{Grant, Login, Over, Proof, Stage, Step, Waiver},
        pairing::page_label,
        sent_code::masked,
        standing::{Known, Standing},
    },
    factor::totp,
    page::{
        letter::Purpose,
        view::{self, CodeError, LoginError, TrustOffer},
    },
    store::{Linking, Stored, hot::LiveSession},
};

/// Shows the key, of the sign-in under way or of a new one for somebody who is in.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let wanted = place::return_to(visit);
    if place::query(visit, "offer").is_some()
        && let Some(person) = visit.person()
    {
        return offer(visit, browser, &person.id, &wanted).await;
    }
    match pending::look(visit, browser).await? {
        // Somebody signed in who is asked for a code may link an app all the same; `begin` judges whether now.
        Found::Ready(pending) if continues(&pending, &wanted) && !is_asked_while_in(&pending) => {
            return match &pending.login.stage {
                Stage::Enrol { .. } if is_superseded(visit, &pending.login, &pending.person).await? => {
                    Ok(start_again(visit, browser, &wanted, Over::Outdated))
                }
                Stage::Enrol { .. } => {
                    page(visit, browser, &pending, Typed::wanted(visit), Slip::none()).await
                }
                other => Ok(Answer::go_to(visit.link(page_of(other), &pending.login.return_to))),
            };
        }
        Found::Over(over) if visit.live.is_none() => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Ready(_) | Found::Over(_) | Found::Nothing => {}
    }
    match (&visit.standing, &visit.live) {
        (Standing::Known(known), Some(live)) => begin(visit, browser, known, live, wanted).await,
        // Whoever is not in yet comes back here: a portal's menu may link to this page.
        (Standing::Known(_) | Standing::Stranger, _) => {
            let back_here = ReturnTo::read(&visit.link("enrol", &wanted));
            Ok(Answer::go_to(visit.link("login", &back_here)))
        }
    }
}

fn is_asked_while_in(pending: &Pending) -> bool {
    pending.login.replaces.is_some() && pending.login.stage == Stage::Code
}

/// Begins to link an app for somebody who is signed in.
async fn begin(
    visit: &Visit,
    browser: &Browser,
    known: &Known,
    live: &LiveSession,
    wanted: ReturnTo,
) -> Result<Answer, Fault> {
    let account = visit.services.store.account(&known.person.id).await?;
    let back_here = ReturnTo::read(&visit.link("enrol", &wanted));
    if account.is_enrolled() && !is_fresh(known, visit.now) {
        return Ok(Answer::go_to(visit.link("second-factor", &back_here)));
    }
    // A session left open on a desk must not be enough to link a stranger's phone.
    if !account.is_enrolled() && !is_recent(known, live, visit.now) {
        return Ok(Answer::go_to(format!("{}&again=1", visit.link("login", &back_here))));
    }
    if !can_add(visit, &account) {
        return Ok(Answer::go_to(visit.own("account")));
    }
    let proof = match is_fresh(known, visit.now) {
        true => Proof::App,
        false => proof(visit, live.session().first, &known.person, &account),
    };
    let (pending, cookie) = pending::strengthen(visit, known, live, wanted, enrolment(visit, proof)).await?;
    Ok(page(visit, browser, &pending, Typed::wanted(visit), Slip::none()).await?.with_cookie(cookie))
}

/// Whether the file takes apps or, here, passkeys, and this account has room for one.
pub(super) fn can_add(visit: &Visit, account: &Account) -> bool {
    let has_room = account.passkeys.len() < passkey::MOST_PASSKEYS && passkey::offer(visit).is_some();
    account.totp.len() < MOST_APPS && offers(visit, Method::Totp) || has_room
}

/// Takes the first code of the app, a passkey that was made instead, or a wish for another key.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let (ticked, label) = (Ticked::read(form), form.text("label"));
    if !browser.admits(form) {
        return stale_form(visit, browser, &wanted, Typed::read(form), ticked).await;
    }
    let restarts = form.text("action") == "restart";
    let Pending { mut login, person, token } = match pending::take(visit, browser).await? {
        Found::Ready(pending) => *pending,
        Found::Over(_) | Found::Nothing if visit.live.is_some() && restarts => {
            return Ok(Answer::go_to(visit.link("enrol", &wanted)));
        }
        Found::Over(Over::Expired) | Found::Nothing if visit.live.is_some() => {
            return Ok(expired(visit, browser, &wanted));
        }
        Found::Over(over) => return Ok(start_again(visit, browser, &wanted, over)),
        Found::Nothing => return Ok(start_again(visit, browser, &wanted, Over::Expired)),
    };
    let Stage::Enrol { key, proof } = login.stage.clone() else {
        // Whoever has an app shows its code first: back to where this sign-in is.
        visit.services.store.logins().begin_login(&login).await?;
        return Ok(Answer::go_to(visit.link(page_of(&login.stage), &login.return_to)));
    };
    if is_superseded(visit, &login, &person).await? {
        return Ok(start_again(visit, browser, &login.return_to, Over::Outdated));
    }
    let next = visit.services.draw_token();
    if restarts {
        login.stage = enrolment(visit, proof);
        login.hash = next.hash();
        visit.services.store.logins().begin_login(&login).await?;
        let answer = Answer::go_to(visit.link("enrol", &login.return_to));
        return Ok(answer.with_cookie(cookie::set_login(&next)));
    }

    if form.text("action") == "send" {
        return send(visit, browser, Pending { login, person, token }, form).await;
    }

    let method = if form.text("credential").is_empty() { Method::Totp } else { Method::Passkey };
    let told = |kind, outcome| {
        factor_event(visit, browser, kind, outcome, &person.id, method.name()).with_detail("enrolment")
    };
    let shown = Shown::find(visit, key, Typed::read(form).number).await?;
    let (judged, made) = match method {
        Method::Passkey => {
            let (verdict, made) = passkey::check_new(visit, &person.id, form);
            (judge_linked(visit, &login, proof, verdict, form.text("sent_code")).await?, made)
        }
        _ => {
            let typed = (form.text("code"), form.text("sent_code"));
            (shown.judge(visit, &login, proof, typed).await?, None)
        }
    };
    let is_unknown = method == Method::Totp && shown.is_wrong();
    let (app, sent, linked) = match judged {
        JudgedPair::Verdicts { app, step, sent } => {
            let app_of = |step| shown.into_key().map(|(key, page)| Linked::App { key, step, page });
            (app, sent, made.map(Linked::Passkey).or_else(|| step.and_then(app_of)))
        }
        JudgedPair::Wait(until) => {
            let refused = told(AuditKind::SecondFactor, AuditOutcome::Throttled);
            visit.services.record_refusal(refused, person.id.as_str(), until).await;
            return Ok(too_many(visit, browser, &login.return_to, Some(until)));
        }
    };
    // The app's key is on the page: what a stranger would guess at is the code that was sent, so it is judged first.
    let is_sent = proof == Proof::AppAndSent && !matches!(sent, CodeVerdict::Right { .. });
    let verdict = if is_sent { sent.clone() } else { app.clone() };
    if let CodeVerdict::Wrong | CodeVerdict::ClockOff { .. } | CodeVerdict::AlreadyUsed = verdict {
        visit.services.metrics.wrong_secrets.increment(1);
        visit.services.record(told(AuditKind::SecondFactor, AuditOutcome::Failure)).await;
    }
    let return_to = login.return_to.clone();
    let ticked = trust::counting(visit, &login, ticked);
    match (login.answer_enrolment(&app, &sent, next.hash(), visit.now), linked) {
        (Step::Finish(grant), Some(linked)) => {
            finish(visit, browser, grant, (linked, proof), label, ticked).await
        }
        (Step::Ask(login), _) => {
            visit.services.store.logins().begin_login(&login).await?;
            let is_renewed = login.hash == next.hash();
            let token = if is_renewed { next } else { token };
            let cookie = is_renewed.then(|| cookie::set_login(&token));
            let error = match method {
                Method::Passkey if !is_sent => Some(CodeError::WrongPasskey),
                _ if is_unknown && !is_sent => Some(CodeError::NoPairing),
                _ => error_of(&verdict),
            };
            let slip = Slip { error, ticked, is_sent };
            let pending = Pending { login, person, token };
            let typed = Typed::read(form);
            Ok(page(visit, browser, &pending, typed, slip).await?.with_cookie(cookie))
        }
        (Step::Over(over), _) => Ok(start_again(visit, browser, &return_to, over)),
        (Step::Finish(_), None) => Ok(start_again(visit, browser, &return_to, Over::Expired)),
    }
}

/// Keeps what was linked, opens the session, and shows recovery codes to who has none.
async fn finish(
    visit: &Visit,
    browser: &Browser,
    grant: Grant,
    (linked, proof): (Linked, Proof),
    label: &str,
    ticked: Ticked,
) -> Result<Answer, Fault> {
    let (services, id) = (&visit.services, grant.person().clone());
    let account = services.store.account(&id).await?;
    // Linking ends every trust: what this browser holds of this person is worth nothing from here on.
    let mut browser = browser.clone();
    let mut devices_cookie = None;
    if let Some(person) = visit.directory().get(&id) {
        let (others, own) = trust::without_devices_of(visit, &browser, &person).await?;
        devices_cookie = own.map(|_| cookie::set_devices(&others, trust::device_span(visit)));
        browser.devices = others;
    }
    let (record, method) = (services.draw_id(visit.now), linked.method());
    let added =
        factor_event(visit, &browser, AuditKind::FactorAdded, AuditOutcome::Success, &id, method.name())
            .with_detail(record.to_string());
    // Two sign-ins may link a first app at once; the second must not slip in beside the owner's.
    let is_after_glass = proof == Proof::AppAfterGlass;
    let is_first = !is_after_glass && (!account.is_enrolled() || grant.replaces().is_none());
    let linking = if is_first { Linking::First } else { Linking::Another };
    let words = || visit.runtime.words(language_for(visit, &browser, Some(&id)));
    let own_label = linked.agent().filter(|_| label.trim().is_empty());
    let own_label = own_label.map(|agent| page_label(&words().say("auth-title"), agent));
    let label = own_label.as_deref().unwrap_or(label);
    if linked.keep(visit, record, &account, label, &grant, linking).await?.is_none() {
        return Ok(start_again(visit, &browser, grant.return_to(), Over::Outdated));
    }
    services.record(added).await;
    let codes = match account.is_enrolled() && account.recovery_left > 0 {
        true => None,
        false => recovery::make(visit, &browser, &id).await?,
    };
    let Admitted { return_to, cookies, is_remembered } =
        admit(visit, &browser, grant, &Waiver::Nothing, ticked).await?;
    let return_to = place::past_wizard(visit, return_to);
    let past_offer = |return_to| pin::past_offer(visit, is_remembered, return_to);
    let answer = match codes {
        Some(codes) => recovery::page(visit, &browser, &id, &codes, &past_offer(return_to)),
        None if return_to.as_str() == visit.own("account") => {
            let what = if method == Method::Passkey { "passkey" } else { "method" };
            Answer::go_to(format!("{}?done={what}-added", return_to.as_str()))
        }
        None => Answer::go_to(past_offer(return_to).as_str()),
    };
    let is_trusted_anew = cookies.iter().any(cookie::is_devices);
    Ok(answer.with_cookies(cookies).with_cookie(devices_cookie.filter(|_| !is_trusted_anew)))
}

/// Has a code sent to the person, over a way that is known of them.
async fn send(visit: &Visit, browser: &Browser, pending: Pending, form: &Form) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let account = visit.services.store.account(&person.id).await?;
    let method = Method::from_name(form.text("method"));
    let method = method.filter(|method| channels(visit, login.first, &person, &account).contains(method));
    let to = method.and_then(|method| Some((method, account.reach(&person, method)?)));
    let typed = Typed::read(form);
    let here = typed.own_path(visit, &login.return_to);
    let (Stage::Enrol { proof: Proof::AppAndSent, .. }, Some(to)) = (&login.stage, to) else {
        visit.services.store.logins().begin_login(&login).await?;
        return Ok(Answer::go_to(here));
    };
    match sending::send(visit, browser, login.clone(), &person, to, Purpose::AddFactor).await? {
        None => Ok(Answer::go_to(here)),
        Some(error) => {
            let slip = Slip { error: Some(error), ticked: Ticked::default(), is_sent: true };
            page(visit, browser, &Pending { login, person, token }, typed, slip).await
        }
    }
}

/// To somebody who is in with a text message: an app, if they have none yet.
async fn offer(visit: &Visit, browser: &Browser, id: &UserId, return_to: &ReturnTo) -> Result<Answer, Fault> {
    if visit.services.store.account(id).await?.is_enrolled() {
        return Ok(Answer::go_to(return_to.as_str()));
    }
    let own_path = format!("{}&offer=1", visit.link("enrol", return_to));
    let model = view::OfferApp {
        frame: frame(visit, browser, own_path, String::new()),
        return_to: return_to.as_str().to_owned(),
    };
    Ok(Answer::page(StatusCode::OK, model.render()))
}

/// Whether the person got another factor in another sign-in meanwhile: then only that lets anybody add one.
async fn is_superseded(visit: &Visit, login: &Login, person: &Person) -> Stored<bool> {
    // What was linked before is what is lost.
    let is_after_glass = matches!(login.stage, Stage::Enrol { proof: Proof::AppAfterGlass, .. });
    if login.replaces.is_some() || is_after_glass {
        return Ok(false);
    }
    let account = visit.services.store.account(&login.person).await?;
    let asks_app_alone = matches!(login.stage, Stage::Enrol { proof: Proof::App, .. });
    Ok(account.is_enrolled() || asks_app_alone && proof(visit, login.first, person, &account) != Proof::App)
}

/// What is kept of a form that comes again.
#[derive(Clone, Copy, Default)]
struct Typed<'a> {
    label: &'a str,
    /// Where an authenticator page is linked.
    number: Option<&'a str>,
}

impl<'a> Typed<'a> {
    /// Nothing yet, on the page that was asked for.
    fn wanted(visit: &Visit) -> Self {
        let by_page = place::query(visit, "by").is_some_and(|by| by == "page");
        Self { label: "", number: by_page.then_some("") }
    }

    fn read(form: &'a Form) -> Self {
        Self { label: form.text("label"), number: (form.text("by") == "page").then(|| form.text("pairing")) }
    }

    /// The page it is typed on.
    fn own_path(&self, visit: &Visit, return_to: &ReturnTo) -> String {
        let path = visit.link("enrol", return_to);
        if self.number.is_some() { format!("{path}&by=page") } else { path }
    }
}

async fn page(
    visit: &Visit,
    browser: &Browser,
    pending: &Pending,
    typed: Typed<'_>,
    slip: Slip,
) -> Result<Answer, Fault> {
    let Pending { login, person, token } = pending;
    let Stage::Enrol { key, proof } = &login.stage else {
        return Ok(Answer::go_to(visit.link(page_of(&login.stage), &login.return_to)));
    };
    let proof = match proof {
        Proof::App | Proof::AppAfterGlass => None,
        Proof::AppAndSent => {
            let account = visit.services.store.account(&person.id).await?;
            let shown = |method| Some(masked(method, account.reach(person, method)?));
            let open = channels(visit, login.first, person, &account);
            let masked = |method| if open.contains(&method) { shown(method) } else { None };
            let by = login.sent.as_ref().map(|sent| sent.method);
            Some(view::SecondChannel {
                asks_help: help::is_offered(visit),
                sent: by.and_then(|method| sending::note(visit, login, method)),
                by_mail: by == Some(Method::Email),
                mail: masked(Method::Email),
                sms: masked(Method::Sms),
            })
        }
    };
    let own_path = typed.own_path(visit, &login.return_to);
    let issuer = &visit.portal().issuer;
    let takes_apps = offers(visit, Method::Totp);
    let model = view::Enrol {
        frame: frame_for(visit, browser, person, own_path, token.form_token()),
        username: person.name.clone(),
        otpauth: if takes_apps { totp::address(key, issuer, &person.name) } else { String::new() },
        key: if takes_apps { totp::base32(key) } else { String::new() },
        pairing: typed.number.filter(|_| takes_apps).map(str::to_owned),
        label: typed.label.to_owned(),
        ends: login.ends_at,
        required: login.replaces.is_none() || login.return_to != visit.return_to_own("account"),
        proof,
        passkey: passkey::offer(visit),
        trust: trust::offer(visit, login, slip.ticked),
        error: slip.error,
        error_of_sent: slip.is_sent,
        tries_left: few_left(pending, slip),
        return_to: login.return_to.as_str().to_owned(),
    };
    let answer = Answer::page(slip.status(), model.render());
    Ok(if model.passkey.is_some() { answer.asking() } else { answer })
}

/// For somebody who is in and took too long: the old key is gone, a button begins anew.
fn expired(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Answer {
    let (csrf, cookie) = browser.form_token(visit);
    let model = view::Enrol {
        frame: frame(visit, browser, visit.link("enrol", return_to), csrf),
        username: visit.person().map(|person| person.name.clone()).unwrap_or_default(),
        otpauth: String::new(),
        key: String::new(),
        pairing: None,
        label: String::new(),
        ends: visit.now,
        required: false,
        proof: None,
        passkey: None,
        trust: TrustOffer::default(),
        error: Some(CodeError::SetupExpired),
        error_of_sent: false,
        tries_left: None,
        return_to: return_to.as_str().to_owned(),
    };
    Answer::page(StatusCode::UNPROCESSABLE_ENTITY, model.render()).with_cookie(cookie)
}

async fn stale_form(
    visit: &Visit,
    browser: &Browser,
    wanted: &ReturnTo,
    typed: Typed<'_>,
    ticked: Ticked,
) -> Result<Answer, Fault> {
    if let Found::Ready(pending) = pending::look(visit, browser).await?
        && let Stage::Enrol { .. } = &pending.login.stage
    {
        let slip = Slip { error: Some(CodeError::FormExpired), ticked, is_sent: false };
        return page(visit, browser, &pending, typed, slip).await;
    }
    // The page with the recovery codes, loaded anew: this form did its work, and its answer cannot be shown again.
    if let Some(live) = &visit.live
        && live.account().is_enrolled()
    {
        return Ok(Answer::go_to(format!("{}?done=method-added", visit.own("account"))));
    }
    Ok(login::page(visit, browser, wanted, "", Some(LoginError::FormExpired)))
}
