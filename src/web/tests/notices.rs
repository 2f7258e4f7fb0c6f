//! What is mailed about an account, when, to whom, and how often.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc, time::Duration};

use http::Method;

use super::{
    HASH, House, PASSWORD,
    unlock::{OTHER, PIN},
    visitor::{Visitor, between},
};
use crate::{
    config::settings::{StoreSettings, Unlock},
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::{Contact, Method as Factor},
        identity::UserId,
        provider::Identity,
        token::RecordId,
    },
    store::{self, SharedStore},
    web::{
        cookie::BROWSER,
        events::factor_event,
        notices::{follow, look_before},
    },
};

/// Anna must show a code, Otto may choose, Fritz is never asked; Nora has no address.
const PEOPLE: &str = r#"
[[user]]
name = "anna"
email = "anna@example.com"
password = "HASH"
second_factor = "required"

[[user]]
name = "otto"
email = "otto@example.com"
password = "HASH"
second_factor = "optional"

[[user]]
name = "fritz"
email = "fritz@example.com"
password = "HASH"

[[user]]
name = "nora"
password = "HASH"
"#;

const MAIL: &str = "[mail]\nfrom = \"Wiki <no-reply@example.com>\"\nsendmail = \"FOLDER/sendmail\"\n";

const PROGRAM: &str = "#!/bin/sh\n[ ! -e FOLDER/down ] || exit 75\nmail=$(mktemp FOLDER/mail.XXXXXX) && cat > \"$mail\" && mv \"$mail\" \"$mail.eml\"\n";

/// Where everybody is, until they go elsewhere.
const HOME: &str = "198.51.100.7";

/// A house that mails, and what it mailed.
pub(super) struct MailingHouse {
    pub(super) house: House,
    folder: PathBuf,
}

/// A mail, readable.
pub(super) struct Mail(String);

impl Mail {
    fn to(&self) -> &str {
        between(&self.0, "\nTo: ", "\n").unwrap()
    }

    fn subject(&self) -> &str {
        between(&self.0, "\nSubject: ", "\n").unwrap()
    }

    fn says(&self, words: &str) -> bool {
        // Wrapped nowhere: what was encoded was joined again.
        self.0.contains(words)
    }

    /// What its "not me" link carries.
    pub(super) fn not_me(&self) -> String {
        let start = "https://wiki.example.com/.vestibule/not-me?token=";
        let rest = self.0.split_once(start).expect(&self.0).1;
        rest.chars().take(43).collect()
    }
}

impl MailingHouse {
    pub(super) async fn open() -> Self {
        Self::open_with(MAIL, store::open(&StoreSettings::Memory).unwrap()).await
    }

    /// With these lines about mail, on this store.
    pub(super) async fn open_with(mail: &str, store: SharedStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let here = path.to_str().unwrap();
        std::fs::write(path.join("sendmail"), PROGRAM.replace("FOLDER", here)).unwrap();
        std::fs::set_permissions(path.join("sendmail"), std::fs::Permissions::from_mode(0o700)).unwrap();
        let file = format!("{}\n{}", mail.replace("FOLDER", here), super::FILE);
        let house = House::open_in(folder, store, &file, &PEOPLE.replace("HASH", &HASH)).await;
        Self { house, folder: path }
    }

    /// Waits until nothing is under way, and takes the mails since the last look.
    pub(super) async fn mails(&self) -> Vec<Mail> {
        while tokio::runtime::Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
        let files = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mails: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
        mails
            .into_iter()
            .map(|path| {
                let text = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
                std::fs::remove_file(path).unwrap();
                Mail(text.replace("=\n", "").replace("=3D", "="))
            })
            .collect()
    }

    /// The one mail since the last look.
    pub(super) async fn mail(&self) -> Mail {
        let mut mails = self.mails().await;
        let subjects: Vec<_> = mails.iter().map(Mail::subject).collect();
        assert_eq!(mails.len(), 1, "{subjects:?}");
        mails.remove(0)
    }

    async fn no_mail(&self) -> bool {
        self.mails().await.is_empty()
    }

