//! Password hashes as they are kept: of which kind one is, what checking it costs, and whether it is taken at all.
//!
//! Ours are argon2id. Those that other programs made are taken as long as checking one cannot stop the machine: whoever may
//! write a table of people must not be able to. Computing them is for `factor`.

use argon2::{Params, password_hash::phc};
use serde::{Deserialize, Serialize};

use super::identity::PasswordHash;

/// Ceilings: at them a check takes about a second.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 20;
const MOST_LANES: u32 = 16;
const MOST_BCRYPT_COST: u32 = 14;
const MOST_ROUNDS: u32 = 1_000_000;
const MOST_YESCRYPT_MIB: u64 = 256;
/// Fewer rounds no program writes.
const LEAST_ROUNDS: u32 = 1000;
/// Memory times passes below which a stolen hash is guessed too cheaply (half of OWASP's least).
const LEAST_WORK: u64 = 16 * 1024;

/// Kinds that are not taken, by what stands between the first two `$`.
const FOREIGN: [(&[&str], &str); 8] = [
    (&["argon2i", "argon2d"], "argon2i or argon2d"),
    (&["2", "2x"], "bcrypt of before 2011"),
    (&["1"], "MD5-crypt"),
    (&["3"], "NT"),
    (&["gy"], "gost-yescrypt"),
    (&["7", "scrypt"], "scrypt"),
    (&["md5", "sha1"], "Sun MD5 or SHA-1"),
    (&["pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"], "PBKDF2"),
];

/// The alphabets of bcrypt and of all other old kinds, in the order of their values.
const BCRYPT_SIGNS: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CRYPT_SIGNS: &str = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What made a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HashKind {
    /// What we make.
    Argon2id,
    /// `$2a$`, `$2b$`, `$2y$`: PHP, Rails, `htpasswd -B`.
    Bcrypt,
    /// `$5$`, `$6$`: shadow files.
    ShaCrypt,
    /// `$y$`: shadow files since Debian 11.
    Yescrypt,
    /// `$apr1$`: what `htpasswd` makes where nobody says otherwise.
    Apr1,
}

impl HashKind {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Argon2id => "argon2id",
            Self::Bcrypt => "bcrypt",
            Self::ShaCrypt => "SHA-crypt",
            Self::Yescrypt => "yescrypt",
            Self::Apr1 => "Apache MD5",
        }
    }
}

/// A hash that can be checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What made it.
    pub kind: HashKind,
    /// What checking it takes.
    pub cost: String,
    /// Whether who steals it guesses cheaply.
    pub is_cheap: bool,
    /// Everything before the salt.
    head: String,
}

/// Why a hash is not taken, as the rest of a sentence about it. Nothing of what was written is told: it may be a password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HashFault {
    /// It looks like a password.
    #[error("is not a hash")]
    NotAHash,
    /// It is of a kind that nobody checks here.
    #[error("is a hash of kind {0}, which is not taken")]
    Foreign(String),
    /// It is of no kind that is known.
    #[error("is no hash of a kind that is known here")]
    Unknown,
    /// It is cut, or was changed.
    #[error("is a damaged {0} hash")]
    Damaged(String),
    /// Two people with one password would be seen to have it.
    #[error("has too short a salt")]
    ShortSalt,
    /// Checking it could stop the machine.
    #[error("is too costly to check ({cost}; at most {most})")]
    TooCostly {
        /// What it takes.
        cost: String,
        /// What it may take.
        most: String,
    },
    /// Apache's MD5, which nobody allowed.
    #[error("is an Apache MD5 hash ($apr1$), which is guessed too fast")]
    Apr1,
}

impl Known {
    /// A hash that costs the same, of nobody's password.
    pub fn stand_in(&self) -> PasswordHash {
        let (salt, sign, length) = match self.kind {
            HashKind::Argon2id => ("dmVzdGlidWxlIG5vYm9keQ$", "A", 43),
            HashKind::Bcrypt => ("......................", ".", 31),
            HashKind::ShaCrypt if self.head.starts_with("$5") => ("vestibulenobody.$", ".", 43),
            HashKind::ShaCrypt => ("vestibulenobody.$", ".", 86),
            HashKind::Yescrypt => ("......................$", ".", 43),
            HashKind::Apr1 => ("........$", ".", 22),
        };
        PasswordHash::new(format!("{}{salt}{}", self.head, sign.repeat(length)))
    }

