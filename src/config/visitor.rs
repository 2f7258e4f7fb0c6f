//! A visitor who is not there: whom `explain` and the file's own tests ask the rules about.
//!
//! The visitor has signed in with a password just now, has not shown a second factor, trusts at most the device, and has left
//! the own switch of an optional second factor off, unless the question says otherwise. Judging is `Policy::judge`, as for a real request.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use http::{Method, Uri};

use super::{check, problem::did_you_mean, settings::Settings};
use crate::domain::{
    factor,
    facts::Host,
    identity::{CredentialMark, Origin, Person, Requirement, UserId},
    path::{NormalPath, PathFault},
    policy::{Judgement, Level, Outcome, PortalIndex, Question},
    standing::{Known, Second, Standing},
    time::Timestamp,
    token::RecordId,
    trust::normalise,
};

/// Where a visitor comes from when nobody says: an address reserved for documentation (RFC 5737), in no network of yours.
pub(super) const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// When imagined visitors gave what they gave: ages count from here.
const SIGNED_IN: Timestamp = Timestamp::from_unix(0);

/// Whether the visitor's browser is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Device {
    /// It waives the second factor.
    Trusted,
    /// It says nothing.
    Unknown,
}

/// What is asked of the rules.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which page; see [`read_url`].
    pub url: Uri,
    /// Who, as they would type it; nobody if absent.
    pub user: Option<String>,
    /// Groups to assume instead of the person's own. With `user` absent or unknown, a visitor made up for the question.
    pub groups: Option<Vec<String>>,
    /// From where; somewhere on the internet if absent.
    pub ip: Option<IpAddr>,
    /// With which method.
    pub method: Method,
    /// On what.
    pub device: Device,
    /// Which second factor was shown, if one was.
    pub factor: Option<factor::Method>,
    /// How long ago the password and that second factor were given.
    pub age: Duration,
}

/// Why a question has no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The address names no host.
    #[error("\"{0}\" is not an address of a portal: write it in full, as in \"https://host/path\"")]
    Url(String),
    /// The gateway would answer 400.
    #[error("the gateway answers such an address with 400: {0}")]
    Path(#[from] PathFault),
    /// No directory knows the person.
    #[error("nobody of the file is called \"{name}\"{}", hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    User {
        /// As asked.
        name: String,
        /// Somebody with a similar name, or how to make somebody up.
        hint: Option<String>,
    },
}

/// Reads an address as people write it; without a scheme it is `https`.
///
/// # Errors
/// [`NoAnswer::Url`] if there is no host in it.
pub fn read_url(text: &str) -> Result<Uri, NoAnswer> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    full.parse::<Uri>()
        .ok()
        .filter(|uri| uri.host().and_then(Host::read).is_some())
        .ok_or_else(|| NoAnswer::Url(text.to_owned()))
}

/// Reads an age as people write it: "20m", "1h 30m".
///
/// # Errors
/// What is wrong with it, and how to write it.
pub fn read_age(text: &str) -> Result<Duration, String> {
    check::age(text)
}

/// A visitor at a page.
pub(super) struct Visitor {
    pub(super) host: Host,
    pub(super) path: NormalPath,
    pub(super) method: Method,
    pub(super) client: IpAddr,
    pub(super) standing: Standing,
    pub(super) now: Timestamp,
    /// Who it is about, even if disabled and therefore a stranger to the rules.
    pub(super) person: Option<Arc<Person>>,
}

impl Visitor {
    pub(super) fn imagine(settings: &Settings, asked: &Asked) -> Result<Self, NoAnswer> {
        let no_url = || NoAnswer::Url(asked.url.to_string());
        let host = asked.url.host().and_then(Host::read).ok_or_else(no_url)?;
        let path = NormalPath::read(asked.url.path_and_query().ok_or_else(no_url)?)?;
        let person = find_person(settings, asked)?;
        let standing = match &person {
            Some(person) if !person.is_barred() => Standing::Known(Known {
                person: person.clone(),
                second: match (asked.factor, asked.device) {
                    (Some(method), _) => Second::Passed { method, at: SIGNED_IN },
                    (None, Device::Trusted) => Second::TrustedDevice(RecordId::from_text("trusted")),
                    (None, Device::Unknown) => Second::Missing,
                },
                wants_second_factor: false,
                since: SIGNED_IN,
            }),
            _ => Standing::Stranger,
        };
        let client = normalise(asked.ip.unwrap_or(SOMEWHERE));
        let now = SIGNED_IN.after(asked.age);
        Ok(Self { host, path, method: asked.method.clone(), client, standing, now, person })
    }

