//! Rules that an earlier rule keeps from ever being asked, and rules that open what an earlier one meant to close.

use std::ops::Range;

use super::Check;
use crate::domain::policy::{Level, Rule};

/// Whether everything `later` is about has met `earlier` already. Errs towards "no".
pub(super) fn hides(earlier: &Rule, later: &Rule) -> bool {
    earlier.methods.is_empty()
        && earlier.networks.is_empty()
        && earlier.subjects.is_empty()
        && covers(earlier.path.as_str(), later.path.as_str())
}

fn covers(earlier: &str, later: &str) -> bool {
    if earlier == later {
        return true;
    }
    let Some(folder) = earlier.strip_suffix("/**") else { return false };
    let mut segments = later.split('/');
    folder.split('/').all(|wanted| match segments.next() {
        Some("**") | None => false,
        Some(segment) => wanted == segment || (wanted == "*" && !segment.is_empty()),
    })
}

pub(super) fn warn(check: &mut Check<'_, '_>, at: &Range<usize>, rule: &Rule, earlier: &Rule) {
    let hint = format!("first match decides: move it above rule {}", earlier.id);
    // Odd paths pass by public rules, so something is left for the rules below.
    let message = if matches!(earlier.level, Level::Bypass | Level::Optional) {
        format!(
            "rule {} is reached only by oddly written paths: rule {} ({}) comes first",
            rule.id, earlier.id, earlier.path
        )
    } else {
        format!("rule {} is never reached: rule {} ({}) comes first", rule.id, earlier.id, earlier.path)
    };
    check.desk.warn(at.clone(), message).hint(hint);
}

/// Whether `later` lets everybody in where `earlier` does not, once a letter of the path changes its case.
pub(super) fn opens_other_case(earlier: &Rule, later: &Rule) -> bool {
    is_public(later) && !is_public(earlier) && covers_other_case(earlier.path.as_str(), later.path.as_str())
}

fn is_public(rule: &Rule) -> bool {
    matches!(rule.level, Level::Bypass | Level::Optional)
}

/// Whether `open` covers `/Admin` where `closed` is `/admin`.
fn covers_other_case(closed: &str, open: &str) -> bool {
    [closed.to_uppercase(), closed.to_lowercase()]
        .iter()
        .any(|other| other != closed && !covers(closed, other) && covers(open, other))
}

pub(super) fn warn_of_case(check: &mut Check<'_, '_>, at: &Range<usize>, rule: &Rule, earlier: &Rule) {
    check
        .desk
        .warn(
            at.clone(),
            format!(
                "rule {} ({}) opens \"{}\" to everybody where the path is written in other letter case",
                rule.id, rule.path, earlier.path
            ),
        )
        .hint("fine where the upstream tells \"/A\" from \"/a\"; else make this rule's path narrower");
}

#[cfg(test)]
mod tests {
    use super::{covers, covers_other_case};

    #[test]
    fn a_folder_covers_itself_and_what_is_below() {
        for later in ["/**", "/a", "/a/**", "/*/b", "/"] {
            assert!(covers("/**", later), "{later}");
        }
        for later in ["/a", "/a/", "/a/**", "/a/b", "/a/*/c"] {
            assert!(covers("/a/**", later), "{later}");
        }
        for later in ["/**", "/", "/ab", "/*/b", "/*"] {
            assert!(!covers("/a/**", later), "{later}");
        }
        assert!(covers("/*/x/**", "/a/x/y") && !covers("/*/x/**", "/**") && !covers("/a", "/a/b"));
    }

    #[test]
    fn a_wide_rule_covers_what_a_closed_folder_is_called_in_other_case() {
        for (closed, open) in [("/admin/**", "/**"), ("/x/Admin", "/x/**"), ("/app/ADMIN/**", "/app/**")] {
            assert!(covers_other_case(closed, open), "{closed} {open}");
        }
        for (closed, open) in
            [("/**", "/**"), ("/1/**", "/**"), ("/admin/**", "/public/**"), ("/a/b", "/a/*/c")]
        {
            assert!(!covers_other_case(closed, open), "{closed} {open}");
        }
    }
}
