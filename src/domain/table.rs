//! What can be wrong with a table of people, as a whole and line by line.

use serde::{Deserialize, Serialize};

use super::{kept::Unkeepable, password_hash::HashFault, role::Tightened};

/// Lines one table may have.
pub const MOST_LINES: usize = 100_000;
/// The columns a table may have.
pub const COLUMNS: [&str; 6] = ["name", "display_name", "email", "phone", "groups", "second_factor"];
/// The column that only the operator's command takes.
pub const HASH_COLUMN: &str = "password_hash";

/// Why a text is no table of people.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum TableFault {
    /// The first line names no column `name`.
    #[error("the first line must name the columns, \"name\" among them: {}", COLUMNS.join(","))]
    NoName,
    /// The first line names a column that nobody knows.
    #[error("there is no column \"{name}\": a table has {columns}", columns = COLUMNS.join(", "))]
    Stray {
        /// Which.
        name: String,
    },
    /// The first line names a column twice.
    #[error("the column \"{0}\" is there twice")]
    Twice(String),
    /// A column has passwords.
    #[error(
        "passwords are never written down: leave the column \"{0}\" out, and mail links to set one with `vestibule user \
         invite --waiting`; hashes of passwords go into a column \"{HASH_COLUMN}\""
    )]
    Passwords(String),
    /// A column has hashes of passwords, and it is not the operator who asks.
    #[error("password hashes are imported with the operator's command: `vestibule user import`")]
    Hashes,
    /// Nobody is in it.
    #[error("the table has no lines but the first")]
    Empty,
    /// Too many are.
    #[error("a table has at most {MOST_LINES} lines: import it in parts")]
    TooLong,
}

/// What is wrong with one line of a table.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineFault {
    /// What it says of a person cannot be kept.
    #[error("{0}")]
    Person(Unkeepable),
    /// It has more or fewer cells than the first line has columns.
    #[error(
        "the line has {found} cells where the first line has {wanted}: is a separator missing, or one too many?"
    )]
    Cells {
        /// How many there are.
        found: usize,
        /// How many there should be.
        wanted: usize,
    },
    /// This is no word on the second factor.
    #[error("\"{0}\" is no word on the second factor: write required, optional or off")]
    Word(String),
    /// What stands there cannot be kept as a password's hash.
    #[error("the password hash {0}; {remedy}", remedy = remedy(.0))]
    Hash(HashFault),
    /// There is nowhere to write to the person: such files have no addresses.
    #[error(
        "there is no mail address: say --email-domain example.com for name@example.com, or import a table (CSV)"
    )]
    NoAddress,
    /// The role `security` asks more of the person, or of a group of theirs.
    #[error("{}", Tightened)]
    Tightened,
    /// An earlier line has the same name or mail address.
    #[error("the table has this name or mail address twice")]
    Twice,
}

fn remedy(fault: &HashFault) -> &'static str {
    match fault {
        HashFault::NotAHash | HashFault::Unknown => {
            "passwords are never written down: leave it out, and mail a link to set one with `vestibule user invite`"
        }
        HashFault::Apr1 => {
            "say --apr1 to take it until the next sign-in, or leave it out, and mail a link to set one with `vestibule user \
             invite`"
        }
        HashFault::Foreign(_)
        | HashFault::Damaged(_)
        | HashFault::ShortSalt
        | HashFault::TooCostly { .. } => {
            "leave it out, and mail a link to set one with `vestibule user invite`"
        }
    }
}
