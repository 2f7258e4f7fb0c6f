//! Certificates from an authority, by ACME (RFC 8555): asked for where none is there, and again in time.
//!
//! One loop of the house looks once a second whether a host is due, and orders for one host after the other. What comes is
//! written to a [`Folder`] first and shown afterwards: `tls` reads it there, as it does at the next start. What fails is tried
//! again after a pause that grows; visitors are served with what is there meanwhile.

mod challenges;
mod client;
mod folder;
mod order;
mod plan;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, path::PathBuf, rc::Rc, time::Duration};

use http::Uri;
use instant_acme::Account;
use tokio::{
    task,
    time::{self, MissedTickBehavior},
};

pub(super) use self::{
    challenges::{ALPN, Challenges},
    folder::Folder,
};
use self::{
    folder::{Held, Unusable},
    order::{AcmeFault, Ask},
    plan::Window,
};
use super::shared::Shared;
use crate::{
    config::settings::AcmeSettings,
    domain::{
        facts::Host,
        time::{Timestamp, hours},
        token::Entropy,
    },
};

/// How often it is looked whether a host is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Longest wait for an authority's word on when to renew.
const ASK_WITHIN: Duration = Duration::from_secs(60);
/// How long an authority is left alone whose answer made no sense.
const AFTER_NONSENSE: Duration = hours(1);
/// After this an order is given up and begun anew later.
const ORDER_WITHIN: Duration = Duration::from_secs(300);

/// Keeps certificates fresh for as long as it is polled.
pub(super) async fn keep(shared: Rc<Shared>) {
    let mut keeper: Option<Keeper> = None;
    let mut ticks = time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let runtime = shared.current.snapshot();
        let Some(acme) = &runtime.settings.acme else {
            keeper = None;
            continue;
        };
        let at = Place::of(acme);
        let same = keeper.take().filter(|keeper| keeper.at == at);
        let mut looking = same.unwrap_or_else(|| Keeper { at, names: HashMap::new(), account: None });
        // A task of its own: an answer that the library for this trips over costs certificates some time, and visitors nothing.
        let (shared, acme) = (shared.clone(), acme.clone());
        let looked = task::spawn_local(async move {
            looking.look(&shared, &acme).await;
            looking
        });
        match looked.await {
            Ok(looked) => keeper = Some(looked),
            Err(fault) => {
                tracing::error!(%fault, "the authority's answer makes no sense; certificates are looked after again in an hour");
                time::sleep(AFTER_NONSENSE).await;
            }
        }
    }
}

/// Another authority or another folder is a new beginning.
#[derive(PartialEq, Eq)]
struct Place {
    directory: Uri,
    folder: PathBuf,
    ca: Option<PathBuf>,
}

impl Place {
    fn of(acme: &AcmeSettings) -> Self {
        Self { directory: acme.directory.clone(), folder: acme.folder.clone(), ca: acme.ca.clone() }
    }
}

/// What is known of the certificates of one authority.
struct Keeper {
    at: Place,
    names: HashMap<Host, Name>,
    /// Opened when it is first needed: it takes a question to the authority.
    account: Option<Account>,
}

/// What is known of one host's certificate.
#[derive(Default)]
struct Name {
    held: Option<Held>,
    /// When the authority suggests to renew, and which moment of that time was drawn.
    suggested: Option<(Window, Timestamp)>,
    /// Not asked again for a suggestion before.
    ask_after: Option<Timestamp>,
    /// Failures in a row.
    failures: u32,
    /// Not tried before.
    try_after: Option<Timestamp>,
    /// Whether there is a file that only its owner can make readable again: nothing is ordered in its place.
    is_refused: bool,
}

impl Name {
    /// What the folder has.
    fn read(folder: &Folder, host: &Host) -> Self {
        match folder.read(host) {
            Ok(kept) => Self { held: kept.map(|kept| kept.held), ..Self::default() },
            Err(Unusable::Refused(_)) => Self { is_refused: true, ..Self::default() },
            // As good as none.
            Err(Unusable::Useless(_)) => Self::default(),
        }
    }

    /// Whether another certificate is to be had: by `wall`, which certificates are dated by, and not before the pause is over.
    fn is_due(&self, wall: Timestamp, now: Timestamp) -> bool {
        let renew = self.held.as_ref().map(|held| {
            plan::renew_at(held.not_before, held.not_after, self.suggested.as_ref().map(|(_, at)| *at))
        });
        let is_wanted = renew.is_none_or(|at| wall >= at);
        is_wanted && !self.is_refused && self.try_after.is_none_or(|at| now >= at)
    }
}

