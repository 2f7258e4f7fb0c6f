//! The latest sign-ins, and when what has no record of its own was last used, as the journal tells them.

use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::Method,
        identity::UserId,
        login::First,
        time::Timestamp,
    },
    page::view::{Outcome, SignInRow},
    store::Stored,
    web::visit::Visit,
};

/// Rows on the page.
const ROWS: usize = 10;
/// Rows kept for sign-ins that succeeded, so that nobody hides one behind failed attempts.
const SUCCESSES: usize = ROWS / 2;
/// Events looked through for them: most sign-ins write two, and a day's wrong guesses must not push them out.
const EVENTS: usize = 1000;

/// What the journal tells of a person.
pub(super) struct Lately {
    /// The latest sign-ins and failed attempts, newest first.
    pub(super) sign_ins: Vec<SignInRow>,
    /// When they last chose a password, if the journal still knows.
    pub(super) password_set: Option<Timestamp>,
    /// The second factors shown, newest first.
    shown: Vec<(Method, Timestamp)>,
}

impl Lately {
    /// When a code of this way was last right.
    pub(super) fn last_used(&self, method: Method) -> Option<Timestamp> {
        self.shown.iter().find(|(shown, _)| *shown == method).map(|(_, at)| *at)
    }
}

/// What the journal tells of `person`.
pub(super) async fn lately(visit: &Visit, person: &UserId) -> Stored<Lately> {
    let store = &visit.services.store;
    let mut events = store.journal().history(person, EVENTS).await?;
    // What was recorded of somebody else who had the name before is not theirs to read.
    if let Some(kept) = store.resident(person) {
        events.retain(|event| event.at >= kept.created_at);
    }
    Ok(read(&events))
}

/// `events` are newest first.
fn read(events: &[AuditEvent]) -> Lately {
    let succeeded = || events.iter().filter(|event| event.outcome == AuditOutcome::Success);
    let shown = succeeded().filter(|event| event.kind == AuditKind::SecondFactor);
    Lately {
        sign_ins: choose(events.iter().filter_map(row).collect()),
        password_set: succeeded()
            .find(|event| matches!(event.kind, AuditKind::PasswordChanged | AuditKind::PasswordSet))
            .map(|event| event.at),
        shown: shown
            .filter_map(|event| Some((Method::from_name(event.factor.as_deref()?)?, event.at)))
            .collect(),
    }
}

/// The newest rows, with room kept for those that succeeded. `all` and what comes back are newest first.
fn choose(mut all: Vec<SignInRow>) -> Vec<SignInRow> {
    let succeeded = all.iter().filter(|row| row.outcome.succeeded()).count();
    let mut failures = ROWS - succeeded.min(SUCCESSES);
    let mut rows = ROWS;
    all.retain(|row| {
        let is_kept = rows > 0 && (row.outcome.succeeded() || failures > 0);
        if is_kept {
            rows -= 1;
            failures -= usize::from(!row.outcome.succeeded());
        }
        is_kept
    });
    all
}

fn row(event: &AuditEvent) -> Option<SignInRow> {
    Some(SignInRow {
        at: event.at,
        outcome: outcome(event)?,
        address: event.address.map(|address| address.to_string()).unwrap_or_default(),
        agent: event.agent.clone().unwrap_or_default(),
    })
}

