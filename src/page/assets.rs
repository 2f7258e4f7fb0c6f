//! The style sheet, the script and the drawings, embedded and served under names that carry their content's hash.
//!
//! Because a changed file has a changed name, every answer may be kept for ever by the browser.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "static/assets/"]
struct Files;

/// A file as it is sent.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Bytes,
    /// The same in gzip (RFC 1952), where that is shorter. It names no secret, so that its length tells none.
    pub gzip: Option<Bytes>,
    /// Its media type, for `Content-Type`.
    pub content_type: &'static str,
    /// Its `ETag`, quotes included.
    pub etag: String,
}

/// What to send as `Cache-Control` with an asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

struct Shelf {
    by_hashed_name: HashMap<String, Asset>,
    hashed_names: HashMap<String, String>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut shelf = Shelf { by_hashed_name: HashMap::new(), hashed_names: HashMap::new() };
    for name in Files::iter() {
        let (Some(file), Some((stem, extension))) = (Files::get(&name), name.rsplit_once('.')) else {
            continue;
        };
        let Some(content_type) = content_type(extension) else { continue };
        let bytes = match (extension, std::str::from_utf8(&file.data)) {
            ("js", Ok(text)) => Bytes::from(unindented(text)),
            ("css", Ok(text)) => Bytes::from(tightened(&unindented(text))),
            _ => Bytes::from(file.data.into_owned()),
        };
        let (hashed_name, asset) = shelved(stem, extension, content_type, bytes);
        shelf.by_hashed_name.insert(hashed_name.clone(), asset);
        shelf.hashed_names.insert(name.into_owned(), hashed_name);
    }
    shelf
});

/// A file under a name that carries its content's hash.
fn shelved(stem: &str, extension: &str, content_type: &'static str, bytes: Bytes) -> (String, Asset) {
    let hash = data_encoding::HEXLOWER.encode(&digest(&SHA256, &bytes).as_ref()[..6]);
    let asset = Asset { gzip: gzipped(&bytes), bytes, content_type, etag: format!("\"{hash}\"") };
    (format!("{stem}.{hash}.{extension}"), asset)
}

/// A file that is not embedded, with its name as it follows `assets/`; none for a kind that we do not serve.
pub(super) fn made(stem: &str, extension: &str, bytes: Bytes) -> Option<(String, Asset)> {
    Some(shelved(stem, extension, content_type(extension)?, bytes))
}

/// The house's style sheet as it is sent.
pub(super) fn style() -> String {
    let file = SHELF.hashed_names.get("app.css").and_then(|name| find(name));
    file.map_or_else(String::new, |file| String::from_utf8_lossy(&file.bytes).into_owned())
}

fn gzipped(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    let gzip = encoder.finish().ok()?;
    (gzip.len() < bytes.len()).then(|| Bytes::from(gzip))
}

/// What a browser needs of a script or style sheet: indentation and whole lines of comment stay here.
fn unindented(text: &str) -> String {
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with("/*") && line.ends_with("*/");
    let kept = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// A style sheet without the blanks that mean nothing in ours: it quotes no text.
fn tightened(css: &str) -> String {
    const BLANKS: [(&str, &str); 11] = [
        (": ", ":"),
        (", ", ","),
        ("; ", ";"),
        ("{ ", "{"),
        (" {", "{"),
        (" }", "}"),
        ("{\n", "{"),
        (";\n", ";"),
        (",\n", ","),
        ("}\n", "}"),
        (";}", "}"),
    ];
    BLANKS.iter().fold(css.to_owned(), |css, (blank, tight)| css.replace(blank, tight))
}

/// The file behind a hashed name, as it follows `assets/` in the path.
pub fn find(hashed_name: &str) -> Option<&'static Asset> {
    SHELF.by_hashed_name.get(hashed_name)
}

/// The address of a file: `url("/.vestibule/", "app.css")` is `/.vestibule/assets/app.<hash>.css`.
pub fn url(prefix: &str, name: &str) -> String {
    let hashed_name = SHELF.hashed_names.get(name).map_or(name, String::as_str);
    format!("{prefix}assets/{hashed_name}")
}

fn content_type(extension: &str) -> Option<&'static str> {
    match extension {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        _ => None,
    }
}
