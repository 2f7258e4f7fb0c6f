//! The floors, held by reading the imports: a room uses only rooms on floors below its own, never sideways, never up.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
};

const FLOORS: [&[&str]; 9] = [
    &["domain"],
    &["config", "wire"],
    &["store", "notify", "page", "telemetry"],
    &["factor", "proxy"],
    &["runtime"],
    &["web"],
    &["gateway"],
    &["serve"],
    &["cli"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 30, "the sources are where this test looks");
    files
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Rooms named right after `crate::`, also inside a `crate::{…}` list.
fn rooms_used(text: &str) -> Vec<String> {
    let text: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = text[at + "crate::".len()..].trim_start();
        let Some(list) = rest.strip_prefix('{') else {
            used.push(name(rest));
            continue;
        };
        let mut depth = 1;
        let mut expects_name = true;
        for (offset, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => expects_name = true,
                c if depth == 1 && expects_name && !c.is_whitespace() => {
                    used.push(name(&list[offset..]));
                    expects_name = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    used
}

#[test]
fn every_room_uses_only_rooms_on_floors_below() {
    let mut faults = Vec::new();
    for file in all_sources() {
        let room = room_of(&file);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let own = floor(&room).unwrap_or_else(|| panic!("{room} stands on no floor"));
        for used in rooms_used(&fs::read_to_string(&file).unwrap()) {
            let Some(other) = floor(&used) else { continue };
            if used != room && other >= own {
                faults.push(format!("{}: {room} (floor {own}) uses {used} (floor {other})", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn imports_are_found_in_lists_and_alone() {
    let text = "use crate::domain::time;\nuse crate::{\n    config::{settings, file},\n    store,\n};\n// crate::cli\n";
    assert_eq!(rooms_used(text), ["domain", "config", "store"]);
}

/// Where the seals could be broken by a well-meant shortcut: only these places may name these things.
#[test]
fn standings_are_built_and_logins_told_of_passed_factors_only_where_they_may_be() {
    let rules: [(&str, &[&str]); 12] = [
        // Built, not looked at: `explain` builds one to ask about, tests one to walk in with.
        ("(Known {", &["gateway/recognise.rs", "config/visitor.rs", "web/tests/", "proxy/tests/", "domain/"]),
        (" Known {", &["gateway/recognise.rs", "config/visitor.rs", "web/tests/", "proxy/tests/", "domain/"]),
        ("Login::begin(", &["web/login.rs", "domain/"]),
        ("Begun::with(", &["web/login.rs", "web/link.rs", "web/provider.rs", "web/unlock.rs"]),
        // The door behind every first factor, whoever was right about it.
        ("go_on(", &["web/login.rs", "web/link.rs", "web/provider.rs", "web/unlock.rs"]),
        (".answer(&verdict", &["web/second_factor.rs", "web/contact.rs", "domain/"]),
        ("login.answer(", &["web/second_factor.rs", "web/contact.rs", "domain/"]),
        (".answer_enrolment(", &["web/enrol.rs", "domain/"]),
        (".after_glass(", &["web/second_factor.rs", "domain/"]),
        ("Session::open(", &["web/admit.rs"]),
        ("Grant::handed_over(", &["web/hand_over.rs"]),
        ("admit_handed(", &["web/hand_over.rs", "web/admit.rs"]),
    ];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (words, places) in rules {
        for place in places {
            assert!(source.join(place).exists(), "{place} may say {words}, but is not there");
        }
    }
    for file in all_sources() {
        let name = file.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        for (words, places) in rules {
            let is_allowed = places.iter().any(|place| name.contains(&format!("/src/{place}")));
            assert!(is_allowed || !text.contains(words), "{name} says {words}");
        }
    }
}
