//! What administrators do to people, groups and requests, on a store in memory.

use std::{path::Path, sync::Arc};

use crate::{
    config::{Color, Files, load_text},
    domain::{
        audit::{AuditKind, AuditOutcome},
        help::{HelpRequest, Wish},
        identity::{Requirement, UserId},
        kept::Unkeepable,
        role::Role,
        table::LineFault,
        time::{Clock as _, Timestamp, days},
        token::RecordId,
    },
    factor::password::Hashers,
    runtime::{
        ManualClock, OsEntropy, Runtime, Services,
        control::{
            Administration, By, read_table,
            words::{
                Answer, AuditSearch, Change, GroupLine, Imported, NewPerson, PeopleSearch, PersonChange,
                Refusal, RefusalKind, Request, Word,
            },
        },
    },
    store::{EventQuery, hot::HotStore, memory::MemoryStore},
    telemetry::audit::AuditLog,
};

const FILE: &str = r#"
[tls]
certificates = [{ chain = "tls/chain.pem", key = "tls/key.pem" }]
[second_factor]
requirement = "optional"
[[group]]
name = "office"
second_factor = "required"
[[group]]
name = "closed"
enabled = false
[[directory]]
kind = "file"
path = "users.example.toml"
[[directory]]
kind = "store"
[admin]
portals = ["wiki"]
security = ["user:chief", "group:guards"]
[[portal]]
name = "wiki"
host = "wiki.example.com"
upstream = "http://127.0.0.1:8080"
[[portal.rule]]
policy = "one_factor"
"#;

pub(super) struct Office {
    pub(super) administration: Administration,
    pub(super) services: Services,
    pub(super) runtime: Arc<Runtime>,
}

pub(super) const CHIEF: &str = "chief";

