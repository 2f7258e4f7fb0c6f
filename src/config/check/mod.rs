//! Meaning: from the tables as written to [`Settings`], noting everything that cannot be meant.
//!
//! Every part goes on after a problem with some harmless value in its place, so that the rest is judged too; the result
//! counts only if no problem was an error.

mod acme;
mod admin;
mod brand;
mod certificate;
mod front;
mod identity;
mod portal;
mod post;
mod provider;
mod reach;
mod rule;
mod server;
mod sign_in;
mod single_sign_on;
mod step_up;
mod test_entry;
mod trust;
mod value;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::{Path, PathBuf},
};

pub(super) use self::value::{is_plain, open_bits};
use super::{
    Files,
    file::{At, DirectoryKind, File, HeaderWord, MailTable, SignInWord, SpanText},
    letters,
    people::{self, Folk},
    problem::{Desk, Problem, Sources},
    read::TakenOut,
    settings::{Letters, PortalSettings, SecondFactorSettings, Settings},
};
use crate::domain::{
    factor::Method,
    identity::{People, Requirement},
    policy::Policy,
};

/// An age that was asked about, not written in a file.
pub(super) fn age(text: &str) -> Result<std::time::Duration, String> {
    value::span(text, value::Allowed::AGE).map_err(|fault| match fault.hint {
        Some(hint) => format!("{}: {hint}", fault.message),
        None => fault.message,
    })
}

/// What all parts of the check share.
pub(super) struct Check<'a, 'd> {
    pub(super) desk: &'a mut Desk<'d>,
    pub(super) taken: &'a TakenOut,
    /// Where relative paths start.
    pub(super) base: &'a Path,
    pub(super) files: Files,
}

/// Compiles the tables. Problems of the people's files go to `others`.
pub(super) fn settings(
    file: &File,
    check: &mut Check<'_, '_>,
    others: &mut Vec<Problem>,
    sources: &mut Sources,
) -> Settings {
    let server = server::server(check, &file.server);
    let store = server::store(check, &file.store);
    let session = server::session(check, &file.session);
    let kept_forms = server::kept_forms(check, &file.session);
    let pages = server::pages(check, &file.pages);
    let mut mail = post::mail(check, file.mail.as_ref());
    let sms = post::sms(check, file.sms.as_ref());
    let log = server::log(check, &file.log);
    let mut second_factor = second_factor(check, file);
    let trust = trust::trust(check, &file.trust, &second_factor.methods);
    let directories = directories(check, file);
    let mut folk = Folk::default();
    // Whoever lives in the store comes and goes without the file.
    folk.is_complete = directories.len() == file.directory.len();
    let closed_groups = closed_groups(file);
    for (place, path) in &directories {
        people::read(
            path,
            &mut people::Reading {
                files: check.files,
                listed_at: place.clone(),
                second_factor: &mut second_factor,
                closed_groups: &closed_groups,
                commas_split: commas_split(file),
                sources,
                problems: others,
            },
            check.desk,
            &mut folk,
        );
    }
    let sign_in = sign_in::methods(check, file);
    sign_in::needs_mail(check, file, file.mail.is_some());
    let usual = portal::Usual { sign_in: &sign_in, brand: &pages.brand };
    let (portals, rules) = portal::portals(check, file, &folk, &second_factor, &server, session, &usual);
    if let (Some(mail), Some(written)) = (&mut mail, &file.mail) {
        mail.letters = written_letters(check, written.value(), &portals, others, sources);
    }
    let certificates = certificate::certificates(check, &file.tls, &portals);
    let around = acme::Around { server: &server, portals: &portals };
    let acme = acme::acme(check, file.tls.acme.as_ref(), &around);
    let policy = Policy::new(rules);
    let providers = provider::providers(check, file, &portals);
    let admin = admin::admin(check, file, &folk, &portals);
    let single_sign_on = single_sign_on::single_sign_on(check, file.single_sign_on.as_ref(), &portals);
    let tests = test_entry::tests(check, file, &folk, &policy);
    warn_of_nobody(check, file, &folk, &policy);
    Settings {
        source: check.desk.file().to_owned(),
        server,
        certificates,
        acme,
        store,
        session,
        kept_forms,
        trust,
        second_factor,
        pages,
        mail,
        sms,
        log,
        providers,
        single_sign_on,
        portals,
        policy,
        people: People::new(folk.people),
        keeps_people: keeps_people(file),
        closed_groups,
        admin,
        tests,
    }
}

