//! Who is asking: the only place where a request's `Standing` is built, from memory alone.

use std::{net::IpAddr, sync::Arc};

use http::HeaderMap;

use crate::{
    config::settings::Unlock,
    domain::{
        facts::RequestFacts,
        standing::{Known, Second, Standing},
        time::Timestamp,
        trust::Spared,
    },
    runtime::Runtime,
    store::hot::{CoreSessions, HotStore, LiveSession},
    web::cookie,
};

/// Recognises whoever sent `headers` to `portal`. A cookie that names no live session here makes nobody known.
pub(crate) fn recognise(
    runtime: &Runtime,
    store: &HotStore,
    sessions: &CoreSessions,
    portal: &str,
    facts: &RequestFacts,
    headers: &HeaderMap,
    now: Timestamp,
) -> (Standing, Option<Arc<LiveSession>>) {
    match find(runtime, store, sessions, portal, facts, headers, now) {
        Some((known, live)) => (Standing::Known(known), Some(live)),
        None => (Standing::Stranger, None),
    }
}

fn find(
    runtime: &Runtime,
    store: &HotStore,
    sessions: &CoreSessions,
    portal: &str,
    facts: &RequestFacts,
    headers: &HeaderMap,
    now: Timestamp,
) -> Option<(Known, Arc<LiveSession>)> {
    let token = cookie::session_token(headers)?;
    let live = store.recall(sessions, &token.hash(), portal, now)?;
    let known = stand(runtime, store, &live, portal, facts.client, now)?;
    live.touch(now);
    Some((known, live))
}

/// How the person of a session stands at `now` at its portal; `None` if it is over.
pub(super) fn stand(
    runtime: &Runtime,
    store: &HotStore,
    live: &LiveSession,
    portal: &str,
    client: IpAddr,
    now: Timestamp,
) -> Option<Known> {
    let session = live.session();
    // The directory has the last word: whoever left it, was disabled or changed the password is a stranger.
    let person = runtime.directory(store).get(&session.person).filter(|person| !person.is_barred())?;
    let credential = &person.credential;
    if !live.is_live(now, credential) || !live.is_handed_from(|| runtime.settings.home_name_of(portal)) {
        return None;
    }
    // What the file no longer allows to be trusted counts for nobody, however long ago it was granted.
    let device = || live.waiving_device(now, credential, runtime.settings.trust.device?).cloned();
    // A PIN stands on its device: without the trust in that, or where PINs unlock nothing any more, nobody is signed in.
    if session.leans_on_device()
        && (device().is_none() || !runtime.settings.trust.unlock.contains(&Unlock::Pin))
    {
        return None;
    }
    let address = || {
        let terms = runtime.settings.address_terms(client)?;
        let asked = Spared { person: &person.id, credential, portal, client, now };
        store.covering_address(&asked, &terms)
    };
    let second = if let Some(passed) = session.passed {
        Second::Passed { method: passed.method, at: passed.at }
    } else if let Some(id) = device() {
        Second::TrustedDevice(id)
    } else if let Some(id) = address() {
        Second::TrustedAddress(id)
    } else {
        Second::Missing
    };
    let wants_second_factor = live.account().wants_second_factor();
    let since = session.opened_at;
    Some(Known { person, second, wants_second_factor, since })
}
