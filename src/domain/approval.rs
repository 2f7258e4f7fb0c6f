//! Approving a sign-in on the authenticator page, by number matching.
//!
//! The screen that signs in shows two digits; the page asks for them and never shows them. An approval belongs to one sign-in in one
//! state, is answered once, and is worth something only to the browser that asked.

use std::net::IpAddr;

use super::{
    factor::{CodeVerdict, Method, PageKey},
    identity::UserId,
    login::Login,
    time::{Timestamp, minutes},
    token::{Entropy, RecordId, TokenHash},
};

/// For how long an approval may be given and collected.
pub const APPROVAL_MINUTES: u64 = 2;

/// Two digits, from 10 to 99.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MatchNumber(u8);

impl MatchNumber {
    const LEAST: u8 = 10;
    const MOST: u8 = 99;
    const NUMBERS: u8 = Self::MOST - Self::LEAST + 1;

    /// A fresh one, every number as likely as any other.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        // The last values of a byte would make small numbers likelier: they are drawn again.
        const FAIR: u8 = u8::MAX / MatchNumber::NUMBERS * MatchNumber::NUMBERS;
        loop {
            let mut byte = [0];
            entropy.fill(&mut byte);
            let [drawn] = byte;
            if drawn < FAIR {
                return Self(Self::LEAST + drawn % Self::NUMBERS);
            }
        }
    }

    /// Reads exactly two ASCII digits.
    pub fn read(typed: &str) -> Option<Self> {
        let is_number = typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_digit());
        typed.parse().ok().filter(|_| is_number).and_then(Self::from_u8)
    }

    /// One read back from a store.
    pub fn from_u8(number: u8) -> Option<Self> {
        (Self::LEAST..=Self::MOST).contains(&number).then_some(Self(number))
    }

    /// The number, to show and to keep.
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

/// What the page said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Yes, with a number that was typed.
    Approve(MatchNumber),
    /// It is not me.
    NotMe,
}

/// What became of what the page said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Yes, with the number on the screen.
    Approved,
    /// Yes, with another number: whoever typed it looks at another screen.
    WrongNumber,
    /// No.
    Refused,
}

impl Decision {
    /// The name in the store, and in what the page is told.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::WrongNumber => "wrong",
            Self::Refused => "refused",
        }
    }

    /// The decision called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Approved, Self::WrongNumber, Self::Refused].into_iter().find(|known| known.name() == name)
    }
}

/// An approval that a sign-in asked for. A person has one at most.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// Names it in what the page signs.
    pub id: RecordId,
    /// The sign-in, in the state in which it asked.
    pub login: TokenHash,
    /// Whose.
    pub person: UserId,
    /// At which portal.
    pub portal: String,
    /// What the screen shows.
    pub number: MatchNumber,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// What was decided, if anything yet.
    pub decision: Option<Decision>,
}

/// An app that is an authenticator page, and whose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The app.
    pub app: RecordId,
    /// Whose.
    pub person: UserId,
    /// What it signs with, and where it lives.
    pub key: PageKey,
}

impl Approval {
    /// What `login` asks for at `now`.
    pub fn of(
        login: &Login,
        id: RecordId,
        number: MatchNumber,
        from: (IpAddr, &str),
        now: Timestamp,
    ) -> Self {
        let (address, agent) = from;
        Self {
            id,
            login: login.hash,
            person: login.person.clone(),
            portal: login.portal.clone(),
            number,
            asked_at: now,
            address,
            agent: agent.to_owned(),
            decision: None,
        }
    }

    /// When it is over.
    pub fn ends_at(&self) -> Timestamp {
        self.asked_at.after(minutes(APPROVAL_MINUTES))
    }

