//! Which rule decides, and why: the answer behind `vestibule explain`.
//!
//! Nothing is decided here. The rules are asked as for a real request, and what they say is put into words.

mod step_up;

use std::{fmt, time::Duration};

use http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::{
    settings::Settings,
    visitor::{Asked, Device, NoAnswer, Visitor},
};
use crate::domain::{
    factor,
    identity::{Person, Requirement, RequirementSource},
    policy::{Judgement, Level, Miss, Outcome, Refusal, Rule, RuleMatch},
    standing::{Second, Standing},
};

/// What the rules say of a visitor at a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explanation {
    /// The page.
    pub url: String,
    /// The method.
    pub method: String,
    /// The address the visitor comes from.
    pub ip: String,
    /// Who: the name, or nothing for somebody not signed in.
    pub user: Option<String>,
    /// The groups counted with.
    pub groups: Vec<String>,
    /// Whether the device is trusted.
    pub device: &'static str,
    /// Which second factor was shown.
    pub factor: Option<&'static str>,
    /// How many seconds ago the password and that second factor were given.
    pub age: u64,
    /// The portal that answers to the host.
    pub portal: Option<String>,
    /// Every rule of that portal, in order.
    pub rules: Vec<RuleLine>,
    /// The rule that decided.
    pub decided_by: Option<String>,
    /// Whether a second factor is asked of this person whatever the rule says.
    pub requirement: Option<RequirementLine>,
    /// The level that comes out: `bypass`, `optional`, `one_factor`, `two_factor` or `deny`.
    pub level: Level,
    /// What happens, in a sentence.
    pub outcome: String,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Identity headers the portal receives once everything asked has been shown.
    pub headers: Vec<HeaderLine>,
}

/// How one rule compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RuleLine {
    /// Its name, as in logs.
    pub id: String,
    /// What it asks.
    pub level: Level,
    /// Its path.
    pub path: String,
    /// How it compared.
    pub result: Comparison,
    /// Why.
    pub why: String,
    /// Whether it decided.
    pub decides: bool,
}

/// How a rule compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// It matches.
    Hit,
    /// It does not.
    Miss,
    /// It depends on who is asking, so the visitor must sign in first.
    OnceSignedIn,
}

/// Who asks for a second factor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RequirementLine {
    /// `required`, `optional` or `off`.
    pub word: Requirement,
    /// Whose word it is.
    pub source: String,
}

/// One header.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct HeaderLine {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Explains what happens to a visitor at a page.
///
/// # Errors
/// [`NoAnswer`] where the question itself is wrong: no host, a path answered with 400, an unknown person.
pub fn explain(settings: &Settings, asked: &Asked) -> Result<Explanation, NoAnswer> {
    let visitor = Visitor::imagine(settings, asked)?;
    let mut answer = Explanation {
        url: asked.url.to_string(),
        method: visitor.method.to_string(),
        ip: visitor.client.to_string(),
        user: visitor.person.as_ref().map(|person| person.name.clone()),
        groups: visitor.person.as_ref().map(|person| person.groups.clone()).unwrap_or_default(),
        device: match asked.device {
            Device::Trusted => "trusted",
            Device::Unknown => "unknown",
        },
        factor: asked.factor.map(factor::Method::name),
        age: asked.age.as_secs(),
        portal: None,
        rules: Vec::new(),
        decided_by: None,
        requirement: None,
        level: Level::Deny,
        outcome: format!("421: no portal answers to host \"{}\"", visitor.host),
        notes: notes(settings, asked, &visitor),
        headers: Vec::new(),
    };
    let Some(index) = settings.policy.place(&visitor.host) else { return Ok(answer) };
    let Some(portal) = settings.portals.get(index.0) else { return Ok(answer) };
    answer.portal = Some(portal.name.clone());
    let question = visitor.question(index);
    let judgement = settings.policy.judge(question, &visitor.standing);
    if let Some(reading) = visitor.path.readings().first() {
        answer.rules = settings
            .policy
            .trace(question, reading, &visitor.standing)
            .map(|(rule, result)| rule_line(rule, result, &visitor, &judgement))
            .collect();
    }
    answer.decided_by = judgement.rule.as_ref().map(ToString::to_string);
    answer.requirement = visitor.person.as_ref().map(|person| RequirementLine {
        word: person.requirement,
        source: match &person.requirement_source {
            RequirementSource::Administrators(name) => format!("administrators, of group \"{name}\""),
            RequirementSource::Everybody => "[second_factor], for everybody".to_owned(),
            RequirementSource::Group(name) => format!("[[group]] \"{name}\""),
            RequirementSource::Person => "the person's own entry".to_owned(),
        },
    });
    answer.level = visitor.level(settings, &judgement);
    let deciding = settings
        .policy
        .portals()
        .get(index.0)
        .and_then(|portal| portal.rules.iter().find(|rule| judgement.rule.as_ref() == Some(&rule.id)));
    answer.outcome = outcome(&visitor, &judgement, deciding);
    let is_named =
        matches!(judgement.outcome, Outcome::AllowKnown | Outcome::AskSecondFactor | Outcome::AskPassword);
    if let Some(person) = visitor.person.as_ref().filter(|_| is_named) {
        match portal.identity.of(person) {
            Ok(headers) => answer.headers = headers.map(header_line).collect(),
            Err(why) => answer.notes.push(format!("answered with 502 instead of being forwarded: {why}")),
        }
    }
    Ok(answer)
}

