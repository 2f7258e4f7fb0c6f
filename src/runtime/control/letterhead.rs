//! The head of a letter about what administrators did: from nowhere and no browser.

use crate::{
    config::settings::PortalSettings,
    domain::time::Timestamp,
    page::{i18n::Language, letter::Letterhead},
    runtime::Runtime,
};

/// The head of a letter about `portal`, or about all of them.
pub(super) fn letterhead(
    runtime: &Runtime,
    language: Language,
    portal: Option<&PortalSettings>,
    at: Timestamp,
) -> Letterhead {
    let settings = &runtime.settings;
    let about = portal.map_or(settings.portals.as_slice(), std::slice::from_ref);
    let titles: Vec<_> = about.iter().map(|portal| portal.title.as_str()).collect();
    let host = about.iter().flat_map(|portal| &portal.hosts).next();
    let support = portal.and_then(|portal| portal.support.as_ref()).or(settings.pages.support.as_ref());
    Letterhead {
        words: runtime.words(language),
        portal_title: titles.join(", "),
        host: host.map_or_else(String::new, |host| settings.server.at_public_port(host)),
        support: support.map(Into::into),
        at,
        address: String::new(),
        agent: String::new(),
    }
}
