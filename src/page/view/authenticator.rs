//! The page that is an authenticator: it can be installed, and works without a network.

use askama::Template;
use serde_json::json;

use super::{
    Frame, Look, assets,
    manifest::{BACKGROUND, icons, theme},
};
use crate::domain::token::sha256;

/// Posts nothing by itself; its script asks under `authenticator/`, as `docs/authenticator.md` says. It names nobody: a
/// browser keeps it for when there is no network.
#[derive(Clone, Debug, Template)]
#[template(path = "authenticator.html")]
pub struct Authenticator {
    /// What all pages share.
    pub frame: Frame,
    /// Whether it may be asked to approve sign-ins.
    pub approves: bool,
}

impl Authenticator {
    /// What an installed page is called and looks like (W3C Application Manifest).
    pub fn manifest(&self) -> String {
        let frame = &self.frame;
        let page = own_path(&frame.prefix);
        json!({
            "id": page,
            "name": format!("{} – {}", frame.say("auth-title"), frame.portal_title),
            "short_name": frame.issuer,
            "lang": frame.language().code(),
            "start_url": page,
            "scope": page,
            "display": "standalone",
            "background_color": BACKGROUND,
            "theme_color": theme(frame),
            "icons": icons(frame),
        })
        .to_string()
    }

    /// The worker that keeps the page under `prefix` at hand, in this look. It changes with what it keeps.
    pub fn worker(prefix: &str, look: &Look) -> String {
        let files: Vec<String> = ["authenticator.js", "favicon.svg", "icon192.png"]
            .iter()
            .map(|name| assets::url(prefix, name))
            .chain([look.style(prefix)])
            .chain(look.logo(prefix))
            .collect();
        let names = files.concat();
        let hash = sha256(&[b"vestibule worker\0", names.as_bytes(), WORKER.as_bytes()]);
        let version = data_encoding::HEXLOWER.encode(&hash[..6]);
        let (page, files, version) = (json!(own_path(prefix)), json!(files), json!(version));
        format!("const PAGE = {page};\nconst FILES = {files};\nconst VERSION = {version};\n{WORKER}")
    }
}

const WORKER: &str = include_str!("../../../static/authenticator/worker.js");

/// Where the page lives; its worker and manifest reach no further.
fn own_path(prefix: &str) -> String {
    format!("{prefix}authenticator")
}
