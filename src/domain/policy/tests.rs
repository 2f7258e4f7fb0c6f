//! The rules as claims: who gets a permit, who is asked for what, who is refused.

mod step_up;

use std::sync::Arc;

use http::{Method, uri::PathAndQuery};
use proptest::prelude::*;

use super::*;
use crate::domain::{
    factor,
    facts::{Host, RequestFacts, RequestId, RequestKind},
    identity::{CredentialMark, Origin, Requirement, RequirementSource, UserId},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix(0);

fn rule(number: usize, path: &str, level: Level) -> Rule {
    Rule {
        id: RuleId::new("wiki", number),
        path: PathPattern::compile(path).unwrap(),
        methods: Vec::new(),
        networks: Vec::new(),
        subjects: Vec::new(),
        level,
        step_up: StepUp::default(),
    }
}

fn policy(rules: Vec<Rule>) -> Policy {
    let hosts = vec![Host::read("wiki.example.com").unwrap()];
    Policy::new(vec![PortalRules { name: "wiki".into(), hosts, open: true, rules }])
}

fn person(groups: &[&str], requirement: Requirement) -> Arc<Person> {
    let id = UserId::new("anna");
    Arc::new(Person {
        credential: CredentialMark::of(&id, None),
        id,
        name: "anna".to_owned(),
        display_name: "Anna".to_owned(),
        email: None,
        phone: None,
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        password: None,
        requirement,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
        closed_group: None,
        origin: Origin::File,
    })
}

fn known(groups: &[&str], requirement: Requirement, second: Second) -> Standing {
    Standing::Known(Known {
        person: person(groups, requirement),
        second,
        wants_second_factor: false,
        since: Timestamp::from_unix(0),
    })
}

fn passed() -> Second {
    Second::Passed { method: factor::Method::Totp, at: Timestamp::from_unix(0) }
}

fn facts(path: &str) -> RequestFacts {
    RequestFacts {
        id: RequestId::new([0; 16]),
        method: Method::GET,
        host: Host::read("wiki.example.com").unwrap(),
        authority: "wiki.example.com".to_owned(),
        path: NormalPath::read(&path.parse::<PathAndQuery>().unwrap()).unwrap(),
        client: "192.0.2.1".parse().unwrap(),
        kind: RequestKind::Navigation,
    }
}

fn outcome(rules: Vec<Rule>, facts: &RequestFacts, standing: &Standing) -> Outcome {
    let policy = policy(rules);
    let portal = policy.place(&facts.host).unwrap();
    policy.judge(Question::of(portal, facts, NOW), standing).outcome
}

#[test]
fn no_rule_is_deny() {
    for standing in [Standing::Stranger, known(&[], Requirement::Off, passed())] {
        let got = outcome(vec![rule(1, "/a/**", Level::Bypass)], &facts("/b"), &standing);
        assert_eq!(got, Outcome::Refuse(Refusal::NoRule));
    }
}

#[test]
fn the_first_matching_rule_decides() {
    let rules = || vec![rule(1, "/public/**", Level::Bypass), rule(2, "/**", Level::Deny)];
    assert_eq!(outcome(rules(), &facts("/public/x"), &Standing::Stranger), Outcome::AllowAnonymous);
    assert_eq!(outcome(rules(), &facts("/x"), &Standing::Stranger), Outcome::Refuse(Refusal::Rule));
}

#[test]
fn patterns_end_at_segment_borders() {
    for path in ["/publicX", "/public.", "/public-x/y", "/xpublic/", "/PUBLIC/x", "/x/public/"] {
        let got = outcome(vec![rule(1, "/public/**", Level::Bypass)], &facts(path), &Standing::Stranger);
        assert_eq!(got, Outcome::Refuse(Refusal::NoRule), "{path}");
    }
    for path in ["/public", "/public/", "/public/x/y.css"] {
        let got = outcome(vec![rule(1, "/public/**", Level::Bypass)], &facts(path), &Standing::Stranger);
        assert_eq!(got, Outcome::AllowAnonymous, "{path}");
    }
}

#[test]
fn a_public_file_does_not_open_what_looks_like_it() {
    for path in ["/favicon.ico/", "/favicon.ico/x", "/x/favicon.ico", "/favicon.ico.php"] {
        let got = outcome(vec![rule(1, "/favicon.ico", Level::Bypass)], &facts(path), &Standing::Stranger);
        assert_eq!(got, Outcome::Refuse(Refusal::NoRule), "{path}");
    }
}

#[test]
fn a_closed_path_stays_closed_with_a_final_slash() {
    let rules = vec![rule(1, "/admin", Level::Deny), rule(2, "/**", Level::Bypass)];
    assert_eq!(outcome(rules, &facts("/admin/"), &Standing::Stranger), Outcome::Refuse(Refusal::Rule));
}

#[test]
fn an_odd_path_never_meets_a_public_rule() {
    for level in [Level::Bypass, Level::Optional] {
        for path in
            ["/public//x", "/public/%2fx", "/public/a;b", "//public/x", "/public/%2541", "/public/a%3bb"]
        {
            let rules = vec![rule(1, "/public/**", level), rule(2, "/**", Level::OneFactor)];
            assert_eq!(outcome(rules, &facts(path), &Standing::Stranger), Outcome::AskSignIn, "{path}");
        }
    }
}

#[test]
fn an_odd_path_must_be_allowed_under_every_reading() {
    let rules = || vec![rule(1, "/admin/**", Level::Deny), rule(2, "/**", Level::OneFactor)];
    let standing = known(&[], Requirement::Off, passed());
    for path in ["/admin%2fx", "/admin;v/x", "//admin/x", "/admin%252fx", "/;x/admin/y", "/admin;a%2fb/c"] {
        assert_eq!(outcome(rules(), &facts(path), &standing), Outcome::Refuse(Refusal::Rule), "{path}");
    }
    assert_eq!(outcome(rules(), &facts("/files/a%2fb"), &standing), Outcome::AllowKnown);
}

#[test]
fn get_rules_cover_head_and_nothing_else() {
    let rules = || {
        let mut only_get = rule(1, "/**", Level::Bypass);
        only_get.methods = vec![Method::GET];
        vec![only_get]
    };
    for (method, want) in [
        (Method::GET, Outcome::AllowAnonymous),
        (Method::HEAD, Outcome::AllowAnonymous),
        (Method::POST, Outcome::Refuse(Refusal::NoRule)),
        (Method::OPTIONS, Outcome::Refuse(Refusal::NoRule)),
    ] {
        let facts = RequestFacts { method: method.clone(), ..facts("/") };
        assert_eq!(outcome(rules(), &facts, &Standing::Stranger), want, "{method}");
    }
}

#[test]
fn networks_look_at_the_visitors_address() {
    let rules = || {
        let mut office = rule(1, "/**", Level::Bypass);
        office.networks = vec!["10.0.0.0/8".parse().unwrap()];
        vec![office]
    };
    let inside = RequestFacts { client: "10.9.8.7".parse().unwrap(), ..facts("/") };
    assert_eq!(outcome(rules(), &inside, &Standing::Stranger), Outcome::AllowAnonymous);
    assert_eq!(outcome(rules(), &facts("/"), &Standing::Stranger), Outcome::Refuse(Refusal::NoRule));
}

#[test]
fn a_rule_about_people_asks_strangers_to_sign_in_even_if_it_would_let_them_pass() {
    let rules = || {
        let mut office = rule(1, "/**", Level::OneFactor);
        office.subjects = vec![Subject::Group("office".to_owned())];
        vec![office, rule(2, "/**", Level::Deny)]
    };
    assert_eq!(outcome(rules(), &facts("/"), &Standing::Stranger), Outcome::AskSignIn);
    let colleague = known(&["office"], Requirement::Off, Second::Missing);
    assert_eq!(outcome(rules(), &facts("/"), &colleague), Outcome::AllowKnown);
    let client = known(&["Office", "clients"], Requirement::Off, Second::Missing);
    assert_eq!(outcome(rules(), &facts("/"), &client), Outcome::Refuse(Refusal::Rule));
}

#[test]
fn the_stricter_of_rule_and_requirement_counts() {
    use Requirement::{Off, Optional, Required};
    for (level, requirement, want) in [
        (Level::OneFactor, Off, Outcome::AllowKnown),
        (Level::OneFactor, Optional, Outcome::AllowKnown),
        (Level::OneFactor, Required, Outcome::AskSecondFactor),
        (Level::TwoFactor, Off, Outcome::AskSecondFactor),
        (Level::TwoFactor, Optional, Outcome::AskSecondFactor),
        (Level::TwoFactor, Required, Outcome::AskSecondFactor),
    ] {
        let got =
            outcome(vec![rule(1, "/**", level)], &facts("/"), &known(&[], requirement, Second::Missing));
        assert_eq!(got, want, "{level:?} {requirement:?}");
        let got = outcome(vec![rule(1, "/**", level)], &facts("/"), &known(&[], requirement, passed()));
        assert_eq!(got, Outcome::AllowKnown, "{level:?} {requirement:?}");
    }
}

#[test]
fn the_visitors_own_switch_counts_where_the_requirement_is_optional() {
    let Standing::Known(mut visitor) = known(&[], Requirement::Optional, Second::Missing) else {
        unreachable!()
    };
    visitor.wants_second_factor = true;
    let got = outcome(vec![rule(1, "/**", Level::OneFactor)], &facts("/"), &Standing::Known(visitor));
    assert_eq!(got, Outcome::AskSecondFactor);
}

#[test]
fn trust_waives_the_second_factor_and_nothing_else() {
    let id = crate::domain::token::RecordId::from_text("x");
    for second in [Second::TrustedDevice(id.clone()), Second::TrustedAddress(id)] {
        let standing = known(&[], Requirement::Required, second);
        assert_eq!(
            outcome(vec![rule(1, "/**", Level::TwoFactor)], &facts("/"), &standing),
            Outcome::AllowKnown
        );
        assert_eq!(
            outcome(vec![rule(1, "/**", Level::Deny)], &facts("/"), &standing),
            Outcome::Refuse(Refusal::Rule)
        );
    }
}

#[test]
fn an_optional_rule_names_only_those_who_owe_nothing() {
    let rules = || vec![rule(1, "/**", Level::Optional)];
    assert_eq!(outcome(rules(), &facts("/"), &Standing::Stranger), Outcome::AllowAnonymous);
    let owing = known(&[], Requirement::Required, Second::Missing);
    assert_eq!(outcome(rules(), &facts("/"), &owing), Outcome::AllowAnonymous);
    let paid = known(&[], Requirement::Required, passed());
    assert_eq!(outcome(rules(), &facts("/"), &paid), Outcome::AllowKnown);
}

#[test]
fn a_permit_carries_the_target_that_was_judged_and_names_nobody_on_public_paths() {
    let policy = policy(vec![rule(1, "/pub/**", Level::Bypass), rule(2, "/**", Level::OneFactor)]);
    let standing = known(&[], Requirement::Off, Second::Missing);
    let facts_ = facts("/pub/a%20b?x=%2f&y");
    let Decision::Allow(permit) = policy.decide(PortalIndex(0), &facts_, &standing, NOW) else {
        panic!("no permit")
    };
    assert_eq!(permit.target().as_str(), "/pub/a%20b?x=%2f&y");
    assert!(permit.person().is_none());
    let Decision::Allow(permit) = policy.decide(PortalIndex(0), &facts("/x"), &standing, NOW) else {
        panic!("no permit")
    };
    assert_eq!(permit.person().unwrap().id.as_str(), "anna");
}

#[test]
fn a_portal_that_is_switched_off_refuses_everybody() {
    let mut off = policy(vec![rule(1, "/**", Level::Bypass)]);
    off.portals[0].open = false;
    let decision = off.decide(PortalIndex(0), &facts("/"), &known(&[], Requirement::Off, passed()), NOW);
    assert!(matches!(decision, Decision::Deny(Denial { refusal: Refusal::PortalOff, .. })));
}

#[test]
fn patterns_that_can_never_match_are_refused() {
    for text in ["x", "", "/a/**/b", "/a*b", "/a?x", "/a//b", "/a/../b", "/%41", "/a;b", "/a\\b", "/a#b"] {
        assert!(PathPattern::compile(text).is_err(), "{text}");
    }
    for text in ["/", "/**", "/a/*/c", "/a/", "/käse/**"] {
        assert!(PathPattern::compile(text).is_ok(), "{text}");
    }
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let path = prop_oneof![Just("/**"), Just("/a/**"), Just("/a"), Just("/*/b"), Just("/a/b/")];
    let level = prop_oneof![
        Just(Level::Bypass),
        Just(Level::Optional),
        Just(Level::OneFactor),
        Just(Level::TwoFactor),
        Just(Level::Deny)
    ];
    (path, level, any::<bool>()).prop_map(|(path, level, about_office)| {
        let mut rule = rule(1, path, level);
        if about_office {
            rule.subjects = vec![Subject::Group("office".to_owned())];
        }
        rule
    })
}

proptest! {
    #[test]
    fn no_permit_without_proof(
        rules in proptest::collection::vec(any_rule(), 0..6),
        path in "/[ab]{0,2}(/|//|;x|%2f)?[ab]{0,2}",
    ) {
        let Ok(target) = path.parse::<PathAndQuery>() else { return Ok(()) };
        let Ok(path) = NormalPath::read(&target) else { return Ok(()) };
        let facts = RequestFacts { path, ..facts("/") };
        let compiled = policy(rules.clone());
        if let Decision::Allow(permit) = compiled.decide(PortalIndex(0), &facts, &Standing::Stranger, NOW) {
            prop_assert!(permit.person().is_none());
            prop_assert!(!facts.path.is_odd());
            prop_assert_eq!(permit.target().as_str(), target.as_str());
            prop_assert!(rules.iter().any(|r| matches!(r.level, Level::Bypass | Level::Optional) && r.subjects.is_empty()));
        }
        // Whoever owes a second factor never reaches a two-factor path.
        let owing = known(&["office"], Requirement::Off, Second::Missing);
        if let Decision::Allow(permit) = compiled.decide(PortalIndex(0), &facts, &owing, NOW) {
            let judged = compiled.judge(Question::of(PortalIndex(0), &facts, NOW), &owing);
            prop_assert_ne!(judged.level, Level::TwoFactor);
            prop_assert_ne!(judged.level, Level::Deny);
            prop_assert_eq!(permit.target().as_str(), target.as_str());
        }
    }

    #[test]
    fn the_path_judged_is_the_path_forwarded(path in "/[a-c%2fe./;]{0,12}(\\?[a-z=%]{0,6})?") {
        let Ok(target) = path.parse::<PathAndQuery>() else { return Ok(()) };
        let Ok(read) = NormalPath::read(&target) else { return Ok(()) };
        prop_assert_eq!(read.target().as_str(), target.as_str());
        for reading in read.readings() {
            for segment in &reading.segments {
                prop_assert!(segment != "." && segment != "..", "{:?}", reading);
            }
        }
    }
}
