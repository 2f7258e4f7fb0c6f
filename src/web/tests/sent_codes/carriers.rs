//! Who carries codes in these tests: a program that keeps each mail as a file, and a provider on loopback that keeps each
//! text message.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use super::super::{HASH, House};
use crate::{config::settings::StoreSettings, store};

/// Anna has an address, Paul an address and a phone, Otto neither; all must show a second factor.
const PEOPLE: &str = r#"
[[user]]
name = "Anna"
email = "anna@example.com"
password = "HASH"

[[user]]
name = "paul"
email = "paul@example.com"
phone = "+49 170 1234542"
password = "HASH"

[[user]]
name = "otto"
password = "HASH"
"#;

const FILE: &str = r#"
[tls]
certificates = [{ chain = "chain.pem", key = "key.pem" }]

[second_factor]
METHODS

[mail]
from = "Wiki <no-reply@example.com>"
sendmail = "FOLDER/sendmail"
notices = false

[sms]
[[sms.provider]]
url = "http://127.0.0.1:PORT/send"
json = { to = "{to}", text = "{text}" }

[[directory]]
kind = "file"
path = "users.toml"

[log]
audit = "audit.log"

[[portal]]
name = "wiki"
title = "Wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:9"

[[portal.rule]]
path = "/simple/**"
policy = "one_factor"

[[portal.rule]]
path = "/**"
policy = "two_factor"
"#;

const PROGRAM: &str = "#!/bin/sh\n[ ! -e FOLDER/down ] || exit 75\nmail=$(mktemp FOLDER/mail.XXXXXX) && cat > \"$mail\" && mv \"$mail\" \"$mail.eml\"\n";

/// A house and who carries its codes.
pub(super) struct SendingHouse {
    pub(super) house: House,
    pub(super) carriers: Carriers,
}

pub(super) struct Carriers {
    pub(super) folder: PathBuf,
    texts: Receiver<(String, String)>,
}

impl SendingHouse {
    /// With these lines under `[second_factor]`.
    pub(super) async fn open(second_factor: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let here = path.to_str().unwrap();
        std::fs::write(path.join("sendmail"), PROGRAM.replace("FOLDER", here)).unwrap();
        std::fs::set_permissions(path.join("sendmail"), std::fs::Permissions::from_mode(0o700)).unwrap();
        let (port, texts) = provider();
        let file =
            FILE.replace("METHODS", second_factor).replace("FOLDER", here).replace("PORT", &port.to_string());
        let store = store::open(&StoreSettings::Memory).unwrap();
        let house = House::open_in(folder, store, &file, &PEOPLE.replace("HASH", &HASH)).await;
        Self { house, carriers: Carriers { folder: path, texts } }
    }
}

/// Takes text messages over HTTP, one connection after the other.
fn provider() -> (u16, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, texts) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
            let body = loop {
                let text = String::from_utf8_lossy(&seen).into_owned();
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                if let Ok(body) = serde_json::from_str::<serde_json::Value>(body)
                    && head.starts_with("POST /send ")
                {
                    break body;
                }
                let count = stream.read(&mut piece).unwrap();
                assert!(count > 0, "{text}");
                seen.extend_from_slice(&piece[..count]);
            };
            let part = |name: &str| body[name].as_str().unwrap().to_owned();
            let _ = tell.send((part("to"), part("text")));
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (port, texts)
}

impl Carriers {
    /// The mails since the last look.
    pub(super) fn mails(&mut self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mails: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
        mails
            .into_iter()
            .map(|path| {
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::remove_file(path).unwrap();
                text
            })
            .collect()
    }

    /// The code of the one mail since the last look.
    pub(super) fn mailed_code(&mut self) -> String {
        let mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        let subject = mails[0].lines().find(|line| line.starts_with("Subject:")).unwrap();
        let digits: String = subject.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits.len(), 6, "{subject}");
        digits
    }

    /// Number and words of the next text message.
    pub(super) fn text(&mut self) -> (String, String) {
        self.texts.recv_timeout(Duration::from_secs(10)).expect("a text message")
    }

    pub(super) fn try_text(&mut self) -> Option<(String, String)> {
        self.texts.try_recv().ok()
    }

    pub(super) fn texted_code(&mut self) -> String {
        let (_, text) = self.text();
        text.rsplit_once('#').expect("a code").1.to_owned()
    }

    pub(super) fn mail_is_down(&self, is_down: bool) {
        let flag = self.folder.join("down");
        if is_down { std::fs::write(flag, "").unwrap() } else { std::fs::remove_file(flag).unwrap() }
    }
}
