//! Codes that are sent, and where to: asked for, waited for, wrong, or not to be had.

use super::*;

impl Studio<'_> {
    pub(super) fn note(&self, again: Again) -> SentNote {
        SentNote { to: self.texts.masked("a…@e….com"), ends: at(600), again }
    }

    /// What goes wrong with codes that are sent.
    pub(super) fn sent_errors() -> [(&'static str, CodeError); 8] {
        [
            ("wrong", CodeError::Wrong),
            ("malformed", CodeError::Malformed),
            ("lapsed", CodeError::Lapsed),
            ("down", CodeError::NotSent),
            ("soon", CodeError::TooSoon(29)),
            ("soon-one", CodeError::TooSoon(1)),
            ("no-more", CodeError::NoMoreSent),
            ("paused", CodeError::SendingPaused(at(900))),
        ]
    }

    pub(super) fn sent_codes(&mut self) {
        for (name, method, to) in [("email", Method::Email, "a…@e….com"), ("sms", Method::Sms, "…42")] {
            let page = SecondFactor {
                asks_help: false,
                frame: self.frame(),
                username: self.texts.user.clone(),
                method,
                other_methods: vec![Method::Totp, Method::Recovery, Method::Sms, Method::Email],
                destination: self.texts.masked(to),
                sent: None,
                passkey: false,
                approval: ApprovalNote::Unasked,
                passkeys_elsewhere: None,
                trust: self.offer(Reach::User),
                error: None,
                tries_left: None,
                return_to: self.texts.deep_link.clone(),
            };
            self.keep(&format!("code-{name}"), page.render());
            for (again_name, again) in [
                ("sent", Again::In(30)),
                ("sent-second", Again::In(1)),
                ("sent-again", Again::Now),
                ("sent-last", Again::Never),
            ] {
                let sent = SecondFactor { sent: Some(self.note(again)), ..page.clone() };
                self.keep(&format!("code-{name}-{again_name}"), sent.render());
            }
            for (error_name, error) in Self::sent_errors() {
                let sent = Some(self.note(Again::Now));
                let failed = SecondFactor { error: Some(error), sent, ..page.clone() };
                self.keep(&format!("code-{name}-{error_name}"), failed.render());
            }
            let unsent = SecondFactor { error: Some(CodeError::NotSent), ..page };
            self.keep(&format!("code-{name}-unsent"), unsent.render());
        }
    }

    pub(super) fn contact(&mut self) {
        for (name, method, other) in
            [("email", Method::Email, Method::Sms), ("sms", Method::Sms, Method::Email)]
        {
            let page = Contact {
                frame: self.frame(),
                username: self.texts.user.clone(),
                method,
                other_methods: vec![other],
                to: String::new(),
                sent: None,
                error: None,
                tries_left: None,
                return_to: self.texts.deep_link.clone(),
            };
            self.keep(&format!("contact-{name}"), page.render());
            let typed = Contact {
                to: self.texts.user.clone(),
                error: Some(CodeError::NoDestination),
                ..page.clone()
            };
            self.keep(&format!("contact-{name}-typed"), typed.render());
            let sent = Contact { sent: Some(self.note(Again::In(30))), other_methods: Vec::new(), ..page };
            self.keep(&format!("contact-{name}-sent"), sent.render());
            let wrong = Contact { error: Some(CodeError::Wrong), tries_left: Some(2), ..sent };
            self.keep(&format!("contact-{name}-wrong"), wrong.render());
        }
    }
}
