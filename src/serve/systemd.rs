//! What systemd is told; nothing happens where it does not listen.

use std::time::Duration;

use sd_notify::NotifyState;

/// All sockets answer.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// A reload begins; [`ready`] ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The drain begins.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Still alive.
pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// How often systemd wants to hear [`alive`]; half of its patience.
pub(super) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|patience| patience / 2)
}

fn tell(words: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(words) {
        tracing::debug!(%fault, "systemd does not listen");
    }
}
