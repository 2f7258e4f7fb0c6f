//! People of the store, groups and portals by command, with and without a server.

use crate::harness::Place;

const STORE: &str = "\n[[directory]]\nkind = \"store\"\n";

fn with_store() -> Place {
    let place = Place::new();
    let file = place.read("vestibule.toml");
    place.write("vestibule.toml", &file.replacen("[[portal]]", &format!("{STORE}\n[[portal]]"), 1));
    place
}

#[test]
fn a_person_is_made_changed_found_and_removed_while_no_server_runs() {
    let place = with_store();
    place.run(&["user", "add", "jan"]).ends_with(2);
    let ran = place.run(&["user", "add", "jan", "--email", "jan@example.com"]).ends_with(1);
    assert!(ran.err.contains("there is no store yet: start the server once"), "{ran:?}");
    place.serve().stop();
    let ran = place.run(&["user", "add", "jan", "--email", "nowhere"]).ends_with(1);
    assert!(ran.err.contains("\"nowhere\" is no mail address"), "{ran:?}");
    place.run(&["user", "add", "jan", "--email", "jan@example.com", "--group", "drivers"]).ends_with(0);
    let ran = place.run(&["user", "add", "JAN", "--email", "x@example.com"]).ends_with(1);
    assert!(ran.err.contains("belongs to somebody already"), "{ran:?}");
    place
        .run(&["user", "set", "jan", "--display-name", "Jan Bakker", "--second-factor", "required"])
        .ends_with(0);
    let card = place.run(&["user", "show", "jan", "--json"]).ends_with(0).json();
    assert_eq!((&card["display_name"], &card["second_factor"]), (&"Jan Bakker".into(), &"required".into()));
    assert_eq!((&card["has_password"], &card["invited_until"]), (&false.into(), &serde_json::Value::Null));
    let ran = place.run(&["user", "show", "jan"]).ends_with(0);
    assert!(ran.out.contains("password        none\n"), "{ran:?}");
    let ran = place.run(&["user", "show", "anna"]).ends_with(0);
    assert!(ran.out.contains("password        set (argon2id)\n"), "{ran:?}");
    let found = place.run(&["user", "list", "--search", "bakk", "--json"]).ends_with(0).json();
    assert_eq!((&found["total"], &found["people"][0]["name"]), (&1.into(), &"jan".into()));
    let ran = place.run(&["user", "set", "anna", "--disabled"]).ends_with(1);
    assert!(ran.err.contains("comes from a file"), "{ran:?}");
    let ran = place.run(&["user", "rename", "jan", "Hendrik"]).ends_with(0);
    assert!(ran.out.contains("renamed: jan is now Hendrik"), "{ran:?}");
    place.run(&["user", "show", "jan"]).ends_with(1);
    let ran = place.run(&["user", "rename", "hendrik", "anna"]).ends_with(1);
    assert!(ran.err.contains("belongs to somebody already"), "{ran:?}");
    place.run(&["user", "rename", "hendrik", "jan"]).ends_with(0);
    place.run(&["user", "remove", "jan"]).ends_with(0);
    place.run(&["user", "show", "jan"]).ends_with(1);
}

