//! Signing in with an account at a provider that lies as it is told.

use std::{collections::HashMap, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    House, PASSWORD,
    visitor::{Seen, Visitor},
};
use crate::{
    config::settings::StoreSettings,
    domain::{
        factor::Method,
        identity::{People, Person, UserId},
        provider::Identity,
        standing::Second,
        time::Clock,
        token::RecordId,
    },
    factor::provider::tests::issuer::{Issuer, Key, Signing},
    runtime::control::{
        Administration, By,
        words::{Answer, Request},
    },
    store,
};

pub(super) use crate::factor::provider::tests::issuer::SECRET;

const START: i64 = 1_800_000_000;

/// A house with a provider, and the provider.
async fn world(more: &str) -> (House, Issuer) {
    let issuer = Issuer::open(START).await;
    let provider = format!(
        "[[provider]]\nname = \"acme\"\ntitle = \"Acme\"\nissuer = \"{}\"\nclient_id = \"vestibule\"\n\
         client_secret = {{ file = \"acme.secret\" }}\n{more}\n",
        issuer.origin
    );
    (House::open_beside(&provider).await, issuer)
}

/// Makes the provider's account somebody's.
async fn link(house: &House, issuer: &Issuer, person: &str) {
    let identity = Identity {
        id: RecordId::from_text(&format!("identity-of-{person}")),
        person: UserId::new(person),
        issuer: issuer.origin.clone(),
        subject: "subject-7".to_owned(),
        label: "somebody@acme.example".to_owned(),
        linked_at: house.clock.now(),
        last_used: None,
    };
    house.services.store.identities().link_identity(&identity).await.unwrap();
}

/// Where the page that leads on leads.
fn onward(seen: &Seen) -> String {
    let start = seen.html.split("class=\"button main\" href=\"").nth(1).expect("a page that leads on");
    start.split('"').next().unwrap().replace("&#38;", "&")
}

/// Presses the button; tells what the provider would send back.
async fn depart(visitor: &mut Visitor<'_>, issuer: &Issuer) -> HashMap<String, String> {
    visitor.get("/.vestibule/login?again=1&return_to=/reports").await;
    let fields = [("provider", "acme"), ("username", "somebody"), ("return_to", "/reports")];
    let going = visitor.post("provider", &fields).await;
    assert_eq!(going.status, 200, "{}", going.html);
    issuer.visit(&onward(&going))
}

async fn come_back(visitor: &mut Visitor<'_>, house: &House, issuer: &Issuer, state: &str) -> Seen {
    issuer.script().now = house.clock.now().unix();
    visitor.get(&format!("provider/callback?state={state}&code=right")).await
}

/// There and back.
async fn sign_in(visitor: &mut Visitor<'_>, house: &House, issuer: &Issuer) -> Seen {
    let said = depart(visitor, issuer).await;
    come_back(visitor, house, issuer, &said["state"]).await
}

fn says(issuer: &Issuer, claims: &Value) {
    issuer.script().claims = claims.as_object().unwrap().clone();
}

/// Why somebody is not in.
fn is_told(seen: &Seen, status: u16, words: &str) {
    assert!(seen.status == status && seen.says(words), "{} {}", seen.status, seen.html);
}

const LOST: &str = "This sign-in has ended";
const UNKNOWN: &str = "This account cannot sign in here";

#[tokio::test]
async fn a_linked_account_lets_its_owner_in_where_they_wanted_to_go() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let mut fritz = house.visitor();
    assert!(fritz.get("login").await.says("Sign in with Acme"));
    let said = depart(&mut fritz, &issuer).await;
    assert_eq!(said["login_hint"], "somebody");
    assert_eq!(said["redirect_uri"], "https://wiki.example.com/.vestibule/provider/callback");
    let seen = come_back(&mut fritz, &house, &issuer, &said["state"]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/reports"));
    assert!(fritz.is_signed_in() && fritz.second() == Some(Second::Missing));
    assert!(fritz.get("account").await.says("Signed in with an account elsewhere"));
}

#[tokio::test]
async fn the_second_factor_of_the_house_is_asked_on_top() {
    let (house, issuer) = world("").await;
    house.visitor().enrol("anna").await;
    link(&house, &issuer, "anna").await;
    let mut anna = house.visitor();
    let seen = sign_in(&mut anna, &house, &issuer).await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    assert!(!anna.is_signed_in());
}

