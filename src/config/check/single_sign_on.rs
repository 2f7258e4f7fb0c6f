//! `[single_sign_on]`: which portal holds the sign-in, and which take it over from there.

use super::{Check, provider::offered};
use crate::config::{
    file::{At, SingleSignOnTable},
    problem::did_you_mean,
    settings::{PortalSettings, SingleSignOn},
};

pub(super) fn single_sign_on(
    check: &mut Check<'_, '_>,
    table: Option<&At<SingleSignOnTable>>,
    portals: &[PortalSettings],
) -> Option<SingleSignOn> {
    let table = table?;
    let owner = table.span();
    let SingleSignOnTable { home, portals: listed } = table.value();
    let hint = "write the name of the portal where people sign in, as in home = \"door\"";
    let written = check.need(&owner, "home", home.as_ref(), hint);
    let listed = listed.as_ref().map(|list| (list, offered(check, list, portals)));
    let written = written?;
    let name = written.value();
    let names = || portals.iter().map(|portal| portal.name.as_str());
    if !names().any(|known| known == name) {
        check
            .desk
            .error(written.span(), format!("there is no portal called \"{name}\""))
            .hint_if(did_you_mean(name, names()));
        return None;
    }
    let stands_there = portals.iter().find(|portal| portal.name == *name);
    if stands_there.is_some_and(|portal| portal.upstream.is_some()) {
        // Scripts of one origin reach all of it.
        check
            .desk
            .warn(
                written.span(),
                format!("everybody signs in at \"{name}\", in reach of the scripts of its upstream"),
            )
            .hint("let sign-ins live on a [[portal]] with a host of its own and no upstream");
    }
    let takes_over = match &listed {
        Some((list, names)) => {
            let own = list.value().iter().find(|written| written.value() == name);
            if let Some(own) = own {
                check
                    .desk
                    .warn(own.span(), format!("\"{name}\" is the home itself"))
                    .hint("list the others only");
            }
            names.iter().any(|listed| listed != name)
        }
        None => portals.len() > 1,
    };
    if !takes_over {
        check
            .desk
            .warn(written.span(), "no other portal takes a sign-in over")
            .hint("leave [single_sign_on] out, or add another [[portal]]");
    }
    Some(SingleSignOn { home: name.clone(), portals: listed.map(|(_, names)| names) })
}
