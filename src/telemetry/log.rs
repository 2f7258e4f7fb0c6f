//! JSON lines on standard output.

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging with a filter such as `info`. A second start changes nothing.
///
/// # Errors
/// The filter does not parse.
pub fn start(level: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(level).map_err(|fault| format!("log level \"{level}\": {fault}"))?;
    let lines = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    // Failing means that somebody started already, as tests do.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(())
}
