//! Groups, portals, trusts, requests for help, tables and the audit log: what they show to whom, and what they do.

use http::Method;

use super::{enter, office, settle};
use crate::{
    domain::{
        help::{HelpRequest, Wish},
        identity::{Requirement, UserId},
        time::{Clock as _, days},
        token::RecordId,
    },
    web::{
        Endpoint, admin,
        tests::{House, visitor::Visitor},
    },
};

/// A request for help of `name`, whose id is `id`.
pub(super) async fn asks_for_help(house: &House, name: &str, id: &str) {
    asks(house, name, id, Wish::SecondFactor).await;
}

async fn asks(house: &House, name: &str, id: &str, wish: Wish) {
    let now = house.clock.now();
    let request = HelpRequest {
        id: RecordId::from_text(id),
        reference: format!("{id}-REF"),
        person: UserId::new(name),
        portal: "wiki".to_owned(),
        wish,
        address: "203.0.113.9".parse().unwrap(),
        agent: "Firefox, Linux".to_owned(),
        asked_at: now,
        ends_at: now.after(days(14)),
        answer: None,
    };
    house.services.store.help().file_help(&request, now).await.unwrap();
}

#[tokio::test]
async fn a_group_is_changed_after_it_was_said_how_many_people_that_touches() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let page = sec.get("admin/groups").await;
    for group in ["clients", "staff", "chiefs"] {
        assert!(page.says(&format!("admin/group?group={group}\"")), "{group}");
    }
    let fields = [("word", "required"), ("state", "open")];
    let asked = sec.post("admin/group?group=clients", &fields).await;
    assert_eq!(asked.status, 200);
    assert!(asked.says("This touches 3 people and counts at once."), "{}", asked.html);
    assert!(asked.says("Afterwards: Yes: always · Open"));
    let word = || house.services.store.switches().group("clients").requirement;
    assert_eq!(word(), None, "nothing happens before the second press");
    let fields = [("word", "required"), ("state", "open"), ("sure", "1")];
    assert_eq!(
        sec.post("admin/group?group=clients", &fields).await.location,
        "/.vestibule/admin/groups?done=group"
    );
    assert_eq!(word(), Some(Requirement::Required));
    let page = sec.get("admin/person?user=jan").await;
    assert!(page.says("So administrators say of the group “clients”."));
    sec.post("admin/group?group=clients", &[("word", "unset"), ("state", "open"), ("sure", "1")]).await;
    assert_eq!(word(), None);
    assert_eq!(sec.post("admin/group?group=nothing", &fields).await.status, 404);
    for fields in [[("word", "fly"), ("state", "open")], [("word", "off"), ("state", "ajar")]] {
        assert_eq!(sec.post("admin/group?group=clients", &fields).await.status, 400);
    }
}

#[tokio::test]
async fn others_groups_do_not_exist_for_a_tenant() {
    let house = office().await;
    let mut ten = enter(&house, "ten").await;
    let page = ten.get("admin/groups").await;
    assert!(page.says("group=clients\"") && !page.says("staff") && !page.says("chiefs"));
    for page in ["admin/group?group=staff", "admin/group?group=chiefs"] {
        assert_eq!(ten.get(page).await.status, 404, "{page}");
        let fields = [("word", "required"), ("state", "closed"), ("sure", "1")];
        assert_eq!(ten.post(page, &fields).await.status, 404, "{page}");
    }
    assert_eq!(house.services.store.switches().groups().count(), 0);
    // Their own group, as long as that bars nobody who is shared with others, or who holds a role.
    let (close, open) = ("closed", "open");
    let set = |state: &'static str| [("word", "unset"), ("state", state), ("sure", "1")];
    assert_eq!(
        ten.post("admin/group?group=clients", &set(close)).await.status,
        403,
        "kees is of the staff, too"
    );
    let leave =
        |person: &mut crate::domain::kept::KeptPerson| person.groups.retain(|group| group == "clients");
    house.services.store.change_resident(&UserId::new("kees"), None, leave).await.unwrap();
    assert_eq!(ten.post("admin/group?group=clients", &set(close)).await.status, 303);
    assert_eq!(ten.post("admin/group?group=clients", &set(open)).await.status, 303);
    let promote = |person: &mut crate::domain::kept::KeptPerson| person.groups.push("chiefs".to_owned());
    house.services.store.change_resident(&UserId::new("jan"), None, promote).await.unwrap();
    assert_eq!(ten.post("admin/group?group=clients", &set(close)).await.status, 403);
    assert!(!house.services.store.switches().group("clients").is_closed());
}

