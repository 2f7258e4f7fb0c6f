//! What the rules ask of a second factor where a visitor goes on to: so that our page asks exactly when they do, and offers
//! only what counts there. Nothing is allowed here; the gateway judges the next request anyway.

use http::{Method, uri::PathAndQuery};

use super::{endpoint::Endpoint, pending::Pending, visit::Visit};
use crate::domain::{
    factor,
    facts::ReturnTo,
    path::NormalPath,
    policy::{Challenge, Question},
    standing::Known,
};

/// The page of ours that a challenge leads to, and what its address says beside where it leads on to.
pub fn page_for(challenge: &Challenge) -> (&'static str, Vec<(&'static str, &'static str)>) {
    match challenge {
        Challenge::SignIn { .. } => ("login", Vec::new()),
        Challenge::Password { .. } => ("login", vec![AGAIN]),
        Challenge::SecondFactor { again, method, .. } => {
            let method = method.map(|method| ("method", method.name()));
            ("second-factor", again.then_some(AGAIN).into_iter().chain(method).collect())
        }
    }
}

/// Plain words for the query of one of our pages, after `first`.
pub fn query_of(first: char, pairs: &[(&str, &str)]) -> String {
    let signs = std::iter::once(first).chain(std::iter::repeat('&'));
    signs.zip(pairs).map(|(sign, (name, value))| format!("{sign}{name}={value}")).collect()
}

/// Asks our page for a factor although the session has one.
const AGAIN: (&str, &str) = ("again", "1");

/// Whether going on to `return_to` asks this visitor for a second factor, shown before or not. Our own pages ask themselves.
pub(super) fn asks(visit: &Visit, known: &Known, return_to: &ReturnTo) -> bool {
    let policy = &visit.runtime.settings.policy;
    destination(visit, return_to)
        .is_some_and(|path| policy.asks_second_factor_of(question(visit, &path), known))
}

/// Which of the methods that a visitor has are offered, in the order of `has`. Somebody signed in is offered what counts at
/// the destination; somebody signing in gets in with anything, what counts there first.
pub(super) fn offered(visit: &Visit, pending: &Pending, has: Vec<factor::Method>) -> Vec<factor::Method> {
    let Pending { login, person, .. } = pending;
    let policy = &visit.runtime.settings.policy;
    let path = destination(visit, &login.return_to);
    let Some(path) = path else { return has };
    let (counting, others): (Vec<_>, Vec<_>) =
        has.into_iter().partition(|method| policy.counts(question(visit, &path), person, *method));
    match login.replaces {
        Some(_) => counting,
        None => counting.into_iter().chain(others).collect(),
    }
}

/// A question to the rules about going to `path` from here.
pub(super) fn question<'a>(visit: &Visit, path: &'a NormalPath) -> Question<'a> {
    Question { portal: visit.portal, method: &Method::GET, path, client: visit.facts.client, now: visit.now }
}

/// The path of the portal that is gone to, where it is one the rules are asked about.
fn destination(visit: &Visit, return_to: &ReturnTo) -> Option<NormalPath> {
    let target: PathAndQuery = return_to.as_str().parse().ok()?;
    let path = NormalPath::read(&target).ok()?;
    let is_own = Endpoint::place(&visit.runtime.settings.server.prefix, &path).is_some();
    (!is_own).then_some(path)
}
