//! `max_age` and `factors` of a rule: what it asks of a factor beyond that it was shown once.

use std::time::Duration;

use super::{Check, rule, value};
use crate::{
    config::file::RuleTable,
    domain::{
        factor::Method,
        identity::Requirement,
        policy::{Level, StepUp},
    },
};

/// What is asked, and the level that comes with it: a rule that names second factors asks for one.
pub(super) fn step_up(
    check: &mut Check<'_, '_>,
    table: &RuleTable,
    level: Level,
    ground: &rule::Ground<'_>,
) -> (Level, StepUp) {
    let has_policy = table.policy.is_some();
    if let (true, Level::Bypass | Level::Optional | Level::Deny) = (has_policy, level) {
        let max_age = table.max_age.as_ref().map(|written| ("max_age", written.span()));
        let factors = table.factors.as_ref().map(|written| ("factors", written.span()));
        for (key, span) in max_age.into_iter().chain(factors) {
            check
                .desk
                .error(span, format!("\"{}\" asks for no factor, so \"{key}\" says nothing", level.name()))
                .hint(format!("leave \"{key}\" out, or write policy = \"two_factor\""));
        }
        return (level, StepUp::default());
    }
    let step_up = StepUp { max_age: max_age(check, table, ground), factors: factors(check, table, ground) };
    let Some(policy) = table.policy.as_ref().filter(|_| level == Level::OneFactor) else {
        return (level, step_up);
    };
    if step_up.factors.is_empty() {
        return (level, step_up);
    }
    // Said already where it is required of everybody.
    if ground.second_factor.requirement != Requirement::Required {
        check
            .desk
            .warn(policy.span(), "\"one_factor\" becomes \"two_factor\": \"factors\" asks for a second one")
            .hint("write policy = \"two_factor\" to say so, or leave \"factors\" out");
    }
    (Level::TwoFactor, step_up)
}

fn max_age(check: &mut Check<'_, '_>, table: &RuleTable, ground: &rule::Ground<'_>) -> Option<Duration> {
    let written = table.max_age.as_ref()?;
    let span = check.span(Some(written), Duration::ZERO, value::Allowed::SESSION);
    if span >= ground.lifetime {
        check
            .desk
            .warn(written.span(), "this never asks anybody: no session lives longer")
            .hint("write less than [session] lifetime");
    }
    Some(span)
}

fn factors(check: &mut Check<'_, '_>, table: &RuleTable, ground: &rule::Ground<'_>) -> Vec<Method> {
    let available = &ground.second_factor.methods;
    let mut factors = Vec::new();
    for word in rule::listed(check, "factors", table.factors.as_ref(), "any second factor") {
        let method = word.value().method();
        if available.contains(&method) {
            factors.push(method);
            continue;
        }
        let written = check.desk.text().get(word.span()).unwrap_or_default().to_owned();
        // A recovery code stands in for what was lost, so it is never what a rule insists on.
        let others = available.iter().filter(|method| **method != Method::Recovery);
        let others: Vec<String> = others.map(|method| format!("\"{}\"", method.name())).collect();
        check
            .desk
            .error(
                word.span(),
                format!("nobody can show {written}: it is not among the methods of [second_factor]"),
            )
            .hint(format!("add it there, or choose from {}", others.join(", ")));
    }
    factors
}
