//! `[[portal.rule]]`: paths, subjects, networks and methods, and rules that can never be asked.

use std::{ops::Range, time::Duration};

use http::Method;

use super::{Check, reach, step_up, value::Fault};
use crate::{
    config::{
        file::{At, PortalTable, RuleTable},
        people::Folk,
        problem::{did_you_mean, nearest},
        settings::SecondFactorSettings,
    },
    domain::{
        identity::{Requirement, UserId},
        policy::{Level, PathPattern, Rule, RuleId, StepUp, Subject},
    },
};

/// What rules are judged against.
pub(super) struct Ground<'a> {
    pub folk: &'a Folk,
    pub second_factor: &'a SecondFactorSettings,
    /// How long sessions live.
    pub lifetime: Duration,
    pub prefix: &'a str,
}

pub(super) fn rules(
    check: &mut Check<'_, '_>,
    portal: &At<PortalTable>,
    name: &str,
    ground: &Ground<'_>,
) -> Vec<Rule> {
    let table = portal.value();
    let has_no_rule = table.rule.is_empty() && !check.taken.had(&portal.span(), "rule");
    if has_no_rule && table.upstream.is_none() && !check.taken.had(&portal.span(), "upstream") {
        return vec![for_everybody(name)];
    }
    if has_no_rule {
        check
            .desk
            .warn(portal.span(), format!("portal \"{name}\" has no rules: everybody is denied"))
            .hint("add [[portal.rule]] with policy = \"two_factor\" below it");
    }
    let mut rules: Vec<Rule> = Vec::new();
    for (index, written) in table.rule.iter().enumerate() {
        let rule = rule(check, written, RuleId::new(name, index + 1), ground);
        if let Some(earlier) = rules.iter().find(|earlier| reach::hides(earlier, &rule)) {
            reach::warn(check, &written.span(), &rule, earlier);
        } else if let Some(earlier) = rules.iter().find(|earlier| reach::opens_other_case(earlier, &rule)) {
            reach::warn_of_case(check, &written.span(), &rule, earlier);
        }
        rules.push(rule);
    }
    rules
}

/// The rule of a portal that is nothing but our own pages: who signs in sees them.
fn for_everybody(portal: &str) -> Rule {
    Rule {
        id: RuleId::new(portal, 1),
        path: PathPattern::everything(),
        methods: Vec::new(),
        networks: Vec::new(),
        subjects: Vec::new(),
        level: Level::OneFactor,
        step_up: StepUp::default(),
    }
}

fn rule(check: &mut Check<'_, '_>, written: &At<RuleTable>, id: RuleId, ground: &Ground<'_>) -> Rule {
    let owner = written.span();
    let table = written.value();
    let level = level(check, &owner, table);
    let path = path(check, table, ground.prefix);
    let methods = listed(check, "methods", table.methods.as_ref(), "any method");
    let methods = methods.iter().filter_map(|text| method(check, text)).collect();
    let networks = listed(check, "networks", table.networks.as_ref(), "every address");
    let networks = check.networks(networks);
    let written_subjects = listed(check, "subjects", table.subjects.as_ref(), "everybody");
    let subjects = written_subjects.iter().filter_map(|text| subject(check, text, ground.folk)).collect();
    if let (Level::Bypass | Level::Optional, Some(first)) = (level, written_subjects.first()) {
        check
            .desk
            .error(
                first.span(),
                format!("\"{}\" asks nobody who they are, so it cannot depend on subjects", level.name()),
            )
            .hint("leave \"subjects\" out, or write policy = \"one_factor\"");
    }
    let everybody_shows_two = ground.second_factor.requirement == Requirement::Required;
    if let Some(policy) = table.policy.as_ref().filter(|_| level == Level::OneFactor && everybody_shows_two) {
        check
            .desk
            .warn(
                policy.span(),
                "\"one_factor\" becomes \"two_factor\": [second_factor] requires it of everybody",
            )
            .hint("write policy = \"two_factor\" to say so, or [second_factor] requirement = \"optional\"");
    }
    let (level, step_up) = step_up::step_up(check, table, level, ground);
    Rule { id, path, methods, networks, subjects, level, step_up }
}

/// What a list of a rule names. An empty one is refused: to the policy it means "any", and whoever emptied it meant "none".
pub(super) fn listed<'f, T>(
    check: &mut Check<'_, '_>,
    key: &str,
    written: Option<&'f At<Vec<At<T>>>>,
    any: &str,
) -> &'f [At<T>] {
    let Some(list) = written else { return &[] };
    if list.value().is_empty() && !check.taken.had(&list.span(), "") {
        check
            .desk
            .error(list.span(), format!("\"{key}\" is empty: is this rule about {any} or about none?"))
            .hint(format!("leave \"{key}\" out for {any}, or take the whole rule out"));
    }
    list.value()
}

fn level(check: &mut Check<'_, '_>, owner: &Range<usize>, table: &RuleTable) -> Level {
    match &table.policy {
        Some(level) => *level.value(),
        None => {
            if !check.taken.had(owner, "policy") {
                check
                    .desk
                    .error(owner.clone(), "\"policy\" is missing")
                    .hint("write what is asked, as in policy = \"two_factor\"");
            }
            Level::Deny
        }
    }
}

