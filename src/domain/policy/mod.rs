//! The rules, and the only maker of permits.
//!
//! First match decides; no match is deny. The requirement on a person can raise what a rule asks, never lower it.
//! An odd path (see [`super::path`]) must be allowed under every reading. `gateway`, `explain` and the file's own tests
//! all ask the same [`Policy::judge`].

mod pattern;
mod rule;
mod step_up;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc};

use http::{Method, uri::PathAndQuery};

pub use self::{
    pattern::{PathPattern, PatternFault},
    rule::{Level, Miss, Rule, RuleId, RuleMatch, Subject},
    step_up::{Lack, StepUp},
};
use super::{
    factor,
    facts::{Host, RequestFacts},
    identity::Person,
    path::{NormalPath, Reading},
    standing::{Known, Second, Standing},
    time::Timestamp,
};

/// The rules of one portal.
#[derive(Clone, Debug)]
pub struct PortalRules {
    /// The portal's name.
    pub name: Arc<str>,
    /// The hosts it answers to.
    pub hosts: Vec<Host>,
    /// Whether it is switched on.
    pub open: bool,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

/// All portals and their rules, compiled.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    portals: Vec<PortalRules>,
    by_host: HashMap<Host, usize>,
}

/// What a rule engine needs to know of a request.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Index of the portal, from [`Policy::place`].
    pub portal: PortalIndex,
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a NormalPath,
    /// The visitor's address.
    pub client: IpAddr,
    /// When: how old a factor is counts from here.
    pub now: Timestamp,
}

impl<'a> Question<'a> {
    /// What the rules are asked of a request.
    pub fn of(portal: PortalIndex, facts: &'a RequestFacts, now: Timestamp) -> Self {
        Self { portal, method: &facts.method, path: &facts.path, client: facts.client, now }
    }
}

/// Points at a portal of one [`Policy`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortalIndex(pub usize);

/// What the rules say of a question, without authority to act on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// The rule that decided; `None` when no rule matched.
    pub rule: Option<RuleId>,
    /// That rule's level.
    pub level: Level,
    /// What follows for this visitor.
    pub outcome: Outcome,
    /// What somebody who is signed in has not shown, where that is what is asked.
    pub lack: Option<Lack>,
}

/// What follows for a visitor, from most to least welcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// Forward, telling the portal who this is.
    AllowKnown,
    /// Forward without a word about who this is.
    AllowAnonymous,
    /// Ask for the second factor.
    AskSecondFactor,
    /// Ask for the password again: it was given too long ago. Before a second factor, which comes after it.
    AskPassword,
    /// Ask to sign in.
    AskSignIn,
    /// Refuse.
    Refuse(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Refusal {
    /// No rule matched.
    NoRule,
    /// A rule says deny.
    Rule,
    /// The portal is switched off.
    PortalOff,
}

/// What to do with a request. `Allow` carries the authority to do it.
#[derive(Debug)]
pub enum Decision {
    /// Forward it.
    Allow(Permit),
    /// Ask the visitor for something first.
    Challenge(Challenge),
    /// Refuse it.
    Deny(Denial),
}

/// What is asked of the visitor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Challenge {
    /// To sign in.
    SignIn {
        /// The rule that asks.
        rule: RuleId,
    },
    /// To give the password again.
    Password {
        /// The rule that asks.
        rule: RuleId,
    },
    /// To show a second factor.
    SecondFactor {
        /// The rule that asks.
        rule: RuleId,
        /// Whether there is one already that does not do here: then one is asked although the session has it.
        again: bool,
        /// One that counts here, where not every one does.
        method: Option<factor::Method>,
    },
}

impl Challenge {
    /// The rule that asks.
    pub fn rule(&self) -> &RuleId {
        match self {
            Self::SignIn { rule } | Self::Password { rule } | Self::SecondFactor { rule, .. } => rule,
        }
    }
}

/// A refusal and the rule behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Denial {
    /// The rule, if one matched.
    pub rule: Option<RuleId>,
    /// Why.
    pub refusal: Refusal,
}

/// What stands between a visitor and the upstream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// Something is asked first.
    Challenge(Challenge),
    /// It is refused.
    Denial(Denial),
}

