//! People from a table. Who is there already is changed in the columns the table has. One line that is refused refuses all; what
//! is new is written at once, what changes one by one.

use std::{collections::HashSet, sync::Arc};

use super::{
    administration::{Administration, By},
    guard::{loosens, refuse_lock_out},
    people::{differences, invalid, no_store, stale, taken_by_file, unkeepable, write_over},
    table::{Row, read_table},
    words::{Answer, ImportLine, ImportReport, Imported, RefusalKind},
};
use crate::{
    domain::{
        audit::AuditKind,
        identity::{Person, UserId, fold_login},
        kept::{KeptPerson, Unkeepable},
        table::LineFault,
    },
    runtime::Directory,
    store::{Stored, hot::Change as Made},
};

/// What a table comes to, before any of it is written.
struct Plan {
    lines: Vec<ImportLine>,
    new: Vec<KeptPerson>,
    /// As they were judged, as they are to be, and what differs.
    changed: Vec<(Arc<KeptPerson>, KeptPerson, Vec<&'static str>)>,
}

impl Administration {
    pub(super) async fn import(
        &self,
        people: &Directory<'_>,
        csv: &str,
        dry_run: bool,
        by: &By,
    ) -> Stored<Answer> {
        if let Some(refused) = no_store(people) {
            return Ok(refused);
        }
        let rows = match read_table(csv) {
            Ok(rows) => rows,
            Err(why) => return Ok(Answer::refused(RefusalKind::Invalid, why.to_string())),
        };
        let Plan { lines, new, changed } = self.plan(people, &rows, by);
        let is_refused = lines.iter().any(|line| matches!(line.outcome, Imported::Refused { .. }));
        let after = |person: &Person| {
            let drawn = changed.iter().find(|(_, drawn, _)| drawn.id == person.id);
            let groups = drawn.map_or_else(|| person.groups.clone(), |(_, drawn, _)| drawn.groups.clone());
            Some(Person { closed_group: people.closed_among(&groups), groups, ..person.clone() })
        };
        if let Some(refused) = refuse_lock_out(people, after) {
            return Ok(refused);
        }
        let report = ImportReport { nothing_written: dry_run || is_refused, lines };
        if report.nothing_written {
            return Ok(Answer::Imported(report));
        }
        let made: Vec<_> = new.iter().map(|person| person.id.clone()).collect();
        if let Err(taken) = self.services.store.add_residents(new).await? {
            return Ok(invalid(vec![unkeepable(taken)]));
        }
        for id in &made {
            self.audit(self.event(AuditKind::PersonAdded, id), "imported", by).await;
        }
        for (judged, drawn, what) in changed {
            let (id, disabled) = (drawn.id.clone(), drawn.disabled);
            let groups = drawn.groups.clone();
            let write = move |kept: &mut KeptPerson| write_over(kept, &judged, drawn);
            match self.services.store.change_resident(&id, None, write).await? {
                Made::Done { person, .. } if person.groups != groups || person.disabled != disabled => {
                    return Ok(stale(&person.name));
                }
                Made::Done { .. } => {
                    let what = format!("imported: {}", what.join(", "));
                    self.audit(self.event(AuditKind::PersonChanged, &id), &what, by).await;
                }
                // Somebody was faster since the table was judged: the lines before this one are written.
                Made::Taken(taken) => return Ok(invalid(vec![unkeepable(taken)])),
                Made::Unknown => {
                    let message =
                        format!("{id} was removed meanwhile; the lines before are written: import again");
                    return Ok(Answer::refused(RefusalKind::NotFound, message));
                }
            }
        }
        Ok(Answer::Imported(report))
    }

    fn plan(&self, people: &Directory<'_>, rows: &[Row], by: &By) -> Plan {
        let (store, now) = (&self.services.store, self.services.clock.now());
        let switches = store.switches();
        let mut plan = Plan { lines: Vec::with_capacity(rows.len()), new: Vec::new(), changed: Vec::new() };
        let mut seen: HashSet<String> = HashSet::new();
        for row in rows {
            let id = UserId::new(&row.name);
            let present = store.resident(&id);
            let drawn = match &row.fault {
                Some(fault) => Err(vec![fault.clone()]),
                None => row
                    .draft(present.as_deref())
                    .person(now)
                    .map_err(|wrong| wrong.into_iter().map(LineFault::Person).collect()),
            };
            let judged = drawn.and_then(|drawn| {
                if let Some(taken) = taken_by_file(people, &drawn) {
                    return Err(vec![LineFault::Person(taken)]);
                }
                let login = fold_login(&drawn.email);
                let other = store.resident_with_email(&drawn.email).filter(|other| other.id != drawn.id);
                if other.is_some() {
                    return Err(vec![LineFault::Person(Unkeepable::EmailTaken(drawn.email))]);
                }
                // One name or address twice in the table: which line counts would be chance.
                if !seen.insert(id.to_string()) || login != id.as_str() && !seen.insert(login) {
                    return Err(vec![LineFault::Twice]);
                }
                let kept = present.as_deref();
                let (disabled, before) = kept.map_or((None, None), |kept| (kept.disabled, kept.least));
                let least = match row.second_factor {
                    Some(_) => by.authority().ask(drawn.second_factor, before),
                    None => Ok(before),
                };
                match least {
                    Ok(least) if !kept.is_some_and(|kept| loosens(kept, &drawn.groups, &switches, by)) => {
                        Ok(KeptPerson { disabled, least, ..drawn })
                    }
                    _ => Err(vec![LineFault::Tightened]),
                }
            });
            let outcome = match (judged, present) {
                (Err(wrong), _) => Imported::refused(wrong),
                (Ok(drawn), None) => {
                    plan.new.push(drawn);
                    Imported::Added
                }
                (Ok(drawn), Some(kept)) => match differences(&kept, &drawn) {
                    what if what.is_empty() => Imported::Unchanged,
                    what => {
                        plan.changed.push((kept, drawn, what));
                        Imported::Changed
                    }
                },
            };
            plan.lines.push(ImportLine { line: row.line, name: row.name.clone(), outcome });
        }
        plan
    }
}
