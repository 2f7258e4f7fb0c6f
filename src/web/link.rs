//! Signing in by a link: asked for on the sign-in page, mailed, confirmed with a button.
//!
//! Whether anybody has the name that was typed must not show: all names take the same steps in the same order, and the mail
//! goes out after the answer. A link changes nothing until its button is pressed, so that mail scanners cannot use it up;
//! it lets in the browser that asked for it and no other. What follows is `login`'s, as after a password.

use std::sync::Arc;

use http::StatusCode;

use super::{
    asking::too_many,
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::{blank, frame, language_for},
    login::{self, Begun, Named, familiarity, go_on, named},
    place,
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{
    config::settings::SignIn,
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::Person,
        link::{Asking, LinkOffer, Pressed, TRIES_PER_LINK, Typed, code_of, may_be_mailed},
        login::First,
        sent_code::Digits,
        throttle::{TryVerdict, link_buckets},
        time::Timestamp,
        token::Token,
        trust::shared_network,
    },
    notify::Mail,
    page::{
        letter::{Letter, Letterhead, LinkLetter},
        view::{self, AskedFor, Frame, LinkError, LoginError, Opened, ProblemKind},
    },
};

/// From this many tries left on, the page says how many.
const FEW_TRIES: u32 = 2;

/// What asking for a link came to.
pub(super) enum Asked {
    /// A mail is on its way, or would be.
    Done(Answer),
    /// No name was typed.
    Nobody,
    /// Asked too often.
    Wait(Timestamp),
}

/// Sends a link to whoever has this name or address, and says the same whether or not anybody has.
pub(super) async fn ask(
    visit: &Visit,
    browser: &Browser,
    typed: &str,
    return_to: &ReturnTo,
) -> Result<Asked, Fault> {
    let services = &visit.services;
    let Named { typed, person, account } = named(visit, typed.trim());
    if typed.is_empty() {
        return Ok(Asked::Nobody);
    }
    let familiarity = familiarity(visit, browser, &account, person.as_ref()).await?;
    let buckets = link_buckets(&account, visit.facts.client, &familiarity);
    let told = |outcome| event(visit, browser, AuditKind::LinkSent, outcome, &account);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        let network = shared_network(visit.facts.client).to_string();
        services.record_refusal(told(AuditOutcome::Throttled), &network, until).await;
        return Ok(Asked::Wait(until));
    }
    let (own, cookie) = match &browser.login {
        Some(own) => (own.clone(), None),
        None => {
            let own = services.draw_token();
            let cookie = cookie::set_login(&own);
            (own, Some(cookie))
        }
    };
    let link = services.draw_token();
    let reader = person.as_ref().filter(|person| may_be_mailed(person));
    let asking = Asking {
        account: &account,
        person: reader.map(|person| &**person),
        typed,
        portal: &visit.portal().name,
        return_to,
        address: visit.facts.client,
        agent: &browser.agent,
    };
    let offer = LinkOffer::new(asking, &own, &link, visit.now);
    services.store.links().offer_link(&offer).await?;
    // The host is one of this portal's, as the file names them: nothing else got this far.
    let url = format!("https://{}{}?token={}", visit.facts.authority, visit.own("link"), link.reveal());
    let language = language_for(visit, browser, Some(&account));
    let frame = blank(&visit.runtime, Some(visit.portal), &visit.facts.authority, language, visit.now);
    let head = Letterhead::of(&frame, visit.facts.client.to_string(), browser.agent.clone());
    // Written for nobody too, so that it takes the same time.
    let Letter { subject, text, html } = LinkLetter { head, url, ends: offer.ends_at }.mail();
    let reaches = if reader.is_some() { AuditOutcome::Success } else { AuditOutcome::Failure };
    services.record(told(reaches)).await;
    send(visit, reader.is_some().then_some(Mail { to: offer.email, subject, text, html }));
    Ok(Asked::Done(Answer::go_to(visit.link("link", return_to)).with_cookie(cookie)))
}

/// Sends it in a task of its own, if there is anybody to send it to: how long that takes must not show.
fn send(visit: &Visit, mail: Option<Mail>) {
    let (post, request) = (visit.runtime.post.clone(), visit.facts.id.clone());
    tokio::spawn(async move {
        let Some(mail) = mail else { return };
        if let Err(fault) = post.mail(mail).await {
            tracing::warn!(request_id = %request, %fault, "a sign-in link was not sent");
        }
    });
}

