//! A form that meets a challenge: kept until its visitor has signed in, or refused in clear words before it is read.
//!
//! Strangers can make us do this, so everything about it is bounded: what is read at a time, in all and for each network, how
//! often a network may, how long it takes, and what the store keeps. Strangers have at most half of it. A form of another
//! site's page is never kept: sent later, by somebody signed in, it would be that site's request in their name.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use http_body_util::BodyExt as _;

use super::{
    Core, Placed,
    resend::Load,
    respond::{Asked, Cause},
};
use crate::{
    domain::{
        facts::{Authority, RequestFacts, RequestKind, ReturnTo},
        kept_form::{KeptForm, Room, SealedForm, Whose},
        path::NormalPath,
        policy::Challenge,
        standing::Standing,
        throttle::{TryVerdict, kept_form_buckets},
        time::Timestamp,
    },
    page::view::{NotKept, ProblemKind},
    proxy::{self, Freight},
    store::Stored,
    web::{self, Endpoint, cookie},
};

/// Time for all of a form: longer than our own forms have, since files are among them.
const LONGEST: Duration = Duration::from_secs(30);
/// Why a body was not read to its end.
#[derive(PartialEq, Eq, Debug)]
enum Unread {
    TooLarge,
    Broken,
    TooSlow,
}

impl Core {
    /// What a challenged request is told, after its form was kept where it has one.
    pub(super) async fn keep(
        &self,
        asked: &Asked<'_>,
        placed: &Placed<'_>,
        head: &Parts,
        load: Load,
        challenge: Challenge,
    ) -> Cause {
        let mut freight = match load {
            Load::Own(freight) => freight,
            // It is kept already.
            Load::Kept(_) => return Cause::Kept { challenge, cookie: None },
        };
        let has_upstream = asked.runtime.portal(placed.portal).upstream.is_some();
        let Some(form) = Form::of(asked, head).filter(|_| has_upstream) else {
            return Cause::Challenge(challenge);
        };
        match self.keep_form(asked, placed, head, &form, &mut freight).await {
            Ok(cookie) => Cause::Kept { challenge, cookie: Some(cookie) },
            Err(Refusal::Broken) => Cause::Refused(ProblemKind::BadRequest),
            Err(Refusal::NotKept(why)) => {
                proxy::linger(head, freight);
                Cause::NotReceived { challenge, why, came_from: form.came_from }
            }
        }
    }

    async fn keep_form(
        &self,
        asked: &Asked<'_>,
        placed: &Placed<'_>,
        head: &Parts,
        form: &Form,
        freight: &mut Freight,
    ) -> Result<HeaderValue, Refusal> {
        let (facts, now, store) = (asked.facts, asked.now, &self.services.store);
        let not_now = Refusal::NotKept(NotKept::NotNow);
        if form.length.is_some_and(|length| length > form.largest) {
            return Err(Refusal::NotKept(NotKept::TooLarge));
        }
        let portal = &asked.runtime.portal(placed.portal).name;
        let owner = match placed.standing {
            Standing::Known(known) => Some(known.person.id.clone()),
            Standing::Stranger => cookie::session_token(&head.headers)
                .and_then(|session| store.last_owner(&session.hash(), portal)),
        };
        let (whose, bytes) = (Whose::of(owner.as_ref()), form.length.unwrap_or(form.largest));
        let held = self.services.in_hand.take(whose, facts.client, bytes, form.largest);
        let _held = held.ok_or(not_now)?;
        match store.attempts().reserve_try(&kept_form_buckets(facts.client), now).await {
            Ok(TryVerdict::Go) => {}
            Ok(TryVerdict::Wait { .. }) => {
                tracing::info!(client_ip = %facts.client, "a form was not kept: too many came from there");
                return Err(not_now);
            }
            Err(fault) => {
                tracing::error!(%fault, "a form was not kept: the store failed");
                return Err(not_now);
            }
        }
        let body = match read(freight, form.largest).await {
            Ok(body) => body,
            Err(Unread::Broken) => return Err(Refusal::Broken),
            Err(Unread::TooSlow) => return Err(not_now),
            Err(Unread::TooLarge) => return Err(Refusal::NotKept(NotKept::TooLarge)),
        };
        let token = self.services.draw_token();
        let kept = KeptForm {
            portal: portal.clone(),
            target: facts.path.target().as_str().to_owned(),
            content_type: form.content_type.clone(),
            came_from: form.came_from.clone(),
            kept_at: now,
            body: body.into(),
        };
        let sealed = kept.seal(&token, owner, facts.client).ok_or(not_now)?;
        let room = Room::for_forms_of(form.largest, whose);
        match self.store_form(&head.headers, &sealed, room, now).await {
            Ok(true) => Ok(cookie::set_kept(&token)),
            Ok(false) => {
                tracing::warn!(client_ip = %facts.client, "a form was not kept: there is no room");
                Err(not_now)
            }
            Err(fault) => {
                tracing::error!(%fault, "a form was not kept: the store failed");
                Err(not_now)
            }
        }
    }

