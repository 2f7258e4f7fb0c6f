//! Signing in, as a machine: what has been proven, what is asked next, and when it is over.
//!
//! A [`Login`] begins after the password was right and ends in a [`Grant`], the only thing that opens a session.
//! State is a value: only a right answer moves it on, and every token is good for one state.

mod hand_over;

use std::{fmt, net::IpAddr};

use super::{
    factor::{CodeVerdict, Method, TotpKey},
    facts::ReturnTo,
    identity::{CredentialMark, Person, UserId},
    sent_code::SentCode,
    session::{Passed, Session},
    time::{Timestamp, minutes},
    token::{RecordId, TokenHash},
};

pub(super) use self::hand_over::Home;
pub use self::hand_over::{End, HandOver, NotHandedOver, Shown, challenge};

/// Codes one sign-in may get wrong before it is over.
pub const TRIES_PER_LOGIN: u32 = 5;
/// Minutes from the password to the last step, enrolment included.
pub const LOGIN_MINUTES: u64 = 15;

/// What a sign-in began with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum First {
    /// Name and password.
    Password,
    /// A link that was mailed.
    Link,
    /// A passkey, without a password.
    Passkey,
    /// The word of an identity provider.
    Provider,
    /// The PIN of a remembered device, unlocked with it.
    Pin,
}

impl First {
    /// The name in the store and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::Pin => "pin",
        }
    }

    /// The first factor called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Password, Self::Link, Self::Passkey, Self::Provider, Self::Pin]
            .into_iter()
            .find(|first| first.name() == name)
    }
}

/// A sign-in that is under way: the first factor is proven, something is still missing.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Hash of the value in the browser's cookie; a new one at each step.
    pub hash: TokenHash,
    /// Who.
    pub person: UserId,
    /// At which portal.
    pub portal: String,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// What it began with.
    pub first: First,
    /// When the first factor was passed.
    pub first_factor_at: Timestamp,
    /// When this sign-in is over, whatever happens.
    pub ends_at: Timestamp,
    /// What is asked.
    pub stage: Stage,
    /// Wrong codes so far.
    pub wrong_codes: u32,
    /// What the last wrong code would have been right for, if a phone that is ahead had made it.
    pub ahead: Option<Ahead>,
    /// The code that was sent last, if any was asked for.
    pub sent: Option<SentCode>,
    /// The password that was right.
    pub credential: CredentialMark,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// The session this sign-in strengthens, closed when it succeeds.
    pub replaces: Option<TokenHash>,
}

/// A code that will be right later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ahead {
    /// By how many minutes the phone would be ahead.
    pub minutes: i64,
    /// The time step of the code.
    pub step: i64,
}

/// What a sign-in waits for.
#[derive(Clone, PartialEq, Eq)]
pub enum Stage {
    /// A code from a linked app, one that was sent, or a recovery code.
    Code,
    /// A first code from the app being linked.
    Enrol {
        /// The key shown to the visitor; counts only once a code verified.
        key: TotpKey,
        /// What must be shown besides.
        proof: Proof,
    },
    /// A code sent to an address or number that the visitor has just named.
    Contact,
}

impl Stage {
    /// Whether an answer by this method is one that is waited for.
    fn awaits(&self, method: Method) -> bool {
        match self {
            Self::Code => true,
            Self::Enrol { proof: Proof::App | Proof::AppAfterGlass, .. } => method == Method::Totp,
            // Two answers at once: see `Login::answer_enrolment`.
            Self::Enrol { proof: Proof::AppAndSent, .. } => false,
            Self::Contact => matches!(method, Method::Email | Method::Sms),
        }
    }
}

/// What linking an app takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// A code of the app: another factor was shown just before, or nothing else is known of the person.
    App,
    /// A code of the app and one sent to the person: whoever stole a password has no mailbox or phone with it.
    AppAndSent,
    /// A code of the app, after a break-glass code: whatever was linked before is lost.
    AppAfterGlass,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "Code",
            Self::Enrol { .. } => "Enrol",
            Self::Contact => "Contact",
        })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, {:?}, wrong {})", self.person, self.stage, self.wrong_codes)
    }
}

/// What follows.
#[derive(Debug)]
pub enum Step {
    /// Ask for what the stage says.
    Ask(Login),
    /// Open a session.
    Finish(Grant),
    /// Start again.
    Over(Over),
}

/// Why a sign-in is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    /// Its fifteen minutes have passed.
    Expired,
    /// Too many wrong codes.
    TooManyTries,
    /// The password changed meanwhile, the person was disabled, or the device is no longer remembered.
    Outdated,
}

/// What is known when the first factor was right.
#[derive(Debug)]
pub struct Begin<'a> {
    /// Which it was.
    pub first: First,
    /// Who.
    pub person: &'a Person,
    /// At which portal.
    pub portal: &'a str,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// Whether the rules or the requirement ask for a second factor.
    pub asks_second_factor: bool,
    /// What waives it, if anything.
    pub waiver: Waiver,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: &'a str,
}

