//! What the pages of a portal look like: its logo, and its colour in tones that people can read.
//!
//! A colour is judged as the links it draws on the grounds of our pages (WCAG 2.2, 1.4.3); what stands on a button of that
//! colour is then readable by itself.

use std::{fmt, sync::Arc};

/// The least contrast of text (WCAG 2.2, 1.4.3).
pub const LEAST_CONTRAST: f64 = 4.5;
/// What text stands on in light pages; a test compares them with the style sheet.
pub const LIGHT_GROUNDS: [Rgb; 3] = [Rgb(0xee, 0xf1, 0xf5), Rgb(0xff, 0xff, 0xff), Rgb(0xf3, 0xf6, 0xfa)];
/// The same in dark pages.
pub const DARK_GROUNDS: [Rgb; 3] = [Rgb(0x10, 0x15, 0x1c), Rgb(0x1a, 0x21, 0x2b), Rgb(0x22, 0x2b, 0x37)];

const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
const BLACK: Rgb = Rgb(0, 0, 0);

/// What a portal brings of its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Brand {
    /// Its logo.
    pub logo: Option<Arc<Logo>>,
    /// Its colours.
    pub palette: Option<Palette>,
}

/// A logo as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logo {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: LogoKind,
}

/// A kind of picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogoKind {
    /// A drawing, sharp at any size.
    Svg,
    /// A picture of this width and height.
    Png(u32, u32),
}

/// A colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The tones of light and of dark pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    /// On light pages.
    pub light: Tones,
    /// On dark ones.
    pub dark: Tones,
}

/// One colour and what goes with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tones {
    /// Buttons and links.
    pub accent: Rgb,
    /// A button under the pointer.
    pub strong: Rgb,
    /// What stands on a button.
    pub on_accent: Rgb,
}

/// Light pages or dark ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// Dark words on light grounds.
    Light,
    /// The other way round.
    Dark,
}

impl Scheme {
    fn grounds(self) -> [Rgb; 3] {
        match self {
            Self::Light => LIGHT_GROUNDS,
            Self::Dark => DARK_GROUNDS,
        }
    }

    /// Where more contrast is.
    fn away(self) -> Rgb {
        match self {
            Self::Light => BLACK,
            Self::Dark => WHITE,
        }
    }
}

impl Palette {
    /// The tones of a colour that is readable on light pages, and of one for dark pages: the same, made light enough, if
    /// none is given.
    pub fn of(color: Rgb, dark: Option<Rgb>) -> Self {
        let dark = dark.unwrap_or_else(|| color.readable_on(Scheme::Dark));
        Self { light: Tones::of(color, Scheme::Light), dark: Tones::of(dark, Scheme::Dark) }
    }
}

impl Tones {
    fn of(accent: Rgb, scheme: Scheme) -> Self {
        // The ground is what the accent was measured against, so that it reads as well the other way round.
        let on_accent = match scheme {
            Scheme::Light => WHITE,
            Scheme::Dark => DARK_GROUNDS[0],
        };
        Self { accent, strong: accent.mixed(scheme.away(), 18), on_accent }
    }
}

impl Rgb {
    /// Reads `#17559e`.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| {
            let pair = digits.get(at..at + 2)?;
            pair.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(pair, 16).ok())?
        };
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// The least contrast this colour has as text on the grounds of a scheme.
    pub fn contrast_on(self, scheme: Scheme) -> f64 {
        scheme.grounds().into_iter().map(|ground| self.contrast(ground)).fold(f64::INFINITY, f64::min)
    }

    /// Whether text of this colour can be read on the grounds of a scheme.
    pub fn is_readable_on(self, scheme: Scheme) -> bool {
        self.contrast_on(scheme) >= LEAST_CONTRAST
    }

    /// The nearest colour of the same hue that can be read there.
    #[must_use]
    pub fn readable_on(self, scheme: Scheme) -> Self {
        let darker_or_lighter = (0..=100).map(|percent| self.mixed(scheme.away(), percent));
        darker_or_lighter.into_iter().find(|color| color.is_readable_on(scheme)).unwrap_or(scheme.away())
    }

    /// The contrast of two colours: 1 to 21 (WCAG 2.2).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// This colour with so much per cent of another in it.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let mix = |own: u8, other: u8| {
            let sum = u16::from(own) * (100 - percent) + u16::from(other) * percent;
            // At most 255 * 100, so a byte remains.
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl fmt::Debug for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let near = |contrast: f64, known: f64| assert!((contrast - known).abs() < 0.005, "{contrast}");
        near(BLACK.contrast(WHITE), 21.0);
        near(Rgb(0x77, 0x77, 0x77).contrast(WHITE), 4.478);
        near(Rgb(0x76, 0x76, 0x76).contrast(WHITE), 4.542);
        near(WHITE.contrast(WHITE), 1.0);
    }

    #[test]
    fn whatever_the_colour_links_and_buttons_can_be_read() {
        for r in (0..=255).step_by(51) {
            for g in (0..=255).step_by(51) {
                for b in (0..=255).step_by(51) {
                    let color = Rgb(r, g, b).readable_on(Scheme::Light);
                    let Palette { light, dark } = Palette::of(color, None);
                    for (tones, scheme) in [(light, Scheme::Light), (dark, Scheme::Dark)] {
                        assert!(tones.accent.is_readable_on(scheme), "{tones:?}");
                        for button in [tones.accent, tones.strong] {
                            assert!(button.contrast(tones.on_accent) >= LEAST_CONTRAST, "{tones:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_is_six_digits_behind_a_hash() {
        assert_eq!(Rgb::read("#17559E"), Some(Rgb(0x17, 0x55, 0x9e)));
        for no in ["17559e", "#175", "#17559", "#17559ee", "#17559g", "#+7559e", "blue", "#ä559e"] {
            assert_eq!(Rgb::read(no), None, "{no}");
        }
    }
}
