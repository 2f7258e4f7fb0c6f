//! `vestibule completion`: a script for the shell.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, exit::Exit, output};

/// Prints a completion script for a shell.
#[derive(Debug, Args)]
pub(super) struct Completion {
    /// Which shell.
    shell: Shell,
}

impl Completion {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "vestibule", &mut script);
        output::say(&String::from_utf8(script)?);
        Ok(Exit::Fine)
    }
}
