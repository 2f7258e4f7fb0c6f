//! Letters in an operator's own words, and what is said of those that cannot be sent.

use std::{fs, path::Path};

use crate::config::{
    Files, Severity, load, load_text,
    settings::{LetterKind, Slot},
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let made = rcgen::generate_simple_self_signed(vec!["wiki.example.com".to_owned()]).unwrap();
        folder.write("chain.pem", &made.cert.pem());
        folder.write("key.pem", &made.signing_key.serialize_pem());
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder.path().join("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
        let text = r#"
[tls]
certificates = [{ chain = "chain.pem", key = "key.pem" }]
[mail]
from = "no-reply@example.com"
smtp = { host = "mail.example.com" }
templates = "letters"
[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
[[portal.rule]]
policy = "bypass"
"#;
        folder.write("vestibule.toml", text);
        fs::create_dir(folder.path().join("letters")).unwrap();
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }

    /// Each problem as a line: how bad, where from the folder on, what, and what to do.
    fn problems(&self) -> Vec<String> {
        let loaded = load(&self.path().join("vestibule.toml"), Files::Checked);
        let here = format!("{}/", self.path().display());
        let line = |problem: &crate::config::Problem| {
            let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
            format!("{severity} {problem}").replace(&here, "")
        };
        loaded.problems.iter().map(line).collect()
    }
}

#[test]
fn letters_by_language_and_portal_are_read_with_the_file() {
    let folder = Folder::new();
    folder.write("letters/nl/invitation.txt", "Beste {name}, {link} {{\r\n");
    folder.write("letters/wiki/nl/new-password.txt", "{link}");
    folder.write("letters/wiki/nl/new-password.html", "<a href=\"{link}\">{support}</a>");
    folder.write("letters/.git/x", "");
    folder.write("letters/nl/invitation.txt~", "{link");
    assert_eq!(folder.problems(), Vec::<String>::new());
    let settings = load(&folder.path().join("vestibule.toml"), Files::Checked).settings.unwrap();
    let letters = settings.mail.unwrap().letters;
    let found = letters.find("wiki", "nl", LetterKind::Invitation).unwrap();
    let filled =
        found.text.as_ref().unwrap().fill(|slot| if slot == Slot::Name { "Jan" } else { "L" }.to_owned());
    assert_eq!(filled, "Beste Jan, L {\n");
    assert!(letters.find("wiki", "nl", LetterKind::NewPassword).unwrap().html.is_some());
    assert!(letters.find("planning", "nl", LetterKind::NewPassword).is_none());
}

#[test]
fn a_letter_that_cannot_be_sent_is_told_with_its_place_and_a_remedy() {
    let long = format!("{{link}}{}", "x".repeat(64 * 1024));
    for (name, text, told) in [
        (
            "en/invitation.txt",
            "Dear {nmae},\n{link}",
            "error letters/en/invitation.txt:1:6: nothing is filled in for {nmae}; did you mean \"name\"?",
        ),
        (
            "en/invitation.txt",
            "{link}\np { color: red }",
            "error letters/en/invitation.txt:2:3: nothing is filled in for { color: red }; there are {name} {username} {portal} {link} {until} {support}; write {{ for a brace",
        ),
        (
            "en/invitation.txt",
            "Dear {name}",
            "error letters/en/invitation.txt: this letter has no {link}: nobody could set a password with it; write {link} where the link is to stand",
        ),
        (
            "wiki/de/new-password.txt",
            " \n",
            "error letters/wiki/de/new-password.txt: this letter is empty; write something, or take the file away for our own words",
        ),
        (
            "en/invitation.txt",
            long.as_str(),
            "error letters/en/invitation.txt: this letter has more than 65536 bytes; make it shorter",
        ),
        (
            "en/invitation.txt",
            "{link}\u{7}",
            "error letters/en/invitation.txt:1:7: this letter has a control character in it; write plain text",
        ),
        (
            "en/invitation.subject",
            "Hello\nBcc: x@example.com\n",
            "error letters/en/invitation.subject:1:6: a subject is one line; write plain text",
        ),
        (
            "en/invitation.subject",
            "Here: {link}",
            "error letters/en/invitation.subject:1:1: the link does not belong into the subject; subjects are shown where everybody sees them",
        ),
        (
            "en/invitation.html",
            "<a href=\"{link}\">in</a>",
            "error vestibule.toml:7:13: letters/en/invitation.html has no plain text beside it; write invitation.txt too: not everybody reads HTML",
        ),
        (
            "en/invitaton.txt",
            "{link}",
            "warning vestibule.toml:7:13: letters/en/invitaton.txt is no letter; did you mean \"invitation.txt\"?",
        ),
        (
            "wkii/en/invitation.txt",
            "{link}",
            "warning vestibule.toml:7:13: letters/wkii is neither a language (en, nl, de, fr) nor the name of a portal; did you mean \"wiki\"?",
        ),
        (
            "wiki/it/invitation.txt",
            "{link}",
            "warning vestibule.toml:7:13: letters/wiki/it is no folder of a language: en, nl, de or fr; rename it, or take it away",
        ),
    ] {
        let folder = Folder::new();
        folder.write(&format!("letters/{name}"), text);
        assert_eq!(folder.problems(), [told], "{name}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_a_mistake_here_and_elsewhere_none() {
    let folder = Folder::new();
    fs::remove_dir(folder.path().join("letters")).unwrap();
    let problems = folder.problems();
    assert!(
        problems.len() == 1 && problems[0].starts_with("error vestibule.toml:7:13: letters cannot be read:"),
        "{problems:?}"
    );
    let text = fs::read_to_string(folder.path().join("vestibule.toml")).unwrap();
    assert_eq!(load_text(&folder.path().join("vestibule.toml"), &text, Files::Assumed).errors(), 0);
}

#[test]
fn a_letter_that_nobody_may_read_or_that_is_no_text_is_a_mistake() {
    let folder = Folder::new();
    let path = folder.path().join("letters/en/invitation.txt");
    folder.write("letters/en/invitation.txt", "");
    fs::write(&path, [0xff, 0xfe, b'x']).unwrap();
    let problems = folder.problems();
    assert!(
        problems.len() == 1 && problems[0].starts_with("error letters/en/invitation.txt: this letter "),
        "{problems:?}"
    );
}