/// The letters in the folder that `[mail]` names, if it does. Away from its machine a file's letters are elsewhere.
fn written_letters(
    check: &mut Check<'_, '_>,
    table: &MailTable,
    portals: &[PortalSettings],
    problems: &mut Vec<Problem>,
    sources: &mut Sources,
) -> Letters {
    let Some(folder) = table.templates.as_ref().filter(|_| check.files == Files::Checked) else {
        return Letters::default();
    };
    let path = check.path(folder.value());
    let mut reading = letters::Reading { named_at: folder.span(), portals, sources, problems };
    letters::read(&path, &mut reading, check.desk)
}

impl Check<'_, '_> {
    /// The path as written, from the file's folder.
    fn path(&self, written: &str) -> PathBuf {
        self.base.join(written)
    }

    /// The value of a key that must be there and say something.
    fn need<'f>(
        &mut self,
        owner: &Range<usize>,
        key: &str,
        value: Option<&'f At<String>>,
        hint: &str,
    ) -> Option<&'f At<String>> {
        match value {
            Some(text) if text.value().trim().is_empty() => {
                self.desk.error(text.span(), format!("\"{key}\" is empty")).hint(hint);
                None
            }
            Some(text) => Some(text),
            None => {
                if !self.taken.had(owner, key) {
                    self.desk.error(owner.clone(), format!("\"{key}\" is missing")).hint(hint);
                }
                None
            }
        }
    }

    /// A text for people to read: no control characters.
    fn words(&mut self, text: &At<String>) -> String {
        if !is_plain(text.value()) {
            self.desk
                .error(text.span(), "this text has a control character in it")
                .hint("write plain text on one line");
        }
        text.value().clone()
    }

    /// A span of time within `allowed`, or `default`.
    fn span(
        &mut self,
        written: Option<&At<SpanText>>,
        default: std::time::Duration,
        allowed: value::Allowed,
    ) -> std::time::Duration {
        let Some(written) = written else { return default };
        match value::span(&written.value().0, allowed) {
            Ok(span) => span,
            Err(fault) => {
                self.desk.error(written.span(), fault.message).hint_if(fault.hint);
                default
            }
        }
    }

    /// As [`Check::span`], where "off" is an answer.
    fn span_or_off(
        &mut self,
        written: Option<&At<SpanText>>,
        default: std::time::Duration,
        allowed: value::Allowed,
    ) -> Option<std::time::Duration> {
        match written {
            Some(text) if text.value().0 == "off" => None,
            _ => Some(self.span(written, default, allowed)),
        }
    }

    /// Networks; bare addresses count as networks of one.
    fn networks(&mut self, written: &[At<String>]) -> Vec<ipnet::IpNet> {
        let mut networks = Vec::new();
        for text in written {
            match value::network(text.value()) {
                Ok((network, None)) => networks.push(network),
                Ok((network, Some(meant))) => {
                    self.desk
                        .warn(text.span(), format!("\"{}\" is read as the network {meant}", text.value()))
                        .hint(format!("write \"{meant}\", or the address alone for one machine"));
                    networks.push(network);
                }
                Err(fault) => self.desk.error(text.span(), fault.message).hint_if(fault.hint),
            }
        }
        networks
    }
}

