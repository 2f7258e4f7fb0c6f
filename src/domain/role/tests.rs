use super::*;

/// One row for each action: security, tenant, help desk, auditor.
const TABLE: [(Action, [bool; 4]); 23] = [
    (Action::SeePeople, [true, true, true, true]),
    (Action::SeeTrusts, [true, true, true, true]),
    (Action::SeeHelp, [true, true, true, true]),
    (Action::SeeGroups, [true, true, true, true]),
    (Action::SeePortals, [true, false, false, true]),
    (Action::SeeAudit, [true, true, false, true]),
    (Action::SeeOverview, [true, false, false, true]),
    (Action::CreatePerson, [true, true, false, false]),
    (Action::EditPerson, [true, true, false, false]),
    (Action::RenamePerson, [true, true, false, false]),
    (Action::RemovePerson, [true, true, false, false]),
    (Action::ImportPeople, [true, true, false, false]),
    (Action::Invite, [true, true, true, false]),
    (Action::DisablePerson, [true, true, false, false]),
    (Action::SetRequirement, [true, true, false, false]),
    (Action::ResetSecondFactor, [true, true, true, false]),
    (Action::Pair, [true, true, true, false]),
    (Action::Unlock, [true, true, true, false]),
    (Action::RevokeTrust, [true, true, true, false]),
    (Action::EndSessions, [true, true, true, false]),
    (Action::AnswerHelp, [true, true, true, false]),
    (Action::SetGroup, [true, true, false, false]),
    (Action::SetPortal, [true, false, false, false]),
];

fn holding(role: Role) -> Powers {
    let mut powers = Powers::none();
    match role {
        Role::Tenant => powers.look_after(["clients".to_owned(), "drivers".to_owned()]),
        other => powers.add(other),
    }
    powers
}

fn groups(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_action_is_allowed_to_the_roles_of_its_row_and_to_no_other() {
    let ours = groups(&["clients"]);
    for (action, row) in TABLE {
        for (role, may) in Role::ALL.into_iter().zip(row) {
            let powers = holding(role);
            let about = About::Person { groups: &ours, holds_role: false, is_self: false };
            for about in [About::Everything, about, About::Group("clients")] {
                assert_eq!(
                    powers.allow(action, about).is_ok(),
                    may,
                    "{action:?} by {role:?} about {about:?}"
                );
            }
        }
        assert_eq!(Powers::none().allow(action, About::Everything), Err(Forbidden::NotInRole), "{action:?}");
    }
    let listed: std::collections::BTreeSet<_> = TABLE.iter().map(|(action, _)| *action).collect();
    assert_eq!(listed, Action::ALL.into_iter().collect(), "each action has one row");
}

#[test]
fn only_security_changes_an_administrator() {
    let ours = groups(&["clients"]);
    let about = About::Person { groups: &ours, holds_role: true, is_self: false };
    for action in Action::ALL.into_iter().filter(|action| !action.only_looks()) {
        assert!(holding(Role::Security).allow(action, about).is_ok(), "{action:?}");
        for role in [Role::Tenant, Role::HelpDesk, Role::Auditor] {
            assert!(holding(role).allow(action, about).is_err(), "{action:?} by {role:?}");
        }
    }
    assert_eq!(holding(Role::HelpDesk).allow(Action::ResetSecondFactor, about), Err(Forbidden::HoldsRole));
}

#[test]
fn a_tenant_sees_who_is_shared_and_changes_only_who_is_theirs_alone() {
    let tenant = holding(Role::Tenant);
    let person = |groups| About::Person { groups, holds_role: false, is_self: false };
    let (theirs, shared, others, none) =
        (groups(&["clients", "drivers"]), groups(&["clients", "office"]), groups(&["office"]), groups(&[]));
    assert!(tenant.allow(Action::EditPerson, person(&theirs)).is_ok());
    assert!(tenant.allow(Action::SeePeople, person(&shared)).is_ok());
    for (action, about) in [
        (Action::EditPerson, person(&shared)),
        (Action::ResetSecondFactor, person(&others)),
        (Action::SeePeople, person(&others)),
        (Action::SeePeople, person(&none)),
        (Action::CreatePerson, person(&none)),
        (Action::SetGroup, About::Group("office")),
    ] {
        assert_eq!(tenant.allow(action, about), Err(Forbidden::OutsideGroups), "{action:?}");
    }
}

#[test]
fn nobody_resets_disables_or_removes_themselves() {
    let mine = groups(&["clients"]);
    let about = About::Person { groups: &mine, holds_role: true, is_self: true };
    for action in Action::ALL {
        let refused = holding(Role::Security).allow(action, about) == Err(Forbidden::Oneself);
        assert_eq!(refused, is_never_done_to_oneself(action), "{action:?}");
    }
}

#[test]
fn a_role_never_widens_what_another_one_narrows() {
    let mut both = holding(Role::Tenant);
    both.add(Role::Auditor);
    let office = groups(&["office"]);
    let about = About::Person { groups: &office, holds_role: false, is_self: false };
    assert!(both.allow(Action::SeePeople, about).is_ok(), "as an auditor");
    assert_eq!(both.allow(Action::EditPerson, about), Err(Forbidden::OutsideGroups));
    assert!(both.sees(Action::SeePeople).is_none(), "an auditor sees everybody");
    assert_eq!(holding(Role::Tenant).sees(Action::SeePeople).map(BTreeSet::len), Some(2));
    // The help desk's audit log is nobody's: what they may not see is not everybody's either.
    let mut desk = holding(Role::HelpDesk);
    desk.look_after(["clients".to_owned()]);
    assert!(desk.sees(Action::SeeAudit).is_some());
}

#[test]
fn what_was_closed_with_more_weight_is_opened_with_no_less() {
    use Authority::{Security, Tenant};
    for (before, by, closed, after) in [
        (None, Tenant, true, Ok(Some(Tenant))),
        (None, Security, true, Ok(Some(Security))),
        (Some(Tenant), Security, true, Ok(Some(Security))),
        (Some(Security), Tenant, true, Ok(Some(Security))),
        (Some(Tenant), Tenant, false, Ok(None)),
        (Some(Tenant), Security, false, Ok(None)),
        (Some(Security), Security, false, Ok(None)),
        (Some(Security), Tenant, false, Err(Tightened)),
        (None, Tenant, false, Ok(None)),
    ] {
        assert_eq!(by.close(closed, before), after, "{before:?}, {closed} by {by:?}");
    }
    for role in Role::ALL {
        assert_eq!(Authority::of(role) == Security, role == Role::Security, "{role:?}");
    }
}

#[test]
fn nobody_but_security_asks_for_less_than_it_does() {
    use Authority::{Security, Tenant};
    let words = [None].into_iter().chain(Requirement::ALL.map(Some));
    for word in words.clone() {
        for least in words.clone().filter(|least| *least != Some(Requirement::Off)) {
            assert!(Security.ask(word, least).is_ok());
            assert_eq!(Tenant.ask(word, least), if word < least { Err(Tightened) } else { Ok(least) });
        }
    }
    assert_eq!(Security.ask(Some(Requirement::Off), None), Ok(None), "off asks for nothing");
}
