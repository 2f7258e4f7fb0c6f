//! One sign-in for several portals: from the portal that holds it to another, in the same browser, by a code good once.
//!
//! No cookie is shared and nothing in an address is worth stealing. The other portal gives the browser a secret and tells home
//! a hash of it only; home's code is for that secret, that host, the network and the kind of browser that fetched it, and half
//! a minute. So a code that was seen on its way opens nothing elsewhere, and nobody is signed in as somebody else by following
//! a link: their browser does not hold the secret. Whatever does not fit is signed in at the portal itself.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use http::{Method, StatusCode};

use super::{
    admit::admit_handed,
    browser::{Browser, Going},
    cookie::{self, OnItsWay},
    events::event,
    fault::Fault,
    frame::frame,
    login, place,
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{
    config::settings::{PortalSettings, Settings, SignIn},
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::{Host, RequestKind, ReturnTo},
        identity::UserId,
        login::{End, First, Grant, HandOver, NotHandedOver, Shown, challenge},
        session::Session,
        standing::{Second, Standing},
        token::{Token, TokenHash},
    },
    page::view::{HandingOver, LoginError, ProblemKind},
    store::hot::LiveSession,
};

/// The word in the query of a sign-in page that asks for it in place.
const HERE: &str = "here";
/// Said by home where it has nothing to hand over.
const NONE: &str = "none";
/// Deep links longer than this are not kept on the way.
const LONGEST_PLACE: usize = 1000;
/// Sign-ins that may be on their way in one browser: it has several windows.
const MOST_ON_THEIR_WAY: usize = 4;

/// The way to the sign-in at home, for a stranger at a portal that takes it over from there. `None`: they sign in here.
pub(super) fn depart(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Option<Answer> {
    let home = visit.runtime.settings.home_of(&visit.portal().name)?;
    let is_asked = visit.facts.method == Method::GET && visit.facts.kind == RequestKind::Navigation;
    // What home would hand nothing over to need not go there.
    let goes_itself = browser.going == Going::Itself;
    if !is_asked || !goes_itself || visit.live.is_some() || browser.signs_in_here || asks_here(visit) {
        return None;
    }
    let secret = visit.services.draw_token();
    let challenge =
        BASE64URL_NOPAD.encode(challenge(&secret, &visit.facts.host, end(visit, browser)).as_bytes());
    let (page, host) = (visit.own("hand-over"), visit.facts.host.as_str());
    let url = format!("{}{page}?host={host}&challenge={challenge}", visit.origin_of(home));
    let kept = if return_to.as_str().len() > LONGEST_PLACE { &ReturnTo::default() } else { return_to };
    let way =
        OnItsWay { tag: tag(&challenge).to_owned(), began: visit.now.unix(), secret, place: kept.clone() };
    let too_many = (browser.on_their_way.len() + 1).saturating_sub(MOST_ON_THEIR_WAY);
    let given_up = browser.on_their_way.iter().take(too_many).map(cookie::clear_on_its_way);
    Some(Answer::go_to(url).with_cookies(given_up).with_cookie(cookie::set_on_its_way(&way)))
}

/// Whether the address asks for a sign-in in place.
pub(super) fn asks_here(visit: &Visit) -> bool {
    place::query(visit, HERE).is_some()
}

/// What tells this sign-in on its way from another of the same browser.
fn tag(challenge: &str) -> &str {
    challenge.get(..cookie::TAG).unwrap_or_default()
}

fn end<'a>(visit: &Visit, browser: &'a Browser) -> End<'a> {
    End { client: visit.facts.client, agent: &browser.agent }
}

