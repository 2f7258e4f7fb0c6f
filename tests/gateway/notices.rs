//! A notice on its way through a whole gateway, and the "not me" button it leads to.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt, Empty, Full};
use tokio::time::timeout;

use crate::{
    link::{mailbox, next_mail},
    streaming::{SOON, events, send},
    trust::signs_in_fully,
    world::{PASSWORD, Plan, World},
};

const NOT_ME: &str = "/.vestibule/not-me";

#[tokio::test]
async fn a_new_device_is_mailed_and_its_button_ends_sessions_trust_and_open_streams() {
    let (mails, program) = mailbox();
    let (address, tell) = events().await;
    let more = format!("[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\n", program.display());
    let upstream = Some(format!("upstream = \"http://{address}\""));
    let world = World::plan(Plan { more: more.leak(), upstream, access: true, ..Plan::default() }).await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &["trust_device"]).await;
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("To: anna@example.com") && mail.contains("Subject: New device at "), "{mail}");
    assert!(mail.contains("127.0.0.1"), "{mail}");
    let start = format!("https://{}{NOT_ME}?token=", anna.host);
    let token: String = mail.split_once(&start).expect("a link to this host").1.chars().take(43).collect();
    let link = format!("{NOT_ME}?token={token}");
    let request = anna.request(Method::GET, "/events").body(Empty::<Bytes>::new()).unwrap();
    let answer = timeout(SOON, send(&anna, request, false)).await.expect("the head comes at once");
    let mut body = answer.into_body();
    tell.send("one").unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");

    // What scans mails looks first; another portal knows nothing of it; a foreign page presses nothing.
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let mut scanner = world.visitor();
        let request = scanner.request(method, &link).body(Full::default()).unwrap();
        let seen = scanner.send(request).await;
        assert_eq!(seen.has_status(200).headers["referrer-policy"], "no-referrer");
    }
    let mut reader = world.visitor();
    let own = std::mem::replace(&mut reader.host, anna.host.replace("wiki.", "mail."));
    reader.open(&link).await.has_status(410);
    reader.host = own;
    reader.jar.clear();
    reader.open(&link).await.has_status(200);
    let foreign = reader
        .request(Method::POST, NOT_ME)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .body(Full::from(format!("token={token}")))
        .unwrap();
    reader.send(foreign).await.has_status(403);
    reader.submit(NOT_ME, &[("token", &token), ("csrf", "forged")]).await.has_status(403);
    tell.send("two").unwrap();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "two");

    reader.open(&link).await.has_status(200);
    reader.submit(NOT_ME, &[("token", &token)]).await.has_status(200);
    reader.get("/reports").await.meets_login();
    anna.get("/reports").await.meets_login();
    // Asked about once a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    tell.send("three").unwrap();
    let rest = timeout(SOON, body.collect()).await.expect("the stream is cut");
    assert!(rest.is_err(), "{rest:?}");
    // The device is not trusted any more, and the link is used up.
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    reader.open(&link).await.has_status(410);
    let audit = std::fs::read_to_string(world.folder.path().join("audit.log")).unwrap();
    assert!(audit.contains("\"kind\":\"not_me\"") && !audit.contains(&token), "{audit}");
}
