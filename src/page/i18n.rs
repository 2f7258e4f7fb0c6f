//! The four languages, and how a visitor's one is chosen.
//!
//! The order is: what the visitor chose, then what the browser asks for with its weights, then the operator's default.
//! The words themselves are loaded in [`words`].

mod words;

pub use words::{Catalogue, Words};

/// A language every page exists in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// French.
    Fr,
}

impl Language {
    /// Every language, in the order the pages list them.
    pub const fn all() -> [Self; 4] {
        [Self::En, Self::Nl, Self::De, Self::Fr]
    }

    /// The code for `lang` attributes, cookies and settings.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Nl => "nl",
            Self::De => "de",
            Self::Fr => "fr",
        }
    }

    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Nl => "Nederlands",
            Self::De => "Deutsch",
            Self::Fr => "Français",
        }
    }

    /// Reads a language tag; a region or script (`nl-BE`) is matched by its language.
    pub fn parse(tag: &str) -> Option<Self> {
        let base = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::all().into_iter().find(|language| base.eq_ignore_ascii_case(language.code()))
    }
}

/// No browser sends more ranges than this; the rest of a longer list is noise.
const MOST_RANGES: usize = 32;

/// The language to answer in: the visitor's choice, then the best-weighted language the browser accepts, then `default`.
///
/// Equal weights keep the header's order, weight zero rules a language out, and entries that cannot be read are ignored.
pub fn negotiate(choice: Option<Language>, accept_language: Option<&str>, default: Language) -> Language {
    if let Some(chosen) = choice {
        return chosen;
    }
    let mut ranges: Vec<(&str, u16)> =
        accept_language.unwrap_or_default().split(',').take(MOST_RANGES).filter_map(parse_range).collect();
    ranges.sort_by_key(|&(_, weight)| std::cmp::Reverse(weight));

    let refused = |language: Language| {
        ranges.iter().any(|&(tag, weight)| weight == 0 && tag.eq_ignore_ascii_case(language.code()))
    };
    for (tag, weight) in &ranges {
        if *weight == 0 {
            break;
        }
        let candidates: &[Language] = match (*tag, Language::parse(tag)) {
            ("*", _) => &[default, Language::En, Language::Nl, Language::De, Language::Fr],
            (_, Some(language)) => &[language],
            (_, None) => &[],
        };
        if let Some(&accepted) = candidates.iter().find(|&&language| !refused(language)) {
            return accepted;
        }
    }
    default
}

/// `nl-BE;q=0.8` as its tag and its weight in thousandths.
fn parse_range(range: &str) -> Option<(&str, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| {
        *tag == "*"
            || tag.split('-').all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    })?;
    let mut weight = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("q") {
            weight = parse_weight(value.trim())?;
        }
    }
    Some((tag, weight))
}

/// A weight as RFC 9110 writes it: 0 to 1 with at most three decimals.
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
