//! Who may do what on the administrators' pages.
//!
//! Roles are given in the file alone, so that nobody gets one by a page. What may be done to a person hangs on the groups they
//! are in and on whether they hold a role themselves: else whoever may reset a second factor could take over an
//! administrator. Every action goes through [`Powers::allow`]; the table in its tests is the documentation.

use std::collections::BTreeSet;

use super::identity::Requirement;

/// An administrator's role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// May do everything.
    Security,
    /// May do everything for the people of some groups.
    Tenant,
    /// Helps people who are locked out; changes nothing about who may what.
    HelpDesk,
    /// Looks, and changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Security, Self::Tenant, Self::HelpDesk, Self::Auditor];

    /// The word in the file and in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Tenant => "tenant",
            Self::HelpDesk => "help_desk",
            Self::Auditor => "auditor",
        }
    }
}

/// How much weight a word of administrators has. What was tightened with more of it, nobody with less loosens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Authority {
    /// Any role but `security`.
    Tenant,
    /// The role `security`, and whoever has the command line.
    Security,
}

impl Authority {
    /// That of somebody who acts by this role.
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Security => Self::Security,
            Role::Tenant | Role::HelpDesk | Role::Auditor => Self::Tenant,
        }
    }

    /// The word in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Security => "security",
        }
    }

    /// The one called `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Tenant, Self::Security].into_iter().find(|one| one.name() == name)
    }

    /// Who holds something closed (a group, or a person who is disabled) after this one closes or opens it.
    ///
    /// # Errors
    /// [`Tightened`]: somebody of more weight closed it.
    pub fn close(self, closed: bool, before: Option<Self>) -> Result<Option<Self>, Tightened> {
        match (closed, before) {
            (true, before) => Ok(before.max(Some(self))),
            (false, Some(before)) if self < before => Err(Tightened),
            (false, _) => Ok(None),
        }
    }

    /// What `security` asks for at least after this one said `word`, where it asked for `least` before.
    ///
    /// # Errors
    /// [`Tightened`]: the word is below that, and not `security`'s.
    pub fn ask(
        self,
        word: Option<Requirement>,
        least: Option<Requirement>,
    ) -> Result<Option<Requirement>, Tightened> {
        match self {
            Self::Security => Ok(word.filter(|word| *word > Requirement::Off)),
            Self::Tenant if word < least => Err(Tightened),
            Self::Tenant => Ok(least),
        }
    }
}

/// The role `security` tightened it, and nobody else loosens that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the role security tightened this: nobody else loosens it")]
pub struct Tightened;

/// What can be done on the administrators' pages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// Sees people: lists, searches, opens one.
    SeePeople,
    /// Sees trusted devices and addresses.
    SeeTrusts,
    /// Sees requests for help.
    SeeHelp,
    /// Sees groups and what is asked of them.
    SeeGroups,
    /// Sees portals and whether they are open.
    SeePortals,
    /// Reads the audit log.
    SeeAudit,
    /// Sees the numbers of the last days.
    SeeOverview,
    /// Makes a person.
    CreatePerson,
    /// Changes name, address, number or groups of a person.
    EditPerson,
    /// Gives a person another name.
    RenamePerson,
    /// Removes a person and everything kept about them.
    RemovePerson,
    /// Makes and changes many people from a file.
    ImportPeople,
    /// Mails the link to set a password.
    Invite,
    /// Refuses a person everywhere, or ends that.
    DisablePerson,
    /// Sets a person's own word on the second factor.
    SetRequirement,
    /// Removes every factor of a person.
    ResetSecondFactor,
    /// Links an authenticator page by its number.
    Pair,
    /// Forgets wrong tries.
    Unlock,
    /// Ends trust in a device or an address.
    RevokeTrust,
    /// Ends sessions.
    EndSessions,
    /// Answers a request for help.
    AnswerHelp,
    /// Sets what is asked of a group, and whether it signs in at all.
    SetGroup,
    /// Opens and closes a portal.
    SetPortal,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::SeePeople,
        Self::SeeTrusts,
        Self::SeeHelp,
        Self::SeeGroups,
        Self::SeePortals,
        Self::SeeAudit,
        Self::SeeOverview,
        Self::CreatePerson,
        Self::EditPerson,
        Self::RenamePerson,
        Self::RemovePerson,
        Self::ImportPeople,
        Self::Invite,
        Self::DisablePerson,
        Self::SetRequirement,
        Self::ResetSecondFactor,
        Self::Pair,
        Self::Unlock,
        Self::RevokeTrust,
        Self::EndSessions,
        Self::AnswerHelp,
        Self::SetGroup,
        Self::SetPortal,
    ];

    /// Whether it changes nothing.
    pub const fn only_looks(self) -> bool {
        matches!(
            self,
            Self::SeePeople
                | Self::SeeTrusts
                | Self::SeeHelp
                | Self::SeeGroups
                | Self::SeePortals
                | Self::SeeAudit
                | Self::SeeOverview
        )
    }
}

