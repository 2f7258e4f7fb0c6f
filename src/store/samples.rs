//! Records for the tests of this room. Everything a test does not name is the same in all of them.

use std::time::Duration;

use crate::{
    domain::{
        factor::{Method, Passkey, TotpFactor, TotpKey},
        facts::ReturnTo,
        identity::{CredentialMark, Origin, PasswordHash, Person, Requirement, RequirementSource, UserId},
        link::LinkOffer,
        login::{Ahead, First, Login, Stage},
        session::{Passed, Session},
        time::{Timestamp, days},
        token::{RecordId, TokenHash},
        trust::{AddressScope, AddressTrust, DeviceTerms, DeviceTrust},
    },
    store::Sessions,
};

/// The moment most samples begin at.
pub(super) const START: Timestamp = Timestamp::from_unix(1_795_000_000);
/// Thirty days less a second.
pub(super) const DAY_29_LAST_SECOND: Duration = Duration::from_secs(30 * 86_400 - 1);
/// What the file allows in most tests.
pub(super) const THIRTY: DeviceTerms = DeviceTerms::For(days(30));
/// The key of every sample app.
pub(super) const KEY: &[u8] = b"twenty bytes of key!";

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name)
}

pub(super) fn id(text: &str) -> RecordId {
    RecordId::from_text(text)
}

/// A hash that differs for each `number`.
pub(super) fn hash(number: u64) -> TokenHash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    TokenHash::from_bytes(bytes)
}

/// The open session with this hash, as a store lists it.
pub(super) async fn recalled(store: &(impl Sessions + ?Sized), hash: &TokenHash) -> Option<Session> {
    store.sessions(None).await.unwrap().into_iter().find(|session| session.hash == *hash)
}

pub(super) fn mark(person: &str) -> CredentialMark {
    CredentialMark::of(&user(person), None)
}

pub(super) fn other_mark(person: &str) -> CredentialMark {
    CredentialMark::of(&user(person), Some(&PasswordHash::new("another".to_owned())))
}

pub(super) fn later(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Open from [`START`] for a day, 8 hours unused at most.
pub(super) fn session(person: &str, number: u64) -> Session {
    Session {
        hash: hash(number),
        id: id(&format!("session-{number}")),
        person: user(person),
        portal: "wiki".to_owned(),
        first: First::Provider,
        opened_at: START,
        last_seen: START,
        ends_at: START.after(days(1)),
        idle: Duration::from_secs(8 * 3600),
        passed: Some(Passed { method: Method::Totp, at: START }),
        device: None,
        credential: mark(person),
        address: "192.0.2.7".parse().unwrap(),
        agent: "Firefox on Debian".to_owned(),
        handed_from: None,
    }
}

/// Trusted from [`START`] for thirty days.
pub(super) fn device(person: &str, number: u64) -> DeviceTrust {
    DeviceTrust {
        id: id(&format!("device-{number}")),
        person: user(person),
        hash: hash(number),
        previous: None,
        label: "Firefox on Debian".to_owned(),
        granted_at: START,
        expires_at: Some(START.after(days(30))),
        last_used: START,
        credential: mark(person),
    }
}

/// Trusted from [`START`] for thirty days, for the person alone.
pub(super) fn address(person: &str, number: u64, network: &str) -> AddressTrust {
    AddressTrust {
        id: id(&format!("address-{number}")),
        person: user(person),
        portal: "wiki".to_owned(),
        scope: AddressScope::User,
        network: network.parse().unwrap(),
        granted_at: START,
        expires_at: START.after(days(30)),
        last_used: START,
        credential: mark(person),
    }
}

/// Linked at [`START`], no step used yet.
pub(super) fn totp(person: &str, number: u64) -> TotpFactor {
    TotpFactor {
        id: id(&format!("totp-{number}")),
        person: user(person),
        label: "phone".to_owned(),
        key: TotpKey::new(KEY.to_vec()),
        added_at: START,
        last_used: None,
        last_step: 0,
        page: None,
    }
}

/// Registered at [`START`] for one host, never used.
pub(super) fn passkey(person: &str, number: u64) -> Passkey {
    Passkey {
        id: id(&format!("passkey-{number}")),
        person: user(person),
        host: "wiki.example.com".to_owned(),
        label: "laptop".to_owned(),
        credential_id: number.to_be_bytes().to_vec(),
        handle: [7; 16],
        credential: "counter 0".to_owned(),
        added_at: START,
        last_used: None,
    }
}

/// Waits for a code for fifteen minutes from [`START`].
pub(super) fn login(person: &str, number: u64) -> Login {
    Login {
        hash: hash(number),
        person: user(person),
        portal: "wiki".to_owned(),
        return_to: ReturnTo::read("/reports?month=2026-11"),
        first: First::Link,
        first_factor_at: START,
        ends_at: later(15 * 60),
        stage: Stage::Code,
        wrong_codes: 2,
        ahead: Some(Ahead { minutes: 4, step: 60_000_000 }),
        sent: None,
        credential: mark(person),
        address: "2001:db8::7".parse().unwrap(),
        agent: "Firefox on Debian".to_owned(),
        replaces: Some(hash(number + 1000)),
    }
}

/// Asked for at [`START`] by one browser, for fifteen minutes.
pub(super) fn link_offer(person: &str, number: u64) -> LinkOffer {
    LinkOffer {
        browser: hash(number),
        link: Some(hash(number + 1000)),
        code: hash(number + 2000),
        person: user(person),
        email: format!("{person}@example.com"),
        typed: person.to_owned(),
        portal: "wiki".to_owned(),
        return_to: ReturnTo::read("/reports?month=2026-11"),
        credential: mark(person),
        asked_at: START,
        ends_at: later(15 * 60),
        wrong_codes: 0,
        address: "2001:db8::7".parse().unwrap(),
        agent: "Firefox on Debian".to_owned(),
    }
}

/// Somebody in the directory, under [`mark`].
pub(super) fn person(name: &str) -> Person {
    Person {
        id: user(name),
        name: name.to_owned(),
        display_name: name.to_owned(),
        email: None,
        phone: None,
        groups: Vec::new(),
        password: None,
        requirement: Requirement::Required,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
        closed_group: None,
        origin: Origin::File,
        credential: mark(name),
    }
}