#[tokio::test]
async fn a_portal_is_closed_and_opened_and_keeps_these_pages() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    assert!(sec.post("admin/portals", &[("close", "wiki")]).await.says("Close Wiki?"));
    assert!(!house.services.store.is_closed("wiki"));
    let seen = sec.post("admin/portals", &[("close", "wiki"), ("sure", "1")]).await;
    assert_eq!(seen.location, "/.vestibule/admin/portals?done=portal-closed");
    assert!(house.services.store.is_closed("wiki"));
    assert!(sec.get(&seen.location).await.says("The portal is closed."));
    sec.post("admin/portals", &[("open", "wiki")]).await;
    assert!(!house.services.store.is_closed("wiki"));
    assert_eq!(sec.post("admin/portals", &[("open", "none")]).await.status, 422);
    assert_eq!(sec.post("admin/portals", &[("open", "wiki"), ("close", "wiki")]).await.status, 400);
}

/// Somebody with a trusted device and address.
async fn trusting(house: &House, name: &str) {
    let mut visitor = enter(house, name).await;
    visitor.sign_in_with_code(name, &["trust_device", "trust_address"]).await;
    visitor.next_step();
}

#[tokio::test]
async fn trusts_of_everybody_are_listed_filtered_and_removed() {
    let house = office().await;
    trusting(&house, "plain").await;
    trusting(&house, "aud").await;
    let mut sec = enter(&house, "sec").await;
    let page = sec.get("admin/trusts").await;
    assert!(page.says("4 are trusted"), "{}", page.html);
    let page = sec.get("admin/trusts?user=plain").await;
    let ids = page.ids("remove_trust");
    assert!(page.says("2 are trusted") && ids.len() == 2);
    // No name: a part of one, of an address, or of the network; where nothing fits, that is said, and no all-clear.
    let none = sec.get("admin/trusts?user=nobody").await;
    assert!(
        none.says("0 are trusted") && none.says("Nothing fits.") && !none.says("is trusted."),
        "{}",
        none.html
    );
    for text in ["PLAI", "198.51.100"] {
        let found = sec.get(&format!("admin/trusts?user={text}")).await;
        assert!(
            found.says("user=plain\">plain</a>") && !found.says("value=\"remove_trusts\""),
            "{text}: {}",
            found.html
        );
    }
    let seen = sec.post("admin/trusts", &[("action", "remove_trust"), ("id", &ids[0]), ("sure", "1")]).await;
    assert_eq!(seen.status, 303);
    assert!(sec.get("admin/trusts").await.says("3 are trusted"));
    assert!(
        sec.post("admin/trusts", &[("action", "remove_trusts")])
            .await
            .says("No longer trust any device or network of anybody?")
    );
    sec.post("admin/trusts", &[("action", "remove_trusts"), ("sure", "1")]).await;
    assert!(sec.get("admin/trusts").await.says("0 are trusted"));
}

#[tokio::test]
async fn of_others_people_a_tenant_sees_no_trust_no_request_and_no_event() {
    let house = office().await;
    trusting(&house, "plain").await;
    trusting(&house, "aud").await;
    asks_for_help(&house, "piet", "PIETS").await;
    asks_for_help(&house, "jan", "JANS").await;
    let mut sec = enter(&house, "sec").await;
    let theirs = sec.get("admin/trusts?user=plain").await.ids("remove_trust").remove(0);
    sec.next_step();
    let mut ten = enter(&house, "ten").await;
    for page in ["admin/trusts", "admin/trusts?user=plain"] {
        assert!(ten.get(page).await.says("0 are trusted"), "{page}");
    }
    let fields = [("action", "remove_trust"), ("id", theirs.as_str()), ("sure", "1")];
    assert_eq!(ten.post("admin/trusts", &fields).await.status, 422);
    assert_eq!(ten.post("admin/trusts", &[("action", "remove_trusts"), ("sure", "1")]).await.status, 403);
    assert!(sec.get("admin/trusts").await.says("4 are trusted"));

    let list = ten.get("admin/help?all=1").await;
    assert!(list.says("JANS-REF") && !list.says("PIETS-REF"));
    let fields = [("answer", "grant"), ("reason", "because I can")];
    for id in ["PIETS", "PIETS-REF", "piets-ref"] {
        assert_eq!(ten.get(&format!("admin/request?id={id}")).await.status, 404, "{id}");
        assert_eq!(ten.post(&format!("admin/request?id={id}"), &fields).await.status, 404, "{id}");
    }

    for name in ["jan", "piet"] {
        sec.post(&format!("admin/person?user={name}"), &[("action", "unlock")]).await;
    }
    let log = ten.get("admin/audit").await;
    assert!(log.says("<td>jan</td>") && !log.says("<td>piet</td>") && !log.says("<td>plain</td>"));
    for filter in ["user=piet", "user=plain", "kind=sign_in"] {
        let log = ten.get(&format!("admin/audit?{filter}")).await;
        assert!(log.says("Nothing fits."), "{filter}: {}", log.html);
    }
    assert!(sec.get("admin/audit?user=piet").await.says("<td>piet</td>"));
}