/// What a link opens, or the page that waits for one.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    if !visit.portal().begins_with(SignIn::Link) {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    if let Some(text) = place::query(visit, "token") {
        return Ok(match find(visit, &text).await? {
            Some(found) => press_page(visit, browser, &found, None),
            None => spent(visit, browser, &ReturnTo::default()),
        });
    }
    let wanted = place::return_to(visit);
    if let Some(own) = &browser.login
        && let Some(offer) = visit.services.store.links().recall_link_of(&own.hash()).await?
        && offer.is_open(&visit.portal().name, visit.now)
    {
        return Ok(waiting(visit, browser, &offer, None));
    }
    Ok(match visit.person() {
        // Somebody went on in another tab.
        Some(_) => Answer::go_to(wanted.as_str()),
        None => spent(visit, browser, &wanted),
    })
}

/// Takes the press of a link's button, or the code of another device.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    if !visit.portal().begins_with(SignIn::Link) {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    match form.text("token") {
        "" => answer(visit, browser, form).await,
        token => press(visit, browser, form, token).await,
    }
}

/// A link that still leads to somebody.
struct Found {
    token: Token,
    offer: LinkOffer,
    person: Arc<Person>,
}

/// Looks at a link without touching it.
async fn find(visit: &Visit, text: &str) -> Result<Option<Found>, Fault> {
    let Some(token) = Token::parse(text) else { return Ok(None) };
    let offer = visit.services.store.links().recall_link(&token.hash()).await?;
    let found = offer.and_then(|offer| Some((reader(visit, &offer)?, offer)));
    Ok(found.map(|(person, offer)| Found { token, offer, person }))
}

/// The person an offer leads to, if it is open here and now.
fn reader(visit: &Visit, offer: &LinkOffer) -> Option<Arc<Person>> {
    let person = visit.directory().get(&offer.person)?;
    (offer.is_open(&visit.portal().name, visit.now) && offer.leads_to(&person)).then_some(person)
}

async fn press(visit: &Visit, browser: &Browser, form: &Form, text: &str) -> Result<Answer, Fault> {
    let nothing = || spent(visit, browser, &ReturnTo::default());
    let Some(found) = find(visit, text).await? else { return Ok(nothing()) };
    if !browser.admits(form) {
        return Ok(press_page(visit, browser, &found, Some(LinkError::FormExpired)));
    }
    // Of several presses at once, one goes on.
    let links = visit.services.store.links();
    let Some(offer) = links.take_link(&found.token.hash()).await? else { return Ok(nothing()) };
    let told = |detail| {
        event(visit, browser, AuditKind::LinkUsed, AuditOutcome::Success, &offer.person).with_detail(detail)
    };
    match offer.clone().press(browser.login.as_ref()) {
        Pressed::Here(offer) => {
            visit.services.record(told("in the browser that asked")).await;
            enter(visit, browser, &found.person, offer).await
        }
        Pressed::Elsewhere(left) => {
            links.offer_link(&left).await?;
            visit.services.record(told("in another browser: a code was shown")).await;
            Ok(code_page(visit, browser, &left, &code_of(&found.token)))
        }
    }
}

