//! What a portal is called and looks like when it is installed from one of our pages (W3C Application Manifest).

use serde_json::{Value, json};

use super::Frame;

/// The portal as an app: its own start page, in a window that still shows where one is. Pages of the portal's own keep the
/// manifest that they name.
pub fn portal_manifest(frame: &Frame) -> String {
    json!({
        "id": "/",
        "name": frame.portal_title,
        "short_name": frame.issuer,
        "lang": frame.language().code(),
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": BACKGROUND,
        "theme_color": theme(frame),
        "icons": icons(frame),
    })
    .to_string()
}

/// Behind the page while it loads.
pub(super) const BACKGROUND: &str = "#eef1f5";
/// The bar above it.
const THEME: &str = "#17559e";

/// The bar above an installed portal.
pub(super) fn theme(frame: &Frame) -> &str {
    frame.look.theme().unwrap_or(THEME)
}

/// The portal's logo, or the house's icons in every size that is asked for.
pub(super) fn icons(frame: &Frame) -> Value {
    if let Some((src, sizes, kind)) = frame.look.icon(&frame.prefix) {
        return json!([{ "src": src, "sizes": sizes, "type": kind, "purpose": "any" }]);
    }
    let icon = |name: &str, sizes: &str, kind: &str, purpose: &str| json!({ "src": frame.asset(name), "sizes": sizes, "type": kind, "purpose": purpose });
    json!([
        icon("favicon.svg", "any", "image/svg+xml", "any"),
        icon("icon192.png", "192x192", "image/png", "any maskable"),
        icon("icon512.png", "512x512", "image/png", "any maskable"),
    ])
}
