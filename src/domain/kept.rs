//! People who were made here, by an administrator or an import, and live in the store.

use serde::{Deserialize, Serialize};

use super::{
    identity::{CredentialMark, PasswordHash, Requirement, UserId, fold_login, is_invisible},
    role::Authority,
    switches::Switches,
    time::Timestamp,
};

/// Characters a name may have; what a portal or a log does with longer ones nobody knows.
pub const MOST_NAME: usize = 128;
/// Bytes a mail address may have (RFC 5321, section 4.5.3.1.3, less the brackets).
pub const MOST_EMAIL: usize = 254;
/// Groups one person may be in.
pub const MOST_GROUPS: usize = 64;

/// A person as the store keeps them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptPerson {
    /// The canonical name; always [`UserId::new`] of `name`.
    pub id: UserId,
    /// The name as it was spelt; what portals receive.
    pub name: String,
    /// What people call them.
    pub display_name: String,
    /// Mail address; required, since invitations and notices go there, and good for signing in.
    pub email: String,
    /// Mobile number, in international form.
    pub phone: Option<String>,
    /// Groups, each once.
    pub groups: Vec<String>,
    /// Password hash; without one the person has not set a password yet.
    pub password: Option<PasswordHash>,
    /// The mark of the hash whose place the present one took, of the same password: what was begun under it goes on.
    pub carried: Option<CredentialMark>,
    /// The person's own word on the second factor.
    pub second_factor: Option<Requirement>,
    /// What `security` asks of them at least; nobody else goes below.
    pub least: Option<Requirement>,
    /// By whom they are refused everywhere; `None`: they are not.
    pub disabled: Option<Authority>,
    /// Counts what ended everything of theirs. It is part of [`KeptPerson::credential`]: whatever began before that, a sign-in
    /// under way too, is of another era, and never counts again.
    pub era: u64,
    /// Since when they are here under this name: when they were made, or got it.
    pub created_at: Timestamp,
    /// When anything of this was last changed.
    pub changed_at: Timestamp,
}

impl KeptPerson {
    /// The mark of the present password, in this era.
    pub fn credential(&self) -> CredentialMark {
        self.password_mark().in_era(self.era)
    }

    /// The same person with another hash of the same password: nothing ends, and nothing that ended comes back.
    #[must_use]
    pub fn rehashed(&self, hash: PasswordHash) -> Self {
        Self { carried: Some(self.password_mark()), password: Some(hash), ..self.clone() }
    }

    fn password_mark(&self) -> CredentialMark {
        self.carried.unwrap_or_else(|| CredentialMark::of(&self.id, self.password.as_ref()))
    }

    /// Whether they are refused everywhere.
    pub const fn is_disabled(&self) -> bool {
        self.disabled.is_some()
    }

    /// Whether the role `security` bars them, by themselves or by a group of theirs, or asks something of them in person.
    pub fn is_tightened(&self, switches: &Switches) -> bool {
        let is_disabled = self.disabled == Some(Authority::Security);
        is_disabled || self.least.is_some() || switches.are_closed_by_security(&self.groups)
    }

    /// What a search looks in: name, what people call them and address, folded.
    pub fn search_text(&self) -> String {
        let parts = [&self.name, &self.display_name, &self.email].map(|part| fold_login(part));
        parts.join("\n")
    }
}

/// Why what was written about a person cannot be kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unkeepable {
    /// No name to sign in with.
    #[error("the name is empty")]
    NoName,
    /// The name is too long, or has a control character or a blank at its ends.
    #[error("a name has at most 128 characters, none of them invisible, and no blanks around it")]
    BadName,
    /// There is no mail address.
    #[error("a mail address is required: the invitation goes there")]
    NoEmail,
    /// What stands there is no mail address.
    #[error("\"{0}\" is no mail address; write it as in anna@example.com")]
    BadEmail(String),
    /// Somebody else has the name.
    #[error("the name \"{0}\" belongs to somebody already")]
    NameTaken(String),
    /// Somebody else has the address.
    #[error("the mail address \"{0}\" belongs to somebody already")]
    EmailTaken(String),
    /// The number cannot be dialled.
    #[error("\"{0}\" is no mobile number; write it with the country, as in +31 6 12345678")]
    BadPhone(String),
    /// A group's name is empty, too long, or has a comma or control character.
    #[error("\"{0}\" cannot be a group's name: no commas, and at most 128 characters")]
    BadGroup(String),
    /// Too many groups.
    #[error("somebody may be in at most 64 groups")]
    TooManyGroups,
}