    /// One form waits in a browser: the latest.
    async fn store_form(
        &self,
        headers: &HeaderMap,
        sealed: &SealedForm,
        room: Room,
        now: Timestamp,
    ) -> Stored<bool> {
        let forms = self.services.store.kept_forms();
        let is_kept = forms.keep_form(sealed, room, now).await?;
        if let Some(earlier) = cookie::kept_token(headers).filter(|_| is_kept) {
            forms.take_form(&earlier.hash()).await?;
        }
        Ok(is_kept)
    }
}

/// Why a form was not kept.
#[derive(Clone, Copy)]
enum Refusal {
    NotKept(NotKept),
    /// The visitor broke off.
    Broken,
}

/// A form that may be kept, before it is read.
struct Form {
    content_type: String,
    /// What it says it has; a form in chunks says nothing.
    length: Option<u64>,
    /// The page it stood on.
    came_from: ReturnTo,
    /// The largest form that is kept.
    largest: u64,
}

impl Form {
    /// Reads from a head whether this is a form that somebody filled in on a page of this very portal.
    fn of(asked: &Asked<'_>, head: &Parts) -> Option<Self> {
        let (facts, settings) = (asked.facts, &asked.runtime.settings);
        let largest = settings.kept_forms?;
        let is_form = facts.method == Method::POST
            && facts.kind == RequestKind::Navigation
            && !head.headers.contains_key(header::CONTENT_ENCODING)
            && web::is_own_origin(&head.headers, &facts.authority);
        let content_type = single(&head.headers, header::CONTENT_TYPE).filter(|_| is_form)?;
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
            .contains(&kind.as_str())
            .then(|| Self {
                content_type: content_type.to_owned(),
                length: single(&head.headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
                came_from: came_from(facts, &head.headers, &settings.server.prefix).unwrap_or_default(),
                largest,
            })
    }
}

/// The page of this portal that the browser says it comes from; never one of ours.
fn came_from(facts: &RequestFacts, headers: &HeaderMap, prefix: &str) -> Option<ReturnTo> {
    let referer = single(headers, header::REFERER)?;
    let start = "https://".len();
    let end = referer.get(start..)?.find(['/', '?', '#']).map_or(referer.len(), |at| start + at);
    let (origin, target) = referer.split_at(end);
    if !Authority::is_origin(&facts.authority, origin.as_bytes()) {
        return None;
    }
    let place = ReturnTo::read(target.split('#').next().unwrap_or_default());
    let path = NormalPath::read(&place.as_str().parse().ok()?).ok()?;
    Endpoint::place(prefix, &path).is_none().then_some(place)
}

fn single(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Reads a whole body of at most `largest` bytes. What is left of a longer one is still there.
async fn read(freight: &mut Freight, largest: u64) -> Result<Bytes, Unread> {
    let incoming = match freight {
        Freight::Here(bytes) => return Ok(std::mem::take(bytes)),
        Freight::Incoming(incoming) => incoming,
    };
    read_within(LONGEST, incoming, largest).await
}

async fn read_within<B>(span: Duration, incoming: &mut B, largest: u64) -> Result<Bytes, Unread>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    tokio::time::timeout(span, read_all(incoming, largest)).await.unwrap_or(Err(Unread::TooSlow))
}

async fn read_all<B>(incoming: &mut B, largest: u64) -> Result<Bytes, Unread>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut whole = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        if let Some(data) = frame.data_ref() {
            if (whole.len() + data.len()) as u64 > largest {
                return Err(Unread::TooLarge);
            }
            whole.extend_from_slice(data);
        }
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use futures_util::{Stream, StreamExt as _, stream};
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    fn body<S>(rest: S) -> StreamBody<impl Stream<Item = Result<Frame<Bytes>, std::io::Error>>>
    where
        S: Stream<Item = Result<Frame<Bytes>, std::io::Error>> + Unpin,
    {
        let parts = ["one ", "two "].map(|part| Ok(Frame::data(Bytes::from(part))));
        StreamBody::new(stream::iter(parts).chain(rest))
    }

    #[tokio::test]
    async fn a_form_that_trickles_or_breaks_off_is_not_waited_for() {
        let soon = Duration::from_millis(20);
        let read = async |mut body| read_within(soon, &mut body, 8).await;
        assert_eq!(read(body(stream::empty().boxed_local())).await, Ok(Bytes::from("one two ")));
        assert_eq!(read(body(stream::pending().boxed_local())).await, Err(Unread::TooSlow));
        let broken = stream::iter([Err(std::io::ErrorKind::BrokenPipe.into())]);
        assert_eq!(read(body(broken.boxed_local())).await, Err(Unread::Broken));
        let more = stream::iter([Ok(Frame::data(Bytes::from("x")))]);
        assert_eq!(read(body(more.boxed_local())).await, Err(Unread::TooLarge));
    }
}
