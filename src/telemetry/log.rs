//! JSON lines, on standard output or in a file, written by a thread of their own: no request waits for a reader.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, Layer as _, fmt, prelude::*};

use super::tame::Tame;

/// Where log lines go.
#[derive(Clone, Copy, Debug)]
pub enum Lines<'a> {
    /// To whoever started the process.
    StandardOutput,
    /// To the end of a file, made for its owner alone.
    File(&'a Path),
}

/// Lines that may wait for the writer. Where its reader is stuck for longer, lines are lost rather than visitors kept
/// waiting; the audit log does not pass here.
const ROOM: usize = 16_384;

/// Keeps the writer's thread at work; dropped at the end of the process, it waits (a second at most) for the last lines.
#[must_use = "lines are written only while this is kept"]
#[derive(Debug)]
pub struct Writing(#[expect(dead_code, reason = "kept for what its drop does")] WorkerGuard);

/// Starts logging with a filter such as `info`. A second start changes nothing.
///
/// # Errors
/// The filter does not parse, or the file cannot be written.
pub fn start(level: &str, lines: Lines<'_>) -> Result<Writing, String> {
    let filter = EnvFilter::try_new(level).map_err(|fault| format!("log level \"{level}\": {fault}"))?;
    let sink: Box<dyn Write + Send> = match lines {
        Lines::StandardOutput => Box::new(Tame(io::stdout())),
        Lines::File(path) => {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            Box::new(Tame(file.map_err(|fault| format!("{}: {fault}", path.display()))?))
        }
    };
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(ROOM).lossy(true).thread_name("log").finish(sink);
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
        .with_filter(filter);
    // Failing means that somebody started already, as tests do.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    Ok(Writing(guard))
}
