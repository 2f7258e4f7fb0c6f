//! The way to state: through the running server, or straight to its store while none runs.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::{
    exit::Unreachable,
    place::{self, ConfigFile, Meeting},
};
use crate::{
    config::settings::{Settings, StoreSettings},
    domain::time::Clock,
    factor::password::Hashers,
    runtime::{
        Directory, OsEntropy, Services, SystemClock, Worked,
        control::{
            Administration, By,
            words::{Answer, Refusal, Request},
        },
    },
    store::{self, hot::HotStore},
    telemetry::{audit::AuditLog, metrics::Metrics},
};

/// Longest wait for an answer; a reload reads files and hashes nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait where many people are written or written to.
const LONG_PATIENCE: Duration = Duration::from_secs(600);

/// Does it now, whether or not a server runs; one that does obeys at once.
pub(super) fn ask(file: &ConfigFile, request: Request) -> anyhow::Result<Answer> {
    let file = file.locate()?;
    let meeting = Meeting::of(&file)?;
    match knock(&meeting.socket)? {
        Some(stream) => converse(stream, &meeting.socket, &request),
        None => act_alone(&file, request),
    }
}

/// Asks the running server; without one there is no answer.
pub(super) fn ask_server(file: &ConfigFile, request: &Request) -> anyhow::Result<Answer> {
    let meeting = Meeting::of(&file.locate()?)?;
    match knock(&meeting.socket)? {
        Some(stream) => converse(stream, &meeting.socket, request),
        None => {
            bail!(Unreachable(format!("no server listens at {}: is it running?", meeting.socket.display())))
        }
    }
}

/// A refusal as the end of a command.
pub(super) fn refused(refusal: &Refusal) -> anyhow::Error {
    anyhow::anyhow!("{}", refusal.message)
}

/// An answer to something that was not asked.
pub(super) fn strange(answer: &Answer) -> anyhow::Error {
    match answer {
        Answer::Refused(refusal) => refused(refusal),
        other => anyhow::anyhow!("the server answers something else: {other:?}"),
    }
}

fn knock(socket: &Path) -> anyhow::Result<Option<UnixStream>> {
    match UnixStream::connect(socket) {
        Ok(stream) => Ok(Some(stream)),
        // A socket nobody listens on was left behind by a crash.
        Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Ok(None)
        }
        Err(fault) if fault.kind() == io::ErrorKind::PermissionDenied => bail!(Unreachable(format!(
            "this account may not speak to the server at {}; do it as the server's own, as in \"sudo -u vestibule \
             vestibule status\"",
            socket.display()
        ))),
        Err(fault) => bail!(Unreachable(format!("{}: {fault}", socket.display()))),
    }
}

fn converse(mut stream: UnixStream, socket: &Path, request: &Request) -> anyhow::Result<Answer> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    let mut answer = String::new();
    let patience = match request {
        Request::UserImport { .. } | Request::UserInviteWaiting { .. } => LONG_PATIENCE,
        _ => PATIENCE,
    };
    let spoken = stream
        .set_read_timeout(Some(patience))
        .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
        .and_then(|()| stream.write_all(&line))
        .and_then(|()| BufReader::new(stream).read_line(&mut answer));
    match spoken {
        Ok(0) => bail!(Unreachable(format!("the server at {} hung up", socket.display()))),
        Ok(_) => serde_json::from_str(&answer).context("the server's answer cannot be read"),
        Err(fault) => bail!(Unreachable(format!("{}: {fault}", socket.display()))),
    }
}

/// Records what was done to the store itself, while no server runs.
pub(super) fn note(file: &ConfigFile, what: &str) -> anyhow::Result<()> {
    let settings = place::settings(&file.locate()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let services = services(&settings, &settings.store).await?;
        Administration::new(services.clone()).note(what, &own()).await;
        services.audit.flush();
        Ok(())
    })
}

/// Whoever runs this command.
fn own() -> By {
    By::User(rustix::process::getuid().as_raw())
}

/// Opens the store and does it there.
fn act_alone(file: &Path, request: Request) -> anyhow::Result<Answer> {
    let settings = place::settings(file)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let makes = matches!(
            request,
            Request::UserAdd(_)
                | Request::UserImport { dry_run: false, .. }
                | Request::GroupSet { .. }
                | Request::PortalSet { .. }
        );
        let found = existing(settings.store.clone());
        if makes && found != settings.store {
            bail!("there is no store yet: start the server once, under the account that runs it, and say this again");
        }
        let services = services(&settings, &found).await?;
        let worked = Worked::default();
        let answer = Administration::new(services.clone())
            .obey(&Directory::new(&settings, &worked, &services.store), request, &own())
            .await;
        services.audit.flush();
        Ok(answer)
    })
}

/// What a command needs that acts alone.
async fn services(settings: &Settings, found: &StoreSettings) -> anyhow::Result<Services> {
    let store = store::open(found)?;
    let clock = SystemClock::starting_at(store.latest_moment().await?);
    // Standard output is the answer's; the journal in the store has every change in any case.
    let audit_path = settings.log.audit.as_deref().filter(|path| path.exists());
    let audit_path = audit_path.unwrap_or(Path::new("/dev/null"));
    let audit = AuditLog::start(Some(audit_path)).with_context(|| audit_path.display().to_string())?;
    Ok(Services {
        store: HotStore::load(store, clock.now()).await?,
        clock: Arc::new(clock),
        entropy: Arc::new(OsEntropy),
        hashers: Hashers::start(1),
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

/// A store that was never made holds nothing. Making it is for the server, which may run as somebody else: files that root
/// made here it could not open.
fn existing(settings: StoreSettings) -> StoreSettings {
    match settings {
        StoreSettings::Sqlite { path, .. } if !path.exists() => StoreSettings::Memory,
        there => there,
    }
}
