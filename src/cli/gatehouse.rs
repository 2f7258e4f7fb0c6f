//! From a file to a running gateway: the one way that `serve` and `demo` share.
//!
//! [`Gatehouse::open`] does everything that can fail before a port answers; [`Gatehouse::run`] answers, follows signals and
//! commands, and returns when the gateway has drained.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use anyhow::{Context as _, anyhow};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    exit::TestsFailed,
    output::{self, color},
};
use crate::{
    config::settings::Settings,
    domain::time::Clock as _,
    factor::password::Hashers,
    runtime::{
        Current, Directory, OsEntropy, Reading, ReloadFault, Runtime, Services, SystemClock, Worked,
        control::{By, Control, claimed_twice},
    },
    serve::{Inherited, RunFault, Server, Shutdown, Tls, control::ControlSocket, systemd},
    store::{self, hot::HotStore},
    telemetry::{
        audit::AuditLog,
        log::{self, Lines, Writing},
        metrics::Metrics,
    },
};

/// A gateway with its state loaded and its ports taken, not yet answering.
pub(super) struct Gatehouse {
    runtime: runtime::Runtime,
    signals: Signals,
    services: Services,
    current: Arc<Current>,
    server: Server,
    tls: Arc<Tls>,
    socket: ControlSocket,
    file: PathBuf,
    writing: Writing,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Gatehouse {
    /// Reads the file, opens the store, takes the ports.
    pub(super) fn open(file: &Path, lines: Lines<'_>) -> anyhow::Result<Self> {
        // Before any secret is read: neither a core file nor another process of this user may look into this one.
        set_dumpable_behavior(DumpableBehavior::NotDumpable).context("core files cannot be forbidden")?;
        // While there is one thread: it looks into the environment.
        let inherited = Inherited::from_service_manager();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        // Before anything that takes time: a signal that comes early must not end the process the hard way.
        let signals = runtime.block_on(async { Signals::listen() })?;
        let (reading, writing) = read(file, lines)?;
        let settings = &reading.settings;
        let services = runtime.block_on(services(settings))?;
        let tls = Arc::new(Tls::load(settings)?);
        let server =
            Server::bind(&settings.server, inherited).map_err(|fault| advise(&fault, fault.address))?;
        let path = &settings.server.socket;
        let socket = runtime
            .block_on(async { ControlSocket::bind(path) })
            .with_context(|| format!("the control socket {}", path.display()))?;
        let current = Arc::new(Current::new(reading));
        Ok(Self { runtime, signals, services, current, server, tls, socket, file: file.to_owned(), writing })
    }

    /// What lives as long as the process.
    pub(super) const fn services(&self) -> &Services {
        &self.services
    }

    /// Waits for something before the gateway answers.
    pub(super) fn wait_for<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Where visitors connect.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        self.server.https_addrs()
    }

    /// Answers until a signal ends it and everything under way has finished.
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self { runtime, signals, services, current, server, tls, socket, file, writing } = self;
        let certificates = Arc::clone(&tls);
        let adopt = Box::new(move |fresh: &Runtime| {
            certificates.reload(&fresh.settings).map_err(|fault| fault.to_string())
        });
        let control = Control::new(services.clone(), Arc::clone(&current), file, adopt);
        let (shutdown, over) = (Shutdown::new(), CancellationToken::new());
        info!(version = env!("CARGO_PKG_VERSION"), https = ?server.https_addrs(), http = ?server.http_addrs(),
            internal = server.internal_addr().map(tracing::field::display), "vestibule answers");

