//! A gibibyte up and a gibibyte down at once through the program itself, on each protocol: its memory stays where it was.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    thread,
    time::Instant,
};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio_rustls::TlsConnector;

use crate::harness::Place;

const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;
/// What it may grow by, in KiB.
const MOST: u64 = 16 * 1024;

/// An upstream that sends back what it gets, as it comes.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Ends with the connection.
            thread::spawn(move || repeat(stream));
        }
    });
    address
}

fn repeat(mut stream: TcpStream) -> Option<()> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
        let (_, rest) = head.split_once("content-length: ")?;
        let length = rest.lines().next()?;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").ok()?;
        let mut left: usize = length.parse().ok()?;
        while left > 0 {
            let most = left.min(buffer.len());
            let read = stream.read(&mut buffer[..most]).ok().filter(|read| *read > 0)?;
            stream.write_all(&buffer[..read]).ok()?;
            left -= read;
        }
    }
}

/// The same bytes over and over, so many of them.
struct Pattern {
    part: Bytes,
    left: u64,
}

/// A length that no buffer on the way has: what is lost or doubled shows.
const PART: usize = 64 * 1024 - 3;

fn part() -> Bytes {
    (0..PART).map(|at| (at % 251) as u8).collect()
}

impl Body for Pattern {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = self.left.min(PART as u64);
        self.left -= length;
        let length = usize::try_from(length).expect("a part");
        Poll::Ready(Some(Ok(Frame::data(self.part.slice(..length)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Sends so many bytes and reads them again.
async fn travel(port: u16, roots: &RootCertStore, version_2: bool, length: u64) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![if version_2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("somebody listens");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("TLS");
    let io = TokioIo::new(stream);
    let part = part();
    let body = Pattern { part: part.clone(), left: length };
    let response = if version_2 {
        let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(1024 * 1024)
            .initial_connection_window_size(1024 * 1024)
            .handshake(io)
            .await
            .expect("a connection");
        tokio::spawn(connection);
        let url = format!("https://localhost:{port}/public/echo");
        sender.send_request(Request::post(url).body(body).expect("a request")).await
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.expect("a connection");
        tokio::spawn(connection);
        let request = Request::post("/public/echo").header("host", format!("localhost:{port}"));
        sender.send_request(request.body(body).expect("a request")).await
    };
    let response = response.expect("an answer");
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut at = 0;
    let mut came = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.expect("the body goes on").into_data().expect("data");
        came += data.len() as u64;
        let mut data = &data[..];
        while !data.is_empty() {
            let (here, rest) = data.split_at(data.len().min(PART - at));
            assert!(here == &part[at..at + here.len()], "other bytes came back near {came}");
            at = (at + here.len()) % PART;
            data = rest;
        }
    }
    assert_eq!(came, length);
}

/// A figure of the kernel's, in KiB.
fn figure(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_gibibyte_each_way_takes_no_memory() {
    let place = Place::new();
    let file = place.configuration().replace("http://127.0.0.1:9", &format!("http://{}", echo()));
    place.write("vestibule.toml", &file);
    let server = place.serve();
    let (port, pid) = (server.port(), server.pid());
    let mut roots = RootCertStore::empty();
    let chain = place.read("chain.pem");
    roots.add(CertificateDer::from_pem_slice(chain.as_bytes()).expect("PEM")).expect("a certificate");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for version_2 in [false, true] {
            // What the program's own pages take is there from here on.
            travel(port, &roots, version_2, 16 * MEBIBYTE).await;
            std::fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the peak is forgotten");
            let before = figure(pid, "VmRSS");
            let began = Instant::now();
            travel(port, &roots, version_2, GIBIBYTE).await;
            let grown = figure(pid, "VmHWM").saturating_sub(before);
            let took = began.elapsed().as_secs_f32();
            println!("HTTP/{}: {grown} KiB more than {before} at most, {took:.1} s", 1 + u8::from(version_2));
            assert!(grown < MOST, "HTTP/{}: {grown} KiB", 1 + u8::from(version_2));
        }
    });
    server.stop();
}
