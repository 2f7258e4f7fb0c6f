//! People: who exists, how they are found, and what is asked of them.

use std::{collections::HashMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::token::sha256;

/// A person's canonical name: the one key that sessions, trusts and counters hang on.
///
/// Made by [`fold_login`], so that no spelling of a name is a second identity.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(Arc<str>);

impl UserId {
    /// The id of the person called `name`, in any spelling.
    pub fn new(name: &str) -> Self {
        Self(fold_login(name).into())
    }

    /// The id that a store kept, letter for letter: what was an id once is never folded into another.
    pub fn kept(text: &str) -> Self {
        Self(text.into())
    }

    /// The canonical name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({})", self.0)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Brings a typed name or address to its canonical form: NFKC, lower case, no blanks around, no invisible characters.
///
/// What was folded folds to itself: else a name that is folded once more somewhere would be somebody else's.
pub fn fold_login(typed: &str) -> String {
    // Each step may make work for another one; it ends, since nothing grows twice. The bound is for what nobody thought of:
    // then the name is nobody's.
    let mut folded = fold_once(typed);
    for _ in 0..8 {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
    String::new()
}

fn fold_once(text: &str) -> String {
    let folded: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .collect();
    folded.trim().to_owned()
}

/// Whether a character is not seen: one that controls, joins, or turns the direction. Names that differ in these alone are one.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a second factor is asked of a person, from least to most strict.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// Nobody asks; a rule that says `two_factor` still does.
    Off,
    /// The visitor's own switch decides.
    Optional,
    /// Always.
    Required,
}

impl Requirement {
    /// All words, from least to most strict.
    pub const ALL: [Self; 3] = [Self::Off, Self::Optional, Self::Required];

    /// The word in files, forms and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    /// The requirement called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name() == name)
    }
}

/// Whose word made the requirement what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequirementSource {
    /// `[second_factor]`.
    Everybody,
    /// `[[group]]` of this name.
    Group(String),
    /// The person's own entry.
    Person,
    /// Administrators, of the group with this name.
    Administrators(String),
}

/// Where a person comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file of the operator's; nothing here changes it.
    File,
    /// The store: made and changed by administrators.
    Store,
}

/// A password hash as text, in PHC or crypt form: [`super::password_hash`] reads it. Prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a text; whether it is one is checked where it comes from.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Changes when a person's password changes. Sessions and trusts carry the mark they were made under, and end with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CredentialMark([u8; 16]);

impl CredentialMark {
    /// The mark of this person with this password.
    pub fn of(id: &UserId, password: Option<&PasswordHash>) -> Self {
        let hash = password.map_or("", PasswordHash::as_str);
        let full = sha256(&[b"vestibule credential\0", id.as_str().as_bytes(), b"\0", hash.as_bytes()]);
        let mut mark = [0; 16];
        mark.copy_from_slice(&full[..16]);
        Self(mark)
    }

    /// The same in a later era: what began in another one is not good in it, though the password may be the same.
    #[must_use]
    pub fn in_era(self, era: u64) -> Self {
        let full = sha256(&[b"vestibule era\0", &self.0, &era.to_be_bytes()]);
        let mut mark = [0; 16];
        mark.copy_from_slice(&full[..16]);
        Self(mark)
    }

    /// Wraps bytes read back from a store.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes a store keeps.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A person as the directory describes them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The canonical name.
    pub id: UserId,
    /// The name as the directory spells it; what the portal receives.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// Mail address, also good for signing in.
    pub email: Option<String>,
    /// Mobile number.
    pub phone: Option<String>,
    /// Groups, as the directory spells them.
    pub groups: Vec<String>,
    /// Password hash; without one this person signs in with an account at a provider, if at all.
    pub password: Option<PasswordHash>,
    /// The strictest word of everybody, their groups and their own entry.
    pub requirement: Requirement,
    /// Who said so.
    pub requirement_source: RequirementSource,
    /// A disabled person is refused everywhere, at once.
    pub disabled: bool,
    /// A group of the person that signs in nowhere at present; refused like a disabled person.
    pub closed_group: Option<String>,
    /// Where the person comes from.
    pub origin: Origin,
    /// The mark of the present password.
    pub credential: CredentialMark,
}

impl Person {
    /// Whether the person is refused everywhere: disabled, or in a group that is closed.
    pub fn is_barred(&self) -> bool {
        self.disabled || self.closed_group.is_some()
    }

    /// Whether the person is in `group`; names compare exactly.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|g| g == group)
    }
}

/// Everybody the directory knows, found by name or address in any spelling.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_id: HashMap<UserId, Arc<Person>>,
    by_login: HashMap<String, UserId>,
}

impl People {
    /// Indexes `people`. Where two share a name or an address the first keeps it: the configuration's check refuses such files.
    pub fn new(people: impl IntoIterator<Item = Person>) -> Self {
        let mut all = Self::default();
        for person in people {
            let person = Arc::new(person);
            let id = person.id.clone();
            if let Some(email) = &person.email {
                all.by_login.entry(fold_login(email)).or_insert_with(|| id.clone());
            }
            all.by_id.entry(id).or_insert(person);
        }
        all
    }

    /// The person who signs in as `typed` (a name or an address, any case); names win over addresses.
    pub fn find(&self, typed: &str) -> Option<&Arc<Person>> {
        let folded = UserId::new(typed);
        self.by_id.get(&folded).or_else(|| self.by_id.get(self.by_login.get(folded.as_str())?))
    }

    /// The person with this mail address, in any spelling.
    pub fn with_email(&self, email: &str) -> Option<&Arc<Person>> {
        self.by_id.get(self.by_login.get(&fold_login(email))?)
    }

    /// The person with this id.
    pub fn get(&self, id: &UserId) -> Option<&Arc<Person>> {
        self.by_id.get(id)
    }

    /// Everybody, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_look_alike_are_one() {
        for typed in
            ["boss", " BOSS ", "boss \u{ad}", "\u{ad} boss", "bo\u{2060}ss", "boss\u{202e} ", "ｂｏｓｓ"]
        {
            assert_eq!(fold_login(typed), "boss", "{typed:?}");
        }
        assert_eq!(fold_login("\u{200b} \u{feff}"), "");
    }

    proptest! {
        #[test]
        fn what_was_folded_folds_to_itself(typed in ".{0,24}") {
            let folded = fold_login(&typed);
            prop_assert_eq!(fold_login(&folded), folded);
        }

        #[test]
        fn marks_and_joiners_fold_once_and_for_all(
            typed in "[a-zA-ZİıſßΣς \u{ad}\u{200b}-\u{200f}\u{2060}\u{300}-\u{345}\u{fe0f}ﬁ]{0,12}"
        ) {
            let folded = fold_login(&typed);
            prop_assert_eq!(fold_login(&folded), folded);
        }
    }
}
