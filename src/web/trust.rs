//! Trust in our pages: using it at sign-in, offering it beside a code, granting what was ticked.
//!
//! A browser or an address is trusted only on a sign-in in which password and code were really given; one that leaned on
//! trust itself offers none, so that thirty days stay thirty days.

use std::{net::IpAddr, time::Duration};

use http::HeaderValue;
use ipnet::IpNet;

use super::{browser::Browser, cookie, events::event, form::Form, visit::Visit};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        identity::{CredentialMark, Person, UserId},
        login::{Grant, Login, Proof, Stage, Waiver},
        standing::{Second, Standing},
        time::days,
        token::{RecordId, Token},
        trust::{AddressScope, AddressTrust, DeviceTerms, DeviceTrust, Spared, shared_network},
    },
    page::view::{AddressOffer, Lasting, Reach, TrustOffer},
    store::{Stored, hot::DeviceUse},
};

/// What the visitor ticked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Ticked {
    pub(super) device: bool,
    pub(super) address: bool,
}

impl Ticked {
    pub(super) fn read(form: &Form) -> Self {
        Self { device: form.is_ticked("trust_device"), address: form.is_ticked("trust_address") }
    }
}

/// What waives the code at this sign-in, and what becomes of the device cookie.
pub(super) struct Waived {
    pub(super) waiver: Waiver,
    pub(super) cookie: Option<HeaderValue>,
}

/// Looks for a trust of `person`, whose password was right, and uses it. A device is used even where no code is asked: the
/// session stays tied to it, for when one is. An address needs no tie: it is judged again at every request.
pub(super) async fn use_trust(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
    asks_second_factor: bool,
) -> Stored<Waived> {
    let (store, trust) = (&visit.services.store, &visit.runtime.settings.trust);
    let mut tokens = browser.devices.clone();
    let mut cookie = None;
    if let Some(terms) = trust.device {
        for at in 0..tokens.len() {
            let presented = std::slice::from_ref(&tokens[at]);
            let fresh = visit.services.draw_token();
            match store.use_device(&person.id, &person.credential, presented, fresh, terms, visit.now).await?
            {
                DeviceUse::Unknown => {}
                DeviceUse::Waives { id, rotated } => {
                    if let Some(rotated) = rotated {
                        tokens[at] = rotated;
                        cookie = Some(cookie::set_devices(&tokens, cookie_span(terms)));
                    }
                    let used = event(visit, browser, AuditKind::TrustUsed, AuditOutcome::Success, &person.id);
                    visit.services.record(used.about_trust("device", &id)).await;
                    return Ok(Waived { waiver: Waiver::Device(id), cookie });
                }
                DeviceUse::Stolen { id } => {
                    let stolen =
                        event(visit, browser, AuditKind::TrustStolen, AuditOutcome::Failure, &person.id);
                    visit.services.record(stolen.about_trust("device", &id)).await;
                    tokens.remove(at);
                    cookie = Some(cookie::set_devices(&tokens, cookie_span(terms)));
                    break;
                }
            }
        }
    }
    let waiver = match covering_address(visit, &person.id, &person.credential) {
        None => Waiver::Nothing,
        Some(_) if !asks_second_factor => Waiver::Nothing,
        Some(id) => {
            store.note_address_used(&id, visit.now).await?;
            let used = event(visit, browser, AuditKind::TrustUsed, AuditOutcome::Success, &person.id);
            visit.services.record(used.about_trust("address", &id)).await;
            Waiver::Address(id)
        }
    };
    Ok(Waived { waiver, cookie })
}

/// The address trust that covers this visit, as far as the file allows any here.
pub(super) fn covering_address(visit: &Visit, person: &UserId, mark: &CredentialMark) -> Option<RecordId> {
    let client = visit.facts.client;
    let terms = visit.runtime.settings.address_terms(client)?;
    let portal = &visit.portal().name;
    let asked = Spared { person, credential: mark, portal, client, now: visit.now };
    visit.services.store.covering_address(&asked, &terms)
}

/// The choices to show beside a code for this sign-in.
pub(super) fn offer(visit: &Visit, login: &Login, ticked: Ticked) -> TrustOffer {
    if !may_earn(visit, login) {
        return TrustOffer::default();
    }
    TrustOffer {
        device: device_terms(visit, &login.person).map(lasting),
        address: address_span(visit).map(|span| AddressOffer {
            address: network_text(shared_network(visit.facts.client)),
            span,
            reach: match visit.runtime.settings.trust.address_scope {
                AddressScope::User => Reach::User,
                AddressScope::Portal => Reach::Portal,
                AddressScope::Everyone => Reach::Everyone,
            },
        }),
        device_ticked: ticked.device,
        address_ticked: ticked.address,
    }
}

/// What counts of what was ticked: nothing where nothing was offered, whatever a forged form says.
pub(super) fn counting(visit: &Visit, login: &Login, ticked: Ticked) -> Ticked {
    if may_earn(visit, login) { ticked } else { Ticked::default() }
}

/// Whether passing the code in this sign-in may earn trust: not where trust stood in for a code before, or a break-glass code.
fn may_earn(visit: &Visit, login: &Login) -> bool {
    // What was shown came from the operator's hand: trust waits for the next sign-in.
    if matches!(login.stage, Stage::Enrol { proof: Proof::AppAfterGlass, .. }) {
        return false;
    }
    if login.replaces.is_none() {
        return true;
    }
    let leans_on_device = visit.live.as_ref().is_none_or(|live| live.session().device.is_some());
    match &visit.standing {
        Standing::Stranger => false,
        Standing::Known(known) => match known.second {
            Second::Missing | Second::Passed { .. } => !leans_on_device,
            Second::TrustedDevice(_) | Second::TrustedAddress(_) => false,
        },
    }
}

