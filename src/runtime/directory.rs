//! Everybody: the people of the file and, where it has a directory of kind `store`, those who live in the store.
//!
//! The file comes first. What is asked of a person follows from the words of the file in force and from what administrators
//! switched; it is worked out when somebody is looked up, and kept as long as neither changed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dashmap::DashMap;

use super::Runtime;
use crate::{
    config::settings::Settings,
    domain::{
        identity::{Origin, PasswordHash, Person, Requirement, RequirementSource, UserId},
        kept::KeptPerson,
        switches::Switches,
    },
    store::hot::HotStore,
};

/// People as they were worked out under one reading of the file, each with what that was worked out from.
#[derive(Debug, Default)]
pub struct Worked {
    people: DashMap<UserId, Entry>,
    /// Whether another reading of the file took the place of this one.
    is_outdated: AtomicBool,
}

impl Worked {
    /// Another reading of the file is in force.
    pub(super) fn outdate(&self) {
        self.is_outdated.store(true, Ordering::Release);
    }
}

#[derive(Debug)]
struct Entry {
    /// `None`: the person is of the file, which does not change under a runtime.
    kept: Option<Arc<KeptPerson>>,
    switches: Arc<Switches>,
    person: Arc<Person>,
}

/// Everybody, under one reading of the file.
#[derive(Clone, Copy)]
pub struct Directory<'a> {
    settings: &'a Settings,
    worked: &'a Worked,
    store: &'a HotStore,
}

impl Runtime {
    /// Everybody whom this reading of the file and `store` know.
    pub const fn directory<'a>(&'a self, store: &'a HotStore) -> Directory<'a> {
        Directory::new(&self.settings, &self.worked, store)
    }
}

impl<'a> Directory<'a> {
    /// Everybody whom `settings` and `store` know, where no runtime is.
    pub const fn new(settings: &'a Settings, worked: &'a Worked, store: &'a HotStore) -> Self {
        Self { settings, worked, store }
    }

    /// Whether another reading of the file is in force by now.
    pub fn is_outdated(&self) -> bool {
        self.worked.is_outdated.load(Ordering::Acquire)
    }

    /// Everybody, in no order. Takes a while where there are many.
    pub fn everybody(&self) -> Vec<Arc<Person>> {
        let mut all: Vec<_> = self.of_file().collect();
        self.store.each_resident(|kept| all.extend(self.kept(kept)));
        all
    }

    /// The person with this id.
    pub fn get(&self, id: &UserId) -> Option<Arc<Person>> {
        match self.settings.people.get(id) {
            Some(written) => Some(self.switched(written)),
            None => self.kept(&self.resident(id)?),
        }
    }

    /// The person who signs in as `typed`: a name or an address, in any spelling. Names win over addresses.
    pub fn find(&self, typed: &str) -> Option<Arc<Person>> {
        let id = UserId::new(typed);
        if let Some(person) = self.get(&id) {
            return Some(person);
        }
        if let Some(written) = self.settings.people.with_email(typed) {
            return Some(self.switched(written));
        }
        let kept = self.store.resident_with_email(typed).filter(|_| self.keeps_people())?;
        // Whom the file names is who the file says.
        if self.settings.people.get(&kept.id).is_some() {
            return None;
        }
        self.kept(&kept)
    }

    /// The people of the file, in no order.
    pub fn of_file(&self) -> impl Iterator<Item = Arc<Person>> {
        self.settings.people.iter().map(|written| self.switched(written))
    }

    /// The person as whom somebody who lives in the store counts; `None` where the file has no such directory, or names
    /// somebody else so.
    pub fn kept(&self, kept: &Arc<KeptPerson>) -> Option<Arc<Person>> {
        if !self.keeps_people() || self.settings.people.get(&kept.id).is_some() {
            return None;
        }
        let switches = self.store.peek_switches();
        if let Some(entry) = self.worked.people.get(&kept.id)
            && entry.kept.as_ref().is_some_and(|known| Arc::ptr_eq(known, kept))
            && Arc::ptr_eq(&entry.switches, &switches)
        {
            return Some(Arc::clone(&entry.person));
        }
        let person = Arc::new(work_out(self.settings, &switches, kept));
        let switches = Arc::clone(&switches);
        let entry = Entry { kept: Some(Arc::clone(kept)), switches, person: Arc::clone(&person) };
        self.worked.people.insert(kept.id.clone(), entry);
        Some(person)
    }