/// What was typed about a person, before anything of it is believed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Draft {
    /// The name to sign in with.
    pub name: String,
    /// What people call them; the name where it is empty.
    pub display_name: String,
    /// Mail address.
    pub email: String,
    /// Mobile number; none where it is empty.
    pub phone: String,
    /// Groups.
    pub groups: Vec<String>,
    /// The person's own word on the second factor.
    pub second_factor: Option<Requirement>,
}

impl Draft {
    /// A new person, who has no password yet. Whether name and address are free is for the directory to say.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the form.
    pub fn person(&self, now: Timestamp) -> Result<KeptPerson, Vec<Unkeepable>> {
        let mut wrong = Vec::new();
        let name = self.name.clone();
        let id = UserId::new(&name);
        if id.as_str().is_empty() {
            wrong.push(Unkeepable::NoName);
        } else if name.trim() != name || name.chars().count() > MOST_NAME || !is_plain(&name) {
            wrong.push(Unkeepable::BadName);
        }
        let display_name = match self.display_name.trim() {
            "" => name.clone(),
            text => text.to_owned(),
        };
        if display_name.chars().count() > MOST_NAME || !is_plain(&display_name) {
            push_once(&mut wrong, Unkeepable::BadName);
        }
        let email = self.email.trim().to_owned();
        if email.is_empty() {
            wrong.push(Unkeepable::NoEmail);
        } else if !is_mail_address(&email) {
            wrong.push(Unkeepable::BadEmail(email.clone()));
        }
        let phone = match self.phone.trim() {
            "" => None,
            text => {
                let dialled = dialled(text);
                if dialled.is_none() {
                    wrong.push(Unkeepable::BadPhone(text.to_owned()));
                }
                dialled
            }
        };
        let mut groups: Vec<String> = Vec::new();
        for group in self.groups.iter().map(|group| group.trim()).filter(|group| !group.is_empty()) {
            if !is_group_name(group) {
                wrong.push(Unkeepable::BadGroup(group.to_owned()));
            } else if !groups.iter().any(|known| known == group) {
                groups.push(group.to_owned());
            }
        }
        if groups.len() > MOST_GROUPS {
            wrong.push(Unkeepable::TooManyGroups);
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(KeptPerson {
            id,
            name,
            display_name,
            email,
            phone,
            groups,
            password: None,
            carried: None,
            second_factor: self.second_factor,
            least: None,
            disabled: None,
            era: 0,
            created_at: now,
            changed_at: now,
        })
    }
}

fn push_once(wrong: &mut Vec<Unkeepable>, fault: Unkeepable) {
    if !wrong.contains(&fault) {
        wrong.push(fault);
    }
}

/// Whether a text can stand in a header and on one line of a page.
fn is_plain(text: &str) -> bool {
    !text.chars().any(is_invisible)
}

/// Whether a group may be called so: portals read a comma as the end of a group.
pub fn is_group_name(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= MOST_NAME
        && !text.contains(',')
        && is_plain(text)
}

/// Whether a text looks like a mail address: one `@` with something on both sides, no blanks, and no longer than one may be.
/// Whether it reaches anybody only a letter tells.
pub fn is_mail_address(text: &str) -> bool {
    let (user, host) = text.split_once('@').unwrap_or_default();
    !user.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !host.contains("..")
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')'))
        && is_plain(text)
        && text.matches('@').count() == 1
        && text.len() <= MOST_EMAIL
}

