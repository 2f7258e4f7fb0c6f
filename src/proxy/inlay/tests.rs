//! Which requests and answers a piece is for, and that a page goes through byte for byte around it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, response};

use super::{Scan, Splice, allows, ask_plainly, relabel, wants_page};

const AUTHORITY: &str = "wiki.example.com";
const PIECE: &str = "<b>piece</b>";

fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn a_piece_is_for_browsers_that_go_to_a_whole_page_themselves() {
    const GOES: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let wants = |method, more: &[(&'static str, &'static str)]| {
        wants_page(&method, &headers(&[&GOES[..], more].concat()))
    };
    assert!(wants(Method::GET, &[]));
    assert!(wants(Method::GET, &[("sec-fetch-site", "cross-site"), ("if-none-match", "\"x\"")]));
    for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
        assert!(!wants(method, &[]));
    }
    assert!(!wants(Method::GET, &[("range", "bytes=0-")]));
    assert!(!wants(Method::GET, &[("service-worker-navigation-preload", "true")]));
    assert!(!wants(Method::GET, &[("sec-fetch-dest", "iframe")]), "twice");
    for others in [
        &[][..],
        &[("sec-fetch-mode", "navigate")],
        &[("sec-fetch-dest", "document")],
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "embed")],
        &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "document")],
        &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
    ] {
        assert!(!wants_page(&Method::GET, &headers(others)), "{others:?}");
    }
}

#[test]
fn the_upstream_is_asked_for_the_whole_page_in_the_clear() {
    let mut asked = headers(&[
        ("if-none-match", "\"x\""),
        ("if-modified-since", "Sun, 22 Nov 2026 03:00:00 GMT"),
        ("accept-encoding", "gzip"),
        ("accept-encoding", "br"),
        ("accept", "text/html"),
    ]);
    ask_plainly(&mut asked);
    assert_eq!(asked, headers(&[("accept", "text/html"), ("accept-encoding", "identity")]));
}

/// Whether an answer with these fields gets a piece.
fn allowed(status: u16, fields: &[(&'static str, &'static str)]) -> bool {
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = StatusCode::from_u16(status).unwrap();
    head.headers = headers(fields);
    allows(&head, AUTHORITY)
}

const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");

#[test]
fn a_piece_is_for_whole_pages_whose_tags_are_ascii() {
    for kind in [
        "text/html",
        "Text/HTML",
        "text/html;charset=UTF-8",
        "text/html; charset=\"windows-1252\"",
        "text/html; boundary=x; CharSet=latin1",
        "text/html; charset=shift_jis",
        "text/html;",
    ] {
        assert!(allowed(200, &[("content-type", kind)]), "{kind}");
    }
    for kind in [
        "text/html; charset=utf-16",
        "text/html; charset=utf-16le",
        "text/html; charset=iso-2022-jp",
        "text/html; charset=iso-2022-kr",
        "text/html; charset=utf-7",
        "text/html; charset=",
        "text/html; charset=utf-8; charset=utf-16",
        "text/htmlx",
        "application/xhtml+xml",
        "text/plain",
        "multipart/x-mixed-replace",
        "",
    ] {
        assert!(!allowed(200, &[("content-type", kind)]), "{kind}");
    }
    assert!(!allowed(200, &[]));
    assert!(!allowed(200, &[HTML, HTML]), "twice");
    for status in [201, 203, 204, 206, 301, 304, 404, 500] {
        assert!(!allowed(status, &[HTML]), "{status}");
    }
}

