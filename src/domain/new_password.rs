//! What a new password may be, after NIST SP 800-63B: long enough, and nothing that is tried first. No rules on which
//! characters it has, and no date by which it must change.
//!
//! Passwords are normalised (NFKC) before they are measured, hashed or checked, so that the same keys pressed on another
//! keyboard give the same password. What is refused follows from the text alone, so that the same word says the same to
//! everybody.

use std::{collections::HashSet, fmt, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::identity::{Person, Requirement, fold_login};

/// Characters a password has at least where it is the only factor (SP 800-63B-4, section 3.1.1.2).
pub const SHORTEST_ALONE: usize = 15;
/// Characters it has at least where a second factor is required beside it.
pub const SHORTEST: usize = 8;
/// Characters it has at most; none is ever cut off.
pub const LONGEST: usize = 256;

/// Letters of a name or title that are worth looking for.
const SHORTEST_WORD: usize = 3;
/// Steps from one key to the next that people call a pattern.
const ROWS: [&str; 8] =
    ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"];

/// Words and rows of keys that are tried first: our own compilation, folded.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("new_password/common.txt").lines().collect());

/// A password in the one form it is hashed and checked in.
pub fn normalised(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.nfkc().collect())
}

/// A password somebody may have from now on. Never stored, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(Zeroizing<String>);

/// Why a password is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// It has fewer characters than this.
    TooShort(usize),
    /// It has more than [`LONGEST`].
    TooLong,
    /// It is, but for decoration, a word that is tried first.
    Common,
    /// It repeats itself, or follows the alphabet, the digits or the keys.
    Pattern,
    /// It is made of what everybody knows of the person or the place.
    Personal,
}

/// What is asked of one person's password.
#[derive(Clone, Debug)]
pub struct PasswordRules {
    /// Characters it has at least.
    pub shortest: usize,
    /// Folded words it must not lean on.
    known: Vec<String>,
}

impl PasswordRules {
    /// For `person`, at a place that is known by `titles`.
    pub fn of(person: &Person, titles: &[&str]) -> Self {
        let shortest = match person.requirement {
            Requirement::Required => SHORTEST,
            Requirement::Off | Requirement::Optional => SHORTEST_ALONE,
        };
        let email = person.email.as_deref().unwrap_or_default();
        let texts = [person.name.as_str(), person.display_name.as_str(), email];
        let mut known: Vec<String> = texts
            .iter()
            .chain(titles)
            .flat_map(|text| {
                let folded = fold_login(text);
                let pieces = folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
                pieces.chain([letters(&folded)]).collect::<Vec<_>>()
            })
            .filter(|word| word.chars().count() >= SHORTEST_WORD)
            .collect();
        // The longest first, so that a whole name is not left half.
        known.sort_by_key(|word| std::cmp::Reverse(word.len()));
        known.dedup();
        Self { shortest, known }
    }
}

impl NewPassword {
    /// Reads what was typed. Blanks count like everything else, also around it.
    ///
    /// # Errors
    /// Why it is refused, the plainest reason first.
    pub fn read(typed: &str, rules: &PasswordRules) -> Result<Self, Unfit> {
        let text = normalised(typed);
        let length = text.chars().count();
        if length < rules.shortest {
            return Err(Unfit::TooShort(rules.shortest));
        }
        if length > LONGEST {
            return Err(Unfit::TooLong);
        }
        let folded = Zeroizing::new(text.to_lowercase());
        if is_pattern(&folded) {
            return Err(Unfit::Pattern);
        }
        if is_common(&folded) {
            return Err(Unfit::Common);
        }
        if leans_on(&folded, &rules.known) {
            return Err(Unfit::Personal);
        }
        Ok(Self(text))
    }

    /// The password, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether it is a short piece said again and again, or hardly more than steps to the next letter, digit or key.
fn is_pattern(text: &str) -> bool {
    let all: Vec<char> = text.chars().collect();
    let repeats = (1..SHORTEST.min(all.len() / 2 + 1)).any(|length| {
        let (piece, _) = all.split_at(length);
        all.chunks(length).all(|chunk| piece.starts_with(chunk))
    });
    let steps = all.windows(2).filter(|pair| matches!(pair, [from, to] if is_step(*from, *to))).count();
    // What begins a run is chosen; the rest of it is not.
    let chosen = all.len() - steps;
    repeats || chosen * 4 <= all.len()
}

fn is_step(from: char, to: char) -> bool {
    let apart = u32::from(from).abs_diff(u32::from(to));
    let beside = |row: &str| {
        let at = |key: char| row.chars().position(|other| other == key);
        matches!((at(from), at(to)), (Some(one), Some(other)) if one.abs_diff(other) == 1)
    };
    apart == 0
        || apart == 1 && from.is_alphanumeric() && to.is_alphanumeric()
        || ROWS.iter().any(|row| beside(row))
}

/// Whether a word that is tried first is left, once the usual decoration is taken off: capitals, digits and marks around it,
/// digits that stand for letters, and saying it twice.
fn is_common(folded: &str) -> bool {
    let is_known = |text: &str| COMMON.contains(text) || COMMON.contains(once(text).as_str());
    let inner = folded.trim_matches(|c: char| !c.is_alphabetic());
    let spelt = |text: &str| text.chars().map(unleet).filter(|c| c.is_alphanumeric()).collect::<String>();
    let alphabetic = folded.chars().filter(|c| c.is_alphabetic()).collect();
    [folded.to_owned(), letters(folded), alphabetic, spelt(folded), spelt(inner)]
        .iter()
        .any(|text| is_known(text))
}

/// The piece that a text says over and over, or the text itself.
fn once(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let length = (1..=all.len() / 2).find(|length| {
        let (piece, _) = all.split_at(*length);
        all.chunks(*length).all(|chunk| piece == chunk)
    });
    all.into_iter().take(length.unwrap_or(usize::MAX)).collect()
}

fn unleet(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' | '€' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether too little is left once `known` words are taken out.
fn leans_on(folded: &str, known: &[String]) -> bool {
    let mut rest = Zeroizing::new(fold_login(folded));
    let whole = rest.len();
    for word in known {
        *rest = rest.replace(word.as_str(), "");
    }
    rest.len() < whole && rest.chars().filter(|c| c.is_alphanumeric()).count() < SHORTEST
}

#[cfg(test)]
mod tests;
