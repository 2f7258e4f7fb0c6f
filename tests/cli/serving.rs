//! A running server and the commands that look at it and change it, with and without one.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    sync::Arc,
    thread,
};

use rustix::process::Signal;
use vestibule::{
    domain::{
        factor::Method,
        identity::{CredentialMark, PasswordHash, UserId},
        session::Passed,
        time::{Clock as _, days},
        token::{RecordId, Token},
        trust::{AddressScope, AddressTrust, DeviceTrust, shared_network},
    },
    runtime::{OsEntropy, SystemClock},
};

use crate::{
    harness::{HASH, Place, ask, get},
    kept::{open_session, open_session_of, with_store},
};

/// A trusted device and a trusted address of anna; tells their ids.
fn trust_two(place: &Place) -> (String, String) {
    let now = SystemClock::starting_at(None).now();
    let anna = UserId::new("anna");
    let credential = CredentialMark::of(&anna, Some(&PasswordHash::new(HASH.to_owned())));
    let device = DeviceTrust {
        id: RecordId::draw(now, &OsEntropy),
        person: anna.clone(),
        hash: Token::draw(&OsEntropy).hash(),
        previous: None,
        label: "Firefox on Linux".to_owned(),
        granted_at: now,
        expires_at: Some(now.after(days(30))),
        last_used: now,
        credential,
    };
    let address = AddressTrust {
        id: RecordId::draw(now, &OsEntropy),
        person: anna,
        portal: "wiki".to_owned(),
        scope: AddressScope::User,
        network: shared_network(IpAddr::from([192, 0, 2, 7])),
        granted_at: now,
        expires_at: now.after(days(30)),
        last_used: now,
        credential,
    };
    let ids = (device.id.to_string(), address.id.to_string());
    with_store(place, async |store: Arc<_>| {
        store.trust_device(&device).await.expect("a store");
        store.trust_address(&address).await.expect("a store");
    });
    ids
}

#[test]
fn trust_is_listed_and_revoked_while_no_server_runs() {
    let place = Place::new();
    let (device, address) = trust_two(&place);
    place.write("audit.log", "");
    let listed = place.run(&["trust", "list"]).ends_with(0).out;
    for word in [&device, &address, "Firefox on Linux", "192.0.2.7", "device", "address", "anna"] {
        assert!(listed.contains(word), "no {word} in\n{listed}");
    }
    let lines = place.run(&["trust", "list", "--user", "ANNA", "--json"]).ends_with(0).json();
    assert_eq!(lines.as_array().expect("a list").len(), 2);
    assert!(place.run(&["trust", "list", "--user", "bas"]).ends_with(0).out.contains("nothing is trusted"));

    let ran = place.run(&["trust", "revoke", &device]).ends_with(0);
    assert_eq!(ran.out, "revoked: Firefox on Linux of anna\n");
    let ran = place.run(&["trust", "revoke", &device]).ends_with(1);
    assert!(ran.err.contains("there is no trust with the id"), "{ran:?}");
    let left = place.run(&["trust", "list", "--json"]).ends_with(0).json();
    assert_eq!(left[0]["id"], address);
    assert_eq!(left.as_array().expect("a list").len(), 1);

    let audit: serde_json::Value = serde_json::from_str(place.read("audit.log").trim()).expect("one line");
    assert_eq!(audit["kind"], "trust_revoked");
    assert_eq!(audit["person"], "anna");
    assert_eq!(audit["trust"], device.as_str(), "{audit}");
}

#[test]
fn a_command_before_the_first_start_finds_nothing_and_makes_no_files() {
    let place = Place::new();
    assert!(place.run(&["trust", "list"]).ends_with(0).out.contains("nothing is trusted"));
    assert!(place.run(&["user", "list"]).ends_with(0).out.contains("anna"));
    assert!(!place.path("vestibule.db").exists() && !place.path("audit.log").exists());
}

