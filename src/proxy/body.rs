//! The one body type of every response: nothing, bytes we made, or frames passed through as they came.

use std::{
    fmt,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;

use super::{Leash, inlay::Inlaid, pool::Lease, silence::Silence, upload::Progress};

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
#[derive(Debug)]
pub struct Download {
    incoming: Incoming,
    lease: Option<Lease>,
    silence: Silence,
    upload: Option<Rc<Progress>>,
    leash: Option<Held>,
}

/// How often a body on its way is asked whether it would still be sent.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// A leash and when it was last asked.
struct Held {
    is_over: Leash,
    asked: Instant,
}

impl Held {
    fn is_over(&mut self) -> bool {
        let is_due = self.asked.elapsed() >= ASK_EVERY;
        if is_due {
            self.asked = Instant::now();
        }
        is_due && (self.is_over)()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

impl Download {
    pub(super) fn new(
        incoming: Incoming,
        lease: Lease,
        idle: Duration,
        upload: Option<Rc<Progress>>,
        leash: &dyn Fn() -> Leash,
    ) -> Self {
        let mut download =
            Self { incoming, lease: Some(lease), silence: Silence::of(idle), upload, leash: None };
        if download.incoming.is_end_stream() {
            download.end();
        } else {
            download.leash = Some(Held { is_over: leash(), asked: Instant::now() });
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
                ready!(self.silence.poll(cx));
                // An upstream that still reads may answer when it has read everything.
                if self.upload.as_ref().is_some_and(|upload| upload.moved_within(self.silence.span())) {
                    continue;
                }
                self.lease = None;
                return Poll::Ready(Some(Err("the upstream fell silent".into())));
            };
            self.silence.end();
            // A stream of events goes on for hours: what a session may no longer see is not sent on.
            if self.leash.as_mut().is_some_and(Held::is_over) {
                self.lease = None;
                return Poll::Ready(Some(Err("it would no longer be let through".into())));
            }
            return Poll::Ready(match frame {
                // Trailers could say again what was taken out of the head; nobody asked for them with TE either.
                Some(Ok(frame)) if frame.is_trailers() => continue,
                Some(Ok(frame)) => {
                    if self.incoming.is_end_stream() {
                        self.end();
                    }
                    Some(Ok(frame))
                }
                Some(Err(fault)) => {
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

    fn end(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}
