//! Without the feature `passkey`: no host has passkeys, so nothing else here is ever asked.

use super::{Ceremony, Proven, Refusal, Registered, Registrant};
use crate::domain::factor::Passkey;

/// Never there.
#[derive(Debug)]
pub enum RelyingParty {}

/// Never kept.
#[derive(Debug)]
pub enum State {}

impl RelyingParty {
    /// No host has passkeys.
    pub fn at(_authority: &str, _title: &str) -> Option<Self> {
        None
    }

    /// The host.
    pub fn host(&self) -> &str {
        match *self {}
    }

    /// As with the feature.
    pub fn ask_new(&self, _who: &Registrant<'_>, _known: &[Passkey]) -> Option<(String, Ceremony)> {
        match *self {}
    }

    /// As with the feature.
    pub fn ask_owner(&self, _passkeys: &[Passkey]) -> Option<(String, Ceremony)> {
        match *self {}
    }

    /// As with the feature.
    pub fn ask_anybody(&self) -> Option<(String, Ceremony)> {
        match *self {}
    }

    /// As with the feature.
    ///
    /// # Errors
    /// Never there.
    pub fn register(&self, _ceremony: &Ceremony, _answer: &str) -> Result<Registered, Refusal> {
        match *self {}
    }

    /// As with the feature.
    pub fn credential_id(&self, _answer: &str) -> Option<Vec<u8>> {
        match *self {}
    }

    /// As with the feature.
    ///
    /// # Errors
    /// Never there.
    pub fn prove(&self, _ceremony: Ceremony, _answer: &str, _passkey: &Passkey) -> Result<Proven, Refusal> {
        match *self {}
    }
}
