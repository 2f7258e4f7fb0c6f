//! `vestibule serve`: runs the gateway until it is told to stop.

use clap::Args;

use super::{exit::Exit, gatehouse::Gatehouse, place::ConfigFile};
use crate::telemetry::log::Lines;

/// Runs the gateway.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    file: ConfigFile,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        Gatehouse::open(&self.file.locate()?, Lines::StandardOutput)?.run()?;
        Ok(Exit::Fine)
    }
}
