//! The path of a request, read once: judged as segments, forwarded as the bytes that came.
//!
//! Upstreams disagree about `%2f`, `;`, `//` and double encoding. A path that holds any of these is *odd*: it keeps
//! every reading an upstream might take, a rule engine must allow all of them, and no public rule ever matches it.

use std::fmt;

use http::uri::PathAndQuery;
use percent_encoding::percent_decode;

/// Why a path is refused before any rule is asked (400).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PathFault {
    /// Not origin-form (RFC 9112, 3.2.1).
    #[error("the path does not start with a slash")]
    NoSlash,
    /// `.` or `..` as a segment, in any encoding.
    #[error("the path has a dot segment")]
    DotSegment,
    /// `\`, plain or encoded: some upstreams read it as `/`.
    #[error("the path has a backslash")]
    Backslash,
    /// A control character, plain or encoded.
    #[error("the path has a control character")]
    Control,
    /// A `%` without two hexadecimal digits, or encoded more than three times over.
    #[error("the path is badly percent-encoded")]
    BadEncoding,
    /// Not UTF-8 once decoded.
    #[error("the path is not UTF-8")]
    NotUtf8,
}

/// A path that was read once and may be judged and forwarded.
#[derive(Clone)]
pub struct NormalPath {
    target: PathAndQuery,
    readings: Vec<Reading>,
}

/// One way an upstream may split the path: decoded segments, and whether it ended in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Decoded segments without the empty last one.
    pub segments: Vec<String>,
    /// Whether the path named a directory.
    pub trailing_slash: bool,
}

impl NormalPath {
    /// Reads a request target in origin form.
    ///
    /// # Errors
    /// A [`PathFault`] for everything that must be refused before policy is asked.
    pub fn read(target: &PathAndQuery) -> Result<Self, PathFault> {
        let raw = target.path();
        if !raw.starts_with('/') {
            return Err(PathFault::NoSlash);
        }
        refuse_bad_escapes(raw)?;
        let first = plain_reading(raw)?;
        let readings = if is_odd(raw) { every_reading(raw, first)? } else { vec![first] };
        for reading in &readings {
            refuse_segments(reading)?;
        }
        Ok(Self { target: target.clone(), readings })
    }

    /// The target exactly as it came, query included: what is forwarded.
    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// The path exactly as it came.
    pub fn as_str(&self) -> &str {
        self.target.path()
    }

    /// Every way the path may be read; the first is the ordinary one.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Whether upstreams may read the path differently, so that no public rule may match it.
    pub fn is_odd(&self) -> bool {
        self.readings.len() > 1
    }
}

impl fmt::Debug for NormalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query may hold secrets of the portal.
        write!(f, "NormalPath({:?})", self.as_str())
    }
}

