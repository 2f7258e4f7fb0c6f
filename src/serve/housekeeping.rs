//! The one thread that is not a worker: plain HTTP, the internal address, and what has to be done now and then.

use std::{future::Future, net::TcpListener, rc::Rc, time::Duration};

use tokio::{
    runtime,
    task::LocalSet,
    time::{self, MissedTickBehavior},
};

use super::{
    internal,
    listen::{Addresses, Shared},
    redirect, systemd,
};
use crate::domain::time::days;

/// How often the uses of sessions and the present moment are written down.
const FLUSH_EVERY: Duration = Duration::from_secs(30);
/// How often what expired is deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How often certificate files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long the journal on the account pages reaches back.
const KEEP_EVENTS: Duration = days(90);

/// Keeps the house until every worker has ended.
pub(super) fn keep(
    shared: Shared,
    http: Vec<TcpListener>,
    internal: Option<TcpListener>,
    addresses: &Addresses,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => {
            tracing::error!(%fault, "the housekeeping thread cannot start");
            shared.shutdown.ask();
            return;
        }
    };
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let shared = Rc::new(shared);
        let https_port = redirect::https_port(&addresses.https);
        for listener in http {
            if let Some(listener) = adopt(listener) {
                tokio::task::spawn_local(redirect::answer(listener, shared.clone(), https_port));
            }
        }
        if let Some(listener) = internal.and_then(adopt) {
            tokio::task::spawn_local(internal::answer(listener, shared.clone()));
        }
        let flushing = shared.clone();
        every(FLUSH_EVERY, move || flush(flushing.clone()));
        let sweeping = shared.clone();
        every(SWEEP_EVERY, move || sweep(sweeping.clone()));
        let looking = shared.clone();
        every(LOOK_EVERY, move || look_at_certificates(looking.clone()));
        if let Some(patience) = systemd::watchdog() {
            every(patience, || async { systemd::alive() });
        }
        shared.shutdown.asked().await;
        systemd::stopping();
        shared.drained.cancelled().await;
        flush(shared.clone()).await;
    });
}

fn adopt(listener: TcpListener) -> Option<tokio::net::TcpListener> {
    tokio::net::TcpListener::from_std(listener)
        .inspect_err(|fault| tracing::error!(%fault, "a socket cannot be used"))
        .ok()
}

fn every<F: Future<Output = ()> + 'static>(span: Duration, mut task: impl FnMut() -> F + 'static) {
    tokio::task::spawn_local(async move {
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
