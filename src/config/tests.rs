//! The files that are shipped load, the schema is what the code says, and every slip is answered with something worth reading.

mod any_text;
mod asked;
mod certificates;
mod letters;
mod mistakes;
mod people;
mod providers;

use std::{collections::BTreeSet, fs, path::Path};

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

/// The keys of each table in a file, also those that are commented out.
fn keys_written(text: &str) -> BTreeSet<(String, String)> {
    let (mut table, mut keys) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        if line.starts_with('[') {
            table = line.split(']').next().unwrap().trim_start_matches('[').to_owned();
            keys.insert((table.clone(), String::new()));
            continue;
        }
        let words: Vec<_> = line.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| pair[1] == "=") {
            keys.insert((table.clone(), pair[0].trim_start_matches(['[', '{']).to_owned()));
        }
    }
    keys
}

/// Each key of the schema that `written` lacks, looked for in its table or, where that is written inline, in the one around.
fn missing(
    schema: &serde_json::Value,
    of: &serde_json::Value,
    table: &str,
    written: &BTreeSet<(String, String)>,
) -> Vec<String> {
    let mut missing = Vec::new();
    for (key, value) in of["properties"].as_object().unwrap() {
        let own = if table.is_empty() { key.clone() } else { format!("{table}.{key}") };
        let has_table = written.contains(&(own.clone(), String::new()));
        if !has_table && !written.contains(&(table.to_owned(), key.clone())) {
            missing.push(own.clone());
        }
        let kinds = ["anyOf", "allOf"].into_iter().flat_map(|of| value[of].as_array().into_iter().flatten());
        for kind in [value, &value["items"]].into_iter().chain(kinds) {
            let name = kind["$ref"].as_str().and_then(|name| name.strip_prefix("#/definitions/"));
            let inside = name.map(|name| &schema["definitions"][name]);
            if let Some(inside) = inside.filter(|inside| inside["properties"].is_object()) {
                let table = if has_table { &own } else { table };
                missing.extend(self::missing(schema, inside, table, written));
            }
        }
    }
    missing
}

#[test]
fn the_example_shows_every_key_there_is() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    let example = include_str!("../../config/example.toml");
    let nothing: Vec<String> = Vec::new();
    assert_eq!(missing(&schema, &schema, "", &keys_written(example)), nothing);
    for (key, line) in
        [("portal.host", "# host ="), ("portal.headers.email", "email ="), ("tls.certificates", "certif")]
    {
        let less: String =
            example.lines().filter(|l| !l.starts_with(line)).map(|l| format!("{l}\n")).collect();
        assert!(missing(&schema, &schema, "", &keys_written(&less)).contains(&key.to_owned()), "{key}");
    }
}

#[test]
fn the_example_of_the_interface_loads_with_one_warning_about_mailed_codes() {
    let text = include_str!("tests/interface.toml");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let text = text.replace("users.toml", "users.example.toml");
    let loaded = load_text(&folder.join("vestibule.toml"), &text, Files::Assumed);
    assert_eq!(loaded.problems.len(), 1, "{}", loaded.report(Color::Plain));
    assert_eq!(loaded.problems[0].severity, Severity::Warning);
    assert_eq!(loaded.problems[0].message, "\"email\" is never asked: without [mail] nothing is sent");
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
