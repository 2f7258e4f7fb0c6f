//! The files that are shipped load, the schema is what the code says, and every slip is answered with something worth reading.

mod any_text;
mod asked;
mod certificates;
mod mistakes;
mod people;

use std::{fs, path::Path};

use super::{Color, Files, Loaded, Severity, load, load_text, policy_tests, schema, users_schema};

fn shipped(name: &str) -> Loaded {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name), Files::Assumed)
}

#[test]
fn every_shipped_file_loads_without_a_word_and_passes_its_own_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with("users") {
            continue;
        }
        seen += 1;
        let loaded = shipped(&name);
        assert!(loaded.problems.is_empty(), "{name}:\n{}", loaded.report(Color::Plain));
        for outcome in policy_tests::run(&loaded.settings.unwrap()) {
            assert!(outcome.passed(), "{name}: {outcome}");
        }
    }
    assert!(seen >= 3);
}

#[test]
fn the_example_of_the_interface_loads_with_one_warning_about_mailed_codes() {
    let text = include_str!("tests/interface.toml");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let text = text.replace("users.toml", "users.example.toml");
    let loaded = load_text(&folder.join("vestibule.toml"), &text, Files::Assumed);
    assert_eq!(loaded.problems.len(), 1, "{}", loaded.report(Color::Plain));
    assert_eq!(loaded.problems[0].severity, Severity::Warning);
    assert_eq!(
        loaded.problems[0].message,
        "\"email\" is not available in this version; visitors use \"totp\""
    );
    let settings = loaded.settings.unwrap();
    assert!(policy_tests::run(&settings).iter().all(policy_tests::TestOutcome::passed));
}

#[test]
fn the_schemas_in_the_repository_are_those_of_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, of_the_code) in [("vestibule.schema.json", schema()), ("users.schema.json", users_schema())] {
        let path = root.join(name);
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if kept != of_the_code {
            let fresh = std::env::temp_dir().join(name);
            fs::write(&fresh, of_the_code).unwrap();
            panic!("{name} is stale; the schema of the code is in {}", fresh.display());
        }
    }
}
