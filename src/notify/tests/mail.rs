//! Mail to a real mail server, with STARTTLS and a sign-in.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{super::*, message};
use crate::config::settings::{MailCarrier, MailSettings, SmtpSecurity, SmtpSettings};

struct Server {
    process: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(security: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        std::fs::write(&chain, own.cert.pem()).unwrap();
        std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/server.py");
        // Debian's own Python: that is where its package python3-aiosmtpd is.
        let mut process = Command::new("/usr/bin/python3")
            .args([script.as_ref(), security.as_ref(), chain.as_os_str(), key.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("/usr/bin/python3 is needed, with python3-aiosmtpd; tests/run installs both");
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let port = told(&mut lines)["port"].as_u64().unwrap() as u16;
        Self { process, lines, port, folder }
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    /// How to reach it as it wants to be reached.
    fn settings(&self, security: SmtpSecurity) -> SmtpSettings {
        let login =
            (security != SmtpSecurity::None).then(|| ("vestibule".to_owned(), "correct horse".into()));
        SmtpSettings { host: "localhost".to_owned(), port: self.port, security, ca: Some(self.ca()), login }
    }

    /// The next mail it took.
    fn mail(&mut self) -> Value {
        told(&mut self.lines)
    }

    /// Everything else it took, once it is gone.
    fn rest(mut self) -> usize {
        self.process.kill().unwrap();
        std::io::read_to_string(&mut self.lines).unwrap().lines().count()
    }
}

fn told(lines: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).expect("python3-aiosmtpd is installed; tests/run does that")
}

fn post(smtp: SmtpSettings) -> Post {
    patient_post(smtp, Duration::from_secs(20))
}

fn patient_post(smtp: SmtpSettings, timeout: Duration) -> Post {
    let from = "Planung <no-reply@example.com>".to_owned();
    Post::build(
        Some(&MailSettings {
            from,
            carrier: MailCarrier::Smtp(smtp),
            timeout,
            notices: true,
            letters: Default::default(),
        }),
        None,
    )
    .unwrap()
}

#[tokio::test]
async fn a_mail_arrives_over_starttls_with_its_login_and_both_its_texts() {
    let mut server = Server::start("starttls");
    let post = post(server.settings(SmtpSecurity::StartTls));
    assert!(post.can_mail() && !post.can_text());
    post.mail(message("anna@example.com")).await.unwrap();
    let mail = server.mail();
    assert_eq!((&mail["tls"], &mail["user"]), (&Value::Bool(true), &Value::from("vestibule")));
    assert_eq!((&mail["sender"], &mail["ehlo"]), (&"no-reply@example.com".into(), &"example.com".into()));
    assert_eq!(mail["to"], serde_json::json!(["anna@example.com"]));
    let headers = &mail["headers"];
    assert_eq!(headers["subject"], "042137 ist Ihr Code für Planung");
    assert_eq!(headers["from"], "Planung <no-reply@example.com>");
    assert_eq!(
        (&headers["to"], &headers["auto-submitted"]),
        (&"anna@example.com".into(), &"auto-generated".into())
    );
    assert!(
        headers["message-id"].as_str().unwrap().ends_with("@example.com>") && headers["date"].is_string()
    );
    let part = |kind: &str| mail["parts"][kind].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(part("text/plain").trim_end(), "Ihr Code:\n\n    042137");
    assert_eq!(part("text/html").trim_end(), "<p>Ihr Code: <strong>042137</strong></p>");
}

#[tokio::test]
async fn the_next_mail_takes_the_same_connection() {
    let mut server = Server::start("starttls");
    let post = post(server.settings(SmtpSecurity::StartTls));
    post.mail(message("anna@example.com")).await.unwrap();
    post.mail(message("bas@example.com")).await.unwrap();
    let (first, second) = (server.mail(), server.mail());
    assert_eq!(first["peer"], second["peer"]);
    assert_ne!(first["headers"]["message-id"], second["headers"]["message-id"]);
}

#[tokio::test]
async fn a_mail_arrives_over_tls_and_on_an_open_line() {
    for (word, security) in [("tls", SmtpSecurity::Tls), ("none", SmtpSecurity::None)] {
        let mut server = Server::start(word);
        post(server.settings(security)).mail(message("anna@example.com")).await.unwrap();
        assert_eq!(server.mail()["tls"], security == SmtpSecurity::Tls);
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail() {
    let server = Server::start("none");
    let post = post(server.settings(SmtpSecurity::StartTls));
    assert_eq!(post.mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    assert_eq!(server.rest(), 0);
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_no_mail() {
    for security in [("starttls", SmtpSecurity::StartTls), ("tls", SmtpSecurity::Tls)] {
        let server = Server::start(security.0);
        let other = Server::start("none");
        let strange = SmtpSettings { ca: Some(other.ca()), ..server.settings(security.1) };
        let renamed = SmtpSettings { host: "127.0.0.1".to_owned(), ..server.settings(security.1) };
        let unknown = SmtpSettings { ca: None, ..server.settings(security.1) };
        for settings in [strange, renamed, unknown] {
            assert_eq!(post(settings).mail(message("anna@example.com")).await, Err(Undeliverable::Down));
        }
        assert_eq!(server.rest(), 0);
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_the_readers_fault() {
    let server = Server::start("starttls");
    let login = Some(("vestibule".to_owned(), "wrong".into()));
    let settings = SmtpSettings { login, ..server.settings(SmtpSecurity::StartTls) };
    assert_eq!(post(settings).mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    assert_eq!(server.rest(), 0);
}

#[tokio::test]
async fn a_refused_address_is_told_from_a_busy_server() {
    let mut server = Server::start("starttls");
    let post = post(server.settings(SmtpSecurity::StartTls));
    assert_eq!(post.mail(message("refused@example.com")).await, Err(Undeliverable::Refused));
    assert_eq!(post.mail(message("busy@example.com")).await, Err(Undeliverable::Down));
    post.mail(message("anna@example.com")).await.unwrap();
    assert_eq!(server.mail()["to"], serde_json::json!(["anna@example.com"]));
}

#[tokio::test]
async fn a_line_break_in_any_field_is_refused_and_nothing_sent() {
    let server = Server::start("none");
    let post = post(server.settings(SmtpSecurity::None));
    for breaks in ["\r\nBcc: eve@example.com", "\n", "\r", "\0"] {
        let to = message(&format!("anna@example.com{breaks}"));
        let subject = Mail { subject: format!("x{breaks}"), ..message("anna@example.com") };
        assert_eq!(post.mail(to).await, Err(Undeliverable::Unwritable), "{breaks:?}");
        assert_eq!(post.mail(subject).await, Err(Undeliverable::Unwritable), "{breaks:?}");
    }
    for breaks in ["\r", "\0"] {
        let text = Mail { text: format!("x{breaks}"), ..message("anna@example.com") };
        let html = Mail { html: format!("x{breaks}"), ..message("anna@example.com") };
        assert_eq!(post.mail(text).await, Err(Undeliverable::Unwritable), "{breaks:?}");
        assert_eq!(post.mail(html).await, Err(Undeliverable::Unwritable), "{breaks:?}");
    }
    for nobody in ["", "anna", "anna@", "a b@example.com", "anna@example.com, eve@example.com"] {
        assert_eq!(post.mail(message(nobody)).await, Err(Undeliverable::Unwritable), "{nobody:?}");
    }
    assert_eq!(server.rest(), 0);
}

#[tokio::test]
async fn a_dot_alone_on_a_line_does_not_end_a_mail() {
    let mut server = Server::start("none");
    let text = "one\n.\nRCPT TO:<eve@example.com>\n".to_owned();
    let mail = Mail { text, ..message("anna@example.com") };
    post(server.settings(SmtpSecurity::None)).mail(mail).await.unwrap();
    let plain = server.mail()["parts"]["text/plain"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(plain.trim_end(), "one\n.\nRCPT TO:<eve@example.com>");
}

#[tokio::test]
async fn a_slow_server_costs_one_visitor_the_timeout_and_the_next_nothing() {
    let server = Server::start("none");
    let timeout = Duration::from_millis(700);
    let post = patient_post(server.settings(SmtpSecurity::None), timeout);
    let began = Instant::now();
    assert_eq!(post.mail(message("slow@example.com")).await, Err(Undeliverable::Down));
    assert!(began.elapsed() >= timeout && began.elapsed() < timeout * 4, "{:?}", began.elapsed());
    let began = Instant::now();
    assert_eq!(post.mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    assert!(began.elapsed() < timeout, "{:?}", began.elapsed());
    assert_eq!(server.rest(), 0);
}

#[tokio::test]
async fn a_mail_given_up_half_way_leaves_nothing_to_the_next_one() {
    let mut server = Server::start("none");
    let line = line::Line::to(&server.settings(SmtpSecurity::None), "example.com").unwrap();
    let mail = |to: &str| {
        let from = "no-reply@example.com".parse().unwrap();
        lettre::Message::builder().from(from).to(to.parse().unwrap()).body("042137".to_owned()).unwrap()
    };
    line.send(&mail("anna@example.com")).await.unwrap();
    let slow = mail("slow@example.com");
    assert!(tokio::time::timeout(Duration::from_millis(300), line.send(&slow)).await.is_err());
    line.send(&mail("bas@example.com")).await.unwrap();
    let (first, second) = (server.mail(), server.mail());
    assert_eq!(second["to"], serde_json::json!(["bas@example.com"]));
    assert_ne!(first["peer"], second["peer"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    let server = Server::start("none");
    let settings = server.settings(SmtpSecurity::None);
    drop(server);
    let began = Instant::now();
    assert_eq!(post(settings).mail(message("anna@example.com")).await, Err(Undeliverable::Down));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_bundle_that_cannot_be_read_is_a_fault_of_the_file() {
    let server = Server::start("none");
    let ca = Some(server.folder.path().join("missing.pem"));
    let smtp = SmtpSettings { ca, ..server.settings(SmtpSecurity::Tls) };
    let from = "no-reply@example.com".to_owned();
    let timeout = Duration::from_secs(1);
    let fault = Post::build(
        Some(&MailSettings {
            from,
            carrier: MailCarrier::Smtp(smtp),
            timeout,
            notices: true,
            letters: Default::default(),
        }),
        None,
    )
    .unwrap_err();
    assert!(fault.to_string().starts_with("[mail]: CA bundle"), "{fault}");
}
