//! Sending a code, on demand and counted: per sign-in by the sign-in, per person and destination by the store.
//!
//! The code is in the store before it is on its way, so that a second press of the button finds it sent and waits.

use super::{browser::Browser, events::factor_event, fault::Fault, frame::frame_for, visit::Visit};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::Method,
        identity::Person,
        login::Login,
        sent_code::{SENT_CODE_MINUTES, Sending, SentCode, masked},
        throttle::{Bucket, TryVerdict, mail_buckets, sms_buckets},
    },
    notify::{Mail, TextMessage, Undeliverable},
    page::{
        letter::{CodeLetter, Letterhead, Purpose},
        view::{Again, CodeError, SentNote},
    },
    store::Stored,
};

/// Sends a code to `to` for `login`, which was taken out of the store, and puts the sign-in back. Tells why none was sent.
pub(super) async fn send(
    visit: &Visit,
    browser: &Browser,
    mut login: Login,
    person: &Person,
    (method, to): (Method, &str),
    purpose: Purpose,
) -> Result<Option<CodeError>, Fault> {
    let services = &visit.services;
    let logins = services.store.logins();
    match SentCode::may_follow(login.sent.as_ref(), method, visit.now) {
        Sending::Go => {}
        Sending::Wait(until) => {
            logins.begin_login(&login).await?;
            return Ok(Some(CodeError::TooSoon(visit.now.until(until).as_secs())));
        }
        Sending::NoMore => {
            logins.begin_login(&login).await?;
            return Ok(Some(CodeError::NoMoreSent));
        }
    }
    let told =
        |outcome| factor_event(visit, browser, AuditKind::CodeSent, outcome, &person.id, method.name());
    // Never given back: what was paid for stays paid for.
    let buckets = buckets(visit, person, method, to);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        logins.begin_login(&login).await?;
        services.record_refusal(told(AuditOutcome::Throttled), person.id.as_str(), until).await;
        return Ok(Some(CodeError::SendingPaused(until)));
    }
    let before = login.sent.take();
    let code = SentCode::draw(method, to, before.as_ref(), &*services.entropy, visit.now);
    login.sent = Some(code.clone());
    logins.begin_login(&login).await?;
    match deliver(visit, browser, person, &code, purpose).await {
        Ok(()) => {
            services.record(told(AuditOutcome::Success).with_detail(masked(method, to))).await;
            Ok(None)
        }
        Err(fault) => {
            tracing::warn!(method = method.name(), %fault, "a code was not sent");
            services.record(told(AuditOutcome::Failure)).await;
            forget(visit, &login, before).await?;
            Ok(Some(CodeError::NotSent))
        }
    }
}

async fn deliver(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
    code: &SentCode,
    purpose: Purpose,
) -> Result<(), Undeliverable> {
    let frame = frame_for(visit, browser, person, String::new(), String::new());
    let letter = CodeLetter {
        head: Letterhead::of(&frame, visit.facts.client.to_string(), browser.agent.clone()),
        purpose,
        code: code.digits.reveal().to_owned(),
        minutes: SENT_CODE_MINUTES,
    };
    let (post, to) = (&visit.runtime.post, code.to.clone());
    match code.method {
        Method::Email => {
            let mail = letter.mail();
            post.mail(Mail { to, subject: mail.subject, text: mail.text, html: mail.html }).await
        }
        Method::Sms => post.text(TextMessage { to, body: letter.text_message() }).await,
        Method::Totp | Method::Passkey | Method::Provider | Method::Approval | Method::Recovery => {
            Err(Undeliverable::NoWay)
        }
    }
}

/// Takes back a code that never left: the one before still counts, and no wait begins. A way that is down must not use up
/// what another may send.
async fn forget(visit: &Visit, login: &Login, before: Option<SentCode>) -> Stored<()> {
    let logins = visit.services.store.logins();
    if let Some(mut stored) = logins.take_login(&login.hash).await? {
        stored.sent = before;
        logins.begin_login(&stored).await?;
    }
    Ok(())
}

fn buckets(visit: &Visit, person: &Person, method: Method, to: &str) -> Vec<Bucket> {
    match (method, &visit.runtime.settings.sms) {
        (Method::Sms, Some(sms)) => sms_buckets(&person.id, to, sms.limits),
        _ => mail_buckets(&person.id, to),
    }
}

/// What the page tells of the code that was sent by `method`: nothing where none is good any more.
pub(super) fn note(visit: &Visit, login: &Login, method: Method) -> Option<SentNote> {
    let sent = login.sent.as_ref().filter(|sent| sent.method == method && sent.is_live(visit.now))?;
    Some(SentNote {
        to: masked(method, &sent.to),
        ends: sent.ends_at(),
        again: match SentCode::may_follow(Some(sent), method, visit.now) {
            Sending::Go => Again::Now,
            Sending::Wait(until) => Again::In(visit.now.until(until).as_secs()),
            Sending::NoMore => Again::Never,
        },
    })
}
