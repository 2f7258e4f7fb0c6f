//! Names of the identity headers: real names, nobody else's, and distinct in every spelling an upstream may fold.

use std::ops::Range;

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

/// One header as far as it is read.
struct Header {
    key: &'static str,
    name: Option<HeaderName>,
    written: Option<Range<usize>>,
}

pub(super) fn headers(check: &mut Check<'_, '_>, table: &HeadersTable) -> IdentityHeaders {
    let mut headers = [
        header(check, "user", table.user.as_ref(), "remote-user"),
        header(check, "name", table.name.as_ref(), "remote-name"),
        header(check, "email", table.email.as_ref(), "remote-email"),
        header(check, "groups", table.groups.as_ref(), "remote-groups"),
    ];
    refuse_twins(check, &headers);
    let [user, name, email, groups] = headers.each_mut().map(|header| header.name.take());
    IdentityHeaders { user, name, email, groups }
}

fn header(
    check: &mut Check<'_, '_>,
    key: &'static str,
    word: Option<&At<HeaderWord>>,
    default: &'static str,
) -> Header {
    let Some(word) = word else {
        return Header { key, name: Some(HeaderName::from_static(default)), written: None };
    };
    let HeaderWord::Name(text) = word.value() else { return Header { key, name: None, written: None } };
    let name = text.parse::<HeaderName>().ok();
    let folded = fold(text);
    if name.is_none() {
        check
            .desk
            .error(word.span(), format!("\"{text}\" is no header name"))
            .hint("letters, digits and \"-\", as in \"Remote-User\"; or false for no such header");
    } else if RESERVED.contains(&folded.as_str())
        || RESERVED_STARTS.iter().any(|start| folded.starts_with(start))
    {
        check
            .desk
            .error(word.span(), format!("\"{text}\" has a meaning of its own and cannot carry an identity"))
            .hint("choose a name such as \"Remote-User\"");
    }
    Header { key, name, written: Some(word.span()) }
}

/// Two identities under one name: in some portals even `X_User` and `X-User` are one.
fn refuse_twins(check: &mut Check<'_, '_>, headers: &[Header]) {
    for (index, one) in headers.iter().enumerate() {
        for other in &headers[index + 1..] {
            let (Some(name), Some(twin)) = (&one.name, &other.name) else { continue };
            if fold(name.as_str()) != fold(twin.as_str()) {
                continue;
            }
            // The caret belongs to the one that was written, the explanation to the other.
            let (at, first) = match (&other.written, &one.written) {
                (Some(at), _) => (at, one),
                (None, Some(at)) => (at, other),
                (None, None) => continue,
            };
            let default = if first.written.is_none() { ", by default" } else { "" };
            check
                .desk
                .error(at.clone(), format!("this is the header of \"{}\" already{default}", first.key))
                .hint(
                    "choose another; \"-\", \"_\" and \".\" count as the same, as some portals read them so",
                );
        }
    }
}

/// What CGI and WSGI make of a header name, more or less: anything but letters and digits is the same.
fn fold(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
