//! The requests and answers that are compared: what portals are asked and answer, and what is odd and yet legal.

/// One request and what the upstream answers to it. `{host}` and `{cookie}` are filled in.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) request: Vec<u8>,
    pub(super) answer: Vec<u8>,
}

impl Case {
    fn new(name: impl Into<String>, line: &str, fields: &str, body: &[u8], answer: &[u8]) -> Self {
        let version = if line.ends_with("HTTP/1.0") { "" } else { " HTTP/1.1" };
        let has_cookie = fields.contains("Cookie: {cookie}");
        let cookie = if has_cookie { "" } else { "Cookie: {cookie}\r\n" };
        let head = format!("{line}{version}\r\nHost: {{host}}\r\n{cookie}{fields}\r\n");
        Self { name: name.into(), request: [&latin(&head), body].concat(), answer: answer.to_vec() }
    }

    pub(super) fn is_head(&self) -> bool {
        self.request.starts_with(b"HEAD ")
    }

    /// Whether the same can be said in HTTP/2.
    pub(super) fn has_h2(&self) -> bool {
        let head = String::from_utf8_lossy(&self.request).to_ascii_lowercase();
        let head = head.split("\r\n\r\n").next().unwrap_or_default();
        let only_in_1 = [
            "\r\nconnection:",
            "\r\ntransfer-encoding:",
            "http/1.0",
            "\r\nte:",
            "https://",
            "\r\nkeep-alive:",
        ];
        !only_in_1.iter().any(|words| head.contains(words))
    }
}

/// Each character one byte: fields may hold more than ASCII.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("one byte")).collect()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

fn asks(name: impl Into<String>, line: &str, fields: &str, body: &[u8]) -> Case {
    Case::new(name, line, fields, body, OK)
}

fn told(name: impl Into<String>, answer: impl AsRef<str>) -> Case {
    Case::new(name, "GET /told", "", b"", &latin(answer.as_ref()))
}

