//! The straight path, on one screen: observe, place, recognise, decide, then forward or answer.
//!
//! Every fault before `Allow` fails closed. [`respond`] alone turns causes into responses.

mod observe;
mod recognise;
mod respond;

use std::{net::SocketAddr, rc::Rc, sync::Arc, time::Instant};

use http::{Request, Response};
use hyper::body::Incoming;

use self::{
    observe::Observed,
    respond::{Cause, Voice},
};
use crate::{
    domain::{
        facts::{Host, RequestFacts, RequestId},
        policy::{Decision, PortalIndex},
        standing::Standing,
    },
    proxy::{self, Body, Connections, Envelope},
    runtime::{Current, Runtime, Services},
    store::hot::{CoreSessions, LiveSession},
    web::{self, Endpoint, Visit},
};

/// What one proxying thread holds: its own upstream connections and sessions met, and what all threads share.
pub struct Core {
    services: Services,
    current: Arc<Current>,
    connections: Connections,
    sessions: CoreSessions,
}

/// What the socket knows of a request.
#[derive(Clone)]
pub struct Arrival {
    /// The TCP peer.
    pub peer: SocketAddr,
    /// Whether this connection's certificate is the one for a host: any other host is 421, so that no request meets a portal
    /// under another portal's TLS.
    pub serves: Rc<dyn Fn(&Host) -> bool>,
    /// What was ambiguous about the head as it came over the wire, if anything.
    pub violation: Option<&'static str>,
}

impl Arrival {
    /// A request from `peer` on a connection that serves every host.
    pub fn plain(peer: SocketAddr) -> Self {
        Self { peer, serves: Rc::new(|_| true), violation: None }
    }
}

impl Core {
    /// One thread's share of the gateway.
    pub fn new(services: Services, current: Arc<Current>) -> Self {
        Self { services, current, connections: Connections::default(), sessions: CoreSessions::new() }
    }

    /// Answers one request. Never fails: every fault becomes a response here.
    pub async fn answer(&self, arrival: &Arrival, request: Request<Incoming>) -> Response<Body> {
        let started = Instant::now();
        let runtime = self.current.snapshot();
        let now = self.services.clock.now();
        let id = self.draw_request_id();
        let (head, body) = request.into_parts();

        let observed =
            match observe::observe(id.clone(), arrival, &head, &runtime.settings.server.trusted_proxies) {
                Ok(observed) => observed,
                Err(malformed) => {
                    return respond::malformed(self, &runtime, &id, arrival, &head, now, &malformed);
                }
            };
        let Observed { facts, forwarded_for } = observed;
        let Some(portal) =
            runtime.settings.policy.place(&facts.host).filter(|_| (arrival.serves)(&facts.host))
        else {
            // The page that says so loads its look from the host it stands on.
            if let Some(asset) = web::asset(&runtime.settings.server.prefix, &facts) {
                return asset;
            }
            return respond::respond(self, &runtime, &facts, None, &head.headers, now, Cause::Misdirected);
        };

        let name = &runtime.portals[portal.0].settings.name;
        let (standing, live) = recognise::recognise(
            &runtime,
            &self.services.store,
            &self.sessions,
            name,
            &facts,
            &head.headers,
            now,
        );
        let place = Placed { portal, standing: &standing };
        if observe::is_foreign_socket(&facts, &head.headers) {
            return respond::respond(
                self,
                &runtime,
                &facts,
                Some(&place),
                &head.headers,
                now,
                Cause::ForeignSocket,
            );
        }

        if let Some(endpoint) = Endpoint::place(&runtime.settings.server.prefix, &facts.path) {
            let log = access_line(&runtime, &facts, &place);
            let visit =
                Visit { runtime, services: self.services.clone(), facts, portal, standing, live, now };
            self.services.metrics.own_pages.increment(1);
            let mut response = web::answer(endpoint, visit, Request::from_parts(head, body)).await;
            respond::name_request(&mut response, &id);
            if let Some(line) = log {
                line.write(response.status(), started);
            }
            return response;
        }

        let response = match runtime.settings.policy.decide(portal, &facts, &standing) {
            Decision::Allow(permit) => {
                let upstream = &runtime.portals[portal.0].upstream;
                let envelope = Envelope {
                    id: &id,
                    client: facts.client,
                    forwarded_for: forwarded_for.as_ref(),
                    authority: &facts.authority,
                    leash: permit.person().and(live.as_ref()).map(|live| self.leash(live)),
                };
                let voice = Voice::of(&head.headers);
                let request = Request::from_parts(head, body);
                match proxy::forward(&self.connections, upstream, permit, envelope, request).await {
                    Ok(response) => {
                        self.services.metrics.forwarded.increment(1);
                        response
                    }
                    Err(fault) => {
                        let cause = Cause::Upstream(fault);
                        respond::respond(self, &runtime, &facts, Some(&place), &voice.headers(), now, cause)
                    }
                }
            }
            Decision::Challenge(challenge) => {
                let cause = Cause::Challenge(challenge);
                respond::respond(self, &runtime, &facts, Some(&place), &head.headers, now, cause)
            }
            Decision::Deny(denial) => {
                let cause = Cause::Denial(denial);
                respond::respond(self, &runtime, &facts, Some(&place), &head.headers, now, cause)
            }
        };
        if let Some(line) = access_line(&runtime, &facts, &place) {
            line.write(response.status(), started);
        }
        response
    }

    /// Lets go of sessions that are over; the thread calls it now and then.
    pub fn tidy(&self) {
        self.sessions.tidy(self.services.clock.now());
    }

    fn draw_request_id(&self) -> RequestId {
        let mut bytes = [0; 16];
        self.services.entropy.fill(&mut bytes);
        RequestId::new(bytes)
    }

    /// Tells a tunnel whether its session is over.
    fn leash(&self, live: &Arc<LiveSession>) -> Box<dyn Fn() -> bool> {
        let (live, clock, current) = (live.clone(), self.services.clock.clone(), self.current.clone());
        Box::new(move || {
            let runtime = current.peek();
            let person =
                runtime.settings.people.get(&live.session().person).filter(|person| !person.disabled);
            person.is_none_or(|person| !live.is_live(clock.now(), &person.credential))
        })
    }
}

/// Where a request was placed, and who sent it.
struct Placed<'a> {
    portal: PortalIndex,
    standing: &'a Standing,
}

/// One line of the access log, without query, cookies or anything else that could be a secret.
struct AccessLine {
    id: RequestId,
    method: http::Method,
    path: String,
    portal: String,
    person: Option<String>,
    client: std::net::IpAddr,
}

fn access_line(runtime: &Runtime, facts: &RequestFacts, place: &Placed<'_>) -> Option<AccessLine> {
    if !runtime.settings.log.access {
        return None;
    }
    let person = match place.standing {
        Standing::Known(known) => Some(known.person.id.as_str().to_owned()),
        Standing::Stranger => None,
    };
    Some(AccessLine {
        id: facts.id.clone(),
        method: facts.method.clone(),
        path: facts.path.as_str().to_owned(),
        portal: runtime.portals[place.portal.0].settings.name.clone(),
        person,
        client: facts.client,
    })
}

impl AccessLine {
    fn write(&self, status: http::StatusCode, started: Instant) {
        tracing::info!(
            target: "access",
            request_id = %self.id,
            method = %self.method,
            path = %self.path,
            portal = %self.portal,
            person = self.person.as_deref(),
            client_ip = %self.client,
            status = status.as_u16(),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}
