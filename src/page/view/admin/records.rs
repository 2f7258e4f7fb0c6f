//! The audit log, and the numbers of the last days.

use askama::Template;

use super::AdminDesk;
use crate::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        time::Timestamp,
    },
    page::view::{Frame, Moment},
};

/// A page of the audit log.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_audit.html")]
pub struct AdminAudit {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// What is looked for.
    pub filter: AdminFilter,
    /// The portals there are.
    pub portals: Vec<String>,
    /// The kinds there are, with the words of the log.
    pub kinds: Vec<(AuditKind, String)>,
    /// Newest first.
    pub rows: Vec<AdminEventRow>,
    /// Where the next page leads, under the prefix.
    pub next: Option<String>,
}

/// What is looked for in the audit log, as it was typed.
#[derive(Clone, Default, Debug)]
pub struct AdminFilter {
    /// About whom.
    pub user: String,
    /// Which kind.
    pub kind: String,
    /// How it ended.
    pub outcome: String,
    /// At which portal.
    pub portal: String,
    /// From which day on.
    pub from: String,
    /// Up to which day.
    pub until: String,
}

/// How things end, with the words of the log.
const OUTCOMES: [(AuditOutcome, &str); 3] = [
    (AuditOutcome::Success, "success"),
    (AuditOutcome::Failure, "failure"),
    (AuditOutcome::Throttled, "throttled"),
];

impl AdminAudit {
    fn heading(&self) -> String {
        self.frame.say("admin-audit")
    }
}

/// An event.
#[derive(Clone, Debug)]
pub struct AdminEventRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// About whom.
    pub person: String,
    /// With what, in the word of the log.
    pub factor: Option<String>,
    /// Everything else, in one line.
    pub rest: String,
}

impl AdminEventRow {
    /// What a kind of the log is called.
    const fn kind_key(kind: &AuditKind) -> &'static str {
        match kind {
            AuditKind::Password => "audit-password",
            AuditKind::PasswordChanged => "audit-password-changed",
            AuditKind::PasswordSet => "audit-password-set",
            AuditKind::InvitationSent => "audit-invitation-sent",
            AuditKind::LinkSent => "audit-link-sent",
            AuditKind::LinkUsed => "audit-link-used",
            AuditKind::Pin => "audit-pin",
            AuditKind::PinSet => "audit-pin-set",
            AuditKind::PinRemoved => "audit-pin-removed",
            AuditKind::SecondFactor => "audit-second-factor",
            AuditKind::SignIn => "audit-sign-in",
            AuditKind::SignOut => "audit-sign-out",
            AuditKind::SessionRevoked => "audit-session-revoked",
            AuditKind::HandOver => "audit-hand-over",
            AuditKind::AccountSwitched => "audit-account-switched",
            AuditKind::HelpAsked => "audit-help-asked",
            AuditKind::ApprovalAsked => "audit-approval-asked",
            AuditKind::CodeSent => "audit-code-sent",
            AuditKind::Provider => "audit-provider",
            AuditKind::IdentityLinked => "audit-identity-linked",
            AuditKind::IdentityUnlinked => "audit-identity-unlinked",
            AuditKind::FactorAdded => "audit-factor-added",
            AuditKind::FactorRemoved => "audit-factor-removed",
            AuditKind::RecoveryCodesMade => "audit-recovery-codes-made",
            AuditKind::SecondFactorSwitched => "audit-second-factor-switched",
            AuditKind::TrustGranted => "audit-trust-granted",
            AuditKind::TrustUsed => "audit-trust-used",
            AuditKind::TrustRevoked => "audit-trust-revoked",
            AuditKind::TrustStolen => "audit-trust-stolen",
            AuditKind::NotMe => "audit-not-me",
            AuditKind::AccessDenied => "audit-access-denied",
            AuditKind::Reload => "audit-reload",
            AuditKind::PersonAdded => "audit-person-added",
            AuditKind::PersonChanged => "audit-person-changed",
            AuditKind::PersonRemoved => "audit-person-removed",
            AuditKind::PersonRenamed => "audit-person-renamed",
            AuditKind::GroupSwitched => "audit-group-switched",
            AuditKind::PortalSwitched => "audit-portal-switched",
            AuditKind::HelpAnswered => "audit-help-answered",
            AuditKind::BreakGlassMade => "audit-break-glass-made",
            AuditKind::BreakGlassUsed => "audit-break-glass-used",
            AuditKind::Administration => "audit-administration",
        }
    }

    /// What an end of something is called.
    const fn outcome_key(outcome: &AuditOutcome) -> &'static str {
        match outcome {
            AuditOutcome::Success => "audit-outcome-success",
            AuditOutcome::Failure => "audit-outcome-failure",
            AuditOutcome::Throttled => "audit-outcome-throttled",
        }
    }

    /// A factor of the log, in words; one that has none is said as it is.
    fn factor_words(factor: &str, frame: &Frame) -> String {
        frame.say(match factor {
            "totp" => "audit-by-totp",
            "passkey" => "audit-by-passkey",
            "approval" => "audit-by-approval",
            "email" => "audit-by-email",
            "sms" => "audit-by-sms",
            "recovery" => "audit-by-recovery",
            "device" => "audit-by-device",
            "address" => "audit-by-address",
            "password" => "audit-by-password",
            "link" => "audit-by-link",
            "provider" => "audit-by-provider",
            "pin" => "audit-by-pin",
            other => return other.to_owned(),
        })
    }
}

/// The numbers of the last days.
#[derive(Clone, Debug, Template)]
#[template(path = "admin_overview.html")]
pub struct AdminOverview {
    /// What all pages share.
    pub frame: Frame,
    /// What administrators' pages share.
    pub desk: AdminDesk,
    /// Sign-ins of each day.
    pub sign_ins: AdminSeries,
    /// What was refused on each day.
    pub refusals: AdminSeries,
    /// With what people signed in, most used first: the word of the log, and how often.
    pub methods: Vec<(String, u64)>,
}

impl AdminOverview {
    fn heading(&self) -> String {
        self.frame.say("admin-overview")
    }

    fn summed(&self, series: &AdminSeries) -> String {
        let values = [("total", series.total().into()), ("most", series.most().into())];
        self.frame.words.with("admin-overview-sum", &values)
    }

    fn charts(&self) -> [(&'static str, &'static str, &AdminSeries); 2] {
        [
            ("sign-ins", "admin-overview-sign-ins", &self.sign_ins),
            ("refusals", "admin-overview-refusals", &self.refusals),
        ]
    }

    /// How long the bar of a count is, in hundredths of the longest.
    fn share(&self, count: &u64) -> u64 {
        let most = self.methods.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
        count * 100 / most
    }
}

/// A number for each day, oldest first.
#[derive(Clone, Default, Debug)]
pub struct AdminSeries(pub Vec<(Timestamp, u64)>);

impl AdminSeries {
    fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    fn most(&self) -> u64 {
        self.0.iter().map(|(_, count)| *count).max().unwrap_or(0)
    }

    /// Where each bar stands and how high it is, in a drawing of 300 by 60. A day with anything at all has one to see.
    fn bars(&self) -> Vec<(usize, u64, u64)> {
        let most = self.most().max(1);
        let height = |count: u64| if count == 0 { 0 } else { (count * 58 / most).max(1) };
        let bar =
            |(at, (_, count)): (usize, &(Timestamp, u64))| (at * 10 + 1, 59 - height(*count), height(*count));
        self.0.iter().enumerate().map(bar).collect()
    }
}
