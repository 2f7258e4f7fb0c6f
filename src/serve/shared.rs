//! What threads share: all of a server's, and the connections of one proxying thread.

use std::{cell::Cell, io, sync::Arc};

use tokio::{sync::Notify, time};
use tokio_util::sync::CancellationToken;

use super::{
    Shutdown, Tls,
    crowd::{Crowd, Guests},
    limits,
    rim::InFlight,
};
use crate::{
    gateway::Core,
    runtime::{Current, Services},
};

/// What all threads of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) services: Services,
    pub(super) current: Arc<Current>,
    pub(super) tls: Arc<Tls>,
    pub(super) shutdown: Shutdown,
    /// Cancelled once every worker has ended.
    pub(super) drained: CancellationToken,
    /// Visitors' connections.
    pub(super) crowd: Arc<Crowd>,
    /// Connections without TLS.
    pub(super) plain: Arc<Crowd>,
}

/// What the connections of one thread share.
pub(super) struct Worker {
    pub(super) shared: Shared,
    pub(super) core: Core,
    pub(super) in_flight: InFlight,
    pub(super) guests: Guests,
    pub(super) draining: Draining,
}

/// Tells the connections of one thread that a drain began, without a lock that another thread holds.
#[derive(Default)]
pub(super) struct Draining {
    begun: Cell<bool>,
    bell: Notify,
}

impl Draining {
    pub(super) fn has_begun(&self) -> bool {
        self.begun.get()
    }

    /// Wakes the task that waits for it when a drain begins; the task then asks [`Draining::has_begun`].
    pub(super) fn bell(&self) -> &Notify {
        &self.bell
    }

    /// Ends a moment after a drain began: for whoever was let in and has not asked yet.
    pub(super) async fn grace(&self) {
        let bell = self.bell.notified();
        if !self.has_begun() {
            bell.await;
        }
        time::sleep(limits::GRACE).await;
    }

    pub(super) fn begin(&self) {
        self.begun.set(true);
        self.bell.notify_waiters();
    }
}

/// Whether the visitor left before the connection was taken: no reason to pause.
pub(super) fn is_visitors(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
