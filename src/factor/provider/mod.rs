//! The word of an identity provider (OpenID Connect, authorization code flow with PKCE).
//!
//! [`Provider::depart`] says where to send the visitor, [`Provider::arrive`] judges what came back: the code is exchanged over a
//! connection of our own, and the token it buys is checked down to its last claim. Who that is to us is not known here: an
//! [`Account`] is somebody at the provider, and only the store says which person it belongs to.

#[cfg(feature = "oidc")]
mod http;
#[cfg(feature = "oidc")]
mod oidc;
#[cfg(test)]
#[cfg(feature = "oidc")]
pub(crate) mod tests;

#[cfg(feature = "oidc")]
pub use self::oidc::Provider;
use crate::{config::settings::ProviderSettings, domain::time::Timestamp};

/// Every provider of one reading of the file.
#[derive(Debug)]
pub struct Providers(Vec<Provider>);

/// Why a provider cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("provider \"{provider}\": {reason}")]
pub struct ProviderSetupFault {
    /// Which.
    pub provider: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Providers {
    /// Sets up all of them; none is asked anything yet.
    ///
    /// # Errors
    /// An authority cannot be read.
    pub fn build(settings: &[ProviderSettings]) -> Result<Self, ProviderSetupFault> {
        settings.iter().map(Provider::build).collect::<Result<_, _>>().map(Self)
    }

    /// The one called `name`.
    pub fn find(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings().name == name)
    }

    /// Those that are offered at a portal, in the order of the file.
    pub fn offered_at(&self, portal: &str) -> impl Iterator<Item = &Provider> {
        self.0.iter().filter(move |provider| provider.settings().is_offered_at(portal))
    }
}

/// What ties an answer to one browser and one departure. All of it is secret but what the provider is told.
#[derive(Clone)]
pub struct Tether {
    /// Comes back with the answer.
    pub state: String,
    /// Comes back inside the token.
    pub nonce: String,
    /// Proves that who exchanges the code is who asked for it (RFC 7636).
    pub verifier: String,
    /// Where the provider sends the visitor back to.
    pub back_to: String,
}

impl std::fmt::Debug for Tether {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tether(…)")
    }
}

/// Somebody at the provider, proven a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider's address.
    pub issuer: String,
    /// Who, in its own words: never given to anybody else.
    pub subject: String,
    /// What the person would know the account by: an address or a name.
    pub label: String,
    /// The address, if the provider says that it has verified it.
    pub verified_email: Option<String>,
    /// When a second factor was shown there, if one of the kinds the file accepts was.
    pub second_factor: Option<Timestamp>,
}

/// Why a provider did not help.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProviderFault {
    /// It is down, too slow, or says too much.
    #[error("the provider cannot be used: {0}")]
    Unreachable(String),
    /// What it answered proves nothing.
    #[error("the provider's answer is refused: {0}")]
    Refused(String),
}

/// Stands where a build has no providers: the file's check lets none through.
#[cfg(not(feature = "oidc"))]
#[derive(Debug)]
pub enum Provider {}

#[cfg(not(feature = "oidc"))]
#[expect(clippy::unused_async, reason = "these stand for what does wait")]
impl Provider {
    fn build(settings: &ProviderSettings) -> Result<Self, ProviderSetupFault> {
        let reason = "this vestibule was built without providers".to_owned();
        Err(ProviderSetupFault { provider: settings.name.clone(), reason })
    }

    /// What the file says of it.
    pub fn settings(&self) -> &ProviderSettings {
        match *self {}
    }

    /// Where to send the visitor.
    ///
    /// # Errors
    /// Never asked.
    pub async fn depart(&self, _: &Tether, _: &str, _: Timestamp) -> Result<String, ProviderFault> {
        match *self {}
    }

    /// Judges what came back.
    ///
    /// # Errors
    /// Never asked.
    pub async fn arrive(
        &self,
        _: Tether,
        _: String,
        _: Option<&str>,
        _: Timestamp,
    ) -> Result<Account, ProviderFault> {
        match *self {}
    }

    /// Whether an answer without a code names this very provider.
    ///
    /// # Errors
    /// Never asked.
    pub async fn is_from(&self, _: Option<&str>, _: Timestamp) -> bool {
        match *self {}
    }
}
