//! Making, changing and removing people of the store; finding everybody.

use std::sync::Arc;

use super::{
    administration::{Administration, By},
    guard::{frees_barred, loosens, refuse_lock_out, tightened},
    lines::{nobody, tame},
    words::{Answer, Change, NewPerson, PeopleFound, PeopleSearch, PersonChange, Refusal, RefusalKind, Word},
};
use crate::{
    domain::{
        audit::AuditKind,
        identity::{Origin, Person, UserId, fold_login},
        kept::{Draft, KeptPerson, Unkeepable},
        role::Authority,
    },
    runtime::Directory,
    store::{PeopleQuery, Stored, Taken, hot::Change as Made},
};

/// People on a page where nobody says how many, and at most.
const PAGE: usize = 50;
const MOST: usize = 1000;

impl Administration {
    /// A page of everybody who fits, the people of files among them, in the order of their ids.
    pub(super) async fn search(&self, people: &Directory<'_>, search: PeopleSearch) -> Stored<Answer> {
        let limit = if search.limit == 0 { PAGE } else { search.limit.min(MOST) };
        let after = search.after.as_deref().map(UserId::new);
        let text = fold_login(&search.text);
        let fits = |person: &Person| {
            let said = [Some(&person.name), Some(&person.display_name), person.email.as_ref()];
            said.into_iter().flatten().any(|part| fold_login(part).contains(&text))
                && search.groups.as_ref().is_none_or(|groups| groups.iter().any(|group| person.is_in(group)))
        };
        let mut found: Vec<_> = people.of_file().filter(|person| fits(person)).collect();
        let mut total = found.len();
        found.retain(|person| after.as_ref().is_none_or(|after| person.id > *after));
        if people.keeps_people() {
            let query = PeopleQuery {
                text: search.text,
                groups: search.groups,
                after,
                limit: limit.saturating_add(1),
            };
            let page = self.services.store.search_residents(&query).await?;
            total += page.total;
            let present = page.people.iter().filter_map(|kept| self.services.store.resident(&kept.id));
            found.extend(present.filter_map(|kept| people.kept(&kept)));
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        let is_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| is_more).map(|person| person.id.to_string());
        let lines = found.iter().map(|person| self.person_line(person)).collect();
        Ok(Answer::Found(PeopleFound { people: lines, total, next }))
    }

    pub(super) async fn add(&self, people: &Directory<'_>, new: &NewPerson, by: &By) -> Stored<Answer> {
        if let Some(refused) = no_store(people) {
            return Ok(refused);
        }
        let person = match new.draft().person(self.services.clock.now()) {
            Ok(person) => person,
            Err(wrong) => return Ok(invalid(wrong)),
        };
        if let Some(taken) = taken_by_file(people, &person) {
            return Ok(invalid(vec![taken]));
        }
        let (id, name) = (person.id.clone(), person.name.clone());
        let least = by.authority().ask(person.second_factor, None).ok().flatten();
        let person = KeptPerson { least, ..person };
        if let Err(taken) = self.services.store.add_residents(vec![person]).await? {
            return Ok(invalid(vec![unkeepable(taken)]));
        }
        self.audit(self.event(AuditKind::PersonAdded, &id), "made", by).await;
        let message = format!(
            "made: {name}, who has no password yet; `vestibule user invite` mails the link to set one"
        );
        Ok(Answer::Changed(Change { message, ..Change::default() }))
    }

