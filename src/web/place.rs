//! Where our pages are and what their addresses carry.

use super::visit::Visit;
use crate::{
    config::settings::PortalSettings,
    domain::facts::{Host, ReturnTo},
};

/// The address of our page `name` that leads on to `return_to` afterwards: `/.vestibule/login?return_to=%2Freports`.
pub fn link(prefix: &str, name: &str, return_to: &ReturnTo) -> String {
    let mut address = format!("{prefix}{name}?return_to=");
    address.extend(form_urlencoded::byte_serialize(return_to.as_str().as_bytes()));
    address
}

/// One value from the query of the request; a name given twice has none.
pub(super) fn query(visit: &Visit, name: &str) -> Option<String> {
    let query = visit.facts.path.target().query().unwrap_or_default();
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    value.filter(|_| values.next().is_none())
}

/// Where the query says to go afterwards; the start of the portal if it says nothing usable.
pub(super) fn return_to(visit: &Visit) -> ReturnTo {
    query(visit, "return_to").map(|text| ReturnTo::read(&text)).unwrap_or_default()
}

/// Where to go after an app was linked: past the wizard, if that is where the sign-in was to lead.
pub(super) fn past_wizard(visit: &Visit, mut return_to: ReturnTo) -> ReturnTo {
    let wizard = visit.own("enrol");
    loop {
        let (path, query) = return_to.as_str().split_once('?').unwrap_or((return_to.as_str(), ""));
        if path != wizard {
            return return_to;
        }
        // Shorter each time.
        let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to");
        return_to = next.map(|(_, place)| ReturnTo::read(&place)).unwrap_or_default();
    }
}

impl Visit {
    /// The address of our page `name`.
    pub(super) fn own(&self, name: &str) -> String {
        format!("{}{name}", self.runtime.settings.server.prefix)
    }

    /// `https://` and the first host of another portal.
    pub(super) fn origin_of(&self, portal: &PortalSettings) -> String {
        portal.hosts.first().map_or_else(String::new, |host| self.origin_at(host))
    }

    /// `https://` and a host of the file. The port is the one the visitor came in by: it is one of ours, or the request would
    /// not have been placed.
    pub(super) fn origin_at(&self, host: &Host) -> String {
        let port = self.facts.authority.rsplit_once(':').map(|(_, port)| port);
        match port.filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(port) => format!("https://{host}:{port}"),
            None => format!("https://{host}"),
        }
    }

    /// Where a sign-in leads: to the portal's start if it came from nowhere else.
    pub(super) fn destination(&self, return_to: ReturnTo) -> ReturnTo {
        if return_to == ReturnTo::default() { self.portal().start.clone() } else { return_to }
    }

    /// As [`link`], for this visit.
    pub(super) fn link(&self, name: &str, return_to: &ReturnTo) -> String {
        link(&self.runtime.settings.server.prefix, name, return_to)
    }

    /// Our page `name` as the place to go afterwards.
    pub(super) fn return_to_own(&self, name: &str) -> ReturnTo {
        ReturnTo::read(&self.own(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deep_link_is_carried_whole() {
        let deep = ReturnTo::read("/reports/2026?month=11&sort=a%20b");
        let address = link("/.vestibule/", "login", &deep);
        assert_eq!(address, "/.vestibule/login?return_to=%2Freports%2F2026%3Fmonth%3D11%26sort%3Da%2520b");
        let (_, query) = address.split_once('?').unwrap();
        let (_, value) = form_urlencoded::parse(query.as_bytes()).next().unwrap();
        assert_eq!(ReturnTo::read(&value), deep);
    }
}
