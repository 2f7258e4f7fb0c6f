//! `vestibule status`: how the running server is.

use clap::Args;

use super::{
    door,
    exit::Exit,
    output::{Form, moment, span},
    place::ConfigFile,
};
use crate::runtime::control::words::{Answer, Request, StatusReport};

/// Tells how the running server is.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Status {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match door::ask_server(&self.file, &Request::Status)? {
            Answer::Status(report) => self.form.say(&report, text)?,
            other => return Err(door::strange(&other)),
        }
        Ok(Exit::Fine)
    }
}

fn text(report: &StatusReport) -> String {
    let reload = match &report.last_reload {
        None => "none since the start".to_owned(),
        Some(last) if last.accepted && last.needs_restart.is_empty() => {
            format!("{}, taken over", moment(last.at))
        }
        Some(last) if last.accepted => {
            format!(
                "{}, taken over; a restart is needed for {}",
                moment(last.at),
                last.needs_restart.join(", ")
            )
        }
        Some(last) => {
            let reason = last.reason.as_deref().and_then(|reason| reason.lines().next()).unwrap_or("");
            format!("{}, refused: {reason}", moment(last.at))
        }
    };
    format!(
        "vestibule {}, process {}\n  config       {}\n  running      {}, since {}\n  sessions     {}\n  portals      {}\n  last reload  {reload}\n",
        report.version,
        report.pid,
        report.config,
        span(report.uptime_seconds),
        moment(report.started),
        report.sessions,
        report.portals.join(", "),
    )
}
