//! The sample portal: an ordinary web application on a loopback port, as portals are. It believes its headers.

mod echo;
mod pages;
mod upload;

use std::{convert::Infallible, io, net::SocketAddr, thread};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{Full, combinators::BoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// What the portal answers with.
type Page = Response<BoxBody<Bytes, Infallible>>;

/// Starts it on a free port, on a thread of its own.
pub(super) fn start() -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("sample-portal".to_owned()).spawn(move || {
        runtime.block_on(async {
            match TcpListener::from_std(listener) {
                Ok(listener) => answer(listener).await,
                Err(fault) => tracing::error!(%fault, "the sample portal cannot listen"),
            }
        });
    })?;
    Ok(address)
}

async fn answer(listener: TcpListener) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(fault) => {
                tracing::warn!(%fault, "the sample portal cannot accept");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        tokio::spawn(async move {
            let service = service_fn(|request| async { Ok::<_, Infallible>(respond(request).await) });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            if let Err(fault) = connection.await {
                tracing::debug!(%fault, "a connection to the sample portal broke off");
            }
        });
    }
}

async fn respond(request: Request<Incoming>) -> Page {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    match (method, path.as_str()) {
        (Method::GET | Method::HEAD, "/") => pages::welcome(request.headers()),
        (Method::GET | Method::HEAD, "/headers") => pages::headers(request.headers()),
        (Method::GET | Method::HEAD, "/form") => pages::form(request.headers(), &[]),
        (Method::POST, "/form") => upload::form(request).await,
        (Method::GET | Method::HEAD, "/files") => pages::files(request.headers(), &[]),
        (Method::GET | Method::HEAD, "/download") => pages::download(),
        (Method::POST, "/upload") => upload::multipart(request).await,
        (Method::PUT, "/upload") => upload::raw(request).await,
        (Method::GET | Method::HEAD, "/ws") => pages::socket(request.headers()),
        (Method::GET, "/ws/echo") => echo::answer(request),
        (Method::GET | Method::HEAD, "/ws.js") => {
            asset(include_str!("../../../../static/sample/ws.js"), "text/javascript; charset=utf-8")
        }
        // Under the public folder: the public page must look like one, too.
        (Method::GET | Method::HEAD, "/public/style.css") => {
            asset(include_str!("../../../../static/sample/style.css"), "text/css; charset=utf-8")
        }
        (Method::GET | Method::HEAD, "/slow") => pages::slow(),
        (Method::GET | Method::HEAD, "/public" | "/public/") => pages::public(request.headers()),
        (
            _,
            "/" | "/headers" | "/form" | "/files" | "/download" | "/upload" | "/ws" | "/ws/echo" | "/slow",
        ) => plain(StatusCode::METHOD_NOT_ALLOWED, "not with this method\n"),
        _ => pages::missing(request.headers()),
    }
}

fn asset(text: &'static str, kind: &'static str) -> Page {
    typed(StatusCode::OK, text, kind)
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Page {
    typed(status, text, "text/plain; charset=utf-8")
}

fn typed(status: StatusCode, text: impl Into<Bytes>, kind: &'static str) -> Page {
    let mut response = Response::new(BoxBody::new(Full::new(text.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
