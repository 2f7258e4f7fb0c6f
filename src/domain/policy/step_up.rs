//! Step-up: what a rule asks of a factor beyond that it was shown once. It must be fresh, or one of some.
//!
//! Trust stands in for a second factor where any would do. It is never fresh, and never one of some.

use std::time::Duration;

use super::{
    super::{
        factor::Method,
        standing::{Known, Second},
        time::Timestamp,
    },
    Level, Outcome, Rule,
};

/// What a rule asks of a factor. Says nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepUp {
    /// How long ago it was given at most: the second factor, or where none is asked the password.
    pub max_age: Option<Duration>,
    /// The second factors that count; any if empty.
    pub factors: Vec<Method>,
}

/// What somebody who is signed in has not shown, as a rule sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// A second factor.
    Second,
    /// A second factor shown in this session: trust does not do.
    Shown,
    /// Another second factor than this one.
    Other(Method),
    /// The second factor again: this one is too old.
    FreshSecond {
        /// Which it was.
        method: Method,
        /// How long ago it was shown.
        age: Duration,
    },
    /// The password again.
    FreshPassword {
        /// How long ago it was given.
        age: Duration,
    },
}

impl Lack {
    /// What is asked.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Second | Self::Shown | Self::Other(_) | Self::FreshSecond { .. } => {
                Outcome::AskSecondFactor
            }
            Self::FreshPassword { .. } => Outcome::AskPassword,
        }
    }
}

impl StepUp {
    /// Whether it asks for anything.
    pub fn is_asked(&self) -> bool {
        self.max_age.is_some() || !self.factors.is_empty()
    }

    /// That much and no more is young enough: "15m" takes a code of 15 minutes, and none of a second more.
    fn is_young(&self, age: Duration) -> bool {
        self.max_age.is_none_or(|most| age <= most)
    }
}

impl Rule {
    /// What `known` lacks under this rule at `now`; nothing under a rule that asks nobody to sign in.
    pub fn lack(&self, known: &Known, now: Timestamp) -> Option<Lack> {
        let rule_asks = match self.level {
            Level::Bypass | Level::Optional | Level::Deny => return None,
            Level::OneFactor => !self.step_up.factors.is_empty(),
            Level::TwoFactor => true,
        };
        if !rule_asks && !known.is_asked_for_second() {
            let age = now.since(known.since);
            return (!self.step_up.is_young(age)).then_some(Lack::FreshPassword { age });
        }
        match &known.second {
            Second::Missing => Some(Lack::Second),
            Second::TrustedDevice(_) | Second::TrustedAddress(_) => {
                self.step_up.is_asked().then_some(Lack::Shown)
            }
            Second::Passed { method, .. }
                if !(self.step_up.factors.is_empty() || self.step_up.factors.contains(method)) =>
            {
                Some(Lack::Other(*method))
            }
            Second::Passed { method, at } => {
                let age = now.since(*at);
                (!self.step_up.is_young(age)).then_some(Lack::FreshSecond { method: *method, age })
            }
        }
    }
}
