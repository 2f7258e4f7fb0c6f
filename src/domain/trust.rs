//! Trusted devices and trusted addresses: both waive the second factor, and nothing else.
//!
//! Trust is granted only after a real second factor, ends absolutely after its span, and is read with `now` as an argument.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::{
    identity::{CredentialMark, UserId},
    time::Timestamp,
    token::{RecordId, TokenHash},
};

/// A browser that may skip the second factor for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceTrust {
    /// Names the record.
    pub id: RecordId,
    /// Whose trust it is; nobody else's.
    pub person: UserId,
    /// Hash of the value in the browser's cookie; changes at every use.
    pub hash: TokenHash,
    /// Hash of the value before, and when it was replaced: its reuse gives a thief away.
    pub previous: Option<(TokenHash, Timestamp)>,
    /// What the browser called itself.
    pub label: String,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// When it last waived a code.
    pub last_used: Timestamp,
    /// The password it was granted under.
    pub credential: CredentialMark,
}

impl DeviceTrust {
    /// Whether it counts at `now` for a person whose present password has this mark.
    pub fn is_live(&self, now: Timestamp, credential: &CredentialMark) -> bool {
        now < self.expires_at && self.credential == *credential
    }
}

/// How far a trusted address reaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AddressScope {
    /// Only the person who trusted it.
    User,
    /// Everybody, at the portal it was trusted on.
    Portal,
    /// Everybody, everywhere.
    Everyone,
}

impl AddressScope {
    /// The name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Portal => "portal",
            Self::Everyone => "everyone",
        }
    }
}

/// A network from which the second factor may be skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTrust {
    /// Names the record.
    pub id: RecordId,
    /// Who trusted it.
    pub person: UserId,
    /// The portal it was trusted on.
    pub portal: String,
    /// How far it reaches.
    pub scope: AddressScope,
    /// The network: an IPv4 address or an IPv6 /64.
    pub network: IpNet,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// When it last waived a code.
    pub last_used: Timestamp,
    /// The password it was granted under.
    pub credential: CredentialMark,
}

impl AddressTrust {
    /// Whether it waives the code for `person` at `portal` from `client` at `now`.
    ///
    /// With scope `user` it also ends with the granter's password; wider scopes belong to the place, not to a password.
    pub fn covers(
        &self,
        person: &UserId,
        credential: &CredentialMark,
        portal: &str,
        client: IpAddr,
        now: Timestamp,
    ) -> bool {
        let reaches = match self.scope {
            AddressScope::User => self.person == *person && self.credential == *credential,
            AddressScope::Portal => self.portal == portal,
            AddressScope::Everyone => true,
        };
        reaches && now < self.expires_at && self.network.contains(&normalise(client))
    }
}

/// The same address without the IPv4-in-IPv6 disguise (`::ffff:192.0.2.1` is `192.0.2.1`).
pub fn normalise(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What one household or office shares: the address itself for IPv4, its /64 for IPv6.
pub fn shared_network(address: IpAddr) -> IpNet {
    match normalise(address) {
        IpAddr::V4(v4) => IpNet::V4(Ipv4Net::from(v4)),
        IpAddr::V6(v6) => {
            let high = u128::from(v6) & !u128::from(u64::MAX);
            IpNet::V6(Ipv6Net::new_assert(high.into(), 64))
        }
    }
}

/// Whether an address may be trusted at all: inside `address_from`, and not one that says nothing about a place.
pub fn may_trust(address: IpAddr, address_from: &[IpNet]) -> bool {
    let address = normalise(address);
    let says_nothing = match address {
        IpAddr::V4(v4) => {
            v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() || is_carrier_grade(v4)
        }
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_multicast(),
    };
    !says_nothing && address_from.iter().any(|net| net.contains(&address))
}

/// Carrier-grade NAT (RFC 6598): thousands of strangers behind one address.
fn is_carrier_grade(v4: std::net::Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    a == 100 && (64..128).contains(&b)
}
