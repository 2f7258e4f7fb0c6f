//! Run-time control: what commands ask of a running server, and of the store while no server runs.
//!
//! [`Administration`] looks at state and changes it; a command without a server uses it directly. [`Control`] adds what only
//! a server can do. Both speak [`words`]; the socket itself is `serve`'s. Every change is audited.

mod administration;
mod break_glass;
mod groups;
mod guard;
mod help_letter;
mod helping;
mod htpasswd;
mod import;
mod invite;
mod letterhead;
mod lines;
mod looking;
mod notices;
mod people;
mod reload;
mod rename;
mod table;
#[cfg(test)]
mod tests;
pub mod words;

use std::{path::PathBuf, sync::Arc};

use self::words::{Answer, Moment, Request, StatusReport};
pub use self::{
    administration::{Administration, By},
    break_glass::tell_of_glass,
    invite::{invites_to, waiting},
    reload::{Adopt, Reloader, claimed_twice},
    table::{Row, read_table},
};
use super::{Current, Services};
use crate::domain::time::Timestamp;

/// Answers everything that can be asked of a running server.
#[derive(Clone)]
pub struct Control(Arc<Inner>);

struct Inner {
    administration: Administration,
    services: Services,
    current: Arc<Current>,
    reloader: Reloader,
    source: PathBuf,
    started: Timestamp,
}

impl Control {
    /// Control of a server that runs on the file at `source`; `adopt` takes over what lives outside of [`Current`].
    pub fn new(services: Services, current: Arc<Current>, source: PathBuf, adopt: Adopt) -> Self {
        let started = services.clock.now();
        let reloader = Reloader::new(services.clone(), Arc::clone(&current), source.clone(), adopt);
        let administration = Administration::new(services.clone());
        Self(Arc::new(Inner { administration, services, current, reloader, source, started }))
    }

    /// Reads the file again, as SIGHUP asks.
    pub async fn reload(&self, by: &By) -> Answer {
        self.0.reloader.reload(by).await
    }

    /// Answers one request.
    pub async fn answer(&self, request: Request, by: &By) -> Answer {
        match request {
            Request::Reload => self.reload(by).await,
            Request::Status => Answer::Status(self.status()),
            order => {
                let runtime = self.0.current.snapshot();
                self.0.administration.carry_out(&runtime, order, by).await
            }
        }
    }

    fn status(&self) -> StatusReport {
        let inner = &self.0;
        let runtime = inner.current.peek();
        StatusReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            config: inner.source.display().to_string(),
            started: Moment(inner.started),
            uptime_seconds: inner.services.clock.now().since(inner.started).as_secs(),
            sessions: inner.services.store.open_sessions(),
            portals: runtime.settings.portals.iter().map(|portal| portal.name.clone()).collect(),
            last_reload: inner.reloader.last(),
        }
    }
}