fn second_factor(check: &mut Check<'_, '_>, file: &File) -> SecondFactorSettings {
    let table = &file.second_factor;
    let mut methods = Vec::new();
    match &table.methods {
        None => methods.push(Method::Totp),
        Some(list) => {
            for word in list.value() {
                let method = word.value().method();
                let name = method.name();
                let lacks = match method {
                    Method::Email if file.mail.is_none() => Some("[mail]"),
                    Method::Sms if file.sms.is_none() => Some("[sms]"),
                    _ => None,
                };
                if methods.contains(&method) {
                    let what = format!("\"{name}\" is listed twice");
                    check.desk.warn(word.span(), what).hint("once is enough");
                } else if let Some(table) = lacks {
                    let what = format!("\"{name}\" is never asked: without {table} nothing is sent");
                    let hint = format!("add {table}, or leave \"{name}\" out");
                    check.desk.warn(word.span(), what).hint(hint);
                } else if method == Method::Passkey && !cfg!(feature = "passkey") {
                    let what = "\"passkey\" is not in this build; visitors use the other methods";
                    check.desk.warn(word.span(), what).hint("build with the feature \"passkey\"");
                } else {
                    methods.push(method);
                }
            }
            if methods.contains(&Method::Approval) && !methods.contains(&Method::Totp) {
                check
                    .desk
                    .error(
                        list.span(),
                        "\"approval\" without \"totp\": nobody can link an authenticator page",
                    )
                    .hint("write methods = [\"approval\", \"totp\"]");
            }
            if methods == [Method::Passkey] {
                check
                    .desk
                    .error(list.span(), "\"passkey\" alone shuts out browsers without passkeys or JavaScript")
                    .hint("write methods = [\"passkey\", \"totp\"]");
            }
            if methods.is_empty() {
                check
                    .desk
                    .error(list.span(), "no second factor is left that could be asked")
                    .hint("write methods = [\"totp\"]; to ask for none, write requirement = \"off\"");
            }
        }
    }
    if let Some(word) = &table.ask_missing
        && *word.value()
        && !methods.iter().any(|method| matches!(method, Method::Email | Method::Sms))
    {
        check
            .desk
            .warn(word.span(), "nobody is asked: neither \"email\" nor \"sms\" is among the methods")
            .hint("add one of them to methods, or leave ask_missing out");
    }
    // Recovery codes belong to the app they replace; nobody should lose them by not listing them.
    methods.push(Method::Recovery);
    let mut groups = BTreeMap::new();
    for group in &file.group {
        let owner = group.span();
        let table = group.value();
        let Some(name) = check.need(
            &owner,
            "name",
            table.name.as_ref(),
            "write the group's name, as in name = \"clients\"",
        ) else {
            continue;
        };
        check.words(name);
        let word = table.second_factor.as_ref().map_or(Requirement::Off, |word| *word.value());
        if groups.insert(name.value().clone(), word).is_some() {
            check
                .desk
                .error(name.span(), format!("group \"{}\" is described twice", name.value()))
                .hint("keep one [[group]] for it");
        }
    }
    SecondFactorSettings {
        requirement: table.requirement.as_ref().map_or(Requirement::Required, |word| *word.value()),
        methods,
        ask_missing: table.ask_missing.as_ref().is_some_and(|word| *word.value()),
        groups,
        people: BTreeMap::new(),
    }
}

