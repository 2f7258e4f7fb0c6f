//! Passkeys in our pages: what the script asks of us, and what an answer is worth.
//!
//! The script asks here what to ask an authenticator, and posts the answer with the form of the page it stands on, so that
//! `login`, `second_factor` and `enrol` stay the only places that tell `domain::login` of it. A question is bound to the
//! browser by the form token of the page, and to one use. Every answer is counted before it is checked.

use std::{collections::BTreeSet, sync::Arc};

use http::StatusCode;
use serde_json::Value;

use super::{
    asking::offers,
    browser::Browser,
    codes::{Judged, counted, counted_in},
    events::factor_event,
    fault::Fault,
    form::Form,
    pending::{self, Found},
    respond::Answer,
    unlock,
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{Account, CodeVerdict, Method, Passkey},
        identity::{Person, UserId},
        login::Stage,
        throttle::{TryVerdict, passkey_buckets, unlock_buckets},
        time::Timestamp,
        token::{Token, TokenHash},
        trust::shared_network,
    },
    factor::passkey::{Asker, Ceremony, Refusal, Registered, Registrant, RelyingParty},
    page::view::PasskeyOffer,
    store::Stored,
};

/// Passkeys one person may have.
pub(super) const MOST_PASSKEYS: usize = 5;

/// This host as one that has passkeys, if the file lets them be used.
fn party(visit: &Visit) -> Option<RelyingParty> {
    if !offers(visit, Method::Passkey) {
        return None;
    }
    RelyingParty::at(&visit.facts.authority, &visit.portal().title)
}

/// What a page says of passkeys on this host.
pub(super) fn offer(visit: &Visit) -> Option<PasskeyOffer> {
    party(visit).map(|party| PasskeyOffer { host: party.host().to_owned() })
}

/// The passkeys of an account that can be asked for here.
pub(super) fn usable<'a>(visit: &Visit, account: &'a Account) -> Vec<&'a Passkey> {
    let Some(party) = party(visit) else { return Vec::new() };
    account.passkeys.iter().filter(|passkey| passkey.host == party.host()).collect()
}

/// The hosts of an account's passkeys, where it has neither one for this host nor an app.
pub(super) fn elsewhere(visit: &Visit, account: &Account) -> Option<String> {
    if !account.totp.is_empty() || account.passkeys.is_empty() || !usable(visit, account).is_empty() {
        return None;
    }
    let hosts: BTreeSet<&str> = account.passkeys.iter().map(|passkey| passkey.host.as_str()).collect();
    Some(hosts.into_iter().collect::<Vec<_>>().join(", "))
}

/// Tells the script what to ask.
pub(super) async fn ask(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let refused = || Ok(Answer::json(StatusCode::UNPROCESSABLE_ENTITY, "{}".to_owned()));
    let (Some(party), Some(own)) = (party(visit).filter(|_| browser.admits(form)), browser_of(form)) else {
        return refused();
    };
    let asked = match form.text("purpose") {
        "anybody" => party.ask_anybody(),
        "owner" => ask_owner(visit, browser, &party).await?,
        "unlock" => ask_guest(visit, browser, &party).await?,
        "new" => ask_new(visit, browser, &party).await?,
        _ => None,
    };
    let Some((options, ceremony)) = asked else { return refused() };
    let Ok(mut options) = serde_json::from_str::<Value>(&options) else { return refused() };
    let name = visit.services.draw_token();
    options["ceremony"] = Value::from(name.reveal());
    let asker = Asker { browser: own, network: shared_network(visit.facts.client) };
    visit.services.ceremonies.keep(name.hash(), asker, ceremony, visit.now);
    Ok(Answer::json(StatusCode::OK, options.to_string()))
}

async fn ask_owner(
    visit: &Visit,
    browser: &Browser,
    party: &RelyingParty,
) -> Result<Option<(String, Ceremony)>, Fault> {
    let Found::Ready(pending) = pending::look(visit, browser).await? else { return Ok(None) };
    let account = visit.services.store.account(&pending.person.id).await?;
    let usable: Vec<Passkey> = usable(visit, &account).into_iter().cloned().collect();
    Ok(party.ask_owner(&usable))
}

/// Asks for a passkey of whoever this browser is remembered for, and of nobody else.
async fn ask_guest(
    visit: &Visit,
    browser: &Browser,
    party: &RelyingParty,
) -> Result<Option<(String, Ceremony)>, Fault> {
    let Some(guest) = unlock::guest(visit, browser).await?.filter(|guest| guest.has_passkey) else {
        return Ok(None);
    };
    let account = visit.services.store.account(&guest.person.id).await?;
    let usable: Vec<Passkey> = usable(visit, &account).into_iter().cloned().collect();
    Ok(party.ask_owner(&usable))
}

async fn ask_new(
    visit: &Visit,
    browser: &Browser,
    party: &RelyingParty,
) -> Result<Option<(String, Ceremony)>, Fault> {
    let Found::Ready(pending) = pending::look(visit, browser).await? else { return Ok(None) };
    let Stage::Enrol { .. } = pending.login.stage else { return Ok(None) };
    let person = &pending.person;
    let account = visit.services.store.account(&person.id).await?;
    if account.passkeys.len() >= MOST_PASSKEYS {
        return Ok(None);
    }
    let known: Vec<Passkey> =
        account.passkeys.iter().filter(|passkey| passkey.host == party.host()).cloned().collect();
    // One handle for all of a person's passkeys here: an authenticator keeps one of a handle.
    let handle = known.first().map_or_else(|| draw_handle(visit), |passkey| passkey.handle);
    let who = Registrant { id: &person.id, handle, name: &person.name, display_name: &person.display_name };
    Ok(party.ask_new(&who, &known))
}