    /// Whether it is still worth something at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at()
    }

    /// Whether `page` may answer it at `now`: its owner's, at the portal where it was asked, not answered before.
    pub fn awaits(&self, page: &Page, now: Timestamp) -> bool {
        self.decision.is_none()
            && self.is_live(now)
            && self.person == page.person
            && self.portal == page.key.portal
    }

    /// What follows from what the page said.
    pub fn decide(&self, said: Said) -> Decision {
        match said {
            Said::Approve(number) if number == self.number => Decision::Approved,
            Said::Approve(_) => Decision::WrongNumber,
            Said::NotMe => Decision::Refused,
        }
    }

    /// What it is worth to the sign-in that asked, at `now`.
    pub fn verdict(&self, now: Timestamp) -> CodeVerdict {
        match self.decision {
            Some(Decision::Approved) if self.is_live(now) => CodeVerdict::Right { method: Method::Approval },
            Some(Decision::Approved) | None => CodeVerdict::Lapsed,
            Some(Decision::WrongNumber | Decision::Refused) => CodeVerdict::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;
    use crate::domain::factor::PageSigner;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    struct Bytes(Mutex<Vec<u8>>);

    impl Entropy for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.copy_from_slice(&[self.0.lock().unwrap().remove(0)]);
        }
    }

    fn number(text: &str) -> MatchNumber {
        MatchNumber::read(text).unwrap()
    }

    fn later(seconds: u64) -> Timestamp {
        NOW.after(Duration::from_secs(seconds))
    }

    fn asked(decision: Option<Decision>) -> Approval {
        Approval {
            id: RecordId::from_text("a"),
            login: TokenHash::from_bytes([1; 32]),
            person: UserId::new("anna"),
            portal: "wiki".to_owned(),
            number: number("42"),
            asked_at: NOW,
            address: "192.0.2.1".parse().unwrap(),
            agent: "Firefox".to_owned(),
            decision,
        }
    }

    fn page(person: &str, portal: &str) -> Page {
        let mut point = [7; 65];
        point[0] = 4;
        let signer = PageSigner::read(&point).unwrap();
        let key = PageKey { portal: portal.to_owned(), signer };
        Page { app: RecordId::from_text("app"), person: UserId::new(person), key }
    }

    #[test]
    fn every_number_is_as_likely_as_any_other() {
        let entropy = Bytes(Mutex::new(vec![180, 255, 179, 0, 90, 89]));
        let drawn: Vec<u8> = (0..4).map(|_| MatchNumber::draw(&entropy).as_u8()).collect();
        assert_eq!(drawn, [99, 10, 10, 99]);
    }

    #[test]
    fn two_digits_are_a_number_and_nothing_else() {
        assert_eq!((number("10").as_u8(), number("99").as_u8()), (10, 99));
        for typed in ["", "9", "09", "00", "100", "+9", "4 2", " 42", "٤٢", "4a"] {
            assert_eq!(MatchNumber::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn only_the_owners_page_at_this_portal_answers_once_and_within_two_minutes() {
        let own = page("anna", "wiki");
        assert!(asked(None).awaits(&own, NOW) && asked(None).awaits(&own, later(119)));
        assert!(!asked(None).awaits(&own, later(120)));
        assert!(!asked(None).awaits(&page("bert", "wiki"), NOW));
        assert!(!asked(None).awaits(&page("anna", "notes"), NOW));
        for decision in [Decision::Approved, Decision::WrongNumber, Decision::Refused] {
            assert!(!asked(Some(decision)).awaits(&own, NOW));
            assert_eq!(Decision::from_name(decision.name()), Some(decision));
        }
    }

    #[test]
    fn every_word_of_the_page_is_worth_what_the_table_says() {
        let right = CodeVerdict::Right { method: Method::Approval };
        for (said, decision, verdict) in [
            (Said::Approve(number("42")), Decision::Approved, right.clone()),
            (Said::Approve(number("24")), Decision::WrongNumber, CodeVerdict::Wrong),
            (Said::NotMe, Decision::Refused, CodeVerdict::Wrong),
        ] {
            assert_eq!(asked(None).decide(said), decision);
            assert_eq!(asked(Some(decision)).verdict(later(119)), verdict, "{said:?}");
        }
        assert_eq!(asked(None).verdict(NOW), CodeVerdict::Lapsed);
        assert_eq!(asked(Some(Decision::Approved)).verdict(later(120)), CodeVerdict::Lapsed);
        assert_eq!(asked(Some(Decision::WrongNumber)).verdict(later(120)), CodeVerdict::Wrong);
    }
}
