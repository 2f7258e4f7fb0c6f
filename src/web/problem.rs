//! A page instead of what was asked for. The gateway uses it too, also before anybody was recognised.

use http::{HeaderMap, Method, Response, StatusCode};

use super::{
    browser::Browser,
    frame::{blank, frame},
    respond::{Answer, SOON, Wanted},
    visit::Visit,
};
use crate::{
    domain::{
        facts::{RequestId, ReturnTo},
        identity::Person,
        policy::PortalIndex,
        time::Timestamp,
    },
    page::{
        i18n,
        view::{Frame, Problem, ProblemKind},
    },
    proxy::Body,
    runtime::Runtime,
};

/// The request that went wrong, as far as it was read.
pub struct Occasion<'a> {
    /// The snapshot it lived under.
    pub runtime: &'a Runtime,
    /// Its method: HEAD gets no body.
    pub method: &'a Method,
    /// Its headers: the language is chosen from them.
    pub headers: &'a HeaderMap,
    /// The portal, if the host is one's.
    pub portal: Option<PortalIndex>,
    /// The host as the visitor wrote it; shown.
    pub host: &'a str,
    /// The path and query, if they could be read: where "try again" and a switch of language lead.
    pub target: &'a str,
    /// Who is signed in.
    pub person: Option<&'a Person>,
    /// The number to quote.
    pub request_id: &'a RequestId,
    /// The moment of the request.
    pub now: Timestamp,
}

/// The page for `kind`, with its status and every header of our own pages. For navigations; other requests get JSON.
pub fn problem_page(occasion: &Occasion<'_>, kind: ProblemKind) -> Response<Body> {
    drawn(occasion.runtime, frame_of(occasion), kind, occasion.request_id)
        .into_response(Wanted::by(occasion.method))
}

/// The frame of a page that is shown in the place of what was asked for.
pub(super) fn frame_of(occasion: &Occasion<'_>) -> Frame {
    let browser = Browser::read(occasion.headers);
    let language =
        i18n::negotiate(browser.language, browser.accept_language.as_deref(), occasion.runtime.language);
    Frame {
        own_path: ReturnTo::read(occasion.target).as_str().to_owned(),
        signed_in_as: occasion.person.map(|person| person.display_name.clone()),
        ..blank(occasion.runtime, occasion.portal, occasion.host, language, occasion.now)
    }
}

/// As [`problem_page`], for a visit to one of our own pages.
pub(super) fn problem(visit: &Visit, browser: &Browser, kind: ProblemKind) -> Answer {
    let target = ReturnTo::read(visit.facts.path.target().as_str()).as_str().to_owned();
    drawn(&visit.runtime, frame(visit, browser, target, String::new()), kind, &visit.facts.id)
}

fn drawn(runtime: &Runtime, frame: Frame, kind: ProblemKind, request_id: &RequestId) -> Answer {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let return_to = frame.own_path.clone();
    let retry = match kind {
        ProblemKind::TooManyRequests(until) => until.map(|until| frame.now.until(until)),
        ProblemKind::Unavailable => Some(SOON),
        _ => None,
    };
    let asks_access = runtime.settings.admin.is_some();
    let page = Problem { frame, kind, request_id: request_id.as_str().to_owned(), asks_access, return_to };
    Answer::page(status, page.render()).retry_in(retry)
}