/// How an attempt ended; nothing for what is no attempt, or only the first half of one.
fn outcome(event: &AuditEvent) -> Option<Outcome> {
    match (event.kind, event.outcome) {
        (AuditKind::SignIn, AuditOutcome::Success) if event.first.as_deref() == Some(First::Pin.name()) => {
            Some(Outcome::Pin)
        }
        (AuditKind::SignIn, AuditOutcome::Success) => Some(match event.factor.as_deref() {
            Some("device") => Outcome::TrustedDevice,
            Some("address") => Outcome::TrustedAddress,
            Some("link") => Outcome::Link,
            Some(name) => match Method::from_name(name) {
                Some(Method::Totp | Method::Email | Method::Sms) => Outcome::Code,
                Some(Method::Passkey) => Outcome::Passkey,
                Some(Method::Provider) => Outcome::Provider,
                Some(Method::Approval) => Outcome::Approval,
                Some(Method::Recovery) => Outcome::RecoveryCode,
                None => Outcome::Password,
            },
            None => Outcome::Password,
        }),
        (AuditKind::SignIn, AuditOutcome::Failure) => Some(Outcome::Refused),
        (AuditKind::Password, AuditOutcome::Failure) => Some(Outcome::WrongPassword),
        (AuditKind::SecondFactor, AuditOutcome::Failure) => Some(Outcome::WrongCode),
        (AuditKind::LinkUsed, AuditOutcome::Failure) => Some(Outcome::WrongCode),
        (AuditKind::Pin, AuditOutcome::Failure) => Some(Outcome::WrongPin),
        (
            AuditKind::SignIn | AuditKind::Password | AuditKind::Pin | AuditKind::SecondFactor,
            AuditOutcome::Throttled,
        ) => Some(Outcome::TooManyTries),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: AuditKind, outcome: AuditOutcome, factor: Option<&str>) -> Option<Outcome> {
        let mut event = AuditEvent::new(Timestamp::from_unix(0), kind, outcome);
        event.factor = factor.map(str::to_owned);
        super::outcome(&event)
    }

    #[test]
    fn each_sign_in_says_how_it_was_done() {
        let signed_in = |factor| told(AuditKind::SignIn, AuditOutcome::Success, factor);
        assert_eq!(signed_in(Some("totp")), Some(Outcome::Code));
        assert_eq!(signed_in(Some("passkey")), Some(Outcome::Passkey));
        assert_eq!(signed_in(Some("provider")), Some(Outcome::Provider));
        assert_eq!(signed_in(Some("recovery")), Some(Outcome::RecoveryCode));
        assert_eq!(signed_in(Some("device")), Some(Outcome::TrustedDevice));
        assert_eq!(signed_in(Some("address")), Some(Outcome::TrustedAddress));
        assert_eq!(signed_in(Some("password")), Some(Outcome::Password));
    }

    #[test]
    fn an_unlocked_device_says_what_unlocked_it() {
        let mut event = AuditEvent::new(Timestamp::from_unix(0), AuditKind::SignIn, AuditOutcome::Success);
        event.first = Some("pin".to_owned());
        event.factor = Some("device".to_owned());
        assert_eq!(super::outcome(&event), Some(Outcome::Pin));
        assert_eq!(told(AuditKind::Pin, AuditOutcome::Failure, None), Some(Outcome::WrongPin));
        assert_eq!(told(AuditKind::Pin, AuditOutcome::Success, None), None);
    }

    #[test]
    fn what_was_used_and_chosen_last_is_read_from_what_succeeded() {
        let told = |at, kind, outcome, factor: Option<&str>| {
            let mut event = AuditEvent::new(Timestamp::from_unix(at), kind, outcome);
            event.factor = factor.map(str::to_owned);
            event
        };
        let lately = read(&[
            told(60, AuditKind::SecondFactor, AuditOutcome::Failure, Some("email")),
            told(50, AuditKind::PasswordChanged, AuditOutcome::Failure, None),
            told(40, AuditKind::SecondFactor, AuditOutcome::Success, Some("email")),
            told(30, AuditKind::PasswordChanged, AuditOutcome::Success, None),
            told(20, AuditKind::SecondFactor, AuditOutcome::Success, Some("email")),
            told(10, AuditKind::PasswordChanged, AuditOutcome::Success, None),
        ]);
        assert_eq!(lately.last_used(Method::Email), Some(Timestamp::from_unix(40)));
        assert_eq!(lately.last_used(Method::Recovery), None);
        assert_eq!(lately.password_set, Some(Timestamp::from_unix(30)));
    }

    #[test]
    fn failed_attempts_hide_no_sign_in_that_succeeded() {
        let row = |second, outcome| SignInRow {
            at: Timestamp::from_unix(second),
            outcome,
            address: String::new(),
            agent: String::new(),
        };
        let failures = (0..50).map(|n| row(1000 - n, Outcome::WrongPassword));
        let successes = (0..3).map(|n| row(900 - n, Outcome::Code));
        let chosen = choose(failures.clone().chain(successes).collect());
        assert_eq!(chosen.len(), ROWS);
        assert_eq!(chosen.iter().filter(|row| row.outcome.succeeded()).count(), 3);
        assert!(chosen.is_sorted_by(|a, b| a.at >= b.at));
        assert_eq!(choose(failures.collect()).len(), ROWS);
        assert_eq!(choose((0..50).map(|n| row(1000 - n, Outcome::Code)).collect()).len(), ROWS);
    }

    #[test]
    fn failures_are_shown_and_halves_of_sign_ins_are_not() {
        use AuditOutcome::{Failure, Success, Throttled};
        assert_eq!(told(AuditKind::Password, Failure, None), Some(Outcome::WrongPassword));
        assert_eq!(told(AuditKind::SecondFactor, Failure, Some("totp")), Some(Outcome::WrongCode));
        assert_eq!(told(AuditKind::Password, Throttled, None), Some(Outcome::TooManyTries));
        assert_eq!(told(AuditKind::Password, Success, None), None);
        assert_eq!(told(AuditKind::SecondFactor, Success, Some("totp")), None);
        assert_eq!(told(AuditKind::TrustRevoked, Success, None), None);
    }
}
