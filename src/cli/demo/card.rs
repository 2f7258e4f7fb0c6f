//! What the demo prints: everything needed to sign in, one plain line each, and a QR code.

use std::{fmt::Write as _, io, path::Path};

use fast_qr::{ECL, QRBuilder, QRCode};

use super::{absolute, folder::Credentials};
use crate::{cli::output, config::Color, factor::totp};

/// Light modules around the code, as ISO 18004 asks.
const QUIET: usize = 4;
/// What apps call the account.
const ISSUER: &str = "Vestibule demo";

/// What is printed.
pub(super) struct Facts<'a> {
    pub(super) address: String,
    pub(super) upstream: Option<&'a str>,
    pub(super) credentials: &'a Credentials,
    /// Whether the printed secret is the one the person has linked.
    pub(super) is_linked: bool,
    pub(super) config: &'a Path,
    pub(super) log: &'a Path,
    pub(super) is_kept: bool,
}

/// The card as text.
pub(super) fn draw(facts: &Facts<'_>) -> String {
    let Facts { address, credentials, .. } = facts;
    let mut out = String::new();
    let mut line = |what: &str, value: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{:<13} {value}", format!("{what}:"));
    };
    let before = facts.upstream.unwrap_or("a built-in sample portal");
    line("Portal", before);
    line("Address", address);
    line("User name", &credentials.user);
    line("Password", &credentials.password);
    if facts.is_linked {
        let (secret, link) =
            (totp::base32(&credentials.key), totp::address(&credentials.key, ISSUER, &credentials.user));
        line("TOTP secret", &secret);
        line("TOTP link", &link);
        if let Some(code) = draw_code(&link, output::color(&io::stdout())) {
            let _ = write!(out, "\n{code}\n");
        }
        let _ = writeln!(
            out,
            "Scan it with an authenticator app, or get a code with: oathtool --totp -b {secret}"
        );
    } else {
        line("TOTP secret", "(another app was linked on the account page; use that one)");
    }
    let _ = write!(
        out,
        "Your browser will warn: nobody vouches for a self-signed certificate. Go on; a real portal gets a real one.\n\n"
    );
    let (config, log) = (absolute(facts.config), absolute(facts.log));
    let mut line = |what: &str, value: &str| {
        let _ = writeln!(out, "{:<13} {value}", format!("{what}:"));
    };
    line("Logs", &log.display().to_string());
    // The very program that runs: nobody has put it on the path yet.
    let program = std::env::current_exe().unwrap_or_else(|_| "vestibule".into());
    line("Commands", &format!("{} trust list --config {}", program.display(), config.display()));
    let end = if facts.is_kept { "Ctrl-C ends it." } else { "Ctrl-C ends it and removes its files." };
    out + end + "\n"
}

/// A QR code in half blocks, two modules to a character.
fn draw_code(text: &str, color: Color) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::L).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut out = String::new();
    for row in (0..side).step_by(2) {
        // Black on white, whatever the terminal's own colours: not every scanner reads the inverse.
        let (begin, end) = if color == Color::Ansi { ("\u{1b}[30;107m", "\u{1b}[0m") } else { ("", "") };
        out += begin;
        for column in 0..side {
            let (upper, lower) = (is_dark(&code, row, column), is_dark(&code, row + 1, column));
            // Without colours light is what is drawn, as most terminals are dark.
            let (upper, lower) = if color == Color::Ansi { (upper, lower) } else { (!upper, !lower) };
            out.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        out += end;
        out.push('\n');
    }
    Some(out)
}

/// Whether the module at a place of the drawing, quiet zone included, is dark.
fn is_dark(code: &QRCode, row: usize, column: usize) -> bool {
    let inside = |at: usize| at.checked_sub(QUIET).filter(|&at| at < code.size);
    match (inside(row), inside(column)) {
        (Some(row), Some(column)) => code[row][column].value(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_modules_of_the_code_and_light_around_it() {
        let code = QRBuilder::new("vestibule").ecl(ECL::L).build().unwrap();
        let drawn = draw_code("vestibule", Color::Plain).unwrap();
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        let side = code.size + 2 * QUIET;
        assert!(lines.iter().all(|line| line.len() == side) && lines.len() == side.div_ceil(2));
        for row in 0..side {
            for (column, half) in lines[row / 2].iter().enumerate() {
                let drawn_light = match half {
                    '█' => true,
                    '▀' => row % 2 == 0,
                    '▄' => row % 2 == 1,
                    _ => false,
                };
                assert_eq!(drawn_light, !is_dark(&code, row, column), "{row} {column}");
            }
        }
    }
}
