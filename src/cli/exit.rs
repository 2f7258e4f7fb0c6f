//! How commands end, in numbers scripts rely on.

use std::process::ExitCode;

use crate::serve::RunFault;

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
    /// Answered, and then failed: unlike the others worth another start.
    Failed = 70,
}

impl Exit {
    /// How a command ends that could not do what it was asked.
    pub(super) fn of(fault: &anyhow::Error) -> Self {
        if fault.is::<Unreachable>() {
            Self::Unreachable
        } else if fault.is::<TestsFailed>() {
            Self::TestFailed
        } else if let Some(RunFault::Failed { .. }) = fault.downcast_ref() {
            Self::Failed
        } else {
            Self::Broken
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_fails_while_it_runs_ends_otherwise_than_one_that_cannot_start() {
        let failed = RunFault::Failed { thread: "proxy-0".to_owned() };
        let unstarted = RunFault::Start(std::io::ErrorKind::OutOfMemory.into());
        assert_eq!(Exit::of(&failed.into()), Exit::Failed);
        assert_eq!(Exit::of(&unstarted.into()), Exit::Broken);
    }

    #[test]
    fn the_unit_starts_again_what_failed_and_not_what_another_start_does_not_mend() {
        let unit = include_str!("../../packaging/vestibule.service");
        assert!(unit.lines().any(|line| line == "Restart=on-failure"));
        let kept = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
        let kept: Vec<i32> = kept.split(' ').map(|code| code.parse().unwrap()).collect();
        assert_eq!(kept, [Exit::Broken, Exit::Usage, Exit::TestFailed].map(|exit| exit as i32));
    }
}
