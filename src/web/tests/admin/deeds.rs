//! What the buttons do.

use super::{enter, office, office_of_more_portals, settle};
use crate::{
    config::settings::StoreSettings,
    domain::{
        identity::{Requirement, UserId},
        kept::Draft,
        time::{Clock as _, Timestamp},
    },
    web::tests::PASSWORD,
};

const REASON: (&str, &str) = ("reason", "lost the phone at sea");

#[tokio::test]
async fn somebody_is_made_changed_disabled_and_removed() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let typed =
        [("name", "Mia"), ("email", "mia@example.com"), ("phone", "+31 6 1234 5678"), ("groups", "a, b")];
    let seen = sec.post("admin/new", &typed).await;
    assert_eq!(seen.location, "/.vestibule/admin/person?user=Mia&done=added");
    let page = sec.get(&seen.location).await;
    assert!(page.says("The person was added.") && page.says("has not set a password yet"));
    for text in ["mia@example.com", "+31612345678", "a, b"] {
        assert!(page.says(text), "{text}");
    }
    // Again: taken, with what was typed kept.
    let seen = sec.post("admin/new", &typed).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("belongs to somebody already") && seen.says("value=\"+31 6 1234 5678\""));
    let seen =
        sec.post("admin/new", &[("name", "x"), ("email", "no"), ("phone", "12"), ("groups", "")]).await;
    assert!(seen.says("is not a mail address") && seen.says("is not a mobile number"));

    let change = [("email", "m@example.com"), ("display_name", "Mia M"), ("groups", "b")];
    assert_eq!(sec.post("admin/edit?user=mia", &change).await.status, 303);
    let mia = UserId::new("mia");
    let kept = house.services.store.resident(&mia).unwrap();
    assert_eq!((kept.email.as_str(), kept.phone.as_deref(), kept.groups.len()), ("m@example.com", None, 1));

    let page = "admin/person?user=mia";
    let asked = sec.post(page, &[("action", "disable")]).await;
    assert!(asked.status == 200 && asked.says("Switch Mia M off?") && asked.says("name=\"sure\""));
    assert!(
        !house.services.store.resident(&mia).unwrap().is_disabled(),
        "nothing happens before the second press"
    );
    assert_eq!(sec.post(page, &[("action", "disable"), ("sure", "1")]).await.status, 303);
    assert!(house.services.store.resident(&mia).unwrap().is_disabled());
    sec.post(page, &[("action", "enable")]).await;
    assert!(!house.services.store.resident(&mia).unwrap().is_disabled());
    sec.post(page, &[("action", "require"), ("id", "required")]).await;
    assert_eq!(house.services.store.resident(&mia).unwrap().second_factor, Some(Requirement::Required));
    assert!(sec.get(page).await.says("It is always asked for."));
    sec.post(page, &[("action", "require"), ("id", "unset")]).await;
    assert_eq!(house.services.store.resident(&mia).unwrap().second_factor, None);
    assert_eq!(sec.post(page, &[("action", "require"), ("id", "fly")]).await.status, 400);

    let seen = sec.post(page, &[("action", "remove"), ("sure", "1")]).await;
    assert_eq!(seen.location, "/.vestibule/admin?done=removed");
    assert!(house.services.store.resident(&mia).is_none());
    assert_eq!(sec.get(page).await.status, 404);
}

#[tokio::test]
async fn people_of_the_file_are_shown_and_not_changed() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let page = sec.get("admin/person?user=written").await;
    assert!(page.says("stands in a file of the operator"));
    for button in ["value=\"disable\"", "value=\"remove\"", "admin/edit", "value=\"require\""] {
        assert!(!page.says(button), "{button}");
    }
    for action in ["disable", "remove"] {
        let seen = sec.post("admin/person?user=written", &[("action", action), ("sure", "1")]).await;
        assert_eq!(seen.status, 422, "{action}");
        assert!(seen.says("is changed there"));
    }
    // What is not in the file can be done all the same.
    let seen = sec.post("admin/person?user=written", &[("action", "reset"), ("sure", "1"), REASON]).await;
    assert_eq!(seen.status, 303);
}

