//! `vestibule config`: what the file may say.

use clap::{Args, Subcommand};

use super::{exit::Exit, output};
use crate::config;

/// What the configuration may say.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Prints a configuration with every key and what it means.
    Example,
    Schema(Schema),
}

/// Prints the JSON schema of the configuration, for editors.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// That of users.toml instead.
    #[arg(long)]
    users: bool,
}

impl Config {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::Example => output::say(config::EXAMPLE),
            Self::Schema(Schema { users: false }) => output::say(&config::schema()),
            Self::Schema(Schema { users: true }) => output::say(&config::users_schema()),
        }
        Ok(Exit::Fine)
    }
}