/// The authority to forward one request. Only [`Policy::decide`] makes one; forwarding uses it up.
pub struct Permit {
    portal: PortalIndex,
    target: PathAndQuery,
    person: Option<Arc<Person>>,
    rule: RuleId,
}

impl Permit {
    /// The portal to forward to.
    pub fn portal(&self) -> PortalIndex {
        self.portal
    }

    /// The target that was judged, and nothing else may be forwarded.
    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// Whom to name to the upstream; `None` means every identity header stays away.
    pub fn person(&self) -> Option<&Arc<Person>> {
        self.person.as_ref()
    }

    /// The rule that allowed it.
    pub fn rule(&self) -> &RuleId {
        &self.rule
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({}, {})", self.rule, self.target.path())
    }
}

impl Policy {
    /// Compiles the rules. Where two portals claim a host the first keeps it; the configuration's check refuses that.
    pub fn new(portals: Vec<PortalRules>) -> Self {
        let mut by_host = HashMap::new();
        for (index, portal) in portals.iter().enumerate() {
            for host in &portal.hosts {
                by_host.entry(host.clone()).or_insert(index);
            }
        }
        Self { portals, by_host }
    }

    /// The portal that answers to `host`.
    pub fn place(&self, host: &Host) -> Option<PortalIndex> {
        self.by_host.get(host).copied().map(PortalIndex)
    }

    /// The portals, in the order of the file; a [`PortalIndex`] counts into it.
    pub fn portals(&self) -> &[PortalRules] {
        &self.portals
    }

    /// Decides one request. `portal` is where [`Policy::place`] put it.
    pub fn decide(
        &self,
        portal: PortalIndex,
        facts: &RequestFacts,
        standing: &Standing,
        now: Timestamp,
    ) -> Decision {
        match self.weigh(Question::of(portal, facts, now), standing) {
            Ok((rule, person)) => Decision::Allow(self.permit(portal, facts, person, rule)),
            Err(Obstacle::Challenge(challenge)) => Decision::Challenge(challenge),
            Err(Obstacle::Denial(denial)) => Decision::Deny(denial),
        }
    }

    /// What [`Policy::decide`] would answer instead of a permit, without making one; `None` where it would make one.
    pub fn obstacle(&self, question: Question<'_>, standing: &Standing) -> Option<Obstacle> {
        self.weigh(question, standing).err()
    }

    /// The rule that allows, and whom to name to the upstream.
    fn weigh(
        &self,
        question: Question<'_>,
        standing: &Standing,
    ) -> Result<(RuleId, Option<Arc<Person>>), Obstacle> {
        let Judgement { rule, outcome, lack, .. } = self.judge(question, standing);
        Err(match (outcome, rule) {
            (Outcome::Refuse(refusal), rule) => Obstacle::Denial(Denial { rule, refusal }),
            (_, None) => Obstacle::Denial(Denial { rule: None, refusal: Refusal::NoRule }),
            (Outcome::AskSignIn, Some(rule)) => Obstacle::Challenge(Challenge::SignIn { rule }),
            (Outcome::AskPassword, Some(rule)) => Obstacle::Challenge(Challenge::Password { rule }),
            (Outcome::AskSecondFactor, Some(rule)) => Obstacle::Challenge(Challenge::SecondFactor {
                again: lack.is_some_and(|lack| lack != Lack::Second),
                method: self.counting_method(question.portal, &rule),
                rule,
            }),
            (Outcome::AllowAnonymous, Some(rule)) => return Ok((rule, None)),
            (Outcome::AllowKnown, Some(rule)) => match standing {
                Standing::Known(known) => return Ok((rule, Some(known.person.clone()))),
                // No identity, no forward.
                Standing::Stranger => Obstacle::Challenge(Challenge::SignIn { rule }),
            },
        })
    }

    fn counting_method(&self, portal: PortalIndex, id: &RuleId) -> Option<factor::Method> {
        let rule = self.portals.get(portal.0)?.rules.iter().find(|rule| rule.id == *id)?;
        rule.step_up.factors.first().copied()
    }

    fn permit(
        &self,
        portal: PortalIndex,
        facts: &RequestFacts,
        person: Option<Arc<Person>>,
        rule: RuleId,
    ) -> Permit {
        Permit { portal, target: facts.path.target().clone(), person, rule }
    }