#[tokio::test]
async fn a_request_for_help_is_answered_once_with_a_reason() {
    let house = office().await;
    let plain = UserId::new("plain");
    enter(&house, "plain").await.next_step();
    asks_for_help(&house, "plain", "FIRST").await;
    let mut desk = enter(&house, "desk").await;
    assert!(desk.get("admin/help").await.says("FIRST-REF"));
    let page = "admin/request?id=FIRST";
    assert!(desk.get(page).await.says("203.0.113.9"));
    assert_eq!(desk.post(page, &[("answer", "grant"), ("reason", "abcd")]).await.status, 422);
    assert!(house.services.store.account(&plain).await.unwrap().is_enrolled());
    let fields = [("answer", "grant"), ("reason", "seen at the counter")];
    assert_eq!(desk.post(page, &fields).await.location, "/.vestibule/admin/help?done=granted");
    assert!(!house.services.store.account(&plain).await.unwrap().is_enrolled());
    assert_eq!(desk.post(page, &fields).await.status, 422, "once");
    assert!(!desk.get("admin/help").await.says("FIRST-REF"));
    let answered = desk.get(page).await;
    assert!(answered.says("seen at the counter") && !answered.says("name=\"answer\""));
    // Of administrators only security answers, and nobody their own.
    asks_for_help(&house, "sec", "SECS").await;
    asks_for_help(&house, "desk", "DESKS").await;
    for id in ["SECS", "DESKS"] {
        assert_eq!(desk.post(&format!("admin/request?id={id}"), &fields).await.status, 403, "{id}");
    }
}

async fn import(visitor: &mut Visitor<'_>, action: &str, csv: &str) -> super::super::visitor::Seen {
    visitor.post("admin/import", &[("action", action), ("csv", csv)]).await
}

#[tokio::test]
async fn a_table_is_tried_first_and_then_imported() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let csv = "name;email;groups\r\nmia;mia@example.com;a|b\r\njan;jan@example.com;clients\r\nkees;k@example.com;clients\r\n";
    let tried = import(&mut sec, "try", csv).await;
    assert_eq!(tried.status, 200);
    assert!(
        tried.says("What would happen")
            && tried.says("value=\"import\"")
            && tried.says("mia;mia@example.com")
    );
    let mia = UserId::new("mia");
    assert!(house.services.store.resident(&mia).is_none());
    let done = import(&mut sec, "import", csv).await;
    assert!(done.says("What happened") && !done.says("value=\"import\""), "{}", done.html);
    assert_eq!(house.services.store.resident(&mia).unwrap().groups, ["a", "b"]);
    // One bad line, and nothing is written.
    let seen = import(&mut sec, "import", "name,email\nnina,nina@example.com\notto2,nowhere\n").await;
    assert!(seen.says("What would happen") && !seen.says("value=\"import\""));
    assert!(house.services.store.resident(&UserId::new("nina")).is_none());
    assert_eq!(import(&mut sec, "try", "who,what\na,b\n").await.status, 422);
    assert_eq!(import(&mut sec, "fly", csv).await.status, 400);
}

#[tokio::test]
async fn a_table_reaches_nobody_whom_its_administrator_may_not_change() {
    let house = office().await;
    let mut ten = enter(&house, "ten").await;
    for line in [
        // Into a group that carries a role, into another's, into none; under a name that carries one.
        "new,n@example.com,chiefs",
        "new,n@example.com,clients|chiefs",
        "new,n@example.com,staff",
        "new,n@example.com,",
        "desk,n@example.com,clients",
        // Others' people, shared ones, and the file's.
        "piet,n@example.com,clients",
        "kees,n@example.com,clients",
        "sec,n@example.com,clients",
    ] {
        let csv = format!("name,email,groups\nok,ok@example.com,clients\n{line}\n");
        let seen = import(&mut ten, "import", &csv).await;
        assert!(seen.says("Line 3: your role does not allow this"), "{line}: {}", seen.html);
        assert!(house.services.store.resident(&UserId::new("ok")).is_none(), "{line}");
    }
    let seen = import(&mut ten, "import", "name,email,groups\nok,ok@example.com,clients\n").await;
    assert!(seen.says("What happened"), "{}", seen.html);
    settle(&house, "sas", &["guests"]).await;
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_the_overview_counts() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    sec.post("admin/person?user=jan", &[("action", "unlock")]).await;
    let rows = |html: &str| html.matches("<tr><td>").count();
    let all = rows(&sec.get("admin/audit").await.html);
    assert!(all > 2);
    let found = sec.get("admin/audit?user=jan").await;
    assert!(rows(&found.html) == 1 && found.says("by sec as security"), "{}", found.html);
    assert_eq!(rows(&sec.get("admin/audit?kind=sign_in").await.html), 1);
    assert_eq!(rows(&sec.get("admin/audit?kind=nonsense").await.html), 0);
    assert_eq!(rows(&sec.get("admin/audit?outcome=throttled").await.html), 0);
    // The clock stands at 2027-01-15.
    assert_eq!(rows(&sec.get("admin/audit?from=2027-01-15&until=2027-01-15").await.html), all);
    assert_eq!(rows(&sec.get("admin/audit?from=2027-01-16").await.html), 0);
    assert_eq!(rows(&sec.get("admin/audit?until=2027-01-14").await.html), 0);
    let page = sec.get("admin/overview").await;
    assert!(page.says("1 in all, 1 at most on one day") && page.says("<td>1</td>"), "{}", page.html);
    assert_eq!(page.html.matches("<tr><th scope=\"row\"><time").count(), 60, "thirty days, twice");
}

