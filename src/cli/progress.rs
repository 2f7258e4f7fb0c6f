//! How far long work is, drawn on standard error while a person watches, and gone when it is done.
//!
//! Nothing is drawn for scripts: where the answer is JSON, or either output is no terminal.

use std::{
    io::{self, IsTerminal as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Form;

/// How often what only waits shows that it does.
const TICK: Duration = Duration::from_millis(120);

/// A bar, or nothing where nobody watches. It goes away with its value.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    /// For work that tells nothing of itself until it is done.
    pub(super) fn waiting(form: Form, what: &'static str) -> Self {
        let bar = Self::draw(form, what, "{spinner} {msg} {elapsed}", None);
        if let Some(bar) = &bar.0 {
            bar.enable_steady_tick(TICK);
        }
        bar
    }

    /// For work that is counted.
    pub(super) fn counting(form: Form, what: &'static str) -> Self {
        Self::draw(form, what, "{msg} [{bar:30}] {percent}%", Some(1))
    }

    /// So much of all of it is done.
    pub(super) fn tell(&self, done: u64, all: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(all.max(1));
            bar.set_position(done);
        }
    }

    fn draw(form: Form, what: &'static str, template: &str, length: Option<u64>) -> Self {
        if !is_watched(form) {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        // The templates are ours; a bar drawn plainly would be no harm either.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what);
        bar.tick();
        Self(Some(bar))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the environment is read in cli")]
fn is_watched(form: Form) -> bool {
    let is_dumb = std::env::var_os("TERM").is_none_or(|kind| kind == "dumb");
    !form.is_json() && io::stderr().is_terminal() && io::stdout().is_terminal() && !is_dumb
}
