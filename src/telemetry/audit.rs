//! The audit log: one JSON object per line, with the stable schema of [`crate::domain::audit`].
//!
//! Its own sink, written by its own thread: no log filter can silence it, and no request waits for it. Reopened on reload,
//! so that logs can be rotated.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use serde::Serialize;

use super::tame::tame;
use crate::domain::audit::AuditEvent;

/// Where audit lines go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AuditLog(mpsc::SyncSender<Message>);

#[derive(Debug)]
enum Message {
    Event(Box<AuditEvent>),
    Reopen(Option<PathBuf>),
    Flush(mpsc::Sender<()>),
}

/// Events that may wait for the writer.
const ROOM: usize = 65_536;

/// A line: the event, when it was in words, and which stream it belongs to.
#[derive(Serialize)]
struct Line<'a> {
    stream: &'static str,
    time: String,
    #[serde(flatten)]
    event: &'a AuditEvent,
}

enum Sink {
    StandardOutput(io::Stdout),
    File(BufWriter<File>),
}

impl AuditLog {
    /// Starts writing to `path` (appended to, mode 0600), or to standard output without one.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn start(path: Option<&Path>) -> io::Result<Self> {
        let mut sink = Sink::open(path)?;
        let (sender, messages) = mpsc::sync_channel(ROOM);
        thread::Builder::new().name("audit".to_owned()).spawn(move || {
            while let Ok(message) = messages.recv() {
                let outcome = match message {
                    Message::Event(event) => sink.write(&event),
                    Message::Reopen(path) => Sink::open(path.as_deref()).map(|opened| sink = opened),
                    Message::Flush(done) => {
                        let outcome = sink.flush();
                        let _ = done.send(());
                        outcome
                    }
                };
                if let Err(fault) = outcome {
                    tracing::error!(%fault, "the audit log cannot be written");
                }
            }
        })?;
        Ok(Self(sender))
    }

    /// Adds an event. Never waits: where the writer is hopelessly behind, the event goes to the error log instead.
    pub fn add(&self, event: AuditEvent) {
        if let Err(mpsc::TrySendError::Full(Message::Event(lost))) =
            self.0.try_send(Message::Event(Box::new(event)))
        {
            tracing::error!(event = ?lost, "the audit log is too far behind");
        }
    }

    /// Opens the file anew (after a rotation or a reload).
    pub fn reopen(&self, path: Option<PathBuf>) {
        let _ = self.0.send(Message::Reopen(path));
    }

    /// Waits until everything added so far is written.
    pub fn flush(&self) {
        let (done, wait) = mpsc::channel();
        if self.0.send(Message::Flush(done)).is_ok() {
            let _ = wait.recv();
        }
    }
}

impl Sink {
    fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self::StandardOutput(io::stdout())) };
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        Ok(Self::File(BufWriter::new(file)))
    }

    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        let time = jiff::Timestamp::from_second(event.at.unix()).map(|at| at.to_string()).unwrap_or_default();
        let mut line = serde_json::to_vec(&Line { stream: "audit", time, event })?;
        line.push(b'\n');
        let line = tame(&line);
        match self {
            Self::StandardOutput(out) => out.write_all(&line),
            Self::File(file) => {
                file.write_all(&line)?;
                file.flush()
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::StandardOutput(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        audit::{AuditKind, AuditOutcome},
        identity::UserId,
        time::Timestamp,
    };

    #[test]
    fn a_line_is_one_json_object_whatever_a_visitor_typed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        let log = AuditLog::start(Some(&path)).unwrap();
        let event = AuditEvent::new(Timestamp::from_unix(0), AuditKind::Password, AuditOutcome::Failure)
            .by(&UserId::new("anna\n{\"kind\":\"sign_in\"}"));
        log.add(event.with_detail("two\r\nlines"));
        log.flush();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["kind"], "password");
        assert_eq!(line["outcome"], "failure");
        assert_eq!(line["time"], "1970-01-01T00:00:00Z");
        assert_eq!(line["stream"], "audit");
    }
}
