//! When, how long, for whom, and what lies in the folder. A real authority is asked in `tests/cli/acme`.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use rcgen::{CertificateParams, KeyPair};

use super::{
    challenges::{PATH, Proof},
    order::Issued,
    plan::{Weight, Window, ask_again, pause, renew_at},
    *,
};
use crate::domain::time::{days, hours, minutes};

fn at(moment: i64) -> Timestamp {
    Timestamp::from_unix(moment)
}

/// Draws nothing, or all there is.
struct Drawn(u8);

impl Entropy for Drawn {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

#[test]
fn a_certificate_is_renewed_after_two_thirds_of_its_life_unless_its_authority_says_otherwise() {
    assert_eq!(renew_at(at(0), at(900), None), at(600));
    assert_eq!(renew_at(at(0), at(900), Some(at(300))), at(300));
    assert_eq!(renew_at(at(0), at(900), Some(at(700))), at(700));
    // Never so late that a failure or two could not be waited out.
    assert_eq!(renew_at(at(0), at(900), Some(at(899))), at(810));
}

#[test]
fn any_moment_of_a_suggested_window_may_be_drawn_and_none_outside() {
    let window = Window::between(at(1000), at(2000));
    assert_eq!(window.draw(&Drawn(0)), at(1000));
    assert_eq!(window.draw(&Drawn(0xff)), at(2000));
    // One that ends before it begins is its beginning.
    assert_eq!(Window::between(at(2000), at(1000)).draw(&Drawn(0xff)), at(2000));
}

#[test]
fn pauses_grow_to_a_limit_and_refusals_stay_below_five_in_an_hour() {
    let quiet = Drawn(0);
    assert_eq!(pause(0, Weight::Absent, &quiet), Duration::from_secs(10));
    assert_eq!(pause(1, Weight::Absent, &quiet), Duration::from_secs(20));
    assert_eq!(pause(u32::MAX, Weight::Absent, &quiet), minutes(30));
    assert_eq!(pause(u32::MAX, Weight::Absent, &Drawn(0xff)), minutes(33));
    assert_eq!(pause(0, Weight::TooOften, &quiet), hours(1));
    let mut spent = Duration::ZERO;
    let in_an_hour = (0..10).take_while(|failures| {
        let fits = spent < hours(1);
        spent += pause(*failures, Weight::Refused, &quiet);
        fits
    });
    assert!(in_an_hour.count() <= 5);
}

#[test]
fn two_certificates_of_one_host_are_a_tenth_of_a_life_apart_and_dated_by_the_wall() {
    let held = Held { not_before: at(1000), not_after: at(2000), id: None };
    let name = Name { held: Some(held), try_after: Some(at(5100)), ..Name::default() };
    assert_eq!(plan::between(at(1000), at(2000)), Duration::from_secs(100));
    // The clock that never goes back may be years ahead of the wall.
    assert!(!name.is_due(at(1600), at(9000)));
    assert!(name.is_due(at(1700), at(9000)));
    assert!(!name.is_due(at(1700), at(5099)));
    assert!(!Name { is_refused: true, ..Name::default() }.is_due(at(1700), at(9000)));
}

#[test]
fn a_suggestion_is_asked_for_no_more_than_once_a_minute_and_at_least_once_a_day() {
    assert_eq!(ask_again(Duration::ZERO), minutes(1));
    assert_eq!(ask_again(hours(6)), hours(6));
    assert_eq!(ask_again(days(30)), days(1));
}

#[test]
fn a_proof_over_http_is_for_its_host_and_token_while_it_is_kept() {
    let challenges = Arc::<Challenges>::default();
    let (host, other) = (Host::read("a.example.com").unwrap(), Host::read("b.example.com").unwrap());
    let proof = Proof::Http { token: "tok".to_owned(), answer: "tok.key".to_owned() };
    let posted = challenges.post(&host, proof);
    assert_eq!(challenges.answer(&host, &format!("{PATH}tok")).as_deref(), Some("tok.key"));
    for path in [&format!("{PATH}to"), &format!("{PATH}tok/"), PATH, "/tok", "tok"] {
        assert_eq!(challenges.answer(&host, path), None, "{path}");
    }
    assert_eq!(challenges.answer(&other, &format!("{PATH}tok")), None);
    assert!(challenges.certificate("a.example.com").is_none());
    drop(posted);
    assert_eq!(challenges.answer(&host, &format!("{PATH}tok")), None);
}

struct Kept {
    _files: tempfile::TempDir,
    folder: Folder,
    host: Host,
}

impl Kept {
    fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let acme = AcmeSettings {
            directory: "https://ca.example.org:14000/dir".parse().unwrap(),
            contact: None,
            folder: files.path().join("acme"),
            challenges: Vec::new(),
            profile: None,
            external_account: None,
            ca: None,
        };
        let folder = Folder::of(&acme);
        folder.prepare().unwrap();
        Self { _files: files, folder, host: Host::read("a.example.com").unwrap() }
    }

