//! Choosing a password.

use super::*;
use crate::domain::new_password::Unfit;

impl Studio<'_> {
    pub(super) fn password(&mut self) {
        let page = ChangePassword {
            frame: self.signed_in(),
            username: self.texts.user.clone(),
            keeper: PasswordKeeper::Here,
            length: PasswordLength { least: 15, is_beside: false },
            error: None,
        };
        self.keep("password", page.render());
        let length = PasswordLength { least: 8, is_beside: true };
        self.keep("password-beside", ChangePassword { length, ..page.clone() }.render());
        for (name, keeper) in [("none", PasswordKeeper::Nobody), ("operator", PasswordKeeper::Operator)] {
            self.keep(&format!("password-{name}"), ChangePassword { keeper, ..page.clone() }.render());
        }
        for (name, error) in Self::password_errors() {
            let failed = ChangePassword { error: Some(error), ..page.clone() };
            self.keep(&format!("password-{name}"), failed.render());
        }
    }

    pub(super) fn invitation(&mut self) {
        let page = SetPassword {
            frame: self.frame(),
            token: "aW52aXRhdGlvbi10b2tlbi1mb3Itc2FtcGxlcw".to_owned(),
            username: self.texts.user.clone(),
            is_first: true,
            length: PasswordLength { least: 15, is_beside: false },
            ends: at(days(3)),
            error: None,
        };
        self.keep("invitation", page.render());
        self.keep("invitation-again", SetPassword { is_first: false, ..page.clone() }.render());
        for (name, error) in Self::password_errors() {
            let failed = SetPassword { error: Some(error), ..page.clone() };
            self.keep(&format!("invitation-{name}"), failed.render());
        }
        let frame = Frame { switches_language: false, ..self.frame() };
        let username = self.texts.user.clone();
        self.keep("invitation-done", PasswordSet { frame, username }.render());
        self.keep("invitation-spent", InvitationSpent { frame: self.frame() }.render());
        let unsupported = InvitationSpent { frame: self.unsupported() };
        self.keep("invitation-spent-unsupported", unsupported.render());
    }

    fn password_errors() -> [(&'static str, PasswordError); 10] {
        [
            ("old", PasswordError::WrongOld),
            ("short", PasswordError::Unfit(Unfit::TooShort(15))),
            ("long", PasswordError::Unfit(Unfit::TooLong)),
            ("common", PasswordError::Unfit(Unfit::Common)),
            ("pattern", PasswordError::Unfit(Unfit::Pattern)),
            ("personal", PasswordError::Unfit(Unfit::Personal)),
            ("same", PasswordError::Same),
            ("too-many", PasswordError::TooManyTries(at(900))),
            ("busy", PasswordError::Busy),
            ("form", PasswordError::FormExpired),
        ]
    }
}
