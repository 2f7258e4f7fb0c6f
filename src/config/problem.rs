//! Problems: what is wrong with the file, where, and what to write instead.
//!
//! A problem carries its place as numbers, so that a log line, a JSON report and the drawing with a caret all come from
//! the same value. Messages are lower case and without a final period; the remedy is the hint.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file works, but perhaps not as meant.
    Warning,
}

/// Where in a file a problem is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Bytes from the start of the file.
    pub span: Range<usize>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One thing wrong with the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Whether it stops the file from being used.
    pub severity: Severity,
    /// In which file.
    pub file: PathBuf,
    /// Where in it; `None` when the file as a whole is the problem.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    /// One line, for logs: `vestibule.toml:12:3: unknown key "hots"; did you mean "hosts"?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(place) = &self.place {
            write!(f, "{}:{}:", place.line, place.column)?;
        }
        write!(f, " {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Problem", 6)?;
        out.serialize_field("severity", &self.severity)?;
        out.serialize_field("file", &self.file.display().to_string())?;
        out.serialize_field("line", &self.place.as_ref().map(|place| place.line))?;
        out.serialize_field("column", &self.place.as_ref().map(|place| place.column))?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("hint", &self.hint)?;
        out.end()
    }
}

/// Whether a drawing uses terminal colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    /// ANSI colours.
    Ansi,
    /// Plain text.
    Plain,
}

/// The texts that were read, so that problems can be drawn in them.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<PathBuf, String>);

impl Sources {
    pub(super) fn keep(&mut self, file: &Path, text: &str) {
        self.0.insert(file.to_owned(), text.to_owned());
    }

    /// The files that were read, in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// Draws `problem` as rustc would: message, line, caret, hint.
    pub fn draw(&self, problem: &Problem, color: Color) -> String {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let path = problem.file.display().to_string();
        let title = level.primary_title(&problem.message);
        let mut report = vec![match (self.0.get(&problem.file), &problem.place) {
            (Some(text), Some(place)) if !holds_secret(text, &place.span) => title.element(
                Snippet::source(text)
                    .path(&path)
                    .annotation(AnnotationKind::Primary.span(first_line_of(text, &place.span))),
            ),
            (_, Some(place)) => title.element(Origin::path(&path).line(place.line).char_column(place.column)),
            (_, None) => title.element(Origin::path(&path)),
        }];
        if let Some(hint) = &problem.hint {
            report.push(Group::with_title(Level::HELP.secondary_title(hint)));
        }
        let renderer = match color {
            Color::Ansi => Renderer::styled(),
            Color::Plain => Renderer::plain(),
        };
        renderer.render(&report)
    }
}

/// Whether the line would show a password or its hash on somebody's screen.
fn holds_secret(text: &str, span: &Range<usize>) -> bool {
    let start = text[..floor_boundary(text, span.start)].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].split('\n').next().unwrap_or("");
    let line = line.to_lowercase();
    // Up to the end of the key: `client_secret`, `"X-Api-Key"`.
    ["password", "secret", "authorization", "-key", "apikey", "token"].iter().any(|word| {
        line.split(word)
            .skip(1)
            .any(|rest| rest.trim_start().trim_start_matches(['"', '\'']).trim_start().starts_with('='))
    })
}

/// A caret under a hundred lines helps nobody: only the part on the first line is underlined.
fn first_line_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line_end
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Collects the problems of one file.
pub(super) struct Desk<'a> {
    file: &'a Path,
    text: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str, problems: &'a mut Vec<Problem>) -> Self {
        Self { file, text, problems }
    }

    /// Notes an error at `span`. The hint, if any, is added to the answer.
    pub(super) fn error(&mut self, span: Range<usize>, message: impl Into<String>) -> Noted<'_> {
        self.note(Severity::Error, Some(span), message.into())
    }

    /// Notes a warning at `span`.
    pub(super) fn warn(&mut self, span: Range<usize>, message: impl Into<String>) -> Noted<'_> {
        self.note(Severity::Warning, Some(span), message.into())
    }

    /// Notes an error about the file as a whole.
    pub(super) fn refuse(&mut self, message: impl Into<String>) -> Noted<'_> {
        self.note(Severity::Error, None, message.into())
    }

    fn note(&mut self, severity: Severity, span: Option<Range<usize>>, message: String) -> Noted<'_> {
        // The very start stands for the file as a whole: what is missing has no place.
        let place = span.filter(|span| *span != (0..0)).map(|span| place(self.text, span));
        self.problems.push(Problem { severity, file: self.file.to_owned(), place, message, hint: None });
        Noted(self.problems.last_mut())
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn file(&self) -> &'a Path {
        self.file
    }

    /// The line, from 1, of a byte of the file.
    pub(super) fn line(&self, at: usize) -> usize {
        place(self.text, at..at).line
    }
}

/// A problem just noted, ready for its hint.
pub(super) struct Noted<'a>(Option<&'a mut Problem>);

impl Noted<'_> {
    pub(super) fn hint(self, hint: impl Into<String>) {
        if let Some(problem) = self.0 {
            problem.hint = Some(hint.into());
        }
    }

    pub(super) fn hint_if(self, hint: Option<String>) {
        if let Some(problem) = self.0 {
            problem.hint = hint;
        }
    }
}

fn place(text: &str, span: Range<usize>) -> Place {
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end).max(start);
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        span: start..end,
        line: before.bytes().filter(|b| *b == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The word among `known` that `typed` most likely meant; of several equally likely ones the first.
pub(super) fn nearest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let fold = |word: &str| word.to_lowercase().replace('-', "_");
    // What people hit by accident differs in a third of its letters at most; longer texts are not worth comparing.
    let typed: String = fold(typed).chars().take(64).collect();
    let limit = (typed.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter_map(|word| {
            let folded = fold(word);
            let distance = strsim::damerau_levenshtein(&typed, &folded);
            let begins = typed.len() >= 3 && (folded.starts_with(&typed) || typed.starts_with(&folded));
            (distance <= limit || begins).then_some((distance, word))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `did you mean "word"?` for the nearest of `known`.
pub(super) fn did_you_mean<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    nearest(typed, known).map(|word| format!("did you mean \"{word}\"?"))
}
