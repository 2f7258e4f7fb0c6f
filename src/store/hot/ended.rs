//! Whose a session was that is over. A cookie that lets nobody in any more still tells for whom a form was typed, so that
//! nobody else sends it. Nothing is let in by this, and what a restart forgets is merely not known.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::domain::{identity::UserId, session::Session, token::TokenHash};

/// Sessions remembered; those that ended first are forgotten first.
const MOST: usize = 65_536;

/// Sessions that ended lately.
#[derive(Debug, Default)]
pub(super) struct EndedSessions(Mutex<Ended>);

#[derive(Debug, Default)]
struct Ended {
    owners: HashMap<TokenHash, (UserId, String)>,
    /// In the order they ended.
    order: VecDeque<TokenHash>,
}

impl EndedSessions {
    /// Remembers one that has ended.
    pub(super) fn note(&self, session: &Session) {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = (session.person.clone(), session.portal.clone());
        if ended.owners.insert(session.hash, owner).is_none() {
            ended.order.push_back(session.hash);
        }
        if ended.order.len() > MOST
            && let Some(first) = ended.order.pop_front()
        {
            ended.owners.remove(&first);
        }
    }

    /// Whose the session with this hash was at this portal.
    pub(super) fn owner(&self, hash: &TokenHash, portal: &str) -> Option<UserId> {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (person, at) = ended.owners.get(hash)?;
        (at == portal).then(|| person.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{hash, session, user};

    #[test]
    fn an_ended_session_is_known_at_its_own_portal_until_many_others_have_ended() {
        let ended = EndedSessions::default();
        ended.note(&session("ann", 0));
        ended.note(&session("ann", 0));
        let portal = session("ann", 0).portal;
        assert_eq!(ended.owner(&hash(0), &portal), Some(user("ann")));
        assert_eq!(ended.owner(&hash(0), "another"), None);
        let other = session("bob", 1);
        for number in 1..MOST as u64 {
            ended.note(&Session { hash: hash(number), ..other.clone() });
        }
        assert_eq!(ended.owner(&hash(0), &portal), Some(user("ann")));
        ended.note(&Session { hash: hash(MOST as u64), ..other });
        assert_eq!(ended.owner(&hash(0), &portal), None);
    }
}
