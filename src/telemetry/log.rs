//! JSON lines, on standard output or in a file.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt as _, path::Path};

use tracing_subscriber::{EnvFilter, Layer as _, fmt, fmt::writer::BoxMakeWriter, prelude::*};

/// Where log lines go.
#[derive(Clone, Copy, Debug)]
pub enum Lines<'a> {
    /// To whoever started the process.
    StandardOutput,
    /// To the end of a file, made for its owner alone.
    File(&'a Path),
}

/// Starts logging with a filter such as `info`. A second start changes nothing.
///
/// # Errors
/// The filter does not parse, or the file cannot be written.
pub fn start(level: &str, lines: Lines<'_>) -> Result<(), String> {
    let filter = EnvFilter::try_new(level).map_err(|fault| format!("log level \"{level}\": {fault}"))?;
    let writer = match lines {
        Lines::StandardOutput => BoxMakeWriter::new(std::io::stdout),
        Lines::File(path) => {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
            BoxMakeWriter::new(file.map_err(|fault| format!("{}: {fault}", path.display()))?)
        }
    };
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
        .with_filter(filter);
    // Failing means that somebody started already, as tests do.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    Ok(())
}
