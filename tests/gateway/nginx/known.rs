//! The cases that come out otherwise than behind nginx, and the words of `docs/proxying.md` that say why.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    One,
    Two,
    Both,
}

const KNOWN: &[(&[&str], Over, &str)] = &[
    (
        &["method POST", "method PUT", "method PATCH"],
        Over::One,
        "A POST, PUT or PATCH without a body gets `Content-Length: 0`",
    ),
    (
        &[
            "method OPTIONS",
            "method PROPFIND",
            "method PROPPATCH",
            "method MKCOL",
            "method COPY",
            "method MOVE",
            "method LOCK",
            "method UNLOCK",
            "method REPORT",
            "method SEARCH",
            "method PURGE",
            "method LINK",
            "method M-SEARCH",
            "method VERSION-CONTROL",
        ],
        Over::Two,
        "No other request without a body gets a length",
    ),
    (&["status 304 with a length"], Over::One, "A 304 carries no `Content-Length`"),
    (&["answer: blanks around"], Over::Two, "Blanks around a value are taken off"),
    (&["answer: two types"], Over::Both, "A `Content-Type` that is there twice stays twice"),
    (&["framing: trailers that nobody asked for"], Over::Both, "`Trailer` goes where the trailers go"),
    (
        &["framing: one interim answer", "framing: early hints"],
        Over::Two,
        "Interim answers (1xx) are swallowed",
    ),
    (&["target /caf%E9"], Over::Both, "A path that is not UTF-8 is 400"),
    (
        &["asked: a wish nobody grants", "asked: a field of one hop"],
        Over::One,
        "What `Connection` names stays behind",
    ),
    (
        &["asked: what proxies say", "asked: who proxies say it is"],
        Over::Both,
        "What other proxies say of the visitor stays behind",
    ),
    (&["asked: another method"], Over::Both, "Headers that ask for another method or address stay behind"),
    (&["asked: the variable of scripts"], Over::Both, "`Proxy` stays behind"),
    (
        &["HTTP/1.0", "HTTP/1.0 with a body", "HTTP/1.0 kept alive"],
        Over::One,
        "An HTTP/1.0 request is answered as HTTP/1.0",
    ),
    (
        &[
            "upload: one chunk",
            "upload: no chunk",
            "upload: chunks of one byte",
            "upload: chunks with extensions",
            "upload: chunks with trailers",
        ],
        Over::One,
        "An upload in chunks stays in chunks",
    ),
];

/// Why a case comes out otherwise on a version of HTTP, if it does.
pub(super) fn reason(name: &str, version_2: bool) -> Option<&'static str> {
    let over = if version_2 { Over::Two } else { Over::One };
    let known = KNOWN.iter().find(|(names, on, _)| names.contains(&name) && [over, Over::Both].contains(on));
    known.map(|(_, _, reason)| *reason)
}

pub(super) fn reasons() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(_, _, reason)| *reason)
}
