//! Mail and text messages on their way out. The room carries words and knows none: `page::letter` writes them.
//!
//! [`Post`] is the one way in. It hands a message to a thread of its own, waits no longer than the file allows, and says
//! in one word what came of it; a provider that is down holds nobody else up. How many messages somebody may cause is not
//! counted here: that is reserved before, in the buckets of `domain::throttle`.

mod line;
mod mail;
mod post;
mod rest;
mod sms;

pub use self::post::Post;

/// A mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address, from the person's own record.
    pub to: String,
    /// One line.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A text message to one phone.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// The number, from the person's own record.
    pub to: String,
    /// What it says.
    pub body: String,
}

// Messages hold codes and addresses: nothing of them is ever printed.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

impl std::fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextMessage(…)")
    }
}

/// Why a message did not go out. The cause is in the log; the visitor is told what to do instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Undeliverable {
    /// The file names no way to send such a message.
    #[error("no way to send it is configured")]
    NoWay,
    /// The address, the number or a text cannot be sent as it is: a control character, or no address at all.
    #[error("the address or the text cannot be sent")]
    Unwritable,
    /// The provider will not take it, now or later.
    #[error("the provider refused it")]
    Refused,
    /// The provider is down, or too slow.
    #[error("the provider cannot be reached")]
    Down,
    /// Too many messages wait already.
    #[error("too many messages wait to be sent")]
    Busy,
}

/// Why mail or text messages cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("[{table}]: {reason}")]
pub struct PostSetupFault {
    /// Which table of the file.
    pub table: &'static str,
    /// What is wrong and what to do.
    pub reason: String,
}

#[cfg(test)]
mod tests;
