//! The one file: from TOML as written (`file`), through every problem at once (`check`), to [`settings::Settings`],
//! the only form the rest of the house sees.
//!
//! [`load`] is the one way in, for `serve`, `check` and reload alike. [`explain`] and [`policy_tests`] ask the compiled
//! rules about visitors who are not there.

pub mod brand;
mod check;
pub mod explain;
mod file;
mod letters;
mod people;
pub mod policy_tests;
mod problem;
mod read;
mod secret;
pub mod settings;
#[cfg(test)]
mod tests;
mod visitor;

use std::path::Path;

pub use self::{
    explain::{Explanation, explain},
    problem::{Color, Place, Problem, Severity, Sources},
    visitor::{Asked, Device, NoAnswer, read_age, read_url},
};
use self::{problem::Desk, settings::Settings};

/// A commented file with every key, as `vestibule config example` prints it.
pub const EXAMPLE: &str = include_str!("../../config/example.toml");

/// Whether files the configuration names (certificates, keys, bundles) are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Files {
    /// They must be there, fit together and be kept private.
    Checked,
    /// They are taken to be fine: for examples, and for checking a file away from its machine.
    Assumed,
}

/// What reading the configuration gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings; only where no problem is an error.
    pub settings: Option<Settings>,
    /// Everything wrong, in the order of files and lines.
    pub problems: Vec<Problem>,
    /// The texts that were read.
    pub sources: Sources,
}

impl Loaded {
    /// How many problems are errors.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// Every problem drawn with its line and a caret.
    pub fn report(&self, color: Color) -> String {
        self.problems.iter().map(|problem| self.sources.draw(problem, color) + "\n\n").collect()
    }
}

/// Reads the configuration at `path` and everything it refers to. Never panics, whatever is in the file.
pub fn load(path: &Path, files: Files) -> Loaded {
    match text(path) {
        Ok(text) => load_text(path, &text, files),
        Err(fault) => {
            let mut problems = Vec::new();
            Desk::new(path, "", &mut problems)
                .refuse(fault)
                .hint("name the file with --config; `vestibule config example` prints one to start from");
            Loaded { settings: None, problems, sources: Sources::default() }
        }
    }
}

/// Reads `text` as if it stood at `path`, from where relative paths start.
pub fn load_text(path: &Path, text: &str, files: Files) -> Loaded {
    let mut problems = Vec::new();
    let mut others = Vec::new();
    let mut sources = Sources::default();
    sources.keep(path, text);
    let folder = path.parent().unwrap_or(Path::new(""));
    let base = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let mut desk = Desk::new(path, text, &mut problems);
    let settings = if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST_FILE) {
        desk.refuse(TOO_LARGE);
        None
    } else {
        read::read::<file::File>(&mut desk).map(|(file, taken)| {
            let mut check = check::Check { desk: &mut desk, taken: &taken, base: &base, files };
            check::settings(&file, &mut check, &mut others, &mut sources)
        })
    };
    read::forget_guesses(&mut problems);
    problems.sort_by_key(|problem| problem.place.as_ref().map_or(0, |place| place.span.start));
    others.sort_by_key(|problem| {
        (problem.file.clone(), problem.place.as_ref().map_or(0, |place| place.span.start))
    });
    problems.append(&mut others);
    let is_usable = problems.iter().all(|problem| problem.severity == Severity::Warning);
    Loaded { settings: settings.filter(|_| is_usable), problems, sources }
}

/// A file of four megabytes describes some ten thousand people; beyond that it is no configuration.
const LARGEST_FILE: u64 = 4 << 20;
const TOO_LARGE: &str = "has more than 4 MiB and is not read";

/// The text of a file, or why there is none.
fn text(path: &Path) -> Result<String, String> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|fault| in_words(&fault))?;
    let mut text = String::new();
    // Not the size the system tells: a device or a pipe tells none.
    match file.take(LARGEST_FILE + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > LARGEST_FILE => Err(TOO_LARGE.to_owned()),
        Ok(_) => Ok(text),
        Err(fault) => Err(in_words(&fault)),
    }
}

/// Why a file cannot be read, to follow its name.
fn in_words(fault: &std::io::Error) -> String {
    match fault.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read by this account".to_owned(),
        std::io::ErrorKind::IsADirectory => "is a folder".to_owned(),
        std::io::ErrorKind::InvalidData => "is not UTF-8".to_owned(),
        _ => format!("cannot be read: {fault}"),
    }
}

/// The JSON schema of the file (draft 7), for editors and `taplo`.
pub fn schema() -> String {
    schema_of::<file::File>()
}

/// The JSON schema of `users.toml` (draft 7).
pub fn users_schema() -> String {
    schema_of::<file::UsersFile>()
}

fn schema_of<T: schemars::JsonSchema>() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let schema = generator.into_root_schema_for::<T>();
    // A schema is plain JSON; writing it out cannot fail, and an empty text fails the test that compares it.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
