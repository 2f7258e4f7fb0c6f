//! The internal address: health, readiness, metrics, version. Never public, and nothing a portal's visitor can reach.

use std::{convert::Infallible, rc::Rc};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, time};

use super::{limits, rim, shared::Shared};
use crate::proxy::Body;

/// Answers on the socket until every worker has ended.
pub(super) async fn answer(listener: TcpListener, shared: Rc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = shared.clone();
                tokio::task::spawn_local(async move {
                    let service = service_fn(|request: Request<Incoming>| {
                        let shared = shared.clone();
                        async move {
                            Ok::<_, Infallible>(
                                respond(&shared, request.method(), request.uri().path()).await,
                            )
                        }
                    });
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(limits::IDLE)
                        .serve_connection(TokioIo::new(stream), service);
                    if let Err(fault) = connection.await {
                        tracing::debug!(%fault, "internal connection ended early");
                    }
                });
            }
            Err(fault) => {
                tracing::warn!(%fault, "an internal connection cannot be accepted");
                time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn respond(shared: &Shared, method: &Method, path: &str) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return rim::plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    match path {
        "/healthz" => rim::plain(StatusCode::OK, "ok\n"),
        "/readyz" => readiness(shared).await,
        "/metrics" => text(shared.services.metrics.render(), "text/plain; version=0.0.4; charset=utf-8"),
        "/version" => text(format!("{}\n", env!("CARGO_PKG_VERSION")), "text/plain; charset=utf-8"),
        _ => rim::plain(StatusCode::NOT_FOUND, "there are /healthz, /readyz, /metrics and /version\n"),
    }
}

async fn readiness(shared: &Shared) -> Response<Body> {
    if shared.shutdown.is_asked() {
        return rim::plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match shared.services.store.check_writable().await {
        Ok(()) => rim::plain(StatusCode::OK, "ready\n"),
        Err(fault) => {
            tracing::error!(%fault, "not ready: the store cannot be written");
            rim::plain(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be written\n")
        }
    }
}

fn text(words: String, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::of(words));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