async fn answer(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let wanted = ReturnTo::read(form.text("return_to"));
    let links = visit.services.store.links();
    let Some(own) = &browser.login else { return Ok(spent(visit, browser, &wanted)) };
    if !browser.admits(form) {
        let offer = links.recall_link_of(&own.hash()).await?;
        return Ok(match offer.filter(|offer| offer.is_open(&visit.portal().name, visit.now)) {
            Some(offer) => waiting(visit, browser, &offer, Some(LinkError::FormExpired)),
            None => login::page(visit, browser, &wanted, "", Some(LoginError::FormExpired)),
        });
    }
    let typed = Digits::read(form.text("code"));
    // Of several codes at once, one is judged. What is no code is not counted, so it must cost the disk nothing either: a
    // stranger can post it without end.
    let offer = match typed {
        Some(_) => links.take_link_of(&own.hash()).await?,
        None => links.recall_link_of(&own.hash()).await?,
    };
    let Some(offer) = offer.filter(|offer| offer.is_open(&visit.portal().name, visit.now)) else {
        return Ok(spent(visit, browser, &wanted));
    };
    let Some(typed) = typed else {
        return Ok(waiting(visit, browser, &offer, Some(LinkError::WrongCode)));
    };
    let account = offer.person.clone();
    let told = |outcome| {
        event(visit, browser, AuditKind::LinkUsed, outcome, &account)
            .with_detail("the code of another device")
    };
    let judged = offer.answer(own, &typed);
    if let Typed::Wrong(_) | Typed::Over = &judged {
        visit.services.metrics.wrong_secrets.increment(1);
        visit.services.record(told(AuditOutcome::Failure)).await;
    }
    match judged {
        Typed::Right(offer) => {
            let Some(person) = reader(visit, &offer) else { return Ok(spent(visit, browser, &wanted)) };
            visit.services.record(told(AuditOutcome::Success)).await;
            enter(visit, browser, &person, offer).await
        }
        Typed::Wrong(left) => {
            links.offer_link(&left).await?;
            Ok(waiting(visit, browser, &left, Some(LinkError::WrongCode)))
        }
        Typed::Over => Ok(too_many(visit, browser, &wanted, None)),
    }
}

/// Goes on as after a password, within the time that is left.
async fn enter(
    visit: &Visit,
    browser: &Browser,
    person: &Arc<Person>,
    offer: LinkOffer,
) -> Result<Answer, Fault> {
    let begun = Begun { ends_by: Some(offer.ends_at), ..Begun::with(First::Link) };
    go_on(visit, browser, person, offer.return_to, begun).await
}

fn waiting(visit: &Visit, browser: &Browser, offer: &LinkOffer, error: Option<LinkError>) -> Answer {
    let (csrf, cookie) = browser.form_token(visit);
    let left = TRIES_PER_LINK.saturating_sub(offer.wrong_codes);
    let model = view::LinkSent {
        frame: frame(visit, browser, visit.link("link", &offer.return_to), csrf),
        typed: offer.typed.clone(),
        ends: offer.ends_at,
        error,
        tries_left: (error == Some(LinkError::WrongCode) && left <= FEW_TRIES).then_some(left),
        return_to: offer.return_to.as_str().to_owned(),
    };
    Answer::page(status(error), model.render()).with_cookie(cookie)
}

fn press_page(visit: &Visit, browser: &Browser, found: &Found, error: Option<LinkError>) -> Answer {
    let (csrf, cookie) = browser.form_token(visit);
    let token = found.token.reveal();
    let model = view::Link {
        frame: frame(visit, browser, format!("{}?token={token}", visit.own("link")), csrf),
        token,
        asked: asked_for(&found.offer),
        ends: found.offer.ends_at,
        opened: match found.offer.is_of(browser.login.as_ref()) {
            true => Opened::Here,
            false => Opened::Elsewhere,
        },
        error,
    };
    Answer::page(status(error), model.render()).with_cookie(cookie)
}

fn code_page(visit: &Visit, browser: &Browser, offer: &LinkOffer, code: &Digits) -> Answer {
    // The page cannot be asked for again, in no language.
    let frame = Frame { switches_language: false, ..frame(visit, browser, visit.own("link"), String::new()) };
    let model = view::LinkCode {
        frame,
        code: code.reveal().to_owned(),
        asked: asked_for(offer),
        ends: offer.ends_at,
    };
    Answer::page(StatusCode::OK, model.render())
}

/// One page for links that were used, replaced, are over, or never were.
fn spent(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Answer {
    let frame = frame(visit, browser, visit.link("link", return_to), String::new());
    let model = view::LinkSpent { frame, return_to: return_to.as_str().to_owned() };
    Answer::page(StatusCode::GONE, model.render())
}

fn asked_for(offer: &LinkOffer) -> AskedFor {
    AskedFor { at: offer.asked_at, address: offer.address.to_string(), agent: offer.agent.clone() }
}

fn status(error: Option<LinkError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(LinkError::WrongCode) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(LinkError::FormExpired) => StatusCode::FORBIDDEN,
    }
}
