//! A PIN that unlocks one remembered device: what it may look like, what is kept of it, and how wrong ones are counted.
//!
//! A PIN is short. It is worth something only together with the device it was set on, and for a few tries in a row: then
//! the device is forgotten, and the PIN with it.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    identity::{PasswordHash, UserId},
    time::Timestamp,
    token::RecordId,
};

/// Digits a PIN has at least.
pub const SHORTEST_PIN: usize = 6;
/// Digits a PIN has at most.
pub const LONGEST_PIN: usize = 12;
/// Wrong PINs in a row that end the trust in the device.
pub const WRONG_PINS: u32 = 5;

/// Six to twelve digits. Never stored, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Reads what was typed. Spaces around it are nobody's intention; anything but digits is no PIN.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let fits = (SHORTEST_PIN..=LONGEST_PIN).contains(&typed.len());
        (fits && typed.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| Self(Zeroizing::new(typed.to_owned())))
    }

    /// Whether it is among the first that anybody would try: one digit over and over, digits in a row up or down, or a
    /// short piece said again and again (`121212`, `123123`, `19901990`).
    pub fn is_weak(&self) -> bool {
        let digits = self.0.as_bytes();
        let steps_by = |step: u8| {
            // Around the end too: 7 8 9 0 is a row.
            digits.windows(2).all(|pair| matches!(pair, [a, b] if (a - b'0' + step) % 10 == b - b'0'))
        };
        let repeats = (1..=digits.len() / 2).any(|length| {
            let (piece, _) = digits.split_at(length);
            digits.chunks(length).all(|chunk| piece.starts_with(chunk))
        });
        repeats || steps_by(1) || steps_by(9)
    }

    /// The digits, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The PIN of one device trust; gone with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicePin {
    /// The trust it belongs to.
    pub device: RecordId,
    /// Whose.
    pub person: UserId,
    /// The portal it was set at, and the only one it unlocks: browsers keep the device's cookie for one host as well.
    pub portal: String,
    /// What is kept of the PIN.
    pub hash: PasswordHash,
    /// When it was set.
    pub set_at: Timestamp,
    /// Wrong ones in a row, those being checked included.
    pub wrong: u32,
}

/// What a wrong PIN left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinLeft {
    /// So many tries.
    Tries(u32),
    /// Nothing: this one ended the trust in the device.
    Ended,
    /// Nothing was left any more.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_to_twelve_digits() {
        for (typed, is) in [
            ("", false),
            ("40719", false),
            ("407193", true),
            (" 407193 ", true),
            ("407193582614", true),
            ("4071935826149", false),
            ("40719a", false),
            ("407 193", false),
            ("٤٠٧١٩٣", false),
            ("+40719", false),
        ] {
            assert_eq!(Pin::read(typed).is_some(), is, "{typed}");
        }
    }

    #[test]
    fn what_anybody_would_try_first_is_weak() {
        let is_weak = |typed: &str| Pin::read(typed).unwrap().is_weak();
        for weak in [
            "000000",
            "111111",
            "123456",
            "234567",
            "567890",
            "654321",
            "987654",
            "210987",
            "121212",
            "123123",
            "1231231",
            "19901990",
            "777777777777",
        ] {
            assert!(is_weak(weak), "{weak}");
        }
        for fine in ["407193", "123457", "112358", "198473", "111112", "246802", "123321"] {
            assert!(!is_weak(fine), "{fine}");
        }
    }

    #[test]
    fn a_pin_is_never_printed() {
        assert_eq!(format!("{:?}", Pin::read("407193").unwrap()), "Pin(…)");
    }
}
