//! Letters an operator wrote in place of ours: words with a few places to fill in.

use std::{collections::BTreeMap, ops::Range};

/// A letter that can be written in files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LetterKind {
    /// To somebody who has no password yet.
    Invitation,
    /// To somebody who has one, and is to choose another.
    NewPassword,
}

impl LetterKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Invitation, Self::NewPassword];

    /// How its files are called, before the dot.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::NewPassword => "new-password",
        }
    }
}

/// What is filled in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Slot {
    /// What people call the reader.
    Name,
    /// The name to sign in with.
    Username,
    /// What visitors call the portal.
    Portal,
    /// The link.
    Link,
    /// Until when it works.
    Until,
    /// Whom to ask for help.
    Support,
}

impl Slot {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, Self); 6] = [
        ("name", Self::Name),
        ("username", Self::Username),
        ("portal", Self::Portal),
        ("link", Self::Link),
        ("until", Self::Until),
        ("support", Self::Support),
    ];
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Text(String),
    Slot(Slot),
}

/// Words with places to fill in: `{name}`. A brace that is none of them is written twice: `{{`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wording(Vec<Piece>);

impl Wording {
    /// Reads what is written.
    ///
    /// # Errors
    /// What is no place to fill in, and where it stands.
    pub fn read(written: &str) -> Result<Self, (Range<usize>, String)> {
        let (mut pieces, mut text, mut at) = (Vec::new(), String::new(), 0);
        while let Some(found) = written[at..].find('{') {
            let start = at + found;
            text.push_str(&written[at..start]);
            if written[start + 1..].starts_with('{') {
                text.push('{');
                at = start + 2;
                continue;
            }
            let length = written[start + 1..].find(['}', '\n', '{']);
            let name = length.map_or(&written[start + 1..], |length| &written[start + 1..start + 1 + length]);
            let end = start + 1 + name.len();
            let slot = Slot::ALL.iter().find(|(known, _)| *known == name);
            let Some((_, slot)) = slot.filter(|_| written[end..].starts_with('}')) else {
                let shown: String = name.chars().take(40).collect();
                return Err((start..end, shown));
            };
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Slot(*slot));
            at = end + 1;
        }
        text.push_str(&written[at..]);
        pieces.push(Piece::Text(text));
        Ok(Self(pieces))
    }

    /// Whether `slot` is filled in anywhere.
    pub fn has(&self, slot: Slot) -> bool {
        self.0.contains(&Piece::Slot(slot))
    }

    /// The words with every place filled in as `with` says, once: what is filled in is not read again.
    pub fn fill(&self, with: impl Fn(Slot) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Slot(slot) => with(*slot),
        };
        self.0.iter().map(piece).collect()
    }
}

/// One letter as it is written; what is left out is ours.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct WrittenLetter {
    /// One line.
    pub subject: Option<Wording>,
    /// Plain text.
    pub text: Option<Wording>,
    /// HTML; drawn from the text where it is left out.
    pub html: Option<Wording>,
}

/// Every letter that is written, by portal (none: for all), language and kind.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Letters(BTreeMap<(Option<String>, String, LetterKind), WrittenLetter>);

impl Letters {
    /// Adds a letter.
    pub fn put(&mut self, portal: Option<&str>, language: &str, kind: LetterKind, letter: WrittenLetter) {
        self.0.insert((portal.map(str::to_owned), language.to_owned(), kind), letter);
    }

    /// The letter at a portal in a language: its own, else the one for all.
    pub fn find(&self, portal: &str, language: &str, kind: LetterKind) -> Option<&WrittenLetter> {
        let of = |portal: Option<&str>| self.0.get(&(portal.map(str::to_owned), language.to_owned(), kind));
        of(Some(portal)).or_else(|| of(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_once_and_braces_can_be_written() {
        let wording = Wording::read("Dear {name}: a {{b} c {link}").unwrap();
        let filled = wording.fill(|slot| match slot {
            Slot::Name => "{link}".to_owned(),
            _ => "L".to_owned(),
        });
        assert_eq!(filled, "Dear {link}: a {b} c L");
        assert!(wording.has(Slot::Link) && !wording.has(Slot::Until));
        assert_eq!(Wording::read("").unwrap().fill(|_| String::new()), "");
    }

    #[test]
    fn what_is_no_place_is_told_with_where_it_stands() {
        for (written, at, name) in [
            ("Dear {nmae},", 5..10, "nmae"),
            ("ä {Name}", 3..8, "Name"),
            ("{ name }", 0..7, " name "),
            ("{name", 0..5, "name"),
            ("{na\nme}", 0..3, "na"),
            ("{", 0..1, ""),
            ("{}", 0..1, ""),
            ("{a{name}", 0..2, "a"),
        ] {
            assert_eq!(Wording::read(written), Err((at, name.to_owned())), "{written}");
        }
    }

    #[test]
    fn a_portals_own_letter_comes_before_the_one_for_all() {
        let mut letters = Letters::default();
        let letter = |text: &str| WrittenLetter {
            text: Some(Wording::read(text).unwrap()),
            ..WrittenLetter::default()
        };
        letters.put(None, "nl", LetterKind::Invitation, letter("all"));
        letters.put(Some("wiki"), "nl", LetterKind::Invitation, letter("wiki"));
        let found = |portal, language, kind| letters.find(portal, language, kind).cloned();
        assert_eq!(found("wiki", "nl", LetterKind::Invitation), Some(letter("wiki")));
        assert_eq!(found("planning", "nl", LetterKind::Invitation), Some(letter("all")));
        assert_eq!(found("wiki", "de", LetterKind::Invitation), None);
        assert_eq!(found("wiki", "nl", LetterKind::NewPassword), None);
    }
}