    /// The name of somebody whom the store keeps under a name or address that the file gives to somebody: their apps, passkeys
    /// and accounts elsewhere would be those of the person of the file. Such a file must not be put in force.
    pub fn claimed_twice(&self) -> Option<String> {
        let held = |person: &Arc<Person>| {
            let by_name = self.store.resident(&person.id);
            let by_email = || self.store.resident_with_email(person.email.as_deref()?);
            by_name.or_else(by_email).map(|kept| kept.name.clone())
        };
        self.settings.people.iter().find_map(held)
    }

    /// The first of `groups` that is closed, by the file or by administrators.
    pub fn closed_among(&self, groups: &[String]) -> Option<String> {
        let switches = self.store.peek_switches();
        let is_closed = |group: &&String| {
            self.settings.closed_groups.contains(*group) || switches.group(group).is_closed()
        };
        groups.iter().find(is_closed).cloned()
    }

    /// The reading of the file.
    pub const fn settings(&self) -> &'a Settings {
        self.settings
    }

    /// Whether the file has a directory of kind `store`.
    pub fn keeps_people(&self) -> bool {
        self.settings.keeps_people
    }

    /// A hash to compute for a name nobody has, so that it costs what real ones cost. Which one hangs on `choice`, so that
    /// the same name always takes the same time. `None`: as one of ours.
    pub fn some_hash(&self, choice: u64) -> Option<PasswordHash> {
        let hashes = || self.settings.people.iter().filter_map(|person| person.password.as_ref());
        let kept = if self.keeps_people() { self.store.count_hashes() } else { 0 };
        let written = hashes().count() as u64;
        let chosen = choice.checked_rem(written + kept)?;
        if let Some(of_store) = chosen.checked_sub(written) {
            return self.store.some_hash(of_store);
        }
        let mut sorted: Vec<_> = hashes().collect();
        sorted.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        sorted.get(usize::try_from(chosen).ok()?).map(|hash| (*hash).clone())
    }

    fn resident(&self, id: &UserId) -> Option<Arc<KeptPerson>> {
        self.store.resident(id).filter(|_| self.keeps_people())
    }

    /// A person of the file, as administrators' switches leave them.
    fn switched(&self, written: &Arc<Person>) -> Arc<Person> {
        let switches = self.store.peek_switches();
        if switches.is_empty() || written.groups.is_empty() {
            return Arc::clone(written);
        }
        if let Some(entry) = self.worked.people.get(&written.id)
            && entry.kept.is_none()
            && Arc::ptr_eq(&entry.switches, &switches)
        {
            return Arc::clone(&entry.person);
        }
        let mut person = Person::clone(written);
        narrow(&mut person, &switches);
        let person = Arc::new(person);
        let switches = Arc::clone(&switches);
        let entry = Entry { kept: None, switches, person: Arc::clone(&person) };
        self.worked.people.insert(written.id.clone(), entry);
        person
    }
}

fn work_out(settings: &Settings, switches: &Switches, kept: &KeptPerson) -> Person {
    let (requirement, requirement_source) =
        settings.second_factor.requirement_on(&kept.groups, kept.second_factor);
    let mut person = Person {
        id: kept.id.clone(),
        name: kept.name.clone(),
        display_name: kept.display_name.clone(),
        email: Some(kept.email.clone()),
        phone: kept.phone.clone(),
        groups: kept.groups.clone(),
        password: kept.password.clone(),
        requirement,
        requirement_source,
        disabled: kept.is_disabled(),
        closed_group: kept.groups.iter().find(|group| settings.closed_groups.contains(*group)).cloned(),
        origin: Origin::Store,
        credential: kept.credential(),
    };
    narrow(&mut person, switches);
    person
}

/// Adds the words of administrators: the strictest wins, and what either closed is closed.
fn narrow(person: &mut Person, switches: &Switches) {
    let mut strictest: Option<(Requirement, &String)> = None;
    for group in &person.groups {
        let switch = switches.group(group);
        if let Some(word) = switch.requirement
            && word > strictest.map_or(person.requirement, |(word, _)| word)
        {
            strictest = Some((word, group));
        }
        if switch.is_closed() && person.closed_group.is_none() {
            person.closed_group = Some(group.clone());
        }
    }
    if let Some((word, group)) = strictest {
        person.requirement = word;
        person.requirement_source = RequirementSource::Administrators(group.clone());
    }
}
