//! Codes that hand a sign-in over to another portal, until they are redeemed. In memory: a restart within their minute costs
//! the visitor one more step.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    domain::{login::HandOver, time::Timestamp, token::TokenHash},
    store::hot::LiveSession,
};

/// What waits under the hash of its code. One for each session and portal at most, so that the table grows with sessions only.
#[derive(Debug, Default)]
pub struct HandOvers(Mutex<HashMap<TokenHash, (HandOver, Arc<LiveSession>)>>);

impl HandOvers {
    /// Keeps what a code stands for. The one before it, from the same session to the same portal, is void.
    pub fn keep(&self, code: TokenHash, made: HandOver, home: Arc<LiveSession>, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, (kept, from)| {
            let is_same = kept.portal == made.portal && from.session().hash == home.session().hash;
            now < kept.ends_at() && !is_same
        });
        table.insert(code, (made, home));
    }

    /// Takes out what a code stands for: whoever shows it first, rightly or not, has used it up.
    pub fn take(&self, code: &TokenHash) -> Option<(HandOver, Arc<LiveSession>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }
}
