//! Codes from an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds).
//!
//! Checking says what a code is worth; that a step is used up only once is the store's word, not this room's.

use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, Builder, Totp};

use crate::domain::{factor::TotpKey, time::Timestamp, token::Entropy};

const STEP_SECONDS: i64 = 30;
/// Steps before and after the present one that are accepted.
const TOLERANCE: i64 = 1;
/// Steps searched to tell a wrong clock from a wrong code; ten minutes either way. Never accepted.
const FAR: i64 = 20;

/// Six digits as typed, brought to ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; 6]);

impl Code {
    /// Reads what was typed or pasted: blanks and hyphens are dropped, full-width and Arabic digits are digits too.
    pub fn read(typed: &str) -> Option<Self> {
        let mut digits = [0; 6];
        let mut count = 0;
        for c in typed.chars().filter(|&c| !is_separator(c)) {
            let digit = digit(c)?;
            *digits.get_mut(count)? = b'0' + digit;
            count += 1;
        }
        (count == digits.len()).then_some(Self(digits))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What a code is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Right for this step, which the caller now uses up.
    Right {
        /// The step.
        step: i64,
    },
    /// Right, but for a step no later than the last one accepted.
    AlreadyUsed,
    /// Right for a clock that is off by this many minutes (positive: the phone is ahead).
    ClockOff {
        /// Whole minutes, never zero.
        minutes: i64,
        /// The step it is right for.
        step: i64,
    },
    /// Wrong.
    Wrong,
}

/// A fresh key of 160 bits.
pub fn new_key(entropy: &dyn Entropy) -> TotpKey {
    let mut bytes = vec![0; 20];
    entropy.fill(&mut bytes);
    TotpKey::new(bytes)
}

/// The key as people type it: base32 without padding.
pub fn base32(key: &TotpKey) -> String {
    data_encoding::BASE32_NOPAD.encode(key.bytes())
}

/// The `otpauth:` address that apps and QR codes take.
pub fn address(key: &TotpKey, issuer: &str, account: &str) -> String {
    // The format separates the two by a colon, so neither may hold one.
    let (issuer, account) = (issuer.replace(':', " "), account.replace(':', " "));
    let built = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(key.bytes().to_vec())
        .with_account_name(account)
        .with_issuer(Some(issuer).filter(|issuer| !issuer.is_empty()))
        .build();
    // Fails only for a key under 128 bits or an empty account name, and we make neither.
    built.and_then(|totp| totp.to_url()).unwrap_or_default()
}

/// Checks `code` at `now` against a key whose last accepted step is `last_step`.
pub fn check(key: &TotpKey, code: &Code, now: Timestamp, last_step: i64) -> Outcome {
    let totp = generator(key);
    let present = now.unix().div_euclid(STEP_SECONDS);
    let fits = |step: i64| {
        u64::try_from(step.saturating_mul(STEP_SECONDS))
            .is_ok_and(|at| bool::from(totp.generate(at).to_string().as_bytes().ct_eq(&code.0)))
    };
    let near: Vec<i64> = (present - TOLERANCE..=present + TOLERANCE).filter(|&step| fits(step)).collect();
    if let Some(&step) = near.iter().find(|&&step| step > last_step) {
        return Outcome::Right { step };
    }
    if !near.is_empty() {
        return Outcome::AlreadyUsed;
    }
    // The nearest first: an accidental match far away must not make up a clock.
    for distance in TOLERANCE + 1..=FAR {
        let minutes = ((distance * STEP_SECONDS + 30) / 60).max(1);
        for (minutes, step) in [(-minutes, present - distance), (minutes, present + distance)] {
            if fits(step) {
                return Outcome::ClockOff { minutes, step };
            }
        }
    }
    Outcome::Wrong
}

fn generator(key: &TotpKey) -> Totp {
    Builder::new().with_algorithm(Algorithm::SHA1).with_secret(key.bytes().to_vec()).build_noncompliant()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}')
}

fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238, appendix B.
    fn rfc_key() -> TotpKey {
        TotpKey::new(b"12345678901234567890".to_vec())
    }

    fn code(text: &str) -> Code {
        Code::read(text).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    #[test]
    fn rfc_6238_appendix_b() {
        // The RFC lists eight digits; six-digit codes are their last six.
        for (seconds, digits) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let outcome = check(&rfc_key(), &code(&digits[2..]), at(seconds), -1);
            assert_eq!(outcome, Outcome::Right { step: seconds / 30 }, "{seconds}");
        }
    }

    #[test]
    fn one_step_of_tolerance_either_way_and_no_more() {
        // The code of step 37037036 (1111111080 to 1111111109).
        let code = code("081804");
        let judge = |now| check(&rfc_key(), &code, at(now), -1);
        let right = Outcome::Right { step: 37_037_036 };
        let off = |minutes| Outcome::ClockOff { minutes, step: 37_037_036 };
        assert_eq!(judge(1_111_111_080 - 31), off(1));
        assert_eq!(judge(1_111_111_080 - 30), right);
        assert_eq!(judge(1_111_111_139), right);
        assert_eq!(judge(1_111_111_140), off(-1));
    }

    #[test]
    fn a_step_no_later_than_the_last_accepted_is_used_up() {
        let judge = |last_step| check(&rfc_key(), &code("081804"), at(1_111_111_109), last_step);
        assert_eq!(judge(37_037_035), Outcome::Right { step: 37_037_036 });
        assert_eq!(judge(37_037_036), Outcome::AlreadyUsed);
        assert_eq!(judge(37_037_037), Outcome::AlreadyUsed);
    }

    #[test]
    fn a_clock_is_suspected_up_to_ten_minutes_and_beyond_it_the_code_is_wrong() {
        let judge = |now| check(&rfc_key(), &code("081804"), at(now), -1);
        let off = |minutes| Outcome::ClockOff { minutes, step: 37_037_036 };
        assert_eq!(judge(1_111_111_080 - 240), off(4));
        assert_eq!(judge(1_111_111_080 - 600), off(10));
        assert_eq!(judge(1_111_111_080 + 600), off(-10));
        assert_eq!(judge(1_111_111_080 - 630), Outcome::Wrong);
        assert_eq!(judge(1_111_111_080 + 630), Outcome::Wrong);
    }

    #[test]
    fn codes_are_read_as_people_type_and_paste_them() {
        for typed in ["081804", " 081 804 ", "081-804", "０８１８０４", "٠٨١٨٠٤", "۰۸۱۸۰۴", "081\u{a0}804"]
        {
            assert_eq!(Code::read(typed), Some(Code(*b"081804")), "{typed}");
        }
        for typed in ["", "08180", "0818044", "08180a", "081804x", "+81804", "0.1804", "²81804"] {
            assert_eq!(Code::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_address_names_issuer_and_account_and_survives_a_colon() {
        let drawn = address(&rfc_key(), "Planning: Nord", "anna@example.com");
        assert_eq!(
            drawn,
            "otpauth://totp/Planning%20%20Nord:anna%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Planning%20%20Nord"
        );
        assert_eq!(base32(&rfc_key()), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_new_key_has_160_bits() {
        struct Ones;
        impl Entropy for Ones {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(1);
            }
        }
        assert_eq!(new_key(&Ones).bytes(), [1; 20]);
    }
}
