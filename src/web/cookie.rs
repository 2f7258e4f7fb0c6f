//! The gateway's cookies: which there are, how they are read, how they are set.
//!
//! All of them carry the `__Host-` prefix, so that no neighbouring host and no page of the portal over plain HTTP can plant
//! one. A name that arrives twice with different values names nothing: somebody is tossing cookies.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::{
    domain::{
        facts::ReturnTo,
        kept_form::KEPT_FOR,
        notice::SEEN_DAYS,
        time::{days, minutes},
        token::Token,
    },
    page::i18n::Language,
};

/// The session.
pub const SESSION: &str = "__Host-vestibule";
/// The trusted-device values of this browser, one per person, joined by dots.
pub const DEVICES: &str = "__Host-vestibule-device";
/// A sign-in under way; before the password, only what ties a form to its browser.
pub const LOGIN: &str = "__Host-vestibule-login";
/// What tells a browser in which somebody signed in before from a new one. It opens nothing.
pub const BROWSER: &str = "__Host-vestibule-browser";
/// A sign-in on its way here from another portal: a secret, and where it is to lead.
pub const HAND_OVER: &str = "__Host-vestibule-hand-over";
/// Sessions of other accounts that wait in this browser, joined by dots.
pub const PARKED: &str = "__Host-vestibule-parked";
/// The chosen language.
pub const LANGUAGE: &str = "__Host-vestibule-language";

/// What opens the form that waits for a sign-in of this browser.
pub const KEPT: &str = "__Host-vestibule-kept";

/// Accounts that may wait beside the one in use.
pub(super) const MOST_PARKED: usize = 4;
/// People who may be remembered in one browser.
const MOST_DEVICES: usize = 4;

/// The session this request carries, if its cookie is well-formed and not contradicted by another.
pub fn session_token(headers: &HeaderMap) -> Option<Token> {
    Token::parse(value(headers, SESSION)?)
}

/// The sign-in under way, or the token of a browser that has not begun one.
pub(super) fn login_token(headers: &HeaderMap) -> Option<Token> {
    Token::parse(value(headers, LOGIN)?)
}

/// The device values, oldest first. Anything that is no token is left out.
pub(super) fn device_tokens(headers: &HeaderMap) -> Vec<Token> {
    let joined = value(headers, DEVICES).unwrap_or_default();
    joined.split('.').take(MOST_DEVICES).filter_map(Token::parse).collect()
}

/// The sessions that wait, oldest first.
pub(super) fn parked_tokens(headers: &HeaderMap) -> Vec<Token> {
    let joined = value(headers, PARKED).unwrap_or_default();
    joined.split('.').take(MOST_PARKED).filter_map(Token::parse).collect()
}

/// Ends with the browser, or with the sessions on our side; none at all clears the cookie.
pub(super) fn set_parked(tokens: &[Token]) -> HeaderValue {
    if tokens.is_empty() {
        return clear(PARKED);
    }
    let joined: Vec<String> = tokens.iter().map(Token::reveal).collect();
    build(PARKED, &joined.join("."), None)
}

/// The mark of a browser in which somebody signed in before.
pub(super) fn browser_token(headers: &HeaderMap) -> Option<Token> {
    Token::parse(value(headers, BROWSER)?)
}

/// The secret of a sign-in on its way here, and where that is to lead.
pub(super) fn hand_over(headers: &HeaderMap) -> Option<(Token, ReturnTo)> {
    let (secret, place) = value(headers, HAND_OVER)?.split_once('.')?;
    let place = BASE64URL_NOPAD.decode(place.as_bytes()).ok()?;
    Some((Token::parse(secret)?, ReturnTo::read(std::str::from_utf8(&place).ok()?)))
}

/// Kept for as long as somebody may take to sign in, an app that is linked on the way included.
pub(super) fn set_hand_over(secret: &Token, place: &ReturnTo) -> HeaderValue {
    let place = BASE64URL_NOPAD.encode(place.as_str().as_bytes());
    build(HAND_OVER, &format!("{}.{place}", secret.reveal()), Some(minutes(60)))
}

/// What opens the form that waits for a sign-in of this browser.
pub fn kept_token(headers: &HeaderMap) -> Option<Token> {
    Token::parse(value(headers, KEPT)?)
}

/// The language chosen in this browser.
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    let code = value(headers, LANGUAGE)?;
    Language::all().into_iter().find(|language| language.code() == code)
}

/// Ends with the browser, or with the session on our side.
pub(super) fn set_session(token: &Token) -> HeaderValue {
    build(SESSION, &token.reveal(), None)
}

/// Ends with the browser, or with the sign-in on our side.
pub(super) fn set_login(token: &Token) -> HeaderValue {
    build(LOGIN, &token.reveal(), None)
}

/// Kept as long as the form is.
pub fn set_kept(token: &Token) -> HeaderValue {
    build(KEPT, &token.reveal(), Some(KEPT_FOR))
}

