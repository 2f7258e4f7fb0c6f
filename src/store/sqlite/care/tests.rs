//! Copies, check-ups, migrations and new keys, on real files.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    super::{SqliteStore, connect, schema},
    Checkup, backup, check, migrate, rotate, rotate_key, sealed,
};
use crate::{
    domain::{
        factor::{Method, PageSigner},
        identity::PasswordHash,
        login::{Login, Proof, Stage},
        pairing::{Pairing, PairingStage},
        pin::DevicePin,
        sent_code::{Digits, SentCode},
    },
    store::{
        Accounts as _, Linking, Logins as _, Pairings as _, Pins as _, Sessions as _, StoreFault, Stored,
        Trusts as _, files::with_suffix, samples::*,
    },
};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn open(&self) -> Stored<SqliteStore> {
        SqliteStore::open(&self.at("state.db"), &self.at("state.key"))
    }

    fn check(&self) -> Checkup {
        check(&self.at("state.db"), &self.at("state.key"), &mut |_, _| {}).unwrap()
    }

    fn rotate(&self, old_to: Option<&Path>) -> Stored<super::Rotated> {
        rotate_key(&self.at("state.db"), &self.at("state.key"), old_to, &mut |_, _| {})
    }

    fn conn(&self) -> Connection {
        connect(&self.at("state.db")).unwrap()
    }

    /// A store with a secret of every kind in it.
    async fn filled() -> Self {
        let home = Self::new();
        fill(&home.open().unwrap()).await;
        home
    }

    async fn still_opens(&self) {
        opens(&self.open().unwrap()).await;
        assert!(!with_suffix(&self.at("state.key"), rotate::NEXT).exists());
        assert_eq!(self.check().problems, Vec::<String>::new());
    }
}

async fn fill(store: &SqliteStore) {
    store.add_totp(&totp("ann", 1), Linking::First, None).await.unwrap();
    store.begin_login(&enrolling()).await.unwrap();
    store.begin_login(&texted()).await.unwrap();
    store.trust_device(&device("ann", 4)).await.unwrap();
    assert!(store.set_pin(&pin()).await.unwrap());
    assert!(store.offer_pairing(&pairing()).await.unwrap());
    store.open_session(&session("ann", 6), None).await.unwrap();
}

async fn opens(store: &SqliteStore) {
    assert_eq!(store.account(&user("ann")).await.unwrap().totp, [totp("ann", 1)]);
    assert_eq!(store.recall_login(&hash(2)).await.unwrap(), Some(enrolling()));
    assert_eq!(store.recall_login(&hash(3)).await.unwrap(), Some(texted()));
    assert_eq!(store.pin_of(&device("ann", 4).id).await.unwrap(), Some(pin()));
    let waiting = store.recall_pairing_of(&pairing().poll).await.unwrap();
    assert_eq!(waiting, Some(pairing()));
    assert_eq!(store.sessions(None).await.unwrap().len(), 1);
}

fn pin() -> DevicePin {
    DevicePin {
        device: device("ann", 4).id,
        person: user("ann"),
        portal: "wiki".to_owned(),
        hash: PasswordHash::new("$argon2id$one".to_owned()),
        set_at: START,
        wrong: 0,
    }
}

fn pairing() -> Pairing {
    Pairing {
        poll: hash(5),
        portal: "wiki".to_owned(),
        agent: "Chrome, Android".to_owned(),
        signer: PageSigner::read(&[4; 65]).unwrap(),
        ends_at: later(600),
        stage: PairingStage::Waiting { number: hash(6), key: totp("ann", 1).key },
    }
}

fn texted() -> Login {
    let sent = SentCode {
        method: Method::Sms,
        to: "+31612345678".to_owned(),
        digits: Digits::read("407193").unwrap(),
        sent_at: START,
        sends: 1,
    };
    Login { sent: Some(sent), ..login("bob", 3) }
}

fn enrolling() -> Login {
    let stage = Stage::Enrol { key: totp("ann", 1).key, proof: Proof::App };
    Login { stage, ..login("ann", 2) }
}

// --- Copies ---

#[tokio::test]
async fn a_copy_made_while_others_write_is_a_store_of_one_moment() {
    let home = Home::filled().await;
    let store = home.open().unwrap();
    let to = home.at("copy.db");
    let mut steps = 0;
    let copied = backup(&home.at("state.db"), &home.at("state.key"), &to, None, &mut |done, all| {
        steps += 1;
        assert!(done <= all);
        // Somebody signs in meanwhile: it is not in the copy, and does not hold it up.
        let late = session("late", 100 + steps);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(store.open_session(&late, None)).unwrap();
            });
        });
    })
    .unwrap();
    assert!(steps > 0);
    assert_eq!((copied.secrets, copied.key_copy), (5, None));
    assert_eq!(copied.bytes, fs::metadata(&to).unwrap().len());
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let files: Vec<_> = fs::read_dir(home.0.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().contains(".part")), "{files:?}");
    drop(store);

    // Restored by hand, elsewhere, with the key file that belongs to it.
    let restored = Home::new();
    fs::copy(&to, restored.at("state.db")).unwrap();
    assert!(matches!(restored.open(), Err(StoreFault::Damaged(_))), "without its key");
    fs::copy(home.at("state.key"), restored.at("state.key")).unwrap();
    restored.still_opens().await;
}

