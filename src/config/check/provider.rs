//! `[[provider]]`: who vouches for people, how we prove ourselves to it, and how far its word goes.

use std::{collections::HashSet, ops::Range};

use http::Uri;
use secrecy::SecretString;

use super::{Check, portal::authorities, value::Fault};
use crate::{
    config::{
        Files,
        file::{At, File, PromptWord, ProviderTable, Secret},
        problem::did_you_mean,
        secret,
        settings::{PortalSettings, Prompt, ProviderSettings},
    },
    domain::facts::Host,
};

/// More buttons than anybody reads.
const MOST: usize = 10;

pub(super) fn providers(
    check: &mut Check<'_, '_>,
    file: &File,
    portals: &[PortalSettings],
) -> Vec<ProviderSettings> {
    if let Some(first) = file.provider.first()
        && !cfg!(feature = "oidc")
    {
        check
            .desk
            .error(first.span(), "this vestibule was built without providers")
            .hint("use a build with the feature \"oidc\", or leave [[provider]] out");
    }
    if let Some(beyond) = file.provider.get(MOST) {
        check
            .desk
            .error(beyond.span(), format!("there are more than {MOST} providers"))
            .hint("visitors choose from a list of buttons; keep those they use");
    }
    let mut names = HashSet::new();
    let mut issuers = HashSet::new();
    let mut all = Vec::new();
    for provider in &file.provider {
        all.extend(settings(check, provider, portals, &mut names, &mut issuers));
    }
    all
}

fn settings(
    check: &mut Check<'_, '_>,
    provider: &At<ProviderTable>,
    portals: &[PortalSettings],
    names: &mut HashSet<String>,
    issuers: &mut HashSet<(String, String)>,
) -> Option<ProviderSettings> {
    let owner = provider.span();
    let table = provider.value();
    let name = name(check, &owner, table, names);
    let title = table.title.as_ref().map(|title| check.words(title));
    let hint = "write its address, as in issuer = \"https://accounts.google.com\"";
    let issuer_at = check.need(&owner, "issuer", table.issuer.as_ref(), hint);
    if let Some(written) = issuer_at
        && let Err(fault) = issuer(written.value())
    {
        check.desk.error(written.span(), fault.message).hint_if(fault.hint);
    }
    let hint = "write what the provider calls this gateway, as in client_id = \"vestibule\"";
    let client_id = check.need(&owner, "client_id", table.client_id.as_ref(), hint);
    let client_secret = client_secret(check, table);
    let (scopes, accept_amr) = (scopes(check, table), accept_amr(check, table));
    let offered = table.portals.as_ref().map(|list| offered(check, list, portals));
    let email_domains = email_domains(check, table);
    let ca = table.ca.as_ref().map(|written| authorities(check, written));
    let (name, issuer_at, client_id) = (name?, issuer_at?, check.words(client_id?));
    if !issuers.insert((issuer_at.value().clone(), client_id.clone())) {
        check
            .desk
            .error(issuer_at.span(), "another provider has this issuer and client_id")
            .hint("keep one [[provider]] for it, and name its portals there");
    }
    Some(ProviderSettings {
        title: title.unwrap_or_else(|| name.clone()),
        name,
        issuer: issuer_at.value().clone(),
        client_id,
        client_secret,
        scopes,
        portals: offered,
        email_domains,
        accept_amr,
        prompt: match table.prompt {
            Some(PromptWord::SelectAccount) | None => Prompt::SelectAccount,
            Some(PromptWord::Login) => Prompt::Login,
            Some(PromptWord::Consent) => Prompt::Consent,
            Some(PromptWord::Off) => Prompt::Nothing,
        },
        ca,
    })
}

fn name(
    check: &mut Check<'_, '_>,
    owner: &Range<usize>,
    table: &ProviderTable,
    names: &mut HashSet<String>,
) -> Option<String> {
    let hint = "write a short name, as in name = \"google\"";
    let written = check.need(owner, "name", table.name.as_ref(), hint)?;
    let text = written.value();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !text.chars().all(is_word) || text.len() > 64 {
        let slug: String =
            text.to_lowercase().chars().map(|c| if is_word(c) { c } else { '-' }).take(64).collect();
        check
            .desk
            .error(
                written.span(),
                format!("\"{text}\" is no name for a provider: letters, digits, \"-\" and \"_\""),
            )
            .hint(format!("write name = \"{slug}\" and title = \"{text}\""));
    } else if !names.insert(text.to_lowercase()) {
        check
            .desk
            .error(written.span(), format!("another provider is called \"{text}\""))
            .hint("give each provider a name of its own");
    }
    Some(text.clone())
}