#[test]
fn a_running_server_lists_and_revokes_trust_and_audits_it() {
    let place = Place::new();
    let (device, address) = trust_two(&place);
    let server = place.serve();
    let lines = place.run(&["trust", "list", "--json"]).ends_with(0).json();
    assert_eq!(lines.as_array().expect("a list").len(), 2);
    place.run(&["trust", "revoke", &device]).ends_with(0);
    let ran = place.run(&["trust", "revoke", "--user", "anna@example.com"]).ends_with(0);
    assert_eq!(ran.out, "revoked: 192.0.2.7 of anna\n");
    assert_eq!(place.run(&["trust", "list", "--json"]).ends_with(0).json(), serde_json::json!([]));
    let ran = place.run(&["trust", "revoke", "--user", "nobody"]).ends_with(1);
    assert!(ran.err.contains("nobody is called \"nobody\""), "{ran:?}");
    server.stop();
    let audit = place.read("audit.log");
    assert!(audit.contains(&device) && audit.contains(&address), "{audit}");
    // The server told the store too.
    assert_eq!(place.run(&["trust", "list", "--json"]).ends_with(0).json(), serde_json::json!([]));
}

#[test]
fn the_very_next_request_finds_what_a_command_ended() {
    let place = Place::new();
    let token = Token::draw(&OsEntropy);
    let passed = Passed { method: Method::Totp, at: SystemClock::starting_at(None).now() };
    open_session_of(&place, &token, Some(passed));
    let server = place.serve();
    let chain = place.read("chain.pem");
    let fields = format!("Accept: application/json\r\nCookie: __Host-vestibule={}\r\n", token.reveal());
    let status = || {
        let answer = ask(server.port(), &chain, "GET /reports", &fields, "");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status(), "502", "it is let through, to nobody");
    place.run(&["session", "revoke", "--user", "anna"]).ends_with(0);
    assert_eq!(status(), "401");
    server.stop();
}

#[test]
fn sessions_are_listed_and_ended_with_and_without_a_server() {
    let place = Place::new();
    let (first, second) = (open_session(&place), open_session(&place));
    place.write("audit.log", "");
    let listed = place.run(&["session", "list"]).ends_with(0).out;
    assert!(listed.contains(&first) && listed.contains("wiki") && !listed.contains('\u{1b}'), "{listed}");
    place.run(&["session", "revoke", &first]).ends_with(0);

    let server = place.serve();
    assert_eq!(place.run(&["status", "--json"]).ends_with(0).json()["sessions"], 1);
    assert_eq!(place.run(&["session", "list", "--json"]).ends_with(0).json()[0]["id"], second);
    let ran = place.run(&["session", "revoke", "--user", "anna"]).ends_with(0);
    assert_eq!(ran.out, "ended: the session of anna at wiki\n");
    assert_eq!(place.run(&["status", "--json"]).ends_with(0).json()["sessions"], 0);
    place.run(&["session", "revoke", &second]).ends_with(1);
    server.stop();
    let audit = place.read("audit.log");
    assert!(audit.contains(&first) && audit.contains(&second), "{audit}");
}

#[test]
fn people_are_listed_shown_unlocked_and_reset() {
    let place = Place::new();
    trust_two(&place);
    let server = place.serve();
    let people = place.run(&["user", "list", "--json"]).ends_with(0).json();
    assert_eq!((&people[0]["name"], &people[1]["name"]), (&"anna".into(), &"bas".into()));
    let card = place.run(&["user", "show", "Anna"]).ends_with(0).out;
    assert!(card.contains("none linked") && card.contains("Firefox on Linux"), "{card}");
    place.run(&["user", "unlock", "anna"]).ends_with(0);
    let change = place.run(&["user", "reset-second-factor", "anna", "--json"]).ends_with(0).json();
    assert_eq!(change["trusts"], 2);
    place.run(&["user", "unlock", "carla"]).ends_with(1);
    assert!(place.run(&["session", "list"]).ends_with(0).out.contains("nobody is signed in"));
    server.stop();
}

