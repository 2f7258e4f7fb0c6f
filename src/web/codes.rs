//! The one gate for codes: counted per person before they are checked, whatever page they were typed on.

use super::{asking, fault::Fault, glass, visit::Visit};
use crate::{
    domain::{
        factor::{CodeVerdict, Method, TotpKey},
        identity::{Person, UserId},
        login::{Login, Proof, Stage},
        sent_code::{Digits, SentCode},
        throttle::{Bucket, TryVerdict, code_buckets},
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
        // Neither a passkey nor a provider nor an approval has a code to type.
        Method::Passkey | Method::Provider | Method::Approval => Ok(Judged::Verdict(CodeVerdict::Malformed)),
        Method::Recovery => match RecoveryCode::read(typed) {
            Some(code) => counted(visit, person, check_recovery(visit, person, &code)).await,
            None => Ok(Judged::Verdict(CodeVerdict::Malformed)),
        },
        // Sent codes live in the sign-in that asked for them.
        Method::Email | Method::Sms => Ok(Judged::Verdict(CodeVerdict::Lapsed)),
    }
}

/// What became of what was typed as a recovery code.
pub(super) struct Recovered {
    /// The verdict, counted.
    pub(super) judged: Judged,
    /// Whether a break-glass code waited for the person.
    pub(super) glass_waits: bool,
    /// Whether it was that one.
    pub(super) by_glass: bool,
}

/// Whether it was checked, and right.
pub(super) const fn enters(judged: &Judged) -> bool {
    matches!(judged, Judged::Verdict(CodeVerdict::Right { .. }))
}

/// Checks what was typed as a recovery code, which is the break-glass code where one waits for who signs in: one try for both.
pub(super) async fn judge_recovery(
    visit: &Visit,
    login: &Login,
    person: &Person,
    typed: &str,
) -> Result<Recovered, Fault> {
    let store = &visit.services.store;
    let account = store.account(&person.id).await?;
    // Only a sign-in takes one: who is in has shown something already.
    let glass_waits =
        login.replaces.is_none() && login.stage == Stage::Code && glass::waits(visit, person, &account);
    if !glass_waits {
        let judged = judge(visit, &person.id, Method::Recovery, typed).await?;
        return Ok(Recovered { judged, glass_waits, by_glass: false });
    }
    let Some(code) = RecoveryCode::read(typed) else {
        let judged = Judged::Verdict(CodeVerdict::Malformed);
        return Ok(Recovered { judged, glass_waits: false, by_glass: false });
    };
    let mut by_glass = false;
    let check = async {
        let taken = store.break_glasses().take_break_glass(&person.id, &code.hash(&person.id)).await?;
        if taken.is_some_and(|glass| glass.is_open(&person.credential, visit.now)) {
            by_glass = true;
            return Ok(CodeVerdict::Right { method: Method::Recovery });
        }
        match asking::offers(visit, Method::Recovery) {
            true => check_recovery(visit, &person.id, &code).await,
            false => Ok(CodeVerdict::Wrong),
        }
    };
    let judged = counted(visit, &person.id, check).await?;
    Ok(Recovered { judged, glass_waits, by_glass })
}

/// Checks a code that was sent for `login`. It is used up with the sign-in, which goes on or is asked under a new token.
pub(super) async fn judge_sent(
    visit: &Visit,
    login: &Login,
    method: Method,
    typed: &str,
) -> Result<Judged, Fault> {
    if !asking::offers(visit, method) {
        return Ok(Judged::Verdict(CodeVerdict::Wrong));
    }
    let Some(digits) = Digits::read(typed) else { return Ok(Judged::Verdict(CodeVerdict::Malformed)) };
    let verdict = SentCode::judge(sent_of(visit, login).await?, method, &digits, visit.now);
    if verdict == CodeVerdict::Lapsed {
        // Nothing was compared.
        return Ok(Judged::Verdict(verdict));
    }
    counted(visit, &login.person, async { Ok(verdict) }).await
}

