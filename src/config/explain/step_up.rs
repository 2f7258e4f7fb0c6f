//! Fresh and stronger factors in words: what a rule asks, and why what somebody has shown does not do.

use std::time::Duration;

use crate::domain::{
    factor::Method,
    policy::{Lack, Rule},
};

/// What a rule asks beyond its level, to follow how it compared.
pub(super) fn asks(rule: &Rule) -> String {
    let mut words = String::new();
    if !rule.step_up.factors.is_empty() {
        words += &format!("; asks for {}", names(&rule.step_up.factors));
    }
    if let Some(most) = rule.step_up.max_age {
        words += &format!("; at most {} old", in_words(most));
    }
    words
}

/// The second factor that is asked.
pub(super) fn second_factor(rule: Option<&Rule>) -> String {
    match rule.map(|rule| rule.step_up.factors.as_slice()) {
        None | Some([]) => "a second factor".to_owned(),
        Some(factors) => names(factors),
    }
}

/// Why what was shown does not do.
pub(super) fn why(lack: Lack, rule: Option<&Rule>) -> Option<String> {
    let allowed = |age: Duration| {
        let most = rule.and_then(|rule| rule.step_up.max_age).unwrap_or_default();
        format!("{} old, {} allowed", in_words(age), are(most))
    };
    match lack {
        Lack::Second => None,
        Lack::Shown => Some("trust does not count here".to_owned()),
        Lack::Other(method) => Some(format!("{} does not count here", method.name())),
        Lack::FreshSecond { method, age } => Some(format!("{} is {}", method.name(), allowed(age))),
        Lack::FreshPassword { age } => Some(format!("the password is {}", allowed(age))),
    }
}

fn are(span: Duration) -> String {
    let words = in_words(span);
    let verb = if words.starts_with("1 ") { "is" } else { "are" };
    format!("{words} {verb}")
}

fn names(factors: &[Method]) -> String {
    factors.iter().map(|method| method.name()).collect::<Vec<_>>().join(" or ")
}

/// "20 minutes", in the largest unit that says it exactly.
pub(super) fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (unit, name) = units
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit))
        .unwrap_or((1, "second"));
    let count = seconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_largest_unit_that_is_exact() {
        for (seconds, words) in
            [(0, "0 seconds"), (61, "61 seconds"), (60, "1 minute"), (1200, "20 minutes"), (86_400, "1 day")]
        {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
