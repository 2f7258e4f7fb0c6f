//! What a request leaves behind however it ends: one count, and one line in the access log.

use std::{net::IpAddr, sync::Arc, time::Instant};

use http::{Method, Request, StatusCode, Uri};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use super::Arrival;
use crate::{
    domain::{
        facts::{Host, RequestId},
        identity::Person,
        policy::{PortalIndex, RuleId},
        trust::normalise,
    },
    runtime::Runtime,
    telemetry::metrics::{Metrics, Trouble},
};

/// More of a path than this is not logged: whoever sends the longest ones shall not fill the log with them.
const LONGEST_PATH: usize = 2048;

/// What is learnt of a request on its way. Shared buffers and numbers: nothing here is copied or formatted until a line is
/// written.
pub(super) struct Trail {
    pub(super) id: RequestId,
    pub(super) ending: Ending,
    pub(super) client: IpAddr,
    pub(super) host: Option<Host>,
    pub(super) portal: Option<PortalIndex>,
    pub(super) person: Option<Arc<Person>>,
    /// The rule that allowed, challenged or denied.
    pub(super) rule: Option<RuleId>,
    method: Method,
    uri: Uri,
}

/// How a request ended, as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    Malformed,
    Misdirected,
    OwnPage,
    Challenged,
    Denied,
    Forwarded,
    UpstreamFault(Trouble),
}

impl Trail {
    /// Of a request nobody has read yet; one that cannot be read ends as it begins.
    pub(super) fn begin<B>(id: RequestId, arrival: &Arrival, request: &Request<B>) -> Self {
        Self {
            id,
            ending: Ending::Malformed,
            client: normalise(arrival.peer.ip()),
            host: None,
            portal: None,
            person: None,
            rule: None,
            method: request.method().clone(),
            uri: request.uri().clone(),
        }
    }

    /// One line, without query, cookies or anything else that could be a secret.
    pub(super) fn write(&self, runtime: &Runtime, status: StatusCode, started: Instant) {
        tracing::info!(
            target: "access",
            request_id = %self.id,
            method = %self.method,
            host = self.host.as_ref().map(Host::as_str),
            // Letters that are not ASCII could turn the line's direction around.
            path = %utf8_percent_encode(beginning(self.uri.path()), CONTROLS),
            portal = self.portal.map(|portal| runtime.portal(portal).name.as_str()),
            rule = self.rule.as_ref().map(RuleId::as_str),
            person = self.person.as_ref().map(|person| person.id.as_str()),
            client_ip = %self.client,
            status = status.as_u16(),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

impl Ending {
    pub(super) fn count(self, metrics: &Metrics) {
        let counter = match self {
            Self::Malformed => &metrics.malformed,
            Self::Misdirected => &metrics.misdirected,
            Self::OwnPage => &metrics.own_pages,
            Self::Challenged => &metrics.challenged,
            Self::Denied => &metrics.denied,
            Self::Forwarded => &metrics.forwarded,
            Self::UpstreamFault(trouble) => {
                metrics.count_trouble(trouble);
                &metrics.upstream_faults
            }
        };
        counter.increment(1);
    }
}

fn beginning(path: &str) -> &str {
    &path[..path.floor_char_boundary(LONGEST_PATH)]
}
