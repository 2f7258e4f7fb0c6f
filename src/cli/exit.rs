//! How commands end, in numbers scripts rely on.

use std::process::ExitCode;

/// The exit codes of `vestibule --help`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    /// Done.
    Fine = 0,
    /// Cannot start, bad configuration, could not be carried out.
    Broken = 1,
    /// Asked wrongly; clap ends with the same number.
    Usage = 2,
    /// A `[[test]]` of the file fails.
    TestFailed = 3,
    /// No server answers.
    Unreachable = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// No server answers: ends the program with [`Exit::Unreachable`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreachable(pub(super) String);

/// Tests of the file fail: ends the program with [`Exit::TestFailed`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct TestsFailed(pub(super) String);
