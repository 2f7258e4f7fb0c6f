//! Trusted addresses as requests see them: immutable snapshots, swapped whole, read without a lock.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use ipnet::IpNet;

use crate::domain::{
    token::RecordId,
    trust::{AddressTerms, AddressTrust, Spared, shared_network},
};

/// What one network's visitors are spared.
type Network = HashMap<IpNet, Vec<Arc<AddressTrust>>>;

/// Snapshots to spread the networks over: a change copies one of them, not all.
const SHELVES: usize = 64;

/// Every live address trust.
#[derive(Debug)]
pub(super) struct AddressBook {
    shelves: Vec<ArcSwap<Network>>,
    hasher: RandomState,
    /// Held while a shelf is copied and swapped, so that no change is lost. Readers never take it.
    writing: Mutex<()>,
}

impl AddressBook {
    pub(super) fn new(trusts: Vec<AddressTrust>) -> Self {
        let hasher = RandomState::new();
        let mut shelves: Vec<Network> = std::iter::repeat_with(Network::new).take(SHELVES).collect();
        for trust in trusts {
            let network = shared_network(trust.network.addr());
            shelves[shelf_of(&hasher, &network)].entry(network).or_default().push(Arc::new(trust));
        }
        Self {
            shelves: shelves.into_iter().map(ArcSwap::from_pointee).collect(),
            hasher,
            writing: Mutex::default(),
        }
    }

    /// The trust that waives the code, if there is one.
    pub(super) fn covering(&self, asked: &Spared<'_>, terms: &AddressTerms) -> Option<RecordId> {
        let network = shared_network(asked.client);
        let shelf = self.shelves[shelf_of(&self.hasher, &network)].load();
        shelf.get(&network)?.iter().find(|trust| trust.covers(asked, terms)).map(|trust| trust.id.clone())
    }

    /// Adds a trust; one for the same person, portal and network is replaced, as in the store.
    pub(super) fn add(&self, trust: AddressTrust) {
        let network = shared_network(trust.network.addr());
        let shelf = &self.shelves[shelf_of(&self.hasher, &network)];
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Network::clone(&shelf.load());
        let here = changed.entry(network).or_default();
        here.retain(|old| {
            !(old.person == trust.person && old.portal == trust.portal && old.network == trust.network)
        });
        here.push(Arc::new(trust));
        shelf.store(Arc::new(changed));
    }

    /// Removes every trust that `is_over` names; tells how many.
    pub(super) fn remove(&self, is_over: impl Fn(&AddressTrust) -> bool) -> usize {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut removed = 0;
        for shelf in &self.shelves {
            let present = shelf.load();
            let over = present.values().flatten().filter(|trust| is_over(trust)).count();
            if over == 0 {
                continue;
            }
            removed += over;
            let mut changed = Network::clone(&present);
            changed.retain(|_, trusts| {
                trusts.retain(|trust| !is_over(trust));
                !trusts.is_empty()
            });
            shelf.store(Arc::new(changed));
        }
        removed
    }

    /// The trusts that `is_wanted` names.
    pub(super) fn select(&self, is_wanted: impl Fn(&AddressTrust) -> bool) -> Vec<Arc<AddressTrust>> {
        self.shelves
            .iter()
            .flat_map(|shelf| {
                let shelf = shelf.load();
                shelf.values().flatten().filter(|trust| is_wanted(trust)).cloned().collect::<Vec<_>>()
            })
            .collect()
    }
}

fn shelf_of(hasher: &RandomState, network: &IpNet) -> usize {
    // The remainder is below SHELVES, so it fits whatever a usize is.
    usize::try_from(hasher.hash_one(network) % SHELVES as u64).unwrap_or(0)
}