#[tokio::test]
async fn a_reset_needs_a_reason_and_takes_every_factor() {
    let house = office().await;
    let mut desk = enter(&house, "desk").await;
    let mut plain = enter(&house, "plain").await;
    let id = UserId::new("plain");
    let page = "admin/person?user=plain";
    assert!(desk.get(page).await.says("App 1") || desk.get(page).await.says("Authenticator"));
    for reason in ["", "abcd", "  abcd  ", &"x".repeat(501)] {
        let seen = desk.post(page, &[("action", "reset"), ("sure", "1"), ("reason", reason)]).await;
        assert_eq!(seen.status, 422, "{reason:?}");
        assert!(seen.says("5 to 500 characters"));
    }
    assert!(house.services.store.account(&id).await.unwrap().is_enrolled());
    for reason in ["abcde", &"x".repeat(500)] {
        let seen = desk.post(page, &[("action", "reset"), ("sure", "1"), ("reason", reason)]).await;
        assert_eq!(seen.location, "/.vestibule/admin/person?user=plain&done=reset");
    }
    assert!(!house.services.store.account(&id).await.unwrap().is_enrolled());
    assert_eq!(plain.get("account").await.page(), "login", "signed out");
    assert_eq!(plain.sign_in("plain", PASSWORD, "/").await.page(), "enrol");
    let told = house.services.store.journal().history(&id, 100).await.unwrap();
    let details: Vec<_> = told.iter().filter_map(|event| event.detail.clone()).collect();
    assert!(details.iter().any(|detail| detail.contains("abcde") && detail.contains("by desk as help_desk")));
}

#[tokio::test]
async fn a_trust_and_a_session_are_reached_through_their_owner_alone() {
    let house = office().await;
    let mut plain = enter(&house, "plain").await;
    plain.sign_in_with_code("plain", &["trust_device", "trust_address"]).await;
    plain.next_step();
    let mut sec = enter(&house, "sec").await;
    let page = sec.get("admin/person?user=plain").await;
    let (trusts, sessions) = (page.ids("remove_trust"), page.ids("end_session"));
    assert!(trusts.len() == 2 && !sessions.is_empty(), "{}", page.html);
    // With an id that is right, and another's name.
    for (action, id) in [("remove_trust", &trusts[0]), ("end_session", &sessions[0])] {
        let seen = sec.post("admin/person?user=jan", &[("action", action), ("id", id), ("sure", "1")]).await;
        assert_eq!(seen.status, 422, "{action}");
        assert!(seen.says("This is no longer there."));
    }
    let fields = [("action", "remove_trust"), ("id", trusts[0].as_str())];
    assert!(
        sec.post("admin/person?user=plain", &fields)
            .await
            .says("No longer trust this device or network of plain?")
    );
    let fields = [fields[0], fields[1], ("sure", "1")];
    assert_eq!(sec.post("admin/person?user=plain", &fields).await.status, 303);
    assert_eq!(sec.get("admin/person?user=plain").await.ids("remove_trust").len(), 1);
    sec.post("admin/person?user=plain", &[("action", "remove_trusts"), ("sure", "1")]).await;
    assert!(sec.get("admin/person?user=plain").await.ids("remove_trust").is_empty());
    assert!(plain.is_signed_in());
    sec.post("admin/person?user=plain", &[("action", "end_sessions"), ("sure", "1")]).await;
    assert!(!plain.is_signed_in());
}

#[tokio::test]
async fn nobody_locks_themselves_out_and_somebody_who_may_do_everything_stays() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    for action in ["reset", "disable", "remove", "require"] {
        let fields = [("action", action), ("id", "off"), ("sure", "1"), REASON];
        assert_eq!(sec.post("admin/person?user=sec", &fields).await.status, 403, "{action}");
    }
    let page = sec.get("admin/person?user=sec").await;
    assert!(!page.says("value=\"reset\""), "nor is there a button");
}

#[tokio::test]
async fn a_long_list_is_paged_and_searched() {
    let house = office().await;
    for n in 0..120 {
        settle(&house, &format!("p{n:03}"), &["clients"]).await;
    }
    let mut sec = enter(&house, "sec").await;
    let page = sec.get("admin").await;
    let count = |html: &str| html.matches("/admin/person?user=").count();
    assert_eq!(count(&page.html), 50);
    let mut seen = 50;
    let mut next = next_page(&page.html);
    while let Some(address) = next {
        let page = sec.get(&address).await;
        assert!(page.says("First page"));
        seen += count(&page.html);
        next = next_page(&page.html);
    }
    assert_eq!(seen, 130);
    let found = sec.get("/.vestibule/admin?q=P11").await;
    assert_eq!(count(&found.html), 10);
    assert!(found.says("10 people") && found.says("value=\"P11\""));
    assert!(sec.get("/.vestibule/admin?q=%25").await.says("Nobody fits."), "no pattern of the store's");
}

fn next_page(html: &str) -> Option<String> {
    let link = html
        .split("href=\"")
        .find(|rest| rest.contains("after=") && rest.starts_with("/.vestibule/admin?"))?;
    Some(link.split('"').next()?.replace("&amp;", "&"))
}

