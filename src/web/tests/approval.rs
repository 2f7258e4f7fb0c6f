//! Approving a sign-in on the authenticator page: by its number, once, and only for the browser that asked.

use std::time::Duration;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::{
    FILE, HASH, House, PASSWORD,
    visitor::{Seen, Visitor, between},
};
use crate::{
    config::settings::StoreSettings,
    domain::{
        audit::{AuditKind, AuditOutcome},
        factor::{Method, PageKey, PageSigner, TotpFactor, TotpKey},
        identity::UserId,
        standing::Second,
        token::RecordId,
    },
    store::{self, Linking},
};

const NEW: &str = "methods = [\"totp\", \"passkey\", \"approval\"]";

async fn open() -> House {
    let file = FILE.replace("methods = [\"totp\", \"passkey\"]", NEW);
    assert!(file.contains(NEW));
    House::open_file(store::open(&StoreSettings::Memory).unwrap(), &HASH, &file).await
}

/// A linked authenticator page.
struct Page<'a> {
    browser: Visitor<'a>,
    app: String,
    pair: EcdsaKeyPair,
}

impl<'a> Page<'a> {
    /// Linked to `person` as if long ago, at `portal`.
    async fn of(house: &'a House, person: &str, portal: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let id = house.services.draw_id(house.services.clock.now());
        let (app, mut browser) = (id.to_string(), house.visitor());
        browser.key = vec![7; 20];
        let signer = PageSigner::read(pair.public_key().as_ref()).unwrap();
        let factor = TotpFactor {
            id,
            person: UserId::new(person),
            label: "Page".to_owned(),
            key: TotpKey::new(browser.key.clone()),
            added_at: house.services.clock.now(),
            last_used: None,
            last_step: 0,
            page: Some(PageKey { portal: portal.to_owned(), signer }),
        };
        house.services.store.add_totp(factor, Linking::Another, None).await.unwrap();
        Self { browser, app, pair }
    }

    async fn question(&mut self) -> String {
        let seen = self.browser.post("authenticator/question", &[("app", &self.app)]).await;
        json(&seen)["question"].as_str().unwrap_or_default().to_owned()
    }

    fn signature(&self, purpose: &str, question: &str, rest: &[&str]) -> String {
        let head = ["vestibule authenticator 1", purpose, "wiki.example.com", &self.app, question];
        let text = head.iter().chain(rest).copied().collect::<Vec<_>>().join("\n");
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        BASE64URL_NOPAD.encode(signature.as_ref())
    }

    async fn post_requests(&mut self, question: &str, signature: &str) -> Seen {
        let fields = [("app", &*self.app), ("question", question), ("signature", signature)];
        self.browser.post("authenticator/requests", &fields).await
    }

    /// What waits for this page.
    async fn sees(&mut self) -> Value {
        let question = self.question().await;
        let signature = self.signature("requests", &question, &[]);
        json(&self.post_requests(&question, &signature).await)["request"].clone()
    }

    /// Answers `asked`, as the page saw it.
    async fn says(&mut self, asked: &Value, decision: &str, number: &str) -> Seen {
        let question = self.question().await;
        let text = |name: &str| asked[name].as_str().unwrap().to_owned();
        let (id, portal, moment) = (text("id"), text("portal"), asked["asked"].to_string());
        let signature = self.signature("answer", &question, &[&id, &portal, &moment, decision, number]);
        let fields = [
            ("app", &*self.app),
            ("question", &question),
            ("signature", &signature),
            ("id", &id),
            ("decision", decision),
            ("number", number),
        ];
        self.browser.post("authenticator/answer", &fields).await
    }

    async fn state_of(&mut self, asked: &Value, decision: &str, number: &str) -> String {
        json(&self.says(asked, decision, number).await)["state"].as_str().unwrap_or_default().to_owned()
    }
}

fn json(seen: &Seen) -> Value {
    serde_json::from_str(&seen.html).unwrap_or_else(|_| panic!("{} {}", seen.status, seen.html))
}

/// Somebody whose password was right.
async fn at_the_door<'a>(house: &'a House, name: &str) -> Visitor<'a> {
    let mut visitor = house.visitor();
    let seen = visitor.sign_in(name, PASSWORD, "/strict/x").await;
    assert_eq!(seen.page(), "second-factor");
    visitor.get(&seen.location).await;
    visitor
}

const ASK: [(&str, &str); 2] = [("method", "approval"), ("action", "ask")];
const COLLECT: [(&str, &str); 1] = [("method", "approval")];
const WAIT: &str = "second-factor?method=approval";