    /// Anna, in, with an app she linked with the code that was mailed to her.
    async fn enrolled(&self) -> Visitor<'_> {
        let mut anna = self.house.visitor();
        let seen = anna.sign_in("anna", PASSWORD, "/").await;
        anna.get(&seen.location).await;
        let seen = anna.post("enrol", &[("action", "send"), ("method", "email")]).await;
        let sent = self.mail().await.subject()[..6].to_owned();
        anna.get(&seen.location).await;
        let seen = anna.post("enrol", &[("code", &anna.code()), ("sent_code", &sent)]).await;
        assert_eq!(seen.status, 200, "{}", seen.html);
        anna
    }

    /// As [`MailingHouse::enrolled`]; what was mailed of that is looked at by another test.
    pub(super) async fn anna(&self) -> Visitor<'_> {
        let anna = self.enrolled().await;
        self.mails().await;
        anna
    }
}

#[tokio::test]
async fn a_first_enrolment_is_told_once_with_time_place_browser_and_site() {
    let houses = MailingHouse::open().await;
    let mut anna = houses.enrolled().await;
    let mail = houses.mail().await;
    assert_eq!((mail.to(), mail.subject()), ("anna@example.com", "New way to sign in to Wiki"));
    for words in [
        "to your account at Wiki: authenticator app",
        "New recovery codes were made",
        "2027-01-15 08:00 UTC",
        HOME,
        "Firefox, Linux",
        "Site: wiki.example.com",
        "/.vestibule/not-me?token=",
    ] {
        assert!(mail.says(words), "{words}: {}", mail.0);
    }
    assert!(!mail.says("not seen before"), "{}", mail.0);
    // Nothing new in it: nothing is told.
    anna.sign_in_with_code("anna", &[]).await;
    assert!(anna.is_signed_in() && houses.no_mail().await);
}

#[tokio::test]
async fn a_new_device_and_a_new_network_are_told_once_each() {
    let houses = MailingHouse::open().await;
    let mut fritz = houses.house.visitor();
    let sign_in = async |visitor: &mut Visitor<'_>| {
        visitor.sign_in("fritz", PASSWORD, "/").await;
        assert!(visitor.is_signed_in());
        let mails = houses.mails().await;
        let subjects: Vec<_> = mails.iter().map(|mail| mail.subject().to_owned()).collect();
        subjects.join(", ")
    };
    let (device, place) = ("New device at Wiki", "Sign-in from a new place at Wiki");
    assert_eq!(sign_in(&mut fritz).await, device, "nobody was seen before");
    assert_eq!(sign_in(&mut fritz).await, "");
    for (client, told) in [("198.51.100.255", ""), ("198.51.101.0", place), ("198.51.101.9", ""), (HOME, "")]
    {
        fritz.client = client.parse().unwrap();
        assert_eq!(sign_in(&mut fritz).await, told, "{client}");
    }
    let mut other = Visitor::new(&houses.house, "203.0.113.9");
    assert_eq!(sign_in(&mut other).await, device, "one letter, though the network is new too");
    assert_eq!(sign_in(&mut other).await, "");
}

#[tokio::test]
async fn a_device_counts_as_seen_for_half_a_year() {
    for (waited, told) in [(180 * 86_400 - 1, 0), (180 * 86_400, 1)] {
        let houses = MailingHouse::open().await;
        let mut fritz = houses.house.visitor();
        fritz.sign_in("fritz", PASSWORD, "/").await;
        houses.mail().await;
        houses.house.advance(Duration::from_secs(waited));
        fritz.sign_in("fritz", PASSWORD, "/").await;
        assert_eq!(houses.mails().await.len(), told, "{waited}");
    }
}

