//! On the way to an identity provider, and what may go wrong with it.

use askama::Template;

use super::Frame;

/// A provider to sign in with.
#[derive(Clone, Debug)]
pub struct ProviderButton {
    /// What the form says.
    pub name: String,
    /// What the visitor calls it.
    pub title: String,
}

/// Leads on to the provider by itself, or by its button.
#[derive(Clone, Debug, Template)]
#[template(path = "provider_going.html")]
pub struct ProviderGoing {
    /// What all pages share.
    pub frame: Frame,
    /// What the visitor calls it.
    pub provider: String,
    /// Where it leads.
    pub url: String,
}

/// The provider did not get the visitor in: what happened, and what else to do.
#[derive(Clone, Debug, Template)]
#[template(path = "provider_problem.html")]
pub struct ProviderProblem {
    /// What all pages share.
    pub frame: Frame,
    /// What happened.
    pub kind: ProviderTrouble,
    /// What the visitor calls the provider; empty where it is not known.
    pub provider: String,
    /// Whether an account was to be linked.
    pub is_linking: bool,
    /// Where to go on.
    pub onward: String,
}

/// What may go wrong with a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProviderTrouble {
    /// Nobody waits for this answer: it is late, used, or of another browser.
    Lost,
    /// The visitor did not sign in there.
    Cancelled,
    /// It does not answer.
    Unreachable,
    /// Its answer proves nothing.
    Refused,
    /// The account there is nobody's here.
    Unknown,
    /// The account there is somebody else's here.
    Taken,
}

impl ProviderTrouble {
    /// The keys of the title, of what happened, and of what to do next.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lost => ("provider-lost-title", "provider-lost-what", "provider-lost-next"),
            Self::Cancelled => {
                ("provider-cancelled-title", "provider-cancelled-what", "provider-cancelled-next")
            }
            Self::Unreachable => ("provider-down-title", "provider-down-what", "provider-down-next"),
            Self::Refused => ("provider-refused-title", "provider-refused-what", "provider-refused-next"),
            Self::Unknown => ("provider-unknown-title", "provider-unknown-what", "provider-unknown-next"),
            Self::Taken => ("provider-taken-title", "provider-taken-what", "provider-taken-next"),
        }
    }
}