#[tokio::test]
async fn what_the_provider_asked_counts_only_where_the_file_says_so_and_earns_no_trust() {
    let amr = json!({ "amr": ["pwd", "mfa"], "auth_time": START });
    for (more, is_enough) in [("", false), ("accept_amr = [\"mfa\"]", true)] {
        let (house, issuer) = world(more).await;
        link(&house, &issuer, "anna").await;
        says(&issuer, &amr);
        let mut anna = house.visitor();
        let seen = sign_in(&mut anna, &house, &issuer).await;
        assert_eq!(anna.is_signed_in(), is_enough, "{more}: {}", seen.location);
        if is_enough {
            let method = Method::Provider;
            assert_eq!(anna.second(), Some(Second::Passed { method, at: house.clock.now() }));
            assert!(!seen.cookies.iter().any(|cookie| cookie.starts_with("__Host-vestibule-device")));
        }
    }
}

#[tokio::test]
async fn who_has_no_password_may_come_in_and_who_is_disabled_may_not() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "nora").await;
    let mut nora = house.visitor();
    sign_in(&mut nora, &house, &issuer).await;
    assert!(nora.is_signed_in());

    let (house, issuer) = world("").await;
    link(&house, &issuer, "dora").await;
    let mut dora = house.visitor();
    is_told(&sign_in(&mut dora, &house, &issuer).await, 403, UNKNOWN);
    assert!(!dora.is_signed_in());
}

#[tokio::test]
async fn an_account_nobody_linked_lets_nobody_in_and_makes_nobody() {
    let (house, issuer) = world("").await;
    let mut stranger = house.visitor();
    let seen = sign_in(&mut stranger, &house, &issuer).await;
    is_told(&seen, 403, UNKNOWN);
    assert!(seen.says("/.vestibule/login?return_to=%2Freports") && house.sessions() == 0);
}

#[tokio::test]
async fn an_answer_counts_once_in_its_own_browser() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let mut fritz = house.visitor();
    let said = depart(&mut fritz, &issuer).await;
    // Slipped into another browser, it signs nobody in, and is used up.
    let mut other = house.visitor();
    other.get("login").await;
    is_told(&come_back(&mut other, &house, &issuer, &said["state"]).await, 422, LOST);
    is_told(&come_back(&mut fritz, &house, &issuer, &said["state"]).await, 422, LOST);
    // Nor into one that was never here.
    let said = depart(&mut fritz, &issuer).await;
    is_told(&come_back(&mut house.visitor(), &house, &issuer, &said["state"]).await, 422, LOST);
    is_told(&come_back(&mut fritz, &house, &issuer, &said["state"]).await, 422, LOST);
    assert_eq!((house.sessions(), issuer.asked("/token")), (0, 0));

    let said = depart(&mut fritz, &issuer).await;
    let stolen = fritz.clone();
    assert_eq!(come_back(&mut fritz, &house, &issuer, &said["state"]).await.status, 303);
    let mut twin = stolen;
    is_told(&come_back(&mut twin, &house, &issuer, &said["state"]).await, 422, LOST);
    assert_eq!(house.sessions(), 1);
}

#[tokio::test]
async fn of_ten_answers_at_once_one_counts() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let mut fritz = house.visitor();
    let said = depart(&mut fritz, &issuer).await;
    let answers =
        (0..10).map(async |_| come_back(&mut fritz.clone(), &house, &issuer, &said["state"]).await.status);
    let answers = futures_util::future::join_all(answers).await;
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1);
    assert_eq!(house.sessions(), 1);
}

