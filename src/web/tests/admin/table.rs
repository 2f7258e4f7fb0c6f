//! Every action of the administrators' pages, posted as each role: one row per action.

use std::collections::BTreeSet;

use super::{enter, lists::asks_for_help, office, settle};
use crate::{
    domain::{
        identity::{Requirement, UserId},
        kept::KeptPerson,
        role::{Action, Authority},
        switches::GroupSwitch,
    },
    web::tests::{House, visitor::Seen},
};

/// What is tried.
enum Try {
    Get(&'static str),
    Post(&'static str, &'static [(&'static str, &'static str)]),
}
use Try::{Get, Post};

/// The action, how it is tried, and who may: security, tenant, help desk, auditor.
const TABLE: &[(Action, Try, [bool; 4])] = &[
    (Action::SeePeople, Get("/.vestibule/admin?q=a"), [true, true, true, true]),
    (Action::SeePeople, Get("admin/person?user=jan"), [true, true, true, true]),
    (Action::CreatePerson, Get("admin/new"), [true, true, false, false]),
    (Action::EditPerson, Get("admin/edit?user=jan"), [true, true, false, false]),
    (
        Action::CreatePerson,
        Post("admin/new", &[("name", "new"), ("email", "new@example.com"), ("groups", "clients")]),
        [true, true, false, false],
    ),
    (
        Action::EditPerson,
        Post("admin/edit?user=jan", &[("email", "j@example.com"), ("groups", "clients")]),
        [true, true, false, false],
    ),
    (Action::DisablePerson, Post(JAN, &[("action", "disable"), SURE]), [true, true, false, false]),
    (Action::DisablePerson, Post(JAN, &[("action", "enable")]), [true, true, false, false]),
    (Action::SetRequirement, Post(JAN, &[("action", "require"), ("id", "off")]), [true, true, false, false]),
    (
        Action::ResetSecondFactor,
        Post(JAN, &[("action", "reset"), SURE, ("reason", "lost the phone")]),
        [true, true, true, false],
    ),
    (Action::Pair, Post(JAN, &[("action", "pair"), ("id", "123 456 789")]), [true, true, true, false]),
    (Action::Invite, Get("admin/invite?user=jan"), [true, true, true, false]),
    (Action::Invite, Post("admin/invite?user=jan", &[]), [true, true, true, false]),
    (Action::Invite, Get("admin/invite"), [true, true, true, false]),
    (Action::Invite, Post("admin/invite", &[]), [true, true, true, false]),
    (Action::Unlock, Post(JAN, &[("action", "unlock")]), [true, true, true, false]),
    (
        Action::RevokeTrust,
        Post(JAN, &[("action", "remove_trust"), ("id", "x"), SURE]),
        [true, true, true, false],
    ),
    (Action::RevokeTrust, Post(JAN, &[("action", "remove_trusts"), SURE]), [true, true, true, false]),
    (
        Action::EndSessions,
        Post(JAN, &[("action", "end_session"), ("id", "x"), SURE]),
        [true, true, true, false],
    ),
    (Action::EndSessions, Post(JAN, &[("action", "end_sessions"), SURE]), [true, true, true, false]),
    (Action::SeeGroups, Get("admin/groups"), [true, true, true, true]),
    (Action::SeeGroups, Get("admin/group?group=clients"), [true, true, true, true]),
    (
        Action::SetGroup,
        Post("admin/group?group=clients", &[("word", "optional"), ("state", "open"), SURE]),
        [true, true, false, false],
    ),
    (Action::SeePortals, Get("admin/portals"), [true, false, false, true]),
    (Action::SetPortal, Post("admin/portals", &[("open", "wiki")]), [true, false, false, false]),
    (Action::SetPortal, Post("admin/portals", &[("close", "wiki")]), [true, false, false, false]),
    (Action::SeeTrusts, Get("admin/trusts"), [true, true, true, true]),
    (
        Action::RevokeTrust,
        Post("admin/trusts?user=jan", &[("action", "remove_trusts"), SURE]),
        [true, true, true, false],
    ),
    // Everybody's: administrators' too.
    (Action::RevokeTrust, Post("admin/trusts", &[("action", "remove_trusts")]), [true, false, false, false]),
    (Action::SeeHelp, Get("admin/help"), [true, true, true, true]),
    (Action::AnswerHelp, Post("admin/request?id=JANS-HELP", ANSWER), [true, true, true, false]),
    (Action::ImportPeople, Get("admin/import"), [true, true, false, false]),
    (
        Action::ImportPeople,
        Post("admin/import", &[("action", "try"), ("csv", "name,email,groups\nx,x@example.com,clients")]),
        [true, true, false, false],
    ),
    (Action::SeeAudit, Get("admin/audit"), [true, true, false, true]),
    (Action::SeeOverview, Get("admin/overview"), [true, false, false, true]),
    (Action::RenamePerson, Post(JAN, &[("action", "rename"), ("id", "jan-2")]), [true, true, false, false]),
    (
        Action::RenamePerson,
        Post(JAN, &[("action", "rename"), ("id", "jan-2"), SURE]),
        [true, true, false, false],
    ),
    // A name that rules or roles are given to is security's to give.
    (
        Action::RenamePerson,
        Post(JAN, &[("action", "rename"), ("id", "DESK"), SURE]),
        [true, false, false, false],
    ),
    (
        Action::RenamePerson,
        Post(BARRED, &[("action", "rename"), ("id", "free"), SURE]),
        [true, false, false, false],
    ),
    (Action::RemovePerson, Post(JAN, &[("action", "remove"), SURE]), [true, true, false, false]),
    // What security tightened, security loosens.
    (Action::DisablePerson, Post(BARRED, &[("action", "enable")]), [true, false, false, false]),
    (
        Action::SetRequirement,
        Post(BARRED, &[("action", "require"), ("id", "off")]),
        [true, false, false, false],
    ),
    (Action::RemovePerson, Post(BARRED, &[("action", "remove"), SURE]), [true, false, false, false]),
    (
        Action::EditPerson,
        Post("admin/edit?user=held", &[("email", "held@example.com"), ("groups", "clients")]),
        [true, false, false, false],
    ),
    (
        Action::SetGroup,
        Post("admin/group?group=guests", &[("word", "required"), ("state", "open"), SURE]),
        [true, false, false, false],
    ),
    (
        Action::SetGroup,
        Post("admin/group?group=guests", &[("word", "optional"), ("state", "closed"), SURE]),
        [true, false, false, false],
    ),
];

const JAN: &str = "admin/person?user=jan";
const BARRED: &str = "admin/person?user=barred";
const ANSWER: &[(&str, &str)] = &[("answer", "refuse"), ("reason", "not by telephone")];
const SURE: (&str, &str) = ("sure", "1");

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let house = office().await;
    for (column, name) in ["sec", "ten", "desk", "aud", "plain"].into_iter().enumerate() {
        let mut visitor = enter(&house, name).await;
        for (action, tried, allowed) in TABLE {
            // Who was renamed has the address of who was there before.
            for id in ["jan-2", "free"].map(UserId::new) {
                house.services.store.remove_resident(&id).await.unwrap();
            }
            settle(&house, "jan", &["clients"]).await;
            asks_for_help(&house, "jan", "JANS-HELP").await;
            tighten(&house).await;
            let seen = match tried {
                Get(page) => visitor.get(page).await,
                Post(page, fields) => visitor.post(page, fields).await,
            };
            let expected = allowed.get(column).copied().unwrap_or(false);
            assert_eq!(!is_refused(&seen), expected, "{name}: {action:?}: {} {}", seen.status, seen.html);
            assert!(matches!(seen.status, 200 | 303 | 403 | 422), "{name}: {action:?}: {}", seen.status);
        }
        drop(visitor);
        // The next one's app must show another step than was used up.
        house.advance(std::time::Duration::from_secs(60));
        let new = UserId::new("new");
        house.services.store.remove_resident(&new).await.unwrap();
    }
}

