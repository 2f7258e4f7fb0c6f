//! TOML to tables, with every slip reported and not only the first.
//!
//! Syntax errors come from the parser, which goes on after each. Unknown keys and values of the wrong kind come from
//! serde, which stops at the first: the entry it tripped over is taken out, and the rest is tried again.

use std::{collections::HashSet, ops::Range};

use serde::de::DeserializeOwned;
use toml::de::{DeString, DeTable, DeValue};
use toml::{Spanned, de::Error};

use super::problem::{Desk, Problem, nearest};

/// How every message about syntax begins.
const NOT_TOML: &str = "not TOML";

/// More slips than this in one file are no longer read by anybody.
const MOST_SLIPS: usize = 50;

/// Which entries were taken out, so that nobody complains that they are missing.
#[derive(Debug, Default)]
pub(super) struct TakenOut {
    /// Where the entries stood; the owner is told by its place.
    entries: HashSet<(usize, String)>,
    /// After a syntax error anything may be missing.
    everything: bool,
}

impl TakenOut {
    /// Whether the table that starts at `owner` once had `key`.
    pub(super) fn had(&self, owner: &Range<usize>, key: &str) -> bool {
        self.everything || self.entries.contains(&(owner.start, key.to_owned()))
    }

    /// Whether any table once had `key`.
    pub(super) fn had_anywhere(&self, key: &str) -> bool {
        self.everything || self.entries.iter().any(|(_, other)| other == key)
    }
}

/// Reads the tables of a file. `None` after a slip that leaves nothing worth judging.
pub(super) fn read<T: DeserializeOwned>(desk: &mut Desk<'_>) -> Option<(T, TakenOut)> {
    let text = desk.text();
    let (root, faults) = DeTable::parse_recoverable(text);
    let mut taken = TakenOut { everything: !faults.is_empty(), ..TakenOut::default() };
    let bad_lines: Vec<Range<usize>> =
        faults.iter().map(|fault| line_around(text, fault.span().unwrap_or(0..0).start)).collect();
    report_syntax(desk, &faults, &bad_lines);
    // Keys below a broken header would be judged as keys of the table above it.
    if bad_lines.iter().any(|line| text[line.clone()].trim_start().starts_with('[')) {
        return None;
    }
    let span = root.span();
    let mut table = root.into_inner();
    for _ in 0..MOST_SLIPS {
        let fault =
            match T::deserialize(toml::de::Deserializer::from(Spanned::new(span.clone(), table.clone()))) {
                Ok(tables) => return Some((tables, taken)),
                Err(fault) => fault,
            };
        let at = fault.span().unwrap_or(0..0);
        let Some(entry) = take_out(&mut table, &at) else {
            desk.error(at, plain(fault.message()));
            return None;
        };
        if !bad_lines.iter().any(|line| line.contains(&at.start)) {
            report_slip(desk, &fault, at, &entry);
        }
        if let Some((unknown, known)) = words_of(fault.message(), "unknown field `")
            && let Some(meant) = nearest(unknown, known)
        {
            taken.entries.insert((entry.owner, meant.to_owned()));
        }
        taken.entries.insert((entry.owner, entry.key));
    }
    desk.refuse(format!("more than {MOST_SLIPS} slips; the rest is not shown"));
    None
}

/// Takes out what was said of lines that are not TOML: after a syntax error their values are guesses.
pub(super) fn forget_guesses(problems: &mut Vec<Problem>) {
    let line = |problem: &Problem| problem.place.as_ref().map(|place| place.line);
    let broken: HashSet<Option<usize>> =
        problems.iter().filter(|problem| problem.message.starts_with(NOT_TOML)).map(line).collect();
    problems.retain(|problem| problem.message.starts_with(NOT_TOML) || !broken.contains(&line(problem)));
}

fn report_syntax(desk: &mut Desk<'_>, faults: &[Error], lines: &[Range<usize>]) {
    let mut seen = HashSet::new();
    for (fault, line) in faults.iter().zip(lines) {
        // One slip often trips the parser several times on its line.
        if seen.len() < MOST_SLIPS && seen.insert(line.start) {
            let at = fault.span().unwrap_or(0..0);
            let (message, hint) = syntax_in_words(&desk.text()[line.clone()], fault.message());
            desk.error(at, format!("{NOT_TOML}: {message}")).hint_if(hint);
        }
    }
}

