//! Rules that an earlier rule keeps from ever being asked.

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

#[cfg(test)]
mod tests {
    use super::covers;

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
}
