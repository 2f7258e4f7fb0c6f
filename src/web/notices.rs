//! What happened to an account during a visit is mailed to its owner: one letter for all of it.
//!
//! The one place that decides what is told. It reads what the visit recorded for the audit log, so that no page can forget
//! to tell. It works after the answer, in a task of its own: neither a slow mail server nor a store that does not answer
//! holds a visitor up. What cannot be told is logged.

use std::{net::IpAddr, sync::Arc};

use http::HeaderValue;

use super::{
    browser::Browser, cookie, endpoint::Endpoint, frame::blank, unlock::TOO_MANY_PINS, visit::Visit,
};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::{Account, Method},
        identity::{Person, UserId},
        notice::{NotMe, Novelty, SEEN_DAYS, Sighting},
        policy::PortalIndex,
        throttle::{Told, TryVerdict, notice_buckets},
        time::{Timestamp, days},
        token::Token,
    },
    notify::Mail,
    page::{
        i18n::{self, Language},
        letter::{Factor, Letter, Letterhead, NoticeLetter, Occasion},
    },
    runtime::{Runtime, Services},
    store::Stored,
};

/// What is known of an owner before a form of theirs is obeyed: removing an address must not silence the letter about it, and
/// what is removed is still called by its name.
pub(super) async fn look_before(endpoint: &Endpoint, visit: &Visit) -> Option<Account> {
    let owner = visit.person().filter(|_| *endpoint == Endpoint::Account && mails(visit))?;
    // A store that does not answer is told of by the page itself.
    visit.services.store.account(&owner.id).await.ok()
}

/// Whether the file wants people to be told.
fn mails(visit: &Visit) -> bool {
    visit.runtime.settings.mail.as_ref().is_some_and(|mail| mail.notices)
}

/// Has the owner told of what this visit recorded. Tells the cookie by which this browser is known next time.
pub(super) fn follow(visit: &Visit, browser: &Browser, before: Option<Account>) -> Option<HeaderValue> {
    let mut events = visit.services.witness.take();
    if !mails(visit) {
        return None;
    }
    events.retain(is_told);
    let id = UserId::new(events.first()?.person.as_deref()?);
    let person = visit.directory().get(&id)?;
    // A sign-in that was handed over is one here.
    let signs_in = events.iter().any(|event| matches!(event.kind, AuditKind::SignIn | AuditKind::HandOver));
    let mark = signs_in.then(|| browser.mark.clone().unwrap_or_else(|| visit.services.draw_token()));
    let cookie = mark.as_ref().map(cookie::set_browser);
    let telling = Telling {
        runtime: Arc::clone(&visit.runtime),
        services: visit.services.clone(),
        portal: visit.portal,
        authority: visit.facts.authority.clone(),
        client: visit.facts.client,
        agent: browser.agent.clone(),
        language: language_of(visit, browser, &id),
        now: visit.now,
        person,
        before: before.unwrap_or_default(),
        mark,
        events,
    };
    let request = visit.facts.id.clone();
    tokio::spawn(async move {
        if let Err(fault) = telling.tell().await {
            tracing::warn!(request_id = %request, %fault, "a notice was not sent");
        }
    });
    cookie
}

/// Whether owners are told of such a thing. What they did with the password or a code is part of the sign-in it led to.
fn is_told(event: &AuditEvent) -> bool {
    let succeeded = event.outcome == AuditOutcome::Success;
    match event.kind {
        AuditKind::SignIn
        | AuditKind::HandOver
        | AuditKind::FactorAdded
        | AuditKind::FactorRemoved
        | AuditKind::IdentityLinked
        | AuditKind::IdentityUnlinked
        | AuditKind::RecoveryCodesMade
        | AuditKind::SecondFactorSwitched
        | AuditKind::PinSet
        | AuditKind::PasswordChanged
        | AuditKind::PasswordSet
        | AuditKind::TrustGranted => succeeded,
        AuditKind::SecondFactor => succeeded && event.factor.as_deref() == Some(Method::Recovery.name()),
        AuditKind::TrustStolen => true,
        // What its owner removes is no news to them.
        AuditKind::TrustRevoked => event.detail.as_deref() == Some(TOO_MANY_PINS),
        AuditKind::Password
        | AuditKind::Pin
        | AuditKind::PinRemoved
        | AuditKind::AccountSwitched
        | AuditKind::HelpAsked
        | AuditKind::ApprovalAsked
        | AuditKind::CodeSent
        | AuditKind::InvitationSent
        | AuditKind::LinkSent
        | AuditKind::LinkUsed
        | AuditKind::SignOut
        | AuditKind::SessionRevoked
        | AuditKind::Provider
        | AuditKind::TrustUsed
        | AuditKind::NotMe
        | AuditKind::AccessDenied
        | AuditKind::Reload
        | AuditKind::PersonAdded
        | AuditKind::PersonChanged
        | AuditKind::PersonRenamed
        | AuditKind::PersonRemoved
        | AuditKind::GroupSwitched
        | AuditKind::PortalSwitched
        | AuditKind::HelpAnswered
        | AuditKind::BreakGlassMade
        | AuditKind::BreakGlassUsed
        | AuditKind::Administration => false,
    }
}