#[tokio::test]
async fn a_large_form_is_read_from_who_may_import_and_from_nobody_else() {
    let house = office().await;
    let most = |visitor: &Visitor<'_>, page| {
        let (endpoint, visit, browser) = visitor.request(Method::POST, page);
        let Endpoint::Admin(place) = endpoint else { panic!("{page}") };
        admin::most_bytes(place, &visit, &browser)
    };
    let mut sec = enter(&house, "sec").await;
    assert_eq!(most(&sec, "admin/import"), 1536 * 1024);
    assert_eq!(most(&sec, "admin/new"), 16 * 1024);
    assert_eq!(most(&house.visitor(), "admin/import"), 16 * 1024);
    sec.next_step();
    assert_eq!(most(&enter(&house, "aud").await, "admin/import"), 16 * 1024);
    house.advance(std::time::Duration::from_secs(600));
    sec.get("account").await;
    assert_eq!(most(&sec, "admin/import"), 1536 * 1024, "it waits for a fresh code");
    sec.post("admin/import", &[("action", "import"), ("csv", "name,email\nx,x@example.com")]).await;
    assert!(house.services.store.resident(&UserId::new("x")).is_none(), "and nothing is done without one");
}

#[tokio::test]
async fn what_was_typed_waits_for_a_fresh_code_and_is_done_by_the_next_press() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    sec.get("admin/new").await;
    house.advance(std::time::Duration::from_secs(600));
    let typed =
        [("name", "mia"), ("display_name", "Mia Berg"), ("email", "mia@example.com"), ("groups", "clients")];
    let sent = sec.post("admin/new", &typed).await;
    assert_eq!((sent.status, sent.page()), (303, "second-factor"));
    assert!(house.services.store.resident(&UserId::new("mia")).is_none());
    sec.get(&sent.location).await;
    let back = sec.post("second-factor", &[("code", &sec.code()), ("method", "totp")]).await.location;
    assert!(back.starts_with("/.vestibule/admin/new?draft="), "{back}");
    let filled = sec.get(&back).await;
    assert!(filled.html.contains("Mia Berg") && filled.html.contains("mia@example.com"), "{}", filled.html);
    assert!(house.services.store.resident(&UserId::new("mia")).is_none(), "looking does nothing");
    // Somebody else with the address finds an empty form.
    assert!(!enter(&house, "ten").await.get(&back).await.html.contains("Mia Berg"));
    sec.post("admin/new", &typed).await;
    assert!(house.services.store.resident(&UserId::new("mia")).is_some());
}

#[tokio::test]
async fn however_many_ask_for_help_nobody_is_hidden() {
    let house = office().await;
    asks_for_help(&house, "piet", "OLDEST").await;
    house.advance(std::time::Duration::from_secs(1));
    for number in 0..1_060 {
        let wish = Wish::Access { path: format!("/page/{number}") };
        asks(&house, "jan", &format!("JANS-{number}"), wish).await;
    }
    let mut desk = enter(&house, "desk").await;
    let first = desk.get("admin/help").await;
    assert!(
        first.says("(1061)") && !first.says("OLDEST-REF") && first.says("admin/help?page=1\""),
        "{}",
        first.html
    );
    let last = desk.get("admin/help?page=21").await;
    assert!(last.says("OLDEST-REF") && !last.says("page=22"), "{}", last.html);
    // By the reference, as it is read out on the telephone.
    assert_eq!(desk.get("admin/request?id=oldest-ref").await.status, 200);
    // Those of others' people are neither shown nor counted.
    let theirs = enter(&house, "ten").await.get("admin/help?page=21").await;
    assert!(theirs.says("(1060)") && !theirs.says("OLDEST-REF"), "{}", theirs.html);
}
