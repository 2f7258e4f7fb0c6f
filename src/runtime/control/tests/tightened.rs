//! What the role security tightened, and two deeds at one moment.

use super::deeds::{CHIEF, Office, disabled, groups, new};
use crate::{
    domain::{
        identity::{Requirement, UserId},
        role::Role,
    },
    runtime::control::{
        By,
        words::{Answer, Imported, NewPerson, PersonChange, RefusalKind, Request, Word},
    },
};

fn set(change: PersonChange) -> Request {
    Request::UserSet { user: "jan".to_owned(), change }
}

fn enabled() -> PersonChange {
    PersonChange { disabled: Some(false), ..PersonChange::default() }
}

fn word(word: Word) -> PersonChange {
    PersonChange { second_factor: Some(word), ..PersonChange::default() }
}

fn group(second_factor: Option<Word>, closed: Option<bool>) -> Request {
    Request::GroupSet { group: "drivers".to_owned(), second_factor, closed }
}

fn remove() -> Request {
    Request::UserRemove { user: "jan".to_owned() }
}

fn import(line: &str) -> Request {
    let csv = format!("name,email,groups,second_factor\n{line}\n");
    Request::import_table(csv, false)
}

/// Jan is among the drivers.
async fn office() -> Office {
    let office = Office::open().await;
    office.done(Request::UserAdd(new("jan", &["drivers"]))).await;
    office
}

impl Office {
    async fn is_held(&self, request: Request) -> bool {
        match self.ask_as(Role::Tenant, request).await {
            Answer::Refused(refusal) => {
                assert_eq!(refusal.kind, RefusalKind::Tightened);
                assert!(refusal.message.contains("only security or the operator loosens it"));
                true
            }
            Answer::Changed(_) => false,
            other => panic!("{other:?}"),
        }
    }

    fn is_disabled(&self) -> bool {
        self.services.store.resident(&UserId::new("jan")).unwrap().is_disabled()
    }
}

#[tokio::test]
async fn whom_security_disabled_nobody_else_enables_or_removes() {
    let office = office().await;
    office.done(set(disabled())).await;
    assert!(office.is_held(set(enabled())).await && office.is_held(remove()).await && office.is_disabled());
    // Nor does a tenant take it over by saying the same.
    office.ask_as(Role::Tenant, set(disabled())).await;
    assert!(office.is_held(set(enabled())).await);
    // What loosens nothing is a tenant's as before.
    let name = PersonChange { display_name: Some("Jan B".to_owned()), ..PersonChange::default() };
    assert!(!office.is_held(set(name)).await);
    office.done(set(enabled())).await;
    assert!(!office.is_disabled());
    // What a tenant did, a tenant undoes; what security confirmed, no more.
    assert!(!office.is_held(set(disabled())).await && !office.is_held(set(enabled())).await);
    assert!(!office.is_held(set(disabled())).await);
    office.done(set(disabled())).await;
    assert!(office.is_held(set(enabled())).await);
    // The command line counts as security.
    let answer = office.administration.carry_out(&office.runtime, set(enabled()), &By::User(0)).await;
    assert!(matches!(answer, Answer::Changed(_)) && !office.is_disabled());
    let by = By::User(0);
    office.administration.carry_out(&office.runtime, set(disabled()), &by).await;
    assert!(office.is_held(set(enabled())).await);
}

#[tokio::test]
async fn a_group_that_security_closed_is_opened_and_left_by_its_leave_alone() {
    let office = office().await;
    office.done(group(None, Some(true))).await;
    assert!(office.is_held(group(None, Some(false))).await);
    assert!(office.is_held(group(Some(Word::Required), Some(false))).await, "nor beside something stricter");
    assert!(office.services.store.switches().group("drivers").is_closed());
    assert!(
        office.services.store.switches().group("drivers").requirement.is_none(),
        "nothing of it was done"
    );
    // A person taken out of it, or made anew outside of it, would be in again.
    assert!(office.is_held(set(groups(&["guests"]))).await && office.is_held(remove()).await);
    assert!(!office.is_held(set(groups(&["guests", "drivers"]))).await);
    let answer = office.ask_as(Role::Tenant, import("jan,jan@example.com,guests,")).await;
    let Answer::Imported(report) = answer else { panic!("{answer:?}") };
    assert!(report.nothing_written && report.count(|line| matches!(line, Imported::Refused { .. })) == 1);
    office.done(group(None, Some(false))).await;
    assert!(!office.is_held(set(groups(&["drivers"]))).await);
    // A tenant's own closing is a tenant's to open.
    assert!(
        !office.is_held(group(None, Some(true))).await && !office.is_held(group(None, Some(false))).await
    );
}

