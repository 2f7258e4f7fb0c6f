//! Our own pages: which address is which, and what each does with a form.
//!
//! Handlers get a [`Visit`] that was read and recognised by the gateway; none of them reads a clock, judges a request or
//! decides on its own that somebody is in: that is for `domain::login`, told of a password or link that was right in `login`,
//! of a PIN in `unlock`, of a code in `second_factor`, of a first code in `enrol` and `contact`, and nowhere else. What people get wrong is a page
//! with 422 (403 for a stale form, 429 when throttled, 503 when we cannot check); what succeeds redirects with 303.

mod access;
mod account;
mod accounts;
mod admin;
mod admit;
mod agent;
mod approval;
mod approving;
mod asking;
mod authenticator;
mod badge;
mod browser;
mod codes;
mod contact;
pub mod cookie;
pub mod endpoint;
mod enrol;
mod events;
mod fault;
mod form;
mod frame;
mod glass;
mod hand_over;
mod help;
mod invitation;
mod language;
mod link;
mod login;
mod logout;
mod not_me;
mod notices;
mod pairing;
mod passkey;
mod password;
mod pending;
mod pin;
mod place;
mod portals;
mod problem;
mod provider;
mod recovery;
mod rehash;
mod resend;
mod respond;
mod second_factor;
mod sending;
mod step_up;
#[cfg(test)]
mod tests;
mod trust;
mod unlock;
pub mod visit;
mod ways;

use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;

pub use self::{
    badge::badge,
    endpoint::Endpoint,
    form::is_own_origin,
    place::link,
    portals::landing_page,
    problem::{Occasion, problem_page},
    resend::{Press, Waiting, not_received_page},
    step_up::{page_for, query_of},
    visit::Visit,
};
use self::{
    browser::Browser,
    fault::Fault,
    form::{Form, FormFault, MOST_BYTES},
    respond::{Answer, Wanted},
};
use crate::{
    domain::facts::RequestFacts,
    page::view::{ProblemKind, portal_manifest},
    proxy::Body,
    runtime::Runtime,
};

/// Answers a request for one of our own addresses.
pub async fn answer(endpoint: Endpoint, visit: Visit, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let wanted = Wanted::by(&head.method);
    let (visit, browser) = (Arc::new(visit), Arc::new(Browser::read(&head.headers)));
    let answered = match head.method {
        Method::GET if matches!(endpoint, Endpoint::ProviderCallback | Endpoint::HandOverArrival) => {
            let (own_visit, own_browser) = (Arc::clone(&visit), Arc::clone(&browser));
            let done = async move { show(&endpoint, &own_visit, &own_browser).await };
            to_its_end(&visit, &browser, done).await
        }
        Method::GET | Method::HEAD => show(&endpoint, &visit, &browser).await,
        Method::POST if takes_forms(&endpoint) => {
            receive(endpoint, &visit, &browser, &head.headers, body).await
        }
        _ if takes_forms(&endpoint) => Ok(not_allowed(&visit, &browser, "GET, HEAD, POST")),
        _ => Ok(not_allowed(&visit, &browser, "GET, HEAD")),
    };
    or_problem(answered, &visit, &browser).into_response(wanted)
}

/// A handler's answer, or the page that says we cannot give one now.
fn or_problem(answered: Result<Answer, Fault>, visit: &Visit, browser: &Browser) -> Answer {
    answered.unwrap_or_else(|fault| {
        fault.log();
        problem::problem(visit, browser, ProblemKind::Unavailable)
    })
}

/// A style sheet, script or drawing, if that is what is asked for: they name nobody, and are the same on every host.
pub fn asset(runtime: &Runtime, facts: &RequestFacts, headers: &HeaderMap) -> Option<Response<Body>> {
    let asset = match Endpoint::place(&runtime.settings.server.prefix, &facts.path)? {
        Endpoint::Asset(name) => runtime.asset(&name)?,
        _ => return None,
    };
    let is_read = matches!(facts.method, Method::GET | Method::HEAD);
    is_read
        .then(|| Answer::asset(asset, browser::takes_gzip(headers)).into_response(Wanted::by(&facts.method)))
}

async fn show(endpoint: &Endpoint, visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let answer = show_page(endpoint, visit, browser).await;
    let cookie = notices::follow(visit, browser, None);
    Ok(answer?.with_cookie(cookie))
}

