//! Fresh and stronger factors: both sides of the last second, what trust is worth, and which reading counts.

use std::time::Duration;

use super::*;
use crate::domain::{
    factor::Method::{Passkey, Recovery, Totp},
    time::minutes,
    token::RecordId,
};

const START: Timestamp = Timestamp::from_unix(1_000_000);
const QUARTER: u64 = 15 * 60;

fn asking(level: Level, max_age: Option<u64>, factors: &[factor::Method]) -> Rule {
    let max_age = max_age.map(Duration::from_secs);
    Rule { step_up: StepUp { max_age, factors: factors.to_vec() }, ..rule(1, "/**", level) }
}

/// Somebody who gave the password at the start, and what stands in for the second factor.
fn somebody(requirement: Requirement, second: Second) -> Known {
    Known { person: person(&["office"], requirement), second, wants_second_factor: false, since: START }
}

fn shown(method: factor::Method) -> Second {
    Second::Passed { method, at: START }
}

/// What comes out `age` seconds after the start.
fn after(age: u64, rules: Vec<Rule>, known: Known) -> Judgement {
    let policy = policy(rules);
    let now = START.after(Duration::from_secs(age));
    policy.judge(Question::of(PortalIndex(0), &facts("/x"), now), &Standing::Known(known))
}

#[test]
fn a_factor_is_asked_again_from_the_first_second_beyond_its_age() {
    let trusted = || Second::TrustedDevice(RecordId::from_text("t"));
    let nearby = || Second::TrustedAddress(RecordId::from_text("t"));
    use Level::{OneFactor, TwoFactor};
    use Outcome::{AllowKnown, AskPassword, AskSecondFactor};
    use Requirement::{Off, Required};
    type Case = (Level, Requirement, Second, &'static [factor::Method], Outcome, Outcome);
    let cases: [Case; 14] = [
        (TwoFactor, Off, shown(Totp), &[], AllowKnown, AskSecondFactor),
        (TwoFactor, Off, shown(Totp), &[Totp], AllowKnown, AskSecondFactor),
        (TwoFactor, Off, shown(Totp), &[Passkey], AskSecondFactor, AskSecondFactor),
        (TwoFactor, Off, shown(Passkey), &[Totp, Passkey], AllowKnown, AskSecondFactor),
        (TwoFactor, Off, shown(Recovery), &[], AllowKnown, AskSecondFactor),
        (TwoFactor, Off, shown(Recovery), &[Totp], AskSecondFactor, AskSecondFactor),
        (TwoFactor, Off, Second::Missing, &[], AskSecondFactor, AskSecondFactor),
        (TwoFactor, Off, trusted(), &[], AskSecondFactor, AskSecondFactor),
        (TwoFactor, Off, nearby(), &[], AskSecondFactor, AskSecondFactor),
        (OneFactor, Off, Second::Missing, &[], AllowKnown, AskPassword),
        (OneFactor, Off, trusted(), &[], AllowKnown, AskPassword),
        // Where a second factor is asked, it is the one whose age counts.
        (OneFactor, Required, shown(Totp), &[], AllowKnown, AskSecondFactor),
        (OneFactor, Required, trusted(), &[], AskSecondFactor, AskSecondFactor),
        // A rule that names second factors asks for one.
        (OneFactor, Off, Second::Missing, &[Totp], AskSecondFactor, AskSecondFactor),
    ];
    for (level, requirement, second, factors, young, old) in cases {
        let rules = || vec![asking(level, Some(QUARTER), factors)];
        let known = || somebody(requirement, second.clone());
        let case = format!("{level:?} {requirement:?} {second:?} {factors:?}");
        assert_eq!(after(QUARTER, rules(), known()).outcome, young, "{case}");
        assert_eq!(after(QUARTER + 1, rules(), known()).outcome, old, "{case}");
    }
}

#[test]
fn trust_does_for_any_factor_and_not_for_one_of_some() {
    for second in
        [Second::TrustedDevice(RecordId::from_text("t")), Second::TrustedAddress(RecordId::from_text("t"))]
    {
        let known = || somebody(Requirement::Required, second.clone());
        let any = after(0, vec![asking(Level::TwoFactor, None, &[])], known());
        assert_eq!((any.outcome, any.lack), (Outcome::AllowKnown, None));
        let some = after(0, vec![asking(Level::TwoFactor, None, &[Totp, Passkey])], known());
        assert_eq!((some.outcome, some.lack), (Outcome::AskSecondFactor, Some(Lack::Shown)));
    }
}

#[test]
fn public_and_closed_rules_ask_for_no_age() {
    for (level, want) in [
        (Level::Bypass, Outcome::AllowAnonymous),
        (Level::Optional, Outcome::AllowKnown),
        (Level::Deny, Outcome::Refuse(Refusal::Rule)),
    ] {
        let known = somebody(Requirement::Off, Second::Missing);
        assert_eq!(after(10_000, vec![asking(level, Some(60), &[Totp])], known).outcome, want);
    }
}

#[test]
fn an_odd_path_is_as_fresh_as_its_strictest_reading_asks() {
    let rules = || {
        let money = Rule {
            path: PathPattern::compile("/money/**").unwrap(),
            ..asking(Level::TwoFactor, Some(60), &[])
        };
        vec![money, rule(2, "/**", Level::TwoFactor)]
    };
    let outcome = |path: &str, age: u64| {
        let now = START.after(Duration::from_secs(age));
        let standing = Standing::Known(somebody(Requirement::Off, shown(Totp)));
        policy(rules()).judge(Question::of(PortalIndex(0), &facts(path), now), &standing).outcome
    };
    for path in ["/money%2fx", "/money;v/x", "//money/x"] {
        assert_eq!(outcome(path, 61), Outcome::AskSecondFactor, "{path}");
    }
    assert_eq!(outcome("/other%2fx", 61), Outcome::AllowKnown);
    // The password comes before the second factor that may follow it, and signing in before both.
    assert!(Outcome::AskSecondFactor < Outcome::AskPassword && Outcome::AskPassword < Outcome::AskSignIn);
}

#[test]
fn a_challenge_says_which_factor_counts_and_whether_one_was_shown() {
    let decide = |rule: Rule, second| {
        let standing = Standing::Known(somebody(Requirement::Off, second));
        match policy(vec![rule]).decide(PortalIndex(0), &facts("/x"), &standing, START.after(minutes(20))) {
            Decision::Challenge(Challenge::SecondFactor { again, method, .. }) => Some((again, method)),
            _ => None,
        }
    };
    let both = asking(Level::TwoFactor, Some(QUARTER), &[Passkey, Totp]);
    assert_eq!(decide(both.clone(), Second::Missing), Some((false, Some(Passkey))));
    assert_eq!(decide(both, shown(Totp)), Some((true, Some(Passkey))));
    assert_eq!(decide(asking(Level::TwoFactor, Some(QUARTER), &[]), shown(Totp)), Some((true, None)));
    assert_eq!(decide(asking(Level::TwoFactor, None, &[]), Second::Missing), Some((false, None)));
}

#[test]
fn signing_in_to_a_rule_about_a_fresh_password_asks_for_no_second_factor() {
    let asked = |rule: Rule, requirement| {
        let facts = facts("/x");
        let question = Question::of(PortalIndex(0), &facts, START);
        policy(vec![rule]).asks_second_factor(question, &person(&[], requirement), false)
    };
    assert!(!asked(asking(Level::OneFactor, Some(60), &[]), Requirement::Off));
    assert!(asked(asking(Level::OneFactor, Some(60), &[Totp]), Requirement::Off));
    assert!(asked(asking(Level::TwoFactor, Some(60), &[]), Requirement::Off));
}

#[test]
fn a_factor_counts_where_it_is_named_or_none_is() {
    let counts = |factors: &[factor::Method], method| {
        let facts = facts("/x");
        let question = Question::of(PortalIndex(0), &facts, START.after(minutes(90)));
        let policy = policy(vec![asking(Level::TwoFactor, Some(60), factors)]);
        policy.counts(question, &person(&[], Requirement::Off), method)
    };
    assert!(counts(&[], Recovery) && counts(&[Totp], Totp));
    assert!(!counts(&[Totp], Recovery) && !counts(&[Passkey], Totp));
}

#[test]
fn what_was_let_in_is_not_asked_how_old_its_factors_have_become() {
    let rules = || vec![asking(Level::TwoFactor, Some(60), &[Totp])];
    let judged = |known: Known| after(3600, rules(), known).outcome;
    let now = START.after(minutes(60));
    let known = somebody(Requirement::Off, shown(Totp));
    assert_eq!(judged(known.clone()), Outcome::AskSecondFactor);
    assert_eq!(judged(known.as_at_the_door(now)), Outcome::AllowKnown);
    // Age is forgiven, and nothing else.
    for second in [Second::Missing, Second::TrustedDevice(RecordId::from_text("t")), shown(Passkey)] {
        let known = somebody(Requirement::Off, second).as_at_the_door(now);
        assert_eq!(judged(known), Outcome::AskSecondFactor);
    }
}
