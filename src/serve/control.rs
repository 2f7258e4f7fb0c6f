//! The control socket: one JSON request per line in, one JSON answer per line out.
//!
//! Who may open the socket may do everything: its mode and folder are the only lock. Lines are bounded in size and time, so
//! that a stuck script holds nothing.

use std::{
    fs::{DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    time::timeout,
};
use tracing::{debug, warn};

use crate::runtime::control::{
    By, Control,
    words::{Answer, RefusalKind},
};

/// Longest request, in bytes: a table of as many people as one may have. Only the machine's own administrators reach the socket.
const LINE: u64 = 32 * 1024 * 1024;
/// Longest wait for a request, and for its answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most connections at a time.
const CONNECTIONS: usize = 32;

/// Listens for commands. Its file goes away with it.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Makes the socket at `path`, mode 0660, in place of one that a crash left behind.
    ///
    /// # Errors
    /// Another server listens there, something else is in its place, or the folder cannot be written.
    pub fn bind(path: &Path) -> io::Result<Self> {
        if let Some(folder) =
            path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        remove_stale(path)?;
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o660))?;
        Ok(Self { listener, path: path.to_owned() })
    }

    /// Answers commands, for as long as the future is polled.
    pub async fn run(self, control: Control) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // Never closed: the semaphore lives here.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let control = control.clone();
                    tokio::spawn(async move {
                        if let Err(fault) = converse(stream, &control).await {
                            debug!(%fault, "a control connection broke off");
                        }
                        drop(place);
                    });
                }
                Err(fault) => {
                    warn!(%fault, "the control socket cannot accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Gone already is just as well.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(about) if !about.file_type().is_socket() => {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "something that is no socket is in its place"))
        }
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            Err(io::Error::new(io::ErrorKind::AddrInUse, "another server listens there"))
        }
        Ok(_) => std::fs::remove_file(path),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(fault),
    }
}

async fn converse(stream: UnixStream, control: &Control) -> io::Result<()> {
    let by = By::User(stream.peer_cred()?.uid());
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut reader).take(LINE);
        if timeout(PATIENCE, bounded.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        let is_whole = line.ends_with(b"\n");
        let answer = match serde_json::from_slice(&line) {
            // A line cut short may say something else than it was meant to.
            Ok(request) if is_whole => control.answer(request, &by).await,
            Ok(_) => Answer::refused(RefusalKind::Request, "a request ends with a line feed"),
            Err(fault) => Answer::refused(RefusalKind::Request, format!("this is no request: {fault}")),
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        timeout(PATIENCE, writer.write_all(&line)).await??;
        if !is_whole {
            return Ok(());
        }
    }
}
