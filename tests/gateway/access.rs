//! The access log: one line for every answer, whoever gave it.

use std::{
    io,
    sync::{Mutex, Once},
};

use http::{HeaderMap, Method};
use http_body_util::Full;
use serde_json::Value;

use crate::{
    paths::raw,
    trust::signs_in_fully,
    world::{Plan, World},
};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything that is logged, kept in memory.
struct Kept;

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps every line of this process from now on.
pub(crate) fn listen() {
    static START: Once = Once::new();
    START.call_once(|| {
        tracing_subscriber::fmt().json().flatten_event(true).with_writer(|| Kept).init();
    });
}

/// What operators are warned of about a request.
pub(crate) fn warnings(id: &str) -> Vec<String> {
    let text = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let about = |line: &&str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["request_id"] == id && (line["level"] == "WARN" || line["level"] == "ERROR")
    };
    text.lines().filter(about).map(str::to_owned).collect()
}

async fn logging_world() -> World {
    listen();
    World::plan(Plan { access: true, ..Default::default() }).await
}

/// The one access line of a request.
#[track_caller]
fn line(id: &str) -> Value {
    let text = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["target"] == "access" && line["request_id"] == id);
    let line = lines.next().unwrap_or_else(|| panic!("no line of {id} in {text}"));
    assert!(lines.next().is_none(), "one line of {id}");
    line
}

#[track_caller]
fn line_of(headers: &HeaderMap) -> Value {
    line(headers["x-request-id"].to_str().unwrap())
}

#[track_caller]
fn line_of_raw(answer: &str) -> Value {
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: "));
    line(id.unwrap_or_else(|| panic!("{answer} has an id")))
}

#[tokio::test]
async fn every_answer_leaves_one_line_that_says_who_where_and_by_which_rule() {
    let world = logging_world().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();

    let challenged = line_of(&anna.get("/reports?month=11").await.headers);
    assert_eq!(challenged["status"], 303);
    assert_eq!(challenged["rule"], "wiki/6");
    assert_eq!(challenged["person"], Value::Null);

    signs_in_fully(&world, &mut anna, &[]).await;
    let forwarded = line_of(&anna.get("/reports?month=11").await.headers);
    assert_eq!(forwarded["method"], "GET");
    assert_eq!(forwarded["host"], "wiki.localhost");
    assert_eq!(forwarded["path"], "/reports");
    assert_eq!(forwarded["portal"], "wiki");
    assert_eq!(forwarded["rule"], "wiki/6");
    assert_eq!(forwarded["person"], "anna");
    assert_eq!(forwarded["client_ip"], "127.0.0.1");
    assert_eq!(forwarded["status"], 200);
    assert!(forwarded["micros"].as_u64().unwrap() > 0);

    let denied = line_of(&anna.get("/closed/x").await.headers);
    assert_eq!((&denied["status"], &denied["rule"]), (&403.into(), &"wiki/2".into()));
    assert_eq!(denied["person"], "anna");

    let own = line_of(&anna.get("/.vestibule/account").await.headers);
    assert_eq!((&own["status"], &own["portal"], &own["rule"]), (&200.into(), &"wiki".into(), &Value::Null));

    let socket = anna
        .request(Method::GET, "/live")
        .header("sec-fetch-mode", "websocket")
        .header("origin", "https://evil.example")
        .body(Full::default())
        .unwrap();
    assert_eq!(line_of(&anna.send(socket).await.headers)["status"], 403);

    let text = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("month"), "no query is logged");
}

#[tokio::test]
async fn what_cannot_be_read_or_placed_is_logged_as_well() {
    let world = logging_world().await;
    let port = world.https.port();
    let own = format!("Host: wiki.localhost:{port}\r\nConnection: close\r\n");
    let other = "Host: other.localhost\r\nConnection: close\r\n";

    let malformed =
        line_of_raw(&raw(&world, format!("GET /a/../b?x HTTP/1.1\r\n{own}\r\n").as_bytes()).await);
    assert_eq!((&malformed["status"], &malformed["path"]), (&400.into(), &"/a/../b".into()));
    assert_eq!((&malformed["host"], &malformed["client_ip"]), (&Value::Null, &"127.0.0.1".into()));

    let elsewhere = line_of_raw(&raw(&world, format!("GET /x HTTP/1.1\r\n{other}\r\n").as_bytes()).await);
    assert_eq!((&elsewhere["status"], &elsewhere["host"]), (&421.into(), &"other.localhost".into()));
    assert_eq!(elsewhere["portal"], Value::Null);

    let page = raw(&world, format!("GET /x HTTP/1.1\r\n{other}Accept: text/html\r\n\r\n").as_bytes()).await;
    let look = page.split('"').find(|part| part.starts_with("/.vestibule/assets/")).unwrap();
    let look = line_of_raw(&raw(&world, format!("GET {look} HTTP/1.1\r\n{other}\r\n").as_bytes()).await);
    assert_eq!((&look["status"], &look["portal"]), (&200.into(), &Value::Null));

    // U+202E would turn what follows it around.
    let turned = format!("GET /public/\u{202e}x{} HTTP/1.1\r\n{own}\r\n", "y".repeat(5000));
    let turned = line_of_raw(&raw(&world, turned.as_bytes()).await);
    let path = turned["path"].as_str().unwrap();
    assert!(path.starts_with("/public/%E2%80%AEx") && path.len() < 2100, "{path}");
}

#[tokio::test]
async fn files_of_our_pages_come_in_gzip_to_who_takes_it_and_pages_never_do() {
    let world = logging_world().await;
    let head = |answer: &str| answer.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    let port = world.https.port();
    let own = format!("Host: wiki.localhost:{port}\r\nConnection: close\r\nAccept: text/html\r\n");
    let both = format!("{own}Accept-Encoding: br, gzip\r\n");
    let page = raw(&world, format!("GET /.vestibule/login HTTP/1.1\r\n{both}\r\n").as_bytes()).await;
    // What is secret in a page must not show in its length.
    assert!(!head(&page).contains("content-encoding"), "{page}");
    let look = page.split('"').find(|part| part.contains("/assets/app.") && part.ends_with(".css")).unwrap();
    let plain = raw(&world, format!("GET {look} HTTP/1.1\r\n{own}\r\n").as_bytes()).await;
    assert!(head(&plain).contains("vary: accept-encoding") && !head(&plain).contains("content-encoding"));
    let small = raw(&world, format!("HEAD {look} HTTP/1.1\r\n{both}\r\n").as_bytes()).await;
    assert!(head(&small).contains("content-encoding: gzip"), "{small}");
    let length = |answer: &str| -> usize {
        let head = head(answer);
        head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap()
    };
    assert!(length(&small) * 2 < length(&plain));
}