fn directories(check: &mut Check<'_, '_>, file: &File) -> Vec<(Range<usize>, PathBuf)> {
    let mut found: Vec<(Range<usize>, PathBuf)> = Vec::new();
    let mut has_store = false;
    for directory in &file.directory {
        let owner = directory.span();
        let table = directory.value();
        match table.kind.as_ref().map(|kind| (kind.value(), kind.span())) {
            Some((DirectoryKind::File, _)) => {}
            Some((DirectoryKind::Store, _)) => {
                if let Some(path) = &table.path {
                    check
                        .desk
                        .error(path.span(), "people of a directory of kind \"store\" live in the store")
                        .hint("leave the path out; [store] says where the store is");
                }
                if std::mem::replace(&mut has_store, true) {
                    check
                        .desk
                        .error(owner, "there are two directories of kind \"store\"")
                        .hint("there is one store: keep one of them");
                }
                continue;
            }
            Some((_, span)) => {
                let kind =
                    check.desk.text().get(span.clone()).unwrap_or("").trim_matches(['"', '\'']).to_owned();
                check
                    .desk
                    .error(span, format!("a directory of kind \"{kind}\" is not available in this version"))
                    .hint("use kind = \"store\", or kind = \"file\" with a path to users.toml");
                continue;
            }
            None if check.taken.had(&owner, "kind") => continue,
            None => {
                check.desk.error(owner, "\"kind\" is missing").hint("write kind = \"file\" or \"store\"");
                continue;
            }
        }
        let hint = "write where the people are, as in path = \"users.toml\"";
        let Some(path) = check.need(&owner, "path", table.path.as_ref(), hint) else { continue };
        // Shown as the file itself is: relative if it was named so.
        let folder = check.desk.file().parent().unwrap_or(Path::new(""));
        let full = folder.join(path.value());
        if found.iter().any(|(_, other)| *other == full) {
            check.desk.error(path.span(), "this file is listed twice").hint("keep one [[directory]] for it");
        } else {
            found.push((path.span(), full));
        }
    }
    found
}

fn keeps_people(file: &File) -> bool {
    let kinds = file.directory.iter().filter_map(|directory| directory.value().kind.as_ref());
    kinds.map(At::value).any(|kind| *kind == DirectoryKind::Store)
}

fn closed_groups(file: &File) -> BTreeSet<String> {
    let closed = file.group.iter().map(At::value).filter(|group| group.enabled == Some(false));
    closed.filter_map(|group| Some(group.name.as_ref()?.value().clone())).collect()
}

/// Whether some portal is told the groups, so that a comma in a group's name would make two of it.
fn commas_split(file: &File) -> bool {
    file.portal
        .iter()
        .any(|portal| !matches!(portal.value().headers.groups.as_ref().map(At::value), Some(HeaderWord::Off)))
}

/// Rules that ask for somebody, and nobody who could be that.
fn warn_of_nobody(check: &mut Check<'_, '_>, file: &File, folk: &Folk, policy: &Policy) {
    use crate::domain::policy::Level;
    let asks = policy
        .portals()
        .iter()
        .flat_map(|portal| &portal.rules)
        .any(|rule| matches!(rule.level, Level::OneFactor | Level::TwoFactor));
    // Whoever has no password may have an account at a provider.
    if !file.provider.is_empty() {
        return;
    }
    let begins_with = |way: SignInWord| {
        let lists = file.portal.iter().filter_map(|portal| portal.value().sign_in.as_ref());
        file.sign_in.methods.iter().chain(lists).flat_map(At::value).any(|word| *word.value() == way)
    };
    let is_mailed = begins_with(SignInWord::Link);
    let nobody = !folk
        .people
        .iter()
        .any(|person| !person.disabled && (person.password.is_some() || is_mailed && person.email.is_some()));
    // People of the store get theirs by mail.
    if asks && nobody && !folk.is_complete && file.mail.is_none() && keeps_people(file) {
        if let Some(directory) = file.directory.first() {
            check
                .desk
                .warn(directory.span(), "nobody can set a password: people of the store get the link by mail")
                .hint("add [mail] with from = \"…\" and a mail server, so that `vestibule user invite` can write to them");
        }
        return;
    }
    if !(asks && nobody && folk.is_complete) || check.taken.had(&(0..0), "directory") {
        return;
    }
    match file.directory.first() {
        Some(directory) => check
            .desk
            .warn(directory.span(), "nobody can sign in: no person here has a password")
            .hint("put what `vestibule hash` prints into password = \"…\" of somebody"),
        None => check
            .desk
            .warn(0..0, "nobody can sign in: there is no [[directory]]")
            .hint("add [[directory]] with kind = \"file\" and path = \"users.toml\""),
    }
}
