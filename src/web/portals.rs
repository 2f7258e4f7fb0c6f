//! Which portals there are for a visitor: the list for who is signed in, and the page for strangers at a portal's door.

use http::{Method, Response, StatusCode, uri::PathAndQuery};

use super::{
    browser::Browser,
    frame::{blank, frame},
    problem::Occasion,
    respond::{Answer, Wanted},
    visit::Visit,
};
use crate::{
    config::settings::{Landing, PortalSettings},
    domain::{
        path::NormalPath,
        policy::{Outcome, PortalIndex, Question},
        standing::{Second, Standing},
    },
    page::{
        i18n,
        view::{self, Frame, PortalRow, Portals},
    },
    proxy::Body,
};

/// The portals that the rules let this visitor into, after whatever is still owed for that.
pub(super) fn show(visit: &Visit, browser: &Browser) -> Answer {
    let here = visit.return_to_own("");
    let Standing::Known(known) = &visit.standing else { return Answer::go_to(visit.link("login", &here)) };
    if known.is_asked_for_second() && known.second == Second::Missing {
        return Answer::go_to(visit.link("second-factor", &here));
    }
    let portals = visit.runtime.settings.portals.iter().enumerate();
    let rows = portals
        .filter(|(index, portal)| leads_somewhere(portal) && may_enter(visit, PortalIndex(*index), portal))
        .map(|(index, portal)| {
            let here = PortalIndex(index) == visit.portal;
            let start = portal.start.as_str();
            PortalRow {
                title: portal.title.clone(),
                host: portal.hosts.first().map(ToString::to_string).unwrap_or_default(),
                url: if here { start.to_owned() } else { format!("{}{start}", visit.origin_of(portal)) },
                here,
            }
        })
        .collect();
    let (csrf, cookie) = browser.form_token(visit);
    let page = Portals { frame: frame(visit, browser, visit.own(""), csrf), rows };
    Answer::page(StatusCode::OK, page.render()).with_cookie(cookie)
}

/// A portal with nothing behind it is where one chooses, not what is chosen.
fn leads_somewhere(portal: &PortalSettings) -> bool {
    portal.upstream.is_some()
}

/// Whether the portal is open, and the rules would do anything but refuse this visitor where it starts. What they would ask for
/// first is asked there.
fn may_enter(visit: &Visit, index: PortalIndex, portal: &PortalSettings) -> bool {
    // Administrators close portals without touching the file. A group they close makes its members strangers.
    if visit.services.store.is_closed(&portal.name) {
        return false;
    }
    let target = portal.start.as_str().parse().unwrap_or_else(|_| PathAndQuery::from_static("/"));
    let Ok(path) = NormalPath::read(&target) else { return false };
    let client = visit.facts.client;
    let question = Question { portal: index, method: &Method::GET, path: &path, client, now: visit.now };
    let judgement = visit.runtime.settings.policy.judge(question, &visit.standing);
    !matches!(judgement.outcome, Outcome::Refuse(_))
}

/// The page for a stranger who came to a portal's first address and to nothing deeper.
pub fn landing_page(occasion: &Occasion<'_>, landing: &Landing) -> Response<Body> {
    let browser = Browser::read(occasion.headers);
    let (chosen, accepted) = (browser.language, browser.accept_language.as_deref());
    let language = i18n::negotiate(chosen, accepted, occasion.runtime.language);
    let frame: Frame = blank(occasion.runtime, occasion.portal, occasion.host, language, occasion.now);
    let page = view::Landing { frame, welcome: landing.welcome.clone() };
    Answer::page(StatusCode::OK, page.render()).into_response(Wanted::by(occasion.method))
}