#[test]
fn a_reset_of_the_second_factor_is_mailed_to_its_owner() {
    let place = Place::new();
    let program = place.path("sendmail");
    place.write("sendmail", "#!/bin/sh\ncd \"$(dirname \"$0\")\" && cat > new && mv new mail\n");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("a program");
    let mail = format!("[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\n\n", program.display());
    place.write("vestibule.toml", &(mail + &place.configuration()));
    let server = place.serve();
    place.run(&["user", "reset-second-factor", "bas"]).ends_with(0);
    place.run(&["user", "reset-second-factor", "anna"]).ends_with(0);
    let began = std::time::Instant::now();
    while place.read("mail").is_empty() {
        assert!(began.elapsed().as_secs() < 20, "no mail arrived");
        thread::yield_now();
    }
    let mail = place.read("mail");
    assert!(mail.contains("To: anna@example.com") && mail.contains("Subject: Second step reset"), "{mail}");
    assert!(!mail.contains("Network address") && !mail.contains("not-me"), "{mail}");
    server.stop();
}

#[test]
fn a_broken_file_is_refused_with_reasons_while_the_server_keeps_serving() {
    let place = Place::new();
    let server = place.serve();
    let chain = place.read("chain.pem");
    place.write("vestibule.toml", &place.configuration().replace("[[portal]]", "[[portal]"));
    let ran = place.run(&["reload"]).ends_with(1);
    assert!(ran.err.contains("vestibule.toml:") && ran.err.contains("nothing was changed"), "{ran:?}");
    assert!(get(server.port(), &chain, "/").starts_with("HTTP/1.1 303 "));

    let status = place.run(&["status", "--json"]).ends_with(0).json();
    assert_eq!(status["last_reload"]["accepted"], false);
    assert_eq!(status["portals"], serde_json::json!(["wiki"]));

    place.write(
        "vestibule.toml",
        &place.configuration().replace("expect = \"two_factor\"", "expect = \"deny\""),
    );
    let ran = place.run(&["reload"]).ends_with(3);
    assert!(ran.err.contains("expected deny, got two_factor"), "{ran:?}");

    place.write("vestibule.toml", &place.configuration().replace("name = \"wiki\"", "name = \"handbook\""));
    let ran = place.run(&["reload"]).ends_with(0);
    assert!(ran.out.contains("the configuration is in force"), "{ran:?}");
    let status = place.run(&["status"]).ends_with(0).out;
    assert!(status.contains("handbook") && status.contains("taken over"), "{status}");
    server.stop();
}

#[test]
fn what_needs_a_restart_is_said_until_the_file_is_as_it_was_at_the_start() {
    let place = Place::new();
    let server = place.serve();
    let first = place.configuration();
    place.write("vestibule.toml", &first.replace("workers = 1", "workers = 3"));
    for _ in 0..2 {
        let ran = place.run(&["reload"]).ends_with(0);
        assert!(ran.out.contains("server.workers differs"), "{ran:?}");
        let status = place.run(&["status"]).ends_with(0).out;
        assert!(status.contains("a restart is needed for server.workers"), "{status}");
    }
    place.write("vestibule.toml", &first);
    let ran = place.run(&["reload"]).ends_with(0);
    assert!(!ran.out.contains("restart"), "{ran:?}");
    server.stop();
}

#[test]
fn a_certificate_that_does_not_fit_its_key_changes_nothing() {
    let place = Place::new();
    let server = place.serve();
    let chain = place.read("chain.pem");
    let other = vestibule::serve::tls::self_signed(&["localhost"]).expect("a certificate");
    place.write("chain.pem", &other.chain);
    place.run(&["reload"]).ends_with(1);
    assert!(get(server.port(), &chain, "/").starts_with("HTTP/1.1 303 "));
    place.write("key.pem", &other.key);
    place.run(&["reload"]).ends_with(0);
    assert!(get(server.port(), &other.chain, "/").starts_with("HTTP/1.1 303 "));
    server.stop();
}

