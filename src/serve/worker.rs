//! One proxying thread: its own runtime, its own sockets, its own share of the gateway.

use std::{net::SocketAddr, rc::Rc};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    task::{JoinSet, LocalSet},
    time,
};

use super::{
    connection,
    crowd::{Admission, Guests, Peer, Place},
    limits,
    proxied::{self, Caller},
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
                let settings = &worker.shared.current.peek().settings.server;
                let must_say = proxied::must_say(peer.ip(), &settings.proxy_protocol);
                // Whoever hands others on stands for many of them, until it says for whom.
                let from =
                    if must_say { Peer::Proxy } else { Peer::of(peer.ip(), &settings.trusted_proxies) };
                let (place, admission) = worker.shared.crowd.enter(peer.ip(), from);
                if admission == Admission::Ignored {
                    continue;
                }
                let visit = Visit { peer, from, place, admission };
                let worker = worker.clone();
                if must_say {
                    tokio::task::spawn_local(receive_said(stream, visit, worker));
                } else {
                    tokio::task::spawn_local(receive(stream, visit, None, worker));
                }
            }
            Err(fault) if is_visitors(&fault) => {}
            Err(fault) => {
                tracing::warn!(%fault, "a connection cannot be accepted");
                time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A connection that was counted.
struct Visit {
    peer: SocketAddr,
    from: Peer,
    place: Place,
    admission: Admission,
}

async fn receive(stream: TcpStream, visit: Visit, port: Option<u16>, worker: Rc<Worker>) {
    let Visit { peer, from, place, admission } = visit;
    let port = port.unwrap_or_else(|| port_of(&stream));
    let guest = worker.guests.welcome(peer.ip(), from);
    connection::serve(stream, Caller { peer, port }, &worker, guest, admission).await;
    drop(place);
}

/// The same for a connection that a listed peer hands on: it is counted anew, as the visitor's.
async fn receive_said(mut stream: TcpStream, direct: Visit, worker: Rc<Worker>) {
    let caller = Caller { peer: direct.peer, port: port_of(&stream) };
    let caller = tokio::select! {
        () = worker.draining.grace() => return,
        said = proxied::read(&mut stream, caller, limits::PROXY_HEADER) => match said {
            Ok(caller) => caller,
            Err(fault) => return tracing::info!(peer = %direct.peer, %fault, "a proxy's connection is closed"),
        },
    };
    let peer = caller.peer;
    let from = Peer::of(peer.ip(), &worker.shared.current.peek().settings.server.trusted_proxies);
    let (place, admission) = worker.shared.crowd.enter(peer.ip(), from);
    drop(direct.place);
    let admission = admission.max(direct.admission);
    if admission < Admission::Ignored {
        receive(stream, Visit { peer, from, place, admission }, Some(caller.port), worker).await;
    }
}

fn port_of(stream: &TcpStream) -> u16 {
    stream.local_addr().map_or(443, |address| address.port())
}

/// Lets go of the sessions that ended, for as long as the thread takes visitors.
async fn tidy(worker: Rc<Worker>) {
    let mut ticks = time::interval(limits::TIDY);
    loop {
        ticks.tick().await;
        worker.core.tidy();
    }
}
