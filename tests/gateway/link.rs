//! Signing in by a link, with a real mail on its way: a program takes it as sendmail would.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use http::Method;
use http_body_util::Full;
use tempfile::TempDir;
use vestibule::domain::time::Clock as _;

use crate::{
    sign_in::key_on,
    visitor::{Answer, Visitor},
    world::{Plan, World, code_of},
};

const LOGIN: &str = "/.vestibule/login";
const LINK: &str = "/.vestibule/link";
const DAY: Duration = Duration::from_secs(86_400);

/// A folder in which mails arrive, and the program that takes them there.
pub(crate) fn mailbox() -> (TempDir, PathBuf) {
    let mails = tempfile::tempdir().unwrap();
    let program = mails.path().join("sendmail");
    let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\ncat > new.$$ && mv new.$$ mail.$$\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    (mails, program)
}

/// A gateway whose portals are entered by links, and the folder their mails arrive in.
async fn world() -> (World, TempDir) {
    let (mails, program) = mailbox();
    let more = format!(
        "[sign_in]\nmethods = [\"link\"]\n\n[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\nnotices = false\n",
        program.display()
    );
    let people =
        "[[user]]\nname = \"dora\"\nemail = \"dora@example.com\"\ngroups = [\"office\"]\ndisabled = true\n";
    let world = World::plan(Plan { more: more.leak(), people, access: true, ..Plan::default() }).await;
    (world, mails)
}

/// Takes the one mail that arrived, without its line breaks.
pub(crate) async fn next_mail(folder: &Path) -> String {
    let began = Instant::now();
    loop {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let arrived: Vec<_> =
            names.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("mail.")).collect();
        if let [mail] = &arrived[..] {
            let text = std::fs::read_to_string(mail).unwrap();
            std::fs::remove_file(mail).unwrap();
            return text.replace("=\r\n", "").replace("=3D", "=");
        }
        assert!(arrived.is_empty(), "more than one mail: {arrived:?}");
        assert!(began.elapsed() < Duration::from_secs(20), "no mail arrived");
        tokio::task::yield_now().await;
    }
}

/// Where the link in a mail leads on this host, and what it carries.
fn link_in(mail: &str, visitor: &Visitor) -> (String, String) {
    let start = format!("https://{}{LINK}?token=", visitor.host);
    let rest = mail.split_once(&start).expect("the mail holds a link to the host that was asked").1;
    let token: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    (format!("{LINK}?token={token}"), token)
}

/// Asks for a link to go to `/reports`; what comes back is the page that waits for it.
async fn ask(visitor: &mut Visitor, name: &str) -> Answer {
    let login = visitor.get("/reports").await.meets_login().location().to_owned();
    let page = visitor.open(&login).await.text();
    assert!(!page.contains("type=\"password\""), "{page}");
    let asked = visitor.submit(LOGIN, &[("username", name), ("method", "link")]).await;
    let waiting = asked.leads_to(LINK).location().to_owned();
    visitor.get(&waiting).await
}

#[tokio::test]
async fn a_mailed_link_leads_through_enrolment_to_the_portal_and_a_trusted_device_comes_back_for_thirty_days()
{
    let (world, mails) = world().await;
    // Nobody, and somebody disabled, asked before: the one mail that arrives is Anna's.
    for name in ["nobody@example.com", "dora@example.com"] {
        ask(&mut world.visitor(), name).await.has_status(200);
    }
    let mut anna = world.visitor();
    let waiting = ask(&mut anna, "anna@example.com").await;
    assert!(waiting.has_status(200).text().contains("03:15 UTC"));
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("To: anna@example.com"), "{mail}");
    let (link, token) = link_in(&mail, &anna);

    // What scans mails looks at the link first.
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let mut scanner = world.visitor();
        let request = scanner.request(method, &link).body(Full::default()).unwrap();
        let seen = scanner.send(request).await;
        assert_eq!(seen.has_status(200).headers["referrer-policy"], "no-referrer");
    }
    anna.open(&link).await.has_status(200);
    let pressed = anna.submit(LINK, &[("token", &token)]).await;
    let enrol = pressed.leads_to("/.vestibule/enrol").location().to_owned();
    let key = key_on(anna.open(&enrol).await);
    let code = code_of(&key, world.clock.now().unix());
    anna.submit("/.vestibule/enrol", &[("code", &code), ("trust_device", "1")]).await.has_status(200);
    anna.get("/reports").await.reaches_the_portal();

    // On day 29 the link alone is enough, on day 30 a code is asked again.
    for (days, next) in [(29, "/reports"), (1, "/.vestibule/second-factor")] {
        world.clock.advance(DAY * days);
        anna.loses_the_session();
        ask(&mut anna, "anna").await.has_status(200);
        let (link, token) = link_in(&next_mail(mails.path()).await, &anna);
        anna.open(&link).await.has_status(200);
        anna.submit(LINK, &[("token", &token)]).await.leads_to(next);
    }
    let audit = std::fs::read_to_string(world.folder.path().join("audit.log")).unwrap();
    assert!(audit.contains("\"link_used\"") && audit.contains("\"first\":\"link\""), "{audit}");
    assert!(!audit.contains(&token));
}

#[tokio::test]
async fn a_link_is_good_at_the_portal_it_was_asked_for_and_for_its_person_as_they_were() {
    let (world, mails) = world().await;
    let mut anna = world.visitor();
    ask(&mut anna, "anna").await.has_status(200);
    let (link, token) = link_in(&next_mail(mails.path()).await, &anna);
    let mut elsewhere = world.visitor();
    elsewhere.host = elsewhere.host.replace("wiki.", "mail.");
    elsewhere.open(&link).await.has_status(410);
    elsewhere.open(LOGIN).await.has_status(200);
    elsewhere.submit(LINK, &[("token", &token)]).await.has_status(410);
    // Pressed on a phone, the link is used up; the phone gets a code and nothing else.
    let mut phone = world.visitor();
    phone.open(&link).await.has_status(200);
    phone.submit(LINK, &[("token", &token)]).await.has_status(200);
    phone.get("/reports").await.meets_login();
    anna.open(&link).await.has_status(410);
    assert!(anna.open(LINK).await.has_status(200).text().contains("Code from another device"));
}
