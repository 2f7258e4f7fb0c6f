//! Handing a sign-in over from the portal that holds it to another one, in the same browser.
//!
//! The other portal gave the browser a secret and told only its hash; what comes back is good once, for a minute, for that
//! secret and that portal. The session that is opened is never better than the one it comes from.

use std::net::IpAddr;

use super::Grant;
use crate::domain::{
    facts::ReturnTo,
    session::Session,
    time::{Timestamp, minutes},
    token::{RecordId, TokenHash},
};

/// Minutes a code waits to be redeemed.
const MINUTES: u64 = 1;

/// What a code stands for: whoever shows it must hold the secret, at that portal, in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandOver {
    /// The hash of the secret that the other portal gave the browser.
    pub challenge: TokenHash,
    /// The other portal.
    pub portal: String,
    /// When the code was made.
    pub made_at: Timestamp,
}

/// Why a code opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotHandedOver {
    /// There is none like it: never made, or used.
    Unknown,
    /// This browser did not ask for it.
    OtherBrowser,
    /// It was made for another portal.
    OtherPortal,
    /// Its minute is over.
    Expired,
    /// The session it comes from has ended, or its person may not sign in any more.
    Ended,
    /// The portal does not sign people in the way the session began.
    OtherWay,
    /// The session stands on a PIN, which is good on its own host only.
    PinOnly,
}

impl NotHandedOver {
    /// For the audit log.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Unknown => "no such code, or it was used",
            Self::OtherBrowser => "another browser asked for it",
            Self::OtherPortal => "it was made for another portal",
            Self::Expired => "its minute was over",
            Self::Ended => "the sign-in it came from has ended",
            Self::OtherWay => "the portal signs nobody in that way",
            Self::PinOnly => "the sign-in stands on a PIN alone",
        }
    }
}

impl HandOver {
    /// Whether it is redeemed where and by whom it was made for, in time.
    ///
    /// # Errors
    /// Why not.
    pub fn check(
        &self,
        challenge: Option<&TokenHash>,
        portal: &str,
        now: Timestamp,
    ) -> Result<(), NotHandedOver> {
        if challenge != Some(&self.challenge) {
            return Err(NotHandedOver::OtherBrowser);
        }
        if self.portal != portal {
            return Err(NotHandedOver::OtherPortal);
        }
        if now >= self.ends_at() {
            return Err(NotHandedOver::Expired);
        }
        Ok(())
    }

    /// When its minute is over.
    pub fn ends_at(&self) -> Timestamp {
        self.made_at.after(minutes(MINUTES))
    }
}

/// The session that a sign-in was handed over from, and what it sets a limit to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Home {
    pub id: RecordId,
    pub ends_at: Timestamp,
}

impl Home {
    /// The session at home itself.
    pub(in crate::domain) fn of(home: &Session) -> Self {
        Self { id: home.id.clone(), ends_at: home.ends_at }
    }
}

impl Grant {
    /// The sign-in of the live session `home`, for another portal: the same factors, shown when they were shown, and over
    /// no later. None for what may not be handed on: a session that was itself handed over, or stands on a PIN alone.
    ///
    /// # Errors
    /// Why not.
    pub fn handed_over(
        home: &Session,
        portal: &str,
        return_to: ReturnTo,
        address: IpAddr,
        agent: &str,
    ) -> Result<Self, NotHandedOver> {
        if home.leans_on_device() {
            return Err(NotHandedOver::PinOnly);
        }
        if home.handed_from.is_some() || home.portal == portal {
            return Err(NotHandedOver::OtherPortal);
        }
        Ok(Self {
            person: home.person.clone(),
            portal: portal.to_owned(),
            return_to,
            first: home.first,
            first_factor_at: home.opened_at,
            passed: home.passed,
            device: home.device.clone(),
            credential: home.credential,
            address,
            agent: agent.to_owned(),
            replaces: None,
            home: Some(Home::of(home)),
        })
    }
}
