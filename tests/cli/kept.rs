//! What a store has before its server starts.

use std::{net::IpAddr, sync::Arc};

use vestibule::{
    config::settings::StoreSettings,
    domain::{
        identity::{CredentialMark, PasswordHash, UserId},
        login::First,
        session::{Passed, Session},
        time::{Clock as _, days, minutes},
        token::{RecordId, Token},
    },
    runtime::{OsEntropy, SystemClock},
    store::{self, SharedStore},
};

use crate::harness::{HASH, Place};

/// Opens the store of a place that no server has open.
pub(crate) fn with_store<T>(place: &Place, work: impl AsyncFnOnce(SharedStore) -> T) -> T {
    let settings =
        StoreSettings::Sqlite { path: place.path("vestibule.db"), key: place.path("vestibule.key") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { work(store::open(&settings).expect("a store")).await })
}

/// An open session of anna; tells its id.
pub(crate) fn open_session(place: &Place) -> String {
    open_session_of(place, &Token::draw(&OsEntropy), None)
}

/// The same, with what its browser has of it.
pub(crate) fn open_session_of(place: &Place, token: &Token, passed: Option<Passed>) -> String {
    let now = SystemClock::starting_at(None).now();
    let anna = UserId::new("anna");
    let session = Session {
        first: First::Password,
        hash: token.hash(),
        id: RecordId::draw(now, &OsEntropy),
        credential: CredentialMark::of(&anna, Some(&PasswordHash::new(HASH.to_owned()))),
        person: anna,
        portal: "wiki".to_owned(),
        opened_at: now,
        last_seen: now,
        ends_at: now.after(days(1)),
        idle: minutes(60),
        passed,
        device: None,
        address: IpAddr::from([192, 0, 2, 7]),
        agent: "Firefox\u{1b}[2J".to_owned(),
        handed_from: None,
    };
    with_store(place, async |store: Arc<_>| store.open_session(&session, None).await.expect("a store"));
    session.id.to_string()
}
