//! Every page in every state, filled in with people and portals of our own invention.

mod account;
mod admin;
mod admin_lists;
mod authenticator;
mod code;
mod not_me;
mod password;
mod portals;
mod resend;
mod sent_codes;
mod unlock;

use std::time::Duration;

use super::super::i18n::{Catalogue, Language};
use super::super::look::Look;
use super::super::view::*;
use crate::domain::time::Timestamp;

pub(super) const PREFIX: &str = "/.vestibule/";

/// 2026-11-22 14:02 UTC.
const NOW: i64 = 1_795_356_120;

/// The texts that come from people, upstreams or addresses.
#[derive(Clone)]
pub(super) struct Texts {
    pub(super) user: String,
    pub(super) portal: String,
    pub(super) agent: String,
    pub(super) address: String,
    pub(super) deep_link: String,
}

impl Texts {
    pub(super) fn ordinary() -> Self {
        Self {
            user: "anna".to_owned(),
            portal: "Planning".to_owned(),
            agent: "Firefox, Windows".to_owned(),
            address: "2001:db8:85a3:1200::/64".to_owned(),
            deep_link: "/reports?week=47&team=a+b".to_owned(),
        }
    }

    /// What is masked, in a page whose texts are ordinary.
    fn masked(&self, shown: &str) -> String {
        match self.portal.as_str() {
            "Planning" => shown.to_owned(),
            hostile => hostile.to_owned(),
        }
    }

    /// The same text everywhere, to see whether it is escaped everywhere.
    pub(super) fn all(text: &str) -> Self {
        Self {
            user: text.to_owned(),
            portal: text.to_owned(),
            agent: text.to_owned(),
            address: text.to_owned(),
            deep_link: text.to_owned(),
        }
    }
}

/// A page's name and its HTML.
pub(super) type Sample = (String, String);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW + seconds)
}

fn days(n: i64) -> i64 {
    n * 86_400
}

fn lasting(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

struct Studio<'a> {
    catalogue: &'a Catalogue,
    language: Language,
    texts: &'a Texts,
    look: Look,
    drawn: Vec<Sample>,
}

/// Every page in every state, in one language.
pub(super) fn every_page(catalogue: &Catalogue, language: Language, texts: &Texts) -> Vec<Sample> {
    every_page_in(Look::default(), catalogue, language, texts)
}

/// The same in a portal's own look.
pub(super) fn every_page_in(
    look: Look,
    catalogue: &Catalogue,
    language: Language,
    texts: &Texts,
) -> Vec<Sample> {
    let mut studio = Studio { catalogue, language, texts, look, drawn: Vec::new() };
    studio.login();
    studio.links();
    studio.not_me();
    studio.resend();
    studio.provider();
    studio.second_factor();
    studio.enrol();
    studio.authenticator();
    studio.sent_codes();
    studio.contact();
    studio.offer_app();
    studio.unlock();
    studio.password();
    studio.invitation();
    studio.recovery_codes();
    studio.account();
    studio.leaving();
    studio.problems();
    studio.portals();
    studio.admin();
    studio.drawn
}

