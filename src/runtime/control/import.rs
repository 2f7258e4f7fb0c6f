//! People from a table, as a personnel department exports it (CSV, RFC 4180).
//!
//! The first line names the columns, in any order: `name` and `email`, and if wanted `display_name`, `phone`, `groups` (separated
//! by `|`) and `second_factor`. Commas, semicolons and tabs all separate, whatever the first line uses. Who is there already is
//! changed in the columns the table has. All lines count, or none.

use std::{collections::HashSet, sync::Arc};

use super::{
    administration::{Administration, By},
    guard::{loosens, refuse_lock_out},
    people::{differences, invalid, no_store, stale, taken_by_file, unkeepable, write_over},
    words::{Answer, ImportLine, ImportReport, Imported, RefusalKind},
};
use crate::{
    domain::{
        audit::AuditKind,
        identity::{Person, Requirement, UserId, fold_login},
        kept::{Draft, KeptPerson},
        role::Tightened,
    },
    runtime::Directory,
    store::{Stored, hot::Change as Made},
};

/// Lines one table may have.
const MOST_LINES: usize = 100_000;
/// The columns a table may have.
const COLUMNS: [&str; 6] = ["name", "display_name", "email", "phone", "groups", "second_factor"];

/// A line of a table, before anything of it is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its number; the line of names is the first.
    pub line: u64,
    /// The name to sign in with.
    pub name: String,
    display_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    groups: Option<Vec<String>>,
    second_factor: Option<Result<Option<Requirement>, String>>,
}

impl Row {
    /// Who it makes, or makes of `present`: columns that the table lacks stay as they are.
    pub fn draft(&self, present: Option<&KeptPerson>) -> Draft {
        let or = |written: &Option<String>, present: Option<String>| {
            written.clone().or(present).unwrap_or_default()
        };
        Draft {
            name: present.map_or_else(|| self.name.clone(), |kept| kept.name.clone()),
            display_name: or(&self.display_name, present.map(|kept| kept.display_name.clone())),
            email: or(&self.email, present.map(|kept| kept.email.clone())),
            phone: or(&self.phone, present.and_then(|kept| kept.phone.clone())),
            groups: self
                .groups
                .clone()
                .or_else(|| present.map(|kept| kept.groups.clone()))
                .unwrap_or_default(),
            second_factor: match &self.second_factor {
                Some(Ok(word)) => *word,
                _ => present.and_then(|kept| kept.second_factor),
            },
        }
    }
}

/// Reads a table.
///
/// # Errors
/// Why it is none, in a sentence that says what to do.
pub fn read_table(text: &str) -> Result<Vec<Row>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or_default();
    let separator =
        [';', '\t', ','].into_iter().max_by_key(|sign| head.matches(*sign).count()).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let names = reader.headers().map_err(|fault| format!("the first line cannot be read: {fault}"))?;
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase().replace([' ', '-'], "_")).collect();
    if let Some(stray) = names.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
        return Err(format!("there is no column \"{stray}\": a table has {}", COLUMNS.join(", ")));
    }
    if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(format!("the column \"{}\" is there twice", twice.1));
    }
    let column = |name: &str| names.iter().position(|known| known == name);
    let Some(name) = column("name") else {
        return Err(format!(
            "the first line must name the columns, \"name\" among them: {}",
            COLUMNS.join(",")
        ));
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|fault| format!("the table cannot be read: {fault}"))?;
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() == MOST_LINES {
            return Err(format!("a table has at most {MOST_LINES} lines: import it in parts"));
        }
        let cell = |name: &str| column(name).and_then(|at| record.get(at)).map(str::to_owned);
        rows.push(Row {
            line,
            name: record.get(name).unwrap_or_default().to_owned(),
            display_name: cell("display_name"),
            email: cell("email"),
            phone: cell("phone"),
            groups: cell("groups").map(|text| text.split(['|', ';', ',']).map(str::to_owned).collect()),
            second_factor: cell("second_factor").map(|text| match text.as_str() {
                "" => Ok(None),
                word => Requirement::from_name(&word.to_lowercase()).map(Some).ok_or_else(|| {
                    format!("\"{word}\" is no word on the second factor: write required, optional or off")
                }),
            }),
        });
    }
    if rows.is_empty() {
        return Err("the table has no lines but the first".to_owned());
    }
    Ok(rows)
}

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
            Err(why) => return Ok(Answer::refused(RefusalKind::Invalid, why)),
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
            let drawn = match &row.second_factor {
                Some(Err(why)) => Err(why.clone()),
                _ => row
                    .draft(present.as_deref())
                    .person(now)
                    .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
            };
            let judged = drawn.and_then(|drawn| {
                if let Some(taken) = taken_by_file(people, &drawn) {
                    return Err(taken.to_string());
                }
                let login = fold_login(&drawn.email);
                let other = store.resident_with_email(&drawn.email).filter(|other| other.id != drawn.id);
                if other.is_some() {
                    return Err(format!("the mail address \"{}\" belongs to somebody already", drawn.email));
                }
                // One name or address twice in the table: which line counts would be chance.
                if !seen.insert(id.to_string()) || login != id.as_str() && !seen.insert(login) {
                    return Err("the table has this name or mail address twice".to_owned());
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
                    _ => Err(Tightened.to_string()),
                }
            });
            let outcome = match (judged, present) {
                (Err(why), _) => Imported::Refused { why },
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
