//! What notices rest on: what a sign-in is known by, and the link with which the reader of a letter says "not me".
//!
//! A sign-in leaves marks: of the browser, of the network, of the kind of browser and of the portal. They are hashes mixed
//! with the person, kept for half a year, and tell whether a device or a place was seen before. They open nothing.

use std::{fmt, net::IpAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{
    identity::UserId,
    time::{Timestamp, days},
    token::{Token, TokenHash, sha256},
    trust::normalise,
};

/// For how many days a "not me" link works: a week's absence, so that who reads the letter late can still press it.
pub const NOT_ME_DAYS: u64 = 7;
/// For how many days after a sign-in its device and its network count as seen.
pub const SEEN_DAYS: u64 = 180;
/// Marks kept of one person; beyond it the ones used longest ago are forgotten.
pub const MOST_MARKS: usize = 64;

/// A link in a letter, with which its reader ends every session and every trust of the person. It lets nobody in.
#[derive(Clone, PartialEq, Eq)]
pub struct NotMe {
    /// Hash of what the link carries.
    pub link: TokenHash,
    /// Whose sessions and trusts it ends.
    pub person: UserId,
    /// At which portal it is opened.
    pub portal: String,
    /// When it is over.
    pub ends_at: Timestamp,
}

impl NotMe {
    /// For a letter to `person`; the link carries `link`.
    pub fn new(person: &UserId, portal: &str, link: &Token, now: Timestamp) -> Self {
        let ends_at = now.after(days(NOT_ME_DAYS));
        Self { link: link.hash(), person: person.clone(), portal: portal.to_owned(), ends_at }
    }

    /// Whether it is one of `portal` and not over at `now`.
    pub fn is_open(&self, portal: &str, now: Timestamp) -> bool {
        self.portal == portal && now < self.ends_at
    }
}

impl fmt::Debug for NotMe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotMe({} at {})", self.person, self.portal)
    }
}

/// The marks of one sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sighting {
    device: TokenHash,
    network: TokenHash,
    agent: TokenHash,
    portal: TokenHash,
}

/// What is new about a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Novelty {
    /// Nothing.
    Nothing,
    /// The network.
    Address,
    /// The device, whatever the network.
    Device,
    /// All of it: the person was never seen.
    Person,
}

impl Sighting {
    /// A sign-in of `person` in the browser that carries `device`.
    pub fn of(person: &UserId, device: &Token, client: IpAddr, agent: &str, portal: &str) -> Self {
        let mark = |label: &[u8], text: &str| {
            TokenHash::from_bytes(sha256(&[label, person.as_str().as_bytes(), b"\0", text.as_bytes()]))
        };
        Self {
            device: device.mixed_with(b"vestibule seen device\0", person.as_str().as_bytes()),
            network: mark(b"vestibule seen network\0", &neighbourhood(client).to_string()),
            agent: mark(b"vestibule seen agent\0", agent),
            portal: mark(b"vestibule seen portal\0", portal),
        }
    }

    /// All of them, for the store.
    pub const fn marks(&self) -> [TokenHash; 4] {
        [self.device, self.network, self.agent, self.portal]
    }

    /// What is new, where these marks are `known`.
    ///
    /// A browser shows its mark at the one host that set it. At a portal where the person never was it has none, so there
    /// the same kind of browser in a network that is known passes for the same device.
    pub fn judge(&self, known: &[TokenHash]) -> Novelty {
        let has = |mark: &TokenHash| known.contains(mark);
        let passes = !has(&self.portal) && has(&self.agent) && has(&self.network);
        if known.is_empty() {
            Novelty::Person
        } else if !has(&self.device) && !passes {
            Novelty::Device
        } else if !has(&self.network) {
            Novelty::Address
        } else {
            Novelty::Nothing
        }
    }
}

/// What counts as one place: lines of one provider change within it. A /24, or a /64.
fn neighbourhood(client: IpAddr) -> IpNet {
    match normalise(client) {
        IpAddr::V4(v4) => IpNet::V4(Ipv4Net::new_assert(v4, 24).trunc()),
        IpAddr::V6(v6) => IpNet::V6(Ipv6Net::new_assert(v6, 64).trunc()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::token::Entropy;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn token(byte: u8) -> Token {
        Token::draw(&Fixed(byte))
    }

    /// Anna at the wiki in Firefox, in a browser and from an address.
    fn sighting(device: u8, client: &str) -> Sighting {
        Sighting::of(&UserId::new("anna"), &token(device), client.parse().unwrap(), "Firefox", "wiki")
    }

    #[test]
    fn a_link_works_for_seven_days_at_its_own_portal() {
        let now = Timestamp::from_unix(1_000_000);
        let not_me = NotMe::new(&UserId::new("anna"), "wiki", &token(1), now);
        let last = now.after(Duration::from_secs(7 * 86_400 - 1));
        assert!(not_me.is_open("wiki", now) && not_me.is_open("wiki", last));
        assert!(!not_me.is_open("wiki", now.after(days(7))) && !not_me.is_open("planning", now));
        assert_eq!(format!("{not_me:?}"), "NotMe(anna at wiki)");
    }

    #[test]
    fn what_is_new_is_told_once_and_the_device_before_the_place() {
        let seen = sighting(1, "192.0.2.7").marks();
        for (device, client, novelty) in [
            (1, "192.0.2.7", Novelty::Nothing),
            (1, "192.0.2.255", Novelty::Nothing),
            (1, "::ffff:192.0.2.7", Novelty::Nothing),
            (1, "192.0.3.0", Novelty::Address),
            (2, "192.0.2.7", Novelty::Device),
            (2, "198.51.100.7", Novelty::Device),
        ] {
            assert_eq!(sighting(device, client).judge(&seen), novelty, "{device} {client}");
        }
        assert_eq!(sighting(1, "192.0.2.7").judge(&[]), Novelty::Person);
    }

    #[test]
    fn ipv6_is_known_by_its_64() {
        let seen = sighting(1, "2001:db8:1:2::1").marks();
        assert_eq!(sighting(1, "2001:db8:1:2:ffff::1").judge(&seen), Novelty::Nothing);
        assert_eq!(sighting(1, "2001:db8:1:3::1").judge(&seen), Novelty::Address);
    }

    #[test]
    fn at_a_new_portal_the_same_kind_of_browser_in_a_known_network_is_no_new_device() {
        let seen = sighting(1, "192.0.2.7").marks();
        let judge = |client: &str, agent, portal| {
            let sighting =
                Sighting::of(&UserId::new("anna"), &token(2), client.parse().unwrap(), agent, portal);
            sighting.judge(&seen)
        };
        assert_eq!(judge("192.0.2.9", "Firefox", "planning"), Novelty::Nothing);
        assert_eq!(judge("192.0.2.9", "Chrome", "planning"), Novelty::Device);
        assert_eq!(judge("198.51.100.7", "Firefox", "planning"), Novelty::Device);
        assert_eq!(
            judge("192.0.2.9", "Firefox", "wiki"),
            Novelty::Device,
            "there it would have shown its mark"
        );
    }

    #[test]
    fn no_mark_is_shared_by_two_people() {
        let anna = sighting(1, "192.0.2.7").marks();
        let bob =
            Sighting::of(&UserId::new("bob"), &token(1), IpAddr::from([192, 0, 2, 7]), "Firefox", "wiki");
        assert!(bob.marks().iter().all(|mark| !anna.contains(mark)));
    }
}
