//! Name and password. One of the places that tell `domain::login` of a passed factor.
//!
//! Whether a name exists must not show: both cases take the same steps, count the same counters, compute the same hash and
//! get the same answer.

use std::sync::Arc;

use http::{StatusCode, uri::PathAndQuery};

use super::{
    admit::{Admitted, admit},
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame,
    hand_over, link,
    passkey::{self, Somebody},
    place, provider,
    rehash::rehash,
    respond::{Answer, SOON},
    step_up,
    trust::{self, Ticked, Waived},
    unlock,
    visit::Visit,
    ways::{first_stage, page_of},
};
use crate::{
    config::settings::SignIn,
    domain::{
        audit::{AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::{CredentialMark, PasswordHash, Person, UserId},
        login::{Begin, First, Login, Step, Waiver},
        path::NormalPath,
        throttle::{Familiarity, TryVerdict, password_buckets},
        time::Timestamp,
        token::RecordId,
        trust::shared_network,
    },
    page::view::{self, LoginError, Ways},
    store::Stored,
};

/// Longer names are cut before they are looked up or counted; none that exists is this long.
const LONGEST_NAME: usize = 256;

/// Shows the form, or on a remembered device the one that unlocks it; `other` asks for this one all the same. Goes on at
/// once for somebody who is in, unless `again` asks for the password.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Answer {
    let return_to = place::return_to(visit);
    let asks_again = place::query(visit, "again").is_some();
    let form = match visit.person() {
        Some(_) if !asks_again => return Answer::go_to(return_to.as_str()),
        Some(person) => return page(visit, browser, &return_to, &person.name, None),
        None if let Some(away) = hand_over::depart(visit, browser, &return_to) => return away,
        None if place::query(visit, "other").is_some() => page(visit, browser, &return_to, "", None),
        None => in_place(visit, browser, &return_to).await,
    };
    // Whatever comes before the sign-in is over, another language or "Not you?": it stays here.
    form.with_cookie(hand_over::asks_here(visit).then(cookie::set_here))
}