/// At home: makes a code for who is signed in, and asks the others to sign in first. Only for a browser that goes there itself:
/// no picture, script or frame gets one.
pub(super) fn hand(visit: &Visit, browser: &Browser) -> Answer {
    let Some(asked) = Asked::read(visit) else { return problem(visit, browser, ProblemKind::NotFound) };
    if visit.facts.method != Method::GET || browser.going == Going::Otherwise {
        return problem(visit, browser, ProblemKind::BadRequest);
    }
    // Where something else goes, or nobody says who does, there is no code: one signs in in place.
    if browser.going != Going::Itself {
        return asked.on_to(visit, browser, NONE);
    }
    let back = asked.own_path(visit);
    let (Standing::Known(known), Some(live)) = (&visit.standing, &visit.live) else {
        return Answer::go_to(visit.link("login", &back));
    };
    if known.is_asked_for_second() && known.second == Second::Missing {
        return Answer::go_to(visit.link("second-factor", &back));
    }
    // A PIN is good on its own host.
    let is_taken = takes(&visit.runtime.settings, &asked.portal.name, live.session());
    if !is_taken || live.session().leans_on_device() || live.home().is_some() {
        return asked.on_to(visit, browser, NONE);
    }
    let code = visit.services.draw_token();
    let made = HandOver {
        challenge: asked.challenge,
        portal: asked.portal.name.clone(),
        host: asked.host.clone(),
        client: visit.facts.client,
        agent: browser.agent.clone(),
        made_at: visit.now,
    };
    visit.services.hand_overs.keep(code.hash(), made, Arc::clone(live), visit.now);
    asked.on_to(visit, browser, &code.reveal())
}

/// Whether `portal` signs people in the way `home` began: what its own sign-in page would refuse is not handed over either. Of
/// providers, all that home offers must be offered there, since a session does not tell which it was.
fn takes(settings: &Settings, portal: &str, home: &Session) -> bool {
    let Some(to) = settings.portals.iter().find(|known| known.name == portal) else { return false };
    match home.first {
        First::Password => to.begins_with(SignIn::Password),
        First::Link => to.begins_with(SignIn::Link),
        First::Provider => {
            let mut offered = settings.providers.iter().filter(|known| known.is_offered_at(&home.portal));
            offered.all(|known| known.is_offered_at(portal))
        }
        First::Passkey => true,
        First::Pin => home.passed.is_some(),
    }
}

/// What another portal asks of home.
struct Asked<'a> {
    portal: &'a PortalSettings,
    /// The host of the portal that asked: one of the file's.
    host: Host,
    challenge: TokenHash,
}

impl<'a> Asked<'a> {
    /// None where this portal is not the home of the one that is named.
    fn read(visit: &'a Visit) -> Option<Self> {
        let settings = &visit.runtime.settings;
        let written = place::query(visit, "host")?;
        let host = Host::read(&written).filter(|host| host.as_str() == written)?;
        let portal = visit.runtime.portal(settings.policy.place(&host)?);
        if settings.home_of(&portal.name)?.name != visit.portal().name {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(place::query(visit, "challenge")?.as_bytes()).ok()?;
        Some(Self { portal, host, challenge: TokenHash::from_bytes(bytes.try_into().ok()?) })
    }

    fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(self.challenge.as_bytes())
    }

    /// This very page, to come back to once somebody is signed in.
    fn own_path(&self, visit: &Visit) -> ReturnTo {
        let challenge = self.challenge();
        let page = visit.own("hand-over");
        ReturnTo::read(&format!("{page}?host={}&challenge={challenge}&after=sign-in", self.host))
    }

    /// On to the other portal with a code. After a form of ours by a page of its own, which leads on: a redirect that answers a
    /// form may not leave our origin.
    fn on_to(&self, visit: &Visit, browser: &Browser, code: &str) -> Answer {
        let (challenge, page) = (self.challenge(), visit.own("hand-over/arrive"));
        let url = format!("{}{page}?code={code}&asked={}", visit.origin_at(&self.host), tag(&challenge));
        if place::query(visit, "after").is_none() {
            return Answer::go_to(url);
        }
        let frame = frame(visit, browser, visit.own(""), String::new());
        let page = HandingOver { frame, portal: self.portal.title.clone(), url: url.clone() };
        Answer::page(StatusCode::OK, page.render()).onward_to(&url)
    }
}

