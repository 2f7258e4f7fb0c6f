//! Looking at state and changing it, for an administrator.

use std::{fmt, sync::Arc};

use tracing::Instrument as _;

use super::{
    break_glass::tell_of_glass,
    help_letter::Asker,
    invite::{Wanted, invite, invite_waiting},
    lines::{
        address_line, counted, device_line, id_of, name_of, no_page, no_record, nobody, session_line, tame,
    },
    notices,
    table::TableTerms,
    words::{
        Answer, AppLine, Change, Moment, PersonCard, PersonLine, RefusalKind, Request, SessionLine,
        TrustKind, TrustLine, Which,
    },
};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::{MOST_APPS, Method, TotpFactor},
        identity::{Origin, Person, RequirementSource, UserId},
        invitation::Invitation,
        pairing::{PairedWith, Pairing, PairingNumber, page_label},
        password_hash,
        role::{Authority, Role},
        token::RecordId,
    },
    page::letter::Occasion,
    runtime::{Directory, Runtime, Services},
    store::{Linking, StoreFault, Stored},
};

/// Who gave a command, for the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// Somebody on this machine.
    User(u32),
    /// A signal.
    Signal,
    /// An administrator, on the pages.
    Administrator {
        /// Their id.
        id: UserId,
        /// The role that allows it.
        role: Role,
    },
}

impl By {
    /// How much weight their word has. Whoever has the command line could change the file as well.
    pub const fn authority(&self) -> Authority {
        match self {
            Self::User(_) | Self::Signal => Authority::Security,
            Self::Administrator { role, .. } => Authority::of(*role),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(uid) => write!(f, "by uid {uid}"),
            Self::Signal => f.write_str("by signal"),
            Self::Administrator { id, role } => write!(f, "by {id} as {}", role.name()),
        }
    }
}

/// Does what administrators ask, with or without a server around it.
#[derive(Clone)]
pub struct Administration {
    pub(super) services: Services,
    /// How many deeds were done when it was judged who may do what, if anybody judged.
    judged: Option<u64>,
}

impl Administration {
    /// Administration of this state.
    pub const fn new(services: Services) -> Self {
        Self { services, judged: None }
    }

    /// The same for somebody whose rights were judged when `deeds` deeds were done: what was done since may have changed them.
    pub const fn judged_at(mut self, deeds: u64) -> Self {
        self.judged = Some(deeds);
        self
    }

    /// Does what is asked under `runtime`, and tells whom it is about by mail, where that is due. It is done to its end, though
    /// whoever asks goes away: the next deed is judged by what this one left.
    pub async fn carry_out(&self, runtime: &Arc<Runtime>, request: Request, by: &By) -> Answer {
        let (this, runtime, by) = (self.clone(), Arc::clone(runtime), by.clone());
        let done = async move { this.carry(&runtime, request, &by).await }.in_current_span();
        tokio::spawn(done).await.unwrap_or_else(|gone| Answer::refused(RefusalKind::Store, gone.to_string()))
    }

    async fn carry(&self, runtime: &Arc<Runtime>, request: Request, by: &By) -> Answer {
        if let Request::UserInvite { user, portal, preview } = &request {
            let wanted = Wanted { user, portal: portal.as_deref(), preview: *preview };
            return invite(runtime, &self.services, &wanted, by).await;
        }
        if let Request::UserInviteWaiting { portal, preview } = &request {
            return invite_waiting(runtime, &self.services, portal.as_deref(), *preview, by).await;
        }
        let asker = Asker::of(runtime, &self.services, &request).await;
        let reader = notices::reader_of(runtime, &self.services, &request).await;
        let answer = self.obey(&runtime.directory(&self.services.store), request, by).await;
        if let Answer::BreakGlass(made) = &answer
            && let Some(person) = runtime.directory(&self.services.store).find(&made.user)
        {
            let occasion = Occasion::GlassMade { name: person.name.clone() };
            tell_of_glass(runtime, &self.services, &person, occasion);
        }
        if let (Some(reader), Answer::Changed(_)) = (reader, &answer) {
            reader.tell(Arc::clone(runtime), self.services.clock.now());
        }
        if let (Some(asker), Answer::Changed(_)) = (asker, &answer) {
            asker.tell_of_answer(runtime, &self.services).await;
        }
        answer
    }