    pub(super) async fn set(
        &self,
        people: &Directory<'_>,
        user: &str,
        change: PersonChange,
        by: &By,
    ) -> Stored<Answer> {
        let (person, kept) = match self.of_store(people, user) {
            Ok(found) => found,
            Err(refused) => return Ok(*refused),
        };
        let draft = Draft {
            name: kept.name.clone(),
            display_name: change.display_name.clone().unwrap_or_else(|| kept.display_name.clone()),
            email: change.email.clone().unwrap_or_else(|| kept.email.clone()),
            phone: change.phone.clone().unwrap_or_else(|| kept.phone.clone().unwrap_or_default()),
            groups: change.groups.clone().unwrap_or_else(|| kept.groups.clone()),
            second_factor: change.second_factor.map_or(kept.second_factor, Word::requirement),
        };
        let drawn = match draft.person(self.services.clock.now()) {
            Ok(drawn) => drawn,
            Err(wrong) => return Ok(invalid(wrong)),
        };
        if let Some(taken) = taken_by_file(people, &drawn) {
            return Ok(invalid(vec![taken]));
        }
        let weight = by.authority();
        let disabled = change.disabled.map_or(Ok(kept.disabled), |asked| weight.close(asked, kept.disabled));
        let least = match change.second_factor {
            Some(_) => weight.ask(drawn.second_factor, kept.least),
            None => Ok(kept.least),
        };
        let switches = self.services.store.switches();
        // The address of somebody who is barred stays theirs: under another name it would let them in again.
        let is_barred =
            kept.disabled == Some(Authority::Security) || switches.are_closed_by_security(&kept.groups);
        let frees = weight < Authority::Security && is_barred && drawn.email != kept.email;
        let (Ok(disabled), Ok(least), false) =
            (disabled, least, frees || loosens(&kept, &drawn.groups, &switches, by))
        else {
            return Ok(tightened(&person.name));
        };
        let drawn = KeptPerson { disabled, least, ..drawn };
        let what = differences(&kept, &drawn);
        if what.is_empty() {
            let message = format!("nothing to change: {} is as asked", person.name);
            return Ok(Answer::Changed(Change { message, ..Change::default() }));
        }
        let after = |other: &Person| match other.id == person.id {
            true => Some(Person {
                groups: drawn.groups.clone(),
                disabled: drawn.is_disabled(),
                closed_group: people.closed_among(&drawn.groups),
                ..Person::clone(other)
            }),
            false => Some(other.clone()),
        };
        if let Some(refused) = refuse_lock_out(people, after) {
            return Ok(refused);
        }
        let (judged, groups) = (Arc::clone(&kept), drawn.groups.clone());
        let write = move |kept: &mut KeptPerson| {
            write_over(kept, &judged, drawn);
        };
        match self.services.store.change_resident(&person.id, None, write).await? {
            Made::Unknown => Ok(nobody(user)),
            Made::Taken(taken) => Ok(invalid(vec![unkeepable(taken)])),
            Made::Done { person: now, .. } if now.groups != groups || now.disabled != disabled => {
                Ok(stale(&now.name))
            }
            Made::Done { sessions, .. } => {
                let what = what.join(", ");
                self.audit(self.event(AuditKind::PersonChanged, &person.id), &what, by).await;
                let message = format!("changed: {} ({what})", person.name);
                Ok(Answer::Changed(Change { message, sessions, trusts: 0 }))
            }
        }
    }

    pub(super) async fn remove(&self, people: &Directory<'_>, user: &str, by: &By) -> Stored<Answer> {
        let id = UserId::new(user);
        let person = match self.of_store(people, user) {
            Ok((person, _)) => person,
            // Whom the store keeps beside a person of the file can only go.
            Err(refused) => match people.get(&id).filter(|_| self.services.store.resident(&id).is_some()) {
                Some(person) => person,
                None => return Ok(*refused),
            },
        };
        let after =
            |other: &Person| (other.origin == Origin::File || other.id != person.id).then(|| other.clone());
        if let Some(refused) = refuse_lock_out(people, after) {
            return Ok(refused);
        }
        let kept = self.services.store.resident(&person.id);
        if kept.is_some_and(|kept| frees_barred(&kept, &self.services.store.switches(), by)) {
            return Ok(tightened(&person.name));
        }
        let Some(sessions) = self.services.store.remove_resident(&person.id).await? else {
            return Ok(nobody(user));
        };
        self.services.store.attempts().unlock(&person.id).await?;
        self.audit(self.event(AuditKind::PersonRemoved, &person.id), "removed", by).await;
        let message = format!("removed: {} and everything kept about them but the audit log", person.name);
        Ok(Answer::Changed(Change { message, sessions, trusts: 0 }))
    }

    /// Somebody who can be changed here, or why not.
    pub(super) fn of_store(
        &self,
        people: &Directory<'_>,
        user: &str,
    ) -> Result<(Arc<Person>, Arc<KeptPerson>), Box<Answer>> {
        let person = people.find(user).ok_or_else(|| Box::new(nobody(user)))?;
        if person.origin == Origin::File {
            let message = format!("{} comes from a file: change it there, and reload", person.name);
            return Err(Box::new(Answer::refused(RefusalKind::ReadOnly, message)));
        }
        let kept = self.services.store.resident(&person.id).ok_or_else(|| Box::new(nobody(user)))?;
        Ok((person, kept))
    }
}

