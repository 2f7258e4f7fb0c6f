//! A link that signs somebody in, mailed to them because a browser asked for it.
//!
//! An offer belongs to the browser that asked: only that browser is ever let in. Opened there, the link goes on at once;
//! opened anywhere else, it shows a short code to type where it was asked for. It is written for names nobody has too, and
//! then leads nowhere, so that asking tells a stranger nothing.

use std::{fmt, net::IpAddr};

use subtle::ConstantTimeEq;

use super::{
    facts::ReturnTo,
    identity::{CredentialMark, Person, UserId},
    sent_code::Digits,
    time::{Timestamp, minutes},
    token::{Token, TokenHash},
};

/// Minutes from asking to being in, linking an app included.
pub const LINK_MINUTES: u64 = 15;
/// Wrong codes after which an offer is over.
pub const TRIES_PER_LINK: u32 = 5;

/// A sign-in link somebody asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkOffer {
    /// Hash of the cookie of the browser that asked. It has one offer at a time.
    pub browser: TokenHash,
    /// Hash of what the link carries; none once its button was pressed on another device.
    pub link: Option<TokenHash>,
    /// The code another device shows, mixed with the asking browser's cookie: worth nothing without it.
    pub code: TokenHash,
    /// Who was asked for, or the folded text where nobody has that name.
    pub person: UserId,
    /// Where the link went; empty where it went nowhere.
    pub email: String,
    /// What was typed.
    pub typed: String,
    /// At which portal.
    pub portal: String,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// The password of that moment: when it changes, the link is void.
    pub credential: CredentialMark,
    /// When.
    pub asked_at: Timestamp,
    /// When it is over, and the sign-in that began from it too.
    pub ends_at: Timestamp,
    /// Wrong codes so far.
    pub wrong_codes: u32,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
}

impl fmt::Debug for LinkOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkOffer({} at {}, wrong {})", self.person, self.portal, self.wrong_codes)
    }
}

/// Who asks for a link, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Who, or the folded text where nobody has that name.
    pub account: &'a UserId,
    /// The person, if there is one that a link may go to.
    pub person: Option<&'a Person>,
    /// What was typed.
    pub typed: &'a str,
    /// At which portal.
    pub portal: &'a str,
    /// Where to go afterwards.
    pub return_to: &'a ReturnTo,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: &'a str,
}

/// What pressing the button of a link comes to.
#[derive(Debug)]
pub enum Pressed {
    /// In the browser that asked: sign-in goes on, the offer is used up.
    Here(LinkOffer),
    /// Anywhere else: the link is used up, and what is left waits for its code.
    Elsewhere(LinkOffer),
}

/// What typing the code of another device comes to.
#[derive(Debug)]
pub enum Typed {
    /// Right: sign-in goes on, the offer is used up.
    Right(LinkOffer),
    /// Wrong; another try is left.
    Wrong(LinkOffer),
    /// Wrong for the last time.
    Over,
}

/// Who may be sent a link: somebody who is not disabled and has an address.
pub fn may_be_mailed(person: &Person) -> bool {
    !person.is_barred() && person.email.as_deref().is_some_and(|email| !email.is_empty())
}

impl LinkOffer {
    /// Writes down what `browser` asked for; the link will carry `link`.
    pub fn new(asking: Asking<'_>, browser: &Token, link: &Token, now: Timestamp) -> Self {
        let Asking { account, person, typed, portal, return_to, address, agent } = asking;
        Self {
            browser: browser.hash(),
            link: Some(link.hash()),
            code: mixed(browser, &code_of(link)),
            person: account.clone(),
            email: person.and_then(|person| person.email.clone()).unwrap_or_default(),
            typed: typed.to_owned(),
            portal: portal.to_owned(),
            return_to: return_to.clone(),
            credential: person.map_or_else(|| CredentialMark::of(account, None), |person| person.credential),
            asked_at: now,
            ends_at: now.after(minutes(LINK_MINUTES)),
            wrong_codes: 0,
            address,
            agent: agent.to_owned(),
        }
    }

    /// Whether it is one of `portal` and not over at `now`.
    pub fn is_open(&self, portal: &str, now: Timestamp) -> bool {
        self.portal == portal && now < self.ends_at && self.wrong_codes < TRIES_PER_LINK
    }

    /// Whether it still leads to this person, as the directory knows them now.
    pub fn leads_to(&self, person: &Person) -> bool {
        self.person == person.id
            && may_be_mailed(person)
            && person.email.as_deref() == Some(self.email.as_str())
            && person.credential == self.credential
    }

    /// Whether this browser asked for it.
    pub fn is_of(&self, browser: Option<&Token>) -> bool {
        browser.is_some_and(|browser| browser.hash() == self.browser)
    }

    /// Takes the press of the link's button in `browser`.
    pub fn press(mut self, browser: Option<&Token>) -> Pressed {
        if self.is_of(browser) {
            return Pressed::Here(self);
        }
        self.link = None;
        Pressed::Elsewhere(self)
    }

