//! Administrators' lists: groups, portals, trusts, requests, letters, tables and the audit log.

use super::*;
use crate::domain::{
    audit::{AuditKind, AuditOutcome},
    kept::Unkeepable,
    password_hash::HashFault,
    table::{LineFault, TableFault},
};

impl Studio<'_> {
    pub(super) fn admin_lists(&mut self) {
        let row = |name: String, closed| AdminGroupRow {
            name,
            people: 240,
            own_word: AdminRequirement::Optional,
            of_file: AdminRequirement::Unset,
            in_force: AdminRequirement::Required,
            closed,
            closed_by_file: false,
        };
        let page = AdminGroups {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::Groups),
            rows: vec![row(self.texts.user.clone(), false), row(self.texts.agent.clone(), true)],
            is_later: false,
            next: None,
        };
        self.keep("admin-groups", page.render());
        let full = AdminGroups {
            rows: page.rows.iter().cycle().take(50).cloned().collect(),
            is_later: true,
            next: Some(self.texts.user.clone()),
            ..page.clone()
        };
        self.keep("admin-groups-full", full.render());
        self.keep("admin-groups-none", AdminGroups { rows: Vec::new(), ..page.clone() }.render());
        for (name, may_set, may_open) in [
            ("admin-group", true, true),
            ("admin-group-held", true, false),
            ("admin-group-seen", false, true),
        ] {
            let (frame, words) = (self.administrator(), AdminRequirement::ALL.to_vec());
            let (desk, row) = (page.desk.clone(), page.rows[usize::from(!may_open)].clone());
            let group = AdminGroup { frame, desk, row, may_set, words, may_open };
            self.keep(name, group.render());
        }
        let portal = |closed, closed_by_file| AdminPortalRow {
            name: self.texts.user.clone(),
            title: self.texts.portal.clone(),
            host: self.texts.address.clone(),
            closed,
            closed_by_file,
        };
        let rows = vec![portal(false, false), portal(true, false), portal(false, true)];
        for (name, may_set) in [("admin-portals", true), ("admin-portals-seen", false)] {
            let desk = self.desk(AdminRoom::Portals);
            let page = AdminPortals { frame: self.administrator(), desk, rows: rows.clone(), may_set };
            self.keep(name, page.render());
        }
        let page = AdminTrusts {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::Trusts),
            user: String::new(),
            total: 312,
            rows: (0..25).map(|index| (self.trust_row(index), index != 1)).collect(),
            next: Some(2),
            is_later: true,
            may_remove_all: true,
            is_search: false,
        };
        self.keep("admin-trusts", page.render());
        let seen = AdminTrusts {
            user: self.texts.user.clone(),
            total: 1,
            rows: vec![(self.trust_row(0), false)],
            may_remove_all: false,
            next: None,
            is_later: false,
            ..page.clone()
        };
        self.keep("admin-trusts-seen", seen.render());
        self.keep("admin-trusts-of", AdminTrusts { may_remove_all: true, ..seen.clone() }.render());
        self.keep("admin-trusts-none", AdminTrusts { total: 0, rows: Vec::new(), ..seen }.render());
    }

    pub(super) fn admin_help(&mut self) {
        let row = AdminHelpRow {
            id: "01KAMPWJ5Q0000000000000000".to_owned(),
            reference: "K7M4-2QXP".to_owned(),
            person: self.texts.user.clone(),
            portal: self.texts.portal.clone(),
            path: None,
            address: self.texts.address.clone(),
            agent: self.texts.agent.clone(),
            asked: at(-4000),
            answer: None,
        };
        let answered = |granted| AdminHelpRow {
            path: Some(self.texts.masked("/reports/2026")),
            answer: Some(AdminHelpAnswer {
                granted,
                by: self.texts.user.clone(),
                reason: self.texts.agent.clone(),
                at: at(-600),
            }),
            ..row.clone()
        };
        let page = AdminHelp {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::Help),
            all: true,
            rows: vec![row.clone(), answered(true), answered(false)],
            total: 207,
            is_later: true,
            next: Some(2),
        };
        self.keep("admin-help", page.render());
        self.keep(
            "admin-help-none",
            AdminHelp { all: false, rows: Vec::new(), total: 0, is_later: false, next: None, ..page.clone() }
                .render(),
        );
        let open = AdminRequest {
            frame: self.administrator(),
            desk: page.desk.clone(),
            row: row.clone(),
            may_answer: true,
            reason: String::new(),
        };
        self.keep("admin-request", open.render());
        let access = AdminHelpRow { answer: None, ..answered(true) };
        self.keep("admin-request-access", AdminRequest { row: access, ..open.clone() }.render());
        self.keep("admin-request-answered", AdminRequest { row: answered(false), ..open.clone() }.render());
        let desk = AdminDesk { errors: vec![AdminError::NoReason], ..open.desk.clone() };
        let wrong = AdminRequest { desk, reason: self.texts.user.clone(), ..open };
        self.keep("admin-request-unreasoned", wrong.render());
    }

    pub(super) fn admin_letter(&mut self) {
        let letter = AdminLetterText {
            to: self.texts.masked("anna@example.com"),
            subject: self.texts.agent.clone(),
            text: self.texts.masked("Good day\n\nPlease set a password here:\nhttps://planning.example.com/.vestibule/invitation?token=preview\n"),
        };
        let page = AdminLetter {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::People),
            whom: AdminInvited::One(self.texts.user.clone()),
            letter: Some(letter),
            portals: vec![("planning".to_owned(), self.texts.portal.clone())],
            portal: "planning".to_owned(),
        };
        self.keep("admin-letter", page.render());
        let names = vec![self.texts.user.clone(); 40];
        let several = AdminLetter {
            whom: AdminInvited::Waiting { names, is_more: true },
            portals: vec![
                ("planning".to_owned(), self.texts.portal.clone()),
                ("wiki".to_owned(), self.texts.agent.clone()),
            ],
            ..page.clone()
        };
        self.keep("admin-letters", several.render());
        let nobody = AdminInvited::Waiting { names: Vec::new(), is_more: false };
        self.keep("admin-letters-none", AdminLetter { whom: nobody, letter: None, ..several }.render());
        let desk = AdminDesk { errors: vec![AdminError::NoLetter], ..page.desk.clone() };
        self.keep("admin-letter-none", AdminLetter { desk, letter: None, ..page }.render());
    }

    pub(super) fn admin_import(&mut self) {
        let empty = AdminImport {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::People),
            csv: String::new(),
            may_invite: true,
            report: None,
        };
        self.keep("admin-import", empty.render());
        for (name, error) in [
            ("table-names", AdminError::Table(TableFault::NoName)),
            ("table-stray", AdminError::Table(TableFault::Stray { name: self.texts.user.clone() })),
            ("table-twice", AdminError::Table(TableFault::Twice(self.texts.user.clone()))),
            ("table-passwords", AdminError::Table(TableFault::Passwords(self.texts.user.clone()))),
            ("table-hashes", AdminError::Table(TableFault::Hashes)),
            ("table-empty", AdminError::Table(TableFault::Empty)),
            ("table-long", AdminError::Table(TableFault::TooLong)),
            ("line", AdminError::Line { line: 7, name: self.texts.user.clone() }),
        ] {
            let desk = AdminDesk { errors: vec![error], ..empty.desk.clone() };
            let page = AdminImport { desk, csv: self.texts.user.clone(), ..empty.clone() };
            self.keep(&format!("admin-import-{name}"), page.render());
        }
        let row = |line, outcome| AdminImportRow { line, name: self.texts.user.clone(), outcome };
        let rows = vec![
            row(2, AdminImported::Added),
            row(3, AdminImported::Changed),
            row(4, AdminImported::Unchanged),
        ];
        let report = AdminImportReport { is_trial: true, counts: [1, 1, 1, 0], rows, left_out: 0 };
        let tried = AdminImport {
            csv: self.texts.masked("name,email\nmia,mia@example.com"),
            report: Some(report.clone()),
            ..empty
        };
        self.keep("admin-import-tried", tried.render());
        let faults = [
            LineFault::Person(Unkeepable::NoEmail),
            LineFault::Cells { found: 3, wanted: 4 },
            LineFault::Word(self.texts.agent.clone()),
            LineFault::Hash(HashFault::NotAHash),
            LineFault::NoAddress,
            LineFault::Tightened,
            LineFault::Twice,
        ];
        let fault = |line: usize| AdminImported::Refused(vec![faults[line % faults.len()].clone()]);
        let refused = AdminImportReport {
            counts: [90, 0, 0, 40],
            rows: (0..100).map(|line| row(line as u64, fault(line))).collect(),
            left_out: 30,
            ..report.clone()
        };
        self.keep("admin-import-refused", AdminImport { report: Some(refused), ..tried.clone() }.render());
        let done = AdminImportReport { is_trial: false, ..report };
        self.keep(
            "admin-import-done",
            AdminImport { csv: String::new(), report: Some(done), ..tried }.render(),
        );
    }

    pub(super) fn admin_records(&mut self) {
        let row = |index: i64| AdminEventRow {
            at: at(-index * 977),
            kind: AuditKind::SecondFactor,
            outcome: if index % 3 == 0 { AuditOutcome::Failure } else { AuditOutcome::Success },
            person: self.texts.user.clone(),
            factor: Some("totp".to_owned()),
            rest: self.texts.masked("planning · 2001:db8:85a3:1200::7 · Firefox, Windows · a word more"),
        };
        let page = AdminAudit {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::Audit),
            filter: AdminFilter {
                user: self.texts.user.clone(),
                kind: "sign_in".to_owned(),
                outcome: "failure".to_owned(),
                portal: self.texts.portal.clone(),
                from: self.texts.masked("2026-11-01"),
                until: self.texts.masked("2026-11-22"),
            },
            portals: vec![self.texts.portal.clone()],
            kinds: AuditKind::ALL.iter().map(|kind| (*kind, format!("{kind:?}"))).collect(),
            rows: (0..50).map(row).collect(),
            next: Some("admin/audit?before=7".to_owned()),
        };
        self.keep("admin-audit", page.render());
        let none = AdminAudit { rows: Vec::new(), next: None, filter: AdminFilter::default(), ..page };
        self.keep("admin-audit-none", none.render());
        let series = |most: u64| {
            let day = |index: i64| (at(days(index - 29)), u64::try_from(index).unwrap() * most / 29);
            AdminSeries((0..30).map(day).collect())
        };
        let page = AdminOverview {
            frame: self.administrator(),
            desk: self.desk(AdminRoom::Overview),
            sign_ins: series(4200),
            refusals: series(7),
            methods: [("totp", 4000), ("passkey", 900), ("device", 20)]
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
        };
        self.keep("admin-overview", page.render());
        let none = AdminOverview { sign_ins: series(0), refusals: series(0), methods: Vec::new(), ..page };
        self.keep("admin-overview-none", none.render());
    }
}
