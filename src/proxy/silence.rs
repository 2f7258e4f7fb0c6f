//! How long one side of a body may keep the other waiting.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Measures one wait after another against a span. Costs nothing while nobody waits.
#[derive(Debug)]
pub(crate) struct Silence {
    span: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    pub(crate) fn of(span: Duration) -> Self {
        Self { span, since: None, timer: None }
    }

    /// Something came; tells how long the wait was.
    pub(crate) fn end(&mut self) -> Duration {
        self.since.take().map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Still nothing. Ready once it took too long; asked again, it waits another span.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_within(cx, self.span)
    }

    /// The same where this wait may be no longer than `most` either.
    pub(super) fn poll_within(&mut self, cx: &mut Context<'_>, most: Duration) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let until = since + self.span.min(most);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() > until {
            timer.as_mut().reset(until);
        }
        // A timer left from an earlier wait rings early; it is set anew only then.
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= until {
                self.since = None;
                self.timer = None;
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
        Poll::Pending
    }
}
