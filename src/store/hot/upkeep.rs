//! What housekeeping does: notes uses, pays what the store is owed, removes what is over.

use std::{
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use super::{HotStore, Inner, Owed};
use crate::{
    domain::{
        identity::{Person, UserId},
        time::Timestamp,
        trust::AddressScope,
    },
    store::{Stored, Swept},
};

/// Uses written in one piece.
const AT_ONCE: usize = 1000;

/// How much was ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ended {
    /// Sessions.
    pub sessions: usize,
    /// Device and address trusts.
    pub trusts: usize,
}

impl HotStore {
    /// Writes when sessions were last used, the present moment, and closings the store has not heard of. Call it every
    /// half minute and when draining.
    ///
    /// # Errors
    /// The store does not answer; the next call tries again.
    pub async fn flush_seen(&self, now: Timestamp) -> Stored<()> {
        let inner = &self.0;
        inner.pay_owed().await?;
        let mut used: Vec<_> = inner
            .sessions
            .iter()
            .filter_map(|entry| Some((Arc::clone(entry.value()), entry.unnoted()?)))
            .collect();
        // In the order they were opened, which is about the order they lie in on the disk: neighbours share pages.
        used.sort_unstable_by(|(a, _), (b, _)| a.session().id.cmp(&b.session().id));
        // In parts, so that a sign-in does not wait for the uses of a hundred thousand.
        for part in used.chunks(AT_ONCE) {
            let seen: Vec<_> = part.iter().map(|(live, at)| (live.session().hash, *at)).collect();
            inner.store.note_seen(&seen).await?;
            for (live, at) in part {
                live.mark_noted(*at);
            }
        }
        inner.store.note_moment(now).await
    }

    /// Deletes whatever is over, in the store and in memory.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn sweep(&self, now: Timestamp, keep_events: Duration) -> Stored<Swept> {
        // First the uses: the store must not take a busy session for an idle one.
        self.flush_seen(now).await?;
        let swept = self.0.store.sweep(now, keep_events).await?;
        self.0.sessions.retain(|_, live| {
            let over = live.is_over(now);
            if over {
                live.close();
                self.0.ended.note(live.session());
            }
            !over
        });
        self.0.devices.retain(|_, device| !device.is_over(now));
        self.0.addresses.remove(|trust| now >= trust.expires_at);
        self.0.drafts.sweep(now);
        Ok(swept)
    }

    /// Ends sessions and trusts that the present directory and portals no longer carry: the person is gone or disabled,
    /// the password is another one, the portal was removed. Call it at the start and after every reload.
    ///
    /// # Errors
    /// The store does not answer; sessions are closed in memory all the same.
    pub async fn end_outdated(
        &self,
        person: impl Fn(&UserId) -> Option<Arc<Person>> + Send + Sync,
        portals: &[&str],
    ) -> Stored<Ended> {
        // Who may not sign in for a while keeps what they trust; who is disabled does not.
        let present = |id: &UserId| person(id).filter(|person| !person.disabled);
        let sessions = self.0.sessions_where(|session| {
            !portals.contains(&session.portal.as_str())
                || present(&session.person)
                    .is_none_or(|person| person.is_barred() || person.credential != session.credential)
        });
        let mut trusts: Vec<_> = self
            .0
            .devices
            .iter()
            .filter(|device| {
                present(&device.person).is_none_or(|person| !device.has_mark(&person.credential))
            })
            .map(|device| device.id.clone())
            .collect();
        let addresses = self.0.addresses.select(|trust| {
            present(&trust.person).is_none_or(|person| {
                trust.scope == AddressScope::User && person.credential != trust.credential
            })
        });
        trusts.extend(addresses.iter().map(|trust| trust.id.clone()));

        let ended = Ended { sessions: sessions.len(), trusts: trusts.len() };
        for session in sessions {
            self.close_here(vec![session]).await?;
        }
        for id in trusts {
            self.revoke_trust(None, &id).await?;
        }
        Ok(ended)
    }

    /// The latest moment ever noted: where a clock that never goes back starts from.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn latest_moment(&self) -> Stored<Option<Timestamp>> {
        self.0.store.latest_moment().await
    }

    /// Whether the store can be written: what `/readyz` tells.
    ///
    /// # Errors
    /// Why not.
    pub async fn check_writable(&self) -> Stored<()> {
        self.0.store.check_writable().await
    }
}

impl Inner {
    async fn pay_owed(&self) -> Stored<()> {
        loop {
            let next = self.owed().sessions.last().cloned();
            let Some(id) = next else { break };
            self.store.close_session(&id).await?;
            self.owed().sessions.retain(|owed| *owed != id);
        }
        loop {
            let next = self.owed().trusts_of.last().cloned();
            let Some(person) = next else { return Ok(()) };
            self.store.revoke_trusts_of(&person).await?;
            self.forget_trusts_of(&person);
            self.owed().trusts_of.retain(|owed| *owed != person);
        }
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
