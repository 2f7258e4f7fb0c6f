//! What visitors manage themselves: second factor, trust, sessions, language; and what happened lately.

mod actions;
mod history;

use http::StatusCode;

use self::history::Lately;
use super::{
    browser::Browser,
    enrol,
    fault::Fault,
    frame::frame,
    passkey, password, pin, place, provider,
    respond::Answer,
    trust::{self, network_text},
    visit::Visit,
};
use crate::{
    domain::{
        factor::{Account as Factors, Contact, Method},
        facts::ReturnTo,
        identity::{Person, Requirement},
        provider::Identity,
        sent_code::masked,
        standing::{Known, Second, Standing},
        time::Timestamp,
        token::TokenHash,
    },
    page::view::{
        Account, AccountError, AddressRow, ContactRow, DeviceRow, IdentityRow, MethodRow, Notice,
        PasswordKeeper, PasswordRow, SessionRow, Switch,
    },
    store::{Stored, hot::LiveSession},
};

pub(super) use actions::{code_first, submit};

/// Somebody who may see their account.
pub(super) struct Owner<'a> {
    pub(super) known: &'a Known,
    live: &'a LiveSession,
}

impl Owner<'_> {
    /// The hash of the session they are here by.
    pub(super) fn session(&self) -> TokenHash {
        self.live.session().hash
    }
}

/// Shows the account, after whatever its owner still owes.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    match owner(visit) {
        Ok(owner) => {
            let notice = place::query(visit, "done").and_then(|done| read_notice(&done));
            page(visit, browser, &owner, notice, None).await
        }
        Err(location) => Ok(Answer::go_to(location)),
    }
}

/// The signed-in visitor, or where they must go first.
pub(super) fn owner(visit: &Visit) -> Result<Owner<'_>, String> {
    owner_bound_for(visit, &here(visit))
}

/// As [`owner`]; whoever must go elsewhere first comes back to `here`.
pub(super) fn owner_bound_for<'v>(visit: &'v Visit, here: &ReturnTo) -> Result<Owner<'v>, String> {
    let (Standing::Known(known), Some(live)) = (&visit.standing, &visit.live) else {
        return Err(visit.link("login", here));
    };
    if known.is_asked_for_second() && known.second == Second::Missing {
        return Err(visit.link("second-factor", here));
    }
    Ok(Owner { known, live })
}

fn here(visit: &Visit) -> ReturnTo {
    visit.return_to_own("account")
}