#[test]
fn what_the_head_forbids_is_left_alone() {
    for (field, is_fine) in [
        (("content-length", "10"), true),
        (("content-encoding", "gzip"), false),
        (("content-encoding", "identity"), false),
        (("content-range", "bytes 0-9/10"), false),
        (("content-digest", "sha-256=:x:"), false),
        (("repr-digest", "sha-256=:x:"), false),
        (("digest", "sha-256=x"), false),
        (("content-md5", "x"), false),
        (("signature", "sig1=:x:"), false),
        (("integrity-policy", "blocked-destinations=(style)"), false),
        (("content-disposition", "inline"), true),
        (("content-disposition", "Inline; filename=a.html"), true),
        (("content-disposition", "attachment"), false),
        (("content-disposition", "attachment; filename=inline"), false),
        (("content-disposition", "form-data"), false),
        (("cache-control", "public, max-age=60"), true),
        (("cache-control", "max-age=60,No-Transform"), false),
        (("content-security-policy", "default-src 'self'"), true),
        (("content-security-policy", "default-src 'none'"), false),
        (("content-security-policy-report-only", "default-src 'none'"), false),
        (("content-security-policy-report-only", "default-src 'self'"), true),
        (("content-security-policy", "sandbox"), false),
    ] {
        assert_eq!(allowed(200, &[HTML, field]), is_fine, "{field:?}");
    }
    let policies = |second| {
        allowed(
            200,
            &[HTML, ("content-security-policy", "default-src *"), ("content-security-policy", second)],
        )
    };
    assert!(policies("img-src 'self'"));
    assert!(!policies("img-src 'none'"));
    let mut head: response::Parts = Response::new(()).into_parts().0;
    head.headers = headers(&[HTML]);
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_bytes(b"no-store, x=\xfc").unwrap());
    assert!(!allows(&head, AUTHORITY), "unreadable");
    head.headers.remove(header::CACHE_CONTROL);
    let strange = HeaderValue::from_bytes(b"default-src \xff").unwrap();
    head.headers.insert(header::CONTENT_SECURITY_POLICY, strange);
    assert!(!allows(&head, AUTHORITY));
}

#[test]
fn a_page_with_a_piece_is_kept_for_nobody_else_and_says_nothing_of_the_bytes_it_was() {
    let mut page = headers(&[
        HTML,
        ("content-length", "10"),
        ("etag", "\"x\""),
        ("last-modified", "Sun, 22 Nov 2026 03:00:00 GMT"),
        ("expires", "Sun, 22 Nov 2027 03:00:00 GMT"),
        ("accept-ranges", "bytes"),
        ("cache-control", "public, s-maxage=600"),
        ("cache-control", "stale-while-revalidate=600"),
        ("cdn-cache-control", "max-age=600"),
        ("cloudflare-cdn-cache-control", "max-age=600"),
        ("surrogate-control", "max-age=600"),
        ("x-accel-expires", "600"),
        ("vary", "Accept-Language"),
        ("set-cookie", "wiki=1"),
    ]);
    relabel(&mut page);
    let expected = headers(&[
        HTML,
        ("vary", "Accept-Language"),
        ("set-cookie", "wiki=1"),
        ("cache-control", "private, no-cache"),
        ("vary", "Cookie, Sec-Fetch-Dest"),
    ]);
    assert_eq!(page, expected);
    let mut page = headers(&[("cache-control", "max-age=0, No-Store")]);
    relabel(&mut page);
    assert_eq!(page[header::CACHE_CONTROL], "no-store");
}

fn splice() -> Splice {
    Splice { scan: Some(Scan::begin(AUTHORITY)), piece: Bytes::from_static(PIECE.as_bytes()) }
}

/// The page as it leaves, having come in these parts.
fn passed<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut splice = splice();
    parts.into_iter().flat_map(|part| splice.pass(Bytes::copy_from_slice(part))).collect()
}

/// Fails unless the page gets the piece where `¦` stands, or nowhere without one, wherever it is cut into two or into parts of
/// any one size.
#[track_caller]
fn gets(marked: &str) {
    let page = marked.replacen('¦', "", 1).into_bytes();
    let expected = marked.replacen('¦', PIECE, 1);
    for cut in 0..=page.len() {
        let (first, second) = page.split_at(cut);
        assert_eq!(String::from_utf8_lossy(&passed([first, second])), expected, "cut at {cut}");
    }
    for size in 1..=page.len().min(9) {
        assert_eq!(String::from_utf8_lossy(&passed(page.chunks(size))), expected, "parts of {size}");
    }
}

