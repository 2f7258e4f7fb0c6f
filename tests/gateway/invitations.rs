//! Invitations through a whole gateway: the letter, what its link does, and everything that does nothing.

use std::{path::Path, time::Duration};

use futures_util::future::join_all;
use tempfile::TempDir;
use vestibule::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        identity::{PasswordHash, UserId},
        invitation::Invitation,
        kept::{Draft, KeptPerson},
        role::Authority,
        time::Clock as _,
    },
    runtime::control::{
        By, Control,
        words::{Answer, LetterPreview, PersonChange, RefusalKind, Request},
    },
};

use crate::{
    link::{mailbox, next_mail},
    visitor::Visitor,
    world::{PASSWORD, Plan, World},
};

const INVITATION: &str = "/.vestibule/invitation";
const NEW: &str = "vier nasse Pferde";
const HOURS_72: Duration = Duration::from_secs(72 * 3600);

/// A gateway where Jan lives in the store, has no password and a name that is no HTML; and the folder mails arrive in.
async fn world_with(more: &str) -> (World, TempDir) {
    let (mails, program) = mailbox();
    let more = format!(
        "[[directory]]\nkind = \"store\"\n\n[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\n{more}\n",
        program.display()
    );
    let second_factor = "requirement = \"optional\"";
    let world = World::plan(Plan { more: more.leak(), second_factor, ..Plan::default() }).await;
    let draft = Draft {
        name: "jan".to_owned(),
        display_name: "Jan <b>Bakker</b>".to_owned(),
        email: "jan@example.com".to_owned(),
        ..Draft::default()
    };
    let jan = draft.person(world.clock.now()).unwrap();
    world.services.store.add_residents(vec![jan]).await.unwrap().unwrap();
    (world, mails)
}

async fn world() -> (World, TempDir) {
    world_with("notices = false").await
}

async fn ask(world: &World, user: &str, portal: Option<&str>, preview: bool) -> Answer {
    let (services, current) = (world.services.clone(), world.current.clone());
    let control = Control::new(services, current, world.file(), Box::new(|_| Ok(())));
    let request = Request::UserInvite { user: user.to_owned(), portal: portal.map(str::to_owned), preview };
    control.answer(request, &By::User(0)).await
}

/// Invites Jan, and tells what the link in the letter carries.
async fn invite(world: &World, mails: &TempDir) -> String {
    let answer = ask(world, "jan", None, false).await;
    assert!(matches!(answer, Answer::Changed(_)), "{answer:?}");
    token_in(&next_mail(mails.path()).await)
}

fn token_in(mail: &str) -> String {
    let start = format!("https://wiki.localhost{INVITATION}?token=");
    mail.split_once(&start).unwrap_or_else(|| panic!("{mail}")).1.chars().take(43).collect()
}

async fn opens(visitor: &mut Visitor, token: &str) -> u16 {
    visitor.open(&format!("{INVITATION}?token={token}")).await.status.as_u16()
}

async fn sets(visitor: &mut Visitor, token: &str, password: &str) -> u16 {
    let fields = [("token", token), ("username", "jan"), ("new_password", password)];
    visitor.submit(INVITATION, &fields).await.status.as_u16()
}

async fn told(world: &World, kind: AuditKind) -> Vec<AuditEvent> {
    let all = world.services.store.journal().history(&UserId::new("jan"), 1000).await.unwrap();
    all.into_iter().filter(|event| event.kind == kind).collect()
}

async fn waits(world: &World) -> Option<Invitation> {
    world.services.store.invitations().invitation_of(&UserId::new("jan")).await.unwrap()
}

async fn signs_in_with(world: &World, password: &str) -> u16 {
    world.visitor().signs_in("/simple/x", "jan", password).await.status.as_u16()
}