#[tokio::test]
async fn a_copy_overwrites_nothing_and_takes_its_key_along_where_that_is_asked() {
    let home = Home::filled().await;
    let (db, key) = (home.at("state.db"), home.at("state.key"));
    let copy = |to: &Path, key_to: Option<&Path>| backup(&db, &key, to, key_to, &mut |_, _| {});
    fs::write(home.at("there"), "mine").unwrap();
    for (to, key_to) in [("there", None), ("copy", Some("there")), ("state.db", None)] {
        let key_to = key_to.map(|name| home.at(name));
        let refused = copy(&home.at(to), key_to.as_deref()).unwrap_err();
        assert!(refused.to_string().contains("overwrites nothing"), "{refused}");
        assert!(!home.at("copy").exists());
    }
    assert_eq!(fs::read_to_string(home.at("there")).unwrap(), "mine");
    std::os::unix::fs::symlink(home.at("elsewhere"), home.at("link")).unwrap();
    assert!(copy(&home.at("link"), None).is_err() && !home.at("elsewhere").exists());
    let copied = copy(&home.at("copy"), Some(&home.at("copy.key"))).unwrap();
    assert_eq!(copied.key_copy, Some(home.at("copy.key")));
    assert!(check(&home.at("copy"), &home.at("copy.key"), &mut |_, _| {}).unwrap().sound);
    assert_eq!(fs::metadata(home.at("copy.key")).unwrap().permissions().mode() & 0o777, 0o600);
}

// --- Check-ups ---

