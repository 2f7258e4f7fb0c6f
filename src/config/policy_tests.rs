//! The file's own tests: each `[[test]]` asks the rules about a visitor who is not there.
//!
//! `expect` is compared with the level that comes out for that visitor, as `vestibule explain` prints it: the rule's
//! level, raised from `one_factor` to `two_factor` where a requirement asks for it; `deny` also where no rule or no
//! portal answers. Without `user` the test is about somebody not signed in.

use std::{fmt, path::Path, time::Duration};

use serde::Serialize;

use super::{
    explain::explain,
    settings::{PolicyTest, Settings},
    visitor::{Asked, Device},
};
use crate::domain::policy::Level;

/// How one `[[test]]` ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TestOutcome {
    /// Its line in the file.
    pub line: usize,
    /// The page.
    pub url: String,
    /// The method.
    pub method: String,
    /// Who asked.
    pub user: Option<String>,
    /// The level that had to come out.
    pub expected: Level,
    /// The level that came out; nothing if the question had no answer.
    pub got: Option<Level>,
    /// The rule that decided.
    pub rule: Option<String>,
    /// Why it came out so.
    pub because: String,
}

impl TestOutcome {
    /// Whether the rules say what the test expects.
    pub fn passed(&self) -> bool {
        self.got == Some(self.expected)
    }

    /// The failure as one line, starting with the place in `file`.
    pub fn report(&self, file: &Path) -> String {
        format!("{}:{}: {self}", file.display(), self.line)
    }
}

impl fmt::Display for TestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, method, .. } = self;
        let user = self.user.as_deref().unwrap_or("nobody signed in");
        let expected = self.expected.name();
        match self.got {
            Some(got) if got == self.expected => write!(f, "{method} {url} for {user}: {expected}"),
            Some(got) => {
                write!(f, "{method} {url} for {user}: expected {expected}, got {} ", got.name())?;
                match &self.rule {
                    Some(rule) => write!(f, "from rule {rule} ({})", self.because),
                    None => write!(f, "({})", self.because),
                }
            }
            None => write!(f, "{method} {url} for {user}: expected {expected}, but {}", self.because),
        }
    }
}

/// Runs every `[[test]]`, in the order of the file.
pub fn run(settings: &Settings) -> Vec<TestOutcome> {
    settings.tests.iter().map(|test| run_one(settings, test)).collect()
}

fn run_one(settings: &Settings, test: &PolicyTest) -> TestOutcome {
    let asked = Asked {
        url: test.url.clone(),
        user: test.user.clone(),
        groups: test.groups.clone(),
        ip: test.ip,
        method: test.method.clone(),
        device: Device::Unknown,
        factor: None,
        age: Duration::ZERO,
    };
    let outcome = TestOutcome {
        line: test.line,
        url: test.url.to_string(),
        method: test.method.to_string(),
        user: test.user.clone(),
        expected: test.expect,
        got: None,
        rule: None,
        because: String::new(),
    };
    match explain(settings, &asked) {
        Ok(answer) => {
            let raised = answer.requirement.as_ref().filter(|_| answer.level == Level::TwoFactor);
            let because = match raised {
                Some(requirement) => format!("{}; second factor by {}", answer.outcome, requirement.source),
                None => answer.outcome,
            };
            TestOutcome { got: Some(answer.level), rule: answer.decided_by, because, ..outcome }
        }
        Err(no_answer) => TestOutcome { because: no_answer.to_string(), ..outcome },
    }
}
