//! Mailing somebody a link to set a password with: an invitation, or a way back for who forgot theirs.
//!
//! Several at once are those who have no password yet and no link that still works: nobody is written to twice. Only a running
//! server can: it has the post. The link's hash is kept before the letter leaves; where nobody takes the
//! letter, what was there before is there again. Nothing but the letter ever holds the link.

use std::sync::Arc;

use super::{
    By,
    letterhead::letterhead,
    words::{Answer, Change, LetterPreview, RefusalKind},
};
use crate::{
    config::settings::{LetterKind, PortalSettings, SignIn},
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::Method,
        identity::{Origin, Person},
        invitation::Invitation,
        kept::is_mail_address,
        sent_code::masked,
        throttle::{TryVerdict, letter_buckets},
        time::Timestamp,
        token::Token,
    },
    notify::Mail,
    page::{
        i18n::Language,
        letter::{InvitationLetter, Letter},
    },
    runtime::{Runtime, Services},
    store::Stored,
};

/// What stands where the token would, in a letter that is only looked at: no token is this short.
const NO_TOKEN: &str = "preview";

/// Whom to invite, and where to.
pub(super) struct Wanted<'a> {
    pub(super) user: &'a str,
    pub(super) portal: Option<&'a str>,
    pub(super) preview: bool,
}

/// Letters that one request for several sends: as many as a mail server takes before somebody stops waiting.
const MOST_LETTERS: usize = 100;

/// The first of those who were made here, have no password and no link that still works, by name; and whether there are more.
/// `may` says of whom to ask at all.
pub async fn waiting(
    runtime: &Runtime,
    services: &Services,
    may: impl Fn(&Person) -> bool,
) -> Stored<(Vec<Arc<Person>>, bool)> {
    let waits = |person: &Person| {
        let reaches = person.email.as_deref().is_some_and(is_mail_address);
        let may_sign_in = !person.disabled && person.closed_group.is_none();
        person.origin == Origin::Store && person.password.is_none() && may_sign_in && reaches && may(person)
    };
    let mut all: Vec<_> = runtime.directory(&services.store).everybody();
    all.retain(|person| waits(person));
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let (mut waiting, now) = (Vec::new(), services.clock.now());
    for person in all {
        let link = services.store.invitations().invitation_of(&person.id).await?;
        if link.is_some_and(|link| now < link.ends_at && link.credential == person.credential) {
            continue;
        }
        if waiting.len() == MOST_LETTERS {
            return Ok((waiting, true));
        }
        waiting.push(person);
    }
    Ok((waiting, false))
}

/// Mails a link to each of those who wait for one, or tells who they are.
pub(super) async fn invite_waiting(
    runtime: &Runtime,
    services: &Services,
    portal: Option<&str>,
    preview: bool,
    by: &By,
) -> Answer {
    let (waiting, is_more) = match waiting(runtime, services, |_| true).await {
        Ok(waiting) => waiting,
        Err(fault) => return Answer::refused(RefusalKind::Store, fault.to_string()),
    };
    let names: Vec<_> = waiting.iter().map(|person| person.name.as_str()).collect();
    let mut sent = 0;
    for user in names.iter().filter(|_| !preview) {
        match invite(runtime, services, &Wanted { user, portal, preview }, by).await {
            Answer::Refused(refusal) => {
                let message = format!("{}; invited before that: {sent} of {}", refusal.message, names.len());
                return Answer::refused(refusal.kind, message);
            }
            _ => sent += 1,
        }
    }
    let what = if preview { "would invite" } else { "invited" };
    let whom =
        if names.is_empty() { "nobody: no one waits for a letter".to_owned() } else { names.join(", ") };
    let rest = if is_more { "; there are more: ask again" } else { "" };
    Answer::Changed(Change { message: format!("{what}: {whom}{rest}"), ..Change::default() })
}

/// The portals at which a password can be set: those where a sign-in begins with one; all where none does.
pub fn invites_to(portals: &[PortalSettings]) -> Vec<&PortalSettings> {
    let with_password: Vec<_> =
        portals.iter().filter(|portal| portal.begins_with(SignIn::Password)).collect();
    if with_password.is_empty() { portals.iter().collect() } else { with_password }
}

/// Mails the link, or shows the letter.
pub(super) async fn invite(runtime: &Runtime, services: &Services, wanted: &Wanted<'_>, by: &By) -> Answer {
    let (person, to, portal) = match vetted(runtime, services, wanted) {
        Ok(vetted) => vetted,
        Err((kind, message)) => return Answer::refused(kind, message),
    };
    let host = Host { runtime, services, person: &person, portal, now: services.clock.now() };
    if wanted.preview {
        let Letter { subject, text, html } = host.letter(NO_TOKEN);
        return Answer::Letter(LetterPreview { to, subject, text, html });
    }
    match host.send(to, by).await {
        Ok(answer) => answer,
        Err(fault) => Answer::refused(RefusalKind::Store, fault.to_string()),
    }
}

