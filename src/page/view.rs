//! Typed page models: one struct per page with everything it shows, and a `render` that returns its HTML.
//!
//! `web` fills them in. Every value is escaped by the template; the only markup made here is drawn from numbers
//! ([`Qr`], [`Moment`]). What all pages share stands in [`Frame`].

mod access;
mod account;
mod accounts;
mod admin;
mod authenticator;
mod badge;
mod code;
mod contact;
mod enrol;
mod help;
mod invitation;
mod link;
mod login;
mod logout;
mod manifest;
mod moment;
mod not_me;
mod offer;
mod password;
mod portals;
mod problem;
mod provider;
mod qr;
mod recovery_codes;
mod resend;
mod second_factor;
mod unlock;

pub use access::{AskAccess, Asking};
pub use account::{
    Account, AccountError, AddressRow, ContactRow, DeviceRow, IdentityRow, MethodRow, Notice, Outcome,
    PasswordRow, SessionRow, SignInRow, Switch,
};
pub use accounts::{AccountRow, Accounts};
pub use admin::{
    AdminAsked, AdminAudit, AdminConfirm, AdminDesk, AdminDone, AdminError, AdminEventRow, AdminFilter,
    AdminForm, AdminFormKind, AdminGroup, AdminGroupRow, AdminGroups, AdminHelp, AdminHelpAnswer,
    AdminHelpRow, AdminImport, AdminImportReport, AdminImportRow, AdminImported, AdminInvited, AdminLetter,
    AdminLetterText, AdminMay, AdminOverview, AdminPeople, AdminPerson, AdminPersonRow, AdminPortalRow,
    AdminPortals, AdminRequest, AdminRequirement, AdminRoom, AdminSeries, AdminTrustRow, AdminTrusts,
};
pub use authenticator::Authenticator;
pub use badge::Badge;
pub use code::{
    AddressOffer, Again, ApprovalNote, CodeError, Lasting, Method, PasskeyOffer, Reach, SentNote, TrustOffer,
};
pub use contact::Contact;
pub use enrol::{Enrol, SecondChannel};
pub use help::AskReset;
pub use invitation::{InvitationSpent, PasswordSet, SetPassword};
pub use link::{AskedFor, Link, LinkCode, LinkError, LinkSent, LinkSpent, Opened};
pub use login::{Login, LoginError, Ways};
pub use logout::{Logout, SignedOut};
pub use manifest::portal_manifest;
pub use moment::Moment;
pub use not_me::{NotMe, NotMeDone, NotMeSpent};
pub use offer::OfferApp;
pub use password::{ChangePassword, PasswordError, PasswordKeeper, PasswordLength};
pub use portals::{HandingOver, Landing, PortalRow, Portals};
pub use problem::{Problem, ProblemKind};
pub use provider::{ProviderButton, ProviderGoing, ProviderProblem, ProviderTrouble};
pub use qr::Qr;
pub use recovery_codes::RecoveryCodes;
pub use resend::{NotKept, NotReceived, Resend, ResendNothing, SentContent, SentField, SentValue};
pub use second_factor::SecondFactor;
pub use unlock::{PinError, PinState, SetPin, Unlock, UnlockError};

use std::time::Duration;

use fluent_bundle::FluentValue;

use super::assets;
use super::i18n::{Language, Words};
use super::look::Look;
use crate::{config::settings::SupportContact, domain::time::Timestamp};

/// What every page shares.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The words of the visitor's language.
    pub words: Words,
    /// Where our own pages live, with both slashes: `/.vestibule/`.
    pub prefix: String,
    /// The portal's title, or the host's name where there is no portal.
    pub portal_title: String,
    /// Whose sign-in this is: the name shown beside the logo and in the visitor's code app.
    pub issuer: String,
    /// The portal's own logo and colours.
    pub look: Look,
    /// Whether the administrators' pages are here and this is one of them.
    pub administers: bool,
    /// Whether there are several portals to choose from.
    pub has_portals: bool,
    /// The host the visitor sees in the address bar.
    pub host: String,
    /// Where to ask for help.
    pub support: Option<Support>,
    /// This page's own path and query (the deep link included), for coming back after a switch of language.
    pub own_path: String,
    /// Whether a switch of language can be followed: where no portal is, none of our pages is either.
    pub switches_language: bool,
    /// The token every form carries.
    pub csrf: String,
    /// Who is signed in, if somebody is.
    pub signed_in_as: Option<String>,
    /// The present moment, for "23 days left".
    pub now: Timestamp,
}

