//! The one gate for codes: counted per person before they are checked, whatever page they were typed on.

use super::{asking, fault::Fault, visit::Visit};
use crate::{
    domain::{
        factor::{CodeVerdict, Method, TotpKey},
        identity::UserId,
        throttle::{TryVerdict, code_buckets},
        time::Timestamp,
    },
    factor::{
        recovery::RecoveryCode,
        totp::{self, Code, Outcome},
    },
    store::Stored,
};

/// What became of a code.
pub(super) enum Judged {
    /// It was checked.
    Verdict(CodeVerdict),
    /// It was not even looked at: too many were wrong before.
    Wait(Timestamp),
}

/// Checks a code of `person` and uses it up if it is right.
pub(super) async fn judge(
    visit: &Visit,
    person: &UserId,
    method: Method,
    typed: &str,
) -> Result<Judged, Fault> {
    if !asking::offers(visit, method) {
        return Ok(Judged::Verdict(CodeVerdict::Wrong));
    }
    match method {
        Method::Totp => match Code::read(typed) {
            Some(code) => counted(visit, person, check_apps(visit, person, &code)).await,
            None => Ok(Judged::Verdict(CodeVerdict::Malformed)),
        },
        // Neither a passkey nor a provider has a code to type.
        Method::Passkey | Method::Provider => Ok(Judged::Verdict(CodeVerdict::Malformed)),
        Method::Recovery => match RecoveryCode::read(typed) {
            Some(code) => counted(visit, person, check_recovery(visit, person, &code)).await,
            None => Ok(Judged::Verdict(CodeVerdict::Malformed)),
        },
        // Sent codes live in the sign-in that asked for them.
        Method::Email | Method::Sms => Ok(Judged::Verdict(CodeVerdict::Lapsed)),
    }
}

/// Checks the first code of an app that is being linked. The step it used is told, for the app's record.
pub(super) async fn judge_first(
    visit: &Visit,
    person: &UserId,
    key: &TotpKey,
    typed: &str,
) -> Result<(Judged, Option<i64>), Fault> {
    let Some(code) = Code::read(typed) else { return Ok((Judged::Verdict(CodeVerdict::Malformed), None)) };
    let outcome = totp::check(key, &code, visit.services.clock.wall(), i64::MIN);
    let judged = counted(visit, person, async { Ok(verdict_of(outcome)) }).await?;
    let step = match (outcome, &judged) {
        (Outcome::Right { step }, Judged::Verdict(_)) => Some(step),
        _ => None,
    };
    Ok((judged, step))
}

/// Reserves a try before `check` runs and gives it back if the code was right.
async fn counted(
    visit: &Visit,
    person: &UserId,
    check: impl Future<Output = Stored<CodeVerdict>>,
) -> Result<Judged, Fault> {
    let (buckets, attempts) = (code_buckets(person), visit.services.store.attempts());
    if let TryVerdict::Wait { until } = attempts.reserve_try(&buckets, visit.now).await? {
        return Ok(Judged::Wait(until));
    }
    let verdict = check.await?;
    if let CodeVerdict::Right { .. } = verdict {
        attempts.release_try(&buckets).await?;
    }
    Ok(Judged::Verdict(verdict))
}

async fn check_apps(visit: &Visit, person: &UserId, code: &Code) -> Stored<CodeVerdict> {
    let store = &visit.services.store;
    let account = store.account(person).await?;
    // The phone follows the wall clock, and steps are used up one after the other, so going back harms nothing.
    let wall = visit.services.clock.wall();
    let mut best = CodeVerdict::Wrong;
    for app in &account.totp {
        match totp::check(&app.key, code, wall, app.last_step) {
            Outcome::Right { step } => {
                // Atomic in the store: of two answers with one code, the second finds the step used.
                return Ok(match store.consume_step(&app.id, step, visit.now).await? {
                    true => CodeVerdict::Right { method: Method::Totp },
                    false => CodeVerdict::AlreadyUsed,
                });
            }
            Outcome::AlreadyUsed => best = CodeVerdict::AlreadyUsed,
            outcome @ Outcome::ClockOff { .. } if best == CodeVerdict::Wrong => best = verdict_of(outcome),
            Outcome::ClockOff { .. } | Outcome::Wrong => {}
        }
    }
    Ok(best)
}

async fn check_recovery(visit: &Visit, person: &UserId, code: &RecoveryCode) -> Stored<CodeVerdict> {
    Ok(match visit.services.store.consume_recovery_code(person, &code.hash(person)).await? {
        true => CodeVerdict::Right { method: Method::Recovery },
        false => CodeVerdict::Wrong,
    })
}

fn verdict_of(outcome: Outcome) -> CodeVerdict {
    match outcome {
        Outcome::Right { .. } => CodeVerdict::Right { method: Method::Totp },
        Outcome::AlreadyUsed => CodeVerdict::AlreadyUsed,
        Outcome::ClockOff { minutes, step } => CodeVerdict::ClockOff { minutes, step },
        Outcome::Wrong => CodeVerdict::Wrong,
    }
}
