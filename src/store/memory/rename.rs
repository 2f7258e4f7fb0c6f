//! Another name for a person: what goes with them, and what ends.

use super::Tables;
use crate::{
    domain::{identity::UserId, kept::KeptPerson, token::TokenHash},
    store::Taken,
};

impl Tables {
    pub(super) fn rename(
        &mut self,
        from: &UserId,
        person: &KeptPerson,
    ) -> Result<Option<Vec<TokenHash>>, Taken> {
        let Some(before) = self.residents.remove(from) else { return Ok(None) };
        if let Some(taken) = self.taken(person, true) {
            self.residents.insert(from.clone(), before);
            return Err(taken);
        }
        let to = &person.id;
        let mut closed = if to == from { Vec::new() } else { self.forget(to) };
        self.residents.insert(to.clone(), person.clone());
        // What goes along is put aside, and everything else ends.
        let mut account = self.people.remove(from);
        let (mut identities, rest) =
            std::mem::take(&mut self.identities).into_iter().partition(|one| one.person == *from);
        self.identities = rest;
        let (mut help, rest) =
            std::mem::take(&mut self.help).into_iter().partition(|one| one.person == *from);
        self.help = rest;
        let mut not_me = self.not_me.clone();
        not_me.retain(|_, link| link.person == *from);
        closed.extend(self.forget(from));
        if let Some(account) = &mut account {
            account.totp.iter_mut().for_each(|app| app.person = to.clone());
            account.passkeys.iter_mut().for_each(|passkey| passkey.person = to.clone());
            if to != from {
                // Hashes over the name.
                account.codes.clear();
            }
        }
        self.people.extend(account.map(|account| (to.clone(), account)));
        identities.iter_mut().for_each(|one| one.person = to.clone());
        help.iter_mut().for_each(|one| one.person = to.clone());
        not_me.values_mut().for_each(|one| one.person = to.clone());
        self.identities.extend(identities);
        self.help.extend(help);
        self.not_me.extend(not_me);
        Ok(Some(closed))
    }
}
