//! Unlocking a remembered device: its PIN, or a passkey of its person, in the place of name and password. One of the places
//! that tell `domain::login` of a passed factor.
//!
//! The device's cookie says for whom this browser was remembered, and lets nobody in. A PIN is counted before it is
//! compared, for the person and for the device; the fifth wrong one in a row ends the trust in the device.

use std::{slice, sync::Arc};

use http::StatusCode;

use super::{
    browser::Browser,
    codes::Judged,
    cookie,
    events::{event, factor_event},
    fault::Fault,
    form::Form,
    frame::frame_for,
    login::{self, Begun, go_on},
    passkey,
    respond::{Answer, SOON},
    trust,
    visit::Visit,
};
use crate::{
    config::settings::Unlock,
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{CodeVerdict, Method},
        facts::ReturnTo,
        identity::{Person, UserId},
        login::First,
        pin::{DevicePin, Pin, PinLeft, WRONG_PINS},
        throttle::{TryVerdict, unlock_buckets},
        time::Timestamp,
        token::{RecordId, Token},
    },
    page::view::{self, LoginError, UnlockError},
    store::Stored,
};

/// What the audit log says of a trust that ended so.
pub(super) const TOO_MANY_PINS: &str = "too many wrong PINs";
/// From this many tries left on, the page says how many.
const FEW_TRIES: u32 = 2;

/// Somebody this browser is remembered for, and what unlocks it for them here.
pub(super) struct Guest {
    pub(super) person: Arc<Person>,
    /// The trust in this browser.
    device: RecordId,
    last_used: Timestamp,
    has_pin: bool,
    pub(super) has_passkey: bool,
    /// The values of other people in this browser.
    others: Vec<Token>,
}

/// Whom this browser may be unlocked for; of several people, who used it last. Judged anew each time: the trust must count
/// under the present file and password, and the value must be the present one.
pub(super) async fn guest(visit: &Visit, browser: &Browser) -> Stored<Option<Guest>> {
    let (settings, store) = (&visit.runtime.settings, &visit.services.store);
    let Some(terms) = settings.trust.device.filter(|_| !settings.trust.unlock.is_empty()) else {
        return Ok(None);
    };
    let mut latest: Option<Guest> = None;
    for (at, token) in browser.devices.iter().enumerate() {
        let Some(found) = store.find_device(token).await? else { continue };
        let Some(person) = visit.directory().get(&found.person).filter(|person| !person.is_barred()) else {
            continue;
        };
        let presented = slice::from_ref(token);
        let recognised =
            store.recognise_device(&person.id, &person.credential, presented, terms, visit.now).await?;
        let Some(device) = recognised else { continue };
        let has_pin = pin_of(visit, &device).await?.is_some_and(|pin| pin.wrong < WRONG_PINS);
        let has_passkey = settings.trust.unlock.contains(&Unlock::Passkey)
            && !passkey::usable(visit, &store.account(&person.id).await?).is_empty();
        let is_latest = latest.as_ref().is_none_or(|guest| guest.last_used <= found.last_used);
        if (has_pin || has_passkey) && is_latest {
            let mut others = browser.devices.clone();
            others.remove(at);
            let last_used = found.last_used;
            latest = Some(Guest { person, device, last_used, has_pin, has_passkey, others });
        }
    }
    Ok(latest)
}

/// The PIN of a device, where the file lets PINs unlock and it was set at this portal.
pub(super) async fn pin_of(visit: &Visit, device: &RecordId) -> Stored<Option<DevicePin>> {
    if !visit.runtime.settings.trust.unlock.contains(&Unlock::Pin) {
        return Ok(None);
    }
    let pin = visit.services.store.pins().pin_of(device).await?;
    Ok(pin.filter(|pin| pin.portal == visit.portal().name))
}

