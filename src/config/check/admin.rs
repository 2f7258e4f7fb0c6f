//! `[admin]`: every administrator somebody, every portal one of the file, and somebody who may do everything.

use std::time::Duration;

use super::{Check, rule::subject, value::Allowed};
use crate::{
    config::{
        file::{At, File},
        people::Folk,
        problem::did_you_mean,
        settings::{AdminSettings, PortalSettings, Tenant},
    },
    domain::{kept::is_group_name, role::Role},
};

/// How old an administrator's code may be where the file does not say.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);

pub(super) fn admin(
    check: &mut Check<'_, '_>,
    file: &File,
    folk: &Folk,
    portals: &[PortalSettings],
) -> Option<AdminSettings> {
    let written = file.admin.as_ref()?;
    let (owner, table) = (written.span(), written.value());
    let mut at = Vec::new();
    match &table.portals {
        None if check.taken.had(&owner, "portals") => {}
        None => check
            .desk
            .error(owner.clone(), "\"portals\" is missing")
            .hint("name the portals that have the administrators' pages, as in portals = [\"office\"]"),
        Some(list) => {
            for name in list.value() {
                if portals.iter().any(|portal| portal.name == *name.value()) {
                    at.push(name.value().clone());
                } else {
                    let hint = did_you_mean(name.value(), portals.iter().map(|portal| portal.name.as_str()));
                    check
                        .desk
                        .error(name.span(), format!("there is no portal \"{}\"", name.value()))
                        .hint(hint.unwrap_or_else(|| "write the name of a [[portal]]".to_owned()));
                }
            }
            if list.value().is_empty() {
                check
                    .desk
                    .error(list.span(), "the list is empty: the pages would be nowhere")
                    .hint("name a portal, or remove [admin]");
            }
        }
    }
    let mut holders = Vec::new();
    for (role, subjects) in [
        (Role::Security, &table.security),
        (Role::HelpDesk, &table.help_desk),
        (Role::Auditor, &table.auditor),
    ] {
        holders.extend(subjects.iter().filter_map(|text| Some((role, subject(check, text, folk)?))));
    }
    if table.security.is_empty() && !check.taken.had(&owner, "security") {
        check
            .desk
            .warn(
                owner.clone(),
                "nobody has the role \"security\": portals and roles are changed in the file alone",
            )
            .hint("write security = [\"user:NAME\"]");
    }
    let tenants = table.tenant.iter().filter_map(|tenant| self::tenant(check, tenant, folk)).collect();
    let max_age = check.span(table.max_age.as_ref(), MAX_AGE, Allowed::AGE);
    Some(AdminSettings { portals: at, holders, tenants, max_age })
}

fn tenant(
    check: &mut Check<'_, '_>,
    written: &At<crate::config::file::TenantTable>,
    folk: &Folk,
) -> Option<Tenant> {
    let (owner, table) = (written.span(), written.value());
    let mut both = [("subjects", &table.subjects), ("groups", &table.groups)].map(|(key, list)| {
        let found = list.as_ref().map(At::value).filter(|list| !list.is_empty());
        if found.is_none() && !check.taken.had(&owner, key) {
            let place = list.as_ref().map_or(owner.clone(), At::span);
            check
                .desk
                .error(place, format!("a tenant needs \"{key}\""))
                .hint("as in subjects = [\"user:anna\"], groups = [\"clients\"]");
        }
        found
    });
    let (groups, subjects) = (both[1].take()?, both[0].take()?);
    let mut names = Vec::new();
    for group in groups {
        if is_group_name(group.value()) {
            names.push(group.value().clone());
        } else {
            check
                .desk
                .error(group.span(), format!("\"{}\" cannot be a group's name", group.value()))
                .hint("write it as people's entries spell it, without \"group:\" and without commas");
        }
    }
    let subjects = subjects.iter().filter_map(|text| subject(check, text, folk)).collect();
    Some(Tenant { subjects, groups: names })
}
