//! One rule: what it looks at, and how a request compares with it.

use std::{fmt, sync::Arc};

use http::Method;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        identity::{Person, UserId},
        path::Reading,
        standing::Standing,
    },
    PathPattern, Question, StepUp,
};

/// What a rule asks for, from most open to closed.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Forwards everybody, and names nobody.
    Bypass,
    /// Forwards everybody, and names those who are signed in.
    Optional,
    /// Asks to sign in.
    OneFactor,
    /// Asks to sign in and for a second factor.
    TwoFactor,
    /// Refuses.
    Deny,
}

impl Level {
    /// The name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bypass => "bypass",
            Self::Optional => "optional",
            Self::OneFactor => "one_factor",
            Self::TwoFactor => "two_factor",
            Self::Deny => "deny",
        }
    }

    const fn is_public(self) -> bool {
        matches!(self, Self::Bypass | Self::Optional)
    }
}

/// Names a rule in logs and explanations: the portal's name and the rule's number from 1, as in `planning/2`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id of rule `number` (from 1) of `portal`.
    pub fn new(portal: &str, number: usize) -> Self {
        Self(format!("{portal}/{number}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom a rule is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Everybody in this group.
    Group(String),
    /// One person.
    User(UserId),
}

impl Subject {
    /// Whether `person` is meant.
    pub fn is(&self, person: &Person) -> bool {
        match self {
            Self::Group(group) => person.is_in(group),
            Self::User(id) => person.id == *id,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "group:{group}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// A compiled rule. Empty lists mean "any".
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Which paths.
    pub path: PathPattern,
    /// Which methods; `GET` stands for `HEAD` too.
    pub methods: Vec<Method>,
    /// From which networks.
    pub networks: Vec<IpNet>,
    /// About whom.
    pub subjects: Vec<Subject>,
    /// What it asks.
    pub level: Level,
    /// How fresh and which a factor must be.
    pub step_up: StepUp,
}

/// How a request compares with a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleMatch {
    /// It decides.
    Hit,
    /// It would have to know who is asking.
    OnceSignedIn,
    /// It is about something else.
    Miss(Miss),
}

/// What a rule did not like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    /// Another path.
    Path,
    /// A path that upstreams read differently never meets a public rule.
    OddPath,
    /// Another method.
    Method,
    /// From elsewhere.
    Network,
    /// About others.
    Subject,
}

impl Rule {
    /// Compares a request with this rule.
    pub fn compare(&self, question: Question<'_>, reading: &Reading, standing: &Standing) -> RuleMatch {
        if !self.path.covers(reading, self.level.is_public()) {
            return RuleMatch::Miss(Miss::Path);
        }
        if self.level.is_public() && question.path.is_odd() {
            return RuleMatch::Miss(Miss::OddPath);
        }
        if !self.methods.is_empty() && !self.methods.iter().any(|m| includes(m, question.method)) {
            return RuleMatch::Miss(Miss::Method);
        }
        if !self.networks.is_empty() && !self.networks.iter().any(|net| net.contains(&question.client)) {
            return RuleMatch::Miss(Miss::Network);
        }
        if self.subjects.is_empty() {
            return RuleMatch::Hit;
        }
        match standing {
            Standing::Stranger => RuleMatch::OnceSignedIn,
            Standing::Known(known) if self.subjects.iter().any(|s| s.is(&known.person)) => RuleMatch::Hit,
            Standing::Known(_) => RuleMatch::Miss(Miss::Subject),
        }
    }
}

fn includes(listed: &Method, asked: &Method) -> bool {
    listed == asked || (listed == Method::GET && asked == Method::HEAD)
}
