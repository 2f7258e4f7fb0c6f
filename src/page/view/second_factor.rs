//! The page that asks for a code after the password.

use askama::Template;

use super::{Again, ApprovalNote, CodeError, Frame, Method, Moment, SentNote, TrustOffer};

/// Posts `code`, `method`, `trust_device`, `trust_address`, `csrf`, `return_to` (and a hidden `username` for password
/// managers, to be ignored) to `second-factor`; the button that has a code sent posts `action=send` with `method`, `csrf` and
/// `return_to` to the same place, the one that asks for an approval `action=ask`. The links to other methods are `second-factor?method=…&return_to=…`.
#[derive(Clone, Debug, Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactor {
    /// What all pages share.
    pub frame: Frame,
    /// Who is signing in.
    pub username: String,
    /// The way this page asks for.
    pub method: Method,
    /// The other ways this person has.
    pub other_methods: Vec<Method>,
    /// Where a code by mail or SMS would go, masked.
    pub destination: String,
    /// The code that was sent by this way, if one is good.
    pub sent: Option<SentNote>,
    /// How far an approval is, where that is the way.
    pub approval: ApprovalNote,
    /// Whether this person has a passkey for this host.
    pub passkey: bool,
    /// The hosts of passkeys, where there is nothing else and none is for this one.
    pub passkeys_elsewhere: Option<String>,
    /// Whether administrators may be asked for a reset.
    pub asks_help: bool,
    /// The choices of trust.
    pub trust: TrustOffer,
    /// Why the last code was not taken.
    pub error: Option<CodeError>,
    /// How many tries are left, once it is worth saying.
    pub tries_left: Option<u32>,
    /// Where to go afterwards.
    pub return_to: String,
}

impl SecondFactor {
    fn method(&self) -> Method {
        self.method
    }

    /// Whether what was typed is at fault.
    fn invalid(&self) -> bool {
        self.method != Method::Passkey && self.error.is_some_and(CodeError::in_field)
    }

    /// The focus goes to what went wrong first, else straight to the field.
    fn focus_code(&self) -> bool {
        self.error.is_none()
    }

    /// Whether there is a code to type: one that is sent first has to be asked for.
    fn takes_code(&self) -> bool {
        match self.method {
            Method::Totp | Method::Recovery => true,
            Method::Passkey | Method::Approval => false,
            Method::Email | Method::Sms => self.sent.is_some(),
        }
    }

    /// Whether there is a code to type, or a passkey to use instead.
    fn takes_answer(&self) -> bool {
        match self.method {
            Method::Passkey => true,
            Method::Approval => self.approval == ApprovalNote::Approved,
            Method::Totp | Method::Recovery | Method::Email | Method::Sms => self.takes_code(),
        }
    }

    /// What the button says that asks for an approval.
    fn ask_key(&self) -> &'static str {
        if self.approval == ApprovalNote::Unasked { "approval-ask" } else { "approval-ask-again" }
    }

    /// Whether the code comes by mail.
    fn is_mail(&self) -> bool {
        self.method == Method::Email
    }

    /// The one button of the page, or one beside a code.
    fn passkey_style(&self) -> &'static str {
        match self.method {
            Method::Passkey => "main",
            Method::Totp | Method::Approval | Method::Recovery | Method::Email | Method::Sms => "second",
        }
    }

    fn title_key(&self) -> &'static str {
        match self.method {
            Method::Totp => "code-title",
            Method::Passkey => "passkey-title",
            Method::Approval => "approval-title",
            Method::Recovery => "code-title-recovery",
            Method::Email => "code-title-email",
            Method::Sms => "code-title-sms",
        }
    }

    fn no_access_key(&self) -> &'static str {
        match self.method {
            Method::Totp => "code-no-app",
            Method::Passkey => "passkey-none",
            Method::Approval => "approval-none",
            Method::Recovery => "code-no-codes",
            Method::Email | Method::Sms => "code-no-sent",
        }
    }
}
