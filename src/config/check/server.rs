//! `[server]`, `[store]`, `[session]`, `[pages]` and `[log]`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

use super::{
    Check, brand,
    value::{self, Allowed},
};
use crate::{
    config::{
        brand::Brand,
        file::{At, Language, LogTable, PagesTable, ServerTable, SessionTable, StoreTable, SupportTable},
        problem::did_you_mean,
        settings::{LogSettings, PageSettings, ServerSettings, StoreSettings, SupportContact},
    },
    domain::{session::SessionSpans, time::days},
};

/// The longest path a Unix socket can have (`sun_path`, less the final NUL).
const LONGEST_SOCKET_PATH: usize = 107;

pub(super) fn server(check: &mut Check<'_, '_>, table: &ServerTable) -> ServerSettings {
    let mut taken = Vec::new();
    let https = listeners(check, table.https.as_deref(), "[::]:443", &mut taken);
    let http = match (&table.http, &table.https) {
        // Whoever moved https to a port of their own did not ask for port 80.
        (None, Some(_)) => Vec::new(),
        (http, _) => listeners(check, http.as_deref(), "[::]:80", &mut taken),
    };
    if let Some(list) = &table.https
        && list.is_empty()
    {
        check
            .desk
            .error(0..0, "[server] https is empty: nobody could come in")
            .hint("write https = [\"[::]:443\"]");
    }
    let public_port = table.public_port.as_ref().map(|port| (port.span(), *port.value()));
    if let Some((span, 0)) = &public_port {
        check
            .desk
            .error(span.clone(), "no visitor comes by port 0")
            .hint("leave \"public_port\" out for the port of https");
    }
    let internal = match &table.internal {
        Some(text) if text.value() == "off" => None,
        Some(text) => {
            let address = listener(check, text, &mut taken);
            if let Some(address) = address.filter(|address| !address.ip().is_loopback()) {
                check
                    .desk
                    .warn(text.span(), format!("health and metrics can be reached from outside at {address}"))
                    .hint("write \"127.0.0.1:9091\", or make sure a firewall keeps strangers out");
            }
            address
        }
        None => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9091))),
    };
    let trusted_proxies = proxies(check, &table.trusted_proxies, "counts as a trusted proxy");
    let proxy_protocol = proxies(check, &table.proxy_protocol, "may send a PROXY header");
    ServerSettings {
        https,
        public_port: public_port.map(|(_, port)| port),
        http,
        internal,
        socket: socket(check, table),
        trusted_proxies,
        proxy_protocol,
        workers: workers(check, table),
        prefix: prefix(check, table),
        drain: check.span(table.drain.as_ref(), Duration::from_secs(30), Allowed::DRAIN),
    }
}

/// The networks of proxies, who say for others where they come from; never everybody.
fn proxies(check: &mut Check<'_, '_>, written: &[At<String>], what: &str) -> Vec<IpNet> {
    let networks = check.networks(written);
    // 0.0.0.0/1 and 128.0.0.0/1 together are everybody, too.
    if let [first, .., last] | [first @ last] = written
        && IpNet::aggregate(&networks).iter().any(|network| network.prefix_len() == 0)
    {
        check
            .desk
            .error(
                first.span().start..last.span().end,
                format!("any visitor could claim any address: every address {what}"),
            )
            .hint("list only the addresses of your own proxies");
    }
    networks
}

fn listeners(
    check: &mut Check<'_, '_>,
    written: Option<&[At<String>]>,
    default: &str,
    taken: &mut Vec<SocketAddr>,
) -> Vec<SocketAddr> {
    match written {
        Some(list) => list.iter().filter_map(|text| listener(check, text, taken)).collect(),
        None => value::listener(default).into_iter().inspect(|address| taken.push(*address)).collect(),
    }
}