/// Asks for an approval; tells the number on the screen.
async fn asks(visitor: &mut Visitor<'_>) -> String {
    let seen = visitor.post("second-factor", &ASK).await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"), "{}", seen.html);
    number_on(&visitor.get(&seen.location).await)
}

fn number_on(seen: &Seen) -> String {
    between(&seen.html, "<p class=\"code digits\">", "<")
        .unwrap_or_else(|| panic!("{}", seen.html))
        .to_owned()
}

fn other_than(number: &str) -> &'static str {
    if number == "10" { "11" } else { "10" }
}

async fn audited(house: &House, outcome: AuditOutcome) -> Vec<(AuditKind, Option<String>)> {
    let kept = house.services.store.journal().history(&UserId::new("anna"), 50).await.unwrap();
    let told = kept.into_iter().filter(|event| event.outcome == outcome);
    told.filter(|event| event.factor.as_deref() == Some("approval"))
        .map(|event| (event.kind, event.detail))
        .collect()
}

#[tokio::test]
async fn the_number_typed_on_the_page_lets_the_browser_in_that_asked() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut anna = at_the_door(&house, "anna").await;
    assert!(page.sees().await.is_null());
    assert!(anna.get(WAIT).await.says("Ask for approval"));
    let number = asks(&mut anna).await;
    let asked = page.sees().await;
    assert_eq!((asked["title"].as_str(), asked["address"].as_str()), (Some("Wiki"), Some("198.51.100.7")));
    assert_eq!((asked["agent"].as_str(), asked["lasts"].as_u64()), (Some("Firefox, Linux"), Some(120)));
    assert!(!asked.to_string().contains(&format!("\"{number}\"")), "the page is never told the number");

    assert_eq!(page.state_of(&asked, "approve", &number).await, "approved");
    assert!(!anna.is_signed_in() && page.sees().await.is_null());
    assert!(anna.get(WAIT).await.says("Approved on your authenticator page."));
    assert!(!anna.is_signed_in(), "looking collects nothing");
    let seen = anna.post("second-factor", &[("method", "approval"), ("trust_device", "1")]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/strict/x"));
    let Some(Second::Passed { method: Method::Approval, .. }) = anna.second() else { panic!() };
    // It is a real second factor, and earned what was ticked.
    assert!(anna.jar.contains_key("__Host-vestibule-device"));
    assert_eq!(audited(&house, AuditOutcome::Success).await.len(), 3, "asked, passed, signed in");
}

#[tokio::test]
async fn only_the_browser_that_asked_collects_and_of_ten_at_once_one_session_comes() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let (mut anna, mut thief) = (at_the_door(&house, "anna").await, at_the_door(&house, "anna").await);
    let number = asks(&mut anna).await;
    let asked = page.sees().await;
    assert_eq!(page.state_of(&asked, "approve", &number).await, "approved");
    let seen = thief.post("second-factor", &COLLECT).await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    assert!(thief.get(WAIT).await.says("Ask for approval") && !thief.is_signed_in());
    let before = house.sessions();
    anna.post_at_once(10, "second-factor", &COLLECT).await;
    assert_eq!(house.sessions(), before + 1);
}

#[tokio::test]
async fn waiting_costs_nothing_and_a_wrong_number_counts_as_a_wrong_code() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut anna = at_the_door(&house, "anna").await;
    for round in 0..5 {
        let number = asks(&mut anna).await;
        for _ in 0..3 {
            assert_eq!(anna.post("second-factor", &COLLECT).await.status, 303);
            assert_eq!(number_on(&anna.get(WAIT).await), number, "still waiting");
        }
        let asked = page.sees().await;
        assert_eq!(page.state_of(&asked, "approve", other_than(&number)).await, "wrong");
        // It is decided: the right number is too late.
        assert_eq!(page.state_of(&asked, "approve", &number).await, "over");
        assert!(anna.get(WAIT).await.says("another number was typed there"));
        let status = if round < 4 { 422 } else { 429 };
        assert_eq!(anna.post("second-factor", &COLLECT).await.status, status);
    }
    assert!(!anna.is_signed_in());
    assert_eq!(audited(&house, AuditOutcome::Failure).await.len(), 5);
    // The same five count against the person: five wrong codes more, and nothing is looked at.
    let mut again = at_the_door(&house, "anna").await;
    for _ in 0..4 {
        assert_eq!(again.post("second-factor", &[("code", &page.browser.wrong_code())]).await.status, 422);
    }
    let mut third = at_the_door(&house, "anna").await;
    assert_eq!(third.post("second-factor", &[("code", &page.browser.wrong_code())]).await.status, 422);
    assert_eq!(third.post("second-factor", &[("code", &page.browser.code())]).await.status, 429);
}

