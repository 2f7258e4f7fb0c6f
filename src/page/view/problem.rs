//! What went wrong, said calmly, with what to do next and the number to quote.

use askama::Template;

use super::{Frame, Moment};
use crate::domain::time::Timestamp;

/// A page instead of what was asked for. On 403 it says who is signed in and offers to switch.
#[derive(Clone, Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// What all pages share.
    pub frame: Frame,
    /// What went wrong.
    pub kind: ProblemKind,
    /// What the operator finds the request by.
    pub request_id: String,
    /// Whether there are administrators to ask for access.
    pub asks_access: bool,
    /// Where the visitor wanted to go: kept when switching accounts.
    pub return_to: String,
}

/// What went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// 400: the request cannot be understood.
    BadRequest,
    /// 403: this person may not see this.
    Forbidden,
    /// 403: this page asks for a factor that this person has not set up.
    FactorMissing,
    /// 403: the form's token or origin is not ours.
    FormRefused,
    /// 404: there is no such page of ours.
    NotFound,
    /// 405: not with this method.
    MethodNotAllowed,
    /// 413: the body is too large.
    TooLarge,
    /// 414: the address is too long.
    AddressTooLong,
    /// 421: no portal has this host.
    Misdirected,
    /// 429: too many requests; again from that moment on, if it is known.
    TooManyRequests(Option<Timestamp>),
    /// 431: the header is too large.
    HeaderTooLarge,
    /// 500: we failed.
    Internal,
    /// 502: the portal cannot be reached or answers nonsense.
    BadGateway,
    /// 503: too busy now.
    Unavailable,
    /// 503: the portal is switched off by its operator.
    SwitchedOff,
    /// 504: the portal does not answer in time.
    GatewayTimeout,
}

impl ProblemKind {
    /// The status to answer with.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::FactorMissing | Self::FormRefused => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::AddressTooLong => 414,
            Self::Misdirected => 421,
            Self::TooManyRequests(_) => 429,
            Self::HeaderTooLarge => 431,
            Self::Internal => 500,
            Self::BadGateway => 502,
            Self::Unavailable | Self::SwitchedOff => 503,
            Self::GatewayTimeout => 504,
        }
    }

    /// The keys of the title, of what happened, and of what to do next.
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::BadRequest => ("problem-400-title", "problem-400-what", "problem-400-next"),
            Self::Forbidden => ("problem-403-title", "problem-403-what", "problem-403-next"),
            Self::FactorMissing => ("problem-factor-title", "problem-factor-what", "problem-factor-next"),
            Self::FormRefused => ("problem-form-title", "problem-form-what", "problem-form-next"),
            Self::NotFound => ("problem-404-title", "problem-404-what", "problem-404-next"),
            Self::MethodNotAllowed => ("problem-405-title", "problem-405-what", "problem-405-next"),
            Self::TooLarge => ("problem-413-title", "problem-413-what", "problem-413-next"),
            Self::AddressTooLong => ("problem-414-title", "problem-414-what", "problem-414-next"),
            Self::Misdirected => ("problem-421-title", "problem-421-what", "problem-421-next"),
            Self::TooManyRequests(_) => ("problem-429-title", "problem-429-what", "problem-429-next"),
            Self::HeaderTooLarge => ("problem-431-title", "problem-431-what", "problem-431-next"),
            Self::Internal => ("problem-500-title", "problem-500-what", "problem-500-next"),
            Self::BadGateway => ("problem-502-title", "problem-502-what", "problem-502-next"),
            Self::Unavailable => ("problem-503-title", "problem-503-what", "problem-503-next"),
            Self::SwitchedOff => ("problem-off-title", "problem-off-what", "problem-off-next"),
            Self::GatewayTimeout => ("problem-504-title", "problem-504-what", "problem-504-next"),
        }
    }

    fn again(self) -> Option<Moment> {
        match self {
            Self::TooManyRequests(again) => again.map(Moment::clock),
            _ => None,
        }
    }

    /// Whether asking again may help: then the page offers it.
    const fn retry_helps(self) -> bool {
        matches!(
            self,
            Self::Internal | Self::BadGateway | Self::Unavailable | Self::GatewayTimeout | Self::SwitchedOff
        )
    }
}
