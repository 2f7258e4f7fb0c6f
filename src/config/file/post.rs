//! `[mail]` and `[sms]` as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Secret, SpanText};

/// How mail is sent. Without it none is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "mail")]
pub(in crate::config) struct MailTable {
    /// Who it is from: "no-reply@example.com" or "Planning <no-reply@example.com>".
    #[schemars(required)]
    pub from: Option<At<String>>,
    /// The mail server that takes it.
    pub smtp: Option<At<SmtpTable>>,
    /// A program that takes it instead, such as "/usr/sbin/sendmail".
    pub sendmail: Option<At<String>>,
    /// How long one mail may take to be handed over. Default: "10s".
    pub timeout: Option<At<SpanText>>,
    /// Whether people are mailed what happens to their account: a way to sign in added or removed, a new device or network.
    /// Default: true.
    pub notices: Option<At<bool>>,
    /// A folder with letters in your own words: "en/invitation.txt", beside it ".html" and ".subject", "new-password"
    /// likewise; "NAME/en/…" for one portal. {name}, {username}, {portal}, {link}, {until} and {support} are filled in.
    pub templates: Option<At<String>>,
}

/// A mail server.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "smtp")]
pub(in crate::config) struct SmtpTable {
    /// Its name, as its certificate has it.
    #[schemars(required)]
    pub host: Option<At<String>>,
    /// Its port. Default: 587 with "starttls", 465 with "tls", 25 with "none".
    pub port: Option<At<u16>>,
    /// "starttls", "tls" (from the first byte) or "none" (this machine only). Default: "starttls".
    pub security: Option<At<SecurityWord>>,
    /// PEM bundle to trust instead of the system's.
    pub ca: Option<At<String>>,
    /// The name to sign in with, where the server asks for one.
    pub username: Option<At<String>>,
    /// Its password: { file = "…" }, { env = "…" } or { credential = "…" }.
    pub password: Option<At<Secret>>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "security")]
pub(in crate::config) enum SecurityWord {
    /// Encrypted before the first word of ours.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all.
    None,
}

/// How text messages are sent. Without it none are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "sms")]
pub(in crate::config) struct SmsTable {
    /// Who carries them: the first is asked first, the next ones when it fails.
    #[serde(default)]
    pub provider: Vec<At<SmsProviderTable>>,
    /// To one person, and to one number, in a day. Default: 20.
    pub per_person: Option<At<u16>>,
    /// To numbers that differ in their last four digits only, in an hour. Default: 40.
    pub per_block: Option<At<u16>>,
    /// To everybody together, in a day. Default: 1000.
    pub per_day: Option<At<u16>>,
}

/// Somebody who carries text messages, asked over HTTP. In texts of the body "{to}" stands for the number as in
/// "+31612345678", "{digits}" for the same without "+", "{text}" for the message.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "sms_provider")]
pub(in crate::config) struct SmsProviderTable {
    /// Where requests go: "https://…".
    #[schemars(required)]
    pub url: Option<At<String>>,
    /// "POST" or "PUT". Default: "POST".
    pub method: Option<At<SmsMethod>>,
    /// Headers of each request: a text, or where a secret is.
    #[serde(default)]
    pub headers: BTreeMap<String, At<Secret>>,
    /// The body as JSON.
    pub json: Option<At<serde_json::Map<String, serde_json::Value>>>,
    /// The body as fields of a form.
    pub form: Option<At<BTreeMap<String, String>>>,
    /// How the body is signed: HMAC-SHA256, in hexadecimal digits.
    pub signature: Option<At<SignatureTable>>,
    /// PEM bundle to trust instead of the system's.
    pub ca: Option<At<String>>,
    /// How long one request may take. Default: "5s".
    pub timeout: Option<At<SpanText>>,
}

/// The method of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "sms_method")]
pub(in crate::config) enum SmsMethod {
    /// As nearly everywhere.
    Post,
    /// As some want it.
    Put,
}

/// A signature over the body.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "sms_signature")]
pub(in crate::config) struct SignatureTable {
    /// The header it goes into.
    #[schemars(required)]
    pub header: Option<At<String>>,
    /// What stands before the digits, such as "sha256=". Default: nothing.
    pub prefix: Option<At<String>>,
    /// The key shared with the provider: { file = "…" }, { env = "…" } or { credential = "…" }.
    #[schemars(required)]
    pub secret: Option<At<Secret>>,
}
