//! What outlives its decision is asked again: a tunnel, or a response that goes on and on, ends when the same request would
//! no longer be forwarded.

use std::{rc::Rc, sync::Arc};

use super::recognise;
use crate::{
    domain::{
        facts::RequestFacts,
        policy::{Outcome, Question},
        standing::Standing,
    },
    runtime::{Current, Services},
    store::hot::LiveSession,
};

/// One request that was forwarded, and in whose name.
pub(super) struct Leash {
    pub(super) services: Services,
    pub(super) current: Arc<Current>,
    pub(super) facts: Rc<RequestFacts>,
    /// The portal it was forwarded to, whatever its place in the file by now.
    pub(super) portal: String,
    /// The session of the person who was named; `None` where nobody was.
    pub(super) live: Option<Arc<LiveSession>>,
}

impl Leash {
    /// Whether the rules, the session and the trust of this moment would still forward it, in the same name.
    pub(super) fn is_over(&self) -> bool {
        let runtime = self.current.peek();
        let now = self.services.clock.now();
        let Some(portal) = runtime.settings.policy.place(&self.facts.host) else { return true };
        if runtime.portal(portal).name != self.portal || self.services.store.is_closed(&self.portal) {
            return true;
        }
        let question = Question::of(portal, &self.facts, now);
        let (standing, wanted) = match &self.live {
            None => (Standing::Stranger, Outcome::AllowAnonymous),
            Some(live) => {
                let store = &self.services.store;
                let known = recognise::stand(&runtime, store, live, &self.portal, self.facts.client, now);
                let Some(known) = known else { return true };
                // Fresh at the door is fresh until the end: a tunnel has no way to ask for another code.
                (Standing::Known(known.as_at_the_door(now)), Outcome::AllowKnown)
            }
        };
        runtime.settings.policy.judge(question, &standing).outcome != wanted
    }
}
