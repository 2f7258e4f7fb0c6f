//! The last step of every sign-in: a grant becomes a session under a new token, and what came before it is dead.

use std::sync::Arc;

use http::HeaderValue;

use super::{
    accounts,
    browser::Browser,
    cookie,
    events::factor_event,
    trust::{self, Ticked},
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        facts::ReturnTo,
        login::{Grant, Waiver},
        session::Session,
    },
    store::{Stored, hot::LiveSession},
};

/// Somebody is in.
pub(super) struct Admitted {
    /// Where to go.
    pub(super) return_to: ReturnTo,
    /// The cookies that make it so.
    pub(super) cookies: Vec<HeaderValue>,
    /// Whether this browser has just become a remembered one.
    pub(super) is_remembered: bool,
}

/// Opens the session of a finished sign-in and grants the trust that was ticked beside its code.
pub(super) async fn admit(
    visit: &Visit,
    browser: &Browser,
    mut grant: Grant,
    waiver: &Waiver,
    ticked: Ticked,
) -> Stored<Admitted> {
    let (services, now) = (&visit.services, visit.now);
    let signed_in = |factor| {
        let mut event =
            factor_event(visit, browser, AuditKind::SignIn, AuditOutcome::Success, grant.person(), factor);
        event.first = Some(grant.first().name().to_owned());
        event
    };
    let signed_in = match (grant.passed().map(|passed| passed.method), waiver) {
        // A passkey that unlocked the device: both are told.
        (Some(method), Waiver::Device(id)) => {
            AuditEvent { trust: Some(id.to_string()), ..signed_in(method.name()) }
        }
        (Some(method), _) => signed_in(method.name()),
        (None, Waiver::Device(id)) => signed_in("device").about_trust("device", id),
        (None, Waiver::Address(id)) => signed_in("address").about_trust("address", id),
        (None, Waiver::Nothing | Waiver::Provider(_)) => signed_in(grant.first().name()),
    };
    // Before the session, so that it can be tied to the trust.
    let device_cookie = trust::grant_trust(visit, browser, &mut grant, ticked).await?;
    let (return_to, person) = (grant.return_to().clone(), grant.person().clone());
    let replaces = grant.replaces().copied();

    let token = services.draw_token();
    let spans = visit.runtime.settings.session;
    let session = Session::open(grant, token.hash(), services.draw_id(now), spans, now);
    match home_of(visit, &session) {
        Some(home) => {
            services.store.open_handed(session.tied_to(home.session()), home, replaces).await?;
        }
        None => {
            services.store.open_session(session, replaces).await?;
        }
    }
    if let Some(live) = &visit.live
        && replaces != Some(live.session().hash)
        && let Err(fault) = services.store.supersede(live).await
    {
        // Closed in memory already; the store is told when it answers again.
        tracing::warn!(%fault, "the session before this sign-in is still in the store");
    }
    // A code asked of somebody who is in already is told by the event of the code.
    if replaces.is_none() {
        services.metrics.sign_ins.increment(1);
        services.record(signed_in).await;
    }
    let is_remembered = device_cookie.is_some();
    let parked = accounts::after_sign_in(visit, browser, &person).await?;
    let cookies = [cookie::set_session(&token), cookie::clear(cookie::LOGIN)];
    let cookies = cookies.into_iter().chain(device_cookie).chain(parked).chain(no_longer_here(browser));
    Ok(Admitted { return_to, cookies: cookies.collect(), is_remembered })
}

/// Opens the session of a sign-in that was handed over from `home`. What stood in for a second factor there, and counts here,
/// stands in for it here: requests ask.
pub(super) async fn admit_handed(
    visit: &Visit,
    browser: &Browser,
    grant: Grant,
    home: &Arc<LiveSession>,
) -> Stored<Vec<HeaderValue>> {
    let (services, now) = (&visit.services, visit.now);
    let (token, person) = (services.draw_token(), grant.person().clone());
    let spans = visit.runtime.settings.session;
    let session = Session::open(grant, token.hash(), services.draw_id(now), spans, now);
    services.store.open_handed(session, home, None).await?;
    // A session of the same person that waits in this browser would outlast their sign-out.
    let parked = accounts::after_sign_in(visit, browser, &person).await?;
    let cookies = [cookie::set_session(&token), cookie::clear(cookie::LOGIN)];
    Ok(cookies.into_iter().chain(parked).chain(no_longer_here(browser)).collect())
}

/// The next sign-in begins wherever sign-ins begin.
fn no_longer_here(browser: &Browser) -> Option<HeaderValue> {
    browser.signs_in_here.then(|| cookie::clear(cookie::HERE))
}

/// Where the session before this one was handed over from, if the same person goes on in its place.
fn home_of<'a>(visit: &'a Visit, session: &Session) -> Option<&'a Arc<LiveSession>> {
    let before = visit.live.as_ref().filter(|before| before.session().person == session.person)?;
    before.home()
}
