//! Checking hashes that other programs made. They are read by [`crate::domain::password_hash`] before, which knows what each
//! costs; whoever signs in with one gets one of ours.

use md5::{Digest as _, Md5};
use sha_crypt::{PasswordVerifier as _, ShaCrypt};
use subtle::ConstantTimeEq as _;
use yescrypt::Yescrypt;

/// Rounds of SHA-crypt cost by the length of the password: nobody pays for more of it.
const LONGEST_FOR_SHA: usize = 256;

const APR1: &str = "$apr1$";
const APR1_ROUNDS: usize = 1000;
const SIGNS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(super) fn is_bcrypt(password: &str, hash: &str) -> bool {
    bcrypt::verify(password, hash).unwrap_or(false)
}

pub(super) fn is_sha_crypt(password: &str, hash: &str) -> bool {
    // A longer one takes as long, and is wrong.
    let cut = &password[..password.floor_char_boundary(LONGEST_FOR_SHA)];
    let matches = ShaCrypt::default().verify_password(cut.as_bytes(), hash).is_ok();
    matches && cut.len() == password.len()
}

pub(super) fn is_yescrypt(password: &str, hash: &str) -> bool {
    Yescrypt::default().verify_password(password.as_bytes(), hash).is_ok()
}

pub(super) fn is_apr1(password: &str, hash: &str) -> bool {
    let Some((salt, made)) = hash.strip_prefix(APR1).and_then(|rest| rest.split_once('$')) else {
        return false;
    };
    apr1(password.as_bytes(), salt.as_bytes()).as_bytes().ct_eq(made.as_bytes()).into()
}

/// Apache's variant of MD5-crypt, as `apr_md5_encode` computes it.
fn apr1(password: &[u8], salt: &[u8]) -> String {
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut outer = Md5::new().chain_update(password).chain_update(APR1).chain_update(salt);
    for left in (1..=password.len()).rev().step_by(16) {
        outer.update(&inner[..left.min(16)]);
    }
    let mut bits = password.len();
    while bits > 0 {
        outer.update(if bits & 1 == 1 { &[0][..] } else { password.get(..1).unwrap_or_default() });
        bits >>= 1;
    }
    let mut digest = outer.finalize();
    for round in 0..APR1_ROUNDS {
        let mut next = Md5::new();
        let (first, last) = if round % 2 == 1 { (password, &digest[..]) } else { (&digest[..], password) };
        next.update(first);
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(last);
        digest = next.finalize();
    }
    let mut made = String::with_capacity(22);
    for [high, middle, low] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        let bits = u32::from(digest[high]) << 16 | u32::from(digest[middle]) << 8 | u32::from(digest[low]);
        push_signs(&mut made, bits, 4);
    }
    push_signs(&mut made, u32::from(digest[11]), 2);
    made
}

fn push_signs(made: &mut String, mut bits: u32, count: usize) {
    for _ in 0..count {
        made.push(char::from(SIGNS[(bits & 0x3f) as usize]));
        bits >>= 6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&str, &str) -> bool;

    /// Made by libxcrypt of Debian 12; those of `$apr1$` by OpenSSL, and the one of the manual of Apache's htpasswd.
    const MADE_ELSEWHERE: [(Check, &str, &str); 10] = [
        (is_bcrypt, "correct horse", "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"),
        (is_bcrypt, "correct horse", "$2a$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"),
        (is_bcrypt, "pässwörd", "$2y$05$abcdefghijklmnopqrstuuZVEMa1pjhlynBQ1qXmSvGBJpN9h1w8G"),
        (is_sha_crypt, "correct horse", "$5$saltstring$vc6YOOogU4kWVvwga8e9zTFgKcy4tb5LaPxIiPJzqEC"),
        (
            is_sha_crypt,
            "correct horse",
            "$6$rounds=10000$saltstringsaltst$uWkfitxWIj/pKw1nBSBgiQR8Pwbr7IMycYT33N8JITrE33DUmC8bV6rVVtFeP/iZRI3xx58jHgvVgQRG8FBmF/",
        ),
        (
            is_yescrypt,
            "correct horse",
            "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$CbmXE/O/0bCHlsAzIaBSSe6Q31ZVeM4OxkjSOnAQ3C6",
        ),
        (
            is_yescrypt,
            "correct horse",
            "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$rfA07bT0O97FNWV5Cb8oFDnoGBJLXwSI4w/PIpLfyy2",
        ),
        (is_apr1, "myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"),
        (is_apr1, "0123456789abcdef0", "$apr1$r31.....$1QWKZK5n2ZJTLaibIPOOd/"),
        (is_apr1, "", "$apr1$r31.....$iQoXxeL5pW.kaXVrniDCU0"),
    ];

    #[test]
    fn hashes_made_elsewhere_are_of_their_password_and_of_no_other() {
        for (check, password, hash) in MADE_ELSEWHERE {
            let known = crate::domain::password_hash::read(hash).unwrap();
            assert!(check(password, hash), "{hash}");
            for other in [format!("{password}x"), password.to_uppercase() + "!", "wrong".to_owned()] {
                assert!(!check(&other, hash), "{hash} of {other}");
            }
            // What is computed for names nobody has is nobody's password.
            assert!(!check(password, known.stand_in().as_str()), "{hash}");
            assert!(!check("", known.stand_in().as_str()), "{hash}");
        }
    }

    #[test]
    fn a_password_longer_than_sha_crypt_pays_for_is_wrong() {
        let of_256 = "$6$rounds=1000$saltsalt$GiimyiCxjwADkjkTcdx76FLdz/BR6SrvfWaVvHHT09oz7wu0rgiitQJ9jPG3YOSmhoPc/lI1L1pei9aSCUnIb.";
        let of_257 = "$6$rounds=1000$saltsalt$DJ7HKkzQqI/xOBx1R2Ft/vXIcghKXgV2OEUzPlyj2KICS7uoxWJtBKmey7BSb2/ECLU79VyudqVFwm0B3SidR/";
        assert!(is_sha_crypt(&"x".repeat(256), of_256));
        assert!(!is_sha_crypt(&"x".repeat(257), of_256));
        assert!(!is_sha_crypt(&"x".repeat(257), of_257));
    }
}
