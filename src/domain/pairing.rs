//! Pairing the authenticator page with an account.
//!
//! The page makes its keys in the browser and shows a short number. Whoever enters that number, the visitor or an
//! administrator, links those keys. A number is good for ten minutes and once; what waits for it is good for nothing else.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    factor::{LONGEST_LABEL, PageKey, PageSigner, TotpKey},
    identity::UserId,
    time::{Timestamp, days, minutes},
    token::{Entropy, RecordId, TokenHash, sha256},
};

/// For how long a pairing number is good.
pub const PAIRING_MINUTES: u64 = 10;
/// For how many days the page can learn that it was linked.
const NEWS_DAYS: u64 = 1;
const DIGITS: usize = 9;

/// Nine digits, as the page shows them. Never stored, never logged; keep their hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingNumber(Zeroizing<String>);

impl PairingNumber {
    /// Fresh ones, every number as likely as any other.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        const NUMBERS: u32 = 1_000_000_000;
        // The last numbers below 2³² would make small ones likelier: they are drawn again.
        const FAIR: u32 = u32::MAX / NUMBERS * NUMBERS;
        loop {
            let mut bytes = [0; 4];
            entropy.fill(&mut bytes);
            let drawn = u32::from_be_bytes(bytes);
            if drawn < FAIR {
                return Self(Zeroizing::new(format!("{:09}", drawn % NUMBERS)));
            }
        }
    }

    /// Reads nine ASCII digits; blanks and hyphens between them are what people read aloud as pauses.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let digits: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
        (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self(digits))
    }

    /// The digits, for the page that shows them.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it. Whoever reads the store could try all numbers, and would learn one that links a page to their own
    /// account within its ten minutes: nothing that a store gives away otherwise.
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(sha256(&[b"vestibule pairing\0", self.0.as_bytes()]))
    }
}

impl fmt::Debug for PairingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingNumber(…)")
    }
}

/// An authenticator page that asked for a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pairing {
    /// Hash of the token with which the page asks what became of it.
    pub poll: TokenHash,
    /// The portal whose page it is.
    pub portal: String,
    /// The browser it runs in.
    pub agent: String,
    /// Checks what the page signs.
    pub signer: PageSigner,
    /// When this is forgotten.
    pub ends_at: Timestamp,
    /// How far it is.
    pub stage: PairingStage,
}

/// How far a pairing is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PairingStage {
    /// Somebody still has to enter the number.
    Waiting {
        /// Hash of the number.
        number: TokenHash,
        /// Makes the codes of the page.
        key: TotpKey,
    },
    /// It was entered. The number is void, the key is the app's now.
    Linked(PairedWith),
}

/// What a page was linked to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PairedWith {
    /// Whose it is.
    pub person: UserId,
    /// The app of the account it became.
    pub app: RecordId,
}

/// A pairing whose number was entered: the page's keys, before they are anybody's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Hash of the number.
    pub number: TokenHash,
    /// Makes the codes of the page.
    pub key: TotpKey,
    /// What the account keeps beside it.
    pub page: PageKey,
    /// The browser the page runs in.
    pub agent: String,
}

impl Pairing {
    /// When a number given out at `now` is no longer good.
    pub fn ends_after(now: Timestamp) -> Timestamp {
        now.after(minutes(PAIRING_MINUTES))
    }

    /// Until when the page can learn that it was linked at `now`: it may be closed while somebody enters the number.
    pub fn told_until(now: Timestamp) -> Timestamp {
        now.after(days(NEWS_DAYS))
    }

    /// The page's keys, while its number is good at `now`.
    pub fn candidate(self, now: Timestamp) -> Option<Candidate> {
        if now >= self.ends_at {
            return None;
        }
        match self.stage {
            PairingStage::Waiting { number, key } => Some(Candidate {
                number,
                key,
                page: PageKey { portal: self.portal, signer: self.signer },
                agent: self.agent,
            }),
            PairingStage::Linked(_) => None,
        }
    }
}

/// What an app that is a page in the browser `agent` is called, where nobody named it: `Authenticator (Chrome, Android)`.
pub fn page_label(title: &str, agent: &str) -> String {
    format!("{title} ({agent})").chars().take(LONGEST_LABEL).collect()
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    struct Bytes(Mutex<Vec<u32>>);

    impl Entropy for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.copy_from_slice(&self.0.lock().unwrap().remove(0).to_be_bytes());
        }
    }

    fn pairing() -> Pairing {
        let mut point = [7; 65];
        point[0] = 4;
        Pairing {
            poll: TokenHash::from_bytes([1; 32]),
            portal: "wiki".to_owned(),
            agent: "Chrome, Android".to_owned(),
            signer: PageSigner::read(&point).unwrap(),
            ends_at: Pairing::ends_after(NOW),
            stage: PairingStage::Waiting {
                number: PairingNumber::read("012345678").unwrap().hash(),
                key: TotpKey::new(vec![1; 20]),
            },
        }
    }

    #[test]
    fn every_number_is_as_likely_as_any_other() {
        // 4 000 000 000 is the first that would give the low numbers one chance more.
        let entropy = Bytes(Mutex::new(vec![4_000_000_000, u32::MAX, 3_999_999_999, 7]));
        assert_eq!(PairingNumber::draw(&entropy).reveal(), "999999999");
        assert_eq!(PairingNumber::draw(&entropy).reveal(), "000000007");
    }

    #[test]
    fn nine_digits_are_a_number_and_nothing_else() {
        for typed in ["012345678", " 012 345 678\n", "012-345-678"] {
            assert_eq!(PairingNumber::read(typed).unwrap().reveal(), "012345678");
        }
        for typed in ["", "01234567", "0123456789", "01234567a", "٠١٢٣٤٥٦٧٨", "012.345.678"] {
            assert!(PairingNumber::read(typed).is_none(), "{typed}");
        }
        assert!(!format!("{:?}", PairingNumber::read("012345678")).contains('1'));
    }

    #[test]
    fn a_number_is_good_for_ten_minutes_to_the_second_and_until_it_was_entered() {
        let later = |seconds| NOW.after(Duration::from_secs(seconds));
        let candidate = pairing().candidate(later(599)).unwrap();
        assert_eq!((candidate.page.portal.as_str(), candidate.key.bytes()), ("wiki", &[1; 20][..]));
        assert_eq!(pairing().candidate(later(600)), None);
        let app = RecordId::from_text("app");
        let stage = PairingStage::Linked(PairedWith { person: UserId::new("anna"), app });
        assert_eq!(Pairing { stage, ..pairing() }.candidate(NOW), None);
    }
}
