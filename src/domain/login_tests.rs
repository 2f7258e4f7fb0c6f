//! The sign-in machine as a table: every state, every answer.

use super::*;
use crate::domain::{
    identity::{Origin, Requirement, RequirementSource},
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
        closed_group: None,
        origin: Origin::File,
    }
}

fn hash(n: u8) -> TokenHash {
    TokenHash::from_bytes([n; 32])
}

fn begin(asks_second_factor: bool, waiver: Waiver) -> Step {
    begin_with(First::Password, asks_second_factor, waiver)
}

fn begin_with(first: First, asks_second_factor: bool, waiver: Waiver) -> Step {
    let person = person();
    let begin = Begin {
        first,
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

/// What a sign-in that begins so comes to at once.
#[derive(PartialEq, Eq, Debug)]
enum Begun {
    /// A session: the second factor that counts as passed, and whether it is tied to the device.
    In(Option<Method>, bool),
    /// A code is asked for.
    Asked,
    /// Nothing.
    Refused,
}

fn begun(step: Step) -> Begun {
    match step {
        Step::Finish(grant) => {
            Begun::In(grant.passed().map(|passed| passed.method), grant.device().is_some())
        }
        Step::Ask(_) => Begun::Asked,
        Step::Over(over) => {
            assert_eq!(over, Over::Outdated);
            Begun::Refused
        }
    }
}

#[test]
fn every_beginning_with_every_waiver_leads_where_the_table_says() {
    let id = RecordId::from_text("t");
    let waivers =
        || [Waiver::Nothing, Waiver::Device(id.clone()), Waiver::Provider(NOW), Waiver::Address(id.clone())];
    let provider = Some(Method::Provider);
    for (first, not_asked, asked) in [
        (
            First::Password,
            [
                Begun::In(None, false),
                Begun::In(None, true),
                Begun::In(provider, false),
                Begun::In(None, false),
            ],
            [Begun::Asked, Begun::In(None, true), Begun::In(provider, false), Begun::In(None, false)],
        ),
        // A PIN is worth something with its device only, and the device is its second factor.
        (
            First::Pin,
            [Begun::Refused, Begun::In(None, true), Begun::Refused, Begun::Refused],
            [Begun::Refused, Begun::In(None, true), Begun::Refused, Begun::Refused],
        ),
        // A passkey is two factors by itself.
        (
            First::Passkey,
            [
                Begun::In(Some(Method::Passkey), false),
                Begun::In(Some(Method::Passkey), true),
                Begun::In(provider, false),
                Begun::In(Some(Method::Passkey), false),
            ],
            [
                Begun::In(Some(Method::Passkey), false),
                Begun::In(Some(Method::Passkey), true),
                Begun::In(provider, false),
                Begun::In(Some(Method::Passkey), false),
            ],
        ),
    ] {
        for (asks, expected) in [(false, not_asked), (true, asked)] {
            for (waiver, expected) in waivers().into_iter().zip(expected) {
                let words = format!("{first:?}, {waiver:?}, asks {asks}");
                assert_eq!(begun(begin_with(first, asks, waiver)), expected, "{words}");
            }
        }
    }
}

#[test]
fn a_pin_and_its_device_earn_no_new_trust() {
    let id = RecordId::from_text("t");
    let Step::Finish(grant) = begin_with(First::Pin, true, Waiver::Device(id.clone())) else {
        panic!("no grant")
    };
    assert!(!grant.earns_trust());
    assert_eq!((grant.first(), grant.device(), grant.passed()), (First::Pin, Some(&id), None));
}

#[test]
fn every_first_factor_has_a_name_of_its_own() {
    for first in [First::Password, First::Link, First::Passkey, First::Provider, First::Pin] {
        assert_eq!(First::from_name(first.name()), Some(first));
    }
}

/// What became of an answer.
#[derive(PartialEq, Eq, Debug)]
enum Became {
    /// A grant for this method.
    In(Method),
    /// Asked again, under the same token: it cost nothing.
    Same,
    /// Asked again, under a new token: it cost a try.
    Counted,
}

fn became(step: Step) -> Became {
    match step {
        Step::Finish(grant) => Became::In(grant.passed().expect("a factor").method),
        Step::Ask(login) if login.hash == hash(1) && login.wrong_codes == 0 => Became::Same,
        Step::Ask(login) => {
            assert_eq!((login.hash, login.wrong_codes), (hash(2), 1));
            Became::Counted
        }
        Step::Over(over) => panic!("{over:?}"),
    }
}

const METHODS: [Method; 6] =
    [Method::Totp, Method::Passkey, Method::Approval, Method::Recovery, Method::Email, Method::Sms];

/// What every method's right answer does in a stage. An answer that is not waited for moves nothing.
fn awaited(stage: &Stage) -> &'static [Method] {
    match stage {
        Stage::Code => &METHODS,
        Stage::Enrol { proof: Proof::App | Proof::AppAfterGlass, .. } => &[Method::Totp],
        Stage::Enrol { proof: Proof::AppAndSent, .. } => &[],
        Stage::Contact => &[Method::Email, Method::Sms],
    }
}

fn stages() -> [Stage; 4] {
    let key = || TotpKey::new(vec![7; 20]);
    [
        Stage::Code,
        Stage::Enrol { key: key(), proof: Proof::App },
        Stage::Enrol { key: key(), proof: Proof::AppAndSent },
        Stage::Contact,
    ]
}

fn at(stage: &Stage) -> Login {
    Login { stage: stage.clone(), ..asked() }
}

/// Every verdict but a right one, and what it does wherever a code is waited for.
fn not_right() -> [(CodeVerdict, Became); 5] {
    [
        (CodeVerdict::Wrong, Became::Counted),
        (CodeVerdict::AlreadyUsed, Became::Counted),
        (CodeVerdict::ClockOff { minutes: 4, step: 9 }, Became::Counted),
        (CodeVerdict::Malformed, Became::Same),
        (CodeVerdict::Lapsed, Became::Same),
    ]
}

#[test]
fn every_answer_in_every_state_leads_where_the_table_says() {
    for stage in stages() {
        for method in METHODS {
            let expected = if awaited(&stage).contains(&method) { Became::In(method) } else { Became::Same };
            let step = at(&stage).answer(&CodeVerdict::Right { method }, hash(2), NOW);
            assert_eq!(became(step), expected, "{stage:?}, {method:?}");
        }
        for (verdict, expected) in not_right() {
            assert_eq!(became(at(&stage).answer(&verdict, hash(2), NOW)), expected, "{stage:?}, {verdict:?}");
        }
    }
}

#[test]
fn every_pair_of_answers_to_an_enrolment_leads_where_the_table_says() {
    let (app, sent) =
        (CodeVerdict::Right { method: Method::Totp }, CodeVerdict::Right { method: Method::Email });
    let [code, alone, both, contact] = stages();
    let pair = |stage: &Stage, app: &CodeVerdict, sent: &CodeVerdict| {
        became(at(stage).answer_enrolment(app, sent, hash(2), NOW))
    };
    assert_eq!(pair(&alone, &app, &CodeVerdict::Lapsed), Became::In(Method::Totp));
    assert_eq!(pair(&both, &app, &sent), Became::In(Method::Totp));
    for (verdict, expected) in not_right() {
        assert_eq!(pair(&alone, &verdict, &sent), expected, "the app's code is {verdict:?}");
        assert_eq!(pair(&both, &verdict, &sent), expected, "the app's code is {verdict:?}");
        assert_eq!(pair(&both, &app, &verdict), expected, "the sent code is {verdict:?}");
    }
    assert_eq!(pair(&both, &CodeVerdict::Wrong, &CodeVerdict::Wrong), Became::Counted, "as one");
    for stage in [code, contact] {
        assert_eq!(pair(&stage, &app, &sent), Became::Same, "{stage:?}");
    }
}

#[test]
fn what_was_passed_is_in_the_grant_and_all_but_a_recovery_code_earns_trust() {
    for method in METHODS {
        let step = asked().answer(&CodeVerdict::Right { method }, hash(2), NOW);
        let Step::Finish(grant) = step else { panic!("no grant") };
        assert_eq!(grant.passed(), Some(Passed { method, at: NOW }));
        assert_eq!(grant.earns_trust(), method != Method::Recovery, "{method:?}");
        assert_eq!((grant.first(), grant.return_to().as_str()), (First::Password, "/reports?x=1"));
    }
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

#[test]
fn after_a_break_glass_code_a_new_app_is_linked_and_nothing_else_goes_on() {
    let key = || TotpKey::new(vec![9; 20]);
    for stage in stages() {
        let takes = at(&stage).after_glass(key(), hash(2)).is_some();
        assert_eq!(takes, stage == Stage::Code, "{stage:?}");
    }
    let strengthened = Login { replaces: Some(hash(7)), ..at(&Stage::Code) };
    assert!(strengthened.after_glass(key(), hash(2)).is_none(), "who is in has shown something already");
    let linking = || at(&Stage::Code).after_glass(key(), hash(2)).unwrap();
    assert_eq!(linking().hash, hash(2), "the token of before is good for nothing");
    let right = |method| CodeVerdict::Right { method };
    for method in [Method::Recovery, Method::Email, Method::Sms, Method::Approval] {
        assert!(matches!(linking().answer(&right(method), hash(3), NOW), Step::Ask(_)), "{method:?}");
    }
    let done = linking().answer_enrolment(&right(Method::Totp), &CodeVerdict::Lapsed, hash(3), NOW);
    let Step::Finish(grant) = done else { panic!("{done:?}") };
    assert_eq!(grant.passed().unwrap().method, Method::Totp);
}