fn listener(check: &mut Check<'_, '_>, text: &At<String>, taken: &mut Vec<SocketAddr>) -> Option<SocketAddr> {
    match value::listener(text.value()) {
        // Port 0 is a fresh port each time.
        Ok(address) if address.port() != 0 && taken.contains(&address) => {
            check
                .desk
                .error(text.span(), format!("{address} is listened on twice"))
                .hint("give each listener a port of its own");
            None
        }
        Ok(address) => {
            taken.push(address);
            Some(address)
        }
        Err(fault) => {
            check.desk.error(text.span(), fault.message).hint_if(fault.hint);
            None
        }
    }
}

fn socket(check: &mut Check<'_, '_>, table: &ServerTable) -> PathBuf {
    let written = table.socket.as_ref().map_or("run/vestibule.sock", |text| text.value().as_str());
    let path = check.path(written);
    if let Some(text) = table.socket.as_ref().filter(|_| path.as_os_str().len() > LONGEST_SOCKET_PATH) {
        check
            .desk
            .error(text.span(), format!("the path of a Unix socket has at most {LONGEST_SOCKET_PATH} bytes"))
            .hint("use a shorter folder, such as /run/vestibule");
    }
    path
}

fn workers(check: &mut Check<'_, '_>, table: &ServerTable) -> usize {
    let Some(written) = &table.workers else {
        return std::thread::available_parallelism().map_or(1, usize::from);
    };
    if !(1..=256).contains(written.value()) {
        check
            .desk
            .error(written.span(), "the number of threads is from 1 to 256")
            .hint("leave \"workers\" out for one per core");
        return 1;
    }
    usize::from(*written.value())
}

fn prefix(check: &mut Check<'_, '_>, table: &ServerTable) -> String {
    let default = "/.vestibule/".to_owned();
    let Some(written) = &table.prefix else { return default };
    let text = written.value();
    let inside = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
    };
    if inside.is_some_and(|inside| inside.split('/').all(is_segment)) {
        return text.clone();
    }
    let bare = text.trim_matches('/');
    let hint = if !bare.is_empty() && bare.split('/').all(is_segment) {
        format!("did you mean \"/{bare}/\"?")
    } else {
        "write a folder of its own, as in \"/.vestibule/\": letters, digits, \"-\", \".\", \"_\" and \"~\""
            .to_owned()
    };
    check.desk.error(written.span(), format!("\"{text}\" is no prefix")).hint(hint);
    default
}

pub(super) fn store(check: &mut Check<'_, '_>, table: &StoreTable) -> StoreSettings {
    let url = table.url.as_ref().map_or("sqlite:vestibule.db", |url| url.value().as_str());
    let sqlite = |check: &Check<'_, '_>, path: &str| {
        let path = check.path(path);
        let key = match &table.key {
            Some(key) => check.path(key.value()),
            None => path.with_extension("key"),
        };
        StoreSettings::Sqlite { path, key }
    };
    let at = table.url.as_ref().map_or(0..0, At::span);
    match url.split_once(':') {
        Some(("memory", "")) => StoreSettings::Memory,
        Some(("sqlite", path)) if !path.is_empty() && is_file_path(path) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            let settings = sqlite(check, path);
            if let StoreSettings::Sqlite { path, key } = &settings
                && path == key
            {
                check
                    .desk
                    .error(at, "the store and its key are the same file")
                    .hint("give the key another name, as in key = \"vestibule.key\"");
            }
            settings
        }
        Some(("postgres" | "postgresql", _)) => {
            check
                .desk
                .error(at, "a PostgreSQL store is not available in this version")
                .hint("use url = \"sqlite:vestibule.db\"");
            StoreSettings::Memory
        }
        _ => {
            let hint = if url.contains(':') || url.is_empty() {
                "write \"sqlite:PATH\" or \"memory:\"".to_owned()
            } else {
                format!("did you mean \"sqlite:{url}\"?")
            };
            check.desk.error(at, format!("\"{url}\" is no store")).hint(hint);
            StoreSettings::Memory
        }
    }
}

/// `sqlite:vestibule.db`, `sqlite:/var/lib/x.db` and `sqlite:///var/lib/x.db`, but no query.
fn is_file_path(path: &str) -> bool {
    !path.contains(['?', '\0'])
        && !path.ends_with('/')
        && (!path.starts_with("//") || path.starts_with("///"))
}