    /// What the rules say, without making a permit. The strictest reading of the path wins.
    pub fn judge(&self, question: Question<'_>, standing: &Standing) -> Judgement {
        let refused = |refusal| Judgement {
            rule: None,
            level: Level::Deny,
            outcome: Outcome::Refuse(refusal),
            lack: None,
        };
        let Some(portal) = self.portals.get(question.portal.0) else { return refused(Refusal::NoRule) };
        if !portal.open {
            return refused(Refusal::PortalOff);
        }
        question
            .path
            .readings()
            .iter()
            .map(|reading| judge_reading(portal, question, reading, standing))
            .max_by_key(|judgement| judgement.outcome)
            .unwrap_or_else(|| refused(Refusal::NoRule))
    }

    /// Whether signing in to go on to this question asks for a second factor: because the requirement on the person does,
    /// or because the rule that will be met does.
    pub fn asks_second_factor(
        &self,
        question: Question<'_>,
        person: &Arc<Person>,
        wants_second_factor: bool,
    ) -> bool {
        let known = Known {
            person: person.clone(),
            second: Second::Missing,
            wants_second_factor,
            since: question.now,
        };
        known.is_asked_for_second() || self.asks_second_factor_of(question, &known)
    }

    /// Whether this question asks somebody who is signed in for a second factor, shown or not.
    pub fn asks_second_factor_of(&self, question: Question<'_>, known: &Known) -> bool {
        self.judge(question, &Standing::Known(known.clone())).outcome == Outcome::AskSecondFactor
    }

    /// Whether a second factor of this kind, shown now, is one that counts for this question.
    pub fn counts(&self, question: Question<'_>, person: &Arc<Person>, method: factor::Method) -> bool {
        let known = Known {
            person: person.clone(),
            second: Second::Passed { method, at: question.now },
            wants_second_factor: true,
            since: question.now,
        };
        !self.asks_second_factor_of(question, &known)
    }

    /// Every rule of the portal with hit or miss and why, for `reading` of the path; rules after the deciding one included.
    pub fn trace<'a>(
        &'a self,
        question: Question<'a>,
        reading: &'a Reading,
        standing: &'a Standing,
    ) -> impl Iterator<Item = (&'a Rule, RuleMatch)> + 'a {
        self.portals
            .get(question.portal.0)
            .into_iter()
            .flat_map(|portal| &portal.rules)
            .map(move |rule| (rule, rule.compare(question, reading, standing)))
    }
}

fn judge_reading(
    portal: &PortalRules,
    question: Question<'_>,
    reading: &Reading,
    standing: &Standing,
) -> Judgement {
    for rule in &portal.rules {
        let lack = match standing {
            Standing::Known(known) => rule.lack(known, question.now),
            Standing::Stranger => None,
        };
        let outcome = match rule.compare(question, reading, standing) {
            RuleMatch::Miss(_) => continue,
            RuleMatch::OnceSignedIn => Outcome::AskSignIn,
            RuleMatch::Hit => lack.map_or_else(|| outcome_of(rule.level, standing), Lack::outcome),
        };
        return Judgement { rule: Some(rule.id.clone()), level: rule.level, outcome, lack };
    }
    Judgement { rule: None, level: Level::Deny, outcome: Outcome::Refuse(Refusal::NoRule), lack: None }
}

/// What follows for a visitor who lacks nothing under the rule that decides.
fn outcome_of(level: Level, standing: &Standing) -> Outcome {
    match (level, standing) {
        (Level::Deny, _) => Outcome::Refuse(Refusal::Rule),
        (Level::Bypass, _) => Outcome::AllowAnonymous,
        (Level::Optional, Standing::Stranger) => Outcome::AllowAnonymous,
        (Level::OneFactor | Level::TwoFactor, Standing::Stranger) => Outcome::AskSignIn,
        // Somebody who still owes a second factor is nobody yet.
        (Level::Optional, Standing::Known(known)) if owes_second(known) => Outcome::AllowAnonymous,
        (Level::Optional | Level::OneFactor | Level::TwoFactor, Standing::Known(_)) => Outcome::AllowKnown,
    }
}

fn owes_second(known: &Known) -> bool {
    known.second == Second::Missing && known.is_asked_for_second()
}