/// A mobile number as it is dialled: `+` and 7 to 15 digits (ITU-T E.164), whatever was written between them.
fn dialled(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix('+').or_else(|| text.trim().strip_prefix("00"))?;
    if rest.contains(|c: char| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '/'))) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (7..=15).contains(&digits.len()).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_000_000);

    fn draft(name: &str, email: &str) -> Draft {
        Draft { name: name.to_owned(), email: email.to_owned(), ..Draft::default() }
    }

    #[test]
    fn a_person_is_made_of_what_was_typed() {
        let typed = Draft {
            name: "J.Bakker".to_owned(),
            display_name: " Jan Bakker ".to_owned(),
            email: " jan@example.com ".to_owned(),
            phone: "+31 (6) 12-34 56.78".to_owned(),
            groups: vec!["drivers".to_owned(), " drivers ".to_owned(), String::new(), "night".to_owned()],
            second_factor: Some(Requirement::Required),
        };
        let person = typed.person(NOW).unwrap();
        assert_eq!(person.id, UserId::new("j.bakker"));
        assert_eq!((person.name.as_str(), person.display_name.as_str()), ("J.Bakker", "Jan Bakker"));
        assert_eq!(person.email, "jan@example.com");
        assert_eq!(person.phone.as_deref(), Some("+31612345678"));
        assert_eq!(person.groups, ["drivers", "night"]);
        assert!(person.password.is_none() && !person.is_disabled());
    }

    #[test]
    fn without_a_mail_address_nobody_is_made() {
        assert_eq!(draft("jan", " ").person(NOW).unwrap_err(), [Unkeepable::NoEmail]);
        for bad in [
            "jan",
            "@example.com",
            "jan@",
            "jan@a@b",
            "j an@example.com",
            "jan@example.com, x@y.z",
            "jan@.com",
        ] {
            assert_eq!(
                draft("jan", bad).person(NOW).unwrap_err(),
                [Unkeepable::BadEmail(bad.to_owned())],
                "{bad}"
            );
        }
        let longest = format!("{}@example.com", "j".repeat(MOST_EMAIL - 12));
        assert!(draft("jan", &longest).person(NOW).is_ok());
        assert!(draft("jan", &format!("j{longest}")).person(NOW).is_err());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let typed = Draft {
            name: " jan".to_owned(),
            email: "x".to_owned(),
            phone: "0612345678".to_owned(),
            groups: vec!["a,b".to_owned()],
            ..Draft::default()
        };
        let wrong = typed.person(NOW).unwrap_err();
        assert_eq!(
            wrong,
            [
                Unkeepable::BadName,
                Unkeepable::BadEmail("x".to_owned()),
                Unkeepable::BadPhone("0612345678".to_owned()),
                Unkeepable::BadGroup("a,b".to_owned()),
            ]
        );
        assert_eq!(draft("", "a@b.c").person(NOW).unwrap_err(), [Unkeepable::NoName]);
        assert_eq!(
            draft("\u{200b}", "a@b.c").person(NOW).unwrap_err(),
            [Unkeepable::NoName, Unkeepable::BadName]
        );
        // Folded once and once more these would be "boss": nobody gets in by a name that only looks new.
        for sly in ["boss \u{ad}", "\u{ad} boss", "bo\u{2060}ss", "boss\u{61c}"] {
            assert_eq!(draft(sly, "a@b.c").person(NOW).unwrap_err(), [Unkeepable::BadName], "{sly:?}");
        }
        assert_eq!(draft("a\nb", "a@b.c").person(NOW).unwrap_err(), [Unkeepable::BadName]);
        assert!(draft(&"x".repeat(MOST_NAME), "a@b.c").person(NOW).is_ok());
        assert_eq!(
            draft(&"x".repeat(MOST_NAME + 1), "a@b.c").person(NOW).unwrap_err(),
            [Unkeepable::BadName]
        );
    }
}
