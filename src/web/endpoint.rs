//! Every address the gateway answers itself, as one enum.

use super::{admin::Place, authenticator::Piece};
use crate::domain::path::NormalPath;

/// One of our own addresses, on every portal's own origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// `login`: name and password.
    Login,
    /// `unlock`: a PIN or passkey on a remembered device.
    Unlock,
    /// `pin`: setting that PIN.
    Pin,
    /// `help`: asking administrators for a reset of the second factor.
    Help,
    /// `password`: changing one's own.
    Password,
    /// `invitation`: setting a password with a link that was mailed.
    Invitation,
    /// `link`: a sign-in link that was mailed, and the page that waits for it.
    Link,
    /// `second-factor`: a code.
    SecondFactor,
    /// `enrol`: linking an app.
    Enrol,
    /// `contact`: naming an address or number.
    Contact,
    /// `passkey`: what the script asks an authenticator.
    Passkey,
    /// `logout`: here or everywhere.
    Logout,
    /// `not-me`: what a link in a notice opens.
    NotMe,
    /// `provider`: on the way to an identity provider.
    Provider,
    /// `provider/callback`: on the way back.
    ProviderCallback,
    /// The prefix itself: the portals there are for a visitor.
    Portals,
    /// `hand-over`: at the portal that holds the sign-in, for another one.
    HandOver,
    /// `hand-over/arrive`: at the other one.
    HandOverArrival,
    /// `access`: asking administrators for what the rules refuse.
    Access,
    /// `resend`: the form that waited for a sign-in.
    Resend,
    /// `accounts`: those that are signed in in this browser.
    Accounts,
    /// `admin`, `admin/…`: what administrators do for others.
    Admin(Place),
    /// `account`: what visitors manage themselves.
    Account,
    /// `authenticator`, `authenticator/…`: the page that makes codes, and what makes it work without a network.
    Authenticator(Piece),
    /// `authenticator/pairing`: a page asks for a pairing number.
    Pairing,
    /// `authenticator/pairing/state`: it asks what became of it.
    PairingState,
    /// `authenticator/question`: it asks for a question to sign.
    Question,
    /// `authenticator/requests`: it asks what waits for its answer.
    Requests,
    /// `authenticator/answer`: it answers.
    PageAnswer,
    /// `manifest.webmanifest`: the portal as an app that can be installed.
    Manifest,
    /// `language`: another language.
    Language,
    /// `badge`: the picture that a badge loads when it is closed.
    Badge,
    /// `assets/…`: style, script, logo.
    Asset(String),
    /// `/.well-known/change-password` (W3C): leads to where passwords are changed, or to the account page where none is.
    ChangePassword,
    /// Under our prefix, but nothing of ours: 404, and never the upstream's.
    Unknown,
}

impl Endpoint {
    /// What a portal with no server behind it shows at `path`: the portals at its first address, and nothing elsewhere.
    pub fn of_bare_portal(path: &NormalPath) -> Self {
        if !path.is_odd() && path.as_str() == "/" { Self::Portals } else { Self::Unknown }
    }

    /// Which of our addresses `path` is. Any reading under the prefix is ours, so that none of it reaches an upstream.
    pub fn place(prefix: &str, path: &NormalPath) -> Option<Self> {
        let own: Vec<&str> = prefix.trim_matches('/').split('/').collect();
        let is_ours = |segments: &[String]| {
            segments.len() >= own.len()
                && segments.iter().zip(&own).all(|(segment, own)| segment.eq_ignore_ascii_case(own))
        };
        if !path.is_odd() && path.as_str() == "/.well-known/change-password" {
            return Some(Self::ChangePassword);
        }
        if !path.readings().iter().any(|reading| is_ours(&reading.segments)) {
            return None;
        }
        let Some(name) = path.as_str().strip_prefix(prefix).filter(|_| !path.is_odd()) else {
            return Some(Self::Unknown);
        };
        Some(match name {
            "" => Self::Portals,
            "login" => Self::Login,
            "unlock" => Self::Unlock,
            "pin" => Self::Pin,
            "help" => Self::Help,
            "password" => Self::Password,
            "invitation" => Self::Invitation,
            "link" => Self::Link,
            "second-factor" => Self::SecondFactor,
            "enrol" => Self::Enrol,
            "contact" => Self::Contact,
            "passkey" => Self::Passkey,
            "logout" => Self::Logout,
            "not-me" => Self::NotMe,
            "provider" => Self::Provider,
            "provider/callback" => Self::ProviderCallback,
            "hand-over" => Self::HandOver,
            "hand-over/arrive" => Self::HandOverArrival,
            "access" => Self::Access,
            "resend" => Self::Resend,
            "accounts" => Self::Accounts,
            "account" => Self::Account,
            "authenticator" => Self::Authenticator(Piece::Page),
            "authenticator/manifest.webmanifest" => Self::Authenticator(Piece::Manifest),
            "authenticator/worker.js" => Self::Authenticator(Piece::Worker),
            "authenticator/pairing" => Self::Pairing,
            "authenticator/pairing/state" => Self::PairingState,
            "authenticator/question" => Self::Question,
            "authenticator/requests" => Self::Requests,
            "authenticator/answer" => Self::PageAnswer,
            "manifest.webmanifest" => Self::Manifest,
            "language" => Self::Language,
            "badge" => Self::Badge,
            _ => match name.strip_prefix("assets/") {
                Some(asset) if !asset.contains('/') => Self::Asset(asset.to_owned()),
                _ => Place::of(name).map_or(Self::Unknown, Self::Admin),
            },
        })
    }
}