#[tokio::test]
async fn a_pin_is_told_and_so_are_too_many_wrong_ones() {
    let mut houses = MailingHouse::open().await;
    Arc::get_mut(&mut houses.house.runtime).unwrap().settings.trust.unlock = vec![Unlock::Pin];
    let mut anna = houses.anna().await;
    let seen = anna.sign_in_with_code("anna", &["trust_device"]).await;
    assert_eq!(houses.mail().await.subject(), "A device is remembered at Wiki");
    anna.set_pin(&seen.location, PIN).await;
    assert_eq!(houses.mail().await.subject(), "A PIN was set at Wiki");
    anna.leave().await;
    for _ in 0..4 {
        anna.unlock(OTHER).await;
    }
    assert!(houses.no_mail().await);
    anna.unlock(OTHER).await;
    assert_eq!(houses.mail().await.subject(), "Wrong PINs at Wiki");
}

#[tokio::test]
async fn what_is_trusted_is_told_in_one_letter() {
    let houses = MailingHouse::open().await;
    let mut anna = houses.anna().await;
    anna.sign_in_with_code("anna", &["trust_device"]).await;
    let mail = houses.mail().await;
    assert_eq!(mail.subject(), "A device is remembered at Wiki");
    anna.jar.remove(crate::web::cookie::DEVICES);
    anna.sign_in_with_code("anna", &["trust_device", "trust_address"]).await;
    let mail = houses.mail().await;
    assert_eq!(mail.subject(), "A device is remembered at Wiki");
    assert!(mail.says("A network is remembered") && mail.says("Wiki: 198.51.100.7."), "{}", mail.0);
}

#[tokio::test]
async fn a_copied_device_is_told_before_anything_else() {
    let houses = MailingHouse::open().await;
    let mut anna = houses.anna().await;
    anna.sign_in_with_code("anna", &["trust_device"]).await;
    houses.mail().await;
    let mut thief = anna.clone();
    assert_eq!(anna.sign_in("anna", PASSWORD, "/").await.page(), "/");
    houses.house.advance(Duration::from_secs(60));
    assert_eq!(thief.sign_in("anna", PASSWORD, "/").await.page(), "second-factor");
    let mail = houses.mail().await;
    assert_eq!(mail.subject(), "A remembered device may have been copied at Wiki");
}

#[tokio::test]
async fn a_used_recovery_code_is_told_with_how_many_are_left() {
    let houses = MailingHouse::open().await;
    let anna = houses.anna().await;
    for (nth, left) in [(0, "9 recovery codes are left"), (1, "8 recovery codes are left")] {
        let mut elsewhere = houses.house.visitor();
        let seen = elsewhere.sign_in("anna", PASSWORD, "/").await;
        elsewhere.get(&seen.location).await;
        elsewhere.post("second-factor", &[("code", &anna.recovery[nth]), ("method", "recovery")]).await;
        assert!(elsewhere.is_signed_in());
        let mail = houses.mail().await;
        assert_eq!(mail.subject(), "A recovery code was used at Wiki");
        assert!(mail.says(left) && mail.says("on a device we had not seen before"), "{}", mail.0);
    }
}

#[tokio::test]
async fn what_the_owner_changes_on_the_account_page_is_told() {
    let houses = MailingHouse::open().await;
    let mut anna = houses.anna().await;
    anna.get("account").await;
    anna.post("account", &[("action", "new_recovery_codes")]).await;
    assert_eq!(houses.mail().await.subject(), "New recovery codes for Wiki");
    // A second app, then the first one goes.
    let seen = anna.get("enrol?return_to=/.vestibule/account").await;
    assert_eq!(seen.status, 200);
    houses.house.advance(Duration::from_secs(60));
    anna.post("enrol", &[("code", &anna.code()), ("label", "Work phone")]).await;
    let mail = houses.mail().await;
    assert_eq!(mail.subject(), "New way to sign in to Wiki");
    assert!(mail.says("Work phone"), "{}", mail.0);
    let seen = anna.get("account").await;
    let app = seen.ids("remove_method").remove(0);
    anna.post("account", &[("action", "remove_method"), ("id", &app)]).await;
    let mail = houses.mail().await;
    assert_eq!(mail.subject(), "A way to sign in to Wiki was removed");
    assert!(
        mail.says("removed from your account at Wiki: authenticator app") && mail.says("App 1"),
        "{}",
        mail.0
    );
}

