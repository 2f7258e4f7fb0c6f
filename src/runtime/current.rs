//! The reading of the file that is in force, and how another takes its place: built whole first, swapped at once.

use std::{path::Path, sync::Arc};

use arc_swap::{ArcSwap, Guard};

use super::{BuildFault, Runtime};
use crate::config::{self, Color, Files, Problem, policy_tests};

/// The runtime in force. Requests take one snapshot; those under way finish on theirs.
#[derive(Debug)]
pub struct Current {
    in_force: ArcSwap<Runtime>,
    /// What the process started with: sockets and stores are those of this one until a restart.
    started: Arc<Runtime>,
}

/// What a reload changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloaded {
    /// Warnings about the file, drawn for a person; empty if there are none.
    pub warnings: String,
    /// What differs from what the process started with, and takes effect only after a restart.
    pub needs_restart: Vec<&'static str>,
}

/// Why a reload changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReloadFault {
    /// The file has problems.
    #[error("the configuration has {errors} error(s); nothing was changed\n{report}")]
    Problems {
        /// How many.
        errors: usize,
        /// All of them, drawn.
        report: String,
    },
    /// Tests of the file fail.
    #[error("{failed} test(s) of the configuration fail; nothing was changed\n{report}")]
    Tests {
        /// How many.
        failed: usize,
        /// Which, and why.
        report: String,
    },
    /// The parts cannot be built.
    #[error("{0}; nothing was changed")]
    Build(#[from] BuildFault),
    /// What is kept elsewhere cannot follow.
    #[error("{0}; nothing was changed")]
    Adopt(String),
}

impl Current {
    /// Puts the first runtime in force.
    pub fn new(runtime: Runtime) -> Self {
        let started = Arc::new(runtime);
        Self { in_force: ArcSwap::new(started.clone()), started }
    }

    /// The runtime in force, for one request.
    pub fn snapshot(&self) -> Arc<Runtime> {
        self.in_force.load_full()
    }

    /// The runtime in force, for a moment.
    pub fn peek(&self) -> Guard<Arc<Runtime>> {
        self.in_force.load()
    }

    /// Reads `path` again and puts it in force, or changes nothing. `adopt` takes over what is kept elsewhere
    /// (certificates) just before the swap, and may still refuse.
    ///
    /// # Errors
    /// A [`ReloadFault`] that says why nothing was changed.
    pub fn reload(
        &self,
        path: &Path,
        adopt: impl FnOnce(&Runtime) -> Result<(), String>,
    ) -> Result<Reloaded, ReloadFault> {
        let Reading { runtime, drawn, .. } = read(path, Color::Plain)?;
        let needs_restart = needs_restart(&self.started, &runtime);
        adopt(&runtime).map_err(ReloadFault::Adopt)?;
        self.in_force.swap(Arc::new(runtime)).worked.outdate();
        Ok(Reloaded { warnings: drawn, needs_restart })
    }
}

/// A file that can be put in force.
#[derive(Debug)]
pub struct Reading {
    /// What it says, ready for requests.
    pub runtime: Runtime,
    /// What it should not say. There is no error among it.
    pub warnings: Vec<Problem>,
    /// The warnings, drawn for a person; empty if there are none.
    pub drawn: String,
}

/// Reads a file all the way to a runtime: problems, tests, parts.
///
/// # Errors
/// A [`ReloadFault`] that says why it cannot be put in force.
pub fn read(path: &Path, color: Color) -> Result<Reading, ReloadFault> {
    let loaded = config::load(path, Files::Checked);
    let report = loaded.report(color);
    let errors = loaded.errors();
    let Some(settings) = loaded.settings else { return Err(ReloadFault::Problems { errors, report }) };
    let failures: Vec<_> = policy_tests::run(&settings).into_iter().filter(|test| !test.passed()).collect();
    if !failures.is_empty() {
        let drawn: Vec<_> = failures.iter().map(|test| test.report(path)).collect();
        return Err(ReloadFault::Tests { failed: failures.len(), report: drawn.join("\n") });
    }
    Ok(Reading { runtime: Runtime::build(settings)?, warnings: loaded.problems, drawn: report })
}

fn needs_restart(started: &Runtime, new: &Runtime) -> Vec<&'static str> {
    let (was, is) = (&started.settings, &new.settings);
    let mut needs = Vec::new();
    if was.server.https != is.server.https {
        needs.push("server.https");
    }
    if was.server.http != is.server.http {
        needs.push("server.http");
    }
    if was.server.internal != is.server.internal {
        needs.push("server.internal");
    }
    if was.server.socket != is.server.socket {
        needs.push("server.socket");
    }
    if was.server.workers != is.server.workers {
        needs.push("server.workers");
    }
    if was.store != is.store {
        needs.push("store.url");
    }
    if was.log.level != is.log.level {
        needs.push("log.level");
    }
    needs
}
