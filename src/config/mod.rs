//! The one file: from TOML as written (`file`), through every problem at once (`check`), to [`settings::Settings`],
//! the only form the rest of the house sees.
//!
//! [`load`] is the one way in, for `serve`, `check` and reload alike. [`explain`] and [`policy_tests`] ask the compiled
//! rules about visitors who are not there.

pub mod explain;
pub mod policy_tests;
mod problem;
pub mod settings;
mod visitor;

use std::path::Path;

pub use self::{
    explain::{Explanation, explain},
    problem::{Color, Place, Problem, Severity, Sources},
    visitor::{Asked, Device, NoAnswer, read_url},
};
use self::{problem::Desk, settings::Settings};

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
    match std::fs::read_to_string(path) {
        Ok(text) => load_text(path, &text, files),
        Err(fault) => {
            let mut problems = Vec::new();
            Desk::new(path, "", &mut problems).refuse(format!("cannot be read: {fault}"));
            Loaded { settings: None, problems, sources: Sources::default() }
        }
    }
}

/// Reads `text` as if it stood at `path`, from where relative paths start.
pub fn load_text(path: &Path, text: &str, files: Files) -> Loaded {
    let _ = files;
    let mut problems = Vec::new();
    let mut sources = Sources::default();
    sources.keep(path, text);
    Desk::new(path, text, &mut problems).refuse("reading the file is being built");
    Loaded { settings: None, problems, sources }
}
