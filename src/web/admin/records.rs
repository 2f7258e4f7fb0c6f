//! The audit log, and the numbers of the last days.

use std::collections::BTreeMap;

use http::StatusCode;

use super::door::{Halt, Office};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind},
        role::{About, Action},
        time::Timestamp,
    },
    page::view::{AdminAudit, AdminError, AdminEventRow, AdminFilter, AdminOverview, AdminRoom, AdminSeries},
    runtime::control::words::{Answer as Told, AuditSearch, DayCount, Request, overview_since},
    web::{place, respond::Answer},
};

/// Days of the overview.
const DAYS: u64 = 30;
const DAY: i64 = 86_400;

/// Shows a page of the audit log. A tenant's administrator reads of their own people alone.
pub(super) async fn show_audit(office: &Office<'_>) -> Result<Answer, Halt> {
    let asked = |name| place::query(office.visit, name).unwrap_or_default().trim().to_owned();
    let filter = AdminFilter {
        user: asked("user"),
        kind: asked("kind"),
        outcome: asked("outcome"),
        portal: asked("portal"),
        from: asked("from"),
        until: asked("until"),
    };
    let is_known = filter.portal.is_empty() || office.shows_portal(&filter.portal);
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut search = AuditSearch {
        user: said(&filter.user),
        people: office.sees(Action::SeeAudit).map(|groups| {
            let everybody = office.visit.directory().everybody();
            let own = everybody.iter().filter(|person| groups.iter().any(|group| person.is_in(group)));
            own.map(|person| person.id.to_string()).collect()
        }),
        kind: said(&filter.kind),
        outcome: said(&filter.outcome),
        portal: said(&filter.portal),
        since: day(&filter.from),
        until: day(&filter.until).map(|day| day + DAY),
        before: place::query(office.visit, "before").and_then(|number| number.parse().ok()),
        limit: 0,
    };
    // At a portal that is not theirs to know of there is nothing, as at one that is not there.
    if !is_known {
        search.people = Some(Vec::new());
    }
    let told = office.order(Action::SeeAudit, About::Everything, Request::AuditList(search)).await?;
    let (events, next) = match told {
        Ok(Told::Events(found)) => (found.events, found.next),
        // A word that is no kind or outcome fits nothing.
        Err(errors) if !errors.contains(&AdminError::Busy) => (Vec::new(), None),
        _ => return Err(office.busy()),
    };
    let portals = office.visit.runtime.settings.portals.iter().map(|portal| portal.name.clone());
    let portals = portals.filter(|name| office.shows_portal(name));
    let page = AdminAudit {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Audit, Vec::new()),
        next: next.map(|number| next_address(&filter, number)),
        filter,
        portals: portals.collect(),
        kinds: AuditKind::ALL.iter().map(|kind| (*kind, word(kind))).collect(),
        rows: events.into_iter().map(|event| row(office, event)).collect(),
    };
    Ok(Answer::page(StatusCode::OK, page.render()))
}

/// Shows the numbers of the last days.
pub(super) async fn show_overview(office: &Office<'_>) -> Result<Answer, Halt> {
    let request = Request::Overview { days: DAYS };
    let told = office.order(Action::SeeOverview, About::Everything, request).await?;
    let Ok(Told::Counts(counts)) = told else { return Err(office.busy()) };
    let since = overview_since(office.visit.now, DAYS);
    let mut methods: BTreeMap<String, u64> = BTreeMap::new();
    for count in counts.iter().filter(|count| is_sign_in(count)) {
        let factor = count.factor.clone().unwrap_or_else(|| "password".to_owned());
        *methods.entry(factor).or_default() += count.count;
    }
    let mut methods: Vec<_> = methods.into_iter().collect();
    methods.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let page = AdminOverview {
        frame: office.frame(),
        desk: office.desk(AdminRoom::Overview, Vec::new()),
        sign_ins: series(&counts, since, is_sign_in),
        refusals: series(&counts, since, |count| count.outcome != "success"),
        methods,
    };
    Ok(Answer::page(StatusCode::OK, page.render()))
}

fn is_sign_in(count: &DayCount) -> bool {
    count.kind == "sign_in" && count.outcome == "success"
}

/// A number for each day since `since`, days without anything included.
fn series(counts: &[DayCount], since: Timestamp, counts_in: impl Fn(&DayCount) -> bool) -> AdminSeries {
    let first = since.unix().div_euclid(DAY);
    let day = |offset: u64| {
        let number = first + i64::try_from(offset).unwrap_or(0);
        let on_day = counts.iter().filter(|count| count.day == number && counts_in(count));
        (Timestamp::from_unix(number * DAY), on_day.map(|count| count.count).sum())
    };
    AdminSeries((0..DAYS).map(day).collect())
}

/// The first moment of a day that was typed as `2026-11-22`, in UTC.
fn day(text: &str) -> Option<i64> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(start.timestamp().as_second())
}

fn next_address(filter: &AdminFilter, before: u64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("user", &filter.user),
        ("kind", &filter.kind),
        ("outcome", &filter.outcome),
        ("portal", &filter.portal),
        ("from", &filter.from),
        ("until", &filter.until),
    ] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.append_pair("before", &before.to_string());
    format!("admin/audit?{}", query.finish())
}

fn row(office: &Office<'_>, mut event: AuditEvent) -> AdminEventRow {
    // Of a portal that is not theirs to know of, neither name nor rule nor what stands beside them is told.
    if event.portal.as_ref().is_some_and(|portal| !office.shows_portal(portal)) {
        (event.portal, event.rule, event.detail) = (None, None, None);
    }
    let address = event.address.map(|address| address.to_string());
    let rest = [event.portal, event.rule, address, event.agent, event.detail];
    AdminEventRow {
        at: event.at,
        kind: event.kind,
        outcome: event.outcome,
        person: event.person.unwrap_or_default(),
        factor: event.factor,
        rest: rest.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}

/// A word of the log.
fn word(of: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(of).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
