//! The way to an authority: our own wire, so that it trusts whom the rest of the house trusts.

use std::{
    collections::HashMap,
    future::Future,
    io,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use tokio::time;

use crate::{domain::time::days, wire::Wire};

/// For one question and its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Farther away nothing is put off.
const FARTHEST: Duration = days(30);

/// Asks authorities over https, and nobody otherwise.
pub(super) struct Client(Arc<Wires>);

struct Wires {
    /// PEM bundle to trust instead of the system's.
    bundle: Option<PathBuf>,
    /// By scheme and authority: reading whom to trust takes a while.
    known: Mutex<HashMap<String, Arc<Wire>>>,
}

impl Client {
    pub(super) fn trusting(bundle: Option<PathBuf>) -> Self {
        Self(Arc::new(Wires { bundle, known: Mutex::default() }))
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let wires = self.0.clone();
        Box::pin(async move {
            let answer = time::timeout(PATIENCE, wires.ask(request)).await;
            answer.unwrap_or_else(|_| Err(absent("no answer in time")))
        })
    }
}

impl Wires {
    async fn ask(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let wire = self.wire(request.uri())?;
        let (head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(never) => match never {},
        };
        let answer =
            wire.ask(Request::from_parts(head, body)).await.map_err(|fault| absent(&fault.to_string()))?;
        let (mut head, body) = answer.into_parts();
        // The library adds it to this moment, however far that leads.
        let is_far = |after: &HeaderValue| {
            let seconds = after.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
            seconds.is_some_and(|seconds| seconds > FARTHEST.as_secs())
        };
        if head.headers.get(header::RETRY_AFTER).is_some_and(is_far) {
            head.headers.insert(header::RETRY_AFTER, HeaderValue::from(FARTHEST.as_secs()));
        }
        Ok(BytesResponse::from(Response::from_parts(head, Full::new(body))))
    }

    fn wire(&self, uri: &Uri) -> Result<Arc<Wire>, Error> {
        // A directory may name addresses anywhere; none of them may take TLS off.
        let authority = uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTPS));
        let Some(authority) = authority else {
            return Err(Error::Str("the authority names an address without https"));
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wire) = known.get(authority.as_str()) {
            return Ok(wire.clone());
        }
        let wire = Arc::new(Wire::to(uri, self.bundle.as_deref()).map_err(|fault| absent(&fault))?);
        known.insert(authority.as_str().to_owned(), wire.clone());
        Ok(wire)
    }
}

/// Nobody answers: told apart from an answer that says no.
fn absent(why: &str) -> Error {
    Error::Other(Box::new(io::Error::other(why.to_owned())))
}