/// How long the list takes where a hundred thousand people are kept. The figure is printed; the bound is a loaded machine's.
#[tokio::test]
async fn a_hundred_thousand_people_are_listed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings::Sqlite {
        path: folder.path().join("vestibule.db"),
        key: folder.path().join("vestibule.key"),
    };
    let store = crate::store::open(&settings).unwrap();
    let now = Timestamp::from_unix(1_800_000_000);
    let people: Vec<_> = (0..100_000)
        .map(|n| {
            let draft = Draft {
                name: format!("person{n:06}"),
                display_name: format!("Person Number {n}"),
                email: format!("person{n}@example.com"),
                groups: vec![format!("group{}", n % 40)],
                ..Draft::default()
            };
            draft.person(now).unwrap()
        })
        .collect();
    store.add_residents(&people).await.unwrap().unwrap();
    let house = super::office_on(store).await;
    let mut sec = enter(&house, "sec").await;
    for page in [
        "/.vestibule/admin",
        "/.vestibule/admin?after=person099900",
        "/.vestibule/admin?q=number+77777",
        "/.vestibule/admin?q=nobody+at+all",
    ] {
        let began = std::time::Instant::now();
        let seen = sec.get(page).await;
        let took = began.elapsed();
        assert_eq!(seen.status, 200, "{page}");
        println!("100,000 people: {page} took {took:?}");
        assert!(took.as_secs_f64() < 1.0, "{page} took {took:?}");
    }
}

#[tokio::test]
async fn a_letter_is_seen_before_it_is_sent_and_says_where_it_cannot_go() {
    let house = office().await;
    let mut desk = enter(&house, "desk").await;
    assert!(desk.get("admin/person?user=jan").await.says("admin/invite?user=jan\""));
    let seen = desk.get("admin/invite?user=jan").await;
    assert_eq!(seen.status, 200);
    assert!(seen.says("jan@example.com") && seen.says("Send it"), "{}", seen.html);
    let jan = UserId::new("jan");
    assert!(house.services.store.invitations().invitation_of(&jan).await.unwrap().is_none());
    // This house has no mail.
    let seen = desk.post("admin/invite?user=jan", &[]).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("No e-mail can go to this person now"), "{}", seen.html);
    // People of a file have their password there, and who is in a role is for security.
    assert!(desk.get("admin/invite?user=written").await.says("is changed there"));
    assert!(!desk.get("admin/person?user=written").await.says("admin/invite"));
    assert_eq!(desk.get("admin/invite?user=sec").await.status, 403);
}

#[tokio::test]
async fn what_security_tightened_is_not_offered_to_others_and_the_page_says_why() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let page = "admin/person?user=jan";
    sec.post(page, &[("action", "disable"), ("sure", "1")]).await;
    sec.post(page, &[("action", "require"), ("id", "optional")]).await;
    let seen = sec.get(page).await;
    assert!(seen.says("value=\"enable\"") && seen.says("value=\"remove\"") && seen.says("value=\"off\""));
    assert!(!seen.says("The role security has tightened"));
    let mut ten = enter(&house, "ten").await;
    let seen = ten.get(page).await;
    for button in ["value=\"enable\"", "value=\"remove\"", "value=\"off\"", "value=\"unset\""] {
        assert!(!seen.says(button), "{button}");
    }
    assert!(seen.says("value=\"required\"") && seen.says("Only that role loosens it"), "{}", seen.html);
    let seen = ten.post(page, &[("action", "enable")]).await;
    assert!(seen.status == 403 && seen.says("Only that role or the operator loosens it."));
    assert!(house.services.store.resident(&UserId::new("jan")).unwrap().is_disabled());

    settle(&house, "gast", &["guests"]).await;
    let group = "admin/group?group=guests";
    let fields = [("word", "optional"), ("state", "closed"), ("sure", "1")];
    sec.post(group, &fields).await;
    assert!(sec.get(group).await.says("value=\"open\""));
    let seen = ten.get(group).await;
    assert!(!seen.says("value=\"open\"") && !seen.says("value=\"off\""), "{}", seen.html);
    assert!(seen.says("Only that role opens it or asks for less."));
}