impl Office {
    pub(super) async fn open() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/vestibule.toml");
        let loaded = load_text(&file, FILE, Files::Assumed);
        let report = loaded.report(Color::Plain);
        let settings = loaded.settings.unwrap_or_else(|| panic!("{report}"));
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_795_316_400)));
        let services = Services {
            store: HotStore::load(Arc::new(MemoryStore::default()), clock.now()).await.unwrap(),
            clock,
            entropy: Arc::new(OsEntropy),
            hashers: Hashers::start(1),
            ceremonies: Arc::default(),
            questions: Arc::default(),
            hand_overs: Arc::default(),
            in_hand: Arc::default(),
            audit: AuditLog::start(Some(Path::new("/dev/null"))).unwrap(),
            metrics: Arc::default(),
            refusals: Arc::default(),
            witness: Default::default(),
        };
        let administration = Administration::new(services.clone());
        let runtime = Arc::new(Runtime::build(settings).unwrap());
        let office = Self { administration, services, runtime };
        office.done(Request::UserAdd(new(CHIEF, &[]))).await;
        office
    }

    pub(super) async fn ask(&self, request: Request) -> Answer {
        self.ask_as(Role::Security, request).await
    }

    pub(super) async fn ask_as(&self, role: Role, request: Request) -> Answer {
        let by = By::Administrator { id: UserId::new(CHIEF), role };
        self.administration.carry_out(&self.runtime, request, &by).await
    }

    pub(super) async fn done(&self, request: Request) -> Change {
        match self.ask(request).await {
            Answer::Changed(change) => change,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn refused(&self, request: Request) -> Refusal {
        match self.ask(request).await {
            Answer::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn set(&self, user: &str, change: PersonChange) -> Answer {
        self.ask(Request::UserSet { user: user.to_owned(), change }).await
    }

    pub(super) async fn group(&self, name: &str) -> GroupLine {
        match self.ask(Request::GroupList).await {
            Answer::Groups(lines) => lines.into_iter().find(|line| line.name == name).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn import(&self, csv: &str, dry_run: bool) -> (bool, Vec<Imported>) {
        match self.ask(Request::import_table(csv.to_owned(), dry_run)).await {
            Answer::Imported(report) => {
                (report.nothing_written, report.lines.into_iter().map(|line| line.outcome).collect())
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn new(name: &str, groups: &[&str]) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        email: format!("{name}@example.com"),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..NewPerson::default()
    }
}

pub(super) fn groups(names: &[&str]) -> PersonChange {
    let groups = names.iter().map(|name| (*name).to_owned()).collect();
    PersonChange { groups: Some(groups), ..PersonChange::default() }
}

pub(super) fn disabled() -> PersonChange {
    PersonChange { disabled: Some(true), ..PersonChange::default() }
}

#[tokio::test]
async fn somebody_is_made_changed_and_removed_and_each_is_recorded_with_who_did_it() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("Jan", &["drivers"]))).await;
    let change = PersonChange {
        display_name: Some("Jan Bakker".to_owned()),
        phone: Some("+31 6 12345678".to_owned()),
        second_factor: Some(Word::Required),
        ..PersonChange::default()
    };
    assert!(matches!(office.set("jan@example.com", change.clone()).await, Answer::Changed(_)));
    let kept = office.services.store.resident(&UserId::new("jan")).unwrap();
    assert_eq!((kept.display_name.as_str(), kept.phone.as_deref()), ("Jan Bakker", Some("+31612345678")));
    assert_eq!(
        (kept.name.as_str(), &kept.groups[..]),
        ("Jan", &["drivers".to_owned()][..]),
        "what was left out"
    );
    let again = office.set("jan", change).await;
    assert!(matches!(again, Answer::Changed(change) if change.message.starts_with("nothing to change")));
    office.done(Request::UserRemove { user: "jan".to_owned() }).await;
    assert!(office.services.store.resident(&UserId::new("jan")).is_none());

    let query = EventQuery {
        people: Some(vec![(UserId::new("jan"), Timestamp::from_unix(0))]),
        limit: 9,
        ..EventQuery::default()
    };
    let events = office.services.store.journal().search_events(&query).await.unwrap();
    let told: Vec<_> =
        events.iter().map(|(_, event)| (event.kind, event.detail.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            (AuditKind::PersonRemoved, "removed; by chief as security"),
            (AuditKind::PersonChanged, "display name, mobile number, second factor; by chief as security"),
            (AuditKind::PersonAdded, "made; by chief as security"),
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_changes_nothing() {
    let office = Office::open().await;
    let no_mail = NewPerson { email: String::new(), ..new("jan", &[]) };
    let refusal = office.refused(Request::UserAdd(no_mail)).await;
    assert_eq!((refusal.kind, &refusal.wrong[..]), (RefusalKind::Invalid, &[Unkeepable::NoEmail][..]));
    // Names and addresses of the store and of the file, in any spelling, either way round.
    for (name, email) in [
        ("CHIEF", "x@example.com"),
        ("Anna", "x@example.com"),
        ("x", "Chief@Example.com"),
        ("x", "anna@example.com"),
        ("anna@example.com", "x@example.com"),
    ] {
        let person = NewPerson { email: email.to_owned(), ..new(name, &[]) };
        assert_eq!(office.refused(Request::UserAdd(person)).await.kind, RefusalKind::Taken, "{name} {email}");
    }
    let Answer::Refused(refusal) = office.set("anna", disabled()).await else { panic!("changed") };
    assert_eq!(refusal.kind, RefusalKind::ReadOnly);
    assert_eq!(
        office.refused(Request::UserRemove { user: "anna".to_owned() }).await.kind,
        RefusalKind::ReadOnly
    );
    assert_eq!(
        office.refused(Request::UserRemove { user: "jan".to_owned() }).await.kind,
        RefusalKind::NotFound
    );
    assert_eq!(office.services.store.count_residents(), 1);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let office = Office::open().await;
    let stays = async |answer: Answer| {
        assert!(
            matches!(&answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::LastAdministrator),
            "{answer:?}"
        );
    };
    let close = || Request::GroupSet { group: "guards".to_owned(), second_factor: None, closed: Some(true) };
    stays(office.set(CHIEF, disabled()).await).await;
    stays(office.ask(Request::UserRemove { user: CHIEF.to_owned() }).await).await;
    // With another one, by a group, either may go, and the other one stays.
    office.done(Request::UserAdd(new("guard", &["guards"]))).await;
    assert!(matches!(office.set(CHIEF, disabled()).await, Answer::Changed(_)));
    stays(office.set("guard", groups(&[])).await).await;
    stays(office.set("guard", disabled()).await).await;
    stays(office.ask(close()).await).await;
    let csv = "name;email;groups\nguard;guard@example.com;\n".to_owned();
    stays(office.ask(Request::import_table(csv, false)).await).await;
    // Nor by a group that the file has closed.
    stays(office.set("guard", groups(&["guards", "closed"])).await).await;
    let back = PersonChange { disabled: Some(false), ..PersonChange::default() };
    assert!(matches!(office.set(CHIEF, back).await, Answer::Changed(_)));
    office.done(close()).await;
}

#[tokio::test]
async fn a_search_pages_through_people_of_file_and_store_together() {
    let office = Office::open().await;
    for name in ["aaron", "bert", "zoe"] {
        office.done(Request::UserAdd(new(name, &["office"]))).await;
    }
    let ask = async |search: PeopleSearch| match office.ask(Request::UserSearch(search)).await {
        Answer::Found(found) => found,
        other => panic!("{other:?}"),
    };
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let found = ask(PeopleSearch { after, limit: 2, ..PeopleSearch::default() }).await;
        seen.extend(found.people.iter().map(|line| (line.name.clone(), line.of_file)));
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted, "each once, in order");
    assert!(seen.contains(&("aaron".to_owned(), false)) && seen.contains(&("anna".to_owned(), true)));
    assert_eq!(ask(PeopleSearch::default()).await.total, seen.len());
    let narrowed = PeopleSearch {
        groups: Some(vec!["office".to_owned()]),
        text: "E".to_owned(),
        ..PeopleSearch::default()
    };
    let found = ask(narrowed).await;
    assert!(found.people.iter().all(|line| line.groups.contains(&"office".to_owned())));
    assert!(found.people.iter().any(|line| line.name == "bert"));
}

#[tokio::test]
async fn a_group_is_told_with_its_people_and_every_word_on_it() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &["drivers", "office"]))).await;
    let drivers = office.group("drivers").await;
    assert_eq!((drivers.people, drivers.of_file, drivers.in_force), (1, None, Requirement::Optional));
    assert!(office.group("closed").await.closed_by_file);
    let set = |word, closed| Request::GroupSet { group: "drivers".to_owned(), second_factor: word, closed };
    let change = office.done(set(Some(Word::Required), None)).await;
    assert_eq!(change.message, "group drivers, 1 person: second factor required, open");
    let change = office.done(set(Some(Word::Off), None)).await;
    assert_eq!(
        change.message,
        "group drivers, 1 person: second factor off is noted and changes nothing, since the file asks for optional, open"
    );
    office.done(set(Some(Word::Required), None)).await;
    office.done(set(None, Some(true))).await;
    let drivers = office.group("drivers").await;
    assert_eq!((drivers.of_administrators, drivers.closed), (Some(Requirement::Required), true));
    let jan = office.runtime.directory(&office.services.store).get(&UserId::new("jan")).unwrap();
    assert!(jan.is_barred() && jan.requirement == Requirement::Required);
    office.done(set(Some(Word::Unset), Some(false))).await;
    assert!(office.services.store.switches().is_empty());
    let nowhere = Request::GroupSet { group: "drivres".to_owned(), second_factor: None, closed: Some(true) };
    assert_eq!(office.refused(nowhere).await.kind, RefusalKind::NotFound);
    // Who leaves is counted no more.
    office.set("jan", groups(&["office"])).await;
    let Answer::Groups(lines) = office.ask(Request::GroupList).await else { panic!("no groups") };
    assert!(!lines.iter().any(|line| line.name == "drivers"));
}

#[tokio::test]
async fn an_import_says_first_what_it_would_do_and_writes_all_or_nothing() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &["drivers"]))).await;
    let csv = "\u{feff}Name;Display name;Email;Groups\r\npiet;Piet Smit;piet@example.com;drivers|night\r\n\
               jan;Jan Bakker;jan@example.com;drivers\r\nchief;chief;chief@example.com;\r\n";
    let expected = vec![Imported::Added, Imported::Changed, Imported::Unchanged];
    assert_eq!(office.import(csv, true).await, (true, expected.clone()));
    assert_eq!(office.services.store.count_residents(), 2, "a dry run writes nothing");
    assert_eq!(office.import(csv, false).await, (false, expected));
    let piet = office.services.store.resident(&UserId::new("piet")).unwrap();
    assert_eq!(piet.groups, ["drivers", "night"]);
    assert_eq!(office.services.store.resident(&UserId::new("jan")).unwrap().display_name, "Jan Bakker");
    assert_eq!(office.import(csv, false).await.1, vec![Imported::Unchanged; 3], "twice is once");

    let broken = "email,name\nx@example.com,x\nno address,y\npiet@example.com,z\nx@example.com,w\nq@example.com,anna\n";
    let (nothing, lines) = office.import(broken, false).await;
    let refused: Vec<_> = lines.iter().map(|line| matches!(line, Imported::Refused { .. })).collect();
    assert_eq!((nothing, refused), (true, vec![false, true, true, true, true]));
    assert!(office.services.store.resident(&UserId::new("x")).is_none());
}

