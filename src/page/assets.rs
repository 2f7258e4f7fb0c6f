//! The style sheet, the script and the drawings, embedded and served under names that carry their content's hash.
//!
//! Because a changed file has a changed name, every answer may be kept for ever by the browser.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "static/assets/"]
struct Files;

/// A file as it is sent.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Bytes,
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
        let hash = data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash()[..6]);
        let hashed_name = format!("{stem}.{hash}.{extension}");
        let bytes = match file.data {
            Cow::Borrowed(embedded) => Bytes::from_static(embedded),
            Cow::Owned(read) => Bytes::from(read),
        };
        shelf
            .by_hashed_name
            .insert(hashed_name.clone(), Asset { bytes, content_type, etag: format!("\"{hash}\"") });
        shelf.hashed_names.insert(name.into_owned(), hashed_name);
    }
    shelf
});

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
        _ => None,
    }
}