#[test]
fn sighup_reloads_and_a_second_server_cannot_take_the_socket() {
    let place = Place::new();
    let mut server = place.serve();
    server.signal(Signal::HUP);
    server.wait_for(|line| line.contains("is in force"));
    let status = place.run(&["status", "--json"]).ends_with(0).json();
    assert_eq!(status["last_reload"]["accepted"], true);
    let ran = place.run(&["serve"]).ends_with(1);
    assert!(ran.err.contains("another vestibule has"), "{ran:?}");
    place.run(&["status"]).ends_with(0);
    server.stop();
}

#[test]
fn a_broken_file_at_sighup_is_logged_with_its_place_and_the_old_one_stays() {
    let place = Place::new();
    let mut server = place.serve();
    place.write("vestibule.toml", &place.configuration().replace("\"bypass\"", "\"by_pass\""));
    server.signal(Signal::HUP);
    server.wait_for(|line| line.contains("the configuration was refused"));
    let line = server.said.lines().last().expect("a line");
    assert!(line.contains("by_pass") && line.contains("vestibule.toml:"), "{line}");
    assert!(get(server.port(), &place.read("chain.pem"), "/").starts_with("HTTP/1.1 303 "));
    // Nobody listens behind the portal, but its public page is still let through.
    assert!(get(server.port(), &place.read("chain.pem"), "/public/").starts_with("HTTP/1.1 502 "));
    server.stop();
}

#[test]
fn sigterm_lets_a_request_under_way_finish() {
    let place = Place::new();
    let portal = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = portal.local_addr().expect("a port").to_string();
    place.write("vestibule.toml", &place.configuration().replace("127.0.0.1:9", &address));
    let mut server = place.serve();
    let (port, chain) = (server.port(), place.read("chain.pem"));
    let mut idle = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    let visitor = thread::spawn(move || get(port, &chain, "/public/"));
    let (mut stream, _) = portal.accept().expect("a connection");
    let mut head = BufReader::new(stream.try_clone().expect("a stream")).lines();
    while !head.next().expect("a head").expect("text").is_empty() {}

    server.signal(Signal::TERM);
    server.wait_for(|line| line.contains("told to stop"));
    // It is closed because the drain began; of the other connection nothing has come yet.
    assert_eq!(idle.read(&mut [0]).expect("an end"), 0);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfinished").expect("a connection");
    let answer = visitor.join().expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nfinished"), "{answer}");
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn health_and_status_tell_whether_a_server_runs() {
    let place = Place::new();
    for command in [&["status"][..], &["health"], &["reload"]] {
        place.run(command).ends_with(4);
    }
    let server = place.serve();
    assert_eq!(place.run(&["health"]).ends_with(0).out, "ready\n");
    place.run(&["status"]).ends_with(0);
    assert!(place.path("control.sock").exists());
    let (code, rest) = server.stop();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("vestibule stopped"), "{rest}");
    assert!(!place.path("control.sock").exists());
    place.run(&["health"]).ends_with(4);
}

#[test]
fn a_socket_left_behind_by_a_crash_is_replaced() {
    let place = Place::new();
    let server = place.serve();
    server.signal(Signal::KILL);
    drop(server);
    assert!(place.path("control.sock").exists());
    // Commands do not wait for a dead server either.
    place.run(&["trust", "list"]).ends_with(0);
    let server = place.serve();
    place.run(&["status"]).ends_with(0);
    server.stop();
}

#[test]
fn the_socket_is_for_owner_and_group_and_a_line_that_is_no_request_is_told_so() {
    use std::os::unix::{fs::PermissionsExt as _, net::UnixStream};

    let place = Place::new();
    let server = place.serve();
    let socket = place.path("control.sock");
    let mode = std::fs::metadata(&socket).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let mut stream = UnixStream::connect(&socket).expect("somebody listens");
    stream.write_all(b"{\"verb\":\"self_destruct\"}\n{\"verb\":\"status\"}\n").expect("it reads");
    let mut answers = BufReader::new(stream).lines();
    let refused = answers.next().expect("an answer").expect("text");
    assert!(refused.starts_with("{\"refused\":{\"kind\":\"request\""), "{refused}");
    let status = answers.next().expect("an answer").expect("text");
    assert!(status.starts_with("{\"status\":{\"version\":"), "{status}");
    server.stop();
}
