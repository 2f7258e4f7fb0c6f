//! The one body type of every response: nothing, bytes we made, or frames passed through as they came.

use std::{
    fmt,
    future::Future as _,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    ASK_EVERY, Envelope, Leash, Witness, headers::Trailers, inlay::Inlaid, pool::Lease, upload::Progress,
};

const LEASH: &str = "it would no longer be let through";
const SILENCE: &str = "the upstream fell silent";

/// What breaks a body off.
pub type BodyFault = Box<dyn std::error::Error + Send + Sync>;

/// A response body.
#[derive(Debug)]
pub enum Body {
    /// Bytes made here; `None` once sent, or when there are none.
    Own(Option<Bytes>),
    /// The upstream's, streaming.
    Upstream(Download),
    /// The same, with a piece of ours on its way into it.
    Inlaid(Box<Inlaid>),
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self::Own(None)
    }

    /// These bytes.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::Own((!bytes.is_empty()).then_some(bytes))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        match self.get_mut() {
            Self::Own(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Upstream(download) => download.poll_frame(cx),
            Self::Inlaid(page) => page.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_none(),
            Self::Upstream(download) => download.is_over(),
            Self::Inlaid(page) => page.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Upstream(download) => download.incoming.size_hint(),
            Self::Inlaid(_) => SizeHint::default(),
        }
    }
}

/// A response body on its way from the upstream. It holds the connection, and gives it back once it was read to its end:
/// a body left half-read takes its connection along.
pub struct Download {
    incoming: Incoming,
    lease: Option<Lease>,
    keeping: Keeping,
    /// Since when nothing came.
    silent_since: Option<Instant>,
    /// Rings when the leash is to be asked or the upstream was silent for too long. Costs nothing while nobody waits.
    timer: Option<Pin<Box<Sleep>>>,
    leash: Option<Held>,
    witness: Option<Witness>,
}

/// How a response body is kept an eye on.
#[derive(Debug)]
pub(super) struct Keeping {
    /// How long the upstream may be silent.
    pub(super) idle: Duration,
    /// The request's own body, where it is still on its way.
    pub(super) upload: Option<Rc<Progress>>,
    pub(super) trailers: Trailers,
}

/// A leash and when it is asked next.
struct Held {
    is_over: Leash,
    next: Instant,
}

impl Held {
    fn new(is_over: Leash) -> Self {
        Self { is_over, next: Instant::now() + ASK_EVERY }
    }

    fn is_over(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + ASK_EVERY;
        }
        is_due && (self.is_over)()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("incoming", &self.incoming).finish_non_exhaustive()
    }
}

impl Download {
    pub(super) fn new(incoming: Incoming, lease: Lease, keeping: Keeping, envelope: &Envelope<'_>) -> Self {
        let (silent_since, timer) = (None, None);
        let mut download =
            Self { incoming, lease: Some(lease), keeping, silent_since, timer, leash: None, witness: None };
        if download.incoming.is_end_stream() {
            download.end();
        } else {
            download.leash = Some(Held::new((envelope.leash)()));
            download.witness = Some((envelope.witness)());
        }
        download
    }

    /// Whether nothing more comes.
    pub(super) fn is_over(&self) -> bool {
        self.incoming.is_end_stream()
    }

    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) else {
                let why = ready!(self.poll_silence(cx));
                return self.cut(why);
            };
            self.silent_since = None;
            // A stream of events goes on for hours: what a session may no longer see is not sent on.
            if self.leash.as_mut().is_some_and(|leash| leash.is_over(Instant::now())) {
                return self.cut(LEASH);
            }
            return Poll::Ready(match frame {
                Some(Ok(frame)) if frame.is_trailers() => match self.keeping.trailers.pass(frame) {
                    // Nothing comes after trailers.
                    Some(frame) => {
                        self.end();
                        Some(Ok(frame))
                    }
                    None => continue,
                },
                Some(Ok(frame)) => {
                    if self.incoming.is_end_stream() {
                        self.end();
                    }
                    Some(Ok(frame))
                }
                Some(Err(fault)) => {
                    self.tell(&fault.to_string());
                    self.lease = None;
                    Some(Err(fault.into()))
                }
                None => {
                    self.end();
                    None
                }
            });
        }
    }

    /// Nothing came yet. Ready with the reason once nothing more shall come.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<&'static str> {
        loop {
            let since = *self.silent_since.get_or_insert_with(Instant::now);
            let end = since + self.keeping.idle;
            let until = self.leash.as_ref().map_or(end, |leash| leash.next.min(end));
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if timer.deadline() > until {
                timer.as_mut().reset(until);
            }
            ready!(timer.as_mut().poll(cx));
            let now = Instant::now();
            if self.leash.as_mut().is_some_and(|leash| leash.is_over(now)) {
                return Poll::Ready(LEASH);
            }
            if now >= end {
                // An upstream that still reads may answer when it has read everything.
                if !self.keeping.upload.as_ref().is_some_and(|upload| upload.moved_within(self.keeping.idle))
                {
                    self.tell(SILENCE);
                    return Poll::Ready(SILENCE);
                }
                self.silent_since = None;
            }
            // A timer left from an earlier wait rings early; it is set anew only then.
            self.timer = None;
        }
    }

    fn tell(&mut self, why: &str) {
        if let Some(witness) = self.witness.take() {
            witness(why);
        }
    }

    fn cut(&mut self, why: &'static str) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.lease = None;
        Poll::Ready(Some(Err(why.into())))
    }

    fn end(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}
