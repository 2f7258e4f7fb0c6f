//! The authenticator page and its pairing number, from the first visit to the codes it signs in with.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::{
    House, PASSWORD,
    visitor::{Seen, Visitor},
};
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{Account, TotpFactor, TotpKey},
        identity::UserId,
        pairing::{Pairing, PairingNumber, PairingStage},
        token::{RecordId, TokenHash},
    },
    runtime::control::{
        Administration, By,
        words::{Answer, Request},
    },
    store::Linking,
};

/// An authenticator page in a browser of its own.
struct Page<'a> {
    browser: Visitor<'a>,
    number: String,
    poll: String,
}

impl<'a> Page<'a> {
    /// Opens the page, which asks for a number at once.
    async fn open(house: &'a House) -> Self {
        let mut browser = house.visitor();
        browser.key = vec![0; 20];
        house.services.entropy.fill(&mut browser.key);
        assert_eq!(browser.get("authenticator").await.status, 200);
        let told = json(&asks_for_a_number(&mut browser).await);
        assert_eq!(told["lasts"], 600);
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let (number, poll) = (text("number"), text("poll"));
        assert!(browser.jar.is_empty(), "the page needs no cookie");
        Self { browser, number, poll }
    }

    async fn state(&mut self) -> Value {
        let poll = self.poll.clone();
        json(&self.browser.post("authenticator/pairing/state", &[("poll", &poll)]).await)
    }

    /// The form of the wizard with this page's number and present code.
    async fn entered_by(&self, visitor: &mut Visitor<'_>) -> Seen {
        let fields = [("by", "page"), ("pairing", &*self.number), ("code", &self.browser.code())];
        visitor.post("enrol", &fields).await
    }
}

async fn asks_for_a_number(browser: &mut Visitor<'_>) -> Seen {
    let key = BASE64URL_NOPAD.encode(&browser.key);
    let point = [&[4_u8][..], &[7; 64]].concat();
    let fields = [("key", key.as_str()), ("public_key", &BASE64URL_NOPAD.encode(&point))];
    browser.post("authenticator/pairing", &fields).await
}

fn json(seen: &Seen) -> Value {
    serde_json::from_str(&seen.html).unwrap_or_else(|_| panic!("{} {}", seen.status, seen.html))
}

/// Somebody whose password was right and who is asked to link an app.
async fn at_the_wizard<'a>(house: &'a House, name: &str) -> Visitor<'a> {
    let mut visitor = house.visitor();
    let seen = visitor.sign_in(name, PASSWORD, "/strict/x").await;
    assert_eq!(seen.page(), "enrol");
    visitor.get(&seen.location).await;
    visitor
}

async fn account(house: &House, name: &str) -> Account {
    house.services.store.account(&UserId::new(name)).await.unwrap()
}

#[tokio::test]
async fn number_and_code_link_the_page_and_from_then_on_its_codes_sign_in() {
    let house = House::open().await;
    let mut page = Page::open(&house).await;
    assert_eq!(page.state().await["state"], "waiting");
    let mut anna = at_the_wizard(&house, "anna").await;
    assert!(anna.get("enrol").await.says("enrol?by=page&amp;return_to=%2Fstrict%2Fx"));
    let wizard = anna.get("enrol?by=page&return_to=/strict/x").await;
    assert!(wizard.says("name=\"pairing\"") && !wizard.says("otpauth:"), "{}", wizard.html);
    assert_eq!(page.entered_by(&mut anna).await.status, 200);
    assert!(anna.is_signed_in());

    let told = page.state().await;
    let app = &account(&house, "anna").await.totp[0];
    assert_eq!(told["state"], "linked");
    assert_eq!((told["account"].as_str(), told["app"].as_str()), (Some("Anna"), Some(app.id.as_str())));
    assert_eq!(app.label, "Authenticator (Firefox, Linux)");
    assert_eq!(app.page.as_ref().unwrap().portal, "wiki");
    let kept = house.services.store.journal().history(&UserId::new("anna"), 10).await.unwrap();
    assert!(kept.iter().any(|event| event.kind == AuditKind::FactorAdded));

    anna.key.clone_from(&page.browser.key);
    let mut elsewhere = house.visitor();
    elsewhere.key.clone_from(&page.browser.key);
    assert_eq!(elsewhere.sign_in_with_code("anna", &[]).await.status, 303);
    assert!(elsewhere.is_signed_in());
}