#[test]
fn a_table_that_is_none_says_what_it_should_be() {
    for (text, why) in [
        ("", "the first line must name the columns"),
        ("name,email\n", "no lines but the first"),
        ("name,mail\nx,y\n", "there is no column \"mail\""),
        ("name,name\nx,y\n", "there twice"),
        ("email\nx\n", "\"name\" among them"),
        ("name,email\n,\n\n", "no lines but the first"),
    ] {
        let said = read_table(text).unwrap_err().to_string();
        assert!(said.contains(why), "{text:?}: {said}");
    }
    let rows = read_table("name\temail\tsecond_factor\n x \t\"a\"\"b@example.com\"\tREQUIRED\n").unwrap();
    assert_eq!((rows[0].line, rows[0].name.as_str()), (2, "x"));
    assert_eq!(rows[0].draft(None).second_factor, Some(Requirement::Required));
}

#[test]
fn a_line_is_called_by_the_number_that_a_spreadsheet_gives_it() {
    for (end, head) in [("\n", ""), ("\r\n", ""), ("\r\n", "sep=;\r\n")] {
        let lines = [
            "name;email;groups;",
            "a;a@example.com;;",
            ";;;",
            "",
            "b;b@example.com;\"x|y\";",
            "c;c@example.com",
        ];
        let rows = read_table(&format!("{head}{}{end}", lines.join(end))).unwrap();
        let told = u64::from(!head.is_empty());
        let read: Vec<_> = rows.iter().map(|row| (row.line - told, row.name.as_str())).collect();
        assert_eq!(read, [(2, "a"), (5, "b"), (6, "c")], "{end:?}");
        let faults: Vec<_> = rows.iter().map(|row| row.fault.clone()).collect();
        assert_eq!(faults, [None, None, Some(LineFault::Cells { found: 2, wanted: 3 })]);
    }
    let [wordy, fine] = &read_table("name,second_factor\nx,yes\ny,off\n").unwrap()[..] else { panic!() };
    assert_eq!((&wordy.fault, &fine.fault), (&Some(LineFault::Word("yes".to_owned())), &None));
}