/// The parser's words and, where the line gives it away, what was meant.
fn syntax_in_words(line: &str, message: &str) -> (String, Option<String>) {
    let line = line.trim();
    if line.starts_with("[[") && !line.contains("]]") {
        return (plain(message), Some("two brackets open a table of a list, and two close it".to_owned()));
    }
    if line.contains(['“', '”', '„', '‘', '’']) {
        return ("curly quotes".to_owned(), Some("write straight quotes: \"…\"".to_owned()));
    }
    if message.starts_with("duplicate key") {
        return ("this key is there twice".to_owned(), Some("keep one of the two".to_owned()));
    }
    let Some((key, value)) = line.split_once('=') else {
        return (plain(message), Some("write KEY = VALUE, and \"#\" before a remark".to_owned()));
    };
    let value = value.split('#').next().unwrap_or("").trim();
    if message.starts_with("string values must be quoted") {
        let meant = format!("{} = \"{}\"", key.trim(), value.trim_matches('"'));
        return ("a text without quotes".to_owned(), Some(format!("write {meant}")));
    }
    if value.matches('"').count() % 2 == 1 {
        return ("a text that does not end".to_owned(), Some("a quote is missing".to_owned()));
    }
    (plain(message), None)
}

/// An entry that could not be read.
struct Entry {
    /// Where its table starts.
    owner: usize,
    /// Its key; empty for an element of a list.
    key: String,
    /// The names from the root down to it.
    path: Vec<String>,
    /// Whether its table is one of a list.
    listed: bool,
}

/// Takes the entry at `at` out of the tree: a key or value at exactly that place, else the innermost one around it.
fn take_out(table: &mut DeTable<'_>, at: &Range<usize>) -> Option<Entry> {
    let mut walk = Walk { at, exactly: true };
    let mut path = Vec::new();
    walk.table(table, 0, false, &mut path).or_else(|| {
        walk.exactly = false;
        path.clear();
        walk.table(table, 0, false, &mut path)
    })
}

struct Walk<'a> {
    at: &'a Range<usize>,
    exactly: bool,
}

impl Walk<'_> {
    fn is_at(&self, span: &Range<usize>) -> bool {
        if self.exactly { span == self.at } else { span.start <= self.at.start && self.at.end <= span.end }
    }

    fn table(
        &self,
        table: &mut DeTable<'_>,
        owner: usize,
        listed: bool,
        path: &mut Vec<String>,
    ) -> Option<Entry> {
        let mut found: Option<Spanned<DeString<'_>>> = None;
        for (key, value) in table.iter_mut() {
            path.push(key.get_ref().to_string());
            if self.exactly && (self.is_at(&key.span()) || self.is_at(&value.span())) {
                found = Some(key.clone());
                break;
            }
            if let Some(entry) = self.value(value, path) {
                return Some(entry);
            }
            if !self.exactly && (self.is_at(&key.span()) || self.is_at(&value.span())) {
                found = Some(key.clone());
                break;
            }
            path.pop();
        }
        let key = found?;
        table.remove(&key);
        Some(Entry { owner, key: key.into_inner().into_owned(), path: path.clone(), listed })
    }

    fn value(&self, value: &mut Spanned<DeValue<'_>>, path: &mut Vec<String>) -> Option<Entry> {
        let owner = value.span().start;
        match value.get_mut() {
            DeValue::Table(table) => self.table(table, owner, false, path),
            DeValue::Array(items) => {
                for item in items.iter_mut() {
                    let start = item.span().start;
                    let inner = match item.get_mut() {
                        DeValue::Table(table) => self.table(table, start, true, path),
                        _ => None,
                    };
                    if inner.is_some() {
                        return inner;
                    }
                }
                let place = items.iter().position(|item| self.is_at(&item.span()))?;
                let all = std::mem::replace(items, std::iter::empty().collect());
                *items = all.into_iter().enumerate().filter(|(i, _)| *i != place).map(|(_, v)| v).collect();
                Some(Entry { owner, key: String::new(), path: path.clone(), listed: false })
            }
            _ => None,
        }
    }
}

