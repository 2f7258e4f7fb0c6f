//! A second reading of HTTP/1.1 framing, stricter than hyper's.
//!
//! hyper merges equal duplicates of `Content-Length` and drops `Content-Length` beside `Transfer-Encoding`: what an attacker
//! wrote is gone before anybody can refuse it. The guard reads the same bytes first, follows bodies just far enough to
//! find the next head, and notes the first request that two servers could read differently (request smuggling). It never
//! changes a byte; from the noted request on everything is answered with 400 and the connection is closed.

#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::limits;

/// What the guard tells the service about one connection. Shared within one thread; atomic only because hyper wants its
/// transport to be `Send`.
#[derive(Debug)]
pub(super) struct Wire {
    /// The first request that is ambiguous.
    bad_from: AtomicUsize,
    /// Why, as an index into [`REASONS`].
    reason: AtomicUsize,
    /// Requests the service took.
    taken: AtomicUsize,
    tunnel: AtomicBool,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            bad_from: AtomicUsize::new(usize::MAX),
            reason: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            tunnel: AtomicBool::new(false),
        }
    }
}

impl Wire {
    /// Takes the next request, and why it is ambiguous if it is.
    pub(super) fn take_request(&self) -> Option<&'static str> {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let is_bad = number >= self.bad_from.load(Ordering::Relaxed);
        is_bad.then(|| REASONS[self.reason.load(Ordering::Relaxed)])
    }

    /// From now on the bytes are no HTTP.
    pub(super) fn begin_tunnel(&self) {
        self.tunnel.store(true, Ordering::Relaxed);
    }

    fn refuse_from(&self, number: usize, violation: Violation) {
        self.reason.store(violation as usize, Ordering::Relaxed);
        self.bad_from.store(number, Ordering::Relaxed);
    }
}

/// What two servers could read differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Violation {
    Unreadable,
    TooLarge,
    LineEnd,
    Fragment,
    Connect,
    NoHost,
    TwoHosts,
    TwoLengths,
    BadLength,
    LengthAndEncoding,
    BadEncoding,
    EncodingInOld,
    BadChunk,
}

const REASONS: [&str; 13] = [
    "unreadable head",
    "head too large",
    "line ended without carriage return",
    "fragment in the target",
    "CONNECT",
    "no Host",
    "more than one Host",
    "more than one Content-Length",
    "Content-Length is no number",
    "Content-Length and Transfer-Encoding",
    "Transfer-Encoding other than chunked",
    "Transfer-Encoding in HTTP/1.0",
    "the body before could not be followed",
];

/// What comes next on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Head,
    /// Bytes of a body of known length.
    Body(u64),
    /// The line that announces a chunk.
    Chunk,
    /// Bytes of a chunk.
    ChunkData(u64),
    /// The line end after a chunk.
    ChunkEnd,
    /// A line after the last chunk.
    Trailer,
    /// Nobody knows; everything from here on is refused.
    Lost,
}

/// How a head says its body is framed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Framing {
    Length(u64),
    Chunked,
}

/// Follows one direction of one connection.
#[derive(Debug)]
pub(super) struct Scanner {
    next: Next,
    /// An unfinished head or line.
    held: Vec<u8>,
    /// Heads seen so far.
    heads: usize,
    /// Bytes of trailers of the present body.
    trailers: usize,
    wire: Arc<Wire>,
}

impl Scanner {
    pub(super) fn new(wire: Arc<Wire>) -> Self {
        Self { next: Next::Head, held: Vec::new(), heads: 0, trailers: 0, wire }
    }

    /// Whether a head has begun and not ended. The very first counts as begun with the connection.
    pub(super) fn is_within_head(&self) -> bool {
        self.next == Next::Head && (self.heads == 0 || !self.held.is_empty())
    }

    /// Reads what came over the wire, in order.
    pub(super) fn read(&mut self, mut bytes: &[u8]) {
        if self.wire.tunnel.load(Ordering::Relaxed) {
            self.lose_without_word();
            return;
        }
        while !bytes.is_empty() {
            bytes = match self.next {
                Next::Lost => return,
                Next::Head => self.read_head(bytes),
                Next::Body(left) => {
                    let (rest, left) = skip(bytes, left);
                    self.next = if left == 0 { Next::Head } else { Next::Body(left) };
                    rest
                }
                Next::ChunkData(left) => {
                    let (rest, left) = skip(bytes, left);
                    self.next = if left == 0 { Next::ChunkEnd } else { Next::ChunkData(left) };
                    rest
                }
                Next::Chunk | Next::ChunkEnd | Next::Trailer => self.read_line(bytes),
            };
        }
    }

