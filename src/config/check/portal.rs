//! `[[portal]]`: names, hosts and the server behind.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, SocketAddr},
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use http::Uri;
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{
    Check, brand, front, identity, rule,
    server::support,
    sign_in,
    value::{Allowed, Fault},
};
use crate::{
    config::{
        Files,
        brand::Brand,
        file::{At, File, PortalTable, UpstreamHostWord},
        people::Folk,
        settings::{
            PortalSettings, SecondFactorSettings, ServerSettings, SignIn, UpstreamHost, UpstreamSettings,
        },
    },
    domain::{facts::Host, policy::PortalRules, session::SessionSpans},
};

/// Names and hosts that portals above have taken.
#[derive(Default)]
struct Claimed {
    names: HashSet<String>,
    hosts: HashMap<Host, (usize, String)>,
    /// Ports on which the gateway itself may answer to these hosts.
    ports: Vec<u16>,
}

/// What holds at a portal that says nothing else.
pub(super) struct Usual<'a> {
    pub sign_in: &'a [SignIn],
    pub brand: &'a Brand,
}

pub(super) fn portals(
    check: &mut Check<'_, '_>,
    file: &File,
    folk: &Folk,
    second_factor: &SecondFactorSettings,
    server: &ServerSettings,
    session: SessionSpans,
    usual: &Usual<'_>,
) -> (Vec<PortalSettings>, Vec<PortalRules>) {
    if file.portal.is_empty() && !check.taken.had(&(0..0), "portal") {
        check
            .desk
            .warn(0..0, "there is no [[portal]]: every request is answered with 421")
            .hint("add one; `vestibule config example` shows how");
    }
    let listeners = server.https.iter().chain(&server.http).map(SocketAddr::port);
    let mut claimed = Claimed { ports: listeners.chain([443, 80]).collect(), ..Claimed::default() };
    let ground = rule::Ground { folk, second_factor, lifetime: session.lifetime, prefix: &server.prefix };
    file.portal
        .iter()
        .map(|portal| {
            let settings = settings(check, portal, &mut claimed, usual, &server.prefix);
            let rules = rule::rules(check, portal, &settings.name, &ground);
            let compiled = PortalRules {
                name: Arc::from(settings.name.as_str()),
                hosts: settings.hosts.clone(),
                open: portal.value().enabled.unwrap_or(true),
                rules,
            };
            (settings, compiled)
        })
        .unzip()
}

fn settings(
    check: &mut Check<'_, '_>,
    portal: &At<PortalTable>,
    claimed: &mut Claimed,
    usual: &Usual<'_>,
    prefix: &str,
) -> PortalSettings {
    let owner = portal.span();
    let table = portal.value();
    let name = name(check, &owner, table, claimed);
    let title = table.title.as_ref().map_or_else(|| name.clone(), |title| check.words(title));
    let issuer = match &table.issuer {
        Some(issuer) => {
            let text = check.words(issuer);
            if text.contains(':') {
                // otpauth labels are "issuer:account".
                check
                    .desk
                    .error(issuer.span(), "authenticator apps split the issuer at its colon")
                    .hint(format!("leave the colon out, as in \"{}\"", text.replace(':', " ")));
            }
            text
        }
        None => title.replace(':', " "),
    };
    let look = brand::Written {
        logo: table.logo.as_ref(),
        color: table.color.as_ref(),
        color_dark: table.color_dark.as_ref(),
    };
    PortalSettings {
        hosts: hosts(check, &owner, table, &name, claimed),
        upstream: upstream(check, portal, &name, claimed),
        brand: brand::brand(check, &look, usual.brand),
        landing: front::landing(check, table),
        badge: table.badge.as_ref().is_some_and(|badge| *badge.value()),
        start: front::start(check, table, prefix),
        identity: identity::headers(check, &table.headers),
        support: support(check, table.support.as_ref()),
        sign_in: sign_in::of_portal(check, table, usual.sign_in),
        name,
        title,
        issuer,
    }
}

fn name(
    check: &mut Check<'_, '_>,
    owner: &Range<usize>,
    table: &PortalTable,
    claimed: &mut Claimed,
) -> String {
    let hint = "write a short name, as in name = \"planning\"";
    let Some(written) = check.need(owner, "name", table.name.as_ref(), hint) else {
        return "portal".to_owned();
    };
    let text = written.value().clone();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !text.chars().all(is_word) || text.len() > 64 {
        let slug: String =
            text.to_lowercase().chars().map(|c| if is_word(c) { c } else { '-' }).take(64).collect();
        check
            .desk
            .error(
                written.span(),
                format!("\"{text}\" is no name for a portal: letters, digits, \"-\" and \"_\""),
            )
            .hint(format!("write name = \"{slug}\" and title = \"{text}\""));
    } else if !claimed.names.insert(text.to_lowercase()) {
        check
            .desk
            .error(written.span(), format!("another portal is called \"{text}\""))
            .hint("give each portal a name of its own");
    }
    text
}

