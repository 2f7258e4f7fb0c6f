//! An argon2id hash in the place of an old one, as soon as somebody of the store shows the password behind it.
//!
//! It is the same password: sessions, trusts and links made before go on. Whoever changes it at the same moment wins.

use tracing::{info, warn};

use super::{fault::Fault, visit::Visit};
use crate::domain::{
    identity::{Origin, Person},
    password_hash,
};

/// Replaces the hash of `person`, whose `password` was right just now, if it is an old one. What goes wrong is logged: the next
/// sign-in tries again.
pub(super) async fn rehash(visit: &Visit, person: &Person, password: &str) {
    let Some(old) = person.password.clone().filter(|_| person.origin == Origin::Store) else { return };
    let Ok(known) = password_hash::read(old.as_str()) else { return };
    if !known.is_old() || !known.covers(password.len()) {
        return;
    }
    let services = &visit.services;
    let replaced = match services.hashers.hash(password, &*services.entropy).await {
        Ok(fresh) => services.store.rehash_resident(&person.id, old, fresh).await.map_err(Fault::from),
        Err(busy) => Err(busy.into()),
    };
    match replaced {
        Ok(true) => {
            info!(user.id = %person.id, from = known.kind.name(), "an old password hash was replaced")
        }
        // The password was changed at this very moment.
        Ok(false) => {}
        Err(fault) => {
            warn!(user.id = %person.id, "an old password hash stays until the next sign-in");
            fault.log();
        }
    }
}