    /// Reads as much of a head as there is; returns what comes after it.
    fn read_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.held.is_empty() {
            return match judge_head(bytes) {
                Head::Complete(length, framing) => self.end_head(framing, &bytes[length..]),
                Head::Partial => self.hold_head(bytes),
                Head::Bad(violation) => self.lose(violation),
            };
        }
        let before = self.held.len();
        self.held.extend_from_slice(bytes);
        // Only a new line end can complete a head: without one there is nothing to parse again.
        if !bytes.contains(&b'\n') {
            return self.limit_head();
        }
        match judge_head(&self.held) {
            Head::Complete(length, framing) => {
                self.held = Vec::new();
                // What was held alone was no complete head, so its end is within the new bytes.
                self.end_head(framing, bytes.get(length.saturating_sub(before)..).unwrap_or_default())
            }
            Head::Partial => self.limit_head(),
            Head::Bad(violation) => self.lose(violation),
        }
    }

    fn hold_head(&mut self, bytes: &[u8]) -> &'static [u8] {
        self.held.extend_from_slice(bytes);
        self.limit_head()
    }

    fn limit_head(&mut self) -> &'static [u8] {
        if self.held.len() > limits::HEAD_BYTES {
            return self.lose(Violation::TooLarge);
        }
        &[]
    }

    fn end_head<'a>(&mut self, framing: Framing, rest: &'a [u8]) -> &'a [u8] {
        self.heads += 1;
        self.trailers = 0;
        self.next = match framing {
            Framing::Length(0) => Next::Head,
            Framing::Length(length) => Next::Body(length),
            Framing::Chunked => Next::Chunk,
        };
        rest
    }

    /// Reads as much of a line as there is; returns what comes after it.
    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|b| *b == b'\n');
        let taken = end.map_or(bytes.len(), |at| at + 1);
        self.held.extend_from_slice(&bytes[..taken]);
        if self.held.len() > LONGEST_LINE {
            return self.lose(Violation::BadChunk);
        }
        if end.is_none() {
            return &[];
        }
        let line = std::mem::take(&mut self.held);
        let Some(text) = line.strip_suffix(b"\r\n") else { return self.lose(Violation::BadChunk) };
        if text.contains(&b'\r') {
            return self.lose(Violation::BadChunk);
        }
        match self.next {
            Next::Chunk => match chunk_size(text) {
                Some(0) => self.next = Next::Trailer,
                Some(size) => self.next = Next::ChunkData(size),
                None => return self.lose(Violation::BadChunk),
            },
            Next::ChunkEnd if text.is_empty() => self.next = Next::Chunk,
            Next::Trailer if text.is_empty() => self.next = Next::Head,
            Next::Trailer => {
                self.trailers += text.len();
                if self.trailers > MOST_TRAILERS || !is_field(&line) {
                    return self.lose(Violation::BadChunk);
                }
            }
            Next::ChunkEnd | Next::Head | Next::Body(_) | Next::ChunkData(_) | Next::Lost => {
                return self.lose(Violation::BadChunk);
            }
        }
        &bytes[taken..]
    }

    fn lose(&mut self, violation: Violation) -> &'static [u8] {
        self.wire.refuse_from(self.heads, violation);
        self.lose_without_word();
        &[]
    }

    fn lose_without_word(&mut self) {
        self.next = Next::Lost;
        self.held = Vec::new();
    }
}

/// A chunk's announcement or a trailer; hyper allows extensions of 16 KiB in all.
const LONGEST_LINE: usize = 16 * 1024;
/// Trailers in all; they are thrown away anyhow.
const MOST_TRAILERS: usize = 16 * 1024;

fn skip(bytes: &[u8], left: u64) -> (&[u8], u64) {
    let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    (&bytes[here..], left - here as u64)
}

/// Whether a whole line, its end included, is one header field.
fn is_field(line: &[u8]) -> bool {
    let mut fields = [httparse::EMPTY_HEADER; 1];
    let ended = [line, b"\r\n"].concat();
    matches!(httparse::parse_headers(&ended, &mut fields), Ok(httparse::Status::Complete((_, [_]))))
}

/// The plain grammar only: hexadecimal digits, then nothing or `;` and an extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|b| *b == b';').next().unwrap_or_default();
    if digits.is_empty() || digits.len() > 16 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

enum Head {
    Complete(usize, Framing),
    Partial,
    Bad(Violation),
}

fn judge_head(bytes: &[u8]) -> Head {
    let mut fields = [httparse::EMPTY_HEADER; limits::HEAD_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Head::Partial,
        Err(_) => return Head::Bad(Violation::Unreadable),
    };
    if has_bare_line_end(&bytes[..length]) {
        return Head::Bad(Violation::LineEnd);
    }
    match judge(&request) {
        Ok(framing) => Head::Complete(length, framing),
        Err(violation) => Head::Bad(violation),
    }
}

fn has_bare_line_end(head: &[u8]) -> bool {
    let mut before = 0;
    head.iter().any(|&byte| {
        let is_bare = byte == b'\n' && before != b'\r';
        before = byte;
        is_bare
    })
}

fn judge(request: &httparse::Request<'_, '_>) -> Result<Framing, Violation> {
    if request.path.is_some_and(|target| target.contains('#')) {
        return Err(Violation::Fragment);
    }
    if request.method == Some("CONNECT") {
        return Err(Violation::Connect);
    }
    let (mut hosts, mut length, mut is_chunked) = (0, None, false);
    for field in &*request.headers {
        if field.name.eq_ignore_ascii_case("host") {
            hosts += 1;
        } else if field.name.eq_ignore_ascii_case("content-length") {
            let said = decimal(field.value).ok_or(Violation::BadLength)?;
            if length.replace(said).is_some() {
                return Err(Violation::TwoLengths);
            }
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            if is_chunked || !field.value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Violation::BadEncoding);
            }
            is_chunked = true;
        }
    }
    let is_old = request.version != Some(1);
    match (hosts, is_chunked, length) {
        (2.., _, _) => Err(Violation::TwoHosts),
        (0, _, _) if !is_old => Err(Violation::NoHost),
        (_, true, Some(_)) => Err(Violation::LengthAndEncoding),
        (_, true, None) if is_old => Err(Violation::EncodingInOld),
        (_, true, None) => Ok(Framing::Chunked),
        (_, false, length) => Ok(Framing::Length(length.unwrap_or(0))),
    }
}

/// Digits and nothing else: no sign, no list, no blanks within.
fn decimal(value: &[u8]) -> Option<u64> {
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}
