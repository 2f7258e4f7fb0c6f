//! Many people from a table.
//!
//! Each line is asked about before anything is tried: for the person as they are, and as they would be. One line that may not
//! be written refuses the table.

use http::StatusCode;

use super::{
    door::{Halt, Office, status_of},
    form::would_be,
};
use crate::{
    domain::{
        identity::{Person, UserId},
        role::{About, Action},
        table::TableFault,
    },
    page::view::{AdminError, AdminImport, AdminImportReport, AdminImportRow, AdminImported, AdminRoom},
    runtime::control::{
        Row, read_table,
        words::{Answer as Told, ImportReport, Imported, Request},
    },
    web::{form::Form, respond::Answer},
};

/// Lines of a report that are shown.
const SHOWN: usize = 100;

/// The empty form, or what was typed before.
pub(super) fn show(office: &Office<'_>, draft: Option<&Form>) -> Answer {
    page(office, draft.map_or("", |draft| draft.text("csv")), None, Vec::new())
}

/// Tries a table, or imports it.
pub(super) async fn submit(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let csv = form.text("csv");
    let dry_run = match form.text("action") {
        "try" => true,
        "import" => false,
        _ => return Err(office.puzzled()),
    };
    let text = csv.to_owned();
    // A long table takes a while, and this thread serves visitors.
    let rows = match tokio::task::spawn_blocking(move || read_table(&text)).await {
        Ok(Ok(rows)) => rows,
        Ok(Err(fault)) => return Ok(page(office, csv, None, vec![AdminError::Table(fault)])),
        Err(_) => return Err(office.busy()),
    };
    if rows.iter().any(Row::has_hash) {
        return Ok(page(office, csv, None, vec![AdminError::Table(TableFault::Hashes)]));
    }
    if let Some(row) = rows.iter().find(|row| !may_write(office, row)) {
        let refused = AdminError::Line { line: row.line, name: row.name.clone() };
        return Ok(page(office, csv, None, vec![refused]));
    }
    let request = Request::import_table(csv.to_owned(), dry_run);
    match office.order(Action::ImportPeople, About::Everything, request).await? {
        Ok(Told::Imported(report)) => Ok(page(office, csv, Some(report), Vec::new())),
        Ok(_) => Err(office.busy()),
        Err(errors) => Ok(page(office, csv, None, errors)),
    }
}

/// Whether this administrator may make or change whom a line is about. Of a person of the file nothing is changed; the line
/// says so by itself.
fn may_write(office: &Office<'_>, row: &Row) -> bool {
    let id = UserId::new(&row.name);
    let kept = office.visit.services.store.resident(&id);
    let draft = row.draft(kept.as_deref());
    let groups = draft.groups.iter().map(|group| group.trim()).filter(|group| !group.is_empty());
    let after = would_be(&draft.name, groups.map(str::to_owned).collect());
    let may = |action: Action, person: &Person| office.may(action, office.about(person));
    let present = office.visit.directory().get(&id);
    let sets_word = draft.second_factor != kept.as_ref().and_then(|kept| kept.second_factor);
    if kept.is_none() && office.is_reserved(&id) {
        return false;
    }
    let all = [Some(&after), present.as_deref()];
    all.into_iter().flatten().all(|person| {
        may(Action::ImportPeople, person) && (!sets_word || may(Action::SetRequirement, person))
    })
}

fn page(office: &Office<'_>, csv: &str, report: Option<ImportReport>, errors: Vec<AdminError>) -> Answer {
    let status = status_of(&errors);
    let page = AdminImport {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        // What was imported is not offered again.
        csv: match &report {
            Some(report) if !report.nothing_written => String::new(),
            _ => csv.to_owned(),
        },
        may_invite: office.may(Action::Invite, About::Everything),
        report: report.map(drawn),
    };
    match status {
        StatusCode::OK => Answer::page(StatusCode::OK, page.render()),
        status => Answer::page(status, page.render()),
    }
}

fn drawn(report: ImportReport) -> AdminImportReport {
    let counts = [
        report.count(|outcome| matches!(outcome, Imported::Added)),
        report.count(|outcome| matches!(outcome, Imported::Changed)),
        report.count(|outcome| matches!(outcome, Imported::Unchanged)),
        report.count(|outcome| matches!(outcome, Imported::Refused { .. })),
    ];
    let (mut lines, is_trial) = (report.lines, report.nothing_written);
    lines.sort_by_key(|line| !matches!(line.outcome, Imported::Refused { .. }));
    let left_out = lines.len().saturating_sub(SHOWN);
    let rows = lines.into_iter().take(SHOWN).map(|line| AdminImportRow {
        line: line.line,
        name: line.name,
        outcome: match line.outcome {
            Imported::Added => AdminImported::Added,
            Imported::Changed => AdminImported::Changed,
            Imported::Unchanged => AdminImported::Unchanged,
            Imported::Refused { wrong, .. } => AdminImported::Refused(wrong),
        },
    });
    AdminImportReport { is_trial, counts, rows: rows.collect(), left_out }
}
