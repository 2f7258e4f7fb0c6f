//! `vestibule check`: every problem of the file at once, then the file's own tests.

use std::{io, path::Path};

use clap::Args;
use serde::Serialize;

use super::{
    exit::Exit,
    output::{self, Form},
    place::ConfigFile,
};
use crate::config::{
    self, Files, Loaded, Problem,
    policy_tests::{self, TestOutcome},
};

/// Shows every problem of the configuration with its line and a hint, then runs the tests in it.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Take files the configuration names (certificates, keys) to be fine: for checking away from the machine.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    file: String,
    problems: &'a [Problem],
    tests: Vec<TestLine<'a>>,
}

#[derive(Serialize)]
struct TestLine<'a> {
    passed: bool,
    #[serde(flatten)]
    outcome: &'a TestOutcome,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let file = self.file.locate()?;
        let files = if self.offline { Files::Assumed } else { Files::Checked };
        let loaded = config::load(&file, files);
        let tests = loaded.settings.as_ref().map(policy_tests::run).unwrap_or_default();
        let exit = if loaded.settings.is_none() {
            Exit::Broken
        } else if tests.iter().all(TestOutcome::passed) {
            Exit::Fine
        } else {
            Exit::TestFailed
        };
        let report = Report {
            ok: exit == Exit::Fine,
            file: file.display().to_string(),
            problems: &loaded.problems,
            tests: tests.iter().map(|outcome| TestLine { passed: outcome.passed(), outcome }).collect(),
        };
        self.form.say(&report, |_| text(&file, &loaded, &tests))?;
        Ok(exit)
    }
}

fn text(file: &Path, loaded: &Loaded, tests: &[TestOutcome]) -> String {
    let mut out = loaded.report(output::color(&io::stdout()));
    let failures: Vec<_> = tests.iter().filter(|test| !test.passed()).collect();
    for failure in &failures {
        out += &format!("{}\n", failure.report(file));
    }
    if !failures.is_empty() {
        out += "\n";
    }
    let errors = loaded.errors();
    let warnings = loaded.problems.len() - errors;
    let mut summary = vec![counted(errors, "error")];
    if warnings > 0 {
        summary.push(counted(warnings, "warning"));
    }
    summary.push(match (loaded.settings.is_some(), tests.len(), failures.len()) {
        (false, ..) => "tests not run".to_owned(),
        (true, 0, _) => "no tests".to_owned(),
        (true, all, 0) => format!("{} passed", counted(all, "test")),
        (true, all, failed) => format!("{failed} of {} failed", counted(all, "test")),
    });
    out + &format!("{}: {}\n", file.display(), summary.join(", "))
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
