//! The reading of the file that is in force, and how another takes its place: built whole first, swapped at once.

use std::{path::Path, sync::Arc};

use arc_swap::{ArcSwap, Guard};

use super::{BuildFault, Runtime};
use crate::config::{self, Color, Files, policy_tests};

/// The runtime in force. Requests take one snapshot; those under way finish on theirs.
#[derive(Debug)]
pub struct Current(ArcSwap<Runtime>);

/// What a reload changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloaded {
    /// Warnings about the file, drawn for a person; empty if there are none.
    pub warnings: String,
    /// What takes effect only after a restart.
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
        Self(ArcSwap::from_pointee(runtime))
    }

    /// The runtime in force, for one request.
    pub fn snapshot(&self) -> Arc<Runtime> {
        self.0.load_full()
    }

    /// The runtime in force, for a moment.
    pub fn peek(&self) -> Guard<Arc<Runtime>> {
        self.0.load()
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
        let (runtime, warnings) = read(path)?;
        let needs_restart = needs_restart(&self.peek(), &runtime);
        adopt(&runtime).map_err(ReloadFault::Adopt)?;
        self.0.store(Arc::new(runtime));
        Ok(Reloaded { warnings, needs_restart })
    }

    /// Puts a runtime in force that somebody else built.
    pub fn replace(&self, runtime: Runtime) {
        self.0.store(Arc::new(runtime));
    }
}

/// Reads a file all the way to a runtime: problems, tests, parts.
///
/// # Errors
/// A [`ReloadFault`] that says why it cannot be put in force.
pub(crate) fn read(path: &Path) -> Result<(Runtime, String), ReloadFault> {
    let loaded = config::load(path, Files::Checked);
    let report = loaded.report(Color::Plain);
    let errors = loaded.errors();
    let Some(settings) = loaded.settings else { return Err(ReloadFault::Problems { errors, report }) };
    let failures: Vec<_> = policy_tests::run(&settings).into_iter().filter(|test| !test.passed()).collect();
    if !failures.is_empty() {
        let drawn: Vec<_> = failures.iter().map(|test| test.report(path)).collect();
        return Err(ReloadFault::Tests { failed: failures.len(), report: drawn.join("\n") });
    }
    Ok((Runtime::build(settings)?, report))
}

fn needs_restart(old: &Runtime, new: &Runtime) -> Vec<&'static str> {
    let (was, is) = (&old.settings, &new.settings);
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