pub(super) fn session(check: &mut Check<'_, '_>, table: &SessionTable) -> SessionSpans {
    let idle = check.span(table.idle.as_ref(), Duration::from_secs(8 * 3600), Allowed::SESSION);
    let lifetime = check.span(table.lifetime.as_ref(), days(1), Allowed::SESSION);
    if let Some(written) = table.idle.as_ref().filter(|_| idle > lifetime) {
        check
            .desk
            .warn(written.span(), "\"idle\" is longer than \"lifetime\" and never comes into effect")
            .hint("make it shorter, or \"lifetime\" longer");
    }
    SessionSpans { idle, lifetime }
}

/// The largest form that is kept over a sign-in; `None`: none is.
pub(super) fn kept_forms(check: &mut Check<'_, '_>, table: &SessionTable) -> Option<u64> {
    const DEFAULT: u64 = 1024 * 1024;
    let Some(written) = &table.keep_forms else { return Some(DEFAULT) };
    match written.value().0.as_str() {
        "off" => None,
        text => match value::form_size(text) {
            Ok(size) => Some(size),
            Err(fault) => {
                check.desk.error(written.span(), fault.message).hint_if(fault.hint);
                Some(DEFAULT)
            }
        },
    }
}

pub(super) fn pages(check: &mut Check<'_, '_>, table: &PagesTable) -> PageSettings {
    let language = match table.language.as_ref().map_or(Language::En, |language| *language.value()) {
        Language::En => "en",
        Language::Nl => "nl",
        Language::De => "de",
        Language::Fr => "fr",
    };
    let look = brand::Written {
        logo: table.logo.as_ref(),
        color: table.color.as_ref(),
        color_dark: table.color_dark.as_ref(),
    };
    PageSettings {
        language: language.to_owned(),
        support: support(check, table.support.as_ref()),
        brand: brand::brand(check, &look, &Brand::default()),
    }
}

pub(super) fn support(check: &mut Check<'_, '_>, table: Option<&At<SupportTable>>) -> Option<SupportContact> {
    let table = table?;
    let owner = table.span();
    let SupportTable { label, url } = table.value();
    let label =
        check.need(&owner, "label", label.as_ref(), "write what the link says, as in label = \"IT desk\"");
    let url = check.need(
        &owner,
        "url",
        url.as_ref(),
        "write where it leads, as in url = \"mailto:it@example.com\"",
    );
    let label = check.words(label?);
    let url = url?;
    let text = url.value();
    let leads = ["mailto:", "tel:", "https://"].iter().any(|start| {
        text.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    });
    if !leads || !value::is_plain(text) {
        let hint = if text.contains('@') {
            format!("did you mean \"mailto:{text}\"?")
        } else {
            "write \"mailto:…\", \"tel:…\" or \"https://…\"".to_owned()
        };
        check.desk.error(url.span(), format!("\"{text}\" is nothing a link may lead to")).hint(hint);
    }
    Some(SupportContact { label, url: text.clone() })
}

const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

pub(super) fn log(check: &mut Check<'_, '_>, table: &LogTable) -> LogSettings {
    let mut level = "info".to_owned();
    if let Some(written) = &table.level {
        let text = written.value();
        // A bare word that is no level would be read as a module's name, and log everything of it.
        let stray = text.split(',').map(str::trim).find(|part| !part.contains('=') && !LEVELS.contains(part));
        match stray {
            Some(word) => check.desk.error(written.span(), format!("\"{word}\" is no log level")).hint(
                did_you_mean(word, LEVELS).unwrap_or_else(|| format!("it is one of {}", LEVELS.join(", "))),
            ),
            None if EnvFilter::builder().parse(text).is_err() => check
                .desk
                .error(written.span(), format!("\"{text}\" is no log filter"))
                .hint("write a level, or a filter such as \"info,hyper=warn\""),
            None => level.clone_from(text),
        }
    }
    LogSettings {
        level,
        audit: table.audit.as_ref().map(|path| check.path(path.value())),
        access: table.access.unwrap_or(true),
    }
}
