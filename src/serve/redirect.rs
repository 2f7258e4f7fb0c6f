//! The plain-HTTP sockets: every known host is sent to its TLS address, nothing is ever forwarded.

use std::{convert::Infallible, net::SocketAddr, rc::Rc};

use http::{HeaderValue, Method, Request, Response, StatusCode, header, uri::PathAndQuery};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};

use super::{
    acme::Challenges,
    crowd::{Admission, Peer},
    limits,
    proxied::{self, Caller},
    rim,
    shared::{self, Shared},
};
use crate::{
    domain::{facts::Host, policy::Policy},
    proxy::Body,
};

/// Answers on one socket until the drain begins.
pub(super) async fn answer(listener: TcpListener, shared: Rc<Shared>, https_port: u16) {
    loop {
        let accepted = tokio::select! {
            () = shared.shutdown.asked() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let listed = &shared.current.peek().settings.server.proxy_protocol;
                let must_say = proxied::must_say(peer.ip(), listed);
                let from = if must_say { Peer::Proxy } else { Peer::Visitor };
                let (place, admission) = shared.plain.enter(peer.ip(), from);
                if admission == Admission::Welcome {
                    let shared = shared.clone();
                    tokio::task::spawn_local(async move {
                        if must_say {
                            serve_said(stream, peer, shared, https_port).await;
                        } else {
                            serve(stream, shared, https_port).await;
                        }
                        drop(place);
                    });
                }
            }
            Err(fault) if shared::is_visitors(&fault) => {}
            Err(fault) => {
                tracing::warn!(%fault, "a connection cannot be accepted");
                time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The same for a connection that a listed peer hands on: it is counted as the visitor's, too.
async fn serve_said(mut stream: TcpStream, peer: SocketAddr, shared: Rc<Shared>, https_port: u16) {
    let direct = Caller { peer, port: https_port };
    match proxied::read(&mut stream, direct, limits::PROXY_HEADER).await {
        Ok(caller) => {
            let (place, admission) = shared.plain.enter(caller.peer.ip(), Peer::Visitor);
            if admission == Admission::Welcome {
                serve(stream, shared, https_port).await;
            }
            drop(place);
        }
        Err(fault) => tracing::info!(%peer, %fault, "a proxy's connection is closed"),
    }
}

async fn serve(stream: TcpStream, shared: Rc<Shared>, https_port: u16) {
    let service = service_fn(|request: Request<Incoming>| {
        let runtime = shared.current.peek();
        let settings = &runtime.settings;
        let port = settings.server.public_port.unwrap_or(https_port);
        let response = redirect(&settings.policy, &request, port, shared.tls.challenges());
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD)
        .keep_alive(false)
        .max_headers(limits::HEAD_FIELDS)
        .max_header_size(limits::HEAD_BYTES)
        .max_buf_size(limits::HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    // One request and one answer: longer than a head and a stalled write need it not take.
    if let Ok(Err(fault)) = time::timeout(limits::HEAD + limits::WRITE_STALL, connection).await {
        tracing::debug!(%fault, "plain connection ended early");
    }
}

fn redirect<B>(
    policy: &Policy,
    request: &Request<B>,
    https_port: u16,
    challenges: &Challenges,
) -> Response<Body> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().and_then(Host::read),
        _ => None,
    };
    let Some(host) = host else { return rim::plain(StatusCode::BAD_REQUEST, "This request has no host.\n") };
    if policy.place(&host).is_none() {
        return rim::plain(StatusCode::MISDIRECTED_REQUEST, "There is no such site here.\n");
    }
    if request.method() == Method::GET
        && let Some(answer) = challenges.answer(&host, request.uri().path())
    {
        return rim::plain(StatusCode::OK, answer);
    }
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    // Absolute-form names a host of its own; only the Host field was looked at.
    if request.uri().authority().is_some() || !target.starts_with('/') {
        return rim::plain(StatusCode::BAD_REQUEST, "This request cannot be read.\n");
    }
    let location = match https_port {
        443 => format!("https://{host}{target}"),
        port => format!("https://{host}:{port}{target}"),
    };
    let Ok(location) = HeaderValue::try_from(location) else {
        return rim::plain(StatusCode::BAD_REQUEST, "This request cannot be read.\n");
    };
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let status = if is_safe { StatusCode::MOVED_PERMANENTLY } else { StatusCode::PERMANENT_REDIRECT };
    let mut response = rim::plain(status, "This site is served over TLS.\n");
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// The port visitors are sent to.
pub(super) fn https_port(addresses: &[SocketAddr]) -> u16 {
    addresses.first().map_or(443, SocketAddr::port)
}
