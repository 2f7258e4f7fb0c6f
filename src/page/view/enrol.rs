//! The page that sets up a code app.

use askama::Template;

use super::{Again, CodeError, Frame, Method, Moment, PasskeyOffer, Qr, SentNote, TrustOffer};
use crate::domain::time::Timestamp;

/// Posts `code`, `sent_code` (where a second channel is asked for), `by=page` with `pairing` (the number an authenticator page shows), `label`, `trust_device`, `trust_address`, `csrf`, `return_to` to `enrol`; the button that starts again with
/// a new key posts `action=restart` with `csrf` and `return_to` to the same place, and those that have a code sent `action=send`
/// with `method`.
#[derive(Clone, Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    /// What all pages share.
    pub frame: Frame,
    /// Whose app it is: the account's name.
    pub username: String,
    /// The `otpauth:` address; the QR code is drawn from it.
    pub otpauth: String,
    /// The key in base32, ungrouped; empty where no app is taken.
    pub key: String,
    /// In the place of the QR code, the pairing number of an authenticator page, as it was typed.
    pub pairing: Option<String>,
    /// What the visitor calls the app, kept after an error.
    pub label: String,
    /// When the window for setting up closes.
    pub ends: Timestamp,
    /// Whether the portal insists (true) or the visitor came by choice.
    pub required: bool,
    /// What is asked besides the app's code.
    pub proof: Option<SecondChannel>,
    /// Where a passkey may be registered instead.
    pub passkey: Option<PasskeyOffer>,
    /// The choices of trust.
    pub trust: TrustOffer,
    /// Why the last code was not taken.
    pub error: Option<CodeError>,
    /// Whether it is the code that was sent.
    pub error_of_sent: bool,
    /// How many tries are left, once it is worth saying.
    pub tries_left: Option<u32>,
    /// Where to go afterwards.
    pub return_to: String,
}

impl std::fmt::Debug for Enrol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrol")
            .field("username", &self.username)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl Enrol {
    fn method(&self) -> Method {
        if self.error_of_sent { Method::Email } else { Method::Totp }
    }

    /// Whether the code that was sent is at fault.
    fn sent_invalid(&self) -> bool {
        self.error_of_sent && self.error.is_some_and(CodeError::in_field)
    }

    /// Whether the number of the authenticator page is at fault.
    fn pairing_invalid(&self) -> bool {
        self.error == Some(CodeError::NoPairing)
    }

    /// Whose code is asked for.
    fn code_key(&self) -> &'static str {
        if self.pairing.is_some() { "enrol-page-code" } else { "enrol-step-code" }
    }

    /// Whether this key can still be confirmed.
    fn open(&self) -> bool {
        !matches!(self.error, Some(CodeError::SetupExpired | CodeError::Expired))
    }

    fn invalid(&self) -> bool {
        !self.error_of_sent && self.error.is_some_and(CodeError::in_field)
    }

    /// The code comes last here: the page is read from the top.
    fn focus_code(&self) -> bool {
        false
    }

    /// Whether the code comes by mail.
    fn is_mail(&self) -> bool {
        self.proof.as_ref().is_some_and(|proof| proof.by_mail)
    }

    fn qr(&self) -> Option<Qr> {
        Qr::of(&self.otpauth)
    }

    fn minutes_left(&self) -> u64 {
        self.frame.now.until(self.ends).as_secs() / 60
    }

    fn grouped_key(&self) -> String {
        let groups: Vec<&str> =
            self.key.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        groups.join(" ")
    }
}

/// A way known of the person, over which they show that it is them.
#[derive(Clone, Debug)]
pub struct SecondChannel {
    /// Whether administrators may be asked for help.
    pub asks_help: bool,
    /// The code that was sent, if one is good.
    pub sent: Option<SentNote>,
    /// Whether it went by mail.
    pub by_mail: bool,
    /// Where mail would go, masked.
    pub mail: Option<String>,
    /// Where a text message would go, masked.
    pub sms: Option<String>,
}

impl SecondChannel {
    /// The ways a code can be sent.
    fn ways(&self) -> impl Iterator<Item = Method> {
        let mail = self.mail.as_ref().map(|_| Method::Email);
        mail.into_iter().chain(self.sms.as_ref().map(|_| Method::Sms))
    }
}