/// Who is meant, where a letter reaches them, and the portal; or why nobody can be invited.
fn vetted<'r>(
    runtime: &'r Runtime,
    services: &Services,
    wanted: &Wanted<'_>,
) -> Result<(Arc<Person>, String, &'r PortalSettings), (RefusalKind, String)> {
    let refused = |kind, message: String| Err((kind, message));
    let Some(person) = runtime.directory(&services.store).find(wanted.user) else {
        return refused(RefusalKind::NotFound, format!("nobody is called \"{}\"", wanted.user));
    };
    let name = &person.name;
    if person.origin == Origin::File {
        let message = format!("{name} comes from a file: its operator keeps the password there");
        return refused(RefusalKind::ReadOnly, message);
    }
    if person.disabled {
        return refused(RefusalKind::Invalid, format!("{name} is disabled: enable them first"));
    }
    if let Some(group) = &person.closed_group {
        let message =
            format!("nobody of group \"{group}\" signs in at present, {name} included: open it first");
        return refused(RefusalKind::Invalid, message);
    }
    let Some(to) = person.email.clone().filter(|email| is_mail_address(email)) else {
        let message = format!("{name} has no mail address that a letter could go to: add one first");
        return refused(RefusalKind::Invalid, message);
    };
    let portals = &runtime.settings.portals;
    let portal = match wanted.portal {
        Some(wanted) => portals.iter().find(|portal| portal.name == wanted),
        None => invites_to(portals).first().copied(),
    };
    let Some(portal) = portal else {
        let known: Vec<_> = portals.iter().map(|portal| portal.name.as_str()).collect();
        let message = format!(
            "no portal is called \"{}\"; there are: {}",
            wanted.portal.unwrap_or_default(),
            known.join(", ")
        );
        return refused(RefusalKind::NotFound, message);
    };
    if !wanted.preview && !runtime.post.can_mail() {
        let message = "no letter can be sent: the file has no [mail]".to_owned();
        return refused(RefusalKind::Invalid, message);
    }
    Ok((person, to, portal))
}

/// One invitation on its way.
struct Host<'a> {
    runtime: &'a Runtime,
    services: &'a Services,
    person: &'a Person,
    portal: &'a PortalSettings,
    now: Timestamp,
}

impl Host<'_> {
    fn kind(&self) -> LetterKind {
        if self.person.password.is_some() { LetterKind::NewPassword } else { LetterKind::Invitation }
    }

    async fn send(&self, to: String, by: &By) -> Stored<Answer> {
        let (store, token) = (self.services.store.invitations(), self.services.draw_token());
        let attempts = self.services.store.attempts();
        let buckets = letter_buckets(&self.person.id, &to, &by.to_string());
        if let TryVerdict::Wait { until } = attempts.reserve_try(&buckets, self.now).await? {
            let (name, until) = (&self.person.name, super::words::Moment(until));
            let message = format!(
                "no letter was sent: too many went to {name}, or were sent {by}; the next may go at {until}"
            );
            return Ok(Answer::refused(RefusalKind::TooMany, message));
        }
        let invitation = self.invitation(&token, &to, by);
        let earlier = store.invitation_of(&self.person.id).await?;
        store.offer_invitation(&invitation).await?;
        let Letter { subject, text, html } = self.letter(&token.reveal());
        let sent = self.runtime.post.mail(Mail { to: to.clone(), subject, text, html }).await;
        let outcome = if sent.is_ok() { AuditOutcome::Success } else { AuditOutcome::Failure };
        if sent.is_err() {
            store.take_invitation(&invitation.link).await?;
            if let Some(earlier) = earlier {
                store.offer_invitation(&earlier).await?;
            }
            attempts.release_try(&buckets).await?;
        }
        let mut told = AuditEvent::new(self.now, AuditKind::InvitationSent, outcome)
            .by(&self.person.id)
            .at_portal(&self.portal.name);
        told.detail = Some(format!("{} to {}; {by}", self.kind().name(), masked(Method::Email, &to)));
        self.services.record(told).await;
        let name = &self.person.name;
        Ok(match sent {
            Ok(()) => {
                let what = match self.kind() {
                    LetterKind::Invitation => "invited",
                    LetterKind::NewPassword => "asked to choose a new password",
                };
                let until = super::words::Moment(invitation.ends_at);
                let message = format!("{what}: {name}, by a letter to {to}; its link works until {until}");
                Answer::Changed(Change { message, ..Change::default() })
            }
            Err(fault) => Answer::refused(
                RefusalKind::NotSent,
                format!("the letter to {name} was not sent: {fault}; try again, links sent before stay good"),
            ),
        })
    }

    fn invitation(&self, token: &Token, to: &str, by: &By) -> Invitation {
        Invitation {
            id: self.services.draw_id(self.now),
            link: Invitation::hash_of(token),
            person: self.person.id.clone(),
            portal: self.portal.name.clone(),
            to: to.to_owned(),
            by: by.to_string(),
            credential: self.person.credential,
            made_at: self.now,
            ends_at: Invitation::end(self.now),
        }
    }

    fn letter(&self, token: &str) -> Letter {
        let settings = &self.runtime.settings;
        let own = self.services.store.outline(&self.person.id).language();
        let language = own.and_then(|code| Language::parse(&code)).unwrap_or(self.runtime.language);
        let kind = self.kind();
        let head = letterhead(self.runtime, language, Some(self.portal), self.now);
        let letters = settings.mail.as_ref().map(|mail| &mail.letters);
        InvitationLetter {
            kind,
            name: self.person.display_name.clone(),
            username: self.person.name.clone(),
            url: format!("https://{}{}invitation?token={token}", head.host, settings.server.prefix),
            ends: Invitation::end(self.now),
            written: letters.and_then(|letters| letters.find(&self.portal.name, language.code(), kind)),
            head,
        }
        .mail()
    }
}