    /// Takes a code in the browser that asked. None is right before the link's button was pressed elsewhere.
    pub fn answer(mut self, browser: &Token, typed: &Digits) -> Typed {
        let is_right = mixed(browser, typed).as_bytes().ct_eq(self.code.as_bytes());
        if bool::from(is_right) && self.link.is_none() {
            return Typed::Right(self);
        }
        self.wrong_codes += 1;
        if self.wrong_codes < TRIES_PER_LINK { Typed::Wrong(self) } else { Typed::Over }
    }
}

/// The code another device shows for the link that carries `link`.
pub fn code_of(link: &Token) -> Digits {
    link.six_digits(b"vestibule link code\0")
}

/// The cookie itself goes in, which is kept nowhere: six digits alone could be tried out by who reads the store.
fn mixed(browser: &Token, code: &Digits) -> TokenHash {
    browser.mixed_with(b"vestibule link answer\0", code.reveal().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        identity::{Origin, PasswordHash, Requirement, RequirementSource},
        token::Entropy,
    };

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn token(byte: u8) -> Token {
        Token::draw(&Fixed(byte))
    }

    fn anna() -> Person {
        let id = UserId::new("anna");
        Person {
            credential: CredentialMark::of(&id, None),
            id,
            name: "anna".to_owned(),
            display_name: "Anna".to_owned(),
            email: Some("anna@example.com".to_owned()),
            phone: None,
            groups: Vec::new(),
            password: None,
            requirement: Requirement::Required,
            requirement_source: RequirementSource::Everybody,
            disabled: false,
            closed_group: None,
            origin: Origin::File,
        }
    }

    fn offer(person: Option<&Person>) -> LinkOffer {
        let asking = Asking {
            account: &UserId::new("anna"),
            person,
            typed: "Anna@example.com",
            portal: "wiki",
            return_to: &ReturnTo::read("/deep"),
            address: IpAddr::from([192, 0, 2, 7]),
            agent: "Firefox",
        };
        LinkOffer::new(asking, &token(1), &token(2), NOW)
    }

    #[test]
    fn an_offer_is_open_for_fifteen_minutes_at_its_own_portal() {
        let offer = offer(Some(&anna()));
        let last = NOW.after(std::time::Duration::from_secs(15 * 60 - 1));
        assert!(offer.is_open("wiki", NOW) && offer.is_open("wiki", last));
        assert!(!offer.is_open("wiki", NOW.after(minutes(15))));
        assert!(!offer.is_open("planning", NOW));
    }

    #[test]
    fn an_offer_leads_to_the_same_person_with_the_same_address_and_password() {
        let offer = offer(Some(&anna()));
        assert!(offer.leads_to(&anna()));
        let moved = Some("anna@elsewhere.example".to_owned());
        let password = PasswordHash::new("new".to_owned());
        for changed in [
            Person { disabled: true, ..anna() },
            Person { email: moved, ..anna() },
            Person { email: None, ..anna() },
            Person { id: UserId::new("bob"), ..anna() },
            Person { credential: CredentialMark::of(&UserId::new("anna"), Some(&password)), ..anna() },
        ] {
            assert!(!offer.leads_to(&changed), "{changed:?}");
        }
    }

    #[test]
    fn an_offer_to_nobody_leads_to_nobody_who_comes_later() {
        let nobody = offer(None);
        assert!(!nobody.leads_to(&anna()));
        assert!(!nobody.leads_to(&Person { email: Some(String::new()), ..anna() }));
    }

    #[test]
    fn the_link_goes_on_in_the_browser_that_asked_and_only_there() {
        let whole = offer(Some(&anna()));
        assert!(matches!(whole.clone().press(Some(&token(1))), Pressed::Here(used) if used == whole));
        for browser in [None, Some(token(3)), Some(token(2))] {
            let pressed = offer(Some(&anna())).press(browser.as_ref());
            assert!(matches!(pressed, Pressed::Elsewhere(left) if left.link.is_none()));
        }
    }

    #[test]
    fn the_code_is_right_only_after_the_press_and_only_in_the_browser_that_asked() {
        let code = code_of(&token(2));
        assert!(matches!(offer(None).answer(&token(1), &code), Typed::Wrong(_)), "before the press");
        let Pressed::Elsewhere(pressed) = offer(None).press(None) else { panic!("no cookie") };
        assert!(matches!(pressed.clone().answer(&token(3), &code), Typed::Wrong(_)));
        assert!(matches!(pressed.answer(&token(1), &code), Typed::Right(_)));
    }

    #[test]
    fn the_fifth_wrong_code_is_the_last() {
        let Pressed::Elsewhere(mut left) = offer(None).press(None) else { panic!("no cookie") };
        let wrong = code_of(&token(9));
        for tries in 1..5 {
            let Typed::Wrong(next) = left.answer(&token(1), &wrong) else { panic!("try {tries}") };
            left = next;
        }
        assert!(left.is_open("wiki", NOW));
        assert!(matches!(left.clone().answer(&token(1), &code_of(&token(2))), Typed::Right(_)));
        assert!(matches!(left.answer(&token(1), &wrong), Typed::Over));
    }

    #[test]
    fn codes_differ_and_nothing_secret_prints() {
        assert_ne!(code_of(&token(2)), code_of(&token(3)));
        let printed = format!("{:?}", offer(Some(&anna())));
        assert_eq!(printed, "LinkOffer(anna at wiki, wrong 0)");
    }
}