#[tokio::test]
async fn nobody_but_security_goes_below_what_it_asks() {
    let office = office().await;
    let asked = || office.services.store.switches().group("drivers").requirement;
    office.done(group(Some(Word::Optional), None)).await;
    for low in [Word::Off, Word::Unset] {
        assert!(office.is_held(group(Some(low), None)).await, "{low:?}");
    }
    assert!(!office.is_held(group(Some(Word::Required), None)).await, "higher is anybody's");
    assert!(!office.is_held(group(Some(Word::Optional), None)).await, "and back to what was asked");
    assert!(office.is_held(group(Some(Word::Off), None)).await);
    assert_eq!(asked(), Some(Requirement::Optional));
    assert!(office.is_held(set(groups(&[]))).await, "leaving is going below");
    let nights =
        Request::GroupSet { group: "office".to_owned(), second_factor: Some(Word::Required), closed: None };
    office.done(nights).await;
    assert!(!office.is_held(set(groups(&["office"]))).await, "another that asks for no less");
    office.done(set(groups(&["drivers"]))).await;
    office.done(group(Some(Word::Off), None)).await;
    for low in [Word::Unset, Word::Required, Word::Off] {
        assert!(!office.is_held(group(Some(low), None)).await, "{low:?}");
    }

    office.done(set(word(Word::Required))).await;
    for low in [Word::Off, Word::Unset, Word::Optional] {
        assert!(office.is_held(set(word(low))).await, "{low:?}");
    }
    let answer = office.ask_as(Role::Tenant, import("jan,jan@example.com,drivers,off")).await;
    assert!(matches!(&answer, Answer::Imported(report) if report.nothing_written), "{answer:?}");
    assert_eq!(
        office.services.store.resident(&UserId::new("jan")).unwrap().second_factor,
        Some(Requirement::Required)
    );
    office.done(set(word(Word::Unset))).await;
    assert!(!office.is_held(set(word(Word::Required))).await && !office.is_held(set(word(Word::Off))).await);
    // From the beginning, too.
    let mia = NewPerson { second_factor: Some(Requirement::Required), ..new("mia", &[]) };
    office.done(Request::UserAdd(mia)).await;
    assert!(office.is_held(Request::UserSet { user: "mia".to_owned(), change: word(Word::Off) }).await);
}

#[tokio::test]
async fn of_two_last_administrators_who_bar_each_other_at_one_moment_one_stays() {
    for second in [
        Request::UserSet { user: "guard".to_owned(), change: disabled() },
        Request::UserSet { user: "guard".to_owned(), change: groups(&[]) },
        Request::UserRemove { user: "guard".to_owned() },
        Request::GroupSet { group: "guards".to_owned(), second_factor: None, closed: Some(true) },
        Request::import_table("name,email,groups\nguard,guard@example.com,\n".to_owned(), false),
    ] {
        let office = Office::open().await;
        office.done(Request::UserAdd(new("guard", &["guards"]))).await;
        let first = Request::UserSet { user: CHIEF.to_owned(), change: disabled() };
        let (one, other) = tokio::join!(office.ask(first), office.ask(second.clone()));
        let is_kept = |answer: &Answer| matches!(answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::LastAdministrator);
        assert_eq!(
            [&one, &other].iter().filter(|answer| is_kept(answer)).count(),
            1,
            "{second:?}: {one:?} {other:?}"
        );
    }
}

#[tokio::test]
async fn a_deed_is_done_to_its_end_though_whoever_asked_is_gone() {
    let office = office().await;
    let turn = office.services.store.deed().await;
    {
        let asked = office.ask(set(disabled()));
        tokio::pin!(asked);
        assert!(
            std::future::poll_fn(|context| std::task::Poll::Ready(asked.as_mut().poll(context).is_pending()))
                .await
        );
    }
    drop(turn);
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(office.is_disabled());
}
