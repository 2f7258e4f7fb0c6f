//! Certificates and keys as they lie on the disk.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::config::{Files, Severity, load};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let text = r#"
[tls]
certificates = [{ chain = "chain.pem", key = "key.pem" }]
[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
[[portal.rule]]
policy = "bypass"
"#;
        folder.write("vestibule.toml", text, 0o600);
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn problems(&self) -> Vec<(Severity, String)> {
        load(&self.path().join("vestibule.toml"), Files::Checked)
            .problems
            .into_iter()
            .map(|problem| {
                let message = problem.message.replace(&format!("{}/", self.path().display()), "");
                (problem.severity, message)
            })
            .collect()
    }
}

fn pair(host: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn a_pair_that_fits_and_covers_the_host_is_fine() {
    let folder = Folder::new();
    let (chain, key) = pair("wiki.example.com");
    folder.write("chain.pem", &chain, 0o644);
    folder.write("key.pem", &key, 0o600);
    assert_eq!(folder.problems(), []);
}

#[test]
fn a_key_others_may_read_is_told_and_one_everybody_may_read_refused() {
    let folder = Folder::new();
    let (chain, key) = pair("wiki.example.com");
    folder.write("chain.pem", &chain, 0o644);
    folder.write("key.pem", &key, 0o640);
    assert_eq!(folder.problems(), [(Severity::Warning, "others in the key's group may read it".to_owned())]);
    folder.write("key.pem", &key, 0o604);
    assert_eq!(
        folder.problems(),
        [(Severity::Error, "everybody on this machine may read the key".to_owned())]
    );
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = Folder::new();
    folder.write("chain.pem", &pair("wiki.example.com").0, 0o644);
    folder.write("key.pem", &pair("wiki.example.com").1, 0o600);
    let message = "this key does not belong to the first certificate of the chain".to_owned();
    assert_eq!(folder.problems(), [(Severity::Error, message)]);
}

#[test]
fn a_certificate_of_another_host_is_a_warning() {
    let folder = Folder::new();
    let (chain, key) = pair("other.example.com");
    folder.write("chain.pem", &chain, 0o644);
    folder.write("key.pem", &key, 0o600);
    let message = "no certificate covers \"wiki.example.com\": browsers will warn visitors".to_owned();
    assert_eq!(folder.problems(), [(Severity::Warning, message)]);
}

#[test]
fn what_is_no_certificate_and_no_key_is_refused() {
    let folder = Folder::new();
    folder.write("chain.pem", "nothing", 0o644);
    folder.write(
        "key.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        0o600,
    );
    assert_eq!(
        folder.problems(),
        [
            (Severity::Error, "no certificate in chain.pem".to_owned()),
            (Severity::Error, "the key is protected by a passphrase".to_owned()),
        ]
    );
    fs::remove_file(folder.path().join("chain.pem")).unwrap();
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    assert_eq!(
        folder.problems(),
        [
            (Severity::Error, "chain.pem is not there".to_owned()),
            (Severity::Error, "key.pem is not there".to_owned()),
        ]
    );
}

#[test]
fn an_authority_makes_up_for_what_files_do_not_cover_but_addresses() {
    let folder = Folder::new();
    let (chain, key) = pair("wiki.example.com");
    folder.write("chain.pem", &chain, 0o644);
    folder.write("key.pem", &key, 0o600);
    let file = fs::read_to_string(folder.path().join("vestibule.toml")).unwrap();
    let with = |hosts: &str, more: &str| {
        let file =
            file.replace("[\"wiki.example.com\"]", hosts).replace("[[portal]]", &format!("{more}[[portal]]"));
        folder.write("vestibule.toml", &file, 0o600);
        folder.problems().into_iter().map(|(_, message)| message).collect::<Vec<_>>()
    };
    let acme = "[tls.acme]\nterms_agreed = true\n";
    let uncovered =
        |host: &str| vec![format!("no certificate covers \"{host}\": browsers will warn visitors")];
    assert_eq!(with("[\"new.example.com\"]", ""), uncovered("new.example.com"));
    assert_eq!(with("[\"new.example.com\"]", acme), Vec::<String>::new());
    assert_eq!(with("[\"new.example.com\", \"10.0.0.1\"]", acme), uncovered("10.0.0.1"));
    // Its folder holds keys.
    fs::create_dir(folder.path().join("acme")).unwrap();
    fs::set_permissions(folder.path().join("acme"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        with("[\"new.example.com\"]", acme),
        ["others on this machine can look into the folder of keys"]
    );
}
