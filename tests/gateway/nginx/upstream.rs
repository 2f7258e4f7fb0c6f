//! An upstream that reads what came byte by byte and answers with the very bytes that a case wants.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One message as it came over the wire: its first line, its fields with names in lower case, its body without framing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Vec<(String, String)>,
    /// Whether the body came to its end.
    pub(super) is_whole: bool,
}

impl Seen {
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field != name);
    }
}

/// The upstream, and what it saw last.
#[derive(Clone)]
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl Upstream {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream =
            Self { address: listener.local_addr().unwrap(), answer: Arc::default(), seen: Arc::default() };
        let taking = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let upstream = taking.clone();
                tokio::spawn(async move { upstream.serve(stream).await });
            }
        });
        upstream
    }

    /// The bytes of the next answer.
    pub(super) fn answers(&self, bytes: &[u8]) {
        *self.answer.lock().unwrap() = bytes.to_vec();
        *self.seen.lock().unwrap() = None;
    }

    /// What came since.
    pub(super) fn seen(&self) -> Option<Seen> {
        self.seen.lock().unwrap().take()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut reader = Reader::of(&mut stream);
        while let Some(seen) = reader.message(Side::Request).await {
            *self.seen.lock().unwrap() = Some(seen);
            let answer = self.answer.lock().unwrap().clone();
            if reader.stream.write_all(&answer).await.is_err() {
                return;
            }
            // What has no length of its own ends with the connection.
            let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
            let head = head.split("\r\n\r\n").next().unwrap_or_default().to_owned();
            let has_end = head.contains("content-length:") || head.contains("transfer-encoding:");
            let is_bare = [" 204 ", " 304 "].iter().any(|status| head.contains(status));
            if !has_end && !is_bare || head.contains("connection: close") || head.starts_with("http/1.0") {
                return;
            }
        }
    }
}

/// Who sends the message: what ends a body depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response {
        /// To a HEAD, which has a length and no body.
        to_head: bool,
    },
}

/// Reads one message after another.
pub(super) struct Reader<'a, S> {
    pub(super) stream: &'a mut S,
    held: Vec<u8>,
}

impl<'a, S: tokio::io::AsyncRead + Unpin> Reader<'a, S> {
    pub(super) fn of(stream: &'a mut S) -> Self {
        Self { stream, held: Vec::new() }
    }

    async fn more(&mut self) -> bool {
        let mut part = vec![0; 64 * 1024];
        match self.stream.read(&mut part).await {
            Ok(0) | Err(_) => false,
            Ok(length) => {
                self.held.extend_from_slice(&part[..length]);
                true
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.held.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.held.drain(..at + 2).collect::<Vec<_>>();
                return Some(line[..at].iter().map(|&byte| char::from(byte)).collect());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    async fn fields(&mut self) -> Option<Vec<(String, String)>> {
        let mut fields = Vec::new();
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Some(fields);
            }
            let (name, value) = line.split_once(':')?;
            fields.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
        }
    }

    async fn take(&mut self, length: usize, body: &mut Vec<u8>) -> bool {
        while self.held.len() < length {
            if !self.more().await {
                body.append(&mut self.held);
                return false;
            }
        }
        body.extend(self.held.drain(..length));
        true
    }

    /// The next message but for those that say that one is still to come.
    pub(super) async fn message(&mut self, side: Side) -> Option<Seen> {
        loop {
            let seen = self.any_message(side).await?;
            let is_interim = seen.line.starts_with("HTTP/1.1 1") && !seen.line.starts_with("HTTP/1.1 101");
            if !is_interim || side == Side::Request {
                return Some(seen);
            }
        }
    }

    async fn any_message(&mut self, side: Side) -> Option<Seen> {
        let line = self.line().await?;
        let fields = self.fields().await?;
        let mut seen = Seen { line, fields, is_whole: true, ..Seen::default() };
        let length = seen.one("content-length").and_then(|length| length.parse::<usize>().ok());
        let is_chunked = seen.one("transfer-encoding").is_some_and(|coding| coding == "chunked");
        let status = seen.line.split(' ').nth(1).unwrap_or_default();
        let is_bare = side == Side::Response { to_head: true }
            || side != Side::Request && (status.starts_with('1') || status == "204" || status == "304");
        if is_bare {
            return Some(seen);
        }
        if is_chunked {
            loop {
                let size = self.line().await.and_then(|line| {
                    usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16).ok()
                });
                let Some(size) = size else {
                    seen.is_whole = false;
                    break;
                };
                if size == 0 {
                    seen.trailers = self.fields().await?;
                    break;
                }
                if !self.take(size, &mut seen.body).await || self.line().await.is_none() {
                    seen.is_whole = false;
                    break;
                }
            }
        } else if let Some(length) = length {
            seen.is_whole = self.take(length, &mut seen.body).await;
        } else if side != Side::Request {
            while self.more().await {}
            seen.body = std::mem::take(&mut self.held);
        }
        Some(seen)
    }
}
