//! One person: everything about them, and the buttons.

use super::{
    deed::{Deed, reason},
    door::{Halt, Office, person_path, status_of},
};
use crate::{
    domain::{
        identity::{Origin, Person, Requirement, RequirementSource, UserId},
        role::{Action, Authority},
        token::RecordId,
    },
    page::view::{
        AdminAsked, AdminConfirm, AdminDone, AdminError, AdminMay, AdminPerson, AdminRequirement, AdminRoom,
        AdminTrustRow, SessionRow,
    },
    store::Stored,
    web::{account, form::Form, respond::Answer, trust::network_text},
};

/// Shows the person whom the address names.
pub(super) async fn show(office: &Office<'_>) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    page(office, &person, Vec::new()).await
}

/// Does what a button says.
pub(super) async fn submit(office: &Office<'_>, form: &Form) -> Result<Answer, Halt> {
    let person = office.named_person()?;
    let Some(deed) = Deed::read(form) else { return Err(office.puzzled()) };
    let about = office.about(&person);
    office.require(deed.action(), about)?;
    if !is_theirs(office, &person, &deed).await? {
        return page(office, &person, vec![AdminError::Gone]).await;
    }
    // Whoever gets a name gets what goes with it, as for somebody new; and whoever loses one, what bars them by it.
    if let Deed::Rename(name) = &deed {
        let after = Person { id: UserId::new(name), name: name.clone(), ..Person::clone(&person) };
        let is_reserved = office.is_reserved(&person.id) || office.is_reserved(&after.id);
        if is_reserved || !office.may(Action::RenamePerson, office.about(&after)) {
            return page(office, &person, vec![AdminError::Forbidden]).await;
        }
    }
    if let Some(asked) = deed.asks() {
        if !form.is_ticked("sure") {
            return Ok(confirm(office, &person, asked, &deed, form, Vec::new()));
        }
        if deed.wants_reason() && reason(form).is_none() {
            return Ok(confirm(office, &person, asked, &deed, form, vec![AdminError::NoReason]));
        }
    }
    let (action, done, is_pairing) = (deed.action(), deed.done(), matches!(deed, Deed::Pair(_)));
    let name = match &deed {
        Deed::Rename(name) => name.clone(),
        _ => person.name.clone(),
    };
    let request = deed.request(&person, reason(form).unwrap_or_default());
    match office.order(action, about, request).await? {
        Ok(_) if done == AdminDone::PersonRemoved => Ok(office.done("admin", done)),
        Ok(_) => Ok(office.done(&person_path(&name), done)),
        Err(errors) => {
            let at_number = |error| match error {
                AdminError::Gone if is_pairing => AdminError::NoPage,
                error => error,
            };
            page(office, &person, errors.into_iter().map(at_number).collect()).await
        }
    }
}

/// Whether the one record a button is about belongs to the person it was asked for: another's is out of reach by its id.
async fn is_theirs(office: &Office<'_>, person: &Person, deed: &Deed) -> Stored<bool> {
    let (store, now) = (&office.visit.services.store, office.visit.now);
    Ok(match deed {
        Deed::RemoveTrust(id) => trusts(office, person).await?.iter().any(|row| row.id == id.as_str()),
        Deed::EndSession(id) => {
            let is = |found: &RecordId| found == id;
            store.sessions(Some(&person.id), now).await?.iter().any(|session| is(&session.id))
        }
        _ => true,
    })
}

fn confirm(
    office: &Office<'_>,
    person: &Person,
    asked: AdminAsked,
    deed: &Deed,
    form: &Form,
    errors: Vec<AdminError>,
) -> Answer {
    let status = status_of(&errors);
    let fields = ["action", "id"].map(|name| (name, form.text(name).to_owned()));
    let page = AdminConfirm {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        asked,
        name: match deed {
            Deed::Rename(new) => format!("{} → {new}", person.name),
            _ => person.display_name.clone(),
        },
        target: person_path(&person.name),
        back: person_path(&person.name),
        fields: fields.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        reason: deed.wants_reason().then(|| form.text("reason").to_owned()),
        afterwards: None,
    };
    Answer::page(status, page.render())
}

