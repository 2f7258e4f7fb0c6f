//! Groups and portals: what is asked, and whether anybody signs in.

use std::collections::BTreeMap;

use super::{
    administration::{Administration, By},
    guard::{refuse_lock_out, tightened},
    lines::counted,
    words::{Answer, Change, GroupLine, PortalLine, RefusalKind, Word},
};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        identity::{Person, Requirement},
        role::{Authority, Tightened},
        switches::GroupSwitch,
    },
    runtime::Directory,
    store::Stored,
};

impl Administration {
    /// Every group that anybody is in, or that somebody said something of.
    pub(super) fn groups(&self, people: &Directory<'_>) -> Answer {
        let settings = people.settings();
        let switches = self.services.store.switches();
        let mut counts: BTreeMap<String, usize> = match people.keeps_people() {
            true => self.services.store.count_groups(),
            false => BTreeMap::new(),
        };
        for group in people.of_file().flat_map(|person| person.groups.clone()) {
            *counts.entry(group).or_default() += 1;
        }
        let said = settings.second_factor.groups.keys().chain(&settings.closed_groups).map(String::as_str);
        for name in said.chain(switches.groups().map(|(name, _)| name)) {
            counts.entry(name.to_owned()).or_default();
        }
        let line = |(name, people): (String, usize)| {
            let switch = switches.group(&name);
            let of_file = settings.second_factor.groups.get(&name).copied();
            let words = [of_file, switch.requirement].into_iter().flatten();
            GroupLine {
                people,
                of_file,
                of_administrators: switch.requirement,
                in_force: words.fold(settings.second_factor.requirement, Requirement::max),
                closed_by_file: settings.closed_groups.contains(&name),
                closed: switch.is_closed(),
                least: switch.least,
                closed_by_security: switch.closed == Some(Authority::Security),
                name,
            }
        };
        Answer::Groups(counts.into_iter().map(line).collect())
    }

    pub(super) async fn set_group(
        &self,
        people: &Directory<'_>,
        group: &str,
        word: Option<Word>,
        closed: Option<bool>,
        by: &By,
    ) -> Stored<Answer> {
        let Answer::Groups(known) = self.groups(people) else { return Ok(no_group(group)) };
        let Some(line) = known.into_iter().find(|line| line.name == group) else {
            return Ok(no_group(group));
        };
        let before = self.services.store.switches().group(group);
        let switch = match switched(before, word, closed, by.authority()) {
            Ok(switch) => switch,
            Err(Tightened) => return Ok(tightened(&format!("group {group}"))),
        };
        if switch.is_closed() {
            let after = |person: &Person| {
                let closed_group = person.is_in(group).then(|| group.to_owned());
                Some(Person {
                    closed_group: closed_group.or_else(|| person.closed_group.clone()),
                    ..person.clone()
                })
            };
            if let Some(refused) = refuse_lock_out(people, after) {
                return Ok(refused);
            }
        }
        let name = group.to_owned();
        self.services.store.change_switches(move |switches| switches.set_group(&name, switch)).await?;
        // The strictest word wins: one that asks for less is kept, and changes nothing.
        let by_file = line.of_file.map_or(people.settings().second_factor.requirement, |word| {
            word.max(people.settings().second_factor.requirement)
        });
        let word = match switch.requirement {
            None => "as the file says".to_owned(),
            Some(word) if word < by_file => {
                format!(
                    "{} is noted and changes nothing, since the file asks for {}",
                    word.name(),
                    by_file.name()
                )
            }
            Some(word) => word.name().to_owned(),
        };
        let state = match (switch.is_closed(), line.closed_by_file) {
            (true, _) => "closed",
            (false, true) => "closed by the file",
            (false, false) => "open",
        };
        let told =
            AuditEvent::new(self.services.clock.now(), AuditKind::GroupSwitched, AuditOutcome::Success);
        self.audit(told, &format!("group {group}: second factor {word}, {state}"), by).await;
        let people = counted_people(line.people);
        let message = format!("group {group}, {people}: second factor {word}, {state}");
        Ok(Answer::Changed(Change { message, ..Change::default() }))
    }

    pub(super) fn portals(&self, people: &Directory<'_>) -> Answer {
        let settings = people.settings();
        let closed = |name: &str| self.services.store.is_closed(name);
        let lines =
            settings.portals.iter().zip(settings.policy.portals()).map(|(portal, rules)| PortalLine {
                name: portal.name.clone(),
                title: portal.title.clone(),
                host: portal.hosts.first().map(ToString::to_string).unwrap_or_default(),
                closed_by_file: !rules.open,
                closed: closed(&portal.name),
            });
        Answer::Portals(lines.collect())
    }

    pub(super) async fn set_portal(
        &self,
        people: &Directory<'_>,
        portal: &str,
        closed: bool,
        by: &By,
    ) -> Stored<Answer> {
        if !people.settings().portals.iter().any(|known| known.name == portal) {
            return Ok(Answer::refused(RefusalKind::NotFound, format!("there is no portal \"{portal}\"")));
        }
        let name = portal.to_owned();
        self.services.store.change_switches(move |switches| switches.set_portal(&name, closed)).await?;
        let is_open_in_file = people
            .settings()
            .policy
            .portals()
            .iter()
            .zip(&people.settings().portals)
            .any(|(rules, known)| known.name == portal && rules.open);
        let state = match (closed, is_open_in_file) {
            (true, _) => "closed",
            (false, true) => "open",
            (false, false) => "closed by the file, whatever is said here",
        };
        let told =
            AuditEvent::new(self.services.clock.now(), AuditKind::PortalSwitched, AuditOutcome::Success);
        self.audit(told.at_portal(portal), state, by).await;
        let message = format!("portal {portal} is {state}");
        Ok(Answer::Changed(Change { message, ..Change::default() }))
    }
}

/// What is said of a group afterwards, by somebody of this weight.
fn switched(
    before: GroupSwitch,
    word: Option<Word>,
    closed: Option<bool>,
    by: Authority,
) -> Result<GroupSwitch, Tightened> {
    let mut switch = before;
    if let Some(word) = word.map(Word::requirement) {
        switch = GroupSwitch { requirement: word, least: by.ask(word, before.least)?, ..switch };
    }
    if let Some(closed) = closed {
        switch.closed = by.close(closed, before.closed)?;
    }
    Ok(switch)
}

fn no_group(group: &str) -> Answer {
    Answer::refused(RefusalKind::NotFound, format!("nobody is in a group \"{group}\""))
}

fn counted_people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { counted(count, "person").replace("persons", "people") }
}
