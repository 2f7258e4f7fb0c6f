//! What comes out for visitors who are not there, and how it is told.

use std::{path::Path, time::Duration};

use crate::{
    config::{
        Asked, Device, Files, NoAnswer, explain, load_text, policy_tests, read_age, read_url,
        settings::{PolicyTest, Settings},
    },
    domain::{factor::Method, identity::Requirement, policy::Level},
};

fn settings(second_factor: &str, rules: &str) -> Settings {
    let text = format!(
        r#"
[tls]
certificates = [{{ chain = "c.pem", key = "k.pem" }}]
[second_factor]
requirement = "{second_factor}"
[[group]]
name = "admins"
second_factor = "required"
[[directory]]
kind = "file"
path = "users.example.toml"
[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
{rules}
"#
    );
    let loaded = load_text(Path::new("config/vestibule.toml"), &text, Files::Assumed);
    let drawn = loaded.report(crate::config::Color::Plain);
    loaded.settings.unwrap_or_else(|| panic!("{drawn}"))
}

fn ask(path: &str, user: Option<&str>) -> Asked {
    Asked {
        url: read_url(&format!("wiki.example.com{path}")).unwrap(),
        user: user.map(str::to_owned),
        groups: None,
        ip: None,
        method: http::Method::GET,
        device: Device::Unknown,
        factor: None,
        age: Duration::ZERO,
    }
}

fn rule(line: &str) -> String {
    format!("[[portal.rule]]\n{line}\n")
}

const ONE: &str = "policy = \"one_factor\"";

#[test]
fn a_requirement_raises_one_factor_and_nothing_else() {
    let level = |second_factor: &str, policy: &str, user| {
        let settings = settings(second_factor, &rule(&format!("policy = \"{policy}\"")));
        explain(&settings, &ask("/", user)).unwrap().level
    };
    for policy in ["bypass", "optional", "two_factor", "deny"] {
        for second_factor in ["off", "optional", "required"] {
            for user in [None, Some("anna"), Some("bas")] {
                assert_eq!(level(second_factor, policy, user).name(), policy, "{second_factor} {user:?}");
            }
        }
    }
    // bas has "required" in his own entry, anna through her group; a stranger only where everybody has.
    assert_eq!(level("off", "one_factor", None), Level::OneFactor);
    assert_eq!(level("off", "one_factor", Some("bas")), Level::TwoFactor);
    assert_eq!(level("off", "one_factor", Some("anna")), Level::TwoFactor);
    assert_eq!(level("required", "one_factor", None), Level::TwoFactor);
}

#[test]
fn the_strictest_word_is_named_with_its_source() {
    let requirement = |second_factor, user, groups: Option<&str>| {
        let settings = settings(second_factor, &rule(ONE));
        let asked = Asked { groups: groups.map(|group| vec![group.to_owned()]), ..ask("/", Some(user)) };
        let line = explain(&settings, &asked).unwrap().requirement.unwrap();
        (line.word, line.source)
    };
    let (word, source) = requirement("off", "anna", None);
    assert_eq!((word, source.as_str()), (Requirement::Required, "[[group]] \"admins\""));
    let (word, source) = requirement("optional", "bas", None);
    assert_eq!((word, source.as_str()), (Requirement::Required, "the person's own entry"));
    let (word, source) = requirement("required", "bas", None);
    assert_eq!((word, source.as_str()), (Requirement::Required, "[second_factor], for everybody"));
    // Other groups, other words; the person's own stays.
    assert_eq!(requirement("optional", "anna", Some("office")).0, Requirement::Optional);
    assert_eq!(requirement("off", "bas", Some("office")).0, Requirement::Required);
    assert_eq!(requirement("off", "nobody in particular", Some("admins")).0, Requirement::Required);
}

#[test]
fn disabled_people_are_denied_what_is_not_public() {
    let settings = settings(
        "off",
        &(rule("path = \"/public/**\"\npolicy = \"bypass\"") + &rule("policy = \"one_factor\"")),
    );
    assert_eq!(explain(&settings, &ask("/", Some("carla"))).unwrap().level, Level::Deny);
    assert_eq!(explain(&settings, &ask("/public/x", Some("carla"))).unwrap().level, Level::Bypass);
}

#[test]
fn no_rule_no_portal_and_a_closed_portal_are_deny() {
    let open = settings("off", &rule("path = \"/a\"\npolicy = \"bypass\""));
    assert_eq!(explain(&open, &ask("/b", None)).unwrap().outcome, "refused: no rule matches");
    let elsewhere = Asked { url: read_url("https://else.example/").unwrap(), ..ask("/", None) };
    let answer = explain(&open, &elsewhere).unwrap();
    assert_eq!((answer.level, answer.portal), (Level::Deny, None));
    let closed = settings("off", &format!("enabled = false\n{}", rule("policy = \"bypass\"")));
    let answer = explain(&closed, &ask("/", None)).unwrap();
    assert_eq!((answer.level, answer.outcome.as_str()), (Level::Deny, "refused: the portal is switched off"));
}

#[test]
fn a_stranger_at_a_rule_about_subjects_is_asked_to_sign_in() {
    let settings = settings("off", &rule("subjects = [\"group:office\"]\npolicy = \"deny\""));
    let answer = explain(&settings, &ask("/", None)).unwrap();
    assert_eq!((answer.level, answer.outcome.as_str()), (Level::OneFactor, "asked to sign in"));
    assert_eq!(explain(&settings, &ask("/", Some("anna"))).unwrap().level, Level::Deny);
}

#[test]
fn a_trusted_device_waives_the_code_and_the_headers_are_those_of_the_person() {
    let settings =
        settings("required", &format!("headers = {{ email = false, user = \"X-Who\" }}\n{}", rule(ONE)));
    let asked = Asked { device: Device::Trusted, ..ask("/", Some("ANNA@example.com")) };
    let answer = explain(&settings, &asked).unwrap();
    assert_eq!(answer.outcome, "forwarded as anna; a trusted device needs no code");
    let headers: Vec<String> =
        answer.headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect();
    assert_eq!(headers, ["X-Who: anna", "Remote-Name: Anna de Vries", "Remote-Groups: office,admins"]);
}

#[test]
fn who_cannot_be_named_exactly_has_no_headers_and_the_explanation_says_so() {
    let settings = settings("off", &rule(ONE));
    let asked = Asked { groups: Some(vec!["office,admins".to_owned()]), ..ask("/", Some("anna")) };
    let answer = explain(&settings, &asked).unwrap();
    assert_eq!(answer.headers, []);
    let why = "answered with 502 instead of being forwarded: group \"office,admins\" has a comma in its name";
    assert!(answer.notes.iter().any(|note| note == why), "{:?}", answer.notes);
}

#[test]
fn the_explanation_tells_every_rule_and_why() {
    let rules = rule("path = \"/public/**\"\npolicy = \"bypass\"")
        + &rule("methods = [\"POST\"]\npolicy = \"deny\"")
        + &rule("networks = [\"10.0.0.0/8\"]\npolicy = \"one_factor\"")
        + &rule("subjects = [\"group:clients\", \"user:anna\"]\npolicy = \"one_factor\"")
        + &rule("policy = \"deny\"");
    let text = explain(&settings("off", &rules), &ask("/reports", Some("bas"))).unwrap().to_string();
    assert_eq!(text, include_str!("explained.txt"), "{text}");
}

#[test]
fn a_factor_that_is_too_old_or_of_the_wrong_kind_is_told_with_its_reason() {
    let told = |line: &str, asked: Asked| {
        let settings = settings("off", &rule(line));
        let answer = explain(&settings, &asked).unwrap();
        (answer.level, answer.outcome, answer.rules[0].why.clone())
    };
    let anna = |factor, minutes: u64| Asked {
        factor,
        age: Duration::from_secs(60 * minutes),
        groups: Some(vec!["office".to_owned()]),
        ..ask("/", Some("anna"))
    };
    let fresh = "policy = \"two_factor\"\nmax_age = \"15m\"";
    let (level, outcome, why) = told(fresh, anna(Some(Method::Totp), 20));
    assert_eq!(level, Level::TwoFactor);
    assert_eq!(
        outcome,
        "asked for a second factor, then forwarded: totp is 20 minutes old, 15 minutes are allowed"
    );
    assert_eq!(why, "path matches; at most 15 minutes old");
    assert_eq!(told(fresh, anna(Some(Method::Totp), 15)).1, "forwarded as anna");

    let (level, outcome, _) = told("policy = \"one_factor\"\nmax_age = \"1h\"", anna(None, 61));
    assert_eq!(level, Level::OneFactor);
    assert_eq!(
        outcome,
        "asked for the password again, then forwarded: the password is 61 minutes old, 1 hour is allowed"
    );

    let strong = "policy = \"two_factor\"\nfactors = [\"totp\"]";
    let (_, outcome, why) = told(strong, anna(Some(Method::Recovery), 0));
    assert_eq!(outcome, "asked for totp, then forwarded: recovery does not count here");
    assert_eq!(why, "path matches; asks for totp");
    let trusted = Asked { device: Device::Trusted, ..anna(None, 0) };
    assert_eq!(told(strong, trusted).1, "asked for totp, then forwarded: trust does not count here");
    assert_eq!(told(strong, anna(None, 0)).1, "asked for totp, then forwarded");
    assert_eq!(told(strong, anna(Some(Method::Totp), 600)).1, "forwarded as anna");
}

#[test]
fn what_is_answered_before_any_rule_is_asked_is_told() {
    let settings = settings("required", &rule(ONE));
    let told = |url: &str, method: &str| {
        let url = read_url(url).unwrap();
        let asked = Asked { url, method: method.parse().unwrap(), ..ask("/", None) };
        explain(&settings, &asked).unwrap().notes.join("\n")
    };
    assert!(told("http://wiki.example.com/", "GET").contains("sent to the https address"));
    assert!(told("https://wiki.example.com:8443/", "GET").contains("421: no address in [server] https"));
    assert!(told("https://wiki.example.com/", "post").contains("400"));
    for plain in ["https://wiki.example.com/", "https://wiki.example.com:443/"] {
        let notes = told(plain, "POST");
        assert!(
            !notes.contains("421") && !notes.contains("400") && !notes.contains("https address"),
            "{notes}"
        );
    }
}

#[test]
fn ages_are_read_as_people_write_them() {
    assert_eq!(read_age("0s"), Ok(Duration::ZERO));
    assert_eq!(read_age("1h 30m"), Ok(Duration::from_secs(5400)));
    assert_eq!(read_age("20").unwrap_err(), "\"20\" has no unit: write \"20s\", \"20m\", \"20h\" or \"20d\"");
}

#[test]
fn questions_without_an_answer_say_why() {
    let settings = settings("off", &rule(ONE));
    let refused = |asked| explain(&settings, &asked).unwrap_err().to_string();
    assert_eq!(
        refused(ask("/", Some("ana"))),
        "nobody of the file is called \"ana\"; did you mean \"anna\"?"
    );
    assert_eq!(
        refused(ask("/a/%2e%2e/b", None)),
        "the gateway answers such an address with 400: the path has a dot segment"
    );
    for url in ["", "/x", "https://", "ht tp://x", "https:///x"] {
        assert!(matches!(read_url(url), Err(NoAnswer::Url(_))), "{url}");
    }
}

#[test]
fn a_failing_test_tells_page_person_levels_and_rule() {
    let mut settings = settings("off", &rule(ONE));
    settings.tests = vec![PolicyTest {
        line: 12,
        url: read_url("https://wiki.example.com/reports").unwrap(),
        user: Some("bas".to_owned()),
        groups: None,
        ip: None,
        method: http::Method::GET,
        expect: Level::OneFactor,
    }];
    let outcome = &policy_tests::run(&settings)[0];
    assert!(!outcome.passed());
    assert_eq!(
        outcome.report(Path::new("vestibule.toml")),
        "vestibule.toml:12: GET https://wiki.example.com/reports for bas: expected one_factor, got two_factor from rule \
         wiki/1 (asked for a second factor, then forwarded; second factor by the person's own entry)"
    );
}
