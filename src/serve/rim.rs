//! The rim: what is the same for every request and knows nothing of who sent it. From the outside in:
//!
//! - [`CatchPanic`]: a bug answers 500 on its own stream instead of taking the visitor's other requests along.
//! - [`strict`]: whatever answers says that this site is to be asked over TLS only, upstreams' own words on it replaced.
//! - [`Shed`]: a thread with too many requests under way answers 503 at once instead of making all of them slow.
//!
//! Times and sizes of heads are held by the connection ([`super::connection`]), those of bodies by `proxy` and `web`, which
//! know what a body is for. Request ids are made by `gateway::Core`.

use std::{
    cell::Cell,
    convert::Infallible,
    future::Future,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use tower::{Layer, Service, util::MapResponse};

use super::limits;
use crate::proxy::Body;

type Answer = Result<Response<Body>, Infallible>;

/// Requests of one thread whose answer has not begun.
#[derive(Clone, Default)]
pub(super) struct InFlight(Rc<Load>);

#[derive(Default)]
struct Load {
    all: Cell<usize>,
    /// Those of them that have a body.
    uploads: Cell<usize>,
}

impl InFlight {
    /// Counts one more, unless there are too many.
    fn begin(&self, has_body: bool) -> Option<Counts> {
        let Load { all, uploads } = &*self.0;
        if all.get() >= limits::IN_FLIGHT || has_body && uploads.get() >= limits::UPLOADS {
            return None;
        }
        all.set(all.get() + 1);
        uploads.set(uploads.get() + usize::from(has_body));
        Some(Counts { in_flight: self.clone(), has_body })
    }
}

/// A service with the rim around it.
pub(super) type Rim<S> = MapResponse<CatchPanic<Shed<S>>, fn(Response<Body>) -> Response<Body>>;

/// Puts the rim around a service of visitors, who come over TLS.
pub(super) fn around<S>(service: S, in_flight: &InFlight) -> Rim<S> {
    MapResponse::new(CatchPanicLayer.layer(ShedLayer(in_flight.clone()).layer(service)), strict)
}

/// Keeps browsers on TLS for a year. Neither subdomains nor preload lists: other sites of the domain are not ours to bind.
fn strict(mut response: Response<Body>) -> Response<Body> {
    let a_year = HeaderValue::from_static("max-age=31536000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    response
}

/// Makes [`CatchPanic`]s.
struct CatchPanicLayer;

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanic<S>;

    fn layer(&self, inner: S) -> CatchPanic<S> {
        CatchPanic(inner)
    }
}

/// Answers 500 for a request that panics.
#[derive(Clone)]
pub(super) struct CatchPanic<S>(S);

impl<S, R> Service<Request<R>> for CatchPanic<S>
where
    S: Service<Request<R>, Response = Response<Body>, Error = Infallible, Future: Unpin>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Caught<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        let called = panic::catch_unwind(AssertUnwindSafe(|| self.0.call(request)));
        Caught(called.ok())
    }
}

/// The future of [`CatchPanic`].
pub(super) struct Caught<F>(Option<F>);

impl<F: Future<Output = Answer> + Unpin> Future for Caught<F> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let outcome =
            self.0.as_mut().map(|future| panic::catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(cx))));
        let Some(Ok(poll)) = outcome else {
            // What is left of the request is in no state to be polled again; dropping it may panic once more.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| self.0 = None));
            tracing::error!("a request panicked");
            return Poll::Ready(Ok(plain(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.\n")));
        };
        poll
    }
}

/// Makes [`Shed`]s.
struct ShedLayer(InFlight);

impl<S> Layer<S> for ShedLayer {
    type Service = Shed<S>;

    fn layer(&self, inner: S) -> Shed<S> {
        Shed { inner, in_flight: self.0.clone() }
    }
}

/// Answers 503 while too many requests are under way.
#[derive(Clone)]
pub(super) struct Shed<S> {
    inner: S,
    in_flight: InFlight,
}

impl<S, R> Service<Request<R>> for Shed<S>
where
    R: HttpBody,
    S: Service<Request<R>, Response = Response<Body>, Error = Infallible, Future: Unpin>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Counted<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        let counted = self.in_flight.begin(!request.body().is_end_stream());
        Counted(counted.map(|counted| (self.inner.call(request), counted)))
    }
}

