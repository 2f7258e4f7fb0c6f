//! Commands that need nothing but themselves.

use std::{io::Write as _, process::Stdio};

use argon2::{Argon2, PasswordVerifier as _, password_hash::phc::PasswordHash};

use crate::harness::{Ran, program};

fn run(arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let output = program(arguments).current_dir(folder.path()).output().expect("the program runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

fn hash(input: &[u8]) -> Ran {
    let mut child = program(&["hash"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("its input").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

#[test]
fn a_hash_is_argon2id_and_of_the_line_without_its_end() {
    let printed = hash(b"correct horse\n").ends_with(0).out;
    assert!(printed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{printed}");
    let hash = PasswordHash::new(printed.trim_end()).expect("a PHC string");
    assert!(Argon2::default().verify_password(b"correct horse", &hash).is_ok());
    assert!(Argon2::default().verify_password(b"correct horse\n", &hash).is_err());
}

#[test]
fn an_empty_password_has_no_hash() {
    let ran = hash(b"\n").ends_with(1);
    assert!(ran.out.is_empty() && ran.err.contains("the password is empty"), "{ran:?}");
}

#[test]
fn every_shell_gets_a_completion_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completion", shell]).ends_with(0);
        for word in ["reset-second-factor", "break-glass", "rotate-key", "email-domain"] {
            assert!(ran.out.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_man_page_names_commands_signals_and_exit_codes() {
    let page = run(&["manpage"]).ends_with(0).out;
    for word in [
        ".TH vestibule 8",
        "vestibule trust revoke",
        "vestibule store backup",
        ".SH SIGNALS",
        ".SH \"EXIT STATUS\"",
    ] {
        assert!(page.contains(word), "no {word} in {page}");
    }
}

#[test]
fn the_printed_example_and_schema_belong_together() {
    assert!(run(&["config", "example"]).ends_with(0).out.contains("[[portal]]"));
    let schema = run(&["config", "schema"]).ends_with(0).json();
    assert!(schema["properties"]["portal"].is_object());
    let people = run(&["config", "schema", "--users"]).ends_with(0).json();
    assert!(people["properties"]["user"].is_object());
}

#[test]
fn wrong_usage_ends_with_2() {
    run(&["no-such-command"]).ends_with(2);
    run(&["trust", "revoke"]).ends_with(2);
    run(&["explain", "--url", "/no/host"]).ends_with(2);
    run(&[]).ends_with(2);
}
