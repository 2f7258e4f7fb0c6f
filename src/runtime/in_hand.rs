//! Forms that are being read to be kept: how much memory they take together, on all threads.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;

use crate::domain::{
    kept_form::{Room, Whose},
    trust::neighbourhood,
};

/// What a form takes at least: rows of nothing are rows, too.
const LEAST: u64 = 1024;

/// What is in hand, of strangers and of those who are or were signed in.
#[derive(Debug, Default)]
pub struct InHand(Mutex<Sums>);

#[derive(Debug, Default)]
struct Sums {
    somebodys: Sum,
    nobodys: Sum,
}

#[derive(Debug, Default)]
struct Sum {
    all: u64,
    networks: HashMap<IpNet, u64>,
}

/// Room taken for one form, until it is dropped.
#[derive(Debug)]
pub struct Held {
    in_hand: Arc<InHand>,
    whose: Whose,
    network: IpNet,
    bytes: u64,
}

impl InHand {
    /// Takes room for a form of at most `bytes`, where none is larger than `largest`.
    pub fn take(self: &Arc<Self>, whose: Whose, client: IpAddr, bytes: u64, largest: u64) -> Option<Held> {
        let network = neighbourhood(client);
        let bytes = bytes.max(LEAST);
        let mut sums = self.sums();
        let here = sums.of(whose).networks.get(&network).copied().unwrap_or(0);
        let all = match whose {
            Whose::Somebodys => sums.somebodys.all.saturating_add(sums.nobodys.all),
            Whose::Nobodys => sums.nobodys.all,
        };
        if !Room::in_hand_of(largest, whose).takes(bytes, Room { all, network: here }) {
            return None;
        }
        let sum = sums.of(whose);
        sum.all += bytes;
        sum.networks.insert(network, here + bytes);
        Some(Held { in_hand: Arc::clone(self), whose, network, bytes })
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sums {
    fn of(&mut self, whose: Whose) -> &mut Sum {
        match whose {
            Whose::Somebodys => &mut self.somebodys,
            Whose::Nobodys => &mut self.nobodys,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut sums = self.in_hand.sums();
        let sum = sums.of(self.whose);
        sum.all = sum.all.saturating_sub(self.bytes);
        if let Some(here) = sum.networks.get_mut(&self.network) {
            *here = here.saturating_sub(self.bytes);
            if *here == 0 {
                sum.networks.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn what_a_network_and_all_strangers_may_send_at_a_time_is_bounded_and_given_back() {
        let in_hand = Arc::<InHand>::default();
        let take = |n: u8, bytes, whose| in_hand.take(whose, IpAddr::from([192, 0, n, 7]), bytes, MIB);
        let stranger = |n, bytes| take(n, bytes, Whose::Nobodys);
        let first = [stranger(1, MIB).unwrap(), stranger(1, MIB).unwrap()];
        assert!(stranger(1, 1).is_none());
        let neighbour = IpAddr::from([192, 0, 1, 255]);
        assert!(in_hand.take(Whose::Nobodys, neighbour, 1, MIB).is_none(), "a /24 is one network");
        let others: Vec<_> =
            (2..9).flat_map(|n| [stranger(n, MIB).unwrap(), stranger(n, MIB).unwrap()]).collect();
        assert!(stranger(9, 1).is_none(), "sixteen are all of strangers'");
        // Those who were signed in have the other half, in a full network, too.
        let owned: Vec<_> = (1..5)
            .flat_map(|n| (0..4).map(move |_| n))
            .map(|n| take(n, MIB, Whose::Somebodys).unwrap())
            .collect();
        assert!(take(9, 1, Whose::Somebodys).is_none(), "thirty-two are all");
        drop(first);
        let again = stranger(9, 2 * MIB).unwrap();
        assert!(stranger(9, 1).is_none());
        drop((others, owned, again));
        let sums = in_hand.sums();
        assert!(sums.nobodys.networks.is_empty() && sums.somebodys.networks.is_empty());
        assert_eq!((sums.nobodys.all, sums.somebodys.all), (0, 0));
    }

    #[test]
    fn ipv6_is_one_network_by_its_48() {
        let in_hand = Arc::<InHand>::default();
        let take = |client: &str| in_hand.take(Whose::Nobodys, client.parse().unwrap(), MIB, MIB);
        let held = [take("2001:db8:1:1::1").unwrap(), take("2001:db8:1:2::1").unwrap()];
        assert!(take("2001:db8:1:3::1").is_none());
        assert!(take("2001:db8:2::1").is_some());
        drop(held);
    }
}