    pub(super) fn question(&self, portal: PortalIndex) -> Question<'_> {
        Question { portal, method: &self.method, path: &self.path, client: self.client, now: self.now }
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.is_barred())
    }

    /// What is asked of this visitor in the end, in the words of the file.
    ///
    /// The level of the rule that decides, raised from `one_factor` to `two_factor` where a requirement asks for it.
    /// Nobody being signed in counts as being asked to sign in: then only the requirement on everybody can raise the
    /// level, and a rule about subjects counts as a sign-in, whatever it says of its subjects. A disabled person is
    /// denied whatever is not public. No rule, no portal and a portal switched off are `deny`.
    pub(super) fn level(&self, settings: &Settings, judgement: &Judgement) -> Level {
        match judgement.outcome {
            Outcome::Refuse(_) => Level::Deny,
            Outcome::AllowAnonymous | Outcome::AllowKnown => match &self.standing {
                Standing::Known(known) if known.second != Second::Missing => {
                    asked_without_trust(known, judgement.level)
                }
                _ => judgement.level,
            },
            Outcome::AskSecondFactor => Level::TwoFactor,
            Outcome::AskPassword => Level::OneFactor,
            Outcome::AskSignIn if self.is_disabled() => Level::Deny,
            Outcome::AskSignIn => {
                let raised = settings.second_factor.requirement == Requirement::Required;
                if raised || judgement.level == Level::TwoFactor {
                    Level::TwoFactor
                } else {
                    Level::OneFactor
                }
            }
        }
    }
}

/// Trust waives the code, but the level stays what it is: `explain` says both.
fn asked_without_trust(known: &Known, level: Level) -> Level {
    if level == Level::OneFactor && known.is_asked_for_second() { Level::TwoFactor } else { level }
}

fn find_person(settings: &Settings, asked: &Asked) -> Result<Option<Arc<Person>>, NoAnswer> {
    let found = asked.user.as_deref().and_then(|name| settings.people.find(name));
    match (found, &asked.user, &asked.groups) {
        (Some(person), _, None) => Ok(Some(person.clone())),
        (Some(person), _, Some(groups)) => {
            let own = settings.second_factor.people.get(&person.id).copied();
            let (requirement, requirement_source) = settings.second_factor.requirement_on(groups, own);
            let groups = groups.clone();
            Ok(Some(Arc::new(Person { groups, requirement, requirement_source, ..(**person).clone() })))
        }
        (None, name, Some(groups)) => Ok(Some(Arc::new(somebody(settings, name.as_deref(), groups)))),
        (None, None, None) => Ok(None),
        (None, Some(name), None) => Err(NoAnswer::User {
            name: name.clone(),
            hint: did_you_mean(name, settings.people.iter().map(|person| person.name.as_str())).or_else(
                || {
                    let who =
                        if settings.keeps_people { "somebody of the store" } else { "somebody made up" };
                    Some(format!("give groups as well to ask about {who}"))
                },
            ),
        }),
    }
}

fn somebody(settings: &Settings, name: Option<&str>, groups: &[String]) -> Person {
    let name = name.unwrap_or("somebody").to_owned();
    let id = UserId::new(&name);
    let (requirement, requirement_source) = settings.second_factor.requirement_on(groups, None);
    Person {
        credential: CredentialMark::of(&id, None),
        id,
        display_name: name.clone(),
        name,
        email: None,
        phone: None,
        groups: groups.to_vec(),
        password: None,
        requirement,
        requirement_source,
        disabled: false,
        closed_group: None,
        origin: Origin::File,
    }
}
