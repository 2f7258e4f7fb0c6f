//! `[[portal]]`: names, hosts, how its pages look, the server behind it and what that is told.

use std::{path::PathBuf, time::Duration};

use http::{HeaderName, HeaderValue, Uri};

use super::SupportContact;
use crate::{
    config::brand::Brand,
    domain::{
        facts::{Host, ReturnTo},
        identity::Person,
    },
};

/// `[[portal]]`.
#[derive(Clone, Debug)]
pub struct PortalSettings {
    /// Its name in rules, logs and commands.
    pub name: String,
    /// What visitors call it.
    pub title: String,
    /// What authenticator apps call it.
    pub issuer: String,
    /// The hosts it answers to.
    pub hosts: Vec<Host>,
    /// The server behind it; without one, only our own pages answer.
    pub upstream: Option<UpstreamSettings>,
    /// Which identity headers it receives.
    pub identity: IdentityHeaders,
    /// Its own help contact, else that of `[pages]`.
    pub support: Option<SupportContact>,
    /// How a sign-in begins; never empty.
    pub sign_in: Vec<SignIn>,
    /// Its own logo and colour, else those of `[pages]`.
    pub brand: Brand,
    /// What strangers read at its first page instead of being sent to the sign-in, if they are to read anything.
    pub landing: Option<Landing>,
    /// Whether its own pages get a badge that says who is signed in.
    pub badge: bool,
    /// Where a sign-in leads that came from nowhere else.
    pub start: ReturnTo,
}

/// The page for strangers at a portal's first address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Landing {
    /// A few words of welcome.
    pub welcome: Option<String>,
}

impl PortalSettings {
    /// Whether a sign-in may begin like this here.
    pub fn begins_with(&self, way: SignIn) -> bool {
        self.sign_in.contains(&way)
    }
}

/// `[single_sign_on]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SingleSignOn {
    /// The portal where people sign in.
    pub home: String,
    /// The portals that take the sign-in over; `None` for all others.
    pub portals: Option<Vec<String>>,
}

impl SingleSignOn {
    /// Whether the portal called `name` takes the sign-in over.
    pub fn is_taken_over_at(&self, name: &str) -> bool {
        let is_listed = self.portals.as_ref().is_none_or(|names| names.iter().any(|listed| listed == name));
        is_listed && name != self.home
    }
}

/// A way to begin a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignIn {
    /// Name and password.
    Password,
    /// A link by mail.
    Link,
}

/// The server behind a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSettings {
    /// `http://host:port` or `https://host:port`, without path.
    pub url: Uri,
    /// Host header sent: the visitor's, or the upstream's own name.
    pub host: UpstreamHost,
    /// PEM bundle to trust besides the system's, for `https`.
    pub ca: Option<PathBuf>,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for the response head.
    pub response_timeout: Duration,
    /// Longest silence within a body, in either direction, and within an idle tunnel.
    pub idle_timeout: Duration,
}

/// Which Host header the upstream sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpstreamHost {
    /// The one the visitor sent.
    Preserve,
    /// The one of the upstream's URL.
    Upstream,
}

/// Names of the identity headers; `None` switches one off. Each is stripped from visitors' requests either way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders {
    /// The person's name.
    pub user: Option<HeaderName>,
    /// What people call them.
    pub name: Option<HeaderName>,
    /// Mail address.
    pub email: Option<HeaderName>,
    /// Groups, comma-separated.
    pub groups: Option<HeaderName>,
}

/// Why a person cannot be named to a portal. What cannot be said exactly is not said otherwise: without identity nothing is
/// forwarded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unsayable {
    /// The upstream would see nobody.
    #[error("the person has no name to tell the upstream")]
    NoName,
    /// The upstream would read one group as two.
    #[error("group \"{0}\" has a comma in its name")]
    GroupWithComma(String),
    /// A control character: a line break would start another header.
    #[error("{0} cannot be written in a header")]
    Unwritable(HeaderName),
}

impl IdentityHeaders {
    /// Each header that is switched on and has something to say of `person`, with its value: what an upstream is sent, and
    /// what `explain` shows. Letters beyond ASCII travel as their UTF-8 bytes.
    ///
    /// # Errors
    /// [`Unsayable`]: then nothing at all may be said of this person.
    pub fn of<'a>(
        &'a self,
        person: &Person,
    ) -> Result<impl Iterator<Item = (&'a HeaderName, HeaderValue)> + use<'a>, Unsayable> {
        if self.user.is_some() && person.name.is_empty() {
            return Err(Unsayable::NoName);
        }
        let groups = match &self.groups {
            None => String::new(),
            Some(_) => match person.groups.iter().find(|group| group.contains(',')) {
                Some(group) => return Err(Unsayable::GroupWithComma(group.clone())),
                None => person.groups.join(","),
            },
        };
        let said = [
            value(self.user.as_ref(), &person.name)?,
            value(self.name.as_ref(), &person.display_name)?,
            value(self.email.as_ref(), person.email.as_deref().unwrap_or_default())?,
            value(self.groups.as_ref(), &groups)?,
        ];
        Ok(said.into_iter().flatten())
    }
}

/// A header's value, if the header is switched on and there is something to say.
fn value<'a>(
    header: Option<&'a HeaderName>,
    text: &str,
) -> Result<Option<(&'a HeaderName, HeaderValue)>, Unsayable> {
    let Some(header) = header.filter(|_| !text.is_empty()) else { return Ok(None) };
    let value = HeaderValue::from_bytes(text.as_bytes());
    value.map(|value| Some((header, value))).map_err(|_| Unsayable::Unwritable(header.clone()))
}