#[tokio::test]
async fn an_answer_may_take_ten_minutes() {
    for (seconds, status) in [(599, 303), (600, 422)] {
        let (house, issuer) = world("").await;
        link(&house, &issuer, "fritz").await;
        let mut fritz = house.visitor();
        let said = depart(&mut fritz, &issuer).await;
        house.advance(Duration::from_secs(seconds));
        assert_eq!(come_back(&mut fritz, &house, &issuer, &said["state"]).await.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_hostile_answer_is_refused_with_a_clear_page_and_the_password_goes_on() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let mut fritz = house.visitor();
    for (claims, signing) in [
        (json!({ "nonce": "another" }), Signing::Own),
        (json!({ "aud": "another" }), Signing::Own),
        (json!({ "iss": "https://elsewhere.example" }), Signing::Own),
        (json!({ "exp": START - 3600 }), Signing::Own),
        (json!({}), Signing::Nothing),
        (json!({}), Signing::Stranger(Key::make("two"))),
    ] {
        says(&issuer, &claims);
        issuer.script().signing = signing;
        let seen = sign_in(&mut fritz, &house, &issuer).await;
        is_told(&seen, 403, "was not accepted");
        assert!(!fritz.is_signed_in());
    }
    assert_eq!(fritz.sign_in("fritz", PASSWORD, "/").await.status, 303);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_and_the_password_goes_on() {
    let (house, issuer) = world("").await;
    issuer.script().instead.insert("/.well-known/openid-configuration", (503, "text/plain", Vec::new()));
    let mut fritz = house.visitor();
    fritz.get("login").await;
    let seen = fritz.post("provider", &[("provider", "acme")]).await;
    is_told(&seen, 503, "Acme cannot be reached");
    assert_eq!(seen.retry, "5");
    assert_eq!(fritz.sign_in("fritz", PASSWORD, "/").await.status, 303);
}

#[tokio::test]
async fn errors_of_the_provider_are_told_calmly() {
    let (house, issuer) = world("").await;
    let mut fritz = house.visitor();
    for (error, status, words) in [
        ("access_denied", 200, "You did not sign in at Acme"),
        ("temporarily_unavailable", 503, "Acme cannot be reached"),
        ("invalid_scope", 403, "was not accepted"),
        ("access_denied&iss=https%3A%2F%2Felsewhere.example", 403, "was not accepted"),
    ] {
        let said = depart(&mut fritz, &issuer).await;
        let seen = fritz.get(&format!("provider/callback?state={}&error={error}", said["state"])).await;
        is_told(&seen, status, words);
        assert!(!seen.says("access_denied") && !seen.says("invalid_scope"));
    }
}

#[tokio::test]
async fn answers_that_nobody_waits_for_are_told_so() {
    let (house, issuer) = world("").await;
    let mut fritz = house.visitor();
    fritz.get("login").await;
    let unknown = house.services.draw_token().reveal();
    for query in ["", "?code=right", "?state=short&code=right", &format!("?state={unknown}&code=right")] {
        is_told(&fritz.get(&format!("provider/callback{query}")).await, 422, LOST);
    }
    // A state given twice is none.
    let said = depart(&mut fritz, &issuer).await;
    let twice = format!("provider/callback?state={0}&state={0}&code=right", said["state"]);
    is_told(&fritz.get(&twice).await, 422, LOST);
}

#[tokio::test]
async fn nobody_departs_without_a_form_of_ours_or_to_a_provider_that_is_not_offered() {
    let (house, issuer) = world("").await;
    let mut fritz = house.visitor();
    fritz.get("login").await;
    let forged = fritz.post("provider", &[("provider", "acme"), ("csrf", "forged")]).await;
    assert_eq!(forged.status, 403);
    assert_eq!(fritz.post("provider", &[("provider", "another")]).await.status, 404);
    assert_eq!(fritz.get("provider").await.page(), "login");
    assert_eq!(issuer.asked("/.well-known/openid-configuration"), 0);
}

#[tokio::test]
async fn visits_that_lead_to_nobody_are_counted() {
    let (house, issuer) = world("").await;
    let mut stranger = house.visitor();
    depart(&mut stranger, &issuer).await;
    for _ in 0..99 {
        assert_eq!(stranger.post("provider", &[("provider", "acme")]).await.status, 200);
        stranger.get("login").await;
    }
    assert_eq!(stranger.post("provider", &[("provider", "acme")]).await.status, 429);
    let mut elsewhere = Visitor::new(&house, "203.0.113.9");
    elsewhere.get("login").await;
    assert_eq!(elsewhere.post("provider", &[("provider", "acme")]).await.status, 200);
}

async fn act(visitor: &mut Visitor<'_>, action: &str, id: &str) -> Seen {
    visitor.get("account").await;
    visitor.post("account", &[("action", action), ("id", id)]).await
}

#[tokio::test]
async fn an_account_is_linked_after_a_fresh_code_only_and_lets_its_owner_in_from_then_on() {
    let (house, issuer) = world("").await;
    let mut anna = house.visitor();
    anna.enrol("anna").await;
    house.advance(Duration::from_secs(15 * 60));
    let seen = act(&mut anna, "link_identity", "acme").await;
    assert_eq!((seen.status, seen.page()), (303, "second-factor"));
    anna.get(&seen.location).await;
    let code = anna.code();
    anna.post("second-factor", &[("code", &code), ("return_to", "/.vestibule/account")]).await;
    let going = act(&mut anna, "link_identity", "acme").await;
    let said = issuer.visit(&onward(&going));
    let seen = come_back(&mut anna, &house, &issuer, &said["state"]).await;
    assert_eq!((seen.status, seen.location.as_str()), (303, "/.vestibule/account?done=identity-linked"));
    let account = anna.get(&seen.location).await;
    assert!(account.says("The account was linked") && account.says("anna@example.com"));
    assert_eq!(account.ids("unlink_identity").len(), 1);

    let mut elsewhere = house.visitor();
    assert_eq!(sign_in(&mut elsewhere, &house, &issuer).await.page(), "second-factor");
}

#[tokio::test]
async fn an_account_belongs_to_one_person() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "anna").await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    let said = issuer.visit(&onward(&act(&mut fritz, "link_identity", "acme").await));
    let seen = come_back(&mut fritz, &house, &issuer, &said["state"]).await;
    is_told(&seen, 409, "This account is in use already");
    assert!(fritz.get("account").await.ids("unlink_identity").is_empty());
}

#[tokio::test]
async fn an_account_is_linked_only_to_the_session_that_went_for_it() {
    let (house, issuer) = world("").await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    let said = issuer.visit(&onward(&act(&mut fritz, "link_identity", "acme").await));
    // Somebody else signs in to the same browser meanwhile.
    fritz.jar.remove("__Host-vestibule");
    is_told(&come_back(&mut fritz, &house, &issuer, &said["state"]).await, 422, LOST);
    assert_eq!(house.services.store.identities().identities(&UserId::new("fritz")).await.unwrap(), []);
}

#[tokio::test]
async fn a_session_left_open_is_not_enough_to_link_an_account() {
    let (house, _issuer) = world("").await;
    let mut fritz = house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    house.advance(Duration::from_secs(15 * 60));
    let seen = act(&mut fritz, "link_identity", "acme").await;
    assert_eq!((seen.status, seen.page()), (303, "login"));
    assert!(seen.location.ends_with("&again=1"));
}

#[tokio::test]
async fn a_stolen_password_links_no_account_where_a_code_reaches_its_owner() {
    for (more, asks) in [("", "enrol"), (", \"email\"", "second-factor")] {
        let issuer = Issuer::open(START).await;
        let file = super::FILE.replace("\"passkey\"]\n\n[trust]", &format!("\"passkey\"{more}]\n\n[trust]"));
        let file = format!(
            "{file}\n[mail]\nfrom = \"Wiki <no-reply@example.com>\"\nsendmail = \"/bin/true\"\n\
             [[provider]]\nname = \"acme\"\nissuer = \"{}\"\nclient_id = \"vestibule\"\naccept_amr = [\"mfa\"]",
            issuer.origin
        );
        let people = format!(
            "[[user]]\nname = \"erna\"\nemail = \"erna@example.com\"\npassword = \"{}\"",
            *super::HASH
        );
        let store = store::open(&StoreSettings::Memory).unwrap();
        let house = House::open_in(tempfile::tempdir().unwrap(), store, &file, &people).await;
        let mut thief = house.visitor();
        thief.sign_in("erna", PASSWORD, "/reports").await;
        // The thief's own account there, with a second factor, would open what asks for one.
        let seen = act(&mut thief, "link_identity", "acme").await;
        assert_eq!((seen.status, seen.page()), (303, asks), "{}", seen.html);
        assert_eq!(issuer.asked("/.well-known/openid-configuration"), 0);
    }
}

#[tokio::test]
async fn unlinking_ends_the_other_sessions_and_the_only_way_in_stays() {
    let (house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let (mut here, mut there) = (house.visitor(), house.visitor());
    sign_in(&mut there, &house, &issuer).await;
    here.sign_in("fritz", PASSWORD, "/").await;
    let seen = act(&mut here, "unlink_identity", "identity-of-fritz").await;
    assert_eq!(seen.location, "/.vestibule/account?done=identity-unlinked");
    assert!(here.is_signed_in() && !there.is_signed_in());
    is_told(&sign_in(&mut there, &house, &issuer).await, 403, UNKNOWN);

    link(&house, &issuer, "nora").await;
    let mut nora = house.visitor();
    sign_in(&mut nora, &house, &issuer).await;
    let seen = act(&mut nora, "unlink_identity", "identity-of-nora").await;
    is_told(&seen, 422, "This account is your only way in");
    assert_eq!(act(&mut nora, "unlink_identity", "identity-of-fritz").await.status, 422);
}

#[tokio::test]
async fn a_reset_by_an_administrator_unlinks_what_a_thief_may_have_linked() {
    let (mut house, issuer) = world("").await;
    link(&house, &issuer, "fritz").await;
    let reset = async |house: &House, name: &str| {
        let people = house.runtime.directory(&house.services.store);
        let request = Request::UserResetSecondFactor { user: name.to_owned(), reason: String::new() };
        Administration::new(house.services.clone()).obey(&people, request, &By::Signal).await
    };
    let Answer::Changed(change) = reset(&house, "fritz").await else { panic!("no change") };
    assert!(change.message.ends_with("; 1 account elsewhere unlinked"), "{}", change.message);
    is_told(&sign_in(&mut house.visitor(), &house, &issuer).await, 403, UNKNOWN);
    // Nora has no password: it is her only way in, until she leaves and her name may be somebody else's.
    link(&house, &issuer, "nora").await;
    reset(&house, "nora").await;
    assert_eq!(sign_in(&mut house.visitor(), &house, &issuer).await.location, "/reports");
    let people = &mut Arc::get_mut(&mut house.runtime).unwrap().settings.people;
    let nora = people.get(&UserId::new("nora")).unwrap();
    *people = People::new([Person { disabled: true, ..Person::clone(nora) }]);
    reset(&house, "nora").await;
    is_told(&sign_in(&mut house.visitor(), &house, &issuer).await, 403, UNKNOWN);
}

const BY_ADDRESS: &str = "link_by_email = true\nemail_domains = [\"example.com\"]";

#[tokio::test]
async fn a_verified_address_links_its_owner_once_where_the_file_allows_its_domain() {
    let (house, issuer) = world(BY_ADDRESS).await;
    let mut anna = house.visitor();
    assert_eq!(sign_in(&mut anna, &house, &issuer).await.page(), "enrol");
    let linked = house.services.store.identities().identities(&UserId::new("anna")).await.unwrap();
    assert_eq!(linked.len(), 1);
    // From now on the account counts, not the address.
    says(&issuer, &json!({ "email": null }));
    assert_eq!(sign_in(&mut anna, &house, &issuer).await.page(), "enrol");
    // The address was handed on to somebody else there.
    says(&issuer, &json!({ "sub": "subject-8" }));
    is_told(&sign_in(&mut house.visitor(), &house, &issuer).await, 403, UNKNOWN);
}

#[tokio::test]
async fn no_other_address_links_anybody() {
    for (more, claims) in [
        ("", json!({})),
        (BY_ADDRESS, json!({ "email_verified": false })),
        (BY_ADDRESS, json!({ "email_verified": null })),
        (BY_ADDRESS, json!({ "email": "anna@sub.example.com" })),
        (BY_ADDRESS, json!({ "email": "nobody@example.com" })),
        (BY_ADDRESS, json!({ "email": "anna" })),
        ("link_by_email = true\nemail_domains = [\"example.net\"]", json!({})),
    ] {
        let (house, issuer) = world(more).await;
        says(&issuer, &claims);
        is_told(&sign_in(&mut house.visitor(), &house, &issuer).await, 403, UNKNOWN);
    }
}

#[tokio::test]
async fn a_provider_of_another_portal_is_not_offered_here() {
    let (house, _issuer) = world(
        "portals = [\"plan\"]\n[[portal]]\nname = \"plan\"\nhosts = [\"plan.example.com\"]\nupstream = \"http://127.0.0.1:9\"\n[[portal.rule]]\npolicy = \"one_factor\"",
    )
    .await;
    let mut fritz = house.visitor();
    assert!(!fritz.get("login").await.says("Acme"));
    assert_eq!(fritz.post("provider", &[("provider", "acme")]).await.status, 404);
}
