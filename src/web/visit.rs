//! One request to one of our own pages, as the gateway read and recognised it.

use std::sync::Arc;

use crate::{
    domain::{
        facts::RequestFacts, identity::Person, policy::PortalIndex, standing::Standing, time::Timestamp,
    },
    runtime::{PortalParts, Runtime, Services},
    store::hot::LiveSession,
};

/// Who asks which page of ours, when, and under which reading of the file.
pub struct Visit {
    /// The snapshot this request lives under.
    pub runtime: Arc<Runtime>,
    /// State, time, chance.
    pub services: Services,
    /// The request, read once.
    pub facts: RequestFacts,
    /// The portal whose host was asked.
    pub portal: PortalIndex,
    /// Who is asking, as `gateway/recognise` found.
    pub standing: Standing,
    /// The session behind the standing; `None` for a stranger.
    pub live: Option<Arc<LiveSession>>,
    /// The moment this request came.
    pub now: Timestamp,
}

impl Visit {
    /// The portal's settings and upstream.
    pub fn portal(&self) -> &PortalParts {
        &self.runtime.portals[self.portal.0]
    }

    /// Who is signed in.
    pub fn person(&self) -> Option<&Arc<Person>> {
        match &self.standing {
            Standing::Known(known) => Some(&known.person),
            Standing::Stranger => None,
        }
    }
}
