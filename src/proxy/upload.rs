//! A request body on its way to the upstream: streamed and never held, watched for visitors who stop or trickle, unless it is
//! here whole already.

use std::{
    cell::Cell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Version, header, request::Parts};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{self, Instant};

use super::{body::BodyFault, silence::Silence};

/// From here on a visitor is expected to have sent [`LEAST_RATE`] on average.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes in a second of waiting for the visitor: a tenth of a modem.
const LEAST_RATE: u64 = 512;

/// What a request brings along.
#[derive(Debug)]
pub enum Freight {
    /// What the visitor sends, as it comes.
    Incoming(Incoming),
    /// What was read before.
    Here(Bytes),
}

impl From<Incoming> for Freight {
    fn from(incoming: Incoming) -> Self {
        Self::Incoming(incoming)
    }
}

impl Freight {
    /// Whether there is nothing, or nothing left.
    pub(super) fn is_end(&self) -> bool {
        match self {
            Self::Incoming(incoming) => incoming.is_end_stream(),
            Self::Here(bytes) => bytes.is_empty(),
        }
    }
}

/// For how long, and how much, a visitor goes on sending what nobody reads.
const LINGERING: Duration = Duration::from_secs(30);
const LINGERED: usize = 64 * 1024 * 1024;
/// How long such a visitor may pause.
const PAUSE: Duration = Duration::from_secs(2);

/// Lets a visitor go on sending for a while what nobody reads: closed at once, the connection would be reset, and with it
/// lost what was answered. In HTTP/2 the stream is reset after the answer instead, and who waits to be asked for the body
/// (`Expect`) is not asked.
pub fn linger(head: &Parts, freight: Freight) {
    if may_linger(head) {
        linger_on(freight);
    }
}

/// Whether a visitor would lose the answer to a body that nobody reads.
pub(super) fn may_linger(head: &Parts) -> bool {
    head.version < Version::HTTP_2 && !head.headers.contains_key(header::EXPECT)
}

fn linger_on(freight: Freight) {
    let Freight::Incoming(mut incoming) = freight else { return };
    tokio::task::spawn_local(time::timeout(LINGERING, async move {
        let mut taken = 0;
        while let Ok(Some(Ok(frame))) = time::timeout(PAUSE, incoming.frame()).await
            && taken < LINGERED
        {
            taken += frame.data_ref().map_or(0, Bytes::len);
        }
    }));
}

/// What the upstream is sent.
#[derive(Debug)]
pub(super) struct Upload {
    freight: Option<Freight>,
    /// Whether what the upstream does not want is read all the same.
    lingers: bool,
    silence: Silence,
    pace: Pace,
    progress: Option<Rc<Progress>>,
}

/// Time spent waiting for the visitor, and what came of it.
#[derive(Debug)]
struct Pace {
    patience: Duration,
    waited: Duration,
    received: u64,
}

impl Pace {
    /// How much longer the visitor may keep us waiting without sending anything.
    fn left(&self) -> Duration {
        let earned = Duration::from_secs(self.received / LEAST_RATE);
        self.patience.max(earned).saturating_sub(self.waited)
    }
}

/// How far an upload is, for whoever waits for the answer to it.
#[derive(Debug)]
pub(super) struct Progress {
    moved: Cell<Instant>,
    stage: Cell<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// The upstream has everything, or does not take it.
    Upstream,
    /// The visitor is to send more.
    Visitor,
    Finished,
    Broken,
}

/// What somebody who waited for a response head in vain should do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Patience {
    Wait(Duration),
    GiveUp,
}

impl Upload {
    /// Nothing to send.
    pub(super) fn nothing() -> Self {
        Self::new(None, Duration::ZERO, Duration::ZERO, None)
    }

    /// A body; its visitor may pause for `idle`, and trickle for `patience`.
    pub(super) fn of(
        freight: Freight,
        lingers: bool,
        idle: Duration,
        patience: Duration,
    ) -> (Self, Rc<Progress>) {
        let progress =
            Rc::new(Progress { moved: Cell::new(Instant::now()), stage: Cell::new(Stage::Upstream) });
        let mut upload = Self::new(Some(freight), idle, patience, Some(progress.clone()));
        upload.lingers = lingers;
        (upload, progress)
    }

