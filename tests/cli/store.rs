//! The store's own commands: copies, check-ups, new keys; with and without a server.

use std::{fs, io::Read as _, os::fd::OwnedFd, process::Stdio};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use crate::harness::Place;

const STORE: &str = "\n[[directory]]\nkind = \"store\"\n";

/// With people of the store, one of whom is Jan.
fn with_jan() -> Place {
    let place = Place::new();
    let file = place.read("vestibule.toml");
    place.write("vestibule.toml", &file.replacen("[[portal]]", &format!("{STORE}\n[[portal]]"), 1));
    place.serve().stop();
    place.run(&["user", "add", "jan", "--email", "jan@example.com"]).ends_with(0);
    place
}

#[test]
fn a_copy_made_beside_a_running_server_is_restored_by_hand() {
    let place = with_jan();
    let server = place.serve();
    place.run(&["user", "add", "piet", "--email", "piet@example.com"]).ends_with(0);
    let ran = place.run(&["store", "backup", "copy.db"]).ends_with(0);
    assert!(ran.out.contains("vestibule.key, which is not in it: keep a copy of that elsewhere"), "{ran:?}");
    let ran = place.run(&["store", "backup", "copy.db"]).ends_with(1);
    assert!(ran.err.contains("copy.db is there already, and a backup overwrites nothing"), "{ran:?}");
    let both = place.run(&["store", "backup", "two.db", "--key", "two.key", "--json"]).ends_with(0).json();
    assert_eq!((&both["file"], &both["key_copy"]), (&"two.db".into(), &"two.key".into()));
    let ran = place.run(&["store", "check"]).ends_with(0);
    assert!(ran.out.contains("vestibule.db: sound"), "{ran:?}");
    place.run(&["store", "check", "two.db", "--key", "two.key"]).ends_with(0);
    // What happens now is not in the copy.
    place.run(&["user", "remove", "jan"]).ends_with(0);
    server.stop();

    for gone in ["vestibule.db", "vestibule.key"] {
        fs::remove_file(place.path(gone)).expect("it was there");
    }
    fs::rename(place.path("two.db"), place.path("vestibule.db")).expect("a copy");
    fs::rename(place.path("two.key"), place.path("vestibule.key")).expect("a key");
    let server = place.serve();
    for name in ["jan", "piet"] {
        place.run(&["user", "show", name]).ends_with(0);
    }
    server.stop();
    // Without a server as well.
    place.run(&["store", "backup", "late.db"]).ends_with(0);
    place.run(&["store", "check", "late.db"]).ends_with(0);
}

#[test]
fn the_key_is_changed_while_no_server_runs_and_the_next_start_opens_everything() {
    let place = with_jan();
    let server = place.serve();
    let ran = place.run(&["store", "rotate-key"]).ends_with(1);
    assert!(ran.err.contains("stop it, say this again, and start it"), "{ran:?}");
    place.run(&["store", "migrate"]).ends_with(1);
    server.stop();
    let before = place.read("vestibule.key");
    let ran = place.run(&["store", "rotate-key", "--old-key", "old.key"]).ends_with(0);
    assert!(ran.out.contains("the old one is in old.key"), "{ran:?}");
    assert_eq!(place.read("old.key"), before);
    assert_ne!(place.read("vestibule.key"), before);
    let ran = place.run(&["store", "migrate"]).ends_with(0);
    assert!(ran.out.starts_with("nothing to do: the store is of version"), "{ran:?}");
    place.write("wrong.key", &before);
    let report = place.run(&["store", "check", "--key", "wrong.key", "--json"]).ends_with(1).json();
    assert_eq!(report["sound"], false);
    let server = place.serve();
    place.run(&["user", "show", "jan"]).ends_with(0);
    let events = place.run(&["audit", "list", "--kind", "administration", "--json"]).ends_with(0).json();
    let told = events["events"][0]["detail"].as_str().unwrap_or_default().to_owned();
    assert!(told.starts_with("the key of the store was changed; by uid"), "{events}");
    server.stop();
}

/// What a person at a terminal sees of a command.
fn watched(place: &Place, arguments: &[&str]) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("a terminal");
    unlockpt(&master).expect("a terminal");
    let name = ptsname(&master, Vec::new()).expect("its name");
    let open = || -> OwnedFd {
        rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other side")
    };
    let mut command = place.command(arguments);
    command.env("TERM", "xterm").stdout(Stdio::from(open())).stderr(Stdio::from(open()));
    let mut child = command.spawn().expect("the program runs");
    // Only the program has the other side now: it is over when that ends.
    drop(command);
    let mut shown = Vec::new();
    // A terminal that went away is an error, not an end.
    let _ = fs::File::from(master).read_to_end(&mut shown);
    assert!(child.wait().expect("an end").success(), "{}", String::from_utf8_lossy(&shown));
    String::from_utf8_lossy(&shown).into_owned()
}

#[test]
fn long_work_shows_how_far_it_is_to_who_watches_and_to_nobody_else() {
    let place = with_jan();
    place.write("people.csv", "name,email\npiet,piet@example.com\n");
    let people = ["user", "import", "--dry-run", "people.csv"];
    for (nth, (arguments, bar)) in
        [(&["store", "check"][..], "checking ["), (&["store", "backup"], "copying ["), (&people, "importing")]
            .into_iter()
            .enumerate()
    {
        let to = |which: &str| format!("{which}-{nth}.db");
        let run = |which: &str, more: &[&str]| {
            let file = to(which);
            let mut all = arguments.to_vec();
            if arguments[1] == "backup" {
                all.push(&file);
            }
            all.extend(more);
            if which == "seen" { watched(&place, &all) } else { place.run(&all).ends_with(0).err }
        };
        let seen = run("seen", &[]);
        assert!(seen.contains(bar), "{arguments:?}: {seen:?}");
        assert_eq!(run("piped", &[]), "", "{arguments:?}");
    }
    assert!(!watched(&place, &["store", "check", "--json"]).contains("checking"));
}