#[tokio::test]
async fn the_page_may_be_named_and_its_number_typed_with_blanks() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let mut anna = at_the_wizard(&house, "anna").await;
    let number = format!(" {} {}-{}", &page.number[..3], &page.number[3..6], &page.number[6..]);
    let fields =
        [("by", "page"), ("pairing", number.as_str()), ("code", &page.browser.code()), ("label", "Phone")];
    assert_eq!(anna.post("enrol", &fields).await.status, 200);
    assert_eq!(account(&house, "anna").await.totp[0].label, "Phone");
}

#[tokio::test]
async fn a_number_is_good_once() {
    let house = House::open().await;
    let mut page = Page::open(&house).await;
    let (mut anna, mut otto) = (at_the_wizard(&house, "anna").await, at_the_wizard(&house, "otto").await);
    assert_eq!(page.entered_by(&mut anna).await.status, 200);
    let seen = page.entered_by(&mut otto).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("No authenticator page shows this pairing number now") && !otto.is_signed_in());
    assert!(!account(&house, "otto").await.is_enrolled());
    assert_eq!(page.state().await["account"], "Anna");
}

#[tokio::test]
async fn of_two_who_enter_one_number_at_once_one_has_the_page() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let (mut anna, mut otto) = (at_the_wizard(&house, "anna").await, at_the_wizard(&house, "otto").await);
    tokio::join!(page.entered_by(&mut anna), page.entered_by(&mut otto));
    assert_ne!(anna.is_signed_in(), otto.is_signed_in());
    let linked = [account(&house, "anna").await.totp.len(), account(&house, "otto").await.totp.len()];
    assert_eq!(linked.iter().sum::<usize>(), 1);
}

#[tokio::test]
async fn a_number_is_good_for_ten_minutes_to_the_second() {
    let house = House::open().await;
    for (waited, status, state) in [(599, 200, "waiting"), (600, 422, "over")] {
        let mut page = Page::open(&house).await;
        house.advance(Duration::from_secs(waited));
        assert_eq!(page.state().await["state"], state);
        let name = if status == 200 { "anna" } else { "otto" };
        let mut visitor = at_the_wizard(&house, name).await;
        assert_eq!(page.entered_by(&mut visitor).await.status, status, "{waited}");
    }
}

#[tokio::test]
async fn a_page_that_was_closed_learns_for_a_day_that_it_was_linked() {
    let house = House::open().await;
    let mut page = Page::open(&house).await;
    let mut anna = at_the_wizard(&house, "anna").await;
    page.entered_by(&mut anna).await;
    house.advance(Duration::from_secs(86_399));
    assert_eq!(page.state().await["state"], "linked");
    house.advance(Duration::from_secs(1));
    assert_eq!(page.state().await["state"], "over");
}

#[tokio::test]
async fn a_page_whose_app_was_removed_is_told_so_and_nobodys_token_tells_nothing() {
    let house = House::open().await;
    let mut page = Page::open(&house).await;
    let mut anna = at_the_wizard(&house, "anna").await;
    page.entered_by(&mut anna).await;
    house.services.store.reset_second_factor(&UserId::new("anna")).await.unwrap();
    assert_eq!(page.state().await["state"], "over");
    page.poll = BASE64URL_NOPAD.encode(&[9; 32]);
    assert_eq!(page.state().await["state"], "over");
    page.poll = String::new();
    assert_eq!(page.state().await["state"], "over");
}

#[tokio::test]
async fn the_number_alone_links_nothing() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let mut anna = at_the_wizard(&house, "anna").await;
    // The code of the QR code's key, and one of no key at all.
    for code in [anna.code(), page.browser.wrong_code(), String::new()] {
        assert_eq!(
            anna.post("enrol", &[("by", "page"), ("pairing", &page.number), ("code", &code)]).await.status,
            422
        );
    }
    assert!(!account(&house, "anna").await.is_enrolled());
    // And the code alone is nobody's.
    assert_eq!(anna.post("enrol", &[("code", &page.browser.code())]).await.status, 422);
    assert_eq!(page.entered_by(&mut anna).await.status, 200, "the number is still good");
}

