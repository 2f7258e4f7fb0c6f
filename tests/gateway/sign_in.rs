//! Signing in: the password, the first app, codes, recovery codes, and what must never be told.

use std::time::Duration;

use crate::{
    visitor::Answer,
    world::{PASSWORD, World, code_of},
};

const LOGIN: &str = "/.vestibule/login";
const SECOND: &str = "/.vestibule/second-factor";
const ENROL: &str = "/.vestibule/enrol";

/// The key on the enrolment page, from its `otpauth:` link.
pub(crate) fn key_on(page: &Answer) -> Vec<u8> {
    let text = page.text();
    let secret = text.split("secret=").nth(1).expect("the page shows a key");
    let secret: String = secret.chars().take_while(char::is_ascii_alphanumeric).collect();
    data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap()
}

/// The recovery codes on the page that shows them.
fn codes_on(page: &Answer) -> Vec<String> {
    let text = page.text();
    let is_code = |word: &&str| {
        let groups: Vec<_> = word.split('-').collect();
        groups.len() >= 3
            && groups.iter().all(|g| {
                (4..=5).contains(&g.len()) && g.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            })
    };
    let mut codes: Vec<String> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(is_code)
        .map(str::to_owned)
        .collect();
    codes.dedup();
    codes.truncate(10);
    codes
}

#[tokio::test]
async fn the_deep_link_survives_the_whole_sign_in() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    let asked = anna.get("/reports?month=2026-11&x=a%26b").await;
    asked.meets_login();
    let code_page = anna.signs_in("/reports?month=2026-11&x=a%26b", "anna", PASSWORD).await;
    code_page.meets_second_factor();
    let place = code_page.location().to_owned();
    anna.open(&place).await.has_status(200);
    let done = anna.submit(SECOND, &[("code", &world.code())]).await;
    assert_eq!(done.location(), "/reports?month=2026-11&x=a%26b");
    let target = done.location().to_owned();
    anna.get(&target).await.reaches_the_portal();
    assert_eq!(world.portal.last().target, "/reports?month=2026-11&x=a%26b");
}

#[tokio::test]
async fn name_and_address_sign_in_in_any_case() {
    let world = World::start().await;
    for name in ["anna", "ANNA", " Anna ", "anna@example.com", "Anna@Example.COM", "ａｎｎａ"] {
        let mut anna = world.visitor();
        anna.signs_in("/", name, PASSWORD).await.leads_to(ENROL);
    }
}

#[tokio::test]
async fn nobody_passes_without_an_app_where_one_is_required() {
    let world = World::start().await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.leads_to(ENROL);
    anna.get("/").await.meets_login();
    anna.open(ENROL).await.has_status(200);
    for code in ["", "123456", "abcdef"] {
        let answer = anna.submit(ENROL, &[("code", code), ("label", "Phone")]).await;
        assert!(!answer.status.is_redirection() || answer.location().starts_with("/.vestibule/"), "{code}");
        anna.get("/").await.meets_login();
    }
    assert_eq!(world.portal.count(), 0);
}

#[tokio::test]
async fn the_first_code_links_the_app_and_shows_ten_recovery_codes_once() {
    let world = World::start().await;
    let mut anna = world.visitor();
    anna.signs_in("/reports?x=1", "anna", PASSWORD).await.leads_to(ENROL);
    let page = anna.open(ENROL).await;
    let text = page.text();
    assert!(text.contains("<svg"), "a QR code is drawn in the page");
    assert!(text.contains("otpauth://totp/"), "a link for phones");
    assert!(text.contains("Team%20wiki"), "the entry is named after the portal");
    let key = key_on(page);
    let code = code_of(&key, 1_795_316_400);
    let shown = anna.submit(ENROL, &[("code", &code), ("label", "My phone")]).await;
    shown.has_status(200);
    let codes = codes_on(&shown);
    assert_eq!(codes.len(), 10, "{}", shown.text());
    assert!(codes.iter().all(|code| code.len() >= 14), "{codes:?}");
    assert!(shown.text().contains("/reports?x=1") || shown.text().contains("/reports?x&#61;1"));
    anna.get("/reports?x=1").await.reaches_the_portal();

    // The next sign-in asks for a code; the enrolment's own code is used up; a recovery code works once.
    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    anna.open(SECOND).await;
    anna.submit(SECOND, &[("code", &code)]).await;
    anna.get("/").await.meets_login();
    anna.open(&format!("{SECOND}?method=recovery")).await.has_status(200);
    let spelled = codes[0].to_lowercase().replace('-', " ");
    anna.submit(SECOND, &[("code", &spelled), ("method", "recovery")]).await.has_status(303);
    anna.get("/").await.reaches_the_portal();

    anna.loses_the_session();
    anna.signs_in("/", "anna", PASSWORD).await;
    anna.open(&format!("{SECOND}?method=recovery")).await;
    anna.submit(SECOND, &[("code", &codes[0]), ("method", "recovery")]).await;
    anna.get("/").await.meets_login();
}

