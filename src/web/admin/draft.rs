//! What was typed when a fresh second factor came first: it waits, and fills the form again.

use std::sync::Arc;

use super::Place;
use crate::{
    domain::{standing::Standing, token::Token},
    web::{browser::Browser, form::Form, place, visit::Visit},
};

/// Keeps what was typed, where it is more than a press. The way back to the filled form, as an address.
pub(super) fn keep(place: Place, visit: &Visit, browser: &Browser, form: &Form) -> Option<String> {
    let Standing::Known(known) = &visit.standing else { return None };
    let page = page(place, visit)?;
    // A form of another site's making is not shown as one's own.
    if !browser.admits(form) {
        return None;
    }
    let token = visit.services.draw_token();
    let fields = form.fields();
    if fields.iter().all(|(_, text)| text.is_empty()) {
        return None;
    }
    let fields = Arc::from(fields);
    visit.services.store.keep_draft(token.hash(), &known.person.id, &page, fields, visit.now);
    let joint = if page.contains('?') { '&' } else { '?' };
    Some(format!("{}{joint}draft={}", visit.own(&page), token.reveal()))
}

/// What waits for this page.
pub(super) fn waiting(place: Place, visit: &Visit) -> Option<Form> {
    let Standing::Known(known) = &visit.standing else { return None };
    let token = Token::parse(&place::query(visit, "draft")?)?;
    let fields =
        visit.services.store.draft(&token.hash(), &known.person.id, &page(place, visit)?, visit.now)?;
    Some(Form::again(&fields))
}

/// The address of a form that takes more than a press, under the prefix.
fn page(place: Place, visit: &Visit) -> Option<String> {
    match place {
        Place::Create => Some("admin/new".to_owned()),
        Place::Import => Some("admin/import".to_owned()),
        Place::Edit => Some(super::door::with_name("admin/edit?user=", &place::query(visit, "user")?)),
        _ => None,
    }
}
