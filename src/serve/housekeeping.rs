//! The one thread that is not a worker: plain HTTP, the internal address, and what has to be done now and then.

use std::{future::Future, rc::Rc, time::Duration};

use tokio::{
    net::TcpListener,
    runtime::Runtime,
    task::{JoinSet, LocalSet},
    time::{self, MissedTickBehavior},
};

use super::{
    acme, internal, redirect,
    shared::Shared,
    systemd,
    threads::{self, Broken},
};
use crate::domain::time::days;

/// How often the uses of sessions and the present moment are written down.
const FLUSH_EVERY: Duration = Duration::from_secs(30);
/// How often what expired is deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How often certificate files are looked at. Tests do not wait as long as operators may.
const LOOK_EVERY: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(5) };
/// How long the journal on the account pages reaches back.
const KEEP_EVENTS: Duration = days(90);

/// The sockets of the house.
pub(super) struct Sockets {
    /// Where the plain ones lead to.
    pub(super) https_port: u16,
    /// The plain ones, that only redirect.
    pub(super) http: Vec<TcpListener>,
    /// Those for health and metrics.
    pub(super) internal: Vec<TcpListener>,
}

/// Keeps the house until every worker has ended.
pub(super) fn keep(shared: Shared, runtime: &Runtime, sockets: Sockets) -> Result<(), Broken> {
    LocalSet::new().block_on(runtime, async {
        let shared = Rc::new(shared);
        let mut chores = JoinSet::new();
        for listener in sockets.http {
            chores.spawn_local(redirect::answer(listener, shared.clone(), sockets.https_port));
        }
        for listener in sockets.internal {
            chores.spawn_local(internal::answer(listener, shared.clone()));
        }
        let flushing = shared.clone();
        every(&mut chores, FLUSH_EVERY, move || flush(flushing.clone()));
        let sweeping = shared.clone();
        every(&mut chores, SWEEP_EVERY, move || sweep(sweeping.clone()));
        let looking = shared.clone();
        every(&mut chores, LOOK_EVERY, move || look_at_certificates(looking.clone()));
        chores.spawn_local(acme::keep(shared.clone()));
        if let Some(patience) = systemd::watchdog() {
            every(&mut chores, patience, || async { systemd::alive() });
        }
        let outcome = threads::until_asked(&shared.shutdown, &mut chores).await;
        systemd::stopping();
        // The chores go on until the last visitor has gone.
        shared.drained.cancelled().await;
        flush(shared.clone()).await;
        outcome
    })
}

fn every<F: Future<Output = ()> + 'static>(
    chores: &mut JoinSet<()>,
    span: Duration,
    mut task: impl FnMut() -> F + 'static,
) {
    chores.spawn_local(async move {
        let mut ticks = time::interval_at(time::Instant::now() + span, span);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            task().await;
        }
    });
}

async fn flush(shared: Rc<Shared>) {
    let services = &shared.services;
    if let Err(fault) = services.store.flush_seen(services.clock.now()).await {
        tracing::error!(%fault, "the uses of sessions cannot be written");
    }
}

async fn sweep(shared: Rc<Shared>) {
    let services = &shared.services;
    match services.store.sweep(services.clock.now(), KEEP_EVENTS).await {
        Ok(swept) => tracing::debug!(?swept, "deleted what expired"),
        Err(fault) => tracing::error!(%fault, "what expired cannot be deleted"),
    }
}

async fn look_at_certificates(shared: Rc<Shared>) {
    match shared.tls.refresh(&shared.current.peek().settings) {
        Ok(true) => tracing::info!("new certificates are in use"),
        Ok(false) => {}
        Err(fault) => tracing::error!(%fault, "changed certificates cannot be used; the old ones stay"),
    }
}
