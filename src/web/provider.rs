//! On the way to an identity provider and back. One of the places that tell `domain::login` of a passed factor.
//!
//! The way there is kept on our side under the hash of the state, bound to this browser, this portal and one provider, and
//! good for one answer. Who comes back is somebody at the provider; only an account that was linked before says who that is
//! here, and nobody is made up. Then the sign-in goes on as after a password.

use std::sync::Arc;

use http::{Method, StatusCode};

use super::{
    browser::Browser,
    cookie,
    events::event,
    fault::Fault,
    form::Form,
    frame::frame,
    login::{self, Begun},
    place,
    problem::problem,
    respond::{Answer, SOON},
    visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        facts::ReturnTo,
        identity::Person,
        login::First,
        provider::{DEPARTURE_MINUTES, Departure, Identity, Purpose},
        throttle::{TryVerdict, provider_buckets},
        time::minutes,
        token::Token,
    },
    factor::provider::{Account, Provider, ProviderFault, Tether},
    page::view::{self, LoginError, ProblemKind, ProviderButton, ProviderTrouble},
    store::{Linked, Stored},
};

/// Longer names are no hint to anybody.
const LONGEST_HINT: usize = 256;

/// The providers offered here, as buttons.
pub(super) fn buttons(visit: &Visit) -> Vec<ProviderButton> {
    let offered = visit.runtime.providers.offered_at(&visit.portal().name);
    let button = |provider: &Provider| ProviderButton {
        name: provider.settings().name.clone(),
        title: provider.settings().title.clone(),
    };
    offered.map(button).collect()
}

/// The provider called `name`, if it is offered here.
pub(super) fn offered<'a>(visit: &'a Visit, name: &str) -> Option<&'a Provider> {
    visit.runtime.providers.offered_at(&visit.portal().name).find(|provider| provider.settings().name == name)
}

/// Takes the wish to sign in with a provider.
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let (return_to, typed) = (ReturnTo::read(form.text("return_to")), form.text("username"));
    if !browser.admits(form) {
        return Ok(login::page(visit, browser, &return_to, typed, Some(LoginError::FormExpired)));
    }
    let Some(provider) = offered(visit, form.text("provider")) else {
        return Ok(problem(visit, browser, ProblemKind::NotFound));
    };
    depart(visit, browser, provider, return_to, Purpose::SignIn, typed).await
}

/// Sends the visitor to a provider. `hint` is what was typed as the name.
pub(super) async fn depart(
    visit: &Visit,
    browser: &Browser,
    provider: &Provider,
    return_to: ReturnTo,
    purpose: Purpose,
    hint: &str,
) -> Result<Answer, Fault> {
    let services = &visit.services;
    let buckets = provider_buckets(visit.facts.client);
    if let TryVerdict::Wait { until } = services.store.attempts().reserve_try(&buckets, visit.now).await? {
        return Ok(match purpose {
            Purpose::SignIn => {
                login::page(visit, browser, &return_to, hint, Some(LoginError::TooManyTries(Some(until))))
            }
            Purpose::Link { .. } => problem(visit, browser, ProblemKind::TooManyRequests(Some(until))),
        });
    }
    let (own, cookie) = match &browser.login {
        Some(own) => (own.clone(), None),
        None => {
            let own = services.draw_token();
            let cookie = cookie::set_login(&own);
            (own, Some(cookie))
        }
    };
    let state = services.draw_token();
    let hint = if hint.len() <= LONGEST_HINT { hint.trim() } else { "" };
    let going = provider.depart(&tether(visit, &own, &state), hint, services.clock.wall()).await;
    let url = match going {
        Ok(url) => url,
        Err(fault) => {
            told(provider, &fault);
            return Ok(trouble(visit, browser, Some(provider), trouble_of(&fault), &return_to, &purpose));
        }
    };
    let departure = Departure {
        hash: state.hash(),
        browser: own.hash(),
        provider: provider.settings().name.clone(),
        portal: visit.portal().name.clone(),
        return_to: return_to.clone(),
        ends_at: visit.now.after(minutes(DEPARTURE_MINUTES)),
        purpose,
    };
    services.store.identities().begin_departure(&departure).await?;
    let model = view::ProviderGoing {
        frame: frame(visit, browser, visit.link("login", &return_to), String::new()),
        provider: provider.settings().title.clone(),
        url: url.clone(),
    };
    Ok(Answer::page(StatusCode::OK, model.render()).onward_to(&url).with_cookie(cookie))
}

/// What ties the answer to this browser. Nonce and verifier hang on its cookie: whoever sees the state pass by knows neither.
fn tether(visit: &Visit, own: &Token, state: &Token) -> Tether {
    Tether {
        state: state.reveal(),
        nonce: own.bind("provider nonce", state),
        verifier: own.bind("provider verifier", state),
        back_to: format!("https://{}{}", visit.facts.authority, visit.own("provider/callback")),
    }
}

