//! The second step: its code, setting it up, and the recovery codes.

use super::*;

impl Studio<'_> {
    pub(super) fn code_errors() -> [(&'static str, CodeError); 11] {
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

    pub(super) fn second_factor(&mut self) {
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

    pub(super) fn enrol(&mut self) {
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

    pub(super) fn offer_app(&mut self) {
        let page = OfferApp { frame: self.signed_in(), return_to: self.texts.deep_link.clone() };
        self.keep("offer-app", page.render());
    }

    pub(super) fn recovery_codes(&mut self) {
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
}