fn refuse_bad_escapes(raw: &str) -> Result<(), PathFault> {
    let bytes = raw.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\\' => return Err(PathFault::Backslash),
            0..=0x20 | 0x7f => return Err(PathFault::Control),
            b'%' => {
                let digits = bytes.get(at + 1..at + 3).ok_or(PathFault::BadEncoding)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(PathFault::BadEncoding);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_odd(raw: &str) -> bool {
    let lower = raw.to_ascii_lowercase();
    raw.contains("//")
        || raw.contains(';')
        || ["%2f", "%25", "%3b"].iter().any(|escape| lower.contains(escape))
}

fn decode(text: &str) -> Result<String, PathFault> {
    percent_decode(text.as_bytes()).decode_utf8().map(Into::into).map_err(|_| PathFault::NotUtf8)
}

/// Split first, then decode once: what a careful upstream does.
fn plain_reading(raw: &str) -> Result<Reading, PathFault> {
    let mut segments = raw[1..].split('/').map(decode).collect::<Result<Vec<_>, _>>()?;
    let trailing_slash = segments.last().is_some_and(String::is_empty);
    if trailing_slash {
        segments.pop();
    }
    Ok(Reading { segments, trailing_slash })
}

/// The readings of an odd path: as it stands; parameters cut and slashes merged before decoding; the same after
/// decoding once; and after decoding until nothing is left to decode.
fn every_reading(raw: &str, first: Reading) -> Result<Vec<Reading>, PathFault> {
    let once = decode(raw)?;
    let mut fully = once.clone();
    let mut rounds = 0;
    loop {
        let next = decode(&fully)?;
        if next == fully {
            break;
        }
        rounds += 1;
        if rounds > 3 {
            return Err(PathFault::BadEncoding);
        }
        fully = next;
    }
    let cut_first = collapse(&cut_parameters(raw));
    let cut_decoded = Reading {
        segments: cut_first.segments.iter().map(|s| decode(s)).collect::<Result<_, _>>()?,
        trailing_slash: cut_first.trailing_slash,
    };
    let mut readings = vec![first];
    // Some upstreams merge slashes, some drop parameters, some do both, at any stage of decoding.
    let further = [cut_decoded, collapse(raw_decoded_segments(raw)?.as_str()), collapse(&once)];
    for reading in further.into_iter().chain([
        collapse(&cut_parameters(&once)),
        collapse(&fully),
        collapse(&cut_parameters(&fully)),
    ]) {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    if readings.len() == 1 {
        // Odd all the same: a second, equal reading keeps public rules away.
        let again = readings[0].clone();
        readings.push(again);
    }
    Ok(readings)
}

fn raw_decoded_segments(raw: &str) -> Result<String, PathFault> {
    Ok(raw.split('/').filter(|s| !s.is_empty()).map(decode).collect::<Result<Vec<_>, _>>()?.join("/"))
}

fn cut_parameters(path: &str) -> String {
    path.split('/').map(|segment| segment.split(';').next().unwrap_or("")).collect::<Vec<_>>().join("/")
}

fn collapse(path: &str) -> Reading {
    Reading {
        segments: path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        trailing_slash: path.ends_with('/'),
    }
}

fn refuse_segments(reading: &Reading) -> Result<(), PathFault> {
    for segment in &reading.segments {
        // `..;x` is `..` to an upstream that drops parameters afterwards.
        let bare = segment.split([';', '/']).next().unwrap_or("");
        if matches!(bare, "." | "..") || segment.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(PathFault::DotSegment);
        }
        if segment.contains('\\') {
            return Err(PathFault::Backslash);
        }
        if segment.chars().any(char::is_control) {
            return Err(PathFault::Control);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &'static str) -> Result<NormalPath, PathFault> {
        NormalPath::read(&PathAndQuery::from_static(path))
    }

    #[test]
    fn dot_segments_are_refused_in_every_spelling() {
        for path in [
            "/a/../b",
            "/./a",
            "/a/%2e%2e/b",
            "/a/.%2e",
            "/a/%252e%252e/b",
            "/a/..;/b",
            "/a/..%2fb",
            "/a%2f..%2fb",
            "/..;x=1/b",
        ] {
            assert_eq!(read(path).unwrap_err(), PathFault::DotSegment, "{path}");
        }
    }

    #[test]
    fn backslash_and_nul_are_refused_in_every_spelling() {
        for path in ["/a%5cb", "/a%5Cb", "/a%255cb"] {
            assert_eq!(read(path).unwrap_err(), PathFault::Backslash, "{path}");
        }
        for path in ["/a%00", "/a%0ab", "/a%2500"] {
            assert_eq!(read(path).unwrap_err(), PathFault::Control, "{path}");
        }
    }

    #[test]
    fn broken_escapes_are_refused() {
        for path in ["/a%", "/a%2", "/a%zz", "/%2525252541"] {
            assert_eq!(read(path).unwrap_err(), PathFault::BadEncoding, "{path}");
        }
        assert_eq!(read("/%ff").unwrap_err(), PathFault::NotUtf8);
    }

    #[test]
    fn an_ordinary_path_has_one_reading_and_keeps_its_bytes() {
        let path = read("/a%20b/c.txt?x=%2f..").unwrap();
        assert!(!path.is_odd());
        assert_eq!(path.readings()[0].segments, ["a b", "c.txt"]);
        assert_eq!(path.target().as_str(), "/a%20b/c.txt?x=%2f..");
    }

    #[test]
    fn a_path_that_upstreams_read_differently_is_odd_and_shows_every_reading() {
        for path in ["/public//x", "/admin%2fx", "/admin;v=1/x", "/a%252fb", "/a%3bx"] {
            assert!(read(path).unwrap().is_odd(), "{path}");
        }
        let path = read("/admin%2fsecret").unwrap();
        assert!(path.readings().iter().any(|r| r.segments == ["admin", "secret"]));
        let path = read("/admin;x%2fy/z").unwrap();
        assert!(path.readings().iter().any(|r| r.segments == ["admin", "z"]));
    }
}