/// Takes what the provider sent the visitor back with.
pub(super) async fn arrive(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let lost = |return_to: &ReturnTo| {
        Ok(trouble(visit, browser, None, ProviderTrouble::Lost, return_to, &Purpose::SignIn))
    };
    // Looking ahead (HEAD) uses nothing up.
    if visit.facts.method != Method::GET {
        return Ok(Answer::go_to(visit.own("login")));
    }
    let query = |name| place::query(visit, name).unwrap_or_default();
    let Some(state) = Token::parse(&query("state")) else { return lost(&ReturnTo::default()) };
    // Taken out before anything is judged: an answer that was shown to us once, by whomever, is used up.
    let departure = visit.services.store.identities().take_departure(&state.hash()).await?;
    let (Some(departure), Some(own)) = (departure, &browser.login) else { return lost(&ReturnTo::default()) };
    // Somebody else's answer, slipped into this browser, would sign its owner's account in.
    if !departure.awaits(&own.hash(), &visit.portal().name, visit.now) {
        return lost(&ReturnTo::default());
    }
    let Some(provider) = offered(visit, &departure.provider) else { return lost(&departure.return_to) };
    let journey = Journey { visit, browser, provider, departure };

    let (wall, iss) = (visit.services.clock.wall(), place::query(visit, "iss"));
    let error = query("error");
    if !error.is_empty() {
        // Another provider's "no" is not this one's.
        let kind = if provider.is_from(iss.as_deref(), wall).await {
            trouble_in(&error)
        } else {
            ProviderTrouble::Refused
        };
        let error: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
        tracing::info!(provider = %provider.settings().name, %error, "the provider did not sign the visitor in");
        return Ok(journey.trouble(kind));
    }
    match provider.arrive(tether(visit, own, &state), query("code"), iss.as_deref(), wall).await {
        Ok(account) => journey.end(account).await,
        Err(fault) => {
            told(provider, &fault);
            journey.record(AuditOutcome::Failure, fault.to_string()).await;
            Ok(journey.trouble(trouble_of(&fault)))
        }
    }
}

/// An answer that was waited for.
struct Journey<'a> {
    visit: &'a Visit,
    browser: &'a Browser,
    provider: &'a Provider,
    departure: Departure,
}

