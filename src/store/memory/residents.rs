//! People who were made here, what they ask of administrators, and the letters that let them in.

use async_trait::async_trait;

use super::{MemoryStore, Tables};
use crate::{
    domain::{
        help::{HelpAnswer, HelpRequest},
        identity::{UserId, fold_login},
        invitation::Invitation,
        kept::KeptPerson,
        session::Session,
        switches::Switches,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Ends, HelpRequests, Invitations, PeoplePage, PeopleQuery, Residents, StoreFault, Stored, Taken},
};

impl Tables {
    /// Deletes everything kept about somebody but the journal; tells the sessions closed.
    pub(super) fn forget(&mut self, person: &UserId) -> Vec<TokenHash> {
        let closed = self.close_sessions_of(person, None);
        self.revoke_trusts_of(person);
        self.people.remove(person);
        self.identities.retain(|identity| identity.person != *person);
        self.logins.retain(|_, login| login.person != *person);
        self.links.retain(|_, offer| offer.person != *person);
        self.not_me.retain(|_, link| link.person != *person);
        self.seen_by.remove(person);
        self.approvals.remove(person);
        self.help.retain(|request| request.person != *person);
        self.invitations.remove(person);
        self.break_glass.remove(person);
        closed
    }

    /// Ends everything of somebody but the session `keep`; tells the sessions closed.
    fn end_all(&mut self, person: &KeptPerson, keep: Option<&TokenHash>) -> Vec<TokenHash> {
        self.revoke_trusts_of(&person.id);
        self.logins.retain(|_, login| login.person != person.id);
        self.links.retain(|_, offer| offer.person != person.id);
        self.invitations.remove(&person.id);
        self.break_glass.remove(&person.id);
        let home = keep.and_then(|keep| self.sessions.get(keep)?.handed_from.clone());
        let goes_on = |session: &Session| Some(&session.hash) == keep || Some(&session.id) == home.as_ref();
        let theirs = self.sessions.values_mut().filter(|session| session.person == person.id);
        for session in theirs.filter(|session| goes_on(session)) {
            session.credential = person.credential();
            session.device = None;
        }
        self.close_sessions_of(&person.id, keep)
    }

    pub(super) fn taken(&self, person: &KeptPerson, is_new: bool) -> Option<Taken> {
        let login = fold_login(&person.email);
        if is_new && self.residents.contains_key(&person.id) {
            return Some(Taken::Name(person.name.clone()));
        }
        let mut others = self.residents.values().filter(|other| other.id != person.id);
        if others.clone().any(|other| fold_login(&other.email) == person.id.as_str()) {
            return Some(Taken::Name(person.name.clone()));
        }
        others
            .any(|other| fold_login(&other.email) == login || other.id.as_str() == login)
            .then(|| Taken::Email(person.email.clone()))
    }
}

#[async_trait]
impl Residents for MemoryStore {
    async fn residents(&self) -> Stored<Vec<KeptPerson>> {
        Ok(self.tables().residents.values().cloned().collect())
    }

    async fn search_residents(&self, query: &PeopleQuery) -> Stored<PeoplePage> {
        let text = fold_login(&query.text);
        let fits = |person: &&KeptPerson| {
            person.search_text().contains(&text)
                && query
                    .groups
                    .as_ref()
                    .is_none_or(|groups| person.groups.iter().any(|group| groups.contains(group)))
        };
        let tables = self.tables();
        let found: Vec<_> = tables.residents.values().filter(fits).collect();
        let after = |person: &&&KeptPerson| query.after.as_ref().is_none_or(|after| person.id > *after);
        let people = found.iter().filter(after).take(query.limit).map(|person| (*person).clone()).collect();
        Ok(PeoplePage { people, total: found.len() })
    }

    async fn add_residents(&self, people: &[KeptPerson]) -> Stored<Result<(), Taken>> {
        Ok(self.import_residents(people, &[]).await?.map(|_| ()))
    }

