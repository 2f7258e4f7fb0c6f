//! Mail: written as MIME, handed to a mail server or to a program.

use std::time::Duration;

use lettre::{
    Address, AsyncSendmailTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::Error,
};

use super::{Mail, Undeliverable, line::Line, post::Carrier, rest::Rest};
use crate::config::settings::{MailCarrier, MailSettings};

/// Who carries mail.
pub(super) struct MailCarriage {
    from: Mailbox,
    way: Way,
    timeout: Duration,
    rest: Rest,
}

enum Way {
    Smtp(Box<Line>),
    Sendmail(AsyncSendmailTransport<Tokio1Executor>),
}

impl MailCarriage {
    pub(super) fn draw(settings: &MailSettings) -> Result<Self, String> {
        let from: Mailbox =
            settings.from.parse().map_err(|_| format!("\"{}\" is no sender of mail", settings.from))?;
        let way = match &settings.carrier {
            MailCarrier::Smtp(server) => Way::Smtp(Box::new(Line::to(server, from.email.domain())?)),
            MailCarrier::Sendmail(program) => {
                Way::Sendmail(AsyncSendmailTransport::new_with_command(program))
            }
        };
        Ok(Self { from, way, timeout: settings.timeout, rest: Rest::default() })
    }
}

impl Carrier for MailCarriage {
    type Message = Mail;

    async fn carry(&self, mail: Mail) -> Result<(), Undeliverable> {
        let message = self.write(mail)?;
        self.rest
            .unless_resting(self.timeout, async {
                match &self.way {
                    Way::Smtp(line) => line.send(&message).await.map_err(|fault| refused(&fault)),
                    Way::Sendmail(program) => program.send(message).await.map_err(|fault| {
                        tracing::warn!(fault = %masked(&fault), "the sendmail program did not take a mail");
                        Undeliverable::Down
                    }),
                }
            })
            .await
    }
}

impl MailCarriage {
    /// The mail as it is sent. A line break in a header would start another one, so nothing of the kind is let in.
    fn write(&self, mail: Mail) -> Result<Message, Undeliverable> {
        let is_line = |text: &str| !text.contains(char::is_control);
        let is_text = |text: &str| !text.contains(['\0', '\r']);
        if !(is_line(&mail.to) && is_line(&mail.subject) && is_text(&mail.text) && is_text(&mail.html)) {
            return Err(Undeliverable::Unwritable);
        }
        let to: Address = mail.to.parse().map_err(|_| Undeliverable::Unwritable)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", drawn_id(), self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|fault| {
                tracing::warn!(%fault, "a mail cannot be written");
                Undeliverable::Unwritable
            })
    }
}

/// Nobody's out-of-office note shall answer a code (RFC 3834).
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A name for one mail that nobody else's mail has.
fn drawn_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness the mail still goes: the server names it, and two mails of one name are two mails.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

/// What a server's answer means. A refused sign-in is our own fault, and says nothing of the address.
fn refused(fault: &Error) -> Undeliverable {
    let status = fault.status().map(|code| code.to_string());
    tracing::warn!(status, fault = %masked(fault), "the mail server did not take a mail");
    let is_about_us = status.as_deref().is_some_and(|code| code.starts_with("53"));
    if fault.is_permanent() && !is_about_us { Undeliverable::Refused } else { Undeliverable::Down }
}

/// The words of a fault without long numbers: a server may quote the subject, and the subject holds a code.
fn masked(fault: &dyn std::error::Error) -> String {
    let mut words = fault.to_string();
    let mut cause = fault.source();
    while let Some(fault) = cause {
        words.push_str(": ");
        words.push_str(&fault.to_string());
        cause = fault.source();
    }
    mask(&words)
}

pub(super) fn mask(words: &str) -> String {
    let mut shown = String::new();
    let mut rest = words;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[at..].bytes().take_while(u8::is_ascii_digit).count();
        shown.push_str(&rest[..at]);
        shown.push_str(if digits < 6 { &rest[at..at + digits] } else { "…" });
        rest = &rest[at + digits..];
    }
    shown + rest
}