#[tokio::test]
async fn a_letter_leads_to_a_page_that_sets_a_password_once_and_lets_nobody_in() {
    let (world, mails) = world_with("").await;
    ask(&world, "jan", None, false).await;
    let mail = next_mail(mails.path()).await;
    assert!(
        mail.contains("To: jan@example.com") && mail.contains("Subject: Your account at Team wiki"),
        "{mail}"
    );
    assert!(mail.contains("Your user name is jan") && mail.contains("2026-11-25 03:00 UTC"), "{mail}");
    assert!(!mail.contains("<b>Bakker</b></p>") && mail.contains("&#60;b&#62;Bakker"), "{mail}");
    let token = token_in(&mail);

    // Looked at by a scanner, again and again.
    let mut scanner = world.visitor();
    for _ in 0..3 {
        assert_eq!(opens(&mut scanner, &token).await, 200);
    }
    let mut jan = world.visitor();
    let page = jan.open(&format!("{INVITATION}?token={token}")).await;
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let text = page.text();
    assert!(
        text.contains("value=\"jan\" autocomplete=\"username\"")
            && text.contains("autocomplete=\"new-password\"")
    );
    // Without the form of this browser, and with a password that is refused, the link stays good.
    let fields = [("token", token.as_str()), ("new_password", NEW), ("csrf", "")];
    assert_eq!(jan.submit(INVITATION, &fields).await.status, 403);
    assert_eq!(sets(&mut jan, &token, "vier nasse Ese").await, 422);
    assert_eq!(sets(&mut jan, &token, "Jan Bakker Wiki").await, 422);
    assert_eq!(sets(&mut jan, &token, NEW).await, 200);
    // Nobody is in.
    jan.get("/simple/x").await.meets_login();
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("Subject: Your password for Team wiki was set"), "{mail}");
    assert_eq!(told(&world, AuditKind::PasswordSet).await.len(), 1);
    // Nor does it work again, for anybody.
    assert_eq!(opens(&mut scanner, &token).await, 410);
    assert_eq!(sets(&mut jan, &token, "funf trockene Esel").await, 410);
    assert_eq!(signs_in_with(&world, "funf trockene Esel").await, 422);
    assert_eq!(signs_in_with(&world, NEW).await, 303);
}

#[tokio::test]
async fn a_link_works_for_72_hours() {
    let (world, mails) = world().await;
    let token = invite(&world, &mails).await;
    let mut jan = world.visitor();
    world.clock.advance(HOURS_72 - Duration::from_secs(1));
    assert_eq!(opens(&mut jan, &token).await, 200);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(sets(&mut jan, &token, NEW).await, 410);
    assert_eq!(opens(&mut jan, &token).await, 410);
    // The last second counts.
    let token = invite(&world, &mails).await;
    opens(&mut jan, &token).await;
    world.clock.advance(HOURS_72 - Duration::from_secs(1));
    assert_eq!(sets(&mut jan, &token, NEW).await, 200);
}

#[tokio::test]
async fn at_another_portal_and_with_another_token_there_is_the_same_page() {
    let (world, mails) = world().await;
    let token = invite(&world, &mails).await;
    let mut elsewhere = world.visitor_at("mail.localhost");
    let mut jan = world.visitor();
    opens(&mut jan, &token).await;
    let page = |answer: String| answer.split("<main").nth(1).unwrap().to_owned();
    assert_eq!(opens(&mut elsewhere, &token).await, 410);
    let spent = page(jan.get(&format!("{INVITATION}?token={}", "A".repeat(43))).await.text());
    for other in ["", "?token=", "?token=x", "?token=preview"] {
        let answer = jan.get(&format!("{INVITATION}{other}")).await;
        assert_eq!((answer.status.as_u16(), page(answer.text())), (410, spent.clone()), "{other}");
    }
    let answer = jan.get("/.vestibule/login").await;
    assert_eq!(answer.status, 200);
    // And the form of one portal sets nothing at another.
    elsewhere.open("/.vestibule/login").await;
    assert_eq!(sets(&mut elsewhere, &token, NEW).await, 410);
    opens(&mut jan, &token).await;
    assert_eq!(sets(&mut jan, &token, NEW).await, 200);
}

#[tokio::test]
async fn a_newer_letter_another_password_another_address_and_a_bar_void_a_link() {
    let (world, mails) = world().await;
    let (store, id) = (&world.services.store, UserId::new("jan"));
    let first = invite(&world, &mails).await;
    let second = invite(&world, &mails).await;
    let mut jan = world.visitor();
    assert_eq!((opens(&mut jan, &first).await, opens(&mut jan, &second).await), (410, 200));
    store.change_resident(&id, None, |jan| jan.disabled = Some(Authority::Security)).await.unwrap();
    assert_eq!(sets(&mut jan, &second, NEW).await, 410);
    store.change_resident(&id, None, |jan| jan.disabled = None).await.unwrap();
    let third = invite(&world, &mails).await;
    opens(&mut jan, &third).await;
    let hash = vestibule::factor::password::hash(PASSWORD, &vestibule::runtime::OsEntropy);
    store.change_resident(&id, None, move |jan| jan.password = Some(hash)).await.unwrap();
    assert_eq!(sets(&mut jan, &third, NEW).await, 410);
    assert_eq!(signs_in_with(&world, PASSWORD).await, 303);
    // Nor does one work that went to an address which is no longer theirs.
    let fourth = invite(&world, &mails).await;
    assert_eq!(opens(&mut jan, &fourth).await, 200);
    store.change_resident(&id, None, |jan| jan.email = "j.bakker@example.com".to_owned()).await.unwrap();
    assert_eq!(sets(&mut jan, &fourth, NEW).await, 410);
    store.remove_resident(&id).await.unwrap();
    assert_eq!(opens(&mut jan, &third).await, 410);
}