/// Grants what was ticked, as far as the file allows it. Tells the new value of the device cookie, if it changes.
pub(super) async fn grant_trust(
    visit: &Visit,
    browser: &Browser,
    grant: &mut Grant,
    ticked: Ticked,
) -> Stored<Option<HeaderValue>> {
    if !grant.earns_trust() {
        return Ok(None);
    }
    if ticked.address
        && let Some(span) = address_span(visit)
    {
        trust_address(visit, browser, grant, span).await?;
    }
    match device_terms(visit, grant.person()) {
        Some(terms) if ticked.device => trust_device(visit, browser, grant, terms).await.map(Some),
        _ => Ok(None),
    }
}

async fn trust_device(
    visit: &Visit,
    browser: &Browser,
    grant: &mut Grant,
    terms: DeviceTerms,
) -> Stored<HeaderValue> {
    let (services, person, credential) = (&visit.services, grant.person().clone(), *grant.credential());
    // One trust per person and browser: an earlier one is replaced.
    let mut tokens = Vec::new();
    for token in &browser.devices {
        let own = std::slice::from_ref(token);
        match services.store.recognise_device(&person, &credential, own, ANY, visit.now).await? {
            Some(earlier) => {
                services.store.revoke_trust(Some(&person), &earlier).await?;
            }
            None => tokens.push(token.clone()),
        }
    }
    let token = services.draw_token();
    let id = services.draw_id(visit.now);
    let trust = DeviceTrust {
        id: id.clone(),
        person: person.clone(),
        hash: token.hash(),
        previous: None,
        label: browser.agent.clone(),
        granted_at: visit.now,
        expires_at: terms.end(visit.now),
        last_used: visit.now,
        credential,
    };
    services.store.trust_device(trust).await?;
    grant.remember_device(id.clone());
    let granted = event(visit, browser, AuditKind::TrustGranted, AuditOutcome::Success, &person);
    services.record(granted.about_trust("device", &id)).await;
    tokens.push(token);
    Ok(cookie::set_devices(&tokens, cookie_span(terms)))
}

async fn trust_address(visit: &Visit, browser: &Browser, grant: &Grant, span: Duration) -> Stored<()> {
    let network = shared_network(visit.facts.client);
    let id = visit.services.draw_id(visit.now);
    let trust = AddressTrust {
        id: id.clone(),
        person: grant.person().clone(),
        portal: grant.portal().to_owned(),
        scope: visit.runtime.settings.trust.address_scope,
        network,
        granted_at: visit.now,
        expires_at: visit.now.after(span),
        last_used: visit.now,
        credential: *grant.credential(),
    };
    visit.services.store.trust_address(trust).await?;
    let granted = event(visit, browser, AuditKind::TrustGranted, AuditOutcome::Success, grant.person());
    visit.services.record(granted.about_trust("address", &id).with_detail(network_text(network))).await;
    Ok(())
}

/// How long this very address may be trusted, if at all.
fn address_span(visit: &Visit) -> Option<Duration> {
    visit.runtime.settings.address_terms(visit.facts.client).map(|terms| terms.span)
}

/// How long the device cookie is kept. Where the file offers no device trust any more it is only cleared of values.
pub(super) fn device_span(visit: &Visit) -> Duration {
    visit.runtime.settings.trust.device.map_or(days(30), cookie_span)
}

/// How long a browser keeps the cookie: as long as the trust, or as long as browsers keep any; each use begins that anew.
fn cookie_span(terms: DeviceTerms) -> Duration {
    match terms {
        DeviceTerms::For(span) => span,
        DeviceTerms::UntilPasswordChange => days(400),
    }
}

/// What the file allows a device of `person`.
fn device_terms(visit: &Visit, person: &UserId) -> Option<DeviceTerms> {
    let terms = visit.runtime.settings.trust.device?;
    visit.directory().get(person).map(|person| terms.for_person(&person))
}

fn lasting(terms: DeviceTerms) -> Lasting {
    match terms {
        DeviceTerms::For(span) => Lasting::For(span),
        DeviceTerms::UntilPasswordChange => Lasting::UntilPasswordChange,
    }
}

/// Whatever the file allows now: for finding what a browser has, to remove it.
const ANY: DeviceTerms = DeviceTerms::UntilPasswordChange;

/// The device values of other people in this browser, and this person's own trust, if it is live.
pub(super) async fn without_devices_of(
    visit: &Visit,
    browser: &Browser,
    person: &Person,
) -> Stored<(Vec<Token>, Option<RecordId>)> {
    let (mut others, mut own) = (Vec::new(), None);
    for token in &browser.devices {
        let presented = std::slice::from_ref(token);
        let (store, credential) = (&visit.services.store, &person.credential);
        match store.recognise_device(&person.id, credential, presented, ANY, visit.now).await? {
            Some(id) => own = Some(id),
            None => others.push(token.clone()),
        }
    }
    Ok((others, own))
}

/// `198.51.100.7`, or `2001:db8:1:2::/64` where a network is shared.
pub(super) fn network_text(network: IpNet) -> String {
    match network {
        IpNet::V4(v4) if v4.prefix_len() == 32 => IpAddr::V4(v4.addr()).to_string(),
        IpNet::V6(v6) if v6.prefix_len() == 128 => IpAddr::V6(v6.addr()).to_string(),
        IpNet::V4(_) | IpNet::V6(_) => network.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_shown_bare_and_a_network_with_its_size() {
        let shown = |text: &str| network_text(shared_network(text.parse().unwrap()));
        assert_eq!(shown("198.51.100.7"), "198.51.100.7");
        assert_eq!(shown("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(shown("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
