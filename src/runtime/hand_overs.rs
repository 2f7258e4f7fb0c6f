//! Codes that hand a sign-in over to another portal, until they are redeemed. In memory: a restart on the way
//! costs the visitor one more step.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    domain::{login::HandOver, time::Timestamp, token::TokenHash},
    store::hot::LiveSession,
};

/// Codes that wait for one session and portal at a time: somebody has several windows there.
const MOST: usize = 4;

/// What waits under the hash of its code. A few for each session and portal at most, so that the table grows with sessions only.
#[derive(Debug, Default)]
pub struct HandOvers(Mutex<HashMap<TokenHash, (HandOver, Arc<LiveSession>)>>);

impl HandOvers {
    /// Keeps what a code stands for. The one before it for the same challenge is void, and so is the oldest of too many.
    pub fn keep(&self, code: TokenHash, made: HandOver, home: Arc<LiveSession>, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |kept: &HandOver, from: &LiveSession| {
            kept.portal == made.portal && from.session().hash == home.session().hash
        };
        table.retain(|_, (kept, from)| {
            now < kept.ends_at() && !(is_of(kept, from) && kept.challenge == made.challenge)
        });
        let same = table.iter().filter(|(_, (kept, from))| is_of(kept, from));
        let mut same: Vec<_> = same.map(|(code, (kept, _))| (kept.made_at, *code)).collect();
        same.sort_unstable();
        for (_, code) in same.iter().take((same.len() + 1).saturating_sub(MOST)) {
            table.remove(code);
        }
        table.insert(code, (made, home));
    }

    /// Takes out what a code stands for: whoever shows it first, rightly or not, has used it up.
    pub fn take(&self, code: &TokenHash) -> Option<(HandOver, Arc<LiveSession>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }
}
