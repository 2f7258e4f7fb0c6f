//! Somebody who may do everything must be left, and what the role `security` tightened stays.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    administration::By,
    words::{Answer, RefusalKind},
};
use crate::{
    domain::{
        identity::{Person, UserId},
        kept::KeptPerson,
        policy::Subject,
        role::{Authority, Role},
        switches::Switches,
    },
    runtime::Directory,
};

/// Why nobody of less weight does this: `security` tightened it.
pub(super) fn tightened(what: &str) -> Answer {
    let message =
        format!("{what}: the role security tightened this; only security or the operator loosens it");
    Answer::refused(RefusalKind::Tightened, message)
}

/// Whether `by` would loosen what `security` tightened by giving somebody these groups.
pub(super) fn loosens(kept: &KeptPerson, groups: &[String], switches: &Switches, by: &By) -> bool {
    by.authority() < Authority::Security && switches.loosened(&kept.groups, groups)
}

/// Whether `by` would free the name of somebody whom `security` bars: it could be given to them anew.
pub(super) fn frees_barred(kept: &KeptPerson, switches: &Switches, by: &By) -> bool {
    by.authority() < Authority::Security && kept.is_tightened(switches)
}

/// Why a change is refused, if it would leave nobody with the role `security` who can sign in. `after` tells how somebody is
/// after the change; `None`: gone.
pub(super) fn refuse_lock_out(
    people: &Directory<'_>,
    after: impl Fn(&Person) -> Option<Person>,
) -> Option<Answer> {
    let admin = people.settings().admin.as_ref()?;
    let holders = holders(people);
    let can_act = |person: &Person| {
        admin.powers_of(person).has(Role::Security) && (person.password.is_some() || person.email.is_some())
    };
    let was_somebody = holders.iter().any(|person| can_act(person));
    let is_somebody = holders.iter().filter_map(|person| after(person)).any(|person| can_act(&person));
    let message = "nobody would be left with the role security: give it to somebody else first";
    (was_somebody && !is_somebody).then(|| Answer::refused(RefusalKind::LastAdministrator, message))
}

/// Everybody whom the file gives the role `security`.
pub(super) fn holders(people: &Directory<'_>) -> Vec<Arc<Person>> {
    let Some(admin) = &people.settings().admin else { return Vec::new() };
    let mut found: BTreeMap<UserId, Arc<Person>> = BTreeMap::new();
    let mut by_group = Vec::new();
    for (_, subject) in admin.holders.iter().filter(|(role, _)| *role == Role::Security) {
        match subject {
            Subject::User(id) => found.extend(people.get(id).map(|person| (person.id.clone(), person))),
            Subject::Group(group) => by_group.push(group),
        }
    }
    if !by_group.is_empty() {
        let members = people.everybody().into_iter();
        let members = members.filter(|person| by_group.iter().any(|group| person.is_in(group)));
        found.extend(members.map(|person| (person.id.clone(), person)));
    }
    found.into_values().collect()
}
