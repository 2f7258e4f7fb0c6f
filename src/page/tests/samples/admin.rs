//! The administrators' pages: usual, empty and full, and each thing they can say.

use super::*;
use crate::domain::{identity::RequirementSource, kept::Unkeepable};

impl Studio<'_> {
    pub(super) fn admin(&mut self) {
        self.admin_people();
        self.admin_person();
        self.admin_forms();
        self.admin_lists();
        self.admin_help();
        self.admin_import();
        self.admin_letter();
        self.admin_records();
    }

    pub(super) fn administrator(&self) -> Frame {
        Frame { administers: true, ..self.signed_in() }
    }

    pub(super) fn desk(&self, here: AdminRoom) -> AdminDesk {
        AdminDesk { rooms: AdminRoom::ALL.to_vec(), here, done: None, errors: Vec::new() }
    }

    /// A trusted device or network, in turn; the third one ends with the password.
    pub(super) fn trust_row(&self, index: usize) -> AdminTrustRow {
        AdminTrustRow {
            id: format!("01KAMPWJ5Q{index:016}"),
            person: self.texts.user.clone(),
            what: if index.is_multiple_of(2) { self.texts.agent.clone() } else { self.texts.address.clone() },
            is_address: !index.is_multiple_of(2),
            granted: at(-days(7)),
            last_used: at(-600),
            ends: (index != 2).then(|| at(days(23))),
        }
    }

    fn admin_people(&mut self) {
        let rows = |count: usize| {
            let names = ["Anna de Vries", "J. Bakker", "Maria Schmidt-Hansen", "Sophie Lefèvre"];
            let row = |index: usize| AdminPersonRow {
                name: match self.texts.user.as_str() {
                    "anna" => format!("person{index}"),
                    hostile => hostile.to_owned(),
                },
                display_name: match self.texts.user.as_str() {
                    "anna" => names[index % names.len()].to_owned(),
                    hostile => format!("{hostile} {index}"),
                },
                email: self.texts.masked("someone.with.a.name@example.com"),
                groups: self.texts.masked("drivers, night shift"),
                disabled: index % 7 == 3,
                enrolled: index % 3 != 1,
                read_only: index % 9 == 4,
            };
            (0..count).map(row).collect::<Vec<_>>()
        };
        let page = AdminPeople {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::People),
            query: String::new(),
            total: 6,
            rows: rows(6),
            is_later: false,
            next: None,
            may_create: true,
            may_invite: true,
            may_import: true,
        };
        self.keep("admin-people", page.render());
        let full = AdminPeople {
            query: self.texts.user.clone(),
            total: 100_000,
            rows: rows(50),
            is_later: true,
            next: Some(self.texts.user.clone()),
            ..page.clone()
        };
        self.keep("admin-people-full", full.render());
        let none = AdminPeople {
            query: self.texts.user.clone(),
            total: 0,
            rows: Vec::new(),
            may_create: false,
            may_invite: false,
            may_import: false,
            ..page.clone()
        };
        self.keep("admin-people-none", none.render());
    }

    fn admin_person(&mut self) {
        let all = AdminMay {
            edit: true,
            invite: true,
            disable: true,
            enable: true,
            rename: true,
            remove: true,
            require: true,
            reset: true,
            pair: true,
            unlock: true,
            trusts: true,
            sessions: true,
        };
        let empty = AdminPerson {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::People),
            name: self.texts.user.clone(),
            display_name: self.texts.user.clone(),
            email: None,
            phone: None,
            groups: String::new(),
            has_password: false,
            disabled: true,
            closed_group: Some(self.texts.agent.clone()),
            is_closed_by_others: true,
            read_only: true,
            requirement: AdminRequirement::Off,
            source: Some(RequirementSource::Everybody),
            own_word: AdminRequirement::Unset,
            words: AdminRequirement::ALL.to_vec(),
            held: false,
            methods: Vec::new(),
            contacts: Vec::new(),
            codes_left: 0,
            trusts: None,
            sessions: Vec::new(),
            may: AdminMay::default(),
        };
        self.keep("admin-person-empty", empty.render());
        let full = AdminPerson {
            email: Some(self.texts.masked("anna@example.com")),
            phone: Some(self.texts.masked("+31612345678")),
            groups: self.texts.masked("drivers, night shift"),
            has_password: true,
            disabled: false,
            closed_group: None,
            is_closed_by_others: false,
            read_only: false,
            requirement: AdminRequirement::Required,
            source: Some(RequirementSource::Administrators(self.texts.agent.clone())),
            own_word: AdminRequirement::Optional,
            methods: vec![MethodRow {
                id: "m0".to_owned(),
                label: self.texts.agent.clone(),
                host: Some(self.frame().host),
                added: at(-days(100)),
                last_used: Some(at(-600)),
                removable: false,
            }],
            contacts: vec![ContactRow {
                id: "sms",
                to: self.texts.masked("+316******78"),
                added: at(-days(40)),
                last_used: None,
            }],
            codes_left: 8,
            trusts: Some((0..3).map(|index| self.trust_row(index)).collect()),
            sessions: (0..2)
                .map(|index| SessionRow {
                    id: format!("s{index}"),
                    agent: self.texts.agent.clone(),
                    address: self.texts.address.clone(),
                    opened: at(-9000),
                    last_seen: at(-60),
                    ends: at(3600),
                    this_one: index == 0,
                })
                .collect(),
            may: all,
            ..empty
        };
        self.keep("admin-person", full.render());
        let crowded = AdminPerson {
            trusts: Some((0..40).map(|index| self.trust_row(index)).collect()),
            sessions: full.sessions.iter().cycle().take(40).cloned().collect(),
            disabled: true,
            requirement: AdminRequirement::Optional,
            source: Some(RequirementSource::Group(self.texts.agent.clone())),
            ..full.clone()
        };
        self.keep("admin-person-crowded", crowded.render());
        let seen = AdminPerson {
            may: AdminMay::default(),
            held: true,
            source: Some(RequirementSource::Person),
            trusts: Some(Vec::new()),
            ..full.clone()
        };
        self.keep("admin-person-seen", seen.render());
        for done in AdminDone::ALL {
            let desk = AdminDesk { done: Some(*done), ..full.desk.clone() };
            self.keep(&format!("admin-done-{}", done.word()), AdminPerson { desk, ..full.clone() }.render());
        }
        for (name, error) in [
            ("read-only", AdminError::ReadOnly),
            ("last", AdminError::LastAdministrator),
            ("forbidden", AdminError::Forbidden),
            ("tightened", AdminError::Tightened),
            ("page", AdminError::NoPage),
            ("full", AdminError::Full),
            ("gone", AdminError::Gone),
            ("meanwhile", AdminError::Meanwhile),
            ("invalid", AdminError::Invalid),
            ("busy", AdminError::Busy),
            ("not-sent", AdminError::NotSent),
            ("too-many-letters", AdminError::TooManyLetters),
            ("no-letter", AdminError::NoLetter),
        ] {
            let desk = AdminDesk { errors: vec![error], ..full.desk.clone() };
            self.keep(&format!("admin-error-{name}"), AdminPerson { desk, ..full.clone() }.render());
        }
    }

    fn admin_forms(&mut self) {
        let page = AdminForm {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::People),
            kind: AdminFormKind::Create,
            name: String::new(),
            display_name: String::new(),
            email: String::new(),
            phone: String::new(),
            groups: String::new(),
            own_groups: Vec::new(),
        };
        self.keep("admin-new", page.render());
        let text = self.texts.user.clone();
        let errors = [
            Unkeepable::NoName,
            Unkeepable::BadName,
            Unkeepable::NoEmail,
            Unkeepable::BadEmail(text.clone()),
            Unkeepable::NameTaken(text.clone()),
            Unkeepable::EmailTaken(text.clone()),
            Unkeepable::BadPhone(text.clone()),
            Unkeepable::BadGroup(text.clone()),
            Unkeepable::TooManyGroups,
        ];
        let filled = AdminForm {
            name: text.clone(),
            display_name: text.clone(),
            email: text.clone(),
            phone: text.clone(),
            groups: text.clone(),
            own_groups: vec![text.clone(), text],
            ..page
        };
        let wrong = AdminForm {
            desk: AdminDesk {
                errors: errors.into_iter().map(AdminError::Unkeepable).collect(),
                ..filled.desk.clone()
            },
            ..filled.clone()
        };
        self.keep("admin-new-wrong", wrong.render());
        self.keep("admin-edit", AdminForm { kind: AdminFormKind::Edit, ..filled }.render());
        for asked in AdminAsked::ALL {
            let page = AdminConfirm {
                frame: self.administrator(),
                desk: self.desk(AdminRoom::People),
                asked: *asked,
                name: self.texts.user.clone(),
                target: "admin/person?user=anna".to_owned(),
                back: "admin/person?user=anna".to_owned(),
                fields: vec![("action", self.texts.user.clone())],
                reason: (*asked == AdminAsked::Reset).then(|| self.texts.agent.clone()),
                afterwards: match asked {
                    AdminAsked::Group { .. } => Some((AdminRequirement::Unset, self.texts.agent.clone())),
                    _ => None,
                },
            };
            let name = format!("{asked:?}").split(' ').next().unwrap().to_lowercase();
            self.keep(&format!("admin-ask-{name}"), page.render());
            if *asked == AdminAsked::Reset {
                let desk = AdminDesk { errors: vec![AdminError::NoReason], ..page.desk.clone() };
                self.keep("admin-ask-reset-unreasoned", AdminConfirm { desk, ..page }.render());
            }
        }
    }
}
