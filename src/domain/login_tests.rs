//! The sign-in machine as a table: every state, every answer.

use super::*;
use crate::domain::{
    identity::{Requirement, RequirementSource},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix(1_000_000);

fn person() -> Person {
    let id = UserId::new("anna");
    Person {
        credential: CredentialMark::of(&id, None),
        id,
        name: "anna".to_owned(),
        display_name: "Anna".to_owned(),
        email: None,
        phone: None,
        groups: Vec::new(),
        password: None,
        requirement: Requirement::Required,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
    }
}

fn hash(n: u8) -> TokenHash {
    TokenHash::from_bytes([n; 32])
}

fn begin(asks_second_factor: bool, waiver: Waiver) -> Step {
    let person = person();
    let begin = Begin {
        first: First::Password,
        person: &person,
        portal: "wiki",
        return_to: ReturnTo::read("/reports?x=1"),
        asks_second_factor,
        waiver,
        address: "192.0.2.1".parse().unwrap(),
        agent: "Firefox",
    };
    Login::begin(begin, || Stage::Code, hash(1), NOW)
}

fn asked() -> Login {
    match begin(true, Waiver::Nothing) {
        Step::Ask(login) => login,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_password_alone_opens_a_session_only_where_nobody_asks_for_more() {
    let Step::Finish(grant) = begin(false, Waiver::Nothing) else { panic!("no grant") };
    assert!(grant.passed().is_none());
    assert!(!grant.earns_trust());
    assert!(matches!(begin(true, Waiver::Nothing), Step::Ask(_)));
}

#[test]
fn trust_waives_the_code_and_earns_no_new_trust() {
    let id = RecordId::from_text("t");
    let Step::Finish(grant) = begin(true, Waiver::Device(id.clone())) else { panic!("no grant") };
    assert_eq!(grant.device(), Some(&id));
    assert!(!grant.earns_trust());
    let Step::Finish(grant) = begin(true, Waiver::Address(id)) else { panic!("no grant") };
    assert_eq!(grant.device(), None);
    assert!(!grant.earns_trust());
}

#[test]
fn every_answer_to_a_code_leads_where_the_table_says() {
    let right = CodeVerdict::Right { method: Method::Totp };
    let Step::Finish(grant) = asked().answer(&right, hash(2), NOW) else { panic!("no grant") };
    assert!(grant.earns_trust());
    assert_eq!(grant.return_to().as_str(), "/reports?x=1");

    let recovery = CodeVerdict::Right { method: Method::Recovery };
    let Step::Finish(grant) = asked().answer(&recovery, hash(2), NOW) else { panic!("no grant") };
    assert!(!grant.earns_trust(), "a recovery code gets people in, it does not earn trust");

    for verdict in
        [CodeVerdict::Wrong, CodeVerdict::AlreadyUsed, CodeVerdict::ClockOff { minutes: 4, step: 9 }]
    {
        let Step::Ask(login) = asked().answer(&verdict, hash(2), NOW) else { panic!("{verdict:?}") };
        assert_eq!((login.wrong_codes, login.hash), (1, hash(2)), "{verdict:?}");
    }
    let Step::Ask(login) = asked().answer(&CodeVerdict::Malformed, hash(2), NOW) else { panic!("over") };
    assert_eq!(login.wrong_codes, 0, "what is no code costs no try");
}

#[test]
fn the_fifth_wrong_code_ends_the_sign_in() {
    let mut login = asked();
    for wrong in 1..TRIES_PER_LOGIN {
        login = match login.answer(&CodeVerdict::Wrong, hash(2), NOW) {
            Step::Ask(login) => login,
            other => panic!("{wrong}: {other:?}"),
        };
    }
    assert_eq!(login.tries_left(), 1);
    assert!(matches!(login.answer(&CodeVerdict::Wrong, hash(3), NOW), Step::Over(Over::TooManyTries)));
}

#[test]
fn a_sign_in_lasts_fifteen_minutes_to_the_second() {
    let login = asked();
    assert!(login.check(&person(), Timestamp::from_unix(NOW.unix() + 15 * 60 - 1)).is_ok());
    assert_eq!(login.check(&person(), Timestamp::from_unix(NOW.unix() + 15 * 60)), Err(Over::Expired));
}

#[test]
fn a_sign_in_ends_with_the_password_it_began_with_and_with_the_person() {
    let changed = Person { credential: CredentialMark::from_bytes([9; 16]), ..person() };
    assert_eq!(asked().check(&changed, NOW), Err(Over::Outdated));
    let disabled = Person { disabled: true, ..person() };
    assert_eq!(asked().check(&disabled, NOW), Err(Over::Outdated));
}

#[test]
fn a_code_that_will_be_right_later_is_told_only_after_a_second_later_one() {
    let off = |minutes, step| CodeVerdict::ClockOff { minutes, step };
    let mut login = asked();
    assert_eq!(login.discreet(off(4, 100)), CodeVerdict::Wrong);
    assert_eq!(login.discreet(off(4, 100)), CodeVerdict::Wrong, "the same code again proves nothing");
    assert_eq!(login.discreet(off(4, 99)), CodeVerdict::Wrong, "nor does an earlier one");
    assert_eq!(login.discreet(off(7, 101)), CodeVerdict::Wrong, "nor one of another clock");
    assert_eq!(login.discreet(off(8, 102)), off(8, 102));
    // What was right before helps nobody.
    assert_eq!(asked().discreet(off(-4, 100)), off(-4, 100));
    assert_eq!(asked().discreet(CodeVerdict::AlreadyUsed), CodeVerdict::AlreadyUsed);
}

#[test]
fn a_sign_in_that_began_with_a_link_ends_with_it_and_never_later_than_others() {
    let minutes = |n| NOW.after(minutes(n));
    assert_eq!(asked().ends_by(minutes(4)).ends_at, minutes(4));
    assert_eq!(asked().ends_by(minutes(20)).ends_at, minutes(15));
    let late = asked().ends_by(minutes(4));
    assert_eq!(late.check(&person(), NOW.after(std::time::Duration::from_secs(239))), Ok(()));
    assert_eq!(late.check(&person(), minutes(4)), Err(Over::Expired));
}
