//! Our own pages: which address is which, and what each does with a form.
//!
//! Handlers get a [`Visit`] that was read and recognised by the gateway; none of them reads a clock, judges a request or
//! decides on its own that somebody is in: that is for `domain::login`, told of passed factors only in [`login`] and
//! [`second_factor`].

pub mod endpoint;
pub mod visit;

use http::{Request, Response};
use hyper::body::Incoming;

pub use self::{endpoint::Endpoint, visit::Visit};
use crate::proxy::Body;

/// Answers a request for one of our own addresses.
pub async fn answer(endpoint: Endpoint, visit: Visit, request: Request<Incoming>) -> Response<Body> {
    let _ = (endpoint, visit, request);
    Response::new(Body::empty())
}