#[tokio::test]
async fn somebody_gets_another_name_after_it_was_said_what_ends() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    sec.post("admin/person?user=jan", &[("action", "require"), ("id", "required")]).await;
    let mut jan = enter(&house, "jan").await;
    assert!(jan.is_signed_in());
    let page = "admin/person?user=jan";
    assert!(sec.get(page).await.says("value=\"rename\""));
    let asked = sec.post(page, &[("action", "rename"), ("id", "Hendrik")]).await;
    assert!(asked.status == 200 && asked.says("Change the user name: jan → Hendrik?"), "{}", asked.html);
    assert!(
        asked.says("signed out everywhere") && asked.says("recovery codes") && asked.says("name=\"sure\"")
    );
    assert!(house.services.store.resident(&UserId::new("jan")).is_some(), "nothing before the second press");
    let fields = [("action", "rename"), ("id", "Hendrik"), ("sure", "1")];
    let seen = sec.post(page, &fields).await;
    assert_eq!(seen.location, "/.vestibule/admin/person?user=Hendrik&done=renamed");
    assert!(sec.get(&seen.location).await.says("The name was changed"));
    assert_eq!(sec.get(page).await.status, 404);
    // Out, and in again under the new name with the same password and the same app.
    assert!(!jan.is_signed_in());
    jan.sign_in("jan", PASSWORD, "/").await;
    assert!(!jan.is_signed_in());
    jan.next_step();
    jan.sign_in_with_code("hendrik", &[]).await;
    assert!(jan.is_signed_in());
    // Who gets the old name gets nothing of it.
    sec.post("admin/new", &[("name", "jan"), ("email", "j2@example.com"), ("groups", "")]).await;
    assert!(!house.services.store.account(&UserId::new("jan")).await.unwrap().is_enrolled());

    // Taken, wrong, and oneself.
    let page = "admin/person?user=hendrik";
    let seen = sec.post(page, &[("action", "rename"), ("id", "piet"), ("sure", "1")]).await;
    assert!(seen.status == 422 && seen.says("belongs to somebody already"));
    let seen = sec.post(page, &[("action", "rename"), ("id", "written"), ("sure", "1")]).await;
    assert!(seen.status == 422 && seen.says("belongs to somebody already"));
    let fields = [("action", "rename"), ("id", "x"), ("sure", "1")];
    assert_eq!(sec.post("admin/person?user=sec", &fields).await.status, 403);
    assert_eq!(sec.post("admin/person?user=written", &fields).await.status, 422);
    assert!(!sec.get("admin/person?user=written").await.says("value=\"rename\""));
    let mut ten = enter(&house, "ten").await;
    for name in ["DESK", "bare"] {
        let seen = ten.post(page, &[("action", "rename"), ("id", name), ("sure", "1")]).await;
        assert_eq!(seen.status, 403, "{name}");
    }
}

#[tokio::test]
async fn everybody_without_a_password_is_invited_by_whom_they_belong_to() {
    let house = office().await;
    for (name, group) in [("new1", "clients"), ("new2", "staff")] {
        let draft = Draft {
            name: name.to_owned(),
            display_name: format!("Newcomer {name}"),
            email: format!("{name}@example.com"),
            groups: vec![group.to_owned()],
            ..Draft::default()
        };
        let person = draft.person(house.clock.now()).unwrap();
        house.services.store.add_residents(vec![person]).await.unwrap().unwrap();
    }
    let seen = enter(&house, "sec").await.get("admin/invite").await;
    assert!(seen.says("Newcomer new1, Newcomer new2") && !seen.says("jan"), "{}", seen.html);
    let mut ten = enter(&house, "ten").await;
    let seen = ten.get("admin/invite").await;
    assert!(seen.says("Newcomer new1") && !seen.says("new2"), "{}", seen.html);
    // This house has no mail: nothing is said to have been sent.
    let seen = ten.post("admin/invite", &[]).await;
    assert_eq!(seen.status, 422);
    assert!(seen.says("Newcomer new1") && seen.says("No e-mail can go"), "{}", seen.html);
}

#[tokio::test]
async fn what_was_judged_before_another_deed_was_done_is_not_done_after_it() {
    let house = office().await;
    let mut ten = enter(&house, "ten").await;
    let typed = [("name", "mia"), ("email", "mia@example.com"), ("groups", "clients")];
    // Somebody else is at work; their deed may have taken the right away.
    let other = house.services.store.deed().await;
    let (seen, ()) = tokio::join!(ten.post("admin/new", &typed), async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        drop(other);
    });
    assert_eq!(seen.status, 409);
    assert!(seen.says("Something else was changed at the same moment") && seen.says("mia@example.com"));
    assert!(house.services.store.resident(&UserId::new("mia")).is_none());
    ten.post("admin/new", &typed).await;
    assert!(house.services.store.resident(&UserId::new("mia")).is_some(), "judged anew");
}

#[tokio::test]
async fn whom_a_rule_names_belongs_to_security_alone() {
    let house = office_of_more_portals().await;
    let page = "admin/edit?user=jan";
    let typed = [("display_name", "Jan"), ("email", "ten@example.com"), ("groups", "clients")];
    let mut ten = enter(&house, "ten").await;
    assert_eq!(ten.get("admin/person?user=jan").await.status, 200);
    for page in [page, "admin/invite?user=jan"] {
        assert_eq!(ten.post(page, &typed).await.status, 403, "{page}");
    }
    let reset = [("action", "reset"), ("sure", "1"), REASON];
    assert_eq!(ten.post("admin/person?user=jan", &reset).await.status, 403);
    assert_eq!(enter(&house, "desk").await.post("admin/person?user=jan", &reset).await.status, 403);
    assert_eq!(enter(&house, "sec").await.post(page, &typed).await.status, 303);
}
