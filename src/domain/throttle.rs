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
        Familiarity::Device(id) => vec![bucket(format!("password/{account}/device/{id}"), 10, minutes(15))],
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
