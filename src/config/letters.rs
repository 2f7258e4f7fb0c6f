//! The folder of letters that an operator wrote: read with the file, and checked like it, so that no letter goes out with a
//! hole in it. `nl/invitation.txt` is for everybody who reads Dutch, `wiki/nl/invitation.txt` for those of the portal `wiki`.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    problem::{Desk, Problem, Sources, did_you_mean},
    settings::{LetterKind, Letters, PortalSettings, Slot, Wording, WrittenLetter},
    text,
};

/// The languages of our pages.
const LANGUAGES: [&str; 4] = ["en", "nl", "de", "fr"];
/// The largest file: nobody reads a longer letter.
const MOST_BYTES: usize = 64 * 1024;
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;
const PARTS: [&str; 3] = ["subject", "txt", "html"];

/// What reading letters needs, and where its findings go.
pub(super) struct Reading<'a> {
    /// Where the configuration names the folder.
    pub(super) named_at: Range<usize>,
    pub(super) portals: &'a [PortalSettings],
    pub(super) sources: &'a mut Sources,
    pub(super) problems: &'a mut Vec<Problem>,
}

/// Reads every letter in `folder`.
pub(super) fn read(folder: &Path, reading: &mut Reading<'_>, main: &mut Desk<'_>) -> Letters {
    let mut letters = Letters::default();
    let Some(entries) = entries(folder, reading, main) else { return letters };
    for (name, path) in entries {
        if LANGUAGES.contains(&name.as_str()) {
            of_language(&path, None, &name, reading, main, &mut letters);
        } else if reading.portals.iter().any(|portal| portal.name == name) {
            for (language, path) in self::entries(&path, reading, main).unwrap_or_default() {
                match LANGUAGES.contains(&language.as_str()) {
                    true => of_language(&path, Some(&name), &language, reading, main, &mut letters),
                    false => stray(&path, reading, main, "is no folder of a language: en, nl, de or fr"),
                }
            }
        } else {
            stray(&path, reading, main, "is neither a language (en, nl, de, fr) nor the name of a portal");
        }
    }
    letters
}

/// What lies in a folder, by name, without what editors and systems hide.
fn entries(folder: &Path, reading: &Reading<'_>, main: &mut Desk<'_>) -> Option<Vec<(String, PathBuf)>> {
    let listed = std::fs::read_dir(folder).and_then(|all| all.collect::<Result<Vec<_>, _>>());
    let mut entries: Vec<_> = match listed {
        Ok(listed) => listed
            .into_iter()
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
            .filter(|(name, _)| !name.starts_with('.') && !name.ends_with('~'))
            .collect(),
        Err(fault) => {
            main.error(reading.named_at.clone(), format!("{} cannot be read: {fault}", folder.display()))
                .hint("name a folder with letters, as in en/invitation.txt, or leave \"templates\" out");
            return None;
        }
    };
    entries.sort();
    Some(entries)
}

/// Something that no letter comes from: most likely misspelt.
fn stray(path: &Path, reading: &Reading<'_>, main: &mut Desk<'_>, what: &str) {
    let known = reading.portals.iter().map(|portal| portal.name.as_str());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    main.warn(reading.named_at.clone(), format!("{} {what}", path.display()))
        .hint_if(did_you_mean(&name, known).or_else(|| Some("rename it, or take it away".to_owned())));
}

fn of_language(
    folder: &Path,
    portal: Option<&str>,
    language: &str,
    reading: &mut Reading<'_>,
    main: &mut Desk<'_>,
    letters: &mut Letters,
) {
    let Some(entries) = entries(folder, reading, main) else { return };
    let known = LetterKind::ALL.iter().flat_map(|kind| PARTS.map(|part| format!("{}.{part}", kind.name())));
    let known: Vec<String> = known.collect();
    for (name, path) in entries.iter().filter(|(name, _)| !known.contains(name)) {
        main.warn(reading.named_at.clone(), format!("{} is no letter", path.display())).hint_if(
            did_you_mean(name, known.iter().map(String::as_str))
                .or_else(|| Some(format!("letters are called {}", known.join(", ")))),
        );
    }
    for kind in LetterKind::ALL {
        let path = |part: &str| {
            let name = format!("{}.{part}", kind.name());
            entries.iter().find(|(known, _)| *known == name).map(|(_, path)| path)
        };
        let mut part = |part: &str| path(part).and_then(|path| wording(path, part, reading));
        let letter = WrittenLetter { subject: part("subject"), text: part("txt"), html: part("html") };
        if let (Some(html), None) = (path("html"), path("txt")) {
            let lacks = format!("{} has no plain text beside it", html.display());
            let name = format!("{}.txt", kind.name());
            main.error(reading.named_at.clone(), lacks)
                .hint(format!("write {name} too: not everybody reads HTML"));
        }
        if letter != WrittenLetter::default() {
            letters.put(portal, language, kind, letter);
        }
    }
}

/// One file of a letter.
fn wording(path: &Path, part: &str, reading: &mut Reading<'_>) -> Option<Wording> {
    let mut found = Vec::new();
    let read = match text(path) {
        Ok(content) => {
            // A mail has line breaks of its own.
            let content = content.replace("\r\n", "\n");
            reading.sources.keep(path, &content);
            let mut desk = Desk::new(path, &content, &mut found);
            judge(&mut desk, &content, part)
        }
        Err(fault) => {
            Desk::new(path, "", &mut found)
                .refuse(format!("this letter {fault}"))
                .hint("the account that runs vestibule must be able to read it");
            None
        }
    };
    reading.problems.append(&mut found);
    read
}

fn judge(desk: &mut Desk<'_>, content: &str, part: &str) -> Option<Wording> {
    let is_subject = part == "subject";
    let content = if is_subject { content.trim_end() } else { content };
    let start = 0..content.len().min(1);
    if content.trim().is_empty() {
        desk.refuse("this letter is empty").hint("write something, or take the file away for our own words");
        return None;
    }
    if content.len() > MOST_BYTES {
        desk.refuse(format!("this letter has more than {MOST_BYTES} bytes")).hint("make it shorter");
        return None;
    }
    if let Some(at) = content.find(|c: char| c.is_control() && (is_subject || !matches!(c, '\n' | '\t'))) {
        let what =
            if is_subject { "a subject is one line" } else { "this letter has a control character in it" };
        desk.error(at..at + 1, what).hint("write plain text");
        return None;
    }
    let places = Slot::ALL.map(|(name, _)| format!("{{{name}}}")).join(" ");
    let wording = match Wording::read(content) {
        Ok(wording) => wording,
        Err((at, name)) => {
            let meant = did_you_mean(&name, Slot::ALL.iter().map(|(known, _)| *known));
            let hint = meant.unwrap_or_else(|| format!("there are {places}; write {{{{ for a brace"));
            desk.error(at, format!("nothing is filled in for {{{name}}}")).hint(hint);
            return None;
        }
    };
    if is_subject && wording.has(Slot::Link) {
        desk.error(start, "the link does not belong into the subject")
            .hint("subjects are shown where everybody sees them");
        return None;
    }
    if is_subject && content.chars().count() > LONGEST_SUBJECT {
        desk.error(start, format!("a subject has at most {LONGEST_SUBJECT} characters"))
            .hint("make it shorter");
        return None;
    }
    if !is_subject && !wording.has(Slot::Link) {
        desk.refuse("this letter has no {link}: nobody could set a password with it")
            .hint("write {link} where the link is to stand");
        return None;
    }
    Some(wording)
}
