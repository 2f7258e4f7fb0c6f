//! One proxying thread: its own runtime, its own sockets, its own share of the gateway.

use std::{cell::Cell, io, rc::Rc};

use tokio::{
    net::TcpListener,
    runtime::Runtime,
    sync::Notify,
    task::{JoinSet, LocalSet},
    time,
};

use super::{
    connection,
    crowd::{Admission, Guests, Peer},
    limits,
    listen::Shared,
    rim::InFlight,
    threads::{self, Broken},
};
use crate::gateway::Core;

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

    fn begin(&self) {
        self.begun.set(true);
        self.bell.notify_waiters();
    }
}

/// Works until the drain is over.
pub(super) fn work(shared: &Shared, runtime: &Runtime, listeners: Vec<TcpListener>) -> Result<(), Broken> {
    let local = LocalSet::new();
    let accepted = local.block_on(runtime, accept_until_drain(shared.clone(), listeners));
    let patience = shared.current.peek().settings.server.drain;
    // What is left are visitors' connections, tunnels among them, and connections to upstreams, which end with them.
    runtime.block_on(async {
        tokio::select! {
            outcome = time::timeout(patience, local) => if outcome.is_err() {
                tracing::warn!("the drain took too long; what was left is cut");
            },
            () = shared.shutdown.insisted() => tracing::warn!("asked twice to stop; everything under way is cut"),
        }
    });
    accepted
}

async fn accept_until_drain(shared: Shared, listeners: Vec<TcpListener>) -> Result<(), Broken> {
    let core = Core::new(shared.services.clone(), shared.current.clone());
    let worker = Rc::new(Worker {
        shared,
        core,
        in_flight: InFlight::default(),
        guests: Guests::default(),
        draining: Draining::default(),
    });
    let mut loops = JoinSet::new();
    for listener in listeners {
        loops.spawn_local(accept(listener, worker.clone()));
    }
    loops.spawn_local(tidy(worker.clone()));
    let outcome = threads::until_asked(&worker.shared.shutdown, &mut loops).await;
    loops.shutdown().await;
    worker.draining.begin();
    outcome
}

async fn accept(listener: TcpListener, worker: Rc<Worker>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let from = Peer::of(peer.ip(), &worker.shared.current.peek().settings.server.trusted_proxies);
                let (place, admission) = worker.shared.crowd.enter(peer.ip(), from);
                if admission == Admission::Ignored {
                    continue;
                }
                let guest = worker.guests.welcome(peer.ip(), from);
                let worker = worker.clone();
                tokio::task::spawn_local(async move {
                    connection::serve(stream, peer, &worker, guest, admission).await;
                    drop(place);
                });
            }
            Err(fault) if is_visitors(&fault) => {}
            Err(fault) => {
                tracing::warn!(%fault, "a connection cannot be accepted");
                time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Lets go of the sessions that ended, for as long as the thread takes visitors.
async fn tidy(worker: Rc<Worker>) {
    let mut ticks = time::interval(limits::TIDY);
    loop {
        ticks.tick().await;
        worker.core.tidy();
    }
}

/// Whether the visitor left before the connection was taken: no reason to pause.
pub(super) fn is_visitors(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