impl Keeper {
    async fn look(&mut self, shared: &Shared, acme: &AcmeSettings) {
        let wanted = shared.tls.wanted();
        let folder = Folder::of(acme);
        self.names.retain(|host, _| wanted.contains(host));
        for host in wanted.iter() {
            // A file that was refused may have been put right.
            if self.names.get(host).is_none_or(|name| name.is_refused) {
                self.names.insert(host.clone(), Name::read(&folder, host));
            }
        }
        for host in wanted.iter() {
            if shared.shutdown.is_asked() {
                return;
            }
            self.ask_when(shared, acme, &folder, host).await;
            let clock = &shared.services.clock;
            if self.names.get(host).is_some_and(|name| name.is_due(clock.wall(), clock.now())) {
                self.renew(shared, acme, &folder, host).await;
            }
        }
    }

    /// Asks the authority when a certificate is best renewed (RFC 9773).
    async fn ask_when(&mut self, shared: &Shared, acme: &AcmeSettings, folder: &Folder, host: &Host) {
        let now = shared.services.clock.now();
        let Some(name) = self.names.get(host) else { return };
        let Some(id) = name.held.as_ref().and_then(|held| held.id.clone()) else { return };
        if name.ask_after.is_some_and(|at| now < at) {
            return;
        }
        let asked = async {
            let account = self.account(acme, folder).await?;
            Ok(account.renewal_info(&id).await?)
        };
        let answer: Result<_, AcmeFault> =
            time::timeout(ASK_WITHIN, asked).await.unwrap_or_else(|_| Err(AcmeFault::slow()));
        let Some(name) = self.names.get_mut(host) else { return };
        match answer {
            Ok((info, again)) => {
                let window = Window::of(&info.suggested_window);
                // Drawn once for each window: who draws again at each look renews too early.
                if name.suggested.as_ref().is_none_or(|(known, _)| *known != window) {
                    let at = window.draw(&*shared.services.entropy);
                    tracing::debug!(%host, at = at.unix(), "the authority suggests when to renew");
                    name.suggested = Some((window, at));
                }
                name.ask_after = Some(now.after(plan::ask_again(again)));
            }
            Err(fault) => {
                tracing::debug!(%host, %fault, "the authority does not say when to renew");
                name.ask_after = Some(now.after(plan::ask_again_after_failure(fault.is_unsupported())));
            }
        }
    }

    async fn renew(&mut self, shared: &Shared, acme: &AcmeSettings, folder: &Folder, host: &Host) {
        let failures = self.names.get(host).map_or(0, |name| name.failures);
        let replaces = self.names.get(host).and_then(|name| {
            // Only who speaks of renewals knows the word.
            name.suggested.as_ref().and(name.held.as_ref()).and_then(|held| held.id.clone())
        });
        let ask = Ask { host, acme, attempt: failures, replaces, challenges: shared.tls.challenges() };
        let ordered = async {
            // What could not be kept would be asked for again and again, until the authority gives no more.
            folder.probe()?;
            let account = self.account(acme, folder).await?;
            let issued = order::order(&account, &ask).await?;
            folder.write(host, &issued, shared.services.clock.wall())
        };
        let outcome = time::timeout(ORDER_WITHIN, ordered).await.unwrap_or_else(|_| Err(AcmeFault::slow()));
        let now = shared.services.clock.now();
        match outcome {
            Ok(held) => {
                tracing::info!(%host, not_after = held.not_after.unix(), "a certificate was given by the authority");
                // However short its life is, or however wrong this machine's clock: not at once again.
                let pause = plan::between(held.not_before, held.not_after);
                let name = Name { held: Some(held), try_after: Some(now.after(pause)), ..Name::default() };
                self.names.insert(host.clone(), name);
                match shared.tls.refresh(&shared.current.peek().settings) {
                    Ok(_) => {}
                    Err(fault) => tracing::error!(%fault, "the new certificate cannot be used"),
                }
            }
            Err(fault) => {
                // Whatever is wrong with the account or the directory is looked at anew.
                self.account = None;
                if fault.is_account_gone()
                    && let Err(fault) = folder.forget_account()
                {
                    tracing::error!(%fault, "an account that the authority has forgotten cannot be removed");
                }
                let pause = plan::pause(failures, fault.weight(), &*shared.services.entropy);
                if let Some(name) = self.names.get_mut(host) {
                    name.failures = failures.saturating_add(1);
                    name.try_after = Some(now.after(pause));
                }
                let retry_in = pause.as_secs();
                tracing::error!(%host, %fault, retry_in, "no certificate could be had from the authority");
            }
        }
    }

    async fn account(&mut self, acme: &AcmeSettings, folder: &Folder) -> Result<Account, AcmeFault> {
        if let Some(account) = &self.account {
            return Ok(account.clone());
        }
        let account = order::account(acme, folder).await?;
        self.account = Some(account.clone());
        Ok(account)
    }
}
