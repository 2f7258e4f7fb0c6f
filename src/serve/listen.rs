//! Taking the ports, and answering on them until told to stop.
//!
//! Every worker thread has a listening socket of its own on each TLS address (`SO_REUSEPORT`): the kernel hands connections
//! out, and no two threads share a queue. Everything that is not a visitor's TLS connection lives on one further thread.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::AtomicUsize},
    thread,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio_util::sync::CancellationToken;

use super::{Shutdown, Tls, housekeeping, limits, systemd, worker};
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

/// Why a server did not run.
#[derive(Debug, thiserror::Error)]
#[error("a server thread cannot be started: {0}")]
pub struct RunFault(#[from] io::Error);

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
pub(super) struct Addresses {
    pub(super) https: Vec<SocketAddr>,
    http: Vec<SocketAddr>,
    internal: Option<SocketAddr>,
}

/// What all threads of a server share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) services: Services,
    pub(super) current: Arc<Current>,
    pub(super) tls: Arc<Tls>,
    pub(super) shutdown: Shutdown,
    /// Cancelled once every worker has ended.
    pub(super) drained: CancellationToken,
    /// Visitors' connections open now, of all threads.
    pub(super) open: Arc<AtomicUsize>,
    /// How many there may be.
    pub(super) most: usize,
}

impl Server {
    /// Takes every port of the settings.
    ///
    /// # Errors
    /// A port is taken, or may not be taken by this user.
    pub fn bind(settings: &ServerSettings) -> Result<Self, BindFault> {
        let workers = settings.workers.max(1);
        let mut https: Vec<Vec<TcpListener>> = (0..workers).map(|_| Vec::new()).collect();
        let mut addresses = Addresses { https: Vec::new(), http: Vec::new(), internal: None };
        for asked in &settings.https {
            // Sockets that may share a port would also share it with another process of this user: see first that
            // nobody is there.
            drop(listen(*asked, Port::Alone)?);
            // Port 0 is any port for the first, and that one for the others.
            let mut address = *asked;
            for listeners in &mut https {
                let listener = listen(address, Port::Shared)?;
                address = listener.local_addr().map_err(|source| BindFault { address, source })?;
                listeners.push(listener);
            }
            addresses.https.push(address);
        }
        let mut http = Vec::new();
        for &address in &settings.http {
            let listener = listen(address, Port::Alone)?;
            addresses.http.push(listener.local_addr().map_err(|source| BindFault { address, source })?);
            http.push(listener);
        }
        let internal = settings.internal.map(|address| listen(address, Port::Alone)).transpose()?;
        addresses.internal = internal.as_ref().and_then(|listener| listener.local_addr().ok());
        Ok(Self { https, http, internal, addresses })
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
    /// A thread cannot be started.
    pub fn run(
        self,
        services: Services,
        current: Arc<Current>,
        tls: Arc<Tls>,
        shutdown: Shutdown,
    ) -> Result<(), RunFault> {
        let open = Arc::new(AtomicUsize::new(0));
        let drained = CancellationToken::new();
        let most = limits::connections();
        let shared = Shared { services, current, tls, shutdown, drained, open, most };
        let mut threads = Threads::default();
        let outcome = self.start(&shared, &mut threads);
        if outcome.is_err() {
            shared.shutdown.ask();
        }
        threads.workers.into_iter().for_each(join);
        // The house outlives the workers: it writes down what their last requests left.
        shared.drained.cancel();
        threads.house.into_iter().for_each(join);
        outcome
    }

    fn start(self, shared: &Shared, threads: &mut Threads) -> Result<(), RunFault> {
        let Self { https, http, internal, addresses } = self;
        for (number, listeners) in https.into_iter().enumerate() {
            let shared = shared.clone();
            let named = thread::Builder::new().name(format!("proxy-{number}"));
            threads.workers.push(named.spawn(move || worker::work(&shared, listeners))?);
        }
        let shared = shared.clone();
        let named = thread::Builder::new().name("house".to_owned());
        threads.house = Some(named.spawn(move || housekeeping::keep(shared, http, internal, &addresses))?);
        systemd::ready();
        Ok(())
    }
}

#[derive(Default)]
struct Threads {
    workers: Vec<thread::JoinHandle<()>>,
    house: Option<thread::JoinHandle<()>>,
}

fn join(thread: thread::JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a server thread panicked");
    }
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