    /// Whether one of ours should take its place, once the password is known.
    pub fn is_old(&self) -> bool {
        self.kind != HashKind::Argon2id || self.is_cheap
    }

    /// Whether all of a password of so many bytes went into it. What bcrypt leaves off was never proven.
    pub const fn covers(&self, bytes: usize) -> bool {
        !matches!(self.kind, HashKind::Bcrypt) || bytes <= 72
    }
}

/// What kind of hash this is.
///
/// # Errors
/// Why it is not taken.
pub fn read(text: &str) -> Result<Known, HashFault> {
    let Some(rest) = text.strip_prefix('$') else {
        return Err(match text {
            sha if sha.starts_with("{SHA}") || sha.starts_with("{SSHA}") => {
                HashFault::Foreign("SHA-1".to_owned())
            }
            _ => HashFault::NotAHash,
        });
    };
    let (mark, rest) = rest.split_once('$').unwrap_or((rest, ""));
    match mark {
        "argon2id" => argon2id(text),
        "2a" | "2b" | "2y" => bcrypt(mark, rest),
        "5" => sha_crypt(mark, rest, 43),
        "6" => sha_crypt(mark, rest, 86),
        "y" => yescrypt(rest),
        "apr1" => apr1(rest),
        // Only a kind that is known is named: anything else could be part of a password that starts with "$".
        _ => Err(match FOREIGN.iter().find(|(marks, _)| marks.contains(&mark)) {
            Some((_, name)) => HashFault::Foreign((*name).to_owned()),
            None => HashFault::Unknown,
        }),
    }
}

fn argon2id(text: &str) -> Result<Known, HashFault> {
    let damaged = || HashFault::Damaged(HashKind::Argon2id.name().to_owned());
    let parsed = phc::PasswordHash::new(text).map_err(|_| damaged())?;
    let params = Params::try_from(&parsed).map_err(|_| damaged())?;
    let salt = parsed.salt.ok_or_else(damaged)?;
    if parsed.version != Some(19) || parsed.hash.is_none_or(|hash| hash.len() < 16) {
        return Err(damaged());
    }
    if salt.len() < 8 {
        return Err(HashFault::ShortSalt);
    }
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let cost = format!("m={memory}, t={passes}, p={lanes}");
    if memory > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
        let most = format!("m={MOST_MEMORY_KIB}, t={MOST_PASSES}, p={MOST_LANES}");
        return Err(HashFault::TooCostly { cost, most });
    }
    let is_cheap = u64::from(memory) * u64::from(passes) < LEAST_WORK;
    let head = format!("$argon2id$v=19$m={memory},t={passes},p={lanes}$");
    Ok(Known { kind: HashKind::Argon2id, cost, is_cheap, head })
}

fn bcrypt(mark: &str, rest: &str) -> Result<Known, HashFault> {
    let damaged = || HashFault::Damaged(HashKind::Bcrypt.name().to_owned());
    let (cost, body) = rest.split_once('$').ok_or_else(damaged)?;
    let is_number = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = cost.parse().ok().filter(|number| is_number && *number >= 4).ok_or_else(damaged)?;
    let value = |at: usize| body.get(at..=at).and_then(|sign| BCRYPT_SIGNS.find(sign));
    // The last sign of salt and of hash has bits that mean nothing; they are never set.
    let is_whole = body.len() == 53 && is_of(body, BCRYPT_SIGNS);
    if !is_whole || value(21).is_none_or(|last| last % 16 != 0) || value(52).is_none_or(|last| last % 4 != 0)
    {
        return Err(damaged());
    }
    let cost = format!("cost {number}");
    if number > MOST_BCRYPT_COST {
        return Err(HashFault::TooCostly { cost, most: format!("cost {MOST_BCRYPT_COST}") });
    }
    Ok(Known { kind: HashKind::Bcrypt, cost, is_cheap: number < 10, head: format!("${mark}${number:02}$") })
}

