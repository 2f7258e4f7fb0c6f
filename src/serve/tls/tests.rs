use std::path::Path;

use super::*;
use crate::config::settings::CertificateSettings;

fn pair(folder: &Path, name: &str, hosts: &[&str]) -> CertificateSettings {
    let made = self_signed(hosts).unwrap();
    let pair = CertificateSettings {
        chain: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    };
    std::fs::write(&pair.chain, made.chain).unwrap();
    std::fs::write(&pair.key, made.key).unwrap();
    pair
}

#[test]
fn a_certificate_covers_its_names_and_addresses_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let key = files::load(&pair(
        folder.path(),
        "a",
        &["wiki.example.com", "*.apps.example.com", "127.0.0.1", "[::1]"],
    ))
    .unwrap();
    for host in ["wiki.example.com", "x.apps.example.com", "127.0.0.1", "[::1]"] {
        assert!(covers(&key, host), "{host}");
    }
    for host in ["example.com", "a.b.apps.example.com", "apps.example.com", "127.0.0.2", "a_b"] {
        assert!(!covers(&key, host), "{host}");
    }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (pair(folder.path(), "a", &["a.example"]), pair(folder.path(), "b", &["b.example"]));
    let mixed = CertificateSettings { chain: one.chain, key: two.key };
    assert!(matches!(files::load(&mixed), Err(TlsFault::Pair { .. })));
    let missing = CertificateSettings { chain: folder.path().join("none"), key: mixed.key };
    assert!(matches!(files::load(&missing), Err(TlsFault::File { .. })));
}

#[test]
fn a_replaced_file_and_another_host_change_the_stamp() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = [pair(folder.path(), "a", &["a.example"])];
    let hosts = ["a.example", "b.example"].map(|host| Host::read(host).unwrap());
    let stamp = |hosts: &[Host]| Stamp::of(&certificates, None, hosts.iter());
    let before = stamp(&hosts[..1]);
    assert!(before == stamp(&hosts[..1]) && before != stamp(&hosts));
    let next = folder.path().join("next.pem");
    std::fs::write(&next, self_signed(&["a.example"]).unwrap().chain).unwrap();
    std::fs::rename(next, &certificates[0].chain).unwrap();
    assert!(before != stamp(&hosts[..1]));
    std::fs::remove_file(&certificates[0].chain).unwrap();
    assert!(before != stamp(&hosts[..1]));
}