/// Whom or what an action is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About<'a> {
    /// The page as a whole: whether it is there at all, and its lists, which show no more than [`Powers::sees`].
    Everything,
    /// A person as they are, or as they would be afterwards: a change is asked about twice, before and after.
    Person {
        /// Their groups.
        groups: &'a [String],
        /// Whether they hold a role.
        holds_role: bool,
        /// Whether it is the administrator.
        is_self: bool,
    },
    /// A group.
    Group(&'a str),
}

/// Why an action is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Forbidden {
    /// No role of this administrator has it.
    #[error("your role does not include this")]
    NotInRole,
    /// It is about somebody or something outside of the administrator's groups.
    #[error("this is outside of the groups you look after")]
    OutsideGroups,
    /// It is about an administrator: only `security` may.
    #[error("this person is an administrator: only the role security may do this")]
    HoldsRole,
    /// Nobody does this to themselves.
    #[error("nobody does this to themselves: another administrator must")]
    Oneself,
}

/// What one administrator may do.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Powers {
    roles: BTreeSet<Role>,
    /// The groups a tenant's administrator looks after.
    groups: BTreeSet<String>,
}

impl Powers {
    /// Nobody's.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a role. [`Role::Tenant`] comes with its groups: [`Powers::look_after`].
    pub fn add(&mut self, role: Role) {
        self.roles.insert(role);
    }

    /// Makes this a tenant's administrator for `groups`, besides those before.
    pub fn look_after(&mut self, groups: impl IntoIterator<Item = String>) {
        self.roles.insert(Role::Tenant);
        self.groups.extend(groups);
    }

    /// Whether there is any role at all.
    pub fn any(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether the role is among them.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The roles held.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.roles.iter().copied()
    }

    /// The groups that lists are narrowed to; `None`: everybody is shown.
    pub fn sees(&self, action: Action) -> Option<&BTreeSet<String>> {
        let everybody = [Role::Security, Role::HelpDesk, Role::Auditor];
        let all = everybody.into_iter().any(|role| self.has(role) && includes(role, action));
        (!all).then_some(&self.groups)
    }

    /// Whether this may be done.
    ///
    /// # Errors
    /// [`Forbidden`] says why not; of several roles, the one that comes closest.
    pub fn allow(&self, action: Action, about: About<'_>) -> Result<(), Forbidden> {
        let mut refused = Forbidden::NotInRole;
        for role in self.roles() {
            match self.allow_as(role, action, about) {
                Ok(()) => return Ok(()),
                Err(Forbidden::NotInRole) => {}
                Err(nearer) => refused = nearer,
            }
        }
        Err(refused)
    }

    /// The role by which this may be done.
    pub fn role_for(&self, action: Action, about: About<'_>) -> Option<Role> {
        self.roles().find(|role| self.allow_as(*role, action, about).is_ok())
    }

    fn allow_as(&self, role: Role, action: Action, about: About<'_>) -> Result<(), Forbidden> {
        if !includes(role, action) {
            return Err(Forbidden::NotInRole);
        }
        match about {
            About::Everything => Ok(()),
            About::Group(group) if role == Role::Tenant && !self.groups.contains(group) => {
                Err(Forbidden::OutsideGroups)
            }
            About::Group(_) => Ok(()),
            About::Person { groups, holds_role, is_self } => {
                if is_self && is_never_done_to_oneself(action) {
                    return Err(Forbidden::Oneself);
                }
                let own = |group: &String| self.groups.contains(group);
                // Who is shared with others is seen, and changed by neither alone.
                let is_theirs = match action.only_looks() {
                    true => groups.iter().any(own),
                    false => !groups.is_empty() && groups.iter().all(own),
                };
                if role == Role::Tenant && !is_theirs {
                    return Err(Forbidden::OutsideGroups);
                }
                if role != Role::Security && holds_role && !action.only_looks() {
                    return Err(Forbidden::HoldsRole);
                }
                Ok(())
            }
        }
    }
}

/// What locks out, or lets somebody undo what guards them.
const fn is_never_done_to_oneself(action: Action) -> bool {
    matches!(
        action,
        Action::DisablePerson
            | Action::RenamePerson
            | Action::RemovePerson
            | Action::ResetSecondFactor
            | Action::SetRequirement
            | Action::AnswerHelp
    )
}

/// The table: which role includes which action.
const fn includes(role: Role, action: Action) -> bool {
    match role {
        Role::Security => true,
        Role::Tenant => !matches!(action, Action::SeePortals | Action::SetPortal | Action::SeeOverview),
        Role::HelpDesk => matches!(
            action,
            Action::SeePeople
                | Action::SeeTrusts
                | Action::SeeHelp
                | Action::SeeGroups
                | Action::Invite
                | Action::ResetSecondFactor
                | Action::Pair
                | Action::Unlock
                | Action::RevokeTrust
                | Action::EndSessions
                | Action::AnswerHelp
        ),
        Role::Auditor => action.only_looks(),
    }
}

#[cfg(test)]
mod tests;