/// The code that was sent for `login`, if it went where codes go now: the directory may have changed meanwhile, because
/// somebody else reads the old address. A place that was named in this very sign-in is known nowhere yet.
async fn sent_of<'l>(visit: &Visit, login: &'l Login) -> Stored<Option<&'l SentCode>> {
    let (Some(sent), Some(person)) = (&login.sent, visit.directory().get(&login.person)) else {
        return Ok(None);
    };
    if login.stage == Stage::Contact {
        return Ok(Some(sent));
    }
    let account = visit.services.store.account(&login.person).await?;
    Ok(account.reach(&person, sent.method).filter(|to| *to == sent.to).map(|_| sent))
}

/// What became of the codes of one enrolment form.
pub(super) enum JudgedPair {
    /// They were checked: the app's, with the step it used, and the one that was sent.
    Verdicts { app: CodeVerdict, step: Option<i64>, sent: CodeVerdict },
    /// They were not even looked at.
    Wait(Timestamp),
}

/// Checks the first code of the app that `login` links and, where one is needed, the code that was sent: one try for both.
pub(super) async fn judge_first(
    visit: &Visit,
    login: &Login,
    (key, proof): (&TotpKey, Proof),
    (typed, typed_sent): (&str, &str),
) -> Result<JudgedPair, Fault> {
    let (mut app, mut step) = (CodeVerdict::Malformed, None);
    // Where the file takes no codes of apps, linking one must not be a way around it.
    if let Some(code) = Code::read(typed).filter(|_| asking::offers(visit, Method::Totp)) {
        let outcome = totp::check(key, &code, visit.services.clock.wall(), i64::MIN);
        app = verdict_of(outcome);
        if let Outcome::Right { step: used } = outcome {
            step = Some(used);
        }
    }
    Ok(match judge_linked(visit, login, proof, app, typed_sent).await? {
        JudgedPair::Verdicts { app, sent, .. } => JudgedPair::Verdicts { app, step, sent },
        wait @ JudgedPair::Wait(_) => wait,
    })
}

/// Counts `app`, the verdict on what `login` links, together with the code that was sent, where one is needed.
pub(super) async fn judge_linked(
    visit: &Visit,
    login: &Login,
    proof: Proof,
    app: CodeVerdict,
    typed_sent: &str,
) -> Result<JudgedPair, Fault> {
    let sent = match (proof, sent_of(visit, login).await?) {
        (Proof::App | Proof::AppAfterGlass, _) => CodeVerdict::Lapsed,
        (Proof::AppAndSent, sent) => match (Digits::read(typed_sent), sent) {
            (None, _) => CodeVerdict::Malformed,
            (Some(_), None) => CodeVerdict::Lapsed,
            (Some(digits), Some(own)) => SentCode::judge(sent, own.method, &digits, visit.now),
        },
    };
    // The one that decides, as `Login::answer_enrolment` takes them: what is no code at all costs no try.
    let deciding = match (proof, &sent) {
        (Proof::App | Proof::AppAfterGlass, _) | (Proof::AppAndSent, CodeVerdict::Right { .. }) => {
            app.clone()
        }
        (Proof::AppAndSent, _) => sent.clone(),
    };
    let judged = match deciding {
        CodeVerdict::Malformed | CodeVerdict::Lapsed => Judged::Verdict(deciding),
        _ => counted(visit, &login.person, async { Ok(deciding) }).await?,
    };
    Ok(match judged {
        Judged::Verdict(_) => JudgedPair::Verdicts { app, step: None, sent },
        Judged::Wait(until) => JudgedPair::Wait(until),
    })
}

/// Reserves a try before `check` runs and gives it back if the code was right.
pub(super) async fn counted(
    visit: &Visit,
    person: &UserId,
    check: impl Future<Output = Stored<CodeVerdict>>,
) -> Result<Judged, Fault> {
    counted_in(visit, &code_buckets(person), check).await
}

/// As [`counted`], in these buckets.
pub(super) async fn counted_in(
    visit: &Visit,
    buckets: &[Bucket],
    check: impl Future<Output = Stored<CodeVerdict>>,
) -> Result<Judged, Fault> {
    let attempts = visit.services.store.attempts();
    if let TryVerdict::Wait { until } = attempts.reserve_try(buckets, visit.now).await? {
        return Ok(Judged::Wait(until));
    }
    let verdict = check.await?;
    if let CodeVerdict::Right { .. } = verdict {
        attempts.release_try(buckets).await?;
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