#[tokio::test]
async fn switching_the_second_factor_is_told() {
    let houses = MailingHouse::open().await;
    let mut otto = houses.house.visitor();
    otto.sign_in("otto", PASSWORD, "/").await;
    houses.mail().await;
    otto.get("account").await;
    otto.post("account", &[("action", "switch_second_factor"), ("id", "on")]).await;
    assert_eq!(houses.mail().await.subject(), "Second step switched on at Wiki");
    let fritz = houses.house.visitor();
    record(&fritz, AuditKind::SecondFactorSwitched, AuditOutcome::Success, "").await;
    assert_eq!(houses.mail().await.subject(), "Second step switched off at Wiki");
}

/// Tells the house of an event, as a page would.
async fn record(visitor: &Visitor<'_>, kind: AuditKind, outcome: AuditOutcome, factor: &str) {
    let (_, visit, browser) = visitor.request(Method::POST, "/.vestibule/account");
    let event: AuditEvent = factor_event(&visit, &browser, kind, outcome, &UserId::new("fritz"), factor);
    visit.services.record(event).await;
    follow(&visit, &browser, None);
}

#[tokio::test]
async fn every_kind_of_way_to_sign_in_is_told_by_its_name() {
    use AuditKind::{FactorAdded, FactorRemoved, IdentityLinked, IdentityUnlinked};
    let houses = MailingHouse::open().await;
    let fritz = houses.house.visitor();
    for (kind, factor, told) in [
        (FactorAdded, "passkey", "added to your account at Wiki: passkey on a device."),
        (FactorAdded, "email", "added to your account at Wiki: codes by mail."),
        (FactorAdded, "sms", "added to your account at Wiki: codes by text message."),
        (FactorRemoved, "passkey", "removed from your account at Wiki: passkey on a device."),
        (IdentityLinked, "", "added to your account at Wiki: account at another provider."),
        (IdentityUnlinked, "", "removed from your account at Wiki: account at another provider."),
    ] {
        record(&fritz, kind, AuditOutcome::Success, factor).await;
        let mail = houses.mail().await;
        assert!(mail.says(told), "{told}: {}", mail.0);
    }
}

#[tokio::test]
async fn what_failed_or_changes_nothing_is_not_told() {
    let houses = MailingHouse::open().await;
    let fritz = houses.house.visitor();
    for kind in [AuditKind::FactorAdded, AuditKind::SignIn, AuditKind::SecondFactor] {
        record(&fritz, kind, AuditOutcome::Failure, "recovery").await;
    }
    for kind in [
        AuditKind::Password,
        AuditKind::SecondFactor,
        AuditKind::TrustUsed,
        AuditKind::SignOut,
        AuditKind::NotMe,
    ] {
        record(&fritz, kind, AuditOutcome::Success, "totp").await;
    }
    assert!(houses.no_mail().await);
}

#[tokio::test]
async fn a_linked_account_is_told_with_its_provider_where_the_file_knows_it() {
    let houses = MailingHouse::open().await;
    let fritz = houses.house.visitor();
    let identity = Identity {
        id: RecordId::from_text("i1"),
        person: UserId::new("fritz"),
        issuer: "https://unknown.example".to_owned(),
        subject: "1".to_owned(),
        label: "fritz".to_owned(),
        linked_at: crate::domain::time::Timestamp::from_unix(0),
        last_used: None,
    };
    houses.house.services.store.identities().link_identity(&identity).await.unwrap();
    record(&fritz, AuditKind::IdentityLinked, AuditOutcome::Success, "").await;
    assert!(houses.mail().await.says("account at another provider."));
}

#[tokio::test]
async fn who_has_no_address_gets_nothing_and_notices_nothing() {
    let houses = MailingHouse::open().await;
    let mut nora = houses.house.visitor();
    assert_eq!(nora.sign_in("nora", PASSWORD, "/deep").await.location, "/deep");
    assert!(houses.no_mail().await);
    // An address that was verified here will do.
    let contact = Contact {
        method: Factor::Email,
        to: "nora@example.com".to_owned(),
        verified_at: crate::domain::time::Timestamp::from_unix(0),
    };
    houses.house.services.store.add_contact(&UserId::new("nora"), contact, None).await.unwrap();
    nora.sign_in("nora", PASSWORD, "/").await;
    assert_eq!(houses.mail().await.to(), "nora@example.com");
}

