//! `vestibule demo`: one command from nothing to a gateway that answers.

use crate::harness::{Server, fetch, get, program};

fn start(folder: &std::path::Path) -> Server {
    let data = folder.to_str().expect("text");
    Server::start(program(&["demo", "--listen", "127.0.0.1:0", "--data", data]), |line| {
        line.starts_with("Ctrl-C")
    })
}

/// The word after a label of the card.
fn told(server: &Server, label: &str) -> String {
    let line = server.said.lines().find_map(|line| line.strip_prefix(label)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {label} in {}", server.said)).trim().to_owned()
}

fn port(server: &Server) -> u16 {
    let address = told(server, "Address");
    address.trim_start_matches("https://localhost:").trim_end_matches('/').parse().expect("a port")
}

#[test]
fn the_demo_prints_what_is_needed_to_sign_in_and_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path());
    assert_eq!(told(&server, "User name"), "demo");
    assert_eq!(told(&server, "Password").len(), 19);
    let secret = told(&server, "TOTP secret");
    assert_eq!(secret.len(), 32);
    assert!(told(&server, "TOTP link").contains(&secret));
    assert!(server.said.contains("█▄") && server.said.contains(&format!("oathtool --totp -b {secret}")));

    let chain = std::fs::read_to_string(folder.path().join("tls/chain.pem")).expect("a certificate");
    let answer = get(port(&server), &chain, "/");
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("/.vestibule/login?"), "{answer}");
    let answer = fetch(port(&server), &chain, "/");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    let answer = get(port(&server), &chain, "/public/");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
}

#[test]
fn a_restart_on_kept_data_knows_the_same_person() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["User name", "Password", "TOTP secret"];
    let first = start(folder.path());
    let told_first = words.map(|word| told(&first, word));
    first.stop();
    let second = start(folder.path());
    assert_eq!(words.map(|word| told(&second, word)), told_first);
    second.stop();
}

#[test]
fn an_upstream_that_is_no_url_is_refused_with_its_place() {
    let output =
        program(&["demo", "--listen", "127.0.0.1:0", "--upstream", "intranet"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("upstream = \"intranet\""), "{said}");
}
