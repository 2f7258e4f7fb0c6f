//! Who is here, by address: one household, office or attacker must not take the places of all others. Connections are
//! counted for the whole process; requests under way by each thread for itself, without a lock.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::IpAddr,
    rc::{Rc, Weak},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use ipnet::IpNet;

use super::limits;
use crate::domain::trust::shared_network;

/// Whether a connection may ask anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Admission {
    Welcome,
    /// There are as many connections as can be carried, or as one address may have; this one is told so.
    Refused,
    /// Far above that there is no time for telling.
    Ignored,
}

/// Whose connection it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Peer {
    Visitor,
    /// A trusted proxy stands for many visitors.
    Proxy,
}

impl Peer {
    pub(super) fn of(address: IpAddr, trusted_proxies: &[IpNet]) -> Self {
        let address = address.to_canonical();
        if trusted_proxies.iter().any(|net| net.contains(&address)) { Self::Proxy } else { Self::Visitor }
    }
}

/// The connections of one kind that are open now, of all threads.
pub(super) struct Crowd {
    most: usize,
    most_each: usize,
    open: AtomicUsize,
    each: Mutex<HashMap<IpNet, usize>>,
}

/// One of the connections counted. Dropped, it makes room.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    network: Option<IpNet>,
}

impl Crowd {
    /// Room for so many connections.
    pub(super) fn of(most: usize) -> Arc<Self> {
        let most_each = limits::share_of_one_address(most);
        Arc::new(Self { most, most_each, open: AtomicUsize::new(0), each: Mutex::default() })
    }

    /// Counts one more connection.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, peer: Peer) -> (Place, Admission) {
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        let network = (peer == Peer::Visitor).then(|| shared_network(address));
        let mut admission = admission(open, self.most);
        if let Some(network) = network {
            let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
            let here = each.entry(network).or_default();
            admission = admission.max(self::admission(*here, self.most_each));
            *here += 1;
        }
        (Place { crowd: self.clone(), network }, admission)
    }
}

fn admission(open: usize, most: usize) -> Admission {
    match open {
        n if n < most => Admission::Welcome,
        n if n < most + most / 16 + 1 => Admission::Refused,
        _ => Admission::Ignored,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.open.fetch_sub(1, Ordering::Relaxed);
        let Some(network) = self.network else { return };
        let mut each = self.crowd.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = each.get_mut(&network) {
            *here -= 1;
            if *here == 0 {
                each.remove(&network);
            }
        }
    }
}

/// The addresses that have a connection on this thread.
#[derive(Default)]
pub(super) struct Guests(Rc<RefCell<HashMap<IpNet, Weak<Guest>>>>);

/// What the connections of one address have under way on this thread.
pub(super) struct Guest {
    /// `None` for a trusted proxy, which may ask as much as all visitors together.
    network: Option<IpNet>,
    under_way: Cell<usize>,
    uploads: Cell<usize>,
    all: Weak<RefCell<HashMap<IpNet, Weak<Guest>>>>,
}

impl Guests {
    /// The guest a connection belongs to.
    pub(super) fn welcome(&self, address: IpAddr, peer: Peer) -> Rc<Guest> {
        let network = (peer == Peer::Visitor).then(|| shared_network(address));
        let mut all = self.0.borrow_mut();
        if let Some(guest) = network.and_then(|network| all.get(&network)?.upgrade()) {
            return guest;
        }
        let (under_way, uploads) = (Cell::new(0), Cell::new(0));
        let guest = Rc::new(Guest { network, under_way, uploads, all: Rc::downgrade(&self.0) });
        if let Some(network) = network {
            all.insert(network, Rc::downgrade(&guest));
        }
        guest
    }
}

impl Guest {
    /// One more request; `None` if there are too many of its kind already.
    pub(super) fn ask(self: &Rc<Self>, has_body: bool) -> Option<Asking> {
        let is_full = self.under_way.get() >= limits::UNDER_WAY_EACH
            || has_body && self.uploads.get() >= limits::UPLOADS_EACH;
        if is_full && self.network.is_some() {
            return None;
        }
        self.under_way.set(self.under_way.get() + 1);
        self.uploads.set(self.uploads.get() + usize::from(has_body));
        Some(Asking { guest: self.clone(), is_upload: has_body })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let (Some(network), Some(all)) = (self.network, self.all.upgrade()) {
            all.borrow_mut().remove(&network);
        }
    }
}

