//! Which ways of the second factor a person has: what the file allows, of what is known of them and can be sent.

use super::{approval, glass, passkey, visit::Visit};
use crate::{
    domain::{
        factor::{Account, Method},
        identity::Person,
        login::{First, Proof, Stage},
    },
    factor::totp,
};

/// The ways `person` can give a second factor besides `first`, best first: in the order of the file, recovery codes last.
pub(super) fn ways(visit: &Visit, first: First, person: &Person, account: &Account) -> Vec<Method> {
    let has = |method: &Method| match method {
        Method::Totp => !account.totp.is_empty(),
        Method::Recovery => account.recovery_left > 0,
        Method::Email | Method::Sms => channels(visit, first, person, account).contains(method),
        Method::Passkey => !passkey::usable(visit, account).is_empty(),
        Method::Approval => approval::usable(visit, account),
        Method::Provider => false,
    };
    let mut ways: Vec<_> = visit.runtime.settings.second_factor.methods.iter().copied().filter(has).collect();
    // It is typed where a recovery code is, whether or not the file takes those.
    if glass::waits(visit, person, account) && !ways.contains(&Method::Recovery) {
        ways.push(Method::Recovery);
    }
    ways
}

/// The ways a code can be sent to `person`, whether or not the file lets it stand as a second factor: enough to tell them
/// from somebody who stole their password. After a link by mail, another mail would prove nothing more.
pub(super) fn channels(visit: &Visit, first: First, person: &Person, account: &Account) -> Vec<Method> {
    let is_proven = |method: Method| first == First::Link && method == Method::Email;
    let reaches = |method: &Method| {
        !is_proven(*method) && can_send(visit, *method) && account.reach(person, *method).is_some()
    };
    [Method::Email, Method::Sms].into_iter().filter(reaches).collect()
}

/// The ways that would do if the person named an address or number, where the file lets them; best first.
pub(super) fn missing(visit: &Visit, person: &Person, account: &Account) -> Vec<Method> {
    if !visit.runtime.settings.second_factor.ask_missing
        || account.is_enrolled()
        || !account.contacts.is_empty()
    {
        return Vec::new();
    }
    // Only what is sent can be sent.
    let lacks = |method: &Method| can_send(visit, *method) && account.reach(person, *method).is_none();
    visit.runtime.settings.second_factor.methods.iter().copied().filter(lacks).collect()
}

/// What to ask of somebody who owes a second factor: one of their ways, or to set up the first one the file names that can
/// be set up here.
pub(super) fn first_stage(visit: &Visit, first: First, person: &Person, account: &Account) -> Stage {
    let has_way = ways(visit, first, person, account).into_iter().any(|method| method != Method::Recovery);
    if has_way || account.is_enrolled() || glass::waits(visit, person, account) {
        return Stage::Code;
    }
    let (missing, methods) = (missing(visit, person, account), &visit.runtime.settings.second_factor.methods);
    let proof = proof(visit, first, person, account);
    // Whom a code reaches shows it and links an app: a stolen password must not name a place for codes instead.
    let may_name = proof == Proof::App || !methods.contains(&Method::Totp);
    for method in methods {
        match method {
            Method::Totp => return enrolment(visit, proof),
            Method::Email | Method::Sms if may_name && missing.contains(method) => return Stage::Contact,
            Method::Email
            | Method::Sms
            | Method::Passkey
            | Method::Provider
            | Method::Approval
            | Method::Recovery => {}
        }
    }
    // Nothing can be asked: the page says so.
    Stage::Code
}

/// An app to link, with a fresh key.
pub(super) fn enrolment(visit: &Visit, proof: Proof) -> Stage {
    Stage::Enrol { key: totp::new_key(&*visit.services.entropy), proof }
}

/// What linking a first app takes on the strength of the first factor alone.
pub(super) fn proof(visit: &Visit, first: First, person: &Person, account: &Account) -> Proof {
    match channels(visit, first, person, account).is_empty() {
        true => Proof::App,
        false => Proof::AppAndSent,
    }
}

/// The page that asks for what a stage waits for.
pub(super) const fn page_of(stage: &Stage) -> &'static str {
    match stage {
        Stage::Code => "second-factor",
        Stage::Enrol { .. } => "enrol",
        Stage::Contact => "contact",
    }
}

/// Whether the file names somebody who carries codes this way.
pub(super) fn can_send(visit: &Visit, method: Method) -> bool {
    let post = &visit.runtime.post;
    match method {
        Method::Email => post.can_mail(),
        Method::Sms => post.can_text(),
        Method::Totp | Method::Passkey | Method::Provider | Method::Approval | Method::Recovery => false,
    }
}