fn hosts(
    check: &mut Check<'_, '_>,
    owner: &Range<usize>,
    table: &PortalTable,
    portal: &str,
    claimed: &mut Claimed,
) -> Vec<Host> {
    let listed = table.hosts.as_ref().map(|hosts| hosts.value().as_slice()).unwrap_or_default();
    let written: Vec<&At<String>> = listed.iter().chain(&table.host).collect();
    if written.is_empty() {
        let empty = table.hosts.as_ref().map(At::span);
        if empty.is_some() || !(check.taken.had(owner, "hosts") || check.taken.had(owner, "host")) {
            check
                .desk
                .error(empty.unwrap_or(owner.clone()), format!("portal \"{portal}\" answers to no host"))
                .hint("write the names visitors use, as in hosts = [\"planning.example.com\"]");
        }
    }
    let mut hosts = Vec::new();
    for text in written {
        let host = match host(text.value()) {
            Ok(host) => host,
            Err(fault) => {
                check.desk.error(text.span(), fault.message).hint_if(fault.hint);
                continue;
            }
        };
        match claimed.hosts.get(&host) {
            Some((other, _)) if *other == owner.start => {
                check
                    .desk
                    .warn(text.span(), format!("host \"{host}\" is listed twice"))
                    .hint("once is enough");
            }
            Some((_, other)) => check
                .desk
                .error(text.span(), format!("host \"{host}\" belongs to portal \"{other}\" already"))
                .hint("one host leads to one portal; use rules with paths to treat parts of it differently"),
            None => {
                claimed.hosts.insert(host.clone(), (owner.start, portal.to_owned()));
                hosts.push(host);
            }
        }
    }
    hosts
}

fn host(text: &str) -> Result<Host, Fault> {
    let message = format!("\"{text}\" is no host name");
    if let Some(rest) = text.split_once("://").map(|(_, rest)| rest) {
        let bare = rest.split(['/', ':']).next().unwrap_or("");
        return Err(Fault::new(message, format!("only the host, without scheme and path: \"{bare}\"")));
    }
    if text.starts_with("*.") {
        return Err(Fault::new(
            format!("\"{text}\": wildcards are not available in this version"),
            "list every host by name",
        ));
    }
    if !text.is_ascii() {
        return Err(Fault::new(message, "write the name as DNS has it, starting with \"xn--\""));
    }
    let bare = text.split('/').next().unwrap_or("");
    let is_literal = text.starts_with('[');
    match Host::read(text) {
        Some(host) if is_literal && text.ends_with(']') || !is_literal && !text.contains(':') => Ok(host),
        Some(host) => Err(Fault::new(
            format!("\"{text}\": hosts are written without a port"),
            format!("write \"{host}\"; ports are those of [server] https"),
        )),
        None if text.parse::<std::net::Ipv6Addr>().is_ok() => {
            Err(Fault::new(message, format!("IPv6 addresses stand in brackets: \"[{text}]\"")))
        }
        None if bare != text && Host::read(bare).is_some() => {
            Err(Fault::new(message, format!("only the host, without a path: \"{bare}\"")))
        }
        None => Err(Fault::new(message, "write it as in \"planning.example.com\"")),
    }
}

fn upstream(
    check: &mut Check<'_, '_>,
    portal: &At<PortalTable>,
    name: &str,
    claimed: &Claimed,
) -> Option<UpstreamSettings> {
    let (owner, table) = (portal.span(), portal.value());
    if table.upstream.is_none() && !check.taken.had(&owner, "upstream") {
        front::nothing_behind(check, portal, name);
        return None;
    }
    let hint = "write the server behind, as in upstream = \"http://127.0.0.1:8080\"";
    let mut url = Uri::from_static("http://127.0.0.1/");
    if let Some(written) = check.need(&owner, "upstream", table.upstream.as_ref(), hint) {
        match upstream_url(written.value()) {
            Ok(read) => {
                let usual = if read.scheme_str() == Some("https") { 443 } else { 80 };
                let is_own_port = claimed.ports.contains(&read.port_u16().unwrap_or(usual));
                let itself = read
                    .host()
                    .and_then(Host::read)
                    .filter(|host| is_own_port && claimed.hosts.contains_key(host));
                if let Some(host) = itself {
                    check
                        .desk
                        .warn(
                            written.span(),
                            format!("\"{host}\" is a host of this gateway: requests may go in circles"),
                        )
                        .hint("write the address of the server behind, as in \"http://127.0.0.1:8080\"");
                }
                if read.scheme_str() == Some("http") && !read.host().is_some_and(is_near) {
                    check
                        .desk
                        .warn(
                            written.span(),
                            "plain http over a public network: what visitors send can be read and changed on its way",
                        )
                        .hint("write \"https://…\", or an address of this machine or of a private network");
                }
                url = read;
            }
            Err(fault) => check.desk.error(written.span(), fault.message).hint_if(fault.hint),
        }
    }
    let is_https = url.scheme_str() == Some("https");
    let ca = table.upstream_ca.as_ref().map(|written| {
        let path = check.path(written.value());
        if !is_https {
            check
                .desk
                .warn(written.span(), "\"upstream_ca\" has no effect: the upstream is plain http")
                .hint("write upstream = \"https://…\", or leave it out");
            path
        } else {
            authorities(check, written)
        }
    });
    Some(UpstreamSettings {
        url,
        host: match table.upstream_host {
            Some(UpstreamHostWord::Upstream) => UpstreamHost::Upstream,
            Some(UpstreamHostWord::Preserve) | None => UpstreamHost::Preserve,
        },
        ca,
        connect_timeout: check.span(table.connect_timeout.as_ref(), Duration::from_secs(5), Allowed::WAIT),
        response_timeout: check.span(table.response_timeout.as_ref(), Duration::from_secs(60), Allowed::WAIT),
        idle_timeout: check.span(table.idle_timeout.as_ref(), Duration::from_secs(300), Allowed::WAIT),
    })
}

