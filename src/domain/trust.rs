//! Trusted devices and trusted addresses: both waive the second factor, and nothing else.
//!
//! Trust is granted only after a real second factor, ends absolutely after its span, and is read with `now` as an argument.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::{
    identity::{CredentialMark, Person, UserId},
    time::{Timestamp, days},
    token::{RecordId, TokenHash},
};

/// What the file allows a remembered device now, whatever it allowed when one was remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceTerms {
    /// For so long after it was granted.
    For(Duration),
    /// For as long as the password it was granted under is the person's.
    UntilPasswordChange,
}

impl DeviceTerms {
    /// The terms for `person`. Who has no password of ours can never change it: for them trust ends after thirty days.
    #[must_use]
    pub fn for_person(self, person: &Person) -> Self {
        match self {
            Self::UntilPasswordChange if person.password.is_none() => Self::For(days(30)),
            terms => terms,
        }
    }

    /// When a trust granted at this moment ends, if the calendar ends it.
    pub fn end(self, granted_at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::For(span) => Some(granted_at.after(span)),
            Self::UntilPasswordChange => None,
        }
    }

    /// Whether a trust granted at this moment still counts at `now`, as far as the calendar goes.
    pub fn allow(self, granted_at: Timestamp, now: Timestamp) -> bool {
        self.end(granted_at).is_none_or(|end| now < end)
    }
}

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
    /// When it ends, whatever happens; `None`: with the password.
    pub expires_at: Option<Timestamp>,
    /// When it last waived a code.
    pub last_used: Timestamp,
    /// The password it was granted under.
    pub credential: CredentialMark,
}

impl DeviceTrust {
    /// Whether the calendar has ended it at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// Whether it counts at `now` for a person whose present password has this mark, as far as it was granted: the file may
    /// allow less by now, which [`DeviceTrust::is_within`] asks.
    pub fn is_live(&self, now: Timestamp, credential: &CredentialMark) -> bool {
        !self.is_over(now) && self.credential == *credential
    }

    /// Whether a file with these terms still allows it at `now`.
    pub fn is_within(&self, terms: DeviceTerms, now: Timestamp) -> bool {
        terms.allow(self.granted_at, now)
    }
}

/// How far a trusted address reaches.
// The order of the variants is that of their reach: the narrower of two is the lesser.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
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

/// What the file allows a trusted address now, whatever it allowed when one was trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressTerms {
    /// How long after it was granted.
    pub span: Duration,
    /// How far.
    pub scope: AddressScope,
}

/// Who asks to be spared a code, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Spared<'a> {
    /// Who.
    pub person: &'a UserId,
    /// The person's present password.
    pub credential: &'a CredentialMark,
    /// At which portal.
    pub portal: &'a str,
    /// From where.
    pub client: IpAddr,
    /// When.
    pub now: Timestamp,
}

