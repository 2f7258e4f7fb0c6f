//! Inviting somebody, or everybody who waits for it: the letter first, then the press that sends it.

use super::door::{Halt, Office, person_path, status_of};
use crate::{
    domain::{identity::Person, role::Action},
    page::view::{AdminDone, AdminError, AdminInvited, AdminLetter, AdminLetterText, AdminRoom},
    runtime::control::{
        invites_to, waiting,
        words::{Answer as Told, Request},
    },
    web::{place, respond::Answer},
};

/// Shows the letter.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    match place::query(office.visit, "user") {
        Some(user) => page_of_one(office, &*office.person(&user)?, Vec::new()).await,
        None => page_of_waiting(office, Vec::new()).await,
    }
}

/// Sends it.
pub(super) async fn send(office: &Office<'_>) -> Result<Answer, Halt> {
    let Some(user) = place::query(office.visit, "user") else { return send_all(office).await };
    let person = office.person(&user)?;
    match post(office, &person, false).await? {
        Ok(_) => Ok(office.done(&person_path(&person.name), AdminDone::Invited)),
        Err(errors) => page_of_one(office, &person, errors).await,
    }
}

/// Sends one to each; where one is not taken, whoever is left is shown.
async fn send_all(office: &Office<'_>) -> Result<Answer, Halt> {
    for person in who_waits(office).await?.0 {
        if let Err(errors) = post(office, &person, false).await? {
            return page_of_waiting(office, errors).await;
        }
    }
    Ok(office.done("admin", AdminDone::AllInvited))
}

/// Those whom this administrator may invite, and whether there are more than one request sends letters to.
async fn who_waits(office: &Office<'_>) -> Result<(Vec<std::sync::Arc<Person>>, bool), Halt> {
    let may = |person: &Person| {
        office.may(Action::Invite, office.about(person))
            && office.may(Action::SeePeople, office.about(person))
    };
    Ok(waiting(&office.visit.runtime, &office.visit.services, may).await?)
}

/// Sends or shows the letter to one.
async fn post(
    office: &Office<'_>,
    person: &Person,
    preview: bool,
) -> Result<Result<Told, Vec<AdminError>>, Halt> {
    let request = Request::UserInvite { user: person.name.clone(), portal: Some(portal(office)), preview };
    let told = office.order(Action::Invite, office.about(person), request).await?;
    // What cannot be kept of a person elsewhere is here what keeps a letter from them.
    let said = |error| if error == AdminError::Invalid { AdminError::NoLetter } else { error };
    Ok(told.map_err(|errors| errors.into_iter().map(said).collect()))
}

/// Where the link is to lead: the portal that was chosen, else the first.
fn portal(office: &Office<'_>) -> String {
    let portals = invites_to(&office.visit.runtime.settings.portals);
    let chosen = place::query(office.visit, "portal");
    let chosen = portals.iter().find(|portal| chosen.as_ref() == Some(&portal.name));
    chosen.or(portals.first()).map(|portal| portal.name.clone()).unwrap_or_default()
}

async fn page_of_one(office: &Office<'_>, person: &Person, errors: Vec<AdminError>) -> Result<Answer, Halt> {
    let (letter, errors) = letter(office, person, errors).await?;
    Ok(page(office, AdminInvited::One(person.name.clone()), letter, errors))
}

async fn page_of_waiting(office: &Office<'_>, errors: Vec<AdminError>) -> Result<Answer, Halt> {
    let (people, is_more) = who_waits(office).await?;
    let (letter, errors) = match people.first() {
        Some(first) => letter(office, first, errors).await?,
        None => (None, errors),
    };
    let names = people.iter().map(|person| person.display_name.clone()).collect();
    Ok(page(office, AdminInvited::Waiting { names, is_more }, letter, errors))
}

/// The letter to somebody, or why there is none.
async fn letter(
    office: &Office<'_>,
    person: &Person,
    mut errors: Vec<AdminError>,
) -> Result<(Option<AdminLetterText>, Vec<AdminError>), Halt> {
    match post(office, person, true).await? {
        Ok(Told::Letter(letter)) => {
            let text = AdminLetterText { to: letter.to, subject: letter.subject, text: letter.text };
            Ok((Some(text), errors))
        }
        Ok(_) => Err(office.busy()),
        Err(why) => {
            errors.extend(why.into_iter().filter(|error| !errors.contains(error)).collect::<Vec<_>>());
            Ok((None, errors))
        }
    }
}

fn page(
    office: &Office<'_>,
    whom: AdminInvited,
    letter: Option<AdminLetterText>,
    errors: Vec<AdminError>,
) -> Answer {
    let status = status_of(&errors);
    let portals = invites_to(&office.visit.runtime.settings.portals);
    let page = AdminLetter {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        whom,
        letter,
        portals: portals.into_iter().map(|portal| (portal.name.clone(), portal.title.clone())).collect(),
        portal: portal(office),
    };
    Answer::page(status, page.render())
}