/// The owner's own language: the browser may be a stranger's.
fn language_of(visit: &Visit, browser: &Browser, owner: &UserId) -> Language {
    let own = visit.services.store.outline(owner).language().and_then(|code| Language::parse(&code));
    i18n::negotiate(own.or(browser.language), browser.accept_language.as_deref(), visit.runtime.language)
}

/// One visit, and whom to tell of it.
struct Telling {
    runtime: Arc<Runtime>,
    services: Services,
    portal: PortalIndex,
    authority: String,
    client: IpAddr,
    agent: String,
    language: Language,
    now: Timestamp,
    person: Arc<Person>,
    /// Their account as it was, where it may have lost something.
    before: Account,
    /// What the browser is known by, at a sign-in.
    mark: Option<Token>,
    events: Vec<AuditEvent>,
}

impl Telling {
    async fn tell(self) -> Stored<()> {
        let (store, id) = (&self.services.store, &self.person.id);
        let account = store.account(id).await?;
        let reach = |account: &Account| account.reach(&self.person, Method::Email).map(str::to_owned);
        let mut readers: Vec<_> = [reach(&self.before), reach(&account)].into_iter().flatten().collect();
        readers.dedup();
        if readers.is_empty() {
            return Ok(());
        }
        let mut occasions = self.occasions(&account).await?;
        occasions.sort_by_key(rank);
        let mut occasions = occasions.into_iter();
        let Some(occasion) = occasions.next() else { return Ok(()) };
        let buckets = notice_buckets(id, told(&occasion));
        if let TryVerdict::Wait { until } = store.attempts().reserve_try(&buckets, self.now).await? {
            if self.services.refusals.is_first(&format!("notice/{id}"), until, self.now) {
                tracing::warn!(user.id = %id, "many notices in a short time: no more are mailed for now");
            }
            return Ok(());
        }
        let not_me = self.not_me().await;
        let portal = Some(self.portal);
        let frame = blank(&self.runtime, portal, &self.authority, self.language, self.now);
        let head = Letterhead::of(&frame, self.client.to_string(), self.agent.clone());
        let letter = NoticeLetter { head, occasion, also: occasions.collect(), not_me };
        let Letter { subject, text, html } = letter.mail();
        for to in readers {
            let (subject, text, html) = (subject.clone(), text.clone(), html.clone());
            if let Err(fault) = self.runtime.post.mail(Mail { to, subject, text, html }).await {
                tracing::warn!(user.id = %id, %fault, "a notice was not sent");
            }
        }
        Ok(())
    }

    async fn occasions(&self, account: &Account) -> Stored<Vec<Occasion>> {
        let mut occasions = Vec::new();
        for event in &self.events {
            occasions.extend(match event.kind {
                AuditKind::FactorAdded => factor_of(event, account).map(Occasion::FactorAdded),
                AuditKind::FactorRemoved => factor_of(event, &self.before).map(Occasion::FactorRemoved),
                AuditKind::IdentityLinked => {
                    Some(Occasion::FactorAdded(Factor::Provider(self.linked_provider().await?)))
                }
                AuditKind::IdentityUnlinked => Some(Occasion::FactorRemoved(Factor::Provider(None))),
                AuditKind::RecoveryCodesMade => Some(Occasion::RecoveryCodesMade),
                AuditKind::SecondFactorSwitched => Some(match account.wants_second_factor {
                    true => Occasion::SecondFactorOn,
                    false => Occasion::SecondFactorOff,
                }),
                AuditKind::TrustGranted if event.factor.as_deref() == Some("address") => {
                    Some(Occasion::AddressTrusted { network: event.detail.clone().unwrap_or_default() })
                }
                AuditKind::TrustGranted => Some(Occasion::DeviceTrusted),
                AuditKind::TrustStolen => Some(Occasion::DeviceCopied),
                AuditKind::TrustRevoked => Some(Occasion::PinsWrong),
                AuditKind::PinSet => Some(Occasion::PinSet),
                AuditKind::PasswordChanged => Some(Occasion::PasswordChanged),
                AuditKind::PasswordSet => Some(Occasion::PasswordSet),
                AuditKind::SecondFactor => Some(Occasion::RecoveryCodeUsed { left: account.recovery_left }),
                _ => None,
            });
        }
        let novelty = self.look_around().await?;
        let adds_factor = occasions.iter().any(|occasion| matches!(occasion, Occasion::FactorAdded(_)));
        occasions.extend(match novelty {
            Novelty::Device => Some(Occasion::NewDevice),
            Novelty::Address => Some(Occasion::NewAddress),
            // A first sign-in that links an app is told by the app.
            Novelty::Person if !adds_factor => Some(Occasion::NewDevice),
            Novelty::Person | Novelty::Nothing => None,
        });
        Ok(occasions)
    }