fn path(check: &mut Check<'_, '_>, table: &RuleTable, prefix: &str) -> PathPattern {
    let written = table.path.as_ref();
    let text = written.map_or("/**", |text| text.value().as_str());
    let span = written.map_or(0..0, At::span);
    match PathPattern::compile(text) {
        Ok(pattern) => {
            if format!("{text}/").starts_with(prefix) {
                check
                    .desk
                    .warn(
                        span,
                        format!("this rule is never asked: everything under {prefix} is the gateway's own"),
                    )
                    .hint("leave it out, or move the gateway's pages with [server] prefix");
            }
            pattern
        }
        Err(fault) => {
            check.desk.error(span, fault.to_string()).hint_if(pattern_hint(text));
            everything()
        }
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "the literal pattern is compiled by a test of the domain and of this room"
)]
fn everything() -> PathPattern {
    PathPattern::compile("/**").unwrap()
}

fn pattern_hint(text: &str) -> Option<String> {
    let mut candidates = vec![format!("/{text}")];
    if let Some((_, rest)) = text.split_once("://") {
        candidates.push(format!("/{}", rest.split_once('/').map_or("", |(_, path)| path)));
    }
    if let Some(stem) = text.strip_suffix('*') {
        // "/public*" and "/public/x*" are meant as everything below.
        let folder = stem.trim_end_matches('*').trim_end_matches('/');
        candidates.push(format!("{folder}/**"));
    }
    candidates.push(text.replace("/**/", "/*/"));
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    candidates.push(decoded.into_owned());
    candidates
        .into_iter()
        .find(|candidate| candidate != text && PathPattern::compile(candidate).is_ok())
        .map(|candidate| format!("did you mean \"{candidate}\"?"))
}

/// Methods of HTTP and WebDAV.
const METHODS: [&str; 16] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
];

pub(super) fn method(check: &mut Check<'_, '_>, written: &At<String>) -> Option<Method> {
    match read_method(written.value()) {
        Ok((method, None)) => Some(method),
        Ok((method, Some(hint))) => {
            check.desk.warn(written.span(), format!("\"{method}\" is a method nobody knows")).hint(hint);
            Some(method)
        }
        Err(fault) => {
            check.desk.error(written.span(), fault.message).hint_if(fault.hint);
            None
        }
    }
}

fn read_method(text: &str) -> Result<(Method, Option<String>), Fault> {
    let message = format!("\"{text}\" is no HTTP method");
    let upper = text.to_ascii_uppercase();
    if upper != text {
        let hint = did_you_mean(&upper, METHODS).unwrap_or_else(|| format!("did you mean \"{upper}\"?"));
        return Err(Fault { message, hint: Some(hint) });
    }
    let method = Method::from_bytes(text.as_bytes())
        .map_err(|_| Fault::new(message, "write it as in \"GET\" or \"POST\""))?;
    let stray = (!METHODS.contains(&text)).then(|| did_you_mean(text, METHODS)).flatten();
    Ok((method, stray))
}

pub(super) fn subject(check: &mut Check<'_, '_>, written: &At<String>, folk: &Folk) -> Option<Subject> {
    let text = written.value();
    match text.split_once(':') {
        Some(("group", name)) if !name.is_empty() => {
            let mut groups = folk.people.iter().flat_map(|person| &person.groups).map(String::as_str);
            if folk.is_complete && !groups.clone().any(|group| group == name) {
                let hint = nearest(name, &mut groups).map_or_else(
                    || "groups are those of people's entries; names compare exactly".to_owned(),
                    |near| format!("did you mean \"group:{near}\"?"),
                );
                check.desk.warn(written.span(), format!("nobody is in group \"{name}\"")).hint(hint);
            }
            Some(Subject::Group(name.to_owned()))
        }
        Some(("user", name)) if !name.is_empty() => {
            let id = UserId::new(name);
            if folk.is_complete && !folk.people.iter().any(|person| person.id == id) {
                let by_address = folk
                    .people
                    .iter()
                    .find(|person| person.email.as_deref().is_some_and(|email| UserId::new(email) == id));
                let hint = match by_address {
                    Some(person) => Some(format!("rules name people by name: \"user:{}\"", person.name)),
                    None => folk.similar(name).map(|near| format!("did you mean \"user:{near}\"?")),
                };
                check
                    .desk
                    .error(written.span(), format!("nobody is called \"{name}\""))
                    .hint(hint.unwrap_or_else(|| "people are those of the [[directory]] files".to_owned()));
            }
            Some(Subject::User(id))
        }
        _ => {
            let hint = if folk.people.iter().any(|person| person.is_in(text)) {
                format!("did you mean \"group:{text}\"?")
            } else if folk.people.iter().any(|person| person.id == UserId::new(text)) {
                format!("did you mean \"user:{text}\"?")
            } else {
                "write \"group:NAME\" or \"user:NAME\"".to_owned()
            };
            check.desk.error(written.span(), format!("\"{text}\" is no subject")).hint(hint);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_that_stands_in_for_a_broken_one_compiles() {
        assert_eq!(everything().as_str(), "/**");
    }
}