#[tokio::test]
async fn of_ten_forms_at_once_one_sets_the_password() {
    let (world, mails) = world().await;
    let token = invite(&world, &mails).await;
    let mut jan = world.visitor();
    opens(&mut jan, &token).await;
    let forms = (0..10).map(|nth| {
        let (mut twin, token) = (world.visitor_with(jan.jar.clone()), token.clone());
        async move {
            opens(&mut twin, &token).await;
            sets(&mut twin, &token, &format!("nasse Pferde am Deich {nth}")).await
        }
    });
    let seen = join_all(forms).await;
    assert_eq!(seen.iter().filter(|status| **status == 200).count(), 1, "{seen:?}");
    assert_eq!(told(&world, AuditKind::PasswordSet).await.len(), 1);
}

#[tokio::test]
async fn a_new_password_by_letter_ends_every_session_and_keeps_the_second_factor() {
    let (world, mails) = world().await;
    let hash: PasswordHash = vestibule::factor::password::hash(PASSWORD, &vestibule::runtime::OsEntropy);
    let id = UserId::new("jan");
    world.services.store.change_resident(&id, None, move |jan| jan.password = Some(hash)).await.unwrap();
    let mut jan = world.visitor();
    jan.signs_in("/simple/x", "jan", PASSWORD).await;
    assert_eq!(jan.get("/simple/x").await.status, 200);
    let answer = ask(&world, "JAN@example.com", Some("wiki"), false).await;
    let Answer::Changed(change) = answer else { panic!("{answer:?}") };
    assert!(
        change.message.contains("choose a new password") && change.message.contains("2026-11-25T03:00:00Z"),
        "{change:?}"
    );
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("Subject: Choose a new password for Team wiki"), "{mail}");
    // The letter alone changes nothing.
    assert_eq!(jan.get("/simple/x").await.status, 200);
    let token = token_in(&mail);
    let mut elsewhere = world.visitor();
    opens(&mut elsewhere, &token).await;
    assert_eq!(sets(&mut elsewhere, &token, NEW).await, 200);
    jan.get("/simple/x").await.meets_login();
    assert_eq!(signs_in_with(&world, PASSWORD).await, 422);
}

#[tokio::test]
async fn a_letter_sets_another_password_and_is_no_place_to_try_the_present_one() {
    const PRESENT: &str = "fünf nasse Pferde";
    let (world, mails) = world().await;
    let hash: PasswordHash = vestibule::factor::password::hash(PRESENT, &vestibule::runtime::OsEntropy);
    let id = UserId::new("jan");
    world.services.store.change_resident(&id, None, move |jan| jan.password = Some(hash)).await.unwrap();
    let token = invite(&world, &mails).await;
    let mut jan = world.visitor();
    opens(&mut jan, &token).await;
    let fields = [("token", token.as_str()), ("username", "jan"), ("new_password", PRESENT)];
    for _ in 0..10 {
        let answer = jan.submit(INVITATION, &fields).await;
        answer.has_status(422);
        assert!(answer.text().contains("The new password is the present one."), "{}", answer.text());
    }
    jan.submit(INVITATION, &fields).await.has_status(429);
    assert_eq!(sets(&mut jan, &token, NEW).await, 429, "not even compared");
    // The sign-in is closed to nobody by that.
    assert_eq!(signs_in_with(&world, PRESENT).await, 303);
    world.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(sets(&mut jan, &token, NEW).await, 200);
}

