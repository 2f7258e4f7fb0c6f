//! The page that asks for an address or number nobody knows yet, and for the code that was sent there.

use askama::Template;

use super::{Again, CodeError, Frame, Method, Moment, SentNote};

/// Posts `to`, `method`, `action=send`, `csrf`, `return_to` to `contact`, and once a code was sent `code`, `method`, `csrf`,
/// `return_to`. The link to the other way is `contact?method=…&return_to=…`; another address is `contact?again=1&…`.
#[derive(Clone, Debug, Template)]
#[template(path = "contact.html")]
pub struct Contact {
    /// What all pages share.
    pub frame: Frame,
    /// Who is signing in.
    pub username: String,
    /// By mail or by SMS.
    pub method: Method,
    /// The other ways that may be set up.
    pub other_methods: Vec<Method>,
    /// What was typed as the address or number.
    pub to: String,
    /// The code that was sent, if one is good.
    pub sent: Option<SentNote>,
    /// What did not work.
    pub error: Option<CodeError>,
    /// How many tries are left, once it is worth saying.
    pub tries_left: Option<u32>,
    /// Where to go afterwards.
    pub return_to: String,
}

impl Contact {
    fn method(&self) -> Method {
        self.method
    }

    fn invalid(&self) -> bool {
        self.error.is_some_and(|error| error.in_field() || error == CodeError::NoDestination)
    }

    fn focus_code(&self) -> bool {
        self.error.is_none()
    }

    /// Whether the code comes by mail.
    fn is_mail(&self) -> bool {
        self.method == Method::Email
    }
}
