//! What the visitor's browser sent beside the request itself: our cookies, languages, its name.

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, USER_AGENT},
};

use super::{
    agent,
    cookie::{self, OnItsWay},
    form::Form,
    visit::Visit,
};
use crate::{domain::token::Token, page::i18n::Language};

/// One browser, as far as it can be told.
#[derive(Clone)]
pub(super) struct Browser {
    /// The session cookie.
    pub(super) session: Option<Token>,
    /// Sessions of other accounts that wait in this browser.
    pub(super) parked: Vec<Token>,
    /// The cookie of a sign-in under way.
    pub(super) login: Option<Token>,
    /// The trusted-device values, oldest first.
    pub(super) devices: Vec<Token>,
    /// The mark of a browser in which somebody signed in before.
    pub(super) mark: Option<Token>,
    /// What opens the form that waits here.
    pub(super) kept: Option<Token>,
    /// The chosen language.
    pub(super) language: Option<Language>,
    /// `Accept-Language`.
    pub(super) accept_language: Option<String>,
    /// "Firefox, Windows".
    pub(super) agent: String,
    /// Sign-ins on their way here from another portal, oldest first.
    pub(super) on_their_way: Vec<OnItsWay>,
    /// Whether whoever signs in does so here, although another portal holds sign-ins.
    pub(super) signs_in_here: bool,
    /// Who goes here.
    pub(super) going: Going,
    /// Whether a page of this very origin asks. Old browsers do not say.
    pub(super) asks_from_here: bool,
    /// Whether files may come in gzip.
    pub(super) takes_gzip: bool,
}

/// Who goes to a page, as browsers say (Fetch Metadata). Scripts cannot change what is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Going {
    /// The visitor, in a window of their own.
    Itself,
    /// A service worker on the visitor's behalf: it reads what comes back, or passes on what it likes.
    ByWorker,
    /// A picture, a script or a frame.
    Otherwise,
    /// Old browsers do not say.
    Unsaid,
}

impl Going {
    fn read(headers: &HeaderMap) -> Self {
        let said = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let (mode, dest) = (said("sec-fetch-mode"), said("sec-fetch-dest"));
        let is_said = mode.is_some() || dest.is_some() || said("sec-fetch-site").is_some();
        // What a worker fetches for a navigation keeps its mode and loses its destination; what is fetched before the worker
        // runs, so that it need not wait, says so.
        match (mode, dest) {
            _ if headers.contains_key("service-worker-navigation-preload") => Self::ByWorker,
            (Some(b"navigate"), Some(b"document")) => Self::Itself,
            (Some(b"navigate"), None | Some(b"" | b"empty")) => Self::ByWorker,
            _ if is_said => Self::Otherwise,
            _ => Self::Unsaid,
        }
    }
}

/// Whether gzip is among what these headers accept (RFC 9110, 12.5.3).
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_none_or(|weight| weight.is_ok_and(|q| q > 0.0))
    })
}

impl Browser {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        Self {
            session: cookie::session_token(headers),
            parked: cookie::parked_tokens(headers),
            login: cookie::login_token(headers),
            devices: cookie::device_tokens(headers),
            mark: cookie::browser_token(headers),
            kept: cookie::kept_token(headers),
            language: cookie::language(headers),
            accept_language: text(ACCEPT_LANGUAGE.as_str()).map(str::to_owned),
            agent: agent::label(text(USER_AGENT.as_str()).unwrap_or_default()),
            on_their_way: cookie::on_their_way(headers),
            signs_in_here: cookie::says_here(headers),
            going: Going::read(headers),
            asks_from_here: text("sec-fetch-site") == Some("same-origin"),
            takes_gzip: takes_gzip(headers),
        }
    }

    /// Whether a form was made for this browser: it carries the form token of one of its cookies.
    pub(super) fn admits(&self, form: &Form) -> bool {
        let presented = form.text("csrf");
        [&self.session, &self.login].into_iter().flatten().any(|token| token.admits_form(presented))
    }

    /// The form token for a page, and the cookie to set where the browser has none to derive it from.
    pub(super) fn form_token(&self, visit: &Visit) -> (String, Option<HeaderValue>) {
        let own = match visit.live {
            Some(_) => self.session.as_ref().or(self.login.as_ref()),
            None => self.login.as_ref(),
        };
        match own {
            Some(token) => (token.form_token(), None),
            None => {
                let token = visit.services.draw_token();
                (token.form_token(), Some(cookie::set_login(&token)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_of_the_visitors_own_goes_itself() {
        let going = |said: &[(&'static str, &'static str)]| {
            let said =
                said.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            Going::read(&HeaderMap::from_iter(said))
        };
        let (mode, dest) = ("sec-fetch-mode", "sec-fetch-dest");
        let own = [(mode, "navigate"), (dest, "document")];
        assert_eq!(going(&own), Going::Itself);
        let preload = ("service-worker-navigation-preload", "true");
        assert_eq!(going(&[own[0], own[1], preload]), Going::ByWorker);
        assert_eq!(going(&[preload]), Going::ByWorker);
        assert_eq!(going(&[(mode, "navigate"), (dest, "empty")]), Going::ByWorker);
        assert_eq!(going(&[(mode, "navigate")]), Going::ByWorker);
        for other in ["iframe", "object", "image"] {
            assert_eq!(going(&[(mode, "navigate"), (dest, other)]), Going::Otherwise, "{other}");
        }
        assert_eq!(going(&[(mode, "same-origin"), (dest, "document")]), Going::Otherwise);
        assert_eq!(going(&[(dest, "document")]), Going::Otherwise);
        assert_eq!(going(&[("sec-fetch-site", "same-origin")]), Going::Otherwise);
        assert_eq!(going(&[]), Going::Unsaid);
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it_and_to_nobody_else() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for yes in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.8"] {
            assert!(takes(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip;q=0.0, br", "gzip;q=x", "xgzip"] {
            assert!(!takes(no), "{no}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
