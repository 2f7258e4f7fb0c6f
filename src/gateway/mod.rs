//! The straight path, on one screen: observe, place, recognise, decide, then forward or answer.
//!
//! Every fault before `Allow` fails closed. [`respond`] alone turns causes into responses, and every response leaves by the
//! end of [`Core::answer`], which counts it and writes its line from the [`trail`].

mod badge;
mod keeping;
mod leash;
mod observe;
mod recognise;
mod resend;
mod respond;
mod trail;

use std::{net::SocketAddr, rc::Rc, sync::Arc, time::Instant};

use http::{Request, Response};
use hyper::body::Incoming;

use self::{
    leash::Leash,
    observe::Observed,
    resend::Sending,
    respond::{Asked, Cause, Voice},
    trail::{Ending, Trail},
};
use crate::{
    domain::{
        facts::{Host, RequestFacts, RequestId},
        policy::{Decision, Denial, PortalIndex, Refusal},
        standing::Standing,
    },
    proxy::{self, Body, Connections, Envelope},
    runtime::{Current, Runtime, Services},
    store::hot::{CoreSessions, LiveSession},
    telemetry::metrics::Trouble,
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
    /// The port that the peer connected to.
    pub port: u16,
    /// Whether this connection's certificate is the one for a host: any other host is 421, so that no request meets a portal
    /// under another portal's TLS.
    pub serves: Rc<dyn Fn(&Host) -> bool>,
    /// What was ambiguous about the head as it came over the wire, if anything.
    pub violation: Option<&'static str>,
}

impl Arrival {
    /// A request from `peer` on a connection to port 443 that serves every host.
    pub fn plain(peer: SocketAddr) -> Self {
        Self { peer, port: 443, serves: Rc::new(|_| true), violation: None }
    }
}

impl Core {
    /// One thread's share of the gateway.
    pub fn new(services: Services, current: Arc<Current>) -> Self {
        let connections = Connections::for_workers(current.peek().settings.server.workers);
        Self { services, current, connections, sessions: CoreSessions::new() }
    }

    /// Answers one request. Never fails: every fault becomes a response here. Every response leaves through here, with the
    /// request's id on it, counted, and with its line in the access log.
    pub async fn answer(&self, arrival: &Arrival, mut request: Request<Incoming>) -> Response<Body> {
        let started = Instant::now();
        let is_extended =
            proxy::translate_extended_connect(&mut request, |key| self.services.entropy.fill(key));
        let runtime = self.current.snapshot();
        let mut trail = Trail::begin(self.draw_request_id(), arrival, &request);
        let mut response = self.walk(arrival, &runtime, &mut trail, request).await;
        respond::name_request(&mut response, &trail.id);
        trail.ending.count(&self.services.metrics);
        if runtime.settings.log.access {
            trail.write(&runtime, response.status(), started);
        }
        if is_extended { proxy::answer_extended_connect(response) } else { response }
    }