#[test]
fn the_piece_stands_right_behind_the_body_tag_wherever_the_page_is_cut() {
    for page in [
        "<body>¦",
        "<BODY\n CLASS='a>b' data-x=\"<body>\" hidden>¦<p>text</p><body></body>",
        "<!doctype html><html><head><title>a</title></head><body>¦<h1>é</h1></body></html>",
        "\u{feff}<html><head></head>\n<body/>¦text",
        "<!-- <body> --><html><body onload=\"x('<body>')\">¦<!-- <body> -->",
        "<!--[if IE]><body class=ie><![endif]--><!--[if !IE]>--><body>¦<!--<![endif]-->",
        "<script>document.write('<body>')</script><body>¦",
        "<script><!-- <script> '<body>' </script> '<body>' --></script><body>¦",
        "<style>body::after { content: '<body>' }</style><body>¦",
        "<title><body></title><body>¦",
        "<noscript><body></noscript><body>¦",
        "<head><meta charset=latin1><base href='https://other.example/'><link rel=x></head><body>¦",
        "<meta http-equiv=content-type content='text/html; charset=\"utf-8\"'><body>¦",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\"><body>¦",
        "<meta http-equiv=refresh content=10><body>¦",
        "text before<body>¦text behind",
        "</p></body></html><body>¦",
        "<body>¦<plaintext><body></plaintext>",
    ] {
        gets(page);
    }
}

#[test]
fn a_page_that_is_none_or_unclear_or_forbids_it_passes_untouched() {
    for page in [
        "",
        "a fragment",
        "<p>a fragment</p><body>",
        "<div><body></div>",
        "<html><head><title>no body</title><h1>x</h1></html>",
        "<template><body></template><body>",
        "<svg><body>",
        "<frameset><frame src=x></frameset><noframes><body></noframes>",
        "<!-- <body>",
        "<script><body>",
        "<title><body>",
        "<textarea><body>",
        "<body",
        "<body class=",
        "<bodyx>",
        "< body>",
        "</body>",
        "&lt;body&gt;",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><body>",
        "<meta http-equiv='CONTENT-security-policy' content=\"style-src 'unsafe-inline'\"><body>",
        "<meta http-equiv=Content-Security-Policy content=\"default-src &#39;none&#39;\"><body>",
        "<meta http-equiv='Content-Security-Polic&#121;' content=\"default-src 'none'\"><body>",
        "<meta charset=utf-16><body>",
        "<meta charset=x-nobody-knows><body>",
        "<meta http-equiv=content-type content='text/html; charset=iso-2022-jp'><body>",
    ] {
        gets(page);
    }
}

#[test]
fn bytes_that_are_no_text_pass_untouched() {
    let utf16: Vec<u8> = "\u{feff}<html><body>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for page in [&utf16[..], b"\xfe\xff<body>", b"\xff\xfe<body>", b"\xff", b"\x00\x01\x02\xff<p>\xc3"] {
        for size in 1..=page.len() {
            assert_eq!(passed(page.chunks(size)), page, "parts of {size}");
        }
    }
    assert_eq!(passed([&b"\xe9\xff<body>\xe9"[..]]), b"\xe9\xff<body><b>piece</b>\xe9");
}

#[test]
fn a_page_that_never_ends_its_head_is_let_go_whole() {
    let long = "x".repeat(1_000_000);
    for page in [
        format!("<html lang=\"{long}\"><body>"),
        format!("<body class=\"{long}\">"),
        format!("<html {}><body>", "a ".repeat(500_000)),
        format!("<!-- {long} --><body>"),
        format!("<script>{long}</script><body>"),
        format!("<{long}><body>"),
        "<html>".repeat(200_000) + "<body>",
    ] {
        for size in [1_000, 16_384, page.len()] {
            assert!(
                passed(page.as_bytes().chunks(size)) == page.as_bytes(),
                "{}…, parts of {size}",
                &page[..12]
            );
        }
    }
}

#[test]
fn a_long_head_is_no_hindrance_up_to_its_limit() {
    for (length, is_laid) in [(262_121, true), (262_122, false)] {
        let page = format!("<script>{}</script><body>", "x".repeat(length));
        let out = passed(page.as_bytes().chunks(4096));
        assert_eq!(out.len() > page.len(), is_laid, "{length}");
        assert!(out.starts_with(page.as_bytes()));
    }
}

#[test]
fn no_part_is_held_back_for_the_next_one() {
    let mut splice = splice();
    let parts = ["<html><he", "ad></head><bo", "dy class=x", "><p>first", "<p>second"];
    let out = parts.map(|part| splice.pass(Bytes::from_static(part.as_bytes())));
    assert_eq!(out, ["<html><he", "ad></head><bo", "dy class=x", "><b>piece</b><p>first", "<p>second"]);
}
