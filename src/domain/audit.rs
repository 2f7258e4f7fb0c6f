//! What happened, in a schema that does not change under those who read it.
//!
//! Add fields and kinds; never rename or remove one: ARCHITECTURE.md lists them all, and a test holds it to that. No token,
//! code, password or query string ever gets in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{facts::RequestId, identity::UserId, time::Timestamp, token::RecordId};

/// One line of the audit log and one row of the journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Who: the person's id, or the folded text that was typed where nobody has that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// At which portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    /// Which rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which factor, or what stood in for it: `device`, `address`, or the first factor alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
    /// Of a sign-in: what it began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Which trust, of a device or of an address (its record id).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<String>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// A word more, for people: the reason of a refusal, the id of what was removed, who gave a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// A password was checked.
    Password,
    /// A code was sent.
    CodeSent,
    /// An approval was asked for on the authenticator page.
    ApprovalAsked,
    /// Somebody changed their own password.
    PasswordChanged,
    /// Somebody set a password with a link that was mailed.
    PasswordSet,
    /// A link to set a password with was mailed.
    InvitationSent,
    /// A sign-in link was asked for.
    LinkSent,
    /// A sign-in link, or the code it showed on another device, was used.
    LinkUsed,
    /// The PIN of a remembered device was checked.
    Pin,
    /// A PIN was set for a remembered device.
    PinSet,
    /// The PIN of a remembered device was removed.
    PinRemoved,
    /// A second factor was checked.
    SecondFactor,
    /// A session was opened.
    SignIn,
    /// A sign-in was taken over from another portal.
    HandOver,
    /// An account was parked in its browser, or taken up there again.
    AccountSwitched,
    /// A session was ended by its owner.
    SignOut,
    /// A session was ended by somebody else.
    SessionRevoked,
    /// The answer of an identity provider was judged.
    Provider,
    /// An account at an identity provider was linked.
    IdentityLinked,
    /// An account at an identity provider was unlinked.
    IdentityUnlinked,
    /// A factor was linked.
    FactorAdded,
    /// A factor was removed.
    FactorRemoved,
    /// Recovery codes were made anew.
    RecoveryCodesMade,
    /// Somebody switched their own second factor on or off.
    SecondFactorSwitched,
    /// A device or address was trusted.
    TrustGranted,
    /// A trusted device or address was used instead of a code.
    TrustUsed,
    /// A trust was removed.
    TrustRevoked,
    /// A stolen device cookie was noticed.
    TrustStolen,
    /// The "not me" link of a notice was used: every session and trust of the person ended.
    NotMe,
    /// Somebody asked administrators for help.
    HelpAsked,
    /// A request was refused by the rules.
    AccessDenied,
    /// The configuration was read again.
    Reload,
    /// A person was made in the store.
    PersonAdded,
    /// A person of the store was changed.
    PersonChanged,
    /// A person of the store was given another name; told under both.
    PersonRenamed,
    /// A person of the store was removed.
    PersonRemoved,
    /// Administrators said what is asked of a group, or closed or opened it.
    GroupSwitched,
    /// Administrators closed or opened a portal.
    PortalSwitched,
    /// A request for help was answered.
    HelpAnswered,
    /// A code was made for somebody who lost every second factor.
    BreakGlassMade,
    /// It was used, or something else was typed while it waited.
    BreakGlassUsed,
    /// A command changed something else from outside.
    Administration,
}

impl AuditKind {
    /// All of them.
    pub const ALL: [Self; 42] = [
        Self::Password,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::InvitationSent,
        Self::LinkSent,
        Self::LinkUsed,
        Self::Pin,
        Self::PinSet,
        Self::PinRemoved,
        Self::SecondFactor,
        Self::SignIn,
        Self::SignOut,
        Self::SessionRevoked,
        Self::HandOver,
        Self::AccountSwitched,
        Self::HelpAsked,
        Self::ApprovalAsked,
        Self::CodeSent,
        Self::Provider,
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesMade,
        Self::SecondFactorSwitched,
        Self::TrustGranted,
        Self::TrustUsed,
        Self::TrustRevoked,
        Self::TrustStolen,
        Self::NotMe,
        Self::AccessDenied,
        Self::Reload,
        Self::PersonAdded,
        Self::PersonChanged,
        Self::PersonRenamed,
        Self::PersonRemoved,
        Self::GroupSwitched,
        Self::PortalSwitched,
        Self::HelpAnswered,
        Self::BreakGlassMade,
        Self::BreakGlassUsed,
        Self::Administration,
    ];
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// As wanted.
    Success,
    /// Wrong, refused, broken.
    Failure,
    /// Not even tried: too many tries before.
    Throttled,
}

impl AuditEvent {
    /// An event with nothing but its moment, kind and outcome; fill in what is known.
    pub fn new(at: Timestamp, kind: AuditKind, outcome: AuditOutcome) -> Self {
        Self {
            at,
            kind,
            outcome,
            person: None,
            portal: None,
            rule: None,
            factor: None,
            first: None,
            trust: None,
            address: None,
            agent: None,
            request_id: None,
            detail: None,
        }
    }

    /// Adds who.
    #[must_use]
    pub fn by(mut self, person: &UserId) -> Self {
        self.person = Some(person.as_str().to_owned());
        self
    }

    /// Adds which request, from where.
    #[must_use]
    pub fn during(mut self, request: &RequestId, address: IpAddr) -> Self {
        self.request_id = Some(request.as_str().to_owned());
        self.address = Some(address);
        self
    }

    /// Adds where.
    #[must_use]
    pub fn at_portal(mut self, portal: &str) -> Self {
        self.portal = Some(portal.to_owned());
        self
    }

    /// Adds the trust it is about: of a `device` or an `address`.
    #[must_use]
    pub fn about_trust(mut self, kind: &'static str, id: &RecordId) -> Self {
        self.factor = Some(kind.to_owned());
        self.trust = Some(id.to_string());
        self
    }

    /// Adds a word more.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_every_kind_is_documented_under_its_own_name() {
        let text = include_str!("../../ARCHITECTURE.md");
        let schema = text.split("## What the audit log says").nth(1).unwrap().split("\n## ").next().unwrap();
        let person = UserId::new("anna");
        for kind in AuditKind::ALL {
            let mut event = AuditEvent::new(Timestamp::from_unix(0), kind, AuditOutcome::Success)
                .by(&person)
                .during(&RequestId::new([7; 16]), IpAddr::from([192, 0, 2, 7]))
                .at_portal("wiki")
                .about_trust("device", &RecordId::from_text("t1"))
                .with_detail("a word");
            event.first = Some("password".to_owned());
            event.rule = Some("wiki/1".to_owned());
            event.agent = Some("Firefox".to_owned());
            let line = serde_json::to_value(&event).unwrap();
            for name in line.as_object().unwrap().keys() {
                assert!(schema.contains(&format!("| `{name}` |")), "{name} is not in the table");
            }
            let kind = line["kind"].as_str().unwrap();
            assert!(schema.contains(&format!("| `{kind}` |")), "{kind} is not in the table");
        }
    }
}
