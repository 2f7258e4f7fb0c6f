//! Password hashes that come with a table.

use super::deeds::Office;
use crate::{
    domain::{
        identity::{PasswordHash, UserId},
        password_hash::HashFault,
        table::LineFault,
    },
    runtime::control::{
        By,
        words::{Answer, ImportReport, Imported, Refusal, Request, TableFormat},
    },
};

const BCRYPT: &str = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
const APR1: &str = "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/";

fn htpasswd(text: &str) -> Request {
    Request::UserImport {
        csv: text.to_owned(),
        dry_run: false,
        format: TableFormat::Htpasswd,
        apr1: false,
        email_domain: Some("example.com".to_owned()),
    }
}

/// As the operator's command.
async fn ask(office: &Office, request: Request) -> Result<ImportReport, Refusal> {
    match office.administration.carry_out(&office.runtime, request, &By::User(0)).await {
        Answer::Imported(report) => Ok(report),
        Answer::Refused(refusal) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

fn password(office: &Office, name: &str) -> Option<String> {
    let kept = office.services.store.resident(&UserId::new(name)).unwrap();
    kept.password.as_ref().map(|hash| hash.as_str().to_owned())
}

#[tokio::test]
async fn an_htpasswd_file_makes_people_with_the_passwords_they_have() {
    let office = Office::open().await;
    let text = format!("# remarks\n\njan:{BCRYPT}\r\npiet@firm.example:{BCRYPT}:a remark\nkees:\n");
    let report = ask(&office, htpasswd(&text)).await.unwrap();
    assert!(!report.nothing_written);
    assert_eq!((report.count(|line| *line == Imported::Added), report.old_hashes), (3, 2));
    assert_eq!(report.lines.iter().map(|line| line.line).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(password(&office, "jan").as_deref(), Some(BCRYPT));
    assert_eq!(password(&office, "kees"), None);
    let email = |name: &str| office.services.store.resident(&UserId::new(name)).unwrap().email.clone();
    assert_eq!(
        (email("jan").as_str(), email("piet@firm.example").as_str()),
        ("jan@example.com", "piet@firm.example")
    );
}

#[tokio::test]
async fn a_line_without_a_hash_that_can_be_taken_refuses_the_file_and_never_shows_a_password() {
    let office = Office::open().await;
    for (made, why) in [
        ("hunter2".to_owned(), HashFault::NotAHash),
        (APR1.to_owned(), HashFault::Apr1),
        (
            BCRYPT.replace("$05$", "$31$"),
            HashFault::TooCostly { cost: "cost 31".to_owned(), most: "cost 14".to_owned() },
        ),
        ("{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ=".to_owned(), HashFault::Foreign("SHA-1".to_owned())),
        ("rqXexS6ZhobKA".to_owned(), HashFault::Foreign("crypt (DES)".to_owned())),
    ] {
        let report = ask(&office, htpasswd(&format!("jan:{BCRYPT}\npiet:{made}\n"))).await.unwrap();
        let Imported::Refused { why: said, wrong } = &report.lines[1].outcome else { panic!("{report:?}") };
        assert_eq!(*wrong, [LineFault::Hash(why)]);
        assert!(
            report.nothing_written && !said.contains(&made) && said.contains("vestibule user invite"),
            "{said}"
        );
    }
    assert_eq!(office.services.store.count_residents(), 1);
    let report = ask(&office, htpasswd("hunter2\n")).await.unwrap();
    assert!(matches!(report.lines[0].outcome, Imported::Refused { .. }) && report.lines[0].name.is_empty());
    let Request::UserImport { csv, dry_run, format, .. } = htpasswd(&format!("piet:{BCRYPT}\nkees:{APR1}\n"))
    else {
        panic!("no import")
    };
    let nowhere = Request::UserImport { csv, dry_run, format, apr1: true, email_domain: None };
    let report = ask(&office, nowhere).await.unwrap();
    for line in &report.lines {
        assert!(matches!(&line.outcome, Imported::Refused { wrong, .. } if *wrong == [LineFault::NoAddress]));
    }
}

#[tokio::test]
async fn apaches_md5_is_taken_where_somebody_says_so() {
    let office = Office::open().await;
    let Request::UserImport { csv, dry_run, format, email_domain, .. } = htpasswd(&format!("jan:{APR1}\n"))
    else {
        panic!("no import")
    };
    let report =
        ask(&office, Request::UserImport { csv, dry_run, format, apr1: true, email_domain }).await.unwrap();
    assert_eq!((report.nothing_written, report.old_hashes), (false, 1));
    assert_eq!(password(&office, "jan").as_deref(), Some(APR1));
}

#[tokio::test]
async fn a_table_gives_a_password_to_who_has_none_and_never_brings_an_old_one_back() {
    let office = Office::open().await;
    let table = |hash: &str| {
        Request::import_table(
            format!("name,email,password_hash\njan,jan@example.com,{hash}\npiet,piet@example.com,\n"),
            false,
        )
    };
    ask(&office, table("")).await.unwrap();
    assert_eq!(password(&office, "jan"), None);
    let report = ask(&office, table(BCRYPT)).await.unwrap();
    assert_eq!((&report.lines[0].outcome, report.old_hashes), (&Imported::Changed, 1));
    assert_eq!(password(&office, "jan").as_deref(), Some(BCRYPT));
    // He signs in, or changes it: the table of last year says something else.
    let hash = |text: &str| PasswordHash::new(text.to_owned());
    let store = &office.services.store;
    assert!(store.rehash_resident(&UserId::new("jan"), hash(BCRYPT), hash("another")).await.unwrap());
    let report = ask(&office, table(BCRYPT)).await.unwrap();
    assert_eq!(report.lines[0].outcome, Imported::Unchanged);
    assert_eq!((report.passwords_kept, report.old_hashes), (1, 0));
    assert_eq!(password(&office, "jan").as_deref(), Some("another"));
}

#[tokio::test]
async fn on_the_pages_nobody_sets_a_password_for_others() {
    let office = Office::open().await;
    let text = format!("name,email,password_hash\njan,jan@example.com,{BCRYPT}\n");
    let refusal = office.refused(Request::import_table(text.clone(), false)).await;
    assert!(refusal.message.contains("`vestibule user import`"), "{refusal:?}");
    assert_eq!(office.services.store.count_residents(), 1);
    let refusal = ask(&office, Request::import_table(text.replace("password_hash", "Password"), false))
        .await
        .unwrap_err();
    assert!(refusal.message.contains("passwords are never written down"), "{refusal:?}");
}

#[test]
fn what_a_file_is_shows_in_its_first_line() {
    for (text, is_one) in [
        (format!("# made by htpasswd\njan:{BCRYPT}\n"), true),
        ("jan:{SHA}x\n".to_owned(), true),
        ("name,email\njan,jan@example.com\n".to_owned(), false),
        ("jan:hunter2\n".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(TableFormat::guess(&text) == TableFormat::Htpasswd, is_one, "{text}");
    }
}