/// Why nobody can be made, where the file has no place for them.
pub(super) fn no_store(people: &Directory<'_>) -> Option<Answer> {
    let message =
        "the file has no directory for people made here: add [[directory]] with kind = \"store\", and reload";
    (!people.keeps_people()).then(|| Answer::refused(RefusalKind::ReadOnly, message))
}

/// Whether a file names somebody so, or gives somebody this address; either may look like the other.
pub(super) fn taken_by_file(people: &Directory<'_>, person: &KeptPerson) -> Option<Unkeepable> {
    let written = &people.settings().people;
    if written.get(&person.id).is_some() || written.with_email(&person.name).is_some() {
        return Some(Unkeepable::NameTaken(person.name.clone()));
    }
    let is_taken =
        written.with_email(&person.email).is_some() || written.get(&UserId::new(&person.email)).is_some();
    is_taken.then(|| Unkeepable::EmailTaken(person.email.clone()))
}

pub(super) fn unkeepable(taken: Taken) -> Unkeepable {
    match taken {
        Taken::Name(name) => Unkeepable::NameTaken(name),
        Taken::Email(email) => Unkeepable::EmailTaken(email),
    }
}

/// What differs between somebody and what they are to be.
pub(super) fn differences(kept: &KeptPerson, drawn: &KeptPerson) -> Vec<&'static str> {
    let (was, is) = (kept.is_disabled(), drawn.is_disabled());
    [
        (kept.display_name != drawn.display_name, "display name"),
        (kept.email != drawn.email, "mail address"),
        (kept.phone != drawn.phone, "mobile number"),
        (kept.groups != drawn.groups, "groups"),
        (kept.second_factor != drawn.second_factor, "second factor"),
        (kept.password.is_none() && drawn.password.is_some(), "password"),
        (kept.least != drawn.least && kept.second_factor == drawn.second_factor, "who asks for it"),
        (is && !was, "disabled"),
        (was && !is, "enabled"),
        (is && was && kept.disabled != drawn.disabled, "disabled by more than before"),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}

/// Somebody else was faster.
pub(super) fn stale(name: &str) -> Answer {
    let message = format!("{name} was changed by somebody else meanwhile: look again, and say it again");
    Answer::refused(RefusalKind::Settled, message)
}

/// Writes over somebody what was drawn of them as they were `judged`: what differs, and nothing else, so that what somebody
/// else changed meanwhile stays. Where that touches what was judged, groups or disabling, nothing is written: `false`. A password
/// is only ever given to who has none.
pub(super) fn write_over(kept: &mut KeptPerson, judged: &KeptPerson, drawn: KeptPerson) -> bool {
    if kept.groups != judged.groups || kept.disabled != judged.disabled {
        return false;
    }
    if kept.password.is_none() {
        kept.password = drawn.password;
    }
    if drawn.display_name != judged.display_name {
        kept.display_name = drawn.display_name;
    }
    if drawn.email != judged.email {
        kept.email = drawn.email;
    }
    if drawn.phone != judged.phone {
        kept.phone = drawn.phone;
    }
    if (drawn.second_factor, drawn.least) != (judged.second_factor, judged.least) {
        (kept.second_factor, kept.least) = (drawn.second_factor, drawn.least);
    }
    kept.groups = drawn.groups;
    kept.changed_at = drawn.changed_at;
    kept.disabled = drawn.disabled;
    true
}

pub(super) fn invalid(wrong: Vec<Unkeepable>) -> Answer {
    let is_taken = |fault: &Unkeepable| matches!(fault, Unkeepable::NameTaken(_) | Unkeepable::EmailTaken(_));
    let kind = if wrong.iter().all(is_taken) { RefusalKind::Taken } else { RefusalKind::Invalid };
    let message = wrong.iter().map(|fault| tame(&fault.to_string())).collect::<Vec<_>>().join("; ");
    Answer::Refused(Refusal { kind, message, wrong })
}