#[tokio::test]
async fn one_person_gets_five_letters_an_hour_and_the_sixth_is_refused_with_the_reason() {
    let (world, mails) = world().await;
    for _ in 0..5 {
        invite(&world, &mails).await;
    }
    // The last link stays good, and a look costs nothing.
    let waiting = waits(&world).await.unwrap();
    let answer = ask(&world, "jan", None, false).await;
    let Answer::Refused(refusal) = answer else { panic!("{answer:?}") };
    assert_eq!(refusal.kind, RefusalKind::TooMany);
    assert!(
        refusal.message.contains("too many went to jan") && refusal.message.contains("T04:00:00Z"),
        "{refusal:?}"
    );
    assert!(matches!(ask(&world, "jan", None, true).await, Answer::Letter(_)));
    assert_eq!(waits(&world).await.unwrap().link, waiting.link);
    assert_eq!(std::fs::read_dir(mails.path()).unwrap().count(), 1, "only the program is there");
    world.clock.advance(Duration::from_secs(3600));
    invite(&world, &mails).await;
}

#[tokio::test]
async fn many_resets_in_an_hour_are_told_ten_times() {
    let (world, mails) = world_with("notices = true").await;
    let (services, current) = (world.services.clone(), world.current.clone());
    let control = Control::new(services, current, world.file(), Box::new(|_| Ok(())));
    let resets = async || {
        let request = Request::UserResetSecondFactor { user: "jan".to_owned(), reason: "lost".to_owned() };
        let answer = control.answer(request, &By::User(0)).await;
        assert!(matches!(answer, Answer::Changed(_)), "{answer:?}");
    };
    for _ in 0..10 {
        resets().await;
        assert!(next_mail(mails.path()).await.contains("03:00 UTC"));
    }
    // The eleventh is not: the next letter is of an hour later.
    resets().await;
    world.clock.advance(Duration::from_secs(3600));
    resets().await;
    assert!(next_mail(mails.path()).await.contains("04:00 UTC"));
}

#[tokio::test]
async fn another_name_is_told_by_mail_and_voids_a_letter_to_the_old_one() {
    let (world, mails) = world_with("notices = true").await;
    let token = invite(&world, &mails).await;
    let (services, current) = (world.services.clone(), world.current.clone());
    let control = Control::new(services, current, world.file(), Box::new(|_| Ok(())));
    let request = Request::UserRename { user: "jan".to_owned(), name: "Hendrik".to_owned() };
    let answer = control.answer(request, &By::User(0)).await;
    assert!(matches!(answer, Answer::Changed(_)), "{answer:?}");
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("To: jan@example.com") && mail.contains("It is now: Hendrik."), "{mail}");
    assert!(waits(&world).await.is_none());
    let mut visitor = world.visitor();
    assert_ne!(opens(&mut visitor, &token).await, 200);
    sets(&mut visitor, &token, NEW).await;
    let hendrik = world.services.store.resident(&UserId::new("hendrik")).unwrap();
    assert!(hendrik.password.is_none());
    // A name that cannot be had is told to nobody: the next letter is of another deed.
    let request = Request::UserRename { user: "hendrik".to_owned(), name: "anna".to_owned() };
    assert!(matches!(control.answer(request, &By::User(0)).await, Answer::Refused(_)));
    let request = Request::UserResetSecondFactor { user: "hendrik".to_owned(), reason: "lost".to_owned() };
    control.answer(request, &By::User(0)).await;
    assert!(next_mail(mails.path()).await.contains("Second step reset"));
}

#[tokio::test]
async fn links_name_the_port_that_visitors_use() {
    let (mails, program) = mailbox();
    let more = format!(
        "[[directory]]\nkind = \"store\"\n\n[mail]\nfrom = \"no-reply@example.com\"\nsendmail = \"{}\"\nnotices = false\n",
        program.display()
    );
    let plan = Plan { more: more.leak(), server: "public_port = 8443", ..Plan::default() };
    let world = World::plan(plan).await;
    let draft = Draft {
        name: "jan".to_owned(),
        display_name: "Jan".to_owned(),
        email: "jan@example.com".to_owned(),
        ..Draft::default()
    };
    let jan = draft.person(world.clock.now()).unwrap();
    world.services.store.add_residents(vec![jan]).await.unwrap().unwrap();
    assert!(matches!(ask(&world, "jan", None, false).await, Answer::Changed(_)));
    let mail = next_mail(mails.path()).await;
    let start = format!("https://wiki.localhost:8443{INVITATION}?token=");
    let token: String =
        mail.split_once(&start).unwrap_or_else(|| panic!("{mail}")).1.chars().take(43).collect();
    // By that port one comes in; by one that nobody named one does not.
    let mut jan = world.visitor();
    jan.host = "wiki.localhost:8443".to_owned();
    assert_eq!(opens(&mut jan, &token).await, 200);
    jan.host = "wiki.localhost:8444".to_owned();
    assert_eq!(opens(&mut jan, &token).await, 421);
}