    /// Does what is asked; `people` is the directory in force.
    pub async fn obey(&self, people: &Directory<'_>, request: Request, by: &By) -> Answer {
        // What is judged (who is left, what is tightened) and what is done then are one step.
        let deed = if is_deed(&request) { Some(self.services.store.deed().await) } else { None };
        let done_since = self.judged.is_some_and(|deeds| deeds != self.services.store.deeds_done());
        if deed.is_some() && (done_since || people.is_outdated()) {
            let message = "something else was changed at the same moment: look again, and ask again";
            return Answer::refused(RefusalKind::Meanwhile, message);
        }
        let done = match request {
            Request::TrustList { user } => self.trusts(people, user.as_deref()).await.map(Answer::Trusts),
            Request::SessionList { user } => {
                self.sessions(people, user.as_deref()).await.map(Answer::Sessions)
            }
            Request::TrustRevoke(which) => self.revoke_trusts(people, which, by).await,
            Request::SessionRevoke(which) => self.revoke_sessions(people, which, by).await,
            Request::UserList => Ok(Answer::People(self.people(people))),
            Request::UserShow { user } => self.show(people, &user).await,
            Request::UserUnlock { user } => self.unlock(people, &user, by).await,
            Request::UserPair { user, number } => self.pair(people, &user, &number, by).await,
            Request::UserResetSecondFactor { user, reason } => {
                self.reset_second_factor(people, &user, &reason, by).await
            }
            Request::UserBreakGlass { user, reason } => self.break_glass(people, &user, &reason, by).await,
            Request::UserSearch(search) => self.search(people, search).await,
            Request::UserAdd(person) => self.add(people, &person, by).await,
            Request::UserSet { user, change } => self.set(people, &user, change, by).await,
            Request::UserRename { user, name } => self.rename(people, &user, &name, by).await,
            Request::UserRemove { user } => self.remove(people, &user, by).await,
            Request::UserImport { csv, dry_run, format, apr1, email_domain } => {
                self.import(people, csv, TableTerms { format, apr1, email_domain }, dry_run, by).await
            }
            Request::UserInvite { .. } | Request::UserInviteWaiting { .. } => {
                Ok(Answer::refused(RefusalKind::NoServer, "letters are sent by a running server"))
            }
            Request::GroupList => Ok(self.groups(people)),
            Request::GroupSet { group, second_factor, closed } => {
                self.set_group(people, &group, second_factor, closed, by).await
            }
            Request::PortalList => Ok(self.portals(people)),
            Request::PortalSet { portal, closed } => self.set_portal(people, &portal, closed, by).await,
            Request::HelpList { all } => self.help(people, all).await,
            Request::HelpAnswer { request, grant, reason } => {
                self.answer_help(people, &request, grant, &reason, by).await
            }
            Request::AuditList(search) => self.events(people, search).await,
            Request::Overview { days } => self.overview(days).await,
            Request::Reload | Request::Status => {
                Ok(Answer::refused(RefusalKind::NoServer, "only a running server can do this"))
            }
        };
        done.unwrap_or_else(|fault: StoreFault| Answer::refused(RefusalKind::Store, fault.to_string()))
    }

    // --- Looking ---

