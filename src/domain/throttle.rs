//! How much guessing is allowed. Buckets are reserved before a secret is checked and given back when it was right.
//!
//! A lock hits unknown browsers only: a trusted device or address counts in buckets of its own, so that a stranger who
//! guesses cannot lock anybody out of a device they already trust.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;

use super::{
    identity::{UserId, fold_login},
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

/// The buckets that asking for a sign-in link counts in, not given back. No secret is needed to ask, so these are narrow, and
/// none of them is shared with the mails of somebody whose password was right.
pub fn link_buckets(account: &UserId, client: IpAddr, familiarity: &Familiarity) -> Vec<Bucket> {
    let network = shared_network(client);
    let own = match familiarity {
        Familiarity::Device(id) => {
            return vec![bucket(format!("link/{account}/device/{id}"), 5, minutes(15))];
        }
        Familiarity::Address(id) => vec![bucket(format!("link/{account}/address/{id}"), 5, minutes(15))],
        Familiarity::Unknown => vec![
            bucket(format!("link/{account}/from/{network}"), 5, minutes(15)),
            bucket(format!("link/{account}/unknown"), 10, minutes(60)),
            bucket(format!("link/{account}/unknown/day"), 40, days(1)),
        ],
    };
    own.into_iter().chain(network_buckets("link", client, network)).collect()
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

/// The buckets in which a new password counts that is compared with the present one by who does not know that, not given back.
pub fn same_password_buckets(account: &UserId) -> Vec<Bucket> {
    vec![bucket(format!("password/{account}/same"), 10, days(1))]
}

/// The buckets in which an answer that unlocks a remembered device counts: a PIN, or a passkey of its person.
///
/// Reaching them needs the device. They are apart from the buckets of codes, so that whoever has the device for a moment
/// closes no other way in.
pub fn unlock_buckets(account: &UserId) -> Vec<Bucket> {
    vec![
        bucket(format!("unlock/{account}"), 10, minutes(15)),
        bucket(format!("unlock/{account}/day"), 30, days(1)),
    ]
}

/// The buckets that asking for an approval counts in, not given back: who has the password must not be able to ask until the
/// owner says yes to have peace.
pub fn approval_buckets(account: &UserId) -> Vec<Bucket> {
    vec![
        bucket(format!("approval/{account}"), 5, minutes(15)),
        bucket(format!("approval/{account}/day"), 30, days(1)),
    ]
}

/// The buckets that asking administrators for help counts in, not given back: they read every request.
pub fn help_buckets(account: &UserId) -> Vec<Bucket> {
    vec![
        bucket(format!("help/{account}"), 5, minutes(60)),
        bucket(format!("help/{account}/day"), 10, days(1)),
    ]
}

/// How many text messages may be sent. Numbers that cost the sender and pay somebody else are dialled by the block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmsLimits {
    /// To one person, and to one number, in a day.
    pub person: u32,
    /// To numbers that differ in their last four digits only, in an hour.
    pub block: u32,
    /// To everybody together, in a day.
    pub day: u32,
}

impl Default for SmsLimits {
    fn default() -> Self {
        Self { person: 20, block: 40, day: 1000 }
    }
}

/// The buckets a text message counts in: reserved before it is sent, and not given back.
pub fn sms_buckets(account: &UserId, number: &str, limits: SmsLimits) -> Vec<Bucket> {
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    let block = &number[..number.len().saturating_sub(4)];
    vec![
        bucket(format!("sms/{account}"), limits.person, days(1)),
        bucket(format!("sms/to/{number}"), limits.person, days(1)),
        bucket(format!("sms/block/{block}"), limits.block, minutes(60)),
        bucket("sms/day".to_owned(), limits.day, days(1)),
    ]
}

/// The buckets a mail that somebody asked for counts in: reserved before it is sent, and not given back.
pub fn mail_buckets(account: &UserId, address: &str) -> Vec<Bucket> {
    const PER_HOUR: u32 = 10;
    const PER_DAY: u32 = 30;
    let address = fold_login(address);
    vec![
        bucket(format!("mail/{account}"), PER_HOUR, minutes(60)),
        bucket(format!("mail/{account}/day"), PER_DAY, days(1)),
        bucket(format!("mail/to/{address}"), PER_HOUR, minutes(60)),
        bucket(format!("mail/to/{address}/day"), PER_DAY, days(1)),
    ]
}

/// The buckets a letter counts in that an administrator has sent to somebody: reserved before it is sent, given back where it
/// did not leave. `by` names the administrator. What people ask for themselves counts apart: none of it is used up by this.
pub fn letter_buckets(account: &UserId, address: &str, by: &str) -> Vec<Bucket> {
    const PER_HOUR: u32 = 5;
    const PER_DAY: u32 = 15;
    let address = fold_login(address);
    vec![
        bucket(format!("letter/{account}"), PER_HOUR, minutes(60)),
        bucket(format!("letter/{account}/day"), PER_DAY, days(1)),
        bucket(format!("letter/to/{address}"), PER_HOUR, minutes(60)),
        bucket(format!("letter/to/{address}/day"), PER_DAY, days(1)),
        // A whole organisation is invited on one morning.
        bucket(format!("letter/sent {by}"), 500, minutes(60)),
        bucket(format!("letter/sent {by}/day"), 5000, days(1)),
    ]
}

/// What a notice is about, as far as counting goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// A sign-in.
    SignIn,
    /// A change of what lets somebody in.
    Change,
}

