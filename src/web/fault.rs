//! What keeps our own pages from answering. Every fault fails closed.

use crate::{factor::password::Busy, store::StoreFault};

/// Why a handler gave up.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// Too many passwords wait already.
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl Fault {
    /// Says so, once, where it is handled.
    pub(super) fn log(&self) {
        match self {
            Self::Store(fault) => tracing::error!(%fault, "sign-in is not possible: the store failed"),
            Self::Busy(busy) => tracing::warn!("{busy}"),
        }
    }
}
