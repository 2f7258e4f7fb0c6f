//! Names of the identity headers: real names, nobody else's, and distinct in every spelling an upstream may fold.

use http::HeaderName;

use super::Check;
use crate::config::{
    file::{At, HeaderWord, HeadersTable},
    settings::IdentityHeaders,
};

/// Headers with a meaning of their own: carrying an identity in one of them would break the message or be overwritten.
const RESERVED: [&str; 34] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-real-ip",
    "x-request-id",
];

/// Families of such headers.
const RESERVED_STARTS: [&str; 3] = ["x-forwarded-", "sec-", "proxy-"];

pub(super) fn headers(check: &mut Check<'_, '_>, table: &HeadersTable) -> IdentityHeaders {
    let mut taken: Vec<(String, &'static str)> = Vec::new();
    let mut read = |key: &'static str, word: Option<&At<HeaderWord>>, default: &'static str| {
        let Some(word) = word else {
            return claim(check, &mut taken, key, HeaderName::from_static(default), None);
        };
        let HeaderWord::Name(text) = word.value() else { return None };
        let Ok(name) = text.parse::<HeaderName>() else {
            let hint = "letters, digits and \"-\", as in \"Remote-User\"; or false for no such header";
            check.desk.error(word.span(), format!("\"{text}\" is no header name")).hint(hint);
            return None;
        };
        claim(check, &mut taken, key, name, Some(word))
    };
    IdentityHeaders {
        user: read("user", table.user.as_ref(), "remote-user"),
        name: read("name", table.name.as_ref(), "remote-name"),
        email: read("email", table.email.as_ref(), "remote-email"),
        groups: read("groups", table.groups.as_ref(), "remote-groups"),
    }
}

fn claim(
    check: &mut Check<'_, '_>,
    taken: &mut Vec<(String, &'static str)>,
    key: &'static str,
    name: HeaderName,
    word: Option<&At<HeaderWord>>,
) -> Option<HeaderName> {
    let folded = fold(name.as_str());
    if let Some(word) = word
        && (RESERVED.contains(&folded.as_str())
            || RESERVED_STARTS.iter().any(|start| folded.starts_with(start)))
    {
        check
            .desk
            .error(
                word.span(),
                format!("header \"{name}\" has a meaning of its own and cannot carry an identity"),
            )
            .hint("choose a name such as \"Remote-User\"");
        return None;
    }
    if let Some((_, other)) = taken.iter().find(|(other, _)| *other == folded) {
        // Without a word of its own the earlier key took the default name; the caret stands where it was written.
        if let Some(word) = word {
            check
                .desk
                .error(word.span(), format!("\"{name}\" is already the header of \"{other}\""))
                .hint("some portals read \"-\", \"_\" and \".\" in header names alike: choose names that differ otherwise");
        } else {
            check
                .desk
                .refuse(format!("the header of \"{other}\" is the default one of \"{key}\""))
                .hint(format!("rename \"{key}\" as well, or switch it off with {key} = false"));
        }
        return None;
    }
    taken.push((folded, key));
    Some(name)
}

/// What CGI and WSGI make of a header name, more or less: anything but letters and digits is the same.
fn fold(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
