//! One thread's connections to upstreams: the last one given back is the first one taken, so that those not needed grow
//! old and are closed. No lock, and nothing another core touches.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    pin::pin,
    rc::{Rc, Weak},
    sync::Arc,
    time::Duration,
};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::AbortHandle,
    time::{self, Instant},
};

use super::{
    Upstream, UpstreamFault,
    seats::{self, Gauge, Seat, Seated, Seats},
    upload::Upload,
    upstream::Transport,
};

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

/// How long a request waits for one of the connections that may be open at once.
const WAIT: Duration = Duration::from_secs(2);

/// One thread's pooled upstream connections. Not shared: no lock, no other core.
pub struct Connections(Rc<Pool>);

struct Pool {
    lanes: RefCell<HashMap<usize, Lane>>,
    /// Connections to one upstream at once.
    most: usize,
    wait: Duration,
    sweeper: RefCell<Option<AbortHandle>>,
}

/// The connections to one upstream.
struct Lane {
    idle: Vec<Idle>,
    seats: Rc<Seats>,
}

struct Idle {
    line: Line,
    since: Instant,
}

/// A connection, and what is measured of it.
struct Line {
    sender: SendRequest<Upload>,
    gauge: Arc<Gauge>,
}

/// A connection while a request has it.
pub(super) struct Lease {
    pub(super) sender: SendRequest<Upload>,
    pub(super) gauge: Arc<Gauge>,
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
    /// Those of one thread of so many.
    pub fn for_workers(workers: usize) -> Self {
        Self::at_most(seats::share_of(workers), WAIT)
    }

    /// No more than so many to each upstream; who needs another one waits.
    pub(super) fn at_most(most: usize, wait: Duration) -> Self {
        Self(Rc::new(Pool { lanes: RefCell::default(), most, wait, sweeper: RefCell::default() }))
    }

    /// A connection that answered before and still stands.
    pub(super) async fn reuse(&self, upstream: &Upstream, repeat: Repeat) -> Option<Lease> {
        let longest = if repeat == Repeat::Once { KEEP_IDLE } else { KEEP_SURE };
        match self.0.take(upstream.key, longest) {
            Taken::Ready(line) => Some(self.lease(line, upstream)),
            Taken::None => None,
            // Given back a moment ago: its task has yet to see that the response is over.
            Taken::Busy => {
                tokio::task::yield_now().await;
                match self.0.take(upstream.key, longest) {
                    Taken::Ready(line) => Some(self.lease(line, upstream)),
                    Taken::Busy | Taken::None => None,
                }
            }
        }
    }

    /// A fresh connection, or one given back while all there may be were in use.
    pub(super) async fn open(&self, upstream: &Upstream, repeat: Repeat) -> Result<Lease, UpstreamFault> {
        let seats = self.0.seats(upstream.key);
        let seat = match seats.take() {
            Some(seat) => seat,
            None => match time::timeout(self.0.wait, self.wait(upstream, repeat, &seats)).await {
                Ok(Found::Lease(lease)) => return Ok(lease),
                Ok(Found::Seat(seat)) => seat,
                Err(_) => return Err(UpstreamFault::Busy),
            },
        };
        let gauge = Gauge::open();
        let sender = match upstream.connect().await? {
            Transport::Plain(stream) => handshake(Seated::new(stream, gauge.clone(), seat)).await?,
            Transport::Tls(stream) => handshake(Seated::new(*stream, gauge.clone(), seat)).await?,
        };
        Ok(self.lease(Line { sender, gauge }, upstream))
    }

    async fn wait(&self, upstream: &Upstream, repeat: Repeat, seats: &Seats) -> Found {
        // Those too old for this request still hold their seats.
        self.0.close_oldest(upstream.key);
        let mut freed = pin!(seats.freed());
        loop {
            tokio::select! {
                seat = freed.as_mut() => return Found::Seat(seat),
                () = seats.given_back() => {
                    if let Some(lease) = self.reuse(upstream, repeat).await {
                        return Found::Lease(lease);
                    }
                }
            }
        }
    }

    fn lease(&self, line: Line, upstream: &Upstream) -> Lease {
        let Line { sender, gauge } = line;
        Lease { sender, gauge, upstream: upstream.key, pool: Rc::downgrade(&self.0) }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connections({} idle)", self.0.lanes.borrow().values().map(|l| l.idle.len()).sum::<usize>())
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

enum Found {
    Lease(Lease),
    Seat(Seat),
}

enum Taken {
    Ready(Line),
    /// There are some, but none is ready yet.
    Busy,
    None,
}

impl Pool {
    fn take(&self, upstream: usize, longest: Duration) -> Taken {
        let mut lanes = self.lanes.borrow_mut();
        let Some(Lane { idle, .. }) = lanes.get_mut(&upstream) else { return Taken::None };
        idle.retain(|one| !one.line.sender.is_closed());
        let is_young = |one: &Idle| one.since.elapsed() < longest;
        match idle.iter().rposition(|one| is_young(one) && one.line.sender.is_ready()) {
            Some(at) => Taken::Ready(idle.remove(at).line),
            None if idle.iter().any(is_young) => Taken::Busy,
            None => Taken::None,
        }
    }

    fn seats(&self, upstream: usize) -> Rc<Seats> {
        self.lanes.borrow_mut().entry(upstream).or_insert_with(|| Lane::new(self.most)).seats.clone()
    }

    fn close_oldest(&self, upstream: usize) {
        if let Some(Lane { idle, .. }) = self.lanes.borrow_mut().get_mut(&upstream)
            && !idle.is_empty()
        {
            idle.remove(0);
        }
    }

    fn put(self: Rc<Self>, upstream: usize, line: Line) {
        if line.sender.is_closed() {
            return;
        }
        let mut lanes = self.lanes.borrow_mut();
        let Lane { idle, seats } = lanes.entry(upstream).or_insert_with(|| Lane::new(self.most));
        if idle.len() == MOST_IDLE {
            idle.remove(0);
        }
        idle.push(Idle { line, since: Instant::now() });
        seats.give_back();
        drop(lanes);
        let mut sweeper = self.sweeper.borrow_mut();
        if sweeper.is_none() {
            let pool = Rc::downgrade(&self);
            *sweeper = Some(tokio::task::spawn_local(sweep(pool)).abort_handle());
        }
    }
}

impl Lane {
    fn new(most: usize) -> Self {
        Self { idle: Vec::new(), seats: Rc::new(Seats::new(most)) }
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
        let mut lanes = pool.lanes.borrow_mut();
        lanes.retain(|_, Lane { idle, seats }| {
            idle.retain(|one| !one.line.sender.is_closed() && one.since.elapsed() < KEEP_IDLE);
            !idle.is_empty() || seats.are_in_use()
        });
    }
}

impl Lease {
    /// The response is over; the connection may serve the next request.
    pub(super) fn give_back(self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.put(self.upstream, Line { sender: self.sender, gauge: self.gauge });
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}
