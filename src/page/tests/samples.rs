//! Every page in every state, filled in with people and portals of our own invention.

mod account;
mod admin;
mod authenticator;
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

    fn code_errors() -> [(&'static str, CodeError); 11] {
        [
            ("wrong", CodeError::Wrong),
            ("used", CodeError::AlreadyUsed),
            ("malformed", CodeError::Malformed),
            ("passkey", CodeError::WrongPasskey),
            ("clock-one", CodeError::ClockOff(1)),
            ("clock", CodeError::ClockOff(4)),
            ("too-many", CodeError::TooManyTries(None)),
            ("too-many-until", CodeError::TooManyTries(Some(at(900)))),
            ("expired", CodeError::Expired),
            ("busy", CodeError::Busy),
            ("form", CodeError::FormExpired),
        ]
    }

    fn second_factor(&mut self) {
        let page = SecondFactor {
            frame: self.frame(),
            username: self.texts.user.clone(),
            method: Method::Totp,
            other_methods: vec![Method::Recovery],
            destination: String::new(),
            sent: None,
            passkey: false,
            approval: ApprovalNote::Unasked,
            passkeys_elsewhere: None,
            asks_help: false,
            trust: self.offer(Reach::User),
            error: None,
            tries_left: None,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("code", page.render());
        self.keep("code-help", SecondFactor { asks_help: true, ..page.clone() }.render());
        let unsupported = SecondFactor { asks_help: true, frame: self.unsupported(), ..page.clone() };
        self.keep("code-help-unsupported", unsupported.render());
        for (name, asking) in [("help", Asking::Now), ("help-filed", Asking::Filed("K7M4-2QXP".to_owned()))] {
            let (frame, return_to) = (self.frame(), self.texts.deep_link.clone());
            let page = AskReset { frame, username: self.texts.user.clone(), return_to, asking };
            self.keep(name, page.render());
        }
        self.approvals(&page);
        for (name, reach) in [("portal", Reach::Portal), ("everyone", Reach::Everyone)] {
            self.keep(
                &format!("code-reach-{name}"),
                SecondFactor { trust: self.offer(reach), ..page.clone() }.render(),
            );
        }
        for (name, minutes) in [("one-day", 24 * 60), ("twelve-hours", 12 * 60), ("one-minute", 1)] {
            let address = "198.51.100.7".to_owned();
            let trust = TrustOffer {
                device: Some(Lasting::For(lasting(minutes))),
                address: Some(AddressOffer { address, span: lasting(minutes), reach: Reach::User }),
                device_ticked: true,
                address_ticked: true,
            };
            let page = SecondFactor { trust, frame: self.unsupported(), ..page.clone() };
            self.keep(&format!("code-{name}"), page.render());
        }
        let plain = SecondFactor { trust: TrustOffer::default(), other_methods: Vec::new(), ..page.clone() };
        self.keep("code-untrusted", plain.render());
        let until = TrustOffer { device: Some(Lasting::UntilPasswordChange), ..TrustOffer::default() };
        self.keep("code-until-password-change", SecondFactor { trust: until, ..page.clone() }.render());
        let beside = SecondFactor {
            passkey: true,
            other_methods: vec![Method::Passkey, Method::Recovery],
            ..page.clone()
        };
        self.keep("code-passkey-beside", beside.render());
        let passkey =
            SecondFactor { method: Method::Passkey, other_methods: vec![Method::Recovery], ..beside };
        self.keep("passkey", passkey.render());
        let wrong = SecondFactor { error: Some(CodeError::WrongPasskey), ..passkey.clone() };
        self.keep("passkey-wrong", wrong.render());
        let elsewhere = SecondFactor {
            method: Method::Recovery,
            other_methods: Vec::new(),
            passkeys_elsewhere: Some(self.frame().host),
            trust: TrustOffer::default(),
            ..page.clone()
        };
        self.keep("recovery-passkey-elsewhere", elsewhere.render());
        let recovery =
            SecondFactor { method: Method::Recovery, other_methods: vec![Method::Totp], ..page.clone() };
        self.keep("recovery", recovery.render());
        for (name, error) in Self::code_errors() {
            for (kind, page) in [("code", &page), ("recovery", &recovery)] {
                if kind == "recovery" && error == CodeError::AlreadyUsed {
                    continue;
                }
                for tries_left in [None, Some(1), Some(3)] {
                    let tries = tries_left.map_or(String::new(), |tries| format!("-{tries}"));
                    let failed = SecondFactor { error: Some(error), tries_left, ..page.clone() };
                    self.keep(&format!("{kind}-{name}{tries}"), failed.render());
                }
            }
        }
    }

    fn enrol(&mut self) {
        let page = Enrol {
            frame: self.frame(),
            username: self.texts.user.clone(),
            otpauth: format!(
                "otpauth://totp/Example%20Transport:{}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example%20Transport",
                self.texts.user
            ),
            key: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned(),
            label: String::new(),
            ends: at(870),
            required: true,
            proof: None,
            pairing: None,
            passkey: None,
            trust: self.offer(Reach::User),
            error: None,
            error_of_sent: false,
            tries_left: None,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("enrol", page.render());
        let chosen = Enrol {
            required: false,
            trust: TrustOffer::default(),
            ends: at(60),
            frame: self.signed_in(),
            ..page.clone()
        };
        self.keep("enrol-chosen", chosen.render());
        let passkey = Some(PasskeyOffer { host: self.frame().host });
        self.keep("enrol-with-passkey", Enrol { passkey, ..page.clone() }.render());
        self.keep(
            "enrol-last-seconds",
            Enrol { ends: at(59), label: self.texts.agent.clone(), ..page.clone() }.render(),
        );
        for (name, error) in Self::code_errors().into_iter().chain([("window", CodeError::SetupExpired)]) {
            self.keep(&format!("enrol-{name}"), Enrol { error: Some(error), ..page.clone() }.render());
        }
        let (pairing, error) = (Some(self.texts.user.clone()), Some(CodeError::NoPairing));
        self.keep("enrol-pairing-number", Enrol { pairing, error, ..page.clone() }.render());
        let pairing = Some(String::new());
        self.keep("enrol-pairing", Enrol { pairing, ..page.clone() }.render());
        let asked = SecondChannel {
            asks_help: true,
            sent: None,
            by_mail: false,
            mail: Some(self.texts.masked("a…@e….com")),
            sms: Some(self.texts.masked("…42")),
        };
        let proving = Enrol { proof: Some(asked.clone()), ..page.clone() };
        self.keep("enrol-proof", proving.render());
        let sent = SecondChannel { sent: Some(self.note(Again::In(30))), by_mail: true, ..asked };
        let proving = Enrol { proof: Some(sent), ..page };
        self.keep("enrol-proof-sent", proving.render());
        for (name, error) in
            [("wrong", CodeError::Wrong), ("lapsed", CodeError::Lapsed), ("down", CodeError::NotSent)]
        {
            let failed =
                Enrol { error: Some(error), error_of_sent: true, tries_left: Some(2), ..proving.clone() };
            self.keep(&format!("enrol-proof-{name}"), failed.render());
        }
    }

    fn offer_app(&mut self) {
        let page = OfferApp { frame: self.signed_in(), return_to: self.texts.deep_link.clone() };
        self.keep("offer-app", page.render());
    }

    fn recovery_codes(&mut self) {
        let codes = [
            "7KQM-2XWD-9PHT",
            "B4NR-LVZ6-3CJE",
            "XG8T-5DQA-MW2K",
            "H3PY-9RFC-6LNB",
            "2ZVJ-K7ET-Q4XA",
            "WD6M-8HBG-5RTP",
            "N9CX-3QKL-7VFE",
            "4TJA-P2YW-ZM6D",
            "R5HB-6GNX-8KQC",
            "L8EV-W3TD-2JPY",
        ];
        let page = RecoveryCodes {
            frame: self.signed_in(),
            username: self.texts.user.clone(),
            codes: codes.map(str::to_owned).to_vec(),
            continue_to: self.texts.deep_link.clone(),
        };
        self.keep("recovery-codes", page.render());
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