    async fn import_residents(
        &self,
        new: &[KeptPerson],
        changed: &[(KeptPerson, Ends)],
    ) -> Stored<Result<Vec<TokenHash>, Taken>> {
        let mut tables = self.tables();
        let before = tables.residents.clone();
        for person in new {
            if let Some(taken) = tables.taken(person, true) {
                tables.residents = before;
                return Ok(Err(taken));
            }
            tables.residents.insert(person.id.clone(), person.clone());
        }
        for (person, _) in changed {
            if let Some(taken) = tables.taken(person, false) {
                tables.residents = before;
                return Ok(Err(taken));
            }
            if !tables.residents.contains_key(&person.id) {
                tables.residents = before;
                return Err(StoreFault::Damaged(format!("nobody is called {}", person.id)));
            }
            tables.residents.insert(person.id.clone(), person.clone());
        }
        for person in new {
            tables.forget(&person.id);
        }
        let ended = changed.iter().filter(|(_, ends)| *ends == Ends::Everything);
        Ok(Ok(ended.flat_map(|(person, _)| tables.end_all(person, None)).collect()))
    }

    async fn change_resident(
        &self,
        person: &KeptPerson,
        ends: Ends,
        keep: Option<&TokenHash>,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
        let mut tables = self.tables();
        if let Some(taken) = tables.taken(person, false) {
            return Ok(Err(taken));
        }
        let Some(kept) = tables.residents.get_mut(&person.id) else { return Ok(Ok(None)) };
        *kept = person.clone();
        let closed = if ends == Ends::Nothing { Vec::new() } else { tables.end_all(person, keep) };
        Ok(Ok(Some(closed)))
    }

    async fn rename_resident(
        &self,
        from: &UserId,
        person: &KeptPerson,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>> {
        Ok(self.tables().rename(from, person))
    }

    async fn remove_resident(&self, person: &UserId) -> Stored<Option<Vec<TokenHash>>> {
        let mut tables = self.tables();
        if tables.residents.remove(person).is_none() {
            return Ok(None);
        }
        let closed = tables.forget(person);
        Ok(Some(closed))
    }

    async fn switches(&self) -> Stored<Switches> {
        Ok(self.tables().switches.clone())
    }

    async fn set_switches(&self, switches: &Switches) -> Stored<()> {
        self.tables().switches = switches.clone();
        Ok(())
    }
}

#[async_trait]
impl HelpRequests for MemoryStore {
    async fn file_help(&self, request: &HelpRequest, now: Timestamp) -> Stored<HelpRequest> {
        let mut tables = self.tables();
        let is_same = |other: &&HelpRequest| {
            (&other.person, &other.portal, &other.wish) == (&request.person, &request.portal, &request.wish)
                && other.is_open(now)
        };
        if let Some(open) = tables.help.iter().find(is_same) {
            return Ok(open.clone());
        }
        tables.help.push(request.clone());
        Ok(request.clone())
    }

    async fn help_requests(&self, open_at: Option<Timestamp>, limit: usize) -> Stored<Vec<HelpRequest>> {
        let tables = self.tables();
        let is_wanted = |request: &&HelpRequest| open_at.is_none_or(|now| request.is_open(now));
        let mut found: Vec<_> = tables.help.iter().filter(is_wanted).cloned().collect();
        super::newest_first(&mut found, |request| (request.asked_at, request.id.clone()));
        found.truncate(limit);
        Ok(found)
    }

    async fn recall_help(&self, id: &RecordId) -> Stored<Option<HelpRequest>> {
        Ok(self.tables().help.iter().find(|request| request.id == *id).cloned())
    }

    async fn answer_help(&self, id: &RecordId, answer: &HelpAnswer, now: Timestamp) -> Stored<bool> {
        let mut tables = self.tables();
        let open = tables.help.iter_mut().find(|request| request.id == *id && request.is_open(now));
        let Some(request) = open else { return Ok(false) };
        request.answer = Some(answer.clone());
        Ok(true)
    }
}

#[async_trait]
impl Invitations for MemoryStore {
    async fn offer_invitation(&self, invitation: &Invitation) -> Stored<()> {
        self.tables().invitations.insert(invitation.person.clone(), invitation.clone());
        Ok(())
    }

    async fn recall_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>> {
        Ok(self.tables().invitations.values().find(|invitation| invitation.link == *link).cloned())
    }

    async fn take_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>> {
        let mut tables = self.tables();
        let of = tables.invitations.values().find(|invitation| invitation.link == *link);
        let Some(person) = of.map(|invitation| invitation.person.clone()) else { return Ok(None) };
        Ok(tables.invitations.remove(&person))
    }

    async fn invitation_of(&self, person: &UserId) -> Stored<Option<Invitation>> {
        Ok(self.tables().invitations.get(person).cloned())
    }
}
