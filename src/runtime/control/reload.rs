//! Reading the file again while requests run: all of it, or nothing.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{info, warn};

use super::{
    By,
    words::{Answer, LastReload, Moment, RefusalKind, ReloadReport},
};
use crate::{
    domain::audit::{AuditEvent, AuditKind, AuditOutcome},
    runtime::{Current, ReloadFault, Reloaded, Runtime, Services},
};

/// Takes over what a new runtime says and [`Current`] does not hold: certificates. Refusing refuses the reload.
pub type Adopt = Box<dyn Fn(&Runtime) -> Result<(), String> + Send + Sync>;

/// Reloads, one at a time, and remembers how the last one ended.
pub struct Reloader {
    services: Services,
    current: Arc<Current>,
    source: PathBuf,
    adopt: Adopt,
    turn: tokio::sync::Mutex<()>,
    last: Mutex<Option<LastReload>>,
}

impl Reloader {
    /// Reloads `current` from `source`.
    pub fn new(services: Services, current: Arc<Current>, source: PathBuf, adopt: Adopt) -> Self {
        Self { services, current, source, adopt, turn: tokio::sync::Mutex::new(()), last: Mutex::default() }
    }

    /// How the last reload ended.
    pub fn last(&self) -> Option<LastReload> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file and puts it in force, or changes nothing and says why.
    pub async fn reload(&self, by: &By) -> Answer {
        let _turn = self.turn.lock().await;
        let adopt = |runtime: &Runtime| {
            if let Some(name) = runtime.directory(&self.services.store).claimed_twice() {
                return Err(claimed_twice(&name));
            }
            (self.adopt)(runtime)
        };
        // Among the deeds of administrators: nobody is made by the old file while the new one is judged.
        let deed = self.services.store.deed().await;
        let reloaded = self.current.reload(&self.source, adopt);
        drop(deed);
        let answer = match reloaded {
            Ok(reloaded) => self.follow(reloaded).await,
            Err(fault) => Answer::refused(kind_of(&fault), fault.to_string()),
        };
        self.tell(&answer, by).await;
        answer
    }

    /// The file is in force: everything else follows it.
    async fn follow(&self, reloaded: Reloaded) -> Answer {
        let runtime = self.current.snapshot();
        self.services.audit.reopen(runtime.settings.log.audit.clone());
        let portals: Vec<_> = runtime.settings.portals.iter().map(|portal| portal.name.as_str()).collect();
        let directory = runtime.directory(&self.services.store);
        match self.services.store.end_outdated(|id| directory.get(id), &portals).await {
            Ok(ended) => Answer::Reloaded(ReloadReport {
                warnings: reloaded.warnings,
                needs_restart: reloaded.needs_restart.into_iter().map(str::to_owned).collect(),
                sessions_ended: ended.sessions,
                trusts_ended: ended.trusts,
            }),
            Err(fault) => Answer::refused(
                RefusalKind::Store,
                format!(
                    "the file is in force, but trusts of people who are gone may still be in the store: {fault}"
                ),
            ),
        }
    }

    async fn tell(&self, answer: &Answer, by: &By) {
        let now = self.services.clock.now();
        let refusal = match answer {
            Answer::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let needs_restart = match answer {
            Answer::Reloaded(report) => report.needs_restart.as_slice(),
            _ => &[],
        };
        // First what can be asked for, then the line: whoever has read the line finds it so.
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(LastReload {
            at: Moment(now),
            accepted: refusal.is_none(),
            reason: refusal.map(|refusal| refusal.message.clone()),
            needs_restart: needs_restart.to_vec(),
        });
        let outcome = match refusal {
            None => {
                self.services.metrics.reloads.increment(1);
                info!(asked = %by, "the configuration was read again and is in force");
                if !needs_restart.is_empty() {
                    let keys = needs_restart.join(", ");
                    warn!(keys, "what changed here takes effect only after a restart");
                }
                AuditOutcome::Success
            }
            Some(refusal) => {
                self.services.metrics.reload_refusals.increment(1);
                warn!(asked = %by, reason = refusal.message, "the configuration was refused");
                AuditOutcome::Failure
            }
        };
        let event = AuditEvent::new(now, AuditKind::Reload, outcome).with_detail(by.to_string());
        self.services.record(event).await;
    }
}

/// What to do about somebody whom both the file and the store have.
pub fn claimed_twice(name: &str) -> String {
    format!(
        "a file has the name or address of \"{name}\", who lives in the store: remove one of them \
         (`vestibule user remove`); who stays begins anew"
    )
}

const fn kind_of(fault: &ReloadFault) -> RefusalKind {
    match fault {
        ReloadFault::Tests { .. } => RefusalKind::PolicyTests,
        ReloadFault::Problems { .. } | ReloadFault::Build(_) | ReloadFault::Adopt(_) => {
            RefusalKind::Configuration
        }
    }
}
