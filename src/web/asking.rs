//! What the two pages with a code field share: when a code is asked anew, what is said where one was not taken, and how a
//! sign-in that is over begins again.

use std::time::Duration;

use http::StatusCode;

use super::{
    browser::Browser, login, pending::Pending, problem::problem, respond::Answer, trust::Ticked, visit::Visit,
};
use crate::{
    domain::{
        factor::{CodeVerdict, Method},
        facts::ReturnTo,
        login::{First, Over},
        standing::{Known, Second},
        time::{Timestamp, minutes},
    },
    page::view::{CodeError, LoginError, ProblemKind},
    store::hot::LiveSession,
};

/// For how many minutes a code that was given opens what needs a fresh one.
const FRESH_MINUTES: u64 = 15;
/// From this many tries left on, the page says how many.
const FEW_TRIES: u32 = 2;

/// Whether this visitor gave a code within the last minutes.
pub(super) fn is_fresh(known: &Known, now: Timestamp) -> bool {
    shown_within(known, minutes(FRESH_MINUTES), now)
}

/// Whether this visitor gave a code in this session within the last `age`. No trust stands in for one.
pub(super) fn shown_within(known: &Known, age: Duration, now: Timestamp) -> bool {
    match known.second {
        Second::Passed { at, .. } => now < at.after(age),
        Second::Missing | Second::TrustedDevice(_) | Second::TrustedAddress(_) => false,
    }
}

/// Whether this visitor signed in within the last minutes. A PIN is no such sign-in: it stands for one of the past.
pub(super) fn is_recent(known: &Known, live: &LiveSession, now: Timestamp) -> bool {
    live.session().first != First::Pin && now < known.since.after(minutes(FRESH_MINUTES))
}

/// Whether a visit that wants to go to `wanted` is about this sign-in. One that began with the password keeps its own
/// destination; one that strengthens a session is begun anew for another.
pub(super) fn continues(pending: &Pending, wanted: &ReturnTo) -> bool {
    pending.login.replaces.is_none() || pending.login.return_to == *wanted
}

/// Why a page with a code field is shown again, and what was ticked on it.
#[derive(Clone, Copy)]
pub(super) struct Slip {
    pub(super) error: Option<CodeError>,
    pub(super) ticked: Ticked,
    /// Whether it is about the code that was sent, where the page has two.
    pub(super) is_sent: bool,
}

impl Slip {
    pub(super) fn none() -> Self {
        Self { error: None, ticked: Ticked::default(), is_sent: false }
    }

    pub(super) fn status(self) -> StatusCode {
        match self.error {
            None => StatusCode::OK,
            Some(
                CodeError::TooManyTries(_)
                | CodeError::TooSoon(_)
                | CodeError::NoMoreSent
                | CodeError::SendingPaused(_)
                | CodeError::ApprovalsPaused(_),
            ) => StatusCode::TOO_MANY_REQUESTS,
            Some(CodeError::Busy | CodeError::NotSent) => StatusCode::SERVICE_UNAVAILABLE,
            Some(CodeError::FormExpired) => StatusCode::FORBIDDEN,
            Some(
                CodeError::Wrong
                | CodeError::WrongPasskey
                | CodeError::NotApproved
                | CodeError::AlreadyUsed
                | CodeError::Malformed
                | CodeError::ClockOff(_)
                | CodeError::Lapsed
                | CodeError::NoDestination
                | CodeError::NoPairing
                | CodeError::Expired
                | CodeError::SetupExpired,
            ) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// What a verdict reads like on the page.
pub(super) fn error_of(verdict: &CodeVerdict) -> Option<CodeError> {
    match verdict {
        CodeVerdict::Right { .. } => None,
        CodeVerdict::AlreadyUsed => Some(CodeError::AlreadyUsed),
        CodeVerdict::ClockOff { minutes, .. } => {
            Some(CodeError::ClockOff(u32::try_from(minutes.unsigned_abs()).unwrap_or(u32::MAX)))
        }
        CodeVerdict::Lapsed => Some(CodeError::Lapsed),
        CodeVerdict::Malformed => Some(CodeError::Malformed),
        CodeVerdict::Wrong => Some(CodeError::Wrong),
    }
}

/// How many tries are left, once it is worth saying.
pub(super) fn few_left(pending: &Pending, slip: Slip) -> Option<u32> {
    let left = pending.login.tries_left();
    (slip.error.is_some() && left <= FEW_TRIES).then_some(left)
}

/// A sign-in that is over: back to the password, or for somebody who is in, to where they can try again.
pub(super) fn start_again(visit: &Visit, browser: &Browser, return_to: &ReturnTo, over: Over) -> Answer {
    match (over, visit.live.is_some()) {
        (Over::TooManyTries, _) => too_many(visit, browser, return_to, None),
        (Over::Expired | Over::Outdated, true) => Answer::go_to(visit.link("second-factor", return_to)),
        (Over::Expired | Over::Outdated, false) => {
            login::page(visit, browser, return_to, "", Some(LoginError::Expired))
        }
    }
}

/// Too many codes were wrong: here, or in all sign-ins of this person together.
pub(super) fn too_many(
    visit: &Visit,
    browser: &Browser,
    return_to: &ReturnTo,
    until: Option<Timestamp>,
) -> Answer {
    match visit.live {
        Some(_) => problem(visit, browser, ProblemKind::TooManyRequests(until)),
        None => login::page(visit, browser, return_to, "", Some(LoginError::TooManyTries(until))),
    }
}

/// Whether the file lets this method be asked.
pub(super) fn offers(visit: &Visit, method: Method) -> bool {
    visit.runtime.settings.second_factor.methods.contains(&method)
}