#[tokio::test]
async fn a_no_ends_the_sign_in_that_asked() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut thief = at_the_door(&house, "anna").await;
    asks(&mut thief).await;
    let asked = page.sees().await;
    assert_eq!(page.state_of(&asked, "refuse", "").await, "refused");
    assert_eq!(thief.post("second-factor", &COLLECT).await.status, 422);
    assert_eq!(thief.post("second-factor", &[("code", &page.browser.code())]).await.status, 422);
    assert!(!thief.is_signed_in());
    let told = audited(&house, AuditOutcome::Failure).await;
    assert!(matches!(&told[..], [(AuditKind::SecondFactor, Some(why))] if why.contains("somebody else")));
}

#[tokio::test]
async fn an_approval_is_given_and_collected_within_two_minutes() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    for (given, collected, is_in) in [(119, 0, true), (120, 0, false), (60, 59, true), (60, 60, false)] {
        let mut anna = at_the_door(&house, "anna").await;
        let number = asks(&mut anna).await;
        let asked = page.sees().await;
        house.advance(Duration::from_secs(given));
        let state = page.state_of(&asked, "approve", &number).await;
        assert_eq!(state, if given < 120 { "approved" } else { "over" });
        house.advance(Duration::from_secs(collected));
        anna.post("second-factor", &COLLECT).await;
        assert_eq!(anna.is_signed_in(), is_in, "{given} {collected}");
        if !is_in {
            assert!(anna.get(WAIT).await.says("Ask "));
        }
        house.advance(Duration::from_secs(900));
    }
}

#[tokio::test]
async fn nothing_that_was_signed_once_counts_again_and_nobody_elses_signature_does() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut stranger = Page::of(&house, "otto", "wiki").await;
    let mut anna = at_the_door(&house, "anna").await;
    let number = asks(&mut anna).await;
    // The list of requests: replayed, with another's key, for another purpose, without a question.
    let question = page.question().await;
    let signature = page.signature("requests", &question, &[]);
    assert_eq!(page.post_requests(&question, &signature).await.status, 200);
    assert_eq!(page.post_requests(&question, &signature).await.status, 403);
    let question = page.question().await;
    stranger.app.clone_from(&page.app);
    let forged = stranger.signature("requests", &question, &[]);
    assert_eq!(page.post_requests(&question, &forged).await.status, 403);
    let question = page.question().await;
    let other = page.signature("answer", &question, &[]);
    assert_eq!(page.post_requests(&question, &other).await.status, 403);
    let own = BASE64URL_NOPAD.encode(&[5; 32]);
    let signature = page.signature("requests", &own, &[]);
    assert_eq!(page.post_requests(&own, &signature).await.status, 403);
    let question = page.question().await;
    let signature = page.signature("requests", &question, &[]);
    house.advance(Duration::from_secs(120));
    assert_eq!(page.post_requests(&question, &signature).await.status, 403, "a question lasts two minutes");

    // The answer: with another's key, and a no that is sent as a yes.
    let number =
        if anna.get(WAIT).await.says("class=\"code digits\"") { number } else { asks(&mut anna).await };
    let asked = page.sees().await;
    assert_eq!(stranger.says(&asked, "approve", &number).await.status, 403);
    let question = page.question().await;
    let (id, moment) = (asked["id"].as_str().unwrap().to_owned(), asked["asked"].to_string());
    let signature = page.signature("answer", &question, &[&id, "wiki", &moment, "refuse", ""]);
    let fields = [
        ("app", &*page.app),
        ("question", &*question),
        ("signature", &*signature),
        ("id", &*id),
        ("decision", "approve"),
        ("number", &*number),
    ];
    assert_eq!(page.browser.post("authenticator/answer", &fields).await.status, 403);
    assert_eq!(anna.post("second-factor", &COLLECT).await.status, 303);
    assert!(!anna.is_signed_in());
    assert_eq!(page.state_of(&asked, "approve", &number).await, "approved", "nothing was decided");
}

