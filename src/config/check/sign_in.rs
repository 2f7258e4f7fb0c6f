//! `[sign_in]`: the ways to begin a sign-in, for all portals and for each.

use super::Check;
use crate::config::{
    file::{At, File, PortalTable, SignInWord},
    settings::SignIn,
};

/// The ways of `[sign_in]`.
pub(super) fn methods(check: &mut Check<'_, '_>, file: &File) -> Vec<SignIn> {
    file.sign_in.methods.as_ref().map_or_else(|| vec![SignIn::Password], |list| read(check, list))
}

/// A portal's own ways, or those of `[sign_in]`.
pub(super) fn of_portal(check: &mut Check<'_, '_>, table: &PortalTable, usual: &[SignIn]) -> Vec<SignIn> {
    table.sign_in.as_ref().map_or_else(|| usual.to_vec(), |list| read(check, list))
}

/// A link has to be mailed.
pub(super) fn needs_mail(check: &mut Check<'_, '_>, file: &File, has_mail: bool) {
    if has_mail || check.taken.had(&(0..0), "mail") {
        return;
    }
    let lists = file.portal.iter().filter_map(|portal| portal.value().sign_in.as_ref());
    for word in file.sign_in.methods.iter().chain(lists).flat_map(At::value) {
        if *word.value() == SignInWord::Link {
            check
                .desk
                .error(word.span(), "\"link\" needs a way to send mail, and there is no [mail]")
                .hint("add [mail], or leave \"link\" out");
        }
    }
}

fn read(check: &mut Check<'_, '_>, list: &At<Vec<At<SignInWord>>>) -> Vec<SignIn> {
    let mut ways = Vec::new();
    for word in list.value() {
        let way = match word.value() {
            SignInWord::Password => SignIn::Password,
            SignInWord::Link => SignIn::Link,
        };
        if ways.contains(&way) {
            check.desk.warn(word.span(), "this way is listed twice").hint("once is enough");
        } else {
            ways.push(way);
        }
    }
    if ways.is_empty() {
        check
            .desk
            .error(list.span(), "nobody could sign in: no way is listed")
            .hint("write [\"password\"], [\"link\"] or both");
        ways.push(SignIn::Password);
    }
    ways
}
