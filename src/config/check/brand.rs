//! Logos and colours: what people can see and read, and drawings that hold nothing but a drawing.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use super::Check;
use crate::config::{
    Files,
    brand::{Brand, Logo, LogoKind, Palette, Rgb, Scheme},
    file::At,
};

/// The largest logo: with everything else it stays within thirty kilobytes a page.
const MOST_BYTES: usize = 6_000;

/// What a table says of the look of pages.
pub(super) struct Written<'a> {
    pub logo: Option<&'a At<String>>,
    pub color: Option<&'a At<String>>,
    pub color_dark: Option<&'a At<String>>,
}

/// The look that is written, in what it leaves open that of `usual`.
pub(super) fn brand(check: &mut Check<'_, '_>, written: &Written<'_>, usual: &Brand) -> Brand {
    let logo = written.logo.and_then(|written| logo(check, written));
    let light = written.color.and_then(|written| color(check, written, Scheme::Light));
    let dark = written.color_dark.and_then(|written| color(check, written, Scheme::Dark));
    if let (None, Some(dark)) = (written.color, written.color_dark) {
        check
            .desk
            .error(dark.span(), "\"color_dark\" says nothing without \"color\"")
            .hint("write color = \"#rrggbb\" for light pages beside it");
    }
    Brand {
        logo: if written.logo.is_some() { logo } else { usual.logo.clone() },
        palette: light.map(|light| Palette::of(light, dark)).or(usual.palette),
    }
}

/// A colour that can be read on our pages.
fn color(check: &mut Check<'_, '_>, written: &At<String>, scheme: Scheme) -> Option<Rgb> {
    let text = written.value();
    let Some(color) = Rgb::read(text) else {
        check.desk.error(written.span(), format!("\"{text}\" is no colour")).hint(remedy(text));
        return None;
    };
    if !color.is_readable_on(scheme) {
        let pages = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        // Cut, not rounded: 4.499 is not enough, and must not be called 4.5.
        let ratio = (color.contrast_on(scheme) * 10.0).floor() / 10.0;
        check
            .desk
            .error(written.span(), format!("links in {color} cannot be read on {pages} pages: contrast {ratio} to 1, where 4.5 is the least"))
            .hint(format!("the nearest that can is \"{}\"", color.readable_on(scheme)));
        return None;
    }
    Some(color)
}

fn remedy(text: &str) -> String {
    let digits = text.trim().trim_start_matches('#');
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    match digits.len() {
        6 if is_hex => format!("did you mean \"#{digits}\"?"),
        3 if is_hex => {
            let doubled: String = digits.chars().flat_map(|digit| [digit, digit]).collect();
            format!("write all six digits: \"#{doubled}\"")
        }
        _ => "write it as in \"#17559e\"".to_owned(),
    }
}

fn logo(check: &mut Check<'_, '_>, written: &At<String>) -> Option<Arc<Logo>> {
    let path = check.path(written.value());
    if check.files == Files::Assumed {
        return None;
    }
    match read(&path) {
        Ok(logo) => Some(Arc::new(logo)),
        Err((message, hint)) => {
            check.desk.error(written.span(), format!("{} {message}", path.display())).hint(hint);
            None
        }
    }
}

fn read(path: &Path) -> Result<Logo, (String, String)> {
    let name_it = "name an SVG or PNG file";
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        file.take(u64::try_from(MOST_BYTES + 1).unwrap_or(u64::MAX)).read_to_end(&mut bytes)
    });
    if let Err(fault) = read {
        return Err((format!("cannot be used as a logo: {fault}"), name_it.to_owned()));
    }
    let kind = kind(&bytes);
    if bytes.len() > MOST_BYTES {
        let remedy = "visitors load it with every first page: take a plainer drawing, or a smaller PNG";
        return Err((format!("has more than {MOST_BYTES} bytes"), remedy.to_owned()));
    }
    match kind {
        Some(LogoKind::Png(width, height)) if width == 0 || height == 0 || width > 2000 || height > 2000 => {
            Err((format!("is {width} by {height} points"), "take one of at most 2000 by 2000".to_owned()))
        }
        Some(LogoKind::Svg) => match std::str::from_utf8(&bytes).map(stranger_in) {
            Ok(None) => Ok(Logo { bytes, kind: LogoKind::Svg }),
            Ok(Some(what)) => Err((
                format!("holds more than a drawing: {what}"),
                "save it as a plain SVG, without scripts, styles from elsewhere and linked files".to_owned(),
            )),
            Err(_) => Err(("is not UTF-8".to_owned(), "save it as a plain SVG".to_owned())),
        },
        Some(kind @ LogoKind::Png(..)) => Ok(Logo { bytes, kind }),
        None => Err(("is neither SVG nor PNG".to_owned(), name_it.to_owned())),
    }
}