#[tokio::test]
async fn where_the_file_wants_no_notices_there_are_none_and_no_browser_is_marked() {
    for mail in [String::new(), format!("{MAIL}notices = false\n")] {
        let houses = MailingHouse::open_with(&mail, store::open(&StoreSettings::Memory).unwrap()).await;
        let mut fritz = houses.house.visitor();
        assert_eq!(fritz.sign_in("fritz", PASSWORD, "/deep").await.location, "/deep");
        assert!(!fritz.jar.contains_key(BROWSER) && houses.no_mail().await);
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_holds_nobody_up() {
    let houses = MailingHouse::open().await;
    std::fs::write(houses.folder.join("down"), "").unwrap();
    let mut fritz = houses.house.visitor();
    assert_eq!(fritz.sign_in("fritz", PASSWORD, "/deep").await.location, "/deep");
    assert!(fritz.is_signed_in() && houses.no_mail().await);
}

#[tokio::test]
async fn nobody_is_flooded_and_no_change_hides_behind_sign_ins() {
    let houses = MailingHouse::open().await;
    let sign_in = async || {
        houses.house.visitor().sign_in("fritz", PASSWORD, "/").await;
        houses.mails().await.len()
    };
    for nth in 0..10 {
        assert_eq!(sign_in().await, 1, "{nth}");
    }
    assert_eq!(sign_in().await, 0, "the eleventh in an hour");
    record(&houses.house.visitor(), AuditKind::FactorAdded, AuditOutcome::Success, "sms").await;
    assert_eq!(houses.mails().await.len(), 1);
    houses.house.advance(Duration::from_secs(3599));
    assert_eq!(sign_in().await, 0);
    houses.house.advance(Duration::from_secs(1));
    assert_eq!(sign_in().await, 1);
}

#[tokio::test]
async fn a_letter_is_in_its_readers_language_whatever_the_browser_asks_for() {
    let houses = MailingHouse::open().await;
    let mut fritz = houses.house.visitor();
    fritz.sign_in("fritz", PASSWORD, "/").await;
    assert!(houses.mail().await.says("Somebody signed in"));
    houses.house.services.store.choose_language(&UserId::new("fritz"), "nl").await.unwrap();
    let mut stranger = Visitor::new(&houses.house, "203.0.113.9");
    stranger.jar.insert("__Host-vestibule-language".to_owned(), "fr".to_owned());
    stranger.sign_in("fritz", PASSWORD, "/").await;
    assert_eq!(houses.mail().await.subject(), "Nieuw apparaat bij Wiki");
}

#[tokio::test]
async fn a_removed_address_is_told_at_that_address() {
    let houses = MailingHouse::open().await;
    let nora = UserId::new("nora");
    let store = &houses.house.services.store;
    let contact = Contact {
        method: Factor::Email,
        to: "nora@example.com".to_owned(),
        verified_at: crate::domain::time::Timestamp::from_unix(0),
    };
    store.add_contact(&nora, contact, None).await.unwrap();
    let mut visitor = houses.house.visitor();
    visitor.sign_in("nora", PASSWORD, "/").await;
    houses.mail().await;
    let (endpoint, visit, browser) = visitor.request(Method::POST, "/.vestibule/account");
    let before = look_before(&endpoint, &visit).await;
    store.remove_contact(&nora, Factor::Email, None).await.unwrap();
    let (kind, outcome) = (AuditKind::FactorRemoved, AuditOutcome::Success);
    visit.services.record(factor_event(&visit, &browser, kind, outcome, &nora, "email")).await;
    follow(&visit, &browser, before);
    let mail = houses.mail().await;
    assert_eq!((mail.to(), mail.subject()), ("nora@example.com", "A way to sign in to Wiki was removed"));
    assert!(mail.says("codes by mail."), "{}", mail.0);
}
