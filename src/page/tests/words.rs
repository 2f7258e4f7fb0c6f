//! The four locales say the same things, and say no more and no less than the pages ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::FluentResource;

use super::super::i18n::{Catalogue, Language, Words};

/// Each key of a language with its variables and its file.
fn keys(language: Language) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut keys = BTreeMap::new();
    for (file, text) in Words::sources(language) {
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                key = line.split(' ').next().unwrap().to_owned();
                let earlier = keys.insert(key.clone(), (file.clone(), BTreeSet::new()));
                assert!(earlier.is_none(), "{} says {key} twice", language.code());
            }
            for variable in line.split('$').skip(1) {
                let name: String = variable.chars().take_while(char::is_ascii_alphanumeric).collect();
                keys.get_mut(&key).unwrap().1.insert(name);
            }
        }
    }
    keys
}

/// Every text between double quotes in the templates and in the room's own code.
fn quoted() -> (BTreeSet<String>, String) {
    fn gather(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().unwrap() != "tests" {
                    gather(&path, all);
                }
            } else if !path.ends_with("tests.rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    gather(&root.join("static/templates"), &mut all);
    gather(&root.join("src/page"), &mut all);
    (all.split('"').map(str::to_owned).collect(), all)
}

#[test]
fn every_locale_can_be_read_whole() {
    for language in Language::all() {
        for (file, text) in Words::sources(language) {
            let problems = FluentResource::try_new(text).err().map(|(_, problems)| problems);
            assert_eq!(problems, None, "{}/{file}", language.code());
        }
    }
}

#[test]
fn every_locale_has_the_same_keys_with_the_same_variables() {
    let english = keys(Language::En);
    assert!(english.len() > 150, "the locales are found");
    for language in Language::all() {
        let own = keys(language);
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        let extra: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{}: missing {missing:?}, extra {extra:?}",
            language.code()
        );
        for (key, stands) in &own {
            assert_eq!(stands, &english[key], "{} {key}", language.code());
        }
    }
}

#[test]
fn every_plural_has_the_same_variable_and_a_fallback() {
    for language in Language::all() {
        for (file, text) in Words::sources(language) {
            let choices = text.matches("->").count();
            assert_eq!(choices, text.matches("*[other]").count(), "{}/{file}", language.code());
            assert_eq!(choices, text.matches("[one]").count(), "{}/{file}", language.code());
        }
    }
}

#[test]
fn no_words_are_left_in_english() {
    // What reads the same in two languages, looked at one by one.
    let alike = [
        "nl nav-account",
        "nl enrol-account",
        "nl problem-status",
        "de problem-status",
        "nl print",
        "fr print",
        "fr trust-span-minutes",
        "de unlock-pin",
        "nl audit-by-totp",
        "nl audit-by-passkey",
        "de audit-by-totp",
        "de audit-by-passkey",
        "de audit-by-pin",
        "fr audit-administration",
    ];
    let catalogue = Catalogue::load();
    let english = catalogue.words(Language::En);
    for language in [Language::Nl, Language::De, Language::Fr] {
        let own = catalogue.words(language);
        for key in keys(language).keys() {
            let name = format!("{} {key}", language.code());
            assert!(
                own.say(key) != english.say(key) || alike.contains(&name.as_str()),
                "{name}: {}",
                own.say(key)
            );
        }
    }
}

#[test]
fn visitors_are_addressed_formally() {
    let informal = [
        (Language::Nl, ["je", "jij", "jou", "jouw", "jullie", "jezelf"].as_slice()),
        (
            Language::De,
            ["du", "dein", "deine", "deinen", "deinem", "deiner", "deines", "dir", "dich", "euch"].as_slice(),
        ),
        (Language::Fr, ["tu", "ton", "ta", "tes", "toi", "te"].as_slice()),
    ];
    for (language, words) in informal {
        for (file, text) in Words::sources(language) {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let found = line
                    .split(|c: char| !c.is_alphanumeric())
                    .find(|word| words.contains(&word.to_lowercase().as_str()));
                assert_eq!(found, None, "{}/{file}: {line}", language.code());
            }
        }
    }
}

#[test]
fn every_key_is_used_and_every_used_key_exists() {
    let (quoted, sources) = quoted();
    let english = keys(Language::En);
    let unused: Vec<_> = english.keys().filter(|key| !quoted.contains(*key)).collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
    for call in [".say(\"", ".with(\"", ".around(\""] {
        for used in sources.split(call).skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(english.contains_key(used), "{used} is used and does not exist");
        }
    }
}

#[test]
fn a_missing_key_is_shown_between_marks_and_does_not_fail() {
    assert_eq!(Catalogue::load().words(Language::En).say("no-such-key"), "⟦no-such-key⟧");
}

#[test]
fn numbers_choose_their_words() {
    let catalogue = Catalogue::load();
    let left =
        |language, days: i64| catalogue.words(language).with("time-days-left", &[("days", days.into())]);
    assert_eq!(left(Language::En, 0), "less than a day left");
    assert_eq!(left(Language::En, 1), "one day left");
    assert_eq!(left(Language::En, 23), "23 days left");
    assert_eq!(left(Language::Nl, 23), "nog 23 dagen");
    assert_eq!(left(Language::De, 1), "noch ein Tag");
    // French counts zero with the singular; ours says so in its own words.
    assert_eq!(left(Language::Fr, 0), "moins d’un jour restant");
    assert_eq!(left(Language::Fr, 2), "2 jours restants");
}

#[test]
fn a_value_is_put_in_as_it_is() {
    let words = Catalogue::load().words(Language::En);
    assert_eq!(words.with("signed-in-as", &[("name", "an{ $na}na".into())]), "Signed in as an{ $na}na");
    assert_eq!(words.around("enrol-ends", "time"), ("Please finish before ".to_owned(), ".".to_owned()));
}

#[test]
fn words_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Catalogue>();
    shared::<Words>();
}
