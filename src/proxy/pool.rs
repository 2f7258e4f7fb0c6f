//! One thread's connections to upstreams: the last one given back is the first one taken, so that those not needed grow
//! old and are closed. No lock, and nothing another core touches.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    rc::{Rc, Weak},
    time::Duration,
};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
    time::{self, Instant},
};

use super::{Upstream, UpstreamFault, upload::Upload, upstream::Transport};

/// Unused connections to one upstream that a thread keeps.
const MOST_IDLE: usize = 64;
/// How long an unused connection is kept.
const KEEP_IDLE: Duration = Duration::from_secs(30);
/// How long an unused connection may have been so for a request that cannot be sent twice: shorter than upstreams wait
/// before they close one (Apache and node: 5 s).
const KEEP_SURE: Duration = Duration::from_secs(2);
/// Fields and bytes of a response head.
const RESPONSE_FIELDS: usize = 200;
const RESPONSE_HEAD: usize = 128 * 1024;

/// One thread's pooled upstream connections. Not shared: no lock, no other core.
#[derive(Default)]
pub struct Connections(Rc<Pool>);

#[derive(Default)]
struct Pool {
    idle: RefCell<HashMap<usize, Vec<Idle>>>,
    sweeper: RefCell<Option<AbortHandle>>,
}

struct Idle {
    sender: SendRequest<Upload>,
    since: Instant,
}

/// A connection while a request has it.
pub(super) struct Lease {
    pub(super) sender: SendRequest<Upload>,
    upstream: usize,
    pool: Weak<Pool>,
}

/// Whether a request may be sent again if its connection turns out to be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Repeat {
    Once,
    Never,
}

impl Connections {
    /// A connection that answered before and still stands.
    pub(super) async fn reuse(&self, upstream: &Upstream, repeat: Repeat) -> Option<Lease> {
        let longest = if repeat == Repeat::Once { KEEP_IDLE } else { KEEP_SURE };
        match self.0.take(upstream.key, longest) {
            Taken::Ready(sender) => Some(self.lease(sender, upstream)),
            Taken::None => None,
            // Given back a moment ago: its task has yet to see that the response is over.
            Taken::Busy => {
                tokio::task::yield_now().await;
                match self.0.take(upstream.key, longest) {
                    Taken::Ready(sender) => Some(self.lease(sender, upstream)),
                    Taken::Busy | Taken::None => None,
                }
            }
        }
    }

    /// A fresh connection.
    pub(super) async fn open(&self, upstream: &Upstream) -> Result<Lease, UpstreamFault> {
        let sender = match upstream.connect().await? {
            Transport::Plain(stream) => handshake(stream).await?,
            Transport::Tls(stream) => handshake(*stream).await?,
        };
        Ok(self.lease(sender, upstream))
    }

    fn lease(&self, sender: SendRequest<Upload>, upstream: &Upstream) -> Lease {
        Lease { sender, upstream: upstream.key, pool: Rc::downgrade(&self.0) }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connections({} idle)", self.0.idle.borrow().values().map(Vec::len).sum::<usize>())
    }
}

async fn handshake<I>(stream: I) -> Result<SendRequest<Upload>, UpstreamFault>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        // Portals that cannot be changed may have been written for names as people write them.
        .title_case_headers(true)
        .max_headers(RESPONSE_FIELDS)
        .max_header_size(RESPONSE_HEAD)
        .max_buf_size(RESPONSE_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|fault| UpstreamFault::Unreachable(fault.to_string()))?;
    tokio::task::spawn_local(async move {
        if let Err(fault) = connection.with_upgrades().await {
            tracing::debug!(%fault, "upstream connection ended early");
        }
    });
    Ok(sender)
}

enum Taken {
    Ready(SendRequest<Upload>),
    /// There are some, but none is ready yet.
    Busy,
    None,
}

impl Pool {
    fn take(&self, upstream: usize, longest: Duration) -> Taken {
        let mut all = self.idle.borrow_mut();
        let Some(idle) = all.get_mut(&upstream) else { return Taken::None };
        idle.retain(|one| !one.sender.is_closed());
        let is_young = |one: &Idle| one.since.elapsed() < longest;
        match idle.iter().rposition(|one| is_young(one) && one.sender.is_ready()) {
            Some(at) => Taken::Ready(idle.remove(at).sender),
            None if idle.iter().any(is_young) => Taken::Busy,
            None => Taken::None,
        }
    }

    fn put(self: Rc<Self>, upstream: usize, sender: SendRequest<Upload>) {
        if sender.is_closed() {
            return;
        }
        let mut all = self.idle.borrow_mut();
        let idle = all.entry(upstream).or_default();
        if idle.len() == MOST_IDLE {
            idle.remove(0);
        }
        idle.push(Idle { sender, since: Instant::now() });
        drop(all);
        let mut sweeper = self.sweeper.borrow_mut();
        if sweeper.is_none() {
            let pool = Rc::downgrade(&self);
            *sweeper = Some(tokio::task::spawn_local(sweep(pool)).abort_handle());
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(sweeper) = self.sweeper.borrow().as_ref() {
            sweeper.abort();
        }
    }
}

/// Closes connections nobody needs any more, those to upstreams of an earlier reading of the file among them.
async fn sweep(pool: Weak<Pool>) {
    loop {
        time::sleep(KEEP_IDLE / 2).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut all = pool.idle.borrow_mut();
        all.retain(|_, idle| {
            idle.retain(|one| !one.sender.is_closed() && one.since.elapsed() < KEEP_IDLE);
            !idle.is_empty()
        });
    }
}

impl Lease {
    /// The response is over; the connection may serve the next request.
    pub(super) fn give_back(self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.put(self.upstream, self.sender);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}