fn sized(fields: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Everything that is compared.
pub(super) fn all() -> Vec<Case> {
    let parts = [methods(), statuses(), answers(), framings(), targets(), fields(), uploads(), ranges()];
    parts.into_iter().flatten().collect()
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "PROPFIND",
        "PROPPATCH",
        "MKCOL",
        "COPY",
        "MOVE",
        "LOCK",
        "UNLOCK",
        "REPORT",
        "SEARCH",
        "PURGE",
        "LINK",
        "M-SEARCH",
        "VERSION-CONTROL",
    ] {
        let answer = if method == "HEAD" { &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"[..] } else { OK };
        cases.push(Case::new(format!("method {method}"), &format!("{method} /m"), "", b"", answer));
        if method != "HEAD" {
            let fields = "Content-Type: text/plain\r\nContent-Length: 5\r\n";
            cases.push(asks(
                format!("method {method} with a body"),
                &format!("{method} /m"),
                fields,
                b"hello",
            ));
        }
    }
    cases
}

fn statuses() -> Vec<Case> {
    let mut cases = Vec::new();
    for status in [
        200, 201, 202, 203, 206, 207, 208, 226, 299, 300, 301, 302, 303, 305, 307, 308, 399, 400, 401, 402,
        403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424,
        425, 426, 428, 429, 431, 444, 451, 499, 500, 501, 502, 503, 504, 505, 507, 508, 510, 511, 520, 599,
    ] {
        let words = format!(
            "HTTP/1.1 {status} As it says\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody"
        );
        cases.push(told(format!("status {status}"), words));
    }
    for (name, words) in [
        ("204", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
        ("204 with an ETag", "HTTP/1.1 204 No Content\r\nETag: \"1\"\r\n\r\n"),
        ("205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
        ("304", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: max-age=5\r\n\r\n"),
        ("304 with a length", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nContent-Length: 512\r\n\r\n"),
        ("404 without a body", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        ("500 without a reason", "HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n"),
    ] {
        cases.push(told(format!("status {name}"), words));
    }
    let head = |name: &str, words: &str| Case::new(name, "HEAD /told", "", b"", words.as_bytes());
    cases.push(head("HEAD with a length", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"));
    cases.push(head("HEAD in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    cases.push(head("HEAD of nothing", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    cases.push(head("HEAD 304", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"));
    cases
        .push(head("HEAD redirected", "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 7\r\n\r\n"));
    cases
}

fn answers() -> Vec<Case> {
    let mut cases = Vec::new();
    let many: String = (0..30).map(|n| format!("Set-Cookie: c{n}={n}; Path=/; HttpOnly\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "l".repeat(30_000));
    let fields: String = (0..120).map(|n| format!("X-F{n}: {n}\r\n")).collect();
    for (name, fields) in [
        ("one cookie", "Set-Cookie: a=1\r\n"),
        (
            "cookies with everything",
            "Set-Cookie: a=1; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=5; Expires=Sun, 22 Nov 2026 03:00:00 GMT\r\nSet-Cookie: b=\"x y\"; Domain=localhost\r\n",
        ),
        ("thirty cookies", &many),
        ("a cookie set twice", "Set-Cookie: a=1\r\nSet-Cookie: a=2\r\n"),
        ("a cookie without a value", "Set-Cookie: a=\r\n"),
        (
            "fields that repeat",
            "Vary: Accept\r\nVary: Cookie\r\nLink: </a>; rel=next\r\nLink: </b>; rel=prev\r\n",
        ),
        ("ways to sign in", "WWW-Authenticate: Basic realm=\"a\"\r\nWWW-Authenticate: Negotiate\r\n"),
        ("an empty field", "X-Empty: \r\nX-After: 1\r\n"),
        ("blanks around", "X-Blank: \t x y \t\r\n"),
        ("blanks within", "X-Blank: a\tb  c\r\n"),
        ("letters beyond ASCII", "X-Name: caf\u{e9} \u{ff}\r\n"),
        ("names in all cases", "x-lower: 1\r\nX-UPPER: 2\r\nx-MiXeD: 3\r\n"),
        ("odd names", "X_Under: 1\r\nX.Dot: 2\r\n!#$%&'*+-.^_`|~9: 3\r\n"),
        ("a long field", &long),
        ("many fields", &fields),
        (
            "caching",
            "Cache-Control: public, max-age=60\r\nExpires: Sun, 22 Nov 2026 03:00:00 GMT\r\nAge: 5\r\nETag: W/\"1\"\r\nLast-Modified: Sun, 22 Nov 2026 03:00:00 GMT\r\n",
        ),
        ("no caching", "Cache-Control: no-store\r\nCache-Control: private\r\nPragma: no-cache\r\n"),
        (
            "sharing",
            "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: a, b\r\nAccess-Control-Expose-Headers: c\r\n",
        ),
        (
            "policies",
            "Content-Security-Policy: default-src 'self'\r\nContent-Security-Policy: img-src *\r\nX-Frame-Options: DENY\r\nReferrer-Policy: origin\r\nPermissions-Policy: camera=()\r\n",
        ),
        (
            "a download",
            "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a.pdf\"; filename*=UTF-8''%C3%A9.pdf\r\n",
        ),
        ("an encoding", "Content-Encoding: gzip\r\nContent-Type: text/html\r\nVary: Accept-Encoding\r\n"),
        ("a language", "Content-Language: nl\r\nContent-Location: /nl\r\n"),
        ("a refresh", "Refresh: 5; url=/there\r\n"),
        (
            "who answers, and when",
            "Server: wiki/1.0 (old)\r\nDate: Sun, 22 Nov 2026 03:00:00 GMT\r\nX-Powered-By: PHP/5.6\r\nVia: 1.1 inner\r\n",
        ),
        ("no type at all", ""),
        ("a type with a charset", "Content-Type: text/html; charset=ISO-8859-1\r\n"),
        ("two types", "Content-Type: text/html\r\nContent-Type: text/plain\r\n"),
        ("timings", "Server-Timing: db;dur=53\r\nTiming-Allow-Origin: *\r\n"),
        ("wait", "Retry-After: 120\r\nWarning: 110 - \"stale\"\r\n"),
        ("ranges are taken", "Accept-Ranges: bytes\r\n"),
    ] {
        cases.push(told(format!("answer: {name}"), sized(fields, "body")));
    }
    for place in [
        "/there",
        "there?x=1#part",
        "../up",
        "//other.example/x",
        "http://127.0.0.1/x",
        "https://other.example/\u{e9}",
        "/caf%C3%A9",
        "",
    ] {
        let words = format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
        cases.push(told(format!("leads to {place:?}"), words));
    }
    cases
}

fn framings() -> Vec<Case> {
    let tiny: String = (0..500).map(|n| format!("1\r\n{}\r\n", n % 10)).collect();
    let big = "0123456789abcdef".repeat(65_536);
    let chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n";
    let mut cases = Vec::new();
    for (name, words) in [
        ("a length of nothing", sized("", "")),
        ("a megabyte with its length", sized("", &big)),
        ("one chunk", format!("{chunked}\r\n5\r\nhello\r\n0\r\n\r\n")),
        ("no chunk", format!("{chunked}\r\n0\r\n\r\n")),
        ("many chunks of one byte", format!("{chunked}\r\n{tiny}0\r\n\r\n")),
        ("a chunk in capitals, with noughts", format!("{chunked}\r\n00A\r\n0123456789\r\n0\r\n\r\n")),
        ("a chunk with an extension", format!("{chunked}\r\n5;name=value\r\nhello\r\n0;last\r\n\r\n")),
        ("a megabyte in one chunk", format!("{chunked}\r\n100000\r\n{big}\r\n0\r\n\r\n")),
        ("trailers that nobody asked for", format!("{chunked}Trailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n")),
        ("until the connection ends", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end".to_owned()),
        ("closing with a length", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody".to_owned()),
        ("keeping alive", "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 4\r\n\r\nbody".to_owned()),
        ("HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody".to_owned()),
        ("HTTP/1.0 until the end", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nbody".to_owned()),
        ("a page of every byte", sized("", &(0..=255).map(char::from).collect::<String>()).replace("Content-Length: 384", "Content-Length: 256")),
        ("one interim answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody".to_owned()),
        ("early hints", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody".to_owned()),
        ("cut within its length", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 40\r\n\r\nbody".to_owned()),
        ("cut within its chunks", format!("{chunked}Connection: close\r\n\r\n5\r\nhello\r\n")),
    ] {
        cases.push(told(format!("framing: {name}"), words));
    }
    cases
}

fn targets() -> Vec<Case> {
    let long = format!("/{}", "p".repeat(8000));
    let query = format!("/q?{}", "a=b&".repeat(1900));
    [
        "/",
        "/a",
        "/a/",
        "/a/b/c",
        "//",
        "/a//b",
        "/a///",
        "/%2F",
        "/a%2fb",
        "/a;b=c",
        "/a;jsessionid=7",
        "/~user",
        "/a%20b",
        "/a+b",
        "/caf%C3%A9",
        "/caf%E9",
        "/%41",
        "/a,b",
        "/a=b",
        "/a:b",
        "/@at",
        "/(paren)",
        "/'quote'",
        "/!$&*",
        "/a.b.c",
        "/.hidden",
        "/...",
        "/a%25b",
        "/index.php/page",
        "/a%3Fb",
        "/a%23b",
        "/?",
        "/?a",
        "/?a=b&c=d",
        "/?a=b&a=c",
        "/?a[]=1",
        "/?a=%zz",
        "/?a=%",
        "/?/?:@",
        "/?a=b;c=d",
        "/?q=a+b%20c",
        "/?url=https://other.example/x?y=z",
        "/?a=caf%C3%A9",
        "/?a='b'",
        "/?a=b|c",
        "/?a={b}",
        "/?=",
        "/?&&",
        "/?a=/../b",
        "/?_method=DELETE",
        &long,
        &query,
    ]
    .into_iter()
    .map(|target| {
        let name = target.chars().take(40).collect::<String>();
        asks(format!("target {name}"), &format!("GET {target}"), "", b"")
    })
    .chain([asks("target in full", "GET https://{host}/full?x=1", "", b"")])
    .collect()
}

fn fields() -> Vec<Case> {
    let long = format!("X-Long: {}\r\n", "l".repeat(16_000));
    let many: String = (0..80).map(|n| format!("X-F{n}: {n}\r\n")).collect();
    let cookies = format!(
        "Cookie: {{cookie}}; {}\r\n",
        (0..50).map(|n| format!("c{n}={n}")).collect::<Vec<_>>().join("; ")
    );
    [
        ("repeated", "X-A: 1\r\nX-B: 2\r\nX-A: 3\r\nX-A: 1\r\n"),
        ("empty", "X-Empty:\r\nX-After: 1\r\n"),
        ("blanks", "X-Blank: \t a  b \t\r\n"),
        ("beyond ASCII", "X-Name: caf\u{e9} \u{ff}\r\n"),
        ("in all cases", "x-LOWER: 1\r\nACCEPT: */*\r\n"),
        ("odd names", "X_Under: 1\r\nX.Dot: 2\r\n!#$%&'*+.^`|~9: 3\r\n"),
        ("long", &long),
        ("eighty", &many),
        ("what a browser says", "User-Agent: Mozilla/5.0 (X11)\r\nAccept: text/html,application/xhtml+xml;q=0.9\r\nAccept-Language: nl,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nDNT: 1\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-CH-UA: \"x\";v=\"1\"\r\nPriority: u=0, i\r\n"),
        ("what a script says", "X-Requested-With: XMLHttpRequest\r\nOrigin: https://{host}\r\nReferer: https://{host}/a?b=c\r\n"),
        ("another origin", "Origin: https://other.example\r\nReferer: https://other.example/\r\n"),
        ("a preflight", "Origin: https://other.example\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-a\r\n"),
        ("no encoding", "Accept-Encoding: identity;q=1, *;q=0\r\n"),
        ("accepted twice", "Accept: text/html\r\nAccept: application/json\r\n"),
        ("basic", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"),
        ("bearer", "Authorization: Bearer abc.def.ghi\r\n"),
        ("digest", "Authorization: Digest username=\"a\", uri=\"/x\", response=\"00\"\r\n"),
        ("one cookie", "Cookie: {cookie}; a=1\r\n"),
        ("fifty cookies", &cookies),
        ("a cookie in quotes", "Cookie: {cookie}; a=\"b c\"; d=e=f==\r\n"),
        ("a cookie without a name", "Cookie: {cookie}; bare\r\n"),
        ("traced", "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nTracestate: a=b\r\n"),
        ("if it changed", "If-None-Match: \"v1\", W/\"v2\"\r\nIf-Modified-Since: Sun, 22 Nov 2026 03:00:00 GMT\r\n"),
        ("if it is the same", "If-Match: *\r\nIf-Unmodified-Since: Sun, 22 Nov 2026 03:00:00 GMT\r\n"),
        ("no caching", "Cache-Control: no-cache\r\nPragma: no-cache\r\n"),
        ("depth and destination", "Depth: infinity\r\nDestination: /b\r\nOverwrite: T\r\n"),
        ("via", "Via: 1.0 fred\r\nMax-Forwards: 3\r\nFrom: a@example.com\r\n"),
        ("a type and no body", "Content-Type: application/json\r\n"),
        ("alive", "Connection: keep-alive\r\nKeep-Alive: 300\r\n"),
        ("closing", "Connection: close\r\n"),
        ("a wish nobody grants", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        ("trailers wanted", "Connection: TE\r\nTE: trailers\r\n"),
        ("a field of one hop", "Connection: X-Hop\r\nX-Hop: 1\r\nX-Stays: 2\r\n"),
        ("what proxies say", "X-Real-IP: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\nX-Client-IP: 203.0.113.9\r\n"),
        ("who proxies say it is", "Remote_User: root\r\nX-Remote-User: root\r\nX-Forwarded-User: root\r\n"),
        ("another method", "X-HTTP-Method-Override: DELETE\r\n"),
        ("the variable of scripts", "Proxy: http://other.example\r\n"),
    ]
    .into_iter()
    .map(|(name, fields)| asks(format!("asked: {name}"), "GET /f", fields, b""))
    .chain([
        asks("HTTP/1.0", "GET /old HTTP/1.0", "", b""),
        asks("HTTP/1.0 with a body", "POST /old HTTP/1.0", "Content-Length: 5\r\n", b"hello"),
        asks("HTTP/1.0 kept alive", "GET /old HTTP/1.0", "Connection: keep-alive\r\n", b""),
    ])
    .collect()
}

fn uploads() -> Vec<Case> {
    let big = "0123456789abcdef".repeat(65_536);
    let tiny: String = (0..200).map(|n| format!("1\r\n{}\r\n", n % 10)).collect();
    let every: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let form = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"caf\u{e9}.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let length = |body: &[u8]| format!("Content-Length: {}\r\n", body.len());
    let chunks = "Transfer-Encoding: chunked\r\n";
    let form = latin(form);
    let mut cases = Vec::new();
    for (name, line, fields, body) in [
        ("nothing", "POST /u", "Content-Length: 0\r\n".to_owned(), Vec::new()),
        ("nothing to put", "PUT /u", "Content-Length: 0\r\n".to_owned(), Vec::new()),
        ("one byte", "POST /u", length(b"x"), b"x".to_vec()),
        ("every byte", "POST /u", length(&every), every),
        ("a megabyte", "PUT /u", length(big.as_bytes()), big.clone().into_bytes()),
        (
            "a form",
            "POST /u",
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n".to_owned(),
            b"a=b&c=d+e&f=%C3%A".to_vec(),
        ),
        (
            "a form with a file",
            "POST /u",
            format!("Content-Type: multipart/form-data; boundary=b\r\n{}", length(&form)),
            form,
        ),
        (
            "JSON",
            "POST /u",
            "Content-Type: application/json\r\nContent-Length: 7\r\n".to_owned(),
            b"{\"a\":1}".to_vec(),
        ),
        (
            "compressed",
            "POST /u",
            "Content-Encoding: gzip\r\nContent-Length: 4\r\n".to_owned(),
            vec![0x1f, 0x8b, 8, 0],
        ),
        ("one chunk", "POST /u", chunks.to_owned(), b"5\r\nhello\r\n0\r\n\r\n".to_vec()),
        ("no chunk", "POST /u", chunks.to_owned(), b"0\r\n\r\n".to_vec()),
        ("chunks of one byte", "PUT /u", chunks.to_owned(), format!("{tiny}0\r\n\r\n").into_bytes()),
        (
            "a megabyte in a chunk",
            "PUT /u",
            chunks.to_owned(),
            format!("100000\r\n{big}\r\n0\r\n\r\n").into_bytes(),
        ),
        ("chunks with extensions", "POST /u", chunks.to_owned(), b"5;a=b\r\nhello\r\n0\r\n\r\n".to_vec()),
        (
            "chunks with trailers",
            "POST /u",
            format!("{chunks}Trailer: X-Sum\r\n"),
            b"5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n".to_vec(),
        ),
        (
            "expecting to be asked",
            "POST /u",
            "Expect: 100-continue\r\nContent-Length: 5\r\n".to_owned(),
            b"hello".to_vec(),
        ),
        (
            "a part",
            "PUT /u",
            "Content-Range: bytes 0-4/10\r\nContent-Length: 5\r\n".to_owned(),
            b"hello".to_vec(),
        ),
        ("to be deleted", "DELETE /u", "Content-Length: 5\r\n".to_owned(), b"hello".to_vec()),
        ("a question with a body", "GET /u", "Content-Length: 5\r\n".to_owned(), b"hello".to_vec()),
    ] {
        cases.push(asks(format!("upload: {name}"), line, &fields, &body));
    }
    let refused = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno";
    cases.push(Case::new("upload: refused", "POST /u", "Content-Length: 5\r\n", b"hello", refused));
    cases
}

fn ranges() -> Vec<Case> {
    let mut cases = Vec::new();
    let part = |fields: &str, body: &str| {
        format!("HTTP/1.1 206 Partial Content\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len())
            .into_bytes()
    };
    let parts = "--b\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n--b\r\nContent-Range: bytes 9-9/10\r\n\r\n9\r\n--b--\r\n";
    let refused =
        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n"
            .to_vec();
    for (range, answer) in [
        ("bytes=0-3", part("Content-Range: bytes 0-3/10\r\n", "0123")),
        ("bytes=-2", part("Content-Range: bytes 8-9/10\r\n", "89")),
        ("bytes=8-", part("Content-Range: bytes 8-9/*\r\n", "89")),
        ("bytes=0-0,9-9", part("Content-Type: multipart/byteranges; boundary=b\r\n", parts)),
        ("bytes=20-", refused.clone()),
        ("bytes=a-b", OK.to_vec()),
        ("lines=1-2", OK.to_vec()),
        ("bytes=0-3", OK.to_vec()),
    ] {
        let fields = format!("Range: {range}\r\nIf-Range: \"v1\"\r\n");
        cases.push(Case::new(format!("range {range}"), "GET /r", &fields, b"", &answer));
    }
    cases
}
