//! A code that was sent to a mail address or a mobile number, and when another may be sent.
//!
//! It lives in the sign-in that asked for it and nowhere else, so no other sign-in, person or portal can use it, and it is
//! gone when that sign-in goes on. Wrong answers are counted by the sign-in: five end it, however many codes were sent.

use std::{fmt, time::Duration};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    factor::{CodeVerdict, Method},
    time::{Timestamp, minutes},
    token::Entropy,
};

/// For how long a code that was sent is good.
pub const SENT_CODE_MINUTES: u64 = 10;
/// Codes one sign-in may have sent.
pub const MOST_SENDS: u32 = 5;
/// How long after the first code another may be sent the same way; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// Six digits. Sealed at rest, wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Digits(Zeroizing<String>);

impl Digits {
    /// Fresh ones, every number as likely as any other.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        // The last numbers below 2³² would make small codes likelier: they are drawn again.
        const FAIR: u32 = u32::MAX / 1_000_000 * 1_000_000;
        loop {
            let mut bytes = [0; 4];
            entropy.fill(&mut bytes);
            let number = u32::from_be_bytes(bytes);
            if number < FAIR {
                return Self(Zeroizing::new(format!("{:06}", number % 1_000_000)));
            }
        }
    }

    /// The last six digits of a number.
    pub(super) fn from_number(number: u64) -> Self {
        Self(Zeroizing::new(format!("{:06}", number % 1_000_000)))
    }

    /// Reads six ASCII digits, blanks around or between them aside; anything else is no code.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let digits: Zeroizing<String> =
            Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace()).collect());
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self(digits))
    }

    /// The digits, for the letter and for the seal.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(…)")
    }
}

/// The code a sign-in had sent last.
#[derive(Clone, PartialEq, Eq)]
pub struct SentCode {
    /// By mail or by SMS.
    pub method: Method,
    /// The address or number it went to.
    pub to: String,
    /// The code.
    pub digits: Digits,
    /// When.
    pub sent_at: Timestamp,
    /// How many this sign-in has had sent, this one included.
    pub sends: u32,
}

/// Whether another code may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sending {
    /// Yes.
    Go,
    /// Not before that moment: the last one may still be on its way.
    Wait(Timestamp),
    /// Not in this sign-in.
    NoMore,
}

impl SentCode {
    /// A fresh code that takes the place of `before`, the last of the same sign-in.
    pub fn draw(
        method: Method,
        to: &str,
        before: Option<&Self>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Self {
        let sends = before.map_or(0, |before| before.sends) + 1;
        Self { method, to: to.to_owned(), digits: Digits::draw(entropy), sent_at: now, sends }
    }

    /// When it is no longer good.
    pub fn ends_at(&self) -> Timestamp {
        self.sent_at.after(minutes(SENT_CODE_MINUTES))
    }

    /// Whether it is still good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at()
    }

    /// What `typed` is worth as an answer to `method`, against the code a sign-in had sent last.
    pub fn judge(sent: Option<&Self>, method: Method, typed: &Digits, now: Timestamp) -> CodeVerdict {
        match sent.filter(|sent| sent.method == method && sent.is_live(now)) {
            None => CodeVerdict::Lapsed,
            Some(sent) if bool::from(sent.digits.0.as_bytes().ct_eq(typed.0.as_bytes())) => {
                CodeVerdict::Right { method }
            }
            Some(_) => CodeVerdict::Wrong,
        }
    }

    /// Whether another code may be sent by `method` after this sign-in's last one. Another way need not wait: the first may
    /// be the one that does not work.
    pub fn may_follow(sent: Option<&Self>, method: Method, now: Timestamp) -> Sending {
        let Some(sent) = sent else { return Sending::Go };
        if sent.sends >= MOST_SENDS {
            return Sending::NoMore;
        }
        let wait = FIRST_WAIT * 2_u32.saturating_pow(sent.sends.saturating_sub(1));
        let from = sent.sent_at.after(wait);
        if sent.method == method && now < from { Sending::Wait(from) } else { Sending::Go }
    }
}

impl fmt::Debug for SentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SentCode({}, {} sent)", self.method.name(), self.sends)
    }
}

