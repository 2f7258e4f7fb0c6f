//! What requests see: live, closed, over; trusted, revoked, stolen.

mod accounts;
mod addresses;
mod devices;
mod outages;
mod residents;
mod sessions;
mod upkeep;

use std::sync::Arc;

use super::{CoreSessions, DeviceUse, HotStore, LiveSession};
use crate::{
    domain::{
        identity::CredentialMark,
        time::{Timestamp, days},
        token::{Entropy, RecordId, Token},
        trust::{AddressScope, AddressTerms, Spared},
    },
    store::{SharedStore, memory::MemoryStore, samples::*},
};

async fn hot() -> HotStore {
    reopened(&memory()).await
}

fn memory() -> SharedStore {
    Arc::new(MemoryStore::default())
}

/// As after a restart.
async fn reopened(store: &SharedStore) -> HotStore {
    HotStore::load(Arc::clone(store), START).await.unwrap()
}

fn recall(hot: &HotStore, number: u64) -> Option<Arc<LiveSession>> {
    hot.recall(&CoreSessions::new(), &hash(number), "wiki", START)
}

fn covering(hot: &HotStore, person: &str, now: Timestamp) -> Option<RecordId> {
    covers(hot, person, mark(person), "wiki", "192.0.2.7", now)
}

fn covers(
    hot: &HotStore,
    person: &str,
    mark: CredentialMark,
    portal: &str,
    client: &str,
    now: Timestamp,
) -> Option<RecordId> {
    let (person, client) = (user(person), client.parse().unwrap());
    let asked = Spared { person: &person, credential: &mark, portal, client, now };
    hot.covering_address(&asked, &AddressTerms { span: days(30), scope: AddressScope::Everyone })
}

/// Entropy that repeats one byte.
struct Byte(u8);

impl Entropy for Byte {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn token(byte: u8) -> Token {
    Token::draw(&Byte(byte))
}

/// Ann signs in with `present`, and would receive `next`.
async fn use_device(hot: &HotStore, present: u8, next: u8, now: Timestamp) -> DeviceUse {
    hot.use_device(&user("ann"), &mark("ann"), &[token(99), token(present)], token(next), THIRTY, now)
        .await
        .unwrap()
}
