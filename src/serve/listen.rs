//! Taking the ports, and answering on them until told to stop.
//!
//! Every worker thread has a listening socket of its own on each TLS address (`SO_REUSEPORT`): the kernel hands connections
//! out, and no two threads share a queue. Everything that is not a visitor's TLS connection lives on one further thread.
//! Sockets that were there before are taken over ([`Inherited`]), and new ones are left to the service manager to keep.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::{
    Inherited, Shutdown, Tls,
    crowd::Crowd,
    housekeeping, limits, redirect,
    shared::Shared,
    systemd,
    threads::{self, Threads},
    worker,
};
use crate::{
    config::settings::ServerSettings,
    runtime::{Current, Services},
};

/// Why a port cannot be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindFault {
    /// Which.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Why a server did not run, or did not run until it was told to stop.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// It never answered.
    #[error("a server thread cannot be started: {0}")]
    Start(#[from] io::Error),
    /// It answered, and then one of its threads failed; the others finished what was under way.
    #[error("the server stopped because its thread \"{thread}\" failed")]
    Failed {
        /// Which.
        thread: String,
    },
}

/// A gateway's sockets, taken but not yet answering.
#[derive(Debug)]
pub struct Server {
    /// One list per worker, each with a socket for every address.
    https: Vec<Vec<TcpListener>>,
    http: Vec<TcpListener>,
    internal: Option<TcpListener>,
    addresses: Addresses,
}

/// Where a server listens, with the ports it was given.
#[derive(Clone, Debug)]
struct Addresses {
    https: Vec<SocketAddr>,
    http: Vec<SocketAddr>,
    internal: Option<SocketAddr>,
}

impl Server {
    /// Takes every port of the settings, from `inherited` where it has it.
    ///
    /// # Errors
    /// A port is taken, or may not be taken by this user.
    pub fn bind(settings: &ServerSettings, mut inherited: Inherited) -> Result<Self, BindFault> {
        let workers = settings.workers.max(1);
        let mut https: Vec<Vec<TcpListener>> = (0..workers).map(|_| Vec::new()).collect();
        let mut addresses = Addresses { https: Vec::new(), http: Vec::new(), internal: None };
        let mut take = |asked: &SocketAddr| (*asked, inherited.take(*asked));
        let asked_https: Vec<_> = settings.https.iter().map(&mut take).collect();
        let asked_http: Vec<_> = settings.http.iter().map(&mut take).collect();
        let asked_internal = settings.internal.as_ref().map(&mut take);
        // Before anything is bound: one of them may listen where another address of the file wants to, as 0.0.0.0 does for ::.
        inherited.let_go_of_the_rest();
        for (asked, kept) in asked_https {
            addresses.https.push(share_out(asked, kept, &mut https)?);
        }
        let mut http = Vec::new();
        for (asked, kept) in asked_http {
            let (address, listener) = one(asked, kept)?;
            addresses.http.push(address);
            http.push(listener);
        }
        let internal = asked_internal.map(|(asked, kept)| one(asked, kept)).transpose()?;
        addresses.internal = internal.as_ref().map(|(address, _)| *address);
        Ok(Self { https, http, internal: internal.map(|(_, listener)| listener), addresses })
    }

    /// The TLS addresses.
    pub fn https_addrs(&self) -> &[SocketAddr] {
        &self.addresses.https
    }

    /// The plain addresses that only redirect.
    pub fn http_addrs(&self) -> &[SocketAddr] {
        &self.addresses.http
    }

    /// The address for health and metrics.
    pub fn internal_addr(&self) -> Option<SocketAddr> {
        self.addresses.internal
    }

    /// Answers until `shutdown` is asked for and everything under way has ended. Blocks.
    ///
    /// # Errors
    /// A thread cannot be started, or failed.
    pub fn run(
        self,
        services: Services,
        current: Arc<Current>,
        tls: Arc<Tls>,
        shutdown: Shutdown,
    ) -> Result<(), RunFault> {
        let most = limits::connections();
        let (crowd, plain) = (Crowd::of(most.visitors), Crowd::of(most.plain));
        let drained = CancellationToken::new();
        let (mut workers, mut house) = (Threads::new(shutdown.clone()), Threads::new(shutdown.clone()));
        let shared = Shared { services, current, tls, shutdown, drained, crowd, plain };
        let started = self.start(&shared, &mut workers, &mut house);
        if started.is_err() {
            shared.shutdown.begin();
        }
        let worked = workers.join();
        // The house outlives the workers: it writes down what their last requests left.
        shared.drained.cancel();
        let kept = house.join();
        started.map_err(RunFault::Start).and(worked).and(kept)
    }

