//! `[sms]`: requests that say number and text, to somebody who is reached unread.

use std::{ops::Range, time::Duration};

use http::{HeaderName, HeaderValue, Uri};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{bundle, hidden};
use crate::{
    config::{
        check::{Check, portal::is_near, value::Allowed},
        file::{At, Secret, SignatureTable, SmsMethod, SmsProviderTable, SmsTable},
        settings::{SmsBody, SmsProvider, SmsSettings, SmsSignature},
    },
    domain::throttle::SmsLimits,
};

/// Headers that the connection itself writes.
const OWN: [&str; 5] = ["host", "content-length", "transfer-encoding", "connection", "content-type"];
/// What in a header's name says that its value is a secret.
const SECRETIVE: [&str; 5] = ["authorization", "key", "token", "secret", "password"];

pub(in crate::config::check) fn sms(
    check: &mut Check<'_, '_>,
    table: Option<&At<SmsTable>>,
) -> Option<SmsSettings> {
    let written = table?;
    let table = written.value();
    let usual = SmsLimits::default();
    let limits = SmsLimits {
        person: limit(check, table.per_person.as_ref(), usual.person),
        block: limit(check, table.per_block.as_ref(), usual.block),
        day: limit(check, table.per_day.as_ref(), usual.day),
    };
    if table.provider.is_empty() && !check.taken.had(&written.span(), "provider") {
        check
            .desk
            .error(written.span(), "nobody carries text messages: there is no [[sms.provider]]")
            .hint("add one; `vestibule config example` shows how");
    }
    let providers: Vec<_> = table.provider.iter().filter_map(|one| provider(check, one)).collect();
    for (later, written) in providers.iter().zip(&table.provider).skip(1) {
        if later.url == providers[0].url {
            check
                .desk
                .warn(written.span(), "this provider is the same as the first: both are down together")
                .hint("name another one, or leave it out");
        }
    }
    (!providers.is_empty()).then_some(SmsSettings { providers, limits })
}

fn limit(check: &mut Check<'_, '_>, written: Option<&At<u16>>, usual: u32) -> u32 {
    let Some(written) = written else { return usual };
    if *written.value() == 0 {
        check.desk.error(written.span(), "a limit of 0 lets no message out").hint(format!("as in {usual}"));
    }
    u32::from(*written.value())
}

fn provider(check: &mut Check<'_, '_>, written: &At<SmsProviderTable>) -> Option<SmsProvider> {
    let owner = written.span();
    let table = written.value();
    let hint = "write where requests go, as in url = \"https://sms.example.com/messages\"";
    let url = check.need(&owner, "url", table.url.as_ref(), hint).and_then(|text| url(check, text, hint));
    let body = body(check, &owner, table);
    let headers = headers(check, table);
    let signature = table.signature.as_ref().map(|written| signature(check, written));
    let timeout = check.span(table.timeout.as_ref(), Duration::from_secs(5), Allowed::MESSAGE);
    let ca = bundle(check, table.ca.as_ref());
    Some(SmsProvider {
        url: url?,
        method: match table.method.as_ref().map(At::value) {
            None | Some(SmsMethod::Post) => http::Method::POST,
            Some(SmsMethod::Put) => http::Method::PUT,
        },
        headers,
        body: body?,
        signature: match signature {
            None => None,
            Some(read) => Some(read?),
        },
        ca,
        timeout,
    })
}

fn url(check: &mut Check<'_, '_>, text: &At<String>, hint: &str) -> Option<Uri> {
    let uri = text.value().parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    });
    let Some(uri) = uri else {
        check.desk.error(text.span(), format!("\"{}\" is no URL for requests", text.value())).hint(hint);
        return None;
    };
    if uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_near) {
        check
            .desk
            .error(text.span(), "numbers and codes would cross a public network unencrypted")
            .hint("write \"https://…\"");
    }
    Some(uri)
}