/// The path of a PEM bundle of authorities to trust.
pub(super) fn authorities(check: &mut Check<'_, '_>, written: &At<String>) -> PathBuf {
    let path = check.path(written.value());
    if check.files == Files::Checked {
        let found =
            CertificateDer::pem_file_iter(&path).and_then(|found| found.collect::<Result<Vec<_>, _>>());
        match found {
            Ok(found) if found.is_empty() => check
                .desk
                .error(written.span(), format!("no certificate in {}", path.display()))
                .hint("it must hold \"-----BEGIN CERTIFICATE-----\" blocks"),
            Ok(_) => {}
            Err(fault) => {
                check
                    .desk
                    .error(written.span(), format!("{} cannot be used: {fault}", path.display()))
                    .hint("name a PEM file with certificates");
            }
        }
    }
    path
}

fn upstream_url(text: &str) -> Result<Uri, Fault> {
    let wrong = |why: &str| format!("upstream \"{text}\" {why}");
    let form = "write it as in \"http://127.0.0.1:8080\"";
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => {
            return Err(Fault::new(wrong("is not a URL"), mended(text).unwrap_or_else(|| form.to_owned())));
        }
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        let hint = match strsim::levenshtein(&scheme, "http") {
            0..=2 => format!("did you mean \"http://{rest}\"?"),
            _ => "it is http:// or https://; WebSockets need nothing else".to_owned(),
        };
        return Err(Fault::new(wrong(&format!("has the scheme \"{scheme}\"")), hint));
    }
    let uri: Uri = text.parse().map_err(|_| Fault::new(wrong("is not a URL"), form))?;
    let authority = uri.authority().ok_or_else(|| Fault::new(wrong("names no server"), form))?.clone();
    let bare = format!("{scheme}://{authority}");
    if authority.as_str().contains('@') {
        return Err(Fault::new(
            wrong("has a user name in it"),
            "the gateway does not sign in to upstreams; leave it out",
        ));
    }
    if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
        return Err(Fault::new(
            wrong("has a path"),
            format!("paths reach the upstream as visitors ask for them: write \"{bare}\""),
        ));
    }
    let port_is_fine = match authority.port() {
        Some(port) => port.as_u16() != 0,
        None => !authority.as_str().ends_with(':'),
    };
    // A port beyond 65535 is no port to `http`, and would silently become the default one.
    let has_stray_port =
        authority.port_u16().is_none() && authority.as_str().rsplit(':').next().is_some_and(is_number);
    if Host::read(authority.host()).is_none() || !port_is_fine || has_stray_port {
        return Err(Fault::new(wrong("names no server and port"), form));
    }
    format!("{bare}/").parse().map_err(|_| Fault::new(wrong("is not a URL"), form))
}

/// Whether an upstream is on this machine or in a private network, as far as its name tells.
pub(super) fn is_near(host: &str) -> bool {
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(v4)) => {
            // 100.64.0.0/10 is what overlay networks hand out (RFC 6598).
            let is_shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared
        }
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        // A name without a dot is of /etc/hosts or of a container's network; the other endings are not in the public DNS.
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.')
                || [".localhost", ".internal", ".local", ".lan", ".home.arpa"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `127.0.0.1:8080`, `http//x` and `http:x` with what is missing put back.
fn mended(text: &str) -> Option<String> {
    let (scheme, rest) = ["https", "http"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme).map(|rest| (scheme, rest)))
        .filter(|(_, rest)| rest.starts_with([':', '/']))
        .unwrap_or(("http", text));
    let rest = rest.trim_start_matches([':', '/']);
    let guess = format!("{scheme}://{rest}");
    upstream_url(&guess).is_ok().then(|| format!("did you mean \"{guess}\"?"))
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn what_is_not_near_is_on_a_public_network() {
        for near in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.9",
            "172.31.255.255",
            "100.64.0.1",
            "[::1]",
            "[fd00::1]",
            "[fe80::1]",
            "localhost",
            "wiki",
            "wiki.internal",
            "Wiki.LAN.",
            "[::ffff:10.0.0.1]",
        ] {
            assert!(is_near(near), "{near}");
        }
        for far in [
            "203.0.113.9",
            "172.32.0.1",
            "100.128.0.1",
            "[2001:db8::1]",
            "wiki.example.com",
            "[::ffff:203.0.113.9]",
        ] {
            assert!(!is_near(far), "{far}");
        }
    }
}
