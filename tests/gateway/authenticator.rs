//! The authenticator page beside a portal that is an installable app of its own.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use http_body_util::Full;

use crate::{trust::signs_in_fully, visitor::Visitor, world::World};

const PAGE: &str = "/.vestibule/authenticator";

/// Asks as a browser does for the script of a service worker.
async fn asks_for_a_worker(visitor: &mut Visitor, target: &str) -> crate::visitor::Answer {
    let request = visitor
        .request(Method::GET, target)
        .header("service-worker", "script")
        .header("sec-fetch-dest", "serviceworker")
        .header("sec-fetch-mode", "same-origin")
        .body(Full::default())
        .unwrap();
    visitor.send(request).await
}

#[tokio::test]
async fn a_portals_own_manifest_and_worker_pass_unchanged() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    signs_in_fully(&world, &mut anna, &[]).await;
    for target in ["/manifest.webmanifest", "/manifest.json", "/app/authenticator/manifest.webmanifest"] {
        anna.fetch(target).await.reaches_the_portal();
        assert_eq!(world.portal.last().target, target);
    }
    for target in ["/sw.js", "/service-worker.js?v=3", "/authenticator/worker.js"] {
        let answer = asks_for_a_worker(&mut anna, target).await;
        answer.reaches_the_portal();
        assert!(!answer.headers.contains_key("service-worker-allowed"));
        let seen = world.portal.last();
        assert_eq!((seen.target.as_str(), seen.one("service-worker")), (target, Some("script".to_owned())));
    }
    // Also where the rules ask nobody to sign in.
    asks_for_a_worker(&mut world.visitor(), "/public/sw.js").await.reaches_the_portal();
}

#[tokio::test]
async fn the_page_is_served_to_anybody_and_reaches_no_further_than_itself() {
    let world = World::start().await;
    let mut stranger = world.visitor();
    let page = stranger.get(PAGE).await;
    let header =
        |answer: &crate::visitor::Answer, name: &str| answer.headers[name].to_str().unwrap().to_owned();
    let policy = header(page.has_status(200), "content-security-policy");
    for rule in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "worker-src 'self'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(policy.contains("manifest-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert!(!page.headers.contains_key("set-cookie") && !policy.contains("unsafe"));
    let worker = asks_for_a_worker(&mut stranger, "/.vestibule/authenticator/worker.js").await;
    assert_eq!(header(worker.has_status(200), "service-worker-allowed"), PAGE);
    assert_eq!(header(&worker, "content-type"), "text/javascript; charset=utf-8");
    // Without this it could not fetch what it keeps.
    assert!(header(&worker, "content-security-policy").contains("connect-src 'self'"));
    let manifest = stranger.fetch("/.vestibule/authenticator/manifest.webmanifest").await;
    assert_eq!(header(manifest.has_status(200), "content-type"), "application/manifest+json");
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn only_the_page_itself_asks_for_a_number() {
    let world = World::start().await;
    let mut stranger = world.visitor();
    let key = BASE64URL_NOPAD.encode(&[1; 20]);
    let point = BASE64URL_NOPAD.encode(&[&[4_u8][..], &[7; 64]].concat());
    let fields = [("key".to_owned(), key.clone()), ("public_key".to_owned(), point.clone())];
    let own = "/.vestibule/authenticator/pairing";
    assert!(stranger.post(own, &fields).await.has_status(200).text().contains("\"number\""));
    let foreign = stranger
        .request(Method::POST, own)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .body(Full::new(Bytes::from(format!("key={key}&public_key={point}"))))
        .unwrap();
    stranger.send(foreign).await.has_status(403);
    stranger.post(PAGE, &fields).await.has_status(405);
    stranger.get(own).await.has_status(404);
}

#[tokio::test]
async fn without_codes_of_an_app_there_is_no_page() {
    let plan = crate::world::Plan {
        second_factor: "requirement = \"off\"\nmethods = [\"email\"]",
        ..Default::default()
    };
    let plan = crate::world::Plan {
        more: "[mail]\nfrom = \"wiki@example.com\"\nsendmail = \"/bin/true\"\n",
        ..plan
    };
    let world = World::plan(plan).await;
    world.visitor().get(PAGE).await.has_status(404);
}

#[tokio::test]
async fn our_own_pages_install_the_portal_and_name_nobody() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    crate::trust::signs_in_fully(&world, &mut anna, &[]).await;
    let place = "/.vestibule/manifest.webmanifest";
    let account = anna.get("/.vestibule/account").await;
    assert!(account.text().contains(&format!("<link rel=\"manifest\" href=\"{place}\">")));
    assert!(account.headers["content-security-policy"].to_str().unwrap().contains("manifest-src 'self'"));
    let manifest = anna.fetch(place).await;
    assert_eq!(manifest.has_status(200).headers["content-type"], "application/manifest+json");
    let app: serde_json::Value = serde_json::from_str(&manifest.text()).unwrap();
    assert_eq!((&app["start_url"], &app["display"]), (&"/".into(), &"minimal-ui".into()));
    assert!(!manifest.text().to_lowercase().contains("anna"));
    for icon in app["icons"].as_array().unwrap() {
        anna.fetch(icon["src"].as_str().unwrap()).await.has_status(200);
    }
    anna.post(place, &[]).await.has_status(405);
    assert_eq!(world.portal.count(), 0);
}
