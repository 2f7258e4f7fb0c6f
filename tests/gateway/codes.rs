//! Codes by mail through the whole gateway: a real program takes the mail, the clock is turned.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    visitor::{Answer, Visitor},
    world::{PASSWORD, Plan, World},
};

const SECOND: &str = "/.vestibule/second-factor";

/// A world whose mail is kept as files, and the folder they are in.
async fn with_mail() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    let program = folder.path().join("sendmail");
    let text = format!(
        "#!/bin/sh\nmail=$(mktemp {here}/mail.XXXXXX) && cat > \"$mail\" && mv \"$mail\" \"$mail.eml\"\n"
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mail =
        format!("[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{here}/sendmail\"\nnotices = false\n");
    let plan = Plan {
        second_factor: "requirement = \"required\"\nmethods = [\"email\"]",
        more: Box::leak(mail.into_boxed_str()),
        ..Plan::default()
    };
    (World::plan(plan).await, folder)
}

/// The code of the one mail in `folder`, which is taken out.
fn mailed_code(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mails: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let text = std::fs::read_to_string(&mails[0]).unwrap();
    std::fs::remove_file(&mails[0]).unwrap();
    let subject = text.lines().find(|line| line.starts_with("Subject:")).unwrap();
    subject.chars().filter(char::is_ascii_digit).collect()
}

/// Gives the password and has a code sent.
async fn has_a_code_sent(visitor: &mut Visitor, name: &str, folder: &Path) -> String {
    let asked = visitor.signs_in("/reports?week=47", name, PASSWORD).await;
    let place = asked.meets_second_factor().location().to_owned();
    visitor.open(&place).await.has_status(200);
    let sent = visitor.submit(SECOND, &[("method", "email"), ("action", "send")]).await;
    let place = sent.meets_second_factor().location().to_owned();
    visitor.open(&place).await.has_status(200);
    mailed_code(folder)
}

async fn answers(visitor: &mut Visitor, code: &str) -> Answer {
    visitor.submit(SECOND, &[("method", "email"), ("code", code)]).await
}

#[tokio::test]
async fn a_mailed_code_opens_the_portal_until_ten_minutes_have_passed() {
    let (world, folder) = with_mail().await;
    let mut anna = world.visitor();
    let code = has_a_code_sent(&mut anna, "anna", folder.path()).await;
    world.clock.advance(Duration::from_secs(10 * 60 - 1));
    let done = answers(&mut anna, &code).await;
    assert_eq!(done.location(), "/reports?week=47", "{}", done.text());
    anna.get("/reports?week=47").await.reaches_the_portal();

    let mut late = world.visitor();
    let code = has_a_code_sent(&mut late, "anna", folder.path()).await;
    world.clock.advance(Duration::from_secs(10 * 60));
    answers(&mut late, &code).await.has_status(422);
    late.get("/reports?week=47").await.meets_login();
}

#[tokio::test]
async fn a_mailed_code_works_once_and_after_five_wrong_ones_not_at_all() {
    let (world, folder) = with_mail().await;
    let mut anna = world.visitor();
    let code = has_a_code_sent(&mut anna, "anna", folder.path()).await;
    answers(&mut anna, &code).await.has_status(303);
    let mut replay = world.visitor();
    let fresh = has_a_code_sent(&mut replay, "anna", folder.path()).await;
    if fresh != code {
        answers(&mut replay, &code).await.has_status(422);
    }
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    let mut guesser = world.visitor();
    let right = has_a_code_sent(&mut guesser, "bob", folder.path()).await;
    let wrong = if wrong == right { code } else { wrong };
    for status in [422, 422, 422, 422, 429] {
        answers(&mut guesser, &wrong).await.has_status(status);
    }
    answers(&mut guesser, &right).await;
    guesser.get("/reports?week=47").await.meets_login();
}

#[tokio::test]
async fn a_code_of_another_person_or_portal_opens_nothing() {
    let (world, folder) = with_mail().await;
    let (mut anna, mut bob) = (world.visitor(), world.visitor());
    let annas = has_a_code_sent(&mut anna, "anna", folder.path()).await;
    let bobs = has_a_code_sent(&mut bob, "bob", folder.path()).await;
    if annas != bobs {
        answers(&mut bob, &annas).await.has_status(422);
    }
    // The whole sign-in, cookie and all, carried to another portal.
    let mut elsewhere = world.visitor_with(anna.jar.clone());
    elsewhere.host = format!("mail.localhost:{}", world.https.port());
    elsewhere.open(&format!("{SECOND}?return_to=%2F")).await;
    elsewhere.submit(SECOND, &[("method", "email"), ("code", &annas)]).await;
    elsewhere.get("/").await.meets_login();
    answers(&mut anna, &annas).await.has_status(303);
}

#[tokio::test]
async fn no_code_is_ever_written_to_log_or_store() {
    let (world, folder) = with_mail().await;
    let mut anna = world.visitor();
    let code = has_a_code_sent(&mut anna, "anna", folder.path()).await;
    for name in ["audit.log", "vestibule.db", "vestibule.db-wal"] {
        let bytes = std::fs::read(world.folder.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        // Six digits may stand anywhere in a number; the code never stands alone.
        let alone = text.split(|c: char| !c.is_ascii_digit()).any(|number| number == code);
        assert!(!alone, "{name}");
    }
    assert!(world.folder.path().join("vestibule.db").exists());
}
