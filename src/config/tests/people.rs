//! People as the rest of the house receives them.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use crate::{
    config::{Files, Loaded, Severity, load},
    domain::identity::Requirement,
};

const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$JTQ3hKNbS+Ribexx7RyxLw$MH+/f5793SwXg8mN7bbLT/3sM33YIC2ewnaBIG3asTI";

fn read(main: &str, users: &str) -> (tempfile::TempDir, Loaded) {
    let folder = tempfile::tempdir().unwrap();
    let portal = r#"
[tls]
certificates = [{ chain = "c.pem", key = "k.pem" }]
[[directory]]
kind = "file"
path = "users.toml"
[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
[[portal.rule]]
policy = "two_factor"
"#;
    fs::write(folder.path().join("users.toml"), users).unwrap();
    fs::write(folder.path().join("hash"), format!("{HASH}\n")).unwrap();
    fs::write(folder.path().join("vestibule.toml"), format!("{main}{portal}")).unwrap();
    let loaded = load(&folder.path().join("vestibule.toml"), Files::Assumed);
    (folder, loaded)
}

#[test]
fn a_person_is_found_by_name_and_address_in_any_spelling() {
    let users = format!("[[user]]\nname = \"Anna\"\nemail = \"Anna@Example.com\"\npassword = \"{HASH}\"\n");
    let (_folder, loaded) = read("", &users);
    let settings = loaded.settings.unwrap();
    for typed in ["anna", " ANNA ", "anna@example.COM"] {
        assert_eq!(settings.people.find(typed).unwrap().name, "Anna", "{typed}");
    }
}

#[test]
fn a_password_may_lie_in_a_file_of_its_own() {
    let users = "[[user]]\nname = \"anna\"\npassword = { file = \"hash\" }\n";
    let (_folder, loaded) = read("", users);
    let settings = loaded.settings.unwrap();
    assert_eq!(settings.people.find("anna").unwrap().password.as_ref().unwrap().as_str(), HASH);
}

#[test]
fn without_a_word_the_second_factor_is_required_and_the_strictest_word_wins() {
    let users = format!(
        "[[user]]\nname = \"anna\"\ngroups = [\"clients\", \"admins\"]\npassword = \"{HASH}\"\n\
         [[user]]\nname = \"bob\"\nsecond_factor = \"optional\"\npassword = \"{HASH}\"\n"
    );
    let groups = "[[group]]\nname = \"clients\"\nsecond_factor = \"off\"\n[[group]]\nname = \"admins\"\nsecond_factor = \"optional\"\n";
    let requirement = |main: &str, name| {
        let (_folder, loaded) = read(main, &users);
        loaded.settings.unwrap().people.find(name).unwrap().requirement
    };
    assert_eq!(requirement("", "anna"), Requirement::Required);
    assert_eq!(requirement("[second_factor]\n", "anna"), Requirement::Required);
    let off = "[second_factor]\nrequirement = \"off\"\n";
    assert_eq!(requirement(off, "anna"), Requirement::Off);
    assert_eq!(requirement(&format!("{off}{groups}"), "anna"), Requirement::Optional);
    assert_eq!(requirement(off, "bob"), Requirement::Optional);
}

#[test]
fn the_ceilings_of_a_hash_are_exact() {
    let fine = |m: u32, t: u32, p: u32| {
        let hash = HASH.replace("m=19456,t=2,p=1", &format!("m={m},t={t},p={p}"));
        let (_folder, loaded) = read("", &format!("[[user]]\nname = \"anna\"\npassword = \"{hash}\"\n"));
        loaded.settings.is_some()
    };
    assert!(fine(1 << 20, 1, 1) && !fine((1 << 20) + 1, 1, 1));
    assert!(fine(19456, 20, 1) && !fine(19456, 21, 1));
    assert!(fine(19456, 2, 16) && !fine(19456, 2, 17));
}

#[test]
fn a_missing_file_of_people_is_an_error_on_its_machine_only() {
    let (folder, _) = read("", "");
    fs::remove_file(folder.path().join("users.toml")).unwrap();
    let main: PathBuf = folder.path().join("vestibule.toml");
    assert_eq!(load(&main, Files::Assumed).errors(), 0);
    let told = load(&main, Files::Checked);
    assert!(
        told.problems.iter().any(|problem| problem.message.ends_with("users.toml is not there")),
        "{told:?}"
    );
}

#[test]
fn hashes_that_everybody_may_read_are_refused_and_a_groups_reading_is_told() {
    let users = format!("[[user]]\nname = \"anna\"\npassword = \"{HASH}\"\n");
    let (folder, _) = read("", &users);
    let people = folder.path().join("users.toml");
    let main = folder.path().join("vestibule.toml");
    for (mode, told) in [(0o600, None), (0o640, Some(Severity::Warning)), (0o604, Some(Severity::Error))] {
        fs::set_permissions(&people, fs::Permissions::from_mode(mode)).unwrap();
        let problems = load(&main, Files::Checked).problems;
        let found = problems.iter().find(|problem| problem.message.contains("the password hashes"));
        assert_eq!(found.map(|problem| problem.severity), told, "{mode:o}");
    }
}

#[test]
fn old_hashes_are_taken_with_a_warning_and_those_that_are_guessed_too_fast_or_cost_too_much_are_not() {
    let bcrypt = "$2y$10$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
    let told = |hash: &str| {
        let (_folder, loaded) = read("", &format!("[[user]]\nname = \"anna\"\npassword = \"{hash}\"\n"));
        let has_password = loaded.settings.is_some_and(|settings| {
            settings.people.find("anna").unwrap().password.as_ref().is_some_and(|kept| kept.as_str() == hash)
        });
        let said: Vec<_> = loaded.problems.iter().map(|problem| problem.to_string()).collect();
        (has_password, said.join("\n"))
    };
    let (is_taken, said) = told(bcrypt);
    assert!(is_taken && said.contains("is an old hash, of kind bcrypt (cost 10)"), "{said}");
    for (hash, why) in [
        (bcrypt.replace("$10$", "$31$"), "is too costly to check (cost 31; at most cost 14)"),
        (
            format!("$6$rounds=999999999$saltsalt${}", "x".repeat(86)),
            "is too costly to check (rounds=999999999;",
        ),
        ("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/".to_owned(), "is an Apache MD5 hash ($apr1$)"),
        ("$1$abc$def".to_owned(), "is a hash of kind MD5-crypt, which is not taken"),
    ] {
        let (is_taken, said) = told(&hash);
        assert!(!is_taken && said.contains(why), "{said}");
    }
}
