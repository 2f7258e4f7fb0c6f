//! Password hashes: where they are, whether they are of a kind that is taken, and whether checking one could exhaust the machine.

use std::ops::Range;

use crate::{
    config::{
        Files,
        file::{Secret, UserTable},
        problem::Desk,
        secret,
    },
    domain::{
        identity::PasswordHash,
        password_hash::{self, HashFault, HashKind},
    },
};

const REMEDY: &str = "put what `vestibule hash` prints here";
/// What a person of a file has less than one of the store.
const KEPT: &str = "it is taken as it is: only people of the store get an argon2id hash at their next sign-in; import them with \
                    `vestibule user import`, or put what `vestibule hash` prints here";

/// The hash of a person's entry, if there is one and it can be used.
pub(super) fn password(
    desk: &mut Desk<'_>,
    table: &UserTable,
    name: &str,
    files: Files,
) -> Option<PasswordHash> {
    let written = table.password.as_ref()?;
    let span = written.span();
    let hash = match written.value() {
        Secret::Here(text) => text.clone(),
        Secret::Elsewhere(place) => match secret::fetch(place, desk.file()) {
            Ok(text) => text.trim().to_owned(),
            // Away from its machine a file's secrets are elsewhere.
            Err(_) if files == Files::Assumed => return None,
            Err(fault) => {
                desk.error(span, format!("the password of \"{name}\" {fault}")).hint(secret::PLACES);
                return None;
            }
        },
    };
    judge(desk, span, name, &hash).then(|| PasswordHash::new(hash))
}

fn judge(desk: &mut Desk<'_>, span: Range<usize>, name: &str, hash: &str) -> bool {
    let whose = format!("the password of \"{name}\"");
    let fault = match password_hash::read(hash) {
        // Nothing ever takes its place here.
        Ok(known) if known.kind == HashKind::Apr1 => HashFault::Apr1,
        Ok(known) => {
            let (kind, cost) = (known.kind, &known.cost);
            if kind != HashKind::Argon2id {
                desk.warn(span, format!("{whose} is an old hash, of kind {} ({cost})", kind.name()))
                    .hint(KEPT);
            } else if known.is_cheap {
                desk.warn(span, format!("{whose} is cheap to guess ({cost})")).hint(REMEDY);
            }
            return true;
        }
        Err(fault) => fault,
    };
    let hint = match &fault {
        HashFault::NotAHash => format!("passwords are never written down: {REMEDY}"),
        HashFault::Foreign(_) => {
            format!("argon2id, bcrypt, SHA-crypt and yescrypt are taken; {REMEDY}")
        }
        HashFault::Apr1 => {
            format!("people of the store may have one for once: `vestibule user import --apr1`; {REMEDY}")
        }
        HashFault::Unknown | HashFault::Damaged(_) | HashFault::ShortSalt | HashFault::TooCostly { .. } => {
            REMEDY.to_owned()
        }
    };
    desk.error(span, format!("{whose} {fault}")).hint(hint);
    false
}