#[tokio::test]
async fn a_page_of_another_person_or_portal_sees_and_answers_nothing() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut ottos = Page::of(&house, "otto", "wiki").await;
    let mut notes = Page::of(&house, "anna", "notes").await;
    let mut anna = at_the_door(&house, "anna").await;
    let number = asks(&mut anna).await;
    let asked = page.sees().await;
    assert!(ottos.sees().await.is_null());
    assert_eq!(ottos.state_of(&asked, "approve", &number).await, "over");
    let seen = notes.browser.post("authenticator/question", &[("app", &notes.app)]).await;
    assert_eq!(seen.status, 410);
    assert!(!anna.is_signed_in());
    // Whose only page lives elsewhere is not offered this way at all.
    let nobody = Page::of(&house, "fritz", "notes").await;
    let mut fritz = at_the_door(&house, "fritz").await;
    assert!(!fritz.get(WAIT).await.says("approval"));
    let seen = fritz.post("second-factor", &ASK).await;
    assert!(!fritz.get(&seen.location).await.says("class=\"code digits\""));
    drop(nobody);
}

#[tokio::test]
async fn a_newer_request_voids_the_older_and_another_answer_to_the_sign_in_voids_both() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let (mut first, mut second) = (at_the_door(&house, "anna").await, at_the_door(&house, "anna").await);
    let number = asks(&mut first).await;
    let old = page.sees().await;
    let newer = asks(&mut second).await;
    assert_eq!(page.state_of(&old, "approve", &number).await, "over");
    assert!(first.get(WAIT).await.says("Ask for approval"));
    // A wrong code moves the sign-in on: what it asked for before is for another state.
    let asked = page.sees().await;
    assert_eq!(second.post("second-factor", &[("code", &page.browser.wrong_code())]).await.status, 422);
    assert!(page.sees().await.is_null());
    assert_eq!(page.state_of(&asked, "approve", &newer).await, "over");
    second.post("second-factor", &COLLECT).await;
    assert!(!second.is_signed_in());
    // And who signed in with a code meanwhile leaves nothing to approve.
    let number = asks(&mut second).await;
    let asked = page.sees().await;
    page.browser.next_step();
    assert_eq!(second.post("second-factor", &[("code", &page.browser.code())]).await.status, 303);
    assert!(second.is_signed_in() && page.sees().await.is_null());
    assert_eq!(page.state_of(&asked, "approve", &number).await, "over");
}

#[tokio::test]
async fn five_requests_in_a_quarter_of_an_hour_and_no_more() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut thief = at_the_door(&house, "anna").await;
    for _ in 0..5 {
        asks(&mut thief).await;
    }
    let mut other = at_the_door(&house, "anna").await;
    let seen = other.post("second-factor", &ASK).await;
    assert!(seen.status == 429 && seen.says("Approval was asked for too often"), "{}", seen.html);
    // Codes still let its owner in.
    assert_eq!(other.post("second-factor", &[("code", &page.browser.code())]).await.status, 303);
    house.advance(Duration::from_secs(900));
    let mut later = at_the_door(&house, "anna").await;
    asks(&mut later).await;
    assert!(!page.sees().await.is_null());
}

#[tokio::test]
async fn a_page_whose_app_was_removed_is_told_so_and_its_yes_is_worth_nothing() {
    let house = open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut anna = at_the_door(&house, "anna").await;
    let number = asks(&mut anna).await;
    let asked = page.sees().await;
    assert_eq!(page.state_of(&asked, "approve", &number).await, "approved");
    let (person, app) = (UserId::new("anna"), RecordId::from_text(&page.app));
    house.services.store.remove_totp(&person, &app, store::Leaving::None, None).await.unwrap();
    anna.post("second-factor", &COLLECT).await;
    assert!(!anna.is_signed_in());
    let seen = page.browser.post("authenticator/question", &[("app", &page.app)]).await;
    assert_eq!(seen.status, 410);
}

#[tokio::test]
async fn where_the_file_does_not_say_so_nothing_is_approved() {
    let house = House::open().await;
    let mut page = Page::of(&house, "anna", "wiki").await;
    let mut anna = at_the_door(&house, "anna").await;
    assert!(!anna.get(WAIT).await.says("approval"));
    let seen = anna.post("second-factor", &ASK).await;
    assert!(!anna.get(&seen.location).await.says("class=\"code digits\""));
    let seen = page.browser.post("authenticator/question", &[("app", &page.app)]).await;
    assert_eq!(seen.status, 404);
    assert!(!page.browser.get("authenticator").await.says("data-approves"));
}
