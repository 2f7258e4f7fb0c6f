//! The page that asks for a code after the password.

use askama::Template;

use super::{CodeError, Frame, Method, TrustOffer};

/// Posts `code`, `method`, `trust_device`, `trust_address`, `csrf`, `return_to` (and a hidden `username` for password
/// managers, to be ignored) to `second-factor`. The links to other methods are `second-factor?method=…&return_to=…`.
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
        self.error.is_some_and(CodeError::in_field)
    }

    /// The focus goes to what went wrong first, else straight to the field.
    fn focus_code(&self) -> bool {
        self.error.is_none()
    }

    fn title_key(&self) -> &'static str {
        match self.method {
            Method::Totp => "code-title",
            Method::Recovery => "code-title-recovery",
        }
    }

    fn no_access_key(&self) -> &'static str {
        match self.method {
            Method::Totp => "code-no-app",
            Method::Recovery => "code-no-codes",
        }
    }
}
