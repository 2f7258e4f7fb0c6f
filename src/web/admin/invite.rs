//! Inviting somebody: the letter first, then the press that sends it.

use super::door::{Halt, Office, person_path, status_of};
use crate::{
    domain::{identity::Person, role::Action},
    page::view::{AdminDone, AdminError, AdminLetter, AdminLetterText, AdminRoom},
    runtime::control::words::{Answer as Told, LetterPreview, Request},
    web::respond::Answer,
};

/// Shows the letter.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    match office.order(Action::Invite, office.about(&person), request(&person, true)).await? {
        Ok(Told::Letter(letter)) => Ok(page(office, &person, Some(letter), Vec::new())),
        Ok(_) => Err(office.busy()),
        Err(errors) => Ok(page(office, &person, None, errors)),
    }
}

/// Sends it.
pub(super) async fn send(office: &Office<'_>) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    match office.order(Action::Invite, office.about(&person), request(&person, false)).await? {
        Ok(_) => Ok(office.done(&person_path(&person.name), AdminDone::Invited)),
        Err(errors) => Ok(page(office, &person, None, errors)),
    }
}

fn request(person: &Person, preview: bool) -> Request {
    Request::UserInvite { user: person.name.clone(), portal: None, preview }
}

fn page(
    office: &Office<'_>,
    person: &Person,
    letter: Option<LetterPreview>,
    errors: Vec<AdminError>,
) -> Answer {
    // What cannot be kept of a person elsewhere is here what keeps a letter from them.
    let said = |error| if error == AdminError::Invalid { AdminError::NoLetter } else { error };
    let errors: Vec<_> = errors.into_iter().map(said).collect();
    let status = status_of(&errors);
    let page = AdminLetter {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        name: person.name.clone(),
        letter: letter.map(|letter| AdminLetterText {
            to: letter.to,
            subject: letter.subject,
            text: letter.text,
        }),
    };
    Answer::page(status, page.render())
}