        let serving = thread::Builder::new().name("server".to_owned()).spawn({
            let (services, shutdown) = (services.clone(), shutdown.clone());
            // However the thread ends, nobody waits for a signal any longer.
            let over = over.clone().drop_guard();
            move || {
                let _over = over;
                server.run(services, current, tls, shutdown)
            }
        })?;
        runtime.block_on(async {
            let commands = tokio::spawn(socket.run(control.clone()));
            tokio::select! {
                () = signals.follow(&control, &shutdown) => {}
                () = over.cancelled() => {}
            }
            commands.abort();
            // Waits until the socket is gone.
            let _ = commands.await;
        });
        // Both ended: a signal asked for it, or the server's own threads failed.
        let outcome =
            serving.join().unwrap_or_else(|_| Err(RunFault::Failed { thread: "server".to_owned() }));
        services.audit.flush();
        info!("vestibule stopped");
        drop(writing);
        outcome.map_err(Into::into)
    }
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Reloads and drains as told, for as long as it is polled.
    async fn follow(mut self, control: &Control, shutdown: &Shutdown) {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => {
                    systemd::reloading();
                    control.reload(&By::Signal).await;
                    systemd::ready();
                }
                _ = self.terminate.recv() => stop(shutdown),
                _ = self.interrupt.recv() => stop(shutdown),
            }
        }
    }
}

fn stop(shutdown: &Shutdown) {
    if shutdown.is_asked() {
        warn!("told to stop again: open requests are cut off");
    } else {
        info!("told to stop: finishing open requests");
    }
    shutdown.ask();
}

/// Reads the file all the way; what stands in the way is shown before anything is logged.
fn read(file: &Path, lines: Lines<'_>) -> anyhow::Result<(Runtime, Writing)> {
    let Reading { runtime, warnings, .. } =
        crate::runtime::read(file, color(&io::stderr())).map_err(|fault| unfit(file, fault))?;
    let writing = log::start(&runtime.settings.log.level, lines).map_err(|fault| anyhow!(fault))?;
    for problem in warnings {
        warn!(%problem, "the configuration has a warning");
    }
    Ok((runtime, writing))
}

/// Why a file cannot be started with.
fn unfit(file: &Path, fault: ReloadFault) -> anyhow::Error {
    match fault {
        ReloadFault::Problems { errors, report } => {
            output::show_error(&report);
            anyhow!("{}: {errors} error(s); nothing was started", file.display())
        }
        ReloadFault::Tests { failed, report } => anyhow!(TestsFailed(format!(
            "{failed} test(s) of the configuration fail; nothing was started\n{report}"
        ))),
        fault => fault.into(),
    }
}

async fn services(settings: &Settings) -> anyhow::Result<Services> {
    let store = store::open(&settings.store)?;
    let clock = SystemClock::starting_at(store.latest_moment().await?);
    let store = HotStore::load(store, clock.now()).await?;
    let portals: Vec<_> = settings.portals.iter().map(|portal| portal.name.as_str()).collect();
    let worked = Worked::default();
    let directory = Directory::new(settings, &worked, &store);
    if let Some(name) = directory.claimed_twice() {
        return Err(anyhow!(claimed_twice(&name)));
    }
    let ended = store.end_outdated(|id| directory.get(id), &portals).await?;
    if ended.sessions + ended.trusts > 0 {
        info!(
            sessions = ended.sessions,
            trusts = ended.trusts,
            "ended what the configuration no longer carries"
        );
    }
    let audit_path = settings.log.audit.as_deref();
    let audit = AuditLog::start(audit_path)
        .with_context(|| format!("the audit log {}", audit_path.unwrap_or(Path::new("-")).display()))?;
    // Hashing must leave cores to those who are already in.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Ok(Services {
        store,
        clock: Arc::new(clock),
        entropy: Arc::new(OsEntropy),
        hashers: Hashers::start((cores / 2).clamp(1, 4)),
        ceremonies: Arc::default(),
        questions: Arc::default(),
        hand_overs: Arc::default(),
        in_hand: Arc::default(),
        audit,
        metrics: Arc::new(Metrics::default()),
        refusals: Arc::default(),
        witness: Default::default(),
    })
}

/// What to do about a port that cannot be taken.
fn advise(fault: &crate::serve::BindFault, address: SocketAddr) -> anyhow::Error {
    let remedy = match fault.source.kind() {
        io::ErrorKind::AddrInUse => "; stop whoever has that port, or choose another one",
        io::ErrorKind::PermissionDenied if address.port() < 1024 => {
            "; ports below 1024 need root or CAP_NET_BIND_SERVICE, as in packaging/vestibule.service"
        }
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
        _ => "",
    };
    anyhow!("{fault}{remedy}")
}
