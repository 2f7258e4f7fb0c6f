//! Text messages: one HTTP request to a provider, and to the next one when that fails.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{TextMessage, Undeliverable, mail::mask, post::Carrier, rest::Rest};
use crate::{
    config::settings::{SmsBody, SmsProvider, SmsSettings},
    wire::{Wire, WireFault},
};

/// More than ten SMS in one are no message of ours.
const MOST_CHARACTERS: usize = 1500;
/// Before the same provider is asked again.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);
/// Digits of a number, by E.164.
const MOST_DIGITS: usize = 15;

/// Everybody who carries text messages, in the order they are asked.
pub(super) struct TextCarriage(Vec<Provider>);

struct Provider {
    settings: SmsProvider,
    wire: Wire,
    rest: Rest,
}

/// What an attempt says of the next one.
enum Attempt {
    Done(Result<(), Undeliverable>),
    /// The provider has certainly not taken it, and may do so a moment later.
    Again,
}

impl TextCarriage {
    pub(super) fn draw(settings: &SmsSettings) -> Result<Self, String> {
        let provider = |settings: &SmsProvider| {
            let wire = Wire::to(&settings.url, settings.ca.as_deref())?;
            Ok(Provider { settings: settings.clone(), wire, rest: Rest::default() })
        };
        settings.providers.iter().map(provider).collect::<Result<_, _>>().map(Self)
    }
}

impl Carrier for TextCarriage {
    type Message = TextMessage;

    async fn carry(&self, message: TextMessage) -> Result<(), Undeliverable> {
        let number = number(&message.to).ok_or(Undeliverable::Unwritable)?;
        let is_text = |c: char| !c.is_control() || c == '\n';
        if !message.body.chars().all(is_text) || message.body.chars().count() > MOST_CHARACTERS {
            return Err(Undeliverable::Unwritable);
        }
        let mut answer = Err(Undeliverable::NoWay);
        for provider in &self.0 {
            answer = provider.send(&number, &message.body).await;
            if answer.is_ok() {
                return answer;
            }
        }
        answer
    }
}

impl Provider {
    async fn send(&self, number: &str, text: &str) -> Result<(), Undeliverable> {
        let sending = async {
            match self.attempt(number, text).await {
                Attempt::Done(answer) => answer,
                Attempt::Again => {
                    tokio::time::sleep(PAUSE).await;
                    match self.attempt(number, text).await {
                        Attempt::Done(answer) => answer,
                        Attempt::Again => Err(Undeliverable::Down),
                    }
                }
            }
        };
        self.rest.unless_resting(self.settings.timeout, sending).await
    }

    async fn attempt(&self, number: &str, text: &str) -> Attempt {
        let host = self.settings.url.host().unwrap_or_default();
        let Ok(request) = self.settings.request(number, text) else {
            return Attempt::Done(Err(Undeliverable::Unwritable));
        };
        match self.wire.ask(request).await {
            Ok(answer) if answer.status().is_success() => Attempt::Done(Ok(())),
            Ok(answer) => {
                let status = answer.status();
                tracing::warn!(provider = host, %status, "a text message was not taken");
                match status {
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Attempt::Again,
                    // The number or the text; everything else is between the provider and us.
                    StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                        Attempt::Done(Err(Undeliverable::Refused))
                    }
                    _ => Attempt::Done(Err(Undeliverable::Down)),
                }
            }
            Err(fault) => {
                tracing::warn!(
                    provider = host,
                    fault = mask(&fault.to_string()),
                    "a text message was not taken"
                );
                match fault {
                    WireFault::Unreachable(_) => Attempt::Again,
                    // Perhaps it was taken: a second request could be a second message.
                    WireFault::Broken(_) => Attempt::Done(Err(Undeliverable::Down)),
                }
            }
        }
    }
}

impl SmsProvider {
    /// The request for one message.
    fn request(&self, number: &str, text: &str) -> Result<Request<Bytes>, http::Error> {
        let (kind, body) = match &self.body {
            SmsBody::Json(template) => ("application/json", filled_json(template, number, text).to_string()),
            SmsBody::Form(fields) => {
                let fields = fields.iter().map(|(name, value)| (name, filled(value, number, text)));
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", body)
            }
        };
        let mut request = Request::builder()
            .method(&self.method)
            .uri(Uri::clone(&self.url))
            .header(header::CONTENT_TYPE, kind)
            .header(header::ACCEPT, "*/*")
            .header(header::USER_AGENT, "Vestibule");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(signature) = &self.signature {
            let (name, value) =
                signed(&signature.header, &signature.prefix, &signature.key, body.as_bytes())?;
            request = request.header(name, value);
        }
        request.body(Bytes::from(body))
    }
}

/// The signature over a body, as a header.
fn signed(
    name: &HeaderName,
    prefix: &str,
    key: &SecretString,
    body: &[u8],
) -> Result<(HeaderName, HeaderValue), http::Error> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    let digits = data_encoding::HEXLOWER.encode(aws_lc_rs::hmac::sign(&key, body).as_ref());
    Ok((name.clone(), HeaderValue::from_str(&format!("{prefix}{digits}"))?))
}

/// A number as E.164 has it: "+" and digits. Blanks, dashes and brackets that people write are left out.
fn number(written: &str) -> Option<String> {
    let plain: String = written.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"))?;
    let is_number = (5..=MOST_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    is_number.then(|| format!("+{digits}"))
}

/// The template with every text in it filled in; what is put in is always text, whatever it says.
fn filled_json(template: &Value, number: &str, text: &str) -> Value {
    match template {
        Value::String(words) => Value::String(filled(words, number, text)),
        Value::Array(list) => list.iter().map(|one| filled_json(one, number, text)).collect(),
        Value::Object(table) => {
            let fill = |(name, value): (&String, &Value)| (name.clone(), filled_json(value, number, text));
            Value::Object(table.iter().map(fill).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    }
}

/// One text with its marks replaced, in one pass: what is put in is not looked at again.
fn filled(template: &str, number: &str, text: &str) -> String {
    let marks = [("{to}", number), ("{digits}", number.trim_start_matches('+')), ("{text}", text)];
    let mut words = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        words.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = marks.iter().find(|(mark, _)| rest.starts_with(mark));
        let (length, put_in) = found.map_or((1, "{"), |(mark, value)| (mark.len(), *value));
        words.push_str(put_in);
        rest = &rest[length..];
    }
    words + rest
}

#[cfg(test)]
mod tests;