/// Whether an issuer is an address we may ask: https, or on this machine.
fn issuer(text: &str) -> Result<(), Fault> {
    let wrong = |why: &str| format!("issuer \"{text}\" {why}");
    let form = "write it as the provider does, as in \"https://accounts.google.com\"";
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(Fault::new(wrong("is not a URL"), format!("did you mean \"https://{text}\"?")));
    };
    if let Some(issuer) = text.strip_suffix(".well-known/openid-configuration") {
        let hint = format!("write \"{}\"; the rest is added by itself", issuer.trim_end_matches('/'));
        return Err(Fault::new(wrong("is the address of its description"), hint));
    }
    let uri: Uri = text.parse().map_err(|_| Fault::new(wrong("is not a URL"), form))?;
    let is_plain =
        uri.query().is_none() && !text.contains(['#', '@', '\\']) && !text.contains(char::is_whitespace);
    let host = uri.host().and_then(Host::read).filter(|_| is_plain);
    let Some(host) = host else { return Err(Fault::new(wrong("names no provider"), form)) };
    match scheme {
        "https" => Ok(()),
        "http" if host.is_this_machine() => Ok(()),
        "http" => {
            let why = "is plain http: who stands in between could sign in as anybody";
            Err(Fault::new(wrong(why), format!("write \"https://{rest}\"")))
        }
        _ => Err(Fault::new(wrong("is no web address"), form)),
    }
}

fn client_secret(check: &mut Check<'_, '_>, table: &ProviderTable) -> Option<SecretString> {
    let written = table.client_secret.as_ref()?;
    let span = written.span();
    let place = match written.value() {
        Secret::Elsewhere(place) => place,
        Secret::Here(_) => {
            check
                .desk
                .error(span, "the secret of a provider is not written into this file")
                .hint(secret::PLACES);
            return None;
        }
    };
    match secret::fetch(place, check.desk.file()) {
        Ok(text) if text.trim().is_empty() => {
            check.desk.error(span, "the secret of this provider is empty").hint(secret::PLACES);
            None
        }
        Ok(text) => Some(SecretString::from(text.trim().to_owned())),
        // Away from its machine a file's secrets are elsewhere.
        Err(_) if check.files == Files::Assumed => None,
        Err(fault) => {
            check.desk.error(span, format!("the secret of this provider {fault}")).hint(secret::PLACES);
            None
        }
    }
}

fn scopes(check: &mut Check<'_, '_>, table: &ProviderTable) -> Vec<String> {
    let Some(list) = &table.scopes else {
        return ["openid", "profile", "email"].map(str::to_owned).to_vec();
    };
    let mut scopes = vec!["openid".to_owned()];
    for written in list {
        let text = written.value();
        // RFC 6749, 3.3.
        let is_scope =
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'));
        if !is_scope {
            check
                .desk
                .error(written.span(), format!("\"{text}\" is no scope"))
                .hint("write each one alone, as in scopes = [\"openid\", \"email\"]");
        } else if !scopes.contains(text) {
            scopes.push(text.clone());
        }
    }
    scopes
}

fn accept_amr(check: &mut Check<'_, '_>, table: &ProviderTable) -> Vec<String> {
    let mut accepted = Vec::new();
    for written in table.accept_amr.iter().flatten() {
        let text = written.value();
        if matches!(text.as_str(), "" | "pwd") {
            check
                .desk
                .error(written.span(), format!("\"{text}\" is no second factor"))
                .hint("write what the provider says after one, as in accept_amr = [\"mfa\"]");
        } else {
            accepted.push(check.words(written));
        }
    }
    accepted
}

pub(super) fn offered(
    check: &mut Check<'_, '_>,
    list: &At<Vec<At<String>>>,
    portals: &[PortalSettings],
) -> Vec<String> {
    let known = || portals.iter().map(|portal| portal.name.as_str());
    if list.value().is_empty() {
        check
            .desk
            .error(list.span(), "no portal is listed")
            .hint("name portals, or leave \"portals\" out for all of them");
    }
    let mut offered = Vec::new();
    for written in list.value() {
        let text = written.value();
        if known().any(|name| name == text) {
            offered.push(text.clone());
        } else {
            let hint =
                did_you_mean(text, known()).unwrap_or_else(|| "write the name of a [[portal]]".to_owned());
            check.desk.error(written.span(), format!("there is no portal \"{text}\"")).hint(hint);
        }
    }
    offered
}

/// The domains whose addresses link somebody, if the file wants that at all.
fn email_domains(check: &mut Check<'_, '_>, table: &ProviderTable) -> Vec<String> {
    let links = table.link_by_email.as_ref().filter(|links| *links.value());
    let list = match (links, &table.email_domains) {
        (None, None) => return Vec::new(),
        (None, Some(list)) if list.value().is_empty() => return Vec::new(),
        (None, Some(list)) => {
            check
                .desk
                .warn(list.span(), "\"email_domains\" has no effect: no address links anybody")
                .hint("write link_by_email = true, or leave it out");
            return Vec::new();
        }
        (Some(links), None) => {
            check
                .desk
                .error(links.span(), "\"link_by_email\" needs \"email_domains\"")
                .hint("name the domains this provider is the authority for, as in email_domains = [\"example.com\"]");
            return Vec::new();
        }
        (Some(_), Some(list)) => list,
    };
    if list.value().is_empty() {
        check
            .desk
            .error(list.span(), "no address would link anybody")
            .hint("name domains, as in email_domains = [\"example.com\"]");
    }
    let mut domains = Vec::new();
    for written in list.value() {
        let text = written.value().trim_start_matches('@');
        match Host::read(text).filter(|host| host.as_str().contains('.') && !text.contains([':', '*'])) {
            Some(host) => domains.push(host.as_str().to_owned()),
            None => check
                .desk
                .error(written.span(), format!("\"{}\" is no domain of addresses", written.value()))
                .hint("write what stands after the \"@\", as in \"example.com\""),
        }
    }
    domains
}