#[tokio::test]
async fn where_nobody_takes_the_letter_nothing_is_left_behind() {
    let (world, mails) = world().await;
    let program = mails.path().join("sendmail");
    let working = std::fs::read(&program).unwrap();
    std::fs::write(&program, "#!/bin/sh\nexit 75\n").unwrap();
    let answer = ask(&world, "jan", None, false).await;
    assert!(
        matches!(&answer, Answer::Refused(refusal) if refusal.kind == RefusalKind::NotSent),
        "{answer:?}"
    );
    assert!(waits(&world).await.is_none());
    let failed = told(&world, AuditKind::InvitationSent).await;
    assert_eq!(failed.iter().map(|event| event.outcome).collect::<Vec<_>>(), [AuditOutcome::Failure]);
    // An earlier link stays as good as it was.
    std::fs::write(&program, &working).unwrap();
    world.clock.advance(Duration::from_secs(60));
    let token = loop {
        // A carrier that failed is left alone for a moment.
        if let Answer::Changed(_) = ask(&world, "jan", None, false).await {
            break token_in(&next_mail(mails.path()).await);
        }
        tokio::task::yield_now().await;
    };
    std::fs::write(&program, "#!/bin/sh\nexit 75\n").unwrap();
    assert!(matches!(ask(&world, "jan", None, false).await, Answer::Refused(_)));
    let mut jan = world.visitor();
    assert_eq!(opens(&mut jan, &token).await, 200);
    assert_eq!(sets(&mut jan, &token, NEW).await, 200);
    let sent = told(&world, AuditKind::InvitationSent).await;
    let detail =
        sent.iter().find(|event| event.outcome == AuditOutcome::Success).unwrap().detail.clone().unwrap();
    assert_eq!(detail, "invitation to j…@e….com; by uid 0");
}

#[tokio::test]
async fn who_cannot_be_invited_is_refused_with_the_reason() {
    let (world, mails) = world().await;
    let refused = async |user: &str, portal: Option<&str>| match ask(&world, user, portal, false).await {
        Answer::Refused(refusal) => (refusal.kind, refusal.message),
        other => panic!("{other:?}"),
    };
    let (kind, message) = refused("nobody", None).await;
    assert_eq!((kind, message.as_str()), (RefusalKind::NotFound, "nobody is called \"nobody\""));
    let (kind, message) = refused("anna", None).await;
    assert!(
        kind == RefusalKind::ReadOnly && message.contains("its operator keeps the password"),
        "{message}"
    );
    let (kind, message) = refused("jan", Some("wkii")).await;
    assert!(kind == RefusalKind::NotFound && message.contains("there are: wiki, mail"), "{message}");
    let id = UserId::new("jan");
    world
        .services
        .store
        .change_resident(&id, None, |jan| jan.disabled = Some(Authority::Security))
        .await
        .unwrap();
    let (kind, message) = refused("jan", None).await;
    assert!(kind == RefusalKind::Invalid && message.contains("disabled"), "{message}");
    assert!(no_mail(mails.path()) && waits(&world).await.is_none());
}

fn no_mail(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    !names.into_iter().any(|name| name.to_string_lossy().starts_with("mail."))
}

