//! Keeping what was just linked, under a name people recognise it by.

use crate::{
    domain::{
        factor::{Account, LONGEST_LABEL, MOST_APPS, Method, Passkey, TotpFactor, TotpKey},
        login::Grant,
        pairing::{Candidate, PairedWith},
        token::RecordId,
    },
    factor::passkey::Registered,
    store::{Linking, Stored},
    web::{pairing, passkey, visit::Visit},
};

/// What a visitor has just proven to have.
pub(super) enum Linked {
    /// An app, by its first code; perhaps an authenticator page, by its number as well.
    App { key: TotpKey, step: i64, page: Option<Box<Candidate>> },
    /// A passkey, by making it.
    Passkey(Registered),
}

impl Linked {
    pub(super) fn method(&self) -> Method {
        match self {
            Self::App { .. } => Method::Totp,
            Self::Passkey(_) => Method::Passkey,
        }
    }

    /// The browser of an authenticator page.
    pub(super) fn agent(&self) -> Option<&str> {
        match self {
            Self::App { page, .. } => page.as_ref().map(|page| page.agent.as_str()),
            Self::Passkey(_) => None,
        }
    }

    /// Keeps it. `None`: what `linking` takes for granted no longer holds, or there is no room for another.
    pub(super) async fn keep(
        self,
        visit: &Visit,
        id: RecordId,
        account: &Account,
        label: &str,
        grant: &Grant,
        linking: Linking,
    ) -> Stored<Option<usize>> {
        let (store, person, keep) =
            (&visit.services.store, grant.person().clone(), grant.replaces().copied());
        match self {
            Self::App { .. } if account.totp.len() >= MOST_APPS => Ok(None),
            Self::Passkey(_) if account.passkeys.len() >= passkey::MOST_PASSKEYS => Ok(None),
            Self::App { key, step, page } => {
                let page = match page {
                    None => None,
                    // First: whoever typed the number a moment later must find it void.
                    Some(page) => {
                        let with = PairedWith { person: person.clone(), app: id.clone() };
                        let Some(key) = pairing::claim(visit, *page, &with).await? else { return Ok(None) };
                        Some(key)
                    }
                };
                let factor = TotpFactor {
                    id,
                    person,
                    label: name_of(label, "App", account.totp.len()),
                    page,
                    key,
                    added_at: visit.now,
                    last_used: Some(visit.now),
                    // The code that was just shown is used up: it does not sign in as well.
                    last_step: step,
                };
                store.add_totp(factor, linking, keep).await
            }
            Self::Passkey(made) => {
                let passkey = Passkey {
                    id,
                    person,
                    host: made.host,
                    label: name_of(label, "Passkey", account.passkeys.len()),
                    credential_id: made.credential_id,
                    handle: made.handle,
                    credential: made.credential,
                    added_at: visit.now,
                    last_used: Some(visit.now),
                };
                store.add_passkey(passkey, linking, keep).await
            }
        }
    }
}

/// What it is called in lists: as typed, or by its kind and number.
fn name_of(typed: &str, kind: &str, before: usize) -> String {
    let typed: String = typed.trim().chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect();
    match typed.is_empty() {
        true => format!("{kind} {}", before + 1),
        false => typed,
    }
}