    fn issued(name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let chain = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
        Issued { chain, key: key.serialize_pem().into() }
    }
}

#[test]
fn what_was_given_is_kept_for_its_owner_alone_and_found_again() {
    let kept = Kept::new();
    assert!(kept.folder.read(&kept.host).unwrap().is_none());
    kept.folder.write(&kept.host, &Kept::issued("a.example.com"), at(1_800_000_000)).unwrap();
    let file = kept.folder.file(&kept.host);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(kept.folder.read(&kept.host).unwrap().is_some());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(kept.folder.read(&kept.host), Err(Unusable::Refused(_))));
    assert!(Name::read(&kept.folder, &kept.host).is_refused);
}

#[test]
fn what_is_of_no_use_takes_the_place_of_nothing() {
    let kept = Kept::new();
    let good = Kept::issued("a.example.com");
    kept.folder.write(&kept.host, &good, at(1_800_000_000)).unwrap();
    let before = fs::read(kept.folder.file(&kept.host)).unwrap();
    let mixed = Issued { chain: good.chain.clone(), key: Kept::issued("a.example.com").key };
    let nothing = Issued { chain: String::new(), key: good.key.clone() };
    for useless in [Kept::issued("b.example.com"), mixed, nothing] {
        kept.folder.write(&kept.host, &useless, at(1_800_000_000)).unwrap_err();
    }
    // rcgen's certificates live until the year 4096.
    kept.folder.write(&kept.host, &good, at(90_000_000_000)).unwrap_err();
    assert_eq!(fs::read(kept.folder.file(&kept.host)).unwrap(), before);
}

#[test]
fn a_file_cut_short_or_of_another_host_is_told_and_not_shown() {
    let kept = Kept::new();
    kept.folder.write(&kept.host, &Kept::issued("a.example.com"), at(1_800_000_000)).unwrap();
    let whole = fs::read(kept.folder.file(&kept.host)).unwrap();
    fs::write(kept.folder.file(&kept.host), &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(kept.folder.read(&kept.host), Err(Unusable::Useless(_))));
    let other = Host::read("b.example.com").unwrap();
    fs::rename(kept.folder.file(&kept.host), kept.folder.file(&other)).unwrap();
    fs::write(kept.folder.file(&other), &whole).unwrap();
    assert!(kept.folder.read(&other).is_err());
}

#[test]
fn each_authority_has_a_folder_of_its_own() {
    let folder = |directory: &str| {
        let acme = AcmeSettings {
            directory: directory.parse().unwrap(),
            contact: None,
            folder: "acme".into(),
            challenges: Vec::new(),
            profile: None,
            external_account: None,
            ca: None,
        };
        Folder::of(&acme).file(&Host::read("a.example.com").unwrap())
    };
    assert_ne!(folder("https://ca.example.org/dir"), folder("https://ca.example.org/staging"));
    assert_ne!(folder("https://ca.example.org/dir"), folder("https://ca.example.org:444/dir"));
    let path = folder("https://ca.example.org/../../etc");
    assert!(path.starts_with("acme") && path.components().count() == 3, "{}", path.display());
}