#[test]
fn a_running_server_knows_who_was_imported_at_once() {
    let place = with_store();
    let server = place.serve();
    place.write("people.csv", "name,email,groups\njan,jan@example.com,drivers|night\npiet,piet,drivers\n");
    let path = place.path("people.csv");
    let table = path.to_str().expect("a path");
    let ran = place.run(&["user", "import", table]).ends_with(1);
    assert!(ran.out.contains("\"piet\" is no mail address"), "{ran:?}");
    assert!(ran.out.ends_with(
        "1 new, 0 changed, 0 as they were, 1 refused; nothing was written: mend the lines above\n"
    ));
    place.run(&["user", "show", "jan"]).ends_with(1);
    place.write(
        "people.csv",
        "name,email,groups\njan,jan@example.com,drivers|night\npiet,piet@example.com,drivers\n",
    );
    let ran = place.run(&["user", "import", "--dry-run", table]).ends_with(0);
    assert_eq!(ran.out, "2 new, 0 changed, 0 as they were, 0 refused; nothing was written: a dry run\n");
    place.run(&["user", "import", table]).ends_with(0);
    place.run(&["user", "show", "piet"]).ends_with(0);
    let many: String =
        (0..2_000).map(|n| format!("driver{n},Driver number {n},driver{n}@example.com\r\n")).collect();
    place.write("many.csv", &format!("name,display_name,email\r\n{many}"));
    let many = place.path("many.csv");
    let ran = place.run(&["user", "import", many.to_str().expect("a path"), "--dry-run"]).ends_with(0);
    assert!(ran.out.starts_with("2000 new"), "{ran:?}");

    // What Apache's users have, with the passwords they know.
    place.write(
        "users.htpasswd",
        "# of the old portal\nkees:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n",
    );
    let users = place.path("users.htpasswd");
    let users = users.to_str().expect("a path");
    let ran = place.run(&["user", "import", users]).ends_with(1);
    assert!(ran.out.contains("say --email-domain example.com"), "{ran:?}");
    let ran = place.run(&["user", "import", users, "--email-domain", "example.com"]).ends_with(0);
    assert_eq!(
        ran.out,
        "1 new, 0 changed, 0 as they were, 0 refused\nold password hashes: 1, each replaced by argon2id at its owner's next sign-in\n"
    );
    let ran = place.run(&["user", "import", users, "--from", "csv"]).ends_with(1);
    assert!(ran.err.contains("the first line must name the columns"), "{ran:?}");

    place.run(&["group", "set", "drivers", "--second-factor", "optional", "--closed"]).ends_with(0);
    let groups = place.run(&["group", "list", "--json"]).ends_with(0).json();
    let drivers =
        groups.as_array().expect("a list").iter().find(|line| line["name"] == "drivers").expect("drivers");
    assert_eq!((&drivers["people"], &drivers["closed"]), (&2.into(), &true.into()));
    place.run(&["group", "set", "drivers"]).ends_with(2);
    place.run(&["portal", "close", "wiki"]).ends_with(0);
    assert!(place.run(&["portal", "list"]).ends_with(0).out.contains("closed"));
    place.run(&["portal", "open", "wiki"]).ends_with(0);
    place.run(&["portal", "open", "wikki"]).ends_with(1);
    assert_eq!(place.run(&["request", "list"]).ends_with(0).out, "nobody waits for help\n");
    place.run(&["request", "grant", "K7M4-2QXP", "--reason", "called back"]).ends_with(1);
    let events = place.run(&["audit", "list", "--kind", "person_added", "--json"]).ends_with(0).json();
    assert_eq!(events["events"].as_array().expect("a list").len(), 3);
    server.stop();
}

#[test]
fn a_break_glass_code_is_printed_and_recorded_and_kept_nowhere() {
    let place = with_store();
    place.serve().stop();
    let made =
        place.run(&["user", "break-glass", "anna", "--reason", "at sea", "--json"]).ends_with(0).json();
    let first = made["code"].as_str().expect("a code").to_owned();
    assert_eq!((first.len(), &made["user"], &made["has_password"]), (16, &"anna".into(), &true.into()));
    let server = place.serve();
    let printed = place.run(&["user", "break-glass", "anna@example.com"]).ends_with(0).out;
    assert!(printed.contains("anna, once, until") && printed.contains("After the password"), "{printed}");
    let second = printed.split_whitespace().nth(1).expect("a code").to_owned();
    place.run(&["user", "break-glass", "nobody"]).ends_with(1);
    let events = place.run(&["audit", "list", "--kind", "break_glass_made", "--json"]).ends_with(0).json();
    let told: Vec<_> = events["events"].as_array().expect("a list").iter().collect();
    assert_eq!(told.len(), 2);
    assert!(told[1]["detail"].as_str().expect("a word").starts_with("at sea; by uid"), "{events}");
    let (_, said) = server.stop();
    let files = ["vestibule.db", "vestibule.db-wal", "audit.log"].map(|name| std::fs::read(place.path(name)));
    let kept: Vec<u8> = files.into_iter().flatten().flatten().collect();
    let kept = String::from_utf8_lossy(&kept) + said.as_str();
    for code in [first, second] {
        assert!(!kept.contains(&code) && !kept.contains(&code.replace('-', "")));
    }
}
