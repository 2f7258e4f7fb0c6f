//! Password hashes: where they are, whether they are argon2id, and whether checking one could exhaust the machine.

use std::ops::Range;

use argon2::{Params, password_hash::phc};

use crate::{
    config::{
        Files,
        file::{Secret, UserTable},
        problem::Desk,
        secret,
    },
    domain::identity::PasswordHash,
};

/// Ceilings: whoever may edit people may not stop the machine with one hash.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 20;
const MOST_LANES: u32 = 16;
/// Memory times passes below which a stolen hash is guessed too cheaply (half of OWASP's least).
const LEAST_WORK: u64 = 16 * 1024;

/// Other kinds of hashes, by what stands between the first two `$`.
const KINDS: [(&[&str], &str); 8] = [
    (&["argon2i", "argon2d"], "argon2i or argon2d"),
    (&["2", "2a", "2b", "2x", "2y"], "bcrypt"),
    (&["1"], "MD5-crypt"),
    (&["5", "6"], "SHA-crypt"),
    (&["y", "gy"], "yescrypt"),
    (&["7", "scrypt"], "scrypt"),
    (&["apr1"], "Apache MD5"),
    (&["pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"], "PBKDF2"),
];

const REMEDY: &str = "put what `vestibule hash` prints here";

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
    if !hash.starts_with('$') {
        desk.error(span, format!("{whose} is not a hash"))
            .hint(format!("passwords are never written down: {REMEDY}"));
        return false;
    }
    let kind = hash.split('$').nth(1).unwrap_or("");
    if kind != "argon2id" {
        // Only a kind that is known is named: anything else could be part of a password that starts with "$".
        let message = match KINDS.iter().find(|(marks, _)| marks.contains(&kind)) {
            Some((_, known)) => format!("{whose} is a hash of kind {known}; only argon2id is taken"),
            None => format!("{whose} is no argon2id hash"),
        };
        desk.error(span, message).hint(REMEDY);
        return false;
    }
    let parsed = phc::PasswordHash::new(hash).ok().filter(|parsed| {
        parsed.version == Some(19)
            && parsed.salt.is_some()
            && parsed.hash.is_some_and(|hash| hash.len() >= 16)
    });
    let Some((parsed, params)) = parsed.and_then(|parsed| {
        let params = Params::try_from(&parsed).ok()?;
        Some((parsed, params))
    }) else {
        desk.error(span, format!("{whose} is a damaged argon2id hash")).hint(REMEDY);
        return false;
    };
    if parsed.salt.is_none_or(|salt| salt.len() < 8) {
        desk.error(span, format!("{whose} has too short a salt")).hint(REMEDY);
        return false;
    }
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    if memory > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
        desk.error(span, format!("{whose} is too costly to check (m={memory}, t={passes}, p={lanes})"))
            .hint(format!("at most m={MOST_MEMORY_KIB} (1 GiB), t={MOST_PASSES}, p={MOST_LANES}; {REMEDY}"));
        return false;
    }
    if u64::from(memory) * u64::from(passes) < LEAST_WORK {
        desk.warn(span, format!("{whose} is cheap to guess (m={memory}, t={passes})")).hint(REMEDY);
    }
    true
}
