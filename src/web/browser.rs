//! What the visitor's browser sent beside the request itself: our cookies, languages, its name.

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_LANGUAGE, USER_AGENT},
};

use super::{agent, cookie, form::Form, visit::Visit};
use crate::{domain::token::Token, page::i18n::Language};

/// One browser, as far as it can be told.
#[derive(Clone)]
pub(super) struct Browser {
    /// The session cookie.
    pub(super) session: Option<Token>,
    /// The cookie of a sign-in under way.
    pub(super) login: Option<Token>,
    /// The trusted-device values, oldest first.
    pub(super) devices: Vec<Token>,
    /// The mark of a browser in which somebody signed in before.
    pub(super) mark: Option<Token>,
    /// The chosen language.
    pub(super) language: Option<Language>,
    /// `Accept-Language`.
    pub(super) accept_language: Option<String>,
    /// "Firefox, Windows".
    pub(super) agent: String,
}

impl Browser {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        Self {
            session: cookie::session_token(headers),
            login: cookie::login_token(headers),
            devices: cookie::device_tokens(headers),
            mark: cookie::browser_token(headers),
            language: cookie::language(headers),
            accept_language: text(ACCEPT_LANGUAGE).map(str::to_owned),
            agent: agent::label(text(USER_AGENT).unwrap_or_default()),
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