async fn page(office: &Office<'_>, person: &Person, errors: Vec<AdminError>) -> Result<Answer, Halt> {
    let (visit, about) = (office.visit, office.about(person));
    let store = &visit.services.store;
    let account = store.account(&person.id).await?;
    let sessions = store.sessions(Some(&person.id), visit.now).await?;
    let here = visit.live.as_ref().map(|live| live.session().id.clone());
    let kept = store.resident(&person.id);
    let least = kept.as_ref().and_then(|kept| kept.least);
    let weight = |action| office.weight(action, about);
    let is_tightened = kept.as_ref().is_some_and(|kept| kept.is_tightened(&store.switches()));
    let disabled_by = kept.as_ref().and_then(|kept| kept.disabled);
    let is_kept = person.origin == Origin::Store;
    let may = |action| office.may(action, about);
    // Others' groups are not told by name, whatever they do to somebody shared with them.
    let closed = person.closed_group.as_ref();
    let closed_is_shown = closed.is_some_and(|group| office.shows_group(group));
    let status = status_of(&errors);
    let model = AdminPerson {
        frame: office.frame(),
        desk: office.desk(AdminRoom::People, errors),
        name: person.name.clone(),
        display_name: person.display_name.clone(),
        email: person.email.clone(),
        phone: person.phone.clone(),
        groups: office.groups_line(&person.groups),
        has_password: person.password.is_some(),
        disabled: person.disabled,
        closed_group: closed.filter(|_| closed_is_shown).cloned(),
        is_closed_by_others: closed.is_some() && !closed_is_shown,
        read_only: !is_kept,
        requirement: word_of(Some(person.requirement)),
        source: shown_source(office, person),
        own_word: word_of(kept.and_then(|kept| kept.second_factor)),
        words: words_above(least, weight(Action::SetRequirement)),
        held: is_tightened && may(Action::EditPerson) && weight(Action::EditPerson) < Authority::Security,
        contacts: account::contacts(visit, person, &account).await?,
        codes_left: account.recovery_left,
        methods: account::methods(account, false),
        trusts: match may(Action::SeeTrusts) {
            true => Some(trusts(office, person).await?),
            false => None,
        },
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                this_one: here.as_ref() == Some(&session.id),
                id: session.id.to_string(),
                agent: session.agent,
                address: session.address.to_string(),
                ends: session.ends_at.min(session.last_seen.after(session.idle)),
                opened: session.opened_at,
                last_seen: session.last_seen,
            })
            .collect(),
        may: AdminMay {
            edit: is_kept && may(Action::EditPerson),
            invite: is_kept && may(Action::Invite),
            disable: is_kept && !person.disabled && may(Action::DisablePerson),
            enable: is_kept
                && may(Action::DisablePerson)
                && disabled_by.is_some_and(|by| by <= weight(Action::DisablePerson)),
            rename: is_kept
                && may(Action::RenamePerson)
                && (!is_tightened || weight(Action::RenamePerson) == Authority::Security),
            remove: is_kept
                && may(Action::RemovePerson)
                && (!is_tightened || weight(Action::RemovePerson) == Authority::Security),
            require: is_kept && may(Action::SetRequirement),
            reset: may(Action::ResetSecondFactor),
            pair: may(Action::Pair),
            unlock: may(Action::Unlock),
            trusts: may(Action::RevokeTrust),
            sessions: may(Action::EndSessions),
        },
    };
    Ok(Answer::page(status, model.render()))
}

/// Who set what is asked of somebody; `None`: a group whose name is not for this administrator.
fn shown_source(office: &Office<'_>, person: &Person) -> Option<RequirementSource> {
    let source = &person.requirement_source;
    let is_shown = match source {
        RequirementSource::Group(group) | RequirementSource::Administrators(group) => {
            office.shows_group(group)
        }
        RequirementSource::Everybody | RequirementSource::Person => true,
    };
    is_shown.then(|| source.clone())
}

/// Trusted devices and addresses of a person, newest first.
async fn trusts(office: &Office<'_>, person: &Person) -> Stored<Vec<AdminTrustRow>> {
    let (store, now) = (&office.visit.services.store, office.visit.now);
    let devices = store.devices(Some(&person.id), now).await?.into_iter().map(|trust| AdminTrustRow {
        id: trust.id.to_string(),
        person: person.name.clone(),
        what: trust.label,
        is_address: false,
        granted: trust.granted_at,
        last_used: trust.last_used,
        ends: trust.expires_at,
    });
    let addresses = store.addresses(Some(&person.id), now).await?.into_iter().map(|trust| AdminTrustRow {
        id: trust.id.to_string(),
        person: person.name.clone(),
        what: network_text(trust.network),
        is_address: true,
        granted: trust.granted_at,
        last_used: trust.last_used,
        ends: Some(trust.expires_at),
    });
    let mut rows: Vec<_> = devices.chain(addresses).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.granted));
    Ok(rows)
}

/// The words that somebody of this weight may say where `security` asks for `least`.
pub(super) fn words_above(least: Option<Requirement>, weight: Authority) -> Vec<AdminRequirement> {
    let said = [None].into_iter().chain(Requirement::ALL.map(Some));
    said.filter(|word| weight.ask(*word, least).is_ok()).map(word_of).collect()
}

/// A requirement as pages say it.
pub(super) fn word_of(requirement: Option<Requirement>) -> AdminRequirement {
    match requirement {
        None => AdminRequirement::Unset,
        Some(Requirement::Off) => AdminRequirement::Off,
        Some(Requirement::Optional) => AdminRequirement::Optional,
        Some(Requirement::Required) => AdminRequirement::Required,
    }
}