fn draw_handle(visit: &Visit) -> [u8; 16] {
    let mut handle = [0; 16];
    visit.services.entropy.fill(&mut handle);
    handle
}

/// The browser a form was made for, once `Browser::admits` said that it was.
fn browser_of(form: &Form) -> Option<TokenHash> {
    Token::parse(form.text("csrf")).map(|token| token.hash())
}

/// The question that a form answers. It is used up, whatever the answer is.
fn take(visit: &Visit, form: &Form) -> Option<Ceremony> {
    let name = Token::parse(form.text("ceremony"))?.hash();
    visit.services.ceremonies.take(&name, &browser_of(form)?, visit.now)
}

/// Checks the answer of a passkey of `person`, whose first factor was right.
pub(super) async fn judge_owner(visit: &Visit, person: &UserId, form: &Form) -> Result<Judged, Fault> {
    counted(visit, person, check_owner(visit, person, form)).await
}

/// Checks the answer of a passkey of `person`, for whom this browser is remembered.
pub(super) async fn judge_unlocking(visit: &Visit, person: &UserId, form: &Form) -> Result<Judged, Fault> {
    counted_in(visit, &unlock_buckets(person), check_owner(visit, person, form)).await
}

async fn check_owner(visit: &Visit, person: &UserId, form: &Form) -> Stored<CodeVerdict> {
    let (Some(party), Some(ceremony)) = (party(visit), take(visit, form)) else {
        return Ok(CodeVerdict::Wrong);
    };
    if ceremony.person.as_ref() != Some(person) {
        return Ok(CodeVerdict::Wrong);
    }
    match find(visit, &party, form).await? {
        Some(passkey) => use_up(visit, &party, ceremony, form, &passkey).await,
        None => Ok(CodeVerdict::Wrong),
    }
}

/// Checks a passkey that was just made for `person`. Counted by `codes`, with whatever else the page asks for.
pub(super) fn check_new(visit: &Visit, person: &UserId, form: &Form) -> (CodeVerdict, Option<Registered>) {
    let made = match (party(visit), take(visit, form)) {
        (Some(party), Some(ceremony)) if ceremony.person.as_ref() == Some(person) => {
            party.register(&ceremony, form.text("credential")).ok()
        }
        _ => None,
    };
    match made {
        Some(made) => (CodeVerdict::Right { method: Method::Passkey }, Some(made)),
        None => (CodeVerdict::Wrong, None),
    }
}

/// What a passkey that says itself whose it is came to.
pub(super) enum Somebody {
    /// It is theirs, and was unlocked by them.
    Known(Arc<Person>),
    /// Nobody's here, or it does not count.
    Nobody,
    /// Not even looked at.
    Wait(Timestamp),
}

/// Checks the answer of a passkey in the place of name and password.
pub(super) async fn judge_anybody(visit: &Visit, browser: &Browser, form: &Form) -> Result<Somebody, Fault> {
    let Some(party) = party(visit) else { return Ok(Somebody::Nobody) };
    let services = &visit.services;
    let passkey = find(visit, &party, form).await?;
    let person = passkey.as_ref().and_then(|passkey| visit.directory().get(&passkey.person));
    let nobody = UserId::new("");
    let whom = person.as_ref().map_or(&nobody, |person| &person.id);
    let told = |outcome| {
        factor_event(visit, browser, AuditKind::SecondFactor, outcome, whom, Method::Passkey.name())
            .with_detail("instead of a password")
    };
    let buckets = passkey_buckets(person.as_ref().map(|person| &person.id), visit.facts.client);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        let network = shared_network(visit.facts.client).to_string();
        services.record_refusal(told(AuditOutcome::Throttled), &network, until).await;
        return Ok(Somebody::Wait(until));
    }
    let verdict = match (take(visit, form), &passkey) {
        (Some(ceremony), Some(passkey)) if ceremony.person.is_none() => {
            use_up(visit, &party, ceremony, form, passkey).await?
        }
        _ => CodeVerdict::Wrong,
    };
    match (verdict, person.as_ref().filter(|person| !person.is_barred())) {
        (CodeVerdict::Right { .. }, Some(person)) => {
            services.store.attempts().release_try(&buckets).await?;
            services.record(told(AuditOutcome::Success)).await;
            Ok(Somebody::Known(Arc::clone(person)))
        }
        _ => {
            services.metrics.wrong_secrets.increment(1);
            services.record(told(AuditOutcome::Failure)).await;
            Ok(Somebody::Nobody)
        }
    }
}

async fn find(visit: &Visit, party: &RelyingParty, form: &Form) -> Stored<Option<Passkey>> {
    match party.credential_id(form.text("credential")) {
        Some(name) => visit.services.store.find_passkey(&name).await,
        None => Ok(None),
    }
}

/// Checks an answer and moves the counter on. Atomic in the store: two answers from one counter do not both count.
async fn use_up(
    visit: &Visit,
    party: &RelyingParty,
    ceremony: Ceremony,
    form: &Form,
    passkey: &Passkey,
) -> Stored<CodeVerdict> {
    let proven = match party.prove(ceremony, form.text("credential"), passkey) {
        Ok(proven) => proven,
        Err(Refusal::Cloned) => {
            tracing::warn!(user.id = %passkey.person, passkey = %passkey.id, "the counter of a passkey went back: there may be a copy of it");
            return Ok(CodeVerdict::Wrong);
        }
        Err(Refusal::Malformed | Refusal::Wrong) => return Ok(CodeVerdict::Wrong),
    };
    let is_first = visit.services.store.use_passkey(&proven.id, &proven.from, &proven.to, visit.now).await?;
    Ok(if is_first { CodeVerdict::Right { method: Method::Passkey } } else { CodeVerdict::Wrong })
}
