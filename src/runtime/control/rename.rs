//! Another name for a person of the store.
//!
//! The name is what rules, roles and portals know somebody by: a new one is judged like a new person's, and the old one is free
//! with nothing left under it. Counted tries stay with the name they were made at.

use super::{
    administration::{Administration, By},
    guard::{frees_barred, refuse_lock_out, tightened},
    lines::{counted, nobody},
    people::{invalid, taken_by_file, unkeepable},
    words::{Answer, Change},
};
use crate::{
    domain::{
        audit::AuditKind,
        identity::Person,
        kept::{Draft, Unkeepable},
    },
    runtime::Directory,
    store::{Stored, hot::Change as Made},
};

impl Administration {
    pub(super) async fn rename(
        &self,
        people: &Directory<'_>,
        user: &str,
        name: &str,
        by: &By,
    ) -> Stored<Answer> {
        let (person, kept) = match self.of_store(people, user) {
            Ok(found) => found,
            Err(refused) => return Ok(*refused),
        };
        let now = self.services.clock.now();
        let draft = Draft { name: name.to_owned(), email: kept.email.clone(), ..Draft::default() };
        let drawn = match draft.person(now) {
            Ok(drawn) => drawn,
            Err(wrong) => return Ok(invalid(wrong)),
        };
        if drawn.name == kept.name {
            return Ok(invalid(vec![Unkeepable::NameTaken(drawn.name)]));
        }
        if let Some(taken) = taken_by_file(people, &drawn) {
            return Ok(invalid(vec![taken]));
        }
        if frees_barred(&kept, &self.services.store.switches(), by) {
            return Ok(tightened(&person.name));
        }
        // Roles are given to names: who is called otherwise may have lost one.
        let after = |other: &Person| match other.id == person.id {
            true => Some(Person { id: drawn.id.clone(), name: drawn.name.clone(), ..Person::clone(other) }),
            false => Some(other.clone()),
        };
        if let Some(refused) = refuse_lock_out(people, after) {
            return Ok(refused);
        }
        let trusts = self.services.store.devices(Some(&person.id), now).await?.len()
            + self.services.store.addresses(Some(&person.id), now).await?.len();
        match self.services.store.rename_resident(&person.id, &drawn.name, now).await? {
            Made::Unknown => Ok(nobody(user)),
            Made::Taken(taken) => Ok(invalid(vec![unkeepable(taken)])),
            Made::Done { sessions, .. } => {
                let what = format!("{} is now {}", person.name, drawn.name);
                self.audit(self.event(AuditKind::PersonRenamed, &drawn.id), &what, by).await;
                if drawn.id != person.id {
                    self.audit(self.event(AuditKind::PersonRenamed, &person.id), &what, by).await;
                }
                let mut message = format!(
                    "renamed: {what}; {} and {} ended, and recovery codes with them",
                    counted(sessions, "session"),
                    counted(trusts, "trust"),
                );
                if person.password.is_none() {
                    message.push_str(
                        "; a letter sent before no longer works: `vestibule user invite` sends another",
                    );
                }
                Ok(Answer::Changed(Change { message, sessions, trusts }))
            }
        }
    }
}