fn request(number: u64, office: &Office) -> HelpRequest {
    let now = office.services.clock.now();
    HelpRequest {
        id: RecordId::from_text(&format!("help-{number}")),
        reference: format!("K7M4-000{number}"),
        person: UserId::new("jan"),
        portal: "wiki".to_owned(),
        wish: if number == 1 { Wish::SecondFactor } else { Wish::Access { path: "/books".to_owned() } },
        address: "192.0.2.7".parse().unwrap(),
        agent: "Firefox".to_owned(),
        asked_at: now,
        ends_at: now.after(days(14)),
        answer: None,
    }
}

#[tokio::test]
async fn a_request_for_help_is_answered_once_and_a_granted_one_resets_the_second_factor() {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &[]))).await;
    let (store, now) = (&office.services.store, office.services.clock.now());
    store.replace_recovery_codes(&UserId::new("jan"), &[]).await.unwrap();
    for number in [1, 2] {
        store.help().file_help(&request(number, &office), now).await.unwrap();
    }
    let answer = |request: &str, grant, reason: &str| Request::HelpAnswer {
        request: request.to_owned(),
        grant,
        reason: reason.to_owned(),
    };
    for reason in ["", "yes ", &"x".repeat(501)] {
        let refusal = office.refused(answer("K7M4-0001", true, reason)).await;
        assert_eq!(refusal.kind, RefusalKind::Invalid);
    }
    let change = office.done(answer("k7m4-0001", true, "called back")).await;
    assert!(change.message.starts_with("reset: jan"), "{}", change.message);
    assert_eq!(office.refused(answer("help-1", false, "called back")).await.kind, RefusalKind::Settled);
    let change = office.done(answer("help-2", false, "not your books")).await;
    assert_eq!(change.message, "refused: request K7M4-0002 of jan");
    let Answer::Help(all) = office.ask(Request::HelpList { all: true }).await else { panic!("no list") };
    let granted: Vec<_> = all.iter().map(|line| (line.reference.as_str(), line.granted)).collect();
    assert_eq!(granted, [("K7M4-0002", Some(false)), ("K7M4-0001", Some(true))]);
    assert_eq!(office.ask(Request::HelpList { all: false }).await, Answer::Help(Vec::new()));

    let search = AuditSearch { kind: Some("help_answered".to_owned()), ..AuditSearch::default() };
    let Answer::Events(found) = office.ask(Request::AuditList(search)).await else { panic!("no events") };
    let told: Vec<_> =
        found.events.iter().map(|event| (event.outcome, event.detail.as_deref().unwrap())).collect();
    assert_eq!(
        told,
        [
            (AuditOutcome::Failure, "K7M4-0002: not your books; by chief as security"),
            (AuditOutcome::Success, "K7M4-0001: called back; by chief as security"),
        ]
    );
}

