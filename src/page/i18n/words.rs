//! The words of the pages, one Fluent bundle per language, loaded once at start.
//!
//! A missing word never fails a request: its key is shown between `⟦ ⟧`, and the tests refuse a build where that could happen.

use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::Embed;

use super::Language;

#[derive(Embed)]
#[folder = "static/locales/"]
struct Locales;

/// The words of every language.
#[derive(Clone, Debug)]
pub struct Catalogue {
    languages: [Words; 4],
}

impl Catalogue {
    /// Reads the embedded locales.
    pub fn load() -> Self {
        Self { languages: Language::all().map(Words::load) }
    }

    /// The words of one language: a cheap handle to keep in a page.
    pub fn words(&self, language: Language) -> Words {
        self.languages[language as usize].clone()
    }
}

/// The words of one language.
#[derive(Clone)]
pub struct Words {
    language: Language,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.language.code())
    }
}

impl Words {
    fn load(language: Language) -> Self {
        let locale = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // The marks around values are for mixed directions; in `otpauth` labels and copied text they would be noise.
        bundle.set_use_isolating(false);
        for (_, text) in Self::sources(language) {
            // A line Fluent cannot read is left out with its key; the tests hold that there is none.
            let resource = FluentResource::try_new(text).unwrap_or_else(|(readable, _)| readable);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle: Arc::new(bundle) }
    }

    /// The embedded files of a language, by name.
    pub(in crate::page) fn sources(language: Language) -> impl Iterator<Item = (String, String)> {
        Locales::iter().filter_map(move |path| {
            let name = path.strip_prefix(language.code())?.strip_prefix('/')?.to_owned();
            let text = String::from_utf8_lossy(&Locales::get(&path)?.data).into_owned();
            Some((name, text))
        })
    }

    /// Which language these words are.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The words under `key`.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The words under `key` with values put in.
    pub fn with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟦{key}⟧");
        };
        let values: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut problems = Vec::new();
        self.bundle.format_pattern(pattern, Some(&values), &mut problems).into_owned()
    }

    /// The words under `key`, around the place of the variable `name`, for markup that stands in its stead.
    pub fn around(&self, key: &str, name: &str) -> (String, String) {
        // A private-use character: no translation contains it, and it never reaches a page.
        const PLACE: &str = "\u{e000}";
        let sentence = self.with(key, &[(name, FluentValue::from(PLACE))]);
        match sentence.split_once(PLACE) {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (sentence, String::new()),
        }
    }
}
