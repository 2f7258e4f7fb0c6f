//! What administrators read: records as lines, and words that several answers share.

use super::words::{Answer, Moment, RefusalKind, SessionLine, TrustKind, TrustLine};
use crate::{
    domain::{
        identity::UserId,
        session::Session,
        token::RecordId,
        trust::{AddressTrust, DeviceTrust},
    },
    runtime::Directory,
};

/// The id of the person called `name`; of somebody no directory knows any more, the name itself.
pub(super) fn id_of(people: &Directory<'_>, name: &str) -> UserId {
    people.find(name).map_or_else(|| UserId::new(name), |person| person.id.clone())
}

pub(super) fn name_of(people: &Directory<'_>, id: &UserId) -> String {
    people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone())
}

/// A text that somebody typed, on one line and of bounded length: for the log.
pub(super) fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

pub(super) fn nobody(name: &str) -> Answer {
    Answer::refused(RefusalKind::NotFound, format!("nobody is called \"{name}\""))
}

pub(super) fn no_page(why: &str) -> Answer {
    Answer::refused(RefusalKind::NotFound, why)
}

pub(super) fn no_record(what: &str, id: &RecordId) -> Answer {
    Answer::refused(RefusalKind::NotFound, format!("there is no {what} with the id {id}"))
}

pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

pub(super) fn device_line(trust: &DeviceTrust, people: &Directory<'_>) -> TrustLine {
    TrustLine {
        id: trust.id.clone(),
        kind: TrustKind::Device,
        user: name_of(people, &trust.person),
        what: trust.label.clone(),
        scope: None,
        portal: None,
        granted: Moment(trust.granted_at),
        last_used: Moment(trust.last_used),
        expires: trust.expires_at.map(Moment),
    }
}

pub(super) fn address_line(trust: &AddressTrust, people: &Directory<'_>) -> TrustLine {
    TrustLine {
        id: trust.id.clone(),
        kind: TrustKind::Address,
        user: name_of(people, &trust.person),
        what: shown(trust.network),
        scope: Some(trust.scope.name().to_owned()),
        portal: Some(trust.portal.clone()),
        granted: Moment(trust.granted_at),
        last_used: Moment(trust.last_used),
        expires: Some(Moment(trust.expires_at)),
    }
}

/// A network of one address is that address.
fn shown(network: ipnet::IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

pub(super) fn session_line(session: &Session, people: &Directory<'_>) -> SessionLine {
    let second_factor = session.passed.as_ref().map(|passed| passed.method.name().to_owned());
    SessionLine {
        id: session.id.clone(),
        user: name_of(people, &session.person),
        portal: session.portal.clone(),
        address: session.address,
        agent: session.agent.clone(),
        second_factor: second_factor.or_else(|| session.device.as_ref().map(|_| "trusted device".to_owned())),
        opened: Moment(session.opened_at),
        last_used: Moment(session.last_seen),
        ends: Moment(session.ends_at),
    }
}