/// A mail address or number as far as its owner needs to recognise it: `a…@e….com`, `…42`.
pub fn masked(method: Method, to: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    if method == Method::Email
        && let Some((local, domain)) = to.rsplit_once('@')
    {
        let (name, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let dot = if top.is_empty() { "" } else { "." };
        return format!("{}…@{}…{dot}{top}", first(local), first(name));
    }
    let digits: Vec<char> = to.chars().filter(char::is_ascii_digit).collect();
    format!("…{}", digits[digits.len().saturating_sub(2)..].iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    struct Bytes(std::sync::Mutex<Vec<[u8; 4]>>);

    impl Entropy for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            let mut left = self.0.lock().unwrap();
            buffer.copy_from_slice(&left.remove(0));
        }
    }

    fn later(seconds: u64) -> Timestamp {
        NOW.after(Duration::from_secs(seconds))
    }

    fn sent(sends: u32) -> SentCode {
        let digits = Digits::read("012345").unwrap();
        SentCode { method: Method::Email, to: "anna@example.com".to_owned(), digits, sent_at: NOW, sends }
    }

    fn judged(method: Method, typed: &str, now: Timestamp) -> CodeVerdict {
        SentCode::judge(Some(&sent(1)), method, &Digits::read(typed).unwrap(), now)
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_to_the_second() {
        let right = CodeVerdict::Right { method: Method::Email };
        assert_eq!(judged(Method::Email, "012345", NOW), right);
        assert_eq!(judged(Method::Email, "012345", later(599)), right);
        assert_eq!(judged(Method::Email, "012345", later(600)), CodeVerdict::Lapsed);
        assert_eq!(judged(Method::Email, "012346", later(599)), CodeVerdict::Wrong);
        assert_eq!(judged(Method::Email, "012346", later(600)), CodeVerdict::Lapsed, "nothing is compared");
    }

    #[test]
    fn a_code_answers_only_the_way_it_was_sent() {
        assert_eq!(judged(Method::Sms, "012345", NOW), CodeVerdict::Lapsed);
        let typed = Digits::read("012345").unwrap();
        assert_eq!(SentCode::judge(None, Method::Email, &typed, NOW), CodeVerdict::Lapsed);
    }

    #[test]
    fn each_further_code_waits_longer_and_there_is_no_sixth() {
        let ask = |sends, seconds| SentCode::may_follow(Some(&sent(sends)), Method::Email, later(seconds));
        assert_eq!(SentCode::may_follow(None, Method::Email, NOW), Sending::Go);
        for (sends, wait) in [(1, 30), (2, 60), (3, 120), (4, 240)] {
            assert_eq!(ask(sends, wait - 1), Sending::Wait(later(wait)), "{sends}");
            assert_eq!(ask(sends, wait), Sending::Go, "{sends}");
        }
        assert_eq!(ask(5, 100_000), Sending::NoMore);
    }

    #[test]
    fn another_way_need_not_wait_but_counts() {
        let ask = |sends| SentCode::may_follow(Some(&sent(sends)), Method::Sms, NOW);
        assert_eq!((ask(4), ask(5)), (Sending::Go, Sending::NoMore));
        let entropy = Bytes(vec![[0; 4]].into());
        let next = SentCode::draw(Method::Sms, "+4917042", Some(&sent(4)), &entropy, later(9));
        assert_eq!((next.method, next.sends, next.sent_at), (Method::Sms, 5, later(9)));
        assert_eq!(next.digits.reveal(), "000000");
    }

    #[test]
    fn every_code_is_as_likely_as_any_other() {
        // 4 294 000 000 is the first number that would give the low codes one chance more.
        let unfair = 4_294_000_000_u32.to_be_bytes();
        let entropy = Bytes(vec![unfair, [0xff; 4], 4_293_999_999_u32.to_be_bytes()].into());
        assert_eq!(Digits::draw(&entropy).reveal(), "999999");
    }

    #[test]
    fn six_digits_are_a_code_and_nothing_else() {
        for typed in ["012345", " 012345\n", "012 345"] {
            assert_eq!(Digits::read(typed).unwrap().reveal(), "012345");
        }
        for typed in ["", "12345", "0123456", "01234a", "٠١٢٣٤٥", "-12345", "012-345"] {
            assert!(Digits::read(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn addresses_and_numbers_are_shown_masked() {
        for (to, shown) in [
            ("anna@example.com", "a…@e….com"),
            ("ö@mail.example.org", "ö…@m….org"),
            ("anna@intranet", "a…@i…"),
        ] {
            assert_eq!(masked(Method::Email, to), shown);
        }
        for (to, shown) in [("+49 170 1234 542", "…42"), ("7", "…7"), ("", "…")] {
            assert_eq!(masked(Method::Sms, to), shown);
        }
    }

    #[test]
    fn a_code_does_not_print() {
        let printed = format!("{:?} {:?}", sent(1), sent(1).digits);
        assert!(!printed.contains("012345") && !printed.contains("anna"));
    }
}
