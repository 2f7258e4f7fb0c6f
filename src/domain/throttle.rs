//! How much guessing is allowed. Buckets are reserved before a secret is checked and given back when it was right.
//!
//! A lock hits unknown browsers only: a trusted device or address counts in buckets of its own, so that a stranger who
//! guesses cannot lock anybody out of a device they already trust.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;

use super::{
    identity::UserId,
    time::{Timestamp, days, minutes},
    token::RecordId,
    trust::{normalise, shared_network},
};

/// A counter with a limit per window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// What is counted, as one string the stores share.
    pub key: String,
    /// Failures allowed per window.
    pub limit: u32,
    /// The window; it starts with the first failure.
    pub window: Duration,
}

/// What asking for a try said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TryVerdict {
    /// Go on; the try is already counted.
    Go,
    /// Full. Nothing was counted.
    Wait {
        /// When the next try is possible.
        until: Timestamp,
    },
}

/// How the visitor is known before the password is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Familiarity {
    /// An unknown browser at an unknown address.
    Unknown,
    /// A browser with a live device trust of the very person who is named.
    Device(RecordId),
    /// An address the named person trusts.
    Address(RecordId),
}

/// The buckets a password try counts in. `account` is the person's id, or the folded text where nobody has that name.
pub fn password_buckets(account: &UserId, client: IpAddr, familiarity: &Familiarity) -> Vec<Bucket> {
    let network = shared_network(client);
    let own = match familiarity {
        // Only this: whoever else guesses in the same network must not close it to a trusted device.
        Familiarity::Device(id) => {
            return vec![bucket(format!("password/{account}/device/{id}"), 10, minutes(15))];
        }
        Familiarity::Address(id) => vec![bucket(format!("password/{account}/address/{id}"), 10, minutes(15))],
        Familiarity::Unknown => vec![
            bucket(format!("password/{account}/from/{network}"), 10, minutes(15)),
            bucket(format!("password/{account}/unknown"), 50, minutes(15)),
        ],
    };
    own.into_iter().chain(network_buckets("password", client, network)).collect()
}

/// The buckets a code try counts in, besides the five per sign-in.
///
/// Reaching them needs the password, so they may be strict: 10 in 15 minutes and 30 a day, whatever the address.
pub fn code_buckets(account: &UserId) -> Vec<Bucket> {
    vec![
        bucket(format!("code/{account}"), 10, minutes(15)),
        bucket(format!("code/{account}/day"), 30, days(1)),
    ]
}

/// An office of forty shares one address, so a network's limits are wide; IPv6 also counts per /48 at eight times the limit.
fn network_buckets(kind: &str, client: IpAddr, network: IpNet) -> Vec<Bucket> {
    const PER_NETWORK: u32 = 100;
    let mut buckets = vec![bucket(format!("{kind}/from/{network}"), PER_NETWORK, minutes(15))];
    if let IpAddr::V6(v6) = normalise(client) {
        let site = u128::from(v6) >> 80 << 80;
        buckets.push(bucket(
            format!("{kind}/from/{}/48", std::net::Ipv6Addr::from(site)),
            PER_NETWORK * 8,
            minutes(15),
        ));
    }
    buckets
}

fn bucket(key: String, limit: u32, window: Duration) -> Bucket {
    Bucket { key, limit, window }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(client: &str, familiarity: &Familiarity) -> Vec<Bucket> {
        password_buckets(&UserId::new("Anna"), client.parse().unwrap(), familiarity)
    }

    /// The limits whose counters two clients share.
    fn shared(one: &str, other: &str) -> Vec<u32> {
        let others = buckets(other, &Familiarity::Unknown);
        let of_one = buckets(one, &Familiarity::Unknown).into_iter();
        of_one.filter(|bucket| others.contains(bucket)).map(|bucket| bucket.limit).collect()
    }

    #[test]
    fn ipv4_counts_each_address_alone_in_whatever_notation() {
        assert_eq!(shared("192.0.2.7", "192.0.2.7"), [10, 50, 100]);
        assert_eq!(shared("192.0.2.7", "::ffff:192.0.2.7"), [10, 50, 100]);
        // Only the account's own counter is common to neighbours.
        assert_eq!(shared("192.0.2.7", "192.0.2.6"), [50]);
        assert_eq!(shared("192.0.2.7", "192.0.2.8"), [50]);
    }

    #[test]
    fn ipv6_counts_a_64_as_one_network_from_its_first_address_to_its_last() {
        let all = [10, 50, 100, 800];
        assert_eq!(shared("2001:db8:1:2::", "2001:db8:1:2:ffff:ffff:ffff:ffff"), all);
        assert_eq!(shared("2001:db8:1:2::", "2001:db8:1:1:ffff:ffff:ffff:ffff"), [50, 800]);
        assert_eq!(shared("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::"), [50, 800]);
    }

    #[test]
    fn ipv6_counts_a_48_as_one_site_from_its_first_network_to_its_last() {
        assert_eq!(shared("2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"), [50, 800]);
        assert_eq!(shared("2001:db8:1::", "2001:db8:0:ffff:ffff:ffff:ffff:ffff"), [50]);
        assert_eq!(shared("2001:db8:1:ffff:ffff:ffff:ffff:ffff", "2001:db8:2::"), [50]);
    }

    #[test]
    fn a_trusted_device_has_a_counter_of_its_own_and_an_address_also_the_networks() {
        let unknown = buckets("192.0.2.7", &Familiarity::Unknown);
        let id = RecordId::from_text("t1");
        let device = buckets("192.0.2.7", &Familiarity::Device(id.clone()));
        assert_eq!(device.iter().map(|bucket| bucket.limit).collect::<Vec<_>>(), [10]);
        assert!(!unknown.contains(&device[0]));
        let address = buckets("192.0.2.7", &Familiarity::Address(id));
        assert_eq!(address.iter().map(|bucket| bucket.limit).collect::<Vec<_>>(), [10, 100]);
        assert!(!unknown.contains(&address[0]) && unknown.contains(&address[1]) && device[0] != address[0]);
    }

    #[test]
    fn codes_count_per_person_wherever_they_come_from() {
        let counted: Vec<_> =
            code_buckets(&UserId::new("Anna")).into_iter().map(|b| (b.key, b.limit, b.window)).collect();
        let expected = [("code/anna".to_owned(), 10, minutes(15)), ("code/anna/day".to_owned(), 30, days(1))];
        assert_eq!(counted, expected);
        assert!(buckets("192.0.2.7", &Familiarity::Unknown).iter().all(|b| b.window == minutes(15)));
    }

    #[test]
    fn no_two_people_and_no_two_kinds_share_a_counter() {
        let client = IpAddr::from([192, 0, 2, 7]);
        let anna = password_buckets(&UserId::new("anna"), client, &Familiarity::Unknown);
        let bob = password_buckets(&UserId::new("bob"), client, &Familiarity::Unknown);
        let common: Vec<_> = anna.iter().filter(|bucket| bob.contains(bucket)).map(|b| b.limit).collect();
        assert_eq!(common, [100], "only the network's");
        let codes = code_buckets(&UserId::new("anna"));
        assert!(codes.iter().all(|code| anna.iter().all(|bucket| bucket.key != code.key)));
    }
}
