//! A session: somebody signed in, at one portal, until it ends.

use std::{net::IpAddr, time::Duration};

use super::{
    factor::Method,
    identity::{CredentialMark, UserId},
    login::{First, Grant, Home},
    time::Timestamp,
    token::{RecordId, TokenHash},
};

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSpans {
    /// Ends a session that nobody uses.
    pub idle: Duration,
    /// Ends every session, however much it is used.
    pub lifetime: Duration,
}

/// A second factor somebody passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which.
    pub method: Method,
    /// When.
    pub at: Timestamp,
}

/// One row of the session table. Opened only from a [`Grant`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Hash of the value in the browser's cookie.
    pub hash: TokenHash,
    /// Names the session in lists; not a secret.
    pub id: RecordId,
    /// Who.
    pub person: UserId,
    /// Where: a session is good at one portal only.
    pub portal: String,
    /// What the sign-in began with.
    pub first: First,
    /// When the first factor was passed.
    pub opened_at: Timestamp,
    /// When it was last used, as far as the store knows.
    pub last_seen: Timestamp,
    /// When it ends, whatever happens.
    pub ends_at: Timestamp,
    /// How long it may lie unused.
    pub idle: Duration,
    /// The second factor passed in this session, if any.
    pub passed: Option<Passed>,
    /// The trusted device it was opened on: while that trust lives it waives the second factor here.
    pub device: Option<RecordId>,
    /// The password it was opened under.
    pub credential: CredentialMark,
    /// From where.
    pub address: IpAddr,
    /// With what.
    pub agent: String,
    /// The session at another portal that this sign-in was handed over from: this one ends with it.
    pub handed_from: Option<RecordId>,
}

impl Session {
    /// Opens a session. The grant is used up: one finished sign-in, one session.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a grant taken by reference could open a second session"
    )]
    pub fn open(grant: Grant, hash: TokenHash, id: RecordId, spans: SessionSpans, now: Timestamp) -> Self {
        let opened_at = grant.first_factor_at();
        let home = grant.home().cloned();
        let ends_at = opened_at.after(spans.lifetime);
        let ends_at = home.as_ref().map_or(ends_at, |home| ends_at.min(home.ends_at));
        let (address, agent) = (grant.address(), grant.agent().to_owned());
        Self {
            hash,
            id,
            person: grant.person().clone(),
            portal: grant.portal().to_owned(),
            first: grant.first(),
            opened_at,
            last_seen: now,
            ends_at,
            idle: spans.idle,
            passed: grant.passed(),
            device: grant.device().cloned(),
            credential: *grant.credential(),
            address,
            agent,
            handed_from: home.map(|home| home.id),
        }
    }

    /// Ties it to the session that the one before it was handed over from: a stronger sign-in at the same portal is still
    /// part of the same one.
    #[must_use]
    pub fn tied_to(mut self, home: &Self) -> Self {
        let Home { id, ends_at } = Home::of(home);
        self.ends_at = self.ends_at.min(ends_at);
        self.handed_from = Some(id);
        self
    }

    /// Whether it stands on nothing but a PIN, which is worth something on its device only: it ends with the trust in that.
    pub fn leans_on_device(&self) -> bool {
        self.first == First::Pin && self.passed.is_none()
    }

    /// Whether it is good at `now`, last used at `last_seen`, for a present password with this mark.
    pub fn is_live(&self, last_seen: Timestamp, now: Timestamp, credential: &CredentialMark) -> bool {
        now < self.ends_at && now < last_seen.after(self.idle) && self.credential == *credential
    }
}
