//! Mail handed to a sendmail program, and what waits at the counter.

use std::{
    cell::Cell,
    os::unix::fs::PermissionsExt,
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use super::{super::*, message};
use crate::config::settings::{MailCarrier, MailSettings};

/// A program that does as the script says, in a folder of its own.
fn post(folder: &Path, script: &str) -> Post {
    let program = folder.join("sendmail");
    std::fs::write(&program, format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let from = "no-reply@example.com".to_owned();
    let timeout = Duration::from_secs(1);
    Post::build(
        Some(&MailSettings {
            from,
            carrier: MailCarrier::Sendmail(program),
            timeout,
            notices: true,
            letters: Default::default(),
        }),
        None,
    )
    .unwrap()
}

#[tokio::test]
async fn a_program_gets_the_mail_and_whom_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    post(folder.path(), "echo \"$@\" > said; cat > mail").mail(message("anna@example.com")).await.unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("said").trim(), "-i -f no-reply@example.com -- anna@example.com");
    let mail = read("mail");
    assert!(mail.contains("To: anna@example.com\r\n") && mail.contains("multipart/alternative"), "{mail}");
}

#[tokio::test]
async fn an_address_is_never_an_option_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    post(folder.path(), "echo \"$@\" > said; cat > mail").mail(message("-Cx@example.com")).await.unwrap();
    let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert!(said.contains(" -- -Cx@example.com"), "{said}");
}

#[tokio::test]
async fn a_program_that_fails_or_is_missing_is_down() {
    let folder = tempfile::tempdir().unwrap();
    let failing = post(folder.path(), "cat > /dev/null; exit 75");
    assert_eq!(failing.mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    std::fs::remove_file(folder.path().join("sendmail")).unwrap();
    assert_eq!(failing.mail(message("anna@example.com")).await, Err(Undeliverable::Down));
}

#[tokio::test]
async fn a_program_that_hangs_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let post = post(folder.path(), "cat > /dev/null; echo $$ > process; exec sleep 3600");
    let began = Instant::now();
    assert_eq!(post.mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    assert!(began.elapsed() < Duration::from_secs(10));
    let process = std::fs::read_to_string(folder.path().join("process")).unwrap();
    let stat = format!("/proc/{}/stat", process.trim());
    // Killed, and waited for soon after.
    while std::fs::read_to_string(&stat).is_ok_and(|words| !words.contains(") Z ")) {
        assert!(began.elapsed() < Duration::from_secs(30), "{process} lives on");
        tokio::task::yield_now().await;
    }
}

/// Carries nothing, and counts how much it holds at once.
struct Stuck(Rc<Cell<usize>>);

impl post::Carrier for Stuck {
    type Message = ();

    async fn carry(&self, (): ()) -> Result<(), Undeliverable> {
        self.0.set(self.0.get() + 1);
        std::future::pending().await
    }
}

#[tokio::test]
async fn what_waits_is_bounded_and_nobody_waits_longer_than_the_timeout() {
    let held = Rc::new(Cell::new(0));
    let patience = Duration::from_millis(300);
    let (counter, jobs) = post::counter::<()>(patience);
    let local = tokio::task::LocalSet::new();
    local.spawn_local(post::serve(Stuck(Rc::clone(&held)), jobs));
    let began = Instant::now();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let counter = counter.clone();
        asking.spawn_local_on(async move { post::hand_in(Some(&counter), ()).await }, &local);
    }
    let answers = local.run_until(asking.join_all()).await;
    let count = |word| answers.iter().filter(|answer| **answer == Err(word)).count();
    // Of those who came at once, eight are on their way and 64 wait; all others are told so.
    assert_eq!(count(Undeliverable::Down) + count(Undeliverable::Busy), 200);
    assert!((64..=72).contains(&count(Undeliverable::Down)), "{}", count(Undeliverable::Down));
    assert_eq!(held.get(), 8);
    assert!(began.elapsed() >= patience && began.elapsed() < patience * 10);
}
