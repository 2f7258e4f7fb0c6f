//! What visitors ask of administrators: a way back in without the app, or access to a portal.
//!
//! A request opens nothing. It waits for an administrator, who sees who asked, from where and when, and answers with a reason.

use super::{
    identity::UserId,
    time::Timestamp,
    token::{Entropy, RecordId},
};
use std::net::IpAddr;

/// For how many days a request waits for an answer.
pub const HELP_DAYS: u64 = 14;
/// Letters and digits of a reference; none that look alike, so that it can be read out over the telephone.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// What a visitor asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wish {
    /// A reset of the second factor: no app, no recovery code.
    SecondFactor,
    /// Access to what the rules refuse.
    Access {
        /// The path that was refused, without its query.
        path: String,
    },
}

impl Wish {
    /// The word in the store and in logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::Access { .. } => "access",
        }
    }
}

/// What an administrator answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelpAnswer {
    /// Whether what was asked for was done.
    pub granted: bool,
    /// Who answered.
    pub by: String,
    /// Why, in their own words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A request for help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelpRequest {
    /// Its id.
    pub id: RecordId,
    /// What the visitor is told and reads out: `K7M4-2QXP`. Names the request, opens nothing.
    pub reference: String,
    /// Who asks; their first factor was right.
    pub person: UserId,
    /// At which portal.
    pub portal: String,
    /// What for.
    pub wish: Wish,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it is forgotten.
    pub ends_at: Timestamp,
    /// What was answered; `None` while it is open.
    pub answer: Option<HelpAnswer>,
}

impl HelpRequest {
    /// Whether it waits for an answer at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.answer.is_none() && now < self.ends_at
    }
}

/// A fresh reference: 40 bits, as two groups of four.
pub fn draw_reference(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    let mut letters = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let first: String = letters.by_ref().take(4).collect();
    let second: String = letters.collect();
    format!("{first}-{second}")
}