    /// What is new about a sign-in, and what it is known by from here on.
    async fn look_around(&self) -> Stored<Novelty> {
        let Some(mark) = &self.mark else { return Ok(Novelty::Nothing) };
        let portal = &self.runtime.portal(self.portal).name;
        let sighting = Sighting::of(&self.person.id, mark, self.client, &self.agent, portal);
        let ends_at = self.now.after(days(SEEN_DAYS));
        let notices = self.services.store.notices();
        let known = notices.note_seen_by(&self.person.id, &sighting.marks(), ends_at, self.now).await?;
        Ok(sighting.judge(&known))
    }

    /// The title of the provider whose account was linked last.
    async fn linked_provider(&self) -> Stored<Option<String>> {
        let linked = self.services.store.identities().identities(&self.person.id).await?;
        let Some(identity) = linked.last() else { return Ok(None) };
        let mut providers = self.runtime.settings.providers.iter();
        Ok(providers.find(|provider| provider.issuer == identity.issuer).map(|found| found.title.clone()))
    }

    /// A fresh "not me" link. Without one the letter says what else to do.
    async fn not_me(&self) -> Option<String> {
        let link = self.services.draw_token();
        let not_me = NotMe::new(&self.person.id, &self.runtime.portal(self.portal).name, &link, self.now);
        if let Err(fault) = self.services.store.notices().offer_not_me(&not_me).await {
            tracing::warn!(user.id = %self.person.id, %fault, "a notice goes without its link");
            return None;
        }
        // The host is one of this portal's, as the file names them: nothing else got this far.
        let prefix = &self.runtime.settings.server.prefix;
        Some(format!("https://{}{prefix}not-me?token={}", self.authority, link.reveal()))
    }
}

/// The way to sign in that an event is about, by the name it has in `account`.
fn factor_of(event: &AuditEvent, account: &Account) -> Option<Factor> {
    let id = event.detail.as_deref().unwrap_or_default();
    let mut apps = account.totp.iter().filter(|app| app.id.as_str() == id);
    let mut passkeys = account.passkeys.iter().filter(|passkey| passkey.id.as_str() == id);
    Some(match Method::from_name(event.factor.as_deref()?)? {
        Method::Totp | Method::Approval => Factor::App(apps.next().map(|app| app.label.clone())),
        Method::Passkey => Factor::Passkey(passkeys.next().map(|passkey| passkey.label.clone())),
        Method::Email => Factor::Email,
        Method::Sms => Factor::Sms,
        Method::Recovery => Factor::Recovery,
        Method::Provider => Factor::Provider(None),
    })
}

/// The most telling first: it is the letter's subject.
const fn rank(occasion: &Occasion) -> u8 {
    match occasion {
        Occasion::DeviceCopied
        | Occasion::GlassMade { .. }
        | Occasion::GlassUsed { .. }
        | Occasion::PinsWrong
        | Occasion::PasswordChanged
        | Occasion::PasswordSet => 0,
        Occasion::RecoveryCodeUsed { .. } => 1,
        Occasion::FactorRemoved(_) => 2,
        Occasion::FactorAdded(_) => 3,
        Occasion::SecondFactorOff
        | Occasion::SecondFactorReset
        | Occasion::Renamed { .. }
        | Occasion::AddressChanged => 4,
        Occasion::SecondFactorOn => 5,
        Occasion::RecoveryCodesMade => 6,
        Occasion::NewDevice => 7,
        Occasion::NewAddress | Occasion::OtherNetwork => 8,
        Occasion::PinSet | Occasion::DeviceTrusted => 9,
        Occasion::AddressTrusted { .. } => 10,
    }
}

/// What its notice counts as.
const fn told(occasion: &Occasion) -> Told {
    match occasion {
        Occasion::NewDevice
        | Occasion::NewAddress
        | Occasion::OtherNetwork
        | Occasion::DeviceTrusted
        | Occasion::AddressTrusted { .. } => Told::SignIn,
        Occasion::DeviceCopied
        | Occasion::GlassMade { .. }
        | Occasion::GlassUsed { .. }
        | Occasion::PasswordChanged
        | Occasion::PasswordSet
        | Occasion::PinSet
        | Occasion::PinsWrong
        | Occasion::RecoveryCodeUsed { .. }
        | Occasion::FactorRemoved(_)
        | Occasion::FactorAdded(_)
        | Occasion::SecondFactorOff
        | Occasion::SecondFactorOn
        | Occasion::SecondFactorReset
        | Occasion::Renamed { .. }
        | Occasion::AddressChanged
        | Occasion::RecoveryCodesMade => Told::Change,
    }
}