/// The buckets a notice counts in, not given back: whoever makes things happen to an account must not flood its mailbox.
/// Changes count apart, so that nobody hides one behind many sign-ins.
pub fn notice_buckets(account: &UserId, told: Told) -> Vec<Bucket> {
    let what = match told {
        Told::SignIn => "sign-in",
        Told::Change => "change",
    };
    vec![
        bucket(format!("notice/{account}/{what}"), 10, minutes(60)),
        bucket(format!("notice/{account}/{what}/day"), 40, days(1)),
    ]
}

/// The buckets a visit to an identity provider counts in: given back when it let somebody in.
pub fn provider_buckets(client: IpAddr) -> Vec<Bucket> {
    network_buckets("provider", client, shared_network(client))
}

/// The buckets in which an answer of a passkey counts that says itself whose it is; `person` is whose, if anybody's.
///
/// Nobody guesses a signature: this bounds noise, per network, so that a stranger elsewhere locks nobody out.
pub fn passkey_buckets(person: Option<&UserId>, client: IpAddr) -> Vec<Bucket> {
    let network = shared_network(client);
    let own = person.map(|person| bucket(format!("passkey/{person}/from/{network}"), 10, minutes(15)));
    own.into_iter().chain(network_buckets("passkey", client, network)).collect()
}

/// The buckets that asking for a pairing number counts in, not given back: whoever asks is not known yet.
pub fn pairing_buckets(client: IpAddr) -> Vec<Bucket> {
    network_buckets("pairing", client, shared_network(client))
}

/// The buckets a form that is kept over a sign-in counts in, not given back: whoever posts it is not known yet.
pub fn kept_form_buckets(client: IpAddr) -> Vec<Bucket> {
    network_buckets("form", client, shared_network(client))
}

