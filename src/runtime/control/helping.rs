//! Requests for help: looking at them, and answering.

use super::{
    administration::{Administration, By},
    lines::{name_of, tame},
    words::{Answer, Change, HelpLine, Moment, RefusalKind},
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        help::{HelpAnswer, HelpRequest, Wish},
    },
    runtime::Directory,
    store::Stored,
};

/// Requests that a list has: each is over after a fortnight, and everybody may have asked.
const MOST: usize = 100_000;
/// Characters of a reason.
const REASON: std::ops::RangeInclusive<usize> = 5..=500;

impl Administration {
    pub(super) async fn help(&self, people: &Directory<'_>, all: bool) -> Stored<Answer> {
        let now = self.services.clock.now();
        let found = self.services.store.help().help_requests((!all).then_some(now), MOST).await?;
        Ok(Answer::Help(found.into_iter().map(|request| line(people, request)).collect()))
    }

    pub(super) async fn answer_help(
        &self,
        people: &Directory<'_>,
        wanted: &str,
        grant: bool,
        reason: &str,
        by: &By,
    ) -> Stored<Answer> {
        let reason = reason.trim();
        if !REASON.contains(&reason.chars().count()) {
            let message = "a reason has 5 to 500 characters: the visitor reads it";
            return Ok(Answer::refused(RefusalKind::Invalid, message));
        }
        let reason = tame(reason);
        let (store, now) = (&self.services.store, self.services.clock.now());
        let kept = store.help().help_requests(None, usize::MAX).await?;
        let is_wanted = |request: &HelpRequest| {
            request.id.as_str() == wanted || request.reference.eq_ignore_ascii_case(wanted)
        };
        let Some(request) = kept.into_iter().find(is_wanted) else {
            let message = format!("there is no request \"{wanted}\"");
            return Ok(Answer::refused(RefusalKind::NotFound, message));
        };
        let Some(person) = people.get(&request.person) else {
            let message = format!("{} is in no directory any more", request.person);
            return Ok(Answer::refused(RefusalKind::NotFound, message));
        };
        let answer = HelpAnswer { granted: grant, by: by.to_string(), reason: reason.clone(), at: now };
        // First the answer, which one of several gives: then what it says.
        if !store.help().answer_help(&request.id, &answer, now).await? {
            let message = format!("request {} is answered or over", request.reference);
            return Ok(Answer::refused(RefusalKind::Settled, message));
        }
        let mut told = self.event(AuditKind::HelpAnswered, &person.id).at_portal(&request.portal);
        if !grant {
            told.outcome = AuditOutcome::Failure;
        }
        self.audit(told, &format!("{}: {reason}", request.reference), by).await;
        if grant && request.wish == Wish::SecondFactor {
            let why = format!("request {}: {reason}", request.reference);
            return self.reset_second_factor(people, person.id.as_str(), &why, by).await;
        }
        let word = if grant { "granted" } else { "refused" };
        let message = format!("{word}: request {} of {}", request.reference, person.name);
        Ok(Answer::Changed(Change { message, ..Change::default() }))
    }
}

fn line(people: &Directory<'_>, request: HelpRequest) -> HelpLine {
    let answer = request.answer.as_ref();
    HelpLine {
        user: name_of(people, &request.person),
        wish: request.wish.name().to_owned(),
        path: match &request.wish {
            Wish::SecondFactor => None,
            Wish::Access { path } => Some(path.clone()),
        },
        granted: answer.map(|answer| answer.granted),
        answered_by: answer.map(|answer| answer.by.clone()),
        reason: answer.map(|answer| answer.reason.clone()),
        answered: answer.map(|answer| Moment(answer.at)),
        id: request.id,
        reference: request.reference,
        portal: request.portal,
        address: request.address,
        agent: request.agent,
        asked: Moment(request.asked_at),
    }
}
