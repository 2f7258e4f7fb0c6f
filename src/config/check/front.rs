//! What visitors meet first at a portal: its page of welcome, and where a sign-in leads; and what a portal without a server
//! behind it has no use for.

use http::uri::PathAndQuery;

use super::Check;
use crate::{
    config::{
        file::{At, PortalTable},
        settings::Landing,
    },
    domain::{facts::ReturnTo, path::NormalPath},
};

/// The longest welcome: a sentence or two.
const LONGEST_WELCOME: usize = 400;

/// The page for strangers, if there is one.
pub(super) fn landing(check: &mut Check<'_, '_>, table: &PortalTable) -> Option<Landing> {
    let is_on = table.landing.as_ref().is_some_and(|landing| *landing.value());
    let welcome = table.welcome.as_ref().map(|written| {
        let text = check.words(written);
        if text.trim().is_empty() || text.chars().count() > LONGEST_WELCOME {
            check
                .desk
                .error(written.span(), format!("\"welcome\" has {} characters", text.chars().count()))
                .hint(format!("write a sentence or two, at most {LONGEST_WELCOME} characters"));
        }
        text
    });
    if let Some(written) = table.welcome.as_ref().filter(|_| !is_on) {
        check
            .desk
            .warn(written.span(), "nobody reads \"welcome\": strangers are sent to the sign-in at once")
            .hint("write landing = true beside it, or leave it out");
    }
    is_on.then_some(Landing { welcome })
}

/// Where a sign-in leads that came from nowhere else.
pub(super) fn start(check: &mut Check<'_, '_>, table: &PortalTable, prefix: &str) -> ReturnTo {
    let Some(written) = &table.start else { return ReturnTo::default() };
    let text = written.value();
    let start = ReturnTo::read(text);
    if start.as_str() != text || text.contains('#') {
        let hint = match text.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
            Some((_, path)) => format!("only the path, on this portal itself: \"/{path}\""),
            None => "write a path of this portal, as in \"/dashboard\"".to_owned(),
        };
        check.desk.error(written.span(), format!("\"{text}\" is no place to start")).hint(hint);
        return ReturnTo::default();
    }
    let path = text.parse::<PathAndQuery>().ok().and_then(|target| NormalPath::read(&target).ok());
    if path.is_some_and(|path| format!("{}/", path.as_str()).starts_with(prefix)) {
        check
            .desk
            .error(written.span(), format!("everything under {prefix} is the gateway's own"))
            .hint("write a page of the portal, as in \"/dashboard\"");
        return ReturnTo::default();
    }
    start
}

/// What only makes sense with a server behind.
pub(super) fn nothing_behind(check: &mut Check<'_, '_>, portal: &At<PortalTable>, name: &str) {
    let table = portal.value();
    let headers = &table.headers;
    let keys = [
        ("upstream_ca", table.upstream_ca.as_ref().map(At::span)),
        ("connect_timeout", table.connect_timeout.as_ref().map(At::span)),
        ("response_timeout", table.response_timeout.as_ref().map(At::span)),
        ("idle_timeout", table.idle_timeout.as_ref().map(At::span)),
        ("headers.user", headers.user.as_ref().map(At::span)),
        ("headers.name", headers.name.as_ref().map(At::span)),
        ("headers.email", headers.email.as_ref().map(At::span)),
        ("headers.groups", headers.groups.as_ref().map(At::span)),
        ("start", table.start.as_ref().map(At::span)),
        ("badge", table.badge.as_ref().map(At::span)),
    ];
    let stray = keys.into_iter().find_map(|(key, span)| Some((key, span?)));
    let wants_upstream = "write the server behind, as in upstream = \"http://127.0.0.1:8080\"";
    if let Some((key, span)) = stray {
        check
            .desk
            .error(span, format!("\"{key}\" says nothing: portal \"{name}\" has no upstream"))
            .hint(wants_upstream);
        return;
    }
    // Without rules, who signs in sees the list of portals; somebody who writes rules more likely forgot the server.
    if !table.rule.is_empty() {
        check
            .desk
            .warn(
                portal.span(),
                format!("portal \"{name}\" has no upstream: only the gateway's own pages answer there"),
            )
            .hint(
                "write the server behind, as in upstream = \"http://127.0.0.1:8080\", or leave its rules out",
            );
    }
}
