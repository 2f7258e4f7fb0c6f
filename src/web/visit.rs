//! One request to one of our own pages, as the gateway read and recognised it.

use std::sync::Arc;

use crate::{
    config::settings::PortalSettings,
    domain::{
        facts::RequestFacts, identity::Person, policy::PortalIndex, standing::Standing, time::Timestamp,
    },
    runtime::{Directory, Runtime, Services},
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
    /// What the file says of the portal.
    pub fn portal(&self) -> &PortalSettings {
        self.runtime.portal(self.portal)
    }

    /// Everybody.
    pub fn directory(&self) -> Directory<'_> {
        self.runtime.directory(&self.services.store)
    }

    /// Who is signed in.
    pub fn person(&self) -> Option<&Arc<Person>> {
        match &self.standing {
            Standing::Known(known) => Some(&known.person),
            Standing::Stranger => None,
        }
    }
}
