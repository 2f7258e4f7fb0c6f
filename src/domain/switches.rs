//! What administrators switched, beside the words of the file. The stricter of both counts everywhere.

use std::collections::{BTreeMap, BTreeSet};

use super::{identity::Requirement, role::Authority};

/// What was said of one group.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct GroupSwitch {
    /// Yes (required), No (off) or Optional; `None` leaves it to the file.
    pub requirement: Option<Requirement>,
    /// What `security` asks for at least; nobody else goes below.
    pub least: Option<Requirement>,
    /// Who says that nobody of the group signs in; `None`: it is open.
    pub closed: Option<Authority>,
}

impl GroupSwitch {
    /// Whether nobody of the group signs in.
    pub const fn is_closed(self) -> bool {
        self.closed.is_some()
    }
}

/// Everything that is switched.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Switches {
    groups: BTreeMap<String, GroupSwitch>,
    closed_portals: BTreeSet<String>,
}

impl Switches {
    /// Nothing is switched.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.closed_portals.is_empty()
    }

    /// What was said of `group`.
    pub fn group(&self, group: &str) -> GroupSwitch {
        self.groups.get(group).copied().unwrap_or_default()
    }

    /// Whether `security` closed one of these groups.
    pub fn are_closed_by_security(&self, groups: &[String]) -> bool {
        groups.iter().any(|group| self.group(group).closed == Some(Authority::Security))
    }

    /// Whether going from some groups to others loosens what `security` tightened: leaves one it closed, or goes below what it
    /// asks for.
    pub fn loosened(&self, before: &[String], after: &[String]) -> bool {
        let least = |groups: &[String]| groups.iter().filter_map(|group| self.group(group).least).max();
        let left: Vec<_> = before.iter().filter(|group| !after.contains(group)).cloned().collect();
        self.are_closed_by_security(&left) || least(after) < least(before)
    }

    /// Every group something was said of.
    pub fn groups(&self) -> impl Iterator<Item = (&str, GroupSwitch)> {
        self.groups.iter().map(|(name, switch)| (name.as_str(), *switch))
    }

    /// Says this of `group`, in place of what was said before.
    pub fn set_group(&mut self, group: &str, switch: GroupSwitch) {
        if switch == GroupSwitch::default() {
            self.groups.remove(group);
        } else {
            self.groups.insert(group.to_owned(), switch);
        }
    }

    /// Whether `portal` is closed.
    pub fn is_closed(&self, portal: &str) -> bool {
        self.closed_portals.contains(portal)
    }

    /// The portals that are closed.
    pub fn closed_portals(&self) -> impl Iterator<Item = &str> {
        self.closed_portals.iter().map(String::as_str)
    }

    /// Closes or opens `portal`.
    pub fn set_portal(&mut self, portal: &str, closed: bool) {
        if closed {
            self.closed_portals.insert(portal.to_owned());
        } else {
            self.closed_portals.remove(portal);
        }
    }
}