/// The future of [`Shed`].
pub(super) struct Counted<F>(Option<(F, Counts)>);

struct Counts {
    in_flight: InFlight,
    has_body: bool,
}

impl Drop for Counts {
    fn drop(&mut self) {
        let Load { all, uploads } = &*self.in_flight.0;
        all.set(all.get() - 1);
        uploads.set(uploads.get() - usize::from(self.has_body));
    }
}

impl<F: Future<Output = Answer> + Unpin> Future for Counted<F> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        match &mut self.0 {
            Some((future, _)) => Pin::new(future).poll(cx),
            None => Poll::Ready(Ok(busy())),
        }
    }
}

/// Too much to do: come back. The connection ends with it, because its next head would be taken for the one that was not
/// looked at.
pub(super) fn busy() -> Response<Body> {
    let mut response =
        strict(plain(StatusCode::SERVICE_UNAVAILABLE, "Too busy just now. Please try again.\n"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A sentence as a response.
pub(super) fn plain(status: StatusCode, words: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::of(words));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A request as hyper reads it.
pub(super) type Asked = Request<Incoming>;

#[cfg(test)]
mod tests {
    use http_body_util::{Empty, Full};

    use super::*;

    fn ask<S, R>(mut service: S, body: R) -> impl Future<Output = Answer>
    where
        S: Service<
                Request<R>,
                Response = Response<Body>,
                Error = Infallible,
                Future: Future<Output = Answer>,
            >,
    {
        service.call(Request::new(body))
    }

    fn nothing() -> Empty<&'static [u8]> {
        Empty::new()
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_says_nothing_of_it() {
        let service = tower::service_fn(|_: Request<Empty<_>>| Box::pin(async { panic!("secret words") }));
        let response = ask(around(service, &InFlight::default()), nothing()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
        assert!(!body.windows(6).any(|part| part == b"secret"));
    }

    #[tokio::test]
    async fn a_full_thread_answers_503_until_a_request_ends() {
        let in_flight = InFlight::default();
        in_flight.0.all.set(limits::IN_FLIGHT - 1);
        let service = tower::service_fn(|_: Request<Empty<_>>| {
            std::future::ready(Answer::Ok(Response::new(Body::empty())))
        });
        let last = ask(around(service, &in_flight), nothing());
        let refused = ask(around(service, &in_flight), nothing()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        // Its head was not looked at: the next one must not be taken for it.
        assert_eq!(refused.headers()["connection"], "close");
        assert!(refused.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(last.await.unwrap().status(), StatusCode::OK);
        assert_eq!(in_flight.0.all.get(), limits::IN_FLIGHT - 1);
        assert_eq!(ask(around(service, &in_flight), nothing()).await.unwrap().status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn visitors_who_owe_their_bodies_leave_room_for_those_who_owe_nothing() {
        let in_flight = InFlight::default();
        let waiting: Vec<_> = (0..limits::UPLOADS).map(|_| in_flight.begin(true).unwrap()).collect();
        let upload = tower::service_fn(|_: Request<Full<_>>| {
            std::future::ready(Answer::Ok(Response::new(Body::empty())))
        });
        let refused = ask(around(upload, &in_flight), Full::new(&b"x"[..])).await.unwrap();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        let look = tower::service_fn(|_: Request<Empty<_>>| {
            std::future::ready(Answer::Ok(Response::new(Body::empty())))
        });
        assert_eq!(ask(around(look, &in_flight), nothing()).await.unwrap().status(), StatusCode::OK);
        drop(waiting);
        assert_eq!(in_flight.0.uploads.get(), 0);
    }
}
