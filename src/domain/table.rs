//! What can be wrong with a table of people, as a whole and line by line.

use serde::{Deserialize, Serialize};

use super::{kept::Unkeepable, role::Tightened};

/// Lines one table may have.
pub const MOST_LINES: usize = 100_000;
/// The columns a table may have.
pub const COLUMNS: [&str; 6] = ["name", "display_name", "email", "phone", "groups", "second_factor"];

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
    /// The role `security` asks more of the person, or of a group of theirs.
    #[error("{}", Tightened)]
    Tightened,
    /// An earlier line has the same name or mail address.
    #[error("the table has this name or mail address twice")]
    Twice,
}
