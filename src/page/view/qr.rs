//! The QR code of an `otpauth:` address, as inline SVG without style attributes.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;
use fast_qr::{ECL, QRBuilder};

/// A QR code drawn as one SVG path, dark on light with the quiet zone scanners need.
#[derive(Clone)]
pub struct Qr(String);

/// Light modules around the code, as ISO 18004 asks.
const QUIET: usize = 4;

impl Qr {
    /// Draws `text`; nothing when it is too long for a QR code.
    pub fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for row in 0..code.size {
            let mut column = 0;
            while column < code.size {
                let run = code[row][column..].iter().take_while(|module| module.value()).count();
                if run > 0 {
                    let (x, y) = (column + QUIET, row + QUIET);
                    // Writing to a `String` cannot fail.
                    let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        let side = code.size + 2 * QUIET;
        Some(Self(format!(
            r#"<svg class="qr" viewBox="0 0 {side} {side}" width="220" height="220" shape-rendering="crispEdges" aria-hidden="true" focusable="false"><path class="qr-light" fill="white" d="M0 0h{side}v{side}H0z"/><path class="qr-dark" fill="black" d="{path}"/></svg>"#
        )))
    }
}

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qr(…)")
    }
}

impl fmt::Display for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Numbers and path letters only; the text itself is never written.
impl HtmlSafe for Qr {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_holds_no_style_and_none_of_the_text() {
        let drawn = Qr::of("otpauth://totp/<x>?secret=JBSWY3DPEHPK3PXP").unwrap().to_string();
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"));
        assert!(!drawn.contains("style") && !drawn.contains("<x>") && !drawn.contains("JBSW"));
    }

    #[test]
    fn a_text_beyond_the_largest_code_draws_nothing() {
        assert!(Qr::of(&"x".repeat(4000)).is_none());
    }
}
