//! What a tenant's administrator is not told: others' groups and portals, and who had a name before.

use std::time::Duration;

use super::{PASSWORD, enter, office, office_of_more_portals, settle};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        identity::UserId,
        time::Clock as _,
    },
    web::tests::House,
};

/// Puts an event into the log.
async fn tell(house: &House, person: &str, portal: &str, detail: &str) {
    let event = AuditEvent::new(house.clock.now(), AuditKind::AccessDenied, AuditOutcome::Failure);
    let mut event = event.by(&UserId::new(person)).at_portal(portal);
    event.rule = Some(format!("{portal}/1"));
    event.detail = Some(detail.to_owned());
    house.services.store.journal().record(&[event]).await.unwrap();
}

#[tokio::test]
async fn a_tenant_is_told_no_name_of_others_groups() {
    let house = office().await;
    let mut sec = enter(&house, "sec").await;
    let (jan, kees) = ("admin/person?user=jan", "admin/person?user=kees");
    for (group, state) in [("staff", "closed"), ("clients", "open")] {
        let fields = [("word", "required"), ("state", state), ("sure", "1")];
        sec.post(&format!("admin/group?group={group}"), &fields).await;
    }
    let seen = sec.get(kees).await;
    assert!(seen.says("The group “staff” is closed") && !seen.says("A group of this person is closed"));
    let mut ten = enter(&house, "ten").await;
    let seen = ten.get(kees).await;
    assert!(seen.says("A group of this person is closed") && !seen.says("staff"), "{}", seen.html);
    assert!(ten.get(jan).await.says("So administrators say of the group “clients”."));
    // What is asked because of others, once one's own group says nothing.
    let fields = [("word", "unset"), ("state", "open"), ("sure", "1")];
    sec.post("admin/group?group=clients", &fields).await;
    assert!(sec.get(kees).await.says("So administrators say of the group “staff”."));
    let seen = ten.get(kees).await;
    assert!(seen.says("So it is set for another group of this person.") && !seen.says("staff"));
}

#[tokio::test]
async fn a_tenant_is_told_nothing_of_others_portals() {
    let house = office_of_more_portals().await;
    for portal in ["wiki", "diary", "ledger"] {
        tell(&house, "jan", portal, &format!("GET of {portal}")).await;
    }
    let rows = |html: &str| html.matches("<td>jan</td>").count();
    let mut sec = enter(&house, "sec").await;
    let log = sec.get("admin/audit").await;
    assert!(log.says("<option>ledger</option>") && log.says("ledger/1") && rows(&log.html) == 3);
    assert_eq!(rows(&sec.get("admin/audit?portal=ledger").await.html), 1);
    let mut ten = enter(&house, "ten").await;
    let log = ten.get("admin/audit").await;
    for portal in ["wiki", "diary"] {
        assert!(log.says(&format!("<option>{portal}</option>")) && log.says(&format!("GET of {portal}")));
    }
    // That something happened to Jan is told, and not where.
    assert!(rows(&log.html) == 3 && !log.says("ledger"), "{}", log.html);
    for portal in ["ledger", "nowhere"] {
        let found = ten.get(&format!("admin/audit?portal={portal}")).await;
        assert!(found.says("Nothing fits."), "{portal}: {}", found.html);
    }
    assert_eq!(rows(&ten.get("admin/audit?portal=diary").await.html), 1);
}

#[tokio::test]
async fn a_tenant_reads_nothing_of_who_had_the_name_before() {
    let house = office().await;
    let store = &house.services.store;
    let piet = UserId::new("piet");
    tell(&house, "piet", "wiki", "the former one").await;
    store.remove_resident(&piet).await.unwrap();
    house.advance(Duration::from_secs(1));
    settle(&house, "piet", &["clients"]).await;
    tell(&house, "piet", "wiki", "the present one").await;
    let mut sec = enter(&house, "sec").await;
    let mut ten = enter(&house, "ten").await;
    for page in ["admin/audit", "admin/audit?user=piet"] {
        let log = ten.get(page).await;
        assert!(log.says("the present one") && !log.says("the former one"), "{page}: {}", log.html);
        let log = sec.get(page).await;
        assert!(log.says("the present one") && log.says("the former one"), "{page}: {}", log.html);
    }
    // Who is renamed leaves what was recorded, and gets nothing that was recorded under the new name.
    tell(&house, "jan", "wiki", "as jan").await;
    tell(&house, "hendrik", "wiki", "an earlier hendrik").await;
    house.advance(Duration::from_secs(1));
    let fields = [("action", "rename"), ("id", "hendrik"), ("sure", "1")];
    assert_eq!(ten.post("admin/person?user=jan", &fields).await.status, 303);
    tell(&house, "hendrik", "wiki", "as hendrik").await;
    let log = ten.get("admin/audit").await;
    assert!(log.says("as hendrik") && log.says("jan is now hendrik"), "{}", log.html);
    assert!(!log.says("as jan") && !log.says("an earlier hendrik"), "{}", log.html);
    let log = sec.get("admin/audit").await;
    assert!(log.says("as jan") && log.says("an earlier hendrik"), "{}", log.html);
    // Only spelled otherwise: one and the same.
    house.advance(Duration::from_secs(1));
    let fields = [("action", "rename"), ("id", "HENDRIK"), ("sure", "1")];
    assert_eq!(ten.post("admin/person?user=hendrik", &fields).await.status, 303);
    assert!(ten.get("admin/audit").await.says("as hendrik"));
}

#[tokio::test]
async fn nobody_but_security_frees_a_name_that_rules_mention() {
    let house = office_of_more_portals().await;
    settle(&house, "mia", &["clients"]).await;
    let rename = |name| [("action", "rename"), ("id", name), ("sure", "1")];
    let mut ten = enter(&house, "ten").await;
    let seen = ten.post("admin/person?user=jan", &rename("hendrik")).await;
    assert_eq!(seen.status, 403, "{}", seen.html);
    assert!(house.services.store.resident(&UserId::new("jan")).is_some());
    assert_eq!(ten.post("admin/person?user=mia", &rename("maria")).await.status, 303, "no rule says mia");
    let mut sec = enter(&house, "sec").await;
    assert_eq!(sec.post("admin/person?user=jan", &rename("hendrik")).await.status, 303);
    assert!(house.services.store.resident(&UserId::new("jan")).is_none());
}

#[tokio::test]
async fn on_the_account_page_nobody_reads_of_who_had_the_name_before() {
    let house = office().await;
    let store = &house.services.store;
    let jan = UserId::new("jan");
    let seen_with = |agent: &str| {
        let event = AuditEvent::new(house.clock.now(), AuditKind::SignIn, AuditOutcome::Success).by(&jan);
        [AuditEvent { agent: Some(agent.to_owned()), ..event }]
    };
    store.journal().record(&seen_with("Elder browser")).await.unwrap();
    let account = async || {
        let mut visitor = house.visitor();
        visitor.sign_in("jan", PASSWORD, "/").await;
        visitor.get("account").await
    };
    assert!(account().await.says("Elder browser"));
    store.remove_resident(&jan).await.unwrap();
    house.advance(Duration::from_secs(60));
    settle(&house, "jan", &["clients"]).await;
    store.journal().record(&seen_with("Younger browser")).await.unwrap();
    let page = account().await;
    assert!(page.says("Younger browser") && !page.says("Elder browser"), "{}", page.html);
}
