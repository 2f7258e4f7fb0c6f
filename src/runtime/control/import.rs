//! People from a table. Who is there already is changed in the columns the table has. One line that is refused refuses all, and
//! all of it is written in one step, or nothing.
//!
//! A password that somebody has is never replaced: a table of last year must not bring one back that was changed since.

use std::{collections::HashSet, sync::Arc};

use super::{
    administration::{Administration, By},
    guard::{loosens, refuse_lock_out},
    people::{differences, invalid, no_store, stale, taken_by_file, unkeepable, write_over},
    table::{Row, TableTerms, read},
    words::{Answer, ImportLine, ImportReport, Imported, RefusalKind},
};
use crate::{
    domain::{
        audit::AuditKind,
        identity::{Person, UserId, fold_login},
        kept::{KeptPerson, Unkeepable},
        password_hash,
        table::{LineFault, TableFault},
    },
    runtime::Directory,
    store::{StoreFault, Stored, hot::NotImported},
};

/// Lines after which others get their turn: the thread may be one that serves visitors.
const AT_A_TIME: usize = 100;

/// What a table comes to, before any of it is written.
struct Plan {
    lines: Vec<ImportLine>,
    new: Vec<KeptPerson>,
    /// As they were judged, as they are to be, and what differs.
    changed: Vec<(Arc<KeptPerson>, KeptPerson, Vec<&'static str>)>,
    passwords_kept: usize,
}

impl Administration {
    pub(super) async fn import(
        &self,
        people: &Directory<'_>,
        text: String,
        terms: TableTerms,
        dry_run: bool,
        by: &By,
    ) -> Stored<Answer> {
        if let Some(refused) = no_store(people) {
            return Ok(refused);
        }
        let rows = match tokio::task::spawn_blocking(move || read(&text, &terms)).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(why)) => return Ok(Answer::refused(RefusalKind::Invalid, why.to_string())),
            Err(gone) => return Err(StoreFault::Unavailable(gone.to_string())),
        };
        // Whoever sets a password is in with it: on the pages nobody does that for others.
        if matches!(by, By::Administrator { .. }) && rows.iter().any(Row::has_hash) {
            return Ok(Answer::refused(RefusalKind::Invalid, TableFault::Hashes.to_string()));
        }
        let Plan { lines, new, changed, passwords_kept } = self.plan(people, &rows, by).await;
        let is_refused = lines.iter().any(|line| matches!(line.outcome, Imported::Refused { .. }));
        let after = |person: &Person| {
            let drawn = changed.iter().find(|(_, drawn, _)| drawn.id == person.id);
            let groups = drawn.map_or_else(|| person.groups.clone(), |(_, drawn, _)| drawn.groups.clone());
            Some(Person { closed_group: people.closed_among(&groups), groups, ..person.clone() })
        };
        if let Some(refused) = refuse_lock_out(people, after) {
            return Ok(refused);
        }
        let gets_old = |drawn: &KeptPerson| {
            let hash = drawn.password.as_ref();
            hash.and_then(|hash| password_hash::read(hash.as_str()).ok()).is_some_and(|known| known.is_old())
        };
        let given =
            changed.iter().filter(|(judged, ..)| judged.password.is_none()).map(|(_, drawn, _)| drawn);
        let old_hashes = new.iter().chain(given).filter(|drawn| gets_old(drawn)).count();
        let nothing_written = dry_run || is_refused;
        let report = ImportReport { nothing_written, lines, passwords_kept, old_hashes };
        if report.nothing_written {
            return Ok(Answer::Imported(report));
        }
        let made: Vec<_> = new.iter().map(|person| person.id.clone()).collect();
        let (mut told, mut changes) = (Vec::new(), Vec::new());
        for (judged, drawn, what) in changed {
            let id = drawn.id.clone();
            told.push((id.clone(), what));
            changes.push((id, move |kept: &mut KeptPerson| write_over(kept, &judged, drawn)));
        }
        match self.services.store.import_residents(new, changes).await? {
            Ok(_) => {}
            Err(NotImported::Taken(taken)) => return Ok(invalid(vec![unkeepable(taken)])),
            Err(NotImported::Stale(name)) => return Ok(stale(&name)),
            Err(NotImported::Gone(id)) => {
                let message = format!("{id} was removed meanwhile; nothing was written: import again");
                return Ok(Answer::refused(RefusalKind::NotFound, message));
            }
        }
        for id in &made {
            self.audit(self.event(AuditKind::PersonAdded, id), "imported", by).await;
        }
        for (id, what) in &told {
            let what = format!("imported: {}", what.join(", "));
            self.audit(self.event(AuditKind::PersonChanged, id), &what, by).await;
        }
        Ok(Answer::Imported(report))
    }

    async fn plan(&self, people: &Directory<'_>, rows: &[Row], by: &By) -> Plan {
        let (store, now) = (&self.services.store, self.services.clock.now());
        let switches = store.switches();
        let mut plan = Plan {
            lines: Vec::with_capacity(rows.len()),
            new: Vec::new(),
            changed: Vec::new(),
            passwords_kept: 0,
        };
        let mut seen: HashSet<String> = HashSet::new();
        for (number, row) in rows.iter().enumerate() {
            if number % AT_A_TIME == AT_A_TIME - 1 {
                tokio::task::yield_now().await;
            }
            let id = UserId::new(&row.name);
            let present = store.resident(&id);
            let drawn = match &row.fault {
                Some(fault) => Err(vec![fault.clone()]),
                None => row
                    .draft(present.as_deref())
                    .person(now)
                    .map_err(|wrong| wrong.into_iter().map(|wrong| row.fault_of(wrong)).collect()),
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
                        let own = kept.and_then(|kept| kept.password.clone());
                        let password = own.or_else(|| row.password.clone());
                        Ok(KeptPerson { disabled, least, password, ..drawn })
                    }
                    _ => Err(vec![LineFault::Tightened]),
                }
            });
            let own = present.as_ref().and_then(|kept| kept.password.as_ref());
            plan.passwords_kept +=
                usize::from(own.is_some() && row.password.is_some() && own != row.password.as_ref());
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