async fn page(
    visit: &Visit,
    browser: &Browser,
    owner: &Owner<'_>,
    notice: Option<Notice>,
    error: Option<AccountError>,
) -> Result<Answer, Fault> {
    let (store, person, now) = (&visit.services.store, &owner.known.person, visit.now);
    let account = store.account(&person.id).await?;
    let (_, this_device) = trust::without_devices_of(visit, browser, person).await?;
    let devices = store.devices(Some(&person.id), now).await?;
    let addresses = store.addresses(Some(&person.id), now).await?;
    let sessions = store.sessions(Some(&person.id), now).await?;
    let linked = store.identities().identities(&person.id).await?;
    let settings = &visit.runtime.settings;
    let lately = history::lately(visit, &person.id).await?;
    let is_last_needed = account.factors() == 1 && owner.known.is_asked_for_second();
    let (csrf, cookie) = browser.form_token(visit);
    let mut model = Account {
        frame: frame(visit, browser, visit.own("account"), csrf),
        display_name: person.display_name.clone(),
        username: person.name.clone(),
        email: person.email.clone(),
        notice,
        error,
        can_add_method: enrol::can_add(visit, &account),
        passkeys: passkey::offer(visit).is_some(),
        password: password_row(person, lately.password_set),
        contacts: account.contacts.iter().map(|contact| contact_row(contact, &lately)).collect(),
        codes_left: account.is_enrolled().then_some(account.recovery_left),
        codes_used: lately.last_used(Method::Recovery),
        switch: match (person.requirement, owner.known.wants_second_factor) {
            (Requirement::Optional, true) => Some(Switch::On),
            (Requirement::Optional, false) => Some(Switch::Off),
            (Requirement::Required | Requirement::Off, _) => None,
        },
        methods: methods(account, !is_last_needed),
        providers: if linked.len() < MOST_IDENTITIES { provider::buttons(visit) } else { Vec::new() },
        identities: linked.into_iter().map(|identity| row_of(visit, identity)).collect(),
        devices_offered: settings.trust.device.is_some(),
        devices: devices
            .into_iter()
            .map(|trust| DeviceRow {
                this_one: this_device.as_ref() == Some(&trust.id),
                id: trust.id.to_string(),
                label: trust.label,
                granted: trust.granted_at,
                last_used: Some(trust.last_used),
                ends: trust.expires_at,
            })
            .collect(),
        pin: pin::state(visit, browser, person).await?,
        addresses_offered: settings.trust.address.is_some(),
        addresses: addresses
            .into_iter()
            .map(|trust| AddressRow {
                this_one: trust.network.contains(&visit.facts.client),
                id: trust.id.to_string(),
                address: network_text(trust.network),
                granted: trust.granted_at,
                last_used: Some(trust.last_used),
                ends: trust.expires_at,
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                this_one: session.id == owner.live.session().id,
                id: session.id.to_string(),
                agent: session.agent,
                address: session.address.to_string(),
                opened: session.opened_at,
                last_seen: session.last_seen,
                ends: session.ends_at.min(session.last_seen.after(session.idle)),
            })
            .collect(),
        sign_ins: lately.sign_ins,
    };
    // Of long lists only the head is shown: what the visitor sits at must be in it.
    model.devices.sort_by_key(|row| !row.this_one);
    model.addresses.sort_by_key(|row| !row.this_one);
    model.sessions.sort_by_key(|row| !row.this_one);
    let status = match error {
        None => StatusCode::OK,
        Some(AccountError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(AccountError::FormExpired) => StatusCode::FORBIDDEN,
        Some(
            AccountError::LastIdentity
            | AccountError::LastContact
            | AccountError::LastMethod
            | AccountError::Required
            | AccountError::Gone,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(Answer::page(status, model.render()).with_cookie(cookie))
}

/// An account elsewhere, by the name its provider has here, as long as it is in the file.
fn row_of(visit: &Visit, identity: Identity) -> IdentityRow {
    let providers = &visit.runtime.settings.providers;
    let known = providers.iter().find(|provider| provider.issuer == identity.issuer);
    IdentityRow {
        id: identity.id.to_string(),
        label: identity.label,
        provider: known.map_or(identity.issuer, |provider| provider.title.clone()),
        linked: identity.linked_at,
        last_used: identity.last_used,
    }
}

/// The password; nothing for somebody of a file who has none.
fn password_row(person: &Person, changed: Option<Timestamp>) -> Option<PasswordRow> {
    let keeper = password::keeper(person);
    (keeper != PasswordKeeper::Operator || person.password.is_some())
        .then_some(PasswordRow { keeper, changed })
}

/// Where codes go, with when they last let somebody in there.
pub(super) async fn contacts(visit: &Visit, person: &Person, account: &Factors) -> Stored<Vec<ContactRow>> {
    let lately = history::lately(visit, &person.id).await?;
    Ok(account.contacts.iter().map(|contact| contact_row(contact, &lately)).collect())
}

fn contact_row(contact: &Contact, lately: &Lately) -> ContactRow {
    ContactRow {
        id: contact.method.name(),
        to: masked(contact.method, &contact.to),
        added: contact.verified_at,
        last_used: lately.last_used(contact.method),
    }
}

/// Accounts elsewhere that one person may link.
const MOST_IDENTITIES: usize = 5;

/// Apps and passkeys in one list, oldest first.
pub(super) fn methods(account: Factors, removable: bool) -> Vec<MethodRow> {
    let apps = account.totp.into_iter().map(|app| MethodRow {
        id: app.id.to_string(),
        label: app.label,
        host: None,
        added: app.added_at,
        last_used: app.last_used,
        removable,
    });
    let passkeys = account.passkeys.into_iter().map(|passkey| MethodRow {
        id: passkey.id.to_string(),
        label: passkey.label,
        host: Some(passkey.host),
        added: passkey.added_at,
        last_used: passkey.last_used,
        removable,
    });
    let mut rows: Vec<MethodRow> = apps.chain(passkeys).collect();
    rows.sort_by_key(|row| row.added);
    rows
}

/// What was done, as the address after it says.
const NOTICES: [(&str, Notice); 18] = [
    ("password-changed", Notice::PasswordChanged),
    ("method-added", Notice::MethodAdded),
    ("method-removed", Notice::MethodRemoved),
    ("passkey-added", Notice::PasskeyAdded),
    ("passkey-removed", Notice::PasskeyRemoved),
    ("contact-removed", Notice::ContactRemoved),
    ("device-removed", Notice::DeviceRemoved),
    ("devices-removed", Notice::DevicesRemoved),
    ("pin-set", Notice::PinSet),
    ("pin-removed", Notice::PinRemoved),
    ("address-removed", Notice::AddressRemoved),
    ("addresses-removed", Notice::AddressesRemoved),
    ("session-ended", Notice::SessionEnded),
    ("second-factor-on", Notice::SecondFactorOn),
    ("second-factor-off", Notice::SecondFactorOff),
    ("identity-linked", Notice::IdentityLinked),
    ("identity-unlinked", Notice::IdentityUnlinked),
    ("language-changed", Notice::LanguageChanged),
];

fn read_notice(done: &str) -> Option<Notice> {
    NOTICES.iter().find(|(word, _)| *word == done).map(|(_, notice)| *notice)
}

/// Back to the account, which then says what was done.
pub(super) fn done(visit: &Visit, notice: Notice) -> Answer {
    let word = NOTICES.iter().find(|(_, known)| *known == notice).map_or("", |(word, _)| word);
    Answer::go_to(format!("{}?done={word}", visit.own("account")))
}
