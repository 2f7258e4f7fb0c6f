//! Setting the PIN of the device that somebody sits at: offered once right after it was remembered, and on the account page.
//!
//! A PIN lets its owner back in without a password, so setting one takes a second factor shown a moment ago, in this very
//! browser, and the browser must be one that is remembered for them.

use http::StatusCode;

use super::{
    account,
    asking::is_fresh,
    browser::Browser,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame,
    place,
    respond::{Answer, SOON},
    unlock,
    visit::Visit,
};
use crate::{
    config::settings::Unlock,
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::Person,
        pin::{DevicePin, Pin},
        token::RecordId,
    },
    page::view::{self, PinError, PinState},
    store::Stored,
};

/// Where a sign-in goes on that has just made this browser a remembered one: past the offer of a PIN, if there is any.
pub(super) fn past_offer(visit: &Visit, is_remembered: bool, return_to: ReturnTo) -> ReturnTo {
    if !is_remembered || !is_offered(visit) {
        return return_to;
    }
    let offer = visit.link("pin", &return_to);
    let past = ReturnTo::read(&offer);
    // A deep link too long to be carried twice is worth more than the offer.
    if past.as_str() == offer { past } else { return_to }
}

/// What the account page says of the PIN of this browser; nothing where it can have none.
pub(super) async fn state(visit: &Visit, browser: &Browser, person: &Person) -> Stored<Option<PinState>> {
    let Some(device) = device(visit, browser, person).await? else { return Ok(None) };
    Ok(Some(match unlock::pin_of(visit, &device).await? {
        Some(_) => PinState::Set,
        None => PinState::Unset,
    }))
}

/// Shows the form.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let return_to = place::return_to(visit);
    match desk(visit, browser, &return_to).await? {
        Ok(device) => page(visit, browser, &device, &return_to, None).await,
        Err(elsewhere) => Ok(Answer::go_to(elsewhere)),
    }
}

/// Takes a PIN, typed twice.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let return_to = ReturnTo::read(form.text("return_to"));
    let device = match desk(visit, browser, &return_to).await? {
        Ok(device) => device,
        Err(elsewhere) => return Ok(Answer::go_to(elsewhere)),
    };
    if !browser.admits(form) {
        return page(visit, browser, &device, &return_to, Some(PinError::FormExpired)).await;
    }
    let pin = match (Pin::read(form.text("pin")), Pin::read(form.text("pin_again"))) {
        (Some(pin), Some(again)) if pin == again && !pin.is_weak() => pin,
        (first, _) => {
            let error = match first {
                None => PinError::Malformed,
                Some(pin) if pin.is_weak() => PinError::Weak,
                Some(_) => PinError::Mismatch,
            };
            return page(visit, browser, &device, &return_to, Some(error)).await;
        }
    };
    let Some(person) = visit.person() else { return Ok(Answer::go_to(visit.link("login", &return_to))) };
    let hash = match visit.services.hashers.hash(pin.reveal(), &*visit.services.entropy).await {
        Ok(hash) => hash,
        Err(busy) => {
            Fault::from(busy).log();
            return page(visit, browser, &device, &return_to, Some(PinError::Busy)).await;
        }
    };
    let pin = DevicePin {
        device: device.clone(),
        person: person.id.clone(),
        portal: visit.portal().name.clone(),
        hash,
        set_at: visit.now,
        wrong: 0,
    };
    if !visit.services.store.pins().set_pin(&pin).await? {
        // The trust has just ended.
        return Ok(Answer::go_to(visit.own("account")));
    }
    let set = event(visit, browser, AuditKind::PinSet, AuditOutcome::Success, &person.id);
    visit.services.record(set.about_trust("device", &device)).await;
    Ok(Answer::go_to(match return_to.as_str() == visit.own("account") {
        true => format!("{}?done=pin-set", visit.own("account")),
        false => return_to.as_str().to_owned(),
    }))
}

/// Removes the PIN of this browser; `false` if it had none.
pub(super) async fn remove(visit: &Visit, browser: &Browser, person: &Person) -> Result<bool, Fault> {
    let Some(device) = device(visit, browser, person).await? else { return Ok(false) };
    let removed = visit.services.store.pins().remove_pin(&device).await?;
    if removed {
        let event = event(visit, browser, AuditKind::PinRemoved, AuditOutcome::Success, &person.id);
        visit.services.record(event.about_trust("device", &device)).await;
    }
    Ok(removed)
}

/// The device a PIN may be set for now, or where its owner must go first.
async fn desk(
    visit: &Visit,
    browser: &Browser,
    return_to: &ReturnTo,
) -> Result<Result<RecordId, String>, Fault> {
    let owner = match account::owner(visit) {
        Ok(owner) => owner,
        Err(location) => return Ok(Err(location)),
    };
    let Some(device) = device(visit, browser, &owner.known.person).await? else {
        return Ok(Err(visit.own("account")));
    };
    if !is_fresh(owner.known, visit.now) {
        let here = ReturnTo::read(&visit.link("pin", return_to));
        return Ok(Err(visit.link("second-factor", &here)));
    }
    Ok(Ok(device))
}

/// This browser as one that is remembered for `person`, where the file lets PINs unlock it.
async fn device(visit: &Visit, browser: &Browser, person: &Person) -> Stored<Option<RecordId>> {
    let Some(terms) = visit.runtime.settings.trust.device.filter(|_| is_offered(visit)) else {
        return Ok(None);
    };
    let store = &visit.services.store;
    store.recognise_device(&person.id, &person.credential, &browser.devices, terms, visit.now).await
}

fn is_offered(visit: &Visit) -> bool {
    visit.runtime.settings.trust.unlock.contains(&Unlock::Pin)
}

async fn page(
    visit: &Visit,
    browser: &Browser,
    device: &RecordId,
    return_to: &ReturnTo,
    error: Option<PinError>,
) -> Result<Answer, Fault> {
    let (status, retry) = match error {
        None => (StatusCode::OK, None),
        Some(PinError::Malformed | PinError::Weak | PinError::Mismatch) => {
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Some(PinError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Some(SOON)),
        Some(PinError::FormExpired) => (StatusCode::FORBIDDEN, None),
    };
    let (csrf, cookie) = browser.form_token(visit);
    let model = view::SetPin {
        frame: frame(visit, browser, visit.link("pin", return_to), csrf),
        state: match unlock::pin_of(visit, device).await? {
            Some(_) => PinState::Set,
            None => PinState::Unset,
        },
        error,
        return_to: return_to.as_str().to_owned(),
    };
    Ok(Answer::page(status, model.render()).with_cookie(cookie).retry_in(retry))
}
