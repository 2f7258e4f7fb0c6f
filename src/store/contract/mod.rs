//! The contract every store keeps, as one suite run on each of them.
//!
//! A claim takes an empty store and asks nothing of it but the ports. A new store adds one line to [`suite`]'s calls.

mod accounts;
mod approvals;
mod break_glass;
mod helping;
mod identities;
mod kept_forms;
mod links;
mod logins;
mod notices;
mod pairings;
mod passkeys;
mod pins;
mod renames;
mod residents;
mod sessions;
mod trusts;
mod upkeep;

use super::{SharedStore, memory::MemoryStore, sqlite::SqliteStore};

/// A store, and whatever must outlive it.
struct Fresh {
    store: SharedStore,
    _folder: Option<tempfile::TempDir>,
}

fn memory() -> Fresh {
    Fresh { store: std::sync::Arc::new(MemoryStore::default()), _folder: None }
}

fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("state.db"), &folder.path().join("state.key")).unwrap();
    Fresh { store: std::sync::Arc::new(store), _folder: Some(folder) }
}

/// Runs every claim of a subject on every store, each on an empty one.
macro_rules! suite {
    ($($claim:ident),* $(,)?) => {
        suite!(@on memory, $($claim),*);
        suite!(@on sqlite, $($claim),*);
    };
    (@on $store:ident, $($claim:ident),*) => {
        mod $store {
            $(
                #[tokio::test]
                async fn $claim() {
                    let fresh = crate::store::contract::$store();
                    super::$claim(&fresh.store).await;
                }
            )*
        }
    };
}
use suite;

/// Asks the same of a store ten times at once; tells how many of the answers were `wanted`.
async fn ten_at_once<T: Send + 'static, F: std::future::Future<Output = T> + Send + 'static>(
    store: &SharedStore,
    ask: impl Fn(SharedStore) -> F,
    wanted: impl Fn(&T) -> bool,
) -> usize {
    let asked: Vec<_> = (0..10).map(|_| tokio::spawn(ask(store.clone()))).collect();
    let mut found = 0;
    for answer in asked {
        found += usize::from(wanted(&answer.await.unwrap()));
    }
    found
}
