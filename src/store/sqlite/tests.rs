//! What is true of this store alone: durable, sealed, private, and never silently empty.

mod crash;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::SqliteStore;
use crate::{
    domain::{
        factor::TotpKey,
        login::{Proof, Stage},
    },
    store::{Accounts, Attempts, Linking, Logins, Sessions, StoreFault, Stored, Trusts, Upkeep, samples::*},
};

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("state.db")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("state.key")
    }

    fn open(&self) -> Stored<SqliteStore> {
        SqliteStore::open(&self.db(), &self.key())
    }

    fn opened(&self) -> SqliteStore {
        self.open().unwrap()
    }

    /// Why it does not open.
    fn refusal(&self) -> StoreFault {
        match self.open() {
            Ok(_) => panic!("it opened"),
            Err(fault) => fault,
        }
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

// --- Durable ---

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let home = Home::new();
    let store = home.opened();
    store.open_session(&session("ann", 1), None).await.unwrap();
    store.trust_device(&device("ann", 1)).await.unwrap();
    store.trust_address(&address("bob", 1, "2001:db8::/64")).await.unwrap();
    store.add_totp(&totp("eve", 1), Linking::Another, None).await.unwrap();
    store.begin_login(&login("ann", 1)).await.unwrap();
    store.note_moment(START).await.unwrap();
    drop(store);

    let store = home.opened();
    assert_eq!(store.sessions(None).await.unwrap(), [session("ann", 1)]);
    assert_eq!(store.devices(None).await.unwrap(), [device("ann", 1)]);
    assert_eq!(store.addresses(None).await.unwrap(), [address("bob", 1, "2001:db8::/64")]);
    assert_eq!(store.account(&user("eve")).await.unwrap().totp, [totp("eve", 1)]);
    assert_eq!(store.take_login(&hash(1)).await.unwrap(), Some(login("ann", 1)));
    assert_eq!(store.latest_moment().await.unwrap(), Some(START));
}

#[tokio::test]
async fn a_failed_change_leaves_its_neighbours_in_the_commit_alone() {
    let home = Home::new();
    let store = std::sync::Arc::new(home.opened());
    store.open_session(&session("ann", 0), None).await.unwrap();
    let opening: Vec<_> = (0..20)
        .map(|number| {
            let store = store.clone();
            // Every other one asks for a hash that is taken.
            let wanted = session("ann", if number % 2 == 0 { 0 } else { number });
            tokio::spawn(async move { store.open_session(&wanted, None).await.is_ok() })
        })
        .collect();
    for (number, opened) in opening.into_iter().enumerate() {
        assert_eq!(opened.await.unwrap(), number % 2 == 1, "session {number}");
    }
    assert_eq!(store.sessions(None).await.unwrap().len(), 11);
}

#[tokio::test]
async fn a_full_disk_refuses_writes_keeps_reading_and_recovers() {
    let home = Home::new();
    let store = home.opened();
    store.open_session(&session("ann", 1), None).await.unwrap();
    let limit = |pages: u32| {
        store.write(move |conn| {
            // SQLite raises a limit that is too low to the present size, so that nothing more fits.
            Ok(conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, u32>(0))?)
        })
    };
    limit(1).await.unwrap();
    let mut filling = 2;
    let fault = loop {
        let mut large = session("ann", filling);
        large.agent = "x".repeat(2000);
        match store.open_session(&large, None).await {
            Ok(()) => filling += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, StoreFault::Unavailable(_)), "{fault}");
    let open = store.sessions(None).await.unwrap().len();
    assert_eq!(u64::try_from(open).unwrap(), filling - 1);
    assert!(store.close_session(&id("session-1")).await.unwrap().is_some(), "what needs no room still works");

    limit(1_000_000).await.unwrap();
    store.open_session(&session("ann", 9000), None).await.unwrap();
    store.check_writable().await.unwrap();
}

#[tokio::test]
async fn a_file_taken_away_refuses_writes_until_it_is_back() {
    let home = Home::new();
    let store = home.opened();
    let away = home.folder.path().join("away");
    fs::rename(home.db(), &away).unwrap();
    assert!(matches!(store.check_writable().await, Err(StoreFault::Unavailable(_))));
    fs::write(home.db(), "").unwrap();
    assert!(
        matches!(store.check_writable().await, Err(StoreFault::Unavailable(_))),
        "another file in its place"
    );
    fs::rename(&away, home.db()).unwrap();
    store.check_writable().await.unwrap();
}

