//! What every page of ours shares: the words of the visitor's language, the portal's names, whom to ask for help.

use super::{browser::Browser, visit::Visit};
use crate::{
    domain::{
        identity::{Person, UserId},
        policy::PortalIndex,
        time::Timestamp,
    },
    page::{
        i18n::{self, Language},
        view::Frame,
    },
    runtime::Runtime,
};

/// The frame of a page at `own_path` (where a switch of language leads back to) whose forms carry `csrf`.
pub(super) fn frame(visit: &Visit, browser: &Browser, own_path: String, csrf: String) -> Frame {
    let owner = visit.person().map(|person| &person.id);
    frame_in(visit, language_for(visit, browser, owner), own_path, csrf)
}

/// As [`frame`], for somebody whose password was right and who is not in yet: their own language counts already.
pub(super) fn frame_for(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
    own_path: String,
    csrf: String,
) -> Frame {
    frame_in(visit, language_for(visit, browser, Some(&person.id)), own_path, csrf)
}

fn frame_in(visit: &Visit, language: Language, own_path: String, csrf: String) -> Frame {
    Frame {
        own_path,
        csrf,
        administers: administers(visit),
        signed_in_as: visit.person().map(|person| person.display_name.clone()),
        ..blank(&visit.runtime, Some(visit.portal), &visit.facts.authority, language, visit.now)
    }
}

/// Whether the way to the administrators' pages is shown: they are at this portal, and the visitor has a role.
fn administers(visit: &Visit) -> bool {
    let admin = visit.runtime.settings.admin.as_ref().filter(|admin| admin.is_at(&visit.portal().name));
    admin.zip(visit.person()).is_some_and(|(admin, person)| admin.powers_of(person).any())
}

/// The language to answer in: what was chosen in this browser, then what the person chose, then what the browser asks for.
pub(super) fn language_for(visit: &Visit, browser: &Browser, owner: Option<&UserId>) -> Language {
    let own = || {
        let code = visit.services.store.outline(owner?).language()?;
        Language::parse(&code)
    };
    let choice = browser.language.or_else(own);
    i18n::negotiate(choice, browser.accept_language.as_deref(), visit.runtime.language)
}

/// A frame in which nobody is known and nothing can be posted.
pub(super) fn blank(
    runtime: &Runtime,
    portal: Option<PortalIndex>,
    host: &str,
    language: Language,
    now: Timestamp,
) -> Frame {
    let index = portal;
    let portal = index.map(|index| runtime.portal(index));
    let support =
        portal.and_then(|portal| portal.support.as_ref()).or(runtime.settings.pages.support.as_ref());
    Frame {
        words: runtime.words(language),
        prefix: runtime.settings.server.prefix.clone(),
        portal_title: portal.map_or_else(|| host.to_owned(), |portal| portal.title.clone()),
        issuer: portal.map_or_else(|| host.to_owned(), |portal| portal.issuer.clone()),
        host: host.to_owned(),
        support: support.map(Into::into),
        administers: false,
        has_portals: runtime.settings.portals.len() > 1,
        look: runtime.look(index).clone(),
        own_path: "/".to_owned(),
        switches_language: portal.is_some(),
        csrf: String::new(),
        signed_in_as: None,
        now,
    }
}
