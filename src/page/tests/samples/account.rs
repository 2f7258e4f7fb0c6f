//! The account page: empty, usual and crowded, and each thing it can say.

use super::*;

impl Studio<'_> {
    pub(super) fn account(&mut self) {
        let empty = Account {
            frame: self.signed_in(),
            display_name: self.texts.user.clone(),
            username: self.texts.user.clone(),
            email: None,
            notice: None,
            error: None,
            password: Some(PasswordRow { keeper: PasswordKeeper::Nobody, changed: None }),
            methods: Vec::new(),
            can_add_method: true,
            passkeys: false,
            contacts: Vec::new(),
            codes_left: None,
            codes_used: None,
            switch: None,
            identities: Vec::new(),
            providers: Vec::new(),
            devices_offered: true,
            devices: Vec::new(),
            pin: None,
            addresses_offered: true,
            addresses: Vec::new(),
            sessions: Vec::new(),
            sign_ins: Vec::new(),
        };
        self.keep("account-empty", empty.render());
        for (name, switch, codes_left) in
            [("on", Switch::On, Some(0)), ("off", Switch::Off, Some(1)), ("codes", Switch::Off, Some(2))]
        {
            let page = Account { switch: Some(switch), codes_left, ..empty.clone() };
            self.keep(&format!("account-{name}"), page.render());
        }
        let full = self.full_account(empty);
        self.keep("account", full.render());
        let keeper = PasswordKeeper::Operator;
        let elsewhere = Account { password: Some(PasswordRow { keeper, changed: None }), ..full.clone() };
        self.keep("account-password-elsewhere", elsewhere.render());
        let unset = Account { pin: Some(PinState::Unset), ..full.clone() };
        self.keep("account-pin-unset", unset.render());
        self.keep("account-crowded", Self::crowded(&full).render());
        for notice in [
            Notice::PasswordChanged,
            Notice::MethodAdded,
            Notice::MethodRemoved,
            Notice::PasskeyAdded,
            Notice::PasskeyRemoved,
            Notice::ContactRemoved,
            Notice::DeviceRemoved,
            Notice::DevicesRemoved,
            Notice::PinSet,
            Notice::PinRemoved,
            Notice::AddressRemoved,
            Notice::AddressesRemoved,
            Notice::SessionEnded,
            Notice::SecondFactorOn,
            Notice::SecondFactorOff,
            Notice::IdentityLinked,
            Notice::IdentityUnlinked,
            Notice::LanguageChanged,
        ] {
            self.keep(
                &format!("account-{notice:?}"),
                Account { notice: Some(notice), ..full.clone() }.render(),
            );
        }
        for error in [
            AccountError::LastIdentity,
            AccountError::LastContact,
            AccountError::LastMethod,
            AccountError::Required,
            AccountError::Gone,
            AccountError::Busy,
            AccountError::FormExpired,
        ] {
            self.keep(
                &format!("account-error-{error:?}"),
                Account { error: Some(error), ..full.clone() }.render(),
            );
        }
    }

    /// More of everything than is shown.
    fn crowded(full: &Account) -> Account {
        fn many<T: Clone>(rows: &[T], count: usize, name: impl Fn(&mut T, String)) -> Vec<T> {
            let mut rows: Vec<T> = rows.iter().cycle().take(count).cloned().collect();
            for (index, row) in rows.iter_mut().enumerate() {
                name(row, format!("01KAMPWJ5Q{index:016}"));
            }
            rows
        }
        Account {
            methods: many(&full.methods, 5, |row, id| row.id = id),
            devices: many(&full.devices, 6, |row, id| row.id = id),
            addresses: many(&full.addresses, 40, |row, id| row.id = id),
            sessions: many(&full.sessions, 40, |row, id| row.id = id),
            sign_ins: full.sign_ins.iter().cycle().take(10).cloned().collect(),
            ..full.clone()
        }
    }

    fn full_account(&self, empty: Account) -> Account {
        let agents = [self.texts.agent.clone(), "Safari, iPhone".to_owned(), "Chrome, Android".to_owned()];
        let methods = ["Authenticator", "My phone"].iter().enumerate();
        let ends = [days(29), days(1), 3600];
        let outcomes = [
            Outcome::Password,
            Outcome::Link,
            Outcome::Code,
            Outcome::Passkey,
            Outcome::Approval,
            Outcome::Provider,
            Outcome::Pin,
            Outcome::RecoveryCode,
            Outcome::TrustedDevice,
            Outcome::TrustedAddress,
            Outcome::WrongPassword,
            Outcome::WrongPin,
            Outcome::WrongCode,
            Outcome::TooManyTries,
            Outcome::Refused,
        ];
        let mut full = Account {
            display_name: match self.texts.user.as_str() {
                "anna" => "Anna de Vries".to_owned(),
                hostile => hostile.to_owned(),
            },
            email: Some(match self.texts.user.as_str() {
                "anna" => "anna@example.com".to_owned(),
                hostile => hostile.to_owned(),
            }),
            methods: methods
                .map(|(index, label)| MethodRow {
                    id: format!("m{index}"),
                    label: (*label).to_owned(),
                    host: (index == 1).then(|| self.frame().host),
                    added: at(-days(100)),
                    last_used: (index == 1).then(|| at(-600)),
                    removable: index == 0,
                })
                .collect(),
            contacts: [("email", "anna@example.com"), ("sms", "+31612345642")]
                .map(|(id, to)| ContactRow {
                    id,
                    to: self.texts.masked(to),
                    added: at(-days(40)),
                    last_used: Some(at(-700)),
                })
                .into(),
            password: Some(PasswordRow { keeper: PasswordKeeper::Here, changed: Some(at(-days(9))) }),
            pin: Some(PinState::Set),
            codes_left: Some(8),
            codes_used: Some(at(-days(2))),
            switch: Some(Switch::On),
            identities: vec![IdentityRow {
                id: "i0".to_owned(),
                label: "anna@acme.example".to_owned(),
                provider: self.providers().remove(0).title,
                linked: at(-days(3)),
                last_used: Some(at(-5000)),
            }],
            providers: self.providers(),
            ..empty
        };
        for (index, agent) in agents.iter().enumerate() {
            let offset = i64::try_from(index).unwrap();
            full.devices.push(DeviceRow {
                id: format!("d{index}"),
                label: agent.clone(),
                granted: at(ends[index] - days(30)),
                last_used: (index != 2).then(|| at(-offset * 7200)),
                // One of them until the password changes.
                ends: (index != 1).then(|| at(ends[index])),
                this_one: index == 0,
            });
            full.sessions.push(SessionRow {
                id: format!("s{index}"),
                agent: agent.clone(),
                address: self.texts.address.clone(),
                opened: at(-9000 - offset * 5000),
                last_seen: at(-offset * 600),
                ends: at(3600 - offset * 600),
                this_one: index == 0,
            });
        }
        full.addresses.push(AddressRow {
            id: "a0".to_owned(),
            address: self.texts.address.clone(),
            granted: at(-days(7)),
            last_used: Some(at(-60)),
            ends: at(days(23)),
            this_one: true,
        });
        for (index, outcome) in outcomes.into_iter().enumerate() {
            full.sign_ins.push(SignInRow {
                at: at(-40_000 * i64::try_from(index).unwrap()),
                outcome,
                address: "198.51.100.7".to_owned(),
                agent: self.texts.agent.clone(),
            });
        }
        full
    }
}
