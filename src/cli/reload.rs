//! `vestibule reload`: asks the running server to read its file again, and waits for the outcome.

use clap::Args;

use super::{
    door,
    exit::Exit,
    output::{self, Form},
    place::ConfigFile,
};
use crate::runtime::control::words::{Answer, RefusalKind, ReloadReport, Request};

/// Makes the running server read configuration, people and certificates again; a broken file changes nothing.
#[derive(Debug, Args)]
pub(super) struct Reload {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Reload {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match door::ask_server(&self.file, &Request::Reload)? {
            Answer::Reloaded(report) => {
                self.form.say(&report, text)?;
                Ok(Exit::Fine)
            }
            Answer::Refused(refusal) => {
                if self.form.is_json() {
                    self.form.say(&refusal, |_| String::new())?;
                } else {
                    output::complain(&refusal.message);
                }
                Ok(match refusal.kind {
                    RefusalKind::PolicyTests => Exit::TestFailed,
                    _ => Exit::Broken,
                })
            }
            other => Err(door::strange(&other)),
        }
    }
}

fn text(report: &ReloadReport) -> String {
    let mut out = report.warnings.clone() + "the configuration is in force\n";
    for key in &report.needs_restart {
        out += &format!("{key} differs from what the server started with: it takes effect after a restart\n");
    }
    if report.sessions_ended + report.trusts_ended > 0 {
        let (sessions, trusts) = (report.sessions_ended, report.trusts_ended);
        out += &format!("ended with it: {sessions} session(s), {trusts} trust(s)\n");
    }
    out
}
