//! The sign-in under way in this browser: found by its cookie, and vetted before anything is done with it.

use std::sync::Arc;

use http::HeaderValue;

use super::{browser::Browser, cookie, visit::Visit};
use crate::{
    domain::{
        facts::ReturnTo,
        identity::Person,
        login::{Login, Over, Stage},
        standing::Known,
        token::Token,
    },
    store::{Stored, hot::LiveSession},
};

/// A sign-in that can go on, the person it is for, and the token of its cookie.
pub(super) struct Pending {
    pub(super) login: Login,
    pub(super) person: Arc<Person>,
    pub(super) token: Token,
}

/// What the browser's cookie names.
pub(super) enum Found {
    /// No sign-in.
    Nothing,
    /// One that is over.
    Over(Over),
    /// One that can go on.
    Ready(Box<Pending>),
}

/// Looks at the sign-in without touching it.
pub(super) async fn look(visit: &Visit, browser: &Browser) -> Stored<Found> {
    let Some(token) = browser.login.clone() else { return Ok(Found::Nothing) };
    let login = visit.services.store.logins().recall_login(&token.hash()).await?;
    Ok(login.map_or(Found::Nothing, |login| vet(visit, login, token)))
}

/// Takes the sign-in out: of several answers at once, one goes on with it.
pub(super) async fn take(visit: &Visit, browser: &Browser) -> Stored<Found> {
    let Some(token) = browser.login.clone() else { return Ok(Found::Nothing) };
    let login = visit.services.store.logins().take_login(&token.hash()).await?;
    Ok(login.map_or(Found::Nothing, |login| vet(visit, login, token)))
}

/// Whether it is one of this portal and, where it strengthens a session, of the session that is here.
fn vet(visit: &Visit, login: Login, token: Token) -> Found {
    if login.portal != visit.portal().name {
        return Found::Nothing;
    }
    let is_of_this_session = |hash| visit.live.as_ref().is_some_and(|live| live.session().hash == hash);
    if login.replaces.is_some_and(|hash| !is_of_this_session(hash)) {
        return Found::Nothing;
    }
    let Some(person) = visit.directory().get(&login.person) else {
        return Found::Over(Over::Outdated);
    };
    match login.check(&person, visit.now) {
        Ok(()) => Found::Ready(Box::new(Pending { login, person, token })),
        Err(over) => Found::Over(over),
    }
}

/// Begins to ask somebody who is signed in for a code, or to link an app. Tells the cookie to set.
pub(super) async fn strengthen(
    visit: &Visit,
    known: &Known,
    live: &LiveSession,
    return_to: ReturnTo,
    stage: Stage,
) -> Stored<(Pending, HeaderValue)> {
    let token = visit.services.draw_token();
    let login =
        Login::strengthen(live.session(), return_to, stage, token.hash(), visit.facts.client, visit.now);
    visit.services.store.logins().begin_login(&login).await?;
    let cookie = cookie::set_login(&token);
    Ok((Pending { login, person: known.person.clone(), token }, cookie))
}
