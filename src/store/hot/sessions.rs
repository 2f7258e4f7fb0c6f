//! Opening and closing sessions. Closing works in memory even while the store does not answer.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError},
};

use tracing::warn;

use super::{Ended, HotStore, Inner, LiveSession, is_of};
use crate::{
    domain::{
        identity::UserId,
        session::Session,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::Stored,
};

impl HotStore {
    /// Opens a session and closes the one it takes over from. For somebody who was disabled, removed or given another password
    /// since they were judged, nothing is opened: what comes back is closed already.
    ///
    /// # Errors
    /// The store does not answer: nothing was opened.
    pub async fn open_session(
        &self,
        session: Session,
        replaces: Option<TokenHash>,
    ) -> Stored<Arc<LiveSession>> {
        self.open(session, None, replaces).await
    }

    /// Opens a session that was handed over from `home`, and closes the one it takes over from. It ends with `home`.
    ///
    /// # Errors
    /// The store does not answer: nothing was opened.
    pub async fn open_handed(
        &self,
        session: Session,
        home: &Arc<LiveSession>,
        replaces: Option<TokenHash>,
    ) -> Stored<Arc<LiveSession>> {
        self.open(session, Some(Arc::clone(home)), replaces).await
    }

    async fn open(
        &self,
        session: Session,
        home: Option<Arc<LiveSession>>,
        replaces: Option<TokenHash>,
    ) -> Stored<Arc<LiveSession>> {
        self.change(session.person.clone(), async move |inner| {
            if inner.is_outdated(&session) {
                let live = inner.enliven(session, home);
                live.close();
                return Ok(live);
            }
            inner.store.open_session(&session, replaces.as_ref()).await?;
            if let Some(old) = &replaces {
                inner.forget_session(old);
            }
            let live = inner.enliven(session, home);
            inner.sessions.insert(live.session().hash, Arc::clone(&live));
            Ok(live)
        })
        .await
    }

    /// Loads sessions: first those that stand alone, then those that end with one of them.
    pub(super) fn enliven_all(&self, sessions: Vec<Session>, now: Timestamp) {
        let (handed, alone): (Vec<_>, Vec<_>) =
            sessions.into_iter().partition(|session| session.handed_from.is_some());
        let homes: HashSet<_> = handed.iter().filter_map(|session| session.handed_from.clone()).collect();
        let mut met = HashMap::new();
        let keep = |live: Arc<LiveSession>| {
            if live.is_over(now) {
                self.0.ended.note(live.session());
            } else {
                self.0.sessions.insert(live.session().hash, live);
            }
        };
        for session in alone {
            let live = self.0.enliven(session, None);
            if homes.contains(&live.session().id) {
                met.insert(live.session().id.clone(), Arc::clone(&live));
            }
            keep(live);
        }
        for session in handed {
            // Without the one it comes from it is over.
            let home = session.handed_from.as_ref().and_then(|id| met.get(id)).cloned();
            match home {
                Some(home) => keep(self.0.enliven(session, Some(home))),
                None => self.0.ended.note(&session),
            }
        }
    }

    /// Signs out: the session is closed at once, in memory, whether or not the store answers. So is the one it was handed over
    /// from, or the next page would open another.
    ///
    /// # Errors
    /// The store does not answer; it is told as soon as it does.
    pub async fn sign_out(&self, live: &LiveSession) -> Stored<()> {
        let home = live.home().map(|home| home.session().clone());
        self.close_here(home.into_iter().chain([live.session().clone()]).collect()).await
    }

    /// Closes a session that another one of the same browser takes the place of.
    ///
    /// # Errors
    /// The store does not answer; it is told as soon as it does.
    pub async fn supersede(&self, live: &LiveSession) -> Stored<()> {
        self.close_here(vec![live.session().clone()]).await
    }

    /// Closes a session by its public id, and the one it was handed over from: one of `owner`'s, or anybody's (for
    /// administrators). `None`: there is none.
    ///
    /// # Errors
    /// The store does not answer; the session is closed in memory all the same.
    pub async fn close_session(&self, owner: Option<&UserId>, id: &RecordId) -> Stored<Option<Session>> {
        let found = self.0.sessions_where(|session| session.id == *id && is_of(&session.person, owner));
        let Some(session) = found.into_iter().next() else { return Ok(None) };
        let home = session.handed_from.as_ref();
        let home = home.map_or_else(Vec::new, |id| self.0.sessions_where(|other| other.id == *id));
        self.close_here(home.into_iter().chain([session.clone()]).collect()).await?;
        Ok(Some(session))
    }

    /// Closes all of a person's sessions, but for `except`; tells how many.
    ///
    /// # Errors
    /// The store does not answer; the sessions are closed in memory all the same.
    pub async fn close_sessions_of(&self, person: &UserId, except: Option<TokenHash>) -> Stored<usize> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let home = except.and_then(|hash| inner.sessions.get(&hash)?.session().handed_from.clone());
            let is_spared =
                |session: &Session| Some(session.hash) == except || Some(&session.id) == home.as_ref();
            let open = inner.sessions_where(|session| session.person == person && !is_spared(session));
            for session in &open {
                inner.forget_session(&session.hash);
            }
            if let Err(fault) = inner.store.close_sessions_of(&person, except.as_ref()).await {
                inner.owe(open.into_iter().map(|session| session.id), None);
                return Err(fault);
            }
            Ok(open.len())
        })
        .await
    }

    /// Sign-out everywhere: closes every session of a person and ends every trust.
    ///
    /// # Errors
    /// The store does not answer; sessions and trusts have ended in memory all the same, and the store is told as soon as
    /// it does.
    pub async fn sign_out_everywhere(&self, person: &UserId) -> Stored<Ended> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let open = inner.sessions_where(|session| session.person == person);
            for session in &open {
                inner.forget_session(&session.hash);
            }
            let ended = Ended { sessions: open.len(), trusts: inner.forget_trusts_of(&person) };
            let stored = match inner.store.close_sessions_of(&person, None).await {
                Ok(_) => inner.store.revoke_trusts_of(&person).await.map(|_| ()),
                Err(fault) => Err(fault),
            };
            match stored {
                Ok(()) => Ok(ended),
                Err(fault) => {
                    inner.owe(open.into_iter().map(|session| session.id), Some(person));
                    Err(fault)
                }
            }
        })
        .await
    }

    /// Open sessions, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn sessions(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<Session>> {
        let mut open = self.0.store.sessions(person).await?;
        open.retain_mut(|session| {
            let Some(live) = self.0.sessions.get(&session.hash) else { return false };
            session.last_seen = live.last_seen();
            !live.is_over(now)
        });
        Ok(open)
    }

    /// Closes sessions in memory at once and in the store as soon as it answers.
    pub(super) async fn close_here(&self, sessions: Vec<Session>) -> Stored<()> {
        let Some(person) = sessions.first().map(|session| session.person.clone()) else { return Ok(()) };
        for session in &sessions {
            self.0.forget_session(&session.hash);
        }
        self.change(person, async move |inner| {
            for (done, session) in sessions.iter().enumerate() {
                if let Err(fault) = inner.store.close_session(&session.id).await {
                    inner.owe(sessions[done..].iter().map(|session| session.id.clone()), None);
                    return Err(fault);
                }
            }
            Ok(())
        })
        .await
    }
}

impl Inner {
    /// Whether a sign-in began before everything of its person's ended. Asked in the person's turn, in which that happens; were it
    /// not asked, such a session would be of another era and lie there for nothing.
    fn is_outdated(&self, session: &Session) -> bool {
        self.residents.is_past(&session.person, &session.credential)
    }

    pub(super) fn owe(&self, sessions: impl IntoIterator<Item = RecordId>, trusts_of: Option<UserId>) {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        owed.sessions.extend(sessions);
        owed.trusts_of.extend(trusts_of);
        warn!(
            sessions = owed.sessions.len(),
            "signed out in memory; the store will be told when it answers again"
        );
    }
}
