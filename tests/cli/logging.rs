//! What a running server writes down of its visitors, and what it must not.

use serde_json::Value;

use crate::harness::{Place, ask, get};

/// The value of an attribute that follows `name="…"` in a page.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field");
    rest.split('"').next().expect("its value").to_owned()
}

fn objects(lines: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
    let lines: Vec<Value> = lines.lines().map(read).collect();
    assert!(lines.iter().all(Value::is_object), "{lines:?}");
    lines
}

#[test]
fn each_line_is_one_json_object_and_tells_no_secret() {
    let place = Place::new();
    let server = place.serve();
    let (port, chain) = (server.port(), place.read("chain.pem"));
    let fields = "Cookie: sid=words-of-the-cookie; __Host-vestibule=words-of-the-cookie\r\n";
    // Let through to where nobody listens, asked to sign in, ambiguous, unknown.
    for (path, more, status) in [
        ("/public/page", "", "502"),
        ("/reports", "", "401"),
        ("/reports", "Host: evil\r\n", "400"),
        ("/.vestibule/nothing", "", "404"),
    ] {
        let line = format!("GET {path}?q=words-of-the-query");
        let answer = ask(port, &chain, &line, &format!("{fields}{more}"), "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
    let page = get(port, &chain, "/.vestibule/login?return_to=%2F%3Fq%3Dwords-of-the-query");
    let cookies: Vec<_> =
        page.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next()).collect();
    let body = format!(
        "csrf={}&return_to=%2F%3Fq%3Dwords-of-the-query&username=anna&password=words-of-the-password",
        hidden(&page, "csrf")
    );
    let fields = format!(
        "Cookie: {}\r\nOrigin: https://localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n",
        cookies.join("; "),
        body.len()
    );
    ask(port, &chain, "POST /.vestibule/login", &fields, &body);

    let said = server.said.clone();
    let (code, rest) = server.stop();
    assert_eq!(code, Some(0));
    let (log, audit) = (said + &rest, place.read("audit.log"));
    for secret in ["words-of-the", &hidden(&page, "csrf")] {
        assert!(!log.contains(secret) && !audit.contains(secret), "{secret} in\n{log}\n{audit}");
    }
    let lines = objects(&log);
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "access").collect();
    assert_eq!(access.len(), 6, "{log}");
    assert!(access.iter().all(|line| line["request_id"].as_str().is_some_and(|id| !id.is_empty())), "{log}");
    // The password did arrive, and was judged.
    let tried = objects(&audit).into_iter().find(|line| line["person"] == "anna").expect("a line of the try");
    assert_eq!(tried["outcome"], "failure", "{audit}");
}