/// What may stand in for the second factor at sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waiver {
    /// Nothing.
    Nothing,
    /// A live device trust of this person.
    Device(RecordId),
    /// A second factor of a kind the file accepts, shown to the identity provider at this moment.
    Provider(Timestamp),
    /// A live address trust that covers this person here; judged again at every request.
    Address(RecordId),
}

impl Login {
    /// Goes on from a right first factor. `stage` is what to ask if something is asked: a code where an app is linked, else enrolment.
    pub fn begin(begin: Begin<'_>, stage: impl FnOnce() -> Stage, hash: TokenHash, now: Timestamp) -> Step {
        let Begin { first, person, portal, return_to, asks_second_factor, waiver, address, agent } = begin;
        // A PIN without the device it was set on is six digits that somebody knows.
        if first == First::Pin && !matches!(waiver, Waiver::Device(_)) {
            return Step::Over(Over::Outdated);
        }
        let is_waived = waiver != Waiver::Nothing;
        // A passkey that its owner unlocked is both at once: the device they have, and the finger or PIN that is theirs.
        let passed = (first == First::Passkey).then_some(Passed { method: Method::Passkey, at: now });
        if asks_second_factor && !is_waived && passed.is_none() {
            return Step::Ask(Self {
                hash,
                person: person.id.clone(),
                portal: portal.to_owned(),
                return_to,
                first,
                first_factor_at: now,
                ends_at: now.after(minutes(LOGIN_MINUTES)),
                stage: stage(),
                wrong_codes: 0,
                ahead: None,
                sent: None,
                credential: person.credential,
                address,
                agent: agent.to_owned(),
                replaces: None,
            });
        }
        let (device, passed) = match waiver {
            Waiver::Device(id) => (Some(id), passed),
            Waiver::Provider(at) => (None, Some(Passed { method: Method::Provider, at })),
            Waiver::Nothing | Waiver::Address(_) => (None, passed),
        };
        Step::Finish(Grant {
            person: person.id.clone(),
            portal: portal.to_owned(),
            return_to,
            first,
            first_factor_at: now,
            passed,
            device,
            credential: person.credential,
            address,
            agent: agent.to_owned(),
            replaces: None,
            home: None,
        })
    }

    /// Ends it no later than `moment`: what it began from was good until then.
    #[must_use]
    pub fn ends_by(mut self, moment: Timestamp) -> Self {
        self.ends_at = self.ends_at.min(moment);
        self
    }

    /// Asks somebody who is signed in for a second factor, or to link another app.
    pub fn strengthen(
        session: &Session,
        return_to: ReturnTo,
        stage: Stage,
        hash: TokenHash,
        address: IpAddr,
        now: Timestamp,
    ) -> Self {
        Self {
            hash,
            person: session.person.clone(),
            portal: session.portal.clone(),
            return_to,
            first: session.first,
            first_factor_at: session.opened_at,
            ends_at: now.after(minutes(LOGIN_MINUTES)),
            stage,
            wrong_codes: 0,
            ahead: None,
            sent: None,
            credential: session.credential,
            address,
            agent: session.agent.clone(),
            replaces: Some(session.hash),
        }
    }

    /// Whether it can still go on at `now` for the person as the directory knows them now.
    ///
    /// # Errors
    /// Why it is over.
    pub fn check(&self, person: &Person, now: Timestamp) -> Result<(), Over> {
        if now >= self.ends_at {
            return Err(Over::Expired);
        }
        if person.is_barred() || person.credential != self.credential {
            return Err(Over::Outdated);
        }
        if self.wrong_codes >= TRIES_PER_LOGIN {
            return Err(Over::TooManyTries);
        }
        Ok(())
    }

    /// Takes out of a verdict what would help a guesser: that a code will be right in some minutes is told only after a
    /// second, later code says the same. A visitor whose phone is ahead types two of them; who guesses does not. That a
    /// code was right some minutes ago may be told at once: it never will be again.
    #[must_use]
    pub fn discreet(&mut self, verdict: CodeVerdict) -> CodeVerdict {
        let CodeVerdict::ClockOff { minutes, step } = verdict else {
            return verdict;
        };
        if minutes < 0 {
            return verdict;
        }
        let before = self.ahead.replace(Ahead { minutes, step });
        let agrees = |before: Ahead| step > before.step && minutes.abs_diff(before.minutes) <= 1;
        if before.is_some_and(agrees) { verdict } else { CodeVerdict::Wrong }
    }