/// The form for a stranger, whichever it is on this device.
pub(super) async fn in_place(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> Answer {
    match unlock::offer(visit, browser, return_to).await {
        Some(form) => form,
        None => page(visit, browser, return_to, "", None),
    }
}

/// The form, with what was typed as the name and why it did not work.
pub(super) fn page(
    visit: &Visit,
    browser: &Browser,
    return_to: &ReturnTo,
    username: &str,
    error: Option<LoginError>,
) -> Answer {
    let status = match error {
        None => StatusCode::OK,
        Some(
            LoginError::WrongCredentials
            | LoginError::WrongPasskey
            | LoginError::MissingName
            | LoginError::DeviceForgotten
            | LoginError::Expired,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(LoginError::TooManyTries(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(LoginError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(LoginError::FormExpired | LoginError::Closed) => StatusCode::FORBIDDEN,
    };
    let (csrf, cookie) = browser.form_token(visit);
    let passkeys = passkey::offer(visit).is_some();
    let model = view::Login {
        frame: frame(visit, browser, own_path(visit, browser, return_to), csrf),
        username: username.to_owned(),
        ways: ways(visit),
        error,
        providers: provider::buttons(visit),
        passkeys,
        return_to: return_to.as_str().to_owned(),
    };
    let retry = match error {
        Some(LoginError::TooManyTries(until)) => until.map(|until| visit.now.until(until)),
        Some(LoginError::Busy) => Some(SOON),
        None
        | Some(
            LoginError::WrongCredentials
            | LoginError::MissingName
            | LoginError::WrongPasskey
            | LoginError::Expired
            | LoginError::DeviceForgotten
            | LoginError::Closed
            | LoginError::FormExpired,
        ) => None,
    };
    let answer = Answer::page(status, model.render()).with_cookie(cookie).retry_in(retry);
    if passkeys { answer.asking() } else { answer }
}

/// Where a switch of language leads back to: to this form, also where there is one to unlock.
fn own_path(visit: &Visit, browser: &Browser, return_to: &ReturnTo) -> String {
    let other = if browser.devices.is_empty() { "" } else { "&other=1" };
    visit.link("login", return_to) + other
}

/// The ways that the file offers at this portal.
fn ways(visit: &Visit) -> Ways {
    let begins_with = |way| visit.portal().begins_with(way);
    match (begins_with(SignIn::Password), begins_with(SignIn::Link)) {
        (true, true) => Ways::PasswordOrLink,
        (false, true) => Ways::Link,
        (_, false) => Ways::Password,
    }
}

/// Takes name and password, or the wish for a link.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let return_to = ReturnTo::read(form.text("return_to"));
    let typed = form.text("username");
    let again = |error| Ok(page(visit, browser, &return_to, typed, Some(error)));
    if !browser.admits(form) {
        // Another window of this browser was faster. Whatever the place asks for besides is asked there.
        if visit.person().is_some() {
            return Ok(Answer::go_to(visit.destination(return_to).as_str()));
        }
        return again(LoginError::FormExpired);
    }
    if !form.text("credential").is_empty() {
        return match passkey::judge_anybody(visit, browser, form).await {
            Ok(Somebody::Known(person)) => {
                go_on(visit, browser, &person, return_to, Begun::with(First::Passkey)).await
            }
            Ok(Somebody::Nobody) => again(LoginError::WrongPasskey),
            Ok(Somebody::Wait(until)) => again(LoginError::TooManyTries(Some(until))),
            Err(fault) => {
                fault.log();
                again(LoginError::Busy)
            }
        };
    }
    // Where the file offers no password, none is checked, whatever was posted.
    let wants_link = match ways(visit) {
        Ways::Password => false,
        Ways::Link => true,
        Ways::PasswordOrLink => form.text("method") == "link",
    };
    if wants_link {
        return match link::ask(visit, browser, typed, &return_to).await {
            Ok(link::Asked::Done(answer)) => Ok(answer),
            Ok(link::Asked::Nobody) => again(LoginError::MissingName),
            Ok(link::Asked::Wait(until)) => again(LoginError::TooManyTries(Some(until))),
            Err(fault) => {
                fault.log();
                again(LoginError::Busy)
            }
        };
    }
    if typed.is_empty() || form.text("password").is_empty() {
        return again(LoginError::WrongCredentials);
    }
    match check_password(visit, browser, typed, form.text("password")).await {
        Ok(Checked::Right(person)) => {
            go_on(visit, browser, &person, return_to, Begun::with(First::Password)).await
        }
        Ok(Checked::Wrong) => again(LoginError::WrongCredentials),
        Ok(Checked::Closed) => again(LoginError::Closed),
        Ok(Checked::Wait(until)) => again(LoginError::TooManyTries(Some(until))),
        Err(fault) => {
            fault.log();
            again(LoginError::Busy)
        }
    }
}

/// What became of a password.
pub(super) enum Checked {
    /// It is this person's.
    Right(Arc<Person>),
    /// It is theirs, and nobody of their group signs in at present.
    Closed,
    /// It is not, or nobody has the name.
    Wrong,
    /// It was not even looked at: too many were wrong before.
    Wait(Timestamp),
}

/// Checks a password, counted: the one gate for all of them.
pub(super) async fn check_password(
    visit: &Visit,
    browser: &Browser,
    typed: &str,
    password: &str,
) -> Result<Checked, Fault> {
    let services = &visit.services;
    let Named { person, account, .. } = named(visit, typed);
    let buckets = password_buckets(
        &account,
        visit.facts.client,
        &familiarity(visit, browser, &account, person.as_ref()).await?,
    );
    let told = |outcome| event(visit, browser, AuditKind::Password, outcome, &account);

    // Counted before the hash is computed: parallel guesses must not slip past the limit together.
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        let network = shared_network(visit.facts.client).to_string();
        services.record_refusal(told(AuditOutcome::Throttled), &network, until).await;
        return Ok(Checked::Wait(until));
    }
    let own = person.as_ref().filter(|person| !person.disabled).and_then(|person| person.password.clone());
    let is_somebodys = own.is_some();
    let hash = own.or_else(|| stand_in(visit, &account));
    let right = match services.hashers.verify(password.to_owned(), hash).await {
        Ok(right) => right && is_somebodys,
        Err(busy) => {
            services.store.attempts().release_try(&buckets).await?;
            return Err(busy.into());
        }
    };
    match person {
        // Said to nobody but who knows the password, as reaching the second factor says it.
        Some(person) if right && person.closed_group.is_some() => {
            services.store.attempts().release_try(&buckets).await?;
            services.record(told(AuditOutcome::Failure).with_detail("right, but the group is closed")).await;
            Ok(Checked::Closed)
        }
        Some(person) if right => {
            services.store.attempts().release_try(&buckets).await?;
            services.record(told(AuditOutcome::Success)).await;
            rehash(visit, &person, password).await;
            Ok(Checked::Right(person))
        }
        _ => {
            services.metrics.wrong_secrets.increment(1);
            services.record(told(AuditOutcome::Failure)).await;
            Ok(Checked::Wrong)
        }
    }
}

/// Who is meant by a name.
pub(super) struct Named<'v> {
    /// What was typed, cut to a length that somebody may have.
    pub(super) typed: &'v str,
    /// The person, if there is one.
    pub(super) person: Option<Arc<Person>>,
    /// What is counted and recorded: the person's id, or the folded text.
    pub(super) account: UserId,
}

/// Looks up what was typed as a name.
pub(super) fn named<'v>(visit: &'v Visit, typed: &'v str) -> Named<'v> {
    let typed = cut(typed, LONGEST_NAME);
    let person = visit.directory().find(typed);
    let account = person.as_ref().map_or_else(|| nobody(typed), |person| person.id.clone());
    Named { typed, person, account }
}

/// How this browser is known to the account that is named, whether or not the account exists.
pub(super) async fn familiarity(
    visit: &Visit,
    browser: &Browser,
    account: &UserId,
    person: Option<&Arc<Person>>,
) -> Stored<Familiarity> {
    let mark = person.map_or_else(|| CredentialMark::of(account, None), |person| person.credential);
    let store = &visit.services.store;
    if let Some(terms) = visit.runtime.settings.trust.device
        && let Some(id) = store.recognise_device(account, &mark, &browser.devices, terms, visit.now).await?
    {
        return Ok(Familiarity::Device(id));
    }
    let address = trust::covering_address(visit, account, &mark);
    Ok(address.map_or(Familiarity::Unknown, Familiarity::Address))
}

/// A hash to compute for a name nobody has: somebody else's, so that it costs what real ones cost.
fn stand_in(visit: &Visit, account: &UserId) -> Option<PasswordHash> {
    let mark = CredentialMark::of(account, None);
    let choice = mark.as_bytes().iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
    visit.directory().some_hash(choice)
}

/// What a sign-in began with.
#[derive(Clone, Copy)]
pub(super) struct Begun<'a> {
    /// The factor that was right.
    pub(super) first: First,
    /// When all of it must be over, if sooner than usual.
    pub(super) ends_by: Option<Timestamp>,
    /// When a second factor was shown to somebody whose word the file takes.
    pub(super) second: Option<Timestamp>,
    /// The remembered device that it unlocks: without the trust in that very one it is worth nothing.
    pub(super) unlocked: Option<&'a RecordId>,
}

impl Begun<'_> {
    /// With this factor, and nothing else to say.
    pub(super) fn with(first: First) -> Self {
        Self { first, ends_by: None, second: None, unlocked: None }
    }
}