/// At the other portal: redeems the code, in the browser that holds the secret.
pub(super) async fn arrive(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    if visit.runtime.settings.home_of(&visit.portal().name).is_none() || visit.facts.method != Method::GET {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    }
    // Used up by whoever shows it, rightly or not.
    let presented = place::query(visit, "code");
    let code = presented.as_deref().and_then(Token::parse);
    let waiting = code.and_then(|code| visit.services.hand_overs.take(&code.hash()));
    let asked = place::query(visit, "asked");
    let way = browser.on_their_way.iter().find(|way| Some(&way.tag) == asked.as_ref());
    let return_to = way.map(|way| way.place.clone()).unwrap_or_default();
    // Those of other windows go on.
    let spent = way.map(cookie::clear_on_its_way);
    if visit.live.is_some() {
        return Ok(Answer::go_to(visit.destination(return_to).as_str()).with_cookie(spent));
    }
    if presented.as_deref() == Some(NONE) {
        return Ok(login::in_place(visit, browser, &return_to).await.with_cookie(spent));
    }
    let secret = way.map(|way| &way.secret);
    match redeem(visit, browser, waiting, secret, &return_to) {
        Ok((grant, home)) => {
            let person = grant.person().clone();
            let cookies = admit_handed(visit, browser, grant, &home).await?;
            let told = event(visit, browser, AuditKind::HandOver, AuditOutcome::Success, &person);
            visit.services.record(told.with_detail(format!("from {}", home.session().portal))).await;
            let place = visit.destination(return_to);
            Ok(Answer::go_to(place.as_str()).with_cookies(cookies).with_cookie(spent))
        }
        Err(Refused { why, whose }) => {
            if let Some(person) = whose {
                let told = event(visit, browser, AuditKind::HandOver, AuditOutcome::Failure, &person);
                visit.services.record(told.with_detail(why.detail())).await;
            }
            tracing::info!(request_id = %visit.facts.id, client_ip = %visit.facts.client, reason = why.detail(), "hand-over refused");
            let page = match why {
                // The visitor did nothing wrong: two hosts may see one browser at two addresses.
                NotHandedOver::OtherPlace | NotHandedOver::NotItself => {
                    login::in_place(visit, browser, &return_to).await
                }
                _ => login::page(visit, browser, &return_to, "", Some(LoginError::Expired)),
            };
            Ok(page.with_cookie(spent))
        }
    }
}

/// Why a code opened nothing, and whose it was.
struct Refused {
    why: NotHandedOver,
    whose: Option<UserId>,
}

/// The grant that a code is worth here and now.
fn redeem(
    visit: &Visit,
    browser: &Browser,
    waiting: Option<(HandOver, Arc<LiveSession>)>,
    secret: Option<&Token>,
    return_to: &ReturnTo,
) -> Result<(Grant, Arc<LiveSession>), Refused> {
    let (made, home) = waiting.ok_or(Refused { why: NotHandedOver::Unknown, whose: None })?;
    let session = home.session();
    let refused = |why| Refused { why, whose: Some(session.person.clone()) };
    if browser.going != Going::Itself {
        return Err(refused(NotHandedOver::NotItself));
    }
    let (portal, host, from) = (visit.portal().name.as_str(), &visit.facts.host, end(visit, browser));
    made.check(Shown { secret, portal, host, from, now: visit.now }).map_err(refused)?;
    let settings = &visit.runtime.settings;
    let is_still_home =
        settings.home_of(&visit.portal().name).is_some_and(|portal| portal.name == session.portal);
    let directory = visit.runtime.directory(&visit.services.store);
    let person = directory.get(&session.person).filter(|person| !person.is_barred());
    if !is_still_home || !person.is_some_and(|person| home.is_live(visit.now, &person.credential)) {
        return Err(refused(NotHandedOver::Ended));
    }
    if !takes(settings, &visit.portal().name, session) {
        return Err(refused(NotHandedOver::OtherWay));
    }
    let (address, agent) = (visit.facts.client, &browser.agent);
    let grant = Grant::handed_over(session, &visit.portal().name, return_to.clone(), address, agent);
    Ok((grant.map_err(refused)?, Arc::clone(&home)))
}
