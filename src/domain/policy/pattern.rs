//! Path patterns: whole segments, `*` for one segment, `**` at the end for the rest.

use std::fmt;

use super::super::path::Reading;

/// A compiled path pattern. `/public/**` covers `/public`, `/public/` and everything below, never `/publicX`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathPattern {
    text: String,
    parts: Vec<Part>,
    rest: bool,
    trailing_slash: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Exactly(String),
    Any,
}

/// Why a pattern is no pattern.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatternFault {
    /// It must start with `/`.
    #[error("a path pattern starts with \"/\"")]
    NoSlash,
    /// `**` stands only at the end.
    #[error("\"**\" may stand only as the last segment")]
    RestInside,
    /// `a*b` is not supported.
    #[error("\"*\" stands for a whole segment; \"{0}\" mixes it with text")]
    PartialStar(String),
    /// Percent signs, queries, dot segments and the like never match a decoded path.
    #[error(
        "\"{0}\" can never match: write the path decoded, without \"?\", \"#\", \";\", \"\\\", \"//\" or dot segments"
    )]
    NeverMatches(String),
}

impl PathPattern {
    /// `/**`.
    pub fn everything() -> Self {
        Self { text: "/**".to_owned(), parts: Vec::new(), rest: true, trailing_slash: false }
    }

    /// Compiles a pattern.
    ///
    /// # Errors
    /// A [`PatternFault`] that says what to write instead.
    pub fn compile(text: &str) -> Result<Self, PatternFault> {
        let body = text.strip_prefix('/').ok_or(PatternFault::NoSlash)?;
        if text.contains("//") {
            return Err(PatternFault::NeverMatches(text.to_owned()));
        }
        let mut segments: Vec<&str> = body.split('/').collect();
        let rest = segments.last() == Some(&"**");
        if rest {
            segments.pop();
        }
        let trailing_slash = segments.last() == Some(&"");
        if trailing_slash {
            segments.pop();
        }
        let parts = segments.into_iter().map(part).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), parts, rest, trailing_slash })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it covers `reading`. With `exactly`, a final slash must agree too: a public `/favicon.ico` does not open
    /// `/favicon.ico/`, while a rule that restricts `/admin` also restricts `/admin/`.
    pub fn covers(&self, reading: &Reading, exactly: bool) -> bool {
        let segments = &reading.segments;
        let length_fits =
            if self.rest { segments.len() >= self.parts.len() } else { segments.len() == self.parts.len() };
        let slash_fits = self.rest || !exactly || reading.trailing_slash == self.trailing_slash;
        length_fits
            && slash_fits
            && self.parts.iter().zip(segments).all(|(part, segment)| match part {
                Part::Exactly(text) => text == segment,
                Part::Any => !segment.is_empty(),
            })
    }
}

fn part(segment: &str) -> Result<Part, PatternFault> {
    match segment {
        "*" => Ok(Part::Any),
        "**" => Err(PatternFault::RestInside),
        _ if segment.contains('*') => Err(PatternFault::PartialStar(segment.to_owned())),
        "" | "." | ".." => Err(PatternFault::NeverMatches(segment.to_owned())),
        _ if segment.contains(['?', '#', ';', '\\', '%']) || segment.chars().any(char::is_control) => {
            Err(PatternFault::NeverMatches(segment.to_owned()))
        }
        _ => Ok(Part::Exactly(segment.to_owned())),
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