#[tokio::test]
async fn a_number_of_another_portals_page_is_not_known_here() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let (pairings, own) = (house.services.store.pairings(), PairingNumber::read(&page.number).unwrap());
    let waiting = pairings.recall_pairing(&own.hash()).await.unwrap().unwrap();
    let number = PairingNumber::read("000000001").unwrap().hash();
    let stage = PairingStage::Waiting { number, key: TotpKey::new(page.browser.key.clone()) };
    let poll = TokenHash::from_bytes([3; 32]);
    let elsewhere = Pairing { portal: "notes".to_owned(), stage, poll, ..waiting };
    assert!(pairings.offer_pairing(&elsewhere).await.unwrap());
    let mut anna = at_the_wizard(&house, "anna").await;
    let fields = [("by", "page"), ("pairing", "000000001"), ("code", &page.browser.code())];
    assert!(anna.post("enrol", &fields).await.says("No authenticator page shows"));
    assert_eq!(page.entered_by(&mut anna).await.status, 200);
}

#[tokio::test]
async fn five_wrong_numbers_end_the_sign_in_and_none_costs_nothing() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let mut anna = at_the_wizard(&house, "anna").await;
    for unreadable in ["12345678", "hello", ""] {
        for _ in 0..6 {
            let fields = [("by", "page"), ("pairing", unreadable), ("code", &page.browser.code())];
            let seen = anna.post("enrol", &fields).await;
            assert!(seen.status == 422 && seen.says(&format!("value=\"{unreadable}\"")));
        }
    }
    let wrong = if page.number == "111111111" { "222222222" } else { "111111111" };
    for status in [422, 422, 422, 422, 429] {
        let fields = [("by", "page"), ("pairing", wrong), ("code", &page.browser.code())];
        assert_eq!(anna.post("enrol", &fields).await.status, status);
    }
    assert_eq!(page.entered_by(&mut anna).await.status, 422);
    assert!(!anna.is_signed_in());
    // They count against the person, whatever the sign-in: ten in a quarter of an hour.
    let mut again = at_the_wizard(&house, "anna").await;
    for status in [422, 422, 422, 422, 429] {
        assert_eq!(
            again.post("enrol", &[("by", "page"), ("pairing", wrong), ("code", "123456")]).await.status,
            status
        );
    }
    let mut third = at_the_wizard(&house, "anna").await;
    assert_eq!(page.entered_by(&mut third).await.status, 429);
    let kept = house.services.store.journal().history(&UserId::new("anna"), 30).await.unwrap();
    let failed = kept
        .iter()
        .filter(|event| event.kind == AuditKind::SecondFactor && event.outcome == AuditOutcome::Failure);
    assert_eq!(failed.count(), 10);
}

#[tokio::test]
async fn who_has_an_app_shows_its_code_before_adding_a_page() {
    let house = House::open().await;
    let page = Page::open(&house).await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    house.advance(Duration::from_secs(15 * 60));
    assert_eq!(anna.get("enrol").await.page(), "second-factor");
    assert_ne!(page.entered_by(&mut anna).await.status, 200);
    assert_eq!(account(&house, "anna").await.totp.len(), 1);
}

#[tokio::test]
async fn keys_that_are_none_get_no_number_and_a_network_gets_a_hundred() {
    let house = House::open().await;
    let mut browser = house.visitor();
    let point = BASE64URL_NOPAD.encode(&[&[4_u8][..], &[7; 64]].concat());
    let compressed = BASE64URL_NOPAD.encode(&[&[2_u8][..], &[7; 32]].concat());
    let (key, short) = (BASE64URL_NOPAD.encode(&[1; 20]), BASE64URL_NOPAD.encode(&[1; 16]));
    for (key, point) in [("", &*point), (&short, &point), (&key, ""), (&key, &compressed), ("%", &point)] {
        let seen = browser.post("authenticator/pairing", &[("key", key), ("public_key", point)]).await;
        assert_eq!((seen.status, seen.html.as_str()), (422, "{}"));
    }
    browser.key = vec![1; 20];
    for _ in 0..100 {
        assert_eq!(asks_for_a_number(&mut browser).await.status, 200);
    }
    let seen = asks_for_a_number(&mut browser).await;
    assert_eq!((seen.status, seen.retry.as_str()), (429, "900"));
    let mut elsewhere = Visitor::new(&house, "203.0.113.9");
    elsewhere.key = vec![1; 20];
    assert_eq!(asks_for_a_number(&mut elsewhere).await.status, 200);
}

