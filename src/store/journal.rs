//! Port for what happened: written as it happens, read by who it is about, filtered and counted by administrators.

use async_trait::async_trait;

use super::Stored;
use crate::domain::{
    audit::{AuditEvent, AuditKind, AuditOutcome},
    identity::UserId,
    time::Timestamp,
};

/// What happened, for the account page and for administrators.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Adds events, in order.
    async fn record(&self, events: &[AuditEvent]) -> Stored<()>;
    /// A person's events, newest first, at most `limit`.
    async fn history(&self, person: &UserId, limit: usize) -> Stored<Vec<AuditEvent>>;
    /// Events that fit a query, newest first, each with its number.
    async fn search_events(&self, query: &EventQuery) -> Stored<Vec<(u64, AuditEvent)>>;
    /// How often each of `kinds` was recorded since a moment, by day, outcome and factor, in that order.
    async fn count_days(&self, kinds: &[AuditKind], since: Timestamp) -> Stored<Vec<DayCount>>;
}

/// Which events are asked for. Everything that is named must hold.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct EventQuery {
    /// About one of these, each not before a moment; `None`: about anybody, or nobody.
    pub people: Option<Vec<(UserId, Timestamp)>>,
    /// Of this kind.
    pub kind: Option<AuditKind>,
    /// That ended so.
    pub outcome: Option<AuditOutcome>,
    /// At this portal.
    pub portal: Option<String>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Recorded before the event with this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// How often something was recorded on one day.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DayCount {
    /// Days since 1970-01-01, in UTC.
    pub day: i64,
    /// What.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The factor it was about.
    pub factor: Option<String>,
    /// How often.
    pub count: u64,
}