/// What follows a right first factor: a code, an app to link, or the portal.
pub(super) async fn go_on(
    visit: &Visit,
    browser: &Browser,
    person: &Arc<Person>,
    return_to: ReturnTo,
    begun: Begun<'_>,
) -> Result<Answer, Fault> {
    let services = &visit.services;
    let return_to = visit.destination(return_to);
    let outline = services.store.outline(&person.id);
    let account = services.store.account(&person.id).await?;
    let asks_second_factor = asks_second_factor(visit, person, &return_to, outline.wants_second_factor());
    let Waived { waiver, cookie } = match (begun.second, begun.first) {
        (Some(at), _) => Waived { waiver: Waiver::Provider(at), cookie: None },
        // A passkey leaves nothing to waive.
        (None, First::Passkey) if begun.unlocked.is_none() => {
            Waived { waiver: Waiver::Nothing, cookie: None }
        }
        (None, First::Password | First::Link | First::Provider | First::Passkey | First::Pin) => {
            trust::use_trust(visit, browser, person, asks_second_factor).await?
        }
    };
    // The trust may have ended between the page and its answer, or its cookie turned out to be a copy.
    if begun.unlocked.is_some_and(|device| waiver != Waiver::Device(device.clone())) {
        let refused = page(visit, browser, &return_to, "", Some(LoginError::Expired));
        return Ok(refused.with_cookie(cookie));
    }
    let token = services.draw_token();
    let begin = Begin {
        first: begun.first,
        person,
        portal: &visit.portal().name,
        return_to: return_to.clone(),
        asks_second_factor,
        waiver: waiver.clone(),
        address: visit.facts.client,
        agent: &browser.agent,
    };
    match Login::begin(begin, || first_stage(visit, begun.first, person, &account), token.hash(), visit.now) {
        Step::Ask(login) => {
            let login = match begun.ends_by {
                Some(moment) => login.ends_by(moment),
                None => login,
            };
            services.store.logins().begin_login(&login).await?;
            let answer = Answer::go_to(visit.link(page_of(&login.stage), &return_to));
            Ok(answer.with_cookie(cookie::set_login(&token)).with_cookie(cookie))
        }
        Step::Finish(grant) => {
            let Admitted { return_to, cookies, .. } =
                admit(visit, browser, grant, &waiver, Ticked::default()).await?;
            Ok(Answer::go_to(return_to.as_str()).with_cookies(cookies).with_cookie(cookie))
        }
        Step::Over(_) => Ok(page(visit, browser, &return_to, "", Some(LoginError::Expired))),
    }
}

/// Whether going on to `return_to` asks for a second factor.
fn asks_second_factor(visit: &Visit, person: &Arc<Person>, return_to: &ReturnTo, wants: bool) -> bool {
    let target = return_to.as_str().parse().unwrap_or_else(|_| PathAndQuery::from_static("/"));
    let Ok(path) = NormalPath::read(&target) else { return true };
    visit.runtime.settings.policy.asks_second_factor(step_up::question(visit, &path), person, wants)
}

/// What is counted and recorded for a name nobody has. Folding may lengthen a text many times, so it is cut again.
fn nobody(typed: &str) -> UserId {
    UserId::new(cut(UserId::new(typed).as_str(), LONGEST_NAME))
}

/// At most `most` bytes of `text`, cut between characters.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