impl AddressTrust {
    /// Whether it waives the code. What the file allows now narrows what was granted, and never widens it.
    ///
    /// With scope `user` it also ends with the granter's password; wider scopes belong to the place, not to a password.
    pub fn covers(&self, asked: &Spared<'_>, terms: &AddressTerms) -> bool {
        let reaches = match self.scope.min(terms.scope) {
            AddressScope::User => self.person == *asked.person && self.credential == *asked.credential,
            AddressScope::Portal => self.portal == asked.portal,
            AddressScope::Everyone => true,
        };
        let ends = self.expires_at.min(self.granted_at.after(terms.span));
        reaches && asked.now < ends && self.network.contains(&normalise(asked.client))
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

/// What one customer of a provider may have to choose from: the /24 for IPv4, the /48 for IPv6. Strangers' memory is counted so.
pub fn neighbourhood(address: IpAddr) -> IpNet {
    match normalise(address) {
        IpAddr::V4(v4) => IpNet::V4(Ipv4Net::new_assert(v4, 24).trunc()),
        IpAddr::V6(v6) => IpNet::V6(Ipv6Net::new_assert(v6, 48).trunc()),
    }
}

/// Whether an address may be trusted at all: inside `address_from`, and not one that says nothing about a place.
pub fn may_trust(address: IpAddr, address_from: &[IpNet]) -> bool {
    let address = normalise(address);
    let says_nothing = match address {
        IpAddr::V4(v4) => {
            v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() || is_carrier_grade(v4)
        }
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_multicast() || is_translated(v6),
    };
    !says_nothing && address_from.iter().any(|net| net.contains(&address))
}

/// Carrier-grade NAT (RFC 6598): thousands of strangers behind one address.
fn is_carrier_grade(v4: std::net::Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    a == 100 && (64..128).contains(&b)
}

/// IPv4 visitors behind a translator (RFC 6052, RFC 8215) or a tunnel (RFC 4380): their /64 says nothing about a place.
fn is_translated(v6: Ipv6Addr) -> bool {
    matches!(v6.segments(), [0x64, 0xff9b, ..] | [0x2001, 0, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::Token;

    struct Zero;
    impl crate::domain::token::Entropy for Zero {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn mark(password: &str) -> CredentialMark {
        CredentialMark::of(
            &UserId::new("anna"),
            Some(&crate::domain::identity::PasswordHash::new(password.to_owned())),
        )
    }

    fn device() -> DeviceTrust {
        let granted_at = Timestamp::from_unix(1_000_000);
        DeviceTrust {
            id: RecordId::from_text("d"),
            person: UserId::new("anna"),
            hash: Token::draw(&Zero).hash(),
            previous: None,
            label: String::new(),
            granted_at,
            expires_at: Some(granted_at.after(days(30))),
            last_used: granted_at,
            credential: mark("one"),
        }
    }

    fn address(scope: AddressScope, network: &str) -> AddressTrust {
        let granted_at = Timestamp::from_unix(1_000_000);
        AddressTrust {
            id: RecordId::from_text("a"),
            person: UserId::new("anna"),
            portal: "wiki".to_owned(),
            scope,
            network: network.parse().unwrap(),
            granted_at,
            expires_at: granted_at.after(days(30)),
            last_used: granted_at,
            credential: mark("one"),
        }
    }

    #[test]
    fn a_trusted_device_counts_until_the_last_second_of_day_thirty() {
        let trust = device();
        let end = trust.granted_at.after(days(30));
        assert!(trust.is_live(Timestamp::from_unix(end.unix() - 1), &mark("one")));
        assert!(!trust.is_live(end, &mark("one")));
    }

    #[test]
    fn a_device_trusted_until_the_password_changes_ends_with_the_password_and_with_no_day() {
        let trust = DeviceTrust { expires_at: None, ..device() };
        let years_later = trust.granted_at.after(days(3_000));
        assert!(trust.is_live(years_later, &mark("one")) && !trust.is_over(years_later));
        assert!(!trust.is_live(years_later, &mark("two")));
        assert!(trust.is_within(DeviceTerms::UntilPasswordChange, years_later));
        // A file that allows thirty days by now narrows it; the reverse widens nothing.
        let thirty = DeviceTerms::For(days(30));
        assert!(trust.is_within(thirty, trust.granted_at.after(Duration::from_secs(30 * 86_400 - 1))));
        assert!(!trust.is_within(thirty, trust.granted_at.after(days(30))));
        assert!(!device().is_live(years_later, &mark("one")));
    }

    #[test]
    fn who_has_no_password_of_ours_is_remembered_for_thirty_days() {
        use crate::domain::identity::{Origin, PasswordHash, Requirement, RequirementSource};
        let anna = |password: Option<&str>| Person {
            id: UserId::new("anna"),
            name: "anna".to_owned(),
            display_name: "anna".to_owned(),
            email: None,
            phone: None,
            groups: Vec::new(),
            password: password.map(|hash| PasswordHash::new(hash.to_owned())),
            requirement: Requirement::Required,
            requirement_source: RequirementSource::Everybody,
            disabled: false,
            closed_group: None,
            origin: Origin::File,
            credential: mark("one"),
        };
        let until = DeviceTerms::UntilPasswordChange;
        assert_eq!(until.for_person(&anna(Some("x"))), until);
        assert_eq!(until.for_person(&anna(None)), DeviceTerms::For(days(30)));
        assert_eq!(DeviceTerms::For(days(1)).for_person(&anna(None)), DeviceTerms::For(days(1)));
        assert_eq!(until.end(NOW), None);
        assert_eq!(DeviceTerms::For(days(1)).end(NOW), Some(NOW.after(days(1))));
    }

    const NOW: Timestamp = Timestamp::from_unix(1_000_001);
    const TERMS: AddressTerms = AddressTerms { span: days(30), scope: AddressScope::Everyone };

    /// Whether `trust` spares this person a code here.
    fn spares(trust: &AddressTrust, person: &str, portal: &str, client: &str, now: Timestamp) -> bool {
        let (person, credential) = (UserId::new(person), mark("one"));
        let client = client.parse().unwrap();
        let asked = Spared { person: &person, credential: &credential, portal, client, now };
        trust.covers(&asked, &TERMS)
    }

    #[test]
    fn a_trusted_address_counts_until_the_last_second_of_day_thirty() {
        let trust = address(AddressScope::User, "192.0.2.7/32");
        let end = trust.granted_at.after(days(30));
        assert!(spares(&trust, "anna", "wiki", "192.0.2.7", Timestamp::from_unix(end.unix() - 1)));
        assert!(!spares(&trust, "anna", "wiki", "192.0.2.7", end));
    }

    #[test]
    fn a_changed_password_ends_trust() {
        assert!(!device().is_live(NOW, &mark("two")));
        let mut trust = address(AddressScope::User, "192.0.2.7/32");
        trust.credential = mark("two");
        assert!(!spares(&trust, "anna", "wiki", "192.0.2.7", NOW));
    }

    #[test]
    fn scopes_reach_as_far_as_they_say() {
        let spares = |scope, portal| spares(&address(scope, "192.0.2.7/32"), "bob", portal, "192.0.2.7", NOW);
        assert!(!spares(AddressScope::User, "wiki"));
        assert!(spares(AddressScope::Portal, "wiki"));
        assert!(!spares(AddressScope::Portal, "mail"));
        assert!(spares(AddressScope::Everyone, "mail"));
    }

    #[test]
    fn a_narrower_file_narrows_what_was_granted_and_a_wider_one_widens_nothing() {
        let (bob, credential) = (UserId::new("bob"), mark("one"));
        let spares = |granted, scope, span: u64, second: i64| {
            let asked = Spared {
                person: &bob,
                credential: &credential,
                portal: "mail",
                client: "192.0.2.7".parse().unwrap(),
                now: Timestamp::from_unix(1_000_000 + second),
            };
            address(granted, "192.0.2.7/32").covers(&asked, &AddressTerms { span: days(span), scope })
        };
        assert!(spares(AddressScope::Everyone, AddressScope::Everyone, 1, 86_399));
        assert!(!spares(AddressScope::Everyone, AddressScope::Everyone, 1, 86_400));
        assert!(!spares(AddressScope::Everyone, AddressScope::Everyone, 90, 30 * 86_400));
        assert!(!spares(AddressScope::Everyone, AddressScope::Portal, 30, 0));
        assert!(!spares(AddressScope::User, AddressScope::Everyone, 30, 0));
        let trust = device();
        let a_day = DeviceTerms::For(days(1));
        assert!(trust.is_within(a_day, trust.granted_at.after(Duration::from_secs(86_399))));
        assert!(!trust.is_within(a_day, trust.granted_at.after(days(1))));
    }

    #[test]
    fn an_ipv6_address_stands_for_its_64_and_a_mapped_one_for_its_ipv4() {
        assert_eq!(shared_network("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::/64");
        assert_eq!(shared_network("::ffff:192.0.2.7".parse().unwrap()).to_string(), "192.0.2.7/32");
        let around = |client: &str| neighbourhood(client.parse().unwrap()).to_string();
        assert_eq!(
            (around("192.0.2.0"), around("192.0.2.255")),
            ("192.0.2.0/24".into(), "192.0.2.0/24".into())
        );
        assert_eq!(around("::ffff:192.0.3.7"), "192.0.3.0/24");
        assert_eq!(around("2001:db8:1:ffff::1"), "2001:db8:1::/48");
        assert_eq!(around("2001:db8:2::1"), "2001:db8:2::/48");
        let trust = address(AddressScope::User, "2001:db8:1:2::/64");
        assert!(spares(&trust, "anna", "wiki", "2001:db8:1:2:ffff::1", NOW));
        assert!(!spares(&trust, "anna", "wiki", "2001:db8:1:3::1", NOW));
    }

    #[test]
    fn only_addresses_from_the_file_that_mean_a_place_may_be_trusted() {
        let office = ["10.0.0.0/8".parse().unwrap()];
        assert!(may_trust("10.1.2.3".parse().unwrap(), &office));
        assert!(may_trust("::ffff:10.1.2.3".parse().unwrap(), &office));
        assert!(!may_trust("192.0.2.1".parse().unwrap(), &office));
        let anywhere = ["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        assert!(!may_trust("100.64.0.1".parse().unwrap(), &anywhere));
        assert!(may_trust("100.128.0.1".parse().unwrap(), &anywhere));
        for nowhere in ["::", "64:ff9b::c000:207", "64:ff9b:1::c000:207", "2001::1"] {
            assert!(!may_trust(nowhere.parse().unwrap(), &anywhere), "{nowhere}");
        }
        assert!(may_trust("2001:db8::1".parse().unwrap(), &anywhere));
    }
}
