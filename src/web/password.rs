//! Changing one's own password: with the present one, and a second factor shown a moment ago by whoever has one.
//!
//! Only people of the store have a password that can be changed here. The present one passes the gate of the sign-in, so
//! that a session left open is no place to guess at. Everything else that stands on the old password ends with it; this
//! session goes on.

use http::StatusCode;

use super::{
    account::{self, Owner},
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame,
    login::{Checked, check_password},
    respond::{Answer, SOON},
    trust,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        identity::{Origin, Person, Requirement},
        new_password::{NewPassword, PasswordRules, normalised},
    },
    page::view::{self, Notice, PasswordError, PasswordKeeper, PasswordLength},
    store::hot::Change,
};

/// Who keeps the password of `person`.
pub(super) fn keeper(person: &Person) -> PasswordKeeper {
    match (person.origin, &person.password) {
        (Origin::File, _) => PasswordKeeper::Operator,
        (Origin::Store, Some(_)) => PasswordKeeper::Here,
        (Origin::Store, None) => PasswordKeeper::Nobody,
    }
}

/// What is asked of a new password of `person`, at this portal.
pub(super) fn rules(visit: &Visit, person: &Person) -> (PasswordRules, PasswordLength) {
    let rules = PasswordRules::of(person, &[&visit.portal().title, &visit.facts.authority]);
    let is_beside = person.requirement == Requirement::Required;
    let least = rules.shortest;
    (rules, PasswordLength { least, is_beside })
}

/// The status of a page with this error.
pub(super) fn status(error: Option<PasswordError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(PasswordError::WrongOld | PasswordError::Unfit(_) | PasswordError::Same) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(PasswordError::TooManyTries(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(PasswordError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(PasswordError::FormExpired) => StatusCode::FORBIDDEN,
    }
}

/// Shows the form.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    Ok(match desk(visit).await? {
        Ok(owner) => page(visit, browser, &owner, None),
        Err(elsewhere) => Answer::go_to(elsewhere),
    })
}

/// Takes the present password and the new one.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let owner = match desk(visit).await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(Answer::go_to(elsewhere)),
    };
    let person = &owner.known.person;
    let again = |error| Ok(page(visit, browser, &owner, Some(error)));
    if keeper(person) != PasswordKeeper::Here {
        return Ok(page(visit, browser, &owner, None));
    }
    if !browser.admits(form) {
        return again(PasswordError::FormExpired);
    }
    // What is refused anyway costs no try at the present one.
    let new = match NewPassword::read(form.text("new_password"), &rules(visit, person).0) {
        Ok(new) => new,
        Err(unfit) => return again(PasswordError::Unfit(unfit)),
    };
    let under = match check_password(visit, browser, &person.name, form.text("old_password")).await {
        Ok(Checked::Right(checked)) if checked.id == person.id => checked.credential,
        Ok(Checked::Right(_) | Checked::Wrong | Checked::Closed) => return again(PasswordError::WrongOld),
        Ok(Checked::Wait(until)) => return again(PasswordError::TooManyTries(until)),
        Err(fault) => {
            fault.log();
            return again(PasswordError::Busy);
        }
    };
    // Said to nobody but who knows it.
    if normalised(form.text("old_password")).as_str() == new.reveal() {
        return again(PasswordError::Same);
    }
    let services = &visit.services;
    let hash = match services.hashers.hash(new.reveal(), &*services.entropy).await {
        Ok(hash) => hash,
        Err(busy) => {
            Fault::from(busy).log();
            return again(PasswordError::Busy);
        }
    };
    let (others, own) = trust::without_devices_of(visit, browser, person).await?;
    let devices = own.map(|_| cookie::set_devices(&others, trust::device_span(visit)));
    let (made, now) = (hash.clone(), visit.now);
    let change = services.store.change_resident(&person.id, Some(owner.session()), move |kept| {
        // Whoever was faster with another password, or barred the person, is not undone.
        if kept.credential() == under && !kept.is_disabled() {
            kept.password = Some(made);
            kept.changed_at = now;
        }
    });
    match change.await? {
        Change::Done { person: kept, sessions } if kept.password == Some(hash) => {
            let changed =
                event(visit, browser, AuditKind::PasswordChanged, AuditOutcome::Success, &person.id);
            services.record(changed.with_detail(format!("other sessions ended: {sessions}"))).await;
            Ok(account::done(visit, Notice::PasswordChanged).with_cookie(devices))
        }
        Change::Done { .. } | Change::Unknown | Change::Taken(_) => again(PasswordError::WrongOld),
    }
}

/// Somebody who may change their password now, or where they must go first.
async fn desk(visit: &Visit) -> Result<Result<Owner<'_>, String>, Fault> {
    let here = visit.return_to_own("password");
    let owner = match account::owner_bound_for(visit, &here) {
        Ok(owner) => owner,
        Err(location) => return Ok(Err(location)),
    };
    if keeper(&owner.known.person) == PasswordKeeper::Here
        && let Some(location) = account::code_first(visit, &owner, &here).await?
    {
        return Ok(Err(location));
    }
    Ok(Ok(owner))
}

fn page(visit: &Visit, browser: &Browser, owner: &Owner<'_>, error: Option<PasswordError>) -> Answer {
    let person = &owner.known.person;
    let (csrf, cookie) = browser.form_token(visit);
    let model = view::ChangePassword {
        frame: frame(visit, browser, visit.own("password"), csrf),
        username: person.name.clone(),
        keeper: keeper(person),
        length: rules(visit, person).1,
        error,
    };
    let retry = match error {
        Some(PasswordError::TooManyTries(until)) => Some(visit.now.until(until)),
        Some(PasswordError::Busy) => Some(SOON),
        _ => None,
    };
    Answer::page(status(error), model.render()).with_cookie(cookie).retry_in(retry)
}