fn sha_crypt(mark: &str, rest: &str, length: usize) -> Result<Known, HashFault> {
    let damaged = || HashFault::Damaged(HashKind::ShaCrypt.name().to_owned());
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        None => (None, rest),
        Some(told) => {
            let (number, rest) = told.split_once('$').ok_or_else(damaged)?;
            let is_number = number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u32 = number.parse().ok().filter(|_| is_number).ok_or_else(damaged)?;
            (Some(number), rest)
        }
    };
    let (salt, body) = rest.split_once('$').ok_or_else(damaged)?;
    if salt.len() > 16 || !is_of(salt, CRYPT_SIGNS) || body.len() != length || !is_of(body, CRYPT_SIGNS) {
        return Err(damaged());
    }
    let number = rounds.unwrap_or(5000);
    let cost = format!("rounds={number}");
    if number < LEAST_ROUNDS {
        return Err(damaged());
    }
    if number > MOST_ROUNDS {
        return Err(HashFault::TooCostly { cost, most: format!("rounds={MOST_ROUNDS}") });
    }
    if salt.len() < 4 {
        return Err(HashFault::ShortSalt);
    }
    let told = rounds.map_or_else(String::new, |number| format!("rounds={number}$"));
    Ok(Known { kind: HashKind::ShaCrypt, cost, is_cheap: true, head: format!("${mark}${told}") })
}

/// Takes the parameters that programs write: flavour, memory and the size of a block, one sign each.
fn yescrypt(rest: &str) -> Result<Known, HashFault> {
    let damaged = || HashFault::Damaged(HashKind::Yescrypt.name().to_owned());
    let mut parts = rest.split('$');
    let (Some(params), Some(salt), Some(body), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(damaged());
    };
    // An empty hash would be everybody's.
    let is_whole =
        body.len() == 43 && salt.len() <= 86 && is_of(body, CRYPT_SIGNS) && is_of(salt, CRYPT_SIGNS);
    let (Some(memory), true) = (params.strip_prefix('j').filter(|told| told.len() == 2), is_whole) else {
        return Err(damaged());
    };
    let value = |at: usize| memory.get(at..=at).and_then(|sign| CRYPT_SIGNS.find(sign));
    let (Some(power), Some(block)) = (value(0), value(1)) else { return Err(damaged()) };
    // Both are counted from one.
    let (power, block) = (power as u32 + 1, block as u64 + 1);
    if power < 10 || block < 8 || power > 40 {
        return Err(damaged());
    }
    let mib = (128 * block * (1_u64 << power)) >> 20;
    let cost = format!("{mib} MiB");
    if mib > MOST_YESCRYPT_MIB {
        return Err(HashFault::TooCostly { cost, most: format!("{MOST_YESCRYPT_MIB} MiB") });
    }
    if salt.len() < 11 {
        return Err(HashFault::ShortSalt);
    }
    Ok(Known { kind: HashKind::Yescrypt, cost, is_cheap: mib < 1, head: format!("$y${params}$") })
}

fn apr1(rest: &str) -> Result<Known, HashFault> {
    let whole = rest.split_once('$').filter(|(salt, body)| {
        (1..=8).contains(&salt.len())
            && is_of(salt, CRYPT_SIGNS)
            && body.len() == 22
            && is_of(body, CRYPT_SIGNS)
    });
    let Some((salt, _)) = whole else {
        return Err(HashFault::Damaged(HashKind::Apr1.name().to_owned()));
    };
    if salt.len() < 4 {
        return Err(HashFault::ShortSalt);
    }
    let cost = "rounds=1000".to_owned();
    Ok(Known { kind: HashKind::Apr1, cost, is_cheap: true, head: "$apr1$".to_owned() })
}

