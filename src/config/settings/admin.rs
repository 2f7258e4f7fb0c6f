//! `[admin]`: where the administrators' pages are, and who holds which role.

use std::time::Duration;

use crate::domain::{
    identity::Person,
    policy::Subject,
    role::{Powers, Role},
};

/// `[admin]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSettings {
    /// The portals that have the pages, by name; never empty.
    pub portals: Vec<String>,
    /// Who holds which role. [`Role::Tenant`] is not among them.
    pub holders: Vec<(Role, Subject)>,
    /// Who looks after which groups.
    pub tenants: Vec<Tenant>,
    /// How old the second factor of an administrator may be.
    pub max_age: Duration,
}

/// Administrators of some groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Who.
    pub subjects: Vec<Subject>,
    /// Of which groups.
    pub groups: Vec<String>,
}

impl AdminSettings {
    /// What `person` may do.
    pub fn powers_of(&self, person: &Person) -> Powers {
        let mut powers = Powers::none();
        if person.is_barred() {
            return powers;
        }
        for (role, _) in self.holders.iter().filter(|(_, subject)| subject.is(person)) {
            powers.add(*role);
        }
        for tenant in &self.tenants {
            if tenant.subjects.iter().any(|subject| subject.is(person)) {
                powers.look_after(tenant.groups.iter().cloned());
            }
        }
        powers
    }

    /// Whether `person` holds a role, disabled or not.
    pub fn is_holder(&self, person: &Person) -> bool {
        self.holders.iter().any(|(_, subject)| subject.is(person))
            || self.tenants.iter().flat_map(|tenant| &tenant.subjects).any(|subject| subject.is(person))
    }

    /// Whether the pages are at the portal called `name`.
    pub fn is_at(&self, name: &str) -> bool {
        self.portals.iter().any(|portal| portal == name)
    }
}
