//! Every limit of the sockets in one place, with its reason. hyper's own are partial, so none is left to a default.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A TLS handshake: slower ones are slow on purpose.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// A PROXY header: the proxy in front has it ready when it connects.
pub(super) const PROXY_HEADER: Duration = Duration::from_secs(5);
/// How long a drain waits for the first request of a connection that was let in before it began.
pub(super) const GRACE: Duration = Duration::from_secs(1);
/// From the first byte of a head to its last.
pub(super) const HEAD: Duration = Duration::from_secs(15);
/// A connection on which nobody asks anything. Longer than browsers wait between clicks on one page, shorter than the
/// NAT tables on the way.
pub(super) const IDLE: Duration = Duration::from_secs(75);
/// From the end of the TLS handshake to HTTP/2's preface and the head of its first frame. hyper waits for them for ever.
pub(super) const GREETING: Duration = Duration::from_secs(10);
/// An HTTP/2 connection without requests; pings keep it alive until then.
pub(super) const IDLE_H2: Duration = Duration::from_secs(300);
/// From saying farewell in HTTP/2 to closing without the visitor's consent, once nothing is under way. Long enough to take
/// what the last stream still had in its buffer.
pub(super) const FAREWELL: Duration = Duration::from_secs(30);
/// A visitor who takes nothing of what was written.
pub(super) const WRITE_STALL: Duration = Duration::from_secs(30);
/// A visitor who takes nothing of one HTTP/2 stream. Longer than [`WRITE_STALL`], because a line is shared by all streams
/// and each has to move no more than [`SEND_BUFFER`] meanwhile.
pub(super) const STREAM_STALL: Duration = Duration::from_secs(60);
/// All of a head, and the list of fields in HTTP/2.
pub(super) const HEAD_BYTES: usize = 64 * 1024;
/// Fields of a head.
pub(super) const HEAD_FIELDS: usize = 100;
/// Streams at once on one HTTP/2 connection.
pub(super) const STREAMS: u32 = 100;
/// Streams a visitor may open and reset before we looked (rapid reset, CVE-2023-44487).
pub(super) const PENDING_RESETS: usize = 20;
/// Streams a visitor may make us reset (MadeYouReset, CVE-2025-8671).
pub(super) const OWN_RESETS: usize = 200;
/// Flow-control window of one stream: what one upload may make us hold.
pub(super) const STREAM_WINDOW: u32 = 256 * 1024;
/// Flow-control window of one HTTP/2 connection.
pub(super) const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// What one HTTP/2 stream may have waiting to be written.
pub(super) const SEND_BUFFER: usize = 128 * 1024;
/// How often an HTTP/2 visitor is asked for a sign of life, and how long the answer may take.
pub(super) const PING_EVERY: Duration = Duration::from_secs(30);
/// See [`PING_EVERY`].
pub(super) const PING_WAIT: Duration = Duration::from_secs(20);
/// Requests of one thread that wait for a response head; more are told to come back.
pub(super) const IN_FLIGHT: usize = 4096;
/// Those of them that have a body: only they can be made to wait by their visitors, and they must not take everything.
pub(super) const UPLOADS: usize = IN_FLIGHT / 2;
/// Requests of one thread and one address ([`crowd`](super::crowd)) whose answer is not over: an office behind one address
/// has its share, and with it what streams hold in memory is bounded.
pub(super) const UNDER_WAY_EACH: usize = IN_FLIGHT / 2;
/// Those of them that have a body and no answer yet.
pub(super) const UPLOADS_EACH: usize = UPLOADS / 4;
/// How often a thread lets go of the sessions that ended.
pub(super) const TIDY: Duration = Duration::from_secs(60);
/// A pause after the system refused a connection, so that the loop does not spin while descriptors are short.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Waiting connections the kernel keeps for one socket.
pub(super) const BACKLOG: i32 = 1024;

/// Connections of the whole process.
pub(super) struct Connections {
    /// Visitors', over TLS.
    pub(super) visitors: usize,
    /// Those that are only sent on to TLS: they have places of their own, so that they cannot take the visitors'.
    pub(super) plain: usize,
}

/// As many connections as descriptors reach: each visitor may need one upstream as well.
pub(super) fn connections() -> Connections {
    const OTHERS: u64 = 64;
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let open_files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let left = open_files.unwrap_or(u64::MAX).saturating_sub(OTHERS);
    let plain = (left / 16).clamp(16, 1024);
    let visitors = (left.saturating_sub(plain) / 2).clamp(16, 20_000);
    let count = |many| usize::try_from(many).unwrap_or(usize::MAX);
    Connections { visitors: count(visitors), plain: count(plain) }
}

/// Connections one address may have of so many: an IPv4 address or an IPv6 /64. Whole offices stand behind one address, so
/// it is a large share; trusted proxies are not counted.
pub(super) fn share_of_one_address(most: usize) -> usize {
    (most / 4).max(most.min(32))
}