fn header_line((name, value): (&HeaderName, HeaderValue)) -> HeaderLine {
    HeaderLine { name: shown(name.as_str()), value: String::from_utf8_lossy(value.as_bytes()).into_owned() }
}

/// Header names are kept in lower case; people write them with capitals.
fn shown(name: &str) -> String {
    let mut capital = true;
    let cased = name.chars().map(|c| {
        let out = if capital { c.to_ascii_uppercase() } else { c };
        capital = c == '-';
        out
    });
    cased.collect()
}

fn rule_line(rule: &Rule, result: RuleMatch, visitor: &Visitor, judgement: &Judgement) -> RuleLine {
    let result_word = match result {
        RuleMatch::Hit => Comparison::Hit,
        RuleMatch::OnceSignedIn => Comparison::OnceSignedIn,
        RuleMatch::Miss(_) => Comparison::Miss,
    };
    RuleLine {
        id: rule.id.to_string(),
        level: rule.level,
        path: rule.path.to_string(),
        result: result_word,
        why: why(rule, result, visitor),
        decides: judgement.rule.as_ref() == Some(&rule.id),
    }
}

fn why(rule: &Rule, result: RuleMatch, visitor: &Visitor) -> String {
    match result {
        RuleMatch::Hit => {
            let looks = [
                ("path", true),
                ("method", !rule.methods.is_empty()),
                ("network", !rule.networks.is_empty()),
                ("subject", !rule.subjects.is_empty()),
            ];
            let agreed: Vec<&str> = looks.iter().filter(|(_, asks)| *asks).map(|(what, _)| *what).collect();
            let agreed = match agreed.as_slice() {
                [only] => format!("{only} matches"),
                [before @ .., last] => format!("{} and {last} match", before.join(", ")),
                [] => "matches".to_owned(),
            };
            agreed + &step_up::asks(rule)
        }
        RuleMatch::OnceSignedIn => {
            format!("is about {}: the visitor must sign in first", list(&rule.subjects))
        }
        RuleMatch::Miss(Miss::Path) => format!("{} is not in {}", visitor.path.as_str(), rule.path),
        RuleMatch::Miss(Miss::OddPath) => {
            "upstreams read such a path in different ways, and no public rule ever matches it".to_owned()
        }
        RuleMatch::Miss(Miss::Method) => format!("{} is not among {}", visitor.method, list(&rule.methods)),
        RuleMatch::Miss(Miss::Network) => format!("{} is not in {}", visitor.client, list(&rule.networks)),
        RuleMatch::Miss(Miss::Subject) => {
            let name = visitor.person.as_ref().map_or("the visitor", |person| person.name.as_str());
            format!("{name} is not {}", list(&rule.subjects))
        }
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn outcome(visitor: &Visitor, judgement: &Judgement, rule: Option<&Rule>) -> String {
    match judgement.outcome {
        Outcome::AllowKnown => match &visitor.standing {
            Standing::Known(known) if matches!(known.second, Second::TrustedDevice(_)) => {
                format!("forwarded as {}; a trusted device needs no code", known.person.name)
            }
            Standing::Known(known) => format!("forwarded as {}", known.person.name),
            Standing::Stranger => "forwarded".to_owned(),
        },
        Outcome::AllowAnonymous => "forwarded without a name".to_owned(),
        Outcome::AskSecondFactor | Outcome::AskPassword => {
            let asked = match judgement.outcome {
                Outcome::AskPassword => "the password again".to_owned(),
                _ => step_up::second_factor(rule),
            };
            let why = judgement.lack.and_then(|lack| step_up::why(lack, rule));
            match why {
                Some(why) => format!("asked for {asked}, then forwarded: {why}"),
                None => format!("asked for {asked}, then forwarded"),
            }
        }
        Outcome::AskSignIn if visitor.is_disabled() => "refused: the person is disabled".to_owned(),
        Outcome::AskSignIn => "asked to sign in".to_owned(),
        Outcome::Refuse(Refusal::NoRule) => "refused: no rule matches".to_owned(),
        Outcome::Refuse(Refusal::Rule) => "refused: the rule says deny".to_owned(),
        Outcome::Refuse(Refusal::PortalOff) => "refused: the portal is switched off".to_owned(),
    }
}

/// What the server answers without asking a rule.
fn before_the_rules(settings: &Settings, asked: &Asked) -> Vec<String> {
    let mut notes = Vec::new();
    if asked.url.scheme() == Some(&http::uri::Scheme::HTTP) {
        notes.push(
            "this is plain HTTP: visitors are sent to the https address, and no rule is asked".to_owned(),
        );
    } else if let Some(port) = asked.url.port_u16() {
        let is_public = settings.server.public_port == Some(port);
        let is_ours =
            port == 443 || is_public || settings.server.https.iter().any(|address| address.port() == port);
        let server = &settings.server;
        if !is_ours && server.trusted_proxies.is_empty() && server.proxy_protocol.is_empty() {
            notes.push(format!("answered with 421: no address in [server] https has the port {port}"));
        }
    }
    if asked.method.as_str().contains(|c: char| c.is_ascii_lowercase()) {
        notes.push("answered with 400: methods are upper-case".to_owned());
    }
    notes
}

fn notes(settings: &Settings, asked: &Asked, visitor: &Visitor) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(before_the_rules(settings, asked));
    if asked.ip.is_none() {
        notes.push(format!("no address given: {} stands for somewhere on the internet", visitor.client));
    }
    if visitor.path.as_str().starts_with(&settings.server.prefix) {
        notes.push("the gateway answers this address itself; no rule is asked".to_owned());
    }
    if visitor.path.is_odd() {
        notes.push(
            "upstreams read this path in different ways: every reading is judged, and the strictest counts"
                .to_owned(),
        );
    }
    match visitor.person.as_deref() {
        Some(Person { closed_group: Some(group), .. }) => {
            notes.push(format!("group \"{group}\" is switched off: nobody of it signs in"));
        }
        Some(person) if person.disabled => {
            notes.push(format!("{} is disabled and cannot sign in", person.name))
        }
        Some(person) if person.requirement == Requirement::Optional => {
            notes.push("the second factor is the visitor's own choice; taken as not chosen".to_owned());
        }
        _ => {}
    }
    notes
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_deref().unwrap_or("nobody signed in");
        writeln!(f, "{} {}", self.method, self.url)?;
        write!(f, "  visitor      {user}")?;
        if !self.groups.is_empty() {
            write!(f, " ({})", self.groups.join(", "))?;
        }
        write!(f, ", from {}, device {}", self.ip, self.device)?;
        if let Some(factor) = self.factor {
            write!(f, ", {factor} shown")?;
        }
        if self.age > 0 {
            write!(f, ", signed in {} ago", step_up::in_words(Duration::from_secs(self.age)))?;
        }
        writeln!(f)?;
        writeln!(f, "  portal       {}", self.portal.as_deref().unwrap_or("none"))?;
        if !self.rules.is_empty() {
            writeln!(f)?;
        }
        let width = |of: fn(&RuleLine) -> usize| self.rules.iter().map(of).max().unwrap_or(0);
        let (ids, levels, paths) =
            (width(|r| r.id.len()), width(|r| r.level.name().len()), width(|r| r.path.len()));
        for rule in &self.rules {
            let mark = if rule.decides { "->" } else { "  " };
            let result = match rule.result {
                Comparison::Hit => "hit",
                Comparison::Miss => "miss",
                Comparison::OnceSignedIn => "ask",
            };
            let (id, level, path) = (&rule.id, rule.level.name(), &rule.path);
            writeln!(f, "{mark} {result:<4}  {id:<ids$}  {level:<levels$}  {path:<paths$}  {}", rule.why)?;
        }
        writeln!(f)?;
        if let Some(requirement) = &self.requirement {
            let word = match requirement.word {
                Requirement::Off => "off",
                Requirement::Optional => "optional",
                Requirement::Required => "required",
            };
            writeln!(f, "  second factor  {word}: {}", requirement.source)?;
        }
        writeln!(f, "  asked          {}", self.level.name())?;
        writeln!(f, "  outcome        {}", self.outcome)?;
        for header in &self.headers {
            writeln!(f, "  header         {}: {}", header.name, header.value)?;
        }
        for note in &self.notes {
            writeln!(f, "  note           {note}")?;
        }
        Ok(())
    }
}