async fn show_page(endpoint: &Endpoint, visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    match endpoint {
        Endpoint::Login => Ok(login::show(visit, browser).await),
        Endpoint::Unlock => Ok(Answer::go_to(visit.link("login", &place::return_to(visit)))),
        Endpoint::Pin => pin::show(visit, browser).await,
        Endpoint::Link => link::show(visit, browser).await,
        Endpoint::Provider => Ok(Answer::go_to(visit.own("login"))),
        Endpoint::ProviderCallback => provider::arrive(visit, browser).await,
        Endpoint::SecondFactor => second_factor::show(visit, browser).await,
        Endpoint::Language => Ok(language::switch(visit)),
        Endpoint::Badge => Ok(badge::close(visit, browser)),
        Endpoint::Asset(name) => Ok(match visit.runtime.asset(name) {
            Some(asset) => Answer::asset(asset, browser.takes_gzip),
            None => problem::problem(visit, browser, ProblemKind::NotFound),
        }),
        Endpoint::Help => help::show(visit, browser).await,
        Endpoint::Password => password::show(visit, browser).await,
        Endpoint::Invitation => invitation::show(visit, browser).await,
        Endpoint::ChangePassword => Ok(Answer::go_to(visit.own(match visit.directory().keeps_people() {
            true => "password",
            false => "account",
        }))),
        Endpoint::Enrol => enrol::show(visit, browser).await,
        Endpoint::Contact => contact::show(visit, browser).await,
        Endpoint::Logout => Ok(logout::show(visit, browser)),
        Endpoint::NotMe => not_me::show(visit, browser).await,
        Endpoint::Resend => resend::show(visit, browser).await,
        Endpoint::Account => account::show(visit, browser).await,
        Endpoint::Access => Ok(access::show(visit, browser)),
        Endpoint::Accounts => Ok(accounts::show(visit, browser)),
        Endpoint::HandOver => Ok(hand_over::hand(visit, browser)),
        Endpoint::HandOverArrival => hand_over::arrive(visit, browser).await,
        Endpoint::Admin(place) => admin::show(*place, visit, browser).await,
        Endpoint::Portals => Ok(portals::show(visit, browser)),
        Endpoint::Manifest => {
            let frame = frame::frame(visit, browser, visit.own("login"), String::new());
            Ok(Answer::text(portal_manifest(&frame), "application/manifest+json"))
        }
        Endpoint::Authenticator(piece) => Ok(authenticator::show(visit, browser, *piece)),
        Endpoint::Passkey
        | Endpoint::Pairing
        | Endpoint::PairingState
        | Endpoint::Question
        | Endpoint::Requests
        | Endpoint::PageAnswer
        | Endpoint::Unknown => Ok(problem::problem(visit, browser, ProblemKind::NotFound)),
    }
}

