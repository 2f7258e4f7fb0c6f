//! The badge: in the portal's own pages, who is signed in, with the ways to our pages, until it is closed.
//!
//! Closing it needs no script and leaves the page as it stands: the badge's style sheet loads a picture of ours, and that
//! answer remembers it in the browser for this one sign-in.

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;

use super::{browser::Browser, cookie, respond::Answer, visit::Visit};
use crate::{
    domain::{
        facts::{RequestFacts, ReturnTo},
        identity::Person,
        token::sha256,
    },
    page::{
        i18n::{self, Language},
        view::Badge,
    },
    proxy::Inlay,
    runtime::Runtime,
    store::hot::LiveSession,
};

/// The picture: nothing.
const PICTURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";

/// The badge of `person` for the page asked for, unless it was closed since this sign-in.
pub fn badge(
    runtime: &Runtime,
    facts: &RequestFacts,
    headers: &HeaderMap,
    person: &Person,
    live: &LiveSession,
) -> Option<Inlay> {
    if cookie::closed_badge(headers) == Some(mark(live).as_str()) {
        return None;
    }
    let own = live.account().language().and_then(|code| Language::parse(&code));
    let browser = Browser::read(headers);
    let accepted = browser.accept_language.as_deref();
    let language = i18n::negotiate(browser.language.or(own), accepted, runtime.language);
    let page = Badge {
        words: runtime.words(language),
        origin: format!("https://{}", facts.authority),
        prefix: runtime.settings.server.prefix.clone(),
        name: person.display_name.clone(),
        return_to: ReturnTo::read(facts.path.target().as_str()).as_str().to_owned(),
    };
    Inlay::new(page.render(), &facts.authority)
}

/// Closes the badge until the next sign-in. Asked with GET, and harmless: it changes only what is shown, and only a page of
/// this origin can ask for it.
pub(super) fn close(visit: &Visit, browser: &Browser) -> Answer {
    let live = visit.live.as_ref().filter(|_| browser.asks_from_here);
    Answer::text(PICTURE.to_owned(), "image/svg+xml")
        .with_cookie(live.map(|live| cookie::set_closed_badge(&mark(live))))
}

/// Stands for one sign-in of one person, and tells nothing of either. A second factor shown later belongs to the same sign-in.
fn mark(live: &LiveSession) -> String {
    let session = live.session();
    let (person, since) = (session.person.as_str().as_bytes(), session.opened_at.unix().to_be_bytes());
    let hash = sha256(&[b"vestibule badge\0", &since, person]);
    BASE64URL_NOPAD.encode(hash.split_at(12).0)
}