impl Journey<'_> {
    /// Somebody at the provider is proven: who is that here?
    async fn end(self, account: Account) -> Result<Answer, Fault> {
        let (store, visit) = (&self.visit.services.store, self.visit);
        match &self.departure.purpose {
            Purpose::Link { person, session } => {
                let is_here = |live: &&Arc<crate::store::hot::LiveSession>| live.session().id == *session;
                let owner = visit.person().filter(|known| known.id == *person);
                let (Some(owner), Some(_)) = (owner, visit.live.as_ref().filter(is_here)) else {
                    return Ok(self.trouble(ProviderTrouble::Lost));
                };
                match self.link(owner, &account, "").await? {
                    Linked::Now | Linked::Already => {
                        store.attempts().release_try(&provider_buckets(visit.facts.client)).await?;
                        Ok(Answer::go_to(format!("{}?done=identity-linked", visit.own("account"))))
                    }
                    Linked::OfAnother => {
                        self.record(AuditOutcome::Failure, "the account is somebody else's").await;
                        Ok(self.trouble(ProviderTrouble::Taken))
                    }
                }
            }
            Purpose::SignIn => {
                let Some(person) = self.owner(&account).await? else {
                    self.record(AuditOutcome::Failure, "the account is not linked").await;
                    return Ok(self.trouble(ProviderTrouble::Unknown));
                };
                store.attempts().release_try(&provider_buckets(visit.facts.client)).await?;
                let success =
                    event(visit, self.browser, AuditKind::Provider, AuditOutcome::Success, &person.id);
                visit.services.record(success.with_detail(self.name())).await;
                let begun = Begun { second: account.second_factor, ..Begun::with(First::Provider) };
                login::go_on(visit, self.browser, &person, self.departure.return_to.clone(), begun).await
            }
        }
    }

    /// The person an account belongs to, if they may sign in. Nobody is told who is disabled.
    async fn owner(&self, account: &Account) -> Stored<Option<Arc<Person>>> {
        let store = self.visit.services.store.identities();
        let people = self.visit.directory();
        let found = match store.find_identity(&account.issuer, &account.subject).await? {
            Some(identity) => {
                store.note_identity_used(&identity.id, self.visit.now).await?;
                people.get(&identity.person)
            }
            None => self.owner_by_address(account).await?,
        };
        Ok(found.filter(|person| !person.is_barred()))
    }

    /// The one person with the verified address, where the file lets this provider vouch for its domain. Linked from here on;
    /// a second account at the same provider is linked by its owner or not at all: addresses are handed on, subjects are not.
    async fn owner_by_address(&self, account: &Account) -> Stored<Option<Arc<Person>>> {
        let domains = &self.provider.settings().email_domains;
        let vouched = account.verified_email.as_deref().filter(|email| {
            let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
            email.is_ascii() && domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain))
        });
        let Some(email) = vouched else { return Ok(None) };
        // One person at most has an address; whose name looks like it is somebody else.
        let has_it =
            |person: &Arc<Person>| person.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
        let Some(person) = self.visit.directory().find(email).filter(has_it) else { return Ok(None) };
        let linked = self.visit.services.store.identities().identities(&person.id).await?;
        if person.is_barred() || linked.iter().any(|identity| identity.issuer == account.issuer) {
            return Ok(None);
        }
        let linked = self.link(&person, account, ", by its verified address").await?;
        Ok((linked != Linked::OfAnother).then_some(person))
    }

    async fn link(&self, person: &Person, account: &Account, how: &str) -> Stored<Linked> {
        let services = &self.visit.services;
        let identity = Identity {
            id: services.draw_id(self.visit.now),
            person: person.id.clone(),
            issuer: account.issuer.clone(),
            subject: account.subject.clone(),
            label: account.label.clone(),
            linked_at: self.visit.now,
            last_used: None,
        };
        let linked = services.store.identities().link_identity(&identity).await?;
        if linked == Linked::Now {
            let (kind, outcome) = (AuditKind::IdentityLinked, AuditOutcome::Success);
            let told = event(self.visit, self.browser, kind, outcome, &person.id);
            services.record(told.with_detail(format!("{} {}{how}", self.name(), identity.id))).await;
        }
        Ok(linked)
    }

    fn name(&self) -> &str {
        &self.provider.settings().name
    }

    /// Records what came of an answer that says of nobody here who it is.
    async fn record(&self, outcome: AuditOutcome, why: impl std::fmt::Display) {
        let mut event = AuditEvent::new(self.visit.now, AuditKind::Provider, outcome)
            .during(&self.visit.facts.id, self.visit.facts.client)
            .at_portal(&self.visit.portal().name)
            .with_detail(format!("{}: {why}", self.name()));
        event.agent = Some(self.browser.agent.clone());
        self.visit.services.record(event).await;
    }

    fn trouble(&self, kind: ProviderTrouble) -> Answer {
        let Departure { return_to, purpose, .. } = &self.departure;
        trouble(self.visit, self.browser, Some(self.provider), kind, return_to, purpose)
    }
}

fn told(provider: &Provider, fault: &ProviderFault) {
    tracing::warn!(provider = %provider.settings().name, %fault, "nobody was signed in");
}

fn trouble_of(fault: &ProviderFault) -> ProviderTrouble {
    match fault {
        ProviderFault::Unreachable(_) => ProviderTrouble::Unreachable,
        ProviderFault::Refused(_) => ProviderTrouble::Refused,
    }
}

/// What an error of the provider means (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
fn trouble_in(error: &str) -> ProviderTrouble {
    match error {
        "access_denied"
        | "login_required"
        | "interaction_required"
        | "account_selection_required"
        | "consent_required" => ProviderTrouble::Cancelled,
        "server_error" | "temporarily_unavailable" => ProviderTrouble::Unreachable,
        _ => ProviderTrouble::Refused,
    }
}

/// Why a provider did not get the visitor in, and what else to do.
fn trouble(
    visit: &Visit,
    browser: &Browser,
    provider: Option<&Provider>,
    kind: ProviderTrouble,
    return_to: &ReturnTo,
    purpose: &Purpose,
) -> Answer {
    let onward = match purpose {
        Purpose::SignIn => visit.link("login", return_to),
        Purpose::Link { .. } => visit.own("account"),
    };
    let status = match kind {
        ProviderTrouble::Cancelled => StatusCode::OK,
        ProviderTrouble::Lost => StatusCode::UNPROCESSABLE_ENTITY,
        ProviderTrouble::Refused | ProviderTrouble::Unknown => StatusCode::FORBIDDEN,
        ProviderTrouble::Taken => StatusCode::CONFLICT,
        ProviderTrouble::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let model = view::ProviderProblem {
        frame: frame(visit, browser, onward.clone(), String::new()),
        kind,
        provider: provider.map(|provider| provider.settings().title.clone()).unwrap_or_default(),
        is_linking: matches!(purpose, Purpose::Link { .. }),
        onward,
    };
    let retry = (kind == ProviderTrouble::Unreachable).then_some(SOON);
    Answer::page(status, model.render()).retry_in(retry)
}
