//! Approvals on the sign-in's side: asked for by a button, waited for on a page that looks again by itself, collected once.
//!
//! What the page said is the store's to keep and `domain::approval`'s to judge; that somebody is in is said in `second_factor`.

use super::{asking::offers, browser::Browser, events::factor_event, fault::Fault, visit::Visit};
use crate::{
    domain::{
        approval::{Approval, Decision, MatchNumber},
        audit::{AuditKind, AuditOutcome},
        factor::{Account, CodeVerdict, Method},
        login::Login,
        throttle::{TryVerdict, approval_buckets},
    },
    page::view::{ApprovalNote, CodeError},
    store::Stored,
};

/// Whether an authenticator page of this account can be asked here: one that lives at this portal.
pub(super) fn usable(visit: &Visit, account: &Account) -> bool {
    let here = &visit.portal().name;
    let mut pages = account.totp.iter().filter_map(|app| app.page.as_ref());
    offers(visit, Method::Approval) && pages.any(|page| page.portal == *here)
}

/// Asks for an approval of `login`; one that was asked for before is void. Tells why not, if not.
pub(super) async fn ask(visit: &Visit, browser: &Browser, login: &Login) -> Result<Option<CodeError>, Fault> {
    let (services, person) = (&visit.services, &login.person);
    let method = Method::Approval.name();
    let told = |outcome| factor_event(visit, browser, AuditKind::ApprovalAsked, outcome, person, method);
    // Counted and not given back: who has the password must not wear its owner down with questions.
    let buckets = approval_buckets(person);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        services.record_refusal(told(AuditOutcome::Throttled), &format!("{person} approval"), until).await;
        return Ok(Some(CodeError::ApprovalsPaused(until)));
    }
    let number = MatchNumber::draw(&*services.entropy);
    let from = (visit.facts.client, browser.agent.as_str());
    let approval = Approval::of(login, services.draw_id(visit.now), number, from, visit.now);
    services.store.approvals().ask_approval(&approval).await?;
    services.record(told(AuditOutcome::Success)).await;
    Ok(None)
}

/// Takes what was decided about `login` out: of several who collect, one has it. A yes is worth nothing once no page of the
/// person is left that could have said it.
pub(super) async fn collect(visit: &Visit, login: &Login) -> Stored<CodeVerdict> {
    if !usable(visit, &visit.services.store.account(&login.person).await?) {
        return Ok(CodeVerdict::Lapsed);
    }
    let decided = visit.services.store.approvals().take_decided(&login.hash).await?;
    Ok(decided.map_or(CodeVerdict::Lapsed, |approval| approval.verdict(visit.now)))
}

/// What the page says of it.
pub(super) async fn note(visit: &Visit, login: &Login) -> Stored<ApprovalNote> {
    let asked = visit.services.store.approvals().recall_approval(&login.person).await?;
    let Some(asked) = asked.filter(|asked| asked.login == login.hash) else {
        return Ok(ApprovalNote::Unasked);
    };
    Ok(match asked.decision {
        Some(Decision::WrongNumber | Decision::Refused) => ApprovalNote::Refused,
        _ if !asked.is_live(visit.now) => ApprovalNote::Over,
        Some(Decision::Approved) => ApprovalNote::Approved,
        None => ApprovalNote::Waiting { number: asked.number.as_u8(), ends: asked.ends_at() },
    })
}