/// Keeps the newest values for `span`; none at all clears the cookie.
pub(super) fn set_devices(tokens: &[Token], span: Duration) -> HeaderValue {
    let newest = &tokens[tokens.len().saturating_sub(MOST_DEVICES)..];
    if newest.is_empty() {
        return clear(DEVICES);
    }
    let joined: Vec<String> = newest.iter().map(Token::reveal).collect();
    build(DEVICES, &joined.join("."), Some(span))
}

/// Whether this sets the device values.
pub(super) fn is_devices(set: &HeaderValue) -> bool {
    set.as_bytes().strip_prefix(DEVICES.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

/// Kept for a year.
pub(super) fn set_language(language: Language) -> HeaderValue {
    build(LANGUAGE, language.code(), Some(Duration::from_secs(365 * 86_400)))
}

/// Kept as long as the house remembers what it was seen by.
pub(super) fn set_browser(token: &Token) -> HeaderValue {
    build(BROWSER, &token.reveal(), Some(days(SEEN_DAYS)))
}

/// Makes the browser forget a cookie.
pub fn clear(name: &'static str) -> HeaderValue {
    build(name, "", Some(Duration::ZERO))
}

fn build(name: &'static str, value: &str, max_age: Option<Duration>) -> HeaderValue {
    let mut cookie = cookie::Cookie::build((name, value))
        .secure(true)
        .http_only(true)
        .path("/")
        .same_site(cookie::SameSite::Lax);
    if let Some(span) = max_age {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
    }
    // Names, tokens and language codes are ASCII without separators, so this is always a header value.
    HeaderValue::from_str(&cookie.build().to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The one value of `name`. Names compare exactly; quotes and `$Version` are not understood and so match nothing.
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = None;
    for header in headers.get_all(COOKIE) {
        // A header with bytes beyond ASCII may hold the portal's cookies; ours are read from what surrounds them.
        for pair in header.as_bytes().split(|&byte| byte == b';') {
            let Some(value) =
                pair.trim_ascii().strip_prefix(name.as_bytes()).and_then(|p| p.strip_prefix(b"="))
            else {
                continue;
            };
            match found {
                Some(other) if other != value => return None,
                _ => found = Some(value),
            }
        }
    }
    std::str::from_utf8(found?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::Entropy;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn token(byte: u8) -> Token {
        Token::draw(&Fixed(byte))
    }

    fn headers(cookies: &[&str]) -> HeaderMap {
        cookies.iter().map(|cookie| (COOKIE, HeaderValue::from_str(cookie).unwrap())).collect()
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let own = token(1);
        let cookie = format!("theme=dark; __Host-vestibule={}; lang=de", own.reveal());
        assert_eq!(session_token(&headers(&[&cookie])), Some(own.clone()));
        assert_eq!(session_token(&headers(&["theme=dark", &cookie])), Some(own));
    }

    #[test]
    fn two_different_values_of_one_name_are_no_session_and_two_equal_ones_are_one() {
        let (a, b) = (token(1).reveal(), token(2).reveal());
        let tossed = format!("__Host-vestibule={a}; __Host-vestibule={b}");
        assert_eq!(session_token(&headers(&[&tossed])), None);
        let (first, second) = (format!("__Host-vestibule={a}"), format!("__Host-vestibule={b}"));
        assert_eq!(session_token(&headers(&[&first, &second])), None);
        assert_eq!(session_token(&headers(&[&first, &first])), Some(token(1)));
        assert_eq!(session_token(&headers(&[&first, "__Host-vestibule="])), None);
    }

    #[test]
    fn malformed_cookies_are_no_session() {
        let own = token(1).reveal();
        for cookie in [
            format!("__Host-vestibule=\"{own}\""),
            format!("__host-vestibule={own}"),
            format!("__Host-vestibule2={own}"),
            format!("__Host-vestibule ={own}"),
            format!("$Version=1; __Host-vestibule=\"{own}\"; $Path=/"),
            format!("__Host-vestibule={own}="),
            "__Host-vestibule".to_owned(),
        ] {
            assert_eq!(session_token(&headers(&[&cookie])), None, "{cookie}");
        }
    }

    #[test]
    fn cookies_are_host_only_secure_and_out_of_reach_of_scripts() {
        let set = set_session(&token(1));
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-vestibule=AQEB"));
        for attribute in ["; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("Domain") && !set.contains("Max-Age"));
        assert!(clear(SESSION).to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn one_browser_remembers_four_people_and_forgets_the_oldest() {
        let all: Vec<Token> = (1..=5).map(token).collect();
        let set = set_devices(&all, Duration::from_secs(30 * 86_400));
        let set = set.to_str().unwrap();
        assert!(set.contains("Max-Age=2592000"));
        let cookie = set.split(';').next().unwrap();
        assert_eq!(device_tokens(&headers(&[cookie])), all[1..]);
        assert!(set_devices(&[], Duration::from_secs(1)).to_str().unwrap().contains("Max-Age=0"));
    }
}