#[tokio::test]
async fn enrolment_ends_after_fifteen_minutes() {
    for (wait, works) in [(15 * 60 - 1, true), (15 * 60, false)] {
        let world = World::start().await;
        let mut anna = world.visitor();
        anna.signs_in("/", "anna", PASSWORD).await.leads_to(ENROL);
        let key = key_on(anna.open(ENROL).await);
        world.clock.advance(Duration::from_secs(wait));
        let code = code_of(&key, 1_795_316_400 + i64::try_from(wait).unwrap());
        anna.submit(ENROL, &[("code", &code), ("label", "Phone")]).await;
        let after = anna.get("/").await;
        if works {
            after.reaches_the_portal();
        } else {
            after.meets_login();
        }
    }
}

#[tokio::test]
async fn a_code_counts_one_step_early_or_late_and_not_two() {
    for (steps, works) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
        anna.open(SECOND).await;
        anna.submit(SECOND, &[("code", &world.code_after(steps))]).await;
        let after = anna.get("/").await;
        if works {
            after.reaches_the_portal();
        } else {
            after.meets_login();
        }
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_so_is_its_step() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let code = world.code();
    for works in [true, false] {
        let mut anna = world.visitor();
        anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
        anna.open(SECOND).await;
        let answer = anna.submit(SECOND, &[("code", &code)]).await;
        if works {
            anna.get("/").await.reaches_the_portal();
        } else {
            assert!(answer.text().contains("already used"), "{}", answer.text());
            anna.get("/").await.meets_login();
        }
    }
    // An earlier step, still within tolerance, is refused too.
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await;
    anna.open(SECOND).await;
    anna.submit(SECOND, &[("code", &world.code_after(-1))]).await;
    anna.get("/").await.meets_login();
}

#[tokio::test]
async fn ten_parallel_posts_of_one_code_give_one_session() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    anna.open(SECOND).await;
    let csrf = anna.open(SECOND).await.hidden("csrf").unwrap();
    let code = world.code();
    let fields = [("csrf", csrf.as_str()), ("code", &code), ("return_to", "/")];
    let fields: Vec<(String, String)> =
        fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let tries = (0..10).map(|_| {
        let mut twin = world.visitor();
        twin.jar = anna.jar.clone();
        let fields = fields.clone();
        async move {
            twin.post(SECOND, &fields).await;
            twin.get("/").await.status == 200
        }
    });
    let opened = futures_util::future::join_all(tries).await;
    assert_eq!(opened.iter().filter(|&&opened| opened).count(), 1);
}

#[tokio::test]
async fn a_phone_with_a_wrong_clock_gets_a_hint_and_no_entry() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    anna.open(SECOND).await;
    // Behind: told at once, for that code will never be right again.
    let answer = anna.submit(SECOND, &[("code", &world.code_after(-8))]).await;
    assert!(answer.text().contains("4 minutes"), "{}", answer.text());
    // Ahead: told from the second code on.
    let answer = anna.submit(SECOND, &[("code", &world.code_after(8))]).await;
    assert!(!answer.text().contains("minutes"), "{}", answer.text());
    world.clock.advance(Duration::from_secs(30));
    let answer = anna.submit(SECOND, &[("code", &world.code_after(8))]).await;
    assert!(answer.text().contains("4 minutes"), "{}", answer.text());
    anna.get("/").await.meets_login();
}

