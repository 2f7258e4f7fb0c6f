//! What systemd is told; nothing happens where it does not listen.

use std::{
    net::{SocketAddr, TcpListener},
    os::fd::AsFd as _,
    time::Duration,
};

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

/// Keep this socket open when this process ends, and pass it to the next one.
pub(super) fn keep(address: SocketAddr, listener: &TcpListener) {
    let name = name_of(address);
    let words = [NotifyState::FdStore, NotifyState::FdName(&name)];
    if let Err(fault) = sd_notify::notify_with_fds(&words, &[listener.as_fd()]) {
        tracing::debug!(%fault, "systemd does not keep a socket");
    }
}

/// Keep the sockets at this address no longer.
pub(super) fn forget(address: SocketAddr) {
    tell(&[NotifyState::FdStoreRemove, NotifyState::FdName(&name_of(address))]);
}

/// A colon is the one character that no name may have.
fn name_of(address: SocketAddr) -> String {
    address.to_string().replace(':', "_")
}

fn tell(words: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(words) {
        tracing::debug!(%fault, "systemd does not listen");
    }
}
