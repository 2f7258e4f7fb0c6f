//! Which requests get a page with a badge in it: who is signed in goes to a page of a portal that has badges.

use http::{HeaderMap, Version};

use crate::{
    domain::{facts::RequestFacts, policy::Permit},
    proxy::{Inlay, ask_plainly, wants_page},
    runtime::Runtime,
    store::hot::LiveSession,
    web,
};

/// The badge for the page that this request leads to, if any; the upstream is asked so that it can be laid in. Where the rules
/// tell the portal nobody, its pages are everybody's and name nobody either.
pub(super) fn badge(
    runtime: &Runtime,
    permit: &Permit,
    facts: &RequestFacts,
    version: Version,
    headers: &mut HeaderMap,
    live: Option<&LiveSession>,
) -> Option<Inlay> {
    // To HTTP/1.0 a page without a length could not be told from one that broke off.
    if !runtime.portal(permit.portal()).badge
        || version < Version::HTTP_11
        || !wants_page(&facts.method, headers)
    {
        return None;
    }
    let badge = web::badge(runtime, facts, headers, permit.person()?, live?)?;
    ask_plainly(headers);
    Some(badge)
}
