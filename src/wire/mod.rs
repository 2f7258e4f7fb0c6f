//! One HTTP request to a server that is neither a visitor's nor an upstream: somebody who carries text messages, for one.
//!
//! No pool and no redirects: such requests are few, and an answer that leads elsewhere is not followed with secrets in
//! hand. TLS trusts the system's authorities, or those of one bundle and no others. Waiting is limited by who asks.

mod tls;

pub use self::tls::{Authority, connector};

use std::{fmt, path::Path};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Bytes of an answer; whoever sends more is not believed to mean us.
const MOST_ANSWER: usize = 256 * 1024;

/// The way to one server.
pub struct Wire {
    host: String,
    port: u16,
    /// What the `Host` header says.
    named: HeaderValue,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WireFault {
    /// No connection: nothing of the request was sent.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The request was sent, at least in part.
    #[error("broke off: {0}")]
    Broken(String),
}

impl Wire {
    /// The way to the server of a URL.
    ///
    /// # Errors
    /// The URL names no host, or the authorities cannot be read.
    pub fn to(url: &Uri, bundle: Option<&Path>) -> Result<Self, String> {
        let authority = url.authority().ok_or_else(|| format!("{url} names no host"))?;
        let is_tls = url.scheme() == Some(&Scheme::HTTPS);
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self {
            port: authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            named: HeaderValue::from_str(authority.as_str())
                .map_err(|_| format!("{authority} is no Host header"))?,
            tls: if is_tls { Some(connector(&Authority::of(bundle), &host)?) } else { None },
            host,
        })
    }

    /// Sends a request and waits for the whole answer. Of its URL only path and query count.
    ///
    /// # Errors
    /// A [`WireFault`]; which one tells whether the server may have seen the request.
    pub async fn ask(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireFault> {
        let unreachable = |fault: std::io::Error| WireFault::Unreachable(fault.to_string());
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        match &self.tls {
            None => self.exchange(stream, request).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(unreachable)?;
                self.exchange(stream, request).await
            }
        }
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, WireFault> {
        let broken = |fault: &dyn fmt::Display| WireFault::Broken(fault.to_string());
        let (mut head, body) = request.into_parts();
        head.uri = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .parse()
            .map_err(|fault| WireFault::Unreachable(format!("{fault}")))?;
        head.headers.insert(header::HOST, self.named.clone());
        head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|fault| broken(&fault))?;
        let answer = async {
            let request = Request::from_parts(head, Full::new(body));
            let (head, body) =
                sender.send_request(request).await.map_err(|fault| broken(&fault))?.into_parts();
            let body = Limited::new(body, MOST_ANSWER).collect().await.map_err(|fault| broken(&fault))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        tokio::select! {
            answer = answer => answer,
            // Drives the connection; its end is seen by the answer.
            () = async { drop(connection.await); std::future::pending().await } => {
                Err(WireFault::Broken("the connection ended".to_owned()))
            }
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({}:{}, tls: {})", self.host, self.port, self.tls.is_some())
    }
}

#[cfg(test)]
mod tests;
