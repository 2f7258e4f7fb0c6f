//! Setting a password with a link that was mailed: an invitation, or a way back for who forgot theirs.
//!
//! Looking at the link changes nothing, so that mail scanners cannot use it up; the form with a new password does. It lets
//! nobody in: whoever has the mailbox sets a password, and still signs in as usual, with a second factor where one is asked.
//! Links that were used or replaced, are over, of another portal, or never were one all get the same page.

use std::sync::Arc;

use http::StatusCode;

use super::{
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::{frame, frame_for},
    password::{rules, status},
    place,
    respond::{Answer, SOON},
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        identity::{Origin, Person, fold_login},
        invitation::Invitation,
        new_password::NewPassword,
        throttle::{TryVerdict, same_password_buckets},
        token::Token,
    },
    page::view::{self, Frame, PasswordError},
    store::{Stored, hot::Change},
};

/// A link that still leads to somebody.
struct Found {
    token: Token,
    invitation: Invitation,
    person: Arc<Person>,
}

/// Shows the form for a new password.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let text = place::query(visit, "token").unwrap_or_default();
    Ok(match find(visit, &text).await? {
        Some(found) => page(visit, browser, &found, None),
        None => spent(visit, browser),
    })
}

/// Takes the new password, and with it the link.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let Some(found) = find(visit, form.text("token")).await? else { return Ok(spent(visit, browser)) };
    let Found { token, invitation, person } = &found;
    let again = |error| Ok(page(visit, browser, &found, Some(error)));
    if !browser.admits(form) {
        return again(PasswordError::FormExpired);
    }
    let new = match NewPassword::read(form.text("new_password"), &rules(visit, person).0) {
        Ok(new) => new,
        Err(unfit) => return again(PasswordError::Unfit(unfit)),
    };
    match is_present_one(visit, person, &new).await {
        Ok(None) => {}
        Ok(Some(error)) => return again(error),
        Err(fault) => {
            fault.log();
            return again(PasswordError::Busy);
        }
    }
    let services = &visit.services;
    // Before the link is taken: a machine that is busy must cost nobody their link.
    let hash = match services.hashers.hash(new.reveal(), &*services.entropy).await {
        Ok(hash) => hash,
        Err(busy) => {
            Fault::from(busy).log();
            return again(PasswordError::Busy);
        }
    };
    // Of several forms at once, one counts.
    if services.store.invitations().take_invitation(&token.hash()).await?.is_none() {
        return Ok(spent(visit, browser));
    }
    let (made, under, now) = (hash.clone(), invitation.credential, visit.now);
    let change = services.store.change_resident(&person.id, None, move |kept| {
        // Whoever was faster with another password, or barred the person, is not undone.
        if kept.credential() == under && !kept.is_disabled() {
            kept.password = Some(made);
            kept.changed_at = now;
        }
    });
    match change.await? {
        Change::Done { person: kept, sessions } if kept.password == Some(hash) => {
            let set = event(visit, browser, AuditKind::PasswordSet, AuditOutcome::Success, &person.id);
            services.record(set.with_detail(format!("sessions ended: {sessions}"))).await;
            Ok(done(visit, browser, person))
        }
        Change::Done { .. } | Change::Unknown | Change::Taken(_) => Ok(spent(visit, browser)),
    }
}

/// Why the new password is not taken, where it may be the present one. Counted before it is compared: whoever reads the mail
/// must not try passwords here that are worth something elsewhere.
async fn is_present_one(
    visit: &Visit,
    person: &Person,
    new: &NewPassword,
) -> Result<Option<PasswordError>, Fault> {
    let Some(present) = person.password.clone() else { return Ok(None) };
    let services = &visit.services;
    let buckets = same_password_buckets(&person.id);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        return Ok(Some(PasswordError::TooManyTries(until)));
    }
    let is_same = services.hashers.verify(new.reveal().to_owned(), Some(present)).await?;
    Ok(is_same.then_some(PasswordError::Same))
}

/// Looks at a link without touching it.
async fn find(visit: &Visit, text: &str) -> Stored<Option<Found>> {
    let Some(token) = Token::parse(text) else { return Ok(None) };
    let invitation = visit.services.store.invitations().recall_invitation(&token.hash()).await?;
    Ok(invitation.and_then(|invitation| {
        let person = visit.directory().get(&invitation.person)?;
        // An address that was corrected meanwhile was somebody else's.
        let is_their_mail =
            person.email.as_deref().is_some_and(|to| fold_login(to) == fold_login(&invitation.to));
        let leads_there = person.origin == Origin::Store && !person.is_barred() && is_their_mail;
        let is_open = invitation.is_open(&visit.portal().name, &person.credential, visit.now);
        (leads_there && is_open).then_some(Found { token, invitation, person })
    }))
}

fn page(visit: &Visit, browser: &Browser, found: &Found, error: Option<PasswordError>) -> Answer {
    let Found { token, invitation, person } = found;
    let (csrf, cookie) = browser.form_token(visit);
    let token = token.reveal();
    let own_path = format!("{}?token={token}", visit.own("invitation"));
    let model = view::SetPassword {
        frame: frame_for(visit, browser, person, own_path, csrf),
        token,
        username: person.name.clone(),
        is_first: person.password.is_none(),
        length: rules(visit, person).1,
        ends: invitation.ends_at,
        error,
    };
    let retry = match error {
        Some(PasswordError::TooManyTries(until)) => Some(visit.now.until(until)),
        Some(PasswordError::Busy) => Some(SOON),
        _ => None,
    };
    Answer::page(status(error), model.render()).with_cookie(cookie).retry_in(retry)
}

fn done(visit: &Visit, browser: &Browser, person: &Person) -> Answer {
    let frame = frame_for(visit, browser, person, visit.own("login"), String::new());
    let is_own = visit.person().is_some_and(|own| own.id == person.id);
    let signed_in_as = frame.signed_in_as.clone().filter(|_| !is_own);
    // The page cannot be asked for again, in no language.
    let frame = Frame { switches_language: false, signed_in_as, ..frame };
    let model = view::PasswordSet { frame, username: person.name.clone() };
    let cookies = is_own.then(|| [cookie::clear(cookie::SESSION), cookie::clear(cookie::LOGIN)]);
    Answer::page(StatusCode::OK, model.render()).with_cookies(cookies.into_iter().flatten())
}

/// One page for every link that leads nowhere, whyever.
fn spent(visit: &Visit, browser: &Browser) -> Answer {
    let frame = frame(visit, browser, visit.own("login"), String::new());
    Answer::page(StatusCode::GONE, view::InvitationSpent { frame }.render())
}