    fn new(
        freight: Option<Freight>,
        idle: Duration,
        patience: Duration,
        progress: Option<Rc<Progress>>,
    ) -> Self {
        let pace = Pace { patience, waited: Duration::ZERO, received: 0 };
        Self { freight, lingers: false, silence: Silence::of(idle), pace, progress }
    }

    fn note(&self, stage: Stage) {
        if let Some(progress) = &self.progress {
            progress.moved.set(Instant::now());
            progress.stage.set(stage);
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let is_broken = self.progress.as_ref().is_some_and(|progress| progress.is_broken());
        let rest = self.freight.take().filter(|freight| self.lingers && !is_broken && !freight.is_end());
        if let Some(rest) = rest {
            linger_on(rest);
        }
    }
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        let incoming = match &mut this.freight {
            None => return Poll::Ready(None),
            Some(Freight::Incoming(incoming)) => incoming,
            Some(Freight::Here(bytes)) => {
                let bytes = std::mem::take(bytes);
                this.note(Stage::Finished);
                return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
            }
        };
        let frame = loop {
            match Pin::new(&mut *incoming).poll_frame(cx) {
                // Trailers could bring back what was taken out of the head.
                Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => {}
                Poll::Ready(frame) => break frame,
                Poll::Pending => {
                    if let Some(progress) = &this.progress {
                        progress.stage.set(Stage::Visitor);
                    }
                    // The rate is asked for here too: who sends nothing more brings no frame to ask at.
                    ready!(this.silence.poll_within(cx, this.pace.left()));
                    this.note(Stage::Broken);
                    return Poll::Ready(Some(Err("the visitor sends too slowly".into())));
                }
            }
        };
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                this.pace.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                this.pace.waited += this.silence.end();
                if this.pace.left().is_zero() {
                    this.note(Stage::Broken);
                    return Poll::Ready(Some(Err("the visitor sends too slowly".into())));
                }
                let is_last = this.freight.as_ref().is_some_and(Freight::is_end);
                this.note(if is_last { Stage::Finished } else { Stage::Upstream });
                Some(Ok(frame))
            }
            Some(Err(fault)) => {
                this.note(Stage::Broken);
                Some(Err(fault.into()))
            }
            None => {
                this.note(Stage::Finished);
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.freight.as_ref().is_none_or(Freight::is_end)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.freight {
            None => SizeHint::with_exact(0),
            Some(Freight::Incoming(incoming)) => incoming.size_hint(),
            Some(Freight::Here(bytes)) => SizeHint::with_exact(bytes.len() as u64),
        }
    }
}

impl Progress {
    /// Whether the visitor, not the upstream, broke off.
    pub(super) fn is_broken(&self) -> bool {
        self.stage.get() == Stage::Broken
    }

    /// Whether anything moved lately.
    pub(super) fn moved_within(&self, span: Duration) -> bool {
        self.stage.get() == Stage::Visitor || self.moved.get().elapsed() < span
    }

    /// What to do when no response head came: the upstream's time counts from the end of the upload, and an upstream that
    /// takes nothing of it for `idle` is as slow as one that does not answer.
    pub(super) fn patience(&self, response: Duration, idle: Duration) -> Patience {
        let since = self.moved.get().elapsed();
        let left = match self.stage.get() {
            Stage::Visitor => return Patience::Wait(response),
            Stage::Finished => response.checked_sub(since),
            Stage::Upstream | Stage::Broken => idle.checked_sub(since),
        };
        left.filter(|left| !left.is_zero()).map_or(Patience::GiveUp, Patience::Wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_earns_time_to_wait() {
        let left = |waited, received| {
            Pace { patience: PATIENCE, waited: Duration::from_secs(waited), received }.left().as_secs()
        };
        assert_eq!((left(0, 0), left(29, 0), left(30, 0), left(31, 0)), (30, 1, 0, 0));
        assert_eq!((left(30, 31 * LEAST_RATE), left(31, 31 * LEAST_RATE)), (1, 0));
        assert_eq!(left(600, 1_000_000), 1_000_000 / LEAST_RATE - 600);
    }
}