/// Where to ask for help.
#[derive(Clone, Debug)]
pub struct Support {
    /// What the link says: `Service desk`, `help@example.com`.
    pub label: String,
    /// Where it leads: `https:`, `mailto:` or `tel:`.
    pub url: String,
}

impl From<&SupportContact> for Support {
    fn from(contact: &SupportContact) -> Self {
        Self { label: contact.label.clone(), url: contact.url.clone() }
    }
}

impl Support {
    /// Where it leads, as people read it.
    pub(in crate::page) fn plain(&self) -> &str {
        let url = self.url.as_str();
        url.strip_prefix("mailto:").or(url.strip_prefix("tel:")).unwrap_or(url)
    }
}

impl Frame {
    pub(crate) fn language(&self) -> Language {
        self.words.language()
    }

    pub(crate) fn other_languages(&self) -> impl Iterator<Item = Language> {
        let own = self.language();
        Language::all().into_iter().filter(move |&language| language != own)
    }

    pub(crate) fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The words under `key` with one value put in.
    pub(crate) fn with<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.words.with(key, &[(name, value.into())])
    }

    pub(crate) fn around(&self, key: &str, name: &str) -> (String, String) {
        self.words.around(key, name)
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        assets::url(&self.prefix, name)
    }

    pub(crate) fn style(&self) -> String {
        self.look.style(&self.prefix)
    }

    pub(crate) fn logo(&self) -> Option<String> {
        self.look.logo(&self.prefix)
    }

    /// A span of whole minutes in words: "30 days", "12 hours", "one minute".
    pub(crate) fn lasting(&self, span: Duration) -> String {
        let minutes = span.as_secs() / 60;
        match minutes {
            _ if minutes.is_multiple_of(24 * 60) => self.with("trust-span-days", "days", minutes / (24 * 60)),
            _ if minutes.is_multiple_of(60) => self.with("trust-span-hours", "hours", minutes / 60),
            _ => self.with("trust-span-minutes", "minutes", minutes),
        }
    }

    /// How long until `ends`, in the words of the page: days, or "today".
    pub(crate) fn left(&self, ends: Timestamp) -> String {
        let days = self.now.until(ends).as_secs() / 86_400;
        self.with("time-days-left", "days", days)
    }
}

/// A deep link as something to follow: a path on this origin, whatever was asked for.
///
/// `web` has judged it already; a link is where `javascript:` or `//elsewhere` would hurt, so the page looks once more.
pub(crate) fn followed(deep_link: &str) -> &str {
    let path = deep_link.starts_with('/')
        && !deep_link[1..].starts_with(['/', '\\'])
        && !deep_link.contains(|character: char| character.is_control() || character == '\\');
    if path { deep_link } else { "/" }
}

/// Gives each page its `render`.
macro_rules! rendered {
    ($($page:ty),+) => {$(
        impl $page {
            /// The page as HTML.
            pub fn render(&self) -> String {
                // Rendering into memory fails only when a `Display` does, and none of ours returns an error.
                askama::Template::render(self).unwrap_or_default()
            }
        }
    )+};
}
rendered!(Login, SecondFactor, Enrol, Contact, OfferApp, RecoveryCodes, Account, Logout, SignedOut, Problem);
rendered!(Link, LinkSent, LinkCode, LinkSpent);
rendered!(ProviderGoing, ProviderProblem);
rendered!(NotMe, NotMeDone, NotMeSpent);
rendered!(Resend, ResendNothing, NotReceived);
rendered!(Authenticator);
rendered!(Unlock, SetPin, ChangePassword);
rendered!(Accounts, AskAccess, AskReset);
rendered!(SetPassword, PasswordSet, InvitationSpent);
rendered!(HandingOver, Landing, Portals);
rendered!(AdminPeople, AdminPerson, AdminForm, AdminConfirm);
rendered!(AdminGroups, AdminGroup, AdminPortals, AdminTrusts);
rendered!(AdminLetter);
rendered!(AdminHelp, AdminRequest, AdminImport, AdminAudit, AdminOverview);