/// Disables somebody and closes a group, as security does.
async fn tighten(house: &House) {
    let by = Authority::Security;
    for (name, group) in [("barred", "clients"), ("held", "guests")] {
        settle(house, name, &[group]).await;
    }
    let bar = move |person: &mut KeptPerson| {
        person.disabled = Some(by);
        (person.second_factor, person.least) = (Some(Requirement::Required), Some(Requirement::Required));
    };
    let leave = |person: &mut KeptPerson| person.groups = vec!["guests".to_owned()];
    let store = &house.services.store;
    store.change_resident(&UserId::new("barred"), None, bar).await.unwrap();
    store.change_resident(&UserId::new("held"), None, leave).await.unwrap();
    let word = Some(Requirement::Required);
    let guests = GroupSwitch { requirement: word, least: word, closed: Some(by) };
    store.change_switches(move |switches| switches.set_group("guests", guests)).await.unwrap();
}

fn is_refused(seen: &Seen) -> bool {
    let is = seen.says("You may not open this page")
        || seen.says("Your role does not allow this")
        || seen.says("The role security has tightened this.");
    assert_eq!(is, seen.status == 403, "{}", seen.html);
    is
}

#[test]
fn every_action_has_a_row() {
    let rows: BTreeSet<Action> = TABLE.iter().map(|(action, ..)| *action).collect();
    let missing: Vec<_> = Action::ALL.into_iter().filter(|action| !rows.contains(action)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
