//! `[tls.acme]`: which authority, how hosts are proved to it, and where what it gives is kept.

use std::{ops::Range, path::Path};

use data_encoding::BASE64URL_NOPAD;
use http::Uri;
use secrecy::SecretString;

use super::{Check, open_bits, portal::authorities};
use crate::config::{
    Files,
    file::{AcmeTable, At, ChallengeWord, ExternalAccountTable, Secret},
    secret,
    settings::{AcmeSettings, Challenge, ExternalAccount, PortalSettings, ServerSettings},
};

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// What its problems need to know of the rest of the file.
pub(super) struct Around<'a> {
    pub(super) server: &'a ServerSettings,
    pub(super) portals: &'a [PortalSettings],
}

pub(super) fn acme(
    check: &mut Check<'_, '_>,
    written: Option<&At<AcmeTable>>,
    around: &Around<'_>,
) -> Option<AcmeSettings> {
    let written = written?;
    let (owner, table) = (written.span(), written.value());
    agreed(check, &owner, table);
    let folder = check.path(table.folder.as_ref().map_or("acme", |folder| folder.value()));
    if check.files == Files::Checked {
        let at = table.folder.as_ref().map_or_else(|| owner.clone(), At::span);
        look_at(check, at, &folder);
    }
    let directory = directory(check, table);
    let contact = contact(check, table);
    let challenges = challenges(check, table, around.server);
    let profile = table.profile.as_ref().map(|profile| check.words(profile));
    let external_account = table.external_account.as_ref().and_then(|account| external(check, account));
    let ca = table.ca.as_ref().map(|ca| authorities(check, ca));
    let directory = directory?;
    let settings = AcmeSettings { directory, contact, folder, challenges, profile, external_account, ca };
    let mut hosts = around.portals.iter().flat_map(|portal| &portal.hosts).peekable();
    if hosts.peek().is_some() && !hosts.any(|host| settings.orders(host)) {
        check
            .desk
            .error(owner, "no portal has a host that an authority gives a certificate for")
            .hint("give a portal a name in the public DNS, name certificates in files, or with ca an authority of your own");
    }
    Some(settings)
}

/// A folder that is not there yet is made by the server.
fn look_at(check: &mut Check<'_, '_>, at: Range<usize>, folder: &Path) {
    if folder.exists() && !folder.is_dir() {
        check
            .desk
            .error(at, format!("{} is no folder", folder.display()))
            .hint("name a folder for the account and the certificates");
    } else if open_bits(folder).is_some_and(|bits| bits != 0) {
        check
            .desk
            .warn(at, "others on this machine can look into the folder of keys")
            .hint(format!("chmod 700 {}", folder.display()));
    }
}

fn agreed(check: &mut Check<'_, '_>, owner: &Range<usize>, table: &AcmeTable) {
    let hint = "read the terms of the authority (Let's Encrypt: https://letsencrypt.org/repository/) and write \
                terms_agreed = true";
    match &table.terms_agreed {
        Some(word) if *word.value() => {}
        Some(word) => {
            check.desk.error(word.span(), "an authority gives nothing to who does not agree").hint(hint)
        }
        None if check.taken.had(owner, "terms_agreed") => {}
        None => check.desk.error(owner.clone(), "\"terms_agreed\" is missing").hint(hint),
    }
}

fn directory(check: &mut Check<'_, '_>, table: &AcmeTable) -> Option<Uri> {
    let Some(written) = &table.directory else { return LETS_ENCRYPT.parse().ok() };
    let text = written.value();
    let read = text.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
    let hint = format!("write it as in \"{LETS_ENCRYPT}\"");
    match read {
        Some(uri) if uri.scheme_str() == Some("https") => Some(uri),
        Some(uri) if uri.scheme_str() == Some("http") => {
            check
                .desk
                .error(written.span(), "an authority is asked over https alone (RFC 8555, 6.1)")
                .hint(format!("write \"https{}\"", text.strip_prefix("http").unwrap_or_default()));
            None
        }
        _ => {
            check.desk.error(written.span(), format!("\"{text}\" is no address of a directory")).hint(hint);
            None
        }
    }
}

fn contact(check: &mut Check<'_, '_>, table: &AcmeTable) -> Option<String> {
    let written = table.contact.as_ref()?;
    let address = written.value().strip_prefix("mailto:").unwrap_or(written.value());
    if address.parse::<lettre::Address>().is_err() {
        check
            .desk
            .error(written.span(), format!("\"{address}\" is no mail address"))
            .hint("write one the operators read, as in contact = \"it@example.com\"");
    }
    Some(format!("mailto:{address}"))
}

fn challenges(check: &mut Check<'_, '_>, table: &AcmeTable, server: &ServerSettings) -> Vec<Challenge> {
    let has_http = !server.http.is_empty();
    let Some(list) = &table.challenges else {
        let mut usual = vec![Challenge::TlsAlpn01];
        usual.extend(has_http.then_some(Challenge::Http01));
        return usual;
    };
    if list.value().is_empty() {
        check
            .desk
            .error(list.span(), "without a challenge no authority gives a certificate")
            .hint("write \"tls-alpn-01\" or \"http-01\", or leave the key out");
    }
    let mut found = Vec::new();
    for word in list.value() {
        let challenge = match word.value() {
            ChallengeWord::TlsAlpn01 => Challenge::TlsAlpn01,
            ChallengeWord::Http01 => Challenge::Http01,
        };
        if challenge == Challenge::Http01 && !has_http {
            check
                .desk
                .error(word.span(), "\"http-01\" is answered at port 80, and [server] http is empty")
                .hint("write http = [\"[::]:80\"] under [server], or \"tls-alpn-01\" here");
        }
        if !found.contains(&challenge) {
            found.push(challenge);
        }
    }
    found
}

fn external(check: &mut Check<'_, '_>, written: &At<ExternalAccountTable>) -> Option<ExternalAccount> {
    let (owner, table) = (written.span(), written.value());
    let id = check.need(&owner, "id", table.id.as_ref(), "write the key id that the authority gave you");
    let Some(key) = &table.key else {
        if !check.taken.had(&owner, "key") {
            check.desk.error(owner, "\"key\" is missing").hint(secret::PLACES);
        }
        return None;
    };
    let place = match key.value() {
        Secret::Elsewhere(place) => place,
        Secret::Here(_) => {
            check.desk.error(key.span(), "this key is not written into this file").hint(secret::PLACES);
            return None;
        }
    };
    let text = match secret::fetch(place, check.desk.file()) {
        Ok(text) => text,
        Err(_) if check.files == Files::Assumed => return None,
        Err(fault) => {
            check.desk.error(key.span(), format!("the key of this account {fault}")).hint(secret::PLACES);
            return None;
        }
    };
    // Some authorities write it with padding.
    let text = text.trim().trim_end_matches('=').to_owned();
    if text.is_empty() || BASE64URL_NOPAD.decode(text.as_bytes()).is_err() {
        check
            .desk
            .error(key.span(), "the key of this account is not base64url")
            .hint("copy the \"HMAC key\" as the authority shows it");
        return None;
    }
    Some(ExternalAccount { id: id?.value().clone(), key: SecretString::from(text) })
}
