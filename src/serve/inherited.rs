//! Sockets that were listening before this process: those of a socket unit, and those of the process whose place this one
//! takes, which the service manager kept open meanwhile (`FileDescriptorStoreMax=`).
//!
//! Who connects between the end of one process and the start of the next waits in the queue of such a socket, and is refused
//! by nobody. Where they listen is read from the file alone: a socket at another address is let go of.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;
use rustix::io::{FdFlags, fcntl_setfd};
use socket2::SockRef;

use super::systemd;

/// Listening sockets that nobody has taken over yet.
#[derive(Debug, Default)]
pub struct Inherited(Vec<(SocketAddr, TcpListener)>);

impl Inherited {
    /// Those the service manager passed to this process, by `LISTEN_FDS`; to be asked once, at the start.
    pub fn from_service_manager() -> Self {
        let mut passed = ListenFd::from_env();
        let taken = (0..passed.len()).filter_map(|number| {
            // What is no TCP socket is nothing that was asked for.
            let listener = passed.take_tcp_listener(number).ok().flatten()?;
            SockRef::from(&listener).is_listener().ok().filter(|listens| *listens)?;
            // No program that is started from here listens along.
            fcntl_setfd(&listener, FdFlags::CLOEXEC).ok()?;
            listener.set_nonblocking(true).ok()?;
            Some((listener.local_addr().ok()?, listener))
        });
        Self(taken.collect())
    }

    /// Takes over those that listen at `address`.
    pub(super) fn take(&mut self, address: SocketAddr) -> Vec<TcpListener> {
        let (taken, rest) = std::mem::take(&mut self.0).into_iter().partition(|(at, _)| *at == address);
        self.0 = rest;
        let taken: Vec<(SocketAddr, TcpListener)> = taken;
        taken.into_iter().map(|(_, listener)| listener).collect()
    }

    /// Lets go of the others: whoever connects there now is refused, instead of waiting for ever.
    pub(super) fn let_go_of_the_rest(&mut self) {
        for (address, listener) in self.0.drain(..) {
            tracing::warn!(%address, "a socket was handed over for an address that the file does not name; it is closed");
            systemd::forget(address);
            drop(listener);
        }
    }
}