    async fn walk(
        &self,
        arrival: &Arrival,
        runtime: &Arc<Runtime>,
        trail: &mut Trail,
        request: Request<Incoming>,
    ) -> Response<Body> {
        let now = self.services.clock.now();
        let audit = &self.services.audit;
        let (mut head, body) = request.into_parts();

        let server = &runtime.settings.server;
        let (proxies, public_port) = (&server.trusted_proxies, server.public_port);
        let observed = match observe::observe(trail.id.clone(), arrival, &head, proxies, public_port) {
            Ok(observed) => observed,
            Err(malformed) => return respond::malformed(runtime, trail, &head, now, &malformed),
        };
        let Observed { facts, forwarded_for, is_our_port } = observed;
        trail.client = facts.client;
        trail.host = Some(facts.host.clone());
        let Some(portal) = runtime
            .settings
            .policy
            .place(&facts.host)
            .filter(|_| is_our_port && (arrival.serves)(&facts.host))
        else {
            // The page that says so loads its look from the host it stands on.
            if let Some(asset) = web::asset(runtime, &facts, &head.headers) {
                trail.ending = Ending::OwnPage;
                return asset;
            }
            if !is_our_port {
                tracing::info!(
                    request_id = %trail.id,
                    authority = %facts.authority,
                    listening = arrival.port,
                    "asked for a port that is not ours: listen on the one that visitors use, or name it as public_port"
                );
            }
            let asked = Asked { runtime, facts: &facts, placed: None, headers: &head.headers, now };
            return respond::respond(&asked, trail, audit, Cause::Misdirected);
        };
        trail.portal = Some(portal);

        let name = &runtime.portal(portal).name;
        let (standing, live) = recognise::recognise(
            runtime,
            &self.services.store,
            &self.sessions,
            name,
            &facts,
            &head.headers,
            now,
        );
        if let Standing::Known(known) = &standing {
            trail.person = Some(known.person.clone());
        }
        let place = Placed { portal, standing: &standing };
        let asked = Asked { runtime, facts: &facts, placed: Some(&place), headers: &head.headers, now };
        if observe::is_foreign_socket(&facts, &head.headers) {
            return respond::respond(&asked, trail, audit, Cause::ForeignSocket);
        }

        if let Some(endpoint) = Endpoint::place(&server.prefix, &facts.path) {
            trail.ending = Ending::OwnPage;
            let (runtime, services) = (runtime.clone(), self.services.witnessed());
            let visit = Visit { runtime, services, facts, portal, standing, live, now };
            return web::answer(endpoint, visit, Request::from_parts(head, body)).await;
        }
        let has_upstream = runtime.portal(portal).upstream.is_some();

        // Administrators close portals without touching the file.
        let decision = match self.services.store.is_closed(name) {
            true => Decision::Deny(Denial { rule: None, refusal: Refusal::PortalOff }),
            false => runtime.settings.policy.decide(portal, &facts, &standing, now),
        };
        let decision = match decision {
            // Nothing is behind this portal: the permit is used for nothing, and our own pages answer.
            Decision::Allow(permit) if !has_upstream => {
                trail.rule = Some(permit.rule().clone());
                trail.ending = Ending::OwnPage;
                let endpoint = Endpoint::of_bare_portal(&facts.path);
                let (runtime, services) = (runtime.clone(), self.services.witnessed());
                let visit = Visit { runtime, services, facts, portal, standing, live, now };
                return web::answer(endpoint, visit, Request::from_parts(head, body)).await;
            }
            decision => decision,
        };
        let load = match resend::look(&facts, &head, body).await {
            Ok(load) => load,
            Err(cause) => return respond::respond(&asked, trail, audit, cause),
        };
        match decision {
            Decision::Allow(permit) => {
                trail.rule = Some(permit.rule().clone());
                let voice = Voice::of(&head.headers);
                let badge =
                    badge::badge(runtime, &permit, &facts, head.version, &mut head.headers, live.as_deref());
                let store = &self.services.store;
                let Sending { request, sent } =
                    match load.pack(runtime, &facts, &place, store, head, now).await {
                        Ok(sending) => sending,
                        Err(cause) => {
                            let headers = &voice.headers();
                            let asked = Asked { runtime, facts: &facts, placed: Some(&place), headers, now };
                            return respond::respond(&asked, trail, audit, cause);
                        }
                    };
                let facts = Rc::new(facts);
                let live = permit.person().and(live);
                let envelope = Envelope {
                    id: &trail.id,
                    client: facts.client,
                    forwarded_for: forwarded_for.as_ref(),
                    authority: &facts.authority,
                    leash: &|| self.leash(&facts, name, live.as_ref()),
                    witness: &|| self.witness(&facts.id, name),
                };
                match proxy::forward(&self.connections, &runtime.upstreams, permit, envelope, request).await {
                    Ok(mut response) => {
                        trail.ending = Ending::Forwarded;
                        if let Some(badge) = badge {
                            response = badge.lay_in(response);
                        }
                        if let Some(sent) = sent {
                            sent.arrived(&mut response);
                        }
                        response
                    }
                    Err(fault) => {
                        let cause = match sent {
                            Some(sent) => sent.failed(fault, store, now).await,
                            None => Cause::Upstream(fault),
                        };
                        let headers = &voice.headers();
                        let asked = Asked { runtime, facts: &facts, placed: Some(&place), headers, now };
                        respond::respond(&asked, trail, audit, cause)
                    }
                }
            }
            Decision::Challenge(challenge) => {
                let cause = self.keep(&asked, &place, &head, load, challenge).await;
                respond::respond(&asked, trail, audit, cause)
            }
            Decision::Deny(denial) => respond::respond(&asked, trail, audit, Cause::Denial(denial)),
        }
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

    /// Tells operators, once, that an upstream broke off in the middle of its answer: the visitor has its beginning already.
    fn witness(&self, id: &RequestId, portal: &str) -> Box<dyn Fn(&str)> {
        let (metrics, id, portal) = (self.services.metrics.clone(), id.clone(), portal.to_owned());
        Box::new(move |fault| {
            metrics.count_trouble(Trouble::Cut);
            tracing::warn!(request_id = %id, portal, fault, "the upstream broke off within its answer");
        })
    }

    /// Tells what outlives this decision whether it would still be made.
    fn leash(
        &self,
        facts: &Rc<RequestFacts>,
        portal: &str,
        live: Option<&Arc<LiveSession>>,
    ) -> Box<dyn Fn() -> bool> {
        let leash = Leash {
            services: self.services.clone(),
            current: self.current.clone(),
            facts: facts.clone(),
            portal: portal.to_owned(),
            live: live.cloned(),
        };
        Box::new(move || leash.is_over())
    }
}

/// Where a request was placed, and who sent it.
struct Placed<'a> {
    portal: PortalIndex,
    standing: &'a Standing,
}
