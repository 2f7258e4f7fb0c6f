//! Asking administrators for a reset in the middle of a sign-in: who may, what is filed, and that nothing else moves.

use std::time::Duration;

use vestibule::{
    domain::{
        audit::{AuditKind, AuditOutcome},
        help::{HelpAnswer, HelpRequest, Wish},
        identity::UserId,
    },
    runtime::control::{
        By, Control,
        words::{Answer, Request},
    },
};

use crate::{
    link::{mailbox, next_mail},
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const HELP: &str = "/.vestibule/help";
const CODE: &str = "/.vestibule/second-factor";
const ADMIN: &str = "[admin]\nportals = [\"wiki\"]\nsecurity = [\"user:anna\"]\n";

async fn world(more: &'static str) -> World {
    let world = World::plan(Plan { more, ..Plan::default() }).await;
    world.links_an_app("anna").await;
    world
}

/// Anna, whose password was right.
async fn waiting(world: &World) -> Visitor {
    let mut anna = world.visitor();
    anna.signs_in("/reports", "anna", PASSWORD).await.leads_to(CODE);
    anna
}

async fn filed(world: &World) -> Vec<HelpRequest> {
    world.services.store.help().help_requests(Some(world.now()), 50).await.unwrap()
}

#[tokio::test]
async fn a_request_is_filed_once_with_who_asks_and_moves_nothing() {
    let world = world(ADMIN).await;
    let mut anna = waiting(&world).await;
    let page = anna.open(&format!("{CODE}?return_to=/reports")).await.text();
    assert!(page.contains(&format!("{HELP}?return_to=%2Freports")), "{page}");
    assert!(anna.open(&format!("{HELP}?return_to=/reports")).await.text().contains("Ask for a reset"));
    assert!(filed(&world).await.is_empty(), "looking files nothing");
    let first = anna.submit(HELP, &[]).await;
    let requests = filed(&world).await;
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((request.person.as_str(), request.portal.as_str()), ("anna", "wiki"));
    assert_eq!((&request.wish, request.address.to_string().as_str()), (&Wish::SecondFactor, "127.0.0.1"));
    assert!(first.has_status(200).text().contains(&request.reference));
    // Once more, from another browser: the same one.
    let mut again = waiting(&world).await;
    again.open(HELP).await;
    assert!(again.submit(HELP, &[]).await.text().contains(&request.reference));
    assert_eq!(filed(&world).await.len(), 1);
    // The sign-in is where it was: nothing opened, and a code still does.
    anna.get("/reports").await.meets_login();
    anna.open(&format!("{CODE}?return_to=/reports")).await;
    let answer = anna.submit(CODE, &[("code", &world.code()), ("method", "totp")]).await;
    assert_eq!(answer.location(), "/reports");
    let events = world.services.store.journal().history(&UserId::new("anna"), 100).await.unwrap();
    let asked: Vec<_> = events.iter().filter(|event| event.kind == AuditKind::HelpAsked).collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].detail.as_deref(), Some(format!("second_factor, {}", request.reference).as_str()));
}

#[tokio::test]
async fn strangers_and_people_who_are_in_file_nothing() {
    let world = world(ADMIN).await;
    let mut stranger = world.visitor();
    stranger.get(HELP).await.leads_to(CODE);
    stranger.open("/.vestibule/login").await;
    stranger.submit(HELP, &[("username", "anna")]).await.leads_to(CODE);
    // A wrong password is no sign-in under way.
    stranger.signs_in("/reports", "anna", "wrong").await.has_status(422);
    stranger.submit(HELP, &[]).await.leads_to(CODE);
    // Nor is a form that another site made.
    let mut anna = waiting(&world).await;
    anna.open(HELP).await;
    anna.submit(HELP, &[("csrf", "")]).await.has_status(403);
    assert!(filed(&world).await.is_empty());
    // Over after a quarter of an hour, like the sign-in itself.
    world.clock.advance(Duration::from_secs(15 * 60));
    anna.submit(HELP, &[]).await.leads_to(CODE);
    assert!(filed(&world).await.is_empty());
}

#[tokio::test]
async fn five_an_hour_are_taken_and_an_answered_one_makes_room_for_another() {
    let world = world(ADMIN).await;
    let mut anna = waiting(&world).await;
    anna.open(HELP).await;
    for _ in 0..5 {
        anna.submit(HELP, &[]).await.has_status(200);
    }
    anna.submit(HELP, &[]).await.has_status(429);
    let request = filed(&world).await.remove(0);
    let answer = HelpAnswer {
        granted: false,
        by: "otto".to_owned(),
        reason: "not reached".to_owned(),
        at: world.now(),
    };
    assert!(world.services.store.help().answer_help(&request.id, &answer, world.now()).await.unwrap());
    world.clock.advance(Duration::from_secs(3600));
    let mut anna = waiting(&world).await;
    anna.open(HELP).await;
    let page = anna.submit(HELP, &[]).await;
    let second = filed(&world).await.remove(0);
    assert!(second.reference != request.reference && page.text().contains(&second.reference));
    let events = world.services.store.journal().history(&UserId::new("anna"), 100).await.unwrap();
    assert!(events.iter().any(|it| it.kind == AuditKind::HelpAsked && it.outcome == AuditOutcome::Throttled));
}

#[tokio::test]
async fn without_administrators_there_is_nobody_to_ask() {
    let world = world("").await;
    let mut anna = waiting(&world).await;
    let page = anna.open(&format!("{CODE}?return_to=/reports")).await.text();
    assert!(!page.contains(HELP), "{page}");
    anna.get(HELP).await.has_status(404);
    anna.submit(HELP, &[]).await.has_status(404);
    assert!(filed(&world).await.is_empty());
}

#[tokio::test]
async fn the_answer_is_mailed_in_the_administrators_words_and_a_granted_one_sets_up_anew() {
    let (mails, program) = mailbox();
    let more = format!(
        "{ADMIN}[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\nnotices = false\n",
        program.display()
    );
    let world = world(more.leak()).await;
    let control =
        Control::new(world.services.clone(), world.current.clone(), world.file(), Box::new(|_| Ok(())));
    for (grant, words) in [(false, "was not granted"), (true, "your second step for Team wiki was reset")] {
        let mut anna = waiting(&world).await;
        anna.open(HELP).await;
        anna.submit(HELP, &[]).await.has_status(200);
        let request = filed(&world).await.remove(0);
        let reason = "rang <back> at once".to_owned();
        let order = Request::HelpAnswer { request: request.reference.clone(), grant, reason };
        let answer = control.answer(order.clone(), &By::User(0)).await;
        assert!(matches!(answer, Answer::Changed(_)), "{answer:?}");
        let mail = next_mail(mails.path()).await;
        assert!(mail.contains("To: anna@example.com"), "{mail}");
        assert!(
            mail.contains(&format!("Subject: Your request {} at Team wiki", request.reference)),
            "{mail}"
        );
        assert!(mail.contains(words) && mail.contains("wrote: rang <back> at once"), "{mail}");
        assert!(mail.contains("rang &#60;back&#62; at once") && mail.contains("127.0.0.1"), "{mail}");
        // Answered once: nothing is told a second time.
        assert!(matches!(control.answer(order, &By::User(0)).await, Answer::Refused(_)));
        assert!(filed(&world).await.is_empty());
    }
    world.visitor().signs_in("/reports", "anna", PASSWORD).await.leads_to("/.vestibule/enrol");
}
