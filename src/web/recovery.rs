//! Making recovery codes and showing them, once: they are kept as hashes only.

use http::StatusCode;

use super::{
    asking::offers, browser::Browser, events::factor_event, fault::Fault, frame::frame, respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::Method,
        facts::ReturnTo,
        identity::UserId,
    },
    factor::recovery::{RecoveryCode, draw_codes},
    page::view::RecoveryCodes,
};

/// Replaces the codes of `person`; none where the file does not offer any.
pub(super) async fn make(
    visit: &Visit,
    browser: &Browser,
    person: &UserId,
) -> Result<Option<Vec<RecoveryCode>>, Fault> {
    if !offers(visit, Method::Recovery) {
        return Ok(None);
    }
    let codes = draw_codes(&*visit.services.entropy);
    let hashes: Vec<_> = codes.iter().map(|code| code.hash(person)).collect();
    visit.services.store.replace_recovery_codes(person, &hashes).await?;
    let kind = AuditKind::RecoveryCodesMade;
    let made = factor_event(visit, browser, kind, AuditOutcome::Success, person, Method::Recovery.name());
    visit.services.record(made).await;
    Ok(Some(codes))
}

/// The page that shows them.
pub(super) fn page(
    visit: &Visit,
    browser: &Browser,
    person: &UserId,
    codes: &[RecoveryCode],
    continue_to: &ReturnTo,
) -> Answer {
    let name = visit.directory().get(person).map(|person| person.name.clone());
    let model = RecoveryCodes {
        // A switch of language cannot come back to codes that are shown once.
        frame: frame(visit, browser, visit.own("account"), String::new()),
        username: name.unwrap_or_default(),
        codes: codes.iter().map(RecoveryCode::grouped).collect(),
        continue_to: continue_to.as_str().to_owned(),
    };
    Answer::page(StatusCode::OK, model.render())
}
