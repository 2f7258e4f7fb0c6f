//! The files a store keeps on disk: made for their owner's eyes only, and refused where others can read them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock};
use tracing::warn;

use super::{StoreFault, Stored};

/// How long to wait for a store that another process is just about to let go of.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes the folder of `path` if it is missing, for its owner alone; advises where others can look into it.
///
/// # Errors
/// It cannot be made or read, or anybody can replace files in it.
pub fn prepare_folder(path: &Path) -> Stored<()> {
    let folder = folder_of(path);
    if !folder.exists() {
        return DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| cannot("make the folder", &folder, &error));
    }
    let mode = fs::metadata(&folder).map_err(|error| cannot("read", &folder, &error))?.mode();
    const STICKY: u32 = 0o1000;
    // Whoever can rename files here can put a store of their own in the place of ours.
    if mode & 0o002 != 0 && mode & STICKY == 0 {
        return Err(StoreFault::Refused(format!(
            "anybody can replace files in {0}: chmod 700 {0}",
            folder.display()
        )));
    }
    if mode & 0o020 != 0 {
        warn!(folder = %folder.display(), "its group can replace files in the folder of the store: chmod 700 it");
    }
    Ok(())
}

/// Whether there is a file. If so, nobody but its owner may read or write it.
///
/// # Errors
/// Others can, or the file cannot be looked at.
pub fn is_private(path: &Path) -> Stored<bool> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(cannot("read", path, &error)),
    };
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreFault::Refused(format!(
            "{0} can be read by others (mode {mode:04o}): chmod 600 {0}",
            path.display()
        )));
    }
    Ok(true)
}

/// Makes an empty file for its owner alone.
pub(super) fn create_private(path: &Path) -> Stored<()> {
    new_private(path)
        .and_then(|file| file.sync_all())
        .and_then(|()| sync_folder(path))
        .map_err(|error| cannot("create", path, &error))
}

/// Writes a whole new file for its owner alone: after a crash all of it is there, or what was there before.
///
/// # Errors
/// The disk refuses.
pub fn write_private(path: &Path, content: &[u8]) -> Stored<()> {
    let draft = with_suffix(path, ".new");
    let write = || {
        if draft.exists() {
            fs::remove_file(&draft)?;
        }
        let mut file = new_private(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        sync_folder(path)
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// Moves a whole file to a name that nobody has: never over another file.
pub(super) fn move_to_new(from: &Path, to: &Path) -> Stored<()> {
    let done = || {
        File::open(from)?.sync_all()?;
        rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?;
        sync_folder(to)
    };
    done().map_err(|error: io::Error| cannot("make", to, &error))
}

/// Puts a whole file in the place of another.
pub(super) fn replace(from: &Path, to: &Path) -> Stored<()> {
    let done = || {
        fs::rename(from, to)?;
        sync_folder(to)
    };
    done().map_err(|error: io::Error| cannot("replace", to, &error))
}

fn new_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// `path` with something appended to its last name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Keeps other processes out for as long as it lives: what one holds in memory the other would change on disk.
#[derive(Debug)]
pub(super) struct Claim {
    _file: File,
}

impl Claim {
    /// Claims the store at `path`.
    ///
    /// The claim is a file of its own, not the database: closing a second handle of the database would drop the locks
    /// SQLite holds on it.
    pub(super) fn take(path: &Path) -> Stored<Self> {
        let lock = with_suffix(path, ".lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock)
            .map_err(|error| cannot("create", &lock, &error))?;
        let begun = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(rustix::io::Errno::WOULDBLOCK) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    return Err(StoreFault::Refused(format!(
                        "another vestibule has {} open: stop it, or ask it through its control socket",
                        path.display()
                    )));
                }
                Err(error) => return Err(cannot("lock", &lock, &error.into())),
            }
        }
    }
}

/// Which file a path led to when it was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Place {
    pub(super) fn of(path: &Path) -> Stored<Self> {
        let about = fs::metadata(path).map_err(|error| cannot("read", path, &error))?;
        Ok(Self { path: path.to_owned(), device: about.dev(), inode: about.ino() })
    }

    /// Whether the path still leads there. Writes to a file that was deleted or replaced would be acknowledged and lost.
    pub(super) fn check(&self) -> Result<(), String> {
        match fs::metadata(&self.path) {
            Ok(about) if about.dev() == self.device && about.ino() == self.inode => Ok(()),
            Ok(_) => {
                Err(format!("{} was replaced while it was open: restart vestibule", self.path.display()))
            }
            Err(error) => Err(format!("{} is gone: {error}", self.path.display())),
        }
    }
}

pub(super) fn cannot(verb: &str, path: &Path, error: &io::Error) -> StoreFault {
    StoreFault::Unavailable(format!("cannot {verb} {}: {error}", path.display()))
}