/// As [`help_buckets`], for somebody in the middle of a sign-in: whoever has passwords of many must not file for all of them.
pub fn lost_factor_buckets(account: &UserId, client: IpAddr) -> Vec<Bucket> {
    let network = network_buckets("help", client, shared_network(client));
    help_buckets(account).into_iter().chain(network).collect()
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
    fn links_count_per_name_and_network_and_apart_from_passwords_and_other_mails() {
        let of = |name: &str, client: &str, familiarity: &Familiarity| {
            link_buckets(&UserId::new(name), client.parse().unwrap(), familiarity)
        };
        let unknown = of("Anna", "192.0.2.7", &Familiarity::Unknown);
        let counted: Vec<_> = unknown.iter().map(|b| (b.key.as_str(), b.limit, b.window)).collect();
        let expected = [
            ("link/anna/from/192.0.2.7/32", 5, minutes(15)),
            ("link/anna/unknown", 10, minutes(60)),
            ("link/anna/unknown/day", 40, days(1)),
            ("link/from/192.0.2.7/32", 100, minutes(15)),
        ];
        assert_eq!(counted, expected);
        let device = of("anna", "192.0.2.7", &Familiarity::Device(RecordId::from_text("t1")));
        assert_eq!((device.len(), device[0].limit), (1, 5));
        let address = of("anna", "192.0.2.7", &Familiarity::Address(RecordId::from_text("t1")));
        assert_eq!(address[1..], unknown[3..], "only the network's is common");
        let others = buckets("192.0.2.7", &Familiarity::Unknown).into_iter();
        let others: Vec<_> =
            others.chain(mail_buckets(&UserId::new("anna"), "anna@example.com")).map(|b| b.key).collect();
        assert!(unknown.iter().all(|bucket| !others.contains(&bucket.key)));
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
    fn unlocking_counts_per_person_and_apart_from_codes() {
        let anna = UserId::new("Anna");
        let counted: Vec<_> = unlock_buckets(&anna).into_iter().map(|b| (b.key, b.limit, b.window)).collect();
        let expected =
            [("unlock/anna".to_owned(), 10, minutes(15)), ("unlock/anna/day".to_owned(), 30, days(1))];
        assert_eq!(counted, expected);
        assert!(code_buckets(&anna).iter().all(|code| counted.iter().all(|(key, ..)| *key != code.key)));
    }

    #[test]
    fn text_messages_count_per_person_number_block_and_day() {
        let limits = SmsLimits { person: 2, block: 3, day: 4 };
        let counted: Vec<_> = sms_buckets(&UserId::new("Anna"), "+31 6 1234 5678", limits)
            .into_iter()
            .map(|b| (b.key, b.limit, b.window))
            .collect();
        let expected = [
            ("sms/anna", 2, days(1)),
            ("sms/to/31612345678", 2, days(1)),
            ("sms/block/3161234", 3, minutes(60)),
            ("sms/day", 4, days(1)),
        ];
        assert_eq!(counted, expected.map(|(key, limit, window)| (key.to_owned(), limit, window)));
        assert_eq!(sms_buckets(&UserId::new("anna"), "112", limits)[2].key, "sms/block/");
    }

    #[test]
    fn mails_to_one_address_share_a_counter_however_it_is_spelled() {
        let of = |name, address| mail_buckets(&UserId::new(name), address);
        let keys: Vec<_> = of("anna", "Shared@Example.com").into_iter().map(|b| (b.key, b.limit)).collect();
        let expected = [
            ("mail/anna", 10),
            ("mail/anna/day", 30),
            ("mail/to/shared@example.com", 10),
            ("mail/to/shared@example.com/day", 30),
        ];
        assert_eq!(keys, expected.map(|(key, limit)| (key.to_owned(), limit)));
        assert_eq!(of("anna", "shared@example.com")[2..], of("bob", "SHARED@example.com")[2..]);
    }

    #[test]
    fn letters_of_administrators_count_per_person_address_and_administrator() {
        let of = |name, address, by| letter_buckets(&UserId::new(name), address, by);
        let anna = of("Anna", "Shared@Example.com", "by root as security");
        let counted: Vec<_> = anna.iter().map(|b| (b.key.as_str(), b.limit, b.window)).collect();
        let expected = [
            ("letter/anna", 5, minutes(60)),
            ("letter/anna/day", 15, days(1)),
            ("letter/to/shared@example.com", 5, minutes(60)),
            ("letter/to/shared@example.com/day", 15, days(1)),
            ("letter/sent by root as security", 500, minutes(60)),
            ("letter/sent by root as security/day", 5000, days(1)),
        ];
        assert_eq!(counted, expected);
        assert_eq!(of("bob", "shared@example.com", "by uid 0")[2..4], anna[2..4]);
        let own = mail_buckets(&UserId::new("anna"), "shared@example.com");
        assert!(own.iter().all(|own| anna.iter().all(|bucket| bucket.key != own.key)));
    }

    #[test]
    fn notices_count_per_person_and_apart_from_mails_somebody_asked_for() {
        let of = |told| notice_buckets(&UserId::new("Anna"), told);
        let (sign_ins, changes) = (of(Told::SignIn), of(Told::Change));
        let counted: Vec<_> = changes.iter().map(|b| (b.key.as_str(), b.limit, b.window)).collect();
        let expected = [("notice/anna/change", 10, minutes(60)), ("notice/anna/change/day", 40, days(1))];
        assert_eq!(counted, expected);
        assert!(sign_ins.iter().all(|bucket| !changes.contains(bucket)));
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