/// The form, where this browser can be unlocked. While the store does not answer there is the ordinary one.
pub(super) async fn offer(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Option<Answer> {
    match guest(visit, browser).await {
        Ok(guest) => guest.map(|guest| page(visit, browser, &guest, return_to, None)),
        Err(fault) => {
            Fault::from(fault).log();
            None
        }
    }
}

/// Takes a PIN, or the answer of a passkey.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let return_to = ReturnTo::read(form.text("return_to"));
    let guest = match guest(visit, browser).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return nobody(visit, browser, form, &return_to).await,
        Err(fault) => {
            Fault::from(fault).log();
            return Ok(login::page(visit, browser, &return_to, "", Some(LoginError::Busy)));
        }
    };
    let again = |error| Ok(page(visit, browser, &guest, &return_to, Some(error)));
    if !browser.admits(form) {
        return again(UnlockError::FormExpired);
    }
    let (first, tried) = match form.text("credential").is_empty() {
        true => {
            let Some(pin) = Pin::read(form.text("pin")).filter(|_| guest.has_pin) else {
                return again(UnlockError::Malformed);
            };
            (First::Pin, try_pin(visit, browser, &guest, &pin).await)
        }
        false => (First::Passkey, try_passkey(visit, browser, &guest, form).await),
    };
    match tried {
        Ok(Tried::Right) => {
            let begun = Begun { unlocked: Some(&guest.device), ..Begun::with(first) };
            go_on(visit, browser, &guest.person, return_to, begun).await
        }
        Ok(Tried::WrongPasskey) => again(UnlockError::WrongPasskey),
        Ok(Tried::WrongPin(PinLeft::Tries(left))) => {
            again(UnlockError::WrongPin((left <= FEW_TRIES).then_some(left)))
        }
        Ok(Tried::WrongPin(PinLeft::Ended | PinLeft::Gone)) => {
            let page = login::page(visit, browser, &return_to, "", Some(LoginError::DeviceForgotten));
            Ok(page.with_cookie(cookie::set_devices(&guest.others, trust::device_span(visit))))
        }
        Ok(Tried::Wait(until)) => again(UnlockError::TooManyTries(until)),
        Err(fault) => {
            fault.log();
            again(UnlockError::Busy)
        }
    }
}

/// What became of an answer.
enum Tried {
    Right,
    WrongPin(PinLeft),
    WrongPasskey,
    /// Not even looked at: too many were wrong before.
    Wait(Timestamp),
}

async fn try_pin(visit: &Visit, browser: &Browser, guest: &Guest, pin: &Pin) -> Result<Tried, Fault> {
    let Guest { person, device, .. } = guest;
    let services = &visit.services;
    let (attempts, pins) = (services.store.attempts(), services.store.pins());
    let told =
        |outcome| event(visit, browser, AuditKind::Pin, outcome, &person.id).about_trust("device", device);
    let buckets = unlock_buckets(&person.id);
    if let TryVerdict::Wait { until } = attempts.reserve_try(&buckets, visit.now).await? {
        services.record_refusal(told(AuditOutcome::Throttled), &refused(&person.id), until).await;
        return Ok(Tried::Wait(until));
    }
    // Counted as wrong before it is compared: of ten posts at once, no more are compared than there are tries.
    let Some(kept) = pins.reserve_pin_try(device, WRONG_PINS).await? else {
        attempts.release_try(&buckets).await?;
        return Ok(Tried::WrongPin(PinLeft::Gone));
    };
    let is_of_here = kept.portal == visit.portal().name;
    let right = match services.hashers.verify(pin.reveal().to_owned(), Some(kept.hash)).await {
        Ok(right) => right && is_of_here,
        Err(busy) => {
            pins.release_pin_try(device).await?;
            attempts.release_try(&buckets).await?;
            return Err(busy.into());
        }
    };
    if right {
        if !pins.accept_pin(device).await? {
            return Ok(Tried::WrongPin(PinLeft::Gone));
        }
        attempts.release_try(&buckets).await?;
        services.record(told(AuditOutcome::Success)).await;
        return Ok(Tried::Right);
    }
    let left = services.store.refuse_pin(&person.id, device, WRONG_PINS).await?;
    services.metrics.wrong_secrets.increment(1);
    services.record(told(AuditOutcome::Failure)).await;
    if left == PinLeft::Ended {
        let ended = event(visit, browser, AuditKind::TrustRevoked, AuditOutcome::Success, &person.id);
        services.record(ended.about_trust("device", device).with_detail(TOO_MANY_PINS)).await;
    }
    Ok(Tried::WrongPin(left))
}