#[tokio::test]
async fn the_audit_log_is_filtered_paged_and_counted_by_day() {
    let office = Office::open().await;
    for name in ["ann", "bob", "eve"] {
        office.done(Request::UserAdd(new(name, &[]))).await;
    }
    let ask = async |search: AuditSearch| match office.ask(Request::AuditList(search)).await {
        Answer::Events(found) => found,
        other => panic!("{other:?}"),
    };
    let names = |events: &[crate::domain::audit::AuditEvent]| {
        events.iter().map(|event| event.person.clone().unwrap()).collect::<Vec<_>>()
    };
    let first = ask(AuditSearch { limit: 2, ..AuditSearch::default() }).await;
    assert_eq!(names(&first.events), ["eve", "bob"]);
    let second = ask(AuditSearch { limit: 2, before: first.next, ..AuditSearch::default() }).await;
    assert_eq!((names(&second.events), second.next), (vec!["ann".to_owned(), "chief".to_owned()], None));
    let about = |user: &str, people: &[&str]| AuditSearch {
        user: Some(user.to_owned()),
        people: Some(people.iter().map(|id| (*id).to_owned()).collect()),
        ..AuditSearch::default()
    };
    assert_eq!(ask(about("ann", &["ann", "bob"])).await.events.len(), 1);
    assert_eq!(ask(about("eve", &["ann", "bob"])).await.events.len(), 0, "nobody they look after");
    let odd = AuditSearch { kind: Some("odd".to_owned()), ..AuditSearch::default() };
    assert_eq!(office.refused(Request::AuditList(odd)).await.kind, RefusalKind::Request);
    assert_eq!(office.ask(Request::Overview { days: 30 }).await, Answer::Counts(Vec::new()));
}
