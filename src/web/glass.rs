//! A break-glass code, typed where a recovery code is: it lets nobody in, and opens the linking of another app or passkey.

use tracing::warn;

use super::{
    browser::Browser,
    codes::{Recovered, enters},
    cookie,
    events::event,
    fault::Fault,
    respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::Account,
        identity::Person,
        login::Login,
        token::Token,
    },
    page::letter::Occasion,
    runtime::control::tell_of_glass,
};

/// Whether a code waits for this person.
pub(super) fn waits(visit: &Visit, person: &Person, account: &Account) -> bool {
    account.break_glass.as_ref().is_some_and(|glass| glass.is_open(&person.credential, visit.now))
}

/// Records what became of a code that was typed while one waits, loudly, and tells who should know.
pub(super) async fn told(
    visit: &Visit,
    browser: &Browser,
    person: &std::sync::Arc<Person>,
    recovered: &Recovered,
) {
    if !recovered.glass_waits {
        return;
    }
    let outcome = match recovered.by_glass {
        true => AuditOutcome::Success,
        false if enters(&recovered.judged) => return,
        false => AuditOutcome::Failure,
    };
    warn!(user.id = %person.id, ?outcome, "a break-glass code was typed");
    visit.services.record(event(visit, browser, AuditKind::BreakGlassUsed, outcome, &person.id)).await;
    if outcome == AuditOutcome::Success {
        let occasion = Occasion::GlassUsed { name: person.name.clone() };
        tell_of_glass(&visit.runtime, &visit.services, person, occasion);
    }
}

/// The page where the new app or passkey is linked, for the sign-in as it is now.
pub(super) async fn lead_on(visit: &Visit, login: &Login, token: &Token) -> Result<Answer, Fault> {
    visit.services.store.logins().begin_login(login).await?;
    let answer = Answer::go_to(visit.link("enrol", &login.return_to));
    Ok(answer.with_cookie(cookie::set_login(token)))
}
