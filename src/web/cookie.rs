//! The gateway's cookies: which there are, how they are read, how they are set.
//!
//! All of them carry the `__Host-` prefix, so that no neighbouring host and no page of the portal over plain HTTP can plant
//! one. A name that arrives twice with different values names nothing: somebody is tossing cookies.

use std::{collections::BTreeMap, time::Duration};

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
/// How the names of sign-ins on their way here from another portal begin: a secret each, and where it is to lead. Each window
/// has one of its own, so that several at once do not write over each other's.
pub const HAND_OVER: &str = "__Host-vestibule-hand-over-";
/// Whoever signs in in this browser does so here, although another portal holds sign-ins. It opens nothing.
pub const HERE: &str = "__Host-vestibule-here";
/// Sessions of other accounts that wait in this browser, joined by dots.
pub const PARKED: &str = "__Host-vestibule-parked";
/// The chosen language.
pub const LANGUAGE: &str = "__Host-vestibule-language";
/// The sign-in whose badge was closed.
const BADGE: &str = "__Host-vestibule-badge";

/// What opens the form that waits for a sign-in of this browser.
pub const KEPT: &str = "__Host-vestibule-kept";

/// Accounts that may wait beside the one in use.
pub(super) const MOST_PARKED: usize = 4;
/// Characters of what tells one sign-in on its way from another.
pub(super) const TAG: usize = 8;
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

/// A sign-in on its way here.
#[derive(Clone)]
pub(super) struct OnItsWay {
    /// What tells it from others of this browser.
    pub(super) tag: String,
    /// When it set out, in Unix seconds.
    pub(super) began: i64,
    /// The secret that the browser got for it.
    pub(super) secret: Token,
    /// Where it is to lead.
    pub(super) place: ReturnTo,
}

/// The sign-ins on their way here, oldest first. Read in one pass: a head has room for many.
pub(super) fn on_their_way(headers: &HeaderMap) -> Vec<OnItsWay> {
    let pairs =
        headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|&byte| byte == b';'));
    let mut found = BTreeMap::new();
    for pair in pairs {
        let own = pair.trim_ascii().strip_prefix(HAND_OVER.as_bytes());
        let own = own.and_then(|own| std::str::from_utf8(own).ok()?.split_once('='));
        if let Some((tag, value)) = own.filter(|(tag, _)| is_tag(tag)) {
            // Two different values name nothing.
            let kept = found.entry(tag).or_insert(Some(value));
            *kept = kept.filter(|kept| *kept == value);
        }
    }
    let all = found.into_iter().filter_map(|(tag, value)| on_its_way(tag, value?));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|way| way.began);
    all
}

fn on_its_way(tag: &str, value: &str) -> Option<OnItsWay> {
    let mut parts = value.splitn(3, '.');
    let (secret, began, place) = (parts.next()?, parts.next()?, parts.next()?);
    let place = BASE64URL_NOPAD.decode(place.as_bytes()).ok()?;
    let place = ReturnTo::read(std::str::from_utf8(&place).ok()?);
    let (began, secret) = (began.parse().ok()?, Token::parse(secret)?);
    Some(OnItsWay { tag: tag.to_owned(), began, secret, place })
}

fn is_tag(text: &str) -> bool {
    text.len() == TAG && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Kept for as long as somebody may take to sign in, an app that is linked on the way included.
pub(super) fn set_on_its_way(way: &OnItsWay) -> HeaderValue {
    let place = BASE64URL_NOPAD.encode(way.place.as_str().as_bytes());
    let value = format!("{}.{}.{place}", way.secret.reveal(), way.began);
    build(&format!("{HAND_OVER}{}", way.tag), &value, Some(minutes(60)))
}

/// It has arrived, or never will.
pub(super) fn clear_on_its_way(way: &OnItsWay) -> HeaderValue {
    build(&format!("{HAND_OVER}{}", way.tag), "", Some(Duration::ZERO))
}

/// Whether whoever signs in in this browser does so here.
pub(super) fn says_here(headers: &HeaderMap) -> bool {
    value(headers, HERE) == Some("1")
}

/// Kept for as long as somebody may take to sign in.
pub(super) fn set_here() -> HeaderValue {
    build(HERE, "1", Some(minutes(60)))
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

/// The sign-in whose badge was closed in this browser.
pub(super) fn closed_badge(headers: &HeaderMap) -> Option<&str> {
    value(headers, BADGE)
}

/// Ends with the browser; it says nothing of any other sign-in.
pub(super) fn set_closed_badge(mark: &str) -> HeaderValue {
    build(BADGE, mark, None)
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

fn build(name: &str, value: &str, max_age: Option<Duration>) -> HeaderValue {
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
    fn sign_ins_on_their_way_keep_apart_and_none_is_read_from_two_values() {
        let way = |tag: &str, byte, began| OnItsWay {
            tag: tag.to_owned(),
            began,
            secret: token(byte),
            place: ReturnTo::read("/reports?month=11"),
        };
        let pair =
            |way: &OnItsWay| set_on_its_way(way).to_str().unwrap().split(';').next().unwrap().to_owned();
        let (young, old) = (pair(&way("AAAAaaa-", 1, 20)), pair(&way("BBBBbbb_", 2, 10)));
        let read = |cookies: &str| -> Vec<_> {
            let all = on_their_way(&headers(&[cookies])).into_iter();
            all.map(|way| (way.tag, way.began, way.secret, way.place.as_str().to_owned())).collect()
        };
        let place = "/reports?month=11".to_owned();
        let expected = [
            ("BBBBbbb_".to_owned(), 10, token(2), place.clone()),
            ("AAAAaaa-".to_owned(), 20, token(1), place),
        ];
        assert_eq!(read(&format!("{young}; a=1; {old}; {young}")), expected);
        let tossed = young.replace(&token(1).reveal(), &token(3).reveal());
        assert_eq!(read(&format!("{young}; {tossed}; {old}")), expected[..1]);
        for wrong in [format!("{HAND_OVER}AAAA=x"), young.replace(".20.", ".x."), young.replace("-=", "%=")] {
            assert_eq!(read(&wrong), [], "{wrong}");
        }
        let cleared = clear_on_its_way(&way("AAAAaaa-", 1, 20));
        assert!(cleared.to_str().unwrap().starts_with("__Host-vestibule-hand-over-AAAAaaa-=; "));
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