// --- Sealed ---

fn holds(path: &Path, needle: &[u8]) -> bool {
    fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn no_key_of_an_app_is_readable_in_any_file() {
    let home = Home::new();
    let store = home.opened();
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    let mut enrolling = login("bob", 1);
    enrolling.stage = Stage::Enrol { key: TotpKey::new(KEY.to_vec()), proof: Proof::App };
    store.begin_login(&enrolling).await.unwrap();

    let look = |when: &str| {
        let mut files = 0;
        for file in fs::read_dir(home.folder.path()).unwrap() {
            let path = file.unwrap().path();
            assert!(!holds(&path, KEY), "{} {when}", path.display());
            let in_base32 = data_encoding::BASE32_NOPAD.encode(KEY);
            assert!(!holds(&path, in_base32.as_bytes()), "{} {when}", path.display());
            files += 1;
        }
        files
    };
    assert!(look("in use") >= 4, "database, log, shared memory, key");
    let store_files = [home.db(), home.folder.path().join("state.db-wal")];
    assert!(store_files.iter().any(|path| holds(path, b"totp-1")), "the search finds what is there");
    drop(store);
    look("closed");
}

#[tokio::test]
async fn a_sealed_key_moved_to_somebody_else_does_not_open() {
    let home = Home::new();
    let store = home.opened();
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    store.choose_language(&user("bob"), "nl").await.unwrap();
    drop(store);
    let conn = Connection::open(home.db()).unwrap();
    conn.execute("UPDATE totp SET person = 'bob'", []).unwrap();
    drop(conn);
    let store = home.opened();
    assert!(matches!(store.account(&user("bob")).await, Err(StoreFault::Damaged(_))));
}

#[tokio::test]
async fn another_key_file_is_refused() {
    let home = Home::new();
    home.opened().add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    let other = Home::new();
    drop(other.opened());
    fs::copy(other.key(), home.key()).unwrap();
    let fault = home.refusal();
    assert!(matches!(fault, StoreFault::Damaged(_)), "{fault}");
    assert!(fault.to_string().contains("put back the key file"), "{fault}");

    fs::write(home.key(), "not a key\n").unwrap();
    assert!(home.refusal().to_string().contains("32 bytes in base64"));
}

#[tokio::test]
async fn a_missing_key_is_refused_where_something_is_sealed_and_made_anew_where_nothing_is() {
    let home = Home::new();
    drop(home.opened());
    let first = fs::read(home.key()).unwrap();
    fs::remove_file(home.key()).unwrap();
    let store = home.opened();
    assert_ne!(fs::read(home.key()).unwrap(), first);
    store.add_totp(&totp("ann", 1), Linking::Another, None).await.unwrap();
    drop(store);

    fs::remove_file(home.key()).unwrap();
    let fault = home.refusal();
    assert!(matches!(fault, StoreFault::Damaged(_)), "{fault}");
    assert!(fault.to_string().contains("restore the key file"), "{fault}");
    assert!(!home.key().exists());
}

// --- Private ---

#[test]
fn every_file_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (db, key) = (folder.path().join("new/state.db"), folder.path().join("new/state.key"));
    let _store = SqliteStore::open(&db, &key).unwrap();
    assert_eq!(mode(&folder.path().join("new")), 0o700);
    let mut names: Vec<_> = fs::read_dir(folder.path().join("new"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            path.file_name().unwrap().to_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names, ["state.db", "state.db-shm", "state.db-wal", "state.db.lock", "state.key"]);
    assert_eq!(fs::read(&key).unwrap().len(), 45);
}

#[test]
fn a_file_others_can_read_is_refused_with_the_remedy() {
    let home = Home::new();
    drop(home.opened());
    let log = home.folder.path().join("state.db-wal");
    for path in [log, home.db(), home.key()] {
        if !path.exists() {
            fs::write(&path, "").unwrap();
        }
        for bad in [0o640, 0o604, 0o620, 0o666] {
            chmod(&path, bad);
            let fault = home.refusal();
            assert!(matches!(fault, StoreFault::Refused(_)), "{fault}");
            assert!(fault.to_string().contains(&format!("chmod 600 {}", path.display())), "{fault}");
        }
        chmod(&path, 0o600);
        drop(home.opened());
    }
}

#[test]
fn a_folder_anybody_can_write_to_is_refused() {
    let home = Home::new();
    chmod(home.folder.path(), 0o777);
    let fault = home.refusal();
    assert!(matches!(fault, StoreFault::Refused(_)), "{fault}");
    assert!(fault.to_string().contains(&format!("chmod 700 {}", home.folder.path().display())), "{fault}");
    for good in [0o700, 0o755, 0o1777] {
        chmod(home.folder.path(), good);
        drop(home.opened());
    }
}

#[test]
fn a_store_in_use_is_refused_and_free_once_it_is_closed() {
    let home = Home::new();
    let store = home.opened();
    let fault = home.refusal();
    assert!(matches!(fault, StoreFault::Refused(_)), "{fault}");
    assert!(fault.to_string().contains("control socket"), "{fault}");
    drop(store);
    drop(home.opened());
}

// --- Never silently empty ---

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_as_it_is() {
    let home = Home::new();
    let store = home.opened();
    for number in 0..200 {
        store.open_session(&session("ann", number), None).await.unwrap();
    }
    drop(store);
    let whole = fs::read(home.db()).unwrap();
    let mut scribbled = whole.clone();
    let middle = whole.len() / 2;
    scribbled[middle..middle + 4096].fill(0xa5);
    let mut headless = whole.clone();
    headless[..16].fill(0);
    for (what, bytes) in [
        ("no database at all", b"state of the art".repeat(500)),
        ("a page overwritten", scribbled),
        ("cut in half", whole[..middle].to_vec()),
        ("without its head", headless),
    ] {
        fs::write(home.db(), &bytes).unwrap();
        let fault = home.refusal();
        assert!(matches!(fault, StoreFault::Damaged(_)), "{what}: {fault}");
        assert!(fault.to_string().contains("restore a backup"), "{what}: {fault}");
        assert!(fs::read(home.db()).unwrap() == bytes, "{what}: the file was touched");
    }
}

#[test]
fn a_lost_file_is_not_replaced_by_an_empty_one() {
    let home = Home::new();
    drop(home.opened());
    for lose in [|path: &Path| fs::remove_file(path), |path: &Path| fs::write(path, "")] {
        lose(&home.db()).unwrap();
        if home.db().exists() {
            chmod(&home.db(), 0o600);
        }
        let fault = home.refusal();
        assert!(matches!(fault, StoreFault::Damaged(_)), "{fault}");
        assert!(fault.to_string().contains("missing or empty"), "{fault}");
    }
    fs::remove_file(home.key()).unwrap();
    drop(home.opened());
}

#[test]
fn tables_of_a_newer_version_are_refused() {
    let home = Home::new();
    drop(home.opened());
    Connection::open(home.db()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let fault = home.refusal();
    assert!(matches!(fault, StoreFault::Refused(_)), "{fault}");
    assert!(fault.to_string().contains("newer vestibule (tables of version 99"), "{fault}");
}

#[test]
fn the_database_of_another_program_is_refused() {
    let home = Home::new();
    Connection::open(home.db()).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    chmod(&home.db(), 0o600);
    assert!(home.refusal().to_string().contains("another program"));
    assert!(!home.key().exists());
}

#[tokio::test]
async fn the_tail_of_a_torn_log_is_cut_and_the_rest_is_there() {
    let home = Home::new();
    let store = home.opened();
    for number in 0..20 {
        store.open_session(&session("ann", number), None).await.unwrap();
    }
    // As a power cut would leave them: the files as they are now, the log without its last bytes.
    let cut = Home::new();
    fs::copy(home.db(), cut.db()).unwrap();
    fs::copy(home.key(), cut.key()).unwrap();
    let log = fs::read(home.folder.path().join("state.db-wal")).unwrap();
    let torn = cut.folder.path().join("state.db-wal");
    fs::write(&torn, &log[..log.len() - 100]).unwrap();
    chmod(&torn, 0o600);

    let open = cut.opened().sessions(None).await.unwrap().len();
    assert_eq!(open, 19, "all but the torn commit");
}

// --- In use ---

#[tokio::test]
async fn counters_outlive_a_restart() {
    let home = Home::new();
    let buckets = crate::domain::throttle::code_buckets(&user("ann"));
    let store = home.opened();
    for _ in 0..10 {
        store.reserve_try(&buckets, START).await.unwrap();
    }
    drop(store);
    let verdict = home.opened().reserve_try(&buckets, later(60)).await.unwrap();
    assert_eq!(verdict, crate::domain::throttle::TryVerdict::Wait { until: later(15 * 60) });
}