#[tokio::test]
async fn an_administrator_links_a_page_by_its_number_alone() {
    let house = House::open().await;
    let mut page = Page::open(&house).await;
    let office = Administration::new(house.services.clone());
    let people = &house.runtime.directory(&house.services.store);
    let ask = async |user: &str, number: &str| {
        let request = Request::UserPair { user: user.to_owned(), number: number.to_owned() };
        office.obey(people, request, &By::User(0)).await
    };
    let refusal = |answer: Answer| match answer {
        Answer::Refused(refusal) => refusal.message,
        other => panic!("{other:?}"),
    };
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    assert!(refusal(ask("ghost", &page.number).await).contains("nobody is called"));
    assert!(refusal(ask("anna", "12").await).contains("nine digits"));
    assert!(refusal(ask("anna", "000000001").await).contains("no authenticator page shows this number"));
    let Answer::Changed(change) = ask("Anna@example.com", &page.number).await else { panic!("refused") };
    assert_eq!((change.sessions, change.trusts), (1, 0), "{}", change.message);
    assert!(!anna.is_signed_in());
    assert_eq!(page.state().await["account"], "Anna");
    assert!(refusal(ask("otto", &page.number).await).contains("no authenticator page shows this number"));

    let mut elsewhere = house.visitor();
    elsewhere.key.clone_from(&page.browser.key);
    assert_eq!(elsewhere.sign_in_with_code("anna", &[]).await.status, 303);
    let kept = house.services.store.journal().history(&UserId::new("anna"), 30).await.unwrap();
    let added = kept.iter().find(|event| event.detail.as_ref().is_some_and(|d| d.ends_with("; by uid 0")));
    assert_eq!(added.unwrap().kind, AuditKind::FactorAdded);
}

#[tokio::test]
async fn an_administrator_links_no_page_that_expired_and_no_sixth_app() {
    let house = House::open().await;
    let office = Administration::new(house.services.clone());
    let page = Page::open(&house).await;
    for number in 0..5 {
        let factor = TotpFactor {
            id: RecordId::from_text(&format!("app-{number}")),
            person: UserId::new("otto"),
            label: "App".to_owned(),
            key: TotpKey::new(vec![number; 20]),
            added_at: house.services.clock.now(),
            last_used: None,
            last_step: 0,
            page: None,
        };
        house.services.store.add_totp(factor, Linking::Another, None).await.unwrap();
    }
    let pair = |user: &str| Request::UserPair { user: user.to_owned(), number: page.number.clone() };
    let people = &house.runtime.directory(&house.services.store);
    let refused = office.obey(people, pair("otto"), &By::Signal).await;
    assert!(matches!(refused, Answer::Refused(refusal) if refusal.message.contains("5 apps already")));
    house.advance(Duration::from_secs(600));
    assert!(matches!(office.obey(people, pair("anna"), &By::Signal).await, Answer::Refused(_)));
}

#[tokio::test]
async fn no_number_is_given_out_while_the_store_is_down() {
    let (house, down) = House::open_with_outages().await;
    let mut page = Page::open(&house).await;
    down.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(asks_for_a_number(&mut page.browser).await.status, 503);
    assert_eq!(page.browser.get("authenticator").await.status, 200);
    down.store(false, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(page.state().await["state"], "waiting");
}

#[tokio::test]
async fn the_page_names_nobody_and_its_worker_and_manifest_stay_under_it() {
    let house = House::open().await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    let page = fritz.get("authenticator").await;
    assert!(page.says("data-base=\"/.vestibule/authenticator\"") && !page.says("fritz"));
    assert!(!page.says("csrf") && !page.says("/.vestibule/account"));
    let manifest = json(&fritz.get("authenticator/manifest.webmanifest").await);
    for name in ["id", "scope", "start_url"] {
        assert_eq!(manifest[name], "/.vestibule/authenticator");
    }
    assert_eq!(manifest["display"], "standalone");
    let worker = fritz.get("authenticator/worker.js").await;
    assert!(worker.says("const PAGE = \"/.vestibule/authenticator\";"), "{}", worker.html);
    assert!(worker.says("/.vestibule/assets/authenticator."));
}
