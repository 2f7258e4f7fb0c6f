//! `check` and `explain`: what they say of a file, and with which exit code.

use crate::harness::Place;

#[test]
fn a_good_file_passes_with_its_tests() {
    let ran = Place::new().run(&["check"]).ends_with(0);
    assert_eq!(ran.out, "vestibule.toml: no errors, 1 test passed\n");
}

#[test]
fn three_mistakes_are_shown_at_once_each_with_place_and_hint() {
    let place = Place::new();
    let broken = place
        .configuration()
        .replace("workers = 1", "worker = 1")
        .replace("policy = \"bypass\"", "policy = \"by_pass\"")
        .replace("path = \"users.toml\"", "path = \"nobody.toml\"");
    place.write("vestibule.toml", &broken);
    let ran = place.run(&["check"]).ends_with(1);
    for word in [
        "vestibule.toml:5:1",
        "did you mean \"workers\"?",
        "by_pass",
        "nobody.toml",
        "3 errors, tests not run",
    ] {
        assert!(ran.out.contains(word), "no {word} in\n{}", ran.out);
    }
    assert!(ran.out.contains("^^^^^^"), "carets: {}", ran.out);

    let report = place.run(&["check", "--format", "json"]).ends_with(1).json();
    assert_eq!(report["ok"], false);
    assert_eq!(report["problems"].as_array().expect("a list").len(), 3);
    assert_eq!(report["problems"][0]["line"], 5);
}

#[test]
fn a_failing_test_of_the_file_ends_with_3_for_check_and_serve() {
    let place = Place::new();
    place.write(
        "vestibule.toml",
        &place.configuration().replace("expect = \"two_factor\"", "expect = \"deny\""),
    );
    let ran = place.run(&["check"]).ends_with(3);
    assert!(ran.out.contains("expected deny, got two_factor"), "{}", ran.out);
    assert!(ran.out.contains("1 of 1 test failed"), "{}", ran.out);
    let ran = place.run(&["serve"]).ends_with(3);
    assert!(ran.err.contains("expected deny, got two_factor"), "{}", ran.err);
}

#[test]
fn a_missing_certificate_matters_here_but_not_offline() {
    let place = Place::new();
    std::fs::remove_file(place.path("chain.pem")).expect("it is there");
    place.run(&["check"]).ends_with(1);
    place.run(&["check", "--offline"]).ends_with(0);
}

#[test]
fn a_file_with_problems_does_not_start() {
    let place = Place::new();
    place.write("vestibule.toml", "[server]\nhttps = 443\n");
    let ran = place.run(&["serve"]).ends_with(1);
    assert!(ran.err.contains("vestibule.toml:2:9") && ran.err.contains("nothing was started"), "{ran:?}");
}

#[test]
fn explain_shows_each_rule_with_its_reason_and_the_headers() {
    let place = Place::new();
    let ran = place.run(&["explain", "--url", "https://localhost/reports", "--user", "anna"]).ends_with(0);
    for word in ["miss", "-> hit", "two_factor", "asked for a second factor", "Remote-User: anna"] {
        assert!(ran.out.contains(word), "no {word} in\n{}", ran.out);
    }
    let answer = place
        .run(&["explain", "--url", "localhost/reports", "--user", "bas", "--format", "json"])
        .ends_with(0)
        .json();
    assert_eq!(answer["level"], "deny");
    assert_eq!(answer["portal"], "wiki");
}

#[test]
fn explain_suggests_the_name_that_was_meant() {
    let ran = Place::new().run(&["explain", "--url", "https://localhost/", "--user", "ana"]).ends_with(2);
    assert!(ran.err.contains("did you mean \"anna\"?"), "{ran:?}");
}