    async fn trusts(&self, people: &Directory<'_>, user: Option<&str>) -> Stored<Vec<TrustLine>> {
        let now = self.services.clock.now();
        let person = user.map(|name| id_of(people, name));
        let store = &self.services.store;
        let devices = store.devices(person.as_ref(), now).await?;
        let addresses = store.addresses(person.as_ref(), now).await?;
        let mut lines: Vec<_> = devices
            .iter()
            .map(|trust| device_line(trust, people))
            .chain(addresses.iter().map(|trust| address_line(trust, people)))
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.granted.0));
        Ok(lines)
    }

    async fn sessions(&self, people: &Directory<'_>, user: Option<&str>) -> Stored<Vec<SessionLine>> {
        let person = user.map(|name| id_of(people, name));
        let open = self.services.store.sessions(person.as_ref(), self.services.clock.now()).await?;
        Ok(open.iter().map(|session| session_line(session, people)).collect())
    }

    fn people(&self, people: &Directory<'_>) -> Vec<PersonLine> {
        let mut lines: Vec<_> = people.everybody().iter().map(|person| self.person_line(person)).collect();
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        lines
    }

    pub(super) fn person_line(&self, person: &Person) -> PersonLine {
        PersonLine {
            name: person.name.clone(),
            display_name: person.display_name.clone(),
            email: person.email.clone(),
            groups: person.groups.clone(),
            disabled: person.disabled,
            second_factor: person.requirement,
            enrolled: self.services.store.outline(&person.id).is_enrolled(),
            of_file: person.origin == Origin::File,
            has_password: person.password.is_some(),
        }
    }

    async fn show(&self, people: &Directory<'_>, user: &str) -> Stored<Answer> {
        let Some(person) = people.find(user) else { return Ok(nobody(user)) };
        let account = self.services.store.account(&person.id).await?;
        let now = self.services.clock.now();
        let invitation = self.services.store.invitations().invitation_of(&person.id).await?;
        let is_open = |letter: &Invitation| letter.is_open(&letter.portal, &person.credential, now);
        let hash = person.password.as_ref().and_then(|hash| password_hash::read(hash.as_str()).ok());
        let apps = account.totp.iter().map(|app| AppLine {
            label: app.label.clone(),
            added: Moment(app.added_at),
            last_used: app.last_used.map(Moment),
        });
        Ok(Answer::Person(Box::new(PersonCard {
            person: self.person_line(&person),
            second_factor_by: match &person.requirement_source {
                RequirementSource::Administrators(name) => format!("administrators, of group \"{name}\""),
                RequirementSource::Everybody => "[second_factor], for everybody".to_owned(),
                RequirementSource::Group(name) => format!("[[group]] \"{name}\""),
                RequirementSource::Person => "the person's own entry".to_owned(),
            },
            password_kind: hash.as_ref().map(|known| known.kind.name().to_owned()),
            password_is_old: hash.is_some_and(|known| known.is_old()) && person.origin == Origin::Store,
            invited_until: invitation.filter(is_open).map(|letter| Moment(letter.ends_at)),
            closed_group: person.closed_group.clone(),
            wants_second_factor: account.wants_second_factor,
            apps: apps.collect(),
            recovery_codes_left: account.recovery_left,
            trusts: self.trusts(people, Some(user)).await?,
            sessions: self.sessions(people, Some(user)).await?,
        })))
    }

    // --- Changing ---

    async fn revoke_trusts(&self, people: &Directory<'_>, which: Which, by: &By) -> Stored<Answer> {
        let lines = match which {
            Which::One { id } => {
                let found: Vec<_> =
                    self.trusts(people, None).await?.into_iter().filter(|line| line.id == id).collect();
                if found.is_empty() {
                    return Ok(no_record("trust", &id));
                }
                found
            }
            Which::Of { user } => {
                let found = self.trusts(people, Some(&user)).await?;
                if found.is_empty() && people.find(&user).is_none() {
                    return Ok(nobody(&user));
                }
                found
            }
            Which::Everybodys => self.trusts(people, None).await?,
        };
        let mut trusts = 0;
        for line in &lines {
            // Somebody else may have been faster, or it expired in between: then there is nothing to tell.
            if self.services.store.revoke_trust(None, &line.id).await? {
                trusts += 1;
                let kind = match line.kind {
                    TrustKind::Device => "device",
                    TrustKind::Address => "address",
                };
                let revoked = self.event(AuditKind::TrustRevoked, &id_of(people, &line.user));
                self.audit(revoked.about_trust(kind, &line.id), &line.what, by).await;
            }
        }
        let message = match (trusts, lines.as_slice()) {
            (1, [line]) => format!("revoked: {} of {}", line.what, line.user),
            _ => format!("{} revoked", counted(trusts, "trust")),
        };
        Ok(Answer::Changed(Change { message, sessions: 0, trusts }))
    }

    async fn revoke_sessions(&self, people: &Directory<'_>, which: Which, by: &By) -> Stored<Answer> {
        let ids: Vec<RecordId> = match which {
            Which::One { id } => vec![id],
            Which::Of { user } => {
                let found = self.sessions(people, Some(&user)).await?;
                if found.is_empty() && people.find(&user).is_none() {
                    return Ok(nobody(&user));
                }
                found.into_iter().map(|line| line.id).collect()
            }
            Which::Everybodys => self.sessions(people, None).await?.into_iter().map(|line| line.id).collect(),
        };
        let mut ended = Vec::new();
        for id in &ids {
            if let Some(session) = self.services.store.close_session(None, id).await? {
                let told = self.event(AuditKind::SessionRevoked, &session.person);
                self.audit(told.at_portal(&session.portal), id.as_str(), by).await;
                ended.push(session);
            }
        }
        let message = match (ids.as_slice(), ended.as_slice()) {
            ([id], []) => return Ok(no_record("session", id)),
            (_, [session]) => {
                format!("ended: the session of {} at {}", name_of(people, &session.person), session.portal)
            }
            (_, several) => format!("{} ended", counted(several.len(), "session")),
        };
        Ok(Answer::Changed(Change { message, sessions: ended.len(), trusts: 0 }))
    }

    async fn unlock(&self, people: &Directory<'_>, user: &str, by: &By) -> Stored<Answer> {
        let Some(person) = people.find(user) else { return Ok(nobody(user)) };
        self.services.store.attempts().unlock(&person.id).await?;
        self.audit(self.event(AuditKind::Administration, &person.id), "unlocked", by).await;
        let message = format!("unlocked: {}; wrong tries counted so far are forgotten", person.name);
        Ok(Answer::Changed(Change { message, ..Change::default() }))
    }

    async fn pair(&self, people: &Directory<'_>, user: &str, number: &str, by: &By) -> Stored<Answer> {
        let Some(person) = people.find(user) else { return Ok(nobody(user)) };
        let (store, now) = (&self.services.store, self.services.clock.now());
        let waiting = match PairingNumber::read(number) {
            Some(number) => store.pairings().recall_pairing(&number.hash()).await?,
            None => return Ok(no_page("a pairing number has nine digits")),
        };
        let Some(candidate) = waiting.and_then(|pairing| pairing.candidate(now)) else {
            return Ok(no_page("no authenticator page shows this number now; have a new one shown"));
        };
        if store.account(&person.id).await?.totp.len() >= MOST_APPS {
            let message = format!("{} has {MOST_APPS} apps already; one of them must go first", person.name);
            return Ok(Answer::refused(RefusalKind::Full, message));
        }
        let app = self.services.draw_id(now);
        let with = PairedWith { person: person.id.clone(), app: app.clone() };
        let until = Pairing::told_until(now);
        if !store.pairings().claim_pairing(&candidate.number, &with, now, until).await? {
            return Ok(no_page("somebody else was faster; have a new number shown"));
        }
        let factor = TotpFactor {
            id: app.clone(),
            person: person.id.clone(),
            label: page_label("Authenticator", &candidate.agent),
            key: candidate.key,
            added_at: now,
            last_used: None,
            last_step: 0,
            page: Some(candidate.page.clone()),
        };
        let trusts = self.trusts(people, Some(user)).await?.len();
        // Takes nothing for granted: an administrator's word links a first app and a further one.
        let sessions = store.add_totp(factor, Linking::Another, None).await?.unwrap_or_default();
        let mut added = self.event(AuditKind::FactorAdded, &person.id);
        added.factor = Some(Method::Totp.name().to_owned());
        self.audit(added, app.as_str(), by).await;
        let message = format!(
            "paired: {} has the authenticator page of {} in {}; {} and {} ended",
            person.name,
            candidate.page.portal,
            candidate.agent,
            counted(sessions, "session"),
            counted(trusts, "trust"),
        );
        Ok(Answer::Changed(Change { message, sessions, trusts }))
    }

    pub(super) async fn reset_second_factor(
        &self,
        people: &Directory<'_>,
        user: &str,
        reason: &str,
        by: &By,
    ) -> Stored<Answer> {
        let Some(person) = people.find(user) else { return Ok(nobody(user)) };
        let trusts = self.trusts(people, Some(user)).await?.len();
        let unlinked = self.unlink_identities(&person, by).await?;
        let sessions = self.services.store.reset_second_factor(&person.id).await?;
        let reset = self.event(AuditKind::Administration, &person.id);
        let what = match reason.trim() {
            "" => "reset the second factor".to_owned(),
            reason => format!("reset the second factor: {}", tame(reason)),
        };
        self.audit(reset, &what, by).await;
        let mut message = format!(
            "reset: {} links an app anew at the next sign-in; {} and {} ended",
            person.name,
            counted(sessions, "session"),
            counted(trusts, "trust"),
        );
        if unlinked > 0 {
            message.push_str(&format!("; {} elsewhere unlinked", counted(unlinked, "account")));
        }
        Ok(Answer::Changed(Change { message, sessions, trusts }))
    }

    /// Unlinks a person's accounts at providers: like a passkey they let somebody in, and where the file takes a provider's
    /// word they are a second factor. One that a thief linked must not outlast a reset. Who has no password keeps them, as the
    /// only way in, but for somebody who is disabled: their name may be given to somebody else.
    async fn unlink_identities(&self, person: &Person, by: &By) -> Stored<usize> {
        if person.password.is_none() && !person.disabled {
            return Ok(0);
        }
        let store = self.services.store.identities();
        let linked = store.identities(&person.id).await?;
        for identity in &linked {
            store.unlink_identity(&person.id, &identity.id).await?;
            let unlinked = self.event(AuditKind::IdentityUnlinked, &person.id);
            self.audit(unlinked, &identity.id.to_string(), by).await;
        }
        Ok(linked.len())
    }

    /// Records a deed that was done elsewhere.
    pub async fn note(&self, what: &str, by: &By) {
        let now = self.services.clock.now();
        let told = AuditEvent::new(now, AuditKind::Administration, AuditOutcome::Success);
        self.audit(told, what, by).await;
    }

    pub(super) fn event(&self, kind: AuditKind, person: &UserId) -> AuditEvent {
        AuditEvent::new(self.services.clock.now(), kind, AuditOutcome::Success).by(person)
    }

    /// Records `event`, about `what` and by whom.
    pub(super) async fn audit(&self, event: AuditEvent, what: &str, by: &By) {
        self.services.record(event.with_detail(format!("{what}; {by}"))).await;
    }
}

/// Whether a request changes who may sign in, and how.
const fn is_deed(request: &Request) -> bool {
    matches!(
        request,
        Request::UserAdd(_)
            | Request::UserSet { .. }
            | Request::UserRename { .. }
            | Request::UserRemove { .. }
            | Request::UserImport { dry_run: false, .. }
            | Request::UserPair { .. }
            | Request::UserResetSecondFactor { .. }
            | Request::UserBreakGlass { .. }
            | Request::HelpAnswer { .. }
            | Request::GroupSet { .. }
            | Request::PortalSet { .. }
    )
}