async fn preview(world: &World, portal: Option<&str>) -> LetterPreview {
    match ask(world, "jan", portal, true).await {
        Answer::Letter(letter) => letter,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_preview_sends_nothing_and_its_link_leads_nowhere() {
    let (world, mails) = world().await;
    let letter = preview(&world, Some("mail")).await;
    assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("jan@example.com", "Your account at Mail"));
    assert!(
        letter.text.contains(&format!("https://mail.localhost{INVITATION}?token=preview")),
        "{}",
        letter.text
    );
    assert!(waits(&world).await.is_none() && no_mail(mails.path()));
    assert!(told(&world, AuditKind::InvitationSent).await.is_empty());
    assert_eq!(opens(&mut world.visitor_at("mail.localhost"), "preview").await, 410);
}

#[tokio::test]
async fn letters_are_written_in_files_by_language_and_portal_and_a_reload_picks_them_up() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("en/invitation.txt", "Dear {name},\r\n\r\nfor {portal}, until {until}:\n{link}\n\n{support}\n");
    write("wiki/en/invitation.subject", "Welcome, {name}\n");
    write("wiki/en/invitation.txt", "To the wiki: {link}\n");
    write(
        "wiki/en/invitation.html",
        "<style>p {{ color: red }</style><p>{name}</p><a href=\"{link}\">in</a>",
    );
    let (world, _mails) =
        world_with(&format!("notices = false\ntemplates = \"{}\"", folder.path().display())).await;
    let own = preview(&world, None).await;
    assert_eq!(own.subject, "Welcome, Jan <b>Bakker</b>");
    assert!(own.text.starts_with("To the wiki: https://wiki.localhost/"), "{}", own.text);
    assert!(
        own.html.starts_with("<style>p { color: red }</style><p>Jan &#60;b&#62;Bakker&#60;/b&#62;</p>"),
        "{}",
        own.html
    );
    let all = preview(&world, Some("mail")).await;
    assert_eq!(all.subject, "Your account at Mail");
    assert!(
        all.text.starts_with("Dear Jan <b>Bakker</b>,\n\nfor Mail, until 2026-11-25 03:00 UTC:\nhttps://"),
        "{}",
        all.text
    );
    let link = format!("<a href=\"https://mail.localhost{INVITATION}?token=preview\">");
    assert!(all.html.contains(&link) && !all.html.contains("<b>"), "{}", all.html);
    // The reader's own language, where nothing is written, is ours.
    world.services.store.choose_language(&UserId::new("jan"), "nl").await.unwrap();
    assert_eq!(preview(&world, None).await.subject, "Uw account bij Team wiki");

    write("nl/invitation.subject", "Welkom bij {portal}");
    world.current.reload(&world.file(), |_| Ok(())).unwrap();
    assert_eq!(preview(&world, None).await.subject, "Welkom bij Team wiki");
    // One with a slip is refused as a whole, with its place.
    write("nl/invitation.txt", "Beste {naam},\n{link}\n");
    let refused = world.current.reload(&world.file(), |_| Ok(())).unwrap_err().to_string();
    assert!(
        refused.contains("nl/invitation.txt:1:7") && refused.contains("nothing is filled in for {naam}"),
        "{refused}"
    );
    assert_eq!(preview(&world, None).await.subject, "Welkom bij Team wiki");
}

#[tokio::test]
async fn whoever_waits_for_a_letter_gets_one_and_nobody_gets_two() {
    let (world, mails) = world().await;
    let made = |name: &str| {
        let draft = Draft { name: name.to_owned(), email: format!("{name}@example.com"), ..Draft::default() };
        draft.person(world.clock.now()).unwrap()
    };
    let (kees, out) = (made("kees"), KeptPerson { disabled: Some(Authority::Security), ..made("out") });
    world.services.store.add_residents(vec![kees, out]).await.unwrap().unwrap();
    let control =
        Control::new(world.services.clone(), world.current.clone(), world.file(), Box::new(|_| Ok(())));
    let all = async |preview| {
        let request = Request::UserInviteWaiting { portal: None, preview };
        match control.answer(request, &By::User(0)).await {
            Answer::Changed(change) => change.message,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(all(true).await, "would invite: jan, kees");
    assert_eq!(all(false).await, "invited: jan, kees");
    let mut letters: Vec<_> = std::fs::read_dir(mails.path())
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .filter_map(|mail| mail.lines().find(|line| line.starts_with("To: ")).map(str::to_owned))
        .collect();
    letters.sort();
    assert_eq!(letters, ["To: jan@example.com", "To: kees@example.com"]);
    assert_eq!(all(false).await, "invited: nobody: no one waits for a letter");
    // Until the link is over.
    world.clock.advance(std::time::Duration::from_secs(72 * 3600));
    assert_eq!(all(true).await, "would invite: jan, kees");
}

#[tokio::test]
async fn another_address_is_told_to_the_old_one() {
    let (world, mails) = world_with("notices = true").await;
    let control =
        Control::new(world.services.clone(), world.current.clone(), world.file(), Box::new(|_| Ok(())));
    let set = async |email: &str| {
        let change = PersonChange { email: Some(email.to_owned()), ..PersonChange::default() };
        let request = Request::UserSet { user: "jan".to_owned(), change };
        assert!(matches!(control.answer(request, &By::User(0)).await, Answer::Changed(_)));
    };
    // The same in another spelling is none; nothing is told of it.
    set("JAN@example.com").await;
    set("other@example.com").await;
    let mail = next_mail(mails.path()).await;
    assert!(mail.contains("To: JAN@example.com") && mail.contains("Another e-mail address at"), "{mail}");
    assert!(!mail.contains("other@example.com"), "{mail}");
}