fn report_slip(desk: &mut Desk<'_>, fault: &Error, at: Range<usize>, entry: &Entry) {
    let message = fault.message();
    let name = entry.path.last().map_or("", String::as_str);
    if let Some((unknown, known)) = words_of(message, "unknown field `") {
        let table = owner_name(entry);
        let hint = match nearest(unknown, known.iter().copied()) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("keys here: {}", known.join(", ")),
        };
        desk.error(at, format!("unknown key \"{unknown}\"{table}")).hint(hint);
    } else if let Some((unknown, known)) = words_of(message, "unknown variant `") {
        let meant = synonym(unknown, &known).or_else(|| nearest(unknown, known.iter().copied()));
        let all = known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        desk.error(at, format!("\"{name}\" cannot be \"{unknown}\": it is one of {all}"))
            .hint_if(meant.map(|word| format!("did you mean \"{word}\"?")));
    } else if let Some(rest) =
        message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "))
    {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        let wanted = wanted_in_words(wanted);
        if found == "map" && desk.text()[at.clone()].starts_with('[') {
            desk.error(at, format!("\"{name}\" is a list of tables, not one table"))
                .hint(format!("open it with two pairs of brackets: [[{}]]", entry.path.join(".")));
            return;
        }
        // A password of digits only is a password all the same.
        let found_here = if matches!(name, "password" | "client_secret") {
            "something else".to_owned()
        } else {
            found_in_words(found)
        };
        desk.error(at, format!("\"{name}\" is {wanted}, not {found_here}"))
            .hint_if(kind_hint(name, found, wanted));
    } else {
        desk.error(at, format!("\"{name}\": {}", plain(message)));
    }
}

/// Words of other gateways and of daily speech.
const SYNONYMS: [(&str, &[&str]); 7] = [
    ("two_factor", &["2fa", "mfa", "second_factor", "totp", "strong"]),
    ("one_factor", &["1fa", "password", "login", "authenticated", "signed_in", "single_factor"]),
    ("bypass", &["public", "allow", "anonymous", "none", "open", "skip"]),
    ("deny", &["block", "forbid", "forbidden", "refuse", "reject", "closed"]),
    ("required", &["on", "yes", "true", "always", "mandatory", "enforced", "two_factor"]),
    ("off", &["no", "none", "never", "false", "disabled"]),
    ("everyone", &["all", "everybody", "global"]),
];

fn synonym<'k>(typed: &str, known: &[&'k str]) -> Option<&'k str> {
    let folded = typed.to_lowercase().replace(['-', ' '], "_");
    let (meant, _) =
        SYNONYMS.iter().find(|(word, said)| known.contains(word) && said.contains(&folded.as_str()))?;
    known.iter().find(|word| *word == meant).copied()
}

fn owner_name(entry: &Entry) -> String {
    let owner = entry.path[..entry.path.len().saturating_sub(1)].join(".");
    match (owner.is_empty(), entry.listed) {
        (true, _) => " at the top of the file".to_owned(),
        (false, true) => format!(" in [[{owner}]]"),
        (false, false) => format!(" in [{owner}]"),
    }
}

/// Splits serde's "unknown … `x`, expected one of `a`, `b`" into `x` and the others.
fn words_of<'m>(message: &'m str, prefix: &str) -> Option<(&'m str, Vec<&'m str>)> {
    let (unknown, rest) = message
        .strip_prefix(prefix)?
        .split_once("`, ")
        .unwrap_or((message.strip_prefix(prefix)?.trim_end_matches('`'), ""));
    Some((unknown, rest.split('`').skip(1).step_by(2).collect()))
}

fn wanted_in_words(wanted: &str) -> &str {
    match wanted {
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list, as in [\"…\"]",
        "u16" => "a positive whole number",
        "unit variant" => "a word in quotes",
        _ if wanted.starts_with("struct ") => "a table",
        _ => wanted,
    }
}

fn found_in_words(found: &str) -> String {
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => {
            let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
            let value = value.trim_matches('`');
            match kind {
                "integer" => format!("the number {value}"),
                "floating" => format!("the number {}", value.trim_start_matches("point `")),
                "boolean" => value.to_owned(),
                "string" => format!("the text {value}"),
                _ => found.to_owned(),
            }
        }
    }
}

fn kind_hint(name: &str, found: &str, wanted: &str) -> Option<String> {
    let value = found.split_once(' ').map_or("", |(_, value)| value.trim_matches(['`', '"']));
    if wanted.starts_with("a list") && found.starts_with("string") {
        return Some(format!("write {name} = [\"{value}\"]"));
    }
    if wanted == "true or false" && matches!(value, "true" | "false") {
        return Some(format!("without quotes: {name} = {value}"));
    }
    if wanted == "a table" && found == "sequence" {
        return Some(format!("open it with one pair of brackets: [{name}]"));
    }
    if wanted.starts_with("a span of time") && found.starts_with("integer") {
        return Some(format!("write \"{value}s\", \"{value}m\", \"{value}h\" or \"{value}d\""));
    }
    wanted.starts_with("a header's name").then(|| "leave it out for the usual name".to_owned())
}

/// The parser's words in our style: one line, no final period.
fn plain(message: &str) -> String {
    message.trim().trim_end_matches('.').replace('\n', ", ")
}

fn line_around(text: &str, at: usize) -> Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1);
    start..end
}