impl Studio<'_> {
    fn frame(&self) -> Frame {
        Frame {
            words: self.catalogue.words(self.language),
            prefix: PREFIX.to_owned(),
            portal_title: self.texts.portal.clone(),
            issuer: match self.texts.portal.as_str() {
                "Planning" => "Example Transport".to_owned(),
                hostile => hostile.to_owned(),
            },
            host: match self.texts.portal.as_str() {
                "Planning" => "planning.example.com".to_owned(),
                hostile => hostile.to_owned(),
            },
            support: Some(Support {
                label: match self.texts.portal.as_str() {
                    "Planning" => "Service desk".to_owned(),
                    hostile => hostile.to_owned(),
                },
                url: "mailto:help@example.com".to_owned(),
            }),
            look: self.look.clone(),
            administers: false,
            has_portals: false,
            own_path: format!("{PREFIX}login?return_to={}", self.texts.deep_link),
            switches_language: true,
            csrf: match self.texts.portal.as_str() {
                "Planning" => "c3JmLXRva2VuLWZvci10aGUtc2FtcGxlcw".to_owned(),
                hostile => hostile.to_owned(),
            },
            signed_in_as: None,
            now: at(0),
        }
    }

    fn unsupported(&self) -> Frame {
        Frame { support: None, ..self.frame() }
    }

    fn signed_in(&self) -> Frame {
        Frame { signed_in_as: Some(self.texts.user.clone()), ..self.frame() }
    }

    fn keep(&mut self, name: &str, html: String) {
        self.drawn.push((name.to_owned(), html));
    }

    fn login(&mut self) {
        let page = Login {
            frame: self.frame(),
            username: String::new(),
            ways: Ways::Password,
            error: None,
            providers: Vec::new(),
            passkeys: false,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("login", page.render());
        for (name, ways) in [("link", Ways::Link), ("either", Ways::PasswordOrLink)] {
            self.keep(&format!("login-{name}"), Login { ways, ..page.clone() }.render());
            let unsupported = Login { ways, frame: self.unsupported(), ..page.clone() };
            self.keep(&format!("login-{name}-unsupported"), unsupported.render());
            let missing = Login { ways, error: Some(LoginError::MissingName), ..page.clone() };
            self.keep(&format!("login-{name}-missing"), missing.render());
        }
        self.keep("login-providers", Login { providers: self.providers(), ..page.clone() }.render());
        self.keep("login-unsupported", Login { frame: self.unsupported(), ..page.clone() }.render());
        self.keep("login-passkeys", Login { passkeys: true, ..page.clone() }.render());
        for (name, error) in [
            ("wrong", LoginError::WrongCredentials),
            ("passkey", LoginError::WrongPasskey),
            ("too-many", LoginError::TooManyTries(None)),
            ("too-many-until", LoginError::TooManyTries(Some(at(900)))),
            ("missing", LoginError::MissingName),
            ("expired", LoginError::Expired),
            ("forgotten-device", LoginError::DeviceForgotten),
            ("closed", LoginError::Closed),
            ("busy", LoginError::Busy),
            ("form", LoginError::FormExpired),
        ] {
            let failed = Login { error: Some(error), username: self.texts.user.clone(), ..page.clone() };
            self.keep(&format!("login-{name}"), failed.render());
        }
    }

    fn links(&mut self) {
        let sent = LinkSent {
            frame: self.frame(),
            typed: self.texts.user.clone(),
            ends: at(840),
            error: None,
            tries_left: None,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("link-sent", sent.render());
        self.keep("link-sent-unsupported", LinkSent { frame: self.unsupported(), ..sent.clone() }.render());
        for (name, error, tries_left) in [
            ("wrong", LinkError::WrongCode, None),
            ("wrong-1", LinkError::WrongCode, Some(1)),
            ("form", LinkError::FormExpired, None),
        ] {
            let failed = LinkSent { error: Some(error), tries_left, ..sent.clone() };
            self.keep(&format!("link-sent-{name}"), failed.render());
        }
        let asked =
            AskedFor { at: at(-60), address: self.texts.address.clone(), agent: self.texts.agent.clone() };
        let link = Link {
            frame: self.frame(),
            token: "bGluay10b2tlbi1mb3ItdGhlLXNhbXBsZXM".to_owned(),
            asked: asked.clone(),
            ends: at(840),
            opened: Opened::Here,
            error: None,
        };
        self.keep("link", link.render());
        self.keep("link-form", Link { error: Some(LinkError::FormExpired), ..link.clone() }.render());
        self.keep("link-elsewhere", Link { opened: Opened::Elsewhere, ..link }.render());
        let frame = Frame { switches_language: false, ..self.frame() };
        self.keep("link-code", LinkCode { frame, code: "042137".to_owned(), asked, ends: at(840) }.render());
        let spent = LinkSpent { frame: self.frame(), return_to: self.texts.deep_link.clone() };
        self.keep("link-spent", spent.render());
        self.keep("link-spent-unsupported", LinkSpent { frame: self.unsupported(), ..spent }.render());
    }

    fn providers(&self) -> Vec<ProviderButton> {
        let title = match self.texts.portal.as_str() {
            "Planning" => "Acme",
            hostile => hostile,
        };
        let button =
            |name: &str, title: &str| ProviderButton { name: name.to_owned(), title: title.to_owned() };
        vec![button("acme", title), button("entra", "Microsoft Entra")]
    }

    fn provider(&mut self) {
        let provider = self.providers().remove(0).title;
        let url = format!("https://id.example.com/authorize?client_id=vestibule&state={}", self.texts.agent);
        let going = ProviderGoing { frame: self.frame(), provider: provider.clone(), url };
        self.keep("provider-going", going.render());
        for (name, kind) in [
            ("lost", ProviderTrouble::Lost),
            ("cancelled", ProviderTrouble::Cancelled),
            ("unreachable", ProviderTrouble::Unreachable),
            ("refused", ProviderTrouble::Refused),
            ("unknown", ProviderTrouble::Unknown),
            ("taken", ProviderTrouble::Taken),
        ] {
            let is_linking = kind == ProviderTrouble::Taken;
            let page = ProviderProblem {
                frame: if is_linking { self.signed_in() } else { self.frame() },
                kind,
                provider: provider.clone(),
                is_linking,
                onward: format!("{PREFIX}login"),
            };
            self.keep(&format!("provider-{name}"), page.render());
        }
    }

    fn offer(&self, reach: Reach) -> TrustOffer {
        TrustOffer {
            device: Some(Lasting::For(lasting(30 * 24 * 60))),
            address: Some(AddressOffer {
                address: self.texts.address.clone(),
                span: lasting(30 * 24 * 60),
                reach,
            }),
            ..TrustOffer::default()
        }
    }

    fn leaving(&mut self) {
        let return_to = self.texts.deep_link.clone();
        let logout = Logout { frame: self.signed_in(), return_to: return_to.clone() };
        self.keep("logout", logout.render());
        for (name, everywhere) in [("here", false), ("everywhere", true)] {
            let page = SignedOut {
                frame: self.frame(),
                everywhere,
                others: !everywhere,
                home: (!everywhere).then(|| {
                    ("Front door".to_owned(), "https://door.example.com/.vestibule/logout".to_owned())
                }),
                return_to: return_to.clone(),
            };
            self.keep(&format!("signed-out-{name}"), page.render());
        }
    }

    fn problems(&mut self) {
        for kind in [
            ProblemKind::BadRequest,
            ProblemKind::Forbidden,
            ProblemKind::FactorMissing,
            ProblemKind::FormRefused,
            ProblemKind::NotFound,
            ProblemKind::MethodNotAllowed,
            ProblemKind::TooLarge,
            ProblemKind::AddressTooLong,
            ProblemKind::Misdirected,
            ProblemKind::TooManyRequests(None),
            ProblemKind::TooManyRequests(Some(at(120))),
            ProblemKind::HeaderTooLarge,
            ProblemKind::Internal,
            ProblemKind::BadGateway,
            ProblemKind::Unavailable,
            ProblemKind::SwitchedOff,
            ProblemKind::GatewayTimeout,
        ] {
            let frame = if kind == ProblemKind::Forbidden {
                Frame { has_portals: true, ..self.signed_in() }
            } else {
                self.frame()
            };
            let page = Problem {
                frame,
                kind,
                asks_access: true,
                request_id: "0192f4c1-7b52-7cc3-9d4e-2f1a6b0c8d11".to_owned(),
                return_to: self.texts.deep_link.clone(),
            };
            let known = matches!(kind, ProblemKind::TooManyRequests(Some(_)));
            let name = format!("{kind:?}").split('(').next().unwrap().to_lowercase();
            self.keep(&format!("problem-{name}{}", if known { "-until" } else { "" }), page.render());
        }
    }
}