#[tokio::test]
async fn a_check_tells_what_does_not_open_and_what_is_damaged() {
    let home = Home::filled().await;
    let sound = home.check();
    assert_eq!((sound.sound, sound.secrets, sound.version), (true, 5, schema::KNOWN));
    // While somebody has it open, too.
    let store = home.open().unwrap();
    assert!(home.check().sound);
    drop(store);

    home.conn().execute("UPDATE totp SET person = 'bob'", []).unwrap_err();
    home.conn().execute("UPDATE totp SET sealed_key = zeroblob(60)", []).unwrap();
    let found = home.check();
    assert_eq!((found.sound, found.secrets), (false, 4));
    assert!(found.problems[0].contains("totp key of ann does not open"), "{found:?}");

    fs::set_permissions(home.at("state.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(home.check().problems.iter().any(|problem| problem.contains("chmod 600")), "readable by others");
    let other = Home::filled().await;
    let found = check(&home.at("state.db"), &other.at("state.key"), &mut |_, _| {}).unwrap();
    assert!(
        found.problems.iter().any(|problem| problem.contains("is not the key it was sealed with")),
        "{found:?}"
    );

    let conn = other.conn();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute("DELETE FROM accounts", []).unwrap();
    assert!(other.check().problems.iter().any(|problem| problem.contains("belong to nothing")));
}

#[tokio::test]
async fn every_column_with_sealed_secrets_is_known() {
    let home = Home::filled().await;
    let conn = home.conn();
    let mut list = conn
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND c.name LIKE '%sealed%' AND t.name <> 'kept_forms' ORDER BY 1, 2",
        )
        .unwrap();
    let found: Vec<(String, String)> =
        list.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut known: Vec<_> =
        sealed::PLACES.map(|(table, _, column, ..)| (table.to_owned(), column.to_owned())).into();
    known.sort();
    assert_eq!(found, known);
    // One of each is in what these tests work on.
    assert_eq!(sealed::all(&conn).unwrap().len(), known.len());
}

// --- Versions ---

/// A file as the version before wrote it.
const BEFORE: u32 = schema::KNOWN - 1;

fn aged() -> Home {
    let home = Home::new();
    fs::write(home.at("state.db"), "").unwrap();
    fs::set_permissions(home.at("state.db"), fs::Permissions::from_mode(0o600)).unwrap();
    schema::migrate_until(&mut home.conn(), BEFORE, &mut |_, _| {}).unwrap();
    home
}

#[tokio::test]
async fn an_older_store_is_copied_and_brought_up_to_date_once() {
    let home = aged();
    let migrate_it = |backup| migrate(&home.at("state.db"), backup, &mut |_, _| {});
    let found = home.check();
    assert!(!found.sound && found.problems[0].contains("`vestibule store migrate`"), "{found:?}");
    assert!(home.rotate(None).unwrap_err().to_string().contains("`vestibule store migrate` comes first"));
    fs::write(home.at("taken"), "").unwrap();
    assert!(migrate_it(Some(home.at("taken"))).unwrap_err().to_string().contains("--backup"));
    assert_eq!(schema::version(&home.conn()).unwrap(), BEFORE, "nothing is done without a copy");
    let mut told = Vec::new();
    let migrated = migrate(&home.at("state.db"), None, &mut |done, all| told.push((done, all))).unwrap();
    assert_eq!((migrated.from, migrated.to, told), (BEFORE, schema::KNOWN, vec![(1, 1)]));
    let copy = Connection::open(migrated.backup.unwrap()).unwrap();
    assert_eq!(schema::version(&copy).unwrap(), BEFORE);
    let again = migrate_it(None).unwrap();
    assert_eq!((again.from, again.backup), (schema::KNOWN, None), "nothing to do");
    fill(&home.open().unwrap()).await;
    home.still_opens().await;
}

#[tokio::test]
async fn a_newer_store_and_one_in_use_are_left_alone() {
    let home = Home::filled().await;
    home.conn().pragma_update(None, "user_version", schema::KNOWN + 1).unwrap();
    let refused = migrate(&home.at("state.db"), None, &mut |_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("newer vestibule"), "{refused}");
    home.conn().pragma_update(None, "user_version", schema::KNOWN).unwrap();
    let _server = home.open().unwrap();
    for refused in
        [migrate(&home.at("state.db"), None, &mut |_, _| {}).unwrap_err(), home.rotate(None).unwrap_err()]
    {
        assert!(refused.to_string().contains("a server has"), "{refused}");
        assert!(refused.to_string().contains("stop it, say this again, and start it"), "{refused}");
    }
}

// --- Keys ---

#[tokio::test]
async fn a_new_key_opens_everything_and_the_old_one_nothing() {
    let home = Home::filled().await;
    let before = fs::read_to_string(home.at("state.key")).unwrap();
    let copy = home.at("copy.db");
    backup(&home.at("state.db"), &home.at("state.key"), &copy, None, &mut |_, _| {}).unwrap();
    let rotated = home.rotate(Some(&home.at("old.key"))).unwrap();
    assert_eq!((rotated.secrets, rotated.old_key), (5, Some(home.at("old.key"))));
    assert_ne!(fs::read_to_string(home.at("state.key")).unwrap(), before);
    assert_eq!(fs::read_to_string(home.at("old.key")).unwrap(), before);
    home.still_opens().await;
    assert!(!check(&home.at("state.db"), &home.at("old.key"), &mut |_, _| {}).unwrap().sound);
    assert!(check(&copy, &home.at("old.key"), &mut |_, _| {}).unwrap().sound, "a copy of before");
    assert!(home.rotate(Some(&home.at("old.key"))).is_err(), "nothing is overwritten");
    home.rotate(None).unwrap();
    home.still_opens().await;
}

#[tokio::test]
async fn whichever_moment_it_is_cut_off_one_key_opens_everything() {
    let key_of = |home: &Home| fs::read_to_string(home.at("state.key")).unwrap();
    // A new key was drawn, and nothing sealed with it.
    let home = Home::filled().await;
    let before = key_of(&home);
    rotate::draw(&home.at("state.key")).unwrap();
    assert!(home.check().sound, "looking finishes nothing");
    home.still_opens().await;
    assert_eq!(key_of(&home), before);

    // It was cut off while it was written.
    fs::write(home.at("state.key.next"), "AAAA").unwrap();
    fs::set_permissions(home.at("state.key.next"), fs::Permissions::from_mode(0o600)).unwrap();
    home.still_opens().await;

    // Everything is sealed with it, and it has not taken the old one's place.
    let new = rotate::draw(&home.at("state.key")).unwrap();
    let old = crate::store::seal::Seal::read(&home.at("state.key")).unwrap().unwrap();
    rotate::reseal(&home.conn(), &old, &new, &mut |_, _| {}).unwrap();
    let next = fs::read_to_string(home.at("state.key.next")).unwrap();
    assert!(home.check().sound, "the key beside it fits");
    home.still_opens().await;
    assert_eq!(key_of(&home), next);
}

#[tokio::test]
async fn what_does_not_open_refuses_a_new_key_and_changes_nothing() {
    let home = Home::filled().await;
    home.conn().execute("UPDATE totp SET sealed_key = zeroblob(60)", []).unwrap();
    let before = fs::read_to_string(home.at("state.key")).unwrap();
    assert!(matches!(home.rotate(None), Err(StoreFault::Damaged(_))));
    assert_eq!(fs::read_to_string(home.at("state.key")).unwrap(), before);
    assert!(!home.at("state.key.next").exists());
    assert_eq!(home.check().secrets, 4);
}
