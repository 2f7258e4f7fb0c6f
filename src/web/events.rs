//! What our pages tell the audit log, always with who, where, from where and in which request.

use super::{browser::Browser, visit::Visit};
use crate::domain::{
    audit::{AuditEvent, AuditKind, AuditOutcome},
    identity::UserId,
};

/// An event of this visit, about `person`.
pub(super) fn event(
    visit: &Visit,
    browser: &Browser,
    kind: AuditKind,
    outcome: AuditOutcome,
    person: &UserId,
) -> AuditEvent {
    let mut event = AuditEvent::new(visit.now, kind, outcome)
        .by(person)
        .during(&visit.facts.id, visit.facts.client)
        .at_portal(&visit.portal().name);
    event.agent = Some(browser.agent.clone());
    event
}

/// As [`event`], with the factor it is about.
pub(super) fn factor_event(
    visit: &Visit,
    browser: &Browser,
    kind: AuditKind,
    outcome: AuditOutcome,
    person: &UserId,
    factor: &str,
) -> AuditEvent {
    let mut event = event(visit, browser, kind, outcome, person);
    event.factor = Some(factor.to_owned());
    event
}
