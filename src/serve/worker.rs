//! One proxying thread: its own runtime, its own sockets, its own share of the gateway.

use std::rc::Rc;

use tokio::{
    net::TcpListener,
    runtime::Runtime,
    task::{JoinSet, LocalSet},
    time,
};

use super::{
    connection,
    crowd::{Admission, Guests, Peer},
    limits,
    rim::InFlight,
    shared::{Draining, Shared, Worker, is_visitors},
    threads::{self, Broken},
};
use crate::gateway::Core;

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