async fn try_passkey(visit: &Visit, browser: &Browser, guest: &Guest, form: &Form) -> Result<Tried, Fault> {
    let Guest { person, has_passkey, .. } = guest;
    if !has_passkey {
        return Ok(Tried::WrongPasskey);
    }
    let services = &visit.services;
    let told = |outcome| {
        factor_event(visit, browser, AuditKind::SecondFactor, outcome, &person.id, Method::Passkey.name())
            .with_detail("unlocks a remembered device")
    };
    match passkey::judge_unlocking(visit, &person.id, form).await? {
        Judged::Verdict(CodeVerdict::Right { .. }) => {
            services.record(told(AuditOutcome::Success)).await;
            Ok(Tried::Right)
        }
        Judged::Verdict(_) => {
            services.metrics.wrong_secrets.increment(1);
            services.record(told(AuditOutcome::Failure)).await;
            Ok(Tried::WrongPasskey)
        }
        Judged::Wait(until) => {
            services.record_refusal(told(AuditOutcome::Throttled), &refused(&person.id), until).await;
            Ok(Tried::Wait(until))
        }
    }
}

/// Under which name a refusal is told once.
fn refused(person: &UserId) -> String {
    format!("unlock {person}")
}

/// Nobody can unlock here any more. A value that was replaced long ago gives a copy away here as beside a password.
async fn nobody(
    visit: &Visit,
    browser: &Browser,
    form: &Form,
    return_to: &ReturnTo,
) -> Result<Answer, Fault> {
    let answer = Answer::go_to(visit.link("login", return_to));
    let settings = &visit.runtime.settings;
    if !browser.admits(form) || settings.trust.unlock.is_empty() {
        return Ok(answer);
    }
    for token in &browser.devices {
        let found = visit.services.store.find_device(token).await?;
        if let Some(found) = found.filter(|found| found.hash != token.hash())
            && let Some(person) = visit.directory().get(&found.person)
        {
            return Ok(answer.with_cookie(trust::use_trust(visit, browser, &person, false).await?.cookie));
        }
    }
    Ok(answer)
}

fn page(
    visit: &Visit,
    browser: &Browser,
    guest: &Guest,
    return_to: &ReturnTo,
    error: Option<UnlockError>,
) -> Answer {
    let (status, retry) = match error {
        None => (StatusCode::OK, None),
        Some(UnlockError::WrongPin(_) | UnlockError::Malformed | UnlockError::WrongPasskey) => {
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Some(UnlockError::TooManyTries(until)) => {
            (StatusCode::TOO_MANY_REQUESTS, Some(visit.now.until(until)))
        }
        Some(UnlockError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, Some(SOON)),
        Some(UnlockError::FormExpired) => (StatusCode::FORBIDDEN, None),
    };
    let Guest { person, has_pin, has_passkey, .. } = guest;
    let (csrf, cookie) = browser.form_token(visit);
    let model = view::Unlock {
        frame: frame_for(visit, browser, person, visit.link("login", return_to), csrf),
        name: name_to_show(person),
        pin: *has_pin,
        passkeys: *has_passkey,
        error,
        return_to: return_to.as_str().to_owned(),
    };
    let answer = Answer::page(status, model.render()).with_cookie(cookie).retry_in(retry);
    if *has_passkey { answer.asking() } else { answer }
}

/// What a screen that others may look at shows of somebody who is not in: what people call them, never what they sign in
/// with. Where the directory knows nothing else, nothing.
fn name_to_show(person: &Person) -> Option<String> {
    let shown = UserId::new(&person.display_name);
    let is_login = shown == person.id
        || shown == UserId::new(&person.name)
        || person.email.as_deref().is_some_and(|email| UserId::new(email) == shown);
    (!is_login).then(|| person.display_name.clone())
}