fn body(check: &mut Check<'_, '_>, owner: &Range<usize>, table: &SmsProviderTable) -> Option<SmsBody> {
    let hint = "write json = { to = \"{to}\", text = \"{text}\" }, or form = { … }";
    let (at, texts, body) = match (&table.json, &table.form) {
        (Some(json), None) => {
            let value = Value::Object(json.value().clone());
            (json.span(), texts(&value), SmsBody::Json(value))
        }
        (None, Some(form)) => {
            let fields: Vec<_> = form.value().clone().into_iter().collect();
            (form.span(), fields.iter().map(|(_, text)| text.clone()).collect(), SmsBody::Form(fields))
        }
        (Some(_), Some(form)) => {
            check
                .desk
                .error(form.span(), "a request has one body: \"json\" or \"form\"")
                .hint("keep one of the two");
            return None;
        }
        (None, None) => {
            if !check.taken.had(owner, "json") && !check.taken.had(owner, "form") {
                check.desk.error(owner.clone(), "requests say nothing: \"json\" is missing").hint(hint);
            }
            return None;
        }
    };
    let says = |mark: &str| texts.iter().any(|text| text.contains(mark));
    if !says("{to}") && !says("{digits}") {
        check.desk.error(at, "no text of the body says the number: \"{to}\" is missing").hint(hint);
    } else if !says("{text}") {
        check.desk.error(at, "no text of the body says the message: \"{text}\" is missing").hint(hint);
    }
    Some(body)
}

/// Every text in a JSON value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(table) => table.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn headers(check: &mut Check<'_, '_>, table: &SmsProviderTable) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    for (name, written) in &table.headers {
        let folded = name.to_ascii_lowercase();
        let Some(header) = header(check, written.span(), name) else { continue };
        let is_secret = SECRETIVE.iter().any(|word| folded.contains(word));
        let value = match written.value() {
            Secret::Here(text) if !is_secret => Some(SecretString::from(text.clone())),
            _ => hidden(check, written, &format!("the header \"{name}\"")),
        };
        let Some(value) = value else { continue };
        match HeaderValue::from_str(value.expose_secret()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                headers.push((header, value));
            }
            Err(_) => check
                .desk
                .error(written.span(), format!("the header \"{name}\" cannot be written"))
                .hint("its value is plain text on one line"),
        }
    }
    headers
}

/// A header that a request may carry besides those the connection writes.
fn header(check: &mut Check<'_, '_>, at: Range<usize>, name: &str) -> Option<HeaderName> {
    let folded = name.to_ascii_lowercase();
    if OWN.contains(&folded.as_str()) {
        check.desk.error(at, format!("the header \"{name}\" is written anyway")).hint("leave it out");
        return None;
    }
    let header = HeaderName::from_bytes(name.as_bytes()).ok();
    if header.is_none() {
        check
            .desk
            .error(at, format!("\"{name}\" is no name of a header"))
            .hint("letters, digits and \"-\", as in \"X-Signature\"");
    }
    header
}

fn signature(check: &mut Check<'_, '_>, written: &At<SignatureTable>) -> Option<SmsSignature> {
    let owner = written.span();
    let table = written.value();
    let hint = "write the header it goes into, as in header = \"X-Signature\"";
    let name = check
        .need(&owner, "header", table.header.as_ref(), hint)
        .and_then(|text| header(check, text.span(), text.value()));
    let prefix = table.prefix.as_ref().map_or_else(String::new, |text| check.words(text));
    let Some(secret) = &table.secret else {
        if !check.taken.had(&owner, "secret") {
            check
                .desk
                .error(owner, "\"secret\" is missing")
                .hint("write the key shared with the provider, as in secret = { file = \"sms.key\" }");
        }
        return None;
    };
    let key = hidden(check, secret, "the key of the signature").unwrap_or_default();
    Some(SmsSignature { header: name?, prefix, key })
}