    /// A break-glass code was right. It lets nobody in: an app or passkey is linked instead of what is lost, and that finishes
    /// the sign-in. Only one that began with a first factor takes it; `None` for any other.
    pub fn after_glass(mut self, key: TotpKey, hash: TokenHash) -> Option<Self> {
        if self.stage != Stage::Code || self.replaces.is_some() {
            return None;
        }
        self.stage = Stage::Enrol { key, proof: Proof::AppAfterGlass };
        self.sent = None;
        self.hash = hash;
        Some(self)
    }

    /// Takes the answer to a code. `hash` is the token for the next state, if there is one.
    pub fn answer(mut self, verdict: &CodeVerdict, hash: TokenHash, now: Timestamp) -> Step {
        match verdict {
            CodeVerdict::Right { method } if self.stage.awaits(*method) => self.finish(*method, now),
            // Right, but not what this stage waits for: nothing moves.
            CodeVerdict::Right { .. } => Step::Ask(self),
            CodeVerdict::Malformed | CodeVerdict::Lapsed => Step::Ask(self),
            CodeVerdict::AlreadyUsed | CodeVerdict::ClockOff { .. } | CodeVerdict::Wrong => {
                self.wrong_codes += 1;
                if self.wrong_codes >= TRIES_PER_LOGIN {
                    return Step::Over(Over::TooManyTries);
                }
                self.hash = hash;
                Step::Ask(self)
            }
        }
    }

    /// Takes the answer to an app or passkey that is being linked: the verdict on it and, where a code was sent, on that.
    /// Two wrong codes in one form are one wrong answer.
    pub fn answer_enrolment(
        self,
        app: &CodeVerdict,
        sent: &CodeVerdict,
        hash: TokenHash,
        now: Timestamp,
    ) -> Step {
        let is_right = |verdict: &CodeVerdict| matches!(verdict, CodeVerdict::Right { .. });
        match (&self.stage, app) {
            (Stage::Enrol { proof: Proof::AppAndSent, .. }, _) if !is_right(sent) => {
                self.answer(sent, hash, now)
            }
            (
                Stage::Enrol { .. },
                CodeVerdict::Right { method: method @ (Method::Totp | Method::Passkey) },
            ) => self.finish(*method, now),
            (Stage::Enrol { .. }, _) => self.answer(app, hash, now),
            (Stage::Code | Stage::Contact, _) => Step::Ask(self),
        }
    }

    /// A grant for what was passed.
    fn finish(self, method: Method, now: Timestamp) -> Step {
        Step::Finish(Grant {
            person: self.person,
            portal: self.portal,
            return_to: self.return_to,
            first: self.first,
            first_factor_at: self.first_factor_at,
            passed: Some(Passed { method, at: now }),
            device: None,
            credential: self.credential,
            address: self.address,
            agent: self.agent,
            replaces: self.replaces,
            home: None,
        })
    }

    /// Tries left before it is over.
    pub fn tries_left(&self) -> u32 {
        TRIES_PER_LOGIN.saturating_sub(self.wrong_codes)
    }
}

/// A finished sign-in: the only thing that opens a session. Made here alone, used up by `Session::open`.
pub struct Grant {
    person: UserId,
    portal: String,
    return_to: ReturnTo,
    first: First,
    first_factor_at: Timestamp,
    passed: Option<Passed>,
    device: Option<RecordId>,
    credential: CredentialMark,
    address: IpAddr,
    agent: String,
    replaces: Option<TokenHash>,
    home: Option<Home>,
}

impl Grant {
    /// The session it was handed over from, if it was.
    pub(super) fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// Who.
    pub fn person(&self) -> &UserId {
        &self.person
    }

    /// At which portal.
    pub fn portal(&self) -> &str {
        &self.portal
    }

    /// Where to go now.
    pub fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// What it began with.
    pub fn first(&self) -> First {
        self.first
    }

    /// When the first factor was passed.
    pub fn first_factor_at(&self) -> Timestamp {
        self.first_factor_at
    }

    /// The second factor that was really passed; trust is granted on nothing less.
    pub fn passed(&self) -> Option<Passed> {
        self.passed
    }

    /// The trusted device that waives the second factor.
    pub fn device(&self) -> Option<&RecordId> {
        self.device.as_ref()
    }

    /// Ties the session to a device trust granted with this very sign-in.
    pub fn remember_device(&mut self, id: RecordId) {
        self.device = Some(id);
    }

    /// The password that was right.
    pub fn credential(&self) -> &CredentialMark {
        &self.credential
    }

    /// From where.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// With what.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// The session this one takes over from.
    pub fn replaces(&self) -> Option<&TokenHash> {
        self.replaces.as_ref()
    }

    /// Whether a method of ours other than a recovery code was passed: a recovery code gets people in, it does not earn trust,
    /// and neither does what somebody else asked for.
    pub fn earns_trust(&self) -> bool {
        self.passed.is_some_and(|passed| !matches!(passed.method, Method::Recovery | Method::Provider))
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({} at {})", self.person, self.portal)
    }
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