/// What a file is by what is in it, whatever its name says.
fn kind(bytes: &[u8]) -> Option<LogoKind> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16) == Some(b"IHDR") {
        return Some(LogoKind::Png(number(16)?, number(20)?));
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    (text.starts_with('<') && text.contains("<svg")).then_some(LogoKind::Svg)
}

/// What in an SVG is no drawing, if anything. A browser that is shown it as a picture runs and fetches none of this, and a
/// policy of its own goes with it; so this need not understand XML to the last trick, it tells operators what they have.
fn stranger_in(svg: &str) -> Option<&'static str> {
    let text = svg.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.replace(" =", "=").replace("= ", "=");
    let tags = || text.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or(tag));
    let is_tag = |name: &str| {
        tags().any(|tag| {
            let own = tag.split([' ', '/']).next().unwrap_or(tag);
            own.rsplit(':').next() == Some(name)
        })
    };
    if is_tag("script") || text.contains("javascript:") {
        return Some("a script");
    }
    if text.contains("<!doctype") || text.contains("<!entity") || text.contains("<?xml-stylesheet") {
        return Some("a document type or a style sheet from elsewhere");
    }
    if is_tag("foreignobject") || is_tag("iframe") {
        return Some("a page within the drawing");
    }
    let has_handler = tags().flat_map(|tag| tag.split(' ').skip(1)).any(|attribute| {
        let name = attribute.split('=').next().unwrap_or_default();
        attribute.contains('=') && name.len() > 2 && name.starts_with("on")
    });
    if has_handler {
        return Some("a handler of events");
    }
    let is_inside = |value: &str| {
        let value = value.trim_start().trim_start_matches(['"', '\'']).trim_start();
        value.starts_with('#') || value.starts_with("data:image/")
    };
    let mut links = text.split("href=").skip(1).chain(text.split("url(").skip(1));
    let leads_out = links.any(|value| !is_inside(value));
    if leads_out || text.contains("@import") {
        return Some("a link to another file");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_taken_and_whatever_runs_or_fetches_is_named() {
        let svg = |inner: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{inner}</svg>"
            )
        };
        for fine in [
            "<path fill=\"url(#a)\" d=\"M0 0h9v9z\"/><linearGradient id=\"a\"/>",
            "<style>path{fill:red}</style><use href=\"#a\"/><!-- on the left = here -->",
            "<image href=\"data:image/png;base64,AAAA\"/>",
        ] {
            assert_eq!(stranger_in(&svg(fine)), None, "{fine}");
        }
        for bad in [
            "<script>alert(1)</script>",
            "<x:script xmlns:x=\"http://www.w3.org/2000/svg\"/>",
            "<a href=\"JavaScript:alert(1)\">x</a>",
            "<path onload=\"alert(1)\"/>",
            "<path\nONCLICK = \"alert(1)\" a=\"\"/>",
            "<foreignObject/>",
            "<image xlink:href=\"https://elsewhere.example/x.png\"/>",
            "<image href = '//elsewhere.example/x.png'/>",
            "<path fill=\"url(https://elsewhere.example/#a)\"/>",
            "<style>@import 'https://elsewhere.example/a.css';</style>",
        ] {
            assert!(stranger_in(&svg(bad)).is_some(), "{bad}");
        }
        assert!(stranger_in("<!DOCTYPE svg [<!ENTITY x 'y'>]><svg/>").is_some());
    }
}