#[tokio::test]
async fn a_guess_that_will_be_right_later_is_told_as_wrong() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut thief = world.visitor();
    thief.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    thief.open(SECOND).await;
    let guess = world.code_after(8);
    for _ in 0..2 {
        let answer = thief.submit(SECOND, &[("code", &guess)]).await;
        assert!(
            answer.text().contains("not right") && !answer.text().contains("minutes"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn codes_are_taken_as_people_type_them() {
    for spell in [
        |c: &str| format!("{} {}", &c[..3], &c[3..]),
        |c: &str| c.chars().map(|d| char::from_u32(d as u32 - 0x30 + 0xff10).unwrap()).collect(),
        |c: &str| c.chars().map(|d| char::from_u32(d as u32 - 0x30 + 0x660).unwrap()).collect(),
    ] {
        let world = World::start().await;
        world.links_an_app("anna").await;
        let mut anna = world.visitor();
        anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
        anna.open(SECOND).await;
        anna.submit(SECOND, &[("code", &spell(&world.code()))]).await.has_status(303);
        anna.get("/").await.reaches_the_portal();
    }
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_are_told_apart_by_nothing() {
    let world = World::start().await;
    let mut answers = Vec::new();
    for (name, password) in [("anna", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)] {
        let mut visitor = world.visitor();
        let answer = visitor.signs_in("/", name, password).await;
        let body = answer.text().replace(name, "NAME").replace(&answer.hidden("csrf").unwrap(), "CSRF");
        let request_id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        let cookies: Vec<_> = visitor.jar.keys().cloned().collect();
        answers.push((answer.status, body.replace(&request_id, "ID"), headers, cookies));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn a_disabled_person_is_refused_like_an_unknown_one_and_at_once() {
    let people = "[[user]]\nname = \"carl\"\ndisplay_name = \"Carl\"\npassword = \"HASH\"\ndisabled = true\n";
    let plan = crate::world::Plan { people, ..Default::default() };
    let world = World::plan(plan).await;
    let mut carl = world.visitor();
    let answer = carl.signs_in("/", "carl", PASSWORD).await;
    let mut nobody = world.visitor();
    let same = nobody.signs_in("/", "nobody", PASSWORD).await;
    assert_eq!(answer.status, same.status);
    carl.get("/").await.meets_login();
}

#[tokio::test]
async fn forms_of_other_sites_and_other_browsers_are_refused() {
    let world = World::start().await;
    let mut anna = world.visitor();
    anna.open(LOGIN).await;
    let csrf = anna.open(LOGIN).await.hidden("csrf").unwrap();
    let fields = |csrf: &str| -> Vec<(String, String)> {
        [("username", "anna"), ("password", PASSWORD), ("csrf", csrf), ("return_to", "/")]
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    // No token; a token of another browser; another site's form.
    for wrong in ["", "x", &world.visitor().open(LOGIN).await.hidden("csrf").unwrap()] {
        let answer = anna.post(LOGIN, &fields(wrong)).await;
        assert!(!answer.status.is_redirection(), "{}", answer.text());
    }
    let request = anna
        .request(http::Method::POST, LOGIN)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .body(http_body_util::Full::from(format!(
            "username=anna&password={}&csrf={csrf}",
            PASSWORD.replace(' ', "+")
        )))
        .unwrap();
    assert_eq!(anna.send(request).await.status, 403);
    anna.post(LOGIN, &fields(&csrf)).await.leads_to(ENROL);
}

#[tokio::test]
async fn an_evil_return_address_leads_home() {
    let world = World::plan(crate::world::Plan {
        second_factor: "requirement = \"off\"\nmethods = [\"totp\"]",
        ..Default::default()
    })
    .await;
    for evil in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/%5cevil",
        "javascript:alert(1)",
        "/..//evil",
    ] {
        let mut anna = world.visitor();
        anna.open(LOGIN).await;
        let fields = [("username", "anna"), ("password", PASSWORD), ("return_to", evil)];
        let answer = anna.submit(LOGIN, &fields).await;
        assert_eq!(answer.status, 303, "{evil}");
        let place = answer.location();
        assert!(place.starts_with('/') && !place.contains("evil"), "{evil} leads to {place}");
    }
}

#[tokio::test]
async fn each_step_has_a_new_session_id_and_old_ones_are_dead() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await.meets_second_factor();
    anna.open(SECOND).await;
    let before = anna.jar.clone();
    anna.submit(SECOND, &[("code", &world.code())]).await.has_status(303);
    for value in before.values() {
        assert!(!anna.jar.values().any(|now| now == value), "a cookie of before the code still counts");
    }
    // A session id planted by somebody else is not taken over.
    let mut planted = world.visitor();
    planted.jar.insert("__Host-vestibule".to_owned(), "A".repeat(43));
    planted.get("/").await.meets_login();
}

#[tokio::test]
async fn a_session_is_good_at_its_own_portal_only() {
    let world = World::start().await;
    world.links_an_app("anna").await;
    let mut anna = world.visitor();
    anna.signs_in("/", "anna", PASSWORD).await;
    anna.open(SECOND).await;
    anna.submit(SECOND, &[("code", &world.code())]).await;
    anna.get("/").await.reaches_the_portal();
    anna.host = anna.host.replace("wiki", "mail");
    anna.get("/").await.meets_login();
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_its_life_is_over() {
    let plan = || crate::world::Plan {
        second_factor: "requirement = \"off\"\nmethods = [\"totp\"]",
        more: "[session]\nidle = \"8h\"\nlifetime = \"24h\"\n",
        ..Default::default()
    };
    let world = World::plan(plan()).await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    world.clock.advance(Duration::from_secs(8 * 3600 - 1));
    anna.get("/simple/").await.reaches_the_portal();
    world.clock.advance(Duration::from_secs(8 * 3600));
    anna.get("/simple/").await.meets_login();

    let world = World::plan(plan()).await;
    let mut anna = world.visitor();
    anna.signs_in("/simple/", "anna", PASSWORD).await.leads_to("/simple/");
    for _ in 0..23 {
        world.clock.advance(Duration::from_secs(3600));
        anna.get("/simple/").await.reaches_the_portal();
    }
    world.clock.advance(Duration::from_secs(3599));
    anna.get("/simple/").await.reaches_the_portal();
    world.clock.advance(Duration::from_secs(1));
    anna.get("/simple/").await.meets_login();
}