fn is_of(text: &str, signs: &str) -> bool {
    text.chars().all(|sign| signs.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARGON2ID: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$JTQ3hKNbS+Ribexx7RyxLw$MH+/f5793SwXg8mN7bbLT/3sM33YIC2ewnaBIG3asTI";
    const BCRYPT: &str = "$2y$12$L6Bc/AlTQHyd9liGgGEZyOFLPHNgyxeEPfgYfBCVxJ7JIlwxyVU3u";

    fn sha(rounds: &str) -> String {
        format!("$6${rounds}saltstring${}", ".".repeat(86))
    }

    fn yescrypt(params: &str) -> String {
        format!("$y${params}$LdJMENpBABJJ3hIHjB1Bi.${}", "/".repeat(43))
    }

    #[test]
    fn every_kind_is_told_with_what_it_costs_and_has_a_stand_in_of_the_same_cost() {
        for (text, kind, cost) in [
            (ARGON2ID.to_owned(), HashKind::Argon2id, "m=19456, t=2, p=1"),
            (BCRYPT.to_owned(), HashKind::Bcrypt, "cost 12"),
            (format!("$5$saltstring${}", "x".repeat(43)), HashKind::ShaCrypt, "rounds=5000"),
            (sha("rounds=656000$"), HashKind::ShaCrypt, "rounds=656000"),
            (yescrypt("j9T"), HashKind::Yescrypt, "16 MiB"),
            ("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/".to_owned(), HashKind::Apr1, "rounds=1000"),
        ] {
            let known = read(&text).unwrap();
            assert_eq!((known.kind, known.cost.as_str()), (kind, cost), "{text}");
            let stand_in = known.stand_in();
            assert_ne!(stand_in.as_str(), text);
            assert_eq!(read(stand_in.as_str()).unwrap(), known, "{text}");
            assert_eq!(known.is_old(), kind != HashKind::Argon2id, "{text}");
        }
    }

    #[test]
    fn a_hash_that_could_stop_the_machine_is_refused_and_the_dearest_below_is_taken() {
        for (fine, dear) in [
            (BCRYPT.replace("$12$", "$14$"), BCRYPT.replace("$12$", "$15$")),
            (BCRYPT.replace("$12$", "$04$"), BCRYPT.replace("$12$", "$31$")),
            (sha("rounds=1000000$"), sha("rounds=1000001$")),
            (sha("rounds=1000$"), sha("rounds=999999999$")),
            (yescrypt("jDT"), yescrypt("jET")),
            (ARGON2ID.replace("m=19456", "m=1048576"), ARGON2ID.replace("m=19456", "m=1048577")),
            (ARGON2ID.replace("t=2", "t=20"), ARGON2ID.replace("t=2", "t=21")),
            (ARGON2ID.replace("p=1", "p=16"), ARGON2ID.replace("p=1", "p=17")),
        ] {
            assert!(read(&fine).is_ok(), "{fine}");
            assert!(matches!(read(&dear), Err(HashFault::TooCostly { .. })), "{dear}");
        }
    }

    #[test]
    fn a_cut_or_changed_hash_is_damaged_and_an_empty_one_is_nobodys() {
        for whole in
            [BCRYPT.to_owned(), sha(""), yescrypt("j9T"), "$apr1$saltsalt$HqJZimcKQFAMYayBlzkrA/".to_owned()]
        {
            let cut = &whole[..whole.len() - 1];
            assert!(matches!(read(cut), Err(HashFault::Damaged(_))), "{cut}");
            let emptied = &whole[..=whole.rfind('$').unwrap()];
            assert!(matches!(read(emptied), Err(HashFault::Damaged(_))), "{emptied}");
            assert!(matches!(read(&format!("{whole}$")), Err(HashFault::Damaged(_))), "{whole}");
            let strange = format!("{cut}é");
            assert!(matches!(read(&strange), Err(HashFault::Damaged(_))), "{strange}");
        }
        for damaged in [
            sha("rounds=999$"),
            sha("rounds=$"),
            sha("rounds=+5000$"),
            sha("rounds=99999999999999999999$"),
            BCRYPT.replace("$12$", "$3$"),
            BCRYPT.replace("$12$", "$+9$"),
            yescrypt("j9"),
            yescrypt("/9T"),
            yescrypt("j9TXX"),
            ARGON2ID.replace("v=19", "v=16"),
        ] {
            assert!(matches!(read(&damaged), Err(HashFault::Damaged(_))), "{damaged}");
        }
        assert_eq!(read(&format!("$6$abc${}", ".".repeat(86))), Err(HashFault::ShortSalt));
    }

    #[test]
    fn what_may_be_a_password_is_never_repeated() {
        for text in ["hunter2", "$ecret$hunter2", "", "$", "$$"] {
            let fault = read(text).unwrap_err();
            assert!(matches!(fault, HashFault::NotAHash | HashFault::Unknown), "{text}: {fault}");
            assert!(!fault.to_string().contains("hunter2"));
        }
        assert_eq!(read("$1$abc$x"), Err(HashFault::Foreign("MD5-crypt".to_owned())));
        assert_eq!(read("{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ="), Err(HashFault::Foreign("SHA-1".to_owned())));
    }

    #[test]
    fn bcrypt_proves_seventy_two_bytes_and_no_more() {
        let known = read(BCRYPT).unwrap();
        assert!(known.covers(72) && !known.covers(73));
        assert!(read(ARGON2ID).unwrap().covers(1024));
    }
}