async fn receive(
    endpoint: Endpoint,
    visit: &Arc<Visit>,
    browser: &Arc<Browser>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Answer, Fault> {
    let most = match endpoint {
        Endpoint::Admin(place) => admin::most_bytes(place, visit, browser),
        _ => MOST_BYTES,
    };
    let form = match Form::read(headers, &visit.facts.authority, body, most).await {
        Ok(form) => form,
        Err(fault) => {
            tracing::info!(request_id = %visit.facts.id, client_ip = %visit.facts.client, ?fault, "form refused");
            let kind = match fault {
                FormFault::Foreign => ProblemKind::FormRefused,
                FormFault::Malformed => ProblemKind::BadRequest,
                FormFault::TooLarge => ProblemKind::TooLarge,
            };
            return Ok(problem::problem(visit, browser, kind));
        }
    };
    let (own_visit, own_browser) = (Arc::clone(visit), Arc::clone(browser));
    let done = async move { submit(&endpoint, &own_visit, &own_browser, &form).await };
    to_its_end(visit, browser, done).await
}

/// As a task of its own: who hangs up in the middle must not leave an app without its codes or a code used for nothing.
async fn to_its_end(
    visit: &Visit,
    browser: &Browser,
    work: impl Future<Output = Result<Answer, Fault>> + Send + 'static,
) -> Result<Answer, Fault> {
    tokio::spawn(work).await.unwrap_or_else(|gone| {
        tracing::error!(%gone, "a visit was not carried to its end");
        Ok(problem::problem(visit, browser, ProblemKind::Internal))
    })
}

async fn submit(endpoint: &Endpoint, visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let before = notices::look_before(endpoint, visit).await;
    let answer = take_form(endpoint, visit, browser, form).await;
    // Told also where the rest failed: what happened has happened.
    let cookie = notices::follow(visit, browser, before);
    Ok(answer?.with_cookie(cookie))
}

async fn take_form(
    endpoint: &Endpoint,
    visit: &Visit,
    browser: &Browser,
    form: &Form,
) -> Result<Answer, Fault> {
    match endpoint {
        Endpoint::Login => login::submit(visit, browser, form).await,
        Endpoint::Unlock => unlock::submit(visit, browser, form).await,
        Endpoint::Pin => pin::submit(visit, browser, form).await,
        Endpoint::Help => help::submit(visit, browser, form).await,
        Endpoint::Password => password::submit(visit, browser, form).await,
        Endpoint::Invitation => invitation::submit(visit, browser, form).await,
        Endpoint::Link => link::submit(visit, browser, form).await,
        Endpoint::Provider => provider::submit(visit, browser, form).await,
        Endpoint::SecondFactor => second_factor::submit(visit, browser, form).await,
        Endpoint::Enrol => enrol::submit(visit, browser, form).await,
        Endpoint::Contact => contact::submit(visit, browser, form).await,
        Endpoint::Passkey => passkey::ask(visit, browser, form).await,
        Endpoint::Logout => logout::submit(visit, browser, form).await,
        Endpoint::NotMe => not_me::submit(visit, browser, form).await,
        Endpoint::Accounts => accounts::submit(visit, browser, form).await,
        Endpoint::Access => access::submit(visit, browser, form).await,
        Endpoint::Resend => resend::submit(visit, browser, form).await,
        Endpoint::Account => account::submit(visit, browser, form).await,
        Endpoint::Admin(place) => admin::submit(*place, visit, browser, form).await,
        Endpoint::Pairing => authenticator::begin(visit, browser, form).await,
        Endpoint::PairingState => authenticator::state(visit, form).await,
        Endpoint::Question => approving::question(visit, browser, form).await,
        Endpoint::Requests => approving::requests(visit, form).await,
        Endpoint::PageAnswer => approving::answer(visit, browser, form).await,
        Endpoint::Authenticator(_)
        | Endpoint::Portals
        | Endpoint::HandOver
        | Endpoint::HandOverArrival
        | Endpoint::Manifest
        | Endpoint::Language
        | Endpoint::Badge
        | Endpoint::ProviderCallback
        | Endpoint::Asset(_)
        | Endpoint::ChangePassword
        | Endpoint::Unknown => Ok(problem::problem(visit, browser, ProblemKind::NotFound)),
    }
}

/// Whether anything is posted there.
fn takes_forms(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Login
        | Endpoint::Unlock
        | Endpoint::Pin
        | Endpoint::Help
        | Endpoint::Password
        | Endpoint::Invitation
        | Endpoint::Link
        | Endpoint::SecondFactor
        | Endpoint::Enrol
        | Endpoint::Contact
        | Endpoint::Passkey
        | Endpoint::Logout
        | Endpoint::NotMe
        | Endpoint::Provider
        | Endpoint::Pairing
        | Endpoint::PairingState
        | Endpoint::Question
        | Endpoint::Requests
        | Endpoint::PageAnswer
        | Endpoint::Access
        | Endpoint::Resend
        | Endpoint::Accounts
        | Endpoint::Account => true,
        Endpoint::Admin(place) => place.takes_forms(),
        Endpoint::Authenticator(_)
        | Endpoint::Portals
        | Endpoint::HandOver
        | Endpoint::HandOverArrival
        | Endpoint::Manifest
        | Endpoint::Language
        | Endpoint::Badge
        | Endpoint::ProviderCallback
        | Endpoint::Asset(_)
        | Endpoint::ChangePassword
        | Endpoint::Unknown => false,
    }
}

fn not_allowed(visit: &Visit, browser: &Browser, methods: &'static str) -> Answer {
    problem::problem(visit, browser, ProblemKind::MethodNotAllowed).allowing(methods)
}