    /// Whatever a thread needs is made before it starts: what cannot be made is found before anybody hears that the server
    /// answers.
    fn start(self, shared: &Shared, workers: &mut Threads, house: &mut Threads) -> io::Result<()> {
        let Self { https, http, internal, addresses } = self;
        for (number, listeners) in https.into_iter().enumerate() {
            let runtime = threads::runtime()?;
            let listeners = adopt(&runtime, listeners)?;
            let shared = shared.clone();
            workers.start(format!("proxy-{number}"), move || worker::work(&shared, &runtime, listeners))?;
        }
        let runtime = threads::runtime()?;
        let sockets = housekeeping::Sockets {
            https_port: redirect::https_port(&addresses.https),
            http: adopt(&runtime, http)?,
            internal: adopt(&runtime, internal)?,
        };
        let shared = shared.clone();
        house.start("house".to_owned(), move || housekeeping::keep(shared, &runtime, sockets))?;
        systemd::ready();
        Ok(())
    }
}

/// Gives each worker a socket at the address; the address, with the port it was given.
fn share_out(
    asked: SocketAddr,
    inherited: Vec<TcpListener>,
    workers: &mut [Vec<TcpListener>],
) -> Result<SocketAddr, BindFault> {
    let at = |address| move |source| BindFault { address, source };
    if inherited.is_empty() {
        // Sockets that may share a port would also share it with another process of this user: see first that nobody is there.
        drop(listen(asked, Port::Alone)?);
        // Port 0 is any port for the first, and that one for the others.
        let mut address = asked;
        for listeners in workers {
            let listener = listen(address, Port::Shared)?;
            address = listener.local_addr().map_err(at(address))?;
            systemd::keep(address, &listener);
            listeners.push(listener);
        }
        return Ok(address);
    }
    // All are used, also where there are fewer workers than before: visitors wait in each.
    let first = inherited.first().and_then(|listener| listener.try_clone().ok());
    let count = workers.len();
    let mut served = vec![false; count];
    for (number, listener) in inherited.into_iter().enumerate() {
        served[number % count] = true;
        workers[number % count].push(listener);
    }
    for (listeners, _) in workers.iter_mut().zip(served).filter(|(_, is_served)| !is_served) {
        let shared = first.as_ref().map_or_else(|| Err(io::ErrorKind::Other.into()), TcpListener::try_clone);
        listeners.push(shared.map_err(at(asked))?);
    }
    Ok(asked)
}

/// One socket, with the address it was given.
fn one(asked: SocketAddr, mut inherited: Vec<TcpListener>) -> Result<(SocketAddr, TcpListener), BindFault> {
    if let Some(listener) = inherited.pop() {
        return Ok((asked, listener));
    }
    let listener = listen(asked, Port::Alone)?;
    let address = listener.local_addr().map_err(|source| BindFault { address: asked, source })?;
    systemd::keep(address, &listener);
    Ok((address, listener))
}

/// Gives sockets to the runtime of the thread that will answer on them.
fn adopt(
    runtime: &Runtime,
    sockets: impl IntoIterator<Item = TcpListener>,
) -> io::Result<Vec<tokio::net::TcpListener>> {
    let _inside = runtime.enter();
    sockets.into_iter().map(tokio::net::TcpListener::from_std).collect()
}

/// Whether other sockets may listen on the same port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Alone,
    Shared,
}

fn listen(address: SocketAddr, port: Port) -> Result<TcpListener, BindFault> {
    open(address, port).map_err(|source| BindFault { address, source })
}

fn open(address: SocketAddr, port: Port) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `[::]` takes IPv4 along, as the example in the manual promises.
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(port == Port::Shared)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(limits::BACKLOG)?;
    Ok(socket.into())
}
