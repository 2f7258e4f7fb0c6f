//! Unlocking a remembered device, and its PIN.

use super::*;

impl Studio<'_> {
    pub(super) fn unlock(&mut self) {
        let page = Unlock {
            frame: self.frame(),
            name: Some(self.texts.user.clone()),
            pin: true,
            passkeys: true,
            error: None,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("unlock", page.render());
        self.keep("unlock-pin", Unlock { passkeys: false, name: None, ..page.clone() }.render());
        self.keep("unlock-passkey", Unlock { pin: false, ..page.clone() }.render());
        for (name, error) in [
            ("wrong", UnlockError::WrongPin(None)),
            ("wrong-2", UnlockError::WrongPin(Some(2))),
            ("wrong-1", UnlockError::WrongPin(Some(1))),
            ("malformed", UnlockError::Malformed),
            ("wrong-passkey", UnlockError::WrongPasskey),
            ("too-many", UnlockError::TooManyTries(at(900))),
            ("busy", UnlockError::Busy),
            ("form", UnlockError::FormExpired),
        ] {
            self.keep(&format!("unlock-{name}"), Unlock { error: Some(error), ..page.clone() }.render());
        }
        let page = SetPin {
            frame: self.signed_in(),
            state: PinState::Unset,
            error: None,
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("pin", page.render());
        self.keep("pin-change", SetPin { state: PinState::Set, ..page.clone() }.render());
        for (name, error) in [
            ("malformed", PinError::Malformed),
            ("weak", PinError::Weak),
            ("mismatch", PinError::Mismatch),
            ("busy", PinError::Busy),
            ("form", PinError::FormExpired),
        ] {
            self.keep(&format!("pin-{name}"), SetPin { error: Some(error), ..page.clone() }.render());
        }
    }
}