/// A request under way, until the last of its answer was handed out.
pub(super) struct Asking {
    guest: Rc<Guest>,
    is_upload: bool,
}

impl Asking {
    /// The answer begins: nobody waits for the visitor's body any more.
    pub(super) fn answered(&mut self) {
        if std::mem::take(&mut self.is_upload) {
            self.guest.uploads.set(self.guest.uploads.get() - 1);
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.answered();
        self.guest.under_way.set(self.guest.under_way.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let crowd = Crowd::of(1600);
        let each = limits::share_of_one_address(1600);
        let mut places: Vec<_> = (0..each).map(|_| crowd.enter(at("192.0.2.1"), Peer::Visitor)).collect();
        assert!(places.iter().all(|(_, admission)| *admission == Admission::Welcome));
        // The same address in its IPv6 disguise.
        places.push(crowd.enter(at("::ffff:192.0.2.1"), Peer::Visitor));
        assert_eq!(places.last().unwrap().1, Admission::Refused);
        for _ in 0..each {
            places.push(crowd.enter(at("192.0.2.1"), Peer::Visitor));
        }
        assert_eq!(places.last().unwrap().1, Admission::Ignored);
        assert_eq!(crowd.enter(at("192.0.2.2"), Peer::Visitor).1, Admission::Welcome);
        assert_eq!(crowd.enter(at("192.0.2.1"), Peer::Proxy).1, Admission::Welcome);
        drop(places);
        assert_eq!(crowd.enter(at("192.0.2.1"), Peer::Visitor).1, Admission::Welcome);
        assert!(crowd.each.lock().unwrap().is_empty());
        assert_eq!(crowd.open.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let crowd = Crowd::of(1600);
        let each = limits::share_of_one_address(1600);
        let places: Vec<_> =
            (0..each).map(|n| crowd.enter(at(&format!("2001:db8:0:1::{n:x}")), Peer::Visitor)).collect();
        assert_eq!(crowd.enter(at("2001:db8:0:1:ffff::1"), Peer::Visitor).1, Admission::Refused);
        assert_eq!(crowd.enter(at("2001:db8:0:2::1"), Peer::Visitor).1, Admission::Welcome);
        drop(places);
    }

    #[test]
    fn all_together_cannot_be_more_than_there_is_room_for() {
        let crowd = Crowd::of(1600);
        let _places: Vec<_> = (0..1600).map(|_| crowd.enter(at("192.0.2.9"), Peer::Proxy)).collect();
        assert_eq!(crowd.enter(at("192.0.2.1"), Peer::Visitor).1, Admission::Refused);
    }

    #[test]
    fn the_requests_of_one_address_count_together_and_its_uploads_apart() {
        let guests = Guests::default();
        let one = guests.welcome(at("192.0.2.1"), Peer::Visitor);
        let same = guests.welcome(at("192.0.2.1"), Peer::Visitor);
        let mut uploads: Vec<_> = (0..limits::UPLOADS_EACH).map(|_| one.ask(true).unwrap()).collect();
        assert!(same.ask(true).is_none());
        assert!(same.ask(false).is_some());
        uploads[0].answered();
        assert!(same.ask(true).is_some());
        let rest: Vec<_> =
            (uploads.len()..limits::UNDER_WAY_EACH).map(|_| same.ask(false).unwrap()).collect();
        assert!(one.ask(false).is_none());
        assert!(guests.welcome(at("192.0.2.2"), Peer::Visitor).ask(true).is_some());
        drop((uploads, rest));
        assert!(one.ask(true).is_some());
        let proxy = guests.welcome(at("192.0.2.1"), Peer::Proxy);
        let many: Vec<_> = (0..=limits::UNDER_WAY_EACH).map(|_| proxy.ask(true)).collect();
        assert!(many.iter().all(Option::is_some));
        drop((one, same));
        assert!(guests.0.borrow().is_empty());
    }
}
