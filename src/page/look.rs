//! A portal's own look as files: the style sheet with its colours at the end, and its logo.
//!
//! They are made when the configuration is read, and named after what is in them like those of the house.

use bytes::Bytes;

use super::assets::{self, Asset};
use crate::config::brand::{Brand, LogoKind, Palette, Tones};

/// What a page loads, and what an installed portal looks like; the house's own where a portal has none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// The style sheet, as it follows `assets/`.
    style: Option<String>,
    /// The logo.
    logo: Option<Logo>,
    /// The colour.
    theme: Option<String>,
}

/// A logo as pages and manifests name it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Logo {
    name: String,
    /// What a manifest calls its size.
    sizes: String,
    media_type: &'static str,
}

impl Look {
    /// The look of a brand, and the files it takes, under the names that follow `assets/`.
    pub fn of(brand: &Brand) -> (Self, Vec<(String, Asset)>) {
        let mut files = Vec::new();
        let style = brand.palette.and_then(|palette| {
            let (name, asset) = assets::made("app", "css", Bytes::from(assets::style() + &rules(palette)))?;
            files.push((name.clone(), asset));
            Some(name)
        });
        let logo = brand.logo.as_ref().and_then(|logo| {
            let (extension, sizes) = match logo.kind {
                LogoKind::Svg => ("svg", "any".to_owned()),
                LogoKind::Png(width, height) => ("png", format!("{width}x{height}")),
            };
            let (name, asset) = assets::made("logo", extension, Bytes::from(logo.bytes.clone()))?;
            let media_type = asset.content_type;
            files.push((name.clone(), asset));
            Some(Logo { name, sizes, media_type })
        });
        let theme = brand.palette.map(|palette| palette.light.accent.to_string());
        (Self { style, logo, theme }, files)
    }

    /// The address of the style sheet.
    pub(super) fn style(&self, prefix: &str) -> String {
        match &self.style {
            Some(name) => format!("{prefix}assets/{name}"),
            None => assets::url(prefix, "app.css"),
        }
    }

    /// The address of the logo, if there is one.
    pub(crate) fn logo(&self, prefix: &str) -> Option<String> {
        self.logo.as_ref().map(|logo| format!("{prefix}assets/{}", logo.name))
    }

    /// The logo as an icon of a manifest: address, sizes, media type.
    pub(super) fn icon(&self, prefix: &str) -> Option<(String, &str, &'static str)> {
        let logo = self.logo.as_ref()?;
        Some((self.logo(prefix)?, &logo.sizes, logo.media_type))
    }

    /// The colour of what stands around an installed portal.
    pub(super) fn theme(&self) -> Option<&str> {
        self.theme.as_deref()
    }
}

/// What takes the place of the house's colours.
fn rules(palette: Palette) -> String {
    let tones = |Tones { accent, strong, on_accent }: Tones| {
        format!(":root{{--accent:{accent};--accent-strong:{strong};--on-accent:{on_accent};--link:{accent}}}")
    };
    let (light, dark) = (tones(palette.light), tones(palette.dark));
    format!("\n{light}\n@media (prefers-color-scheme:dark){{{dark}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::brand::{DARK_GROUNDS, LIGHT_GROUNDS, Rgb};

    #[test]
    fn colours_are_checked_against_the_grounds_of_the_style_sheet() {
        let style = assets::style();
        let (light, dark) = style.split_once("@media (prefers-color-scheme:dark)").unwrap();
        let ground = |sheet: &str, name: &str| {
            let rest = sheet.split_once(&format!("--{name}:")).unwrap().1;
            let text = rest.split([';', '}']).next().unwrap();
            Rgb::read(if text == "#fff" { "#ffffff" } else { text }).unwrap()
        };
        let grounds = |sheet: &str| ["ground", "card", "soft"].map(|name| ground(sheet, name));
        assert_eq!(grounds(light), LIGHT_GROUNDS);
        assert_eq!(grounds(dark), DARK_GROUNDS);
    }

    #[test]
    fn a_colour_makes_a_style_sheet_of_its_own_and_nothing_makes_none() {
        let palette = Some(Palette::of(Rgb(0x8a, 0x1c, 0x4a), None));
        let (look, files) = Look::of(&Brand { palette, logo: None });
        let (name, asset) = &files[0];
        assert!(look.style("/p/").ends_with(name) && look.style("/p/") != assets::url("/p/", "app.css"));
        let text = std::str::from_utf8(&asset.bytes).unwrap();
        assert!(text.starts_with(&assets::style()) && text.contains("--accent:#8a1c4a"), "{text}");
        let (none, files) = Look::of(&Brand::default());
        assert!(none == Look::default() && files.is_empty());
    }
}
