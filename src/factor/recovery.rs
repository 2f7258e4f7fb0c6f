//! Recovery codes: ten long codes kept on paper, each good once.
//!
//! Seventy random bits each, so that a labelled hash bound to the person is enough to keep.

use std::fmt;

use zeroize::Zeroizing;

use crate::domain::{
    identity::UserId,
    token::{Entropy, TokenHash, sha256},
};

/// How many are made at once.
pub const CODES: usize = 10;

/// Without 0, 1, I and O, which look alike on paper. Thirty-two, so every random byte maps evenly.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 14;
/// Hyphens after these characters: `ABCDE-FGHJ-KLMNP`.
const GROUP_ENDS: [usize; 2] = [5, 9];

/// One recovery code, in capitals and without hyphens.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A fresh code.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        entropy.fill(&mut *bytes);
        let code = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        Self(Zeroizing::new(code))
    }

    /// Reads what was typed: case, blanks and hyphens do not matter. `None` for anything that cannot be a code.
    pub fn read(typed: &str) -> Option<Self> {
        // No character is taken for another: 0, O, 1 and I are in no code, so none could be meant.
        let code: Zeroizing<String> = Zeroizing::new(
            typed
                .chars()
                .filter(|c| !(c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')))
                .take(LENGTH + 1)
                .map(|c| c.to_ascii_uppercase())
                .collect(),
        );
        let fits = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then_some(Self(code))
    }

    /// The code as it is shown, in groups.
    pub fn grouped(&self) -> String {
        let mut shown = String::with_capacity(LENGTH + GROUP_ENDS.len());
        for (at, c) in self.0.chars().enumerate() {
            if GROUP_ENDS.contains(&at) {
                shown.push('-');
            }
            shown.push(c);
        }
        shown
    }

    /// What is kept of it. Bound to the person: equal codes of two people are two hashes.
    pub fn hash(&self, person: &UserId) -> TokenHash {
        TokenHash::from_bytes(sha256(&[
            b"vestibule recovery code\0",
            person.as_str().as_bytes(),
            b"\0",
            self.0.as_bytes(),
        ]))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// Ten fresh codes.
pub fn draw_codes(entropy: &dyn Entropy) -> Vec<RecoveryCode> {
    std::iter::repeat_with(|| RecoveryCode::draw(entropy)).take(CODES).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn ten_different_codes_of_seventy_bits_in_groups() {
        let codes = draw_codes(&Counting::default());
        assert_eq!(codes.len(), 10);
        assert_eq!(codes[0].grouped(), "23456-789A-BCDEF");
        for (at, code) in codes.iter().enumerate() {
            assert!(!codes[..at].contains(code));
        }
    }

    #[test]
    fn a_code_is_read_back_in_any_case_and_grouping() {
        let code = RecoveryCode::draw(&Counting::default());
        for typed in ["23456-789A-BCDEF", "23456789abcdef", " 2345 6789 abcd ef ", "23456–789a–bcdef"] {
            assert_eq!(RecoveryCode::read(typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_not_read() {
        for typed in [
            "",
            "23456-789A-BCDE",
            "23456-789A-BCDEFG",
            "O3456-789A-BCDEF",
            "13456-789A-BCDEF",
            "é3456789ABCDE",
        ] {
            assert_eq!(RecoveryCode::read(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_hash_is_bound_to_the_person() {
        let code = RecoveryCode::draw(&Counting::default());
        assert_eq!(code.hash(&UserId::new("Anna")), code.hash(&UserId::new("anna")));
        assert_ne!(code.hash(&UserId::new("anna")), code.hash(&UserId::new("bob")));
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }
}
